"""Intake: POST /v1/track, /v1/group, ... and /v1/batch. The answer 200 means that the events are durable: on the disk,
or with the brokers."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from scoring.subject import is_cohort
from streams.answer import unknown
from streams.dead_letter import DeadLetter, Place
from streams.embedded.inbox import Busy, Entry, NotWritten, Outcome, Receipt, Stopped, Submission, Unconfirmed
from streams.http import lines as messages
from streams.http.access import Access
from streams.http.body import BodyError, read_body
from streams.http.lines import Lines
from streams.http.served import Taking
from streams.wire import Decoded, decode

REJECTED_SHOWN_MAX = 20
"""Refused messages explained in an answer; all of them are in the dead letters."""

RETRY_AFTER_S = {503: "1", 507: "30"}
"""When to try again, by status."""


_encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """What the sender is told, and what the Prometheus metrics are."""

    status: int
    content: dict[str, Any]


class Intake:
    """Turns requests into submissions, and their outcomes into answers."""

    def __init__(self, service: Taking, access: Access) -> None:
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
        return Response(_encode(answer.content), answer.status, headers, "application/json")

    async def _answer(self, request: Request, call: str, stream: str | None) -> Answer:
        if self._access.write_keys:
            key = self._access.writer(request.headers.get("authorization"))
            if key is None:
                return _failed(401, "unauthorized", "send a write key as the user of basic authentication")
            if key.stream is not None and stream not in (None, key.stream):
                return _failed(403, "forbidden", f"this write key is for the stream {key.stream!r}")
            stream = stream or key.stream
        now, origin = self._service.clock(), f"POST {request.scope['path']}"
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
        items = self._alive(given, decoded)
        entries = [Entry(event, given.lines[item], stream) for event, item in zip(decoded.events, items, strict=True)]
        dead = [letter._replace(raw=given.sent[letter.item]) for letter in decoded.dead]
        strangers = await self._strangers(entries)
        for index in strangers:
            item, answer = items[index], entries[index].event
            position = Place(origin, 0).position(item)
            dead.append(unknown(answer.account_id, answer.properties, given.sent[item], position, item, now))
        if strangers:
            left_out = frozenset(strangers)
            entries = [entry for index, entry in enumerate(entries) if index not in left_out]
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

    async def _strangers(self, entries: Sequence[Entry]) -> list[int]:
        """Answers to cohorts' triggers that name none: where they are among the entries."""
        answers = [(index, entry.event) for index, entry in enumerate(entries) if is_cohort(entry.event.account_id)]
        if not answers:
            return []
        strange = self._service.names_nothing
        return await run_in_threadpool(lambda: [index for index, event in answers if strange(event)])

    def _alive(self, given: Lines, decoded: Decoded) -> Sequence[int]:
        """Which lines became events, in their order."""
        items = range(len(given.lines))
        dead = {letter.item for letter in decoded.dead}
        alive = [item for item in items if item not in dead] if dead else items
        if not decoded.ignored:
            return alive
        now, vocabulary = self._service.clock(), self._service.vocabulary
        return [item for item in alive if decode([given.lines[item]], vocabulary=vocabulary, now=now, live=True).events]

    async def _submit(self, entries: Sequence[Entry], dead: Sequence[DeadLetter]) -> Receipt | Answer:
        """Wait until they are durable."""
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
        told = str(outcome) if isinstance(outcome, Unconfirmed) else f"nothing was kept: {outcome}"
        return _failed(507 if full else 503, "no_room" if full else "unavailable", told)


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
