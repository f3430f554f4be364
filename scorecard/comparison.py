"""A lift with everything that one needs to judge it: how alike the arms are, what the placebo says, and in words."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard.balance import Balance, balance
from scorecard.lift import Drawing, Study, compare
from scorecard.panel import Panel
from scorecard.placebo import Placebo, placebo
from scorecard.unit import Outcome
from scorecard.wording import Conclusion, conclude


class Comparison(NamedTuple):
    """Of everybody, of a cohort, or of a programme: the same for each."""

    study: Study
    balances: Sequence[Balance]
    placebo: Placebo
    conclusions: Mapping[Outcome, Conclusion]

    @classmethod
    def of(
        cls, panel: Panel, dimensions: Sequence[str], drawing: Drawing, share_min: Fraction = Fraction(0),
        reason: str | None = None,
    ) -> "Comparison":  # fmt: skip
        """See `lift.compare`. The placebo is matched on what the study is. reason: why there is nothing to compare."""
        found = compare(panel, dimensions, drawing, share_min)
        found = found if reason is None else found.without(reason)
        balances = balance(panel, found)
        tested = placebo(panel, found.matching.dimensions, drawing)
        said = {outcome: conclude(one, found, balances, tested) for outcome, one in found.lifts.items()}
        return cls(found, balances, tested, said)


def programmes(panel: Panel) -> Iterator[tuple[str, Panel]]:
    """C5: of each programme, by name, those exposed to it and those exposed to none.

    Who was in several programmes counts for each of them, so that their lifts don't add up.
    """
    exposed = panel.exposed
    for programme in panel.named():
        yield programme, panel.part(~exposed | panel.exposed_to(programme))
