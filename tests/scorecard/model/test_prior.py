"""C4: which score each account had when a month began is kept with the figures, and never taken from later days."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from scorecard.model.database import Database
from scorecard.model.prior import Prior
from scorecard.model.schema import prepare
from scorecard.model.upsert import TOGETHER

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    made = new_database()
    prepare(made)
    return made


def whole(prior: Prior, day: date, **points: float) -> None:
    prior.note(day, points)
    prior.finish(day)


def test_a_period_goes_by_the_newest_month_start_at_or_before_it_that_is_no_older_than_a_month(
    database: Database,
) -> None:
    prior = Prior(database)
    assert (prior.newest(), prior.of(JUNE), prior.version(JUNE)) == (None, {}, 0)
    whole(prior, MAY, acme=40.25, bolt=81.1)
    whole(prior, JUNE, acme=39.99)
    assert prior.newest() == JUNE
    assert prior.of(MAY) == prior.of(JUNE - timedelta(days=1)) == {"acme": 40.25, "bolt": 81.1}
    assert prior.of(JUNE) == prior.of(date(2026, 7, 2)) == {"acme": 39.99}, "who had no score then had none"
    assert prior.of(date(2026, 7, 3)) == prior.of(date(2026, 4, 30)) == {}
    assert prior.version(date(2026, 7, 3)) == prior.version(date(2026, 4, 30)) == 0


def test_a_day_counts_once_all_its_scores_are_there(database: Database) -> None:
    prior = Prior(database)
    whole(prior, MAY, acme=40.0)
    before = prior.version(JUNE)
    prior.note(JUNE, {"acme": 30.0})
    assert (prior.of(JUNE), prior.newest(), prior.version(JUNE)) == ({"acme": 40.0}, MAY, before)
    with database.reading() as connection:
        seen = "SELECT account_id, points FROM v_prior_scores"
        assert connection.exec_driver_sql(seen).all() == [("acme", 40.0)]
    prior.note(JUNE, {"bolt": 20.0})
    prior.finish(JUNE)
    assert prior.of(JUNE) == {"acme": 30.0, "bolt": 20.0}
    assert prior.version(JUNE) > before


def test_what_is_noted_again_changes_nothing_and_what_is_corrected_tells_that_it_was(database: Database) -> None:
    prior = Prior(database)
    whole(prior, MAY, acme=40.0, bolt=20.0)
    first = prior.version(MAY)
    whole(prior, MAY, acme=40.0, bolt=20.0)
    assert (prior.version(MAY), prior.of(MAY)) == (first, {"acme": 40.0, "bolt": 20.0})
    whole(prior, MAY, bolt=21.0)
    assert (prior.version(MAY), prior.of(MAY)) == (first + 1, {"acme": 40.0, "bolt": 21.0})
    assert Prior(database).version(MAY) == first + 1


def test_of_many_accounts_as_many_are_told_as_one_asks_for(database: Database) -> None:
    prior = Prior(database)
    points = {f"a{number}": number / 100 for number in range(2 * TOGETHER + 1)}
    whole(prior, MAY, **points)
    assert prior.of(MAY) == points
    some = [*list(points)[TOGETHER - 1 :], "nobody"]
    assert prior.of(MAY, some) == {account_id: points[account_id] for account_id in some[:-1]}
    assert prior.of(MAY, []) == {}
