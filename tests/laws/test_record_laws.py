"""Laws of the account record: order and repetition do not matter, and packing changes nothing."""

from collections.abc import Sequence
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.account import Account, unpack
from scoring.days import day_of
from scoring.event import Event
from scoring.layout import COUNTED
from scoring.metrics.metric import Values
from scoring.profile import Profile
from scoring.score import Score, score
from tests.laws.histories import ACCOUNT, DAY, FIRST_DAY, HORIZON_DAYS, deliveries, histories, instants_after, untidy
from tests.laws.profiles import PROFILES
from tests.oracle.agreement import close

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def folded(events: Sequence[Event], profile: Profile) -> Account:
    """A new record of these events."""
    account = Account(ACCOUNT, profile.layout)
    for event in events:
        account.observe([event], profile.layout)
    return account


def unlike(ours: Values, theirs: Values) -> dict[str, tuple[float | None, float | None]]:
    """Where two readings differ by more than floats do when they are added in another order."""
    return {k: (ours.get(k), theirs.get(k)) for k in {*ours, *theirs} if not close(ours.get(k), theirs.get(k))}


def numbers(said: Score) -> Values:
    """A score's numbers."""
    return {"value": said.value, "coverage": said.coverage, "confidence": said.confidence, **said.dimensions}


@every_profile
@given(data=st.data())
def test_any_order_and_any_repetition_gives_the_same_metrics_and_score(profile: Profile, data: st.DataObject) -> None:
    events = data.draw(histories())
    other = data.draw(untidy(events))
    at = data.draw(instants_after(events))
    one, two = folded(events, profile), folded(other, profile)
    assert unlike(profile.reader(one, at), profile.reader(two, at)) == {}
    ours, theirs = score(one, profile, at=at), score(two, profile, at=at)
    assert unlike(numbers(ours), numbers(theirs)) == {}
    assert (ours.stage, ours.segment, ours.override) == (theirs.stage, theirs.segment, theirs.override)
    assert (one.counted, one.too_old) == (two.counted, two.too_old)
    assert two.duplicates == len(other) - len(events)


SAYINGS = (
    ("accounts", "group", [{"segment": "smb", "seats": 3}, {"segment": "enterprise", "seats": 9}, {"seats": "many"}]),
    ("accounts", "health_override", [{"score": n, "until": "2030-01-01", "reason": f"r{n}"} for n in (10, 50, 90)]),
    ("cs", "journey_stage_changed", [{"stage": "onboard"}, {"stage": "expand"}, {"stage": "adopt"}]),
    ("cs", "nps_answered", [{"score": 2}, {"score": 10}, {"score": 8}]),
    ("cs", "ticket_opened", [{"ticket_id": "t", "due_at": f"2030-01-0{n}"} for n in (1, 5, 3)]),
    (
        "revenue",
        "subscription_started",
        [{"subscription_id": "s", "arr": n, "renews_at": "2030-01-01"} for n in (1, 5, 3)],
    ),
    ("usage", "quota_set", [{"quota": 5}, {"quota": 7}, {"quota": "none"}]),
)


@every_profile
@pytest.mark.parametrize(("stream", "name", "said"), SAYINGS, ids=[name for _, name, _ in SAYINGS])
@given(salt=st.integers(0, 10**9))
def test_of_what_was_said_at_the_same_instant_the_same_word_wins_in_any_order(
    profile: Profile, stream: str, name: str, said: Sequence[dict[str, object]], salt: int
) -> None:
    at = FIRST_DAY * DAY
    events = [Event(ACCOUNT, stream, name, at, at, f"{salt}-{i}", "ann", words) for i, words in enumerate(said)]
    states = []
    for order in permutations(events):
        account = folded(order, profile)
        account.seen, account.traits = {}, dict(sorted(account.traits.items()))  # these keep the order of arrival
        states.append(account.pack(profile.layout))
    assert len(set(states)) == 1


@every_profile
@given(data=st.data())
def test_packing_at_any_moment_changes_nothing(profile: Profile, data: st.DataObject) -> None:
    events = data.draw(deliveries())
    through = Account(ACCOUNT, profile.layout)
    cut = data.draw(st.integers(0, len(events)))
    for event in events[:cut]:
        through.observe([event], profile.layout)
    through.band, through.published = "watch", (41.25, "watch")
    through.scores = [(FIRST_DAY, 40.0), (FIRST_DAY + 1, 41.25)]
    through.episodes = {"going_silent": ("going_silent", 3, "open", 1.5, None, True)}
    packed = through.pack(profile.layout)
    stored = unpack(packed, profile.layout)
    assert stored.pack(profile.layout) == packed
    for event in events[cut:]:
        through.observe([event], profile.layout)
        stored.observe([event], profile.layout)
    assert stored.pack(profile.layout) == through.pack(profile.layout)
    at = data.draw(instants_after(events))
    assert profile.reader(stored, at) == pytest.approx(profile.reader(through, at), rel=1e-12, abs=1e-12)


@every_profile
@given(data=st.data())
def test_any_cutting_into_batches_gives_the_same_record(profile: Profile, data: st.DataObject) -> None:
    events = data.draw(deliveries())
    one_by_one, touched = Account(ACCOUNT, profile.layout), 0
    for event in events:
        touched |= one_by_one.observe([event], profile.layout)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    batched, found = Account(ACCOUNT, profile.layout), 0
    for start, end in pairwise([0, *cuts, len(events)]):
        found |= batched.observe(events[start:end], profile.layout)
    assert batched.pack(profile.layout) == one_by_one.pack(profile.layout)
    assert found == touched


