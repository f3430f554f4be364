"""A worker with a changelog and a sender that keep everything in memory: what happens in which order."""

import asyncio
import json
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from streams.kafka.around import Around, Rhythm
from streams.kafka.changelog import Changelog
from streams.kafka.durability import LATE_S, PART_ACCOUNTS
from streams.kafka.edition import Edition
from streams.kafka.partition import SLICE_ACCOUNTS, Partition
from streams.kafka.publication import Rebuilt
from streams.kafka.record import Records, decode
from streams.kafka.restoration import Restoration
from streams.kafka.sender import Sender, Sent
from streams.kafka.shelf import Shelf, Shelves
from streams.kafka.switching import Taken
from streams.kafka.worker import BETWEEN_S, TICK_ACCOUNTS, Worker
from streams.kafka.writer import Outlets, Outputs
from tests.streams.embedded.running import DAY, START
from tests.streams.embedded.sent import track
from tests.streams.kafka.test_edition import LOWER, SOONER, made, partition
from tests.streams.kafka.test_partition import apply, chunk, stored


class KeptSender(Sender):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, topic: str, partition: int, messages: Sequence[Sent]) -> list[range]:
        self.sent += [(topic, value) for _, value in messages]
        return [range(len(messages))]


class KeptChangelog(Changelog):
    """Gives back the records that it was made with."""

    def __init__(self, records: Mapping[int, dict[str, bytes]]) -> None:
        self._records = records
        self.keep: Callable[[], Records] = dict

    async def claim(self, partition: int) -> int:
        return 9

    async def restore(
        self, ends: Mapping[int, int], on_progress: Callable[[int, int], None] = lambda read, left: None
    ) -> dict[int, Restoration]:
        found = {number: Restoration(self.keep()) for number in ends}
        for number, restoration in found.items():
            restoration.records.update(self._records.get(number, {}))
        return found

    async def write(self, partition: int, messages: Sequence[tuple[bytes, bytes]]) -> set[str]:
        self._records[partition].update((key.decode(), value) for key, value in messages)
        return set()


class Made:
    """A worker, and what it sent."""

    def __init__(self, under: Edition, records: Mapping[int, dict[str, bytes]], **around: Any) -> None:
        self.sender = KeptSender()
        self.changelog = KeptChangelog(records)
        outlets = Outlets(self.changelog, self.sender, Outputs("health", "triggers", "dead"))
        home = {"home": lambda account_id: 3, "clock": lambda: START + 1.0}
        self.worker = Worker(under, outlets, Around(**{**home, **around}))

    @property
    def versions(self) -> list[str]:
        """Of the playbooks that triggers opened under."""
        return [json.loads(value)["playbookversion"] for topic, value in self.sender.sent if topic == "triggers"]


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20.0))


def accounts(count: int, under: Edition) -> dict[str, bytes]:
    """Records of accounts with two users each."""
    messages = [track(f"{n}.{user}", f"a{n}", user) for n in range(count) for user in range(2)]
    ours = apply(partition(under), chunk(messages))
    return stored(ours) | stored(ours)  # what was sent by the first is in no outbox of the second


def test_a_partition_is_taken_over_under_no_older_edition_than_it_had() -> None:
    asked: list[int] = []

    async def scenario() -> None:
        newer = made(LOWER, position=5)
        judged = asyncio.Event()

        async def heard(position: int) -> None:
            asked.append(position)
            await judged.wait()

        one = Made(made(position=4), {3: accounts(2, newer)}, heard=heard)
        assigning = asyncio.create_task(one.worker.assign([3]))
        await asyncio.sleep(0.05)
        assert (list(one.worker.partitions), one.worker.ready) == ([], False)
        await one.worker.adopt(newer)
        judged.set()
        await assigning
        await one.worker.tick()
        await one.worker.checkpoint()
        assert one.versions == []  # nobody was looked at under the older one, and nobody needs to be under this one

    run(scenario())
    assert asked == [5]


def test_an_edition_is_adopted_between_two_chunks_and_what_was_before_is_durable_first() -> None:
    async def scenario() -> None:
        records: dict[int, dict[str, bytes]] = {3: {}}
        one = Made(made(SOONER), records)
        await one.worker.assign([3])
        many = [track(f"{n}.{user}", f"a{n}", user) for n in range(100) for user in range(3)]
        taking = asyncio.create_task(one.worker.take(chunk(many), lambda: None))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # it is in the midst of it
        assert not taking.done()
        await one.worker.adopt(made(LOWER, position=1))
        assert taking.done()
        assert one.versions == ["test-3"] * 100
        assert len(records[3]) == 100

    run(scenario())


