"""C1 and C2: which programmes for customers had touched an account before its revenue moved.

Only what came *before* counts. A touchpoint on the day of a movement is not before it: a movement is of a day, and
nobody can say which of the two came first. What is counted after a movement would make those who live longer look
exposed.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from scorecard.book import Book
from scorecard.family import touchpoints_of
from scorecard.figure import Figure
from scorecard.movement import Kind, Movement
from scorecard.tally import Tally
from scorecard.touchpoint import Touchpoint

WITHIN_DAYS = 90
"""How long a touchpoint is held to matter, unless scorecard.yaml says otherwise: a quarter."""


class Exposing(NamedTuple):
    """Which touchpoints count."""

    within_days: int = WITHIN_DAYS
    programmes: Collection[str] | None = None
    """None: all."""


EXPOSING = Exposing()


class Exposed(NamedTuple):
    """What had touched an account (or one contact of it) within the days before a day."""

    programmes: tuple[str, ...]
    """By name, each once."""
    contacts: int
    """Different persons who are named."""
    last: float
    """The newest touchpoint, unix seconds."""


def touches(touchpoints: Sequence[Touchpoint], on: date, within_days: int = WITHIN_DAYS) -> Sequence[Touchpoint]:
    """Those of `touchpoints` (by time) in the `within_days` days before the day `on`, which itself does not count."""
    if not touchpoints:
        return touchpoints
    first, past = (_midnight(on - timedelta(days)) for days in (within_days, 0))
    return touchpoints[
        bisect_left(touchpoints, first, key=lambda touch: touch.at) : bisect_left(
            touchpoints, past, key=lambda touch: touch.at
        )
    ]


def exposure(touchpoints: Sequence[Touchpoint], on: date, within_days: int = WITHIN_DAYS) -> Exposed | None:
    """C1 of an account before the day `on`; None where nothing had touched it. `touchpoints`: the account's, by time.

    >>> at = _midnight(date(2026, 3, 1))
    >>> exposure([Touchpoint("acme", "ann", "academy", at, "m1")], date(2026, 3, 2))
    Exposed(programmes=('academy',), contacts=1, last=1772323200.0)
    >>> exposure([Touchpoint("acme", "ann", "academy", at, "m1")], date(2026, 3, 1)) is None
    True
    """
    return _exposed(touches(touchpoints, on, within_days))


def by_contact(
    touchpoints: Sequence[Touchpoint], on: date, within_days: int = WITHIN_DAYS
) -> dict[str | None, Exposed]:
    """C1 of each contact of the account, by name; those of nobody in particular under None, last."""
    persons: dict[str | None, list[Touchpoint]] = {}
    for touch in touches(touchpoints, on, within_days):
        persons.setdefault(touch.contact, []).append(touch)
    found = {}
    for contact in sorted(persons, key=lambda name: (name is None, name or "")):
        exposed = _exposed(persons[contact])
        if exposed is not None:
            found[contact] = exposed
    return found


class Move(NamedTuple):
    """A movement of an entity with what may have moved it."""

    movement: Movement
    touchpoints: Sequence[Touchpoint]
    """Of any of the entity's accounts, that count, within the days before it, by time; empty: it was not exposed."""


def traced(books: Sequence[Book], rows: Iterable[Movement], exposing: Exposing = EXPOSING) -> Iterator[Move]:
    """Movements of the entity that these accounts make, each with what had touched it before (C1)."""
    touched = touchpoints_of(books, exposing.programmes)
    return (Move(row, touches(touched, row.on, exposing.within_days)) for row in rows)


def linked(found: Iterable[Move]) -> Tally:
    """What movements add to C1: how many there are, and how many of them something had touched."""
    exposed = [bool(one.touchpoints) for one in found]
    return Tally({"moves": len(exposed), "exposed": sum(exposed)})


def exposed(tally: Tally) -> Figure:
    """C1: movements that a programme had touched before / movements."""
    moves = tally["moves"]
    return Figure.ratio(
        "C1", tally["exposed"], moves, n=moves, unit="share", empty="revenue did not move in the period"
    )


class Coverage(NamedTuple):
    """C2: on how much the figures of exposure rest."""

    accounts: Figure
    """Entities with any touchpoint at all / all."""
    contacts: Figure
    """Persons with any touchpoint, of each entity; how many there are without one nobody tells us."""
    movements: Figure
    """That had a touchpoint within the days before / all; changes of a rate (fx) are nobody's doing and left out."""


def covered(books: Sequence[Book], movements: Iterable[Movement], exposing: Exposing = EXPOSING) -> Tally:
    """What an entity adds to C2: the books of its accounts, and its movements, by day."""
    marks = touchpoints_of(books)
    found = linked(traced(books, (one for one in movements if one.kind is not Kind.FX), exposing))
    persons = {touch.contact for touch in marks} - {None}
    return found + Tally({"accounts": 1, "touched": int(bool(marks)), "contacts": len(persons)})


def coverage(tally: Tally) -> Coverage:
    """C2 of what entities add to it.

    >>> [str(one.value) for one in coverage(Tally({"accounts": 4, "touched": 1, "contacts": 3}))]
    ['1/4', '3', 'None']
    """
    accounts, movements = tally["accounts"], tally["moves"]
    return Coverage(
        Figure.ratio("C2", tally["touched"], accounts, n=accounts, unit="share", empty="no account is known"),
        Figure.amount("C2.contacts", tally["contacts"], n=tally["touched"], unit="contacts"),
        Figure.ratio(
            "C2.movements", tally["exposed"], movements, n=movements, unit="share", empty="revenue never moved"
        ),
    )


def _exposed(found: Sequence[Touchpoint]) -> Exposed | None:
    if not found:
        return None
    programmes = tuple(sorted({touch.programme for touch in found}))
    contacts = {touch.contact for touch in found} - {None}
    return Exposed(programmes, len(contacts), found[-1].at)


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
