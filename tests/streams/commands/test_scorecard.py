"""The scorecard's commands on a real history: what they print, for people and for machines, and what they refuse."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scorecard.catalogue import catalogue, entry_of, figures
from scorecard.report.ends import COHORT_MIN
from streams.cli import app
from streams.commands.reports import put_out

PERIOD = "2025-Q4"


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def rows(*arguments: str | Path) -> list[dict[str, Any]]:
    """The JSON lines of a command that must succeed."""
    told = invoke(*arguments, "--json")
    assert told.exit_code == 0, told.output
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.fixture
def given(history: Path, scorecard_file: Path) -> tuple[str | Path, ...]:
    return history, "--scorecard", scorecard_file


def test_s1_the_executive_view_has_few_figures_each_with_target_trend_and_both_ends(given: Any) -> None:
    """S1"""
    found = rows("scorecard", *given, "--period", PERIOD)
    assert [one["id"] for one in found] == ["A2", "A6", "R3", "R2", "X1", "H5", "H6.pipeline", "G1", "G2"]
    by_id = {one["id"]: one for one in found}
    nrr = by_id["R3"]
    assert nrr["value"] == nrr["numerator"] / nrr["denominator"]
    assert (nrr["target"], nrr["met"]) == (1.05, nrr["value"] >= 1.05)
    assert nrr["trend"] == ("better" if nrr["value"] > nrr["before"] else "worse")
    assert nrr["best"]["value"] > nrr["worst"]["value"]
    assert min(nrr["best"]["n"], nrr["worst"]["n"]) >= COHORT_MIN  # a cohort of few accounts is no best and no worst
    for more in ((), ("--by", "segment,region")):  # G1 is of the period, whatever is shown
        everything = rows("scorecard", *given, "--period", PERIOD, "--view", "operational", *more)
        (attained,) = [one for one in everything if one.get("id") == "G1"]
        assert [by_id["G1"][part] for part in ("numerator", "denominator", "n")] == [
            attained[part] for part in ("numerator", "denominator", "n")
        ]


def test_s2_the_operational_view_has_every_metric_of_everybody_and_of_every_cohort(given: Any) -> None:
    """S2"""
    found = rows("scorecard", *given, "--period", PERIOD, "--view", "operational", "--by", "segment")
    whole = [one["id"] for one in found if one.get("cohort") == {}]
    assert set(whole) >= {*figures()}
    assert len(whole) == len(set(whole))
    segments = {one["cohort"]["segment"] for one in found if one.get("cohort")}
    assert segments == {"enterprise", "mid_market", "smb"}
    for one in found:
        if "id" in one:
            assert (one["value"] is None) == bool(one["reason"]), one
            assert (one["trend"] == "") == bool(one["no_trend"]), one
            if one["value"] is not None:  # what it is made of, or in the catalogue why it is made of nothing
                assert (one["numerator"] is None) == bool(entry_of(one["id"]).figures[one["id"]].no_parts), one
        if one.get("cohort") == {}:  # a best and a worst cohort, or why not
            assert (one["best"] is None) == (one["worst"] is None) == bool(one["no_best"]), one


@pytest.mark.parametrize("figure", ["R2", "R3", "A2", "A6", "H2", "H3", "O2", "O3", "X2", "X4"])
def test_cohorts_add_up_to_the_whole_in_what_the_command_prints(figure: str, given: Any) -> None:
    """R2, R3, A2, A6, H2, H3, O2, O3, X2, X4: numerators and denominators of cohorts make those of everybody."""
    found = rows("scorecard", *given, "--period", PERIOD, "--view", "operational", "--by", "segment")
    of_it = [one for one in found if one.get("id") == figure]
    (whole,) = [one for one in of_it if not one["cohort"]]
    for part in ("numerator", "denominator", "n"):
        assert sum(one[part] for one in of_it if one["cohort"]) == pytest.approx(whole[part], abs=1e-6)


def test_r4_the_waterfall_closes_to_the_cent_in_what_the_command_prints(given: Any) -> None:
    """R4: start + bars = end, of everybody and of each product; products add up to everybody."""
    found = rows("nrr", *given, "--period", PERIOD, "--by", "product")
    assert len(found) == 3
    for one in found:
        bars = {name: round(100 * amount) for name, amount in one["waterfall"].items()}
        assert sum(amount for name, amount in bars.items() if name != "end") == bars["end"]
        assert one["gap"] == 0
    whole, *products = found
    for name, amount in whole["waterfall"].items():
        assert round(100 * amount) == sum(round(100 * one["waterfall"][name]) for one in products)


def test_one_formula_says_the_same_in_every_command(given: Any) -> None:
    """R3: NRR of the scorecard, of nrr, of the months and of the forecast's past is one number."""
    scorecard = {one["id"]: one for one in rows("scorecard", *given, "--period", PERIOD)}["R3"]["value"]
    (nrr,) = rows("nrr", *given, "--period", PERIOD)
    past = {one["period"]: one["nrr"] for one in rows("forecast", *given)}
    assert scorecard == nrr["nrr"]["value"]
    assert rows("nrr", *given, "--period", "2025-Q3")[0]["nrr"]["value"] == past["2025-Q3"]
    months = rows("nrr", *given, "--monthly", "3")
    assert [one["period"] for one in months] == ["2025-09", "2025-10", "2025-11"]
    assert months[-1]["nrr"] == rows("nrr", *given, "--period", "2025-11")[0]["nrr"]
    assert months[-1]["trailing_12m"]["nrr"] == rows("nrr", *given, "--period", "12m to 2025-11")[0]["nrr"]


