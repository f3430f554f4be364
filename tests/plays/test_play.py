"""A play file: what it may say, and how clearly it is refused."""

import jsonschema
import pytest
from ruamel.yaml import YAML

from plays.condition import Names
from plays.play import PlaybookFile
from plays.playbook import Playbook, load_playbook, starter_text
from scoring.days import DAY
from scoring.document import DocumentError, Problem

NAMES: Names = {"score": "double", "metrics.silence": "double", "stage": "string", "segment": "string", "traits": "map"}

GOOD = """\
version: "7"
plays:
  quiet:
    version: 3
    title: Quiet
    condition: metrics.silence > 20.0
    clear_when: metrics.silence < 5.0
    hold_for: 1d12h
    owner: CS
    audience: [cs]
    action: {kind: [cs_outreach], summary: Call them.}
    reason: "Nothing for {metrics.silence} days from {traits.name}."
    applies_to: {stage: [adopt], segment: [smb, mid]}
"""


def load(text: str) -> Playbook:
    return load_playbook(text, file="plays.yaml", profile_names=NAMES)


def problems(text: str) -> list[Problem]:
    with pytest.raises(DocumentError) as caught:
        load(text)
    return caught.value.problems


def test_a_play_is_read_with_its_durations_in_seconds_and_calm_defaults() -> None:
    playbook = load(GOOD)
    play = playbook.plays["quiet"]
    assert (playbook.version, play.id, play.version) == ("7", "quiet", 3)
    assert (play.hold_for, play.settle_for, play.cooldown, play.expire_after) == (1.5 * DAY, 0.0, 7 * DAY, 90 * DAY)
    assert (play.severity, play.due_in) == ("warning", None)
    assert playbook.rules["quiet"].condition.source == "metrics.silence > 20.0"
    assert playbook.names == {"metrics.silence", "traits"}


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("20.0", "20", 6, "plays.quiet.condition", 'write "5.0", not "5"'),
        ("metrics.silence > 20.0", "silence > 20.0", 6, "plays.quiet.condition", "did you mean metrics.silence"),
        ("metrics.silence < 5.0", "metrics.silence <", 7, "plays.quiet.clear_when", "Syntax error"),
        ("clear_when", "clear_wen", 7, "plays.quiet.clear_wen", "did you mean 'clear_when'"),
        ("1d12h", "36", 8, "plays.quiet.hold_for", "needs a unit"),
        ("1d12h", "12h1d", 8, "plays.quiet.hold_for", "largest unit first"),
        ("    owner: CS\n", "", 3, "plays.quiet.owner", "required"),
        ("owner: CS", "severity: bad", 9, "plays.quiet.severity", "allowed: info, warning, critical"),
        ("[cs_outreach]", "[]", 11, "plays.quiet.action.kind", "at least 1 item"),
        ("[cs_outreach]", "[Call us]", 11, "plays.quiet.action.kind.0", "pattern"),
        ("{metrics.silence}", "{metrics.silnce}", 12, "plays.quiet.reason", "{metrics.silnce} is not known"),
        ("stage: [adopt]", "stages: [adopt]", 13, "plays.quiet.applies_to.stages", "did you mean 'stage'"),
        ("version: 3", "version: 0", 4, "plays.quiet.version", "greater than or equal to 1"),
        ("version: 3", "id: loud", 3, "plays.quiet", "the key under `plays` is the play's id"),
        ("version: 3", "expire_after: 0s", 3, "plays.quiet", "longer than 0s"),
        ('version: "7"', "version: 7", 1, "version", 'in quotes, "7"'),
        ("  quiet:", "  Quiet!:", 3, "plays.Quiet!", "pattern"),
    ],
)
def test_what_is_wrong_is_told_with_line_key_and_what_is_allowed(
    old: str, new: str, line: int, key: str, says: str
) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert [(p.file, p.line, p.key) for p in found if says in p.message] == [("plays.yaml", line, key)], found


def test_all_wrong_conditions_are_told_at_once() -> None:
    found = problems(GOOD.replace("20.0", "20").replace("5.0", "5").replace("{metrics.silence}", "{x}"))
    assert [problem.key for problem in found] == [f"plays.quiet.{key}" for key in ("condition", "clear_when", "reason")]


def test_the_json_schema_accepts_the_shipped_plays_and_says_what_every_field_means() -> None:
    schema = PlaybookFile.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(YAML(typ="safe").load(starter_text()))
    validator.validate(YAML(typ="safe").load(GOOD))
    wrong = YAML(typ="safe").load(GOOD.replace("1d12h", "soon").replace("owner", "ower"))
    assert len(list(validator.iter_errors(wrong))) == 3
    fields = schema["$defs"]["Play"]["properties"]
    assert "id" not in fields
    assert [name for name, field in fields.items() if "description" not in field and "$ref" not in field] == []
    assert fields["cooldown"]["default"] == "7d"
