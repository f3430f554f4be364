"""What every cell must do: one suite over all of them."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from scoring.cells.cell import HORIZON_DAYS, Cell
from scoring.cells.days import Days
from scoring.cells.entities import Entities
from scoring.cells.items import Items
from scoring.cells.key import Key
from scoring.cells.newest import Newest, NewestPer
from scoring.cells.span import Span
from scoring.cells.subscriptions import Subscriptions
from scoring.cells.sums import DaySums, Decayed
from scoring.event import Event
from tests.scoring.histories import THURSDAY, date, event

BASE = THURSDAY - HORIZON_DAYS

CELLS: dict[str, Callable[[], Cell]] = {
    "days": Days,
    "entities": lambda: Entities(Key("user")),
    "items": lambda: Items(Key("ticket_id"), frozenset({"ticket_resolved"}), "due_at"),
    "newest": lambda: Newest("stage"),
    "newest_per": lambda: NewestPer(Key("user"), "score", 0.0, 10.0),
    "span": Span,
    "subscriptions": lambda: Subscriptions(frozenset({"subscription_churned"})),
    "sums": lambda: DaySums(None),
    "sums_of": lambda: DaySums("score"),
    "decayed": lambda: Decayed("score", 86_400.0),
}

each_cell = pytest.mark.parametrize("make", CELLS.values(), ids=CELLS.keys())


def some(n: int, seed: int = 1) -> list[Event]:
    """Events that say something to every cell, on the days -400..0."""
    dice = random.Random(seed)
    names = ("ticket_opened", "ticket_resolved", "subscription_renewed", "subscription_churned")
    return [
        event(
            dice.choice(names), -dice.random() * HORIZON_DAYS, user=f"user-{dice.randrange(40)}",
            ticket_id=dice.randrange(40), due_at=date(dice.randrange(-300, 300)), score=dice.randrange(11),
            stage=f"stage-{dice.randrange(5)}", subscription_id=dice.randrange(5), arr=dice.randrange(9_000),
            renews_at=date(dice.randrange(-300, 300)), message_id=f"{seed}-{n}",
        )
        for n in range(n)
    ]  # fmt: skip


def folded(cell: Cell, events: Iterable[Event]) -> Any:
    state = None
    for happened in events:
        day = int(happened.at // 86_400)
        state = cell.observe(state, [happened], [day], [1 << (day - BASE)])
    return state


def over_the_wire(cell: Cell, state: Any) -> Any:
    return cell.unpack(msgspec.msgpack.decode(msgspec.msgpack.encode(cell.pack(state))))


@each_cell
def test_a_state_survives_packing(make: Callable[[], Cell]) -> None:
    cell = make()
    state = folded(cell, some(50))
    again = over_the_wire(cell, state)
    assert again == state
    more = some(20, seed=2)
    day = int(more[0].at // 86_400)
    bit = 1 << (day - BASE)
    assert cell.observe(again, [more[0]], [day], [bit]) == cell.observe(state, [more[0]], [day], [bit])


@pytest.mark.parametrize("make", [make for name, make in CELLS.items() if name != "decayed"])  # that one: see below
def test_equal_states_pack_to_equal_bytes_however_they_came_about(make: Callable[[], Cell]) -> None:
    cell = make()
    events = some(60)
    packed = {
        msgspec.msgpack.encode(cell.pack(folded(cell, random.Random(seed).sample(events, len(events)))))
        for seed in range(10)
    }
    assert len(packed) == 1


def test_a_decayed_sum_is_the_same_to_1e_9_in_any_order() -> None:
    cell = Decayed("score", 86_400.0 * 30)
    events = some(200)
    total, at = folded(cell, events)
    for seed in range(10):
        again, when = folded(cell, random.Random(seed).sample(events, len(events)))
        assert when == at
        assert again == pytest.approx(total, rel=1e-9)


@each_cell
def test_the_base_day_moves_without_changing_what_is_within_the_horizon(make: Callable[[], Cell]) -> None:
    cell = make()
    recent = [happened for happened in some(80) if happened.at >= (BASE + 100) * 86_400]
    state = folded(cell, recent)
    moved = cell.shift(over_the_wire(cell, state), 64, BASE + 64)
    for happened in some(30, seed=3):
        day = int(happened.at // 86_400)
        if day >= BASE + 100:
            moved = cell.observe(moved, [happened], [day], [1 << (day - BASE - 64)])
            state = cell.observe(state, [happened], [day], [1 << (day - BASE)])
    expected = cell.shift(state, 64, BASE + 64)
    assert cell.pack(moved) == (
        pytest.approx(cell.pack(expected), rel=1e-9) if isinstance(cell, Decayed) else cell.pack(expected)
    )


@each_cell
def test_a_state_never_outgrows_its_bound(make: Callable[[], Cell]) -> None:
    cell = make()
    state = None
    text = "ß" * 300
    for n in range(6_000):
        day = BASE + n % (HORIZON_DAYS + 64)
        happened = event(
            ("ticket_opened", "subscription_renewed")[n % 2], day - THURSDAY + 0.123456789, user=f"user-{n % 700}",
            ticket_id=n, due_at=date(day - THURSDAY + 0.3), score=n % 10 + 0.123456789, stage=text,
            subscription_id=n // 16, arr=n + 0.123456789, renews_at=date(day - THURSDAY + 90), message_id=f"m{n}",
        )  # fmt: skip
        state = cell.observe(state, [happened], [day], [1 << (day - BASE)])
        if n % 500 == 499:
            assert len(msgspec.msgpack.encode(cell.pack(state))) <= cell.bytes_max


@each_cell
def test_an_event_of_a_day_before_the_base_shows_in_no_window_but_makes_the_cell_known(
    make: Callable[[], Cell],
) -> None:
    cell = make()
    before = event(
        "ticket_opened",
        -900.0,
        user="ann",
        ticket_id=1,
        due_at=date(3.0),
        score=5,
        stage="adopt",
        subscription_id=1,
        arr=1,
    )
    state = cell.observe(None, [before], [THURSDAY - 900], [0])
    assert state is not None
    assert over_the_wire(cell, state) == state
    if isinstance(cell, Days | DaySums | Entities):
        assert state in (0, {}, (0, {}))
