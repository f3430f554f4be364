"""However often the records are rebuilt and gone on from - under a profile that counts other things, with owners that
die in the midst of it, are replaced, or do not know that they were - every event counts once, and every trigger exists
once, and is one that would be there without it.
"""

from collections.abc import Sequence
from contextlib import suppress
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from plays.engine import Engine
from scoring.profile import load_profile
from streams.kafka.chunk import Chunk
from streams.kafka.edition import Edition
from streams.kafka.fold import Fold
from streams.kafka.partition import Partition
from streams.kafka.publication import Rebuilt
from streams.kafka.record import Records, Stamp
from streams.kafka.switch import Switch
from streams.vocabulary import STREAMS
from tests.laws.test_partition_laws import ACCOUNTS, SPARING, STEPS, Broker, Killed, Owner, World, home, live
from tests.streams.embedded.running import VOCABULARY, engine
from tests.streams.kafka.test_switch import WIDER

COUNTS_MORE = Engine(
    load_profile(WIDER.replace("[signed_in]", "[report_opened]"), file=""),
    engine().playbook, publishing=False,
)  # fmt: skip


class Namespaces(Broker):
    """A broker with the namespaces that were rebuilt."""

    def __init__(self) -> None:
        super().__init__()
        self.namespaces: dict[str, dict[str, bytes]] = {}

    def rebuild(self, dice: Random) -> None:
        """Rebuild from the messages up to some point, and have everybody go on from that."""
        ends = [len(self.events[stream]) - dice.choice([0, 0, dice.randrange(9)]) for stream in STREAMS]
        ends = [max(0, end) for end in ends]
        core, number = dice.choice([SPARING, COUNTS_MORE]), len(self.namespaces)
        fold = Fold(core, VOCABULARY, home, live_max=3)
        messages = [
            (at, stream, offset, value)
            for stream, end in zip(STREAMS, ends, strict=True)
            for offset, (at, value) in enumerate(self.events[stream][:end])
        ]
        for at, stream, offset, value in sorted(messages):
            for _ in fold.take(Chunk(stream, 0, stream, [offset], [at], [value])):
                pass
        rebuilt = Rebuilt(f"n{number}", (0,), (tuple(ends),))
        self.namespaces[rebuilt.mark] = dict(fold.items())
        self.edition = Edition(core, VOCABULARY, Stamp(f"e{number}", number), rebuilt)


class Switcher(Owner):
    """An owner that goes on from rebuilt records: when it hears of them, and when it takes over."""

    broker: Namespaces

    def opened(self, epoch: int, records: Records) -> Partition:
        self.switch(epoch, records, Random(epoch))
        return super().opened(epoch, records)

    def hear(self, dice: Random, steps: float = float("inf")) -> None:
        """Of what was published last."""
        if self.edition.stamp == self.broker.edition.stamp:
            return
        committed = dict(self.broker.committed)
        self.write(dice)
        if dice.random() < 0.5:  # the commit may come later
            self.broker.committed = committed
        self.edition, before = self.broker.edition, self.partition
        records = before.records()
        self.switch(before.epoch, records, dice, steps)
        self.partition = super().opened(before.epoch, records)
        self.partition.dead = before.dead

    def switch(self, epoch: int, records: Records, dice: Random, steps: float = float("inf")) -> None:
        """Killed after so many records."""
        rebuilt, events = self.edition.rebuilt, self.broker.events
        if rebuilt is None:
            return
        packed = dict(self.broker.namespaces[rebuilt.mark])
        fold = Fold(self.edition.engine, VOCABULARY, home, packed=packed, live_max=3)
        committed = [self.broker.committed[stream] for stream in STREAMS]
        switch = Switch(self.edition, records, fold, rebuilt.ends[0], committed)
        for stream, wanted in zip(STREAMS, switch.ranges, strict=True):
            for start in range(wanted.start, wanted.stop, 5):
                offsets = range(start, min(start + 5, wanted.stop))
                there = [events[stream][offset] for offset in offsets]
                chunk = Chunk(stream, 0, stream, offsets, [at for at, _ in there], [value for _, value in there])
                for _ in switch.take(chunk):
                    pass
        for account_id, value in switch.records(epoch):
            if steps <= 0:
                raise Killed
            steps -= 1
            self.broker.changelog.append((account_id.encode(), value))
            records[account_id] = value


class Rebuilding(World):
    """A world in which records are rebuilt."""

    broker: Namespaces
    owner: Switcher
    zombies: Sequence[Switcher]  # type: ignore[assignment]

    def drain(self, dice: Random) -> None:
        self.owner.hear(dice)
        super().drain(dice)


def happens(world: Rebuilding, dice: Random) -> None:
    """Something about rebuilding."""
    kind = dice.random()
    if kind < 0.2:
        world.broker.rebuild(dice)
    elif kind < 0.5:
        world.owner.hear(dice)
    elif kind < 0.9:
        with suppress(Killed):
            world.owner.hear(dice, steps=dice.randrange(ACCOUNTS))
        world.replace(zombie=False)
    else:
        for zombie in world.zombies:
            zombie.hear(dice)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 40))
def test_whoever_goes_on_from_rebuilt_records_counts_every_event_once_and_fires_nothing_twice(
    seed: int, rounds: int
) -> None:
    dice = Random(seed)
    world = Rebuilding(Switcher, Namespaces)
    for _ in range(rounds):
        live(world, dice, dice.choice(range(1, 6)), drained=False)
        happens(world, dice)
    live(world, dice, 2 * len(STEPS))  # what a switch did wrong, the next one would mend
    assert world.differences() == []
