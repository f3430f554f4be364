"""Which account is due when: a heap of deadlines, so that a tick costs what is due and not what exists."""

from collections.abc import Iterator
from heapq import heappop, heappush

NEVER = float("inf")


class Agenda:
    """The next deadline of every account that has one. An account that is put off keeps its early entry until that
    comes up.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._queued: dict[str, float] = {}  # earliest entry in the heap
        self._due: dict[str, float] = {}  # the deadline that holds

    def put(self, account_id: str, deadline: float) -> None:
        """Set the account's deadline, unix seconds; inf takes it off."""
        if deadline == NEVER:
            self._due.pop(account_id, None)
            return
        self._due[account_id] = deadline
        if deadline < self._queued.get(account_id, NEVER):
            self._queued[account_id] = deadline
            heappush(self._heap, (deadline, account_id))

    def due(self, until: float) -> Iterator[tuple[float, str]]:
        """Take off and give, in order of time, what is due by `until`; what is put meanwhile is given too when it
        is due.
        """
        heap, queued, holding = self._heap, self._queued, self._due
        while heap and heap[0][0] <= until:
            entry, account_id = heappop(heap)
            if queued.get(account_id) != entry:
                continue
            del queued[account_id]
            deadline = holding.get(account_id)
            if deadline is None:
                continue
            if deadline > entry:
                self.put(account_id, deadline)
                continue
            del holding[account_id]
            yield deadline, account_id
