"""What the changelog holds of an account: one write makes all of it durable together.

Eight bytes of epoch, big-endian so that they compare as bytes, then msgpack. The epoch is the offset in the changelog
of the claim that the writer made when the partition became its own. Later claims have larger offsets, so of two records
the one with the larger epoch was written by the later owner, whatever their order in the topic.
"""

from collections.abc import Iterable, MutableMapping
from typing import NamedTuple

import msgspec

from streams.dead_letter import shown

EPOCH_BYTES = 8

Records = MutableMapping[str, bytes]
"""Values of the changelog by account: a dict, or a shelf."""

NEVER_APPLIED = -1
"""In place of an offset, for a stream of which nothing was applied."""

CLAIM = b"\x00claim"
"""Key of the claim in a changelog partition. No account has it: ids hold no control characters."""

MADE_OF = b"\x00made-of"
"""Key of the ids of the topics that the records of a partition were made of; see Identity."""


class Stamp(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Which edition of the configuration something was done under."""

    digest: str = ""
    """Of its texts (see Texts); empty when that is not known."""

    position: int = -1
    """Its offset in the configuration topic; -1 for one that came from files."""


class Record(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An account as it is stored. What is added to it goes to the end, with a default: then older records are read."""

    signature: str
    """Of the layout that `packed` was written under (see scoring/layout.py)."""

    applied: tuple[int, ...]
    """Offset of the last message applied, by stream, in the order of the runtime's streams; NEVER_APPLIED for none."""

    at: float
    """Instant of the last advance, unix seconds."""

    deadline: float
    """When to advance it again though nothing arrives, unix seconds; inf when never."""

    outbox: tuple[bytes, ...]
    """Triggers that may not have been sent yet, as JSON. They are sent after this is durable, and again by the next
    owner when it can't tell.
    """

    packed: bytes
    """The record of the core (`Engine.pack`)."""

    stamp: Stamp = Stamp()
    """The edition that it was last advanced under, which its deadline comes from."""

    made: str = ""
    """The mark of the rebuilt records that it was made from; empty when it is the work of advances alone."""


class Marks(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a record says of its editions; the rest is passed over."""

    signature: msgspec.Raw
    applied: msgspec.Raw
    at: msgspec.Raw
    deadline: msgspec.Raw
    outbox: msgspec.Raw
    packed: msgspec.Raw
    stamp: Stamp = Stamp()
    made: str = ""


class RecordError(ValueError):
    """A value of the changelog that is no record."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)
_marks_decoder = msgspec.msgpack.Decoder(Marks)


def encode(record: Record, epoch: int) -> bytes:
    """The value of the changelog."""
    return epoch_bytes(epoch) + _encoder.encode(record)


def decode(value: bytes) -> Record:
    """The record of a value of the changelog.

    >>> record = Record("f00d", (7, NEVER_APPLIED), 1.0, float("inf"), (), b"packed")
    >>> decode(encode(record, 3)) == record
    True
    """
    try:
        return _decoder.decode(memoryview(value)[EPOCH_BYTES:])
    except msgspec.DecodeError as error:
        raise RecordError(f"no record of this version: {error}; it begins {shown('value', value)}") from None


def marks(value: bytes) -> Marks:
    """The marks of a value of the changelog, at a fraction of what `decode` costs."""
    try:
        return _marks_decoder.decode(memoryview(value)[EPOCH_BYTES:])
    except msgspec.DecodeError as error:
        raise RecordError(f"no record of this version: {error}; it begins {shown('value', value)}") from None


class Survey(NamedTuple):
    """What records say of their editions, all together."""

    newest: int
    """The largest position of an edition that one of them was advanced under; -1 when there is none."""

    made: frozenset[str]
    """The marks of what they were made from."""


def survey(values: Iterable[bytes]) -> Survey:
    """Of values of the changelog."""
    newest, made = -1, set[str]()
    for value in values:
        found = marks(value)
        newest = max(newest, found.stamp.position)
        made.add(found.made)
    return Survey(newest, frozenset(made))


def epoch_bytes(epoch: int) -> bytes:
    """An epoch as values begin with it, and as they are compared."""
    return epoch.to_bytes(EPOCH_BYTES, "big")


def epoch_of(value: bytes) -> bytes:
    """The epoch of a value of the changelog, to be compared with others of its partition."""
    return value[:EPOCH_BYTES]
