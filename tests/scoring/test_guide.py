"""What the guide says of scores is what the code does."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from plays.engine import names
from plays.playbook import starter_playbook
from scoring.account import SEEN_MAX, TRAITS_MAX, Account, bytes_max
from scoring.cells.cell import HORIZON_DAYS
from scoring.cells.entities import ENTITIES_MAX
from scoring.cells.items import ITEMS_MAX
from scoring.cells.newest import PEOPLE_MAX
from scoring.cells.subscriptions import STEPS_MAX, SUBSCRIPTIONS_MAX
from scoring.days import instant
from scoring.metrics import AnyMetric
from scoring.profile import Profile, default_profile, load_profile
from scoring.score import Score, score
from streams.vocabulary import shipped
from streams.wire import decode

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "scoring.md").read_text(encoding="utf-8")
YAML = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
HISTORY, OVERRIDE = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
EXAMPLE, KINDS, VARIANTS, SIGNS = YAML


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose heading begins so."""
    lines = iter(GUIDE[GUIDE.index(f"| {heading}") :].splitlines()[2:])
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return found


def acme(profile: Profile, *more: str) -> Account:
    decoded = decode([line.encode() for line in (*HISTORY.splitlines(), *more)], vocabulary=shipped())
    assert decoded.dead == []
    account = Account("acme", profile.layout)
    for event in decoded.events:
        account.observe([event], profile.layout)
    return account


@pytest.fixture(scope="module")
def example() -> Profile:
    return load_profile(EXAMPLE, file="scoring.md")


def scored(profile: Profile, date: str, *more: str) -> Score:
    at = instant(date)
    assert at is not None
    return score(acme(profile, *more), profile, at=at)


def test_the_example_makes_the_sum_that_the_guide_shows(example: Profile) -> None:
    found = scored(example, "2026-03-02")
    *metrics, missing, total = rows("metric | value | scaled")
    shown = [(name, float(share), float(points)) for name, _, _, _, share, points in metrics]
    made = [(part.metric, round(part.weight, 4), part.points) for part in found.contributions]
    assert made == shown
    for part, (_, value, scaled, *_) in zip(found.contributions, metrics, strict=True):
        assert value.startswith(f"{part.value:g} ")
        assert scaled.startswith(f"{part.scaled:.2f}")
    assert found.missing == (("tickets", "no data"),)
    assert missing[:2] == ["tickets", "missing: no data"]
    assert total[-1] == f"**{found.score:.2f}**"
    assert (found.band, round(found.coverage, 4), round(found.confidence, 4)) == ("watch", 0.95, 0.7125)


def test_the_example_keeps_its_band_by_hysteresis(example: Profile) -> None:
    account = acme(example)
    account.band = "healthy"
    at = instant("2026-03-02")
    assert at is not None
    assert score(account, example, at=at).band == "healthy"


@pytest.mark.parametrize("row", rows("at midnight UTC of"), ids=lambda row: row[0])
def test_the_example_falls_in_silence_as_the_guide_shows(example: Profile, row: list[str]) -> None:
    date, *shown, total, band = row
    found = scored(example, date)
    values = {part.metric: f"{part.value:g}" for part in found.contributions}
    assert [values.get(name, "missing") for name in ("users", "silence", "nps")] == shown
    assert (f"{found.score:.2f}", found.band) == (total, band)


def test_the_example_loses_coverage_when_its_answers_are_stale(example: Profile) -> None:
    found = scored(example, "2027-02-15")
    assert round(found.coverage, 4) == 0.8
    assert "coverage falls to 0.8" in GUIDE


def test_the_examples_override_holds_as_the_guide_says(example: Profile) -> None:
    found = scored(example, "2026-03-02T12:00:00Z", json.dumps(json.loads(OVERRIDE)))
    assert found.value is not None
    assert (found.score, found.band, round(found.value, 2)) == (20.0, "at_risk", 66.88)
    assert found.contributions[-1].metric == "override"
    assert found.contributions[-1].points == -46.88
    assert "66.88 on 2 March at noon" in GUIDE
    assert "46.88 points" in GUIDE


def test_every_kind_of_metric_stands_in_the_guide_once() -> None:
    weighing = "dimensions: {all: {weight: 1, metrics: {silence: {weight: 1, zero_at: 9, full_at: 0}}}}\n"
    profile = load_profile(
        f'name: kinds\nversion: "1"\n{KINDS}{weighing}bands: {{good: 50, bad: 0}}\n', file="scoring.md"
    )
    union = get_args(get_args(AnyMetric)[0])
    kinds = {kind for declared in union for kind in get_args(declared.model_fields["kind"].annotation)}
    assert {metric.kind for metric in profile.file.metrics.values()} == kinds
    told = [row[0] for row in rows("kind | what it is")]
    assert sorted(told) == sorted(kinds)


def test_the_guides_variants_hold_for_the_accounts_that_it_names() -> None:
    profile = load_profile(f"{EXAMPLE}{VARIANTS}{SIGNS}", file="scoring.md")
    variants = profile.file.variants
    for stage, segment, chosen in rows("stage | segment | what holds"):
        weighing = profile.weighing(stage, segment)
        bands = dict(weighing.bands)
        weighed = {metric for metric, _ in weighing.metrics}
        assert (80.0 in bands) == (chosen == "enterprise"), chosen
        assert ("nps" in weighed) == (chosen != "enterprise_onboarding"), chosen
        assert chosen in variants or chosen == "the profile itself"
    assert ("usage", "anything") in profile.file.signs_of_life
    assert ("advocacy", "touchpoint") not in profile.file.signs_of_life


def test_the_bounds_in_the_guide_are_those_of_the_code() -> None:
    shipped_profile = default_profile()
    plays = starter_playbook(names(shipped_profile)).plays
    assert f"{bytes_max(shipped_profile.layout, len(plays)):,}\nbytes" in GUIDE
    told = " ".join(" ".join(row) for row in rows("kept | at most"))
    for limit in (
        HORIZON_DAYS,
        ENTITIES_MAX,
        PEOPLE_MAX,
        ITEMS_MAX,
        SUBSCRIPTIONS_MAX,
        STEPS_MAX,
        TRAITS_MAX,
        SEEN_MAX,
    ):
        assert f"{limit:,}" in told, limit
