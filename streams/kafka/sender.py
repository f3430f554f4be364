"""Messages to Kafka, in batches, each waited for until the broker has it on all the replicas that it must be on."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

BATCH_BYTES_MAX = 256 * 1024
"""Of messages that go together: large enough that a checkpoint is a few requests, small beside a broker's limit."""

REQUEST_TIMEOUT_S = 120.0
"""How long a broker may be away before what was sent to it is given up, and the worker with it."""

Sent = tuple[bytes, bytes]
"""Key and value."""


class Sender:
    """An idempotent producer: what it sends to a partition arrives once and in order, whatever it must send again."""

    def __init__(self, connection: Mapping[str, Any], *, message_bytes_max: int) -> None:
        """connection: what aiokafka's clients take, see Settings."""
        self._options = {
            **connection,
            "enable_idempotence": True,
            "max_batch_size": BATCH_BYTES_MAX,
            "max_request_size": max(message_bytes_max, BATCH_BYTES_MAX) * 2,
            "request_timeout_ms": int(REQUEST_TIMEOUT_S * 1000),
        }

    async def start(self) -> None:
        """Connect."""
        self._producer = AIOKafkaProducer(**self._options)
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect, after what was sent."""
        await self._producer.stop()

    async def send(self, topic: str, partition: int, messages: Sequence[Sent]) -> list[range]:
        """Send all, and wait. The ranges of offsets that they have now, in order."""
        waiting = []
        start = 0
        while start < len(messages):
            batch, end = self._producer.create_batch(), start
            while (
                end < len(messages)
                and batch.append(key=messages[end][0], value=messages[end][1], timestamp=None) is not None
            ):
                end += 1
            waiting.append((end - start, await self._producer.send_batch(batch, topic, partition=partition)))
            start = end
        found = []
        for count, sent in waiting:
            metadata = await sent
            found.append(range(metadata.offset, metadata.offset + count))
        return found
