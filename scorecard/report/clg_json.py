"""The measurement of customer-led growth as JSON, with everything that one needs to judge it."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from scorecard.balance import MONEY, Balance
from scorecard.comparison import Comparison
from scorecard.lift import Lift
from scorecard.model.rows import Cohort
from scorecard.money import major
from scorecard.power import smallest_lift
from scorecard.report.attributed import Attributed
from scorecard.report.clg import Measurement
from scorecard.report.lifted import Part
from scorecard.report.line import figure_json
from scorecard.strata import Arm, Stratum
from scorecard.unit import Outcome

Json = dict[str, Any]

OUTCOMES = tuple(Outcome)


def measured(found: Measurement, currency: str) -> Json:
    """C3 to C5: both arms, the lifts, their balance and placebo, strata compared and left out, by programme."""
    study, (exposed, others) = found.whole.study, found.arms
    matching, weights = study.matching, study.weights_of()
    return {
        "period": found.period.label,
        "currency": currency,
        "exposed": _arm(exposed, currency),
        "others": _arm(others, currency),
        **_compared(found.whole, currency),
        "matched_on": list(matching.dimensions),
        "dropped": list(study.dropped),
        "unknown": list(study.unknown),
        "weights": study.weights.value,
        "seed": study.seed,
        "resamples": study.resamples,
        "compared": [
            {**_stratum(one, matching.dimensions, currency), "weight": float(weights[one.label])}
            for one in matching.strata
        ],
        "left_out": [
            {**_stratum(one, matching.dimensions, currency), "reason": one.reason} for one in matching.left_out
        ],
        "programmes": {
            name: {"left_out": len(one.study.matching.left_out), **_compared(one, currency)}
            for name, one in found.programmes.items()
        },
    }


def of_cohorts(found: Mapping[Cohort, Part], by: Sequence[str], currency: str) -> list[Json]:
    """C3 and C4 of each cohort of the dimensions `by`, with what one needs to judge its lifts."""
    return [
        {
            "cohort": dict(zip(by, values, strict=True)),
            "figures": [figure_json(figure, currency) for figure in part.figures.values()],
            "left_out": len(part.comparison.study.matching.left_out),
            **_compared(part.comparison, currency),
        }
        for values, part in sorted(found.items())
    ]


def _compared(found: Comparison, currency: str) -> Json:
    """What stands beside every lift."""
    study = found.study
    share = study.matching.share
    return {
        "lifts": {
            outcome.value: {**_lift(one), "says": found.conclusions[outcome].sentence}
            for outcome, one in study.lifts.items()
        },
        "caveats": list(found.conclusions[Outcome.NRR].caveats),
        "accounts": {"exposed": study.exposed_n, "others": study.control_n},
        "effective": {"exposed": study.exposed_effective, "others": study.control_effective},
        "crossed": study.crossed_n,
        "exposed_revenue_compared": None if share is None else float(share),
        "balance": [
            {"name": one.name, "exposed": _finite(mean(one, one.exposed, currency)),
             "control": _finite(mean(one, one.control, currency)),
             "before": _finite(one.before), "after": _finite(one.after), "balanced": one.balanced}
            for one in found.balances
        ],
        "placebo": {"says": found.placebo.passed.value, "accounts": found.placebo.n, **_lift(found.placebo.lift)},
    }  # fmt: skip


def _finite(value: float | None) -> float | None:
    """Of an arm with nobody in it there is no mean; JSON has no word for that but null."""
    return value if value is not None and isfinite(value) else None


def mean(of: Balance, value: float | None, currency: str) -> float | None:
    """A mean of a row of the balance; of an amount in major units."""
    if of.name not in MONEY or value is None or not isfinite(value):
        return value
    return float(major(round(value), currency))


def _lift(one: Lift) -> Json:
    interval = one.interval
    return {
        "value": one.value,
        "reason": one.reason,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "level": None if interval is None else interval.level,
        "smallest": None if interval is None else smallest_lift(interval),
        "no_interval": one.no_interval,
        "exposed_rate": one.exposed,
        "control_rate": one.control,
        "naive": one.naive,
    }


def _arm(arm: Arm, currency: str) -> Json:
    rates = {outcome.value: arm.rate(outcome) for outcome in OUTCOMES} if arm.n else {}
    return {
        "accounts": arm.n, "start": float(major(arm.start, currency)),
        **{name: None if rate is None else float(rate) for name, rate in rates.items()},
    }  # fmt: skip


def _stratum(one: Stratum, dimensions: tuple[str, ...], currency: str) -> Json:
    return {
        "stratum": dict(zip(dimensions, one.label, strict=True)), "exposed": _arm(one.exposed, currency),
        "others": _arm(one.control, currency),
    }  # fmt: skip


def attributed(found: Attributed, period: str, currency: str) -> Json:
    """C6: what each programme is credited with."""
    return {
        "period": period,
        "model": found.model.value,
        "currency": currency,
        "movements": found.movements if found.reason is None else None,
        "total": float(major(found.total, currency)) if found.reason is None else None,
        "reason": found.reason,
        "programmes": {name: float(major(cents, currency)) for name, cents in found.programmes.items()},
    }
