"""Sums of facets that are kept by differences are those of a full pass over all accounts, whatever came and when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.family import Unit
from scorecard.model import facet_backlog, facet_keeping, facet_periods
from scorecard.model import facets as facets_module
from scorecard.model.asked import ODD_MAX
from scorecard.model.database import Database
from scorecard.model.facet_scores import Score
from scorecard.model.facet_tables import facet_counts, facet_sums
from scorecard.model.facets import FacetModel
from scorecard.model.model import Model
from scorecard.model.rows import Cohort
from scorecard.model.terms import Terms
from scorecard.period import Period
from scorecard.rates import Rates
from scoring.days import DAY
from scoring.event import Event
from streams.scorecard.feed import Taker
from tests.scorecard.facets.said import agreed, said, used
from tests.scorecard.facets.test_facet_laws import AGREED, FIRST, KINDS

ACCOUNTS = ("a", "b", "c", "d")

PERIODS = [*map(Period.parse, ("2025-12", "2026-01", "2026-Q1", "2026", "2026-02-03..2026-03-09"))]

WAYS: Sequence[Cohort] = ((), ("segment",), ("segment", "product_mix"), ("start_month",))

TRAITS: Mapping[str, Sequence[object]] = {
    "segment": ("enterprise", "smb"), "seats": (5, 10, "x"), "stage": ("onboard", "adopt"), "region": ("emea", "apac"),
    "start_date": ("2025-12-03", "2026-02-11"), "merged_into": (*ACCOUNTS, "elsewhere"), "parent": (*ACCOUNTS, "above"),
}  # fmt: skip


def events(dice: Random, count: int) -> Iterator[Event]:
    """All that facets and the ledger read, of some accounts, in the order of arrival; what it is of comes in any."""
    for number in range(count):
        account, days = dice.choice(ACCOUNTS), dice.randint(-60, 100)
        arrived = (FIRST + 5 + 100 * number / count) * DAY
        at = min((FIRST + days) * DAY + dice.choice((0.0, 40_000.0)), arrived)
        stream, name = dice.choice([*KINDS, *[("accounts", "group")] * 8, *MONEY, *MONEY])
        properties = _traits(dice) if stream == "accounts" else _said(dice, name)
        yield Event(account, stream, name, at, arrived, f"m-{number}", dice.choice(("ann", "bob", None)), properties)


MONEY = [("revenue", f"subscription_{name}") for name in ("started", "expanded", "contracted", "churned", "renewed")]


def _traits(dice: Random) -> dict[str, object]:
    return {name: dice.choice(TRAITS[name]) for name in dice.sample([*TRAITS], dice.randint(1, 2))}


def _said(dice: Random, name: str) -> dict[str, object]:
    def day() -> str:
        return str(date(2026, 1, 1) + timedelta(dice.randint(-40, 120)))

    item = dice.choice(("a", "b", None))
    said: dict[str, object] = {
        "feature": dice.choice(("board", "chart", None)), "role": dice.choice(("admin", "maker", None)),
        "score": dice.choice((0, 4, 5, 9, 10)), "stage": dice.choice(("onboard", "adopt", "expand")), "ticket_id": item,
        "qbr_id": item, "plan_id": item, "campaign": item, "programme": item, "person": item,
        "due_at": dice.choice((day(), None)), "amount": 10,
    }  # fmt: skip
    if name.startswith("subscription"):
        product = dice.choice(("core", "planning"))
        said |= {"subscription_id": product, "product": product, "arr": dice.choice((0, 100, 250)), "currency": "USD"}
        said |= {"effective_at": day()} if dice.random() < 0.4 else {}
        said |= {"corrects": f"m-{dice.randint(0, 60)}"} if dice.random() < 0.2 else {}
    return said


class Story:
    """A ledger and facets that take the same events, each at a pace of its own."""

    def __init__(self, database: Database, unit: Unit, dice: Random, some: Sequence[Event]) -> None:
        self.database, self._dice, self._events = database, dice, some
        self.scores = {"a": Score(80.0, 1.0, "healthy"), "b": Score(40.0, 0.5, "watch"), "z": Score(9.0, 1.0, "watch")}
        self.ledger = Model(database, Terms(Rates("USD"), unit))
        self.facets = FacetModel(database, AGREED, lambda: self.scores)
        self._takers: list[Taker] = [self.ledger, self.facets]
        self._taken = [0, 0]

    def told(self) -> None:
        """All of it, in portions, with questions and some of the work in between."""
        dice = self._dice
        while min(self._taken) < len(self._events):
            which = dice.randrange(2)
            first = self._taken[which]
            self._taken[which] = first + dice.randint(1, 12)
            self._takers[which].take(self._events[first : self._taken[which]], {}, ())
            for _ in range(dice.randint(0, 2)):
                self.facets.settle()
            if dice.random() < 0.3:
                self.facets.sums(dice.choice(PERIODS), dice.choice(WAYS))
            if dice.random() < 0.1:
                self.scores["b"] = Score(float(dice.randint(0, 100)), 1.0, "healthy")
                self.facets.score()

    def sums(self) -> list[object]:
        """By all periods and cohorts, when nothing is left to do, and what is shown of signs."""
        self.facets.refresh()
        found: list[object] = [self.facets.sums(period, by) for period in PERIODS for by in WAYS]
        return [*found, *(sorted(self.facets.signs(period)) for period in PERIODS)]

    def anew(self) -> list[object]:
        """The same of a full pass."""
        with self.database.writing() as connection:
            facet_periods.restart(connection)
        self.facets = FacetModel(self.database, AGREED, lambda: self.scores)
        return self.sums()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 1 << 32), unit=st.sampled_from(get_args(Unit)), count=st.integers(5, 90))
def test_sums_kept_by_differences_are_those_of_a_full_pass(
    seed: int, unit: Unit, count: int, new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A1-A6, H1-H6, O1-O5, L1: whatever comes late, twice, or of accounts that are merged, in whichever portions."""
    dice = Random(seed)
    some = [*events(dice, count)]
    story = Story(new_database(), unit, dice, some)
    for module in (facets_module, facet_backlog):  # so that periods are built and settled in several steps
        monkeypatch.setattr(module, "ACCOUNTS_TOGETHER", dice.choice((1, 2, 500)))
    for period in PERIODS[: dice.randint(0, len(PERIODS))]:  # what is kept from the beginning
        story.facets.sums(period, dice.choice(WAYS))
    story.told()
    assert story.sums() == story.anew()


