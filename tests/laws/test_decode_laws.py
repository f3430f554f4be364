"""Laws of the way in: what one line becomes does not depend on its neighbours, and not on how the bytes came."""

import json
import time
from collections.abc import Iterator
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from scoring.storable import unstorable
from streams import source
from streams.dead_letter import REASONS
from streams.message import EVENT_BYTES_MAX, Message
from streams.vocabulary import Vocabulary, fold, shipped
from streams.wire import Decoded, decode
from tests.streams.messages import line as usual

VOCABULARY: Vocabulary = shipped()
NOW = 1_772_400_000.0
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)

texts = st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
instants = st.sampled_from(
    ["2026-03-01T09:30:00Z", "2025-12-24T00:00:00.5+01:00", "2026-03-01", "1970-01-01T00:00:00Z", "x"]
)
names = st.sampled_from(["QBR Done", "nps_answered", "Report exported", ""]) | texts


def messages(properties: st.SearchStrategy[Any], text: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(["track", "group", "identify", "page", "screen", "alias"])},
        optional={
            "event": names | text,
            "messageId": text,
            "userId": text,
            "groupId": st.sampled_from(["acme", "globex"]) | text,
            "context": st.fixed_dictionaries({}, optional={"groupId": st.just("acme") | text}) | text,
            "timestamp": instants | text,
            "receivedAt": st.just("2026-03-01T10:00:00Z") | text,
            "sentAt": instants | text,
            "properties": properties,
            "traits": properties,
        },
    )


def encoded(message: object) -> bytes:
    return json.dumps(message).encode()


good = messages(st.dictionaries(texts, texts | st.integers(-9, 9), max_size=3), st.just("a")).map(encoded)
odd = messages(st.dictionaries(texts, values, max_size=3) | values, values).map(encoded)
cut = st.builds(lambda line, at: line[: at % (len(line) + 1)], good, st.integers(0, 500))
edited = st.builds(
    lambda line, at, new: line[: at % len(line)] + new + line[at % len(line) + 1 :],
    good,
    st.integers(0, 500),
    st.binary(max_size=3),
)
broken = st.sampled_from(
    [b"{", b"}", b"[", b'"', b'{"a":[{}', b"{}]}", b'"x":{', b"},{", b"}],[{", b" ", b"", b"\x00", b"\xff"]
)
lines = st.lists(
    (good | odd | cut | edited | broken | st.binary(max_size=20)).map(lambda line: line.replace(b"\n", b" ")),
    max_size=12,
)
ODD_TEXTS = [
    *(
        "",
        " ",
        " a",
        "a ",
        "a\x00",
        "a\tb",
        "\x7f",
        "a\x85",
        "a\u200d",
        "\u00a0",
        "a\u00a0b",
        "\ud800",
        "é",
        "\U0001f600",
        "nan",
    ),
    *(letter * length for letter in "a é\u4e2d\U0001f600" for length in (255, 256, 257, 8_192, 8_193)),
]
ODD_VALUES = [
    *ODD_TEXTS,
    *(None, True, 0, -1, 1.5, -0.0, 1e308, 2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1, 10**400),
    *(float("nan"), float("inf"), [], {}, {"groupId": 1}, {"groupId": None}, {"groupId": "b", "x": [1]}, ["a"]),
    *({"k" * 256: 1}, {"k" * 257: 1}, {"": ""}, {"n": {"k" * 257: 1}}, {str(n): n for n in range(256)}),
    *({str(n): n for n in range(257)}, {"a": [[[[[[1]]]]]]}, {"a": [[[[[[[1]]]]]]]}, {"a": [[[[[[[[1]]]]]]]]}),
    *({"a": value} for value in (None, 10**30, 2**63, float("nan"), float("-inf"), "x" * 8_193, "\x00", "\ud800", 1.5)),
]
ODD_TIMES = [
    "".join(parts)
    for parts in product(
        [
            "1999-12-31",
            "2000-01-01",
            "2026-02-28",
            "2026-02-29",
            "2026-13-01",
            "2098-06-01",
            "2099-12-31",
            "2100-01-01",
            "2026-1-1",
        ],
        ["T", "t", " ", "_", ""],
        ["00:00", "23:59:59", "24:00:00", "00:60:00", "00:00:60", ""],
        ["", ".5", ".123456", ",123", "."],
        ["Z", "z", "", "+01:00", "-23:59", "+24:00", "+0100", "+01", "-00:00"],
    )
]
FIELDS = [
    *("type", "event", "name", "messageId", "userId", "groupId", "context", "timestamp", "receivedAt", "sentAt"),
    *("properties", "traits", "other"),
]
ENDS = [
    *(
        b',"x":NaN',
        b',"x":1e999',
        b',"x":"\xff"',
        b',"x":"\\ud800"',
        b',"x":"\xed\xa0\x80"',
        b',"x":01',
        b',"x":"\x01"',
    ),
    *(
        b',"event":"again"',
        b',"properties":{"n":1e400}',
        b',"x":',
        b",",
        b"} ",
        b"}x",
        b',"x":' + b"[" * 150 + b"]" * 150,
    ),
]
options = st.fixed_dictionaries(
    {"now": st.just(NOW), "live": st.booleans()},
    optional={"wall": st.just(NOW), "stream": st.sampled_from(["cs", "usage"])},
)


