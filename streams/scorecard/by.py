"""Which dimensions cohorts may be asked by."""

from collections.abc import Sequence
from typing import NamedTuple

from scorecard.model.terms import PRODUCT
from scorecard.settings.file import ScorecardFile
from streams.scorecard.opening import terms


class Odd(NamedTuple):
    """A dimension that can't be asked by."""

    name: str
    allowed: str


def refused(names: Sequence[str], settings: ScorecardFile) -> Odd | None:
    """The first dimension that is not kept, or is named twice; None where all can be asked by."""
    kept = (PRODUCT, *terms(settings).dimensions)
    for place, name in enumerate(names):
        if name not in kept:
            return Odd(name, f"allowed: {', '.join(kept)}; scorecard.yaml can name more")
        if name in names[:place]:
            return Odd(name, f"named twice; allowed: each of {', '.join(kept)} once")
    return None
