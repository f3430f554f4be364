"""The facets in SQL: the same as the pure ones on both databases, kept up as events come, by any cohort."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.adoption import adoption
from scorecard.care import campaigns, plan_coverage
from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Facets
from scorecard.facets.joining import joined
from scorecard.family import entity
from scorecard.model.database import Database
from scorecard.model.facet_scores import Score
from scorecard.model.facets import FacetModel
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
    merged = data.draw(
        st.dictionaries(st.sampled_from(sorted(accounts)), st.sampled_from(sorted(accounts)), max_size=2)
    )
    everything = [
        event
        for account, segment in accounts.items()
        for event in (
            *([said("2025-11-01", "group", account=account, segment=segment)] if segment else ()),
            *data.draw(events(account)),
        )
    ]
    for account, into in merged.items():
        place = data.draw(st.integers(0, len(everything)))
        everything.insert(place, said("2026-02-01", "group", account=account, merged_into=into))
        everything.insert(place, said("2026-02-01", "group", account=into, note="there"))
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
    pure = {values: sheet for values, sheet in _pure(accounts, merged, [*everything, last]).items() if sheet}
    assert dict(facets.sums(Q1, ("segment",)).sheets) == pure
    assert facets.sums(Q1).sheets.get((), FacetSheet()) == FacetSheet.total(pure.values())


def _portions(data: st.DataObject, some: Sequence[Event]) -> Sequence[Sequence[Event]]:
    size = data.draw(st.integers(1, 30))
    return [some[first : first + size] for first in range(0, len(some), size)]


def _pure(
    accounts: dict[str, str | None], merged: dict[str, str], some: Sequence[Event]
) -> dict[tuple[str, ...], FacetSheet]:
    """By segment, without any database."""
    families: dict[str, list[str]] = {}
    for account in accounts:
        leader = entity(account, merged, {})
        families.setdefault(leader, []).append(account)
    cohorts: dict[tuple[str, ...], list[FacetSheet]] = {}
    for leader, members in families.items():
        of_members = [
            [event for event in some if event.account_id == name]
            for name in sorted(members, key=lambda name: (name != leader, name))
        ]
        told = [_taken(mine) for mine in of_members if mine]
        if told:
            known = Known({"segment": accounts[leader]} | _stage(of_members[0]))
            known = known._replace(ended={*range(1, len(told))})
            sheet = joined(AGREED, told).sheet(Q1, known, until=UNTIL)
            cohorts.setdefault((accounts[leader] or "(none)",), []).append(sheet)
    return {values: FacetSheet.total(sheets) for values, sheets in cohorts.items()}


def _taken(some: Sequence[Event]) -> Facets:
    facets = Facets(AGREED)
    for event in some:
        facets.take(event)
    return facets


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
    facets.refresh()
    after = [facets.sums(period).sheets.get((), FacetSheet())["usage/events"] for period in (january, MARCH)]
    assert (before, after) == ([0, 1], [0, 2])


def test_a_running_period_is_judged_anew_when_a_day_is_over(new_database: Callable[[], Database]) -> None:
    """A1: who waits, has waited a day longer."""
    facets = take(new_database(), said("2026-01-10", "account_created"))
    assert facets.sums(Q1).sheets[()]["ttfv_waiting/1"] == 1
    facets.take([said("2026-01-15", "outreach_logged")], {})
    facets.refresh()
    assert facets.sums(Q1).sheets[()]["ttfv_waiting/6"] == 1


def test_other_agreements_make_kept_sums_anew(new_database: Callable[[], Database]) -> None:
    """A6: healthy on one day of 28 instead of four."""
    database = new_database()
    facets = take(database, used("2026-03-30", "ann", "board"), said("2026-04-02", "outreach_logged"))
    assert facets.sums(MARCH).sheets[()]["usage/regular"] == 0
    other = FacetModel(database, agreed(healthy_usage={"days": 1, "window": "28d"}))
    other.refresh()
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


def started(account: str, **traits: Any) -> list[Event]:
    """An account that pays since 2025."""
    return [
        said("2025-10-01", "group", account=account, **traits),
        said("2025-10-01", "subscription_started", account=account, product="core", arr=100, currency="USD"),
    ]


FAMILY = [
    *started("a", segment="smb", seats=10), *started("b", seats=5), *started("c", segment="smb"),
    *(said("2026-03-02", "success_plan_created", account=name, plan_id="p") for name in "ab"),
    said("2026-03-03", "success_plan_closed", account="b", plan_id="p"),
    *(said("2026-03-04", "campaign_launched", account=name, campaign="spring") for name in "ab"),
    *(used("2026-03-05", "ann", "board", account=name) for name in "abc"),
    *(said("2026-03-06", "nps_answered", "ann", account=name, score=score) for name, score in (("a", 9), ("c", 3))),
    said("2026-07-02", "outreach_logged", account="c"),
]  # fmt: skip


def of_march(facets: FacetModel) -> tuple[object, ...]:
    """Accounts, of them those with a plan and those due one; reached by a campaign; users; seats; smb accounts."""
    sheet = facets.sums(MARCH).sheets[()]
    plans, reach = plan_coverage(sheet), campaigns(sheet)[1]
    smb = facets.sums(MARCH, ("segment",)).sheets["smb",]["accounts"]
    users, bought = sheet["usage/users"], sheet["seats/bought"]
    return sheet["accounts"], (plans.numerator, plans.denominator), reach.numerator, users, bought, smb


def test_accounts_merged_into_one_count_once_in_every_period(new_database: Callable[[], Database]) -> None:
    """A3, A5, O1, O2: b goes into a in August, which restates March; ann in both is one person, c stays apart."""
    database = new_database()
    ledger, facets = model(database)
    for taker in (ledger, facets):
        taker.take(FAMILY, {"log": 50})
    assert of_march(facets) == (3, (2 - 1, 3), 2, 3, 15, 2)
    merge = [said("2026-08-01", "group", account="b", merged_into="a")]
    for taker in (facets, ledger):  # in whichever order the two come to it
        taker.take(merge, {"log": 51})
    facets.refresh()
    assert of_march(facets) == (2, (1, 2), 1, 2, 15, 2)
    undone = [said("2026-08-02", "group", account="b", merged_into="b")]
    for taker in (ledger, facets):
        taker.take(undone, {"log": 52})
    facets.refresh()
    assert of_march(facets) == (3, (1, 3), 2, 3, 15, 2)


def test_steps_of_merged_accounts_stay_in_the_figures(new_database: Callable[[], Database]) -> None:
    """O4, O5: b left onboarding in time and was merged into a, of which no stage was ever said, in whichever order."""
    steps = [
        said("2026-01-10", "journey_stage_changed", account="b", stage="onboard"),
        said("2026-02-20", "journey_stage_changed", account="b", stage="adopt"),
    ]
    merge = [said("2026-08-01", "group", account="b", merged_into="a")]
    for parts in ([FAMILY, steps, merge], [FAMILY, merge, steps], [merge, steps, FAMILY]):
        ledger, facets = model(new_database())
        for some in parts:
            for taker in (ledger, facets):
                taker.take(some, {})
            facets.sums(Q1)
        facets.refresh()
        sheet = facets.sums(Q1).sheets[()]
        assert (sheet["stages/due"], sheet["stages/on_time"], sheet["stage_entered/adopt"]) == (1, 1, 1)
        assert dict(sheet.under("stage_accounts")) == {"adopt": 1, "(none)": 1}


def test_with_unit_parent_a_step_that_a_child_owes_is_missed(new_database: Callable[[], Database]) -> None:
    """O4: b and c are children of a, and onboard since January; c has left."""
    database = new_database()
    ledger, facets = Model(database, Terms(Rates("USD"), "parent")), FacetModel(database, agreed())
    family = [
        *(said("2026-01-01", "group", account=name, parent="a") for name in "bc"),
        *(said("2026-01-02", "journey_stage_changed", account=name, stage="onboard") for name in "bc"),
        said("2026-01-20", "subscription_churned", account="c", product="core").replace(stream="revenue"),
    ]
    for taker in (ledger, facets):
        taker.take([*FAMILY, *family], {})
    sheet = facets.sums(Q1).sheets[()]
    assert (sheet["stages/due"], sheet["stages/on_time"]) == (1, 0)


def test_with_unit_parent_a_family_counts_once(new_database: Callable[[], Database]) -> None:
    """O2, O1: holding is told of by nothing but its children, which together are one."""
    database = new_database()
    ledger = Model(database, Terms(Rates("USD"), "parent"))
    facets = FacetModel(database, agreed())
    family = [said("2026-01-01", "group", account=name, parent="holding") for name in "bc"]
    for taker in (ledger, facets):
        taker.take([*FAMILY, *family], {"log": 50})
    sheet = facets.sums(MARCH).sheets[()]
    assert (sheet["accounts"], sheet["plans/due"], sheet["usage/accounts"], sheet["usage/users"]) == (2, 2, 2, 2)
    assert dict(facets.signs(MARCH)).keys() == {"a", "holding"}


def test_sums_made_before_the_ledger_came_as_far_are_made_anew(new_database: Callable[[], Database]) -> None:
    """Else a segment that the ledger had not heard of yet would lack for ever."""
    ledger, facets = model(new_database())
    facets.take(FAMILY, {"log": 50})
    ledger.take([], {"log": 1})
    assert facets.sums(MARCH, ("segment",)).sheets.keys() == {("(none)",)}
    ledger.take(FAMILY, {"log": 50})
    facets.refresh()
    assert facets.sums(MARCH, ("segment",)).sheets.keys() == {("(none)",), ("smb",)}


@pytest.mark.parametrize(
    ("later", "count", "before", "after"),
    [
        (said("2026-06-01", "group", start_date="2026-02-10"), "activation/due", 0, 1),
        (said("2026-06-01", "subscription_churned", product="core", effective_at="2026-02-01"), "accounts", 1, 0),
        (
            said(
                "2026-06-01", "subscription_started", product="core", arr=100, currency="USD", corrects="first",
                effective_at="2026-05-01",
            ),
            "accounts", 1, 0,
        ),
    ],
    ids=["start date", "effective earlier", "correction"],
)  # fmt: skip
def test_what_is_said_later_of_a_period_that_is_over_changes_it(
    later: Event, count: str, before: int, after: int, new_database: Callable[[], Database]
) -> None:
    """A2, O1: the event is of June, and what it says is of March."""
    ledger, facets = model(new_database())
    first = said("2026-01-20", "subscription_started", product="core", arr=100, currency="USD")
    some = [first.replace(message_id="first"), said("2026-05-01", "outreach_logged")]
    found = []
    for events_ in (some, [later]):
        for taker in (ledger, facets):
            taker.take(events_, {})
        facets.refresh()
        found.append(facets.sums(MARCH).sheets[()][count])
    assert found == [before, after]


def test_h1_of_merged_accounts_weighs_by_what_they_pay(new_database: Callable[[], Database]) -> None:
    """H1: 80 of 300 and 40 of 100 make 70, and one account."""
    database = new_database()
    ledger = Model(database, Terms(Rates("USD")))
    scores = {"a": Score(80.0, 1.0, "healthy"), "b": Score(40.0, 0.5, "watch")}
    facets = FacetModel(database, agreed(), lambda: scores)
    some = [
        said("2026-04-01", "subscription_started", account="a", product="core", arr=300, currency="USD"),
        said("2026-04-01", "subscription_started", account="b", product="core", arr=100, currency="USD"),
        said("2026-04-02", "group", account="b", merged_into="a"),
    ]
    for taker in (ledger, facets):
        taker.take(some, {})
    running = facets.sums(Period.parse("2026-Q2")).sheets[()]
    assert (running["health/n"], running["health/points"], running["health/coverage"]) == (1, 7_000, 8_750)
    assert (running["health_band/healthy"], running["health_band/watch"]) == (1, 0)
