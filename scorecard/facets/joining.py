"""The facets of several accounts that count as one: those merged into another, and, where it is asked for, a family.

What is made so is counted and thrown away: the limits of an account's own state do not hold for it.
"""

from collections.abc import Sequence

from scorecard.facets.beginning import NEVER, Begun
from scorecard.facets.bucket import HASH_BITS, Bucket
from scorecard.facets.facets import Agreed, Facets
from scorecard.facets.journey import entered_by
from scorecard.facets.note import Note
from scorecard.facets.seen import MONTH_DAYS
from scorecard.facets.usage import Usage
from scorecard.facets.window import first_of

BY_ACCOUNT = frozenset({"plans", "qbrs", "tickets", "programmes"})
"""Facets whose notes are about something of one account: its plan is another one than that of the same id elsewhere."""


def joined(by: Agreed, members: Sequence[Facets], *, leads: bool = True) -> Facets:
    """Of one or more accounts together; leads: whether the first of them stands for the others.

    People are counted once, whichever of the accounts they are in. It starts when the account that stands for the
    others says, else with the first of them. Accounts are told apart by `numbers`.
    """
    if len(members) == 1 and leads:
        return members[0]
    found = Facets(by)
    found.begun = _begun([one.begun for one in members], leads=leads)
    found.usage = _usage([one.usage for one in members])
    for number, one in zip(numbers(members, leads=leads), members, strict=True):
        for key, notes in one.notes.items():
            found.notes.setdefault(key, []).extend(_own(note, key, number) for note in notes)
    for notes in found.notes.values():
        notes.sort()
    return found


def numbers(members: Sequence[object], *, leads: bool) -> range:
    """The number of each of some accounts; 0 is that of the one which stands for the others, if it is among them.

    >>> [*numbers("ab", leads=True)], [*numbers("ab", leads=False)]
    ([0, 1], [1, 2])
    """
    first = 0 if leads else 1
    return range(first, first + len(members))


def _own(note: Note, key: str, number: int) -> Note:
    """What is of one account is told apart by its number; so is a reference of nobody in particular."""
    if key == "journey":
        return note._replace(what=entered_by(number)) if number else note
    of_account = key in BY_ACCOUNT or (key == "references" and not note.key)
    return note._replace(key=f"{number}:{note.key}") if of_account else note


def _begun(members: Sequence[Begun], *, leads: bool) -> Begun:
    found = Begun(len(members[0].met))
    found.declared = members[0].declared if leads else NEVER
    found.started = min(one.start for one in members)
    found.heard = min(one.heard for one in members)
    found.value = min(one.value for one in members)
    found.met = [min(firsts) for firsts in zip(*(one.met for one in members), strict=True)]
    return found


def _usage(members: Sequence[Usage]) -> Usage:
    found = Usage()
    lacking: set[int] = set()
    for one in members:
        slots = [found.slots.setdefault(name, len(found.slots)) for name in _by_slot(one)]
        for number, month in one.months.items():
            _add(found.months.setdefault(number, Bucket()), month, slots, MONTH_DAYS)
        for day, bucket in one.days.kept.items():
            _add(found.days.kept.setdefault(day, Bucket()), bucket, slots, 0)
        lacking |= _active(one) - one.days.kept.keys()
    for day in lacking:  # one of the accounts was active then, and keeps the day no more
        found.days.kept.pop(day, None)
    return found


def _by_slot(usage: Usage) -> list[str]:
    return sorted(usage.slots, key=usage.slots.__getitem__)


def _active(usage: Usage) -> set[int]:
    """The days with any event."""
    return {
        first_of(number) + place
        for number, month in usage.months.items()
        for place in range(MONTH_DAYS)
        if month.days >> place & 1
    }


def _add(into: Bucket, bucket: Bucket, slots: Sequence[int], shift: int) -> None:
    """shift: where features begin in the bits of people."""
    into.events += bucket.events
    into.days |= bucket.days
    into.features |= _moved(bucket.features, slots)
    into.roles |= bucket.roles
    into.level = max(into.level, bucket.level)
    for digest, bits in bucket.users.items():
        below = bits & ((1 << shift) - 1)
        into.users[digest] = into.users.get(digest, 0) | below | _moved(bits >> shift, slots) << shift
    if into.level:
        into.users = {one: bits for one, bits in into.users.items() if one >> (HASH_BITS - into.level) == 0}


def _moved(features: int, slots: Sequence[int]) -> int:
    """Bits of features, each at its place in the usage of all."""
    return sum(1 << slot for place, slot in enumerate(slots) if features >> place & 1)
