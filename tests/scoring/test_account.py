"""The account record: what it takes in, forgets, and packs."""

import itertools
import random
from collections.abc import Iterable

import pytest

from scoring.account import FIELDS, SEEN_MAX, TRAITS_MAX, Account, bytes_max, unpack
from scoring.cells.cell import HORIZON_DAYS
from scoring.event import Event
from scoring.layout import SIGN
from scoring.profile import Profile, default_profile
from tests.scoring.histories import daily, date, event, instant, observed, profile, traits

COUNT = ("opened", "kind: count, stream: usage, window: 400d")
DAYS = ("days", "kind: active_days, stream: usage, window: 400d")
USERS = ("users", "kind: distinct, of: user, stream: usage, window: 400d")


@pytest.fixture(scope="module")
def shipped() -> Profile:
    return default_profile()


def test_a_duplicate_changes_nothing_but_is_counted() -> None:
    by = profile(COUNT, DAYS)
    account = observed(by, [event("opened", 1.0, message_id="a")])
    before = by.reader(account, instant(5.0))
    again = event("renamed", 3.0, message_id="a", stream="accounts", seats=3)  # whatever else it says
    assert not account.observe([again], by.layout)
    assert (account.counted, account.duplicates, account.last_arrival) == (1, 1, instant(1.0))
    assert by.reader(account, instant(5.0)) == before
    assert account.traits == {}


def test_the_newest_message_ids_are_remembered() -> None:
    by = profile(COUNT)
    account = observed(by, (event("opened", 1.0, message_id=f"m{n}") for n in range(SEEN_MAX + 1)))
    assert not account.observe([event("opened", 1.0, message_id=f"m{SEEN_MAX}")], by.layout)
    assert not account.observe([event("opened", 1.0, message_id="m1")], by.layout)  # the oldest that is remembered
    assert account.observe([event("opened", 1.0, message_id="m0")], by.layout)  # 1,024 messages ago: counts again
    assert account.counted == SEEN_MAX + 2


def test_an_event_older_than_the_horizon_is_counted_and_nothing_else() -> None:
    by = profile(COUNT)
    account = Account("acme", by.layout)
    assert account.observe([event("opened", 0.5, arrives=HORIZON_DAYS + 0.5)], by.layout)  # 400 days late: just in time
    assert account.observe([event("opened", 0.5, arrives=HORIZON_DAYS + 1.5)], by.layout) == SIGN  # no cell, no count
    assert (account.counted, account.too_old) == (1, 1)
    assert by.reader(account, instant(399.5)) == {"metrics.opened": 1.0}
    assert account.last_arrival == instant(HORIZON_DAYS + 1.5)  # it arrived all the same


def test_a_late_event_lands_in_its_own_day() -> None:
    by = profile(("opened", "kind: count, stream: usage, window: 3d"))
    account = observed(by, [event("opened", 10.0), event("opened", 5.5, arrives=10.1)])
    values = {day: by.reader(account, instant(day + 0.9)).get("metrics.opened") for day in range(4, 11)}
    assert values == {4: 0.0, 5: 1.0, 6: 1.0, 7: 1.0, 8: 0.0, 9: 0.0, 10: 1.0}


def test_the_first_and_the_last_arrival_are_kept_in_whatever_order_they_come() -> None:
    by = profile(COUNT)
    history = [event("opened", 0.0, arrives=day) for day in (5.0, 2.0, 9.0)]
    for order in itertools.permutations(history):
        account = observed(by, order)
        assert (account.first_arrival, account.last_arrival) == (instant(2.0), instant(9.0))


def test_years_of_history_leave_what_the_horizon_shows() -> None:
    by = profile(COUNT, DAYS, USERS)
    account = observed(by, (event("opened", day + 0.5, user=f"user-{day // 100}") for day in range(2_000)))
    assert by.reader(account, instant(1_999.9)) == {
        "metrics.opened": 400.0,
        "metrics.days": 400.0,
        "metrics.users": 4.0,
    }
    assert by.reader(account, instant(2_299.9)) == {
        "metrics.opened": 100.0,
        "metrics.days": 100.0,
        "metrics.users": 1.0,
    }


def test_an_account_that_wakes_after_years_starts_with_a_clean_window() -> None:
    by = profile(COUNT, DAYS, USERS)
    account = observed(by, [*daily("opened", 0, 9, user="ann"), event("opened", 5_000.5, user="bob")])
    assert by.reader(account, instant(5_000.9)) == {"metrics.opened": 1.0, "metrics.days": 1.0, "metrics.users": 1.0}


def test_the_order_of_arrival_does_not_matter_within_the_horizon() -> None:
    by = profile(COUNT, DAYS, USERS)
    history = [event("opened", day + 0.5, user=f"user-{day % 17}") for day in range(0, 400, 3)]
    expected = by.reader(observed(by, history), instant(399.9))
    for seed in range(5):
        shuffled = random.Random(seed).sample(history, len(history))
        assert by.reader(observed(by, shuffled), instant(399.9)) == expected
    assert by.reader(observed(by, reversed(history)), instant(399.9)) == expected


# --- traits ----------------------------------------------------------------------------------------------------------


def test_the_newest_value_of_each_trait_is_kept() -> None:
    by = profile(COUNT)
    older = traits(1.0, plan="pro", seats=5, owner="ann")
    newer = traits(2.0, plan="team", seats=None, products=["a"])
    for order in ([older, newer], [newer, older]):
        account = observed(by, order)
        assert [account.trait(name) for name in ("plan", "seats", "owner", "products")] == ["team", 5, "ann", None]


def test_only_group_calls_describe_the_account() -> None:
    by = profile(COUNT)
    account = observed(by, [event("identify", 1.0, stream="accounts", user="ann", plan="pro")])
    assert account.traits == {}


