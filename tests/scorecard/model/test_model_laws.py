"""The law of the read model: whatever came in whatever order, it answers what the core makes anew of all events."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.cohort import MIX
from scorecard.exposure import Exposing
from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.model.rows import Cohort, Moved
from scorecard.model.terms import PRODUCT, Terms
from scorecard.movement import Kind
from scorecard.period import EVER, Period
from scorecard.rates import Rates
from scorecard.tally import Tally
from scoring.event import Event
from tests.scorecard.histories import MOMENTS, RATES, history, instant
from tests.scorecard.model import oracle

ACCOUNTS = ("a", "b", "c", "d")
TERMS = Terms(RATES, exposing=Exposing(45, frozenset({"academy", "council"})))
OTHER_RATES = Rates(
    "EUR", {"USD": [(date(2024, 1, 1), Decimal("0.95")), (date(2025, 6, 1), Decimal("0.8"))],
            "JPY": [(date(2025, 1, 1), Decimal("0.006"))]},
)  # fmt: skip
BY: Sequence[Sequence[str]] = (
    (), ("segment",), (MIX,), (PRODUCT,), ("start_month",), ("segment", MIX), ("segment", PRODUCT), ("stage", "region"),
)  # fmt: skip
PERIODS = [Period.parse(text) for text in ("2025", "2025-Q2", "2025-08", "2025-09", "12m to 2026-01")]

VALUES = {
    "segment": ("smb", "enterprise"), "region": ("emea", "apac"), "start_date": ("2024-06-01", "2025-03-01"),
    "merged_into": (*ACCOUNTS, "e", ""), "parent": (*ACCOUNTS, ""),
}  # fmt: skip
QUICK = settings(max_examples=25, suppress_health_check=list(HealthCheck))
"""A database for each example: a second of PostgreSQL's for a dozen of them."""


@st.composite
def description(draw: st.DrawFn, account_id: str, number: int) -> Event:
    """A group call, or a change of the journey's stage."""
    at = instant(draw(st.sampled_from(MOMENTS)), 3_600.0)
    arrived = at + draw(st.sampled_from((0.0, 60.0, 40 * 86_400.0)))
    said = {name: draw(st.none() | st.sampled_from(values)) for name, values in VALUES.items()}
    traits: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if draw(st.booleans()):
        stage = draw(st.sampled_from(("onboard", "expand")))
        return Event(
            account_id, "cs", "journey_stage_changed", at, arrived, f"{account_id}-s{number}", None, {"stage": stage}
        )
    return Event(account_id, "accounts", "group", at, arrived, f"{account_id}-g{number}", None, traits)


@st.composite
def touchpoint(draw: st.DrawFn, account_id: str, number: int) -> Event:
    """Of a programme that counts, or of one that does not."""
    at = instant(draw(st.sampled_from(MOMENTS)), draw(st.sampled_from((-3_600.0, 0.0))))
    arrived = at + draw(st.sampled_from((0.0, 60.0, 40 * 86_400.0)))
    said = {"kind": draw(st.sampled_from(("academy", "council", "newsletter")))}
    contact = draw(st.sampled_from(("ann", "bob", None)))
    return Event(account_id, "advocacy", "touchpoint", at, arrived, f"{account_id}-t{number}", contact, said)


