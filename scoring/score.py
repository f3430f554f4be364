"""The health score of an account at a moment, as a sum that adds up."""

from typing import Any, NamedTuple

from scoring.account import Account
from scoring.cells.sums import number
from scoring.days import DAY, instant, iso
from scoring.metrics.metric import Values
from scoring.profile import Profile
from scoring.weighing import Weighed, Weighing

CONFIDENT_DAYS = 28
"""Days of acquaintance after which a score is as sure as its coverage: four of each weekday."""

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


class Override(NamedTuple):
    """A score or band set by hand, with its reason, until an instant (unix seconds)."""

    score: float | None
    band: str | None
    reason: str
    until: float


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
    """coverage * min(1, days known / 28), 0..1."""
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
                {**c._asdict(), "value": _rounded(c.value), "scaled": round(c.scaled, 2), "weight": round(c.weight, 4)}
                for c in self.contributions
            ],
            "missing": [{"metric": metric, "reason": reason} for metric, reason in self.missing],
            "override": None
            if self.override is None
            else {**self.override._asdict(), "until": iso(self.override.until)},
        }


def score(account: Account, profile: Profile, *, at: float, values: Values | None = None) -> Score:
    """The account's score at the instant `at` (unix seconds), from what has arrived so far; changes nothing.

    `values` are the metrics when they have been read already.
    """
    values = profile.reader(account, at) if values is None else values
    stage, segment = profile.stage(account), profile.segment(account)
    weighing = profile.weighing(stage, segment)
    weighed = weighing.weigh(values)
    override = active_override(account, weighing, at)
    published, band = publish(weighed, override)
    if published is not None and band is None:
        band = weighing.band(published, account.band)
    return Score(
        account.id, at, weighed.value, published, band, weighed.coverage, confidence(account, weighed.coverage, at),
        _contributions(weighing.parts(values), weighed, published, values, profile),
        {name[11:]: value for name, value in weighed.dimensions.items()},
        tuple((m, profile.missing(account, m)) for m, _ in weighing.metrics if f"metrics.{m}" not in values),
        stage, segment, profile.label, override,
    )  # fmt: skip


def publish(weighed: Weighed, override: Override | None) -> tuple[float | None, str | None]:
    """The published score (two decimals) and, when it was set by hand, the band."""
    if override is not None and override.score is not None:
        return override.score, override.band
    value = None if weighed.value is None else round(weighed.value, 2)
    return value, None if override is None else override.band


def confidence(account: Account, coverage: float, at: float) -> float:
    """How much to believe a score, 0..1."""
    return coverage * min(1.0, (at - account.first_arrival) / DAY / CONFIDENT_DAYS)


def active_override(account: Account, weighing: Weighing, at: float) -> Override | None:
    """The newest override, while its time is not over.

    One without an end, or with neither a score nor a known band, never holds.
    """
    if account.override is None:
        return None
    said = account.override[2]
    until, value = instant(said.get("until")), number(said.get("score"))
    band = said.get("band") if said.get("band") in [name for _, name in weighing.bands] else None
    if until is None or at >= until or (value is None and band is None):
        return None
    points = None if value is None else round(min(100.0, max(0.0, value)), 2)
    return Override(points, band, str(said.get("reason", "")), until)


def _contributions(
    parts: Any, weighed: Weighed, published: float | None, values: Values, profile: Profile
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


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
