"""Laws of the score: it lies in its range, adds up to the hundredth, and moves no further than what moved it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.account import Account
from scoring.event import Event
from scoring.metrics.metric import Values
from scoring.profile import Profile
from scoring.scale import Scale, scaled
from scoring.score import OVERRIDE, deltas, score
from tests.laws.histories import ACCOUNT, DAY, FIRST_DAY, SEGMENTS, STAGES, deliveries, instants_after
from tests.laws.profiles import PROFILES
from tests.oracle.score import band, bands_for, dimensions_for, variant_for

NOW = (FIRST_DAY + 10) * DAY

TINY = 1e-9

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def exact(points: float) -> Decimal:
    """A number as it is published: as its shortest text."""
    return Decimal(repr(points))


def total(contributions: Any) -> Decimal:
    """The sum of published points, without rounding."""
    return sum((exact(c["points"] if isinstance(c, dict) else c.points) for c in contributions), Decimal(0))


def accounts(profile: Profile) -> st.SearchStrategy[Account]:
    """Accounts of any stage and segment, and, now and then, with a score or band set by hand."""
    override = st.fixed_dictionaries(
        {"until": st.sampled_from(("2040-01-01", "2024-10-12", "2024-10-16T00:00:00Z", None))},
        optional={
            "score": st.one_of(st.floats(-20, 120), st.integers(0, 100)),
            "band": st.sampled_from(("watch", "x")),
        },
    )

    def make(stage: object, segment: object, said: dict[str, object] | None) -> Account:
        account = Account(ACCOUNT, profile.layout)
        facts = [("cs", "journey_stage_changed", {"stage": stage}), ("accounts", "group", {"segment": segment})]
        facts += [("accounts", "health_override", said)] if said is not None else []
        for number, (stream, name, properties) in enumerate(facts):
            at = FIRST_DAY * DAY + number
            account.observe([Event(ACCOUNT, stream, name, at, at, f"{number}", None, properties)], profile.layout)
        return account

    chosen = st.sampled_from(STAGES), st.sampled_from(SEGMENTS), st.one_of(st.none(), override)
    return st.builds(make, *chosen)


def readings(profile: Profile) -> st.SearchStrategy[Values]:
    """Metrics with any value, near the scales or absurd, or none."""
    value = st.one_of(
        st.floats(-2, 3), st.integers(0, 400), st.floats(-1e6, 1e6), st.sampled_from((0.0, 1e308, -1e308))
    )
    return st.fixed_dictionaries({}, optional={f"metrics.{name}": value for name in sorted(profile.weighed)})


@every_profile
@given(data=st.data())
def test_contributions_add_up_to_the_published_score_exactly(profile: Profile, data: st.DataObject) -> None:
    """H1: in the record's numbers and in the published JSON alike, with whatever was set by hand."""
    account, values = data.draw(accounts(profile)), data.draw(readings(profile))
    said = score(account, profile, at=NOW, values=values)
    published = json.loads(json.dumps(said.to_json(), allow_nan=False))
    assert total(said.contributions) == (0 if said.score is None else exact(said.score))
    assert total(published["contributions"]) == (0 if said.score is None else exact(published["score"]))
    for contribution in said.contributions:
        if contribution.dimension != OVERRIDE:
            assert abs(contribution.points - contribution.scaled * contribution.weight) < 0.01 + TINY


@every_profile
@given(data=st.data())
def test_a_score_and_all_that_explains_it_stay_in_range(profile: Profile, data: st.DataObject) -> None:
    account, values = data.draw(accounts(profile)), data.draw(readings(profile))
    said = score(account, profile, at=NOW, values=values)
    assert said.score is None or 0.0 <= said.score <= 100.0
    assert said.value is None or -TINY <= said.value <= 100.0 + TINY
    assert -TINY <= said.coverage <= 1.0 + TINY
    assert 0.0 <= said.confidence <= said.coverage
    assert all(-TINY <= dimension <= 100.0 + TINY for dimension in said.dimensions.values())
    weighed = [c for c in said.contributions if c.dimension != OVERRIDE]
    assert all(0.0 <= c.scaled <= 100.0 and 0.0 < c.weight <= 1.0 + TINY for c in weighed)
    assert all(c.points >= 0.0 for c in weighed)
    assert (said.band is None) == (said.score is None and (said.override is None or said.override.band is None))


