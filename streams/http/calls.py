"""The calls of intake: where they are found, and what the API's documents say of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from streams.http.intake import Intake
from streams.http.lines import MESSAGES_MAX
from streams.message import CALLS
from streams.vocabulary import STREAMS, Stream

OfStream = Annotated[
    Stream,
    Path(description="The stream of the events, whatever the vocabulary says; that of `group` and `identify` stays."),
]

Answers = dict[int | str, dict[str, Any]]

ANSWERS: Answers = {
    400: {"description": "Nothing was accepted; every bad message is in the dead letters, with the reason."},
    401: {"description": "The write key is missing or unknown."},
    403: {"description": "The write key is for another stream."},
    503: {"description": "Too busy, or stopping; nothing was kept, send it again."},
    507: {"description": "No room on the disk; nothing was kept, send it again later."},
}


class Shortcut:
    """Takes intake past everything that FastAPI does with a request: routes one by one, dependencies, tracing.
    That is two thirds of what a request of a single event costs, and none of it is needed here.
    """

    def __init__(self, app: ASGIApp, intake: Intake) -> None:
        self._app = app
        self._intake = intake
        self._calls: dict[str, tuple[str, str | None]] = {}
        for call in (*CALLS, "batch"):
            self._calls[f"/v1/{call}"] = call, None
            self._calls.update({f"/v1/streams/{stream}/{call}": (call, stream) for stream in STREAMS})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self._calls.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if call is None:
            await self._app(scope, receive, send)
        else:
            answer = await self._intake.receive(Request(scope, receive), *call)
            await answer(scope, receive, send)


def router(intake: Intake, durable: str = "on the disk", answers: Answers = ANSWERS) -> APIRouter:
    """The same as FastAPI's routes, for its documents: /v1/<call>, and /v1/streams/<stream>/<call>.

    durable: where events are once they are acknowledged.
    """
    routes = APIRouter(prefix="/v1", tags=["intake"])

    def add(call: str) -> None:
        async def receive(request: Request) -> Response:
            return await intake.receive(request, call, None)

        async def receive_stream(request: Request, stream: OfStream) -> Response:
            return await intake.receive(request, call, stream)

        kind = "A batch of messages of any call" if call == "batch" else f"One {call} call of the Segment spec"
        about = f"{kind}. 200: {durable}. At most 32 KB a message, 500 KB a request; gzip is understood."
        shared: dict[str, Any] = {"methods": ["POST"], "description": about, "openapi_extra": _request_body(call)}
        shared["responses"] = answers
        routes.add_api_route(f"/{call}", receive, summary=kind, name=call, **shared)
        routes.add_api_route(
            f"/streams/{{stream}}/{call}",
            receive_stream,
            summary=f"{kind}, for a stream",
            name=f"{call}_of_stream",
            **shared,
        )

    for call in (*CALLS, "batch"):
        add(call)
    return routes


def _request_body(call: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "type": "object",
        "properties": {
            "messageId": {
                "type": "string",
                "maxLength": 256,
                "description": "The idempotency key: sent again, it counts once.",
            },
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened; absent: now."},
            "userId": {"type": "string", "description": "The person of the account who did it."},
            "context": {
                "type": "object",
                "properties": {"groupId": {"type": "string", "description": "The account."}},
                "description": "What is known of the call; of it only the account is read.",
            },
        },
    }
    if call == "track":
        message["properties"] |= {
            "event": {"type": "string", "description": "What happened, by a name that the vocabulary may know."},
            "properties": {"type": "object", "description": "What metrics may read of it."},
        }
        message["required"] = ["event"]
    if call in ("group", "identify"):
        whose = "the account" if call == "group" else "the person"
        message["properties"] |= {
            "groupId": {"type": "string", "description": "The account."},
            "traits": {"type": "object", "description": f"What {whose} is; the newest statement holds."},
        }
    if call == "batch":
        message["properties"]["type"] = {"enum": list(CALLS), "description": "The call of this message."}
        several = {"type": "array", "maxItems": MESSAGES_MAX, "items": message, "description": "The messages."}
        message = {"type": "object", "required": ["batch"], "properties": {"batch": several}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": message}}}}
