"""C7: retention figures from other teams' reports, held against the one formula.

A figure agrees when it is ours as far as it is printed: "112.4%" agrees with anything from 112.35 % to 112.45 %. Of one
that does not, every common way to compute it differently is tried on the same book; those that give the reported figure
are named, the likeliest first. That is a hint where to look, and no proof: a figure printed coarsely fits several.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from scorecard.figure import Figure
from scorecard.variants import FORMULAS, Evidence, Variant, variants
from scoring.storable import ALLOWED, is_storable

RATIO_MAX = 5
"""A figure beyond, without a percent sign, may be one in percent: refused, and not guessed."""

METRICS = {
    "r1": "R1", "logo_retention": "R1", "logo retention": "R1",
    "r2": "R2", "grr": "R2", "r3": "R3", "nrr": "R3", "ndr": "R3",
}  # fmt: skip
"""What reports call them."""


class Reported(NamedTuple):
    """A figure as it was handed in."""

    source: str
    """Whose report."""
    metric: str
    """R1, R2 or R3."""
    period: str
    cohort: str
    """"segment=smb"; empty for the whole."""
    text: str
    """As printed."""
    value: Fraction
    tolerance: Fraction
    """Half a unit of the last digit that is printed."""

    @classmethod
    def read(cls, source: str, metric: str, period: str, text: str, cohort: str = "") -> "Reported":
        """ValueError, which names field, value and what is allowed, for what can't be read without guessing.

        >>> one = Reported.read("Finance", "NRR", "2026-Q3", "112.4%")
        >>> one.metric, float(one.value), float(one.tolerance)
        ('R3', 1.124, 0.0005)
        """
        for name, said in (("source", source), ("cohort", cohort)):
            if not is_storable(said):
                raise ValueError(f"{name} {said!r}: {ALLOWED}")
        known = METRICS.get(metric.strip().lower())
        if known is None:
            raise ValueError(f"metric {metric!r}: one of {', '.join(sorted(METRICS))}")
        found = re.fullmatch(r"([+-]?[0-9]{1,9}(?:\.([0-9]{1,9}))?) ?(%?)", text.strip())
        if found is None:
            raise ValueError(f"value {text!r}: a ratio such as 1.124, or a percentage such as 112.4%")
        scale = 100 if found[3] else 1
        value = Fraction(Decimal(found[1])) / scale
        if not found[3] and abs(value) > RATIO_MAX:
            raise ValueError(
                f"value {text!r}: beyond {RATIO_MAX} as a ratio; write {text.strip()}% if it is a percentage"
            )
        tolerance = Fraction(1, 2 * 10 ** len(found[2] or "")) / scale
        return cls(source.strip(), known, period.strip(), cohort.strip(), text.strip(), value, tolerance)

    def fits(self, value: Fraction) -> bool:
        """Whether the value would be printed so; either way of rounding a half."""
        return abs(value - self.value) <= self.tolerance


class Finding(NamedTuple):
    """One reported figure, judged."""

    reported: Reported
    ours: Figure | None
    """None where the cohort is not known here, or the period has not begun."""
    agrees: bool | None
    """None where there is nothing to compare it with: `reason` says why."""
    difference: Fraction | None
    """Reported - ours."""
    causes: tuple[Variant, ...]
    """Ways to compute it that give the reported figure, the likeliest first."""
    nearest: Variant | None
    """Where none does: the one that comes nearest."""
    reason: str | None

    @property
    def sentence(self) -> str:
        """What to tell the report's owner."""
        if self.agrees is None:
            return f"can't be compared: {self.reason}"
        if self.agrees:
            return "agrees"
        assert self.difference is not None
        off = f"{float(100 * self.difference):+.2f} points off"
        if self.causes:
            first, *others = self.causes
            more = f" (or {len(others)} other ways that give the same)" if others else ""
            return f"{off}; likeliest: it {first.explanation}{more}"
        near = (
            f"; nearest: it {self.nearest.explanation} ({float(100 * self.nearest.value):.2f} %)"
            if self.nearest
            else ""
        )
        return f"{off}; no common way to compute it gives this figure{near}"


class Reconciliation(NamedTuple):
    """All of them, and the share that agrees."""

    findings: tuple[Finding, ...]
    consistency: Figure
    """C7: NRR figures that equal the one formula's / NRR figures that could be compared."""


def reconcile(handed_in: Iterable[tuple[Reported, Evidence | str]]) -> Reconciliation:
    """Each figure with the evidence for its period and cohort, or why there is none."""
    findings = tuple(judge(reported, evidence) for reported, evidence in handed_in)
    judged = [finding for finding in findings if finding.reported.metric == "R3" and finding.agrees is not None]
    agreed = sum(bool(finding.agrees) for finding in judged)
    empty = "no figure of NRR that can be compared was handed in"
    return Reconciliation(findings, Figure.ratio("C7", agreed, len(judged), n=len(judged), empty=empty))


def judge(reported: Reported, evidence: Evidence | str) -> Finding:
    """One figure."""
    if isinstance(evidence, str):
        return Finding(reported, None, None, None, (), None, evidence)
    ours = FORMULAS[reported.metric](evidence.sheet)
    if ours.value is None:
        return Finding(reported, ours, None, None, (), None, ours.reason)
    difference = reported.value - ours.value
    if reported.fits(ours.value):
        return Finding(reported, ours, True, difference, (), None, None)
    tried = list(variants(reported.metric, evidence))
    causes = _distinct(variant for variant in tried if reported.fits(variant.value))
    nearest = min(tried, key=lambda variant: abs(variant.value - reported.value), default=None)
    return Finding(reported, ours, False, difference, causes, None if causes else nearest, None)


def _distinct(found: Iterable[Variant]) -> tuple[Variant, ...]:
    """Each explanation once."""
    seen: dict[str, Variant] = {}
    for variant in found:
        seen.setdefault(variant.explanation, variant)
    return tuple(seen.values())
