"""Messages of the Segment spec become events, whichever call they are."""

import json
from typing import Any

import pytest

from scoring.event import Event
from streams.message import DEPTH_MAX, EVENT_BYTES_MAX, ID_CHARS_MAX, PROPERTIES_MAX, TEXT_CHARS_MAX
from streams.vocabulary import shipped
from streams.wire import Decoded, Place, decode
from tests.streams.messages import AT_S, line


def read(*lines: bytes, **options: Any) -> Decoded:
    return decode(lines, vocabulary=shipped(), **options)


def event(**fields: Any) -> Event:
    decoded = read(line(**fields))
    assert decoded.dead == []
    return decoded.events[0]


def test_a_track_call_becomes_an_event_with_every_field_in_its_place() -> None:
    assert event(event="NPS answered", timestamp="2026-03-01T09:29:00Z", properties={"score": 9}) == Event(
        account_id="acme",
        stream="cs",
        name="nps_answered",
        at=AT_S - 60,
        arrived=AT_S,
        message_id="m-1",
        user_id="ann",
        properties={"score": 9},
    )


def test_a_name_that_the_vocabulary_does_not_know_is_a_usage_event_of_that_name() -> None:
    got = event(event="nova/compute")
    assert (got.stream, got.name) == ("usage", "nova/compute")


@pytest.mark.parametrize("call", ["group", "identify"])
def test_group_and_identify_calls_belong_to_accounts_and_carry_traits(call: str) -> None:
    got = event(type=call, groupId="acme", traits={"plan": "pro"}, event=..., properties=...)
    assert (got.account_id, got.stream, got.name, got.properties) == ("acme", "accounts", call, {"plan": "pro"})


@pytest.mark.parametrize(
    ("call", "name", "expected"),
    [
        ("page", "Pricing", "Viewed Pricing Page"),
        ("screen", "Inbox", "Viewed Inbox Screen"),
        ("page", None, "Viewed Page"),
        ("screen", ..., "Viewed Screen"),
    ],
)
def test_page_and_screen_calls_are_usage_events(call: str, name: Any, expected: str) -> None:
    got = event(type=call, name=name, event=...)
    assert (got.stream, got.name, got.properties) == ("usage", expected, {"rows": 3})


def test_alias_calls_and_blank_lines_are_ignored_and_counted() -> None:
    decoded = read(line(type="alias", previousId="x"), b"", b"  \r", line())
    assert (len(decoded.events), decoded.dead, decoded.ignored) == (1, [], 3)


def test_a_heartbeat_is_about_no_account_and_counts_for_nothing() -> None:
    decoded = read(b'{"type":"heartbeat"}', b'{"type":"heartbeat","groupId":"acme"}', line())
    assert (len(decoded.events), decoded.dead, decoded.ignored) == (1, [], 2)


@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({"context": {"groupId": "acme"}, "groupId": "other"}, "acme"),
        ({"context": {"groupId": None}, "groupId": "other"}, "other"),
        ({"context": {}, "groupId": "other"}, "other"),
        ({"context": None, "groupId": "other"}, "other"),
        ({"context": ..., "groupId": "other"}, "other"),
        ({"type": "identify", "event": ..., "context": {"groupId": "acme"}, "groupId": "other"}, "acme"),
        ({"type": "group", "event": ..., "context": {"groupId": "acme"}, "groupId": "other"}, "other"),
    ],
)
def test_the_account_is_the_contexts_group_else_the_top_levels(fields: dict[str, Any], account: str) -> None:
    assert event(**fields).account_id == account


def test_a_stream_that_the_caller_names_wins_and_the_name_stays_the_vocabularys() -> None:
    decoded = read(line(event="QBR Done"), line(event="Whatever"), line(type="page"), stream="usage")
    assert [(got.stream, got.name) for got in decoded.events] == [
        ("usage", "qbr_completed"),
        ("usage", "Whatever"),
        ("usage", "Viewed Page"),
    ]
    (got,) = read(line(event="Whatever"), stream="revenue").events
    assert (got.stream, got.name) == ("revenue", "Whatever")


def test_a_group_call_belongs_to_accounts_whatever_stream_the_caller_names() -> None:
    assert read(line(type="group", groupId="acme"), stream="cs").events[0].stream == "accounts"


@pytest.mark.parametrize("field", ["messageId", "userId", "groupId", "properties", "receivedAt"])
def test_null_is_the_same_as_absent(field: str) -> None:
    absent, null = event(**{field: ...}), event(**{field: None})
    assert absent.replace(message_id="") == null.replace(message_id="")


