"""Chunks: what is looked at together."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.days import iso
from streams.kafka import chunk as chunks
from streams.kafka.chunk import Chunk, decode_each, decode_together
from tests.streams.embedded.running import START, VOCABULARY
from tests.streams.embedded.sent import track

HOUR = 3_600.0

MESSAGES = st.lists(
    st.tuples(st.sampled_from(["track", "alias", "blank", "bad"]), st.integers(0, 40), st.none() | st.integers(-5, 60)),
    min_size=1, max_size=9,
)  # fmt: skip
"""What it is, when the broker took it, in hours, and how much later the message says that it was received."""

KEYS = [b"a", b"b", None, b"a", b"c", None, b"b"]


def chunk(keys: list[bytes | None]) -> Chunk:
    return Chunk("usage", 0, "usage", range(10, 17), [float(n) for n in range(7)], [b"%d" % n for n in range(7)], keys)


def test_messages_of_a_key_come_together_and_in_their_order_each_with_what_is_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "SORTED_MIN", 7)
    sent = chunk(KEYS)
    assert sent.by_key() == [0, 3, 1, 6, 2, 5, 4]
    found = sent.pick([3, 1, 6])
    assert (found.offsets, found.arrivals, found.values) == ([13, 11, 16], [3.0, 1.0, 6.0], [b"3", b"1", b"6"])


def test_messages_stay_in_their_order_where_they_have_one_key_or_none_and_where_they_are_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert chunk(KEYS).by_key() is None
    monkeypatch.setattr(chunks, "SORTED_MIN", 1)
    same: list[list[bytes | None]] = [[], [None] * 7, [b"a"] * 7]
    assert [chunk(keys).by_key() for keys in same] == [None, None, None]


@given(MESSAGES)
def test_a_message_becomes_the_same_whatever_others_are_looked_at_with_it(
    sent: list[tuple[str, int, int | None]],
) -> None:
    arrivals = [START + hour * HOUR for _, hour, _ in sent]
    values = []
    for number, ((kind, _, ahead), arrived) in enumerate(zip(sent, arrivals, strict=True)):
        message = track(number, "acme", at=arrived + min(ahead or 0, 0) * HOUR)
        if ahead is not None:
            message["receivedAt"] = iso(arrived + ahead * HOUR)
        texts = {"track": json.dumps(message), "alias": '{"type": "alias"}', "blank": " ", "bad": "{"}
        values.append(texts[kind].encode())
    whole = Chunk("usage", 0, "usage", range(70, 70 + len(values)), arrivals, values)
    together, each = decode_together(whole, VOCABULARY), decode_each(whole, VOCABULARY)
    events = [(place, event.to_dict()) for place, event, _ in each if event is not None]
    assert [(p, e.to_dict()) for p, e in zip(together.places, together.events, strict=True)] == events
    assert [(one.reason, one.position, one.at, one.raw) for one in together.dead] == [
        (one.reason, one.position, one.at, one.raw) for *_, one in each if one is not None
    ]
