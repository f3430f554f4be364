"""A property of many rows: each value once, and of each row four bytes, however long the values are."""

from collections.abc import Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", bound=Hashable)


class Column(NamedTuple, Generic[Value]):
    """The value of each row. Frozen, its arrays too: what changes is another column."""

    places: NDArray[np.int32]
    """Of each row, in `values`."""
    values: tuple[Value, ...]
    """Each once; rows that went may leave values that no row has."""

    @classmethod
    def of(cls, values: Sequence[Value]) -> "Column[Value]":
        """The value of each row.

        >>> Column.of(["smb", "enterprise", "smb"]).places.tolist()
        [0, 1, 0]
        """
        places: dict[Value, int] = {}
        found = np.fromiter((places.setdefault(value, len(places)) for value in values), np.int32, len(values))
        return cls(found, tuple(places))

    @classmethod
    def joined(cls, parts: Sequence["Column[Value]"]) -> "Column[Value]":
        """The rows of one after those of the other.

        >>> Column.joined([Column.of(["a", "b"]), Column.of(["b", "c"])]).places.tolist()
        [0, 1, 1, 2]
        """
        places: dict[Value, int] = {}
        rows = []
        for part in parts:
            to = np.array([places.setdefault(value, len(places)) for value in part.values], np.int32)
            rows.append(to[part.places])
        return cls(np.concatenate(rows) if rows else np.empty(0, np.int32), tuple(places))

    def at(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Column[Value]":
        """Some of the rows."""
        return self._replace(places=self.places[rows])

    def seen(self) -> list[Value]:
        """The values that rows have."""
        return [self.values[place] for place in np.unique(self.places)]
