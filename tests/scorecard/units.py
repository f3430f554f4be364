"""Units of studies, out of columns and into them."""

from collections.abc import Sequence

import numpy as np

from scorecard.panel import Panel
from scorecard.sample import Sample
from scorecard.unit import Unit


def units(panel: Panel) -> list[Unit]:
    """The rows of a panel, as it was made of them: with the dimension START, which it adds."""
    return [
        Unit(
            int(number),
            tuple(panel.amounts[row].tolist()),
            {name: column.values[column.places[row]] for name, column in panel.strata.items()},
            panel.programmes.values[panel.programmes.places[row]],
            bool(panel.crossed[row]),
            {name: float(column[row]) for name, column in panel.covariates.items() if not np.isnan(column[row])},
            tuple(panel.before[row].tolist()) if panel.before[row, 0] else None,
            {name: column.values[column.places[row]] for name, column in panel.membership.items()},
        )
        for row, number in enumerate(panel.numbers)
    ]


def sample(rows: Sequence[Unit], dimensions: Sequence[str]) -> Sample:
    """Units by some of their dimensions."""
    return Panel.of(rows).sample(dimensions)
