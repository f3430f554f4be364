"""Which events a metric is about."""

from typing import Any

import pytest

from scoring.selector import Selector
from tests.scoring.histories import event


@pytest.mark.parametrize(
    ("said", "stream", "name", "selected"),
    [
        ({"stream": "usage"}, "usage", "anything", True),
        ({"stream": "usage"}, "cs", "anything", False),
        ({"events": ["a", "b"]}, "cs", "b", True),
        ({"events": ["a", "b"]}, "cs", "c", False),
        ({"stream": "usage", "events": ["a"]}, "usage", "a", True),
        ({"stream": "usage", "events": ["a"]}, "cs", "a", False),
        ({"stream": "usage", "events": ["a"]}, "usage", "b", False),
    ],
)
def test_stream_and_names_must_both_fit(said: dict[str, Any], stream: str, name: str, selected: bool) -> None:
    assert Selector.model_validate(said).by_name(stream, name) is selected


@pytest.mark.parametrize(
    ("where", "properties", "selected"),
    [
        ({"plan": "pro"}, {"plan": "pro"}, True),
        ({"plan": "pro"}, {"plan": "Pro"}, False),
        ({"plan": "pro"}, {}, False),
        ({"plan": ["pro", "team"]}, {"plan": "team"}, True),
        ({"plan": ["pro", "team"]}, {"plan": ["pro", "team"]}, False),
        ({"plan": "pro"}, {"plan": {"pro": 1}}, False),
        ({"size": 5}, {"size": 5}, True),
        ({"size": 5}, {"size": 5.0}, True),
        ({"size": 5}, {"size": "5"}, False),
        ({"beta": True}, {"beta": True}, True),
        ({"beta": True}, {"beta": "true"}, False),
        ({"beta": True}, {"beta": 1}, False),  # Python takes true for 1, JSON does not
        ({"size": 1}, {"size": True}, False),
        ({"plan": "pro", "beta": True}, {"plan": "pro", "beta": False}, False),
        ({"plan": "pro", "beta": True}, {"plan": "pro", "beta": True, "more": 1}, True),
    ],
)
def test_every_property_named_must_have_one_of_its_values(
    where: dict[str, Any], properties: dict[str, Any], selected: bool
) -> None:
    matches = Selector.model_validate({"stream": "usage", "where": where}).by_properties()
    assert matches is not None
    assert matches(event("opened", 0.0, **properties)) is selected


def test_without_where_there_is_nothing_to_check() -> None:
    assert Selector(stream="usage").by_properties() is None
