"""Faust as its documentation shows it: an agent, a Table with a changelog, one event after the other."""

from typing import Any

import faust

from benchmarks.peers.events import PARTITIONS
from benchmarks.peers.work import Task, fold, new, validate


def made(task: Task) -> Any:
    """The app. Its consumer, commits (every 2.8 s) and producer are as Faust sets them."""
    app = faust.App(
        task.group, broker=f"kafka://{task.bootstrap}", store="memory://", datadir=task.directory,
        topic_partitions=PARTITIONS, topic_disable_leader=True, web_enabled=False, worker_redirect_stdouts=False,
    )  # fmt: skip
    events = app.topic(task.topic, key_type=str, key_serializer="raw", value_serializer="raw")
    outputs = app.topic(task.outputs, key_type=str, value_serializer="json")
    accounts = app.Table("accounts", partitions=PARTITIONS)

    async def keep(stream: Any) -> None:
        async for key, value in stream.items():
            task.saw()
            account = key.decode() if isinstance(key, bytes) else key
            event = validate(value)
            record = accounts.get(account) or new()
            trigger = fold(record, account, event)
            accounts[account] = record
            if trigger is not None:
                await outputs.send(key=account, value=trigger)

    app.agent(events, name="keep")(keep)
    return app


if __name__ == "__main__":
    worker = faust.Worker(made(Task()), loglevel="warn")
    worker.spinner = None  # it has every debug message made
    worker.execute_from_commandline()
