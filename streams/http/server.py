"""`accountpulse serve`: a service and its web server in one process, from the first byte to a clean end."""

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Protocol

import uvicorn
import uvloop
from starlette.types import ASGIApp

from plays.cohort import CohortPlays
from streams.configuration import Configuration
from streams.embedded.service import Service
from streams.embedded.settings import Settings
from streams.embedded.surroundings import Surroundings
from streams.embedded.tasks import Tasks
from streams.embedded.telemetry import Telemetry
from streams.http.access import Access
from streams.http.app import guarded, make_app
from streams.http.bell import Bell
from streams.http.protocol import BoundedProtocol
from streams.http.scorecard import Scorecard
from streams.scorecard.cohort_watch import CohortWatch
from streams.scorecard.cohorts import Cohorts
from streams.scorecard.order import Order
from streams.scorecard.process import Feeding
from streams.scorecard.putting import put
from streams.scorecard.reading import Reading

DEFAULTS = Settings()

STOP_S_MAX = 4
"""How long requests that are under way may take to end when the service stops."""

KEEP_ALIVE_S = 75
"""Longer than pools of clients and proxies keep an idle connection: they close it first, and no request is lost."""

CONNECTIONS_MAX = 2_000
"""Connections at a time; beyond, the answer is 503."""

SWITCH_S = 0.001
"""How long a thread waits for the interpreter. The writer gives it up with every statement; with the default, 5 ms,
it would wait that long for each while requests come in."""

GC_YOUNG = 50_000
"""Objects made before the collector looks: records live long, and every full look goes through all of them."""

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn, but for its end: open streams are told first, and the signal that ended it is not raised again."""

    def __init__(self, config: uvicorn.Config, bell: Bell) -> None:
        super().__init__(config)
        self._bell = bell

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop: a second one doesn't wait for requests."""
        super().handle_exit(sig, frame)
        self._bell.close_from_thread()


class Hosted(Protocol):
    """A service with its web application, opened and checked."""

    @property
    def app(self) -> ASGIApp:
        """What is served."""

    async def start(self) -> None:
        """Begin to work."""

    async def stop(self) -> None:
        """Take nothing more in, and bring to an end what is under way."""


Opening = Callable[[Bell, Callable[[], None]], Awaitable[Hosted]]
"""Opens the service, on the event loop that it is hosted by. It rings the bell for new triggers, and calls the other
when it can't go on."""


def serve(  # noqa: PLR0913 - what there is to choose of a service
    data: Path, configuration: Configuration, access: Access, settings: Settings = DEFAULTS,
    *, scorecard: Order | None = None, cohorts: CohortPlays | None = None, host: str = "127.0.0.1", port: int = 8080,
    on_listening: Callable[[str], None] = lambda url: None,
) -> int:  # fmt: skip
    """Run the embedded service until SIGTERM or SIGINT; the exit code: 0 after a clean end, 1 when the writer failed.

    Raises AccessError when the host is reachable by others and keys are missing, StoreError when the directory can't be
    used, and OSError when the address can't. scorecard: how it is kept; None: it is not; cohorts: plays
    over its figures. on_listening: told the URL once requests are taken; port 0 is any free.
    """

    async def opening(bell: Bell, fail: Callable[[], None]) -> Hosted:
        around = Surroundings(Telemetry(), on_triggers=bell.ring_from_thread, on_failure=fail)
        # Opening may take long, when a changed profile has the log read anew.
        service = await asyncio.to_thread(
            Service, data, configuration.engine(), configuration.vocabulary, settings, around
        )
        if scorecard is None:
            return Embedded(service, guarded(make_app(service, access, bell), service, access), None)
        reading = Reading(scorecard)
        asked = Scorecard(reading, Tasks(service.reader, service.engine.playbook))
        feeding = Feeding(scorecard, service.telemetry.fed, service.telemetry.scorecard_ends.inc)
        course = feeding.course
        service.telemetry.scorecard_behind_seconds.set_function(lambda: course.behind_s)
        watch = None
        if cohorts is not None:
            watched = Cohorts(cohorts, reading, partial(put, service.submit), service.reader.cohort_triggers)
            watch = CohortWatch(watched, service.clock, lambda: course.caught_up, service.telemetry.failed_looks.inc)
        app = guarded(make_app(service, access, bell, asked, trouble=lambda: course.trouble), service, access)
        return Embedded(service, app, feeding, reading, watch)

    return run(opening, access, host=host, port=port, on_listening=on_listening)


