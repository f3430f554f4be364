"""The generated history: what it promises to whoever runs on it."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from scoring.days import DAY, instant
from scoring.event import Event
from streams.message import EVENT_BYTES_MAX
from streams.simulate import Scenario, Truth, bulk, simulate, write_scenario
from streams.simulate.cast import cast
from streams.simulate.scenario import ACCOUNTS_MAX
from streams.simulate.stories import STORIES
from streams.vocabulary import STREAMS, shipped
from streams.wire import decode

SEED, ACCOUNTS, DAYS = 11, 60, 330


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return simulate(SEED, ACCOUNTS, DAYS)


@pytest.fixture(scope="module")
def truth(scenario: Scenario) -> list[Truth]:
    return scenario.truth


@pytest.fixture(scope="module")
def lines(scenario: Scenario) -> list[bytes]:
    return list(scenario.messages)


@pytest.fixture(scope="module")
def messages(lines: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def events(lines: list[bytes]) -> list[Event]:
    """The events as the product reads them; duplicates included."""
    decoded = decode(lines, vocabulary=shipped())
    assert decoded.dead == []
    assert decoded.ignored == 0
    return decoded.events


@pytest.fixture(scope="module")
def by_account(events: list[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.account_id].append(event)
    return found


def test_the_same_seed_gives_the_same_bytes_also_in_another_process_with_another_hash_seed() -> None:
    program = (
        "import hashlib, io; from streams.simulate import write_scenario; out, truth = io.BytesIO(), io.StringIO(); "
        "write_scenario(out, truth, seed=3, accounts=12, days=200); "
        "print(hashlib.sha256(out.getvalue() + truth.getvalue().encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    out, truth = io.BytesIO(), io.StringIO()
    write_scenario(out, truth, seed=3, accounts=12, days=200)
    assert digests == {hashlib.sha256(out.getvalue() + truth.getvalue().encode()).hexdigest().encode() + b"\n"}


def test_another_seed_gives_another_history() -> None:
    assert list(simulate(1, 5, 60).messages) != list(simulate(2, 5, 60).messages)


def test_the_end_is_an_argument_and_nothing_arrives_on_or_after_it() -> None:
    moved = simulate(1, 5, 60, date(2024, 3, 1))
    arrivals = [json.loads(line)["receivedAt"] for line in moved.messages]
    assert moved.start == datetime(2024, 1, 1, tzinfo=UTC)
    assert min(arrivals) >= "2024-01-01T00"
    assert max(arrivals) < "2024-03-01T00"


def test_lines_stand_in_order_of_arrival_and_happened_before_they_arrived(messages: list[dict[str, Any]]) -> None:
    arrivals = [message["receivedAt"] for message in messages]
    assert arrivals == sorted(arrivals)
    assert all(message["timestamp"] <= message["receivedAt"] for message in messages)


def test_every_line_is_a_json_object_within_the_limit_and_holds_no_line_feed(lines: list[bytes]) -> None:
    assert all(len(line) <= EVENT_BYTES_MAX and b"\n" not in line for line in lines)


def test_all_five_streams_and_all_three_calls_are_there(events: list[Event], messages: list[dict[str, Any]]) -> None:
    counts = Counter(event.stream for event in events)
    assert set(counts) == set(STREAMS)
    assert counts["usage"] > sum(counts.values()) * 0.8, "usage is what there is most of"
    assert {message["type"] for message in messages} == {"track", "group", "identify"}


@pytest.mark.parametrize(
    "name",
    [
        "session_started", "value_milestone", "activation_step", "account_added_user", "nps_answered", "csat_answered",
        "ticket_opened", "ticket_resolved", "qbr_due", "qbr_completed", "success_plan_created", "journey_stage_changed",
        "sponsor_joined", "sponsor_left", "outreach_logged", "campaign_launched", "programme_joined", "touchpoint",
        "review_posted", "reference_agreed", "referral_made", "subscription_started", "subscription_renewed",
        "subscription_expanded", "subscription_churned", "group", "identify",
    ],
)  # fmt: skip
def test_the_vocabulary_knows_what_is_sent(name: str, events: list[Event]) -> None:
    assert any(event.name == name for event in events)


def test_some_messages_come_twice_under_one_id_and_are_the_same_but_for_their_arrival(
    messages: list[dict[str, Any]],
) -> None:
    by_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        by_id[message["messageId"]].append(message)
    twice = [same for same in by_id.values() if len(same) > 1]
    assert 0.001 < len(twice) / len(by_id) < 0.006
    for first, second, *more in twice:
        assert not more
        assert first["receivedAt"] < second["receivedAt"]
        assert {**first, "receivedAt": ""} == {**second, "receivedAt": ""}


def test_some_messages_are_late_by_hours_in_batches_and_a_few_by_days(events: list[Event]) -> None:
    late = [event for event in events if event.stream == "usage" and 3_600 < event.arrived - event.at < 100 * DAY]
    assert 0.005 < len(late) / len(events) < 0.1
    assert any(event.arrived - event.at > 2 * DAY for event in late)
    batches = Counter((event.account_id, event.user_id, event.arrived) for event in late)
    assert sum(count > 1 for count in batches.values()) > len(batches) / 2


def test_the_first_day_imports_what_the_tools_knew_before(events: list[Event], scenario: Scenario) -> None:
    start = scenario.start.timestamp()
    imported = [event for event in events if event.at < start]
    assert {"sponsor_joined", "journey_stage_changed", "value_milestone"} <= {event.name for event in imported}
    assert all(start <= event.arrived < start + DAY for event in imported)
    assert min(event.at for event in imported) > start - 400 * DAY, "older than a record's horizon would be lost"


def test_weekdays_are_busier_than_weekends_and_the_holidays_quieter_than_november(events: list[Event]) -> None:
    usage = [datetime.fromtimestamp(event.at, UTC) for event in events if event.name == "session_started"]
    weekdays = Counter(moment.weekday() for moment in usage)
    assert max(weekdays[5], weekdays[6]) < 0.5 * min(weekdays[day] for day in range(5))
    days = Counter(moment.date() for moment in usage)
    christmas = sum(days[date(2025, 12, 22) + timedelta(n)] for n in range(7))
    november = sum(days[date(2025, 11, 10) + timedelta(n)] for n in range(7))
    assert christmas < 0.5 * november


def test_segments_differ_in_people_and_seats_and_have_more_seats_than_people(
    by_account: dict[str, list[Event]],
) -> None:
    people: dict[str, list[int]] = defaultdict(list)
    for story in by_account.values():
        traits = next(event.properties for event in story if event.name == "group" and "seats" in event.properties)
        active = len({event.user_id for event in story if event.name == "session_started"})
        people[traits["segment"]].append(active)
        assert traits["seats"] >= 4
    means = {segment: sum(counts) / len(counts) for segment, counts in people.items()}
    assert means["smb"] < means["mid_market"] < means["enterprise"]


def test_identify_calls_carry_roles_and_sessions_the_role_of_their_user(events: list[Event]) -> None:
    told = {event.user_id: event.properties["role"] for event in events if event.name == "identify"}
    sessions = [event for event in events if event.name == "session_started"]
    assert len(set(told.values())) >= 4
    assert all(event.properties["role"] == told[event.user_id] for event in sessions)


# --- the truth --------------------------------------------------------------------------------------------------------


def test_every_account_has_one_record_and_all_stories_are_planted(
    truth: list[Truth], by_account: dict[str, Any]
) -> None:
    assert [record.account_id for record in truth] == sorted(by_account)
    stories = Counter(record.story for record in truth)
    assert set(stories) == set(STORIES)
    assert stories["healthy"] > ACCOUNTS / 2, "most accounts are well"


@pytest.mark.parametrize(
    ("story", "play"),
    [
        ("adoption_drop", "adoption_drop"), ("silent_churner", "going_silent"), ("champion_leaves", "champion_left"),
        ("onboarding_stalls", "onboarding_stalled"), ("ready_to_expand", "ready_to_expand"),
        ("ready_to_advocate", "ready_to_advocate"), ("noisy_but_fine", None), ("healthy", None),
    ],
)  # fmt: skip
def test_a_story_expects_its_play(story: str, play: str | None, truth: list[Truth]) -> None:
    assert {record.play for record in truth if record.story == story} == {play}


def test_deadlines_lie_after_the_beginning_and_within_the_history(truth: list[Truth], scenario: Scenario) -> None:
    start, end = scenario.start.timestamp(), scenario.end.timestamp()
    for record in truth:
        begins, until = instant(record.begins), instant(record.until)
        assert begins is not None
        assert until is not None
        assert start <= begins < until <= end
        if record.play is not None:
            deadline = instant(record.deadline)
            assert deadline is not None
            assert begins < deadline <= end


def test_a_truth_record_survives_its_file(truth: list[Truth]) -> None:
    out = io.StringIO()
    write_scenario(io.BytesIO(), out, seed=SEED, accounts=ACCOUNTS, days=DAYS)
    read = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [Truth.from_json(record) for record in read] == truth
    assert {"account_id", "story", "from", "until", "play", "deadline"} <= set(read[0])


def _of(story: str, truth: list[Truth], by_account: dict[str, list[Event]]) -> list[tuple[list[Event], float]]:
    found = [
        (by_account[record.account_id], instant(record.begins) or 0.0) for record in truth if record.story == story
    ]
    assert found
    return found


def _sessions(events: list[Event], since: float, until: float) -> list[Event]:
    return [event for event in events if event.name == "session_started" and since <= event.at < until]


def test_a_silent_churner_stops_without_a_ticket_and_its_subscription_ends(
    truth: list[Truth], by_account: dict[str, list[Event]]
) -> None:
    ours = {
        "outreach_logged",
        "subscription_churned",
        "qbr_due",
        "qbr_scheduled",
        "account_removed_user",
        "ticket_resolved",
    }
    for events, begins in _of("silent_churner", truth, by_account):
        after = {event.name for event in events if event.at >= begins}
        assert after <= ours | {"csat_answered"}
        assert not {event.name for event in events if event.at >= begins - 30 * DAY} & {"ticket_opened"}


def test_an_adoption_drop_leaves_20_to_40_percent_of_the_usage_and_fewer_users(
    truth: list[Truth], by_account: dict[str, list[Event]]
) -> None:
    ratios = []
    for events, begins in _of("adoption_drop", truth, by_account):
        before = _sessions(events, begins - 84 * DAY, begins)
        after = _sessions(events, begins + 28 * DAY, begins + 56 * DAY)
        ratios.append(len(after) / (len(before) / 3))
        assert len({e.user_id for e in after}) < 0.7 * len({e.user_id for e in before})
    assert 0.15 < sum(ratios) / len(ratios) < 0.45


def test_a_champion_leaves_and_the_product_is_used_on(truth: list[Truth], by_account: dict[str, list[Event]]) -> None:
    for events, begins in _of("champion_leaves", truth, by_account):
        left = [event for event in events if event.name == "sponsor_left"]
        assert len(left) == 1
        assert 0 <= left[0].arrived - begins < 5 * DAY
        assert not [e for e in _sessions(events, begins, begins + 400 * DAY) if e.user_id == left[0].user_id]
        assert len(_sessions(events, begins, begins + 28 * DAY)) > 0.4 * len(
            _sessions(events, begins - 28 * DAY, begins)
        )


def test_a_stalled_onboarding_is_new_and_never_reaches_value(
    truth: list[Truth], by_account: dict[str, list[Event]]
) -> None:
    for events, begins in _of("onboarding_stalls", truth, by_account):
        assert min(event.arrived for event in events) >= begins - 15 * DAY
        names = {event.name for event in events}
        assert "onboarding_started" in names
        assert not names & {"value_milestone", "onboarding_completed"}


def test_an_account_that_is_ready_to_expand_fills_its_seats_and_then_buys_more(
    truth: list[Truth], by_account: dict[str, list[Event]]
) -> None:
    for events, begins in _of("ready_to_expand", truth, by_account):
        seats = next(
            event.properties["seats"] for event in events if event.name == "group" and "seats" in event.properties
        )
        used = len({event.user_id for event in _sessions(events, begins + 60 * DAY, begins + 88 * DAY)})
        assert 0.85 < used / seats <= 1.0
        bought = [event.at for event in events if event.name == "subscription_expanded"]
        assert all(at > begins + 105 * DAY for at in bought)


def test_an_account_that_is_ready_to_advocate_answers_nine_and_ten(
    truth: list[Truth], by_account: dict[str, list[Event]]
) -> None:
    for events, begins in _of("ready_to_advocate", truth, by_account):
        answers = [
            event.properties["score"]
            for event in events
            if event.name == "nps_answered" and begins <= event.at < begins + DAY
        ]
        assert len(answers) >= 3 or len(answers) == len(
            {e.user_id for e in _sessions(events, begins - 90 * DAY, begins)}
        )
        assert set(answers) <= {9, 10}
        early = {"reference_agreed", "review_posted"}
        assert not [event for event in events if event.name in early and event.at < begins + 60 * DAY]


def test_a_noisy_account_is_quiet_for_a_fortnight_at_most_twice_and_goes_on(
    truth: list[Truth], by_account: dict[str, list[Event]]
) -> None:
    for events, _ in _of("noisy_but_fine", truth, by_account):
        days = sorted({int(event.at // DAY) for event in events if event.name == "session_started"})
        gaps = [later - earlier - 1 for earlier, later in pairwise(days)]
        assert 10 <= max(gaps) <= 24, "the closure, with the weekends around it and chance"
        assert days[-1] >= date(2025, 12, 1).toordinal() - date(1970, 1, 1).toordinal()


def test_a_short_history_plants_only_what_has_room_in_it() -> None:
    scenario = simulate(1, 60, 100)
    assert {record.story for record in scenario.truth} == {"healthy", "noisy_but_fine", "onboarding_stalls"}
    assert sum(1 for _ in scenario.messages) > 0


def test_few_accounts_play_some_of_the_stories() -> None:
    assert [len(cast(1, n)) for n in (1, 2, 5, 10)] == [1, 2, 5, 10]


@pytest.mark.parametrize(("accounts", "days"), [(0, 365), (ACCOUNTS_MAX + 1, 365), (10, 0), (10, 5_000)])
def test_arguments_out_of_bounds_are_refused_with_their_value_and_the_limit(accounts: int, days: int) -> None:
    with pytest.raises(ValueError, match=rf"={accounts if days == 365 else days}: from 1 to"):
        simulate(1, accounts, days)


# --- bulk -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bulk_lines() -> list[bytes]:
    return list(bulk(5, 1_000, 20_000, 60))


def test_bulk_gives_exactly_so_many_valid_lines_in_order_of_arrival(bulk_lines: list[bytes]) -> None:
    decoded = decode(bulk_lines, vocabulary=shipped())
    assert len(bulk_lines) == 20_000
    assert decoded.dead == []
    arrivals = [event.arrived for event in decoded.events]
    assert arrivals == sorted(arrivals)
    assert all(event.at <= event.arrived for event in decoded.events)


def test_bulk_accounts_all_appear_and_are_as_unequal_as_documented(bulk_lines: list[bytes]) -> None:
    counts = Counter(event.account_id for event in decode(bulk_lines, vocabulary=shipped()).events)
    assert len(counts) == 1_000
    sizes = sorted(counts.values(), reverse=True)
    assert sum(sizes[:100]) > 3 * sum(sizes[-100:])
    assert sizes[0] > 10 * sizes[500]


def test_bulk_has_duplicates_late_batches_and_mostly_usage(bulk_lines: list[bytes]) -> None:
    events = decode(bulk_lines, vocabulary=shipped()).events
    assert 0 < len(events) - len({event.message_id for event in events}) < 200
    assert 0.005 < sum(event.arrived - event.at > 3_600 for event in events) / len(events) < 0.05
    streams = Counter(event.stream for event in events)
    assert streams["usage"] > 0.9 * len(events)
    assert streams["accounts"] == 1_000


def test_bulk_is_the_same_for_the_same_seed(bulk_lines: list[bytes]) -> None:
    assert list(bulk(5, 1_000, 20_000, 60)) == bulk_lines
    assert list(bulk(6, 1_000, 20_000, 60)) != bulk_lines


@pytest.mark.parametrize(
    ("accounts", "events", "days"), [(1, 3, 1), (10, 30, 1), (10, 100, 365), (50, 5_000, 2), (3, 30_000, 1)]
)
def test_bulk_keeps_its_count_at_the_edges(accounts: int, events: int, days: int) -> None:
    assert sum(1 for _ in bulk(1, accounts, events, days)) == events


def test_bulk_refuses_fewer_than_three_events_an_account() -> None:
    with pytest.raises(ValueError, match="events=29"):
        next(bulk(1, 10, 29, 1))
