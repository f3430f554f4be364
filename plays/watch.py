"""What keeps every play of an account from starting, so that most events need no evaluation at all.

A play can start only when all conjuncts of its condition hold. It is enough to watch one that does not: until an
event touches what that one is made of, or time carries it over its bound, the play can't start; and then, mostly,
another of its conjuncts can be watched instead. (SAT solvers watch literals for the same reason.) Only runs that
publish no scores may skip evaluations this way: they open the same episodes at the same instants as runs that skip
none.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from plays.playbook import CROSSED_S, Playbook
from scoring.account import Account
from scoring.days import DAY
from scoring.layout import EVERYTHING, Layout
from scoring.metrics.metric import Values
from scoring.profile import Profile
from scoring.score import active_override, publish

SILENCE = frozenset({"silence_days", "metrics.silence"})
"""Grow with time alone and fall with a sign of life: a bound above is crossed so long after the last one, whenever
that is.
"""

Instant = Callable[[Account, float], float]


class Kept(NamedTuple):
    """Until when something keeps a play from starting."""

    cells: int
    """Bits of what ends it when an event touches them (see scoring/layout.py)."""
    silence_s: float = inf
    """Seconds of silence that end it."""
    wake: float = inf
    """Instant that ends it, unix seconds."""


class Watch(NamedTuple):
    """While no event touches `cells` and neither instant has come, nothing can start. Bounds as in Kept, of all
    plays.
    """

    cells: int
    silence_s: float
    wake: float
    plays: tuple[Kept, ...]
    """What keeps each play, in the order of the playbook."""

    def ends(self, account: Account) -> float:
        """The earliest instant at which time ends the watch."""
        return min(self.wake, account.last_sign + self.silence_s) if account.last_sign else self.wake


BEGINNING = Watch(EVERYTHING, inf, inf, ())
"""The watch of an account that nothing is known of: it ends with the first event."""


class Conjunct(NamedTuple):
    """`low <= value <= high`, one of those that must hold, on a value that can be read by itself."""

    read: Callable[[Account, float, int, Values], float | None]
    low: float
    high: float
    cells: int
    """Bits of what changes the value."""
    drifts: bool = False
    """Whether time alone may change the value at an instant that can't be foretold."""
    silence: bool = False
    cell: int | None = None
    """The cell that must not be empty for a value to be there."""
    missing: Callable[[Account], int | None] = lambda account: None
    """Bits of what must be touched before a missing value is there; None when time alone may bring it."""
    known_from: Callable[[Account], float] | None = None
    """Before that instant the value is missing, whatever happens."""
    rate: Instant | None = None
    changes: Instant | None = None

    def keeps(self, account: Account, at: float, day: int, again: Instant) -> Kept | None:
        """Until when it keeps its play from starting; None when it holds. again: when to look at what drifts."""
        if self.cell is not None and account.cells[self.cell] is None:
            return Kept(Layout.bit(self.cell))
        value = self.read(account, at, day, {})
        if value is not None and self.low <= value <= self.high:
            return None
        if self.silence and (value is None or value < self.low):
            return Kept(0, silence_s=self.low * DAY + CROSSED_S)
        if value is None:
            missing = self.missing(account)
            if missing is not None:
                return Kept(missing)
            if self.known_from is not None and (known := self.known_from(account)) > at:
                return Kept(0, wake=known)
        wake = again(account, at) if self.drifts else inf
        if self.changes is not None and (jump := self.changes(account, at)) > at:
            wake = min(wake, jump)
        if self.rate is not None and value is not None and (rate := self.rate(account, at)):
            bound = self.low if rate > 0 else self.high
            if (bound - value) * rate > 0:
                wake = min(wake, at + (bound - value) / rate * DAY + CROSSED_S)
        return Kept(self.cells, wake=wake)


