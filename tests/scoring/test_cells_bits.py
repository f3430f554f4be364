"""Day bitmaps: which days, packed small."""

import pytest

from scoring.cells.cell import HORIZON_DAYS, pack_bits, shift_bits, unpack_bits
from scoring.cells.days import BITMAP_BYTES_MAX, Days
from scoring.metrics.breadth import weeks
from tests.scoring.histories import event


@pytest.mark.parametrize(
    ("bits", "packed"),
    [
        (0, (0, b"")),
        (1, (0, b"\x01")),
        (0b1000, (3, b"\x01")),  # three zeros are counted, not kept
        (0b1_0000_0001_0000, (4, b"\x01\x01")),  # days 4 and 12
        (1 << 399, (399, b"\x01")),
    ],
)
def test_a_bitmap_is_packed_from_its_lowest_day_on(bits: int, packed: tuple[int, bytes]) -> None:
    assert pack_bits(bits) == packed
    assert unpack_bits(packed) == bits


def test_a_full_bitmap_stays_within_its_bound() -> None:
    low, raw = pack_bits((1 << HORIZON_DAYS + 64) - 1)
    assert low == 0
    assert len(raw) == 58
    assert len(raw) < BITMAP_BYTES_MAX


def test_moving_the_base_up_forgets_the_days_below_it() -> None:
    assert shift_bits(0b1011, 2) == 0b10
    assert shift_bits(0b10, -2) == 0b1000


def test_days_are_a_set() -> None:
    cell = Days()
    state = cell.observe(None, [event("opened", 0.0)], [0], [1 << 5])
    state = cell.observe(state, [event("opened", 0.0)], [0], [1 << 5])
    assert cell.observe(state, [event("opened", 0.0)], [0], [1 << 2]) == 0b100100


@pytest.mark.parametrize(
    ("bits", "n"),
    [(0, 0), (1, 1), (0b1111111, 1), (0b10000000, 1), (0b11000000, 2), (1 << 7 * 60, 1), ((1 << 463) - 1, 67)],
)
def test_weeks_are_groups_of_seven_days(bits: int, n: int) -> None:
    assert weeks(bits) == n  # 463 days: 66 whole weeks and one begun
