"""The engine says what the oracle says, which knows the definitions alone and reads all events again each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.account import Account, unpack
from scoring.event import Event
from tests.laws.histories import deliveries, instants_after
from tests.laws.profiles import PROFILES
from tests.oracle.agreement import disagreements
from tests.oracle.case import Rows

PEERS: Rows = [
    (segment, metric, float(value))
    for segment in ("enterprise", "smb", "")
    for metric, values in (("used_seats", (0, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2, 3)), ("usage_7d", range(12)))
    for value in values
] + [("Mid Market", "usage_7d", 1.0)] * 9


@pytest.mark.parametrize("name", PROFILES)
@given(data=st.data())
def test_metrics_and_score_are_those_of_the_oracle_at_any_moment(name: str, data: st.DataObject) -> None:
    """A1-A6, H2-H6, O1-O5, L1 per account, and every kind of metric there is."""
    profile = PROFILES[name]
    events = data.draw(deliveries())
    account = Account("acme", profile.layout)
    handed: list[Event] = []
    for cut in sorted({data.draw(st.integers(0, len(events))), len(events)}):
        for event in events[len(handed) : cut]:
            account.observe([event], profile.layout)
        handed = events[:cut]
        at = data.draw(instants_after(handed))
        unlike = disagreements(account, handed, profile, at=at, rows=PEERS)
        assert not unlike, "\n".join(unlike)
        account = unpack(
            account.pack(profile.layout), profile.layout
        )  # the next events meet the record as it was stored
