"""Intake: POST /v1/track, /v1/group, ... and /v1/batch. The answer 200 means that the events are on the disk."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from streams.dead_letter import DeadLetter, Place
from streams.embedded.inbox import Busy, Entry, NotWritten, Outcome, Receipt, Stopped, Submission
from streams.embedded.service import Service
from streams.http import lines as messages
from streams.http.access import Access
from streams.http.body import BodyError, read_body
from streams.http.lines import Lines
from streams.vocabulary import Stream
from streams.wire import Decoded, decode

CALLS = ("track", "group", "identify", "page", "screen", "alias")

REJECTED_SHOWN_MAX = 20
"""Refused messages explained in an answer; all of them are in the dead letters."""

RETRY_AFTER_S = {503: "1", 507: "30"}
"""When to try again, by status."""


ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Nothing was accepted; every bad message is in the dead letters, with the reason."},
    401: {"description": "The write key is missing or unknown."},
    403: {"description": "The write key is for another stream."},
    503: {"description": "Too busy, or stopping; nothing was kept, send it again."},
    507: {"description": "No room on the disk; nothing was kept, send it again later."},
}


class Answer(NamedTuple):
    """What the sender is told, and what the Prometheus metrics are."""

    status: int
    content: dict[str, Any]


class Intake:
    """Turns requests into submissions, and their outcomes into answers."""

    def __init__(self, service: Service, access: Access) -> None:
        self._service = service
        self._access = access
        self._telemetry = service.telemetry

    async def receive(self, request: Request, call: str, stream: str | None) -> Response:
        """One request of any of the calls."""
        answer = await self._answer(request, call, stream)
        self._telemetry.requests.labels(str(answer.status)).inc()
        retry_after = RETRY_AFTER_S.get(answer.status)
        headers = {"Retry-After": retry_after} if retry_after else {}
        if answer.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="accountpulse write key"'
        return JSONResponse(answer.content, answer.status, headers)

    async def _answer(self, request: Request, call: str, stream: str | None) -> Answer:
        if self._access.write_keys:
            key = self._access.writer(request.headers.get("authorization"))
            if key is None:
                return _failed(401, "unauthorized", "send a write key as the user of basic authentication")
            if key.stream is not None and stream not in (None, key.stream):
                return _failed(403, "forbidden", f"this write key is for the stream {key.stream!r}")
            stream = stream or key.stream
        now, origin = self._service.clock(), f"POST {request.url.path}"
        try:
            body = await read_body(request)
            lines = messages.batch(body, now) if call == "batch" else messages.single(body, call)
        except BodyError as error:
            letter = DeadLetter(error.reason, "", error.value, str(error), error.raw, origin, 0, now)
            return await self._bury(error, letter)
        return await self._keep(lines, stream, now, origin)

    async def _bury(self, error: BodyError, letter: DeadLetter) -> Answer:
        """Answer a body that is no messages at all; what was read of it is kept."""
        if letter.raw:
            outcome = await self._submit([], [letter])
            if isinstance(outcome, Answer):
                return outcome
        return _failed(error.status, error.reason, str(error))

    async def _keep(self, given: Lines, stream: str | None, now: float, origin: str) -> Answer:
        decoded = decode(
            given.lines, vocabulary=self._service.vocabulary, now=now, wall=now, stream=stream, live=True,
            place=Place(origin, 0),
        )  # fmt: skip
        entries = [
            Entry(event, line, stream) for event, line in zip(decoded.events, self._alive(given, decoded), strict=True)
        ]
        dead = [letter._replace(raw=given.sent[letter.item]) for letter in decoded.dead]
        outcome = await self._submit(entries, dead)
        if isinstance(outcome, Answer):
            return outcome
        accepted = bool(entries) or not dead
        content: dict[str, Any] = {"success": accepted}
        if not accepted:
            content["error"] = {"reason": dead[0].reason, "field": dead[0].field, "message": dead[0].message}
        return Answer(
            200 if accepted else 400,
            {
                **content, "accepted": outcome.accepted, "duplicates": outcome.duplicates, "ignored": decoded.ignored,
                "rejected": [_shown(letter) for letter in dead[:REJECTED_SHOWN_MAX]], "rejected_count": len(dead),
            },
        )  # fmt: skip

    def _alive(self, given: Lines, decoded: Decoded) -> list[bytes]:
        """The lines that became events, in their order."""
        dead = {letter.item for letter in decoded.dead}
        alive = [line for index, line in enumerate(given.lines) if index not in dead] if dead else given.lines
        if not decoded.ignored:
            return alive
        now, vocabulary = self._service.clock(), self._service.vocabulary
        return [line for line in alive if decode([line], vocabulary=vocabulary, now=now, live=True).events]

    async def _submit(self, entries: Sequence[Entry], dead: Sequence[DeadLetter]) -> Receipt | Answer:
        """Wait until they are on the disk."""
        if not entries and not dead:
            return Receipt(0, 0)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()

        def done(outcome: Outcome) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, future, outcome)

        try:
            self._service.submit(Submission(entries, dead, done))
            outcome = await future
        except (Busy, Stopped) as refusal:
            outcome = refusal if isinstance(refusal, Stopped) else Stopped(str(refusal))
        if isinstance(outcome, Receipt):
            return outcome
        self._telemetry.events.labels("refused").inc(len(entries) + len(dead))
        full = isinstance(outcome, NotWritten) and outcome.full
        return _failed(507 if full else 503, "no_room" if full else "unavailable", f"nothing was kept: {outcome}")


def router(intake: Intake) -> APIRouter:
    """The routes of intake: /v1/<call>, and /v1/streams/<stream>/<call> where the path says the stream."""
    routes = APIRouter(prefix="/v1", tags=["intake"])

    def add(call: str) -> None:
        async def receive(request: Request) -> Response:
            return await intake.receive(request, call, None)

        async def receive_stream(request: Request, stream: Stream) -> Response:
            return await intake.receive(request, call, stream)

        kind = "A batch of messages of any call" if call == "batch" else f"One {call} call of the Segment spec"
        about = f"{kind}. 200: on the disk. At most 32 KB a message, 500 KB a request; gzip is understood."
        shared: dict[str, Any] = {"methods": ["POST"], "description": about, "openapi_extra": _request_body(call)}
        shared["responses"] = ANSWERS
        routes.add_api_route(f"/{call}", receive, summary=kind, name=call, **shared)
        routes.add_api_route(
            f"/streams/{{stream}}/{call}",
            receive_stream,
            summary=f"{kind}, for a stream",
            name=f"{call}_of_stream",
            **shared,
        )

    for call in ("batch", *CALLS):  # routes are tried in their order, and batches are what libraries send
        add(call)
    return routes


def _resolve(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.done():  # the sender may have gone away
        future.set_result(outcome)


def _failed(status: int, reason: str, message: str) -> Answer:
    return Answer(status, {"success": False, "error": {"reason": reason, "message": message}})


def _shown(letter: DeadLetter) -> dict[str, Any]:
    return {
        "index": letter.item, "reason": letter.reason, "field": letter.field, "value": letter.value,
        "message": letter.message,
    }  # fmt: skip


def _request_body(call: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "type": "object",
        "properties": {
            "messageId": {
                "type": "string",
                "maxLength": 256,
                "description": "The idempotency key: sent again, it counts once.",
            },
            "timestamp": {"type": "string", "format": "date-time"},
            "userId": {"type": "string"},
            "context": {"type": "object", "properties": {"groupId": {"type": "string", "description": "The account."}}},
        },
    }
    if call == "track":
        message["properties"] |= {"event": {"type": "string"}, "properties": {"type": "object"}}
        message["required"] = ["event"]
    if call in ("group", "identify"):
        message["properties"] |= {"groupId": {"type": "string"}, "traits": {"type": "object"}}
    if call == "batch":
        several = {"type": "array", "maxItems": messages.MESSAGES_MAX, "items": message}
        message = {"type": "object", "required": ["batch"], "properties": {"batch": several}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": message}}}}
