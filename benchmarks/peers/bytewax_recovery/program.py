"""Bytewax with recovery: snapshots of the state every 5 s, in SQLite.

The argument `event` asks for one event after the other (`stateful_flat_map`), `batch` for as many as came together
(`stateful_batch`) and a garbage collector that keeps out of the way.
"""

import gc
import json
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from benchmarks.peers.work import Record, Task, Track, fold, new, rest, say, validate, validate_many

EPOCH = timedelta(seconds=5)

YOUNG_MAX = 1_000_000
"""New objects after which garbage is looked for (Python: 700). Records live long and hold no cycles; every look at
them is for nothing."""


class Keeping(StatefulBatchLogic):  # type: ignore[misc]  # its types are not there where this is checked
    """One account."""

    def __init__(self, record: Record | None) -> None:
        self.record = record or new()

    def on_batch(self, batch: list[Track]) -> tuple[list[dict[str, Any]], bool]:
        """Fold all of them; False: go on with this account."""
        record, triggers = self.record, []
        for event in batch:
            trigger = fold(record, event["context"]["groupId"], event)
            if trigger is not None:
                triggers.append(trigger)
        return triggers, False

    def snapshot(self) -> Record:
        """The record; Bytewax pickles it at once."""
        return self.record


def flow_of(task: Task, *, by_batch: bool) -> Any:
    """The data flow."""

    def read(message: KafkaSourceMessage) -> tuple[str, Track]:
        task.saw()
        event = validate(message.value)
        return event["context"]["groupId"], event

    def read_many(messages: list[KafkaSourceMessage]) -> list[tuple[str, Track]]:
        task.saw(len(messages))
        found = validate_many([message.value for message in messages])
        return [(event["context"]["groupId"], event) for event in found]

    def keep(record: Record | None, event: Track) -> tuple[Record, Iterable[dict[str, Any]]]:
        record = record or new()
        trigger = fold(record, event["context"]["groupId"], event)
        return record, () if trigger is None else (trigger,)

    def written(item: tuple[str, dict[str, Any]]) -> KafkaSinkMessage:
        account, trigger = item
        return KafkaSinkMessage(account.encode(), json.dumps(trigger).encode())

    flow = Dataflow("peers")
    messages = op.input("events", flow, KafkaSource([task.bootstrap], [task.topic], tail=not task.events))
    if by_batch:
        read_all = op.flat_map_batch("validate", messages, read_many)
        triggers = op.stateful_batch("keep", read_all, Keeping)
    else:
        triggers = op.stateful_flat_map("keep", op.map("validate", messages, read), keep)
    op.output("triggers", op.map("written", triggers, written), KafkaSink([task.bootstrap], task.outputs))
    return flow


if __name__ == "__main__":
    given = Task()
    batched = sys.argv[1] == "batch"
    if batched:
        gc.freeze()
        gc.set_threshold(YOUNG_MAX, 100, 100)
    init_db_dir(Path(given.directory), 1)
    cli_main(flow_of(given, by_batch=batched), epoch_interval=EPOCH, recovery_config=RecoveryConfig(given.directory))
    say("done")
    rest()
