"""The Faust app: which topics its agent reads, who owns which partitions, and how it ends.

`accountpulse worker` runs it; so does `faust -A streams.kafka.app worker`, with everything from the environment.
"""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Coroutine
from typing import Any

import faust
from faust.exceptions import ConsumerNotStarted

from streams.configuration import Configuration, load
from streams.http.access import READ_TOKEN, AccessError, access
from streams.kafka.administration import check
from streams.kafka.around import Around, Rhythm
from streams.kafka.arrivals import Arrivals
from streams.kafka.changelog import Changelog
from streams.kafka.credentials import credentials
from streams.kafka.edition import Edition
from streams.kafka.editions import Follower, Start, begin
from streams.kafka.ending import end
from streams.kafka.holding import Limits
from streams.kafka.home import home
from streams.kafka.identity import Identity
from streams.kafka.keeping import keeping
from streams.kafka.lookout import Lookout
from streams.kafka.operations import Operations
from streams.kafka.process import Process
from streams.kafka.sender import Sender
from streams.kafka.settings import Settings, load_settings
from streams.kafka.sources import Sources
from streams.kafka.switching import Switching
from streams.kafka.thread import FETCH_BYTES
from streams.kafka.topics import DEAD_LETTERS, HEALTH, INPUTS, RECORDS, TRIGGERS
from streams.kafka.transport import SCHEME, Chunks, Handed
from streams.kafka.watchdog import Watchdog
from streams.kafka.worker import Worker
from streams.kafka.writer import Outlets, Outputs

LAG_S = 1.0
"""How often what waits is measured."""

BUFFERED_CHUNKS = 4
"""Fetched ahead of the agent; then the partitions are paused."""

NEVER_S = 1e8

REBALANCE_S = 30.0
"""How long a worker may take to make durable what it has, when the group rebalances."""

STOP_S_MAX = 10.0
"""After a SIGTERM everything is durable and the process has ended within this time, or it ends without."""

logger = logging.getLogger(__name__)