@pytest.mark.parametrize("asked", [("--period", PERIOD), ("--monthly", "3")])
def test_r3_r4_what_was_known_then_is_what_a_history_up_to_then_tells(
    asked: tuple[str, ...], given: Any, history: Path, tmp_path: Path
) -> None:
    """R1 to R4: in the midst of the quarter nobody knew what was to come."""
    then, early = "2025-11-15T00:00:00Z", tmp_path / "early.jsonl"
    lines = history.read_text("utf-8").splitlines()
    early.write_text("\n".join(line for line in lines if json.loads(line)["receivedAt"] <= then), "utf-8")
    known, now = rows("nrr", *given, *asked, "--known-at", then), rows("nrr", *given, *asked)
    assert {one["known_at"] for one in known} == {then}
    if "--period" in asked:
        told = rows("nrr", early, *given[1:], *asked)
        assert [{**one, "known_at": None} for one in known] == told != now
    assert [one["waterfall"] for one in known] != [one["waterfall"] for one in now]


def test_c8_months_by_cohort_add_up_to_the_months_of_everybody(given: Any) -> None:
    """C8, R3, R4: of each month and of the twelve that end with it."""
    found = rows("nrr", *given, "--monthly", "3", "--by", "segment")
    whole, parts = found[:3], found[3:]
    assert whole == rows("nrr", *given, "--monthly", "3")
    assert [one["period"] for one in parts] == ["2025-09", "2025-10", "2025-11"] * (len(parts) // 3)
    for month in whole:
        of_month = [one for one in parts if one["period"] == month["period"]]
        for name, amount in month["waterfall"].items():
            assert round(100 * amount) == sum(round(100 * one["waterfall"][name]) for one in of_month)
        starts = sum(round(100 * one["trailing_12m"]["nrr"]["denominator"]) for one in of_month)
        assert starts == round(100 * month["trailing_12m"]["nrr"]["denominator"])
    people = invoke("nrr", *given, "--monthly", "2", "--by", "segment").stdout
    assert "enterprise" in people


@pytest.mark.parametrize(
    ("every", "labels"),
    [
        ("week", ["2025-W51", "2025-W52"]),
        ("month", ["2025-10", "2025-11"]),
        ("quarter", ["2025-Q2", "2025-Q3"]),
    ],
)
def test_c8_a_series_has_the_figures_of_the_scorecards_of_its_periods(
    every: str, labels: list[str], given: Any
) -> None:
    """C8: A2, A6, R3, O2 and G1, of everybody and of each segment, are what the scorecard of the period says."""
    names = ["A2", "A6", "R3", "O2", "G1"]
    asked = ("--every", every, "--periods", "2", "--figure", ",".join(names), "--by", "segment")
    found = rows("scorecard", "series", *given, *asked)
    everybody = [one for one in found if not one["cohort"]]
    assert [(one["id"], one["period"]) for one in everybody] == [(name, label) for name in names for label in labels]
    told = rows("scorecard", *given, "--period", labels[-1], "--view", "operational", "--by", "segment")
    lines = {(one["id"], str(one["cohort"])): one for one in told if "id" in one}
    for one in found:
        if one["period"] == labels[-1]:
            line = lines[one["id"], str(one["cohort"])]
            assert [one[part] for part in ("value", "numerator", "n")] == [
                line[part] for part in ("value", "numerator", "n")
            ]


def test_x3_the_distribution_of_products_is_that_of_its_mean(given: Any) -> None:
    """X3"""
    told = rows("scorecard", *given, "--period", PERIOD, "--view", "operational")
    products = [one for one in told if one.get("detail") == "products"]
    (mean,) = [one for one in told if one.get("id") == "X3"]
    assert sum(one["accounts"] for one in products) == mean["denominator"]
    assert sum(one["products"] * one["accounts"] for one in products) == mean["numerator"]


def test_s2_each_figure_of_everybody_has_its_best_and_its_worst_cohort(given: Any) -> None:
    """S2, S1: the same as on the executive view."""
    few = {one["id"]: one for one in rows("scorecard", *given, "--period", PERIOD)}
    every = {one["id"]: one for one in rows("scorecard", *given, "--period", PERIOD, "--view", "operational")[:60]}
    assert few["R3"]["best"] is not None
    for name in few.keys() & every.keys() - {"G1", "G2"}:
        assert [every[name][end] for end in ("best", "worst")] == [few[name][end] for end in ("best", "worst")]


def test_s1_people_see_what_a_figure_is_made_of(given: Any) -> None:
    """S1, S2: numerator, denominator and n beside the value, money with its currency."""
    (nrr,) = [one for one in rows("scorecard", *given, "--period", PERIOD) if one["id"] == "R2"]
    for view in ("executive", "operational"):
        told = invoke("scorecard", *given, "--period", PERIOD, "--view", view).stdout
        assert "made of" in told
        assert f"{nrr['denominator']:,.0f} USD" in " ".join(told.split())


def test_c4_means_of_revenue_in_the_balance_are_in_major_units(given: Any) -> None:
    """C4: the mean start of the exposed is their revenue, and not a hundred times that."""
    (found,) = rows("nrr", *given, "--period", PERIOD, "--clg")
    (start,) = [one for one in found["balance"] if one["name"] == "start"]
    largest = max(one[arm]["start"] for one in found["compared"] for arm in ("exposed", "others"))
    assert 0 < start["exposed"] <= largest


def test_c8_ten_years_of_months_can_be_had(given: Any) -> None:
    """C8: as many as the command allows, each with its twelve."""
    months = rows("nrr", *given, "--monthly", "120")
    assert [months[0]["period"], months[-1]["period"]] == ["2015-12", "2025-11"]
    assert months[-3:] == rows("nrr", *given, "--monthly", "3")


def test_c6_every_model_adds_up_to_the_expansion(given: Any) -> None:
    """C6, X1"""
    models = rows("attribution", *given, "--period", PERIOD)
    assert [one["model"] for one in models] == ["last-touch", "linear", "time-decay", "position", "lift"]
    expansion = {one["id"]: one for one in rows("scorecard", *given, "--period", PERIOD)}["X1"]["value"]
    for one in models:
        assert sum(round(100 * amount) for amount in one["programmes"].values()) == round(100 * one["total"])
        assert one["total"] == expansion


def test_c3_to_c5_the_lift_lists_what_it_could_not_compare(given: Any) -> None:
    """C3, C4, C5"""
    (found,) = rows("nrr", *given, "--period", PERIOD, "--clg")
    compared = sum(one["exposed"]["accounts"] for one in found["compared"])
    left_out = sum(one["exposed"]["accounts"] for one in found["left_out"])
    assert compared + left_out == found["exposed"]["accounts"] > 0
    assert all(one["reason"] for one in found["left_out"])
    assert [*found["matched_on"], *found["dropped"]] == ["segment", "industry", "product", "tenure", "start"]
    assert found["unknown"] == ["health"], "no engine has run"
    assert "caus" not in json.dumps(found).lower()  # the design can't show causes, so nothing claims any


def test_c3_and_c4_of_cohorts_are_those_of_the_operational_view(given: Any) -> None:
    """C3, C4: each cohort's, and its accounts add up to all."""
    (found,) = rows("nrr", *given, "--period", PERIOD, "--clg", "--by", "segment")
    of = {one["cohort"]["segment"]: {figure["id"]: figure for figure in one["figures"]} for one in found["cohorts"]}
    assert sum(one["C3"]["n"] for one in of.values()) == found["exposed"]["accounts"] + found["others"]["accounts"]
    view = rows("scorecard", *given, "--period", PERIOD, "--view", "operational", "--by", "segment")
    lifts = {one["cohort"]["segment"]: one["value"] for one in view if one.get("id") == "C4" and one["cohort"]}
    assert lifts
    assert {name: of[name]["C4"]["value"] for name in lifts} == lifts
    told = invoke("nrr", *given, "--period", PERIOD, "--clg", "--by", "segment").stdout
    assert "By cohort, NRR" in told


def test_a3_o5_and_l1_have_their_details_beside_the_figures(given: Any) -> None:
    """A3 per feature, O5 per stage, L1 with how well each sign foretold."""
    found = rows("scorecard", *given, "--period", PERIOD, "--view", "operational")
    by_id = {one["id"]: one for one in found if "id" in one}
    features = [one for one in found if one.get("detail") == "features"]
    assert features[0]["of_accounts"] == by_id["A3.top"]["value"]
    assert [one["accounts"] for one in features] == sorted((one["accounts"] for one in features), reverse=True)
    stages = [one for one in found if one.get("detail") == "stages"]
    assert [one["stage"] for one in stages] == ["onboard", "adopt", "realize", "expand", "advocate"]
    assert sum(one["accounts"] for one in stages) <= by_id["O5"]["denominator"]
    assert all(1 <= len(one["metrics"]) <= 5 for one in stages)
    signs = [one for one in found if one.get("detail") == "foretold"]
    assert {(one["sign"], one["outcome"]) for one in signs} >= {("engaged", "retained"), ("multi_threaded", "expanded")}
    assert all(one["with_it"]["n"] + one["without_it"]["n"] <= by_id["R1"]["denominator"] for one in signs)


def test_s2_a_figure_leads_down_to_its_accounts(given: Any) -> None:
    """S2: what the accounts of a cohort add, adds up to the cohort's waterfall."""
    accounts = rows("scorecard", "accounts", *given, "--period", PERIOD, "--cohort", "segment:smb")
    (_, *cohorts) = rows("nrr", *given, "--period", PERIOD, "--by", "segment")
    (smb,) = [one for one in cohorts if one["cohort"] == {"segment": "smb"}]
    for name, amount in smb["waterfall"].items():
        assert round(100 * amount) == sum(round(100 * one["waterfall"][name]) for one in accounts)
    assert all(one["owner"].startswith("csm-") and one["cohort"]["segment"] == "smb" for one in accounts)
    few = rows("scorecard", "accounts", *given, "--period", PERIOD, "--cohort", "segment:smb", "--limit", "3")
    assert few == accounts[:3]


def test_the_catalogue_lists_every_metric_with_where_it_is_now_and_its_target(given: Any) -> None:
    found = rows("metrics", *given, "--period", PERIOD)
    assert [one["id"] for one in found] == [*catalogue()]
    told = {figure["id"]: figure for one in found for figure in one["figures"]}
    assert [*told] == [*figures()]
    assert told["R3"]["target"] == 1.05
    assert all("value" in figure and (figure["value"] is not None or figure["reason"]) for figure in told.values())


def test_the_catalogue_alone_needs_no_data() -> None:
    found = rows("metrics")
    assert [one["owner"] for one in found][:2] == ["CS", "Product"]
    assert all("value" not in figure for one in found for figure in one["figures"])


def test_csv_is_the_same_as_json(given: Any) -> None:
    told = invoke("scorecard", *given, "--period", PERIOD, "--csv")
    assert told.exit_code == 0
    table = list(csv.DictReader(io.StringIO(told.stdout)))
    lines = rows("scorecard", *given, "--period", PERIOD)
    assert [row["id"] for row in table] == [line["id"] for line in lines]
    for row, line in zip(table, lines, strict=True):
        assert row["value"] == ("" if line["value"] is None else str(line["value"]))
        assert row["best.cohort.segment"] == ("" if line["best"] is None else line["best"]["cohort"]["segment"])


@pytest.mark.parametrize(
    ("command", "shows"),
    [
        (("scorecard", "--period", PERIOD), ["Net revenue retention", ">= 105.0 %", "Targets met: "]),
        (
            ("scorecard", "--period", PERIOD, "--view", "operational"),
            ["Logo retention", "Journey (O5)", "Features, by", "Signs of", "Without a trend: S1, S2 (it counts"],
        ),
        (("scorecard", "accounts", "--period", PERIOD), ["acct-0001", "csm-", "next action"]),
        (("scorecard", "series", "--periods", "2", "--by", "segment"), ["2025-11", "enterprise", "R3"]),
        (("nrr", "--period", PERIOD, "--by", "segment"), ["enterprise", "Every waterfall closes to the cent."]),
        (("nrr", "--monthly", "2"), ["2025-10", "2025-11", "NRR 12 months"]),
        (("nrr", "--period", PERIOD, "--clg"), ["By programme", "Balance", "Strata without both arms"]),
        (("attribution", "--period", PERIOD), ["last-touch", "(no touchpoint)", "all"]),
        (("forecast",), ["2025-Q3", "No forecast: "]),
        (("metrics", "--period", PERIOD), ["Time to first value", "as of 2025-Q4"]),
    ],
)
def test_people_get_tables(command: tuple[str, ...], shows: list[str], given: Any) -> None:
    told = invoke(*command, *given)
    assert told.exit_code == 0, told.output
    for text in shows:
        assert text in told.stdout


def test_amounts_in_a_currency_without_a_rate_are_not_guessed(history: Path) -> None:
    """Without rates for euros only accounts that pay in dollars are in the figures."""
    (found,) = rows("nrr", history, "--period", PERIOD)
    (all_of_them,) = rows("nrr", history, "--period", PERIOD, "--scorecard", _with_rate(history.parent))
    assert 0 < found["accounts"]["start"] < all_of_them["accounts"]["start"]


def _with_rate(directory: Path) -> Path:
    path = directory / "own.yaml"
    path.write_text('version: "1"\nrates: {EUR: {2024-01-01: 1.1}}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("scorecard",), "give either FILE... or --data DIR"),
        (("scorecard", "FILE", "--data", "x"), "give either FILE... or --data DIR"),
        (("scorecard", "FILE", "--period", "2025-Q5"), "write one of 2026, 2026-Q3"),
        (("scorecard", "FILE", "--by", "colour"), "allowed: product, segment"),
        (("scorecard", "accounts", "FILE", "--cohort", "smb"), "write dimension:value"),
        (("scorecard", "accounts", "FILE", "--cohort", "colour:red"), "allowed: product, segment"),
        (("scorecard", "FILE", "--json", "--csv"), "give one of --json and --csv"),
        (("nrr", "FILE", "--monthly", "0"), "0 months: from 1 to 120"),
        (("nrr", "FILE", "--monthly", "3", "--clg"), "give one of --clg and --monthly"),
        (("nrr", "FILE", "--clg", "--by", "product"), "ask by product_mix"),
        (("nrr", "FILE", "--clg", "--known-at", "2026-01-01"), "it takes no --known-at"),
        (("nrr", "FILE", "--known-at", "once"), "'once' is no ISO 8601 date"),
        (("scorecard", "series", "FILE", "--figure", "R3,Q9"), "figure 'Q9': no such figure"),
        (("scorecard", "series", "FILE", "--periods", "61"), "61 periods: from 1 to 60"),
        (("scorecard", "series", "FILE", "--by", "colour"), "allowed: product, segment"),
        (("nrr", "FILE", "--monthly", "3", "--period", "2025-Q4"), "it takes no --period"),
        (("nrr", "FILE", "--monthly", "3", "--by", "colour"), "allowed: product, segment"),
        (("scorecard", "--data", "nowhere"), "nowhere/scorecard.db: no such file"),
        (("scorecard", "missing.jsonl"), "missing.jsonl: cannot be opened"),
        (("scorecard", "FILE", "--scorecard", "missing.yaml"), "missing.yaml:1: can't be read"),
        (("attribution", "FILE", "--model", "first-touch"), "'first-touch' is not one of"),
    ],
)
def test_what_cannot_be_used_is_refused_with_exit_code_2(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    history = tmp_path / "events.jsonl"
    history.write_text('{"type":"group","messageId":"g","groupId":"acme","timestamp":"2026-01-05T08:00:00Z"}\n')
    told = invoke(*(str(history) if one == "FILE" else one for one in arguments))
    assert told.exit_code == 2
    assert says in told.output


def test_a_scorecard_is_checked_and_every_problem_is_told(tmp_path: Path, scorecard_file: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("currency: EURO\nversion: 1\n", encoding="utf-8")
    told = invoke("scorecard", "check", scorecard_file, bad)
    assert told.exit_code == 1
    good, refused = (json.loads(line) for line in told.stdout.splitlines())
    assert (good["ok"], good["currency"], good["targets"]) == (True, "USD", 4)
    assert [(problem["line"], problem["key"]) for problem in refused["problems"]] == [(1, "currency"), (2, "version")]


def test_init_writes_a_scorecard_that_passes_its_check_and_fits_its_example(tmp_path: Path) -> None:
    assert invoke("init", tmp_path / "mine").exit_code == 0
    own = tmp_path / "mine" / "scorecard.yaml"
    assert own.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schemas/scorecard.schema.json\n")
    assert invoke("scorecard", "check", own).exit_code == 0
    found = rows("scorecard", tmp_path / "mine" / "events.jsonl", "--scorecard", own, "--period", "2026-Q1")
    assert {one["id"]: one["reason"] for one in found}["R3"] == "recurring revenue at the start of the period is zero"


def test_text_is_text_to_a_spreadsheet_and_a_number_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    """Names come from events; one that begins like a formula would be run where the table is opened."""
    texts = ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "plain"]
    rows_ = [{"name": text, "amount": -1.5, "beside": {"n": -1, "list": ["=x", "y"]}} for text in texts]
    put_out(rows_, lambda out: None, as_json=False, as_csv=True)
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["name"] for row in found] == ["'=1+2", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "plain"]
    assert {(row["amount"], row["beside.n"], row["beside.list"]) for row in found} == {("-1.5", "-1", "'=x, y")}


