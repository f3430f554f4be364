"""What goes to a topic of a message that was posted."""

import json
from typing import Any

import pytest

from scoring.days import iso
from scoring.event import Event
from streams.embedded.inbox import Entry
from streams.kafka.service.outgoing import outgoing
from streams.message import EVENT_BYTES_MAX
from streams.vocabulary import shipped
from streams.wire import decode
from tests.streams.embedded.running import START
from tests.streams.embedded.sent import track


def event_of(line: bytes, now: float, *, live: bool) -> Event:
    """As the service (live) or a worker decodes a line that reaches it at `now`."""
    decoded = decode([line], vocabulary=shipped(), now=now, wall=now, live=live)
    assert decoded.dead == []
    return decoded.events[0]


SENT: list[tuple[dict[str, Any], float]] = [
    (track(1), 0.0),
    (track(1, at=START - 500.0), START - 500.0),
    (track(1) | {"receivedAt": "2021-01-01T00:00:00Z"}, 0.0),
    (track(1, at=START - 86_400.0) | {"receivedAt": "2021-01-01T00:00:00Z"}, START - 86_400.0),
    (track(1, at=START - 4e7 - 60.0) | {"sentAt": iso(START - 4e7)}, START - 60.0),
    (track(1, at=START + 4e7 - 60.0) | {"sentAt": iso(START + 4e7)}, START - 60.0),
    (track(1, at=START - 60.0) | {"sentAt": iso(START - 5.0)}, START - 60.0),
    (track(1, at=START + 80_000.0), START),
    (track(1) | {"messageId": None, "timestamp": iso(START - 7.0)}, START - 7.0),
]
"""(message, when it happened; 0 for on its arrival)"""


@pytest.mark.parametrize(("message", "at"), SENT)
def test_a_worker_reads_from_the_topic_what_was_accepted(message: dict[str, Any], at: float) -> None:
    line = json.dumps(message).encode()
    accepted = event_of(line, START, live=True)
    arrived = START + 2.0  # by the broker's clock
    read = event_of(outgoing(Entry(accepted, line, None)), arrived, live=False)
    assert read.arrived == arrived
    assert read.at == pytest.approx(at or arrived, abs=0.001)
    assert read.replace(at=0.0, arrived=0.0) == accepted.replace(at=0.0, arrived=0.0)


def test_what_needs_nothing_stays_as_it_was_sent_to_the_byte() -> None:
    line = b' {"type" : "track","event":"x","messageId":"m","groupId":"\\u0061","timestamp":"2026-01-01"} '
    assert outgoing(Entry(event_of(line, START, live=True), line, None)) == line


@pytest.mark.parametrize("room", range(0, 160, 3))
def test_a_message_of_allowed_size_is_still_of_allowed_size(room: int) -> None:
    message = track(1, at=START - 4e7 - 60.0) | {"sentAt": iso(START - 4e7), "properties": {"rest": ""}}
    del message["messageId"]
    texts = {f"t{n}": "x" * 8_000 for n in range(4)}
    message["properties"] |= texts
    size = len(json.dumps(message, separators=(",", ":")))
    message["properties"]["rest"] = "y" * (EVENT_BYTES_MAX - size - room)
    line = json.dumps(message, separators=(",", ":")).encode()
    assert len(line) == EVENT_BYTES_MAX - room
    accepted = event_of(line, START, live=True)
    value = outgoing(Entry(accepted, line, None))
    read = event_of(value, START, live=False)
    assert read.at == pytest.approx(START - 60.0, abs=0.001)
    assert read.account_id == "acme"
    assert read.properties == accepted.properties


def test_what_is_no_strict_json_where_nobody_reads_it_goes_as_well() -> None:
    line = b'{"type":"track","event":"x","groupId":"acme","receivedAt":null,"extra":{"share":NaN}}'
    accepted = event_of(line, START, live=True)
    assert event_of(outgoing(Entry(accepted, line, None)), START, live=False).message_id == accepted.message_id