class App(faust.App):  # type: ignore[misc]  # faust's types are not read
    """A Faust app with a worker in it."""

    def __init__(self, settings: Settings, start: Start) -> None:
        self.chunk_records_max = settings.chunk_records_max
        self.streams_by_topic = {settings.prefix + topic: stream for stream, topic in INPUTS.items()}
        self.sender = Sender(settings.connection(), message_bytes_max=settings.message_bytes_max)
        self._sources = Sources(settings.dark_after)
        self._signs = _signs(start.edition)
        topics = {stream: topic for topic, stream in self.streams_by_topic.items()}
        self._lookout = Lookout(
            self._sources, topics, settings.partitions, settings.connection(), self._on_sources_changed
        )
        self._follower = Follower(settings, start, self._adopt, self._on_refused)
        self._identity = Identity(settings)
        self.worker = self._worker(settings, start.edition)
        self.worker.telemetry.refused.inc(len(start.refused))
        self._sending = False
        self._patience_s = settings.patience_s
        self._address = settings.metrics_host, settings.metrics_port
        self._url = ""
        self._restoring: asyncio.Task[None] | None = None
        self._arrivals = Arrivals(settings)
        self.worker.telemetry.partitions_wanted.set(settings.partitions)
        brokers = ";".join(server.strip() for server in settings.bootstrap_servers.split(","))
        super().__init__(
            settings.group,
            broker=f"{SCHEME}://{brokers}",
            broker_credentials=credentials(settings),
            broker_commit_interval=settings.checkpoint_s,
            broker_session_timeout=settings.session_timeout_s,
            broker_heartbeat_interval=settings.heartbeat_s,
            broker_max_poll_interval=NEVER_S,  # a worker without partitions fetches nothing, and must stay all the same
            broker_rebalance_timeout=REBALANCE_S,
            broker_request_timeout=max(REBALANCE_S + 10.0, settings.session_timeout_s),
            consumer_auto_offset_reset="earliest",
            consumer_group_instance_id=settings.instance,
            consumer_max_fetch_size=FETCH_BYTES,
            stream_buffer_maxsize=BUFFERED_CHUNKS,
            stream_recovery_delay=0.0,
            stream_wait_empty=False,  # what is not durable is not waited for: it is read again
            table_standby_replicas=1,  # chooses Faust's own assignor: one worker has a partition of all our topics
            topic_allow_declare=False,  # `accountpulse topics` makes them
            topic_disable_leader=True,
            web_enabled=False,
            worker_redirect_stdouts=False,
            Worker=Process,
        )
        self.on_partitions_assigned.connect(self._on_assigned)
        topic = self.topic(*self.streams_by_topic, schema=Chunks(), key_serializer="raw", value_serializer="raw")
        self.agent(topic, name="health", concurrency=1)(self._health)
        self.task(self._run)
        self.task(self._look_out)
        self.task(self._follow)
        self.task(self._watch)
        self.timer(LAG_S)(self._measure)

    def _worker(self, settings: Settings, edition: Edition) -> Worker:
        connection, prefix = settings.connection(), settings.prefix
        name = f"{socket.gethostname()}:{os.getpid()}"
        return Worker(
            edition,
            Outlets(
                Changelog(prefix + RECORDS, self.sender, connection, name, keeping(settings)), self.sender,
                Outputs(prefix + HEALTH, prefix + TRIGGERS, prefix + DEAD_LETTERS),
            ),
            Around(
                lambda account_id: home(account_id, settings.partitions), self._behind, heard=self._follower.heard,
                switch=Switching(settings, self.sender), ids=self._identity,
            ),
            limits=Limits(settings.accounts_in_memory_max, settings.message_bytes_max),
            rhythm=Rhythm(
                settings.checkpoint_s, 1.0, settings.session_timeout_s / 2,
                settings.dead_letter_share_max, settings.dead_letters_min,
            ),
        )  # fmt: skip

    def _behind(self, partition: int) -> bool:
        if self._sources.blind(time.monotonic()):
            return True
        waiting = self.consumer.waiting(partition)
        return waiting is None or any(waiting.values())

    async def leave(self) -> None:
        """Own nothing any more."""
        if self._restoring is not None:
            self._restoring.cancel()
            self._restoring = None
        await self._or_end(self.worker.revoke())

    async def on_start(self) -> None:
        """Begin under somebody's eyes, whoever started us."""
        try:
            logger.info("answering at %s", self.oversee(*self._address))
        except (AccessError, OSError) as error:
            end(f"it can't answer at {self._address}: {error}")
        await super().on_start()

    async def on_stop(self) -> None:
        """Stop; by force when that takes too long. In a thread, since the event loop may be what does not stop."""
        force = threading.Timer(STOP_S_MAX, end, (f"it did not stop within {STOP_S_MAX:.0f} s",))
        force.daemon = True
        force.start()
        await super().on_stop()

    def _create_directories(self) -> None:
        """Faust makes folders for its tables, of which we have none."""

    def _on_rebalance_when_stopped(self) -> None:
        """Faust closes its consumer here, from the wrong thread; it is being stopped anyway."""

    async def _on_assigned(self, _app: Any, assigned: set[Any], **_: Any) -> None:
        """Restoring takes longer than the group may wait: it goes on beside."""
        if not self._sending:
            self._sending = True
            await self._or_end(self.sender.start())
        partitions = {place.partition for place in assigned if place.topic in self.streams_by_topic}
        self._restoring = asyncio.ensure_future(self._or_end(self.worker.assign(partitions)))

    async def _health(self, stream: Any) -> None:
        """The agent: every chunk goes to the worker."""
        async for event in stream.noack().events():
            handed: Handed = event.value
            await self.worker.restored()
            done = await self.consumer.admit(handed)
            if done is not None:
                await self._or_end(self.worker.take(handed.chunk, done))

    async def _run(self, *_: Any) -> None:
        await self._or_end(self.worker.run())

    async def _look_out(self, *_: Any) -> None:
        await self._or_end(self._lookout.run())

    def _on_sources_changed(self) -> None:
        for stream, source in self._sources.streams.items():
            self.worker.telemetry.source_dark.labels(stream).set(source.dark)
        self.worker.darken(self._sources.silent(self._signs))

    async def _follow(self, *_: Any) -> None:
        await self._or_end(self._follower.run())

    async def _watch(self, *_: Any) -> None:
        await self._or_end(self._identity.watch())

    async def same(self, since: float) -> None:
        """End unless the input topics were those of before at this instant (`time.monotonic`) or later."""
        await self._or_end(self._identity(since))

    async def lost(self, topic: str, partition: int) -> None:
        """End, since a partition of an input topic has lost what was applied of it."""
        await self._or_end(self.worker.disown(topic, partition))

    async def _adopt(self, edition: Edition) -> None:
        await self.worker.adopt(edition)
        self._signs = _signs(edition)
        self._on_sources_changed()

    def _on_refused(self) -> None:
        self.worker.telemetry.refused.inc()

    def _assigned(self) -> frozenset[tuple[str, int]]:
        """What the group has given us of the input topics, by the client that knows first; for any thread."""
        if self._consumer is None:
            return frozenset()
        try:
            places = self._consumer.assignment()
        except ConsumerNotStarted:
            return frozenset()
        return frozenset((place.topic, place.partition) for place in places if place.topic in self.streams_by_topic)

    async def _measure(self, *_: Any) -> None:
        """Note how much waits, for /metrics."""
        if assigned := self._assigned():
            await self._or_end(self.consumer.pass_over())
        waiting, unmeasured = dict.fromkeys(self.streams_by_topic, 0), 0
        for partition in {partition for _, partition in assigned}:
            found = self.consumer.waiting(partition)
            unmeasured += found is None
            for topic, count in (found or {}).items():
                waiting[topic] += count
        self.worker.telemetry.unmeasured.set(unmeasured)
        for topic, stream in self.streams_by_topic.items():
            self.worker.telemetry.lag.labels(stream).set(waiting[topic])

    def oversee(self, host: str, port: int) -> str:
        """Answer what operators ask, and end the process when it stands still; the URL. Once only: what is asked later
        changes nothing. AccessError, OSError when there can't be answered.
        """
        if self._url:
            return self._url
        telemetry, keys = self.worker.telemetry, access("", os.environ.get(READ_TOKEN, ""))
        self._url = Operations(telemetry.registry, lambda: self.worker.ready, keys).start(host, port)
        Watchdog(self._patience_s).start(
            lambda: (self.worker.progress, self._assigned()), lambda: self._arrivals.total(self._assigned()),
            time.monotonic, end,
        )  # fmt: skip
        return self._url

    async def _or_end(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it; an error of ours ends the process, and nothing is done after it."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, nothing may be done after it
            end(f"{type(error).__name__}: {error}", error)


def _signs(edition: Edition) -> tuple[str, ...]:
    """The streams whose events end an account's silence."""
    return edition.engine.profile.file.signs_of_life.streams


def made(
    settings: Settings | None = None, configuration: Configuration | None = None, *, files_only: bool = False
) -> App:
    """An app; what is not given comes from the environment and from what is shipped. The configuration in the topic, if
    there is one, wins over the one given, unless that is `files_only`.
    """
    settings = settings or load_settings()
    start = begin(settings, configuration or load(), files_only=files_only)
    for one in start.refused:
        logger.error("configuration %d is refused: %s", one.position, one.refused)
    stamp, engine = start.edition.stamp, start.edition.engine
    logger.info(
        "configuration %s: profile %s, plays %s", stamp.position if stamp.position >= 0 else "from files",
        engine.profile.label, engine.playbook.version,
    )  # fmt: skip
    return App(settings, start)


def __getattr__(name: str) -> Any:
    """`streams.kafka.app.app`, for `faust -A`: made when it is asked for, since importing does no work."""
    if name != "app":
        raise AttributeError(name)
    settings = load_settings()
    if unfit := check(settings):
        raise SystemExit("\n".join(mismatch.reason for mismatch in unfit))
    globals()["app"] = app = made(settings)
    return app
