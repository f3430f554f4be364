"""Numbers that no business has: a score stays a number, and what is published stays JSON."""

import json
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.account import Account
from scoring.event import Event
from scoring.profile import Profile
from scoring.score import score
from tests.laws.histories import ACCOUNT, DAY, FIRST_DAY
from tests.laws.profiles import PROFILES

ABSURD = (1.7e308, -1.7e308, 5e-324, -5e-324, 2**63 - 1, -(2**63 - 1), 1e18, 0, -0.0, 0.1)
"""Numbers that the wire lets through, since they are finite and fit."""

CARRIERS = (
    ("revenue", "subscription_started", "arr"),
    ("revenue", "subscription_expanded", "arr"),
    ("usage", "export", "amount"),
    ("advocacy", "referral_pipeline_opened", "amount"),
    ("cs", "nps_answered", "score"),
    ("cs", "nps_answered", "effort"),
    ("usage", "quota_set", "quota"),
    ("accounts", "group", "seats"),
    ("accounts", "health_override", "score"),
)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@given(
    said=st.lists(st.tuples(st.sampled_from(CARRIERS), st.sampled_from(ABSURD), st.integers(0, 60)), max_size=12),
    later=st.integers(0, 200),
)
def test_absurd_numbers_leave_the_score_a_number(
    profile: Profile, said: list[tuple[tuple[str, str, str], float, int]], later: int
) -> None:
    account = Account(ACCOUNT, profile.layout)
    for number, ((stream, name, carrier), value, day) in enumerate(said):
        at = (FIRST_DAY + day) * DAY
        properties = {carrier: value, "subscription_id": f"s{number % 3}", "until": "2030-01-01", "reason": "r"}
        account.observe([Event(ACCOUNT, stream, name, at, at, f"m{number}", "ann", properties)], profile.layout)
    at = (FIRST_DAY + 60 + later) * DAY
    values = profile.reader(account, at)
    assert {name for name, value in values.items() if not isfinite(value)} == set()
    published = score(account, profile, at=at).to_json()
    assert published["score"] is None or 0.0 <= published["score"] <= 100.0
    json.dumps(published, allow_nan=False)
