"""Answers to cohorts' triggers, as messages: which are taken, and what is said of the others."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.days import iso
from scoring.subject import COHORT, SUBJECT_CHARS_MAX, cohort_of, is_cohort, subject
from streams.kafka.fold import Fold
from streams.message import ID_CHARS_MAX
from streams.replay import Listener, Replay
from streams.vocabulary import shipped
from streams.wire import Decoded, decode
from tests.streams.embedded.running import START, engine
from tests.streams.embedded.sent import track
from tests.streams.kafka.test_partition import apply, chunk, partition

ID = "0123456789abcdef" * 2
SMB = subject({"segment": "smb"})


def decoded(message: dict[str, Any], stream: str | None = None) -> Decoded:
    return decode([json.dumps(message).encode()], vocabulary=shipped(), now=START, live=True, stream=stream)


def said(event: str = "play_done", account: str = SMB, **properties: Any) -> dict[str, Any]:
    return {**track(1, account, at=START, event=event), "properties": properties}


@pytest.mark.parametrize("event", ["play_acknowledged", "play_done", "Play Completed", "play_dismissed"])
@pytest.mark.parametrize("properties", [{"trigger_id": ID}, {"play": "nrr_at_risk"}])
def test_an_answer_is_an_event_of_the_cohort_in_the_stream_cs(event: str, properties: dict[str, str]) -> None:
    (taken,) = decoded(said(event, **properties)).events
    assert (taken.account_id, taken.stream, taken.properties) == (SMB, "cs", properties)
    assert decoded(said(event, **properties), stream="cs").events == [taken]


@pytest.mark.parametrize(
    ("message", "stream", "reason", "field", "value"),
    [
        (said("Report opened", trigger_id=ID), None, "not_an_answer", "event", "'Report opened'"),
        (said("play_finished", trigger_id=ID), None, "not_an_answer", "event", "'play_finished'"),
        (said(trigger_id=ID), "revenue", "not_an_answer", "", "'revenue'"),
        (said(), None, "missing_field", "properties.trigger_id", ""),
        (said(trigger_id="T-17"), None, "unknown_trigger", "properties.trigger_id", "'T-17'"),
        (said(trigger_id=17), None, "unknown_trigger", "properties.trigger_id", "17"),
        ({"type": "group", "groupId": SMB, "traits": {"x": 1}}, None, "not_an_answer", "event", "'group'"),
    ],
)
def test_anything_else_about_a_cohort_is_refused_with_field_and_value(
    message: dict[str, Any], stream: str | None, reason: str, field: str, value: str
) -> None:
    (letter,) = decoded(message, stream).dead
    assert (letter.reason, letter.field, letter.value) == (reason, field, value)


@pytest.mark.parametrize("key", ["context", "groupId"])
def test_the_short_way_of_usual_messages_lets_no_cohort_pass_either(key: str) -> None:
    whole = said("Report opened", trigger_id=ID) | {"receivedAt": iso(START)}
    if key == "groupId":
        whole[key] = whole.pop("context")["groupId"]
    done = decode([json.dumps(whole).encode()], vocabulary=shipped())
    assert (done.events, [letter.reason for letter in done.dead]) == ([], ["not_an_answer"])


def test_an_answer_makes_no_account_in_any_runtime() -> None:
    """Read in order, again after a restart, rebuilt, and replayed. (The embedded service: see test_cohort_kill.py.)"""
    answers = [said(trigger_id=ID), track(2, "acme", at=START - 60), said("play_dismissed", trigger_id=ID)]
    ours = partition()
    for first in (0, 0, 3):
        apply(ours, chunk(answers, first=first, stream="cs"))
    fold = Fold(engine(), shipped(), lambda account_id: True)
    for _ in fold.take(chunk(answers, stream="cs")):
        pass
    replay = Replay(engine(), Listener())
    replay.feed([event for message in answers for event in decoded(message).events])
    replay.finish()
    assert [*ours.records()] == [*fold] == [*replay.accounts] == ["acme"]
    assert ours.refused == fold.refused == 0


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(st.dictionaries(TEXT, TEXT, min_size=1, max_size=3))
def test_every_cohort_can_be_answered_under_its_subject(cohort: dict[str, str]) -> None:
    name = subject(cohort)
    assert is_cohort(name)
    assert name.startswith(COHORT)
    assert len(name) <= SUBJECT_CHARS_MAX == ID_CHARS_MAX
    assert cohort_of(name) == cohort or [*cohort_of(name)] == ["digest"]
    (taken,) = decoded(said(account=name, trigger_id=ID)).events
    assert taken.account_id == name


@given(st.dictionaries(TEXT, TEXT, min_size=1, max_size=3), st.dictionaries(TEXT, TEXT, min_size=1, max_size=3))
def test_two_cohorts_have_two_subjects(one: dict[str, str], other: dict[str, str]) -> None:
    assert (subject(one) == subject(other)) == (one == other)
