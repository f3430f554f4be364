"""Restatements as JSON: which figures changed, by which event, and what retention was before."""

from collections.abc import Mapping
from typing import Any

from scorecard.model.rows import Restated, RestatedPeriod
from scorecard.model.tables import COUNTS
from scorecard.money import major
from scorecard.report.line import figure_json
from scorecard.retention import grr, nrr
from scorecard.sheet import Sheet
from scoring.days import iso

Json = dict[str, Any]

COUNTED = {"moves": "movements", "exposed": "movements_exposed", "expansions": "expansions", "credited": "credited"}
"""What is counted beside the sheet, and what it is called here."""

WAITS = {"first": "days_to_first_expansion", "next": "days_to_next_expansion"}
"""What is counted by how many days it took."""

MONEY = frozenset({"credited", *Sheet._fields}) - COUNTS


def restated_row(one: Restated, currency: str) -> Json:
    """What changed of an entity's period, before and after: counts, amounts in major units, days, and cohorts."""
    changes: dict[str, Json] = {}
    for name, both in one.changes.items():
        group, _, rest = name.partition(".")
        if group == "count" and (wait := rest.partition("/"))[0] in WAITS:
            days = changes.setdefault(WAITS[wait[0]], {"before": [], "after": []})
            for side, count in zip(("before", "after"), both, strict=True):
                days[side] = sorted([*days[side], *[int(wait[2])] * int(count)])
            continue
        field = COUNTED.get(rest, rest) if group == "count" else name
        money = group != "cohort" and name.rpartition(".")[2] in MONEY
        changes[field] = {
            side: float(major(int(value), currency)) if money else value
            for side, value in zip(("before", "after"), both, strict=True)
        }
    return {
        "period": one.period,
        "entity": one.entity,
        "known_at": iso(one.known_at),
        "message_id": one.message_id,
        "messages": one.messages,
        "changes": changes,
    }


def restated_period(one: RestatedPeriod, currency: str) -> Json:
    """R2 and R3 of everybody before and after what came on a day."""
    return {
        "period": one.period,
        "on": str(one.on),
        "entities": one.entities,
        "message_id": one.message_id,
        "messages": one.messages,
        "before": _retention(one.before, currency),
        "after": _retention(one.after, currency),
    }


def _retention(of: Sheet, currency: str) -> Mapping[str, Json]:
    return {"grr": figure_json(grr(of), currency), "nrr": figure_json(nrr(of), currency)}
