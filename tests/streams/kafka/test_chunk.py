"""Chunks: what is looked at together."""

import pytest

from streams.kafka import chunk as chunks
from streams.kafka.chunk import Chunk

KEYS = [b"a", b"b", None, b"a", b"c", None, b"b"]


def chunk(keys: list[bytes | None]) -> Chunk:
    return Chunk("usage", 0, "usage", range(10, 17), [float(n) for n in range(7)], [b"%d" % n for n in range(7)], keys)


def test_messages_of_a_key_come_together_and_in_their_order_each_with_what_is_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "SORTED_MIN", 7)
    found = chunk(KEYS).by_key()
    assert list(found.keys) == [b"a", b"a", b"b", b"b", None, None, b"c"]
    assert list(found.offsets) == [10, 13, 11, 16, 12, 15, 14]
    assert list(found.arrivals) == [0.0, 3.0, 1.0, 6.0, 2.0, 5.0, 4.0]
    assert list(found.values) == [b"0", b"3", b"1", b"6", b"2", b"5", b"4"]


def test_messages_stay_as_they_are_where_they_have_one_key_or_none_and_where_they_are_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = chunk(KEYS)
    assert few.by_key() is few
    monkeypatch.setattr(chunks, "SORTED_MIN", 1)
    for one in (chunk([]), chunk([None] * 7), chunk([b"a"] * 7)):
        assert one.by_key() is one