@pytest.mark.parametrize("option", [("--period", "nonsense"), ("--period", "2025-Q4"), ("--scorecard", "x.yaml")])
def test_the_catalogue_alone_takes_nothing_that_it_would_ignore(option: tuple[str, str]) -> None:
    told = CliRunner().invoke(app, ["metrics", *option])
    assert told.exit_code == 2
    assert "go with FILE" in told.output


@pytest.mark.parametrize("option", [("--every", "week"), ("--scorecard", "scorecard.yaml")])
def test_a_rebuild_from_kafka_takes_nothing_that_it_would_ignore(option: tuple[str, str]) -> None:
    told = CliRunner().invoke(app, ["replay", "--from-kafka", "--into-namespace", "next", *option])
    assert told.exit_code == 2
    assert "no --every and no" in told.output


@pytest.mark.parametrize("command", [("replay",), ("explain", "acme")])
def test_a_file_whose_name_looks_like_markup_is_named_as_it_is(command: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*command, "[red]gone[/red].jsonl"])
    assert told.exit_code == 2
    assert "[red]gone[/red].jsonl" in told.output


def test_an_account_whose_id_looks_like_markup_is_explained_as_it_is(tmp_path: Path) -> None:
    """A closing tag without its beginning ended the command by a fault."""
    name = "[/x] acme [red]"
    file = tmp_path / "events.jsonl"
    file.write_text(
        json.dumps({"type": "track", "event": "Report Shared", "userId": "ann", "messageId": "m-1",
                    "context": {"groupId": name}, "timestamp": "2026-01-05T09:00:00Z"}) + "\n"
    )  # fmt: skip
    told = invoke("explain", name, file)
    assert (told.exit_code, name in told.output) == (0, True)
    told = CliRunner().invoke(app, ["explain", "[/y]", str(file)])
    assert (told.exit_code, "'[/y]'" in told.output) == (1, True)


def test_names_that_look_like_markup_are_shown_as_they_are(tmp_path: Path, history: Path, scorecard_file: Path) -> None:
    """Accounts and cohorts are named by whoever sends events."""
    named = tmp_path / "named.jsonl"
    named.write_text(
        history.read_text("utf-8").replace("acct-0001", "[/b]acme").replace('"smb"', '"[red]:smile:"'), "utf-8"
    )
    given = named, "--scorecard", scorecard_file, "--period", PERIOD
    assert "[/b]acme" in invoke("scorecard", "accounts", *given).stdout
    cohort = invoke("scorecard", "accounts", *given, "--cohort", "segment:[red]:smile:")
    assert cohort.exit_code == 0
    assert "Accounts segment:[red]:smile:" in cohort.stdout
    assert "[red]:smile:" in invoke("nrr", *given, "--by", "segment").stdout
    assert "green" not in invoke("scorecard", *given).stdout