def test_a_long_text_is_cut_and_a_long_name_is_no_trait() -> None:
    by = profile(COUNT)
    account = observed(by, [traits(1.0, name="x" * 500, **{"y" * 65: 1, "z" * 64: 2})])
    assert account.trait("name") == "x" * 128
    assert set(account.traits) == {"name", "z" * 64}


def test_the_newest_64_traits_are_kept_and_those_that_are_read_before_all() -> None:
    by = profile(COUNT, ("seats", "kind: latest, trait: seats"))
    old = traits(1.0, segment="smb", seats=5, stage="adopt", start_date=date(0.0), colour="red")
    many = [traits(2.0 + n / 100, **{f"trait_{n}": n}) for n in range(2 * TRAITS_MAX)]
    account = observed(by, [old, *many])
    assert len(account.traits) == TRAITS_MAX
    assert account.trait("segment") == "smb"
    assert account.trait("seats") == 5
    assert account.trait("colour") is None
    assert account.trait(f"trait_{2 * TRAITS_MAX - 1}") == 2 * TRAITS_MAX - 1
    assert account.trait("trait_0") is None


# --- bytes -----------------------------------------------------------------------------------------------------------


def everything() -> Iterable[Event]:
    """One of everything that the shipped profile knows."""
    yield traits(0.0, segment="smb", seats=10, start_date=date(-5.0), stage="adopt")
    yield event("health_override", 0.1, stream="accounts", score=50, reason="trial", until=date(20.0), by="ann")
    yield from daily("opened", 0, 30, user="ann", role="admin", feature="export")
    yield event("value_milestone", 3.0, user="bob")
    yield event("nps_answered", 4.0, stream="cs", user="ann", score=9)
    yield event("csat_answered", 4.0, stream="cs", user="ann", score=4)
    yield event("ticket_opened", 4.0, stream="cs", ticket_id="t1", due_at=date(6.0))
    yield event("ticket_resolved", 5.0, stream="cs", ticket_id="t1")
    yield event("sponsor_joined", 5.0, stream="cs", person="eve")
    yield event("journey_stage_changed", 6.0, stream="cs", stage="realize")
    yield event("touchpoint", 7.0, stream="advocacy", kind="event")
    yield event("referral_pipeline_opened", 7.0, stream="advocacy", amount=1_234.5)
    yield event("subscription_started", 0.0, stream="revenue", subscription_id="s", arr=100.5, renews_at=date(365.0))
    yield event("opened", 0.0, arrives=500.0)  # too old


def test_a_record_survives_packing(shipped: Profile) -> None:
    account = observed(shipped, everything())
    account.band, account.published, account.scores = "watch", (61.5, "watch"), [(20_484, 61.5)]
    account.episodes = {"going_silent": ("going_silent", 1, "open", None, 12.5)}
    packed = account.pack(shipped.layout)
    again = unpack(packed, shipped.layout)
    for name in FIELDS:
        if name not in ("gap", "watch"):  # derived
            assert getattr(again, name) == getattr(account, name), name
    assert again.pack(shipped.layout) == packed
    at = instant(600.0)
    assert shipped.reader(again, at) == shipped.reader(account, at)
    more = event("opened", 601.0, user="ann")
    assert again.observe([more], shipped.layout) == account.observe([more], shipped.layout)
    assert again.pack(shipped.layout) == account.pack(shipped.layout)


def test_a_record_that_nothing_is_known_of_is_small(shipped: Profile) -> None:
    assert len(Account("acme", shipped.layout).pack(shipped.layout)) < 100


def test_hostile_years_stay_within_the_bound_of_the_record(shipped: Profile) -> None:
    """Every cell over its limit: the bound is of what can be, not of what is usual"""
    dice, long = random.Random(1), "ß" * 200
    names = ["opened", *sorted(_names(shipped))]
    account = Account("acme", shipped.layout)
    for n in range(40_000):
        day = n / 25
        happened = event(
            dice.choice(names), day, user=f"user-{dice.randrange(2_000)}", role=f"role-{dice.randrange(2_000)}",
            feature=f"feature-{dice.randrange(2_000)}", stage=long, score=dice.randrange(1, 6) + 0.5,
            amount=dice.random(), arr=dice.random() * 1e6, due_at=date(day + 5), renews_at=date(day + 90), ticket_id=n,
            qbr_id=n, plan_id=n, person=n, subscription_id=n // 20,
        )  # fmt: skip
        account.observe([happened], shipped.layout)
        if n % 100 == 0:
            account.observe([traits(day, **{f"{'ü' * 50}{n}": long})], shipped.layout)
    by_hand = event("health_override", 1_600.0, stream="accounts", reason=long, until=long, by=long, band=long)
    account.observe([by_hand], shipped.layout)
    packed = account.pack(shipped.layout)
    assert len(packed) <= bytes_max(shipped.layout, plays=0)
    assert unpack(packed, shipped.layout).pack(shipped.layout) == packed


def _names(by: Profile) -> set[str]:
    """The names of events that its metrics select."""
    declared = [metric.model_dump() for metric in by.file.metrics.values()]
    return {name for said in declared for field in ("events", "opens", "closes") for name in said.get(field) or ()}


def test_an_arrival_that_goes_back_years_neither_grows_the_record_nor_moves_time() -> None:
    by = profile(COUNT, DAYS, USERS)
    account = observed(by, daily("opened", 3_650, 3_659, user="ann"))
    before = by.reader(account, instant(3_659.9))
    account.observe([event("opened", 0.5, user="bob")], by.layout)  # a sender whose clock is ten years slow
    assert by.reader(account, instant(3_659.9)) == before
    assert account.last_arrival == instant(3_659.5)
    assert len(account.pack(by.layout)) < 1_000
