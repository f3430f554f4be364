"""C1 and C2: which programmes for customers had touched an account before its revenue moved.

Only what came *before* counts. A touchpoint on the day of a movement is not before it: a movement is of a day, and
nobody can say which of the two came first. What is counted after a movement would make those who live longer look
exposed.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from scorecard.book import Book
from scorecard.family import movements_of, touchpoints_of
from scorecard.figure import Figure
from scorecard.movement import Kind
from scorecard.touchpoint import Touchpoint

WITHIN_DAYS = 90
"""How long a touchpoint is held to matter, unless scorecard.yaml says otherwise: a quarter."""


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
        return ()
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


class Coverage(NamedTuple):
    """C2: on how much the figures of exposure rest."""

    accounts: Figure
    """Entities with any touchpoint at all / all."""
    contacts: Figure
    """Persons with any touchpoint / persons known."""
    movements: Figure
    """That had a touchpoint within the days before / all; changes of a rate (fx) are nobody's doing and left out."""
    amount: Figure
    """The same by money, each movement by its size whatever its sign."""
    unnamed: Figure
    """Touchpoints that name no person / all: these can't be linked to a contact."""


def coverage(
    entities: Iterable[Sequence[Book]], contacts_known: int | None = None, within_days: int = WITHIN_DAYS,
    programmes: Collection[str] | None = None,
) -> Coverage:  # fmt: skip
    """C2 over entities, each by the books of its accounts: merged accounts are one.

    contacts_known: how many persons are known at all; None where nobody counts them. programmes: those that link a
    movement, as for C1; None: all.
    """
    accounts = touched = movements = linked = money = linked_money = marks = unnamed = 0
    contacts: set[tuple[str, str]] = set()
    for books in entities:
        entity, found, linking = books[0].account_id, touchpoints_of(books), touchpoints_of(books, programmes)
        accounts += 1
        touched += bool(found)
        marks += len(found)
        unnamed += sum(touch.contact is None for touch in found)
        contacts.update((entity, touch.contact) for touch in found if touch.contact is not None)
        for movement in movements_of(books):
            if movement.kind is Kind.FX:
                continue
            size = abs(movement.cents)
            movements, money = movements + 1, money + size
            if touches(linking, movement.on, within_days):
                linked, linked_money = linked + 1, linked_money + size
    nobody = "no person is known"
    return Coverage(
        Figure.ratio("C2", touched, accounts, n=accounts, empty="no account is known"),
        Figure("C2", None, "how many persons there are is not known", len(contacts), None, len(contacts), "ratio")
        if contacts_known is None
        else Figure.ratio("C2", len(contacts), contacts_known, n=contacts_known, empty=nobody),
        Figure.ratio("C2", linked, movements, n=movements, empty="revenue never moved"),
        Figure.ratio("C2", linked_money, money, n=movements, empty="revenue never moved"),
        Figure.ratio("C2", unnamed, marks, n=marks, empty="there are no touchpoints"),
    )


def _exposed(found: Sequence[Touchpoint]) -> Exposed | None:
    if not found:
        return None
    programmes = tuple(sorted({touch.programme for touch in found}))
    contacts = {touch.contact for touch in found} - {None}
    return Exposed(programmes, len(contacts), found[-1].at)


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
