"""Retention, lift, attribution, forecast, reports and the ledger's rows over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from scorecard.attribution import Model as AttributionModel
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.reconcile import Reported
from scorecard.report import retained
from scorecard.report.attributed import attribute
from scorecard.report.clg import measure
from scorecard.report.clg_json import attributed, measured, of_cohorts
from scorecard.report.foretold import foretell
from scorecard.report.handed_in import judged, to_json
from scorecard.report.ledger_json import issue_counts, issue_row, movement_row
from scorecard.report.lifted import parts
from scorecard.report.line import figure_json
from scorecard.report.restated_json import restated_period, restated_row
from scorecard.report.source import Source
from streams.http.answer import answers
from streams.http.asking import After, AnyPeriod, By, Opened, PeriodText, asked, paged
from streams.http.ledger_answers import (
    IssuesAnswer,
    MovementsAnswer,
    RestatedPeriodsAnswer,
    RestatementsAnswer,
)  # fmt: skip
from streams.http.lift_answers import LiftsAnswer
from streams.http.parameters import Limit, Moment, invalid, moment
from streams.http.report import BODY, handed_in
from streams.http.retention_answers import (
    AttributionAnswer,
    ForecastAnswer,
    MonthlyAnswer,
    ReportsAnswer,
    RetentionAnswer,
)

Months = Annotated[int, Query(ge=1, le=retained.MONTHS_MAX, description="So many whole months up to now.")]
AccountId = Annotated[str | None, Query(max_length=256, description="Only of this account and those merged with it.")]
Kinds = Annotated[list[Kind] | None, Query(description="Only of these kinds; several may be given.")]
Reason = Annotated[str | None, Query(max_length=64, description="Only those for this reason.")]


class Retention:
    """Some of the scorecard's routes."""

    def __init__(self, source: Opened) -> None:
        self._source = source

    def add_to(self, routes: APIRouter) -> None:
        """Add the routes."""
        add = routes.add_api_route
        add(
            "/retention",
            self.retention,
            responses=answers(RetentionAnswer),
            summary="NRR, GRR, logo retention and the waterfall, by cohort",
        )
        add("/retention/monthly", self.monthly, responses=answers(MonthlyAnswer), summary="The same by month")
        add("/lift", self.lift, responses=answers(LiftsAnswer), summary="Exposed accounts against comparable others")
        add(
            "/attribution",
            self.attribution,
            responses=answers(AttributionAnswer),
            summary="Expansion shared out among programmes",
        )
        add("/forecast", self.forecast, responses=answers(ForecastAnswer), summary="NRR of the coming quarters")
        add(
            "/reports",
            self.reconcile,
            methods=["POST"],
            responses=answers(ReportsAnswer, bad=True),
            summary="Figures of another team against the one formula",
            openapi_extra=BODY,
        )
        add(
            "/movements",
            self.movements,
            responses=answers(MovementsAnswer),
            summary="Movements of recurring revenue with their exposure",
        )
        add(
            "/restatements",
            self.restatements,
            responses=answers(RestatementsAnswer),
            summary="What late data changed of periods that were over",
        )
        add(
            "/restatements/periods",
            self.restated,
            responses=answers(RestatedPeriodsAnswer),
            summary="NRR and GRR before and after late data",
        )
        add("/issues", self.issues, responses=answers(IssuesAnswer), summary="What was wrong with revenue events")

    def retention(
        self, period: PeriodText = None, by: By = None, known_at: Moment = None, limit: Limit = 1_000,
        after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """R1 to R4: of everybody, and then of each cohort; amounts to the minor unit, `gap` is zero. `known_at`: as
        it was reported then: with the traits, merges and parents that were known, at the rates and settings of now.
        `known_to`: the newest day that is known of; of a period that begins later nothing has a value. `issues`: how
        many events could not be counted as they are.
        """
        with asked(self._source, period, by) as (source, wanted, names):
            found = retained.retained(source, wanted, names, _then(known_at))
            rows, more = paged([one.to_json(source.settings.currency) for one in found], limit, after)
            head = _head(source, wanted, _then(known_at))
            return JSONResponse({**head, "by": list(names), "cohorts": rows, "next": more})

    def monthly(
        self, months: Months = 24, by: By = None, known_at: Moment = None, limit: Limit = 1_000, after: After = None
    ) -> JSONResponse:
        """C8: every month by itself, with the twelve months that end with it, oldest first: of everybody, and then of
        each cohort. `known_at`: as it was reported then.
        """
        with asked(self._source, by=by) as (source, _, names):
            found = retained.monthly(source, months, names, _then(known_at))
            rows = [one.to_json(source.settings.currency) for one in found]
            shown, more = paged(rows, limit, after)
            return JSONResponse({"issues": issue_counts(source), "months": shown, "by": list(names), "next": more})

    def lift(self, period: PeriodText = None, by: By = None, limit: Limit = 100, after: After = None) -> JSONResponse:
        """C3 to C5: the stratified lift with its interval, balance, placebo, by programme; strata that can't be
        compared are listed after those that can, and all of them come in pages: follow `next` until it is null. `by`:
        C3 and C4 of each cohort, too. Takes seconds.
        """
        with asked(self._source, period, by) as (source, wanted, names):
            currency = source.settings.currency
            try:
                of = parts(source, wanted, names) if names else {}
            except ValueError as error:
                raise invalid("by", str(by), str(error)) from None
            found = measured(measure(source, wanted), currency)
            strata, more = _strata(found, limit, after)
            return JSONResponse({
                **_head(source, wanted), **found, **strata, "next": more, "by": list(names),
                "cohorts": of_cohorts(of, names, currency),
            })  # fmt: skip

    def attribution(
        self, period: PeriodText = None,
        model: Annotated[AttributionModel | None, Query(description="One model; absent: all.")] = None,
    ) -> JSONResponse:  # fmt: skip
        """C6: what each programme is credited with, by each model; every one adds up to the expansion."""
        with asked(self._source, period) as (source, wanted, _):
            models = [*AttributionModel] if model is None else [model]
            lift = measure(source, wanted) if AttributionModel.LIFT in models else None
            found = attribute(source, wanted, models, lift)
            rows = [attributed(one, wanted.label, source.settings.currency) for one in found]
            return JSONResponse({**_head(source, wanted), "models": rows})

    def forecast(self, quarters: Annotated[int, Query(ge=1, le=4, description="Ahead.")] = 4) -> JSONResponse:
        """C8: NRR with an interval, the naive forecast beside it, and the accuracy of both so far."""
        with asked(self._source) as (source, _, _):
            return JSONResponse({"quarters": foretell(source, quarters).to_json()})

    async def reconcile(self, request: Request) -> JSONResponse:
        """C7: which agree, by how much the others are off, and the likeliest reason. What is handed in counts for C7
        until the same report hands it in again.
        """
        return await run_in_threadpool(self._reconciled, await handed_in(request))

    def _reconciled(self, reports: list[Reported]) -> JSONResponse:
        with asked(self._source) as (source, _, _):
            try:
                found = judged(source, reports)
            except ValueError as error:
                raise HTTPException(422, [{"loc": ["body"], "msg": str(error)}]) from None
            source.reports.hand_in(found.findings, datetime.now(UTC).date())
            consistency = figure_json(source.reports.consistency(), source.settings.currency)
            return JSONResponse({"reports": to_json(found), "consistency": consistency})

    def movements(
        self, period: AnyPeriod = None, account_id: AccountId = None, kind: Kinds = None, known_at: Moment = None,
        limit: Limit = 100, after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """By day, each with the programmes that touched its entity before it (C1). `known_at`: as it was known then,
        merges and touchpoints included.

        Of a period, `kind` and `amount` are those of the waterfall: of the entity that the account belongs to
        (`account_kind` is of the account by itself), at the rates of the day before the period, `rates_of`. Amounts add
        up to the bar of their kind, and `fx`, what the rate of the day makes of each beyond that, to the bar fx. Where
        no period is given: of all time, at the rate of each day.
        """
        with asked(self._source, period) as (source, wanted, _):
            page = source.model.movements(
                wanted if period is not None else None, account_id=account_id, kinds=tuple(kind or ()),
                known_at=_then(known_at), after=after, limit=limit,
            )  # fmt: skip
            rows = [movement_row(one, source.settings.currency) for one in page.rows]
            return JSONResponse({"movements": rows, "next": page.next})

    def restatements(self, period: AnyPeriod = None, limit: Limit = 100, after: After = None) -> JSONResponse:
        """What late data changed of periods that were over, by account, the newest first; amounts in major units. A
        restatement names the event that made it (`message_id`), of several that were taken together the newest, and how
        many those are at most (`messages`).
        """
        with asked(self._source, period) as (source, wanted, _):
            page = source.model.restatements(wanted if period is not None else None, after=after, limit=limit)
            rows = [restated_row(one, source.settings.currency) for one in page.rows]
            return JSONResponse({"restatements": rows, "next": page.next})

    def restated(self, period: AnyPeriod = None, limit: Limit = 100, after: After = None) -> JSONResponse:
        """R2 and R3 of everybody before and after what came late on a day, by period, the newest day first. What was
        `before` is told backwards from the figures of now: of a period's oldest day it is what was first kept of it.
        """
        with asked(self._source, period) as (source, wanted, _):
            found = source.model.restated(wanted if period is not None else None)
            rows, more = paged([restated_period(one, source.settings.currency) for one in found], limit, after)
            return JSONResponse({"periods": rows, "next": more})

    def issues(
        self, account_id: AccountId = None, reason: Reason = None,
        settled: Annotated[bool, Query(description="Also what was put right since.")] = False,
        limit: Limit = 100, after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """Events that could not be counted as they are, with field, value and what is allowed; the newest first."""
        with asked(self._source) as (source, _, _):
            page = source.model.issues(account_id=account_id, reason=reason, settled=settled, after=after, limit=limit)
            return JSONResponse({"issues": [issue_row(one) for one in page.rows], "next": page.next})


def _head(source: Source, period: Period, known_at: float | None = None) -> dict[str, Any]:
    """What holds for all figures of an answer: of which days they are, and how many events are not in them."""
    return {
        "period": period.label, "known_to": str(source.known_to(known_at)), "issues": issue_counts(source),
    }  # fmt: skip


def _strata(found: Mapping[str, Any], limit: int, after: str | None) -> tuple[dict[str, Any], str | None]:
    """A page of a lift's strata, those that are compared first."""
    kinds = "compared", "left_out"
    rows = [{"kind": kind, **one} for kind in kinds for one in found[kind]]
    shown, more = paged(rows, limit, after, ("stratum",))
    parts = {
        kind: [{name: value for name, value in one.items() if name != "kind"} for one in shown if one["kind"] == kind]
        for kind in kinds
    }
    return {"strata": len(rows), **parts}, more


def _then(known_at: str | None) -> float | None:
    """Unix seconds of the parameter; HTTP 422 where it is no instant."""
    return None if known_at is None else moment("known_at", known_at, 0.0)
