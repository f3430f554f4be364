"""The score with its explanation, its confidence, and what is set by hand; every number is worked by hand."""

import json
from typing import Any

import pytest

from scoring.account import Account
from scoring.event import Event
from scoring.profile import Profile, load_profile
from scoring.score import OVERRIDE, Score, deltas, score
from scoring.standing import Override
from tests.scoring.histories import date, event, instant, observed, traits

# Three traits, each 0..100: adoption = (2 users + features) / 3 weighs 3, support = tickets weighs 1.
PROFILE = """
name: by_hand
version: "7"
metrics:
  users: {kind: latest, trait: users, unit: users, owner: CS, review: weekly}
  features: {kind: latest, trait: features, unit: features, owner: CS, review: weekly}
  tickets: {kind: latest, events: [measured], property: tickets, max_age: 30d, unit: tickets, owner: CS, review: weekly}
dimensions:
  adoption:
    weight: 3
    metrics: {users: {weight: 2, zero_at: 0, full_at: 100}, features: {weight: 1, zero_at: 0, full_at: 100}}
  support:
    weight: 1
    metrics: {tickets: {weight: 1, zero_at: 100, full_at: 0}}
bands: {good: 65, fair: 40, bad: 0}
hysteresis: 3
"""


@pytest.fixture
def profile() -> Profile:
    return load_profile(PROFILE, file="by_hand.yaml")


def measured(day: float, tickets: float) -> Event:
    return event("measured", day, stream="cs", tickets=tickets)


def override(day: float, **said: Any) -> Event:
    return event("health_override", day, stream="accounts", **said)


def scored(profile: Profile, history: list[Event], day: float) -> Score:
    return score(observed(profile, history), profile, at=instant(day))


def points(found: Score) -> dict[str, float]:
    return {contribution.metric: contribution.points for contribution in found.contributions}


def test_a_score_is_explained_as_a_sum(profile: Profile) -> None:
    """H1: adoption (2 * 90 + 30) / 3 = 70, support 100 - 50; (3 * 70 + 50) / 4"""
    found = scored(profile, [traits(0.0, users=90, features=30), measured(0.0, 50)], 28.0)
    assert (found.value, found.score, found.band) == (65.0, 65.0, "good")
    assert found.dimensions == {"adoption": 70.0, "support": 50.0}
    assert points(found) == {"users": 45.0, "features": 7.5, "tickets": 12.5}
    users = found.contributions[0]
    assert (users.dimension, users.value, users.unit, users.scaled) == ("adoption", 90.0, "users", 90.0)
    assert users.weight == pytest.approx(0.5, abs=1e-12)
    assert (found.missing, found.profile, found.stage, found.segment) == ((), "by_hand@7", "", "")


def test_contributions_add_up_to_the_published_score_to_the_hundredth(profile: Profile) -> None:
    """H1: 1/2 * 33.331 + 1/4 * 66.67 + 1/4 * 33.33 = 16.6655 + 16.6675 + 8.3325 = 41.6655, published 41.67"""
    found = scored(profile, [traits(0.0, users=33.331, features=66.67), measured(0.0, 66.67)], 1.0)
    assert found.score == 41.67
    # in hundredths: 1666.55, 1666.75 and 833.25 are cut to 1666, 1666 and 833; two more go to the largest remainders
    assert points(found) == {"users": 16.67, "features": 16.67, "tickets": 8.33}
    assert sum(round(value * 100) for value in points(found).values()) == 4_167


def test_a_missing_metric_is_told_with_its_reason(profile: Profile) -> None:
    """H1"""
    found = scored(profile, [traits(0.0, users=90)], 1.0)
    assert found.value == 90.0
    assert found.coverage == 0.5  # 3/4 * 2/3
    assert dict(found.missing)["tickets"] == "no data"
    stale = scored(profile, [traits(0.0, users=90, features=30), measured(0.0, 50)], 31.0)
    assert stale.missing == (("tickets", "stale"),)
    assert stale.value == 70.0
    assert stale.coverage == 0.75


def test_confidence_grows_over_28_days_of_acquaintance(profile: Profile) -> None:
    """H1"""
    history = [traits(0.0, users=90, features=30)]  # coverage 0.75
    for day, confidence in ((0.0, 0.0), (7.0, 0.1875), (28.0, 0.75), (300.0, 0.75)):
        assert scored(profile, history, day).confidence == pytest.approx(confidence, abs=1e-12)


def test_an_account_that_nothing_is_known_of_has_no_score(profile: Profile) -> None:
    """H1"""
    found = score(Account("acme", profile.layout), profile, at=instant(1.0))
    assert (found.value, found.score, found.band, found.coverage, found.confidence) == (None, None, None, 0.0, 0.0)
    assert found.contributions == ()
    assert {reason for _, reason in found.missing} == {"no data", "not defined"}


def test_scoring_changes_nothing(profile: Profile) -> None:
    account = observed(profile, [traits(0.0, users=90, features=30), measured(0.0, 50)])
    before = account.pack(profile.layout)
    assert score(account, profile, at=instant(5.0)) == score(account, profile, at=instant(5.0))
    assert account.pack(profile.layout) == before


def test_the_band_that_the_account_is_in_holds_within_the_hysteresis(profile: Profile) -> None:
    """H1"""
    account = observed(profile, [traits(0.0, users=63, features=63)])
    assert score(account, profile, at=instant(1.0)).band == "fair"
    account.band = "good"
    assert score(account, profile, at=instant(1.0)).band == "good"


# --- set by hand -----------------------------------------------------------------------------------------------------

