"""The health score of an account at a moment, as a sum that adds up."""

from typing import Any, NamedTuple

from scoring.account import Account
from scoring.days import iso
from scoring.metrics.metric import Values
from scoring.profile import Profile
from scoring.standing import Override, Standing, standing
from scoring.weighing import Part, Weighed

OVERRIDE = "override"
"""Name of the contribution that makes up the difference when somebody has set the score by hand."""


class Contribution(NamedTuple):
    """What one metric gives to the score.

    value: in the metric's unit (None for the override); scaled: 0..100; weight: its share of the score, 0..1, after the
    weight of missing metrics was redistributed; points: hundredths exact, all points of a score add up to it.
    """

    metric: str
    dimension: str
    value: float | None
    unit: str
    scaled: float
    weight: float
    points: float


class Score(NamedTuple):
    """A score, 0 (bad) to 100 (good), and why. `score` is None when nothing is known of the account."""

    account_id: str
    at: float
    value: float | None
    """Before rounding and override."""
    score: float | None
    """As published: two decimals."""
    band: str | None
    coverage: float
    """Share of the weight that is backed by fresh data, 0..1."""
    confidence: float
    """How much to believe the score, 0..1: coverage * min(1, days known / 28)."""
    contributions: tuple[Contribution, ...]
    dimensions: dict[str, float]
    missing: tuple[tuple[str, str], ...]
    """(metric, reason)"""
    stage: str
    segment: str
    profile: str
    override: Override | None

    def to_json(self) -> dict[str, Any]:
        """The score as it is published."""
        return {
            "account_id": self.account_id,
            "at": iso(self.at),
            "score": self.score,
            "scale": "0 (bad) to 100 (good)",
            "band": self.band,
            "coverage": round(self.coverage, 4),
            "confidence": round(self.confidence, 4),
            "stage": self.stage,
            "segment": self.segment,
            "profile": self.profile,
            "dimensions": {name: round(value, 2) for name, value in self.dimensions.items()},
            "contributions": [
                {
                    "metric": metric,
                    "dimension": dimension,
                    "value": None if value is None else round(value, 6),
                    "unit": unit,
                    "scaled": round(scaled, 2),
                    "weight": round(weight, 4),
                    "points": points,
                }
                for metric, dimension, value, unit, scaled, weight, points in self.contributions
            ],
            "missing": [{"metric": metric, "reason": reason} for metric, reason in self.missing],
            "override": None
            if self.override is None
            else {**self.override._asdict(), "until": iso(self.override.until)},
        }


def score(
    account: Account, profile: Profile, *, at: float, values: Values | None = None, stands: Standing | None = None
) -> Score:
    """The account's score at the instant `at` (unix seconds), from what has arrived so far; changes nothing.

    `values` are the metrics when they have been read already, and `stands` is what they come to.
    """
    values = profile.reader(account, at) if values is None else values
    stage, segment, weighing, weighed, override, published, band, confidence = stands or standing(
        account, profile, at, values
    )
    return Score(
        account.id, at, weighed.value, published, band, weighed.coverage, confidence,
        _contributions(weighing.parts(values), weighed, published, values, profile),
        {name[11:]: value for name, value in weighed.dimensions.items()},
        tuple([(m, profile.missing(account, m)) for m, _ in weighing.metrics if f"metrics.{m}" not in values]),
        stage, segment, profile.label, override,
    )  # fmt: skip


def _contributions(
    parts: list[Part], weighed: Weighed, published: float | None, values: Values, profile: Profile
) -> tuple[Contribution, ...]:
    """The parts in hundredths that add up to the published score exactly: what is left goes by largest remainders."""
    if weighed.value is None:
        return () if published is None else (Contribution(OVERRIDE, OVERRIDE, None, "points", 0.0, 0.0, published),)
    target = round(round(weighed.value, 2) * 100)
    exact = [part.points * 100 for part in parts]
    whole = [int(points) for points in exact]
    left = target - sum(whole)
    for index in sorted(range(len(parts)), key=lambda i: whole[i] - exact[i])[:left]:
        whole[index] += 1
    made = [
        Contribution(
            part.metric, part.dimension, values[f"metrics.{part.metric}"], profile.metric(part.metric).unit,
            part.scaled, part.weight, points / 100,
        )
        for part, points in zip(parts, whole, strict=True)
    ]  # fmt: skip
    by_hand = round((published or 0.0) * 100) - target
    if by_hand:
        made.append(Contribution(OVERRIDE, OVERRIDE, None, "points", 0.0, 0.0, by_hand / 100))
    return tuple(made)


def deltas(before: dict[str, Any], now: dict[str, Any]) -> dict[str, float]:
    """Points by which each metric moved the published score from one to the next; they add up to its change exactly.

    Both as `Score.to_json` gives them; a metric that is missing on one side counts 0 there.
    """
    hundredths: dict[str, int] = {}
    for published, sign in ((before, -1), (now, 1)):
        for contribution in published["contributions"]:
            name = contribution["metric"]
            hundredths[name] = hundredths.get(name, 0) + sign * round(contribution["points"] * 100)
    return {name: moved / 100 for name, moved in sorted(hundredths.items(), key=lambda item: item[1]) if moved}
