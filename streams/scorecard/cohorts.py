"""Watches cohorts: moves their episodes by the figures of the scorecard and by what people answer, and puts out the
triggers of those that open.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plays.cohort import ACCOUNTS, TYPE, CohortPlays, cohort_trigger, name_of
from plays.episode import Episode
from scorecard.model.answers import Answer
from scorecard.period import Period, month_of, quarter_of
from scorecard.report.source import Source
from scoring.days import instant
from scoring.subject import subject
from streams.answer import PLAY, TRIGGER_ID, unknown
from streams.dead_letter import DeadLetter
from streams.scorecard.watched import Watched, unpack

Trigger = Mapping[str, Any]
Put = Callable[[Sequence[Trigger], Sequence[DeadLetter]], bool]
"""Puts triggers and dead letters out, triggers once each by their ids; whether they are durable there."""

Published = Callable[[int], Sequence[tuple[int, str]]]
"""(number, CloudEvent as JSON text) of the triggers of cohorts that are out, after a number."""

SETTLE_S = 60.0
"""For so long an episode that another service opened stays open here: its trigger may be read before the movements that
tripped it, and figures without them would call it over, and open it once more when they come.
"""


class Cohorts:
    """The episodes of all cohorts. Looked at by one thread."""

    def __init__(self, plays: CohortPlays, source: Callable[[], Source], put: Put, published: Published) -> None:
        self._plays = plays
        self._source = source
        self._put = put
        self._published = published
        self._adopted = 0  # triggers up to this number were taken up into the text below
        self._left: str | None = None  # what the last look left on the shelf
        self._heard = 0
        self._settling: dict[str, float] = {}  # until when, by the cohort's subject

    def look(self, now: float) -> int:
        """Move every episode to the instant `now` (unix seconds); how many triggers went out.

        What is to go out is kept together with the episodes, durably, before it goes. So after a crash it goes out as
        it was, perhaps once more, under the same id, whatever the figures say by then. Raises DatabaseError, and
        NotKept while the period's figures are not there yet.
        """
        shelf = _Shelf(self._source(), self._put)
        # into another text than ours, as of a database made anew under us, triggers are taken up from the first
        adopted = self._adopted if shelf.text == self._left else 0
        sent = shelf.put_out()  # what an earlier look was cut short with
        watched, out = shelf.watched, self._published(adopted)
        for _, body in out:
            self._adopt(watched, json.loads(body), now)
        self._hear(watched, shelf.source.episodes.answers(watched.heard), now)
        self._move(watched, shelf.source, now)
        if not shelf.keep():
            return sent
        self._heard = watched.heard
        self._adopted = out[-1][0] if out else adopted
        sent += shelf.put_out()
        self._left = shelf.text
        return sent

    def asked(self) -> bool:
        """Whether somebody has answered since the last look. Raises DatabaseError."""
        return self._source().episodes.newest_answer() > self._heard

    def _adopt(self, watched: Watched, trigger: Trigger, now: float) -> None:
        opened_at = instant(trigger["time"])
        if trigger["type"] == TYPE and opened_at is not None:
            data, cohort = trigger["data"], trigger["subject"]
            if watched.adopt(cohort, data["play"], data["episode"], opened_at):
                self._settling[cohort] = min(opened_at, now) + SETTLE_S

    def _hear(self, watched: Watched, answers: Sequence[Answer], now: float) -> None:
        """Heed what people say; of what names no trigger of the cohort make a dead letter."""
        for answer in answers:
            said, episodes = answer.properties, watched.episodes.get(answer.subject, {})
            named = said.get(TRIGGER_ID)
            if not (watched.knows(answer.subject, named) if named is not None else said[PLAY] in episodes):
                watched.letters.append(_unknown(answer))
            elif named is not None or not _of_one_before(answer, episodes[said[PLAY]]):
                self._plays.playbook.feedback(answer.subject, episodes, answer.name, said, now)
            watched.heard = answer.number

    def _move(self, watched: Watched, source: Source, now: float) -> None:
        period = _period(self._plays.period, datetime.fromtimestamp(now, UTC))
        self._settling = {name: until for name, until in self._settling.items() if until > now}
        left = watched.episodes.keys() - self._settling.keys()
        for cohort, values in self._values(source, period):
            name = subject(cohort)
            if name in self._settling:
                continue
            left.discard(name)
            episodes = watched.of(name)
            moves, _ = self._plays.playbook.advance(values, episodes, now)
            for move in moves:
                if move.opens:
                    episode = Episode._make(episodes[move.play])
                    watched.triggers.append(cohort_trigger(self._plays, episode, cohort, period.label, values))
        for name in left:  # of a cohort that is no more nothing is known, and time passes
            self._plays.playbook.advance({}, watched.of(name), now)

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


class _Shelf:
    """What is kept, as one look takes it and puts it back."""

    def __init__(self, source: Source, put: Put) -> None:
        self.source = source
        self._put = put
        self.text = source.episodes.read()
        """As it is kept."""
        self.watched = unpack(self.text)

    def keep(self) -> bool:
        """Put it back, on the disk where something is to go out; False when somebody else has put something there."""
        text = self.watched.pack()
        durable = bool(self.watched.triggers or self.watched.letters)
        if text != self.text and not self.source.episodes.write(text, self.text, durable=durable):
            return False
        self.text = text
        return True

    def put_out(self) -> int:
        """Put out what is kept for that, and note that it is out; how many triggers."""
        triggers, letters = self.watched.triggers, self.watched.letters
        if not (triggers or letters) or not self._put(triggers, letters):
            return 0
        self.watched.triggers, self.watched.letters = [], []
        self.keep()
        return len(triggers)


def _of_one_before(answer: Answer, packed: tuple[Any, ...]) -> bool:
    """Whether an answer that names a play alone came before its newest episode opened: when a database is made anew,
    all that was ever said is heard again. By the arrival, since openings are of our clock, not of the sender's.
    """
    opened_at = Episode._make(packed).opened_at
    return opened_at is not None and answer.arrived < opened_at


def _unknown(answer: Answer) -> DeadLetter:
    """The same whenever the answer is heard, and so known again; see Letters."""
    raw, position = json.dumps(answer._asdict()).encode(), f"answer:{answer.message_id}"
    return unknown(answer.subject, answer.properties, raw, position, 0, answer.arrived)


def _period(kind: str, now: datetime) -> Period:
    """The last whole one."""
    if kind == "quarter":
        return quarter_of(now.date()).previous()
    month = month_of(now.date()).previous()
    return month if kind == "month" else Period.parse(f"12m to {month.label}")
