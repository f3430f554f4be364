"""What the routes of the scorecard share: parameters, the read model, and the errors of what can't be answered."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import HTTPException, Query

from scorecard.model.database import DatabaseError
from scorecard.model.model import NotKept
from scorecard.model.pages import CursorError
from scorecard.period import FORMS, Period
from scorecard.report.source import Source
from streams.http.parameters import invalid
from streams.scorecard.by import refused
from streams.scorecard.named import named

PeriodText = Annotated[
    str | None, Query(max_length=64, description=f"{FORMS}. Absent: the last whole quarter.", examples=["2026-Q3"])
]
AnyPeriod = Annotated[
    str | None, Query(max_length=64, description=f"{FORMS}. Absent: of all time.", examples=["2026-Q3"])
]
By = Annotated[
    str | None, Query(max_length=400, description="Dimensions of cohorts, with commas.", examples=["segment,industry"])
]
After = Annotated[str | None, Query(max_length=1_000, description="`next` of the page before.")]

RETRY_S = "5"
"""When to ask again for what is being computed."""

Opened = Callable[[], Source]
"""The read model; raises DatabaseError while there is none."""


@contextmanager
def asked(
    opened: Opened, period: str | None = None, by: str | None = None
) -> Iterator[tuple[Source, Period, Sequence[str]]]:
    """The read model, the period and the dimensions of a call; HTTP errors for what can't be answered."""
    try:
        source = opened()
        wanted = _period(source, period)
        names = named(by)
        known(source, names, "by")
        yield source, wanted, names
    except CursorError as error:
        raise invalid("after", str(error), "not the `next` of a page") from None
    except NotKept as error:
        raise HTTPException(503, str(error), {"Retry-After": RETRY_S}) from None
    except DatabaseError as error:
        raise HTTPException(503, f"the scorecard can't be read: {error}", {"Retry-After": RETRY_S}) from None


def _period(source: Source, text: str | None) -> Period:
    try:
        return source.period(text, datetime.now(UTC).date())
    except ValueError as error:
        raise invalid("period", str(text), str(error)) from None


def known(source: Source, names: Sequence[str], parameter: str) -> None:
    """HTTP 422 for a dimension that is not kept, or is named twice."""
    if odd := refused(names, source.settings):
        raise invalid(parameter, odd.name, odd.allowed)


def paged(
    rows: Sequence[dict[str, Any]], limit: int, after: str | None, by: Sequence[str] = ("id", "period", "cohort", "on")
) -> tuple[Sequence[dict[str, Any]], str | None]:
    """Some rows of a list whose order stays: `next` names the last one by these keys, which no other row has alike."""
    first = 0
    if after is not None:
        places = [_name(row, by) for row in rows]
        if after not in places:
            raise CursorError(after[:80])
        first = places.index(after) + 1
    shown = rows[first : first + limit]
    return shown, _name(shown[-1], by) if first + limit < len(rows) else None


def _name(row: dict[str, Any], by: Sequence[str]) -> str:
    return json.dumps([row.get(key, "") for key in by], ensure_ascii=False, separators=(",", ":"))
