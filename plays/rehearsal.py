"""Runs the cases of a test file and says of each what came as expected, what did not come, and what came besides."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from plays.case import Case, CaseFile, EventRow, Expectation, ValueRow
from plays.engine import Engine
from plays.playbook import Playbook
from plays.reason import sentence
from scoring.account import Account
from scoring.days import DAY, instant, iso
from scoring.document import Document, Problem, format_duration
from scoring.event import Event

EVALUATIONS_MAX = 100_000
"""Evaluations of one case: one that never comes to rest is wrong."""

Replay = Callable[[Sequence[Mapping[str, Any]], float], Iterable[Mapping[str, Any]]]
"""The engine: (messages of the Segment spec in order of arrival, until in unix seconds) -> all triggers made.

`until` is when the case ends: time goes on after the last message."""


class Opened(NamedTuple):
    """A trigger that was made."""

    account: str
    play: str
    at: float
    reason: str


class Outcome(NamedTuple):
    """What became of a case. It passed when there are no problems."""

    name: str
    line: int
    opened: tuple[Opened, ...]
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "case": self.name,
            "line": self.line,
            "passed": not self.problems,
            "opened": [{**opened._asdict(), "at": iso(opened.at)} for opened in self.opened],
            "problems": [str(problem) for problem in self.problems],
        }


def rehearse(document: Document[CaseFile], playbook: Playbook, replay: Replay) -> Iterator[Outcome]:
    """Run the cases, one after the other; each begins with accounts that nothing is known of."""
    for index, case in enumerate(document.model.cases):
        path = ("cases", index)
        line = document.problem((*path, "name"), "").line
        wrong = tuple(_unknown(document, path, case, playbook))
        if wrong:
            yield Outcome(case.name, line, (), wrong)
            continue
        if case.values:
            found = tuple(opened for opened in enact(case, playbook) if not case.only or opened.play in case.only)
        else:
            triggers = replay(list(messages(case)), case.seconds(case.until))
            found = tuple(
                _opened(trigger) for trigger in triggers if not case.only or trigger["data"]["play"] in case.only
            )
        yield Outcome(case.name, line, found, tuple(_compare(document, path, case, found)))


def through(engine: Engine, read: Callable[[Sequence[Mapping[str, Any]]], Sequence[Event]]) -> Replay:
    """The replay of a case by the engine itself; `read` makes events of messages, in order of arrival, as intake does.

    Every event is its own batch; each deadline is kept at its instant. No source is ever dark: a case has few accounts,
    and the silence of all of them is what it is about.
    """

    def replay(sent: Sequence[Mapping[str, Any]], until: float) -> Iterator[Mapping[str, Any]]:
        accounts: dict[str, Account] = {}
        due: dict[str, float] = {}
        batches: list[tuple[float, str | None, tuple[Event, ...]]] = [
            *((event.arrived, event.account_id, (event,)) for event in read(sent)),
            (until, None, ()),
        ]
        for arrived, account_id, batch in batches:
            while due and (next_due := min(due.items(), key=lambda item: (item[1], item[0])))[1] < arrived:
                effects = engine.advance(accounts[next_due[0]], (), next_due[1])
                due[next_due[0]] = effects.deadline
                yield from effects.triggers
            if account_id is not None:
                account = accounts.setdefault(account_id, engine.account(account_id))
                effects = engine.advance(account, batch, arrived)
                due[account_id] = effects.deadline
                yield from effects.triggers

    return replay


def messages(case: Case) -> Iterator[dict[str, Any]]:
    """The case's events as messages of the Segment spec, in the order of arrival."""
    made: list[tuple[float, int, dict[str, Any]]] = []
    for index, row in enumerate(case.events):
        for repetition in range(row.times):
            at = case.seconds(row.at) + repetition * (row.every or 0.0)
            made.append(
                (at + row.late, index, _message(row, at, row.account or case.account, f"case-{index}-{repetition}"))
            )
    yield from (message for _, _, message in sorted(made, key=lambda item: item[:2]))


def _message(row: EventRow, at: float, account: str, message_id: str) -> dict[str, Any]:
    head: dict[str, Any] = {"messageId": message_id, "timestamp": iso(at), "receivedAt": iso(at + row.late)}
    head.update({"userId": row.user} if row.user is not None else {"anonymousId": "case"})
    if row.message is not None:
        return {**head, "context": {"groupId": account}, **row.message}
    if row.group is not None:
        return {**head, "type": "group", "groupId": account, "traits": row.group}
    if row.identify is not None:
        return {**head, "type": "identify", "context": {"groupId": account}, "traits": row.identify}
    return {**head, "type": "track", "event": row.event, "context": {"groupId": account}, "properties": row.properties}


