"""How a metric is spread over a segment."""

import pytest

from scoring.reference import PEERS_MAX, PEERS_MIN, Reference


def test_a_segment_of_nine_accounts_says_nothing_and_one_of_ten_does() -> None:
    rows = [("smb", "users", float(n)) for n in range(PEERS_MIN)]
    assert Reference(rows[:-1]).rank("smb", "users", 4.0) is None
    assert Reference(rows).rank("smb", "users", 4.0) == 0.45  # 4 below, itself half: 4.5 / 10


def test_segments_and_metrics_are_kept_apart() -> None:
    rows = [("smb", "users", float(n)) for n in range(10)] + [("big", "users", 100.0 + n) for n in range(10)]
    rows += [("smb", "seats", 50.0)] * 10
    reference = Reference(rows)
    assert reference.rank("smb", "users", 9.5) == 1.0
    assert reference.rank("big", "users", 9.5) == 0.0
    assert reference.rank("smb", "seats", 50.0) == 0.5
    assert reference.rank("big", "seats", 50.0) is None
    assert Reference().rank("smb", "users", 1.0) is None


@pytest.mark.parametrize("value", [0.0, 77.0, 24_999.5, 31_234.0, 49_999.0])
def test_a_large_segment_is_thinned_without_losing_a_thousandth_of_rank(value: float) -> None:
    n = 50_000
    reference = Reference(("smb", "users", float(i)) for i in range(n))
    found = reference.rank("smb", "users", value)
    assert found == pytest.approx((value + 0.5) / n, abs=1.0 / PEERS_MAX)


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [("smb", "users", float(i * 7_919 % 5_003)) for i in range(5_003)]
    assert Reference(rows).rank("smb", "users", 1_234.0) == Reference(reversed(rows)).rank("smb", "users", 1_234.0)
