"""What the read model answers beside the sheets, what it restates, and what it refuses."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import event, text

from scorecard.exposure import touches
from scorecard.model.asked import ODD_MAX
from scorecard.model.database import Database, DatabaseError, Unavailable
from scorecard.model.model import Model
from scorecard.model.pages import CursorError
from scorecard.model.rows import Page
from scorecard.model.schema import SchemaError
from scorecard.model.views import VIEWS
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.retention import grr, logo_retention, nrr
from scorecard.touchpoint import TOUCHPOINTS_MAX
from tests.scorecard.model import oracle
from tests.scorecard.model.stories import TERMS, changed, day, described, ended, instant, said, started, touched

Row = TypeVar("Row")

Q1, MARCH = Period.parse("2026-Q1"), Period.parse("2026-03")

STORY = [
    described("acme", "2025-06-01", segment="smb"), described("bolt", "2025-06-01", segment="enterprise"),
    described("cord", "2025-06-01", segment="smb"),
    started("acme", "2025-07-01", 1200), started("bolt", "2025-08-01", 5000), started("cord", "2026-02-10", 300),
    touched("bolt", "2026-02-20", "academy", "ann"), touched("bolt", "2026-02-25", "council", "bob"),
    changed("acme", "2026-02-01", 1500), changed("bolt", "2026-03-05", 6000),
    started("bolt", "2026-03-07", 900, product="plan"), ended("acme", "2026-03-20"),
]  # fmt: skip


@pytest.fixture
def told(new_database: Callable[[], Database]) -> Model:
    """A read model that took the story."""
    model = Model(new_database(), TERMS)
    model.take(STORY, {})
    return model


def all_rows(ask: Callable[[str | None], Page[Row]]) -> list[Row]:
    """Page by page to the end."""
    rows, after = [], None
    while True:
        page = ask(after)
        rows += page.rows
        if page.next is None:
            return rows
        after = page.next


def test_movements_come_by_day_a_page_at_a_time_each_with_what_touched_the_account_before(told: Model) -> None:
    """C1."""
    found = all_rows(lambda after: told.movements(after=after, limit=2))
    assert [(one.movement.account_id, one.movement.kind.value, one.movement.cents) for one in found] == [
        ("acme", "new", 1200_00), ("bolt", "new", 5000_00), ("acme", "upsell", 300_00), ("cord", "new", 300_00),
        ("bolt", "upsell", 1000_00), ("bolt", "cross_sell", 900_00), ("acme", "churn", -1500_00),
    ]  # fmt: skip
    assert [[touch.programme for touch in one.touchpoints] for one in found] == [
        [], [], [], [], ["academy", "council"], ["academy", "council"], [],
    ]  # fmt: skip
    book = oracle.books_of(STORY, TERMS)["bolt"]
    assert [list(one.touchpoints) for one in found if one.movement.account_id == "bolt"] == [
        list(touches(book.touchpoints, movement.on, TERMS.exposing.within_days)) for movement in book.movements
    ]


def test_movements_can_be_asked_for_by_period_account_and_kind(told: Model) -> None:
    inside = told.movements(MARCH).rows
    assert [one.movement.on for one in inside] == [day("2026-03-05"), day("2026-03-07"), day("2026-03-20")]
    assert {one.movement.account_id for one in told.movements(account_id="bolt").rows} == {"bolt"}
    assert [one.movement.account_id for one in told.movements(kinds=[Kind.CHURN]).rows] == ["acme"]
    assert told.movements(account_id="nobody").rows == []


def test_a_correction_takes_a_movement_back_and_the_ledger_keeps_both(told: Model) -> None:
    before = instant("2026-04-01")
    wrong = next(one for one in STORY if one.name == "subscription_expanded" and one.account_id == "bolt")
    told.take(
        [said("bolt", "revenue", "subscription_expanded", "2026-03-05", arrived="2026-04-02", corrects=wrong.message_id,
              subscription_id="bolt-core", product="core", arr=5500, currency="EUR")],
        {},
    )  # fmt: skip
    now = [one.movement.cents for one in told.movements(account_id="bolt", kinds=[Kind.UPSELL]).rows]
    then = [one.movement.cents for one in told.movements(account_id="bolt", kinds=[Kind.UPSELL], known_at=before).rows]
    assert (now, then) == ([500_00], [1000_00])
    assert told.sheet(Q1)[()].upsell == 300_00 + 500_00
    assert told.sheet(Q1, (), before)[()].upsell == 300_00 + 1000_00


def test_late_data_restates_a_period_that_was_over_and_says_what_it_changed(told: Model) -> None:
    told.sheet(MARCH)
    told.take([changed("cord", "2026-03-10", 450, arrived="2026-03-11")], {})
    assert told.restatements().rows == [], "March was not over: its figures were not final"
    told.take([changed("cord", "2026-03-12", 500, arrived="2026-04-03")], {})
    (one,) = told.restatements(MARCH).rows
    assert (one.period, one.entity, one.known_at) == ("2026-03", "cord", instant("2026-04-03"))
    assert one.changes["end"] == (450_00, 500_00)
    assert one.changes["upsell"] == (150_00, 200_00)
    assert told.restatements(Q1).rows == []


def test_a_restatement_names_the_event_that_made_it_and_of_several_the_newest(told: Model) -> None:
    told.sheet(MARCH)
    told.sheet(Q1)
    late, later = (changed("cord", "2026-02-27", 400 + n, arrived=f"2026-04-0{3 + n}") for n in (0, 1))
    beside = changed("cord", "2026-04-06", 500)
    told.take([late], {})
    told.take([later.replace(at=instant("2026-03-30")), beside], {})
    found = [(one.period, one.message_id, one.messages) for one in told.restatements().rows]
    assert found == [
        ("2026-Q1", later.message_id, 1), ("2026-03", later.message_id, 1), ("2026-Q1", late.message_id, 1),
        ("2026-03", late.message_id, 1),
    ]  # fmt: skip
    told.take([changed("cord", f"2026-03-{day}", 600 + day, arrived="2026-05-01") for day in range(11, 28)], {})
    assert {one.messages for one in told.restatements(MARCH, limit=1).rows} == {17}


def test_a_restatement_that_was_left_for_later_still_names_its_event(
    told: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorecard.model.model.SETTLED_AT_ONCE", 0)
    told.sheet(MARCH)
    late = [
        changed("cord", "2026-03-10", 400, arrived="2026-04-03"),
        changed("cord", "2026-03-11", 500, arrived="2026-04-04"),
    ]
    for one in late:
        told.take([one], {})
    assert (told.restatements().rows, told.settle()) == ([], 0)
    (row,) = told.restatements().rows
    assert (row.message_id, row.messages, row.known_at) == (late[1].message_id, 2, instant("2026-04-04"))


def test_what_retention_was_before_each_day_on_which_late_data_came_is_told_backwards(told: Model) -> None:
    """R2, R3: what each day says was before is what was answered then."""
    answered = []
    for arrived, arr in (("2026-04-03", 1000), ("2026-04-05", 1700), (None, 0)):
        whole = told.sheet(MARCH)[()]
        answered.append((grr(whole).value, nrr(whole).value))
        if arrived is not None:
            told.take([changed("acme", "2026-03-02", arr, arrived=arrived)], {})
            told.take([described("cord", arrived, merged_into="bolt")], {})
    found = told.restated(MARCH)
    assert [(one.on, one.entities) for one in found] == [(day("2026-04-05"), 1), (day("2026-04-03"), 3)]
    told_of = [(grr(one.before).value, nrr(one.before).value) for one in found]
    assert [(grr(found[0].after).value, nrr(found[0].after).value), *told_of] == answered[::-1]
    assert told.restated(Q1) == [], "nobody has asked for it"


def test_an_account_that_was_in_another_cohort_all_along_restates_what_was_over(told: Model) -> None:
    """What was said late of its segment moves its revenue, which stays what it was."""
    told.sheet(MARCH)
    told.take([said("cord", "accounts", "group", "2026-02-28", arrived="2026-04-03", segment="public")], {})
    (one,) = told.restatements(MARCH).rows
    assert one.entity == "cord"
    assert one.changes.keys() == {"cohort.segment"}
    assert one.changes["cohort.segment"][1] == "public"


def test_an_issue_that_stands_against_something_else_from_now_on_is_not_settled(told: Model) -> None:
    after = changed("acme", "2026-04-01", 1700)
    told.take([after], {})
    renewed = said("acme", "revenue", "subscription_renewed", "2025-09-01", arrived="2026-04-02", arr=1200,
                   subscription_id="acme-core", product="core", currency="EUR", renews_at="2026-03-19")  # fmt: skip
    told.take([renewed], {})
    (found,) = told.issues(account_id="acme").rows
    assert (found.message_id, found.reason) == (after.message_id, "after_end")
    assert found.message == "the subscription is paid until 2026-03-19"
    assert len(told.issues(account_id="acme", settled=True).rows) == 2


def test_members_of_a_cohort_come_a_page_at_a_time_and_add_up_to_its_sheet(told: Model) -> None:
    """S2: from a figure down to the accounts."""
    smb = all_rows(lambda after: told.accounts(Q1, {"segment": "smb"}, after=after, limit=1))
    assert [member.entity for member in smb] == ["acme", "cord"]
    assert smb[0].sheet + smb[1].sheet == told.sheet(Q1, ("segment",))[("smb",)]
    assert smb[0].cohort["segment"] == "smb"
    (plan,) = told.accounts(Q1, {"product": "plan"}).rows
    assert (plan.entity, plan.sheet.cross_sell) == ("bolt", 900_00)


def test_issues_are_itemised_and_those_that_were_settled_are_left_out(told: Model) -> None:
    told.take([ended("dune", "2026-01-10", arrived="2026-01-10")], {})
    assert "churn_before_start" in {one.reason for one in told.issues(account_id="dune").rows}
    told.take([started("dune", "2025-12-01", 100, arrived="2026-01-20")], {})
    assert "churn_before_start" not in {one.reason for one in told.issues(account_id="dune").rows}
    (settled,) = [one for one in told.issues(settled=True).rows if one.reason == "churn_before_start"]
    assert settled.settled_at == instant("2026-01-20")


def test_issues_are_counted_by_reason_once_an_event_and_without_what_was_settled(told: Model) -> None:
    before = {one.reason: one for one in told.issue_counts()}
    unrated = [
        said(account, "revenue", "subscription_started", "2026-01-09", subscription_id=name, arr=100, currency="XAU")
        for account, name in (("dune", "one"), ("dune", "two"), ("acme", "three"))
    ]
    twice = said("cord", "revenue", "subscription_started", "2026-01-09", subscription_id=["x"], product=["y"], arr=1)
    told.take([*unrated, twice, ended("dune", "2026-01-10", arrived="2026-01-10")], {})
    found = {one.reason: one for one in told.issue_counts()}
    assert "unknown_currency" not in before
    assert found["unknown_currency"] == ("unknown_currency", 3, 2)
    assert len(told.issues(reason="wrong_type").rows) == 2
    assert (found["wrong_type"].events, found["wrong_type"].accounts) == (1, 1)
    assert found["churn_before_start"].events == 1
    told.take([started("dune", "2025-12-01", 100, arrived="2026-01-20")], {})
    assert "churn_before_start" not in {one.reason for one in told.issue_counts()}
    for reason, events, accounts in told.issue_counts():
        listed = all_rows(lambda after, reason=reason: told.issues(reason=reason, after=after))  # type: ignore[misc]
        assert (events, accounts) == (
            len({(one.account_id, one.message_id) for one in listed}), len({one.account_id for one in listed})
        )  # fmt: skip


def test_spend_and_opportunities_can_be_asked_for(told: Model) -> None:
    """E2, E3."""
    told.take(
        [said("us", "revenue", "spend_recorded", "2026-01-05", motion="clg", amount=250, currency="EUR"),
         said("acme", "revenue", "opportunity_opened", "2026-01-06", opportunity_id="o-1", amount=700, currency="EUR")],
        {},
    )  # fmt: skip
    assert [(one.motion, one.cents) for one in told.spends(Q1)] == [("clg", 250_00)]
    assert told.spends(Period.parse("2025")) == []
    assert [(one.state, one.cents) for one in told.dealings(day("2026-02-01"))] == [("opened", 700_00)]
    assert told.dealings(day("2026-01-06")) == []


def test_what_is_taken_again_changes_nothing(told: Model) -> None:
    before = told.sheet(Q1), told.movements().rows, told.issues().rows
    told.take(STORY, {"log": 3})
    assert (told.sheet(Q1), told.movements().rows, told.issues().rows) == before
    assert told.positions() == {"log": 3}


def test_a_touchpoint_older_than_all_that_a_book_keeps_counts_once_however_often_it_is_sent(told: Model) -> None:
    """C1: two thousand newer ones have come since; the rows know it, in the same transaction and in a later one."""
    first, newest = instant("2026-01-01"), touched("cord", "2026-01-01", "academy")
    many = [newest.replace(at=first + n, message_id=f"t-{n}") for n in range(TOUCHPOINTS_MAX + 3)]
    assert told.take(many, {}).touchpoints == len(many)
    assert told.take([many[0], *many[:3], many[-1]], {}).touchpoints == 0
    late = newest.replace(at=first - 60.0, message_id="late")
    assert told.take([late, late, many[1]], {}).touchpoints == 1
    assert told.take([late], {}).touchpoints == 0


def test_a_dimension_that_is_not_kept_is_refused_with_those_that_are(told: Model) -> None:
    with pytest.raises(ValueError, match="'colour' are not kept; kept are: product, segment"):
        told.sheet(Q1, ("colour",))


@pytest.mark.parametrize("after", ["", "{}", "[1]", '["a", 2]', "[1, 2, 3]"])
def test_what_is_no_next_of_a_page_is_refused(told: Model, after: str) -> None:
    with pytest.raises(CursorError, match="is not the `next` of a page"):
        told.movements(after=after)


def test_without_computing_a_period_is_wished_for_and_got_from_who_does(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    keeper, asker = Model(database, TERMS), Model(database, TERMS, computes=False)
    keeper.take(STORY, {})
    monkeypatch.setattr("scorecard.model.model.time.sleep", lambda seconds: keeper.grant())
    assert asker.sheet(Q1) == keeper.sheet(Q1)
    assert keeper.grant() == 0


def test_of_odd_periods_the_first_ones_go_and_come_back_when_they_are_asked_for(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    model = Model(database, TERMS)
    model.take(STORY, {})
    days = [day("2026-01-01") + timedelta(days=number) for number in range(ODD_MAX + 3)]
    odd = [Period(MARCH.start, one, f"to {one}") for one in days if one > MARCH.start]
    odd += [Period(day("2025-07-01"), one, f"until {one}") for one in days]
    sheets = [model.sheet(period) for period in (MARCH, *odd)]
    assert len(rows(database, "SELECT * FROM periods WHERE calendar = ''")) == ODD_MAX
    assert rows(database, "SELECT * FROM periods WHERE calendar = 'month'"), "a month stays"
    assert [model.sheet(period) for period in (MARCH, *odd)] == sheets
    with pytest.raises(ValueError, match=f"{ODD_MAX + 1} periods that are no week, .* at most {ODD_MAX} at a time"):
        model.series(odd[: ODD_MAX + 1])


def rows(database: Database, sql: str) -> list[dict[str, object]]:
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(text(sql)).mappings()]


def test_the_views_show_what_the_formulas_say(new_database: Callable[[], Database]) -> None:
    """R1, R2, R3, R4, C1."""
    database = new_database()
    model = Model(database, TERMS)
    model.take(STORY, {})
    sheets = {label: model.sheet(Period.parse(label)) for label in ("2026-02", "2026-03", "2026-Q1")}
    model.sheet(MARCH, ("segment",))
    shown = {row["period"]: row for row in rows(database, "SELECT * FROM v_nrr_by_month")}
    assert shown.keys() == {"2026-02", "2026-03"}
    for label, row in shown.items():
        sheet = sheets[str(label)][()]
        for name, formula in (("nrr", nrr), ("grr", grr), ("logo_retention", logo_retention)):
            value = formula(sheet).value
            assert value is not None
            assert float(str(row[name])) == pytest.approx(float(value), abs=1e-12)
    assert [row["period"] for row in rows(database, "SELECT * FROM v_nrr_by_quarter")] == ["2026-Q1"]
    for row in rows(database, "SELECT * FROM v_waterfall_by_month"):
        bars = ("start", "new", "reactivation", "upsell", "cross_sell", "usage", "contraction", "churn", "fx")
        assert sum(int(str(row[bar])) for bar in bars) == row["total_end"]
    by_cohort = rows(
        database, "SELECT * FROM v_nrr_by_month_and_cohort WHERE period = '2026-03' AND dimension = 'segment'"
    )
    assert {row["value"] for row in by_cohort} == {"smb", "enterprise"}
    moved = rows(database, "SELECT account_id, kind, cents, exposed FROM v_movements ORDER BY day, id")
    assert [(row["account_id"], row["exposed"]) for row in moved if row["exposed"]] == [("bolt", 1), ("bolt", 1)]
    assert sum(int(str(row["cents"])) for row in moved) == sheets["2026-Q1"][()].total_end
    assert {row["entity"]: row["end"] for row in rows(database, "SELECT * FROM v_entities WHERE product = ''")}


def test_every_view_opens_and_tells_dates_as_dates(new_database: Callable[[], Database]) -> None:
    database = new_database()
    Model(database, TERMS).take(STORY, {})
    found = {view.name: rows(database, f"SELECT * FROM {view.name}") for view in VIEWS}
    assert str(found["v_movements"][0]["day"]) == "2025-07-01"
    assert str(found["v_traits"][0]["since"])[:10] == "2025-06-01"
    assert {row["key"]: row["value"] for row in found["v_settings"]}["reporting_currency"] == "EUR"


def test_tables_of_another_version_are_refused(new_database: Callable[[], Database]) -> None:
    database = new_database()
    Model(database, TERMS)
    with database.writing() as connection:
        connection.execute(text("UPDATE meta SET value = '999' WHERE key = 'schema_version'"))
    with pytest.raises(
        SchemaError,
        match=r"another version .* \(tables of version 999, this program has .* remove .* anew from its events",
    ):
        Model(database, TERMS)


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("mysql://u:hush@h/d", "'mysql' is not known; allowed: postgresql, sqlite"),
        ("not a url", "is no URL"),
        ("postgresql://u@h/d?password=hush", "write the password before the @"),
    ],
)
def test_a_url_that_is_none_of_ours_is_refused_without_its_secrets(where: str, problem: str) -> None:
    with pytest.raises(DatabaseError, match=problem) as caught:
        Database(where)
    assert "hush" not in str(caught.value)


def test_a_database_that_is_away_is_told_without_its_password() -> None:
    database = Database("postgresql://somebody:hush@127.0.0.1:1/nowhere")
    with pytest.raises(DatabaseError) as caught, database.reading():
        pass
    assert "hush" not in str(caught.value)
    assert "hush" not in database.name


def test_a_file_that_is_no_database_is_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "scorecard.db"
    file.write_text("hello " * 100)
    with pytest.raises(DatabaseError, match=r"scorecard\.db: file is not a database; remove it"):
        Model(Database(file), TERMS)


def test_what_is_closed_answers_nobody_any_more(new_database: Callable[[], Database]) -> None:
    database = new_database()
    model = Model(database, TERMS)
    database.close()
    with pytest.raises(Unavailable, match="closed"):
        model.newest()


def test_a_transaction_that_fails_leaves_neither_figures_nor_positions(new_database: Callable[[], Database]) -> None:
    model = Model(new_database(), TERMS)
    model.take(STORY[:4], {"log": 4})
    before = model.sheet(Q1)

    nothing: Any = None
    broken = STORY[5].replace(properties=nothing)
    with pytest.raises((AttributeError, TypeError)):
        model.take([changed("acme", "2026-02-02", 10), broken], {"log": 6})
    assert (model.sheet(Q1), model.positions()) == (before, {"log": 4})


def test_a_movement_costs_as_many_statements_however_long_the_history_is(new_database: Callable[[], Database]) -> None:
    """The figures that a movement touches are those of its entity in the periods that end after it."""
    counts = []
    for accounts, years in ((20, 1), (200, 3)):
        database = new_database()
        model = Model(database, TERMS)
        model.take([started(f"a{number}", "2020-01-01", 100) for number in range(accounts)], {})
        for month in range(12 * years):
            model.keep(Period.parse(f"{2025 - month // 12}-{12 - month % 12:02}"))
        ran: list[tuple[str, int]] = []

        def note(_c: object, _u: object, sql: str, given: Any, _x: object, many: bool, ran: Any = ran) -> None:
            ran.append((sql, len(given) if many else 1))

        event.listen(database._engine, "before_cursor_execute", note)
        model.take([changed("a7", "2025-12-20", 150)], {})
        event.remove(database._engine, "before_cursor_execute", note)
        counts.append(ran)
    small, large = counts
    assert small == large


def test_a_read_model_is_one_file_that_stands_beside_the_store(tmp_path: Path) -> None:
    Model(Database(tmp_path / "scorecard.db"), TERMS).take(STORY, {})
    assert (tmp_path / "scorecard.db").stat().st_size > 0
    assert json.dumps(sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".db")) == '["scorecard.db"]'
