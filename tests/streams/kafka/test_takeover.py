"""What a worker does with partitions before they are its own."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

import pytest

from streams.kafka.identity import Ids, RemadeTopicError, decode, encode
from streams.kafka.record import CLAIM, MADE_OF
from streams.kafka.restoration import Restoration
from streams.kafka.takeover import PROGRESS_S, Claimed, Takeover
from streams.kafka.telemetry import Telemetry
from tests.streams.kafka.test_worker import KeptChangelog

OURS = {"usage-events": "a", "cs-events": "b"}


class Told(KeptChangelog):
    """Says of what its records were made, and tells of each tenth of them that was read."""

    def __init__(self, made_of: bytes = b"") -> None:
        super().__init__({3: {}, 4: {}})
        self._made_of = made_of
        self.written: list[tuple[int, bytes, Ids]] = []

    async def restore(
        self, ends: Mapping[int, int], on_progress: Callable[[int, int], None] = lambda read, left: None
    ) -> dict[int, Restoration]:
        found = await super().restore(ends)
        for part in range(1, 11):
            on_progress(part * 100, 1_000 - part * 100)
        for one in found.values():
            one.made_of = self._made_of
        return found

    async def write(self, partition: int, messages: Sequence[tuple[bytes, bytes]]) -> set[str]:
        self.written += [(partition, key, decode(value)) for key, value in messages]
        return {"acme"}


def taken(changelog: Told, ids: Ids, seconds: Iterator[float] | None = None) -> dict[int, Claimed]:
    async def asked() -> Ids:
        return ids

    clock = count() if seconds is None else seconds
    return asyncio.run(Takeover(changelog, asked, Telemetry(), lambda: next(clock))([3, 4]))


def test_records_that_say_nothing_of_topics_are_of_those_of_now() -> None:
    changelog = Told()
    claimed = taken(changelog, OURS)
    assert changelog.written == [(3, MADE_OF, OURS), (4, MADE_OF, OURS)]
    assert [one.displaced for one in claimed.values()] == [{"acme"}, {"acme"}]  # written over meanwhile


def test_records_that_say_so_already_are_not_written_to() -> None:
    changelog = Told(encode(OURS))
    taken(changelog, OURS)
    assert changelog.written == []


def test_records_of_a_topic_that_was_made_anew_are_refused_and_stay_what_they_were() -> None:
    changelog = Told(encode(OURS))
    with pytest.raises(RemadeTopicError, match=r"cs-events was deleted and made anew: its id is c, .* made of b"):
        taken(changelog, {**OURS, "cs-events": "c"})
    assert changelog.written == []


def test_the_topics_ids_are_asked_for_while_the_records_are_read() -> None:
    async def scenario() -> None:
        answered = asyncio.Event()

        class Reading(Told):
            async def restore(
                self, ends: Mapping[int, int], on_progress: Callable[[int, int], None] = lambda read, left: None
            ) -> dict[int, Restoration]:
                await answered.wait()
                return await super().restore(ends, on_progress)

        async def asked() -> Ids:
            answered.set()
            return OURS

        await asyncio.wait_for(Takeover(Reading(), asked, Telemetry())([3, 4]), 5.0)

    asyncio.run(scenario())


def test_a_changelog_says_of_what_its_records_are_made_and_counts_no_account_for_it() -> None:
    read = Restoration()
    read.take(0, CLAIM, b"{}")
    read.take(1, MADE_OF, encode(OURS))
    assert (decode(read.made_of), read.records, decode(Restoration().made_of)) == (OURS, {}, {})


def test_how_far_it_is_is_told_every_few_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "streams.kafka.takeover")
    taken(Told(), OURS, (n * PROGRESS_S / 4 for n in count()))
    assert caplog.messages == [
        "restoring: 400 messages read, 600 left", "restoring: 800 messages read, 200 left",
    ]  # fmt: skip
