"""The scorecard over HTTP: views, retention, lift, attribution, forecast, movements, issues, and who opens it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from scorecard.attribution import Model as AttributionModel
from scorecard.catalogue import catalogue
from scorecard.model.database import DatabaseError
from scorecard.model.model import NotKept
from scorecard.model.pages import CursorError
from scorecard.model.terms import PRODUCT
from scorecard.movement import Kind
from scorecard.period import FORMS, Period
from scorecard.report import drill, retained, view_json
from scorecard.report.clg import attribute, measure
from scorecard.report.clg_json import attributed, measured
from scorecard.report.drill import Work, nobody
from scorecard.report.foretold import foretell
from scorecard.report.ledger_json import issue_row, movement_row, restated_row
from scorecard.report.scorecard import executive, operational
from scorecard.report.source import Source
from scorecard.report.whole import USE_DAYS, used, whole
from scoring.days import iso
from streams.http.parameters import Limit, Moment, invalid, moment
from streams.scorecard.opening import terms

PeriodText = Annotated[
    str | None, Query(max_length=64, description=f"{FORMS}. Absent: the last whole quarter.", examples=["2026-Q3"])
]
By = Annotated[
    str | None, Query(max_length=400, description="Dimensions of cohorts, with commas.", examples=["segment,industry"])
]
View = Annotated[Literal["executive", "operational"], Query(description="A few figures, or all of them.")]
After = Annotated[str | None, Query(max_length=1_000, description="`next` of the page before.")]
CohortText = Annotated[
    list[str] | None, Query(description="`dimension:value`; several may be given.", examples=[["segment:smb"]])
]
Months = Annotated[int, Query(ge=1, le=retained.MONTHS_MAX, description="So many whole months up to now.")]
Reader = Annotated[
    str | None,
    Header(alias="X-Reader", max_length=80, description="Who opens it, for the metric S3: a name or a tool."),
]
AccountId = Annotated[str | None, Query(max_length=256, description="Only of this account and those merged with it.")]
Kinds = Annotated[list[Kind] | None, Query(description="Only of these kinds; several may be given.")]

Reason = Annotated[str | None, Query(max_length=64, description="Only those for this reason.")]

UNNAMED = "(unnamed)"
RETRY_S = "5"
"""When to ask again for what is being computed."""


class Scorecard:
    """Answers from the scorecard's read model, which a process of its own keeps up to date."""

    def __init__(self, source: Callable[[], Source], work: Work = nobody) -> None:
        """source: the read model; raises DatabaseError while there is none. work: the open plays of an account."""
        self._source = source
        self._work = work

    def routes(self, guard: Any) -> APIRouter:
        """The routes, behind the guard of the read token."""
        routes = APIRouter(prefix="/v1", tags=["scorecard"], dependencies=[Depends(guard)])
        add = routes.add_api_route
        add("/scorecard", self.scorecard, summary="The executive or the operational scorecard of a period")
        add("/scorecard/accounts", self.accounts, summary="Accounts of a cohort, with open plays and next action")
        add("/scorecard/state", self.state, summary="How fresh the figures are")
        add("/scorecard/use", self.use, summary="Who opened the scorecard how often")
        add("/retention", self.retention, summary="NRR, GRR, logo retention and the waterfall, by cohort")
        add("/retention/monthly", self.monthly, summary="The same by month")
        add("/lift", self.lift, summary="Exposed accounts against comparable others")
        add("/attribution", self.attribution, summary="Expansion shared out among programmes")
        add("/forecast", self.forecast, summary="NRR of the coming quarters")
        add("/movements", self.movements, summary="Movements of recurring revenue with their exposure")
        add("/restatements", self.restatements, summary="What late data changed of periods that were over")
        add("/issues", self.issues, summary="What was wrong with revenue events")
        add("/metrics", self.metrics, summary="Every metric: definition, formula, owner, review, traps")
        return routes

    def scorecard(
        self, period: PeriodText = None, by: By = None, view: View = "executive", limit: Limit = 1_000,
        after: After = None, x_reader: Reader = None,
    ) -> JSONResponse:  # fmt: skip
        """Lines with value, numerator, denominator, n, target, trend; executive ones with best and worst cohort.
        Operational ones are of everybody and then of every cohort, with features, journey stages and signs on the first
        page. Follow `next` until it is null.
        """
        with self._asked(period, by) as (source, asked, names):
            if view == "executive":
                found = executive(source, asked, names, whole(source, asked, source.settings.executive.figures))
            else:
                found = operational(source, asked, names, whole(source, asked))
            rows, more = _page(view_json.lines(found, source), limit, after)
            beside = view_json.details(source, asked) if view == "operational" and after is None else {}
            told = {**view_json.head(found, source), "view": view, "lines": rows, "next": more, **beside}
            task = BackgroundTask(source.use.note, x_reader or UNNAMED, view, datetime.now(UTC).date())
        return JSONResponse(told, background=task if after is None else None)

    def accounts(
        self, period: PeriodText = None, cohort: CohortText = None, limit: Limit = 100, after: After = None
    ) -> JSONResponse:
        """What each account adds to the figures of the cohort, its owner, open plays and next action."""
        with self._asked(period, None) as (source, asked, _):
            named = [one.partition(":") for one in cohort or ()]
            wanted = {dimension: value for dimension, _, value in named}
            _known(source, wanted, "cohort")
            page = drill.accounts(source, asked, wanted, self._work, after=after, limit=limit)
            rows = [one.to_json(source.settings.currency) for one in page.rows]
            return JSONResponse({"period": asked.label, "cohort": wanted, "accounts": rows, "next": page.next})

    def state(self) -> JSONResponse:
        """Arrival of the newest event in the figures of money, and in all others, which follow within a minute;
        entities whose figures lag behind their movements.
        """
        with self._asked(None, None) as (source, _, _):
            newest = {"money": source.model.newest(), "others": source.facets.newest()}
            told = {name: iso(at) if at else None for name, at in newest.items()}
            return JSONResponse({**told, "unsettled": source.model.unsettled()})

    def use(
        self, days: Annotated[int, Query(ge=1, le=400, description="Over so many days.")] = USE_DAYS
    ) -> JSONResponse:
        """S3: openings of the views by reader, the most frequent first. Readers name themselves by `X-Reader`."""
        with self._asked(None, None) as (source, _, _):
            return JSONResponse({"days": days, "use": [one._asdict() for one in used(source, days)]})

    def retention(
        self, period: PeriodText = None, by: By = None, limit: Limit = 1_000, after: After = None
    ) -> JSONResponse:
        """R1 to R4: of everybody, and then of each cohort; amounts to the minor unit, `gap` is zero."""
        with self._asked(period, by, products=True) as (source, asked, names):
            found = retained.retained(source, asked, names)
            rows, more = _page([one.to_json(source.settings.currency) for one in found], limit, after)
            return JSONResponse({"period": asked.label, "by": list(names), "cohorts": rows, "next": more})

    def monthly(self, months: Months = 24) -> JSONResponse:
        """C8: every month by itself, with the twelve months that end with it; oldest first."""
        with self._asked(None, None) as (source, _, _):
            found = retained.monthly(source, months)
            return JSONResponse({"months": [one.to_json(source.settings.currency) for one in found]})

    def lift(self, period: PeriodText = None) -> JSONResponse:
        """C3 to C5: the stratified lift with its interval, balance, placebo, by programme; strata that can't be
        compared are listed. Takes seconds.
        """
        with self._asked(period, None) as (source, asked, _):
            return JSONResponse(measured(measure(source, asked), source.settings.currency))

    def attribution(
        self, period: PeriodText = None,
        model: Annotated[AttributionModel | None, Query(description="One model; absent: all.")] = None,
    ) -> JSONResponse:  # fmt: skip
        """C6: what each programme is credited with, by each model; every one adds up to the expansion."""
        with self._asked(period, None) as (source, asked, _):
            models = [*AttributionModel] if model is None else [model]
            lift = measure(source, asked) if AttributionModel.LIFT in models else None
            found = (attribute(source, asked, one, lift) for one in models)
            rows = [attributed(one, asked.label, source.settings.currency) for one in found]
            return JSONResponse({"period": asked.label, "models": rows})

    def forecast(self, quarters: Annotated[int, Query(ge=1, le=4, description="Ahead.")] = 4) -> JSONResponse:
        """C8: NRR with an interval, the naive forecast beside it, and the accuracy of both so far."""
        with self._asked(None, None) as (source, _, _):
            return JSONResponse({"quarters": foretell(source, quarters).to_json()})

    def movements(
        self, period: PeriodText = None, account_id: AccountId = None, kind: Kinds = None, known_at: Moment = None,
        limit: Limit = 100, after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """By day, each with the programmes that touched the account before it (C1); of all time where no period is
        given. `known_at`: as it was known then.
        """
        with self._asked(period, None) as (source, asked, _):
            page = source.model.movements(
                asked if period is not None else None, account_id=account_id, kinds=tuple(kind or ()),
                known_at=None if known_at is None else moment("known_at", known_at, 0.0), after=after, limit=limit,
            )  # fmt: skip
            rows = [movement_row(one, source.settings.currency) for one in page.rows]
            return JSONResponse({"movements": rows, "next": page.next})

    def restatements(self, period: PeriodText = None, limit: Limit = 100, after: After = None) -> JSONResponse:
        """The newest first: which account's figures of which period, before and after."""
        with self._asked(period, None) as (source, asked, _):
            page = source.model.restatements(asked if period is not None else None, after=after, limit=limit)
            rows = [restated_row(one) for one in page.rows]
            return JSONResponse({"restatements": rows, "next": page.next})

    def issues(
        self, account_id: AccountId = None, reason: Reason = None,
        settled: Annotated[bool, Query(description="Also what was put right since.")] = False,
        limit: Limit = 100, after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """Events that could not be counted as they are, with field, value and what is allowed; the newest first."""
        with self._asked(None, None) as (source, _, _):
            page = source.model.issues(account_id=account_id, reason=reason, settled=settled, after=after, limit=limit)
            return JSONResponse({"issues": [issue_row(one) for one in page.rows], "next": page.next})

    def metrics(self) -> JSONResponse:
        """The catalogue; where the figures stand is told by the operational scorecard."""
        return JSONResponse({"metrics": [{"id": name, **entry.model_dump()} for name, entry in catalogue().items()]})

    @contextmanager
    def _asked(
        self, period: str | None, by: str | None, *, products: bool = False
    ) -> Iterator[tuple[Source, Period, Sequence[str]]]:
        """The source, the period and the dimensions of a call, and HTTP errors for what can't be answered."""
        try:
            source = self._source()
            asked = _period(source, period)
            names = tuple(name.strip() for name in (by or "").split(",") if name.strip())
            _known(source, names, "by")
            yield source, asked, names
        except CursorError as error:
            raise invalid("after", str(error), "not the `next` of a page") from None
        except NotKept as error:
            raise HTTPException(503, str(error), {"Retry-After": RETRY_S}) from None
        except DatabaseError as error:
            raise HTTPException(503, f"the scorecard can't be read: {error}", {"Retry-After": RETRY_S}) from None


def _period(source: Source, text: str | None) -> Period:
    try:
        return source.period(text)
    except ValueError as error:
        raise invalid("period", str(text), str(error)) from None


def _known(source: Source, names: Any, parameter: str) -> None:
    kept = (PRODUCT, *terms(source.settings).dimensions)
    for name in names:
        if name not in kept:
            raise invalid(parameter, name, f"allowed: {', '.join(kept)}")


def _page(rows: Sequence[dict[str, Any]], limit: int, after: str | None) -> tuple[Sequence[dict[str, Any]], str | None]:
    """Some rows of a list whose order stays: `next` names the last one by its cohort and figure."""
    first = 0
    if after is not None:
        places = [_name(row) for row in rows]
        if after not in places:
            raise CursorError(after[:80])
        first = places.index(after) + 1
    shown = rows[first : first + limit]
    return shown, _name(shown[-1]) if first + limit < len(rows) else None


def _name(row: dict[str, Any]) -> str:
    return json.dumps([row.get("id", ""), row["cohort"]], ensure_ascii=False, separators=(",", ":"))
