"""The events of a chunk by account."""

from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.event import Event
from streams.kafka import chunk as chunks
from streams.kafka.chunk import Chunk
from streams.kafka.grouped import Grouped, grouped
from tests.streams.embedded.running import VOCABULARY
from tests.streams.embedded.sent import track
from tests.streams.kafka.test_partition import chunk

Found = tuple[dict[str, list[Event]], list[tuple[str, str]]]

SENT = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", ""]), st.sampled_from([None, b"a", b"b", b"d"])), min_size=1, max_size=12
)
"""Accounts, none for what can't be read, and keys."""


def found(sent: Chunk) -> Found | None:
    """The events of each account, and where what was refused stood, with the reason."""
    steps: Generator[None, None, Grouped | None] = grouped(sent, VOCABULARY, (), lambda account_id: True)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Grouped | None = end.value
            return made and (made.batches, sorted((letter.position, letter.reason) for letter in made.dead))


@given(SENT)
def test_whatever_the_keys_are_an_accounts_events_are_found_together_and_in_the_order_of_their_offsets(
    sent: list[tuple[str, bytes | None]],
) -> None:
    keys = [key for _, key in sent]
    as_sent = chunk([track(n, account, n) if account else b"{" for n, (account, _) in enumerate(sent)], first=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "SORTED_MIN", 1)
        with_keys = found(as_sent._replace(keys=keys))
    assert with_keys == found(as_sent)
    assert with_keys is not None
