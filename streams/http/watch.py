"""What operations watch: /healthz (is it alive), /readyz (does it do all of its work), /metrics for Prometheus."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from streams.embedded.pump import State
from streams.http.served import Watched

MEANINGS: Mapping[str, str] = {
    State.RECOVERING: "what is in the log is being applied to the scores; intake works",
    State.READY: "everything works",
    State.NO_ROOM: "the disk takes nothing; intake refuses, and goes on by itself when there is room",
    State.STOPPING: "the service is stopping",
    State.FAILED: "the writer has failed; see the log of the service",
}


class Watch:
    """Looks at the service, never waits for it."""

    def __init__(
        self, service: Watched, meanings: Mapping[str, str] = MEANINGS, trouble: Callable[[], str | None] = lambda: None
    ) -> None:
        """meanings: what each of the service's states means; trouble: what is wrong with its scorecard."""
        self._service = service
        self._meanings = meanings
        self._trouble = trouble

    def routes(self, guard: Any) -> APIRouter:
        """The routes; only /metrics is behind the guard of the read token, since probes carry none."""
        routes = APIRouter(tags=["operations"])
        routes.add_api_route("/healthz", self.alive, summary="Is the process alive")
        routes.add_api_route("/readyz", self.ready, summary="Does the service do all of its work")
        routes.add_api_route(
            "/metrics",
            self.metrics,
            summary="Prometheus metrics",
            dependencies=[Depends(guard)],
            response_class=Response,
        )
        return routes

    async def alive(self) -> JSONResponse:
        """200 while the process should be left running."""
        state = self._service.state
        return JSONResponse({"state": state, "about": self._meanings[state]}, 500 if state == State.FAILED else 200)

    async def ready(self) -> JSONResponse:
        """200 when events are taken and scored; 503 with the reason while it recovers, stops, or can't write.

        A scorecard that lags is told, and is no reason to send the service no events.
        """
        state, trouble = self._service.state, self._trouble()
        if state != State.READY:
            return JSONResponse({"state": state, "about": self._meanings[state]}, 503)
        about = self._meanings[state] if trouble is None else f"events are taken and scored, but {trouble}"
        return JSONResponse({"state": state, "about": about})

    def metrics(self) -> Response:
        """Prometheus' text format."""
        return Response(self._service.telemetry.exposition(), media_type=CONTENT_TYPE_LATEST)
