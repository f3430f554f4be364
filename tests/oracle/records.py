"""What was said, what is open, what is paid."""

from collections import defaultdict
from collections.abc import Callable
from statistics import fmean
from typing import Any

from scoring.event import Event
from tests.oracle.case import DAY_S, Case, selected, thing
from tests.oracle.history import moment, newest, newness, number


def answers(spec: Any, case: Case) -> float | None:
    given: dict[str, Event] = {}
    for event in selected(spec, case):  # oldest first; those who are not named count as one person
        value = number(event.properties.get(spec.property))
        if value is not None and spec.low <= value <= spec.high:
            given[thing(event, spec.per) or ""] = event
    fresh = [float(e.properties[spec.property]) for e in given.values() if case.at - e.at < spec.window]
    if not fresh:
        return None
    if spec.combine == "nps":
        return 100.0 * (sum(a >= 9 for a in fresh) - sum(a <= 6 for a in fresh)) / len(fresh)
    return sum(a >= 4 for a in fresh) / len(fresh) if spec.combine == "top_two" else fmean(fresh)


def latest(spec: Any, case: Case) -> float | None:
    if spec.trait is not None:
        said = case.history.trait(spec.trait)
    else:
        said = newest(case.history.select(events=spec.events), spec.property)
    if said is None or (spec.max_age is not None and case.at - said[0] > spec.max_age):
        return None
    return number(said[1])  # the newest value; when that is no number there is none


def items(spec: Any, case: Case) -> float | None:
    touched: dict[str, list[Event]] = defaultdict(list)
    for event in case.history.select(events=[*spec.opens, *spec.closes]):
        touched[thing(event, spec.key) or ""].append(event)  # those without an id are one and the same
    if not touched:
        return None
    closings = [e.at for events in touched.values() for e in events if e.name in spec.closes]
    opened: list[float] = []
    due: list[float] = []
    for events in touched.values():
        openings = [e.at for e in events if e.name not in spec.closes]
        if not openings or max(openings) <= max([e.at for e in events if e.name in spec.closes], default=float("-inf")):
            continue
        opened.append(max(openings))
        dates = [said for e in events if spec.due and (said := moment(e.properties.get(spec.due))) is not None]
        due += dates[-1:]  # the newest word on it
    if spec.report == "closed_ago":
        if not closings or max(opened, default=float("-inf")) >= max(closings):
            return None
        return (case.at - max(closings)) / DAY_S
    late = [case.at - when for when in due if when < case.at]
    reports: dict[str, Callable[[], float | None]] = {
        "open": lambda: float(len(opened)),
        "live": lambda: 1.0 if opened else 0.0,
        "overdue": lambda: float(len(late)),
        "days_to_due": lambda: (min(due) - case.at) / DAY_S if due else None,
        "days_overdue": lambda: max(late) / DAY_S if late else 0.0,
    }
    return reports[spec.report]()


def subscription(spec: Any, case: Case) -> float | None:
    moves: dict[str, list[tuple[float, float, float | None]]] = defaultdict(list)
    for event in sorted(case.history.select(events=spec.events), key=newness):
        arr = 0.0 if event.name in spec.churns else number(event.properties.get("arr"))
        if arr is not None:
            renews = moment(event.properties.get("renews_at"))
            moves[str(event.properties.get("subscription_id", ""))].append((event.at, arr, renews))

    def arr_at(instant: float) -> float:
        return sum(([arr for at, arr, _ in steps if at <= instant] or [0.0])[-1] for steps in moves.values())

    if spec.report == "arr":
        return arr_at(case.at) if moves else None
    if spec.report == "change":
        before = arr_at(case.at - spec.window)
        return (arr_at(case.at) - before) / before if before > 0 else None
    running = [[renews for _, _, renews in steps if renews is not None] for steps in moves.values() if steps[-1][1] > 0]
    return min(((dates[-1] - case.at) / DAY_S for dates in running if dates), default=None)
