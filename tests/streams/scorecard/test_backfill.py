"""`accountpulse replay --read-model`: a history's read model, as a service would have made it."""

from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner

from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.settings.file import load_scorecard, shipped_text
from scoring.days import iso
from streams.cli import app
from streams.scorecard import opening
from streams.source import read
from streams.vocabulary import shipped
from streams.wire import decode
from tests.scorecard.model import oracle

SETTINGS = load_scorecard(shipped_text(), file="default_scorecard.yaml")
TERMS = opening.terms(SETTINGS)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    return result.exit_code, result.stderr


def test_a_replay_makes_the_read_model_of_its_history(tmp_path: Path) -> None:
    history, place = tmp_path / "history.jsonl", tmp_path / "figures.db"
    made = CliRunner().invoke(app, ["simulate", "--accounts", "40", "--days", "200", "--seed", "3"])
    history.write_text(made.stdout)
    assert run("replay", history, "--read-model", place)[0] == 0
    events = [
        event for chunk in read(str(history)) for event in decode(chunk.lines, vocabulary=shipped(), wall=4e9).events
    ]
    families = oracle.families_of(oracle.books_of((e for e in events if e.stream != "usage"), TERMS), TERMS)
    last = max(event.at for event in events)
    with closing(Database(place)) as database:
        model = opening.source(database, SETTINGS).model
        kept = {row[0] for row in _rows(database, "SELECT label FROM periods")}
        year = Period.parse(iso(last)[:4])
        assert year.label in kept, "what everybody asks about is there before anybody asks"
        assert model.sheet(year, ("segment",)) == oracle.sheets(families, year, ("segment",), TERMS)
        assert model.sheet(year)[()].n_start + model.sheet(year)[()].n_new > 0
    code, told = run("replay", history, "--read-model", place)
    assert code == 2
    assert "holds events already" in " ".join(told.split())


def test_a_read_model_answers_by_the_scorecard_that_it_was_made_with(tmp_path: Path) -> None:
    """C8: also of periods that nobody asked for when it was made; with other rates its figures would be others."""
    history, place, own, other = (tmp_path / name for name in ("history.jsonl", "figures.db", "own.yaml", "other.yaml"))
    history.write_text(CliRunner().invoke(app, ["simulate", "--accounts", "20", "--days", "200"]).stdout)
    own.write_text('version: "1"\nrates: {EUR: {2024-01-01: 1.1}}\ntargets: [{metric: R3, at_least: 2}]\n')
    other.write_text('version: "1"\nrates: {EUR: {2024-01-01: 1.2}}\nhealthy_usage: {days: 2}\n')
    assert run("replay", history, "--read-model", place, "--scorecard", own)[0] == 0
    commands = (["forecast"], ["nrr", "--monthly", "24"], ["scorecard", "--view", "operational"])
    for command in commands:
        told = [
            CliRunner().invoke(app, [*command, "--json", *given]).stdout
            for given in ([str(history), "--scorecard", str(own)], ["--data", str(place)])
        ]
        assert told[0] == told[1] != ""
    code, told_ = run("nrr", "--data", place, "--scorecard", other)
    assert code == 2
    assert "made with another scorecard: healthy_usage, rates differ" in " ".join(told_.split())


def _rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]
