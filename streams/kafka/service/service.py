"""The service on Kafka, whole: what it is made of, and how it is hosted."""

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path

from aiokafka.errors import KafkaError
from starlette.types import ASGIApp

from plays.cohort import CohortPlays
from scoring.event import Event
from streams.embedded.inbox import Submission
from streams.embedded.lock import Lock
from streams.http import calls
from streams.http.access import Access
from streams.http.app import Part, assembled, guarded
from streams.http.bell import Bell
from streams.http.intake import Intake
from streams.http.scorecard import Scorecard
from streams.http.server import Hosted, Opening
from streams.http.watch import Watch
from streams.kafka.administration import UnreachableError
from streams.kafka.service.courier import Courier
from streams.kafka.service.feed import Feed
from streams.kafka.service.follower import Follower
from streams.kafka.service.model import READ, Model
from streams.kafka.service.read import Read
from streams.kafka.service.reader import Reader
from streams.kafka.service.tasks import Tasks
from streams.kafka.service.telemetry import Telemetry
from streams.kafka.settings import Settings
from streams.scorecard.cohort_watch import CohortWatch
from streams.scorecard.cohorts import Cohorts
from streams.scorecard.order import Order
from streams.scorecard.process import Feeding
from streams.scorecard.putting import put
from streams.scorecard.reading import Reading
from streams.vocabulary import Vocabulary

DAY_S = 86_400.0

ANSWERS: calls.Answers = {
    **{status: told for status, told in calls.ANSWERS.items() if status != 507},
    503: {"description": "Not acknowledged in time, too busy, or stopping; send it again: a messageId counts once."},
}


class State(StrEnum):
    """What the service is doing; all but `ready` mean that `/readyz` says no, and why."""

    CATCHING_UP = "catching_up"
    READY = "ready"
    UNACKNOWLEDGED = "unacknowledged"
    NO_ROOM = "no_room"
    STOPPING = "stopping"
    FAILED = "failed"


MEANINGS: Mapping[str, str] = {
    State.CATCHING_UP: "what is in the topics is being read; intake works",
    State.READY: "everything works",
    State.UNACKNOWLEDGED: "the brokers acknowledge nothing; intake refuses, and goes on by itself when they do",
    State.NO_ROOM: "the disk takes nothing, so what is read stands still; intake works",
    State.STOPPING: "the service is stopping",
    State.FAILED: "the service has failed; see its log",
}


