"""Watches cohorts: moves their episodes by the figures of the scorecard, and puts out triggers of those that open."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plays.cohort import ACCOUNTS, CohortPlays, cohort_trigger, name_of, subject
from plays.episode import Episode
from scorecard.model.database import DatabaseError
from scorecard.model.model import NotKept
from scorecard.period import Period, month_of, quarter_of
from scorecard.report.source import Source

WATCH_S = 15.0
"""Figures of whole months change by late events alone, and when a month is over."""

Trigger = Mapping[str, Any]
Put = Callable[[Sequence[Trigger]], bool]
"""Puts triggers out, once each by their ids; whether they are on the disk."""

logger = logging.getLogger(__name__)


class Cohorts:
    """The episodes of all cohorts. Looked at by one thread of one process."""

    def __init__(self, plays: CohortPlays, source: Callable[[], Source], put: Put) -> None:
        self._plays = plays
        self._source = source
        self._put = put

    def look(self, now: float) -> int:
        """Move every episode to the instant `now` (unix seconds); how many triggers went out.

        What opens is put out before its episode is kept, under the id that it would have again: after a crash between
        the two it is put out once more, and is there already.
        """
        source = self._source()
        period = _period(self._plays.period, datetime.fromtimestamp(now, UTC))
        kept: dict[str, dict[str, Any]] = json.loads(source.episodes.read() or "{}")
        before, triggers = json.dumps(kept), list[Trigger]()
        for cohort, values in self._values(source, period):
            episodes = {play: tuple(packed) for play, packed in kept.get(subject(cohort), {}).items()}
            moves, _ = self._plays.playbook.advance(values, episodes, now)
            opened = [Episode._make(episodes[move.play]) for move in moves if move.opens and move.play in episodes]
            triggers += [cohort_trigger(self._plays, one, cohort, period.label, values) for one in opened]
            kept[subject(cohort)] = dict(episodes)
        if triggers and not self._put(triggers):
            return 0
        after = json.dumps({name: episodes for name, episodes in kept.items() if episodes})
        if after != before:
            source.episodes.write(after)
        return len(triggers)

    def _values(self, source: Source, period: Period) -> Iterator[tuple[dict[str, str], dict[str, float]]]:
        """Of every cohort what conditions see; of one that is too small nothing: unknown to every condition."""
        for key, figures in source.cohorts(period, self._plays.by).items():
            cohort = dict(zip(self._plays.by, key, strict=True))
            n = figures["R1"].n
            if n < self._plays.accounts_min:
                yield cohort, {}
                continue
            known = {name_of(one): float(figure.value) for one, figure in figures.items() if figure.value is not None}
            yield cohort, {**known, ACCOUNTS: float(n)}


def _period(kind: str, now: datetime) -> Period:
    """The last whole one."""
    if kind == "quarter":
        return quarter_of(now.date()).previous()
    month = month_of(now.date()).previous()
    return month if kind == "month" else Period.parse(f"12m to {month.label}")


class Watch:
    """Looks every WATCH_S, from `start` to `stop`."""

    def __init__(self, cohorts: Cohorts, clock: Callable[[], float]) -> None:
        self._cohorts = cohorts
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cohorts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(WATCH_S):
            try:
                self._cohorts.look(self._clock())
            except (DatabaseError, NotKept) as error:
                logger.warning("cohorts are looked at later: %s", error)
