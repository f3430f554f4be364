"""A packed record taken apart, and what one takes over from another."""

from typing import Any

import msgspec

from plays.engine import Engine
from scoring.account import SEEN_MAX, TRAITS_MAX
from scoring.event import Event
from scoring.parts import bare, parts, succeeded
from tests.streams.embedded.running import DAY, START, engine

SPARING = Engine(engine().profile, engine().playbook, publishing=False)


def event(number: int, name: str = "report_opened", *, stream: str = "usage", at: float = START, **said: Any) -> Event:
    return Event("acme", stream, name, at, at, f"m{number}", f"u{number}", said)


def packed(*events: Event, core: Engine = SPARING, now: float | None = None) -> bytes:
    """Of an account; with `now`, its plays have moved."""
    account = core.account("acme")
    for one in events:
        core.fold(account, (one,))
    if now is not None:
        core.advance(account, (), now, anew=True)
        core.publish(account, now)
    return core.pack(account)


def test_a_record_is_put_together_again_as_it_was() -> None:
    record = packed(
        event(1), event(2, "group", stream="accounts", segment="SMB"), event(3, "health_override", stream="accounts"),
        now=START + 1.0,
    )  # fmt: skip
    assert msgspec.msgpack.encode(parts(record)) == record
    assert succeeded(record, record) == record


def test_what_was_published_is_that_of_the_record_before_and_what_events_say_is_rebuilt() -> None:
    before = SPARING.unpack(packed(event(1), event(2), event(3), now=START + 1.0))
    rebuilt = packed(*(event(number, at=START + number) for number in range(2, 6)))
    after = SPARING.unpack(succeeded(SPARING.pack(before), rebuilt))
    assert (after.episodes, after.published, after.band) == (before.episodes, before.published, before.band)
    assert after.episodes["team_grew"][2] == "open"
    assert (after.counted, after.cells) == (4, SPARING.unpack(rebuilt).cells)
    assert after.first_arrival == START  # the events reach less far back


def test_the_ids_of_the_newest_messages_are_those_that_the_record_before_was_told_of_last() -> None:
    few = packed(*(event(number) for number in (3, 1, 2)))
    other = packed(*(event(number) for number in (1, 2, 9)))
    nine = [digest for digest in SPARING.unpack(other).seen if digest not in SPARING.unpack(few).seen]
    assert list(SPARING.unpack(succeeded(few, other)).seen) == [*nine, *SPARING.unpack(few).seen]
    many = packed(*(event(number) for number in range(SEEN_MAX + 5)))
    shuffled = packed(*(event(number) for number in reversed(range(SEEN_MAX + 5))))
    assert list(SPARING.unpack(succeeded(many, shuffled)).seen) == list(SPARING.unpack(many).seen)
    assert len(SPARING.unpack(succeeded(few, shuffled)).seen) == SEEN_MAX


def test_of_traits_and_override_the_newest_of_both_holds() -> None:
    old = packed(
        event(1, "group", stream="accounts", segment="SMB", plan="old", region="EU"),
        event(2, "health_override", stream="accounts", at=START + 9.0, score=10),
    )
    new = packed(
        event(3, "group", stream="accounts", at=START + 5.0, segment="ENT"),
        event(4, "health_override", stream="accounts", at=START + 5.0, score=90),
        event(5, "group", stream="accounts", at=START - 5.0, plan="older"),
    )
    after = SPARING.unpack(succeeded(old, new))
    assert {name: after.trait(name) for name in after.traits} == {"segment": "ENT", "plan": "old", "region": "EU"}
    assert after.override is not None
    assert after.override[2]["score"] == 10
    assert SPARING.unpack(succeeded(new, old)).override == after.override


def test_there_are_no_more_traits_than_a_record_may_have_and_rebuilt_ones_stay() -> None:
    names = [f"t{number:03}" for number in range(TRAITS_MAX)]
    old = packed(event(1, "group", stream="accounts", at=START + 5.0, **dict.fromkeys(names, "old")))
    new = packed(event(2, "group", stream="accounts", **{f"n{number}": 0 for number in range(40)}),
        event(3, "group", stream="accounts", **{f"n{number}": number for number in range(40)}))  # fmt: skip
    after = SPARING.unpack(succeeded(old, new))
    assert len(after.traits) == TRAITS_MAX
    assert {f"n{number}" for number in range(40)} <= after.traits.keys()


def test_an_account_of_which_nothing_was_rebuilt_keeps_its_clocks_and_takes_events() -> None:
    before = packed(event(1), event(2), now=START + 1.0)
    nothing = SPARING.pack(SPARING.account("acme"))
    after = SPARING.unpack(succeeded(before, nothing))
    assert (after.first_arrival, after.last_arrival, after.last_sign, after.counted) == (START, START, START, 0)
    assert after.cells == [None] * len(after.cells)
    SPARING.fold(after, (event(1), event(7, at=START + 3 * DAY)))
    assert (after.first_arrival, after.counted, after.duplicates) == (START, 1, 1)


def test_a_record_of_another_layout_can_be_read_without_its_cells() -> None:
    record = packed(event(1), event(2), event(3), now=START + 1.0)
    account = SPARING.unpack(bare(record, len(SPARING.profile.layout.cells)))
    assert account.cells == [None] * len(account.cells)
    assert account.episodes == SPARING.unpack(record).episodes
