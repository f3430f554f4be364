"""Quix Streams as its documentation shows it: a stateful function over RocksDB with a changelog, at least once."""

from typing import Any

from quixstreams import Application, State

from benchmarks.peers.work import Task, Track, fold, new, rest, validate


def run(task: Task) -> None:
    """Process until all is read. Commits, consumer and producer are as Quix sets them (a commit every 5 s)."""
    app = Application(
        broker_address=task.bootstrap, consumer_group=task.group, auto_offset_reset="earliest",
        processing_guarantee="at-least-once", state_dir=task.directory, loglevel="WARNING",
    )  # fmt: skip

    def read(value: bytes) -> Track:
        if task.saw():
            app.stop()  # after this event, and with a commit
        return validate(value)

    def keep(event: Track, state: State) -> dict[str, Any] | None:
        record = state.get("account") or new()
        trigger = fold(record, event["context"]["groupId"], event)
        state.set("account", record)
        return trigger

    events = app.topic(task.topic, key_deserializer="str", value_deserializer="bytes")
    outputs = app.topic(task.outputs, key_serializer="str", value_serializer="json")
    app.dataframe(events).apply(read).apply(keep, stateful=True).filter(lambda found: found is not None).to_topic(
        outputs
    )
    app.run()


if __name__ == "__main__":
    run(Task())
    rest()