def test_a_message_without_an_id_gets_one_of_its_content() -> None:
    first, again, other = line(messageId=...), line(messageId=...), line(messageId=..., userId="bob")
    ids = [got.message_id for got in read(first, again, other).events]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("content-")


def test_a_message_with_neither_id_nor_date_counts_anew_each_time_it_is_sent() -> None:
    bare = line(messageId=..., timestamp=..., receivedAt=...)
    ids = {read(bare, now=AT_S + second, live=True).events[0].message_id for second in range(3)}
    assert len(ids) == 3


def test_text_of_every_script_comes_through_unchanged() -> None:
    got = event(event="Отчёт выгружен 📈", context={"groupId": "Zażółć 株式会社"}, properties={"ключ": "\\u0000\t'\""})
    assert (got.name, got.account_id) == ("Отчёт выгружен 📈", "Zażółć 株式会社")
    assert got.properties == {"ключ": "\\u0000\t'\""}


def test_the_last_of_two_equal_keys_counts_as_json_parsers_agree() -> None:
    assert read(line()[:-1] + b', "userId": "bob"}').events[0].user_id == "bob"


def test_what_is_not_read_is_not_judged() -> None:
    got = event(integrations={"All": [1]}, context={"groupId": "acme", "page": {"url": "x" * 5_000}}, anonymousId=5)
    assert got.account_id == "acme"


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "x" * ID_CHARS_MAX},
        {"context": {"groupId": "株" * ID_CHARS_MAX}},
        {"properties": {f"p{number}": number for number in range(PROPERTIES_MAX)}},
        {"properties": {"note": "x" * TEXT_CHARS_MAX}},
        {"properties": {"n": 2**63 - 1, "m": -(2**63) + 1, "x": 1.7e308, "y": -0.0, "yes": True, "none": None}},
        {"properties": json.loads('{"a":' * DEPTH_MAX + "1" + "}" * DEPTH_MAX)},
        {"properties": {"items": [{"tags": ["a", 1, None]}, []]}},
    ],
)
def test_what_lies_exactly_at_a_limit_passes(fields: dict[str, Any]) -> None:
    got = event(**fields)
    assert got.properties == fields.get("properties", {"rows": 3})


def test_a_message_of_exactly_32_kb_passes_and_one_byte_more_does_not() -> None:
    largest = line()[:-1] + b" " * (EVENT_BYTES_MAX - len(line())) + b"}"
    decoded = read(largest, largest + b" ")
    assert len(decoded.events) == 1
    assert [letter.reason for letter in decoded.dead] == ["too_large"]


def test_lines_keep_their_order_with_a_bad_one_here_and_there() -> None:
    lines = [line(messageId=f"m-{number}") for number in range(800)]
    bad = {0, 255, 256, 799}
    for number in bad:
        lines[number] = b"{"
    decoded = read(*lines, place=Place("events.jsonl", 1_000))
    assert [got.message_id for got in decoded.events] == [
        f"m-{number}" for number in range(len(lines)) if number not in bad
    ]
    assert [(letter.item, letter.position) for letter in decoded.dead] == [
        (number, f"events.jsonl:{1_000 + number}") for number in sorted(bad)
    ]


def test_broken_lines_cannot_make_good_ones_together_nor_swallow_a_neighbour() -> None:
    """Joined in a list these four lines are three valid messages, and the event of the second is gone."""
    opening = line(messageId="thief")[:-1] + b', "x": [{}'
    closing = b"{}]}"
    two = line(messageId="a") + b"," + line(messageId="b")
    lines = [opening, line(messageId="victim"), closing, two]
    assert len(json.loads(b"[" + b",".join(lines) + b"]")) == 3
    decoded = read(*lines)
    assert [got.message_id for got in decoded.events] == ["victim"]
    assert [letter.raw for letter in decoded.dead] == [opening, closing, two]


def test_not_even_lines_that_expect_to_be_joined_in_an_object_can() -> None:
    """Four lines, four keys, four valid messages, were it not for what the keys are."""
    opening = line(messageId="thief")[:-1] + b', "x": {"y": {}'
    closing = b"1}}"
    three = b",".join([line(messageId="a"), b'"b":' + line(messageId="b"), b'"c":' + line(messageId="c")])
    lines = [opening, line(messageId="victim"), closing, three]
    keyed = b",".join(b'"%d":' % number + text for number, text in enumerate(lines))
    assert len(json.loads(b"{" + keyed + b"}")) == 4
    decoded = read(*lines)
    assert [got.message_id for got in decoded.events] == ["victim"]
    assert [letter.raw for letter in decoded.dead] == [opening, closing, three]


def test_no_lines_are_no_events() -> None:
    assert read() == Decoded([], [], [])
