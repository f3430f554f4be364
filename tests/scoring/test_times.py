"""Silence, rhythm and times to and since; every number is worked by hand."""

import itertools

import pytest

from scoring.days import CROSSED_S
from scoring.event import Event
from scoring.metrics.times import typical_gap_days
from scoring.profile import load_profile
from tests.scoring.histories import date, event, instant, observed, profile, read, traits


def on(*days: float) -> list[Event]:
    """An event at each of these moments."""
    return [event("opened", day) for day in days]


# --- silence ---------------------------------------------------------------------------------------------------------


def test_silence_runs_from_the_last_arrival_whenever_that_happened() -> None:
    assert read("kind: silence", on(0.5, 2.0), 5.0) == 3.0
    assert read("kind: silence", [event("opened", 0.0, arrives=2.0)], 5.0) == 3.0
    assert read("kind: silence", [event("opened", 2.0), event("opened", 1.9, arrives=1.9)], 5.0) == 3.0
    assert read("kind: silence", on(5.0), 5.0) == 0.0


def test_an_account_that_was_never_heard_of_has_no_silence() -> None:
    assert read("kind: silence", [], 5.0) is None


SIGNS = """
name: signs
version: "1"
signs_of_life: {streams: [usage], events: [nps_answered]}
metrics:
  silence: {kind: silence, unit: days, owner: CS, review: daily}
  rhythm: {kind: rhythm, unit: gaps, owner: CS, review: daily}
dimensions: {all: {weight: 1, metrics: {silence: {weight: 1, zero_at: 90, full_at: 0}}}}
bands: {good: 50, bad: 0}
"""


def test_only_signs_of_life_end_the_silence() -> None:
    ours = [
        event("outreach_logged", 3.0, stream="cs"),
        event("touchpoint", 3.0, stream="advocacy"),
        event("subscription_renewed", 3.0, stream="revenue"),
        traits(4.0, plan="pro"),
    ]
    by = load_profile(SIGNS, file="signs.yaml")
    assert by.reader(observed(by, ours), instant(5.0)) == {}  # the customer itself was never heard
    account = observed(by, [event("opened", 1.0), *ours])
    assert by.reader(account, instant(5.0)) == {"metrics.silence": 4.0}
    account.observe([event("nps_answered", 4.5, stream="cs", user="ann", score=0)], by.layout)
    assert by.reader(account, instant(5.0)) == {"metrics.silence": 0.5}


def test_by_default_what_the_customer_does_is_a_sign_of_life_and_what_we_do_is_not() -> None:
    said = profile(("silence", "kind: silence")).file.signs_of_life
    assert ("usage", "anything") in said
    assert ("advocacy", "referral_made") in said
    assert ("cs", "csat_answered") in said
    assert ("cs", "ticket_opened") in said
    assert ("cs", "outreach_logged") not in said
    assert ("cs", "play_done") not in said
    assert ("accounts", "group") not in said
    assert ("revenue", "subscription_renewed") not in said


def test_the_rhythm_is_that_of_the_signs_of_life() -> None:
    by = load_profile(SIGNS, file="signs.yaml")
    account = observed(by, [*on(0, 7, 14, 21, 28), *(traits(float(day), plan="pro") for day in range(29))])
    assert typical_gap_days(account) == 7.0


def test_a_duplicate_does_not_break_the_silence() -> None:
    again = event("opened", 0.0, arrives=4.0, message_id="same")
    assert read("kind: silence", [event("opened", 0.0, message_id="same"), again], 5.0) == 5.0


