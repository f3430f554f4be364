"""A document's errors name file, line, key and value, and say what is allowed."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from scoring.document import DEPTH_MAX, DocumentError, Duration, Problem, format_duration, parse_duration, read


class Count(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["count"]
    window: Duration


class Share(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["share"]
    divisor: str


class Sample(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    colour: Literal["green", "amber", "red"] = "green"
    weight: float = 1.0
    pause: Duration = Field(default="0s", validate_default=True)
    words: list[str] = []
    places: dict[Annotated[str, Field(pattern="^[a-z]+$")], Share] = {}
    metrics: dict[str, Annotated[Count | Share, Field(discriminator="kind")]] = {}


def problems(text: str) -> list[Problem]:
    with pytest.raises(DocumentError) as caught:
        read(text, file="sample.yaml", model=Sample)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return caught.value.problems


def test_a_valid_document_is_read_and_answers_for_its_lines() -> None:
    text = "name: a\npause: 1d12h\nmetrics:\n  logins:\n    kind: count\n    window: 4w\n"
    document = read(text, file="sample.yaml", model=Sample)
    assert document.model.pause == 129_600.0
    assert document.model.metrics["logins"] == Count(kind="count", window="4w")
    at_key = document.problem(["metrics", "logins", "window"], "too long")
    assert str(at_key) == "sample.yaml:6: metrics.logins.window: '4w': too long"
    at_parent = document.problem(["metrics", "logins", "half_life"], "is needed here")
    assert (at_parent.line, at_parent.key, at_parent.value) == (4, "metrics.logins.half_life", "")


def test_yaml_one_point_two_keeps_yes_and_dates_as_text() -> None:
    document = read("name: 2024-05-01\nwords: [yes, off, 1_000s]\n", file="sample.yaml", model=Sample)
    assert document.model.name == "2024-05-01"
    assert document.model.words == ["yes", "off", "1_000s"]


def test_all_problems_are_told_at_once_in_the_order_of_the_lines() -> None:
    found = problems("colour: gren\nwieght: 2\nweight: heavy\n")
    assert [(problem.line, problem.key) for problem in found] == [
        (1, "name"),
        (1, "colour"),
        (2, "wieght"),
        (3, "weight"),
    ]
    assert found[0].message == "this key is required"
    assert found[1].message == "unknown word (did you mean 'green'?); allowed: green, amber, red"
    assert found[2].message.startswith("unknown key (did you mean 'weight'?); allowed: colour, metrics, name")
    assert found[3].value == "'heavy'"


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("", 1, "", "empty"),
        ("name: a\nname: b\n", 2, "name", "line 1 already"),
        ("name: [a\n", 2, "", "not valid YAML"),
        ("name: a\n\tpause: 1d\n", 2, "", "not valid YAML"),
        ("name: a\x07\n", 1, "", "not valid YAML"),
        ("name: !!python/object:os.system {}\n", 1, "name", "valid string"),
        ("name: !secret x\n", 1, "name", "tag !secret is not allowed"),
        ("name: a\nweight: .nan\n", 2, "weight", "finite"),
        ("name: a\npause: 90\n", 2, "pause", "needs a unit"),
        ("name: a\npause: 90x\n", 2, "pause", "not a duration"),
        ("name: a\npause: 9999d\n", 2, "pause", "limit of 3650d"),
        ("name: 1.10\n", 1, "name", 'in quotes, "1.1"'),
        ("name: a\n? [x]\n: b\n", 2, "", "must be plain text"),
        ("name: a\n---\nname: b\n", 2, "", "not valid YAML"),
        ("just text", 1, "", "must be a mapping"),
        ("name: " + "x" * 4_200_000, 1, "", "over the limit"),
        ("name: " + "[" * (DEPTH_MAX + 2) + "]" * (DEPTH_MAX + 2), 1, "name.0.0.0", "nested deeper"),
        ("name: " + "[" * 50_000, 1, "", "deeper"),
        ("name: a\nwords: &w [*w]\n", 2, "words.0.0.0", "nested deeper"),
        ("name: a\nmetrics:\n  m:\n    kind: count\n    widnow: 3d\n", 5, "metrics.m.widnow", "did you mean 'window'"),
        ("name: a\nplaces:\n  p: {knd: share, divisor: x}\n", 3, "places.p.knd", "did you mean 'kind'"),
        ("name: a\nmetrics:\n  m:\n    kind: count\n", 3, "metrics.m.window", "required"),
        ("name: a\nmetrics:\n  m:\n    kind: sum\n", 4, "metrics.m.kind", "allowed: count, share"),
        ("name: a\nwords:\n  - ok\n  - {a: 1}\n", 4, "words.1", "valid string"),
    ],
)
def test_a_wrong_document_is_refused_with_the_place_and_what_is_allowed(
    text: str, line: int, key: str, says: str
) -> None:
    found = problems(text)
    assert [(p.line, p.key) for p in found if says in p.message] == [(line, key)], found


def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    levels = "".join(f"w{n}: &w{n} [{', '.join([f'*w{n - 1}'] * 9)}]\n" for n in range(1, 10))
    assert "more than 200000 values" in problems("w0: &w0 [a, b]\n" + levels)[0].message


def test_a_keys_suggestion_comes_from_the_union_branch_that_was_chosen() -> None:
    found = problems("name: a\nmetrics:\n  m: {kind: share, divisor: x, window: 3d}\n")
    assert found[0].message == "unknown key; allowed: divisor, kind"


def test_a_long_value_is_cut() -> None:
    assert len(problems("name: a\ncolour: " + "z" * 500)[0].value) == 80


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90d", 7_776_000),
        ("12h", 43_200),
        ("30m", 1_800),
        ("45s", 45),
        ("2w", 1_209_600),
        ("1w1d1h1m1s", 694_861),
        ("0s", 0),
    ],
)
def test_durations_are_read_in_seconds_and_written_back(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "d", "1", "-1d", "1h1d", "1d 2h", "1.5d", "1D", "1d\n", "٣d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_the_json_schema_of_a_duration_is_text_with_a_pattern() -> None:
    schema = Sample.model_json_schema()["properties"]["pause"]
    assert schema["type"] == "string"
    assert schema["default"] == "0s"
