"""The triggers for subscribers: since a cursor, with waiting, or as server-sent events. All of them are on the disk."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from streams.embedded.service import Service
from streams.http.bell import Bell
from streams.http.handing import Handing
from streams.http.parameters import CURSOR_MAX, Limit, invalid

WAIT_S_MAX = 60.0
"""Longest wait of a long poll: proxies give up on silent connections after a minute or so."""

After = Annotated[
    int, Query(ge=0, le=CURSOR_MAX, description="Cursor: triggers after this one; 0 from the oldest kept.")
]
AfterOrNow = Annotated[int | None, Query(ge=0, le=CURSOR_MAX, description="Cursor; absent: from now on.")]
LastEventId = Annotated[
    str | None, Header(description="`id` of the last event that was seen; browsers send it. Wins over `after`.")
]
Play = Annotated[str | None, Query(max_length=64, description="Only of this play.")]
Account = Annotated[str | None, Query(max_length=256, description="Only of this account.")]


class Feed:
    """Reads the outbox."""

    def __init__(self, service: Service, bell: Bell) -> None:
        self._reader = service.reader
        self._handing = Handing[int](self._reader.triggers, bell)

    def routes(self, guard: Any) -> APIRouter:
        """The routes, behind the guard of the read token."""
        routes = APIRouter(prefix="/v1/triggers", tags=["triggers"], dependencies=[Depends(guard)])
        routes.add_api_route("", self.poll, summary="Triggers after a cursor, with waiting (long poll)")
        routes.add_api_route("/stream", self.stream, summary="Triggers as server-sent events")
        return routes

    async def poll(
        self, after: After = 0, limit: Limit = 100, play: Play = None, account: Account = None,
        wait: Annotated[float, Query(ge=0, le=WAIT_S_MAX, description="Seconds to wait when there are none.")] = 0.0,
    ) -> Response:  # fmt: skip
        """CloudEvents in the order in which they went out, and `next`, the cursor to ask with the next time.

        Ask again with `next` only when these are dealt with: what was not, comes again. The ids stay the same for ever.
        """
        return await self._handing.poll(after, limit, play, account, wait)

    async def stream(
        self, after: AfterOrNow = None, play: Play = None, account: Account = None, last_event_id: LastEventId = None
    ) -> StreamingResponse:
        """Each trigger is an event with its cursor as `id`; whoever reconnects with `Last-Event-ID` misses none."""
        self._handing.admit()
        cursor = after
        if last_event_id:
            if not last_event_id.isdecimal() or len(last_event_id) > 18:
                raise invalid("Last-Event-ID", last_event_id, "not the id of an event of this stream")
            cursor = int(last_event_id)
        if cursor is None:
            cursor = await run_in_threadpool(self._reader.last_trigger)
        return self._handing.stream(cursor, play, account)