# --- rhythm ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "gap"),
    [
        ([0, 1, 2, 3], None),  # three gaps: no rhythm yet
        ([0, 0.1, 0.2, 0.3, 0.9], None),  # a single day
        ([0, 1, 2, 3, 4], 1.0),  # 1 1 1 1
        ([0, 1, 2, 3, 10], 7.0),  # 1 1 1 7: rank ceil(0.9 * 4) = 4
        ([0, 7, 8, 9, 10], 7.0),  # 1 1 1 7 again: the order of the gaps does not matter
        ([*range(10), 29], 1.0),  # nine 1 and one 20: rank ceil(0.9 * 10) = 9
        ([*range(9), 28, 48], 20.0),  # eight 1, 20 and 20: rank 9
        ([*range(10), 29, 49], 20.0),  # nine 1, two 20: rank ceil(9.9) = 10
        ([0, 40, 80, 120, 160], 30.0),  # 40 days each, believed up to 30
        ([0, 30, 60, 90, 120], 30.0),
        ([0, 29, 58, 87, 116], 29.0),
    ],
)
def test_the_own_rhythm_is_the_gap_that_nine_of_ten_do_not_exceed(days: list[float], gap: float | None) -> None:
    by = profile(("rhythm", "kind: rhythm"))
    account = observed(by, on(*days))
    assert typical_gap_days(account) == gap
    assert typical_gap_days(account) == gap  # from what was remembered


def test_the_order_of_arrival_does_not_change_the_rhythm() -> None:
    by = profile(("rhythm", "kind: rhythm"))
    gaps = {typical_gap_days(observed(by, order)) for order in itertools.permutations(on(0, 3, 4, 9, 11))}
    assert gaps == {5.0}  # gaps 3 1 5 2


def test_the_rhythm_is_that_of_the_year_up_to_the_newest_arrival() -> None:
    by = profile(("rhythm", "kind: rhythm"))
    # four gaps of 20 days long ago, then daily: within 365 days before day 390 there are days 25.. only
    assert typical_gap_days(observed(by, on(0, 20, *range(386, 391)))) == 1.0  # 1 1 1 1: the gap of 366 is cut off
    assert (
        typical_gap_days(observed(by, on(25, *range(386, 390), 390))) == 30.0
    )  # 361 1 1 1 1: rank 5, believed up to 30


def test_rhythm_is_the_silence_in_own_gaps() -> None:
    history = on(0, 7, 14, 21, 28)  # four gaps of 7 days
    assert read("kind: rhythm", history, 28.0) == 0.0
    assert read("kind: rhythm", history, 35.0) == 1.0
    assert read("kind: rhythm", history, 63.0) == 5.0


def test_rhythm_is_missing_while_the_account_has_none() -> None:
    assert read("kind: rhythm", on(0, 7, 14, 21), 30.0) is None


def test_silence_and_rhythm_tell_how_fast_time_alone_moves_them() -> None:
    by = profile(("silence", "kind: silence"), ("rhythm", "kind: rhythm"))
    account = observed(by, on(0, 7, 14, 21, 28))
    rates = {name: rate(account, instant(30.0)) for name, rate in by.rates}
    assert rates == {"metrics.silence": 1.0, "metrics.rhythm": pytest.approx(1 / 7, abs=1e-12)}


# --- time since ------------------------------------------------------------------------------------------------------

SINCE = "kind: time_since, events: [journey_stage_changed]"


def test_time_since_is_counted_from_the_newest_by_the_time_it_happened() -> None:
    """O5"""
    changes = [event("journey_stage_changed", 4.0), event("journey_stage_changed", 1.0, arrives=6.0)]
    assert read(SINCE, changes, 10.0) == 6.0
    assert read(SINCE, reversed(changes), 10.0) == 6.0
    assert read(SINCE, changes, 1_000.0) == 996.0  # far beyond the days that are kept


def test_time_since_what_never_happened_is_missing() -> None:
    """O5"""
    assert read(SINCE, on(1.0), 10.0) is None


def test_what_arrives_older_than_the_horizon_is_not_heeded() -> None:
    """O5: 400 days late still counts, 401 do not"""
    assert read(SINCE, [event("journey_stage_changed", 0.5, arrives=400.5)], 401.0) == 400.5
    assert read(SINCE, [event("journey_stage_changed", 0.5, arrives=401.5)], 402.0) is None


# --- time to first value ---------------------------------------------------------------------------------------------

REACHED = (
    "kind: time_to_first, events: [value_milestone], start: [account_created, onboarding_started], report: reached"
)
WAITING = REACHED.replace("reached", "waiting")
WITHIN = REACHED.replace("reached", "within, within: 30d")


