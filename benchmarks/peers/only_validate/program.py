"""The yardstick: aiokafka and pydantic, as fast as they are known to go together; keeps nothing and sends nothing."""

import uvloop
from aiokafka import AIOKafkaConsumer

from benchmarks.peers.work import Task, rest, say, validate_many

FETCH_RECORDS_MAX = 8_000


async def consume(task: Task) -> None:
    """Read and validate all there is."""
    consumer = AIOKafkaConsumer(
        task.topic, bootstrap_servers=task.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    last = False
    while not last:
        fetched = await consumer.getmany(timeout_ms=1_000, max_records=FETCH_RECORDS_MAX)
        for records in fetched.values():
            last |= task.saw(len(records))
            validate_many([record.value for record in records])
    say("done")
    await consumer.stop()


if __name__ == "__main__":
    uvloop.run(consume(Task()))
    rest()
