"""The records of a partition made anew from rebuilt ones, with what was published of them as it was.

The rebuilt records hold every message of the partition before `ends`; a live record holds those of its account up to
its `applied`, and all before `committed`. Whichever is ahead, nothing is lost between them: what the live record has
and the rebuilt one has not is folded in, without a word; what the rebuilt one has ahead of the live one is applied
with it, but for what people say of plays in it, which moves the episodes now.

Pure: it is given the messages between, and gives back records.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import structs

from scoring.event import Event
from scoring.parts import bare, parts, succeeded
from streams.kafka.chunk import Chunk
from streams.kafka.edition import Edition
from streams.kafka.fold import Fold
from streams.kafka.placed import placed
from streams.kafka.record import NEVER_APPLIED, Record, Stamp, decode, encode, marks
from streams.vocabulary import STREAMS

SLICE_MESSAGES = 1_024
"""Messages taken before others get their turn."""

NEVER = float("inf")


class Switch:
    """Of one partition, to one edition."""

    def __init__(
        self, edition: Edition, live: Mapping[str, bytes], fold: Fold, ends: Sequence[int], committed: Sequence[int]
    ) -> None:
        """live: the records, as the changelog has them; those that were made from the edition's namespace stay as they
        are. fold: the rebuilt accounts; ends, committed: by stream, see above.
        """
        self._engine, self._vocabulary = edition.engine, edition.vocabulary
        self._position, self._mark = edition.stamp.position, edition.mark
        self._signature = edition.engine.profile.layout.signature
        self._fold = fold
        self._ends, self._committed = tuple(ends), tuple(committed)
        self._before: dict[str, Record] = {}
        self._through = set[str]()  # those that were switched before
        for account_id, value in live.items():
            if marks(value).made == self._mark:
                self._through.add(account_id)
            else:
                self._before[account_id] = decode(value)
        self._ahead: dict[str, list[Event]] = {}

    @property
    def ranges(self) -> list[range]:
        """By stream, the offsets that lie between what is live and what was rebuilt."""
        reached = [1 + max((r.applied[s] for r in self._before.values()), default=-1) for s in range(len(STREAMS))]
        return [
            range(min(end, committed), max(end, committed, until))
            for end, committed, until in zip(self._ends, self._committed, reached, strict=True)
        ]

    @property
    def ahead(self) -> Collection[str]:
        """Accounts of which the rebuilt records hold what the live ones have yet to apply."""
        return self._ahead.keys()

    def take(self, chunk: Chunk) -> Iterator[None]:
        """Take messages of the ranges; gives way every few milliseconds."""
        stream = STREAMS.index(chunk.stream)
        end = self._ends[stream]
        for start in range(0, len(chunk.values), SLICE_MESSAGES):
            behind: dict[str, list[Event]] = {}
            for offset, event in placed(chunk.part(start, start + SLICE_MESSAGES), self._vocabulary):
                account_id = event.account_id
                if account_id in self._through or not self._fold.belongs(account_id):
                    continue
                applied = offset <= self._applied(account_id, stream)
                if applied and offset >= end:
                    behind.setdefault(account_id, []).append(event)
                elif not applied and offset < end:
                    self._ahead.setdefault(account_id, []).append(event)
            for account_id, events in behind.items():
                self._fold.add(account_id, events)
            yield

    def records(self, epoch: int) -> Iterator[tuple[str, bytes]]:
        """The records as they go on, of all accounts that were not switched before; epoch: of who writes them. Those
        without a live record come first: as long as one is left that has one, the partition is not through.
        """
        for account_id in (*self._anew(), *self._before):
            yield account_id, encode(self._record(account_id), epoch)

    def first(self, epoch: int) -> list[tuple[str, bytes]]:
        """What is to be written before `records`: where nobody has a live record, as when their topic was lost, the
        last one as made from nothing, so that here, too, one is left as long as the partition is not through.
        """
        anew = [] if self._before else self._anew()
        return [(id_, encode(structs.replace(self._record(id_), made=""), epoch)) for id_ in anew[-1:]]

    def _anew(self) -> list[str]:
        """The accounts without a live record."""
        return [id_ for id_ in self._fold if id_ not in self._before and id_ not in self._through]

    def _applied(self, account_id: str, stream: int) -> int:
        """The offset up to which the live record has the account's messages of a stream."""
        before = self._before.get(account_id)
        return max(NEVER_APPLIED if before is None else before.applied[stream], self._committed[stream] - 1)

    def _record(self, account_id: str) -> Record:
        before = self._before.get(account_id)
        rebuilt = self._fold.packed(account_id)
        packed = self._engine.pack(self._engine.account(account_id)) if rebuilt is None else rebuilt
        applied = tuple(max(self._applied(account_id, stream), end - 1) for stream, end in enumerate(self._ends))
        # without a digest it is outdated: it is looked at under the edition, and published anew
        stamp = Stamp(position=self._position)
        if before is None:
            at = parts(packed).last_arrival
            return Record(self._signature, applied, at, NEVER, (), packed, stamp, self._mark)
        packed = succeeded(self._heard(account_id, before), packed)
        at = max(before.at, parts(packed).last_arrival)
        return Record(self._signature, applied, at, before.deadline, before.outbox, packed, stamp, self._mark)

    def _heard(self, account_id: str, before: Record) -> bytes:
        """The live record, after what people have said of its plays in the messages ahead of it."""
        ahead = self._ahead.get(account_id)
        if ahead is None:
            return before.packed
        layout = self._engine.profile.layout
        account = self._engine.unpack(bare(before.packed, len(layout.cells)))
        heard: list[Event] = []
        account.observe(ahead, layout, heard)
        for event in heard:
            at = max(before.at, event.arrived)
            self._engine.playbook.feedback(account_id, account.episodes, event.name, event.properties, at)
        return self._engine.pack(account)