@every_profile
@given(data=st.data())
def test_weights_add_up_to_one_whatever_is_missing(profile: Profile, data: st.DataObject) -> None:
    """What a missing metric would weigh goes to its neighbours in their proportions; what is missing says why."""
    account, values = data.draw(accounts(profile)), data.draw(readings(profile))
    said = score(account, profile, at=NOW, values=values)
    weighed = {(c.dimension, c.metric): c.weight for c in said.contributions if c.dimension != OVERRIDE}
    assert sum(weighed.values()) == pytest.approx(1.0 if weighed else 0.0)
    dimensions = dimensions_for(profile.file, variant_for(profile.file, said.stage, said.segment))
    for (dimension, metric), weight in weighed.items():
        for (other, neighbour), theirs in weighed.items():
            if other == dimension:
                scales = dimensions[dimension].metrics
                assert weight * scales[neighbour].weight == pytest.approx(theirs * scales[metric].weight)
    declared = {(name, metric) for name, dimension in dimensions.items() for metric in dimension.metrics}
    assert sorted(metric for metric, _ in said.missing) == sorted(metric for _, metric in declared - weighed.keys())
    assert all(reason for _, reason in said.missing)
    assert (said.coverage == pytest.approx(1.0)) == (not said.missing)
    assert (said.value is None) == (not weighed)


@every_profile
@given(data=st.data())
def test_losing_a_metric_lowers_coverage_and_leaves_the_others_proportions(
    profile: Profile, data: st.DataObject
) -> None:
    account, values = data.draw(accounts(profile)), data.draw(readings(profile))
    before = score(account, profile, at=NOW, values=values)
    counting = [c.metric for c in before.contributions if c.dimension != OVERRIDE]
    assume(len(counting) > 1)
    lost = data.draw(st.sampled_from(counting))
    after = score(account, profile, at=NOW, values={k: v for k, v in values.items() if k != f"metrics.{lost}"})
    assert after.coverage < before.coverage
    assert sum(c.weight for c in after.contributions) == pytest.approx(1.0)
    assert lost not in {c.metric for c in after.contributions}
    assert all(
        after.dimensions[name] == pytest.approx(value)
        for name, value in before.dimensions.items()
        if name not in {c.dimension for c in before.contributions if c.metric == lost}
    )


@every_profile
@given(data=st.data())
def test_deltas_add_up_to_the_change_exactly(profile: Profile, data: st.DataObject) -> None:
    """Between any two published scores: other values, another stage or segment, set by hand or not, known or not."""

    def published() -> dict[str, Any]:
        account, values = data.draw(accounts(profile)), data.draw(readings(profile))
        said = score(account, profile, at=NOW, values=values).to_json()
        return dict(json.loads(json.dumps(said)))

    before, now = published(), published()
    moved = deltas(before, now)
    change = exact(now["score"] or 0.0) - exact(before["score"] or 0.0)
    assert sum((exact(points) for points in moved.values()), Decimal(0)) == change
    assert deltas(now, now) == {}
    assert deltas(now, before) == {name: -points for name, points in moved.items()}


@every_profile
@given(data=st.data())
def test_a_better_value_never_lowers_the_score(profile: Profile, data: st.DataObject) -> None:
    account, values = data.draw(accounts(profile)), data.draw(readings(profile))
    said = score(account, profile, at=NOW, values=values)
    counting = [c for c in said.contributions if c.dimension != OVERRIDE]
    assume(counting)
    one = data.draw(st.sampled_from(counting))
    dimensions = dimensions_for(profile.file, variant_for(profile.file, said.stage, said.segment))
    scale = dimensions[one.dimension].metrics[one.metric]
    step = data.draw(st.floats(0.0, 1e6)) * (1.0 if scale.full_at > scale.zero_at else -1.0)
    better = {**values, f"metrics.{one.metric}": values[f"metrics.{one.metric}"] + step}
    after = score(account, profile, at=NOW, values=better)
    assert said.value is not None
    assert after.value is not None
    assert after.value >= said.value - TINY
    assert after.value - said.value <= 100.0 * one.weight + TINY


