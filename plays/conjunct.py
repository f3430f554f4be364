"""What must hold for a condition to be true, read by itself: which one fails, and until when it must go on failing."""

from collections.abc import Callable, Sequence
from math import inf, isfinite
from typing import Protocol

from plays.condition import Condition
from plays.kept import Kept, together, until_touched
from plays.logic import limits
from plays.play import Play
from plays.syntax import Node
from scoring.account import Account
from scoring.days import CROSSED_S, DAY
from scoring.layout import EVERYTHING, SIGN, Layout
from scoring.metrics.metric import Drift, Values
from scoring.profile import Profile
from scoring.standing import active_override, standing
from scoring.weighing import Weighing

SILENCE = frozenset({"silence_days", "metrics.silence"})
"""Grow with time alone and fall with a sign of life: a bound above is crossed so long after the last one, whenever
that is.
"""

STEADY, SILENT, FALLING, RESTLESS = range(4)
"""What may end that a conjunct fails: only events; silence of some length, which comes up when nobody is looking at the
account and so costs more; what time takes away; anything.
"""

Instant = Callable[[Account, float], float]


class Conjunct(Protocol):
    """One of those that must hold."""

    restless: int
    """What may end that it fails: STEADY, SILENT, FALLING or RESTLESS."""
    empty: Kept | None
    """Until when it surely does not hold for an account that nothing is known of; None when it may."""
    prompt: bool
    """Whether `absent` can tell anything."""

    def absent(self, account: Account, at: float) -> Kept | None:
        """Until when it surely does not hold, where that shows without reading any value."""

    def fails(self, account: Account, at: float) -> Kept | None:
        """Until when it does not hold; None when it holds."""

    def holds(self, account: Account, at: float) -> Kept | None:
        """Until when it holds; None when it does not."""


