"""Messages of the Segment spec as lines of JSON, written by hand where there are millions of them.

Instants are whole milliseconds since 1970-01-01 UTC, since that is what Segment's libraries send.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

DAYS_KEPT_MAX = 4_096
"""Days whose text is kept at hand: eleven years."""


class Sent(NamedTuple):
    """A line and when it reached the receiver."""

    arrived: int
    line: bytes


@lru_cache(maxsize=DAYS_KEPT_MAX)
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%dT")


@lru_cache(maxsize=1_440)
def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}:"


def stamp(at: int) -> str:
    """The instant as Segment writes it.

    >>> stamp(1_767_225_600_250)
    '2026-01-01T00:00:00.250Z'
    """
    day, rest = divmod(at, DAY_MS)
    return f"{_date(day)}{_clock(rest // MINUTE_MS)}{rest % MINUTE_MS / 1000:06.3f}Z"


class Sender:
    """Writes the messages of one account, each with an id of its own."""

    def __init__(self, account_id: str, prefix: str) -> None:
        """The ids are `prefix-1`, `prefix-2`, ...: as long as prefixes differ, no two messages are taken for one."""
        self.account_id = account_id
        self._prefix = prefix
        self._sent = 0

    def next_id(self) -> str:
        """An id that no message has yet."""
        self._sent += 1
        return f"{self._prefix}-{self._sent}"

    def usage(self, message_id: str, event: str, user: str, at: int, arrived: int, properties: str) -> bytes:
        """A track call of the product. All texts, and `properties` (JSON), are our own: nothing needs escaping."""
        return (
            f'{{"type":"track","messageId":"{message_id}","event":"{event}","userId":"{user}","timestamp":"{stamp(at)}",'
            f'"receivedAt":"{stamp(arrived)}","context":{{"groupId":"{self.account_id}"}},"properties":{properties}}}'
        ).encode()

    def track(
        self, message_id: str, event: str, user: str | None, at: int, arrived: int, properties: Mapping[str, Any]
    ) -> bytes:
        """A track call of any other tool."""
        named = {"userId": user} if user else {}
        return self._line("track", message_id, at, arrived, {"event": event, **named}, {"properties": properties})

    def group(self, message_id: str, at: int, arrived: int, traits: Mapping[str, Any]) -> bytes:
        """What is known of the account."""
        return self._line("group", message_id, at, arrived, {"groupId": self.account_id}, {"traits": traits})

    def identify(self, message_id: str, user: str, at: int, arrived: int, traits: Mapping[str, Any]) -> bytes:
        """What is known of a person of the account."""
        return self._line("identify", message_id, at, arrived, {"userId": user}, {"traits": traits})

    def _line(
        self, call: str, message_id: str, at: int, arrived: int, about: Mapping[str, Any], says: Mapping[str, Any]
    ) -> bytes:
        message = {
            "type": call, "messageId": message_id, **about, "timestamp": stamp(at), "receivedAt": stamp(arrived),
            "context": {"groupId": self.account_id}, **says,
        }  # fmt: skip
        return json.dumps(message, separators=(",", ":")).encode()
