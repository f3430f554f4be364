"""What keeps every play of an account from starting, so that most events need no evaluation at all.

A play can start only when all conjuncts of its condition hold. It is enough to watch one that does not: until an event touches
what that one is made of, or time carries it over its bound, the play can't start; and when something touches it, looking at
that one again costs a fraction of an evaluation. (SAT solvers watch literals for the same reason.) Only runs that publish no
scores may skip evaluations this way.
"""

from functools import cache, cached_property
from math import inf
from typing import NamedTuple

from plays.playbook import CROSSED_S, Playbook
from scoring.account import Account
from scoring.days import DAY
from scoring.layout import EVERYTHING
from scoring.metrics.metric import Read, Values
from scoring.profile import Profile

SILENCE = frozenset({"silence_days", "metrics.silence"})
"""Grow with time alone and fall with a sign of life: a bound above is crossed so long after the last one, whenever that is."""


class Check(NamedTuple):
    """A conjunct `low <= metric <= high` that does not hold: to be looked at again."""

    read: Read
    low: float
    high: float


class Watch(NamedTuple):
    """While no event touches `cells`, neither instant has come and no check holds, nothing can start."""

    cells: int
    """Bits of what ends the watch when it is touched (see scoring/layout.py)."""
    checks: tuple[Check, ...]
    silence_s: float
    """Seconds of silence that end the watch."""
    wake: float
    """Instant that ends the watch, unix seconds."""
    drifting: bool
    """Whether a watched conjunct may change with time at an instant that can't be foretold."""

    def ends(self, account: Account) -> float:
        """The earliest instant at which time ends the watch."""
        return min(self.wake, account.last_sign + self.silence_s) if account.last_sign else self.wake

    def holds(self, account: Account, touched: int, at: float) -> bool:
        """Whether still nothing can start at the instant `at`, after events that touched these bits."""
        if touched & self.cells or self.ends(account) <= at:
            return False
        day = int(at // DAY)
        for read, low, high in self.checks:
            value = read(account, at, day, _NONE)
            if value is not None and low <= value <= high:
                return False
        return True


class Watcher:
    """Finds what to watch."""

    def __init__(self, profile: Profile, playbook: Playbook) -> None:
        self._profile = profile
        self._jumps = {f"metrics.{name}": reading.changes for name, reading in profile.readings.items() if reading.changes}
        self._rules = [
            (play_id, rule, sorted(rule.condition.ranges, key=lambda conjunct: self._rank(conjunct[0])))
            for play_id, rule in playbook.rules.items()
        ]

    @cached_property
    def beginning(self) -> Watch | None:
        """What to watch of an account that nothing is known of."""
        return self.watch(Account("", self._profile.layout), {"stage": "", "segment": ""}, {}, 0.0)

    def watch(self, account: Account, values: Values, rates: dict[str, float], at: float) -> Watch | None:
        """What to watch from `at` on; None when an episode is under way, or some play can be kept by nothing."""
        if any(packed[2] != "closed" for packed in account.episodes.values()):
            return None
        cells, checks, silence_s, wake, drifting = 0, list[Check](), inf, inf, False
        for play_id, rule, conjuncts in self._rules:
            packed = account.episodes.get(play_id)
            if packed is not None:
                wake = min(wake, packed[4] + rule.play.cooldown)
                continue
            if not (rule.for_all or rule.play.applies(values)):
                cells |= self._profile.placing
                continue
            missing = None if conjuncts and conjuncts[0][0] in SILENCE else self._missing(account, values, conjuncts)
            if missing is not None:
                cells |= missing
                continue
            for name, low, high in conjuncts:
                value = values.get(name)
                if value is not None and low <= value <= high:
                    continue
                if name in SILENCE and (value is None or value < low) and low > 0:
                    silence_s = min(silence_s, low * DAY + CROSSED_S)
                    break
                check = self._check(name, low, high)
                if check is not None:
                    checks.append(check)
                elif value is None:
                    continue
                elif name != "tenure_days":
                    cells |= self._cells(name)
                rate = rates.get(name, 0.0)
                if value is not None and (low - value) * rate > 0:
                    wake = min(wake, at + ((low if rate > 0 else high) - value) / rate * DAY + CROSSED_S)
                if name in self._jumps:
                    wake = min(wake, self._jumps[name](account, at))
                drifting = drifting or self._rank(name) >= _DRIFTS
                break
            else:
                return None
        return Watch(cells, tuple(checks), silence_s, wake, drifting)

    def _missing(self, account: Account, values: Values, conjuncts: list[tuple[str, float, float]]) -> int | None:
        """Bits of what a conjunct waits for that is missing and stays so until then; None when there is none such."""
        for name, _, _ in conjuncts:
            if name not in values and (bits := self._profile.missing_cells(account, name)) is not None:
                return bits
        return None

    @cache  # noqa: B019 - a watcher lives as long as its engine, and names are few
    def _check(self, name: str, low: float, high: float) -> Check | None:
        """How to look at a conjunct by itself; None when it takes other values."""
        if not name.startswith("metrics."):
            return None
        needs = self._profile.metric(name[8:]).needs
        if not needs:
            return Check(self._profile.readings[name[8:]].read, low, high)
        if self._profile.metric(name[8:]).kind != "ratio" or any(self._profile.metric(need).needs for need in needs):
            return None
        reader = self._profile.reader_of([name[8:]])
        return Check(lambda account, at, day, values: reader(account, at).get(name), low, high)

    def _cells(self, name: str) -> int:
        return self._profile.cells_of(name[8:]) if name.startswith("metrics.") else EVERYTHING

    def _rank(self, name: str) -> int:
        """How seldom a conjunct needs another look; lower is better."""
        if name in SILENCE or name == "tenure_days":
            return _FORETOLD
        if not name.startswith("metrics."):
            return _ANYTHING
        return _DRIFTS if self._profile.readings[name[8:]].drifts else _TOUCHED if self._cells(name) == EVERYTHING else _EVENTS


_NONE: Values = {}
_FORETOLD, _EVENTS, _TOUCHED, _DRIFTS, _ANYTHING = range(5)
"""Time carries it over its bound at a known instant; so do time and few events; time and any event; time may do so any day;
and anything at all."""
