"""The guide to events says what the code does."""

import json
import re
from pathlib import Path

from streams import message
from streams.dating import FUTURE_TOLERANCE_S, SKEW_TOLERANCE_S
from streams.dead_letter import REASONS, VALUE_CHARS_MAX, DeadLetter
from streams.vocabulary import load, shipped
from streams.wire import decode

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "events.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)


def test_every_message_in_the_guide_is_accepted() -> None:
    lines = [text.replace("\n", " ").encode() for text in blocks("json")]
    decoded = decode(lines, vocabulary=shipped())
    assert decoded.dead == []
    assert [event.name for event in decoded.events] == ["qbr_completed", "group", "identify"]
    assert {event.account_id for event in decoded.events} == {"acme"}


def test_the_vocabulary_in_the_guide_is_valid_and_does_what_it_says() -> None:
    (text,) = blocks("yaml")
    meanings = load(text, file="events.md").meanings
    assert [meanings[name].name for name in ("QBR", "strategy day held", "Gong Call", "P1 raised")] == [
        "qbr_completed",
        "qbr_completed",
        "outreach_logged",
        "escalation_raised",
    ]


def test_every_reason_is_explained_and_no_other() -> None:
    table = GUIDE.split("| reason | meaning |")[1]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(REASONS)


def test_the_dead_letter_in_the_guide_has_the_fields_of_a_real_one() -> None:
    (text,) = blocks("json dead-letter")
    assert list(json.loads(text)) == list(DeadLetter("empty", "", "", "", b"", "", 0, None).to_json())


def test_the_limits_in_the_guide_are_those_of_the_code() -> None:
    assert f"{message.EVENT_BYTES_MAX:,} bytes" in GUIDE
    assert message.ID_CHARS_MAX == message.KEY_CHARS_MAX == message.PROPERTIES_MAX == 256
    assert f"{message.TEXT_CHARS_MAX:,} characters" in GUIDE
    assert f"| nesting | {message.DEPTH_MAX} |" in GUIDE
    assert f"up to {FUTURE_TOLERANCE_S / 3_600:.0f} hours ahead" in GUIDE
    assert f"more than {SKEW_TOLERANCE_S:.0f} seconds off" in GUIDE
    assert f"cut at {VALUE_CHARS_MAX} characters" in GUIDE