def test_a_full_pass_is_what_a_story_is_compared_with(new_database: Callable[[], Database]) -> None:
    """So that the law above has something to say: many names, cohorts, merged accounts, and scores."""
    dice = Random(7)
    story = Story(new_database(), "account", dice, [*events(dice, 400)])
    story.facets.sums(Period.parse("2026"), ("segment",))
    story.told()
    whole = story.facets.sums(Period.parse("2026")).sheets[()]
    assert len(whole.counts) > 60
    parts = story.facets.sums(Period.parse("2026"), ("segment",)).sheets
    assert len(parts) > 1
    assert FacetSheet.total(parts.values()) == whole


Q1, Q2 = Period.parse("2026-Q1"), Period.parse("2026-Q2")


def both(database: Database, unit: Unit = "account") -> tuple[Model, FacetModel]:
    return Model(database, Terms(Rates("USD"), unit)), FacetModel(database, agreed())


def used_by(accounts: Sequence[str], day: str) -> list[Event]:
    return [used(day, "ann", "board", account=account) for account in accounts]


def test_who_only_asks_sees_what_another_process_settles(new_database: Callable[[], Database]) -> None:
    """A4: the service answers from what the process that feeds it keeps."""
    database = new_database()
    _, facets = both(database)
    asks = FacetModel(database, agreed())
    facets.take(used_by("abc", "2026-05-01"), {})
    assert asks.sums(Q2).sheets[()]["usage/events"] == 3
    facets.take(used_by("ad", "2026-05-02"), {})
    facets.refresh()
    assert asks.sums(Q2).sheets[()]["usage/events"] == 5


