"""How scaled metrics make dimensions, and dimensions the score.

dimension = sum(w_i s_i) / sum(w_i) over its metrics that have a value; score = sum(W_d dimension_d) / sum(W_d) over the
dimensions that have one. So the weight of a missing metric goes to the others of its dimension, that of a missing
dimension to the other dimensions. coverage = sum(W_d * present share of d) / sum(W_d).
"""

from collections.abc import Mapping
from typing import NamedTuple

from scoring.metrics.metric import Values
from scoring.scale import Scale, scaled

Term = tuple[str, float, float, float, bool]  # key of the value, weight, and the scale's line


class Weighed(NamedTuple):
    """A score in numbers: value 0..100 or None when nothing is known, dimensions 0..100, coverage 0..1."""

    value: float | None
    dimensions: dict[str, float]
    coverage: float


class Part(NamedTuple):
    """One metric's part of the score: scaled 0..100, weight as its share of the score, points = scaled * weight."""

    metric: str
    dimension: str
    scaled: float
    weight: float

    @property
    def points(self) -> float:
        return self.scaled * self.weight


class Weighing:
    """The weights, scales and bands of one kind of account."""

    def __init__(
        self, dimensions: Mapping[str, tuple[float, Mapping[str, Scale]]], bands: Mapping[str, float], hysteresis: float
    ) -> None:
        self._dimensions: list[tuple[str, str, float, float, list[Term]]] = []
        for name, (weight, metrics) in dimensions.items():
            terms = [(f"metrics.{metric}", scale.weight, *scale.line) for metric, scale in metrics.items()]
            self._dimensions.append((name, f"dimensions.{name}", weight, sum(term[1] for term in terms), terms))
        self._weight = sum(weight for _, _, weight, _, _ in self._dimensions)
        self.bands = sorted(((floor, name) for name, floor in bands.items()), reverse=True)
        self.hysteresis = hysteresis
        self.metrics = [(key[8:], name) for name, _, _, _, terms in self._dimensions for key, *_ in terms]
        """(metric, dimension) of every term."""

    def weigh(self, values: Values) -> Weighed:
        """The score of these metric values."""
        dimensions: dict[str, float] = {}
        total = present = covered = 0.0
        get = values.get
        for _, key, weight, full, terms in self._dimensions:
            points = known = 0.0
            for metric, share, zero, slope, log in terms:
                value = get(metric)
                if value is not None:
                    points += share * scaled(value, zero, slope, log)
                    known += share
            if known:
                dimension = points / known
                dimensions[key] = dimension
                total += weight * dimension
                present += weight
                covered += weight * known / full
        return Weighed(total / present if present else None, dimensions, covered / self._weight)

    def parts(self, values: Values) -> list[Part]:
        """The score of these metric values as a sum: one part per metric that has a value."""
        found: list[tuple[str, str, float, float]] = []
        present = 0.0
        for name, _, weight, _, terms in self._dimensions:
            parts = [
                (key, share, scaled(value, zero, slope, log))
                for key, share, zero, slope, log in terms
                if (value := values.get(key)) is not None
            ]
            if parts:
                present += weight
                known = sum([share for _, share, _ in parts])
                found += [(key[8:], name, value, weight * share / known) for key, share, value in parts]
        return [Part(metric, name, value, share / present) for metric, name, value, share in found]

    def band(self, score: float, before: str | None) -> str:
        """The band of a score. An account keeps its band until the score is `hysteresis` points below its floor."""
        for floor, name in self.bands:
            if score >= floor or (name == before and score >= floor - self.hysteresis):
                return name
        return self.bands[-1][1]
