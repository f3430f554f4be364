"""C7 by command: reports of other teams against the one formula."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scorecard.report.handed_in import PERIODS_MAX, REPORTS_MAX
from streams.cli import app

PERIOD = "2025-Q4"


def reconcile(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["reconcile", *(str(one) for one in arguments)], catch_exceptions=False)


@pytest.fixture
def ours(history: Path, scorecard_file: Path) -> dict[str, Any]:
    """What `accountpulse nrr` says of everybody."""
    arguments = ["nrr", str(history), "--scorecard", str(scorecard_file), "--period", PERIOD, "--json"]
    found: dict[str, Any] = json.loads(CliRunner().invoke(app, arguments).stdout)
    return found


def test_c7_which_figures_agree_by_how_much_others_are_off_and_why(
    tmp_path: Path, history: Path, scorecard_file: Path, ours: dict[str, Any]
) -> None:
    """C7: NRR as printed agrees; with new logos in it, that is named; of an unknown cohort nothing is said."""
    nrr, bars = ours["nrr"]["value"], ours["waterfall"]
    with_new = nrr + bars["new"] / bars["start"]
    report = tmp_path / "report.csv"
    report.write_text(
        "source,metric,period,value,cohort\n"
        f"Finance,NRR,{PERIOD},{100 * nrr:.2f}%,\n"
        f"Sales,NRR,{PERIOD},{100 * with_new:.2f}%,\n"
        f"CS,GRR,{PERIOD},{ours['grr']['value']:.4f},\n"
        f"CS,NRR,{PERIOD},100%,segment=none\n",
        encoding="utf-8",
    )
    told = reconcile(report, "--history", history, "--scorecard", scorecard_file, "--json")
    assert told.exit_code == 1  # one differs
    finance, sales, grr, unknown = (json.loads(line) for line in told.stdout.splitlines())
    assert (finance["agrees"], grr["agrees"], unknown["agrees"]) == (True, True, None)
    assert sales["agrees"] is False
    assert sales["difference"] == pytest.approx(bars["new"] / bars["start"], abs=1e-4)
    assert "new" in [cause["id"] for cause in sales["causes"]]
    people = reconcile(report, "--history", history, "--scorecard", scorecard_file)
    assert "Consistency (C7): 1 of 2 figures of NRR agree." in people.stdout


def test_c7_reports_may_be_json_lines(
    tmp_path: Path, history: Path, scorecard_file: Path, ours: dict[str, Any]
) -> None:
    report = tmp_path / "report.jsonl"
    row = {"source": "Board", "metric": "NDR", "period": PERIOD, "value": f"{100 * ours['nrr']['value']:.1f}%"}
    report.write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    told = reconcile(report, "--history", history, "--scorecard", scorecard_file, "--json")
    assert (told.exit_code, json.loads(told.stdout)["says"]) == (0, "agrees")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source,metric,value\n", "report.csv:1: the head lacks period; needed: source, metric, period, value"),
        ("source,metric,period,value\n", "report.csv:1: no figures"),
        ("source,metric,period,value\nA,NRR,2025-Q5,1\n", "report.csv:2: period '2025-Q5': write one of"),
        ("source,metric,period,value\nA,NRR,2025-Q4,1\nA,churn,2025-Q4,1\n", "report.csv:3: metric 'churn': one of"),
        ("source,metric,period,value\nA,NRR,2025-Q4,about 1\n", "report.csv:2: value 'about 1': a ratio such as"),
        ("source,metric,period,value\nA,NRR,2025-Q4,\n", "report.csv:2: value: this is required"),
        ("source,metric,period,value,team\nA,NRR,2025-Q4,1,x\n", "report.csv:2: unknown: team; allowed: source"),
        ('{"source": "A"\n', "report.csv:1: not JSON"),
        ("", "report.csv:1: the head lacks source"),
    ],
)
def test_c7_a_report_that_cannot_be_read_is_refused_with_its_line(
    text: str, says: str, tmp_path: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.csv").write_text(text, encoding="utf-8")
    told = reconcile("report.csv", "--history", history)
    assert told.exit_code == 2
    assert says in told.stderr


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [f"A,NRR,2025-01-01..2025-03-{day:02},1" for day in range(1, PERIODS_MAX + 2)],
            "period: figures of 25 different",
        ),
        ([f"A,NRR,2025-Q4,{row}%" for row in range(REPORTS_MAX + 1)], "501 figures, at most 500 at once"),
    ],
)
def test_c7_a_file_may_hold_what_may_be_handed_in_over_http(
    rows: list[str], says: str, tmp_path: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.csv").write_text("\n".join(("source,metric,period,value", *rows)), encoding="utf-8")
    told = reconcile("report.csv", "--history", history)
    assert told.exit_code == 2
    assert says in told.stderr


def test_the_name_of_a_report_may_look_like_markup(tmp_path: Path, history: Path, scorecard_file: Path) -> None:
    report = tmp_path / "report.csv"
    report.write_text(f"source,metric,period,value\n[/b]Sales,NRR,{PERIOD},999%\n", encoding="utf-8")
    told = reconcile(report, "--history", history, "--scorecard", scorecard_file)
    assert told.exit_code == 1
    assert "[/b]Sales" in told.stdout
