"""The accounts of a partition as they are held: the bytes of all, and those in use as objects."""

from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Sequence
from math import inf
from random import Random
from typing import NamedTuple

from scoring.account import Account
from streams.dead_letter import shown
from streams.kafka.edition import Edition
from streams.kafka.record import NEVER_APPLIED, Record, Records, Stamp, decode, encode
from streams.vocabulary import STREAMS


class RecordTooLargeError(ValueError):
    """A record does not fit into a message: writing on would lose it, so nothing after it may be committed."""


class Limits(NamedTuple):
    """Bounds of a partition's memory and messages."""

    live_max: int = 50_000
    """Accounts held as objects, beside the bytes of all: some 6 KB each."""

    message_bytes_max: int = 1_048_576


class Live:
    """An account as an object."""

    __slots__ = ("account", "applied", "at", "deadline", "made", "outbox", "stamp")

    def __init__(
        self, account: Account, applied: list[int], stamp: Stamp, made: str, at: float = 0.0, deadline: float = inf,
        outbox: Sequence[bytes] = (),
    ) -> None:  # fmt: skip
        self.account = account
        self.applied = applied
        self.stamp = stamp
        self.made = made
        self.at = at
        self.deadline = deadline
        self.outbox = list(outbox)


class Holding:
    """Gives an account as an object, and back as bytes."""

    def __init__(self, edition: Edition, epoch: int, records: Records, limits: Limits) -> None:
        """edition: that new accounts belong to; records: by account, see Restoration."""
        self._engine, self._stamp, self._made = edition.engine, edition.stamp, edition.mark
        self.records = records
        """What was last written of each account, or is being written."""
        self._epoch = epoch
        self._signature = edition.engine.profile.layout.signature
        self._limits = limits
        self._live: OrderedDict[str, Live] = OrderedDict()

    def get(self, account_id: str) -> Live:
        """The account; one of which nothing is known is new."""
        live = self._live.get(account_id)
        if live is not None:
            self._live.move_to_end(account_id)
            return live
        value = self.records.get(account_id)
        if value is None:
            live = Live(self._engine.account(account_id), [NEVER_APPLIED] * len(STREAMS), self._stamp, self._made)
        else:
            record = decode(value)
            account = self._engine.unpack(record.packed)
            applied, stamp, made = list(record.applied), record.stamp, record.made
            live = Live(account, applied, stamp, made, record.at, record.deadline, record.outbox)
        self._live[account_id] = live
        return live

    def in_use(self, account_id: str) -> Live | None:
        """The account where it is an object already."""
        return self._live.get(account_id)

    def value(self, account_id: str, *, outdated: bool) -> bytes:
        """Its record as the changelog must hold it; outdated: for whoever reads it back. RecordTooLargeError."""
        live = self.get(account_id)
        packed = self._engine.pack(live.account)
        stamp = Stamp(position=live.stamp.position) if outdated else live.stamp
        record = Record(
            self._signature, tuple(live.applied), live.at, live.deadline, tuple(live.outbox), packed, stamp, live.made
        )
        value = encode(record, self._epoch)
        if len(value) > self._limits.message_bytes_max:
            raise RecordTooLargeError(
                f"the record of account {shown('account', account_id)} has {len(value)} bytes, at most"
                f" {self._limits.message_bytes_max} fit into a message (message_bytes_max)"
            )
        return value

    def sample(self, count: int, seed: int) -> Iterator[Account]:
        """Accounts that are drawn by lot, as they were last written: the same of the same records, in whatever order
        they were read back.
        """
        drawn: Iterable[str] = self.records
        if len(self.records) > count:
            drawn = Random(seed).sample(sorted(self.records), count)
        for account_id in drawn:
            yield self._engine.unpack(decode(self.records[account_id]).packed)

    def adopt(self, edition: Edition) -> None:
        """Go on under another edition: what is there as objects belongs to the one before."""
        self._live.clear()
        self._engine, self._stamp, self._made = edition.engine, edition.stamp, edition.mark

    def trim(self, changed: Container[str]) -> None:
        """Let go of the objects that were not used for longest and differ in nothing from what was written."""
        surplus = len(self._live) - self._limits.live_max
        if surplus > 0:
            idle = [id_ for id_, live in self._live.items() if id_ not in changed and not live.outbox]
            for account_id in idle[:surplus]:
                del self._live[account_id]
