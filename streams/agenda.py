"""Which account is due when: deadlines in buckets of time, so that a tick costs what is due and not what exists."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

NEVER = float("inf")

BUCKET_S = 3_600.0
"""Deadlines of one hour lie together: only those of the hour that has come are kept in order."""

Entry = tuple[float, str]


class Agenda:
    """The next deadline of every account that has one. An account that is put off keeps its early entry until that
    comes up.
    """

    def __init__(self) -> None:
        self._now: list[Entry] = []  # a heap: what lies in the open bucket, or before it
        self._opened = -NEVER  # number of that bucket
        self._later: dict[float, list[Entry]] = {}  # by number of the bucket
        self._buckets: list[float] = []  # a heap: the numbers of those
        self._queued: dict[str, float] = {}  # earliest entry of each account
        self._due: dict[str, float] = {}  # the deadline that holds

    def put(self, account_id: str, deadline: float) -> None:
        """Set the account's deadline, unix seconds; inf takes it off."""
        if deadline == NEVER:
            self._due.pop(account_id, None)
            return
        self._due[account_id] = deadline
        if deadline < self._queued.get(account_id, NEVER):
            self._queued[account_id] = deadline
            self._enter((deadline, account_id))

    def due(self, until: float) -> Iterator[tuple[float, str]]:
        """Take off and give, in order of time, what is due by `until`; what is put meanwhile is given too when it
        is due.
        """
        queued, holding = self._queued, self._due
        while self._open(until):
            entry, account_id = heappop(self._now)
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

    def _enter(self, entry: Entry) -> None:
        bucket = entry[0] // BUCKET_S
        if bucket <= self._opened:
            heappush(self._now, entry)
            return
        entries = self._later.get(bucket)
        if entries is None:
            entries = self._later[bucket] = []
            heappush(self._buckets, bucket)
        entries.append(entry)

    def _open(self, until: float) -> bool:
        """Open buckets until an entry is found that is due; whether there is one."""
        while not self._now or self._now[0][0] > until:
            if not self._buckets or self._buckets[0] * BUCKET_S > until:
                return False
            self._opened = heappop(self._buckets)
            self._now += self._later.pop(self._opened)
            heapify(self._now)
        return True