def enact(case: Case, playbook: Playbook) -> Iterator[Opened]:
    """The openings that a series of values brings about; between rows time goes on, to each deadline."""
    values: dict[str, Any] = {"stage": "", "segment": "", "overridden": False}
    drift: dict[str, float] = {}
    episodes: dict[str, tuple[Any, ...]] = {}
    dark = False
    due = at = case.seconds(case.start)
    ends = [*(case.seconds(row.at) for row in case.values[1:]), case.seconds(case.until)]
    evaluations = 0
    for row, end in zip(case.values, ends, strict=True):
        _drift(values, drift, case.seconds(row.at) - at)
        due = at = case.seconds(row.at)
        dark = dark if row.dark is None else row.dark
        _set(values, drift, row)
        if row.say is not None:
            playbook.feedback(case.account, episodes, row.say, {"play": row.play, "feedback": row.feedback}, at)
        while due < end or due == at:
            _drift(values, drift, due - at)
            at = due
            moves, due = playbook.advance(values, episodes, at, held=dark)
            for move in moves:
                if move.opens:
                    yield Opened(case.account, move.play, at, sentence(playbook.rules[move.play].condition, values))
            due = min(due, playbook.next_crossing(values, drift, at))
            evaluations += 1
            if evaluations > EVALUATIONS_MAX:
                raise RuntimeError(f"case {case.name!r}: more than {EVALUATIONS_MAX} evaluations by {iso(at)}")


def _set(values: dict[str, Any], drift: dict[str, float], row: ValueRow) -> None:
    for name, value in row.set.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    if row.traits is not None:
        values["traits"] = row.traits
    drift.update(row.drift)


def _drift(values: dict[str, Any], drift: Mapping[str, float], seconds: float) -> None:
    for name, rate in drift.items():
        if name in values:
            values[name] += rate * (seconds / DAY)


def _opened(trigger: Mapping[str, Any]) -> Opened:
    at = instant(trigger["time"])
    if at is None:
        raise ValueError(f"trigger {trigger['id']}: time {trigger['time']!r} is no instant")
    data = trigger["data"]
    return Opened(data["account_id"], data["play"], at, data["reason"])


def _compare(
    document: Document[CaseFile], path: tuple[str | int, ...], case: Case, found: Sequence[Opened]
) -> Iterator[Problem]:
    """Each expectation takes the nearest opening that fits; what is left over on either side is a problem."""
    left = list(found)
    for index, expected in enumerate(case.expect):
        at, account = case.seconds(expected.at), expected.account or case.account
        same = [opened for opened in left if (opened.play, opened.account) == (expected.play, account)]
        nearest = min(same, key=lambda opened: abs(opened.at - at), default=None)
        if nearest is not None and abs(nearest.at - at) <= expected.within:
            left.remove(nearest)
            continue
        yield document.problem((*path, "expect", index), _did_not_come(expected, account, at, nearest))._replace(
            value=""
        )
    for opened in left:
        message = f"not expected: {opened.play} opened for {opened.account} at {iso(opened.at)}: {opened.reason}"
        yield document.problem((*path, "expect"), message)._replace(value="")


def _did_not_come(expected: Expectation, account: str, at: float, nearest: Opened | None) -> str:
    wanted = f"{expected.play} for {account} at {iso(at)}, give or take {format_duration(expected.within)}"
    return f"expected {wanted}; " + ("it did not open" if nearest is None else f"it opened at {iso(nearest.at)}")


def _unknown(
    document: Document[CaseFile], path: tuple[str | int, ...], case: Case, playbook: Playbook
) -> Iterator[Problem]:
    """Plays and values that the playbook does not know: a slip of the pen would make the case prove nothing."""
    named = [((*path, "only", i), play) for i, play in enumerate(case.only)]
    named += [((*path, "expect", i, "play"), expected.play) for i, expected in enumerate(case.expect)]
    named += [((*path, "values", i, "play"), row.play) for i, row in enumerate(case.values) if row.play is not None]
    for where, play in named:
        if play not in playbook.plays:
            yield document.problem(where, f"no such play; the playbook has: {', '.join(sorted(playbook.plays))}")
    seen = playbook.names | {"stage", "segment"}
    for index, row in enumerate(case.values):
        for key in ("set", "drift"):
            for name in getattr(row, key):
                if name not in seen:
                    message = f"no play looks at it; they look at: {', '.join(sorted(seen))}"
                    yield document.problem((*path, "values", index, key, name), message)
