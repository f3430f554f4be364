"""The profile: what is refused, and which weights hold for which account."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scoring.account import Account
from scoring.document import DocumentError
from scoring.profile import Profile, default_profile, load_profile, selectors
from tests.scoring.histories import event, instant, observed, traits

BAD_PROFILES = Path(__file__).parents[1] / "data" / "bad_profiles"
EXPECTED: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(BAD_PROFILES / "expected.yaml")


@pytest.mark.parametrize("case", EXPECTED)
def test_a_bad_profile_is_refused_with_line_key_and_what_is_allowed(case: str) -> None:
    path = BAD_PROFILES / f"{case}.yaml"
    with pytest.raises(DocumentError) as refused:
        load_profile(path.read_text(), file=path.name)
    found, expected = refused.value.problems, EXPECTED[case]
    assert [(p.file, p.line, p.key) for p in found] == [(path.name, e["line"], e["key"]) for e in expected]
    for problem, wanted in zip(found, expected, strict=True):
        assert all(words in problem.message for words in wanted["says"]), problem.message
        assert str(problem).startswith(f"{path.name}:{problem.line}: ")


def test_every_bad_profile_has_its_expectation() -> None:
    assert {path.stem for path in BAD_PROFILES.glob("*.yaml")} == {*EXPECTED, "expected"}


# --- variants --------------------------------------------------------------------------------------------------------

# Each variant leaves one metric, whose value says which one was chosen.
VARIANTS = """
name: variants
version: "1"
metrics:
  base: {kind: latest, trait: base, unit: points, owner: CS, review: weekly}
  staged: {kind: latest, trait: staged, unit: points, owner: CS, review: weekly}
  segmented: {kind: latest, trait: segmented, unit: points, owner: CS, review: weekly}
  both: {kind: latest, trait: both, unit: points, owner: CS, review: weekly}
dimensions:
  all: {weight: 1, metrics: {base: {weight: 1, zero_at: 0, full_at: 100}}}
bands: {good: 50, bad: 0}
variants:
  a_stage:
    when: {stage: [Onboard, adopt]}
    dimensions: {all: {weight: 1, metrics: {staged: {weight: 1, zero_at: 0, full_at: 100}}}}
  b_segment:
    when: {segment: [enterprise]}
    dimensions: {all: {weight: 1, metrics: {segmented: {weight: 1, zero_at: 0, full_at: 100}}}}
    bands: {excellent: 90, bad: 0}
  c_both:
    when: {stage: [onboard], segment: [enterprise, mid]}
    dimensions: {more: {weight: 1, metrics: {both: {weight: 1, zero_at: 0, full_at: 100}}}}
    without: [all]
