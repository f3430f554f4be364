"""The newest days of an account's usage, packed until somebody looks: figures of months do without."""

from array import array
from typing import Any

import msgspec

from scorecard.facets.bucket import Bucket

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

INTEGER_BITS = 64
"""The most that msgpack writes as a number; more bits are bytes."""


class Days:
    """Mutable; owned by its Usage. Packed, a person's hash and a role's name are there once, and not for every day."""

    __slots__ = ("_kept", "_packed")

    def __init__(self, packed: bytes = b"") -> None:
        self._packed = packed
        self._kept: dict[int, Bucket] | None = None if packed else {}

    @property
    def kept(self) -> dict[int, Bucket]:
        """By number; bits of a person are the features that they used."""
        if self._kept is None:
            self._kept = _unpacked(self._packed)
        return self._kept

    def pack(self) -> bytes:
        """What the constructor takes."""
        if self._kept is not None:
            self._packed = _packed(self._kept)
        return self._packed


def _packed(kept: dict[int, Bucket]) -> bytes:
    people = sorted({digest for bucket in kept.values() for digest in bucket.users})
    roles = sorted({role for bucket in kept.values() for role in bucket.roles})
    place, role_place = ({name: n for n, name in enumerate(names)} for names in (people, roles))
    days = {
        day: (
            bucket.events, _short(bucket.features), [role_place[role] for role in bucket.roles], bucket.level,
            {place[digest]: _short(bits) for digest, bits in bucket.users.items()},
        )
        for day, bucket in kept.items()
    }  # fmt: skip
    return _encode((array("Q", people).tobytes(), roles, days))


def _unpacked(packed: bytes) -> dict[int, Bucket]:
    digests, roles, days = _decode(packed)
    people = array("Q", digests)
    kept = {}
    for day, (events, features, of_roles, level, users) in days.items():
        bucket = kept[day] = Bucket()
        bucket.events, bucket.level, bucket.features = events, level, _long(features)
        bucket.roles = {roles[place]: 0 for place in of_roles}
        bucket.users = {people[place]: _long(bits) for place, bits in users.items()}
    return kept


def _short(bits: int) -> int | bytes:
    length = bits.bit_length()
    return bits if length <= INTEGER_BITS else bits.to_bytes((length + 7) // 8, "little")


def _long(bits: Any) -> int:
    return bits if isinstance(bits, int) else int.from_bytes(bits, "little")
