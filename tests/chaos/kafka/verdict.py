"""Whether everything is there once: the topics, read by an independent client, against the oracle."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer

from plays.engine import Engine
from plays.trigger import trigger_id
from scoring.account import Account
from scoring.event import Event
from streams.kafka.record import decode as decode_record
from streams.kafka.restoration import Restoration
from streams.kafka.topics import DEAD_LETTERS, HEALTH, INPUTS, RECORDS, TRIGGERS
from streams.vocabulary import shipped
from streams.wire import decode
from tests.chaos.kafka.lag import places
from tests.oracle.agreement import disagreements
from tests.streams.embedded.running import engine

JUDGED_MAX = 60
"""Accounts whose metrics and score are held against the oracle; counters are held against it for all."""


@dataclass
class Expectation:
    """What the topics alone do not tell."""

    core: Engine = field(default_factory=engine)
    """Under which the records were last written."""

    must: set[str] = field(default_factory=set)
    """Ids of triggers that must be there, beside those of `team_grew`."""

    may: set[str] = field(default_factory=set)
    """Ids of triggers that may be there."""

    ahead_s: float = 0.0
    """How far the workers' clocks were ahead of ours at most."""


class Verdict:
    """What was found."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self.figures: dict[str, int] = {}


def judge(bootstrap: str, prefix: str, expected: Expectation | None = None) -> Verdict:
    """Read everything, and compare."""
    expected = expected or Expectation()
    verdict, vocabulary, core = Verdict(), shipped(), expected.core
    events: dict[str, dict[str, Event]] = defaultdict(dict)
    copies, refused, read = Counter[str](), dict[str, str](), 0
    for stream, topic in INPUTS.items():
        for message in messages(bootstrap, prefix + topic):
            read += 1
            arrived = message.timestamp / 1000
            one = decode([message.value or b""], vocabulary=vocabulary, now=arrived, wall=arrived, stream=stream)
            if one.dead:
                refused[f"{message.topic}-{message.partition}:{message.offset}"] = one.dead[0].reason
            for event in one.events:
                copies[event.account_id] += 1
                events[event.account_id].setdefault(event.message_id, event)
    letters = [json.loads(message.value) for message in messages(bootstrap, prefix + DEAD_LETTERS)]
    dead = {letter["position"]: letter["reason"] for letter in letters}
    found = verdict.differences
    found += [f"dead letter missing: {place}" for place in sorted(refused.keys() - dead.keys())]
    found += [f"dead letter of nothing: {place}" for place in sorted(dead.keys() - refused.keys())]
    found += [
        f"dead letter {place} says {dead[place]}, and it is {reason}"
        for place, reason in refused.items()
        if dead.get(place, reason) != reason
    ]
    records = packed_records(bootstrap, prefix)
    found += [f"record of nothing: {account_id}" for account_id in records.keys() - events.keys()]
    health = {m.key.decode(): json.loads(m.value) for m in messages(bootstrap, prefix + HEALTH)}
    now = time.time() + expected.ahead_s + 1
    for number, (account_id, theirs) in enumerate(sorted(events.items())):
        if account_id not in records:
            found.append(f"{account_id} has no record")
            continue
        account = core.unpack(records[account_id])
        found += _miscounted(account, len(theirs), copies[account_id])
        if account.published is not None and health.get(account_id, {}).get("score") != account.published[0]:
            found.append(f"{account_id}: health says {health.get(account_id)}, the record {account.published}")
        if number < JUDGED_MAX:
            account.duplicates = 0
            found += disagreements(account, sorted(theirs.values(), key=lambda e: e.arrived), core.profile, at=now)
    users = {a: {e.user_id for e in theirs.values() if e.stream == "usage"} for a, theirs in events.items()}
    grown = {trigger_id(account_id, "team_grew", 1) for account_id, theirs in users.items() if len(theirs) >= 3}
    opened = [json.loads(message.value) for message in messages(bootstrap, prefix + TRIGGERS)]
    found += _triggers(opened, grown | expected.must, expected.may)
    verdict.figures = {
        "messages": read, "events": sum(copies.values()), "distinct": sum(map(len, events.values())),
        "accounts": len(events), "refused": len(refused), "dead_letters": len(dead),
        "dead_letters_sent_again": len(letters) - len(dead), "triggers": len(grown | expected.must),
        "triggers_sent_again": len(opened) - len({one["id"] for one in opened}), "differences": len(found),
    }  # fmt: skip
    return verdict


def _miscounted(account: Account, distinct: int, copies: int) -> Iterator[str]:
    """Whether some were lost, or counted twice; or taken twice, and told by their ids from others."""
    taken = account.counted + account.duplicates
    if (account.counted, taken) != (distinct, copies):
        more = account.counted > distinct
        what = "counted twice" if more else "lost" if account.counted < distinct or taken < copies else "taken twice"
        yield f"{account.id} counts {(account.counted, taken)}, and there are {(distinct, copies)}: some were {what}"


def _triggers(opened: list[Any], must: set[str], may: set[str]) -> Iterator[str]:
    """What is wrong with them, as somebody sees it who takes each id once."""
    ids: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for one in opened:
        ids[one["subject"], one["data"]["play"], one["data"]["episode"]].add(one["id"])
    there = {one["id"] for one in opened}
    yield from (f"triggered {len(those)} times: {which}" for which, those in ids.items() if len(those) > 1)
    yield from (f"trigger missing: {one}" for one in must - there)
    yield from (f"trigger of nothing: {one}" for one in there - must - may)


def messages(bootstrap: str, topic: str) -> Iterator[Any]:
    """All messages of a topic, partition by partition."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed",
    )  # fmt: skip
    try:
        for place in places(consumer, [topic]):
            end = consumer.end_offsets([place])[place]
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            while consumer.position(place) < end:
                for fetched in consumer.poll(timeout_ms=1_000, max_records=5_000).values():
                    yield from (message for message in fetched if message.offset < end)
    finally:
        consumer.close(autocommit=False)


def packed_records(bootstrap: str, prefix: str) -> dict[str, bytes]:
    """The records of the core, by account."""
    restored: dict[int, Restoration] = defaultdict(Restoration)
    for message in messages(bootstrap, prefix + RECORDS):
        restored[message.partition].take(message.offset, message.key, message.value)
    return {
        account_id: decode_record(value).packed
        for restoration in restored.values()
        for account_id, value in restoration.records.items()
    }
