"""The web application: everything that can be asked of the embedded service over HTTP."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from streams.embedded.service import Service
from streams.http import calls
from streams.http.access import Access, is_loopback
from streams.http.bell import Bell
from streams.http.feed import Feed
from streams.http.intake import Intake
from streams.http.page import page
from streams.http.parameters import INPUT_CHARS_MAX, storable
from streams.http.read import Read
from streams.http.served import Taking
from streams.http.watch import Watch

ABOUT = (
    "Live health scores of customer accounts and the plays that they trigger. Scores run from 0 (bad) to 100 (good). "
    "Write with a write key as the user of basic authentication, read with a bearer token."
)


class Part(Protocol):
    """Some of the routes."""

    def routes(self, guard: Any) -> APIRouter:
        """The routes; `guard` refuses whoever may not read."""


def make_app(
    service: Service, access: Access, bell: Bell, *more: Part, trouble: Callable[[], str | None] = lambda: None
) -> FastAPI:
    """All routes; the service is started and stopped by whoever made it. What is served is `guarded`. trouble: what is
    wrong with the scorecard.
    """
    parts: list[Part] = [Feed(service, bell), Read(service), *more, Watch(service, trouble=trouble)]
    return assembled(access, calls.router(Intake(service, access)), *parts)


def assembled(access: Access, intake: APIRouter, *parts: Part) -> FastAPI:
    """The application of these routes: anybody with a write key may use intake, and the parts guard themselves."""
    app = FastAPI(
        title="accountpulse", version=_version(), description=ABOUT, docs_url=None, redoc_url=None,
        dependencies=[Depends(storable)],
    )  # fmt: skip

    def may_read(request: Request) -> None:
        if not access.may_read(request.headers.get("authorization")):
            raise HTTPException(401, "send the read token: Authorization: Bearer ...", {"WWW-Authenticate": "Bearer"})

    app.add_exception_handler(RequestValidationError, _refused)
    app.include_router(intake)
    for part in parts:
        app.include_router(part.routes(may_read))

    @app.get("/docs", include_in_schema=False)
    @app.get("/", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    return app


async def _refused(_request: Request, error: Exception) -> Response:
    """FastAPI's own answer to parameters that can't be used, but for what was sent, of which the beginning will do."""
    assert isinstance(error, RequestValidationError)
    told = [{**one, "input": str(one.get("input", ""))[:INPUT_CHARS_MAX]} for one in error.errors()]
    return JSONResponse({"detail": jsonable_encoder(told)}, 422)


def guarded(app: FastAPI, service: Taking, access: Access) -> ASGIApp:
    """The application as it is served: intake by its short way, and while it is open only for this machine."""
    whole: ASGIApp = calls.Shortcut(app, Intake(service, access))
    return whole if access.write_keys and access.read_digest is not None else OnlyThisMachine(whole)


class OnlyThisMachine:
    """While anybody on this machine may write or read, nobody else may through a browser on it.

    A web page from elsewhere can send requests to 127.0.0.1, and by rebinding its name even read the answers: both show
    in headers that browsers set and pages can't.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            host = urlsplit(f"//{headers.get(b'host', b'localhost').decode('latin-1')}").hostname
            origin = headers.get(b"origin", b"").decode("latin-1")
            if not is_loopback(host or "") or (origin and not is_loopback(urlsplit(origin).hostname or "")):
                answer = HTMLResponse("without keys this service only answers this machine", 403)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _version() -> str:
    try:
        return version("accountpulse")
    except PackageNotFoundError:
        return "0"
