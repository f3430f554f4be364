"""The replay runtime: a history run through the core as if live, in order of arrival, with time taken from the events.

Time moves in steps. Within a step each account's events are one batch, advanced at the arrival of the last of them;
deadlines come up at their own instants.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from plays.engine import Engine
from scoring.account import Account
from scoring.days import DAY
from scoring.event import Event
from scoring.score import Score
from scoring.subject import is_cohort
from streams.agenda import Agenda
from streams.darkness import STREAM, Darkness

STEP_S = 3_600.0
"""Seconds of a step: a session of a user is scored once, not once per click; no play dwells for less."""

REFERENCE_S = 7 * DAY
"""How often accounts are held against their segment anew: a distribution over many accounts moves slowly."""

RETURN_GRACE_S = DAY
"""After a source was dark, its backlog gets so much time to arrive before silence counts again."""

MONTH = "month"

Trigger = dict[str, Any]

OnScores = Callable[[float, Iterator[Score]], None]


class Listener(NamedTuple):
    """Who hears what the replay brings about; all are optional."""

    on_trigger: Callable[[Trigger], None] = lambda trigger: None
    on_scores: OnScores | None = None
    """At the first instant of every period: that instant, and the score of every account known by then."""
    on_month: OnScores | None = None
    """The same of every month, whatever the period is."""


class Replay:
    """One run over one history."""

    def __init__(self, engine: Engine, listener: Listener, *, step_s: float = STEP_S, every: str = MONTH) -> None:
        self.engine = engine
        self.accounts: dict[str, Account] = {}
        self.clock = 0.0
        """Newest arrival so far, unix seconds."""
        self.triggers = 0
        self._listener = listener
        self._step_s = step_s
        self._agenda = Agenda()
        self._darkness = Darkness()
        self._pending: dict[str, list[Event]] = {}
        self._held: list[str] = []
        self._dark_checked = 0.0
        self._next_reference = 0.0
        self._boundary = 0.0
        self._period = every
        self._next_scores = 0.0
        self._next_month = 0.0

    def feed(self, events: Iterable[Event]) -> None:
        """Take the next events, in order of arrival."""
        pending, boundary, clock = self._pending, self._boundary, self.clock
        for event in events:
            account_id, arrived = event.account_id, event.arrived
            if arrived >= boundary:
                self._pass_to(arrived)
                boundary = self._boundary
            if arrived > clock:
                clock = self.clock = arrived
            if arrived >= self._dark_checked and event.stream == STREAM:  # once a day is enough for what counts days
                self._darkness.observe(event)
                self._dark_checked = (arrived // DAY + 1) * DAY
            batch = pending.get(account_id)
            if batch is None:
                pending[account_id] = [event]
            else:
                batch.append(event)

    def finish(self, until: float | None = None) -> None:
        """Settle what is pending, and let time pass to `until` (default: the newest arrival)."""
        self._settle(self.clock)
        if until is not None and until > self.clock:
            self._wait(until)
            self.clock = until

    def _pass_to(self, arrived: float) -> None:
        """Time moves on to the step that `arrived` lies in."""
        if not self._boundary:
            self._next_scores = next_period(arrived, self._period)
            self._next_month = next_period(arrived, MONTH)
        else:
            self._settle(self._boundary)
            self._wait(arrived)
        # a period never begins in the midst of a step
        step_end = (arrived // self._step_s + 1) * self._step_s
        self._boundary = min(step_end, self._next_scores, self._next_month)

    def _settle(self, boundary: float) -> None:
        """Advance every account with events, and before it what was due earlier."""
        pending, self._pending = self._pending, {}
        for deadline, account_id in self._agenda.due(min(boundary, self.clock)):
            batch = pending.get(account_id)
            if batch is None or batch[0].arrived > deadline:
                self._come_due(account_id, deadline)
        dark = self._darkness.is_dark(self.clock)
        if self._held and not dark:
            held, self._held = self._held, []
            for account_id in held:
                self._agenda.put(account_id, self.clock + RETURN_GRACE_S)
        for account_id, batch in pending.items():
            account = self.accounts.get(account_id)
            if account is None:
                if is_cohort(account_id):  # an answer to a cohort's trigger concerns no account
                    continue
                account = self.accounts[account_id] = self.engine.account(account_id)
            self._advance(account, batch, max(batch[-1].arrived, account.last_arrival), dark)
        self._pending = pending
        pending.clear()

    def _wait(self, until: float) -> None:
        """Let time pass to `until` without arrivals."""
        if self._next_reference <= until and self.engine.profile.ranked:
            self.engine.refer(self.accounts.values(), until)
            self._next_reference = until + REFERENCE_S
        while (at := min(self._next_scores, self._next_month)) <= until:
            self._run_due(at)
            if at == self._next_scores:
                self._hear(self._listener.on_scores, at)
                self._next_scores = next_period(at, self._period)
            if at == self._next_month:
                self._hear(self._listener.on_month, at)
                self._next_month = next_period(at, MONTH)
        self._run_due(until)

    def _hear(self, on_scores: OnScores | None, at: float) -> None:
        if on_scores is not None:
            on_scores(at, self.scores(at))

    def _run_due(self, until: float) -> None:
        for deadline, account_id in self._agenda.due(until):
            self._come_due(account_id, deadline)

    def _come_due(self, account_id: str, deadline: float) -> None:
        if self._darkness.is_dark(deadline):
            self._held.append(account_id)
        else:
            self._advance(self.accounts[account_id], (), deadline, False)

    def _advance(self, account: Account, batch: Sequence[Event], now: float, dark: bool) -> None:
        effects = self.engine.advance(account, batch, now, dark=dark)
        for trigger in effects.triggers:
            self.triggers += 1
            self._listener.on_trigger(trigger)
        self._agenda.put(account.id, effects.deadline)

    def scores(self, at: float) -> Iterator[Score]:
        """The score of every account at the instant `at`, in order of first arrival."""
        for account in self.accounts.values():
            yield self.engine.score(account, at)


def next_period(at: float, every: str) -> float:
    """The first instant (UTC) of the next day, week (Monday) or month after `at`, unix seconds."""
    moment = datetime.fromtimestamp(at, UTC)
    if every == MONTH:
        year, month = divmod(moment.year * 12 + moment.month, 12)
        return datetime(year, month + 1, 1, tzinfo=UTC).timestamp()
    day = at // DAY
    return (day + (1 if every == "day" else 7 - (day + 3) % 7)) * DAY
