"""The facets in SQL: the same as the pure ones on both databases, kept up as events come, by any cohort."""

from collections.abc import Callable, Sequence
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.adoption import adoption
from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Facets
from scorecard.model.database import Database
from scorecard.model.facets import FacetModel, Score
from scorecard.model.model import Model
from scorecard.model.terms import Terms
from scorecard.period import Period
from scorecard.rates import Rates
from scoring.event import Event
from tests.scorecard.facets.said import agreed, said, used
from tests.scorecard.facets.test_facet_laws import AGREED, events

Q1, MARCH = Period.parse("2026-Q1"), Period.parse("2026-03")
SEGMENTS = ("enterprise", "smb", None)
UNTIL = date(2026, 7, 1)


def model(database: Database) -> tuple[Model, FacetModel]:
    return Model(database, Terms(Rates("USD"))), FacetModel(database, agreed())


def take(database: Database, *some: Event) -> FacetModel:
    """A model of these events, as the service feeds it: all to the ledger, all to the facets."""
    ledger, facets = model(database)
    ledger.take(some, {"log": len(some) + 1})
    facets.take(some, {"log": len(some) + 1})
    return facets


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_kept_is_what_the_pure_facets_come_to_by_every_cohort(
    data: st.DataObject, new_database: Callable[[], Database]
) -> None:
    """A1-A6, H2-H6, O1-O5, L1 on SQLite and PostgreSQL, whatever the portions in which events arrive."""
    accounts = {f"account-{n}": data.draw(st.sampled_from(SEGMENTS)) for n in range(3)}
    everything = [
        event
        for account, segment in accounts.items()
        for event in (
            *([said("2025-11-01", "group", account=account, segment=segment)] if segment else ()),
            *data.draw(events(account)),
        )
    ]
    last = said("2026-06-30", "group", account="account-0", note="so that the period is over")
    database = new_database()
    ledger, facets = Model(database, Terms(Rates("USD"))), FacetModel(database, AGREED)
    asked_before = data.draw(st.booleans())
    for some in _portions(data, [*everything, last]):
        ledger.take(some, {})
        facets.take(some, {})
        if asked_before:  # what was made before the rest came must be made anew
            facets.sums(Q1, ("segment",))
    facets.refresh()
    pure = _pure(accounts, [*everything, last])
    assert dict(facets.sums(Q1, ("segment",)).sheets) == pure
    assert facets.sums(Q1).sheets[()] == FacetSheet.total(pure.values())


def _portions(data: st.DataObject, some: Sequence[Event]) -> Sequence[Sequence[Event]]:
    size = data.draw(st.integers(1, 30))
    return [some[first : first + size] for first in range(0, len(some), size)]


def _pure(accounts: dict[str, str | None], some: Sequence[Event]) -> dict[tuple[str, ...], FacetSheet]:
    """By segment, without any database."""
    cohorts: dict[tuple[str, ...], list[FacetSheet]] = {}
    for account, segment in accounts.items():
        facets, mine = Facets(AGREED), [event for event in some if event.account_id == account]
        for event in mine:
            facets.take(event)
        if mine:
            cohorts.setdefault((segment or "(none)",), []).append(
                facets.sheet(Q1, Known({"segment": segment} | _stage(mine)), until=UNTIL)
            )
    return {values: FacetSheet.total(sheets) for values, sheets in cohorts.items()}


