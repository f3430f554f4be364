"""Things that are opened and closed."""

import itertools

from scoring.cells.items import ITEMS_MAX, NEVER, Items
from scoring.cells.key import Key
from tests.scoring.histories import date, event, instant

CELL = Items(Key("id"), frozenset({"closed"}), "due_at")


def test_an_item_keeps_its_newest_opening_its_newest_closing_and_its_newest_due_date() -> None:
    history = [
        event("opened", 1.0, id=7, due_at=date(5.0)),
        event("closed", 2.0, id=7),
        event("opened", 3.0, id=7, due_at=date(8.0)),
        event("opened", 2.5, id=7, due_at=date(9.0)),
    ]
    for order in itertools.permutations(history):
        state = None
        for happened in order:
            state = CELL.observe(state, [happened], [0], [1])
        assert state is not None
        (item,) = state.values()
        assert (item.opened, item.closed, item.due) == (instant(3.0), instant(2.0), instant(8.0))
        assert item.is_open


def test_a_closing_without_an_opening_is_known_but_not_open() -> None:
    state = CELL.observe(None, [event("closed", 2.0, id=7)], [0], [1])
    (item,) = state.values()
    assert (item.opened, item.closed, item.is_open, item.touched) == (NEVER, instant(2.0), False, instant(2.0))


def test_closed_items_make_room_for_open_ones() -> None:
    state = None
    for n in range(ITEMS_MAX):
        state = CELL.observe(state, [event("closed", 100.0 + n, id=f"closed-{n}")], [0], [1])
    for n in range(10):
        state = CELL.observe(state, [event("opened", 1.0 + n, id=f"open-{n}")], [0], [1])
    assert state is not None
    assert len(state) == ITEMS_MAX
    assert sum(item.is_open for item in state.values()) == 10
    assert min(item.touched for item in state.values() if not item.is_open) == instant(110.0)
