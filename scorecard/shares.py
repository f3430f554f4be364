"""C6 of all entities: what programmes are credited with, kept by differences as movements and touchpoints come."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from scorecard.attribution import UNTOUCHED, Model, attribute, by_programme
from scorecard.exposure import Move
from scorecard.movement import EXPANSION
from scorecard.touchpoint import Touchpoint

APART = tuple(model for model in Model if model is not Model.LIFT)
"""The models that look at nothing but the movement and what had touched it."""


class Share(NamedTuple):
    """What the expansion of one entity in a period adds."""

    movements: int
    untouched: int
    """Minor units that no programme is credited with, by any model."""
    touched: tuple[tuple[int, tuple[Touchpoint, ...]], ...] = ()
    """Each other movement: minor units, and the newest touchpoint of each programme."""
    parts: Mapping[Model, Mapping[str, int]] = {}
    """Minor units by programme, by each model of APART; together the touched movements."""

    @classmethod
    def of(cls, moves: Iterable[Move]) -> "Share":
        """Of its movements in the period, whatever kinds they are of."""
        movements, untouched, touched = 0, 0, list[tuple[int, tuple[Touchpoint, ...]]]()
        parts: dict[Model, Counter[str]] = {model: Counter() for model in APART}
        for movement, touchpoints in moves:
            if movement.kind not in EXPANSION:
                continue
            movements += 1
            if not touchpoints:
                untouched += movement.cents
                continue
            newest = {touch.programme: touch for touch in touchpoints}
            touched.append((movement.cents, tuple(newest.values())))
            for model, sums in parts.items():
                _add(sums, by_programme(attribute(movement.cents, touchpoints, model)))
        return cls(movements, untouched, tuple(touched), parts) if touched else cls(movements, untouched)


class Shares(NamedTuple):
    """Of all entities. Frozen: what changes is another one."""

    entities: Mapping[int, Share]
    """By number, those that expanded."""
    movements: int
    untouched: int
    parts: Mapping[Model, Mapping[str, int]]
    """Sums over the entities."""
    named: Mapping[str, int]
    """How many movements each programme had touched before."""
    stamp: object
    """Equal to itself alone: what is made of these is kept as long as it is these."""

    @classmethod
    def of(cls, shares: Iterable[tuple[int, Share]]) -> "Shares":
        """Of entities by their numbers."""
        return cls({}, 0, 0, {model: {} for model in APART}, {}, object()).with_((), shares)

    def with_(self, gone: Collection[int], come: Iterable[tuple[int, Share]]) -> "Shares":
        """With other shares instead of those of the entities `gone`."""
        entities = dict(self.entities)
        old = [entities.pop(number) for number in gone if number in entities]
        new = {number: share for number, share in come if share.movements}
        entities |= new
        movements, untouched, named = self.movements, self.untouched, Counter(self.named)
        parts = {model: Counter(sums) for model, sums in self.parts.items()}
        for sign, some in ((-1, old), (1, new.values())):
            for share in some:
                movements += sign * share.movements
                untouched += sign * share.untouched
                for _, touchpoints in share.touched:
                    _add(named, dict.fromkeys((touch.programme for touch in touchpoints), sign))
                for model, sums in share.parts.items():
                    _add(parts[model], {name: sign * cents for name, cents in sums.items()})
        return Shares(entities, movements, untouched, parts, named, object())

    def by(self, model: Model) -> dict[str, int]:
        """By a model of APART: minor units of each programme that had touched anything, and of none."""
        sums = {name: self.parts[model][name] for name, count in self.named.items() if count}
        return {**sums, UNTOUCHED: self.untouched} if self.untouched else sums

    def by_lift(self, fractions: Mapping[str, Fraction]) -> dict[str, int]:
        """The same by the model `lift`; fractions: see `attribution.attribute`."""
        sums = Counter({UNTOUCHED: self.untouched} if self.untouched else {})
        for share in self.entities.values():
            for cents, touchpoints in share.touched:
                _add(sums, by_programme(attribute(cents, touchpoints, Model.LIFT, fractions=fractions)))
        return sums


def _add(sums: Counter[str], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        sums[name] += count
