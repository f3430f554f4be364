"""The cohort of an account's entity, for what was told of it beside revenue (E2, E3)."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given

from scorecard.cohort import cohort
from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.model.terms import DIMENSIONS
from scorecard.period import Period
from scoring.event import Event
from tests.scorecard.model import oracle
from tests.scorecard.model.test_model_laws import QUICK, TERMS, arrivals


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals())
def test_e3_an_account_is_in_the_cohort_that_its_books_tell_whether_it_has_figures_or_not(
    new_database: Callable[[], Database], batches: Sequence[Sequence[Event]]
) -> None:
    """E2, E3: also after it was merged, and of a period that is not kept."""
    model, period = Model(new_database(), TERMS), Period.parse("2025-Q2")
    for batch in batches:
        model.take(batch, {})
    families = oracle.families_of(oracle.books_of((one for batch in batches for one in batch), TERMS), TERMS)
    expected = {
        book.account_id: tuple(cohort(family, name, period) for name in DIMENSIONS)
        for family in families
        for book in family
    }
    assert model.cohorts_of(expected, period, DIMENSIONS) == expected
    model.sheet(period)  # from here on it is kept
    assert model.cohorts_of(expected, period, DIMENSIONS) == expected
