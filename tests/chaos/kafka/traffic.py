"""Senders: product teams, as they are. They repeat themselves, mix up the order, and send nonsense now and then."""

import asyncio
import json
import random
import time

from aiokafka import AIOKafkaProducer

from scoring.days import iso
from streams.kafka.topics import INPUTS

DAY = 86_400.0
POISON = (
    b"", b"{", b"[]", b'{"type":"track"}', b"\xff\xfe", b'{"type":"nonsense"}', b"null",
    b'{"type":"track","event":"Report opened","messageId":"far","context":{"groupId":"a1"},"properties":{},'
    b'"timestamp":"2090-01-01T00:00:00Z"}',
)  # fmt: skip
"""The empty one is no message, and the last one is dated decades ahead."""


class Traffic:
    """Sends until it is told to stop."""

    def __init__(self, bootstrap: str, prefix: str, seed: int, *, accounts: int, rate: float) -> None:
        """rate: messages per second."""
        self._bootstrap, self._prefix = bootstrap, prefix
        self._dice = random.Random(seed)
        self._accounts, self._rate = accounts, rate
        self.sent = self.uncertain = 0
        self._recent: list[tuple[str, bytes, bytes]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Send; what is not acknowledged for two minutes is given up, and may be there or not."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, enable_idempotence=True, linger_ms=2, request_timeout_ms=120_000
        )
        await producer.start()
        started, waiting = time.monotonic(), set[asyncio.Future[object]]()
        try:
            while not stop.is_set():
                due = int((time.monotonic() - started) * self._rate) - self.sent - self.uncertain - len(waiting)
                for _ in range(min(due, 500)):
                    topic, key, value = self._next()
                    waiting.add(await producer.send(self._prefix + topic, value, key=key))
                await asyncio.sleep(0.005)
                self._settle({future for future in waiting if future.done()}, waiting)
                while len(waiting) > 20_000 and not stop.is_set():  # the brokers are away
                    await asyncio.sleep(0.05)
                    self._settle({future for future in waiting if future.done()}, waiting)
            await asyncio.wait(waiting) if waiting else None
            self._settle(set(waiting), waiting)
        finally:
            await producer.stop()

    def _settle(self, done: set["asyncio.Future[object]"], waiting: set["asyncio.Future[object]"]) -> None:
        for future in done:
            waiting.discard(future)
            if future.exception() is None:
                self.sent += 1
            else:
                self.uncertain += 1

    def _next(self) -> tuple[str, bytes, bytes]:
        dice, kind = self._dice, self._dice.random()
        if kind < 0.02:
            return INPUTS["usage"], b"a1", dice.choice(POISON)
        if kind < 0.06 and self._recent:
            return dice.choice(self._recent)
        # Some are busier than others, but none so busy that an id is forgotten between a message and its repetition.
        account = f"a{int(dice.random() ** 1.5 * self._accounts)}"
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
        self._recent = [*self._recent[-200:], made]
        return made
