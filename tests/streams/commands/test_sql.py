"""The SQL views of a read model beside the commands on it: whoever opens it with a BI tool sees the same figures."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scorecard.catalogue import catalogue, entry_of, figures, metric_of
from scorecard.model.database import Database
from scorecard.model.views import VIEWS
from scorecard.settings.file import load_scorecard, shipped_text
from streams.cli import app

CENT = 0.01 + 1e-9
"""Commands print amounts to the cent."""

PERIOD, MONTH = "2025-Q4", "2025-11"

Row = Mapping[str, Any]


def told(place: Path, *arguments: str) -> list[dict[str, Any]]:
    """The JSON lines of a command on the read model."""
    result = CliRunner().invoke(app, [*arguments, "--data", str(place), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def place(history: Path, scorecard_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("read-model") / "figures.db"
    arguments = ["replay", str(history), "--read-model", str(made), "--scorecard", str(scorecard_file)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    return made


@pytest.fixture
def sql(place: Path) -> Iterator[Database]:
    with closing(Database(place)) as database:
        yield database


def rows(database: Database, query: str) -> list[Row]:
    with database.reading() as connection:
        return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


def test_a_new_read_model_has_the_figures_of_the_last_quarter_before_anybody_asks(sql: Database, place: Path) -> None:
    query = "SELECT * FROM v_figures WHERE period = '2025-Q3' AND dimensions = ''"
    shown = {row["figure"]: row for row in rows(sql, query)}
    (nrr,) = told(place, "nrr", "--period", "2025-Q3")
    assert shown["R3"]["value"] == pytest.approx(nrr["nrr"]["value"])
    assert shown["R3"]["cohort"] == "{}"


@pytest.mark.parametrize("by", ["", "segment", "segment,industry"])
def test_every_metric_is_in_sql_as_the_scorecard_shows_it(by: str, sql: Database, place: Path) -> None:
    """All of the catalogue; of cohorts, what is made of sums."""
    asked = ("--by", by) if by else ()
    lines = told(place, "scorecard", "--view", "operational", "--period", PERIOD, *asked)
    expected = {
        (json.dumps(one["cohort"], ensure_ascii=False), one["id"]): _parts(one)
        for one in lines
        if "id" in one and bool(one["cohort"]) == bool(by)
    }
    query = f"SELECT * FROM v_figures WHERE period = '{PERIOD}' AND dimensions = '{by}'"
    shown = {(row["cohort"], row["figure"]): _shown(row) for row in rows(sql, query)}
    assert shown.keys() == expected.keys()
    for key, one in expected.items():
        for there, here in zip(shown[key], one, strict=True):
            assert there == (pytest.approx(here, abs=CENT / 2) if isinstance(here, float) else here), key
    if not by:
        assert {metric_of(figure) for _, figure in shown} == {*catalogue()}


def test_c5_of_each_programme_is_in_sql_as_the_measurement_has_it(sql: Database, place: Path) -> None:
    """C5: once the operational scorecard was shown."""
    told(place, "scorecard", "--view", "operational", "--period", PERIOD)
    (measured,) = told(place, "nrr", "--clg", "--period", PERIOD)
    query = f"SELECT * FROM v_figures WHERE period = '{PERIOD}' AND dimensions = 'programme'"
    shown = {json.loads(row["cohort"])["programme"]: row for row in rows(sql, query)}
    assert shown.keys() == measured["programmes"].keys() != set()
    for programme, one in measured["programmes"].items():
        here, there = shown[programme], one["lifts"]["nrr"]
        assert (here["figure"], here["value"]) == ("C5", there["value"])
        assert (here["low"], here["high"]) == (there["low"], there["high"])


def test_what_was_agreed_is_in_sql_before_anybody_asks(sql: Database) -> None:
    """The catalogue, and every target with its amounts in minor units."""
    shown = {row["figure"]: row for row in rows(sql, "SELECT * FROM v_metrics ORDER BY place")}
    assert [*shown] == [*figures()]
    for name, row in shown.items():
        entry = entry_of(name)
        wanted = entry.figures[name].title, entry.unit_of(name), entry.owner, entry.formula, entry.traps
        assert (row["title"], row["unit"], row["owner"], row["formula"], row["traps"]) == wanted
    agreed = load_scorecard(shipped_text(), file="scorecard.yaml").targets
    assert [row["figure"] for row in rows(sql, "SELECT * FROM v_targets")] == [one.metric for one in agreed]
    (nrr,) = rows(sql, "SELECT * FROM v_targets WHERE figure = 'R3'")
    assert (nrr["at_least"], nrr["at_most"], nrr["cohort"]) == (1.05, None, "{}")


def test_s1_lines_in_sql_are_those_of_the_executive_view_before_anybody_asks(sql: Database, place: Path) -> None:
    """S1: target, trend, best and worst cohort of the last whole quarter; G1 and G2 with them."""
    shown = {row["figure"]: row for row in rows(sql, "SELECT * FROM v_scorecard WHERE period = '2025-Q3'")}
    lines = told(place, "scorecard", "--period", "2025-Q3")
    assert shown.keys() == {line["id"] for line in lines}
    for line in lines:
        row, amount = shown[line["id"]], 100 if line["unit"] == "USD" else 1
        assert (row["trend"] or "", row["no_trend"], row["no_best"]) == (
            line["trend"],
            line["no_trend"],
            line["no_best"],
        )
        assert row["met"] == line["met"]
        for name, value in (("target", line["target"]), ("before", line["before"])):
            assert row[name] == (None if value is None else pytest.approx(value * amount))
        for end in ("best", "worst"):
            if line[end] is None:
                assert (row[end], row[f"{end}_value"]) == (None, None)
            else:
                assert json.loads(row[end]) == line[end]["cohort"]
                assert row[f"{end}_value"] == pytest.approx(line[end]["value"] * amount)


def test_c6_attribution_in_sql_is_that_of_the_command_before_anybody_asks(sql: Database, place: Path) -> None:
    """C6: every model adds up to X1, to the cent."""
    shown: dict[str, dict[str, int]] = {}
    for row in rows(sql, "SELECT * FROM v_attribution WHERE period = '2025-Q3'"):
        shown.setdefault(row["model"], {})[row["programme"]] = row["cents"]
    for one in told(place, "attribution", "--period", "2025-Q3"):
        assert shown[one["model"]] == {name: round(100 * amount) for name, amount in one["programmes"].items()}
    assert len(shown) == 5


def test_c3_to_c5_the_lift_in_sql_is_that_of_the_command_before_anybody_asks(sql: Database, place: Path) -> None:
    """C4, C5, with strata and balance."""
    (wanted,) = told(place, "nrr", "--clg", "--period", "2025-Q3")
    shown = {
        (row["programme"], row["outcome"]): row for row in rows(sql, "SELECT * FROM v_lift WHERE period = '2025-Q3'")
    }
    lifts = {("", outcome): one for outcome, one in wanted["lifts"].items()}
    lifts |= {
        (name, outcome): programme["lifts"][outcome]
        for name, programme in wanted["programmes"].items()
        for outcome in wanted["lifts"]
    }
    assert shown.keys() == lifts.keys()
    for key, one in lifts.items():
        names = ("value", "low", "high", "exposed_rate", "control_rate", "naive", "reason", "no_interval")
        assert [shown[key][name] for name in names] == [one[name] for name in names]
    strata = {row["stratum"]: row for row in rows(sql, "SELECT * FROM v_lift_strata WHERE period = '2025-Q3'")}
    parts = [*wanted["compared"], *wanted["left_out"]]
    assert len(strata) == len(parts) > 1
    for one in parts:
        row = strata[json.dumps(one["stratum"], ensure_ascii=False)]
        assert (row["exposed_n"], row["control_n"]) == (one["exposed"]["accounts"], one["others"]["accounts"])
        assert row["exposed_start"] == round(100 * one["exposed"]["start"])
        assert (row["weight"], row["reason"]) == (one.get("weight"), one.get("reason"))
    balance = {row["name"]: row for row in rows(sql, "SELECT * FROM v_lift_balance WHERE period = '2025-Q3'")}
    assert {name: (row["before"], row["after"], bool(row["balanced"])) for name, row in balance.items()} == {
        one["name"]: (one["before"], one["after"], one["balanced"]) for one in wanted["balance"]
    }


def test_c8_the_forecast_in_sql_is_that_of_the_command_before_anybody_asks(sql: Database, place: Path) -> None:
    """C8"""
    shown = {row["period"]: row for row in rows(sql, "SELECT * FROM v_forecast")}
    wanted = {row["period"]: row for row in told(place, "forecast")}
    assert shown.keys() == wanted.keys()
    for label, one in wanted.items():
        for name in ("kind", "nrr", "low", "high", "naive", "reason"):
            assert shown[label][name] == one.get(name)


def test_amounts_in_sql_are_whole_minor_units(sql: Database, place: Path) -> None:
    """E1, X4, X5 are quotients of money: 4852365.8759 cents nobody can pay."""
    told(place, "scorecard", "--view", "operational", "--period", PERIOD)
    found = rows(sql, "SELECT figure, value, numerator FROM v_figures WHERE unit = 'money' AND value IS NOT NULL")
    assert {row["figure"] for row in found} >= {"E1", "X4", "X5"}
    assert [row for row in found if row["value"] % 1 or row["numerator"] % 1] == []


def _parts(line: Row) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("value", "numerator", "denominator", "n", "low", "high", "reason"))


def _shown(row: Row) -> tuple[Any, ...]:
    """The row in the units of the commands: amounts in major ones, of dollars."""
    figure = entry_of(row["figure"]).figures[row["figure"]]
    amounts = {*figure.money, *(("value", "numerator") if row["unit"] == "money" else ())}
    return _parts({**row, **{name: row[name] / 100 for name in amounts if row[name] is not None}})


@pytest.mark.parametrize(("view", "period"), [("v_nrr_by_month", MONTH), ("v_nrr_by_quarter", PERIOD)])
def test_r1_r2_r3_in_sql_are_those_of_the_command(view: str, period: str, sql: Database, place: Path) -> None:
    (one,) = told(place, "nrr", "--period", period)
    (row,) = rows(sql, f"SELECT * FROM {view} WHERE period = '{period}'")
    for name in ("nrr", "grr", "logo_retention"):
        assert row[name] == pytest.approx(one[name]["value"])
    assert (row["start"], row["n_start"]) == (round(100 * one["waterfall"]["start"]), one["accounts"]["start"])


def test_r3_in_sql_by_cohort_is_that_of_the_command(sql: Database, place: Path) -> None:
    by_segment = {
        one["cohort"]["segment"]: one["nrr"]["value"]
        for one in told(place, "nrr", "--period", MONTH, "--by", "segment")
        if one["cohort"]
    }
    query = f"SELECT * FROM v_nrr_by_month_and_cohort WHERE period = '{MONTH}' AND dimension = 'segment'"
    assert {row["value"]: row["nrr"] for row in rows(sql, query)} == pytest.approx(by_segment)


def test_r4_in_sql_is_that_of_the_command_and_the_sum_of_the_movements(sql: Database, place: Path) -> None:
    bars = told(place, "nrr", "--period", MONTH)[0]["waterfall"]
    (row,) = rows(sql, f"SELECT * FROM v_waterfall_by_month WHERE period = '{MONTH}'")
    assert {name: row[name] for name in bars if name != "end"} == {
        name: round(100 * amount) for name, amount in bars.items() if name != "end"
    }
    assert row["total_end"] == round(100 * bars["end"])
    query = f"SELECT kind, sum(cents) AS cents FROM v_movements WHERE day LIKE '{MONTH}%' GROUP BY kind"
    ledger = {row["kind"]: row["cents"] for row in rows(sql, query)}
    query = f"SELECT kind, sum(difference) AS cents FROM v_differences WHERE period = '{MONTH}' GROUP BY kind"
    differences = {row["kind"]: row["cents"] for row in rows(sql, query)}
    for kind in ("new", "upsell", "cross_sell", "usage", "contraction", "churn", "fx", "reactivation"):
        assert ledger.get(kind, 0) + differences.get(kind, 0) == row[kind]


def test_s2_the_accounts_in_sql_are_those_of_the_command(sql: Database, place: Path) -> None:
    accounts = told(place, "scorecard", "accounts", "--period", PERIOD, "--limit", "1000")
    query = f"SELECT entity, start, total_end FROM v_entities WHERE period = '{PERIOD}' AND product = ''"
    assert {row["entity"]: (row["start"], row["total_end"]) for row in rows(sql, query)} == {
        one["account_id"]: (round(100 * one["start"]), round(100 * one["end"])) for one in accounts
    }


def test_every_view_can_be_read(sql: Database) -> None:
    for view in VIEWS:
        rows(sql, f"SELECT * FROM {view.name} LIMIT 1")
