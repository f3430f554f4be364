"""The read API on Kafka: accounts as last published, history, explanation, dead letters; and what it does not have."""

import time
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import JSONResponse

from plays.explanation import LOOK_BACK_S
from scoring.days import iso
from scoring.score import deltas
from streams.dead_letter import REASONS
from streams.http.parameters import Limit, Moment, moment
from streams.http.read import Before, Id, Reason, listing
from streams.kafka.service.reader import Reader, row_of

EPISODES = (
    "on Kafka the episodes are with the workers; of each that opened, the trigger is in /v1/triggers?account=<id>"
)
EVENTS = "on Kafka the events are in the input topics, and this service keeps none of them"


class Read:
    """Answers from the read model: scores as they were last published, and not as of this moment."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def routes(self, guard: Any) -> APIRouter:
        """The routes, behind the guard of the read token."""
        routes = APIRouter(prefix="/v1", tags=["read"], dependencies=[Depends(guard)])
        add = routes.add_api_route
        add("/accounts", listing(self._reader.accounts), summary="Accounts by their published score")
        # An account's id may hold slashes: the longer paths come first.
        add("/accounts/{account_id:path}/history", self.history, summary="Published scores over time")
        add("/accounts/{account_id:path}/explanation", self.explanation, summary="Why the score is what it is")
        add("/accounts/{account_id:path}/episodes", _without(EPISODES), summary="Not on Kafka", status_code=501)
        add("/accounts/{account_id:path}/events", _without(EVENTS), summary="Not on Kafka", status_code=501)
        add("/accounts/{account_id:path}", self.account, summary="An account's score as last published")
        add("/episodes", _without(EPISODES), summary="Not on Kafka", status_code=501)
        add("/dead-letters", self.dead_letters, summary="What was refused, byte for byte, and why")
        return routes

    def account(self, account_id: Id) -> JSONResponse:
        """The score as a sum, with coverage and what is missing, as of the instant `at`: workers publish it again when
        it has changed.
        """
        published = self._known(account_id)
        return JSONResponse({**published, "published": row_of(published)})

    def history(self, account_id: Id, since: Moment = None, until: Moment = None, limit: Limit = 400) -> JSONResponse:
        """Each UTC day's last published score, and every change of band; the newest first. What was published before
        this read model was made is there only as far as the topic still has it.
        """
        start, end = moment("since", since, 0.0), moment("until", until, time.time())
        found = self._reader.history(account_id, start, end, limit)
        if not found:
            self._known(account_id)
        return JSONResponse({"account_id": account_id, "history": [one.to_json() for one in found]})

    def explanation(self, account_id: Id, at: Moment = None, since: Moment = None) -> JSONResponse:
        """The score as a sum, and its change since a date (else 30 days) as a sum; without the events behind it."""
        end = moment("at", at, time.time())
        start = moment("since", since, end - LOOK_BACK_S)
        newest = self._known(account_id)
        current = newest if at is None else self._as_of(account_id, end)
        if current is None:
            raise _unknown(account_id)
        before = self._as_of(account_id, start)
        known = before is not None and before["score"] is not None and current["score"] is not None
        moved = deltas(before or {"contributions": []}, current)
        return JSONResponse({
            "score": current,
            "since": iso(start),
            "score_before": before["score"] if before else None,
            "published_before_at": before["at"] if before else None,
            "change": round(current["score"] - before["score"], 2) if before is not None and known else None,
            "moved": [{"metric": metric, "points": points} for metric, points in moved.items()],
        })  # fmt: skip

    def _as_of(self, account_id: str, at: float) -> dict[str, Any] | None:
        """What was published at that instant."""
        found = self._reader.history(account_id, 0.0, at, 1)
        return {"account_id": account_id, **found[0].to_json()} if found else None

    def dead_letters(self, limit: Limit = 100, before: Before = 0, reason: Reason = None) -> JSONResponse:
        """Refused messages with their raw bytes (base64, and text where it is text), the newest first: those of the
        workers, and those of intake.
        """
        letters = self._reader.dead_letters(before, limit, reason)
        kept = self._reader.dead_letter_counts()
        more = letters[-1]["seq"] if len(letters) == limit else None
        meanings = {name: REASONS.get(name, "") for name in kept}
        return JSONResponse({"dead_letters": letters, "next": more, "kept": kept, "meanings": meanings})

    def _known(self, account_id: str) -> dict[str, Any]:
        published = self._reader.account(account_id)
        if published is None:
            raise _unknown(account_id)
        return published


def _without(why: str) -> Any:
    """A route that says what is not here."""

    def refuse() -> JSONResponse:
        return JSONResponse({"detail": why}, 501)

    refuse.__doc__ = f"{why[:1].upper()}{why[1:]}."
    return refuse


def _unknown(account_id: str) -> HTTPException:
    return HTTPException(404, detail=f"no score of account {account_id[:256]!r} was published")
