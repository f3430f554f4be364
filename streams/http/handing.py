"""Handing triggers out as they come: the waiting of a long poll, and server-sent events."""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

from fastapi import HTTPException, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from streams.http.bell import Bell

KEEP_ALIVE_S = 15.0
"""A stream says something so often, so that nobody between takes it for dead."""

STREAMS_MAX = 200
"""Subscribers at a time; each costs a connection and a look at the outbox per trigger."""

ROWS = 200
"""Triggers sent at a time."""

C = TypeVar("C", int, str)
"""A cursor, which only its owner understands."""

Found = Callable[[C, int, str | None, str | None], list[tuple[C, str]]]
"""(cursor, limit, play, account) -> (the cursor after it, CloudEvent as JSON text) of the triggers after a cursor."""


class Handing(Generic[C]):
    """Hands triggers out as they come; the bell tells when to look again."""

    def __init__(self, found: Found[C], bell: Bell) -> None:
        self._found: Found[C] = found
        self._bell = bell
        self._streams = 0

    async def poll(self, after: C, limit: int, play: str | None, account: str | None, wait: float) -> Response:
        """Those after a cursor; when there are none, those that come within `wait` seconds."""
        until = time.monotonic() + wait
        while True:
            rings = self._bell.rings
            found = await run_in_threadpool(self._found, after, limit, play, account)
            left = until - time.monotonic()
            if found or left <= 0 or self._bell.closed:
                break
            await self._bell.wait(rings, left)
        cursor = json.dumps(found[-1][0] if found else after)
        content = f'{{"triggers":[{",".join(body for _, body in found)}],"next":{cursor}}}'
        return Response(content, media_type="application/json")

    def admit(self) -> None:
        """HTTP 503 when there are too many subscribers already."""
        if self._streams >= STREAMS_MAX:
            raise HTTPException(503, f"{self._streams} subscribers, at most {STREAMS_MAX}", {"Retry-After": "30"})

    def stream(self, after: C, play: str | None, account: str | None) -> StreamingResponse:
        """Server-sent events."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(after, play, account), media_type="text/event-stream", headers=headers)

    async def _events(self, position: C, play: str | None, account: str | None) -> AsyncIterator[str]:
        self._streams += 1
        try:
            yield f": triggers after {position}\n\n"
            while not self._bell.closed:
                rings = self._bell.rings
                found = await run_in_threadpool(self._found, position, ROWS, play, account)
                for cursor, body in found:
                    yield f"id: {cursor}\nevent: trigger\ndata: {body}\n\n"
                    position = cursor
                if len(found) < ROWS and self._bell.rings == rings:
                    await self._bell.wait(rings, KEEP_ALIVE_S)
                    if self._bell.rings == rings:
                        yield ": still here\n\n"
        finally:
            self._streams -= 1
