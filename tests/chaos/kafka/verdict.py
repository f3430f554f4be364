"""Whether everything is there once: the topics, read by an independent client, against the oracle."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from plays.trigger import trigger_id
from scoring.event import Event
from streams.kafka.record import decode as decode_record
from streams.kafka.restoration import Restoration
from streams.kafka.topics import DEAD_LETTERS, HEALTH, INPUTS, RECORDS, TRIGGERS
from streams.vocabulary import shipped
from streams.wire import decode
from tests.oracle.agreement import disagreements
from tests.streams.embedded.running import engine

JUDGED_MAX = 60
"""Accounts whose metrics and score are held against the oracle; counters are held against it for all."""


class Verdict:
    """What was found."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self.figures: dict[str, int] = {}


def lag(bootstrap: str, prefix: str, group: str) -> int:
    """Messages in the input topics that the group has not committed."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        places = _places(consumer, [prefix + topic for topic in INPUTS.values()])
        ends = consumer.end_offsets(places)
        return sum(ends[place] - (consumer.committed(place) or 0) for place in places)
    finally:
        consumer.close(autocommit=False)


def judge(bootstrap: str, prefix: str) -> Verdict:
    """Read everything, and compare."""
    verdict, vocabulary, core = Verdict(), shipped(), engine()
    events: dict[str, dict[str, Event]] = defaultdict(dict)
    copies, refused, read = Counter[str](), set[str](), 0
    for stream, topic in INPUTS.items():
        for message in messages(bootstrap, prefix + topic):
            read += 1
            arrived = message.timestamp / 1000
            one = decode([message.value or b""], vocabulary=vocabulary, now=arrived, wall=arrived, stream=stream)
            if one.dead:
                refused.add(f"{message.topic}-{message.partition}:{message.offset}")
            for event in one.events:
                copies[event.account_id] += 1
                events[event.account_id].setdefault(event.message_id, event)
    dead = [json.loads(message.value)["position"] for message in messages(bootstrap, prefix + DEAD_LETTERS)]
    found = verdict.differences
    found += [f"dead letter missing: {place}" for place in sorted(refused - set(dead))]
    found += [f"dead letter of nothing: {place}" for place in sorted(set(dead) - refused)]
    records = _records(bootstrap, prefix)
    found += [f"record of nothing: {account_id}" for account_id in records.keys() - events.keys()]
    health = {m.key.decode(): json.loads(m.value) for m in messages(bootstrap, prefix + HEALTH)}
    now = time.time() + 1
    for number, (account_id, theirs) in enumerate(sorted(events.items())):
        if account_id not in records:
            found.append(f"{account_id} has no record")
            continue
        account = core.unpack(records[account_id])
        counted = account.counted, account.counted + account.duplicates
        if counted != (len(theirs), copies[account_id]):
            found.append(f"{account_id} counts {counted}, and there are {(len(theirs), copies[account_id])}")
        if account.published is not None and health.get(account_id, {}).get("score") != account.published[0]:
            found.append(f"{account_id}: health says {health.get(account_id)}, the record {account.published}")
        if number < JUDGED_MAX:
            account.duplicates = 0
            found += disagreements(account, sorted(theirs.values(), key=lambda e: e.arrived), core.profile, at=now)
    triggers = Counter(json.loads(message.value)["id"] for message in messages(bootstrap, prefix + TRIGGERS))
    users = {a: {e.user_id for e in theirs.values() if e.stream == "usage"} for a, theirs in events.items()}
    expected = {trigger_id(account_id, "team_grew", 1) for account_id, theirs in users.items() if len(theirs) >= 3}
    found += [f"trigger missing: {one}" for one in expected - triggers.keys()]
    found += [f"trigger of nothing: {one}" for one in triggers.keys() - expected]
    verdict.figures = {
        "messages": read, "events": sum(copies.values()), "distinct": sum(map(len, events.values())),
        "accounts": len(events), "refused": len(refused), "dead_letters": len(dead), "triggers": len(expected),
        "triggers_sent_again": sum(triggers.values()) - len(triggers), "differences": len(found),
    }  # fmt: skip
    return verdict


def messages(bootstrap: str, topic: str) -> Iterator[Any]:
    """All messages of a topic, partition by partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        for place in _places(consumer, [topic]):
            end = consumer.end_offsets([place])[place]
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            while consumer.position(place) < end:
                for fetched in consumer.poll(timeout_ms=1_000, max_records=5_000).values():
                    yield from (message for message in fetched if message.offset < end)
    finally:
        consumer.close(autocommit=False)


def _places(consumer: Any, topics: list[str]) -> list[Any]:
    return [
        TopicPartition(topic, partition)
        for topic in topics
        for partition in sorted(consumer.partitions_for_topic(topic) or ())
    ]


def _records(bootstrap: str, prefix: str) -> dict[str, bytes]:
    restored: dict[int, Restoration] = defaultdict(Restoration)
    for message in messages(bootstrap, prefix + RECORDS):
        restored[message.partition].take(message.key, message.value)
    return {
        account_id: decode_record(value).packed
        for restoration in restored.values()
        for account_id, value in restoration.records.items()
    }