def test_time_to_first_value_is_missing_until_it_is_reached() -> None:
    """A1: censored, never a zero"""
    assert read(REACHED, [event("account_created", 1.0)], 50.0) is None
    assert read(REACHED, [event("account_created", 1.0), event("value_milestone", 8.5)], 50.0) == 7.5


def test_time_to_first_value_stands_once_it_is_reached() -> None:
    """A1"""
    history = [event("account_created", 1.0), event("value_milestone", 8.5), event("value_milestone", 20.0)]
    assert read(REACHED, history, 21.0) == 7.5
    assert read(REACHED, history, 900.0) == 7.5


def test_the_first_milestone_is_the_earliest_whichever_arrives_first() -> None:
    """A1"""
    history = [
        event("account_created", 1.0),
        event("value_milestone", 9.0),
        event("value_milestone", 4.0, arrives=12.0),
    ]
    for order in itertools.permutations(history):
        assert read(REACHED, order, 13.0) == 3.0


@pytest.mark.parametrize(
    ("history", "days"),
    [
        ([traits(2.0, start_date=date(0.5)), event("account_created", 1.0)], 7.5),  # the trait wins
        ([traits(2.0, start_date="2026-01-03"), event("account_created", 1.0)], 6.0),  # a date: its midnight, UTC
        ([traits(2.0, start_date="soon"), event("account_created", 1.0)], 7.0),  # a trait that is no date says nothing
        ([traits(2.0, start_date=20_454), event("account_created", 1.0)], 7.0),
        ([event("onboarding_started", 3.0), event("account_created", 2.0)], 6.0),  # the first of either event
        ([event("opened", 3.5)], 4.5),  # neither: the first arrival
        ([traits(2.0, start_date=date(20.0))], 0.0),  # value before the start is no negative time
    ],
)
def test_the_start_is_the_trait_else_the_first_start_event_else_the_first_arrival(
    history: list[Event], days: float
) -> None:
    """A1"""
    assert read(REACHED, [*history, event("value_milestone", 8.0)], 9.0) == days


def test_waiting_counts_the_days_so_far_and_ends_with_the_first_value() -> None:
    """A1"""
    history = [event("account_created", 1.0)]
    assert read(WAITING, history, 1.0) == 0.0
    assert read(WAITING, history, 50.0) == 49.0
    assert read(WAITING, [*history, event("value_milestone", 8.5)], 50.0) is None
    assert read(WAITING, [], 50.0) is None


@pytest.mark.parametrize(
    ("milestone", "day", "activated"),
    [
        (None, 30.9, None),  # the 30 days run until day 31.0
        (None, 31.0, None),
        (None, 31.01, 0.0),
        (20.0, 20.0, 1.0),  # known as soon as it is reached
        (31.0, 40.0, 1.0),  # in the last instant
        (31.01, 40.0, 0.0),  # reached, but late
    ],
)
def test_activated_is_one_in_time_zero_after_it_and_missing_while_the_time_runs(
    milestone: float | None, day: float, activated: float | None
) -> None:
    """A2"""
    history = [event("account_created", 1.0)]
    if milestone is not None:
        history.append(event("value_milestone", milestone))
    assert read(WITHIN, history, day) == activated


def test_an_account_that_nothing_is_known_of_is_not_failing_to_activate() -> None:
    """A2"""
    assert read(WITHIN, [], 500.0) is None


def test_the_instant_at_which_activation_is_decided_is_known_ahead() -> None:
    """A2: the account created on day 1 has until day 31; a second later it is decided"""
    by = profile(("activated", WITHIN))
    account = observed(by, [event("account_created", 1.0)])
    changes = dict(by.changes)["activated"]
    due = changes(account, instant(2.0))
    assert due == instant(31.0) + CROSSED_S
    assert by.reader(account, due) == {"metrics.activated": 0.0}


def test_metrics_that_only_events_change_announce_no_instant() -> None:
    by = profile(("seats", "kind: latest, trait: seats"))
    assert by.changes == []
    assert by.rates == []
