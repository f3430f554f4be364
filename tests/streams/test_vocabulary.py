"""Names of events and what they mean."""

import pytest

from scoring.document import DocumentError
from streams.vocabulary import NAMES_KEPT_MAX, STREAMS, Meaning, fold, load, shipped

CANONICAL = {
    "usage": "session_started feature_used activation_step value_milestone signed_in account_created trial_started "
    "trial_ended invite_sent account_added_user account_removed_user",
    "cs": "onboarding_started onboarding_completed success_plan_created success_plan_updated success_plan_closed "
    "qbr_due qbr_scheduled qbr_completed journey_stage_changed nps_answered csat_answered ticket_opened "
    "ticket_resolved outreach_logged campaign_launched programme_joined programme_left sponsor_joined sponsor_left "
    "play_acknowledged play_done play_dismissed",
    "advocacy": "review_posted reference_agreed reference_used reference_withdrawn referral_made "
    "referral_pipeline_opened referral_won referral_lost touchpoint",
    "revenue": "subscription_started subscription_renewed subscription_expanded subscription_contracted "
    "subscription_churned subscription_reactivated opportunity_opened opportunity_won opportunity_lost spend_recorded",
    "accounts": "health_override",
}


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        load(text, file="vocabulary.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("stream", STREAMS)
def test_every_event_that_metrics_and_plays_read_is_known(stream: str) -> None:
    meanings = shipped().meanings
    assert {event_id: meanings[event_id] for event_id in CANONICAL[stream].split()} == {
        event_id: Meaning(stream, event_id) for event_id in CANONICAL[stream].split()
    }


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Account Created", "account_created"),
        ("Account Deleted", "account_deleted"),
        ("Signed Up", "signed_up"),
        ("Signed In", "signed_in"),
        ("Signed Out", "signed_out"),
        ("Invite Sent", "invite_sent"),
        ("Account Added User", "account_added_user"),
        ("Account Removed User", "account_removed_user"),
        ("Trial Started", "trial_started"),
        ("Trial Ended", "trial_ended"),
    ],
)
def test_every_event_of_segments_b2b_saas_spec_is_known_by_its_name(sent: str, expected: str) -> None:
    assert shipped().meanings[sent] == Meaning("usage", expected)


@pytest.mark.parametrize(
    "sent", ["QBR Completed", "qbr_completed", "qbr-completed", "QbrCompleted", " qbr  completed ", "QBR Held"]
)
def test_case_spaces_hyphens_and_underscores_do_not_count(sent: str) -> None:
    assert shipped().meanings[sent] == Meaning("cs", "qbr_completed")


@pytest.mark.parametrize("sent", ["nova/compute", "QBR", "completed", "qbr.completed", "Qbr Completed!", "🚀"])
def test_what_only_resembles_a_known_name_is_a_usage_event_as_sent(sent: str) -> None:
    assert shipped().meanings[sent] == Meaning("usage", sent)


def test_no_shipped_name_means_two_events() -> None:
    known = shipped().known
    names = [fold(name) for event_id, event in known.items() for name in {event_id, *event.names}]
    assert sorted(names) == sorted(set(names))


def test_the_ids_themselves_are_not_listed_again_as_names() -> None:
    assert [i for i, event in shipped().known.items() if fold(i) in {fold(name) for name in event.names}] == []


def test_made_up_names_do_not_fill_the_memory_and_known_ones_stay_known() -> None:
    meanings = shipped().meanings
    for number in range(3 * NAMES_KEPT_MAX):
        assert meanings[f"made up {number}"] == Meaning("usage", f"made up {number}")
        assert len(meanings) <= NAMES_KEPT_MAX
    assert meanings["QBR held"].name == "qbr_completed"


def test_a_users_names_take_the_place_of_the_shipped_ones_and_the_id_stays() -> None:
    meanings = load("events:\n  qbr_completed:\n    names: [Strategy day held]\n", file="v.yaml").meanings
    assert meanings["strategy-day held"] == meanings["QBR completed"] == Meaning("cs", "qbr_completed")
    assert meanings["QBR held"] == Meaning("usage", "QBR held")


def test_a_name_that_the_user_gives_to_another_event_is_taken_from_the_shipped_one() -> None:
    vocabulary = load("events:\n  outreach_logged:\n    names: [QBR Held]\n", file="v.yaml")
    assert vocabulary.meanings["QBR Held"] == Meaning("cs", "outreach_logged")
    assert vocabulary.meanings["QBR Done"] == Meaning("cs", "qbr_completed")


def test_a_user_may_move_an_event_to_another_stream_and_keep_its_names() -> None:
    meanings = load("events:\n  touchpoint:\n    stream: cs\n", file="v.yaml").meanings
    assert meanings["CLG Touchpoint"] == Meaning("cs", "touchpoint")


def test_a_user_may_have_events_of_their_own() -> None:
    text = (
        "own:\n  escalation_raised:\n    stream: cs\n    names: [P1 raised]\n    about: The customer called the boss.\n"
    )
    meanings = load(text, file="v.yaml").meanings
    assert meanings["p1_raised"] == meanings["Escalation raised"] == Meaning("cs", "escalation_raised")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "events:\n  qbr_completed:\n    stream: support\n",
            "vocabulary.yaml:3: events.qbr_completed.stream: 'support': unknown word; "
            "allowed: usage, cs, advocacy, revenue, accounts",
        ),
        (
            "events:\n  qbr_complete:\n    names: [QBR]\n",
            "vocabulary.yaml:2: events.qbr_complete: no event of this id is known (did you mean 'qbr_completed'?); "
            "an event of your own goes under `own`",
        ),
        (
            "events:\n  qbr_due:\n    names: [Review]\n  qbr_completed:\n    names: [Done, review]\n",
            "vocabulary.yaml:5: events.qbr_completed.names.1: 'review': this name means qbr_due already; "
            "a name means one event",
        ),
        (
            "events:\n  qbr_due:\n    names: [QBR Completed]\n",
            "vocabulary.yaml:3: events.qbr_due.names.0: 'QBR Completed': this name means qbr_completed already; "
            "a name means one event",
        ),
        (
            "own:\n  nps_answered:\n    stream: cs\n",
            "vocabulary.yaml:2: own.nps_answered: this event is known already: it goes under `events`",
        ),
        (
            "own:\n  npsanswered:\n    stream: cs\n",
            "vocabulary.yaml:2: own.npsanswered: this name means nps_answered already; a name means one event",
        ),
        ("own:\n  mine:\n    names: [Mine]\n", "vocabulary.yaml:2: own.mine.stream: this key is required"),
        (
            "events:\n  qbr_due:\n    names: ['- _']\n",
            "vocabulary.yaml:3: events.qbr_due.names.0: '- _': a name must hold more than spaces, - and _",
        ),
        (
            "event:\n  qbr_due: {}\n",
            "vocabulary.yaml:1: event: unknown key (did you mean 'events'?); allowed: events, own",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named_with_line_key_value_and_what_is_allowed(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems("events:\n  a: {}\n  b: {}\nown:\n  qbr_due:\n    stream: cs\n")) == 3
