"""The core, whole: an account record, a batch of events and an instant in; the changed record and its effects out.

Runtimes (replay, embedded, Kafka) differ only in where records and effects live. Nothing here asks for the time.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from plays.episode import SAYINGS, Move
from plays.outlook import Outlook, soon
from plays.playbook import Playbook
from plays.watch import Watch, Watcher
from scoring import score as scores
from scoring.account import Account, unpack
from scoring.days import DAY, day_of
from scoring.event import Event
from scoring.layout import EVERYTHING, TIME
from scoring.metrics.metric import Values
from scoring.profile import Profile, Reader
from scoring.reference import Reference
from scoring.score import Score
from scoring.standing import Standing, standing

TREND_DAYS = {"trends.score_7d": 7, "trends.score_28d": 28}
"""Trends that conditions may use: the published score now less that of so many days ago."""


class Effects(NamedTuple):
    """What an advance brought about."""

    score: Score | None
    """The score to publish; None when neither score nor band changed since it was last published."""
    triggers: tuple[dict[str, Any], ...]
    """CloudEvents of the episodes that opened."""
    moves: tuple[Move, ...]
    """Every step of every episode, with its reason."""
    deadline: float
    """Unix seconds at which to advance the account again though nothing arrived; inf when never."""


class Engine:
    """A profile and a playbook, ready to advance accounts. Shared by all accounts; holds no state of any of them."""

    def __init__(self, profile: Profile, playbook: Playbook, *, publishing: bool = True) -> None:
        """`publishing=False` leaves the explained score out of the effects, for runs that nobody reads scores of, or
        that ask for them by `publish` from time to time. Such a run is `sparing`: it leaves out evaluations that can
        move no play, unless a play looks back at what was published (band, trends).
        """
        self.profile = profile
        self.playbook = playbook
        self.publishing = publishing
        self.reference: Reference | None = None
        remembering = any(name == "band" or name.startswith("trends.") for name in playbook.names)
        self.sparing = not publishing and not remembering
        self._watcher = Watcher(profile, playbook, soon)
        self._layout = profile.layout
        self._layout.traits |= playbook.traits
        self._layout.heed(SAYINGS)
        used = playbook.names
        always = profile.weighed | {
            name[8:] for name in playbook.gates.values() if name and name.startswith("metrics.")
        }
        self._read = profile.reader_of(always)
        self._further = [
            (play_id, rule.condition.ranges[:1], profile.reader_of(_metrics(names) - always), _known(names))
            for play_id, rule in playbook.rules.items()
            if _metrics(names := playbook.names_of(play_id)) - always or _known(names)
        ]
        self._alone = {
            play_id: (profile.reader_of(_metrics(names)), _known(names))
            for play_id in playbook.rules
            for names in (playbook.names_of(play_id),)
        }
        self._trends = [(name, days) for name, days in TREND_DAYS.items() if name in used]
        self._traits = "traits" in used
        self._outlook = Outlook(profile, playbook, bands=not self.sparing)
        self._weighed = profile.reader_of(profile.weighed)
        self._weighed_outlook = Outlook(profile, playbook, bands=True)

    def account(self, account_id: str) -> Account:
        """The record of an account that nothing is known of."""
        account = Account(account_id, self._layout)
        account.watch = self._watcher.watch(account)
        return account

    def unpack(self, packed: bytes) -> Account:
        """The record that `pack` wrote."""
        account = unpack(packed, self._layout)
        account.watch = self._watcher.watch(account)
        return account

    def pack(self, account: Account) -> bytes:
        """The record as bytes."""
        return account.pack(self._layout)

    def score(self, account: Account, at: float) -> Score:
        """The score at an instant, explained; changes nothing."""
        return scores.score(account, self.profile, at=at, values=self.profile.reader(account, at, self.reference))

    def publish(self, account: Account, at: float) -> tuple[Score | None, float]:
        """For sparing runs: the score to publish at the instant `at`, None when neither score nor band changed since it
        was last; and when to ask again though nothing arrives, unix seconds, inf when never.
        """
        values = self._weighed(account, at, self.reference)
        stands = standing(account, self.profile, at, values)
        if stands.score is not None:
            account.band = stands.band
        self._complete(values, account, at, stands)
        deadline = self._weighed_outlook.deadline(account, at, values, stands)
        if stands.override is not None:
            deadline = min(deadline, stands.override.until)
        if (stands.score, stands.band) == account.published:
            return None, deadline
        account.published = stands.score, stands.band
        return scores.score(account, self.profile, at=at, values=values, stands=stands), deadline

    def refer(self, accounts: Iterable[Account], at: float) -> None:
        """Hold accounts, from now on, against how the ranked metrics are spread over these, at the instant `at`."""
        ranked = sorted(self.profile.ranked)
        read = self.profile.reader_of(ranked)
        self.reference = Reference(
            (self.profile.segment(account), name, values[f"metrics.{name}"])
            for account in accounts
            for values in (read(account, at),)
            for name in ranked
            if f"metrics.{name}" in values
        )

    def fold(self, account: Account, events: Sequence[Event]) -> int:
        """Fold events into the record and move nothing else; 0 when they count for nothing new."""
        return account.observe(events, self._layout)

    def advance(
        self, account: Account, batch: Sequence[Event], now: float, *, dark: bool = False, anew: bool = False
    ) -> Effects:
        """Fold the batch into the record, score it and move its episodes.

        now: unix seconds, not before the account's last advance; dark: the sources are known to be silent
        themselves, so nobody's silence means anything; anew: the account was last advanced under another profile or
        playbook, so that nothing may be left out.
        """
        moves: list[Move] = []
        touched, first = TIME, account.first_arrival
        if batch:
            heard: list[Event] = []
            touched |= account.observe(batch, self._layout, heard)
            for event in heard:
                moves += self.playbook.feedback(account.id, account.episodes, event.name, event.properties, now)
        if self.sparing and not anew:
            if moves or (first and account.first_arrival != first):
                touched = EVERYTHING
            watch: Watch = account.watch
            ends = watch.ends(account)
            if not (watch.loose or touched & watch.cells or ends <= now):
                return Effects(None, (), tuple(moves), ends)
            if self._watcher.renew(account, now, touched) or (not dark and self._settle(account, now, moves)):
                return Effects(None, (), tuple(moves), watch.ends(account))
        return self._evaluate(account, now, dark, moves)

    def _settle(self, account: Account, at: float, moves: list[Move]) -> bool:
        """Move the episodes of plays that nothing keeps by the few values that these plays look at. False where those
        do not decide, where a play may open, or where something other than a watch must tell when to look again.
        """
        values: Values = {"tenure_days": (at - account.first_arrival) / DAY}
        if account.last_sign:
            values["silence_days"] = account.silence_s(at) / DAY
        loose = self._watcher.loose(account)
        for play_id in loose:
            self._add(values, account, at, *self._alone[play_id])
        settled = self.playbook.settle(loose, values, account.episodes, at)
        if settled is None:
            return False
        moves += settled
        self._watcher.moved(account, settled)
        return self._watcher.renew(account, at, 0)

    def _evaluate(self, account: Account, at: float, dark: bool, moves: list[Move]) -> Effects:
        values = self._read(account, at, self.reference)
        stands = standing(account, self.profile, at, values)
        if stands.score is not None:
            account.band = stands.band
        self._complete(values, account, at, stands)
        self._read_further(values, account, at)
        opened, due = self.playbook.advance(values, account.episodes, at, held=dark)
        moves += opened
        changed = (stands.score, stands.band) != account.published
        score = None
        triggers: tuple[dict[str, Any], ...] = ()
        if changed and not self.sparing:
            account.published = stands.score, stands.band
            _remember(account, day_of(at), stands.score)
        opening = [move for move in opened if move.opens]
        if opening or (changed and self.publishing):
            score = scores.score(account, self.profile, at=at, values=values, stands=stands)
            triggers = tuple(
                self.playbook.trigger(move, account.episodes[move.play], score, values) for move in opening
            )
        self._watcher.moved(account, opened)
        kept = self._watcher.renew(account, at, 0 if self.sparing else EVERYTHING)
        deadline = min(due, account.watch.ends(account))
        if not kept:
            deadline = min(deadline, soon(account, at))
        if not kept or not self.sparing:
            deadline = min(deadline, self._outlook.deadline(account, at, values, stands))
        if stands.override is not None:
            deadline = min(deadline, stands.override.until)
        return Effects(score if changed and self.publishing else None, triggers, tuple(moves), deadline)

    def _complete(self, values: Values, account: Account, at: float, stands: Standing) -> None:
        """Add to the metrics what else conditions may use."""
        values["stage"], values["segment"] = stands.stage, stands.segment
        values.update(stands.weighed.dimensions)
        values["coverage"], values["confidence"] = stands.weighed.coverage, stands.confidence
        if account.last_sign:
            values["silence_days"] = account.silence_s(at) / DAY
        values["tenure_days"] = (at - account.first_arrival) / DAY
        values["overridden"] = stands.override is not None
        if self._traits:
            values["traits"] = {name: answer[2] for name, answer in account.traits.items()}
        if stands.score is not None:
            values["score"], values["band"] = stands.score, stands.band
            for name, days in self._trends:
                before = _score_on(account, day_of(at) - days)
                if before is not None:
                    values[name] = stands.score - before

    def _read_further(self, values: Values, account: Account, at: float) -> None:
        """Read what only single plays look at, where they may start or are under way."""
        for play_id, gate, read, known in self._further:
            if play_id not in account.episodes:
                name, low, high = gate[0] if gate else ("", 0.0, 0.0)
                value = values.get(name)
                if name and (value is None or not low <= value <= high):
                    continue
            self._add(values, account, at, read, known)

    def _add(self, values: Values, account: Account, at: float, read: Reader, known: list[tuple[str, str]]) -> None:
        """Add metrics, and whether those asked after by `known.` are there."""
        values.update(read(account, at, self.reference))
        for name, metric in known:
            values[name] = metric in values


def names(profile: Profile) -> dict[str, str]:
    """What conditions may use under a profile, and of which type: double, string, bool or map."""
    metrics = profile.file.metrics
    dimensions = {
        *profile.file.dimensions,
        *(name for variant in profile.file.variants.values() for name in variant.dimensions),
    }
    doubles = ["score", "coverage", "confidence", "silence_days", "tenure_days", *TREND_DAYS]
    doubles += [f"metrics.{name}" for name in metrics] + [f"dimensions.{name}" for name in dimensions]
    return {
        **dict.fromkeys(doubles, "double"),
        **dict.fromkeys(("band", "stage", "segment"), "string"),
        **dict.fromkeys(("overridden", *(f"known.{name}" for name in metrics)), "bool"),
        "traits": "map",
    }


def _metrics(names: frozenset[str]) -> set[str]:
    """The metrics among names that conditions use, those asked after by `known.` too."""
    return {name.partition(".")[2] for name in names if name.startswith(("metrics.", "known."))}


def _known(names: frozenset[str]) -> list[tuple[str, str]]:
    """(`known.<metric>`, `metrics.<metric>`) of those asked after."""
    return [(name, f"metrics.{name[6:]}") for name in sorted(names) if name.startswith("known.")]


def _remember(account: Account, day: int, published: float | None) -> None:
    """Keep the last score of each of the days that a trend may look back to."""
    if published is None:
        return
    history = account.scores
    if history and history[-1][0] == day:
        history[-1] = day, published
    else:
        history.append((day, published))
        while len(history) > 1 and history[1][0] <= day - max(TREND_DAYS.values()):
            del history[0]


def _score_on(account: Account, day: int) -> float | None:
    """The last score published by the end of that day."""
    for known, value in reversed(account.scores):
        if known <= day:
            return value
    return None
