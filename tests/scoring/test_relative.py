"""Ratios, and ranks among the accounts of the same segment; every number is worked by hand."""

import pytest

from scoring.reference import Reference
from tests.scoring.histories import event, read, traits

USED = "kind: distinct, of: user, stream: usage, window: 28d"
SEATS = "kind: latest, trait: seats"
UTILISATION = "kind: ratio, numerator: used, denominator: seats"


@pytest.mark.parametrize(
    ("seats", "share"),
    [(8, 0.25), (2, 1.0), (1, 2.0), (0, None), (0.0, None), (None, None), ("8", None)],  # more users than seats shows
)
def test_seat_utilisation_is_missing_without_seats(seats: object, share: float | None) -> None:
    """A5: two users"""
    history = [traits(0.0, seats=seats), event("opened", 1.0, user="ann"), event("opened", 1.0, user="bob")]
    assert read(UTILISATION, history, 2.0, used=USED, seats=SEATS) == share


def test_seat_utilisation_is_zero_when_nobody_uses_them_and_missing_when_users_are_unknown() -> None:
    """A5"""
    history = [traits(0.0, seats=8), event("opened", 1.0, user="ann")]
    assert read(UTILISATION, history, 40.0, used=USED, seats=SEATS) == 0.0
    assert read(UTILISATION, history[:1], 40.0, used=USED, seats=SEATS) is None


def test_a_ratio_may_be_declared_before_what_it_needs_and_be_needed_itself() -> None:
    history = [traits(0.0, seats=8), event("opened", 1.0, user="ann"), event("opened", 1.0, user="bob")]
    twice = "kind: ratio, numerator: share, denominator: used"
    assert read(twice, history, 2.0, share=UTILISATION, used=USED, seats=SEATS) == 0.125  # (2 / 8) / 2


# --- rank ------------------------------------------------------------------------------------------------------------

RANK = "kind: rank, of: used"


def peers(*values: float, segment: str = "smb") -> Reference:
    return Reference([(segment, "used", value) for value in values])


@pytest.mark.parametrize(
    ("values", "rank"),
    [
        (range(10), 0.25),  # two users: 0 and 1 below, itself counted half: 2.5 / 10
        (range(2, 12), 0.05),  # the lowest: 0.5 / 10
        (range(-7, 3), 0.95),  # the highest
        ([2] * 10, 0.5),  # all the same
        ([0, 0, 0, 2, 2, 2, 2, 5, 5, 5], 0.5),  # 3 below, 4 ties counted half
        (range(3, 13), 0.0),  # under all of them
        (range(9), None),  # nine accounts say nothing
    ],
)
def test_a_rank_is_the_share_of_the_segment_below_with_ties_counted_half(
    values: list[float], rank: float | None
) -> None:
    history = [traits(0.0, segment="smb"), event("opened", 1.0, user="ann"), event("opened", 1.0, user="bob")]
    assert read(RANK, history, 2.0, reference=peers(*values), used=USED) == rank


def test_a_rank_is_missing_in_another_segment_without_the_metric_and_without_a_reference() -> None:
    history = [traits(0.0, segment="smb"), event("opened", 1.0, user="ann")]
    tens = [float(n) for n in range(10)]
    assert read(RANK, history, 2.0, reference=peers(*tens, segment="enterprise"), used=USED) is None
    assert read(RANK, history[:1], 2.0, reference=peers(*tens), used=USED) is None
    assert read(RANK, history, 2.0, used=USED) is None


def test_accounts_without_a_segment_are_ranked_among_themselves() -> None:
    reference = peers(*(float(n) for n in range(10)), segment="")
    assert read(RANK, [event("opened", 1.0, user="ann")], 2.0, reference=reference, used=USED) == 0.15
