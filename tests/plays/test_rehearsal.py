"""`accountpulse plays test`: what is expected must come, and nothing besides."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from plays.case import CaseFile, load_cases
from plays.condition import Names
from plays.playbook import Playbook, load_playbook
from plays.rehearsal import Outcome, messages, rehearse
from scoring.days import iso
from scoring.document import DocumentError

NAMES: Names = {"score": "double", "metrics.silence": "double", "stage": "string", "segment": "string"}


def playbook() -> Playbook:
    common = "title: t, owner: CS, action: {kind: [call], summary: s}"
    return load_playbook(
        'version: "1"\nplays:\n'
        f"  low: {{{common}, condition: score < 40.0, cooldown: 0s}}\n"
        f"  quiet: {{{common}, condition: metrics.silence >= 21.0, hold_for: 2d}}\n",
        file="plays.yaml",
        profile_names=NAMES,
    )


def run(text: str, triggers: Sequence[Mapping[str, Any]] = ()) -> list[Outcome]:
    document = load_cases(text, file="cases.yaml")
    return list(rehearse(document, playbook(), lambda messages, until: triggers))


def trigger(play: str, at: str, account: str = "account") -> dict[str, Any]:
    return {"id": "x", "time": at, "data": {"account_id": account, "play": play, "reason": "because"}}


VALUES = """\
cases:
  - name: a case
    values:
      - {at: 1d, set: {score: 50.0, metrics.silence: 0.0}, drift: {metrics.silence: 1.0}}
      - {at: 30d, set: {score: 30.0}}
    until: 40d
    expect:
      - {play: quiet, at: 24d, within: 1m}
      - {play: low, at: "2024-01-31T00:00:00Z", within: 1m}
"""


def test_a_case_passes_when_all_that_is_expected_comes_and_nothing_else() -> None:
    (outcome,) = run(VALUES)
    assert outcome.problems == ()
    assert outcome.to_json() == {
        "case": "a case",
        "line": 2,
        "passed": True,
        "opened": [
            {
                "account": "account",
                "play": "quiet",
                "at": "2024-01-25T00:00:00.001000Z",
                "reason": "silence is 23 (at least 21).",
            },
            {"account": "account", "play": "low", "at": "2024-01-31T00:00:00Z", "reason": "score is 30 (below 40)."},
        ],
        "problems": [],
    }


def test_what_does_not_come_is_told_with_the_line_of_the_expectation() -> None:
    (outcome,) = run(VALUES.replace("at: 24d", "at: 26d").replace("score: 30.0", "score: 45.0"))
    assert [str(problem) for problem in outcome.problems] == [
        "cases.yaml:8: cases.0.expect.0: expected quiet for account at 2024-01-27T00:00:00Z, give or take 1m; "
        "it opened at 2024-01-25T00:00:00.001000Z",
        "cases.yaml:9: cases.0.expect.1: expected low for account at 2024-01-31T00:00:00Z, give or take 1m; "
        "it did not open",
        "cases.yaml:7: cases.0.expect: not expected: quiet opened for account at 2024-01-25T00:00:00.001000Z: "
        "silence is 23 (at least 21).",
    ]


def test_what_comes_besides_is_a_problem_unless_the_case_is_about_other_plays() -> None:
    only_quiet = VALUES.replace('      - {play: low, at: "2024-01-31T00:00:00Z", within: 1m}\n', "")
    (outcome,) = run(only_quiet)
    assert "not expected: low opened" in outcome.problems[0].message
    (outcome,) = run(only_quiet.replace("    until", "    only: [quiet]\n    until"))
    assert outcome.problems == ()


def test_values_stay_until_they_are_changed_and_null_takes_them_away() -> None:
    series = "[{at: 0d, set: {score: 30.0}}, {at: 5d, set: {score: null}}, {at: 6d, set: {score: 30.0}}]"
    (outcome,) = run(f"cases: [{{name: n, values: {series}, until: 9d, expect: [{{play: low, at: 0d}}]}}]")
    assert outcome.problems == ()


def test_people_can_speak_and_sources_go_dark_in_a_case() -> None:
    series = (
        "[{at: 0d, set: {score: 30.0}}, {at: 1d, say: play_dismissed, play: low, feedback: false_alarm},"
        " {at: 2d, set: {score: 50.0}}, {at: 3d, set: {score: 30.0}, dark: true}, {at: 5d, dark: false}]"
    )
    expect = "[{play: low, at: 0d}, {play: low, at: 5d, within: 1m}]"
    (outcome,) = run(f"cases: [{{name: n, values: {series}, until: 300d, expect: {expect}}}]")
    assert outcome.problems == ()


EVENTS = """\
cases:
  - name: an event case
    account: acme
    start: "2024-03-01T00:00:00Z"
    events:
      - {at: 0d, group: {seats: 20}}
      - {at: 1d, event: Signed In, user: ann, every: 12h, times: 3, late: 2d}
      - {at: 1d, identify: {role: admin}, user: ann, account: other}
      - {at: 2d, message: {type: page, name: Home, userId: bob}}
    until: 30d
    expect: [{play: low, at: 10d, account: other}]
