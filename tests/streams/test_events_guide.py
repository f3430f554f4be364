"""The guide to events says what the code does."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scorecard.model.database import Database
from scorecard.report.source import Source
from scorecard.settings.file import load_scorecard
from streams import message
from streams.dating import FUTURE_TOLERANCE_S, SKEW_TOLERANCE_S
from streams.dead_letter import REASONS, VALUE_CHARS_MAX, DeadLetter
from streams.scorecard import opening
from streams.vocabulary import load, shipped
from streams.wire import decode

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "events.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)


def test_every_message_in_the_guide_is_accepted() -> None:
    lines = [text.replace("\n", " ").encode() for text in blocks("json")]
    decoded = decode(lines, vocabulary=shipped())
    assert decoded.dead == []
    assert [event.name for event in decoded.events][:4] == ["qbr_completed", "group", "identify", "group"]
    assert {event.account_id for event in decoded.events} == {"acme", "acme-uk", "acme-old"}


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[Source]:
    """All messages of the guide, as a business counts them that takes families as one."""
    lines = [text.replace("\n", " ").encode() for text in blocks("json")]
    settings = load_scorecard('version: "1"\nunit: parent\n', file="scorecard.yaml")
    with closing(Database(tmp_path / "model.db")) as database:
        source = opening.source(database, settings)
        for event in decode(lines, vocabulary=shipped()).events:
            source.model.take([event], {})
        yield source


def test_r4_the_revenue_of_the_guide_moves_as_it_says(taken: Source) -> None:
    """R4: effective_at and corrects in their quarters, churn at the end of the paid term; nothing is an issue."""
    told = [
        (one.movement.kind.value, str(one.movement.on), one.movement.cents) for one in taken.model.movements(None).rows
    ]
    assert told == [
        ("new", "2026-01-01", 12_000_00), ("upsell", "2026-03-10", 3_000_00), ("usage", "2026-04-01", 1_000_00),
        ("churn", "2027-01-01", -16_000_00),
    ]  # fmt: skip
    assert [one.reason for one in taken.model.issues().rows if one.account_id == "acme"] == []


def test_parents_and_merges_of_the_guide_hold_until_they_are_taken_back(taken: Source, tmp_path: Path) -> None:
    assert taken.newest()
    with closing(Database(tmp_path / "model.db")) as database, database.reading() as connection:
        found = connection.exec_driver_sql("SELECT account_id, entity, merged_into, parent FROM v_accounts").all()
    assert {tuple(row) for row in found} == {
        ("acme", "acme", None, None), ("acme-old", "acme", "acme", None), ("acme-uk", "acme-uk", None, None),
    }  # fmt: skip


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
