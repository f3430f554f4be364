"""Accounts made of a partition's messages and of nothing else: no clock, no plays, nothing published."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from plays.engine import Engine
from scoring.account import Account
from scoring.event import Event
from scoring.subject import is_cohort
from streams.kafka.chunk import Chunk, decode_together
from streams.vocabulary import Vocabulary

SLICE_MESSAGES = 1_024
"""Messages folded before others get their turn: some ten milliseconds' work."""

LIVE_MAX = 20_000
"""Accounts held as objects, some 6 KB each; of the others there are the bytes."""


class Fold:
    """Owns the accounts while they are made. Messages are taken in order, each once."""

    def __init__(
        self,
        engine: Engine,
        vocabulary: Vocabulary,
        home: Callable[[str], bool],
        *,
        packed: dict[str, bytes] | None = None,
        live_max: int = LIVE_MAX,
    ) -> None:
        """home: whether an account belongs into this partition; packed: accounts to begin with."""
        self.messages = 0
        self.refused = 0
        """Messages that can't be read, or belong elsewhere: those of which workers make dead letters."""
        self._engine = engine
        self._vocabulary = vocabulary
        self._home = home
        self._live_max = live_max
        self._packed = {} if packed is None else packed
        self._live: OrderedDict[str, Account] = OrderedDict()

    def __iter__(self) -> Iterator[str]:
        """The accounts, each once."""
        yield from self._packed
        yield from [account_id for account_id in self._live if account_id not in self._packed]

    def __len__(self) -> int:
        return len(self._packed) + sum(account_id not in self._packed for account_id in self._live)

    def items(self) -> Iterator[tuple[str, bytes]]:
        """The accounts, with their records of the core."""
        for account_id in self:
            packed = self.packed(account_id)
            if packed is not None:
                yield account_id, packed

    def packed(self, account_id: str) -> bytes | None:
        """The record of the core; None when nothing is known of the account."""
        account = self._live.get(account_id)
        return self._packed.get(account_id) if account is None else self._engine.pack(account)

    def take(self, chunk: Chunk) -> Iterator[None]:
        """Fold a chunk in; gives way every few milliseconds."""
        for start in range(0, len(chunk.values), SLICE_MESSAGES):
            part = chunk.part(start, start + SLICE_MESSAGES)
            decoded = decode_together(part, self._vocabulary)
            self.messages += len(part.offsets)
            self.refused += len(decoded.dead)
            batches: dict[str, list[Event]] = {}
            for event in decoded.events:
                batches.setdefault(event.account_id, []).append(event)
            for account_id, events in batches.items():
                if self.belongs(account_id):
                    self.add(account_id, events)
                else:
                    self.refused += len(events)
            yield

    def add(self, account_id: str, events: Sequence[Event]) -> None:
        """Fold events of one account in; answers to a cohort's triggers concern none."""
        if not is_cohort(account_id):
            self._engine.fold(self._get(account_id), events)

    def belongs(self, account_id: str) -> bool:
        """Whether the account's messages count in this partition."""
        return account_id in self._live or account_id in self._packed or self._home(account_id)

    def _get(self, account_id: str) -> Account:
        account = self._live.get(account_id)
        if account is not None:
            self._live.move_to_end(account_id)
            return account
        packed = self._packed.get(account_id)
        account = self._engine.account(account_id) if packed is None else self._engine.unpack(packed)
        self._live[account_id] = account
        if len(self._live) > self._live_max:
            idle_id, idle = self._live.popitem(last=False)
            self._packed[idle_id] = self._engine.pack(idle)
        return account