@every_profile
def test_more_users_than_are_kept_over_more_days_than_are_kept_may_be_cut_anywhere(profile: Profile) -> None:
    instants = [float((FIRST_DAY + day) * DAY) for day in [0] * 300 + [300] * 40 + [500] * 200]
    events = [
        Event(ACCOUNT, "usage", "Report exported", at, at, f"m-{n}", f"u-{n}", {}) for n, at in enumerate(instants)
    ]
    together, one_by_one = Account(ACCOUNT, profile.layout), Account(ACCOUNT, profile.layout)
    together.observe(events, profile.layout)
    for event in events:
        one_by_one.observe([event], profile.layout)
    assert together.pack(profile.layout) == one_by_one.pack(profile.layout)


@every_profile
@given(data=st.data())
def test_a_duplicate_leaves_no_trace_but_its_count(profile: Profile, data: st.DataObject) -> None:
    events = data.draw(histories())
    account, again = folded(events, profile), folded(events, profile)
    for event in events[::-1]:
        later = event.replace(arrived=event.arrived + 30 * DAY)  # a retry that our side stamped anew
        assert not again.observe([later], profile.layout)
    assert again.duplicates == len(events)
    again.duplicates = 0
    assert again.pack(profile.layout) == account.pack(profile.layout)


@every_profile
@given(data=st.data())
def test_reading_and_scoring_change_nothing(profile: Profile, data: st.DataObject) -> None:
    events = data.draw(histories())
    account = folded(events, profile)
    packed = account.pack(profile.layout)
    at = data.draw(instants_after(events))
    said = score(account, profile, at=at)
    score(account, profile, at=at + 40 * DAY)
    assert account.pack(profile.layout) == packed
    assert score(account, profile, at=at) == said


@every_profile
@given(data=st.data())
def test_accounts_share_definitions_but_no_state(profile: Profile, data: st.DataObject) -> None:
    first, second = data.draw(histories()), data.draw(histories())
    one, two = Account(ACCOUNT, profile.layout), Account(ACCOUNT, profile.layout)
    for turn in range(max(len(first), len(second))):
        for account, events in ((one, first), (two, second)):
            if turn < len(events):
                account.observe([events[turn]], profile.layout)
    assert one.pack(profile.layout) == folded(first, profile).pack(profile.layout)
    assert two.pack(profile.layout) == folded(second, profile).pack(profile.layout)


def last_chance(event: Event) -> float:
    """The last instant at which an event may arrive and still count."""
    return (day_of(event.at) + HORIZON_DAYS + 1) * DAY - 0.001


RHYTHM = {"metrics.silence", "metrics.rhythm"}
"""What is told by the days of arrival, not by the days on which things happened."""


@every_profile
@given(data=st.data())
def test_a_late_event_lands_in_its_own_day(profile: Profile, data: st.DataObject) -> None:
    """Things count when they happened: that some arrive later changes the rhythm of arrivals alone."""
    events = data.draw(histories(spans=(100, 200)))
    at = data.draw(instants_after(events))
    newest = max((event.arrived for event in events), default=0.0)
    random = Random(data.draw(st.integers(0, 2**32 - 1)))
    late = events[:1]  # what came first stays: the account's age counts from it
    for event in events[1:]:
        arrived = min(newest, event.arrived + random.choice((0, 0, 1, 20, 90)) * DAY, last_chance(event))
        late.append(event.replace(arrived=max(event.arrived, arrived)))
    timely = {k: v for k, v in profile.reader(folded(events, profile), at).items() if k not in RHYTHM}
    tardy = {k: v for k, v in profile.reader(folded(late, profile), at).items() if k not in RHYTHM}
    assert unlike(timely, tardy) == {}


@every_profile
@given(data=st.data(), days=st.integers(HORIZON_DAYS + 1, 4_000), clock=st.floats(0.0, DAY - 1.0))
def test_what_is_older_than_the_horizon_is_counted_and_moves_the_arrival_clock_alone(
    profile: Profile, data: st.DataObject, days: int, clock: float
) -> None:
    events = data.draw(histories())
    account, other = folded(events, profile), folded(events, profile)
    for index, event in enumerate(events[1:]):
        day = day_of(event.arrived) - days
        old = event.replace(at=day * DAY + clock, message_id=f"old-{index}")
        assert not other.observe([old], profile.layout) & COUNTED
    assert other.too_old == account.too_old + max(0, len(events) - 1)
    assert other.counted == account.counted
    assert other.cells == account.cells
    assert (other.traits, other.override) == (account.traits, account.override)


@pytest.mark.parametrize("late_days", [0, 1, 399, HORIZON_DAYS])
def test_an_event_of_any_day_of_the_horizon_is_counted_in_that_day(late_days: int) -> None:
    profile = PROFILES["every_kind"]
    arrived = FIRST_DAY * DAY
    event = Event(ACCOUNT, "usage", "export", arrived - late_days * DAY, arrived, "m", "ann", {})
    account = folded([event], profile)
    values = profile.reader(account, arrived)
    assert (account.counted, account.too_old) == (1, 0)
    assert values["metrics.export_ago"] == late_days
    assert values["metrics.usage_400d"] == (1 if late_days < 400 else 0)
    assert values["metrics.export_days"] == (1.0 if late_days == 0 else 0.0)
