"""Laws of size: no history makes a record larger than its stated bound, and what is sampled stays near the truth."""

from collections.abc import Iterator
from math import sqrt
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plays.engine import Engine, names
from plays.playbook import starter_playbook
from scoring.account import FIXED_BYTES_MAX, Account, bytes_max, unpack
from scoring.cells.entities import ENTITIES_MAX, Entities, Sample, count, share
from scoring.cells.key import Key
from scoring.event import Event
from scoring.profile import Profile
from tests.laws.histories import ACCOUNT, DAY, FIRST_DAY
from tests.laws.hostile import HOSTILE, hostile
from tests.laws.profiles import DEFAULT, PROFILES

ID_CHARS_MAX = 256
"""Characters of an account's id that the wire lets through."""

EVENTS = 6_000
"""Events of a hostile history: more than any limit of the record, more days than its horizon."""

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


SCORES_MAX = 30
"""Published scores that the record keeps: one a day for the longest trend, that day itself and the one before."""


def size(packed: object) -> int:
    return len(msgspec.msgpack.encode(packed))


@every_profile
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_history_makes_a_record_larger_than_its_bound(profile: Profile, kind: str) -> None:
    layout, account = profile.layout, Account("\N{GRINNING FACE}" * ID_CHARS_MAX, profile.layout)
    for turn, event in enumerate(hostile(kind, seed=7, count=EVENTS)):
        account.observe([event], layout)
        if turn % 1_500 == 1_499:
            assert len(account.pack(layout)) <= bytes_max(layout, plays=0)
            sizes = [0 if s is None else size(c.pack(s)) for c, s in zip(layout.cells, account.cells, strict=True)]
            assert all(found <= cell.bytes_max for cell, found in zip(layout.cells, sizes, strict=True)), sizes
            assert len(account.pack(layout)) - sum(sizes) <= FIXED_BYTES_MAX
    packed = account.pack(layout)
    assert unpack(packed, layout).pack(layout) == packed


@settings(max_examples=max(10, settings().max_examples // 10))  # each is thousands of events
@given(seed=st.integers(0, 2**32 - 1))
def test_no_mixture_of_histories_makes_a_record_larger_than_its_bound(seed: int) -> None:
    layout, random = PROFILES["every_kind"].layout, Random(seed)
    account = Account(ACCOUNT, layout)
    for turn in range(6):
        kind = random.choice(list(HOSTILE))
        for event in hostile(kind, seed + turn, random.choice((300, 1_000))):
            account.observe([event.replace(message_id=f"{turn} {event.message_id}")], layout)
        assert len(account.pack(layout)) <= bytes_max(layout, plays=0)


def spells(year: int) -> Iterator[tuple[float, list[Event]]]:
    """The days of a year that goes well, then badly, then silent: (instant, what arrived)."""
    for day in range(300):
        at = (FIRST_DAY + 300 * year + day) * DAY
        said: list[tuple[str, str, dict[str, object]]] = [
            ("usage", f"feature {n}", {}) for n in range(0 if day >= 100 else 8 if day < 50 else 2)
        ]
        if day < 100 and day % 9 == 0:
            said += [
                ("cs", "ticket_opened", {"ticket_id": f"t{day}", "due_at": "2025-01-01"}),
                ("cs", "sponsor_joined", {"person": f"p{day}"}),
                ("cs", "sponsor_left", {"person": f"p{day}"}),
                ("revenue", "subscription_started", {"subscription_id": "s", "arr": 1_000 - day}),
            ]
        events = enumerate(said)
        yield at, [Event(ACCOUNT, s, name, at, at, f"{year} {day} {n}", f"u{n}", p) for n, (s, name, p) in events]


def test_scores_and_episodes_stay_within_the_bound_through_years_of_evaluations() -> None:
    """What was published and what the plays remember is part of the record too."""
    engine = Engine(DEFAULT, starter_playbook(names(DEFAULT)))
    bound = bytes_max(DEFAULT.layout, plays=len(engine.playbook.plays))
    account, opened = engine.account(ACCOUNT), set[str]()
    for year in range(4):
        for at, events in spells(year):
            opened |= {move.play for move in engine.advance(account, events, at).moves if move.to_phase == "open"}
        assert len(engine.pack(account)) <= bound
        assert len(account.scores) <= SCORES_MAX
    assert len(opened) >= 3, "too few plays opened: the history does not test what it should"


def observed(cell: Entities, users: list[str], *, days: int = 1) -> Sample:
    """The cell's state after all users were seen, spread over the days."""
    state: Sample | None = None
    for index, user in enumerate(users):
        day = index % days
        event = Event(ACCOUNT, "usage", "opened", day * DAY, day * DAY, f"m{index}", user, {})
        state = cell.observe(state, [event], [FIRST_DAY + day], [1 << day])
    assert state is not None
    return state


USERS = Key("user")

SIGMAS = 5.0
"""Standard errors that an estimate may be off: beyond, one in two million is."""


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 12_000))
def test_distinct_things_are_exact_up_to_256_and_then_estimated_within_the_stated_error(seed: int, n: int) -> None:
    """A5, A3: relative standard error 1.2 / sqrt(256) of all things kept (Flajolet 1990)."""
    state = observed(Entities(USERS), [f"{seed} {i}" for i in range(n)])
    estimate = count(state, 1)
    if n <= ENTITIES_MAX:
        assert estimate == n
    else:
        assert abs(estimate - n) <= SIGMAS * 1.2 / sqrt(ENTITIES_MAX) * n
    assert len(state[1]) <= ENTITIES_MAX


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(257, 8_000), days=st.integers(2, 60))
def test_a_sampled_window_is_off_by_no_more_than_its_share_of_the_sample_allows(seed: int, n: int, days: int) -> None:
    """Each of k things in a window is sampled with chance p = 2^-level, so the estimate's variance is k (1-p) / p."""
    state = observed(Entities(USERS), [f"{seed} {i}" for i in range(n)], days=days)
    level = state[0]
    truth = sum(1 for i in range(n) if i % days == 0)
    assert abs(count(state, 1) - truth) <= SIGMAS * sqrt(truth * 2**level) + 2**level


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4_000))
def test_the_sample_depends_on_the_things_alone_not_on_their_order(seed: int, n: int) -> None:
    users = [f"{seed} {i}" for i in range(n)]
    shuffled = users * 2
    Random(seed).shuffle(shuffled)
    one, two = observed(Entities(USERS), users), observed(Entities(USERS), shuffled)
    assert one == two
    assert share(one, 1, 1) == 1.0


@given(seed=st.integers(0, 2**32 - 1))
def test_once_all_sampled_things_are_forgotten_counting_is_exact_again(seed: int) -> None:
    cell = Entities(USERS)
    crowd = observed(cell, [f"{seed} {i}" for i in range(5_000)])
    later = cell.shift(crowd, 500, FIRST_DAY + 500)
    for user in range(40):
        event = Event(ACCOUNT, "usage", "opened", 0.0, 0.0, f"n{user}", f"{seed} new {user}", {})
        later = cell.observe(later, [event], [FIRST_DAY + 500], [1])
    assert later is not None
    assert count(later, 1) == 40
