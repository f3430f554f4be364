"""A namespace: records rebuilt beside the live ones, in a topic of their own, until the workers go on from them.

Its topic is like the workers' changelog: claims, and records with the claim's epoch. The last record of a partition is
its manifest, which says that all others are there. A seal is a claim by whoever has the workers go on from it: after
one, nobody builds there any more, so what a switch names stays what it was.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from kafka import KafkaProducer

from streams.kafka.administration import unreachable
from streams.kafka.identity import Ids, input_ids
from streams.kafka.publication import Publication, Rebuilt, RefusedError
from streams.kafka.reading import messages
from streams.kafka.record import CLAIM, EPOCH_BYTES, epoch_bytes, epoch_of
from streams.kafka.settings import Settings
from streams.kafka.topics import namespace

MANIFEST = "\x00manifest"
"""Key of the manifest. No account has it: ids hold no control characters."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

TAIL = 200
"""Newest messages of a partition among which its manifest is, if it has one: after it there are only claims."""

ACKNOWLEDGED_S_MAX = 60.0

SEAL = msgspec.json.encode({"sealed": True})


class Manifest(msgspec.Struct, frozen=True):
    """What the records of one partition were made of. Offsets by stream."""

    publication: Publication
    """The configuration: by its layout and vocabulary they were made, and with its plays they are gone on from."""

    signature: str
    """Of the layout."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """The first message, and the first after the last."""

    accounts: int
    since: float | None = None
    """The instant from which on messages were read, unix seconds; None for all that there were."""

    made_of: Mapping[str, str] = {}
    """Ids of the input topics, by name, as they were before they were read; none where that is not known."""


class Contents(NamedTuple):
    """What is in a partition of a namespace."""

    manifest: Manifest | None = None
    """None when nobody has come to the end of building it, or when somebody else has begun since."""

    sealed: bool = False


class _Claim(msgspec.Struct):
    sealed: bool = False


def encode(manifest: Manifest, epoch: int) -> tuple[bytes, bytes]:
    """The last record of a partition: key and value."""
    return MANIFEST.encode(), epoch_bytes(epoch) + msgspec.json.encode(manifest)


def decode(value: bytes) -> Manifest:
    """The manifest; RefusedError when it is none of this version."""
    try:
        return msgspec.json.decode(value[EPOCH_BYTES:], type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise RefusedError(f"the namespace has a manifest that is none of this version: {error}") from None


def name_problem(name: str) -> str | None:
    """Why a namespace can't be called so; None when it can."""
    if NAME.fullmatch(name):
        return None
    return (
        f"namespace {name!r}: at most 64 letters, digits, dots, dashes and underscores, beginning with one of the first"
    )


def contents(settings: Settings, name: str, ends: Sequence[int] | None = None) -> list[Contents]:
    """What is in a namespace, by partition; nothing in any of them when there is no such namespace. ends: of the parts
    that count; all of it by default.
    """
    found = [Contents()] * settings.partitions
    newest = [epoch_bytes(0)] * settings.partitions
    for message in messages(settings, namespace(settings, name).name, last=TAIL):
        number = message.partition
        if number >= settings.partitions or message.value is None or (ends and message.offset >= ends[number]):
            continue
        if message.key == CLAIM:
            if msgspec.json.decode(message.value, type=_Claim).sealed:
                found[number] = found[number]._replace(sealed=True)
            else:
                newest[number] = epoch_bytes(message.offset)
                found[number] = found[number]._replace(manifest=None)
        elif message.key == MANIFEST.encode() and epoch_of(message.value) >= newest[number]:
            found[number] = found[number]._replace(manifest=decode(message.value))
    return found


def manifests(settings: Settings, name: str, ends: Sequence[int] | None = None) -> list[Manifest]:
    """The manifests of a namespace that is complete, by partition; RefusedError when it is not. ends: as above."""
    problem = name_problem(name)
    if problem:
        raise RefusedError(problem)
    found = [one.manifest for one in contents(settings, name, ends)]
    whole = [one for one in found if one is not None]
    if not whole:
        raise RefusedError(f"there is no namespace {name!r}, or nothing in it is complete")
    if len(whole) < len(found):
        lacking = ", ".join(str(number) for number, one in enumerate(found) if one is None)
        raise RefusedError(f"namespace {name!r} is not complete: partition {lacking} is missing; rebuild it again")
    return whole


def refuse_remade(name: str, manifest: Manifest, now: Ids) -> None:
    """RefusedError when a namespace was made of other topics than those of now, whose offsets begin again."""
    for topic, id_ in manifest.made_of.items():
        if now.get(topic, id_) != id_:
            raise RefusedError(
                f"namespace {name!r} was rebuilt from {topic} before that was deleted and made anew: its id was {id_},"
                f" and is {now[topic]}; rebuild again, under another name"
            )


def check(settings: Settings, rebuilt: Rebuilt, signature: str) -> None:
    """RefusedError when the workers can't go on from it under a layout of this signature."""
    if (len(rebuilt.seals), len(rebuilt.ends)) != (settings.partitions, settings.partitions):
        raise RefusedError(
            f"namespace {rebuilt.namespace!r} is not of the {settings.partitions} partitions of the topics"
        )
    found = manifests(settings, rebuilt.namespace, rebuilt.seals)
    if any(one.signature != signature for one in found):
        raise RefusedError(f"namespace {rebuilt.namespace!r} was built under a profile that counts other things")
    if tuple(one.ends for one in found) != rebuilt.ends:
        raise RefusedError(f"namespace {rebuilt.namespace!r} was built up to other messages than the switch says")
    _refuse_all_remade(settings, rebuilt.namespace, found)


def seal(settings: Settings, name: str) -> Rebuilt:
    """Have nobody build there any more; what the workers are to go on from. RefusedError when it is not complete."""
    _refuse_all_remade(settings, name, manifests(settings, name))
    topic = namespace(settings, name).name
    with unreachable(settings):
        producer = KafkaProducer(**settings.connection(), acks="all", enable_idempotence=True)
        try:
            sent = [producer.send(topic, key=CLAIM, value=SEAL, partition=n) for n in range(settings.partitions)]
            seals = tuple(int(one.get(timeout=ACKNOWLEDGED_S_MAX).offset) for one in sent)
        finally:
            producer.close()
    found = manifests(settings, name, seals)  # somebody may have begun before the seal
    return Rebuilt(name, seals, tuple(one.ends for one in found))


def _refuse_all_remade(settings: Settings, name: str, found: Sequence[Manifest]) -> None:
    now = input_ids(settings)
    for manifest in found:
        refuse_remade(name, manifest, now)
