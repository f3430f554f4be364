"""The scorecard over HTTP: its two views, the accounts of a cohort, who opens it, and what every metric is."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTasks

from scorecard.every import PERIODS, Every
from scorecard.report import drill, telling, view_json
from scorecard.report.drill import Work, nobody
from scorecard.report.metrics_json import metrics_json
from scorecard.report.scorecard import executive, operational
from scorecard.report.series import PERIODS_MAX, check, series
from scorecard.report.whole import USE_DAYS, used
from scoring.days import iso
from streams.http.answer import answers
from streams.http.asking import After, By, Opened, PeriodText, asked, known, paged
from streams.http.catalogue_answers import MetricsAnswer
from streams.http.parameters import Limit, invalid
from streams.http.retention import Retention
from streams.http.scorecard_answers import ScorecardAnswer, SeriesAnswer
from streams.http.work_answers import AccountsAnswer, EpisodesAnswer, StateAnswer, UseAnswer
from streams.scorecard.watched import unpack

FIGURES_MAX = 20
"""Figures of a series asked for at once."""

View = Annotated[Literal["executive", "operational"], Query(description="A few figures, or all of them.")]
CohortText = Annotated[
    list[str] | None, Query(description="`dimension:value`; several may be given.", examples=[["segment:smb"]])
]
Each = Annotated[Every, Query(description="How long each period is.")]
Periods = Annotated[int, Query(ge=1, le=PERIODS_MAX, description="So many whole ones, up to now.")]
Wanted = Annotated[
    list[str], Query(description="Ids of figures; several may be given.", max_length=FIGURES_MAX, examples=[["R3"]])
]
Reader = Annotated[
    str | None,
    Header(alias="X-Reader", max_length=80, description="Who opens it (S3): a name or a tool."),
]

Values = Annotated[bool, Query(description="false: the catalogue alone.")]

UNNAMED = "(unnamed)"


class Scorecard:
    """Answers from the scorecard's read model, which a process of its own keeps up to date."""

    def __init__(self, source: Opened, work: Work = nobody) -> None:
        """work: the open plays of an account."""
        self._source = source
        self._work = work

    def routes(self, guard: Any) -> APIRouter:
        """The routes, behind the guard of the read token."""
        routes = APIRouter(prefix="/v1", tags=["scorecard"], dependencies=[Depends(guard)])
        add = routes.add_api_route
        add(
            "/scorecard",
            self.scorecard,
            responses=answers(ScorecardAnswer),
            summary="The executive or the operational scorecard of a period",
        )
        add(
            "/scorecard/series",
            self.series,
            responses=answers(SeriesAnswer),
            summary="Any figures over the last weeks, months or quarters",
        )
        add(
            "/scorecard/accounts",
            self.accounts,
            responses=answers(AccountsAnswer, bad=True),
            summary="Accounts of a cohort, with open plays and next action",
        )
        add(
            "/scorecard/episodes",
            self.episodes,
            responses=answers(EpisodesAnswer),
            summary="Plays on cohorts: where each episode is",
        )
        add("/scorecard/state", self.state, responses=answers(StateAnswer), summary="How fresh the figures are")
        add("/scorecard/use", self.use, responses=answers(UseAnswer), summary="Who opened the scorecard how often")
        add(
            "/metrics",
            self.metrics,
            responses=answers(MetricsAnswer),
            summary="Every metric: definition, formula, owner, review, traps, where it stands and its target",
        )
        Retention(self._source).add_to(routes)
        return routes

    def scorecard(
        self, period: PeriodText = None, by: By = None, view: View = "executive", limit: Limit = 1_000,
        after: After = None, x_reader: Reader = None,
    ) -> JSONResponse:  # fmt: skip
        """Lines with value, numerator, denominator, n, target, trend, or in `no_trend` why there is none; those of
        everybody with best and worst cohort, or in `no_best` why there are none. Operational ones are of everybody and
        then of every cohort, with features, products held, journey stages and signs on the first page. Follow `next`
        until it is null.
        """
        with asked(self._source, period, by) as (source, wanted, names):
            shown = executive if view == "executive" else operational
            found = shown(source, wanted, names)
            rows, more = paged(view_json.lines(found, source), limit, after)
            beside = view_json.details(source, wanted) if view == "operational" and after is None else {}
            told = {**view_json.head(found, source), "view": view, "lines": rows, "next": more, **beside}
            tasks = BackgroundTasks()
            if after is None:
                tasks.add_task(source.use.note, x_reader or UNNAMED, view, datetime.now(UTC).date())
                tasks.add_task(telling.shown, source, found)
        return JSONResponse(told, background=tasks)

    def series(
        self, figure: Wanted, every: Each = Every.MONTH, periods: Periods = PERIODS, by: By = None,
        limit: Limit = 1_000, after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """C8: figures of the periods that are over, oldest first, of everybody and then of every cohort. Of today's
        and of a view's figures no past is known: these have a reason in the place of a value.

        The lift (C3 to C5) takes seconds for each period.
        """
        with asked(self._source, by=by) as (source, _, names):
            try:
                check(periods, figure)
            except ValueError as error:
                raise invalid("figure", ", ".join(figure), str(error)) from None
            rows = [one.to_json(source.settings.currency) for one in series(source, every, periods, figure, names)]
            shown, more = paged(rows, limit, after)
            return JSONResponse({"every": every, "by": list(names), "series": shown, "next": more})

    def accounts(
        self, period: PeriodText = None, cohort: CohortText = None, limit: Limit = 100, after: After = None
    ) -> JSONResponse:
        """What each account adds to the figures of the cohort, its owner, open plays and next action."""
        with asked(self._source, period) as (source, wanted, _):
            pairs = [_pair(one) for one in cohort or ()]
            known(source, [dimension for dimension, _ in pairs], "cohort")
            values = dict(pairs)
            page = drill.accounts(source, wanted, values, self._work, after=after, limit=limit)
            rows = [one.to_json(source.settings.currency) for one in page.rows]
            head = {"period": wanted.label, "known_to": str(source.today()), "reason": source.unbegun(wanted)}
            return JSONResponse({**head, "cohort": values, "accounts": rows, "next": page.next})

    def episodes(self, limit: Limit = 1_000, after: After = None) -> JSONResponse:
        """The newest episode of each cohort and play, `id` being that of its trigger. Of a service that runs plays over
        cohorts. Follow `next` until it is null.
        """
        with asked(self._source) as (source, _, _):
            rows, more = paged(unpack(source.episodes.read()).to_json(), limit, after)
            return JSONResponse({"episodes": rows, "next": more})

    def state(self) -> JSONResponse:
        """Arrival of the newest event in the figures of money, and in all others; accounts whose figures lag behind
        what came of them, and periods of the others that are being built.
        """
        with asked(self._source) as (source, _, _):
            newest = {"money": source.model.newest(), "others": source.facets.newest()}
            told = {name: iso(at) if at else None for name, at in newest.items()}
            return JSONResponse({**told, "unsettled": source.model.unsettled() + source.facets.unsettled()})

    def use(
        self, days: Annotated[int, Query(ge=1, le=400, description="Over so many days.")] = USE_DAYS,
        limit: Limit = 100, after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """S3: openings of the views by reader, the most frequent first. Readers name themselves by `X-Reader`."""
        with asked(self._source) as (source, _, _):
            rows, more = paged([one._asdict() for one in used(source, days)], limit, after, ("reader", "view"))
            return JSONResponse({"days": days, "use": rows, "next": more})

    def metrics(self, period: PeriodText = None, values: Values = True) -> JSONResponse:
        """The catalogue, and of each figure the value of everybody, target and trend, as the operational scorecard has
        them: that may take seconds.
        """
        if not values:
            return JSONResponse({"period": None, "currency": None, "metrics": metrics_json({}, "")})
        with asked(self._source, period) as (source, wanted, _):
            now = {line.figure.id: line for line in operational(source, wanted).lines}
            currency = source.settings.currency
            told = {"period": wanted.label, "currency": currency, "metrics": metrics_json(now, currency)}
            return JSONResponse(told)


def _pair(text: str) -> tuple[str, str]:
    """Dimension and value of a cohort; HTTP 400 where the text is not both."""
    dimension, colon, value = text.partition(":")
    if not colon or not dimension:
        raise invalid("cohort", text, "allowed: dimension:value, such as segment:smb", status=400)
    return dimension, value