def test_a_period_that_runs_is_shown_as_it_was_while_it_is_judged_anew(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A1: a day is over, and of three accounts that wait for a first value one after the other has waited longer."""
    monkeypatch.setattr(facets_module, "ACCOUNTS_TOGETHER", 1)
    _, facets = both(new_database())
    facets.take([said("2026-04-10", "account_created", account=account) for account in "abc"], {})
    waiting = [dict(facets.sums(Q2).sheets[()].under("ttfv_waiting"))]
    facets.take([said("2026-04-15", "outreach_logged", account="a")], {})
    while facets.settle():
        waiting.append(dict(facets.sums(Q2).sheets[()].under("ttfv_waiting")))
    assert waiting[0] == waiting[-2] == {"1": 3}
    assert len(waiting) > 3
    assert dict(facets.sums(Q2).sheets[()].under("ttfv_waiting")) == {"6": 3}


def test_what_nobody_asked_for_in_forty_days_is_forgotten_with_its_rows(new_database: Callable[[], Database]) -> None:
    database = new_database()
    _, facets = both(database)
    facets.take(used_by("abc", "2026-05-01"), {})
    facets.sums(Q1, ("segment",))
    facets.sums(Q2)
    for day in ("2026-05-12", "2026-06-08"):
        facets.take(used_by("a", day), {})
        facets.refresh()
        facets.sums(Q2)
        facets.sums(Q1, ("segment",), asking=False)  # as who notes all that is kept does
    assert facets.kept() == [(Q1, ("segment",)), (Q2, ())]
    facets.take(used_by("a", "2026-06-12"), {})
    facets.refresh()
    assert facets.kept() == [(Q2, ())]
    with database.reading() as connection:
        kept = {one.id for one in facet_periods.standing(connection)}
        assert len(kept) == 1
        for table in (facet_counts, facet_sums):
            assert set(connection.execute(select(table.c.period)).scalars()) == kept


def test_of_periods_that_are_no_part_of_the_calendar_the_newest_are_kept(new_database: Callable[[], Database]) -> None:
    """Whoever asks can't have more and more kept up; what was let go is made when it is asked for."""
    _, facets = both(new_database())
    facets.take(used_by("abc", "2026-01-01"), {})
    odd = [Period.parse(f"2026-01-01..2026-02-{day:02}") for day in range(2, 29)]
    odd += [Period.parse(f"2026-01-01..2026-03-{day:02}") for day in range(2, 29)]
    for period in (Q1, *odd):
        facets.sums(period)
    facets.refresh()
    kept = [period[:2] for period, _ in facets.kept()]
    assert sorted(kept) == sorted(period[:2] for period in (Q1, *odd[-ODD_MAX:]))
    assert facets.sums(odd[0]).sheets[()]["usage/events"] == 3


def test_nothing_waits_where_no_period_is_kept(new_database: Callable[[], Database]) -> None:
    """A history is read in without it."""
    ledger, facets = both(new_database())
    for taker in (ledger, facets):
        taker.take([said("2026-04-10", "group", segment="smb"), used("2026-04-10", "ann", "board")], {})
    assert facets.unsettled() == 0
    facets.sums(Q2)
    ledger.take([said("2026-04-11", "group", segment="enterprise")], {})
    assert facets.unsettled() == 1


def test_what_others_settle_while_a_period_is_built_is_not_undone(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks builds, and the process that feeds settles: between reading and writing the one gives way."""
    database = new_database()
    _, feeds = both(database)
    asks = FacetModel(database, agreed())
    feeds.take(used_by("abc", "2026-05-01"), {})
    make, late = facet_keeping.make, used_by("abc", "2026-05-02")

    def made(*given: Any) -> object:
        found = make(*given)
        if late:
            events, late[:] = [*late], []
            feeds.take(events, {})
            feeds.settle()
        return found

    monkeypatch.setattr(facet_keeping, "make", made)
    asks.sums(Q2)
    feeds.refresh()
    assert asks.sums(Q2).sheets[()]["usage/events"] == 6
