"""How much of its intake does `accountpulse serve` keep while it also scores? How soon after an event is a trigger out?

    python -m benchmarks.serve [EVENTS] [ACCOUNTS] [RUNS]

Intake: EVENTS (60,000) over ACCOUNTS (1,000) in batches of 100 over 8 connections, in turn to (a) an intake that only
validates the same messages and writes them to the same tables of the same SQLite, synchronous, as many requests per
commit as are waiting, and (b) the service with everything as shipped. Prints events/s acknowledged for both, (b)/(a)
(the aim is at least 0.50), and how long (b) then needs to have all of them in the scores.

Latency: 500 events/s for 15 s, in requests of 1 and of 10; every 25th event opens a play on an account. From before the
request is sent to the trigger's arrival at a subscriber (server-sent events), in ms. The aim is a p99 under 50 ms.
"""

import asyncio
import json
import multiprocessing
import random
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import uvicorn
import uvloop

from scoring.days import iso
from streams.configuration import Configuration, load
from streams.embedded.inbox import Entry, Inbox, Submission
from streams.embedded.settings import Settings
from streams.embedded.store import Store
from streams.http import lines as messages
from streams.http.access import Access
from streams.http.server import serve
from streams.wire import decode

BATCH, CONNECTIONS, RATE, SECONDS = 100, 8, 500, 15
PLAYS = Path(__file__).parents[1] / "tests" / "data" / "serve_plays.yaml"

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def service(directory: str, listening: Connection, counting: bool) -> None:
    """The service as shipped; `counting`: with plays that open by counting, for the latency."""
    configuration = load(plays=PLAYS) if counting else load()
    serve(Path(directory), configuration, Access(), port=0, on_listening=listening.send)


def yardstick(directory: str, listening: Connection, _: bool) -> None:
    """An intake that validates and writes, and does nothing else."""
    uvloop.run(_yardstick(Path(directory), listening, load()))


async def _yardstick(directory: Path, listening: Connection, configuration: Configuration) -> None:
    loop, inbox = asyncio.get_running_loop(), Inbox(1_000_000)

    def write() -> None:
        store = Store(directory, configuration.vocabulary, Settings())
        while True:
            taken = inbox.take(60.0)
            with store.transaction():
                store.log.append([entry for submission in taken for entry in submission.entries])
            for submission in taken:
                submission.done(None)  # type: ignore[arg-type] # nobody asks what became of it

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part["body"], part.get("more_body", False)
        now = time.time()
        lines = messages.batch(body, now).lines
        events = decode(lines, vocabulary=configuration.vocabulary, now=now, wall=now, live=True).events
        written = loop.create_future()
        entries = [Entry(event, line, None) for event, line in zip(events, lines, strict=True)]

        def done(_: object) -> None:
            loop.call_soon_threadsafe(written.set_result, None)

        inbox.put(Submission(entries, [], done))
        await written
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    threading.Thread(target=write, daemon=True).start()
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    listener = socket.create_server(("127.0.0.1", 0))
    listening.send(f"http://127.0.0.1:{listener.getsockname()[1]}")
    await uvicorn.Server(config).serve(sockets=[listener])


