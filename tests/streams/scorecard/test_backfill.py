"""`accountpulse replay --read-model`: a history's read model, as a service would have made it."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.settings.file import load_scorecard, shipped_text
from scoring.days import iso
from scoring.event import Event
from streams.cli import app
from streams.configuration import load
from streams.scorecard import opening
from streams.source import read
from streams.vocabulary import shipped
from streams.wire import decode
from tests.scorecard.model import oracle
from tests.streams.embedded.running import DAY
from tests.streams.embedded.sent import track

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
    events = list(_events(history))
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


def _events(history: Path) -> Iterator[Event]:
    for chunk in read(str(history)):
        yield from decode(chunk.lines, vocabulary=shipped(), wall=4e9).events


def _rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


@pytest.mark.parametrize("every", ["month", "week"])
def test_months_begin_with_the_scores_that_accounts_had_at_that_instant(tmp_path: Path, every: str) -> None:
    """C4: by what had arrived by then, and with the silence until then; as `--scores` writes them."""
    history, place, scores = (tmp_path / name for name in ("history.jsonl", "figures.db", "scores.jsonl"))
    history.write_text(CliRunner().invoke(app, ["simulate", "--accounts", "20", "--days", "200", "--seed", "3"]).stdout)
    assert run("replay", history, "--read-model", place, "--scores", scores, "--every", every)[0] == 0
    told = list(map(json.loads, scores.read_text().splitlines()))
    events = sorted(_events(history), key=lambda event: event.arrived)
    engine = load().engine(publishing=False)
    with closing(Database(place)) as database:
        prior = opening.source(database, SETTINGS).prior
        days = sorted(prior.days())
        assert len(days) == 6
        for day in days:
            at = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
            accounts = {event.account_id: engine.account(event.account_id) for event in events if event.arrived < at}
            for event in events:
                if event.arrived < at:
                    engine.fold(accounts[event.account_id], [event])
            wanted = {name: engine.score(account, at).score for name, account in accounts.items()}
            assert prior.of(day) == {name: score for name, score in wanted.items() if score is not None}
            if every == "month":
                written = {one["account_id"]: one["score"] for one in told if one["at"] == iso(at)}
                assert prior.of(day) == {name: score for name, score in written.items() if score is not None}


def test_who_falls_silent_begins_each_month_with_less(tmp_path: Path) -> None:
    """C4"""
    history, place = tmp_path / "history.jsonl", tmp_path / "figures.db"
    start = datetime(2026, 3, 1, tzinfo=UTC).timestamp() + 1
    used = [(account, day) for day in range(150) for account in ("busy", "silent") if account == "busy" or day < 25]
    lines = [json.dumps(track(f"{account}{day}", account, day % 3, at=start + day * DAY)) for account, day in used]
    history.write_text("\n".join(lines))
    assert run("replay", history, "--read-model", place)[0] == 0
    with closing(Database(place)) as database:
        prior = opening.source(database, SETTINGS).prior
        months = [prior.of(date(2026, month, 1)) for month in (4, 5, 6, 7)]
    busy, silent = ([month[account] for month in months] for account in ("busy", "silent"))
    assert silent[0] > silent[1] > silent[-1]
    assert min(busy[1:]) > silent[1]


def test_of_files_no_prior_score_is_known(tmp_path: Path) -> None:
    """C4: without an engine there is none, and none is made up."""
    history = tmp_path / "history.jsonl"
    history.write_text(CliRunner().invoke(app, ["simulate", "--accounts", "5", "--days", "90"]).stdout)
    with opening.of_files([str(history)], SETTINGS, shipped(), wall=4e9) as source:
        assert source.newest() > 0
        assert source.prior.newest() is None
        assert source.prior.of(source.today()) == {}