@st.composite
def life(draw: st.DrawFn, account_id: str) -> list[Event]:
    """All that is said of an account."""
    count, touched = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return [
        *draw(history(account_id, most=8, bad=draw(st.booleans()))),
        *[draw(description(account_id, number)) for number in range(count)],
        *[draw(touchpoint(account_id, number)) for number in range(touched)],
    ]


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[Event]]:
    """Batches of events of all accounts in any order, some of them twice."""
    events = [event for account_id in ACCOUNTS for event in draw(life(account_id))]
    again = draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
    shuffled = draw(st.permutations([*events, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    return [shuffled[first:past] for first, past in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def answers(model: Model, periods: Sequence[Period], known_at: float | None = None) -> list[dict[Cohort, Any]]:
    return [model.sheet(period, by, known_at) for period in periods for by in BY]


def tallies(model: Model, periods: Sequence[Period]) -> list[dict[Cohort, Tally]]:
    return [model.tallies(EVER), *(model.tallies(period, by) for period in periods for by in BY if PRODUCT not in by)]


def tallies_expected(events: Sequence[Event], terms: Terms, periods: Sequence[Period]) -> list[dict[Cohort, Tally]]:
    families = oracle.families_of(oracle.books_of(events, terms), terms)
    return [
        oracle.tallies(families, EVER, (), terms),
        *(oracle.tallies(families, period, by, terms) for period in periods for by in BY if PRODUCT not in by),
    ]


def expected(events: Sequence[Event], terms: Terms, periods: Sequence[Period]) -> list[dict[Cohort, Any]]:
    families = oracle.families_of(oracle.books_of(events, terms), terms)
    return [oracle.sheets(families, period, by, terms) for period in periods for by in BY]


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals(), first=st.integers(0, 4), by_parent=st.booleans())
def test_figures_that_are_kept_online_are_those_computed_anew_from_all_events(
    new_database: Callable[[], Database], batches: list[list[Event]], first: int, by_parent: bool
) -> None:
    terms = TERMS._replace(unit="parent") if by_parent else TERMS
    model = Model(new_database(), terms)
    taken: list[Event] = []
    for number, batch in enumerate(batches):
        model.take(batch, {"log": number})
        taken += batch
        if number >= first:  # from here on the first periods are kept, and others are asked for later
            assert answers(model, PERIODS[:2]) == expected(taken, terms, PERIODS[:2])
    assert answers(model, PERIODS) == expected(taken, terms, PERIODS)
    assert model.positions() == {"log": len(batches) - 1}
    model.close()


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals(), first=st.integers(0, 4), few=st.booleans(), by_parent=st.booleans())
def test_what_is_counted_online_is_what_is_counted_anew_from_all_events(
    new_database: Callable[[], Database], batches: list[list[Event]], first: int, few: bool, by_parent: bool
) -> None:
    """C1, C2, C6, X5: in one portion or in many, and where a book has room for few touchpoints (few)."""
    terms = TERMS._replace(unit="parent") if by_parent else TERMS
    with pytest.MonkeyPatch.context() as limits:
        if few:
            limits.setattr("scorecard.touchpoint.TOUCHPOINTS_MAX", 2)
        model = Model(new_database(), terms)
        taken: list[Event] = []
        for number, batch in enumerate(batches):
            model.take(batch, {"log": number})
            taken += batch
            if number >= first:
                assert tallies(model, PERIODS[:2]) == tallies_expected(taken, terms, PERIODS[:2])
        assert tallies(model, PERIODS) == tallies_expected(taken, terms, PERIODS)
        model.close()


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals(), by_parent=st.booleans())
def test_other_terms_than_before_compute_everything_anew(
    new_database: Callable[[], Database], batches: list[list[Event]], by_parent: bool
) -> None:
    database = new_database()
    before = Model(database, TERMS)
    for batch in batches:
        before.take(batch, {})
    answers(before, PERIODS[:2])
    tallies(before, PERIODS[:1])
    terms = Terms(
        OTHER_RATES, unit="parent" if by_parent else "account",
        dimensions=("segment", MIX, "start_month", "region", "stage"), catalogue=frozenset({"core", "plan"}),
        exposing=Exposing(100),
    )  # fmt: skip
    after = Model(database, terms)
    taken = [event for batch in batches for event in batch]
    assert answers(after, PERIODS[:3]) == expected(taken, terms, PERIODS[:3])
    assert tallies(after, PERIODS[:3]) == tallies_expected(taken, terms, PERIODS[:3])


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals(), again=st.integers(0, 4), by_parent=st.booleans(), late=st.booleans())
def test_what_was_known_then_is_what_was_answered_then(
    new_database: Callable[[], Database], batches: list[list[Event]], again: int, by_parent: bool, late: bool
) -> None:
    """Whatever came since: money, traits, stages, merges, parents. Asked while more comes (again), and at the end; by
    figures and by rows. late: the first batch once more at the end, which changes nothing that was known.
    """
    terms = TERMS._replace(unit="parent") if by_parent else TERMS
    model = Model(new_database(), terms)
    taken, answered, clock = list[Event](), list[tuple[float, list[dict[Cohort, Any]], list[Moved]]](), 0.0
    for number, batch in enumerate(batches):
        # what arrives after an instant that somebody asked about is known after it
        came = [event.replace(arrived=max(event.arrived, clock + 1.0)) for event in batch]
        model.take(came, {"log": number})
        taken += came
        clock = max([clock, *(event.arrived for event in came)])
        answered.append((clock, expected(taken, terms, PERIODS[:2]), rows(model)))
        if number == again and number:
            asked_at, then, moved = answered[number - 1]
            assert answers(model, PERIODS[:2], asked_at) == then
            assert rows(model, asked_at) == moved
    if late:
        model.take(batches[0], {})
    for asked_at, then, moved in answered:
        assert answers(model, PERIODS[:2], asked_at) == then
        assert rows(model, asked_at) == moved
    model.close()


def rows(model: Model, known_at: float | None = None) -> list[Moved]:
    """Movements of a year, of some kinds, and of an account's whole entity."""
    year = PERIODS[0]
    return [
        *model.movements(year, known_at=known_at, limit=1_000).rows,
        *model.movements(year, kinds=[Kind.CONTRACTION, Kind.CHURN], known_at=known_at, limit=1_000).rows,
        *model.movements(account_id=ACCOUNTS[0], known_at=known_at, limit=1_000).rows,
    ]
