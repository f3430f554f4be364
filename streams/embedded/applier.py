"""Applies the log to the records: events in, scores, episodes and triggers out, in one transaction with the position.

A chunk is a range of the log. Its accounts are advanced in slices, each slice a transaction, so that intake is never
starved; every record holds the position of its own last event, so a chunk cut short by a crash is simply applied again.
"""

import json
import logging
import time
from collections.abc import Sequence, Set

from plays.engine import Effects, Engine
from scoring.account import Account
from scoring.subject import is_cohort
from streams.dead_letter import DeadLetter
from streams.embedded.accounts import Accounts, Held
from streams.embedded.log import Logged
from streams.embedded.outage import Outage
from streams.embedded.records import Described, Published, Standing, text
from streams.embedded.settings import Settings
from streams.embedded.store import Store
from streams.embedded.surroundings import Surroundings

PREFETCH = 64
"""Accounts read from the store at a time."""

POSTPONED_S = 3_600.0
"""An account that the engine failed to tick is tried again after so long."""

DEADLINE_MIN_S = 1.0
"""An advance never asks to be repeated sooner: a tick must not go round in circles."""

DESCRIBING = frozenset({"accounts", "cs", "revenue"})
"""Streams whose events may change what an account is found by: traits, stage, revenue."""

logger = logging.getLogger(__name__)


REFERENCE_S = 86_400.0
"""How often accounts are held against their segment anew, where the profile does so; at every start as well."""

PEERS_SAMPLED = 5_000
"""Accounts drawn for that: a quarter of a second's work, and ranks exact to about 1 % (half the root of 1 / 5,000)."""


class Chunk:
    """What is left to do of a range of the log."""

    def __init__(self, logged: Sequence[Logged], end: int) -> None:
        self.end = end
        """The position after which the log goes on when this is done."""
        self.oldest = min((one.event.arrived for one in logged), default=0.0)
        self.batches: dict[str, list[Logged]] = {}
        for one in logged:
            self.batches.setdefault(one.event.account_id, []).append(one)
        for cohort in [subject for subject in self.batches if is_cohort(subject)]:
            del self.batches[cohort]  # answers to its triggers: they concern no account


class Changes:
    """What a slice is about to write."""

    def __init__(self) -> None:
        self.standings: list[Standing] = []
        self.effects: list[tuple[str, Effects]] = []
        self.published: list[Published] = []
        self.described: list[tuple[str, Described]] = []
        self.dead: list[DeadLetter] = []

    @property
    def opens(self) -> bool:
        """Whether a trigger goes out: then it must be on the disk before anybody can see it."""
        return any(effects.triggers for _, effects in self.effects)


