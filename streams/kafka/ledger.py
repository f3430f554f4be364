"""Which offsets may be committed: those before the first chunk of a partition that is not durable."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
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
    >>> ledger.committable(), ledger.committable()
    ({'a': 25}, {'a': 25})
    >>> ledger.committed({"a": 25})
    >>> ledger.committable()
    {}
    """

    def __init__(self) -> None:
        self._open: dict[P, deque[_Entry]] = {}
        self._owed: dict[P, int] = {}

    def hand(self, partition: P, next_offset: int) -> Callable[[], None]:
        """A chunk goes out whose last message lies before `next_offset`. Call what is returned when it is durable."""
        entry = _Entry(next_offset)
        self._open.setdefault(partition, deque()).append(entry)
        return entry.finish

    def committable(self) -> dict[P, int]:
        """What may be committed and was not: the next offset to read, by partition. It stays so until it is said to be
        `committed`: of a commit that came to nothing there may be no other after it.
        """
        for partition, entries in self._open.items():
            while entries and entries[0].done:
                self._owed[partition] = entries.popleft().next
        return dict(self._owed)

    def committed(self, offsets: Mapping[P, int]) -> None:
        """The brokers have these."""
        for partition, offset in offsets.items():
            if self._owed.get(partition) == offset:
                del self._owed[partition]

    def drop(self, partitions: Iterable[P]) -> None:
        """These are somebody else's now."""
        for partition in partitions:
            self._open.pop(partition, None)
            self._owed.pop(partition, None)
