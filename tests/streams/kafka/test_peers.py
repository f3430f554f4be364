"""A worker holds the accounts that its profile ranks against their segment."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from streams.configuration import Texts, read
from streams.kafka.edition import Edition, edition
from streams.kafka.publication import Rebuilt
from streams.kafka.record import Stamp
from streams.kafka.switching import Taken
from tests.streams.embedded.sent import Message, track
from tests.streams.kafka.test_edition import partition
from tests.streams.kafka.test_partition import apply, chunk, stored
from tests.streams.kafka.test_worker import Made, run
from tests.streams.test_reference import PROFILE

ACCOUNTS = 20


def ranking(profile: str = PROFILE) -> Edition:
    """Of a profile whose score is the rank by users, a share of the peers as percent."""
    return edition(read(Texts((profile, "profile.yaml"), ('version: "1"\nplays: {}\n', "plays.yaml"), None)), 0)


def users(accounts: Sequence[int], *, again: str = "") -> list[Message]:
    """Account n has n users."""
    return [track(f"{again}{n}.{user}", f"a{n}", user) for n in accounts for user in range(n)]


def test_ranks_are_among_the_workers_accounts_from_its_first_tick_on_and_under_another_edition_too() -> None:
    everybody = range(1, ACCOUNTS + 1)

    async def scenario() -> None:
        one = Made(ranking(), {3: {}})

        def published() -> dict[str, float | None]:
            health = [json.loads(value) for topic, value in one.sender.sent if topic == "health"]
            one.sender.sent.clear()
            return {score["account_id"]: score["score"] for score in health}

        await one.worker.assign([3])
        await one.worker.take(chunk(users(everybody)), lambda: None)
        await one.worker.checkpoint()
        assert {*published().values()} <= {None}  # nobody is there yet to be held against
        await one.worker.tick()
        await one.worker.take(chunk(users(everybody, again="more"), first=1_000), lambda: None)
        await one.worker.checkpoint()
        ranks = {f"a{n}": (n - 0.5) / ACCOUNTS * 100 for n in everybody}
        assert published() == pytest.approx(ranks)
        await one.worker.adopt(ranking()._replace(stamp=Stamp("other", 1)))
        await one.worker.tick()
        await one.worker.checkpoint()
        assert published() == pytest.approx(ranks)

    run(scenario())


def test_a_worker_that_begins_again_ranks_whoever_comes_first_among_those_that_it_found() -> None:
    everybody = range(1, ACCOUNTS + 1)

    async def scenario() -> None:
        records: dict[int, dict[str, bytes]] = {3: {}}
        one = Made(ranking(), records)
        await one.worker.assign([3])
        await one.worker.take(chunk(users(everybody)), lambda: None)
        await one.worker.tick()  # nothing is written yet that anybody could be held against
        await one.worker.checkpoint()
        other = Made(ranking(), records)
        for each in one, other:
            each.sender.sent.clear()
        await other.worker.assign([3])
        for each in one, other:
            await each.worker.take(chunk(users([5], again="more"), first=1_000), lambda: None)
            await each.worker.checkpoint()
            scores = [json.loads(value)["score"] for topic, value in each.sender.sent if topic == "health"]
            assert scores == pytest.approx([(5 - 0.5) / ACCOUNTS * 100])

    run(scenario())


COUNTING = """metrics:
  days: {kind: active_days, stream: usage, window: 28d, unit: days, owner: CS, review: monthly}
"""


def test_while_partitions_go_on_from_rebuilt_records_those_that_did_not_are_not_read_as_if_they_had() -> None:
    wider = ranking(PROFILE.replace("metrics:\n", COUNTING))
    rebuilt = ranking()._replace(rebuilt=Rebuilt("again", (), ()), stamp=Stamp("other", 1))

    async def scenario() -> None:
        begun, looked = asyncio.Event(), asyncio.Event()

        async def switch(taken: Taken, edition: Edition) -> None:
            if edition.rebuilt is not None:
                begun.set()
                await looked.wait()
                taken.records.clear()
                taken.records.update(stored(apply(partition(ranking()), chunk(users(range(1, ACCOUNTS))))))

        records = {number: stored(apply(partition(wider), chunk(users(range(1, ACCOUNTS))))) for number in (3, 4)}
        one = Made(wider, records, switch=switch)
        await one.worker.assign([3, 4])
        adopting = asyncio.create_task(one.worker.adopt(rebuilt))
        await begun.wait()
        await one.worker.tick()
        looked.set()
        await adopting
        await one.worker.tick()
        await one.worker.checkpoint()
        scores = [json.loads(value)["score"] for topic, value in one.sender.sent if topic == "health"]
        assert len(scores) == 2 * (ACCOUNTS - 1)
        assert None not in scores

    run(scenario())