"""


@pytest.fixture(scope="module")
def variants() -> Profile:
    return load_profile(VARIANTS, file="variants.yaml")


@pytest.mark.parametrize(
    ("stage", "segment", "chosen"),
    [
        ("", "", "base"),
        ("expand", "smb", "base"),
        ("onboard", "", "staged"),
        ("adopt", "smb", "staged"),
        ("", "enterprise", "segmented"),
        ("adopt", "enterprise", "segmented"),  # a segment ranks before a stage
        ("onboard", "enterprise", "both"),  # stage and segment before either
        ("onboard", "mid", "both"),
        ("adopt", "mid", "staged"),
        ("adopt", "Enterprise", "staged"),  # a segment is named as it is sent
    ],
)
def test_stage_and_segment_rank_before_segment_before_stage_before_the_profile_itself(
    variants: Profile, stage: str, segment: str, chosen: str
) -> None:
    assert [metric for metric, _ in variants.weighing(stage, segment).metrics] == [chosen]


def test_a_variant_replaces_whole_dimensions_and_bands_and_may_leave_dimensions_out(variants: Profile) -> None:
    values = {"metrics.base": 10.0, "metrics.segmented": 70.0, "metrics.both": 80.0}
    assert variants.weighing("", "").weigh(values).value == 10.0
    assert variants.weighing("", "enterprise").weigh(values).value == 70.0
    assert variants.weighing("onboard", "enterprise").weigh(values).dimensions == {"dimensions.more": 80.0}
    assert variants.weighing("", "enterprise").band(70.0, None) == "bad"
    assert variants.weighing("", "").band(70.0, None) == "good"


def test_every_metric_of_any_variant_is_weighed(variants: Profile) -> None:
    assert variants.weighed == {"base", "staged", "segmented", "both"}


def test_the_stage_is_that_of_the_newest_stage_event_else_the_trait(variants: Profile) -> None:
    """O5"""
    account = Account("acme", variants.layout)
    assert (variants.stage(account), variants.segment(account)) == ("", "")
    account = observed(variants, [traits(0.0, stage="Adopt", segment="mid")])
    assert (variants.stage(account), variants.segment(account)) == ("adopt", "mid")
    changes = [
        event("journey_stage_changed", 3.0, stage="REALIZE"),
        event("journey_stage_changed", 2.0, stage="onboard"),
    ]
    account = observed(variants, [traits(9.0, stage="adopt"), *changes])
    assert variants.stage(account) == "realize"


def test_an_account_that_changes_its_stage_is_weighed_anew(variants: Profile) -> None:
    """O5"""
    history = [traits(0.0, base=10, staged=90)]
    weighings = []
    for stage in ("onboard", "expand"):
        history.append(event("journey_stage_changed", 1.0 + len(history), stage=stage))
        account = observed(variants, history)
        chosen = variants.weighing(variants.stage(account), variants.segment(account))
        weighings.append(chosen.weigh(variants.reader(account, instant(9.0))).value)
    assert weighings == [90.0, 10.0]


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_reader_of_some_metrics_reads_those_and_what_they_need() -> None:
    by = default_profile()
    account = observed(by, [traits(0.0, seats=4), event("opened", 1.0, user="ann")])
    assert by.reader_of(["seat_utilisation"])(account, instant(2.0)) == {
        "metrics.active_users": 1.0,
        "metrics.seats": 4.0,
        "metrics.seat_utilisation": 0.25,
    }
    everything = by.reader(account, instant(2.0))
    assert everything["metrics.seat_utilisation"] == 0.25
    assert everything["metrics.silence"] == 1.0


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("nps", "no data"),  # nobody was ever asked
        ("csat", "stale"),  # the answer is older than its window
        ("renewal_days", "no data"),
        ("usage_trend", "not defined"),  # too little past
        ("seats", "not defined"),  # a trait that was never sent
        ("seat_utilisation", "not defined"),
        ("sla_days", "not defined"),  # no open ticket
    ],
)
def test_why_a_metric_is_missing(metric: str, reason: str) -> None:
    by = default_profile()
    account = observed(
        by,
        [
            event("opened", 1.0, user="ann"),
            event("csat_answered", 1.0, stream="cs", user="ann", score=5),
            event("ticket_opened", 1.0, stream="cs", ticket_id="t"),
            event("ticket_resolved", 2.0, stream="cs", ticket_id="t"),
        ],
    )
    at = instant(300.0) if reason == "stale" else instant(3.0)
    assert f"metrics.{metric}" not in by.reader(account, at)
    assert by.missing(account, metric) == reason


# --- the shipped profile ---------------------------------------------------------------------------------------------


def test_the_shipped_profile_declares_owner_unit_and_review_of_every_metric() -> None:
    by = default_profile()
    assert by.label.startswith("default@")
    for name, metric in by.file.metrics.items():
        assert metric.title, name
        assert (metric.unit, metric.owner, metric.review) != ("", "", ""), name


def test_the_shipped_profile_covers_the_catalogue_per_account() -> None:
    """A1-A6, H2-H6, O1-O5, L1"""
    proven = {metric.catalogue for metric in default_profile().file.metrics.values()}
    assert proven >= {
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "H2",
        "H3",
        "H4",
        "H5",
        "H6",
        "O1",
        "O2",
        "O3",
        "O4",
        "O5",
        "L1",
    }


def test_in_the_shipped_profile_a_metric_is_scaled_the_way_it_is_good() -> None:
    by = default_profile()
    dimensions = [*by.file.dimensions.values()]
    dimensions += [dimension for variant in by.file.variants.values() for dimension in variant.dimensions.values()]
    for dimension in dimensions:
        for name, scale in dimension.metrics.items():
            assert (scale.full_at > scale.zero_at) == by.metric(name).up_is_good, name


def test_the_selectors_of_a_profile_name_what_it_counts() -> None:
    found = selectors(default_profile())
    assert ("usage", ()) in {(selector.stream, selector.events) for selector in found}
    assert (None, ("nps_answered",)) in {(selector.stream, selector.events) for selector in found}
