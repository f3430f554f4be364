"""C1 to C5 from messages to the lift: the planted book told as events gives the units that it was drawn as."""

from datetime import date

import pytest

from scorecard.balance import balance
from scorecard.book import Book
from scorecard.exposure import coverage, covered
from scorecard.family import movements_of
from scorecard.lift import Drawing, compare, study
from scorecard.panel import Panel
from scorecard.period import Period
from scorecard.placebo import placebo
from scorecard.rates import Rates
from scorecard.survey import Entity, Survey
from scorecard.tally import Tally
from scorecard.unit import Outcome
from scoring.event import Event
from streams.simulate.lift import messages
from streams.simulate.planted import DIMENSIONS, Planted, plant
from streams.vocabulary import shipped
from streams.wire import decode
from tests.scorecard.units import units

EURO = Rates("EUR")
YEAR = Period.parse("2025")
END = date(2026, 1, 1)


def told(planted: Planted) -> list[Event]:
    decoded = decode(list(messages(planted, END)), vocabulary=shipped())
    assert not decoded.dead
    return decoded.events


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(seed=5, accounts=1_500, lift=0.06)


@pytest.fixture(scope="module")
def books(planted: Planted) -> list[Entity]:
    found: dict[str, list[Book]] = {}
    for event in told(planted):
        book = found.setdefault(event.account_id, [Book(event.account_id)])[0]
        book.take(event, EURO)
    assert not any(book.issues for family in found.values() for book in family)
    return [*enumerate(books for _, books in sorted(found.items()))]


@pytest.fixture(scope="module")
def panel(books: list[Entity]) -> Panel:
    return Survey(YEAR, EURO, DIMENSIONS).panel(books)


def test_c3_the_money_of_every_account_is_what_was_drawn(planted: Planted, panel: Panel) -> None:
    assert panel.amounts.tolist() == planted.sample().amounts.tolist()


def test_c1_only_what_came_before_the_period_is_exposure(planted: Planted, panel: Panel) -> None:
    assert panel.exposed.tolist() == planted.exposed.tolist()
    assert panel.crossed.any()


def test_c4_the_lift_from_events_is_that_of_the_columns_to_the_last_bit(planted: Planted, panel: Panel) -> None:
    assert compare(panel, DIMENSIONS, Drawing(3)).lifts == study(planted.sample(), Drawing(3)).lifts


def test_the_placebo_from_events_is_that_of_the_columns(planted: Planted, panel: Panel) -> None:
    assert (panel.before[:, 0] > 0).tolist() == (planted.before > 0).tolist()
    how = Drawing(3, resamples=200)
    assert placebo(panel, DIMENSIONS, how).lift == study(planted.placebo(), how).lifts[Outcome.NRR]


def test_matching_makes_the_arms_alike_in_what_they_are_matched_on(panel: Panel) -> None:
    found = {row.name: row for row in balance(panel, compare(panel, DIMENSIONS, Drawing(3, resamples=50)))}
    enterprise = found["segment=enterprise"]
    assert enterprise.before is not None
    assert enterprise.before > 0.3
    assert enterprise.after == pytest.approx(0.0, abs=1e-12)


def test_c2_coverage_counts_accounts_and_movements(planted: Planted, books: list[Entity]) -> None:
    known = coverage(Tally.total(covered(family, movements_of(family)) for _, family in books))
    touched = planted.exposed | planted.crossed
    assert known.accounts.denominator == len(planted.start)
    assert known.accounts.numerator == sum(bool(family[0].touchpoints) for _, family in books)
    assert known.accounts.numerator <= int(touched.sum())
    assert known.movements.value is not None
    assert 0 < known.movements.value < 1


def test_entities_of_several_accounts_are_one_unit() -> None:
    """A merged account's touchpoints and money count for the one that stands for it."""
    events = told(plant(seed=6, accounts=2, lift=0.0))
    pair = {name: Book(name) for name in sorted({event.account_id for event in events})}
    for event in events:
        pair[event.account_id].take(event, EURO)
    survey = Survey(YEAR, EURO)
    (one,), single = (
        units(survey.panel(entities))
        for entities in ([(0, [*pair.values()])], [*enumerate([one] for one in pair.values())])
    )
    assert one.amounts[0] == sum(unit.amounts[0] for unit in single)
    assert one.programmes == frozenset().union(*(unit.programmes for unit in single))
