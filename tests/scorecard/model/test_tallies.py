"""What is counted of periods beside sheets: what restates it, and what it leaves as it is."""

from collections.abc import Callable

import pytest

from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.period import EVER, Period
from scorecard.tally import Tally
from tests.scorecard.model.stories import TERMS, changed, described, instant, started, touched
from tests.scorecard.model.test_model import rows

Q1, Q2 = Period.parse("2026-Q1"), Period.parse("2026-Q2")


def grown(database: Database) -> Model:
    """One account, which expands on the last day of March."""
    model = Model(database, TERMS)
    model.take([started("a", "2026-01-01", 100), changed("a", "2026-03-31", 150)], {})
    return model


def test_a_late_touchpoint_restates_a_period_that_was_over_and_says_what_it_changed(
    new_database: Callable[[], Database],
) -> None:
    """C1, C6."""
    model = grown(new_database())
    assert model.tallies(Q1)[()] == Tally({"moves": 2, "expansions": 1, "first/89": 1})
    model.take([touched("a", "2026-03-30", "academy").replace(arrived=instant("2026-05-01"))], {})
    assert model.tallies(Q1)[()] == Tally({"moves": 2, "exposed": 1, "expansions": 1, "credited": 50_00, "first/89": 1})
    (restated,) = model.restatements(Q1).rows
    assert restated.changes == {"count.credited": (0, 50_00), "count.exposed": (0, 1)}


@pytest.mark.parametrize(
    ("day", "exposed"), [("2026-03-30", 1), ("2026-03-31", 0), ("2025-12-31", 2), ("2025-12-30", 1)]
)
def test_a_touchpoint_counts_for_movements_of_the_days_after_its_own(
    new_database: Callable[[], Database], day: str, exposed: int
) -> None:
    model = grown(new_database())
    before = model.tallies(Q1), model.tallies(Q2)
    model.take([touched("a", day, "academy")], {})
    assert model.tallies(Q1)[()]["exposed"] == exposed
    assert model.tallies(Q2) == before[1] == {}


def test_what_all_figures_of_exposure_rest_on_follows_every_account_that_something_is_said_of(
    new_database: Callable[[], Database],
) -> None:
    """C2: one of which only the segment is known is an account, and one that was only named is none."""
    model = grown(new_database())
    assert model.tallies(EVER)[()] == Tally({"accounts": 1, "moves": 2})
    model.take([described("b", "2026-04-01", segment="smb", parent="c")], {})
    model.take([touched("b", "2026-04-02", "academy", "ann"), touched("b", "2026-04-03", "academy")], {})
    assert model.tallies(EVER)[()] == Tally({"accounts": 2, "touched": 1, "contacts": 1, "moves": 2})
    model.take([described("b", "2026-04-04", merged_into="a")], {})
    assert model.tallies(EVER)[()] == Tally({"accounts": 1, "touched": 1, "contacts": 1, "moves": 2})
    assert not rows(model._database, "SELECT * FROM v_sheets"), "all days have no sheets"


def test_an_account_that_others_were_merged_into_tells_their_cohort_from_its_first_word_on(
    new_database: Callable[[], Database],
) -> None:
    """Whatever that is about: until then, the first of those that it stands for tells it."""
    model = Model(new_database(), TERMS)
    model.take([started("a", "2026-01-01", 100), described("a", "2026-01-01", segment="smb", merged_into="b")], {})
    mark = model.reached()
    assert [*model.sheet(Q1, ("segment",))] == [*model.tallies(Q1, ("segment",))] == [("smb",)]
    model.take([touched("b", "2026-06-30", "academy")], {})
    assert [*model.sheet(Q1, ("segment",))] == [*model.tallies(Q1, ("segment",))] == [("(none)",)]
    assert model.touched(mark, Q1.end)


def test_what_cuts_through_accounts_has_no_tallies(new_database: Callable[[], Database]) -> None:
    with pytest.raises(ValueError, match="ask by 'product_mix' instead of 'product'"):
        grown(new_database()).tallies(Q1, ("product",))