class Watcher:
    """Finds what to watch."""

    def __init__(self, profile: Profile, playbook: Playbook, again: Instant, soon: Instant) -> None:
        """again, soon: when to look again at what time may change at any instant, and at the score."""
        self._profile = profile
        self._again = again
        self._soon = soon
        self._weighed = profile.reader_of(profile.weighed)
        self._plays = [
            (play_id, rule.play.cooldown, self._conjuncts(playbook, play_id))
            for play_id, rule in playbook.rules.items()
        ]

    def watch(self, account: Account, at: float, touched: int = EVERYTHING) -> Watch | None:
        """What to watch from `at` on, after events that touched these bits.

        None when an episode is under way, or some play is kept by nothing that can be watched.
        """
        cells, silence_s, wake, kept = 0, inf, inf, list[Kept]()
        before: tuple[Kept, ...] = () if account.watch is None else account.watch.plays
        episodes, sign, day = account.episodes, account.last_sign, int(at // DAY)
        for index, (play_id, cooldown, conjuncts) in enumerate(self._plays):
            keeps: Kept | None = None
            if episodes and (packed := episodes.get(play_id)) is not None and packed[2] != "idle":
                if packed[2] != "closed" or packed[4] + cooldown <= at:
                    return None
                keeps = Kept(0, wake=packed[4] + cooldown)
            else:
                if before:
                    old = before[index]
                    if not touched & old.cells and old.wake > at and sign + old.silence_s > at:
                        keeps = old
                if keeps is None:
                    for conjunct in conjuncts:
                        keeps = conjunct.keeps(account, at, day, self._again)
                        if keeps is not None:
                            break
                    else:
                        return None
            kept.append(keeps)
            cells |= keeps.cells
            silence_s = min(silence_s, keeps.silence_s)
            wake = min(wake, keeps.wake)
        return Watch(cells, silence_s, wake, tuple(kept))

    def _score(self, account: Account, at: float, day: int, values: Values) -> float | None:
        """The score as it would be published: what an evaluation costs without plays, deadlines and reasons."""
        weighing = self._profile.weighing(self._profile.stage(account), self._profile.segment(account))
        return publish(weighing.weigh(self._weighed(account, at)), active_override(account, weighing, at))[0]

    def _conjuncts(self, playbook: Playbook, play_id: str) -> list[Conjunct]:
        """Those that can be read by themselves, first those that need another look the least often."""
        rule, profile = playbook.rules[play_id], self._profile
        found = [c for atom in rule.condition.ranges if (c := self._conjunct(*atom)) is not None]
        ranked = [
            (0 if c.silence or not c.cells else 4 if c.cells == EVERYTHING else 3 if c.drifts else 2, c) for c in found
        ]
        if not rule.for_all:

            def applies(account: Account, at: float, day: int, values: Values) -> float:
                return float(rule.play.applies({"stage": profile.stage(account), "segment": profile.segment(account)}))

            ranked.append((1, Conjunct(applies, 1.0, 1.0, profile.placing)))
        return [conjunct for _, conjunct in sorted(ranked, key=lambda item: item[0])]

    def _conjunct(self, name: str, low: float, high: float) -> Conjunct | None:
        if name == "silence_days":
            return Conjunct(_silence_days, low, high, EVERYTHING, silence=low > 0, rate=_daily)
        if name == "score":
            return Conjunct(self._score, low, high, EVERYTHING, changes=self._soon)
        if name == "tenure_days":
            return Conjunct(_tenure_days, low, high, 0, rate=_daily)
        if not name.startswith("metrics."):
            return None
        metric = name[8:]
        reading, cells = self._profile.readings[metric], self._profile.cells_of(metric)
        read = reading.read
        needs = self._profile.metric(metric).needs
        if needs:
            if self._profile.metric(metric).kind != "ratio" or any(self._profile.metric(need).needs for need in needs):
                return None
            reader = self._profile.reader_of([metric])
            read = lambda account, at, day, values: reader(account, at).get(name)  # noqa: E731 - it replaces a function
        return Conjunct(
            read, low, high, cells, reading.drifts, name in SILENCE and low > 0,
            reading.cell, lambda account: self._profile.missing_cells(account, name), reading.known_from,
            reading.rate, reading.changes,
        )  # fmt: skip


def _silence_days(account: Account, at: float, day: int, values: Values) -> float | None:
    return account.silence_s(at) / DAY if account.last_sign else None


def _tenure_days(account: Account, at: float, day: int, values: Values) -> float:
    return (at - account.first_arrival) / DAY


def _daily(account: Account, at: float) -> float:
    return 1.0
