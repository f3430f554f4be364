"""Which cohorts the accounts of a study are in, so that it is made of each cohort without another look at the books."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scorecard.column import Column
from scorecard.sample import Label

Membership = Mapping[str, Column[str]]
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