def is_valid(line: bytes) -> bool:
    try:
        MESSAGE.validate_json(line)
    except ValidationError:
        return False
    return len(line) <= EVENT_BYTES_MAX


def read(some: list[bytes], **named: Any) -> Decoded:
    return decode(some, vocabulary=VOCABULARY, **named)


@given(lines, options)
@example([b'{"type":"alias","x":[{}', b"{}]}", b'{"type":"alias"},{"type":"alias"}'], {})
def test_a_line_becomes_the_same_whoever_stands_beside_it(some: list[bytes], named: dict[str, Any]) -> None:
    together = read(some, **named)
    alone = [read([line], **named) for line in some]
    assert repr(together.events) == repr([event for one in alone for event in one.events])
    assert together.ignored == sum(one.ignored for one in alone)
    assert [(letter.reason, letter.field, letter.message, letter.raw) for letter in together.dead] == [
        (letter.reason, letter.field, letter.message, letter.raw) for one in alone for letter in one.dead
    ]


@given(lines, options)
def test_every_line_is_an_event_or_a_dead_letter_with_its_bytes_or_ignored(
    some: list[bytes], named: dict[str, Any]
) -> None:
    decoded = read(some, **named)
    assert len(decoded.events) + len(decoded.dead) + decoded.ignored == len(some)
    assert [letter.raw for letter in decoded.dead] == [some[letter.item] for letter in decoded.dead]
    assert [letter.item for letter in decoded.dead] == sorted({letter.item for letter in decoded.dead})
    assert {letter.reason for letter in decoded.dead} <= set(REASONS)
    for letter in decoded.dead:
        json.dumps(letter.to_json(), allow_nan=False)


@given(lines, options)
def test_an_event_is_fit_to_compute_with(some: list[bytes], named: dict[str, Any]) -> None:
    for event in read(some, **named).events:
        assert event.account_id.strip()
        assert event.message_id.strip()
        assert 946_684_800 - 86_400 <= event.at <= event.arrived <= 4_102_444_800 + 86_400
        json.dumps(event.properties, allow_nan=False)
        assert unstorable(event.properties, "") is None


@given(
    st.lists(good, max_size=12),
    st.lists(broken, max_size=12),
    st.randoms(use_true_random=False),
    st.integers(0, 300),
)
def test_good_lines_come_out_in_order_among_bad_ones(
    fine: list[bytes], bad: list[bytes], random: Any, padding: int
) -> None:
    mixed: list[tuple[bool, bytes]] = [(True, line) for line in fine]
    for line in bad:
        mixed.insert(random.randint(0, len(mixed)), (False, line))
    pad = [b'{"type":"alias"}'] * padding
    got = read(pad + [line for _, line in mixed] + pad, now=NOW)
    only = read(fine, now=NOW)
    assert repr(got.events) == repr(only.events)
    known_bad = [line for is_good, line in mixed if not is_good and line.strip()]
    assert sorted(letter.raw for letter in got.dead) == sorted([*known_bad, *(letter.raw for letter in only.dead)])


