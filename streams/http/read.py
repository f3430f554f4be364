"""The read API: accounts with their scores, history, explanation and episodes; dead letters. JSON, newest commit."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from fastapi.responses import JSONResponse

from plays.episode import LIVE
from scoring.days import iso
from streams.dead_letter import REASONS, DeadLetter
from streams.embedded.asking import Page, Ranking
from streams.embedded.family import CHILDREN_MAX, roll_up
from streams.embedded.service import Service
from streams.http.change import change
from streams.http.parameters import CURSOR_MAX, Limit, Moment, invalid, moment

Id = Annotated[str, Path(max_length=256, description="The account's id, as in `context.groupId`.")]
After = Annotated[str | None, Query(max_length=1_000, description="`next` of the page before.")]

Band = Annotated[str | None, Query(description="Only of this band, as the profile names it.")]
Segment = Annotated[str | None, Query(description="Only of this segment, as the trait `segment` says it.")]
Stage = Annotated[str | None, Query(description="Only at this stage of the journey, in lower case.")]
Order = Annotated[Literal["lowest", "highest"], Query(description="Which score comes first.")]
Reason = Annotated[str | None, Query(description="Only those refused for this reason.")]
Before = Annotated[int, Query(ge=0, le=CURSOR_MAX, description="`next` of the page before.")]

PHASES = ("open", "acknowledged", "acted", "settling", "spent", "closed")


def listing(page: Callable[[Ranking], Page]) -> Callable[..., JSONResponse]:
    """The route of accounts by their score. page: raises ValueError for a page's end that is none."""

    def accounts(
        limit: Limit = 100, after: After = None, band: Band = None, segment: Segment = None, stage: Stage = None,
        order: Order = "lowest",
    ) -> JSONResponse:  # fmt: skip
        """Accounts as last published, by score. Follow `next` until it is null."""
        try:
            found = page(Ranking(band, segment, stage, order == "lowest", after, limit))
        except ValueError:
            raise invalid("after", str(after), "not the `next` of a page") from None
        return JSONResponse({"accounts": found.rows, "next": found.next})

    return accounts


class Read:
    """Answers from the read model; what is due to time is computed anew, without touching anything."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._reader = service.reader

    def routes(self, guard: Any) -> APIRouter:
        """The routes, behind the guard of the read token."""
        routes = APIRouter(prefix="/v1", tags=["read"], dependencies=[Depends(guard)])
        routes.add_api_route("/accounts", listing(self._reader.accounts), summary="Accounts by their published score")
        # An account's id may hold slashes: the longer paths come first.
        routes.add_api_route("/accounts/{account_id:path}/history", self.history, summary="Published scores over time")
        routes.add_api_route(
            "/accounts/{account_id:path}/explanation", self.explanation, summary="Why the score is what it is"
        )
        routes.add_api_route(
            "/accounts/{account_id:path}/episodes", self.account_episodes, summary="Plays on the account"
        )
        routes.add_api_route("/accounts/{account_id:path}/events", self.events, summary="Newest events of the account")
        routes.add_api_route("/accounts/{account_id:path}", self.account, summary="An account's score now")
        routes.add_api_route("/episodes", self.episodes, summary="Plays on all accounts, the newest first")
        routes.add_api_route("/dead-letters", self.dead_letters, summary="What was refused, byte for byte, and why")
        return routes

    def account(self, account_id: Id) -> JSONResponse:
        """The score at this moment as a sum, with coverage and what is missing; for a parent its roll-up by ARR too."""
        record = self._reader.record(account_id)
        if record is None:
            raise _unknown(account_id)
        engine, now = self._service.engine, self._service.clock()
        account = engine.unpack(record.packed)
        published = self._reader.account(account_id)
        children = self._reader.children(account_id, CHILDREN_MAX)
        family = roll_up([*([published] if published else []), *children])._asdict() if children else None
        return JSONResponse({
            **engine.score(account, now).to_json(),
            "name": account.trait("name"),
            "parent": account.trait("parent") or None,  # an empty text takes it back
            "arr": published["arr"] if published else None,
            "last_arrival": iso(account.last_arrival),
            "events_counted": account.counted,
            "published": published,
            "children": [{key: child[key] for key in ("account_id", "score", "band", "arr")} for child in children],
            "roll_up": family,
        })  # fmt: skip

    def history(self, account_id: Id, since: Moment = None, until: Moment = None, limit: Limit = 400) -> JSONResponse:
        """Each UTC day's last published score, and every change of band; the newest first."""
        now = self._service.clock()
        start, end = moment("since", since, 0.0), moment("until", until, now)
        found = self._reader.history(account_id, start, end, limit)
        if not found and self._reader.record(account_id) is None:
            raise _unknown(account_id)
        return JSONResponse({"account_id": account_id, "history": [one.to_json() for one in found]})

    def explanation(self, account_id: Id, at: Moment = None, since: Moment = None) -> JSONResponse:
        """The score as a sum, its change since a date (else 30 days) as a sum, and the events that arrived between."""
        now = self._service.clock()
        end = moment("at", at, now)
        found = change(self._service, account_id, end if at is not None else None, moment("since", since, -1.0))
        if found is None:
            raise _unknown(account_id)
        return JSONResponse(found)

    def account_episodes(self, account_id: Id, limit: Limit = 100, after: After = None) -> JSONResponse:
        """Episodes of an account, the newest first, with their moves."""
        return self._episodes(account_id, (), limit, after)

    def episodes(
        self, phase: Annotated[list[str] | None, Query(description="`live`, or phases.")] = None, limit: Limit = 100,
        after: After = None,
    ) -> JSONResponse:  # fmt: skip
        """Episodes in some phases (several may be given), or `live`: all that people should still see."""
        asked = phase or []
        for one in asked:
            if one != "live" and one not in PHASES:
                raise invalid("phase", one, f"allowed: live, {', '.join(PHASES)}")
        return self._episodes(None, sorted(LIVE.union(asked) - {"live"}) if "live" in asked else asked, limit, after)

    def _episodes(self, account_id: str | None, phases: Any, limit: int, after: str | None) -> JSONResponse:
        try:
            page = self._reader.episodes(account_id=account_id, phases=phases, after=after, limit=limit)
        except ValueError:
            raise invalid("after", str(after), "not the `next` of a page") from None
        return JSONResponse({"episodes": page.rows, "next": page.next})

    def events(self, account_id: Id, since: Moment = None, until: Moment = None, limit: Limit = 100) -> JSONResponse:
        """The newest events that arrived of an account."""
        start, end = moment("since", since, 0.0), moment("until", until, self._service.clock())
        return JSONResponse({"events": self._reader.newest_events(account_id, start, end, limit)})

    def dead_letters(self, limit: Limit = 100, before: Before = 0, reason: Reason = None) -> JSONResponse:
        """Refused messages with their raw bytes (base64, and text where it is text), the newest first."""
        rows = self._reader.dead_letters(before, limit, reason)
        letters = [
            {
                "seq": row["seq"],
                **DeadLetter(
                    row["reason"], row["field"], row["value"], row["message"], row["raw"], row["position"], 0, row["at"]
                ).to_json(),
            }
            for row in rows
        ]
        counts = self._reader.dead_letter_counts()
        meanings = {name: REASONS.get(name, "") for name in counts["kept"]}
        more = rows[-1]["seq"] if len(rows) == limit else None
        return JSONResponse({"dead_letters": letters, "next": more, **counts, "meanings": meanings})


def _unknown(account_id: str) -> HTTPException:
    return HTTPException(404, detail=f"no account {account_id[:256]!r} is known")