class Applier:
    """The only one who advances accounts."""

    def __init__(self, engine: Engine, store: Store, outage: Outage, settings: Settings, around: Surroundings) -> None:
        self._engine = engine
        self._store = store
        self._outage = outage
        self._settings = settings
        self._telemetry = around.telemetry
        self._accounts = Accounts(engine, store.records, settings.accounts_in_memory_max)
        self._on_triggers = around.on_triggers
        self._read_arr = engine.profile.reader_of({"arr"} & engine.profile.readings.keys())
        self._now = 0.0
        self._errors = 0
        self._next_reference = 0.0

    def apply(self, chunk: Chunk, now: float, slice_s: float) -> bool:
        """Apply a slice of the chunk; whether it is finished. Raises NotWritten with nothing of the slice done."""
        until = time.perf_counter() + slice_s
        taken: list[str] = []
        changes = Changes()
        waiting = list(chunk.batches)
        for start in range(0, len(waiting), PREFETCH):
            if taken and time.perf_counter() > until:
                break
            group = waiting[start : start + PREFETCH]
            for account_id, held in self._accounts.get(group).items():
                events = [one for one in chunk.batches[account_id] if one.seq > held.applied]
                taken.append(account_id)
                if events:
                    self._advance(changes, account_id, held, events, now)
                if time.perf_counter() > until:
                    break
        finished = len(taken) == len(waiting)
        self._write(changes, now, taken, applied=chunk.end if finished else None)
        for account_id in taken:
            del chunk.batches[account_id]
        return finished

    def tick(self, now: float, pending: Set[str]) -> int:
        """Advance the accounts that are due, at most `tick_accounts_max`; how many there were.

        pending: accounts with events yet to be applied, which are left alone: what was silent has just spoken.
        """
        if self._engine.profile.ranked and now >= self._next_reference:
            self._engine.refer(map(self._engine.unpack, self._store.records.sample(PEERS_SAMPLED)), now)
            self._next_reference = now + REFERENCE_S
        due = self._store.records.due(now, self._settings.tick_accounts_max)
        ripe = [account_id for account_id in due if account_id not in pending]
        if ripe:
            changes = Changes()
            for account_id, held in self._accounts.get(ripe).items():
                self._advance(changes, account_id, held, (), now)
            self._write(changes, now, ripe, applied=None)
        return len(due)

    def _write(self, changes: Changes, now: float, taken: Sequence[str], *, applied: int | None) -> None:
        store = self._store
        started = time.perf_counter()
        try:
            # Without a trigger in it nobody can have acted on it, and the log makes it again: then it need not be on
            # the disk before we go on, whatever becomes of the machine.
            with store.transaction(durable=changes.opens):
                new = []
                for account_id, effects in changes.effects:
                    store.outbox.move(account_id, effects.moves)
                    new += store.outbox.add(effects.triggers, now)
                store.records.save(changes.standings)
                store.records.publish(changes.published)
                store.records.describe(changes.described)
                if changes.dead:
                    store.dead_letters.add(changes.dead)
                if applied is not None:
                    store.set_applied(applied)
        except BaseException:
            self._accounts.drop(taken)
            raise
        if applied is not None:
            store.applied = applied
        self._accounts.trim()
        self._telemetry.stored(time.perf_counter() - started, len(changes.standings))
        if new:
            self._telemetry.triggered(new)
            self._on_triggers()
        self._telemetry.dead(changes.dead)

    def _advance(self, changes: Changes, account_id: str, held: Held, events: Sequence[Logged], now: float) -> None:
        now = self._now = max(now, self._now)  # the clock of the machine may be set back; that of an account may not
        dark = self._outage.holds(now)
        try:
            batch = [one.event for one in events]
            self._note(changes, held, events, self._engine.advance(held.account, batch, now, dark=dark), now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one account's
            self._failed(account_id, error)
            self._put_aside(changes, account_id, events, now, dark)

    def _note(self, changes: Changes, held: Held, events: Sequence[Logged], effects: Effects, now: float) -> None:
        account = held.account
        if events:
            held.applied = events[-1].seq
        deadline = max(effects.deadline, now + DEADLINE_MIN_S)
        standing = Standing(account.id, held.applied, deadline, self._engine.pack(account))
        changes.standings.append(standing)
        if effects.moves or effects.triggers:
            changes.effects.append((account.id, effects))
        if effects.score is not None:
            changes.published.append(Published(effects.score, self._describe(account, now)))
        elif any(one.event.stream in DESCRIBING for one in events):
            changes.described.append((account.id, self._describe(account, now)))

    def _describe(self, account: Account, now: float) -> Described:
        profile = self._engine.profile
        arr = self._read_arr(account, now).get("metrics.arr", account.trait("arr"))  # subscriptions know better
        stage, segment = profile.stage(account), profile.segment(account)
        paid = float(arr) if isinstance(arr, int | float) else None
        return Described(text(account, "name"), paid, text(account, "parent"), stage, segment)

    def _failed(self, account_id: str, error: Exception) -> None:
        """Our own fault, not the sender's. One odd record is put aside; a broken program is not run on."""
        self._errors += 1
        self._telemetry.engine_errors.inc()
        logger.error("account %r: the engine failed (%d so far)", account_id, self._errors, exc_info=error)
        if self._errors > self._settings.engine_errors_max:
            raise error

    def _put_aside(self, changes: Changes, account_id: str, events: Sequence[Logged], now: float, dark: bool) -> None:
        """Advance the account as it is on the disk event by event; what the engine can't take is a dead letter."""
        self._accounts.drop([account_id])
        held = self._accounts.get([account_id])[account_id]
        sound = self._engine.pack(held.account)
        for one in events:
            try:
                effects = self._engine.advance(held.account, [one.event], now, dark=dark)
            except Exception as error:  # noqa: BLE001 - the same, for one event
                held.account = self._engine.unpack(sound)
                held.applied = one.seq
                changes.dead.append(_letter(one, error, now))
                changes.standings.append(Standing(account_id, one.seq, now + POSTPONED_S, sound))
            else:
                self._note(changes, held, [one], effects, now)
                sound = changes.standings[-1].packed
        if not events:
            changes.standings.append(Standing(account_id, held.applied, now + POSTPONED_S, sound))


def _letter(one: Logged, error: Exception, now: float) -> DeadLetter:
    event = one.event
    message = f"the engine failed on an event that is in the log: {type(error).__name__}: {error}"
    raw = json.dumps(event.to_dict(), default=str).encode()
    return DeadLetter("engine_error", "messageId", event.message_id, message, raw, f"log:{one.seq}", 0, now)
