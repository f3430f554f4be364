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
