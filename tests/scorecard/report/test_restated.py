"""Restatements as they are handed out: amounts in major units, and names that say what they are."""

from datetime import date

from scorecard.model.rows import Restated, RestatedPeriod
from scorecard.report.restated_json import restated_period, restated_row
from scorecard.sheet import Sheet

CHANGES: dict[str, tuple[int | str, int | str]] = {
    "total_end": (150_000, 140_000), "n_expanded": (1, 0), "product.core.v2.upsell": (0, -1),
    "product.core.n_start": (0, 1), "count.first/396": (1, 0), "count.first/390": (0, 1), "count.next/31": (2, 0),
    "count.moves": (3, 2), "count.exposed": (1, 0), "count.credited": (5_000, 0),
    "cohort.start": ("2026-01", "2026-02"),
}  # fmt: skip


def test_amounts_of_a_restatement_are_in_major_units_and_counts_are_not() -> None:
    row = restated_row(Restated("2026-Q1", "acme", 0.0, CHANGES, "m-1", 2), "EUR")
    assert (row["message_id"], row["messages"], row["known_at"]) == ("m-1", 2, "1970-01-01T00:00:00Z")
    assert {name: (one["before"], one["after"]) for name, one in row["changes"].items()} == {
        "total_end": (1500.0, 1400.0), "n_expanded": (1, 0), "product.core.v2.upsell": (0.0, -0.01),
        "product.core.n_start": (0, 1), "days_to_first_expansion": ([396], [390]),
        "days_to_next_expansion": ([31, 31], []), "movements": (3, 2), "movements_exposed": (1, 0),
        "credited": (50.0, 0.0), "cohort.start": ("2026-01", "2026-02"),
    }  # fmt: skip
    yen = restated_row(Restated("2026-Q1", "acme", 0.0, {"total_end": (150_000, 140_000)}, "m-1", 1), "JPY")
    assert yen["changes"] == {"total_end": {"before": 150_000.0, "after": 140_000.0}}


def test_a_restated_period_has_r2_and_r3_before_and_after_with_what_they_are_made_of() -> None:
    """R2, R3"""
    before, after = (Sheet(n_start=2, start=100_00, kept=kept, end=120_00) for kept in (90_00, 80_00))
    row = restated_period(RestatedPeriod("2026-Q1", date(2026, 5, 1), 1, 1, "m-1", before, after), "EUR")
    assert (row["period"], row["on"], row["message_id"]) == ("2026-Q1", "2026-05-01", "m-1")
    told = [
        (row[side][name]["value"], row[side][name]["numerator"])
        for name in ("grr", "nrr")
        for side in ("before", "after")
    ]
    assert told == [(0.9, 90.0), (0.8, 80.0), (1.2, 120.0), (1.2, 120.0)]