@given(
    zero=st.floats(0, 1e6), full=st.floats(0, 1e6), value=st.floats(-1e9, 1e9), curve=st.sampled_from(("linear", "log"))
)
def test_a_scale_runs_from_zero_to_full_and_is_flat_outside(zero: float, full: float, value: float, curve: Any) -> None:
    assume(abs(zero - full) > 1e-3)
    scale = Scale(weight=1, zero_at=zero, full_at=full, curve=curve)
    assert scaled(zero, *scale.line) == pytest.approx(0.0, abs=1e-6)
    assert scaled(full, *scale.line) == pytest.approx(100.0, abs=1e-6)
    assert 0.0 <= scaled(value, *scale.line) <= 100.0
    low, high = sorted((zero, full))
    if value <= low or value >= high:
        assert scaled(value, *scale.line) == pytest.approx(scaled(min(max(value, low), high), *scale.line), abs=1e-6)


@every_profile
@given(points=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=40))
def test_a_band_is_kept_until_the_score_is_clearly_below_it(profile: Profile, points: list[float]) -> None:
    weighing = profile.weighing("", "")
    bands, hysteresis = profile.file.bands, profile.file.hysteresis
    held: str | None = None
    for published in points:
        now = weighing.band(published, held)
        assert now == band(published, held, bands, hysteresis)
        fresh = weighing.band(published, None)
        assert bands[now] >= bands[fresh]
        assert published >= bands[now] - hysteresis
        if held is not None and now != held:
            assert published >= bands[now] or published < bands[held] - hysteresis
        held = now


@every_profile
@given(data=st.data())
def test_a_score_that_trembles_by_less_than_the_hysteresis_changes_its_band_at_most_once(
    profile: Profile, data: st.DataObject
) -> None:
    weighing = profile.weighing("", "")
    centre = data.draw(st.floats(0.0, 100.0))
    reach = profile.file.hysteresis / 2 - TINY
    trembling = st.floats(max(0.0, centre - reach), min(100.0, centre + reach))
    held, changes = weighing.band(data.draw(trembling), None), 0
    for published in data.draw(st.lists(trembling, max_size=30)):
        now = weighing.band(published, held)
        held, changes = now, changes + (now != held)
    assert changes <= 1


@every_profile
@given(data=st.data(), points=st.floats(-50, 150), days=st.integers(1, 60))
def test_a_score_set_by_hand_holds_until_its_time_is_over_and_is_shown_as_such(
    profile: Profile, data: st.DataObject, points: float, days: int
) -> None:
    account, values = data.draw(accounts(profile)), data.draw(readings(profile))
    account.override = None
    free = score(account, profile, at=NOW, values=values)
    over = NOW + days * DAY
    until = datetime.fromtimestamp(over, UTC).isoformat()
    said = {"score": points, "until": until, "reason": "they told us"}
    account.observe([Event(ACCOUNT, "accounts", "health_override", NOW, NOW, "by hand", None, said)], profile.layout)
    held = score(account, profile, at=over - 0.001, values=values)
    assert held.score == round(min(100.0, max(0.0, points)), 2)
    assert held.value == free.value
    assert held.override is not None
    assert held.override.reason == "they told us"
    by_hand = sum((exact(c.points) for c in held.contributions if c.metric == OVERRIDE), Decimal(0))
    assert by_hand == exact(held.score) - (0 if free.score is None else exact(free.score))
    after = score(account, profile, at=over, values=values)
    assert (after.score, after.override, after.contributions) == (free.score, None, free.contributions)


@every_profile
@given(data=st.data())
def test_scores_of_whole_histories_keep_all_these_laws(profile: Profile, data: st.DataObject) -> None:
    """From events to published JSON, evaluated again and again as a runtime does, with the band it was in before."""
    events = data.draw(deliveries())
    account = Account(ACCOUNT, profile.layout)
    before: dict[str, Any] | None = None
    for end in range(0, len(events), max(1, len(events) // 4)):
        for event in events[end : end + max(1, len(events) // 4)]:
            account.observe([event], profile.layout)
        at = data.draw(instants_after(events[: end + max(1, len(events) // 4)]))
        said = score(account, profile, at=at)
        now = json.loads(json.dumps(said.to_json(), allow_nan=False))
        assert total(now["contributions"]) == (0 if said.score is None else exact(now["score"]))
        if before is not None:
            change = exact(now["score"] or 0.0) - exact(before["score"] or 0.0)
            assert sum((exact(moved) for moved in deltas(before, now).values()), Decimal(0)) == change
        if said.score is not None and (said.override is None or said.override.band is None):
            variant = variant_for(profile.file, said.stage, said.segment)
            bands = bands_for(profile.file, variant)
            assert said.band == band(said.score, account.band, bands, profile.file.hysteresis)
        account.band, before = said.band, now
