"""What stands beside the figures of the commands: what is not counted in them, up to which day they are known, and
tables for a spreadsheet whose every cell is a value.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scorecard.catalogue import catalogue, figures
from scorecard.issue import NOT_COUNTED, REASONS
from scorecard.report.undated import UNDATED
from streams.cli import app
from streams.commands.reports import put_out

PERIOD, COMING, RUNNING = "2025-Q4", "2027-Q3", "2026"
NOTE = "not counted in any figure: "
FIGURE_COMMANDS = [
    ("scorecard", "--period", PERIOD),
    ("scorecard", "accounts", "--period", PERIOD),
    ("scorecard", "series", "--periods", "1"),
    ("nrr", "--period", PERIOD),
    ("nrr", "--monthly", "1"),
    ("nrr", "--period", PERIOD, "--clg"),
    ("attribution", "--period", PERIOD),
    ("forecast",),
    ("metrics", "--period", PERIOD),
]


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def rows(*arguments: str | Path) -> list[dict[str, Any]]:
    """The JSON lines of a command that must succeed."""
    told = invoke(*arguments, "--json")
    assert told.exit_code == 0, told.output
    return [json.loads(line) for line in told.stdout.splitlines()]


def sheet(*arguments: str | Path) -> list[dict[str, str]]:
    """The CSV of a command that must succeed."""
    told = invoke(*arguments, "--csv")
    assert told.exit_code == 0, told.output
    return list(csv.DictReader(io.StringIO(told.stdout)))


@pytest.fixture(scope="module")
def given(history: Path, scorecard_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """A read model in which everything is counted."""
    place = tmp_path_factory.mktemp("read-model") / "scorecard.db"
    told = invoke("replay", history, "--read-model", place, "--scorecard", scorecard_file)
    assert told.exit_code == 0, told.output
    return "--data", place


@pytest.fixture(scope="module")
def partial(history: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """One by the shipped scorecard, in which there is no rate for the euros of the history."""
    place = tmp_path_factory.mktemp("read-model") / "scorecard.db"
    told = invoke("replay", history, "--read-model", place)
    assert told.exit_code == 0, told.output
    return "--data", place


@pytest.fixture(scope="module")
def unrated(history: Path) -> dict[str, set[str]]:
    """Messages with an amount in euros, for which the shipped scorecard has no rate, by account."""
    found: dict[str, set[str]] = {}
    for line in history.read_text("utf-8").splitlines():
        message = json.loads(line)
        if message.get("properties", {}).get("currency") == "EUR":
            found.setdefault(message["context"]["groupId"], set()).add(message["messageId"])
    return found


@pytest.mark.parametrize("command", FIGURE_COMMANDS)
def test_every_command_says_under_its_figures_what_is_not_counted_in_them(
    command: tuple[str, ...], partial: Any, unrated: dict[str, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told = invoke(*command, *partial)
    assert told.exit_code == 0
    events = sum(map(len, unrated.values()))
    said = f"{NOTE}{events} events of {len(unrated)} accounts (unknown_currency); `accountpulse issues` lists them"
    assert said in told.stderr


def test_nothing_is_said_where_everything_is_counted(given: Any) -> None:
    assert NOTE not in invoke("nrr", *given, "--period", PERIOD).output


def test_of_a_history_the_same_is_said_as_of_a_read_model(
    history: Path, partial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = invoke("nrr", history, "--period", PERIOD).stderr
    assert NOTE in said
    assert said == invoke("nrr", *partial, "--period", PERIOD).stderr


@pytest.mark.parametrize(
    "command",
    [
        ("scorecard", "--period", PERIOD),
        ("nrr", "--period", PERIOD),
        ("nrr", "--monthly", "1"),
        ("nrr", "--period", PERIOD, "--clg"),
        ("attribution", "--period", PERIOD),
    ],
)
def test_machines_are_told_how_many_events_are_wrong_for_which_reason(
    command: tuple[str, ...], partial: Any, unrated: dict[str, set[str]]
) -> None:
    for row in rows(*command, *partial):
        (found,) = [one for one in row["issues"] if one["reason"] == "unknown_currency"]
        assert found["events"] == sum(map(len, unrated.values()))
        assert found["accounts"] == len(unrated)
        assert "not counted" in found["says"]


def test_issues_lists_each_event_with_its_field_its_value_and_what_is_allowed(
    partial: Any, unrated: dict[str, set[str]]
) -> None:
    found = rows("issues", *partial, "--reason", "unknown_currency", "--limit", "2000")
    by_account: dict[str, set[str]] = {}
    for one in found:
        assert (one["field"], one["value"]) == ("properties.currency", "EUR")
        by_account.setdefault(one["account_id"], set()).add(one["message_id"])
    assert by_account == unrated
    account = min(unrated)
    of_one = rows("issues", *partial, "--reason", "unknown_currency", "--account", account)
    assert {one["message_id"] for one in of_one} == unrated[account]
    assert [row["message_id"] for row in sheet("issues", *partial, "--limit", "3")] == [
        one["message_id"] for one in rows("issues", *partial, "--limit", "3")
    ]
    people = invoke("issues", *partial, "--limit", "3")
    assert "unknown_currency" in people.stdout
    assert "The newest 3; more with --limit" in people.stdout
    assert NOTE not in people.output


def test_issues_refuses_a_reason_that_there_is_not(partial: Any) -> None:
    told = invoke("issues", *partial, "--reason", "bad_luck")
    assert told.exit_code == 2
    assert "unknown_currency" in told.output


def test_what_is_said_to_be_not_counted_is_what_the_reasons_say() -> None:
    assert {reason for reason, said in REASONS.items() if "not counted" in said} == NOT_COUNTED


def test_a_generated_history_comes_with_a_scorecard_that_counts_all_of_it(tmp_path: Path) -> None:
    written = ("--out", tmp_path / "history.jsonl", "--scorecard", tmp_path / "scorecard.yaml")
    assert invoke("simulate", "--accounts", "12", "--days", "100", *written).exit_code == 0
    given = (tmp_path / "history.jsonl", "--scorecard", tmp_path / "scorecard.yaml")
    assert not [one for one in rows("issues", *given) if one["reason"] in NOT_COUNTED]
    assert [one["reason"] for one in rows("issues", given[0], "--reason", "unknown_currency")]


def test_r3_a_period_that_has_not_begun_has_no_figures(given: Any) -> None:
    """R1 to R4, and every other figure that is of a period."""
    (told,) = rows("nrr", *given, "--period", COMING, "--by", "segment")
    assert told["known_to"] == "2025-12-31"
    for name in ("nrr", "grr", "logo_retention"):
        assert (told[name]["value"], told[name]["n"]) == (None, 0)
        assert told[name]["reason"] == "the period has not begun: events are known to 2025-12-31"
    assert {*told["waterfall"].values(), *told["accounts"].values(), told["gap"]} == {None}
    view = rows("scorecard", *given, "--period", COMING, "--view", "operational", "--by", "segment")
    about_views = {"S1", "S2", "G1", "G2"}
    for line in view:
        if line["id"] not in {*UNDATED} | about_views:
            assert line["value"] is None, line
            assert "has not begun" in line["reason"], line
            assert line["trend"] == ""
    assert {line["value"] for line in view if line["id"] in ("G1", "G2")} == {None}
    told_people = invoke("nrr", *given, "--period", COMING)
    assert "has not begun" in told_people.stdout
    assert "closes" not in told_people.stdout
    accounts = invoke("scorecard", "accounts", *given, "--period", COMING)
    assert "has not begun" in accounts.stderr


def test_r3_at_an_instant_a_later_period_had_not_begun(given: Any) -> None:
    """R3, R4, C8: a quarter and a month that lay ahead then."""
    (told,) = rows("nrr", *given, "--period", PERIOD, "--known-at", "2025-09-15")
    assert (told["nrr"]["value"], told["known_to"]) == (None, "2025-09-14")
    september, october, _ = rows("nrr", *given, "--monthly", "3", "--known-at", "2025-09-15")
    assert september["nrr"]["value"] is not None
    assert "has not begun" in october["nrr"]["reason"]


def test_c3_to_c6_nothing_is_compared_or_shared_out_of_a_period_that_has_not_begun(given: Any) -> None:
    """C3, C4, C5, C6"""
    (found,) = rows("nrr", *given, "--period", COMING, "--clg", "--by", "segment")
    assert found["exposed"]["accounts"] == found["others"]["accounts"] == 0
    for lift in found["lifts"].values():
        assert lift["value"] is None
        assert "has not begun" in lift["reason"]
        assert "has not begun" in lift["says"]
    assert found["programmes"] == {}
    assert found["cohorts"] == []
    for one in rows("attribution", *given, "--period", COMING):
        assert (one["total"], one["movements"], one["programmes"]) == (None, None, {})
        assert "has not begun" in one["reason"]
    assert "Nothing is shared out: the period has not begun" in invoke("attribution", *given, "--period", COMING).stdout


def test_c7_a_figure_of_a_period_that_has_not_begun_neither_agrees_nor_counts(given: Any, tmp_path: Path) -> None:
    """C7"""
    report = tmp_path / "report.csv"
    report.write_text("source,metric,period,value\nX,NRR,2030-Q1,100%\n", encoding="utf-8")
    (found,) = rows("reconcile", report, *given)
    assert found["agrees"] is None
    assert found["says"] == "can't be compared: the period has not begun: events are known to 2025-12-31"
    assert "no figure of NRR that can be compared was handed in" in invoke("reconcile", report, *given).stdout
    view = rows("scorecard", *given, "--period", PERIOD, "--view", "operational")
    assert [line["n"] for line in view if line.get("id") == "C7"] == [0]


@pytest.mark.parametrize(
    "command",
    [
        ("scorecard",),
        ("scorecard", "accounts"),
        ("nrr",),
        ("nrr", "--clg"),
        ("attribution",),
        ("metrics",),
    ],
)
def test_a_period_that_runs_says_up_to_which_day_it_is_known(command: tuple[str, ...], given: Any) -> None:
    running = ("--period", "2025-12-01..2026-02-01")
    assert {row["known_to"] for row in rows(*command, *given, *running)} == {"2025-12-31"}
    assert {row["known_to"] for row in sheet(*command, *given, *running)} == {"2025-12-31"}


@pytest.mark.parametrize(
    "command",
    [
        *FIGURE_COMMANDS,
        ("scorecard", "--period", PERIOD, "--view", "operational", "--by", "segment"),
        ("nrr", "--period", PERIOD, "--clg", "--by", "segment"),
        ("metrics",),
    ],
)
def test_every_cell_of_a_sheet_is_a_plain_value(command: tuple[str, ...], given: Any) -> None:
    found = sheet(*command, *(given if command != ("metrics",) else ()))
    assert found
    for row in found:
        for cell in row.values():
            assert not cell.startswith(("{", "[")), row
            assert "{'" not in cell, row


def test_the_catalogue_is_a_row_for_each_figure_with_all_that_is_told_of_its_metric(given: Any) -> None:
    found = sheet("metrics", *given, "--period", PERIOD)
    assert [row["id"] for row in found] == [*figures()]
    assert {row["kind"] for row in found} == {"figure"}
    told = {one["id"]: one for one in rows("metrics", *given, "--period", PERIOD)}
    for row in found:
        metric = told[row["metric"]]
        for name in ("definition", "formula", "owner", "review"):
            assert row[name].lstrip("'") == metric[name]
        assert row["streams"] == ", ".join(metric["streams"])
        (figure,) = [one for one in metric["figures"] if one["id"] == row["id"]]
        assert row["unit"] == figure["unit"]
        assert row["value"] == ("" if figure["value"] is None else str(figure["value"]))
        assert row["target"] == ("" if figure["target"] is None else str(figure["target"]))


def test_people_see_unit_and_stream_of_each_metric() -> None:
    told = " ".join(invoke("metrics").stdout.split())
    assert "unit" in told
    assert "streams" in told
    for entry in catalogue().values():
        for stream in entry.streams:
            assert stream in told
    assert "Formulas" in told


def test_c3_to_c5_the_lift_is_a_row_for_each_outcome_stratum_programme_and_balance(given: Any) -> None:
    """C3, C4, C5"""
    asked = ("nrr", *given, "--period", PERIOD, "--clg", "--by", "segment")
    (told,) = rows(*asked)
    found = sheet(*asked)
    of = {kind: [row for row in found if row["kind"] == kind] for kind in dict.fromkeys(row["kind"] for row in found)}
    assert {row["name"]: row["value"] for row in of["outcome"]} == {
        name: "" if lift["value"] is None else str(lift["value"]) for name, lift in told["lifts"].items()
    }
    assert len(of["stratum_left_out"]) == len(told["left_out"])
    assert len(of.get("stratum_compared", ())) == len(told["compared"])
    assert [row["name"] for row in of["balance"]] == [one["name"] for one in told["balance"]]
    assert {row["name"] for row in of["programme"]} == {*told["programmes"]}
    assert len(of["programme_outcome"]) == len(told["programmes"]) * len(told["lifts"])
    for kind in ("cohort", "cohort_figure", "cohort_outcome", "cohort_balance", "cohort_placebo"):
        assert len({row["name"] for row in of[kind]}) == len(told["cohorts"])
    assert {row["cohort.segment"] for row in of["cohort"]} == {one["cohort"]["segment"] for one in told["cohorts"]}
    assert [row["accounts"] for row in of["arm"]] == [str(told[arm]["accounts"]) for arm in ("exposed", "others")]
    assert {row["period"] for row in found} == {PERIOD}


def test_c6_the_sheet_of_attribution_adds_up(given: Any) -> None:
    """C6"""
    found = sheet("attribution", *given, "--period", PERIOD)
    for model in {row["model"] for row in found}:
        parts = [float(row["amount"]) for row in found if (row["model"], row["kind"]) == (model, "programme")]
        (total,) = [float(row["amount"]) for row in found if (row["model"], row["kind"]) == (model, "total")]
        assert sum(round(100 * part) for part in parts) == round(100 * total)


def test_rows_within_a_row_are_refused_for_a_sheet() -> None:
    with pytest.raises(TypeError, match="figures: rows in a row"):
        put_out([{"figures": [{"id": "A1"}]}], lambda out: None, as_json=False, as_csv=True)


@pytest.mark.parametrize(
    "command",
    [
        ("scorecard", "--by", "segment,segment"),
        ("scorecard", "series", "--by", "segment,region,segment"),
        ("scorecard", "accounts", "--cohort", "segment:smb", "--cohort", "segment:enterprise"),
        ("nrr", "--by", "segment, segment"),
        ("nrr", "--clg", "--by", "segment,segment"),
    ],
)
def test_a_dimension_named_twice_is_refused(
    command: tuple[str, ...], given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told = invoke(*command, *given)
    assert told.exit_code == 2
    assert "'segment': named twice; allowed: each of product, segment" in told.output
