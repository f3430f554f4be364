"""Which cohorts the accounts of a study are in, so that it is made of each cohort without another look at the books."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.sample import Label


class Column(NamedTuple):
    """A dimension of some rows: four bytes for each, however long the names of cohorts are."""

    places: NDArray[np.int32]
    """Of each row, in `values`."""
    values: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> "Column":
        """The value of each row.

        >>> Column.of(["smb", "enterprise", "smb"]).places.tolist()
        [0, 1, 0]
        """
        places: dict[str, int] = {}
        found = np.fromiter((places.setdefault(value, len(places)) for value in values), np.int32, len(values))
        return cls(found, tuple(places))


Membership = Mapping[str, Column]
"""By dimension; columns of the same rows."""


def groups(of: Membership, by: Sequence[str]) -> Iterator[tuple[Label, NDArray[np.bool_]]]:
    """Each cohort of the dimensions `by` (one at least), and which rows are in it: each row is in one.

    >>> of = {"segment": Column.of(["smb", "enterprise", "smb"])}
    >>> [(cohort, rows.tolist()) for cohort, rows in groups(of, ["segment"])]
    [(('smb',), [True, False, True]), (('enterprise',), [False, True, False])]
    """
    columns = [of[name] for name in by]
    found, group = np.unique(np.stack([one.places for one in columns]), axis=1, return_inverse=True)
    for number, places in enumerate(found.T):
        yield tuple(one.values[place] for one, place in zip(columns, places, strict=True)), group.ravel() == number
