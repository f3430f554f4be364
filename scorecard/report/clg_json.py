"""The measurement of customer-led growth as JSON, with everything that one needs to judge it."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from scorecard.balance import MONEY, Balance
from scorecard.lift import Lift, Study
from scorecard.model.rows import Cohort
from scorecard.money import major
from scorecard.report.clg import Attributed, Measurement
from scorecard.report.line import figure_json
from scorecard.report.source import Figures
from scorecard.strata import Arm, Stratum
from scorecard.unit import Outcome

Json = dict[str, Any]

OUTCOMES = tuple(Outcome)


def measured(found: Measurement, currency: str) -> Json:
    """C3 to C5: both arms, the lifts, their balance and placebo, strata compared and left out, by programme."""
    matching = found.study.matching
    return {
        "period": found.period.label,
        "currency": currency,
        "exposed": _arm(found.exposed, currency),
        "others": _arm(found.others, currency),
        "lifts": {
            outcome.value: {**_lift(one), "says": found.conclusions[outcome].sentence}
            for outcome, one in found.study.lifts.items()
        },
        "caveats": list(found.conclusions[Outcome.NRR].caveats),
        "matched_on": list(matching.dimensions),
        "dropped": list(found.study.dropped),
        "weights": found.study.weights.value,
        "seed": found.study.seed,
        "resamples": found.study.resamples,
        "exposed_revenue_compared": None if matching.share is None else float(matching.share),
        "compared": [
            {**_stratum(one, matching.dimensions, currency), "weight": float(found.study.weight(one))}
            for one in matching.strata
        ],
        "left_out": [
            {**_stratum(one, matching.dimensions, currency), "reason": one.reason} for one in matching.left_out
        ],
        "balance": [
            {"name": one.name, "exposed": _finite(mean(one, one.exposed, currency)),
             "control": _finite(mean(one, one.control, currency)),
             "before": _finite(one.before), "after": _finite(one.after), "balanced": one.balanced}
            for one in found.balances
        ],
        "placebo": {"says": found.placebo.passed.value, "accounts": found.placebo.n, **_lift(found.placebo.lift)},
        "programmes": {name: _programme(study) for name, study in found.programmes.items()},
    }  # fmt: skip


def of_cohorts(found: Mapping[Cohort, Figures], by: Sequence[str], currency: str) -> list[Json]:
    """C3 and C4 of each cohort of the dimensions `by`."""
    return [
        {
            "cohort": dict(zip(by, values, strict=True)),
            "figures": [figure_json(figure, currency) for figure in figures.values()],
        }
        for values, figures in sorted(found.items())
    ]


def _finite(value: float | None) -> float | None:
    """Of an arm with nobody in it there is no mean; JSON has no word for that but null."""
    return value if value is not None and isfinite(value) else None


def _programme(study: Study) -> Json:
    return {
        "exposed": study.exposed_n, "others": study.control_n,
        **{outcome.value: _lift(one) for outcome, one in study.lifts.items()},
    }  # fmt: skip


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