@given(lines)
def test_what_decodes_is_valid_and_what_is_valid_is_an_event_ignored_or_refused_for_account_or_date(
    some: list[bytes],
) -> None:
    decoded = read(some, now=NOW)
    later = [letter for letter in decoded.dead if letter.reason in ("missing_account", "missing_field", "future")]
    blank = sum(not line.strip() for line in some)
    valid = sum(map(is_valid, some))
    assert len(decoded.events) <= valid
    assert valid <= len(decoded.events) + decoded.ignored - blank + len(later)


def same_both_ways(some: list[bytes], **named: Any) -> None:
    """Together, and one by one: what holds of all the bytes is asked of them together."""
    each = [some, *([line] for line in some)]
    fast = [read(those, **named) for those in each]
    with patch("streams.wire.read", side_effect=lambda lines, start, *_, **__: start):
        assert [repr(read(those, **named)) for those in each] == [repr(decoded) for decoded in fast]


@given(lines, options)
def test_the_usual_way_and_pydantics_lead_to_the_same(some: list[bytes], named: dict[str, Any]) -> None:
    same_both_ways(some, **named)


def test_they_do_so_whatever_stands_in_a_field_of_a_message_that_is_usual_otherwise() -> None:
    calls = [
        usual(**{"type": call, field: value}) for call in ("track", "page") for field in FIELDS for value in ODD_VALUES
    ]
    same_both_ways(calls)
    same_both_ways([usual(context={"groupId": value, "page": value}) for value in ODD_VALUES])
    same_both_ways([usual(**{field: ...}) for field in FIELDS])
    same_both_ways([usual()[:-1] + end + b"}" for end in ENDS])


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
def test_they_do_so_however_a_date_is_written() -> None:
    same_both_ways([usual(timestamp=text, receivedAt="2099-12-30T12:00:00Z") for text in ODD_TIMES])
    same_both_ways([usual(timestamp="2000-01-02T00:00:00Z", receivedAt=text) for text in ODD_TIMES])
    same_both_ways([usual(receivedAt=text) for text in ODD_TIMES], wall=NOW, now=NOW)


def test_the_usual_message_goes_the_usual_way() -> None:
    with patch("streams.wire._validate", side_effect=AssertionError):
        assert len(read([usual(), usual(type="page", name="Pricing"), usual(userId=...)]).events) == 3


@given(st.text(min_size=1, max_size=30))
def test_a_name_means_the_same_however_it_is_spaced_and_written(name: str) -> None:
    assert fold(f" _-{name.upper()}- ") == fold(name.upper())
    meanings = shipped().meanings
    assert meanings[name] == meanings[name]  # looked up, then remembered


@given(st.lists(st.binary(max_size=40), max_size=20), st.lists(st.integers(1, 25), max_size=30))
def test_lines_do_not_depend_on_the_blocks_that_they_come_in(some: list[bytes], sizes: list[int]) -> None:
    """With a limit of 16 bytes a line of which 4 are kept, so that small examples reach every edge."""
    content = b"\n".join(some).removeprefix(b"\xef\xbb\xbf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "LINE_BYTES_MAX", 16)
        patch.setattr(source, "KEPT_BYTES_MAX", 4)
        cutter = source._Lines("x")
        chunks, start = [], 0
        for size in [*sizes, *[16] * (len(content) // 16 + 1)]:
            block = content[start : start + min(size, 16)]
            start += len(block)
            if block:
                chunks.append(cutter.take(block, 0))
        chunks.append(cutter.finish(0))
    got: list[tuple[int, bytes, int]] = []
    for chunk in filter(None, chunks):
        if chunk.overlong:
            length = int(chunk.overlong.message.split()[3])
            got.append((int(chunk.overlong.position.removeprefix("x:")), chunk.overlong.raw, length))
        got += [(chunk.place.first + index, line, len(line)) for index, line in enumerate(chunk.lines)]
    expected = content.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert got == [
        (number, line if len(line) <= 16 else line[:4], len(line)) for number, line in enumerate(expected, 1)
    ]
