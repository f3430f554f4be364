"""Where an account stands: its score and band at an instant, without the reasons."""

from typing import NamedTuple

from scoring.account import Account
from scoring.cells.sums import number
from scoring.days import DAY, instant
from scoring.metrics.metric import Values
from scoring.profile import Profile
from scoring.weighing import Weighed, Weighing

CONFIDENT_DAYS = 28
"""Days of acquaintance after which a score is as sure as its coverage: four of each weekday."""


class Override(NamedTuple):
    """A score or band set by hand, with its reason, until an instant (unix seconds)."""

    score: float | None
    band: str | None
    reason: str
    until: float


class Standing(NamedTuple):
    """How an account is weighed, and what comes of it."""

    stage: str
    segment: str
    weighing: Weighing
    weighed: Weighed
    override: Override | None
    score: float | None
    """As published: two decimals; None when nothing is known of the account."""
    band: str | None
    confidence: float
    """How much to believe the score, 0..1: coverage * min(1, days known / 28)."""


def standing(account: Account, profile: Profile, at: float, values: Values) -> Standing:
    """Where the account stands at the instant `at` (unix seconds), whose metrics are `values`; changes nothing."""
    stage, segment = profile.stage(account), profile.segment(account)
    weighing = profile.weighing(stage, segment)
    weighed = weighing.weigh(values)
    score = None if weighed.value is None else round(weighed.value, 2)
    band: str | None = None
    override = active_override(account, weighing, at) if account.override else None
    if override is not None:
        score, band = score if override.score is None else override.score, override.band
    if score is not None and band is None:
        band = weighing.band(score, account.band)
    sure = weighed.coverage * min(1.0, (at - account.first_arrival) / DAY / CONFIDENT_DAYS)
    return Standing(stage, segment, weighing, weighed, override, score, band, sure)


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