def test_after_a_change_what_is_looked_at_leaves_turns_to_others_and_all_are_looked_at_in_the_end() -> None:
    async def scenario() -> None:
        count = TICK_ACCOUNTS * 3
        one = Made(made(), {3: accounts(count, made()), 4: {}})
        await one.worker.assign([3, 4])
        await one.worker.adopt(made(LOWER, position=1))
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        beside = asyncio.create_task(others())
        while await one.worker.tick() == 0.0:
            pass
        beside.cancel()
        await one.worker.checkpoint()
        assert one.versions == ["test-2"] * count
        assert turns >= 3

    run(scenario())


def test_nobody_is_looked_at_while_a_partition_is_behind_and_none_waits_for_another() -> None:
    async def scenario() -> None:
        records = accounts(2, made())
        one = Made(made(LOWER), {3: dict(records), 4: dict(records)}, behind=lambda number: number == 3)
        await one.worker.assign([3, 4])
        await one.worker.tick()
        left: dict[int, Partition] = one.worker._partitions
        assert (left[3].outdated, left[4].outdated) == (2, 0)

    run(scenario())


def test_no_time_passes_for_whoever_may_be_in_a_chunk_that_came_and_is_not_applied_yet() -> None:
    async def scenario() -> None:
        now = START
        one = Made(made(), {3: {}}, clock=lambda: now)
        await one.worker.assign([3])
        count = 2 * SLICE_ACCOUNTS
        await one.worker.take(chunk([track(f"m{n}", f"a{n}") for n in range(count)], at=now), lambda: None)
        now += 11 * DAY
        heard = [track(f"n{n}", f"a{n}") for n in range(count)]
        taking = asyncio.create_task(one.worker.take(chunk(heard, first=count, at=now - 1.0), lambda: None))
        await asyncio.sleep(0)
        asked_again = set[float]()
        while not taking.done():
            asked_again.add(await one.worker.tick())
        assert BETWEEN_S in asked_again  # and not a second later, when the next chunk may be there
        await one.worker.checkpoint()
        assert one.versions == []
        now += 11 * DAY
        while await one.worker.tick() == 0.0:
            pass
        await one.worker.checkpoint()
        assert len(one.versions) == count

    run(scenario())


def test_while_the_sources_are_dark_nobody_is_advanced_by_time() -> None:
    async def scenario() -> None:
        one = Made(made(LOWER), {3: accounts(2, made())})
        one.worker.darken(True)
        await one.worker.assign([3])
        assert await one.worker.tick() == Rhythm().tick_s
        await one.worker.checkpoint()
        assert one.versions == []
        one.worker.darken(False)
        await one.worker.tick()
        await one.worker.checkpoint()
        assert one.versions == ["test-2"] * 2

    run(scenario())


def test_a_partition_that_catches_up_makes_all_durable_and_leaves_health_for_later() -> None:
    async def scenario() -> None:
        behind, records = True, {3: dict[str, bytes]()}
        one = Made(made(LOWER), records, behind=lambda _: behind, clock=lambda: START + LATE_S + 2.0)
        await one.worker.assign([3])
        published: list[int] = []

        async def take(number: int, *, publish: bool = False) -> None:
            await one.worker.take(chunk([track(f"m{number}", f"a{number}", 1)], first=number), lambda: None)
            await one.worker.checkpoint(publish=publish)
            published.append(sum(topic == "health" for topic, _ in one.sender.sent))

        await take(0)
        assert (published, list(records[3])) == ([0], ["a0"])
        await take(1, publish=True)  # as when it leaves
        assert published[-1] == 2
        await take(2)
        behind = False
        await one.worker.checkpoint()
        assert (published[-1], sum(topic == "health" for topic, _ in one.sender.sent)) == (2, 3)

    run(scenario())


def test_a_trigger_waits_for_nobodys_health_and_its_own_follows() -> None:
    async def scenario() -> None:
        one = Made(made(LOWER), {3: {}})
        await one.worker.assign([3])
        await one.worker.take(chunk([track(f"m{user}", "a0", user) for user in range(2)]), lambda: None)
        await one.worker.checkpoint(urgent=True)
        assert one.versions == ["test-2"]
        assert [topic for topic, _ in one.sender.sent] == ["triggers"]
        await one.worker.checkpoint()
        assert [topic for topic, _ in one.sender.sent] == ["triggers", "health"]

    run(scenario())


def test_a_trigger_that_comes_up_while_many_accounts_are_written_does_not_wait_for_the_last() -> None:
    async def scenario() -> None:
        one = Made(made(LOWER), {3: {}})
        await one.worker.assign([3])
        many = 4 * PART_ACCOUNTS
        await one.worker.take(chunk([track(f"m{number}", f"b{number}", 1) for number in range(many)]), lambda: None)
        send, late = one.sender.send, chunk([track(f"n{user}", "a0", user) for user in range(2)], first=many)

        async def sending(topic: str, partition: int, messages: Sequence[Sent]) -> list[range]:
            if topic == "health" and not one.sender.sent:
                await one.worker.take(late, lambda: None)
            return await send(topic, partition, messages)

        one.sender.send = sending  # type: ignore[method-assign]
        await one.worker.checkpoint()
        topics = [topic for topic, _ in one.sender.sent]
        assert 0 < topics.index("triggers") < many // 2 < topics.count("health")

    run(scenario())