def _stage(some: Sequence[Event]) -> dict[str, object]:
    """The trait `stage` at the start of the quarter, which stage changes set as well; else its first value."""
    told = sorted(
        (event.at, event.message_id, str(event.properties["stage"]))
        for event in some
        if event.name in ("group", "journey_stage_changed") and event.properties.get("stage")
    )
    start = date(2026, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
    before = [stage for at, _, stage in told if at < start * 86_400]
    return {"stage": (before or [stage for _, _, stage in told[:1]] or [""])[-1]}


def test_accounts_that_only_use_the_product_count_under_none(new_database: Callable[[], Database]) -> None:
    """A5: nobody said what they are, and they are there all the same."""
    facets = take(
        new_database(), used("2026-03-01", "ann", "board", account="a"), used("2026-03-01", "bob", "board", account="b")
    )
    assert facets.sums(MARCH, ("segment",)).sheets.keys() == {("(none)",)}
    assert facets.sums(MARCH).sheets[()]["usage/users"] == 2


def test_what_was_taken_before_a_crash_is_not_taken_again(new_database: Callable[[], Database]) -> None:
    """Positions go with the facets; and events that come again all the same count once."""
    database = new_database()
    some = [used("2026-03-01", "ann", "board"), used("2026-03-02", "ann", "board")]
    facets = take(database, *some)
    assert FacetModel(database, agreed()).positions() == {"log": 3}
    facets.take(some, {"log": 3})
    assert facets.sums(MARCH).sheets[()]["usage/events"] == 2


def test_late_events_change_a_period_that_was_asked_for_and_leave_others_alone(
    new_database: Callable[[], Database],
) -> None:
    facets = take(new_database(), used("2026-03-01", "ann", "board"), used("2026-05-01", "ann", "board"))
    january = Period.parse("2026-01")
    before = [facets.sums(period).sheets.get((), FacetSheet())["usage/events"] for period in (january, MARCH)]
    facets.take([used("2026-03-20", "ann", "board")], {})
    assert facets.refresh() == 1
    after = [facets.sums(period).sheets.get((), FacetSheet())["usage/events"] for period in (january, MARCH)]
    assert (before, after) == ([0, 1], [0, 2])


def test_a_running_period_is_judged_anew_when_a_day_is_over(new_database: Callable[[], Database]) -> None:
    """A1: who waits, has waited a day longer."""
    facets = take(new_database(), said("2026-01-10", "account_created"))
    assert facets.sums(Q1).sheets[()]["ttfv_waiting/1"] == 1
    facets.take([said("2026-01-15", "outreach_logged")], {})
    assert facets.refresh() == 1
    assert facets.sums(Q1).sheets[()]["ttfv_waiting/6"] == 1


def test_other_agreements_make_kept_sums_anew(new_database: Callable[[], Database]) -> None:
    """A6: healthy on one day of 28 instead of four."""
    database = new_database()
    facets = take(database, used("2026-03-30", "ann", "board"), said("2026-04-02", "outreach_logged"))
    assert facets.sums(MARCH).sheets[()]["usage/regular"] == 0
    other = FacetModel(database, agreed(healthy_usage={"days": 1, "window": "28d"}))
    assert other.refresh() == 1
    assert other.sums(MARCH).sheets[()]["usage/regular"] == 1


def test_h1_scores_are_in_the_running_period_alone(new_database: Callable[[], Database]) -> None:
    """H1: 80 and 60 make 70; of a quarter that is over nobody kept them."""
    database = new_database()
    Model(database, Terms(Rates("USD")))
    scores = {"a": Score(80.0, 1.0, "healthy"), "b": Score(60.0, 0.5, "watch"), "gone": Score(0.0, 1.0, "at_risk")}
    facets = FacetModel(database, agreed(), lambda: scores)
    facets.take([used("2026-04-02", "ann", "board", account=name) for name in ("a", "b")], {})
    running = facets.sums(Period.parse("2026-Q2")).sheets[()]
    assert (running["health/n"], running["health/points"], running["health_band/watch"]) == (2, 14_000, 1)
    assert facets.sums(Q1).sheets.get((), FacetSheet())["health/n"] == 0
    assert adoption(running)[-1].n == 2


def test_an_account_that_has_left_owes_no_plan_and_is_in_no_stage(new_database: Callable[[], Database]) -> None:
    """O2, O5: active until the end of its term, and not after."""
    facets = take(
        new_database(),
        said(
            "2026-01-02",
            "subscription_started",
            subscription_id="s",
            product="core",
            arr=100,
            currency="USD",
            renews_at="2026-03-01",
        ),
        said("2026-02-10", "subscription_churned", subscription_id="s", product="core").replace(stream="revenue"),
        said("2026-05-01", "outreach_logged"),
    )
    there, gone = facets.sums(Period.parse("2026-01")).sheets[()], facets.sums(MARCH).sheets[()]
    assert (there["plans/due"], there["accounts"]) == (1, 1)
    assert (gone["plans/due"], gone["accounts"], gone["stage_accounts/(none)"]) == (0, 0, 0)