class Client:
    """A connection that is kept. Without the cost of a library, so that the servers get the processor."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in answer[:20], answer
        size = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return await self._reader.readexactly(int(size[15:]))


async def connect(port: int) -> Client:
    return Client(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))


def message(number: int, account: str, user: str, dice: random.Random, run: str) -> Message:
    return {
        "type": "track", "event": dice.choice(("Report opened", "Invoice exported", "Dashboard viewed")),
        "messageId": f"{run}-{number}", "userId": user, "timestamp": iso(time.time()), "context": {"groupId": account},
        "properties": {"feature": f"f{dice.randrange(30)}", "n": number},
    }  # fmt: skip


async def flood(port: int, bodies: list[bytes]) -> float:
    """Seconds until all are acknowledged."""

    async def send(client: Client) -> None:
        while bodies:
            await client.ask("POST", "/v1/batch", bodies.pop())

    clients = [await connect(port) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    await asyncio.gather(*map(send, clients))
    return time.perf_counter() - began


async def settle(port: int) -> float:
    """Seconds until the log is in the scores."""
    client, began = await connect(port), time.perf_counter()
    while True:
        lines = (await client.ask("GET", "/metrics")).decode().splitlines()
        values = {line.split()[0]: float(line.split()[-1]) for line in lines if not line.startswith("#")}
        if values["accountpulse_log_position"] == values["accountpulse_applied_position"]:
            return time.perf_counter() - began
        await asyncio.sleep(0.1)


async def latency(size: int, port: int) -> list[float]:
    """Milliseconds from event to trigger."""
    sent, found, run, dice = dict[str, float](), list[float](), uuid.uuid4().hex[:8], random.Random(size)

    async def subscribe() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        writer.write(b"GET /v1/triggers/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while line := await reader.readline():
            if line.startswith(b"data: "):
                found.append((time.perf_counter() - sent[json.loads(line[6:])["subject"]]) * 1_000)

    def one(number: int) -> Message:
        new, step = divmod(number, 25)
        if step in (3, 11, 19):  # the third user of a new account opens the play
            sent[f"{run}-{new}"] = time.perf_counter()
            return message(number, f"{run}-{new}", f"u{step}", dice, run)
        return message(number, f"busy-{dice.randrange(2_000)}", "u", dice, run)

    async def post(body: bytes) -> None:
        client = await free.get()
        await client.ask("POST", "/v1/batch", body)
        free.put_nowait(client)

    free: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(32):
        free.put_nowait(await connect(port))
    subscriber = asyncio.create_task(subscribe())
    await asyncio.sleep(0.5)
    began, posts = time.perf_counter(), list[asyncio.Task[None]]()
    for first in range(0, RATE * SECONDS, size):
        await asyncio.sleep(max(0.0, began + first / RATE - time.perf_counter()))
        body = json.dumps({"batch": [one(number) for number in range(first, first + size)]}).encode()
        posts.append(asyncio.create_task(post(body)))
    await asyncio.gather(*posts)
    await asyncio.sleep(2.0)
    subscriber.cancel()
    return found


def measure(
    target: Callable[[str, Connection, bool], None], ask: Callable[[int], Awaitable[Any]], *, counting: bool = False
) -> Any:
    """What `ask` finds of a fresh server on a fresh directory."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as directory:
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=target, args=(directory, sending, counting))
        process.start()
        try:
            port = int(receiving.recv().rpartition(":")[2])
            return uvloop.run(ask(port))  # type: ignore[arg-type] # a coroutine
        finally:
            process.kill()
            process.join()


def main() -> None:
    events, accounts, runs = (int(given) for given in (*sys.argv[1:], *("60000", "1000", "3")[len(sys.argv) - 1 :]))
    dice = random.Random(1)
    made = [message(n, f"a{dice.randrange(accounts)}", f"u{dice.randrange(20)}", dice, "b") for n in range(events)]
    bodies = [json.dumps({"batch": made[n : n + BATCH]}).encode() for n in range(0, events, BATCH)]

    async def both(port: int) -> tuple[float, float]:
        return await flood(port, list(bodies)), await settle(port)

    ratios = []
    for _ in range(runs):
        alone = measure(yardstick, lambda port: flood(port, list(bodies)))
        taken, behind = measure(service, both)
        ratios.append(alone / taken)
        told = {
            "yardstick_per_s": events / alone,
            "serve_per_s": events / taken,
            "behind_s": behind,
            "ratio": alone / taken,
        }
        print(json.dumps({name: round(value, 2) for name, value in told.items()}), flush=True)
    print(json.dumps({"intake_ratio_median": round(median(ratios), 2)}), flush=True)
    for size in (1, 10):
        found = measure(service, partial(latency, size), counting=True)
        cuts = quantiles(found, n=100)
        told = {
            "request_of": size,
            "triggers": len(found),
            "p50_ms": cuts[49],
            "p99_ms": cuts[98],
            "max_ms": max(found),
        }
        print(json.dumps({name: round(value, 1) for name, value in told.items()}), flush=True)


if __name__ == "__main__":
    main()
