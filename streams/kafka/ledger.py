"""Which offsets may be committed: those before the first chunk of a partition that is not durable."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


class _Entry:
    __slots__ = ("done", "next")

    def __init__(self, next_offset: int) -> None:
        self.next = next_offset
        self.done = False

    def finish(self) -> None:
        self.done = True


class Ledger(Generic[P]):
    """Chunks that were handed out, by partition, in order of their offsets.

    >>> ledger = Ledger[str]()
    >>> first, second = ledger.hand("a", 10), ledger.hand("a", 25)
    >>> second()
    >>> ledger.committable()
    {}
    >>> first()
    >>> ledger.committable()
    {'a': 25}
    """

    def __init__(self) -> None:
        self._open: dict[P, deque[_Entry]] = {}

    def hand(self, partition: P, next_offset: int) -> Callable[[], None]:
        """A chunk goes out whose last message lies before `next_offset`. Call what is returned when it is durable."""
        entry = _Entry(next_offset)
        self._open.setdefault(partition, deque()).append(entry)
        return entry.finish

    def committable(self) -> dict[P, int]:
        """What has become committable since this was last asked: the next offset to read, by partition."""
        found = {}
        for partition, entries in self._open.items():
            while entries and entries[0].done:
                found[partition] = entries.popleft().next
        return found

    def drop(self, partitions: Iterable[P]) -> None:
        """These are somebody else's now."""
        for partition in partitions:
            self._open.pop(partition, None)
