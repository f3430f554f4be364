"""One partition's accounts: what Kafka's messages and passing time do to them, and what must be written because of it.

Pure but for the memory it holds: it is given messages and instants, and gives back what is to be sent. Who owns it
sends, waits until the broker has it, and says so.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from scoring.account import Account
from scoring.event import Event
from scoring.score import Score
from scoring.subject import is_cohort
from streams.agenda import Agenda
from streams.dead_letter import DeadLetter
from streams.kafka.checkpoint import Checkpoint, Message
from streams.kafka.chunk import Chunk, decode_each, misplaced
from streams.kafka.edition import Edition, OtherLayoutError
from streams.kafka.grouped import grouped, newest
from streams.kafka.holding import Holding, Limits, Live
from streams.kafka.record import NEVER_APPLIED, Record, Records, Stamp, decode
from streams.vocabulary import STREAMS

SLICE_ACCOUNTS = 32
"""Accounts advanced before others get their turn on the event loop: about ten milliseconds' work."""

DEADLINE_MIN_S = 1.0
"""An advance never asks to be repeated sooner: a tick must not go round in circles."""

_json = msgspec.json.Encoder()


class Partition:
    """Owns the accounts of one partition from the moment at which its worker's claim was taken."""

    def __init__(
        self,
        edition: Edition,
        *,
        epoch: int,
        home: Callable[[str], bool] = lambda account_id: True,
        records: Records | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
    ) -> None:
        """home: whether an account belongs into this partition; records: see Restoration."""
        self.epoch = epoch
        self.dead: list[DeadLetter] = []
        """What was refused since somebody last took it."""
        self.refused = 0
        """How much was refused in all."""
        self.newest = edition.stamp.position
        """Position of the newest edition that any of the accounts was advanced under."""
        self.arrived = 0.0
        """When the newest message that was applied arrived, unix seconds; 0 when none was."""
        self._engine, self._vocabulary, self._stamp, _ = edition
        self._home = home
        self._signature = self._engine.profile.layout.signature
        self._dark = False
        self._outdated: list[str] = []  # accounts to be looked at under this edition; some may have been meanwhile
        self._held: dict[str, None] = {}  # advanced in the dark
        self._agenda = Agenda()
        self._health: dict[str, Score] = {}
        self._dirty: dict[str, None] = {}
        self._urgent: dict[str, None] = {}
        self._unpublished: dict[str, None] = {}  # written since their health was published
        self._fence = [NEVER_APPLIED] * len(STREAMS)  # by stream; up to here an account may have what is read again
        self._holding = Holding(edition, epoch, {} if records is None else records, limits)
        for account_id, value in self._holding.records.items():
            self._restore(account_id, decode(value))

    def _restore(self, account_id: str, record: Record) -> None:
        if record.signature != self._signature:
            raise OtherLayoutError(
                f"the record of {account_id!r} was written under a profile that keeps other things of an account"
                f" ({record.signature}, this one: {self._signature}); rebuild the records from the events' topics"
            )
        self._agenda.put(account_id, record.deadline)
        self.newest = max(self.newest, record.stamp.position)
        if record.stamp.digest != self._stamp.digest:
            self._outdated.append(account_id)
        self._fence = list(map(max, self._fence, record.applied))
        if record.outbox:
            self._urgent[account_id] = None

    def __len__(self) -> int:
        """Accounts that are known."""
        return len(self._holding.records) + sum(account_id not in self._holding.records for account_id in self._dirty)

    @property
    def stamp(self) -> Stamp:
        """Of the edition that it is under."""
        return self._stamp

    @property
    def recorded(self) -> int:
        """Accounts of which a record was written, those that a sample is drawn of."""
        return len(self._holding.records)

    @property
    def urgent(self) -> bool:
        """Whether a trigger waits to be sent."""
        return bool(self._urgent)

    @property
    def changed(self) -> int:
        """Accounts that differ from what was last written of them."""
        return len(self._dirty)

    @property
    def unpublished(self) -> int:
        """Accounts that were written without publishing their health."""
        return len(self._unpublished)

    @property
    def outdated(self) -> int:
        """Accounts, at most, that were not yet looked at under this edition."""
        return len(self._outdated)

    def records(self) -> Records:
        """What the changelog must hold of all accounts, as they are now: no copy, but what is held."""
        self._settle()
        return self._holding.records

    def account(self, account_id: str) -> Account | None:
        """The account as it is now; None when nothing is known of it."""
        known = account_id in self._holding.records or self._holding.in_use(account_id) is not None
        return self._holding.get(account_id).account if known else None

    def sample(self, count: int, seed: int) -> Iterator[Account]:
        """Accounts that are drawn by lot; see Holding."""
        return self._holding.sample(count, seed)

    # --- what happens -------------------------------------------------------------------------------------------------

    def take(self, chunk: Chunk) -> Iterator[None]:
        """Apply a chunk; gives way every few milliseconds. All of it was applied when the iterator ends."""
        stream, last = STREAMS.index(chunk.stream), chunk.offsets[-1]
        batches: dict[str, list[Event]] | None = None
        if chunk.offsets[0] > self._fence[stream]:
            found = yield from grouped(chunk, self._vocabulary, self._holding.records, self._home)
            if found is not None:
                batches = found.batches
                self._refuse(found.dead)
        if batches is None:
            batches = self._each(chunk, stream)
        self._fence[stream] = max(self._fence[stream], last)  # it may be handed to us once more
        while batches:
            for _ in range(min(SLICE_ACCOUNTS, len(batches))):
                account_id, events = batches.popitem()  # what was just looked at is let go of at the least cost
                live = self._holding.get(account_id)
                self._advance(live, events, newest(events))
                live.applied[stream] = last
            yield
        self.arrived = max(self.arrived, chunk.arrivals[-1])

    def _each(self, chunk: Chunk, stream: int) -> dict[str, list[Event]]:
        """The same message by message, without those that an account has already and those that belong elsewhere."""
        batches: dict[str, list[Event]] = {}
        for index, event, letter in decode_each(chunk, self._vocabulary):
            if letter is not None:
                self._refuse([letter])
            if event is None:
                continue
            account_id = event.account_id
            if account_id not in self._holding.records and not self._home(account_id):
                self._refuse([misplaced(chunk, index, account_id)])
                continue
            if not is_cohort(account_id) and chunk.offsets[index] > self._holding.get(account_id).applied[stream]:
                batches.setdefault(account_id, []).append(event)
        return batches

    def _refuse(self, letters: Sequence[DeadLetter]) -> None:
        self.dead += letters
        self.refused += len(letters)

    def tick(self, now: float, limit: int) -> int:
        """Advance accounts that are due at `now` (unix seconds), and then those that are outdated, at most `limit`; how
        many there were.
        """
        due = [account_id for _, account_id in islice(self._agenda.due(now), limit)]
        for account_id in due:
            self._advance(self._holding.get(account_id), (), now)
        count = len(due)
        while count < limit and self._outdated:
            live = self._holding.get(self._outdated.pop())
            if live.stamp.digest != self._stamp.digest:
                self._advance(live, (), now)
            count += 1
        return count

    def adopt(self, edition: Edition) -> None:
        """Go on under another edition, whose profile keeps the same of an account. All accounts are outdated then:
        what is there of them as objects belongs to the edition before.
        """
        engine, vocabulary, stamp, _ = edition
        if stamp == self._stamp:
            return
        if engine.profile.layout.signature != self._signature:
            raise OtherLayoutError(
                f"profile {engine.profile.label} keeps other things of an account than {self._engine.profile.label}"
            )
        self._settle()
        self._holding.adopt(edition)
        if stamp.digest != self._stamp.digest:
            self._outdated = list(self._holding.records)
            self._unpublished.clear()  # whoever is outdated is published anew
        self._engine, self._vocabulary, self._stamp = engine, vocabulary, stamp

    def darken(self, dark: bool, now: float) -> None:
        """Say whether the sources are known to be silent themselves, so nobody's silence means anything. When that is
        over, those who moved meanwhile are due at `now`, since what held their plays is gone.
        """
        self._dark = dark
        if not dark:
            for account_id in self._held:
                self._agenda.put(account_id, now)
            self._held.clear()

    def _advance(self, live: Live, events: Sequence[Event], now: float) -> None:
        account, now = live.account, max(now, live.at)
        anew = live.stamp.digest != self._stamp.digest
        effects = self._engine.advance(account, events, now, dark=self._dark, anew=anew)
        live.stamp = self._stamp
        if self._dark:
            self._held[account.id] = None
        live.at = now
        live.deadline = max(effects.deadline, now + DEADLINE_MIN_S)
        self._agenda.put(account.id, live.deadline)
        self._dirty[account.id] = None
        score = self._engine.score(account, now) if anew and effects.score is None else effects.score
        if score is not None:  # one that is the same is published anew, since it is another profile's now
            self._health[account.id] = score
        if effects.triggers:
            live.outbox += [_json.encode(trigger) for trigger in effects.triggers]
            self._urgent[account.id] = None

    def rewrite(self, account_ids: Iterable[str]) -> None:
        """Write these again, and what was published of them, since somebody without the right to wrote over them."""
        for account_id in account_ids:
            if account_id in self._holding.records:
                live = self._holding.get(account_id)
                self._dirty[account_id] = None
                self._health.setdefault(account_id, self._engine.score(live.account, live.at))

    # --- what is written ----------------------------------------------------------------------------------------------

    def pending(self, *, publish: bool = True) -> list[str]:
        """The accounts of which something must be sent before all that happened is durable; with `publish`, also those
        whose health was left for later.
        """
        return list(self._dirty | self._urgent | self._unpublished if publish else self._dirty | self._urgent)

    def checkpoint(
        self, account_ids: Iterable[str] | None = None, *, urgent: bool = False, publish: bool = True
    ) -> Checkpoint:
        """What must be sent of these accounts, by default of all that are pending; with `urgent`, of those with a
        trigger that waits. Without `publish`, health is left for later. One at a time: `written` before the next.
        """
        if account_ids is None:
            account_ids = list(self._urgent) if urgent else self.pending(publish=publish)
        health, records, triggers = list[Message](), list[Message](), list[Message]()
        for account_id in account_ids:
            score = self._published(account_id) if publish else None
            if not publish and self._holding.get(account_id).stamp.digest == self._stamp.digest:
                self._unpublished[account_id] = None  # one that is outdated is published when it is looked at
            value = self._holding.records[account_id] = self._value(account_id)
            self._dirty.pop(account_id, None)
            self._urgent.pop(account_id, None)
            if score is not None:
                health.append((account_id, _json.encode(score.to_json())))
            records.append((account_id, value))
            live = self._holding.in_use(account_id)
            triggers += [(account_id, trigger) for trigger in (live.outbox if live is not None else ())]
        return Checkpoint(health, records, triggers)

    def written(self, checkpoint: Checkpoint) -> None:
        """The broker has all of it. What was sent leaves the outbox, with the next checkpoint: it is not urgent."""
        for account_id, trigger in checkpoint.triggers:
            self._holding.get(account_id).outbox.remove(trigger)
            self._dirty[account_id] = None
        self._holding.trim(self._dirty)

    def _published(self, account_id: str) -> Score | None:
        """The score to publish with a checkpoint. A sparing engine is asked for it here, once for all that happened
        since the last one.
        """
        score = self._health.pop(account_id, None)
        if account_id in self._unpublished:
            del self._unpublished[account_id]
            self._holding.get(account_id).stamp = self._stamp  # if it was let go of meanwhile, its bytes have none
        if not self._engine.sparing:
            return score
        live = self._holding.get(account_id)
        newer, again = self._engine.publish(live.account, live.at)
        if again < live.deadline:
            live.deadline = max(again, live.at + DEADLINE_MIN_S)
            self._agenda.put(account_id, live.deadline)
        return newer or score

    def _settle(self) -> None:
        """Have the records say what the changelog does not hold yet."""
        for account_id in self._dirty:
            self._holding.records[account_id] = self._value(account_id)

    def _value(self, account_id: str) -> bytes:
        # one that is outdated for whoever reads it back is published then, if we are no more
        return self._holding.value(account_id, outdated=account_id in self._unpublished)
