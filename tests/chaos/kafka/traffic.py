"""Senders: product teams, as they are. They repeat themselves, mix up the order, and send nonsense now and then."""

import asyncio
import json
import random
import time
from collections import defaultdict, deque
from contextlib import suppress
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from scoring.days import iso
from streams.kafka.topics import INPUTS

DAY = 86_400.0

REPEATED_WITHIN = 400
"""An account's messages among which one is chosen that is sent again: far fewer than the ids that are remembered, since
topics are read at unlike pace, and what was not acknowledged is sent again later."""

POISON = (
    b"", b"{", b"[]", b'{"type":"track"}', b"\xff\xfe", b'{"type":"nonsense"}', b"null",
    b'{"type":"track","event":"Report opened","messageId":"far","context":{"groupId":"a1"},"properties":{},'
    b'"timestamp":"2090-01-01T00:00:00Z"}',
)  # fmt: skip
"""The empty one is no message, and the last one is dated decades ahead."""

Sent = tuple[str, bytes, bytes]
"""Topic without prefix, key, value."""


class Habits(NamedTuple):
    """How the senders behave."""

    accounts: int = 300
    rate: float = 800.0
    """Messages per second."""

    poison: float = 0.02
    """Share of nonsense."""

    repeats: float = 0.04
    """Share of messages that were sent before."""

    shuffled: int = 0
    """Of so many messages that wait, any is the next to go."""

    patience_s: float | None = None
    """A producer that is not idempotent gives up so soon, and what it gave up is sent again, whether it is there or
    not; None for an idempotent one with all the time."""


class Traffic:
    """Sends until it is told to stop."""

    def __init__(self, bootstrap: str, prefix: str, seed: int, habits: Habits) -> None:
        self._prefix = prefix
        self._dice = random.Random(seed)
        self._habits = habits
        self.sent = self.uncertain = self.resent = 0
        self._recent: dict[bytes, deque[Sent]] = defaultdict(lambda: deque(maxlen=REPEATED_WITHIN))
        self._pool: list[Sent] = []
        patience_s = habits.patience_s
        self._options: dict[str, Any] = {
            "bootstrap_servers": bootstrap, "linger_ms": 2, "enable_idempotence": patience_s is None,
            "request_timeout_ms": int(1_000 * (patience_s or 120.0)),
        }  # fmt: skip

    async def run(self, stop: asyncio.Event) -> None:
        """Send; what is not acknowledged in time is sent again or given up, and then may be there or not."""
        producer = AIOKafkaProducer(**self._options)
        await producer.start()
        started, taken, waiting = time.monotonic(), 0, dict[asyncio.Future[object], Sent]()
        try:
            while not stop.is_set():
                due = int((time.monotonic() - started) * self._habits.rate) - taken
                for _ in range(min(due, 500)):
                    taken += 1
                    await self._send(producer, self._next(), waiting)
                await asyncio.sleep(0.005)
                await self._settle(producer, waiting)
                while len(waiting) > 20_000 and not stop.is_set():  # the brokers are away
                    await asyncio.sleep(0.05)
                    await self._settle(producer, waiting)
            while waiting:
                await asyncio.wait(waiting)
                await self._settle(producer, waiting)
        finally:
            await producer.stop()

    async def _send(
        self, producer: AIOKafkaProducer, message: Sent, waiting: dict["asyncio.Future[object]", Sent]
    ) -> None:
        topic, key, value = message
        future = None
        while future is None:
            with suppress(KafkaTimeoutError):  # so much waits that there is no room for more
                future = await producer.send(self._prefix + topic, value, key=key)
        waiting[future] = message

    async def _settle(self, producer: AIOKafkaProducer, waiting: dict["asyncio.Future[object]", Sent]) -> None:
        for future in [future for future in waiting if future.done()]:
            message = waiting.pop(future)
            if future.exception() is None:
                self.sent += 1
            elif self._habits.patience_s is None:
                self.uncertain += 1
            else:
                self.resent += 1
                await self._send(producer, message, waiting)

    def _next(self) -> Sent:
        """The next message to go: the one that was made now, or one that waits."""
        pool, made = self._pool, self._made()
        while len(pool) < self._habits.shuffled:
            pool.append(self._made())
        if pool:
            place = self._dice.randrange(len(pool))
            pool[place], made = made, pool[place]
        return made

    def _made(self) -> Sent:
        dice, habits = self._dice, self._habits
        kind = dice.random()
        if kind < habits.poison:
            return INPUTS["usage"], b"a1", dice.choice(POISON)
        # Some are busier than others, but none so busy that an id is forgotten between a message and its repetition,
        # though a worker may read what waits of a busy topic, a minute's messages or more, between two of a quiet one.
        account = f"a{int(dice.random() ** 1.2 * habits.accounts)}"
        recent = self._recent[account.encode()]
        if recent and kind < habits.poison + habits.repeats:
            return dice.choice(recent)
        stream = dice.choices(["usage", "cs", "advocacy", "accounts"], [90, 4, 3, 3])[0]
        at = time.time() - (dice.uniform(0, 5 * DAY) if dice.random() < 0.2 else dice.uniform(0, 2))
        message: dict[str, object] = {"messageId": f"{dice.getrandbits(64):016x}", "timestamp": iso(at)}
        if stream == "accounts":
            message |= {"type": "group", "groupId": account, "traits": {"segment": dice.choice(["SMB", "ENT"])}}
        else:
            name = {"usage": "Report opened", "cs": "QBR Held", "advocacy": "Review posted"}[stream]
            message |= {
                "type": "track", "event": name, "userId": f"u{dice.randrange(6)}", "context": {"groupId": account},
                "properties": {"feature": f"f{dice.randrange(9)}"},
            }  # fmt: skip
        made = INPUTS[stream], account.encode(), json.dumps(message).encode()
        recent.append(made)
        return made