KNOWN = [traits(0.0, users=90, features=30), measured(0.0, 50)]  # 65.00, good


def test_a_score_set_by_hand_is_published_with_the_difference_as_a_contribution(profile: Profile) -> None:
    """H1"""
    said = override(1.0, score=20, reason="sponsor told us that they leave", until=date(10.0))
    found = scored(profile, [*KNOWN, said], 5.0)
    assert (found.value, found.score, found.band) == (65.0, 20.0, "bad")
    assert points(found) == {"users": 45.0, "features": 7.5, "tickets": 12.5, OVERRIDE: -45.0}
    assert found.override == Override(20.0, None, "sponsor told us that they leave", instant(10.0))


def test_an_override_ends_at_its_end(profile: Profile) -> None:
    """H1"""
    history = [*KNOWN, override(1.0, score=20, reason="x", until=date(10.0))]
    assert scored(profile, history, 9.999).score == 20.0
    ended = scored(profile, history, 10.0)
    assert (ended.score, ended.band, ended.override) == (65.0, "good", None)


def test_an_override_may_set_the_band_alone(profile: Profile) -> None:
    """H1"""
    found = scored(profile, [*KNOWN, override(1.0, band="bad", reason="x", until=date(10.0))], 5.0)
    assert (found.score, found.band) == (65.0, "bad")
    assert OVERRIDE not in points(found)


@pytest.mark.parametrize(
    "said",
    [
        {"score": 20, "reason": "no end"},
        {"score": 20, "until": "soon"},
        {"score": 20, "until": 4_102_444_800},
        {"reason": "neither score nor band", "until": "2030-01-01"},
        {"score": "20", "until": "2030-01-01"},
        {"score": True, "until": "2030-01-01"},
        {"band": "purple", "until": "2030-01-01"},
        {"band": True, "until": "2030-01-01"},
    ],
)
def test_an_override_without_an_end_or_without_something_to_set_never_holds(
    profile: Profile, said: dict[str, Any]
) -> None:
    """H1"""
    found = scored(profile, [*KNOWN, override(1.0, **said)], 5.0)
    assert (found.score, found.band, found.override) == (65.0, "good", None)


@pytest.mark.parametrize(("said", "published"), [(-5, 0.0), (250, 100.0), (33.336, 33.34), (0, 0.0)])
def test_a_score_set_by_hand_stays_between_0_and_100(profile: Profile, said: float, published: float) -> None:
    """H1"""
    assert scored(profile, [*KNOWN, override(1.0, score=said, until=date(9.0))], 5.0).score == published


def test_the_newest_override_wins_whichever_arrives_last(profile: Profile) -> None:
    """H1"""
    older, newer = override(1.0, score=20, until=date(50.0)), override(2.0, score=90, until=date(10.0))
    for order in ([older, newer], [newer, older]):
        assert scored(profile, [*KNOWN, *order], 5.0).score == 90.0
        assert scored(profile, [*KNOWN, *order], 20.0).score == 65.0  # the older one is replaced, not waiting behind


def test_an_override_is_lifted_by_one_that_has_ended(profile: Profile) -> None:
    """H1"""
    history = [*KNOWN, override(1.0, score=20, until=date(50.0)), override(3.0, score=20, until=date(3.0))]
    assert scored(profile, history, 5.0).score == 65.0


def test_an_account_without_any_metric_can_be_set_by_hand(profile: Profile) -> None:
    """H1"""
    found = scored(profile, [override(1.0, score=20, until=date(10.0))], 5.0)
    assert (found.value, found.score, found.band) == (None, 20.0, "bad")
    assert points(found) == {OVERRIDE: 20.0}


# --- as published ----------------------------------------------------------------------------------------------------


def test_the_published_form_is_plain_json_and_says_its_scale(profile: Profile) -> None:
    """H1"""
    found = scored(profile, [*KNOWN, override(1.0, score=20, reason="x", until=date(10.0))], 7.0).to_json()
    assert json.loads(json.dumps(found)) == found
    assert (found["account_id"], found["at"], found["score"], found["band"]) == (
        "acme",
        "2026-01-08T00:00:00Z",
        20.0,
        "bad",
    )
    assert found["scale"] == "0 (bad) to 100 (good)"
    assert (found["coverage"], found["confidence"], found["profile"]) == (1.0, 0.25, "by_hand@7")
    assert found["override"]["until"] == "2026-01-11T00:00:00Z"
    assert found["contributions"][0] == {
        "metric": "users", "dimension": "adoption", "value": 90.0, "unit": "users", "scaled": 90.0, "weight": 0.5,
        "points": 45.0,
    }  # fmt: skip


def test_the_change_of_a_score_is_explained_as_a_sum(profile: Profile) -> None:
    """H1"""
    before = scored(profile, [traits(0.0, users=90, features=30)], 1.0)  # 2/3 * 90 + 1/3 * 30
    now = scored(
        profile, [traits(0.0, users=50, features=30), measured(2.0, 0)], 3.0
    )  # 1/2 * 50 + 1/4 * 30 + 1/4 * 100
    assert points(before) == {"users": 60.0, "features": 10.0}
    assert points(now) == {"users": 25.0, "features": 7.5, "tickets": 25.0}
    moved = deltas(before.to_json(), now.to_json())
    assert moved == {"users": -35.0, "features": -2.5, "tickets": 25.0}  # the worst first
    assert (before.score, now.score) == (70.0, 57.5)
    assert sum(moved.values()) == 57.5 - 70.0
    assert deltas(now.to_json(), now.to_json()) == {}
