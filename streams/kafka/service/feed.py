"""The triggers for subscribers, from the read model: since a cursor, with waiting, or as server-sent events."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from streams.http.bell import Bell
from streams.http.feed import WAIT_S_MAX, Account, Play
from streams.http.handing import Handing
from streams.http.parameters import Limit, invalid
from streams.kafka.service.cursor import BEGINNING, CHARACTERS_MAX, parse
from streams.kafka.service.reader import Reader

After = Annotated[
    str, Query(max_length=CHARACTERS_MAX, description="Cursor: triggers after this one; 0 from the oldest kept.")
]
AfterOrNow = Annotated[str | None, Query(max_length=CHARACTERS_MAX, description="Cursor; absent: from now on.")]
LastEventId = Annotated[
    str | None, Header(description="`id` of the last event that was seen; browsers send it. Wins over `after`.")
]


class Feed:
    """Cursors speak of the topic: they hold for every service of the installation, and for a read model made anew."""

    def __init__(self, reader: Reader, bell: Bell) -> None:
        self._reader = reader
        self._handing = Handing[str](reader.triggers, bell)

    def routes(self, guard: Any) -> APIRouter:
        """The routes, behind the guard of the read token."""
        routes = APIRouter(prefix="/v1/triggers", tags=["triggers"], dependencies=[Depends(guard)])
        routes.add_api_route("", self.poll, summary="Triggers after a cursor, with waiting (long poll)")
        routes.add_api_route("/stream", self.stream, summary="Triggers as server-sent events")
        return routes

    async def poll(
        self, after: After = BEGINNING, limit: Limit = 100, play: Play = None, account: Account = None,
        wait: Annotated[float, Query(ge=0, le=WAIT_S_MAX, description="Seconds to wait when there are none.")] = 0.0,
    ) -> Response:  # fmt: skip
        """CloudEvents, those of an account in the order in which they went out, and `next`, the cursor to ask with the
        next time.

        Ask again with `next` only when these are dealt with: what was not, comes again. The ids stay the same for ever.
        """
        _check("after", after)
        return await self._handing.poll(after, limit, play, account, wait)

    async def stream(
        self, after: AfterOrNow = None, play: Play = None, account: Account = None, last_event_id: LastEventId = None
    ) -> StreamingResponse:
        """Each trigger is an event with its cursor as `id`; whoever reconnects with `Last-Event-ID` misses none."""
        self._handing.admit()
        cursor = last_event_id or after
        if cursor is None:
            cursor = await run_in_threadpool(self._reader.last_trigger)
        _check("Last-Event-ID" if last_event_id else "after", cursor)
        return self._handing.stream(cursor, play, account)


def _check(name: str, cursor: str) -> None:
    try:
        parse(cursor)
    except ValueError as error:
        raise invalid(name, cursor, str(error)) from None
