"""The work that work.md describes, for the participants written in Python. Needs nothing but pydantic.

>>> record, event = new(), validate(EXAMPLE)
>>> fold(record, "acct-1", event) is None, record["score"], record["features"]
(True, 1.0, {'feature-07': 1762071342})
"""

import os
import sys
import time
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, TypeAdapter
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

DAY_S = 86_400
BUCKETS = 90
FEATURES_MIN = 8
"""Features in use from which an account triggers."""

HALF_LIFE_S = 14.0 * DAY_S
TEXT_CHARS_MAX = 256

EXAMPLE = (
    b'{"type":"track","event":"Feature Used","messageId":"m-1","userId":"u-1","context":{"groupId":"acct-1"},'
    b'"timestamp":"2025-11-02T08:15:42.123Z","receivedAt":"2025-11-02T08:15:42.473Z",'
    b'"properties":{"feature":"feature-07"}}'
)

Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
Record = dict[str, Any]
"""What is kept of an account: plain, so that every engine can write it in its own way."""


class Context(TypedDict):
    """Of a message's context, the account."""

    groupId: Text


class Properties(TypedDict):
    """Of a message's properties, the feature."""

    feature: Text


class Track(TypedDict):
    """A Segment `track` message."""

    type: Literal["track"]
    event: Text
    messageId: Text
    userId: Text
    context: Context
    timestamp: AwareDatetime
    receivedAt: AwareDatetime
    properties: Properties


_ONE = TypeAdapter(Track)
_MANY = TypeAdapter(list[Track])


def validate(value: bytes) -> Track:
    """One message; pydantic's ValidationError when it is none."""
    return _ONE.validate_json(value)


def validate_many(values: list[bytes]) -> list[Track]:
    """Several messages, at less cost for each."""
    return _MANY.validate_json(b"[" + b",".join(values) + b"]")


def new() -> Record:
    """The record of an account of which nothing is known."""
    return {
        "day": 0, "days": [0] * BUCKETS, "features": {}, "users": {}, "score": 0.0, "at": 0.0,
        "over": False, "triggers": 0,
    }  # fmt: skip


def fold(record: Record, account: str, event: Track) -> dict[str, Any] | None:
    """Put an event into its account's record; the trigger, if there is one."""
    stamp: datetime = event["timestamp"]
    at = stamp.timestamp()
    second = int(at)
    day = second // DAY_S
    if day > record["day"]:
        _turn(record, day)
    record["days"][day % BUCKETS] += 1
    features = record["features"]
    features[event["properties"]["feature"]] = second
    record["users"][event["userId"]] = second
    record["score"] = record["score"] * 0.5 ** ((at - record["at"]) / HALF_LIFE_S) + 1.0
    record["at"] = at
    over = len(features) >= FEATURES_MIN
    if over == record["over"]:
        return None
    record["over"] = over
    if not over:
        return None
    record["triggers"] += 1
    return {
        "id": f"{account}:{record['triggers']}", "account": account, "features": len(features), "score": record["score"]
    }  # fmt: skip


def _turn(record: Record, day: int) -> None:
    """A new day begins: empty the buckets since the newest, and drop what was last seen too long ago."""
    days, newest = record["days"], record["day"]
    for passed in range(max(newest + 1, day - BUCKETS + 1), day + 1):
        days[passed % BUCKETS] = 0
    record["day"] = day
    oldest = (day - BUCKETS + 1) * DAY_S
    for name in ("features", "users"):
        seen: dict[str, int] = record[name]
        if any(second < oldest for second in seen.values()):
            record[name] = {key: second for key, second in seen.items() if second >= oldest}


class Task:
    """What `run.py` asks of a participant, by the environment."""

    def __init__(self) -> None:
        self.bootstrap = os.environ["PEERS_BOOTSTRAP"]
        self.topic = os.environ["PEERS_TOPIC"]
        self.outputs = os.environ["PEERS_OUTPUTS"]
        self.group = os.environ["PEERS_GROUP"]
        """Also the application's id."""
        self.directory = os.environ["PEERS_DIRECTORY"]
        """For state on disk; there, and empty."""
        self.events = int(os.environ["PEERS_EVENTS"])
        """To be read; 0: until told to end."""
        self._seen = 0

    def saw(self, events: int = 1) -> bool:
        """Note events that are in hand; whether they were the last."""
        if not self._seen:
            say("first")
        self._seen += events
        last = self._seen == self.events
        if last:
            say("last")
        return last


def say(word: str) -> None:
    """Tell `run.py`: "first" and "last" when that event is in hand, "done" when all is durable."""
    print(word, time.time(), flush=True)


def rest() -> None:
    """Wait to be told to end, so that what was used can be read off."""
    sys.stdin.read()