class Service:
    """Opened by its making; StoreError when the directory is in use, or holds what was made from other topics."""

    def __init__(
        self, directory: Path, topics: Mapping[str, str], settings: Settings, vocabulary: Vocabulary,
        on_triggers: Callable[[], None], on_failure: Callable[[], None], scorecard: Order | None = None,
    ) -> None:  # fmt: skip
        """topics: the ids of those that are read, by name; scorecard: how it is kept, None: it is not."""
        self.vocabulary = vocabulary
        self.telemetry = Telemetry()
        self.clock: Callable[[], float] = time.time
        self._lock = Lock(directory)
        try:
            self._model = Model(directory, topics, settings.triggers_days * DAY_S)
        except BaseException:
            self._lock.release()
            raise
        self.reader = Reader(directory)
        self._on_failure = on_failure
        self._failed = self._stopping = False
        self._courier = Courier(settings, self.telemetry, self._fail)
        self._follower = Follower(settings, self._model, self.telemetry, on_triggers, self._fail)
        self._feeding = None
        if scorecard is not None:
            feeding = self._feeding = Feeding(scorecard, self.telemetry.fed, self.telemetry.scorecard_ends.inc)
            self.telemetry.scorecard_behind_seconds.set_function(lambda: feeding.course.behind_s)
        self.telemetry.ready.set_function(lambda: self.state == State.READY)

    @property
    def state(self) -> State:
        """What the service is doing."""
        if self._failed or self._stopping:
            return State.FAILED if self._failed else State.STOPPING
        if self._courier.late:
            return State.UNACKNOWLEDGED
        if self._follower.no_room:
            return State.NO_ROOM
        return State.READY if self._follower.caught_up else State.CATCHING_UP

    def trouble(self) -> str | None:
        """What is wrong with the scorecard."""
        return None if self._feeding is None else self._feeding.course.trouble

    def _fail(self) -> None:
        self._failed = True
        self._on_failure()

    @property
    def informed(self) -> bool:
        """Whether all that was in the topics at the start has been read: into the read model, and into the figures."""
        return self._follower.caught_up and self._feeding is not None and self._feeding.course.caught_up

    def submit(self, submission: Submission) -> None:
        """Have messages taken to their topics; raises Busy and Stopped. On the event loop."""
        self._courier.submit(submission)

    def names_nothing(self, answer: Event) -> bool:
        """False: whoever reads the topic itself may know of a trigger before this service does. The service that moves
        the episodes makes a dead letter of what names none.
        """
        return False

    def submit_from_thread(self, submission: Submission) -> None:
        """The same from another thread."""

        async def on_loop() -> None:
            self.submit(submission)

        asyncio.run_coroutine_threadsafe(on_loop(), self._loop).result()

    async def start(self) -> None:
        """Connect, and begin to work. Raises UnreachableError."""
        self._loop = asyncio.get_running_loop()
        try:
            await self._courier.start()
            await self._follower.start()
        except KafkaError as error:
            raise UnreachableError(f"no broker lets us begin: {type(error).__name__}: {error}") from error
        if self._feeding is not None:
            self._feeding.start()

    async def stop(self) -> None:
        """Take nothing more in, and let go of the directory."""
        self._stopping = True
        if self._feeding is not None:
            await asyncio.to_thread(self._feeding.stop)
        await self._courier.stop()
        await self._follower.stop()
        self.reader.close()
        self._model.close()
        self._lock.release()


class _Hosted:
    """The service with its web application, and with the watch over cohorts where it has one."""

    def __init__(self, service: Service, app: ASGIApp, reading: Reading | None, watch: CohortWatch | None) -> None:
        self.app = app
        self._service = service
        self._reading = reading
        self._watch = watch

    async def start(self) -> None:
        """Begin to work. Raises UnreachableError."""
        await self._service.start()
        if self._watch is not None:
            self._watch.start()

    async def stop(self) -> None:
        """First whoever waits for figures, in a request or in the watch, who waits no longer; then the service."""
        if self._reading is not None:
            await asyncio.to_thread(self._reading.close)
        if self._watch is not None:
            await asyncio.to_thread(self._watch.stop)
        await self._service.stop()


def opening(
    directory: Path, topics: Mapping[str, str], settings: Settings, vocabulary: Vocabulary, access: Access,
    scorecard: Order | None = None, cohorts: CohortPlays | None = None,
) -> Opening:  # fmt: skip
    """How `streams.http.server.run` opens it. topics: the ids of all topics, by name; scorecard: how it is kept;
    cohorts: plays over its figures, of one service of the installation.
    """

    async def open_it(bell: Bell, fail: Callable[[], None]) -> Hosted:
        read = {name: topics[settings.prefix + name] for name in READ}
        service = Service(directory, read, settings, vocabulary, bell.ring_from_thread, fail, scorecard)
        intake = calls.router(Intake(service, access), "acknowledged by the brokers", ANSWERS)
        parts: list[Part] = [
            Feed(service.reader, bell),
            Read(service.reader),
            Watch(service, MEANINGS, service.trouble),
        ]
        reading = None if scorecard is None else Reading(scorecard)
        watch = None
        if reading is not None:
            parts.append(Scorecard(reading, Tasks(service.reader, service.clock)))
            if cohorts is not None:
                out = partial(put, service.submit_from_thread)
                watched = Cohorts(cohorts, reading, out, service.reader.cohort_triggers)
                watch = CohortWatch(
                    watched, service.clock, lambda: service.informed, service.telemetry.failed_looks.inc
                )
        return _Hosted(service, guarded(assembled(access, intake, *parts), service, access), reading, watch)

    return open_it