class Unhurried(KeptSender):
    """Takes longer at times."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = Random(seed)

    async def send(self, topic: str, partition: int, messages: Sequence[Sent]) -> list[range]:
        for _ in range(self._dice.randrange(6)):
            await asyncio.sleep(0)
        return await super().send(topic, partition, messages)


NAMING = made(position=7)._replace(rebuilt=Rebuilt("again", (), ()))


def test_partitions_that_are_given_back_while_they_are_carried_over_are_not_ours_afterwards() -> None:
    async def scenario(seed: int) -> None:
        dice, written = Random(seed), list[int]()

        async def switch(taken: Taken, edition: Edition) -> None:
            for _ in range(dice.randrange(9)):
                await asyncio.sleep(0)
            if edition.rebuilt is not None:
                await taken.write(list(taken.records.items()))
                written.append(taken.number)

        many = [track(f"{n}.{user}", f"a{n}", user) for n in range(9) for user in range(3)]
        records = {number: stored(apply(partition(made()), chunk(many))) for number in range(2, 5)}
        one = Made(made(), records, switch=switch)
        one.worker._writer._sender = Unhurried(seed)
        await one.worker.assign([2, 3, 4])
        adopting = asyncio.create_task(one.worker.adopt(NAMING))
        for _ in range(dice.randrange(30)):
            await asyncio.sleep(0)
        await one.worker.revoke()
        await adopting
        assert list(one.worker.partitions) == []
        await one.worker.assign([3])
        assert list(one.worker.partitions) == [3]
        assert written[-1] == 3

    for seed in range(20):
        run(scenario(seed))


def test_a_partition_that_is_carried_over_goes_on_with_what_waited_to_be_sent() -> None:
    async def scenario() -> None:
        sent: list[tuple[int, int]] = []

        async def switch(taken: Taken, edition: Edition) -> None:
            if edition.rebuilt is not None:
                sent.append((taken.number, len(taken.records)))
                await taken.write([(account_id, value) for account_id, value in taken.records.items()])

        records: dict[int, dict[str, bytes]] = {3: {}}
        one = Made(made(), records, switch=switch)
        await one.worker.assign([3])
        await one.worker.take(chunk([track(n, "a", n) for n in range(3)] + [b"{"]), lambda: None)
        await one.worker.adopt(NAMING)
        await one.worker.checkpoint()
        assert sent == [(3, 1)]
        assert one.versions == ["test-1"]
        await one.worker.take(chunk([track("new", "b")], first=4), lambda: None)
        await one.worker.checkpoint()
        assert decode(records[3]["b"]).made == NAMING.mark

    run(scenario())


def test_messages_of_other_partitions_wait_for_one_that_is_carried_over_and_not_for_all() -> None:
    async def scenario() -> None:
        gates = {number: asyncio.Event() for number in (3, 4, 5)}
        begun = asyncio.Event()

        async def switch(taken: Taken, edition: Edition) -> None:
            if edition.rebuilt is not None:
                begun.set()
                await gates[taken.number].wait()
                await taken.write(list(taken.records.items()))

        records: dict[int, dict[str, bytes]] = {3: {}, 4: {}, 5: {}}
        one = Made(made(), records, switch=switch)
        await one.worker.assign(records)
        adopting = asyncio.create_task(one.worker.adopt(NAMING))
        await begun.wait()
        taking = asyncio.create_task(one.worker.take(chunk([track(n, "a", n) for n in range(3)]), lambda: None))
        await asyncio.sleep(0)
        gates[5].set()
        await taking
        assert not adopting.done()
        for gate in gates.values():
            gate.set()
        await adopting
        await one.worker.checkpoint()
        assert one.versions == ["test-1"]
        assert records[3].keys() == {"a"}

    run(scenario())


def test_records_on_a_disk_are_let_go_of_when_their_partition_is_given_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async def switch(taken: Taken, edition: Edition) -> None:
            await taken.write([(account_id, taken.records[account_id]) for account_id in taken.records])

        one, shelves, made_of = Made(made(), {3: accounts(5, made())}, switch=switch), Shelves(tmp_path), list[Any]()

        def keep() -> Shelf:
            shelf = shelves()
            made_of.append(weakref.ref(shelf))
            return shelf

        one.changelog.keep = keep
        await one.worker.assign([3])
        await one.worker.take(chunk([track("more", "a7")]), lambda: None)
        await one.worker.adopt(NAMING)
        assert sorted(made_of[0]()) == [*(f"a{n}" for n in range(5)), "a7"]
        await one.worker.revoke()
        await one.worker.assign([3])
        assert [shelf() is None for shelf in made_of] == [True, False]

    run(scenario())
