"""Plays over cohorts: what their files may say, and what their triggers are."""

from importlib import resources

import pytest

from plays.cohort import CohortPlays, cohort_trigger, load_cohort_plays
from plays.episode import Episode
from plays.trigger import trigger_id
from scoring.document import DocumentError
from scoring.subject import subject

SHIPPED = resources.files("plays").joinpath("cohorts.yaml").read_text(encoding="utf-8")
FIGURES = ["R2", "R3", "A1", "A1.p75"]


@pytest.fixture
def plays() -> CohortPlays:
    return load_cohort_plays(SHIPPED, file="cohorts.yaml", figures=FIGURES)


def test_the_shipped_play_watches_nrr_of_segments_with_a_minimum_of_accounts(plays: CohortPlays) -> None:
    assert (plays.by, plays.period, plays.accounts_min) == (("segment",), "12m", 20)
    play = plays.playbook.plays["nrr_at_risk"]
    assert (play.owner, play.audience, play.action.kind) == ("CS", ("cs", "sales"), ("expansion_campaign",))


def test_the_trigger_names_cohort_period_and_evidence_and_has_a_stable_id(plays: CohortPlays) -> None:
    values = {"figures.R3": 0.9, "figures.R2": 0.85, "accounts": 25.0}
    episode = Episode("nrr_at_risk", 2, "open", "opened", 1_780_000_000.0, 1_780_000_000.0)
    told = cohort_trigger(plays, episode, {"segment": "smb"}, "12m to 2026-04", values)
    assert told["id"] == trigger_id('cohort:{"segment":"smb"}', "nrr_at_risk", 2)
    assert told["subject"] == subject({"segment": "smb"})
    data = told["data"]
    assert (data["cohort"], data["period"], data["accounts"]) == ({"segment": "smb"}, "12m to 2026-04", 25.0)
    assert data["evidence"] == values
    assert data["reason"] == "NRR of 25 accounts is 90 %, GRR 85 %."
    assert data["due_at"] == "2026-06-11T20:26:40Z"


def test_a_cohort_has_one_name_whatever_the_order_of_its_values() -> None:
    assert subject({"a": "1", "b": "2"}) == subject({"b": "2", "a": "1"})


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (
            SHIPPED.replace("figures.R3 < 0.95", "figures.R9 < 0.95"),
            "plays.nrr_at_risk.condition",
            "did you mean",
        ),
        (SHIPPED.replace("figures.R3 < 0.95", "score < 40.0"), "plays.nrr_at_risk.condition", "undeclared reference"),
        (SHIPPED.replace("figures.R3 < 0.95", "figures.R3 < 1"), "plays.nrr_at_risk.condition", "decimal point"),
        (SHIPPED.replace("period: 12m", "period: week"), "period", "allowed: 12m, quarter, month"),
        (SHIPPED.replace("accounts_min: 20", "accounts_min: 1"), "accounts_min", "greater than or equal to 2"),
        (SHIPPED.replace("by: [segment]", "by: []"), "by", "at least 1 item"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(text: str, key: str, says: str) -> None:
    with pytest.raises(DocumentError) as error:
        load_cohort_plays(text, file="cohorts.yaml", figures=FIGURES)
    assert key in [problem.key for problem in error.value.problems]
    assert any(says in problem.message for problem in error.value.problems)