def run(
    opening: Opening, access: Access, *, host: str, port: int, on_listening: Callable[[str], None] = lambda url: None
) -> int:
    """Host a service until SIGTERM or SIGINT; the exit code: 0 after a clean end, 1 when the service failed. Raises
    AccessError, OSError, and what the opening raises.
    """
    for warning in access.check(host):
        logger.warning(warning)
    listener = _listen(host, port)
    sys.setswitchinterval(SWITCH_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Run().until_stopped(opening, listener, on_listening))


class Embedded:
    """The embedded service as it is hosted."""

    def __init__(
        self, service: Service, app: ASGIApp, feeding: Feeding | None, reading: Reading | None = None,
        watch: CohortWatch | None = None,
    ) -> None:  # fmt: skip
        self._service = service
        self._feeding = feeding
        self._reading = reading
        self._watch = watch
        self.app = app

    async def start(self) -> None:
        """Begin to work, with what a crash left undone."""
        self._service.start()
        if self._feeding is not None:
            self._feeding.start()
        if self._watch is not None:
            self._watch.start()

    async def stop(self) -> None:
        """Put everything on the disk."""
        if self._reading is not None:  # first: who waits for figures, in a request or in the watch, waits no longer
            await asyncio.to_thread(self._reading.close)
        if self._watch is not None:
            await asyncio.to_thread(self._watch.stop)
        if self._feeding is not None:
            await asyncio.to_thread(self._feeding.stop)
        await asyncio.to_thread(self._service.stop)
        logger.info("stopped; everything is on the disk")


class _Run:
    """One run of a service."""

    def __init__(self) -> None:
        self._failed = asyncio.Event()

    async def until_stopped(
        self, opening: Opening, listener: socket.socket, on_listening: Callable[[str], None]
    ) -> int:
        loop = asyncio.get_running_loop()
        bell = Bell(loop)
        service = await opening(bell, lambda: _tell(loop, self._failed))
        server = Server(self._uvicorn(service.app), bell)
        # uvicorn raises the signal that stopped it again once it has stopped; the service is then not yet.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        gc.freeze()
        gc.set_threshold(GC_YOUNG, 20, 100)
        await service.start()
        stopper = asyncio.create_task(self._stop_when_failed(server))
        address, port = listener.getsockname()[:2]
        on_listening(f"http://{f'[{address}]' if ':' in address else address}:{port}")
        try:
            await server.serve(sockets=[listener])
        finally:
            stopper.cancel()
            await service.stop()
        return 1 if self._failed.is_set() else 0

    def _uvicorn(self, app: ASGIApp) -> uvicorn.Config:
        return uvicorn.Config(
            app, http=BoundedProtocol, log_config=None, access_log=False, server_header=False, lifespan="off",
            proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_S, limit_concurrency=CONNECTIONS_MAX,
            timeout_graceful_shutdown=STOP_S_MAX,
        )  # fmt: skip

    async def _stop_when_failed(self, server: uvicorn.Server) -> None:
        await self._failed.wait()
        server.should_exit = True


def _tell(loop: asyncio.AbstractEventLoop, failed: asyncio.Event) -> None:
    loop.call_soon_threadsafe(failed.set)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host.strip("[]"), port))
    listener.listen(CONNECTIONS_MAX)  # who comes before the server is up waits in the queue
    return listener