"""


def test_event_rows_become_segment_messages_in_the_order_of_arrival() -> None:
    case = load_cases(EVENTS, file="cases.yaml").model.cases[0]
    made = list(messages(case))
    assert [m["type"] for m in made] == ["group", "identify", "page", "track", "track", "track"]
    assert len({m["messageId"] for m in made}) == 6
    assert made[0] == {
        "messageId": "case-0-0", "timestamp": "2024-03-01T00:00:00Z", "receivedAt": "2024-03-01T00:00:00Z",
        "anonymousId": "case", "type": "group", "groupId": "acme", "traits": {"seats": 20},
    }  # fmt: skip
    assert made[1]["context"] == {"groupId": "other"}
    assert made[2]["userId"] == "bob"
    assert made[4] == {
        "messageId": "case-1-1", "timestamp": "2024-03-02T12:00:00Z", "receivedAt": "2024-03-04T12:00:00Z",
        "userId": "ann", "type": "track", "event": "Signed In", "context": {"groupId": "acme"}, "properties": {},
    }  # fmt: skip


def test_event_cases_go_through_the_engine_that_is_handed_in() -> None:
    seen: list[tuple[int, str]] = []

    def engine(sent: Sequence[Mapping[str, Any]], until: float) -> list[dict[str, Any]]:
        seen.append((len(sent), iso(until)))
        return [trigger("low", "2024-03-11T08:00:00Z", "other"), trigger("quiet", "2024-03-12T00:00:00Z", "acme")]

    (outcome,) = rehearse(load_cases(EVENTS, file="cases.yaml"), playbook(), engine)
    assert seen == [(6, "2024-03-31T00:00:00Z")]
    assert [problem.message for problem in outcome.problems] == [
        "not expected: quiet opened for acme at 2024-03-12T00:00:00Z: because"
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("play: low", "play: lwo", 9, "cases.0.expect.1.play", "the playbook has: low, quiet"),
        ("{score: 30.0}", "{scoer: 30.0}", 5, "cases.0.values.1.set.scoer", "no play looks at it"),
    ],
)
def test_a_slip_of_the_pen_makes_the_case_fail_not_pass(old: str, new: str, line: int, key: str, says: str) -> None:
    (outcome,) = run(VALUES.replace(old, new))
    assert [(p.line, p.key) for p in outcome.problems if says in p.message] == [(line, key)]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("at: 30d", "at: soon", 5, 'such as "34d"'),
        ("at: 30d", "at: 12h", 2, "in the order of time"),
        ("until: 40d", "until: 20d", 2, "`until` is before the last row"),
        ("    until: 40d\n", "", 2, "required"),
        ("values:", "events:", 4, "unknown key"),
    ],
)
def test_a_wrong_test_file_is_refused_with_the_line(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        run(VALUES.replace(old, new))
    assert [p.line for p in caught.value.problems if says in p.message][:1] == [line], str(caught.value)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{at: 0d}", "give one of"),
        ("{at: 0d, event: a, group: {}}", "not event and group"),
        ("{at: 0d, event: a, every: 1d}", "go together"),
        ("{at: 0d, event: a, times: 3}", "go together"),
        ("{at: 0d, group: {}, properties: {a: 1}}", "go with `event`"),
    ],
)
def test_an_event_row_is_one_kind_of_message(row: str, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        run(f"cases: [{{name: n, events: [{row}], until: 1d}}]")


def test_the_json_schema_of_a_test_file_is_valid_and_accepts_one() -> None:
    schema = CaseFile.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for text in (VALUES, EVENTS):
        jsonschema.Draft202012Validator(schema).validate(YAML(typ="safe").load(text))
    fields = [field for model in schema["$defs"].values() for field in model["properties"].items()]
    assert [name for name, field in fields if "description" not in field] == []