class Range:
    """`low <= value <= high`."""

    __slots__ = (
        "_again", "_cell", "_cells", "_changes", "_drifts", "_fixed", "_high", "_known_from", "_low", "_missing",
        "_quiet", "_rate", "_read", "_silence", "empty", "prompt", "restless",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - what a Reading tells, and two bounds
        self,
        read: Callable[[Account, float, int, Values], float | None],
        low: float,
        high: float,
        cells: int,
        again: Instant,
        *,
        drifts: Drift = "none",
        silence: bool = False,
        cell: int | None = None,
        missing: Callable[[Account], int | None] = lambda account: None,
        known_from: Callable[[Account], float] | None = None,
        rate: Instant | None = None,
        changes: Instant | None = None,
    ) -> None:
        """again: when to look again at what drifts; cell: must not be empty for a value to be there; missing: bits of
        what must be touched before a missing value is there, None when time alone may bring it; the rest as in Reading.
        """
        self._read, self._low, self._high, self._again = read, low, high, again
        self._cell, self._missing, self._known_from = cell, missing, known_from
        self._rate, self._changes = rate, changes
        self._drifts: Drift = drifts
        self._silence = silence and low > 0
        if self._silence:
            self.restless = SILENT
        elif drifts == "none" or (drifts == "falls" and high == inf):
            self.restless = STEADY
        else:
            self.restless = FALLING if drifts == "falls" else RESTLESS
        self._cells = EVERYTHING if drifts == "any" else cells  # what drifts is read whenever anything arrives
        self.prompt = cell is not None or known_from is not None
        self.empty = None if cell is None else until_touched(Layout.bit(cell))
        self._fixed = until_touched(self._cells)
        self._quiet = 0, low * DAY + CROSSED_S, inf

    def absent(self, account: Account, at: float) -> Kept | None:
        if self._cell is not None and account.cells[self._cell] is None:
            return self.empty
        if self._known_from is not None and (known := self._known_from(account)) > at:
            return 0, inf, known
        return None

    def fails(self, account: Account, at: float) -> Kept | None:
        value = self._read(account, at, int(at // DAY), {})
        if value is None:
            if self._silence:
                return self._quiet
            missing = self._missing(account)
            return self._until(account, at, -inf) if missing is None else until_touched(missing)
        if self._low <= value <= self._high:
            return None
        if value > self._high:
            return self._until(account, at, self._high - value)
        if self._silence:
            return self._quiet
        return self._until(account, at, self._low - value)

    def holds(self, account: Account, at: float) -> Kept | None:
        value = self._read(account, at, int(at // DAY), {})
        if value is None or not self._low <= value <= self._high:
            return None
        low = self._until(account, at, self._low - value, holding=True)
        return together((low, self._until(account, at, self._high - value, holding=True)))

    def _until(self, account: Account, at: float, way: float, *, holding: bool = False) -> Kept:
        """Until when a value may have gone this way, in its unit and with its sign: what only falls does not rise.
        `holding`: at the bound itself it may be over, so that is when to look, and again when it is passed.
        """
        wake = inf
        if self._drifts == "any" or (self._drifts == "falls" and way <= 0):
            wake = self._again(account, at)
        if self._changes is not None and (jump := self._changes(account, at)) > at:
            wake = min(wake, jump)
        if self._rate is not None and (rate := self._rate(account, at)):
            crossing = at + way / rate * DAY
            if holding and crossing > at:
                wake = min(wake, crossing)
            elif way * rate > 0 or (holding and not way):
                wake = min(wake, crossing + CROSSED_S)
        return self._fixed if wake == inf else (self._cells, inf, wake)


class Either:
    """At least one of several."""

    __slots__ = ("_parts", "empty", "prompt", "restless")

    def __init__(self, parts: Sequence[Conjunct]) -> None:
        self._parts = parts
        self.restless = max(part.restless for part in parts)
        self.empty = together(part.empty for part in parts)
        self.prompt = all(part.prompt for part in parts)

    def absent(self, account: Account, at: float) -> Kept | None:
        return together(part.absent(account, at) for part in self._parts)

    def fails(self, account: Account, at: float) -> Kept | None:
        return together(part.absent(account, at) or part.fails(account, at) for part in self._parts)

    def holds(self, account: Account, at: float) -> Kept | None:
        return next((kept for part in self._parts if (kept := part.holds(account, at)) is not None), None)


class All:
    """All of several."""

    __slots__ = ("_looks", "_parts", "empty")

    def __init__(self, parts: Sequence[Conjunct]) -> None:
        self._parts = parts
        self._looks = [*(part.absent for part in parts if part.prompt), *(part.fails for part in parts)]
        self.empty = next((part.empty for part in parts if part.empty is not None), None)
        """As in Conjunct."""

    def fails(self, account: Account, at: float) -> Kept | None:
        """Until when one of them does not hold; None when all may."""
        for look in self._looks:
            if (kept := look(account, at)) is not None:
                return kept
        return None

    def holds(self, account: Account, at: float) -> Kept | None:
        """Until when all hold; None when one does not."""
        return together(part.holds(account, at) for part in self._parts)


class Conjuncts:
    """Makes the conjuncts of conditions under a profile."""

    def __init__(self, profile: Profile, again: Instant) -> None:
        """again: when to look again at what time may change at any instant."""
        self._profile = profile
        self._again = again
        self._weighed = profile.reader_of(profile.weighed)
        self._changes = [changes for name, changes in profile.changes if name in profile.weighed]

    def of(self, condition: Condition) -> tuple[list[Conjunct], bool]:
        """Those that can be read by themselves, first those that need another look the least often; whether these are
        all there are.
        """
        nodes = list(condition.tree.conjuncts())
        found = [conjunct for node in nodes if (conjunct := self._conjunct(node)) is not None]
        return sorted(found, key=lambda c: c.restless), len(found) == len(nodes)

    def fitting(self, play: Play) -> Conjunct:
        """That the account is of a stage and segment that a play is for."""
        profile, stages, segments = self._profile, play.applies_to.stage, play.applies_to.segment

        def fits(account: Account, at: float, day: int, values: Values) -> float:
            return float(
                (not stages or profile.stage(account) in stages)
                and (not segments or profile.segment(account) in segments)
            )

        return Range(fits, 1.0, 1.0, profile.placing, self._again)

    def _conjunct(self, node: Node) -> Conjunct | None:
        comparison = node.comparison()
        if comparison is not None:
            return None if comparison.op == "!=" else self._range(comparison.name, *limits(comparison))
        if node.kind == "ident":
            return self._known(node.name, 1.0)
        if node.kind == "call" and node.name == "!_" and node.parts[0].kind == "ident":
            return self._known(node.parts[0].name, 0.0)
        if node.kind == "call" and node.name == "_||_":
            parts = [self._conjunct(part) for part in node.parts]
            readable = [part for part in parts if part is not None]
            return Either(readable) if len(readable) == len(parts) else None
        return None

    def _known(self, name: str, wanted: float) -> Conjunct | None:
        """`known.<metric>`, or that it is not."""
        metric = name.removeprefix("known.")
        if metric == name or self._profile.metric(metric).needs:
            return None
        reading = self._profile.readings[metric]

        def read(account: Account, at: float, day: int, values: Values) -> float:
            value = reading.read(account, at, day, values)
            return float(value is not None and isfinite(value))

        return Range(
            read, wanted, wanted, self._profile.cells_of(metric), self._again,
            drifts="any" if reading.drifts == "any" else "none", changes=reading.changes,
        )  # fmt: skip

    def _range(self, name: str, low: float, high: float) -> Conjunct | None:
        again = self._again
        if self._profile.ranked and (name == "score" or name.startswith("dimensions.")):
            return None  # what others do may move it at any instant, and only a whole evaluation looks at others
        if name == "silence_days":
            return Range(_silence_days, low, high, SIGN, again, silence=True, rate=_daily)
        if name == "tenure_days":
            return Range(_tenure_days, low, high, 0, again, rate=_daily)
        if name == "score":
            return Range(self._score, low, high, EVERYTHING, again, drifts="any", changes=self._jumps)
        if name.startswith("dimensions."):

            def dimension(account: Account, at: float, day: int, values: Values) -> float | None:
                return self._weighing(account).weigh(self._weighed(account, at)).dimensions.get(name)

            return Range(dimension, low, high, EVERYTHING, again, drifts="any", changes=self._jumps)
        return self._metric(name, low, high) if name.startswith("metrics.") else None

    def _metric(self, name: str, low: float, high: float) -> Conjunct | None:
        profile, metric = self._profile, name.removeprefix("metrics.")
        reading, read = profile.readings[metric], profile.readings[metric].read
        needs, drifts = profile.metric(metric).needs, reading.drifts
        if needs:
            if profile.metric(metric).kind != "ratio" or any(profile.metric(need).needs for need in needs):
                return None
            reader = profile.reader_of([metric])
            read = lambda account, at, day, values: reader(account, at).get(name)  # noqa: E731 - it replaces a function
            # what falls is a count, so the ratio falls too; over a negative number it would rise, but never above 0
            above, below = (profile.readings[need].drifts for need in needs)
            drifts = "falls" if above != "any" and below == "none" and low > 0 else "any"
        return Range(
            read, low, high, profile.cells_of(metric), self._again, drifts=drifts, silence=name in SILENCE,
            cell=reading.cell, missing=lambda account: profile.missing_cells(account, name),
            known_from=reading.known_from, rate=reading.rate, changes=reading.changes,
        )  # fmt: skip

    def _jumps(self, account: Account, at: float) -> float:
        """The next instant at which time alone makes the score jump, as far as that is foretold."""
        jump = min([instant for changes in self._changes if (instant := changes(account, at)) > at], default=inf)
        if account.override is None:
            return jump
        override = active_override(account, self._weighing(account), at)
        return jump if override is None else min(jump, override.until)

    def _weighing(self, account: Account) -> Weighing:
        return self._profile.weighing(self._profile.stage(account), self._profile.segment(account))

    def _score(self, account: Account, at: float, day: int, values: Values) -> float | None:
        """The score as it would be published: what an evaluation costs without plays, deadlines and reasons."""
        return standing(account, self._profile, at, self._weighed(account, at)).score


def _silence_days(account: Account, at: float, day: int, values: Values) -> float | None:
    return account.silence_s(at) / DAY if account.last_sign else None


def _tenure_days(account: Account, at: float, day: int, values: Values) -> float:
    return (at - account.first_arrival) / DAY


def _daily(account: Account, at: float) -> float:
    return 1.0
