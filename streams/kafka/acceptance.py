"""Going on with input topics that were deleted and made anew: nothing of what they hold counts as applied.

For operators, while no worker runs. That a partition's records are of the new topics is written after everything else,
so whoever is interrupted may begin again, and workers refuse the partition until then.
"""

import asyncio
from collections.abc import Collection
from typing import NamedTuple

import msgspec
from kafka.errors import KafkaError

from streams.kafka import administration, identity
from streams.kafka.changelog import Changelog
from streams.kafka.publication import RefusedError
from streams.kafka.record import MADE_OF, NEVER_APPLIED, decode, encode
from streams.kafka.sender import Sender
from streams.kafka.settings import Settings
from streams.kafka.topics import INPUTS, RECORDS

PART_ACCOUNTS = 2_000
"""Written together: some megabytes."""


class Accepted(NamedTuple):
    """What was done about one partition of a topic."""

    topic: str
    partition: int
    accounts: int
    """Whose records have forgotten how far they had come in it."""


async def accept(settings: Settings, operator: str) -> list[Accepted]:
    """Have workers take all that stands in the topics that are not those which the records were made of. operator: a
    name of this process, for whoever reads the records' topic by hand. RefusedError while workers run.
    """
    running = await asyncio.to_thread(administration.members, settings)
    if running:
        raise RefusedError(
            f"group {settings.group} has {running} workers: stop them first (of one that was killed, the brokers know"
            f" within {settings.session_timeout_s:g} s)"
        )
    ids = await identity.Identity(settings)()
    sender = Sender(settings.connection(), message_bytes_max=settings.message_bytes_max)
    await sender.start()
    try:
        changelog = Changelog(settings.prefix + RECORDS, sender, settings.connection(), operator)
        return [
            one
            for number in range(settings.partitions)
            for one in await _accept(settings, changelog, number, ids)
        ]  # fmt: skip
    finally:
        await sender.stop()


async def _accept(settings: Settings, changelog: Changelog, number: int, ids: identity.Ids) -> list[Accepted]:
    epoch = await changelog.claim(number)
    restoration = (await changelog.restore({number: epoch}))[number]
    before = identity.decode(restoration.made_of)
    anew = [name for name, id_ in ids.items() if before.get(name, id_) != id_]
    if not anew:
        return []
    try:
        await asyncio.to_thread(administration.rewind, settings, anew, number)
    except KafkaError as error:
        raise RefusedError(f"group {settings.group} can't be sent to the beginning of {anew[0]}: {error!r}") from None
    streams = [index for index, topic in enumerate(INPUTS.values()) if settings.prefix + topic in anew]
    made = [(key.encode(), _forgetful(value, streams, epoch)) for key, value in restoration.records.items()]
    for start in range(0, len(made), PART_ACCOUNTS):
        await changelog.write(number, made[start : start + PART_ACCOUNTS])
    await changelog.write(number, [(MADE_OF, identity.encode(ids))])
    return [Accepted(name, number, len(made)) for name in anew]


def _forgetful(value: bytes, streams: Collection[int], epoch: int) -> bytes:
    """A record to which nothing of these streams was applied, by its offsets."""
    record = decode(value)
    applied = tuple(NEVER_APPLIED if n in streams else offset for n, offset in enumerate(record.applied))
    return encode(msgspec.structs.replace(record, applied=applied), epoch)
