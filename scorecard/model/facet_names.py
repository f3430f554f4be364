"""Names of counts, each with a number: counts of an account and period are packed under these."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection, func, select

from scorecard.model.facet_tables import facet_names
from scorecard.model.upsert import among, portions

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[int]).decode


class Names:
    """Of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers: dict[str, int] = {}

    def learn(self, names: Iterable[str]) -> None:
        """Look numbers up; names that have none get one."""
        unknown = sorted({*names} - self._numbers.keys())
        for some in portions(unknown):
            query = select(facet_names.c.name, facet_names.c.id).where(
                among(self._connection, facet_names.c.name, some)
            )
            self._numbers |= dict(self._connection.execute(query).all())
        new = [name for name in unknown if name not in self._numbers]
        if new:
            first = (self._connection.execute(select(func.max(facet_names.c.id))).scalar() or 0) + 1
            given = {name: number for number, name in enumerate(new, first)}
            rows = [{"id": number, "name": name} for name, number in given.items()]
            self._connection.execute(facet_names.insert(), rows)
            self._numbers |= given

    def numbered(self, counts: Mapping[str, int]) -> dict[int, int]:
        """Counts of names that were learned, by their numbers."""
        return {self._numbers[name]: count for name, count in counts.items()}

    def pack(self, counts: Mapping[str, int]) -> bytes:
        """Of the same counts the same bytes, which `unpack` reads."""
        return _encode([part for pair in sorted(self.numbered(counts).items()) for part in pair])


def unpack(packed: bytes) -> dict[int, int]:
    """Counts by the numbers of their names."""
    flat = _decode(packed)
    return dict(zip(flat[::2], flat[1::2], strict=True))
