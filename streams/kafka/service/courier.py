"""Takes what was posted to its topics, and answers when the brokers have it on all the replicas that it must be on."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.dead_letter import DeadLetter
from streams.embedded.inbox import Busy, Entry, Receipt, Stopped, Submission, Unconfirmed
from streams.kafka.home import home
from streams.kafka.sender import BATCH_BYTES_MAX
from streams.kafka.service.letter import encoded
from streams.kafka.service.outgoing import outgoing
from streams.kafka.service.recent import Acknowledged, Key, Recent
from streams.kafka.service.telemetry import Telemetry
from streams.kafka.settings import Settings
from streams.kafka.topics import DEAD_LETTERS, INPUTS, TRIGGERS

ACKNOWLEDGED_S_MAX = 10.0
"""How long a request waits for the brokers. Segment's libraries give up after 10 to 15 s."""

WAITING_EVENTS_MAX = 20_000
"""Events that wait for the brokers, those of requests that were given up among them; beyond, intake answers 503."""

REQUEST_TIMEOUT_S = 30.0
"""After so long a broker that says nothing is asked over a new connection."""

STOP_S_MAX = 5.0
"""How long what is under way may take when the service stops. Nobody was told that it has arrived."""

_encode = msgspec.json.Encoder().encode

logger = logging.getLogger(__name__)


class Courier:
    """Belongs to the event loop. The producer is idempotent: it tries for as long as it takes, each message is in its
    partition once, and in the order of its sending.
    """

    def __init__(
        self, settings: Settings, telemetry: Telemetry, on_failure: Callable[[], None],
        *, acknowledged_s_max: float = ACKNOWLEDGED_S_MAX,
    ) -> None:  # fmt: skip
        """on_failure: told when nothing can be sent any more; a new process can."""
        self._settings = settings
        self._telemetry = telemetry
        self._on_failure = on_failure
        self._acknowledged_s_max = acknowledged_s_max
        self._recent = Recent()
        self._carrying: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._stopped = False
        self.late = False
        """Whether the brokers let requests wait in vain, and have acknowledged nothing since."""

    async def start(self) -> None:
        """Connect, and learn where partitions are."""
        self._producer = AIOKafkaProducer(
            **self._settings.connection(), enable_idempotence=True, max_batch_size=BATCH_BYTES_MAX,
            max_request_size=self._settings.message_bytes_max * 2, request_timeout_ms=int(REQUEST_TIMEOUT_S * 1000),
        )  # fmt: skip
        await self._producer.start()
        for name in (*INPUTS.values(), TRIGGERS, DEAD_LETTERS):
            await self._producer.partitions_for(self._settings.prefix + name)

    async def stop(self) -> None:
        """Take nothing more; what is under way has STOP_S_MAX."""
        self._stopped = True
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S_MAX):
                await self._producer.stop()

    def submit(self, submission: Submission) -> None:
        """Have it taken to its topics; raises Busy and Stopped."""
        size = _size(submission)
        if self._stopped:
            raise Stopped("the service is stopping")
        if self._waiting and self._waiting + size > WAITING_EVENTS_MAX:
            raise Busy(self._waiting, WAITING_EVENTS_MAX, "the brokers")
        self._count(size)
        task = asyncio.ensure_future(self._carry(submission))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry(self, submission: Submission) -> None:
        started = time.perf_counter()
        duplicates = 0
        waiting: set[Acknowledged] = set()
        left = _size(submission)
        try:
            async with asyncio.timeout(self._acknowledged_s_max):
                for entry in submission.entries:
                    known = self._recent.get((entry.event.account_id, entry.event.message_id))
                    if known is None:
                        waiting.add(await self._send_event(entry))
                    else:
                        waiting.add(known)
                        duplicates += 1
                        self._count(-1)
                    left -= 1
                for letter in submission.dead:
                    waiting.add(await self._send_letter(letter))
                    left -= 1
                for trigger in submission.triggers:
                    waiting.add(await self._send(TRIGGERS, trigger["subject"], _encode(trigger)))
                    left -= 1
                if waiting:
                    await asyncio.wait(waiting)
            failed = next((one for one in waiting if one.cancelled() or one.exception()), None)
            why = "" if failed is None else "the brokers refused some of it"
        except TimeoutError:
            self.late = True
            why = f"the brokers did not acknowledge all of it within {self._acknowledged_s_max:.0f} s"
        except KafkaError as error:
            why = f"it could not be sent ({type(error).__name__})"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and whoever waits must hear of it
            why = "the service failed"
            self._fail(error)
        finally:
            self._count(-left)
        if why:
            submission.done(Unconfirmed(f"{why}; send it again: a messageId counts once"))
            return
        self._telemetry.produced(
            len(submission.entries) - duplicates, duplicates, submission.dead, time.perf_counter() - started
        )
        self._telemetry.triggered(submission.triggers)
        submission.done(Receipt(len(submission.entries) - duplicates, duplicates))

    async def _send_event(self, entry: Entry) -> Acknowledged:
        event = entry.event
        return await self._send(
            INPUTS[event.stream], event.account_id, outgoing(entry), (event.account_id, event.message_id)
        )

    async def _send_letter(self, letter: DeadLetter) -> Acknowledged:
        return await self._send(DEAD_LETTERS, letter.position, encoded(letter, self._settings.message_bytes_max))

    async def _send(self, topic: str, key: str, value: bytes, known_as: Key | None = None) -> Acknowledged:
        """Give a message to the producer; the future of its arrival. It is known from before the first wait on."""
        acknowledged: Acknowledged = asyncio.get_running_loop().create_future()
        if known_as is not None:
            self._recent.put(known_as, acknowledged)
        partition = home(key, self._settings.partitions)
        try:
            sending = await self._producer.send(self._settings.prefix + topic, value, key.encode(), partition)
        except BaseException:
            acknowledged.cancel()  # whoever waits for it too was told nothing yet
            if known_as is not None:
                self._recent.drop(known_as, acknowledged)
            raise
        sending.add_done_callback(partial(self._settle, acknowledged, known_as))
        return acknowledged

    def _settle(self, acknowledged: Acknowledged, known_as: Key | None, sending: "asyncio.Future[object]") -> None:
        self._count(-1)
        error = asyncio.CancelledError() if sending.cancelled() else sending.exception()
        if error is None:
            self.late = False
            acknowledged.set_result(None)
            return
        acknowledged.cancel()
        if known_as is not None:
            self._recent.drop(known_as, acknowledged)
        if not self._stopped:
            # The producer tries again whatever may pass. What it gives up leaves a gap in its numbering, after which
            # brokers take nothing more from it.
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        logger.critical("nothing can be sent any more: %s: %s", type(error).__name__, error, exc_info=error)
        self._on_failure()

    def _count(self, events: int) -> None:
        self._waiting += events
        self._telemetry.waiting_events.set(self._waiting)


def _size(submission: Submission) -> int:
    """Messages that it is sent as."""
    return len(submission.entries) + len(submission.dead) + len(submission.triggers)
