"""What may be said of a lift, in words that claim no more than the design allows.

Accounts that take part in programmes chose to, or were chosen. Matching makes them comparable in what is known, and in
nothing else: so an observed lift goes with exposure, and is not called its work. Only where exposure was given by lot
(a play's holdout) does the word "effect" fall.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from scorecard.balance import SMD_MAX, Balance
from scorecard.lift import Lift, Study
from scorecard.placebo import Passed, Placebo
from scorecard.power import POWER, smallest_lift
from scorecard.strata import SHARE_MIN


class Design(StrEnum):
    """How accounts came to be exposed."""

    OBSERVED = "observed"
    RANDOMISED = "randomised"


class Strength(StrEnum):
    """How much may be said."""

    NOTHING = "nothing"
    NOT_SEEN = "no_difference_seen"
    DOUBTFUL = "difference_in_doubt"
    """A difference, and a reason to think that it was there before."""
    ASSOCIATED = "associated"
    EFFECT = "effect"


class Conclusion(NamedTuple):
    """A lift in words."""

    strength: Strength
    sentence: str
    caveats: tuple[str, ...]


def conclude(
    lift: Lift,
    study: Study,
    balances: Sequence[Balance],
    placebo: Placebo | None,
    design: Design = Design.OBSERVED,
) -> Conclusion:
    """What the study lets us say of one of its lifts. `placebo` None: none was made."""
    caveats = tuple(_caveats(study, balances, placebo))
    name = lift.outcome.upper() if lift.outcome in {"nrr", "grr"} else lift.outcome
    if lift.value is None or lift.interval is None:
        return Conclusion(
            Strength.NOTHING, f"Nothing can be said of {name}: {lift.reason or lift.no_interval}.", caveats
        )
    interval = lift.interval
    measured = (
        f"{_points(lift.value)} ({interval.level:.0%} interval {_points(interval.low)} to {_points(interval.high)})"
    )
    if not lift.seen:
        could = (
            f"a difference of {100 * smallest_lift(interval):.1f} points would have been seen in {POWER:.0%} of cases"
        )
        sentence = f"No difference in {name} was seen between exposed and comparable accounts: {measured}; {could}."
        return Conclusion(Strength.NOT_SEEN, sentence, caveats)
    if design is Design.RANDOMISED:
        return Conclusion(Strength.EFFECT, f"The effect on {name} of exposure given by lot is {measured}.", caveats)
    sentence = f"{name} of exposed accounts differed from that of comparable accounts by {measured}"
    if (placebo is not None and placebo.passed is Passed.NO) or any(row.broken for row in balances):
        return Conclusion(Strength.DOUBTFUL, f"{sentence}, but the arms were not alike to begin with.", caveats)
    said = "exposure goes with the difference, which does not show that it made it"
    return Conclusion(Strength.ASSOCIATED, f"{sentence}: {said}.", caveats)


def _caveats(study: Study, balances: Sequence[Balance], placebo: Placebo | None) -> list[str]:
    caveats = []
    share = study.matching.share
    if share is not None and share < SHARE_MIN:
        caveats.append(
            f"only {float(share):.0%} of the exposed revenue has comparable accounts: the lift is of that part"
        )
    if study.dropped:
        caveats.append(f"not matched on {', '.join(study.dropped)}: with it too few accounts would be comparable")
    if study.unknown:
        caveats.append(f"not matched on {', '.join(study.unknown)}: known of no account from before the period")
    if study.matching.left_out:
        caveats.append(f"{len(study.matching.left_out)} strata could not be compared; they are listed")
    unlike = [row.name for row in balances if row.after is not None and not row.balanced]
    if unlike:
        caveats.append(
            f"after matching the arms still differ (beyond {SMD_MAX:g} standard deviations) in {', '.join(unlike)}"
        )
    if placebo is None or placebo.passed is Passed.UNKNOWN:
        why = "" if placebo is None else f": {placebo.lift.reason or placebo.lift.no_interval}"
        caveats.append(f"whether the arms were alike before exposure could not be tested{why}")
    elif placebo.passed is Passed.NO and placebo.lift.value is not None:
        caveats.append(f"the arms already differed by {_points(placebo.lift.value)} before exposure")
    if study.crossed_n:
        caveats.append(f"{study.crossed_n} accounts counted as not exposed were touched inside the period")
    return caveats


def _points(ratio: float) -> str:
    """With its sign.

    >>> _points(0.0582)
    '+5.8 points'
    """
    return f"{100 * ratio:+.1f} points"
