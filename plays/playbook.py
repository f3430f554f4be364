"""A playbook: the plays of a file with their conditions compiled, and what the engine asks of all of them at once."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from importlib import resources
from math import inf, isfinite
from typing import Any, NamedTuple, TypeVar

from plays import episode as episodes_
from plays import trigger as triggers
from plays.condition import Condition, ConditionError, Language, Names
from plays.episode import LIVE, Episode, Move, withdraw
from plays.logic import Values
from plays.play import Play, PlaybookFile
from plays.reason import TRAITS, placeholders
from scoring.account import RETIRED_EPISODES_MAX
from scoring.days import CROSSED_S, DAY
from scoring.document import Document, DocumentError, Problem, read
from scoring.score import Score

AnyPlaybookFile = TypeVar("AnyPlaybookFile", bound=PlaybookFile)

HELD_AGAIN_S = 3_600.0
"""While the sources are dark, what waits for them is looked at every hour: nothing is forgotten when they return."""

UNDER_WAY = LIVE | {"spent"}
"""Phases that a trigger has led to and that have not ended."""

PHASE = Episode._fields.index("phase")
SINCE = Episode._fields.index("since")


class CompiledPlay(NamedTuple):
    """A play with its compiled conditions."""

    play: Play
    condition: Condition
    clear: Condition | None
    for_all: bool
    """No stage or segment to look at."""


class Playbook:
    """Plays, ready to move the episodes of accounts. Shared by all accounts; holds no state of any of them."""

    def __init__(self, version: str, rules: Iterable[CompiledPlay]) -> None:
        self.version = version
        self.rules: Mapping[str, CompiledPlay] = {rule.play.id: rule for rule in rules}
        self.plays: Mapping[str, Play] = {play_id: rule.play for play_id, rule in self.rules.items()}
        conditions = [c for rule in self.rules.values() for c in (rule.condition, rule.clear) if c is not None]
        templated = {name for play in self.plays.values() for name in placeholders(play.reason or "")}
        self.names: frozenset[str] = frozenset(
            {name for condition in conditions for name in condition.names}
            | {"traits" if name.startswith(TRAITS) else name for name in templated}
        )
        """Everything that conditions and reasons look at."""
        self.traits: frozenset[str] = frozenset(
            {trait for condition in conditions for trait in condition.traits}
            | {name[len(TRAITS) :] for name in templated if name.startswith(TRAITS)}
        )
        """Traits that conditions and reasons look at."""
        edges: dict[str, set[float]] = {}
        for name, edge in (edge for condition in conditions for edge in condition.edges):
            if isfinite(edge):
                edges.setdefault(name, set()).add(edge)
        self._edges = {name: tuple(sorted(found)) for name, found in edges.items()}
        self.time_names: frozenset[str] = frozenset(self._edges)
        """The numbers whose drift by time alone may change a condition."""
        # The first atom of each condition, unpacked: most plays of most accounts are decided by it alone.
        self._gates = [
            (id_, *(rule.condition.ranges or ((None, 0.0, 0.0),))[0], rule) for id_, rule in self.rules.items()
        ]

    @property
    def gates(self) -> Mapping[str, str | None]:
        """By play the name that decides most cases: that of its condition's first atom; None where it has none."""
        return {play_id: name for play_id, name, *_ in self._gates}

    def names_of(self, play_id: str) -> frozenset[str]:
        """Everything that a play's conditions and reason look at."""
        rule = self.rules[play_id]
        cleared = frozenset() if rule.clear is None else rule.clear.names
        return rule.condition.names | cleared | frozenset(placeholders(rule.play.reason or ""))

    def bounds(self, name: str) -> tuple[float, ...]:
        """The numbers that conditions compare a name with, ascending; exact to the last float."""
        return self._edges.get(name, ())

    def advance(
        self, values: Values, episodes: dict[str, tuple[Any, ...]], at: float, *, held: bool = False
    ) -> tuple[tuple[Move, ...], float]:
        """Move all episodes of an account, in place, to the instant `at` (unix seconds).

        Returns the moves, and when time alone may move an episode next if the values stay as they are (inf: never).
        """
        moves: list[Move] = []
        due = inf
        get = values.get
        for play_id, name, low, high, rule in self._gates:
            packed = episodes.get(play_id)
            if packed is None or packed[PHASE] == "idle":
                if name is not None:
                    value = get(name)
                    if value is None or not low <= value <= high:
                        continue
                if not rule.condition.holds(values) or not (rule.for_all or rule.play.applies(values)):
                    continue
                if held:
                    due = min(due, at + HELD_AGAIN_S)
                    continue
            due = min(due, self._move(rule, values, episodes, at, held, moves))
        if episodes and not episodes.keys() <= self.rules.keys():
            self._retire(episodes, at, moves)
        return tuple(moves), due

    def settle(
        self, play_ids: Iterable[str], values: Values, episodes: dict[str, tuple[Any, ...]], at: float
    ) -> tuple[Move, ...] | None:
        """Move the episodes of some plays, in place, if these values decide and nothing opens; else None.

        values: what is not in them is taken for unknown and not for missing, so that only what is certain counts.
        """
        rules = [self.rules[play_id] for play_id in play_ids]
        for rule in rules:
            packed = episodes.get(rule.play.id)
            truth = rule.condition(values)
            if not rule.for_all or truth is None:
                return None
            if packed is None or packed[PHASE] not in UNDER_WAY:
                if truth:
                    return None
            elif rule.clear is not None and rule.clear(values) is None:
                return None
        moves: list[Move] = []
        for rule in rules:
            self._move(rule, values, episodes, at, False, moves)
        return tuple(moves)

    def _move(
        self,
        rule: CompiledPlay,
        values: Values,
        episodes: dict[str, tuple[Any, ...]],
        at: float,
        held: bool,
        moves: list[Move],
    ) -> float:
        """Move one play's episode; the instant at which time alone may move it next."""
        play = rule.play
        packed = episodes.get(play.id)
        episode = None if packed is None else Episode._make(packed)
        if episode is not None and episode.phase == "closed" and at < episode.since + play.cooldown:
            return episode.since + play.cooldown
        now: Episode | None
        if rule.for_all or play.applies(values):
            truth = rule.condition(values)
            clear = (None if truth is None else not truth) if rule.clear is None else rule.clear(values)
            now, made = episodes_.advance(play, episode, truth=truth, clear=clear, at=at, held=held)
        elif episode is not None:
            withdrawn, made = withdraw(episode, at)
            now, cooled = episodes_.advance(play, withdrawn, truth=None, clear=None, at=at, held=held)
            made += cooled
        else:
            return inf
        moves += made
        if now is None or now.number == 0:
            episodes.pop(play.id, None)
            return inf
        if now is not episode:
            episodes[play.id] = now
        due = episodes_.deadline(play, now)
        waiting = held and now.phase not in ("idle", "spent")
        if waiting and (due is None or due > at + HELD_AGAIN_S or due <= at):
            return at + HELD_AGAIN_S
        return inf if due is None else due

    def _retire(self, episodes: dict[str, tuple[Any, ...]], at: float, moves: list[Move]) -> None:
        """Close the episodes of plays that are no longer in the playbook; keep the numbers of those that moved last."""
        retired = [play_id for play_id in episodes if play_id not in self.rules]
        for play_id in retired:
            episode, made = withdraw(Episode._make(episodes[play_id]), at)
            moves += made
            if episode.number == 0:
                del episodes[play_id]
            elif made:
                episodes[play_id] = episode
        kept = [play_id for play_id in retired if play_id in episodes]
        for play_id in sorted(kept, key=lambda kept_id: (episodes[kept_id][SINCE], kept_id))[:-RETIRED_EPISODES_MAX]:
            del episodes[play_id]

    def next_crossing(self, values: Values, rates: Mapping[str, float], at: float) -> float:
        """The earliest instant after `at` at which drift by time alone changes any comparison of any play; inf: never.

        rates: change per day, by name; values: those at `at`. At the returned instant the comparison has changed.
        """
        crossing = inf
        for name, rate in rates.items():
            edges = self._edges.get(name)
            if edges is None or not rate:
                continue
            value = values.get(name)
            if value is None:
                continue
            # comparisons differ between value <= edge and value > edge
            index = bisect_left(edges, value)
            if rate < 0:
                index -= 1
            if 0 <= index < len(edges):
                ahead = at + CROSSED_S + (edges[index] - value) / rate * DAY
                if ahead < crossing:
                    crossing = _crossed(value, rate, edges[index], at)
        return crossing

    def feedback(
        self, account_id: str, episodes: dict[str, tuple[Any, ...]], event_name: str, said: Mapping[str, Any], at: float
    ) -> tuple[Move, ...]:
        """Heed what people say of an episode, in place: `said` has its `trigger_id`, or a `play` for its newest one."""
        moves: list[Move] = []
        for play_id, packed in list(episodes.items()):
            given = said.get("trigger_id")
            meant = self.owns(account_id, packed, given) if given is not None else said.get("play") == play_id
            if meant and play_id in self.plays:
                episode, made = episodes_.feedback(
                    self.plays[play_id], Episode._make(packed), event_name, at, said.get("feedback")
                )
                episodes[play_id] = episode
                moves += made
        return tuple(moves)

    def owns(self, account_id: str, packed: tuple[Any, ...], trigger_id: object) -> bool:
        """Whether the trigger id is that of this episode of the account."""
        episode = Episode._make(packed)
        return trigger_id is not None and trigger_id == triggers.trigger_id(account_id, episode.play, episode.number)

    def trigger(self, move: Move, packed: tuple[Any, ...], score: Score, values: Values) -> dict[str, Any]:
        """The CloudEvent of a move that opened an episode."""
        rule = self.rules[move.play]
        return triggers.trigger(rule.play, rule.condition, Episode._make(packed), score, values, self.version)


