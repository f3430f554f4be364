"""The verdict on a run: a table of cases in tests/data/demo/verdicts.json.

A verdict there is [planted, caught, missed, late, falsely raised, median delay in days].
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.days import iso
from streams.demo.verdict import judge, unjudged
from streams.simulate import Truth

TABLE = json.loads((Path(__file__).parents[1] / "data" / "demo" / "verdicts.json").read_text())
TRUTH = [Truth.from_json(record) for record in TABLE["truth"]]


def _trigger(account: str, play: str, time: str) -> dict[str, Any]:
    return {"subject": account, "time": time, "data": {"play": play}}


@pytest.mark.parametrize("case", TABLE["cases"], ids=[case["name"] for case in TABLE["cases"]])
def test_the_verdict_is(case: dict[str, Any]) -> None:
    triggers = [_trigger(*row) for row in case["triggers"]]
    found = {verdict.story: [*verdict[2:]] for verdict in judge(TRUTH, triggers)}
    assert found == case["verdicts"]
    assert unjudged(TRUTH, triggers) == case.get("unjudged", 0)


def test_stories_with_a_play_come_first_each_group_by_name() -> None:
    assert [(verdict.story, verdict.play) for verdict in judge(TRUTH, [])] == [
        ("adoption_drop", "adoption_drop"),
        ("silent_churner", "going_silent"),
        ("healthy", None),
        ("noisy_but_fine", None),
    ]


def test_no_truth_no_verdict() -> None:
    assert judge([], [_trigger("acme", "going_silent", "2025-05-20T00:00:00Z")]) == []


def test_a_time_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="'soon': not an ISO 8601 instant"):
        judge(TRUTH, [_trigger("drop-1", "adoption_drop", "soon")])


@given(
    st.lists(
        st.builds(
            _trigger,
            st.sampled_from(["drop-1", "drop-2", "quiet-1", "fine-1", "noisy-1", "who-knows"]),
            st.sampled_from(["adoption_drop", "going_silent", "sla_at_risk"]),
            st.integers(1_733_000_000, 1_770_000_000).map(iso),
        )
    )
)
def test_every_planted_story_is_caught_or_missed_and_every_judged_trigger_counted_once_at_most(
    triggers: list[dict[str, Any]],
) -> None:
    verdicts = judge(TRUTH, triggers)
    for verdict in verdicts:
        assert verdict.caught + verdict.missed == verdict.planted
        assert verdict.late <= verdict.missed
        assert (verdict.median_delay_days is None) == (verdict.caught == 0 or verdict.play is None)
    false = sum(verdict.falsely_raised for verdict in verdicts if verdict.play is not None)
    assert false <= len(triggers) - unjudged(TRUTH, triggers)
    assert verdicts == judge(TRUTH, triggers[::-1])
