"""What of retention adds up, over which parts."""

from scorecard.period import Period
from scorecard.report.retained import retained
from scorecard.report.source import Source
from scoring.event import Event
from tests.scorecard.facets.said import said
from tests.scorecard.report.taking import take


def test_r3_and_r4_add_up_over_products_and_r2_does_not(source: Source) -> None:
    """R2, R3, R4: of 200 an account moves 50 from one product to another. As a whole it has kept 200 of 200, and of its
    products 150.
    """
    for product, arr in (("core", 50), ("planning", 150)):
        take(source, [_paid("2025-01-01", "started", product, 100), _paid("2026-05-01", "renewed", product, arr)])
    whole, *parts = (one.sheet for one in retained(source, Period.parse("2026-Q2"), ("product",)))
    assert len(parts) == 2
    assert [sum(part.end for part in parts), sum(part.total_end for part in parts)] == [whole.end, whole.total_end]
    assert (whole.kept, sum(part.kept for part in parts)) == (200_00, 150_00)


def _paid(day: str, what: str, product: str, arr: int) -> Event:
    event = said(day, f"subscription_{what}", product=product, subscription_id=product, arr=arr, currency="USD")
    return event.replace(stream="revenue")