def _crossed(value: float, rate: float, edge: float, at: float) -> float:
    """When value + rate * days has passed the edge: upwards value > edge, downwards value <= edge."""
    step = CROSSED_S
    instant = at + max(0.0, (edge - value) / rate * DAY) + step
    while isfinite(instant) and (value + rate * ((instant - at) / DAY) > edge) != (rate > 0):
        step *= 2  # so slow that a millisecond is lost in rounding
        instant += step
    return instant


def load_playbook(text: str, *, file: str, profile_names: Names, fitting: bool = False) -> Playbook:
    """The playbook of a YAML text.

    profile_names: the variables that conditions may use, and their types. DocumentError holds every problem, each with
    file, line, key, value and what is allowed. `fitting` leaves out the plays that look at what the profile does not
    have: for plays that nobody asked for.
    """
    return playbook_of(read(text, file=file, model=PlaybookFile), profile_names, fitting=fitting)


def playbook_of(document: Document[AnyPlaybookFile], profile_names: Names, *, fitting: bool = False) -> Playbook:
    """The same of a document that was read."""
    language = Language(profile_names)
    problems: list[Problem] = []
    rules = [
        _rule(document, play.named(play_id), language, profile_names, problems)
        for play_id, play in document.model.plays.items()
    ]
    if problems and not fitting:
        raise DocumentError(problems)
    unfit = {problem.key.split(".")[1] for problem in problems}
    return Playbook(document.model.version, [rule for rule in rules if rule is not None and rule.play.id not in unfit])


