"""What an account was when: each trait's statements by the time at which they were made."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from xxhash import xxh3_64_intdigest

Statement = tuple[float, int, str]
"""(unix seconds, tie, value). Of two of the same instant the greater tie is the later, wherever they arrive."""

START = "start_date"
"""The trait that says since when an account is one, whatever the period."""

Said = tuple[str, str | None]
"""Of a trait: its name, and the text of what was said; None where so much was said that this is not kept."""

STATEMENTS_MAX = 64
"""Kept of one trait. Beyond, what only repeats its neighbours goes first, and then the oldest: its successor is taken
to have held before. A weekly sync of unchanging traits never comes to that in a year."""

TRAITS_MAX = 48
"""Names kept of one account: CRM exports have some dozens. Those that come later are refused, and itemised."""

RELATIONS = ("merged_into", "parent")
"""Traits that make an account part of another one, until an empty text is said of them: of any other trait that says
nothing."""

VALUE_CHARS_MAX = 128
"""Of a value: the name of a cohort is shorter."""


class Traits:
    """Mutable; owned by its book. Values are texts: numbers as they are written, booleans as true and false."""

    __slots__ = ("said",)

    def __init__(self, said: Mapping[str, list[Statement]] | None = None) -> None:
        self.said = dict(said or {})

    def take(self, at: float, message_id: str, traits: Mapping[str, Any]) -> tuple[list[Said], list[str]]:
        """Note what was said at an instant; (what changed a history, names refused since there are too many)."""
        changed, refused = list[Said](), list[str]()
        for name, value in traits.items():
            text = _text(value)
            if text is None:
                if name not in RELATIONS or not isinstance(value, str):
                    continue
                text = ""
            if name not in self.said and len(self.said) >= TRAITS_MAX:
                refused.append(name)
                continue
            kept = self.note(name, statement(at, message_id, text))
            if kept is not None:
                changed.append((name, text if kept else None))
        return changed, refused

    def note(self, name: str, one: Statement) -> bool | None:
        """Note one statement of a trait; whether it is kept, None where it was there already."""
        statements = self.said.setdefault(name, [])
        place = bisect_left(statements, one)
        if place < len(statements) and statements[place] == one:
            return None
        statements.insert(place, one)
        if len(statements) <= STATEMENTS_MAX:
            return True
        folded = self.said[name] = _folded(statements)
        return one in folded

    def value(self, name: str, at: float) -> str | None:
        """What held just before the instant; where nothing was said by then, the first that was said, if any.

        >>> traits = Traits()
        >>> traits.take(100.0, "m-1", {"segment": "smb"}), traits.take(200.0, "m-2", {"segment": "enterprise"})
        (([('segment', 'smb')], []), ([('segment', 'enterprise')], []))
        >>> traits.value("segment", 200.0), traits.value("segment", 201.0), traits.value("segment", 5.0)
        ('smb', 'enterprise', 'smb')
        """
        statements = self.said.get(name)
        if not statements:
            return None
        return statements[max(bisect_left(statements, (at,)) - 1, 0)][2] or None

    def first(self, name: str) -> float | None:
        """The instant (unix seconds) at which anything was first said of the trait."""
        statements = self.said.get(name)
        return statements[0][0] if statements else None

    def newest(self, name: str) -> str | None:
        """What was said last, whenever it is asked: for what restates the past, as a merge does."""
        statements = self.said.get(name)
        return statements[-1][2] or None if statements else None


def statement(at: float, message_id: str, value: str) -> Statement:
    """What a message said of a trait at an instant."""
    return at, xxh3_64_intdigest(message_id.encode()), value


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()[:VALUE_CHARS_MAX] or None
    if isinstance(value, int | float):
        return str(value)
    return None


def _folded(statements: list[Statement]) -> list[Statement]:
    """Without those between two that say the same, and of the rest the newest."""
    kept = [
        one
        for before, one, after in zip([None, *statements], statements, [*statements[1:], None], strict=False)
        if before is None or after is None or not before[2] == one[2] == after[2]
    ]
    return kept[-STATEMENTS_MAX:]
