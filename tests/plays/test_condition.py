"""Conditions: checked when loaded, three-valued when asked, and cheap."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from plays.condition import SOURCE_CHARS_MAX, ConditionError, Language
from plays.syntax import Comparison

LANGUAGE = Language({
    "score": "double", "metrics.users": "double", "metrics.silence": "double", "band": "string", "stage": "string",
    "overridden": "bool", "known.users": "bool", "traits": "map",
})  # fmt: skip


def table(name: str) -> list[dict[str, Any]]:
    return list(YAML(typ="safe").load(Path(__file__).with_name(name)))


@pytest.mark.parametrize(
    ("source", "values", "result"),
    [(row["source"], values, result) for row in table("conditions.yaml") for values, result in row["cases"]],
)
def test_a_condition_is_true_false_or_unknown(source: str, values: dict[str, Any], result: bool | None) -> None:
    condition = LANGUAGE.condition(source)
    assert condition(values) is result
    assert condition.holds(values) is (result is True)
    assert condition._ask(values) is result, "CEL itself says otherwise"


@pytest.mark.parametrize(("source", "says"), [(row["source"], row["says"]) for row in table("wrong_conditions.yaml")])
def test_what_is_no_condition_is_refused_when_it_is_loaded(source: str, says: str) -> None:
    with pytest.raises(ConditionError) as caught:
        LANGUAGE.condition(source)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_condition_that_nobody_could_read_is_refused() -> None:
    with pytest.raises(ConditionError, match="over the limit"):
        LANGUAGE.condition(" || ".join(["score < 1.0"] * SOURCE_CHARS_MAX))
    with pytest.raises(ConditionError, match="recursion limit"):
        LANGUAGE.condition("(" * 100 + "score < 1.0" + ")" * 100)


def test_atoms_are_the_conjuncts_at_the_top_and_comparisons_stand_anywhere() -> None:
    condition = LANGUAGE.condition(
        "5.0 <= score && (metrics.users < 1.0 || metrics.users > 9.0) && band == 'red' && score != 7.0"
    )
    assert condition.atoms == (Comparison("score", ">=", 5.0),)
    assert condition.comparisons == (
        Comparison("score", ">=", 5.0),
        Comparison("metrics.users", "<", 1.0),
        Comparison("metrics.users", ">", 9.0),
        Comparison("score", "!=", 7.0),
    )
    assert condition.names == {"score", "metrics.users", "band"}


def test_a_variable_bound_inside_the_expression_is_no_variable_of_ours() -> None:
    condition = LANGUAGE.condition("[1.0, 2.0].exists(users, users > 1.5) && score < 5.0")
    assert condition.names == {"score"}
    assert condition.comparisons == (Comparison("score", "<", 5.0),)
    assert condition({"score": 1.0}) is True


def test_the_traits_that_a_condition_looks_at_are_known() -> None:
    condition = LANGUAGE.condition('traits.plan == "a" && traits["x"] == 1 && "y" in traits && has(traits.z)')
    assert condition.traits == {"plan", "x", "y", "z"}


def test_logic_of_comparisons_needs_no_call_of_cel_and_arithmetic_does() -> None:
    assert LANGUAGE.condition("!(score < 1.0) || band == 'x' && stage in ['a', 'b'] || known.users").native
    assert not LANGUAGE.condition("score + 1.0 < 2.0").native


def test_nan_fulfils_no_comparison() -> None:
    for source in ("score < 1.0", "score >= 1.0", "score == 1.0"):
        assert LANGUAGE.condition(source)({"score": float("nan")}) is False


def test_a_trait_that_cel_cannot_take_makes_the_condition_unknown() -> None:
    condition = LANGUAGE.condition('traits.plan == "gold"')
    assert condition({"traits": {"plan": "\ud800"}}) is None
    assert condition({"traits": {"plan": 2**70}}) is None