def starter_text() -> str:
    """The play file that is shipped, for the default profile."""
    return resources.files("plays").joinpath("starter.yaml").read_text(encoding="utf-8")


def starter_playbook(profile_names: Names) -> Playbook:
    """The plays that are shipped."""
    return load_playbook(starter_text(), file="starter.yaml", profile_names=profile_names)


def _rule(
    document: Document[AnyPlaybookFile], play: Play, language: Language, names: Names, problems: list[Problem]
) -> CompiledPlay | None:
    """The play with its conditions compiled; what is wrong with them goes to `problems`."""
    compiled: dict[str, Condition] = {}
    for key, source in (("condition", play.condition), ("clear_when", play.clear_when)):
        if source is not None:
            try:
                compiled[key] = language.condition(source)
            except ConditionError as error:
                problems.append(document.problem(("plays", play.id, key), str(error)))
    for name in placeholders(play.reason or ""):
        if name not in names and not name.startswith(TRAITS):
            message = f"{{{name}}} is not known; allowed: the names that conditions may use, and traits.<name>"
            problems.append(document.problem(("plays", play.id, "reason"), message))
    if "condition" not in compiled:
        return None
    for_all = not play.applies_to.stage and not play.applies_to.segment
    return CompiledPlay(play, compiled["condition"], compiled.get("clear_when"), for_all)
