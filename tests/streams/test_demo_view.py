"""What the demo prints, on a terminal of 100 columns and into a pipe; the input is a small fixture."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from streams.demo.report import report, story_table
from streams.demo.verdict import StoryVerdict
from streams.demo.view import FEED_ROWS, DemoView
from streams.simulate import Truth
from streams.simulate.stories import STORIES

FIXTURE = json.loads((Path(__file__).parents[1] / "data" / "demo" / "run.json").read_text())
TRIGGERS: list[dict[str, Any]] = FIXTURE["triggers"]
TRUTH = [Truth.from_json(record) for record in FIXTURE["truth"]]
SCORES: list[dict[str, Any]] = FIXTURE["scores"]
EARLIER = {score["account_id"]: score for score in FIXTURE["earlier"]}
START, END = 1_735_689_600.0, 1_767_225_600.0  # the year 2025, UTC


def _console(*, terminal: bool, width: int = 100) -> Console:
    return Console(
        record=True,
        width=width,
        file=io.StringIO(),
        force_terminal=terminal,
        color_system="standard" if terminal else None,
    )


class _Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _run(console: Console, *, total: int = 1_000) -> DemoView:
    seconds = _Seconds()
    with DemoView(console, start=START, end=END, clock=seconds) as view:
        for step in range(1, 101):
            seconds.now += 0.05
            view.on_progress(step * 10, total, START + (END - START) * step / 100)
            if step <= len(TRIGGERS):
                view.on_trigger(TRIGGERS[step - 1])
    return view


def test_without_a_terminal_there_are_plain_lines_and_no_control_codes() -> None:
    console = _console(terminal=False)
    _run(console)
    printed = console.file.getvalue()  # type: ignore[attr-defined] # it is the StringIO from above
    lines = printed.splitlines()
    assert "\x1b" not in printed
    assert "\r" not in printed
    assert sum(" of 1,000 events" in line for line in lines) == 10, "a line at every tenth"
    assert "2025-04-14  critical  acct-0002  Going silent: No sign of life for 15 days at a score of 41.2." in lines
    assert lines[-1] == f"1,000 events in 5.0 s (200 a second), {len(TRIGGERS)} plays fired."


def test_on_a_terminal_the_feed_moves_and_ends_with_one_line() -> None:
    console = _console(terminal=True)
    _run(console)
    assert "\x1b[" in console.file.getvalue()  # type: ignore[attr-defined] # as above
    assert console.export_text().splitlines()[-1].startswith("1,000 events in 5.0 s")


def test_the_picture_fits_100_columns_and_shows_the_newest_plays_with_their_reason() -> None:
    console = _console(terminal=True)
    with DemoView(_console(terminal=True), start=START, end=END, clock=_Seconds()) as view:
        for trigger in TRIGGERS * 5:
            view.on_trigger(trigger)
        view.on_progress(400, 1_000, START + 86_400 * 200)
        console.print(view.picture())
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) == 3 + FEED_ROWS
    assert lines[0].startswith("2025-07-20  400 of 1,000 events")
    assert any("acct-0002" in line and "Going silent" in line and "No sign of life" in line for line in lines)


@pytest.mark.parametrize(("done", "total", "share"), [(0, 0, 0.5), (250, 1_000, 0.25), (2_000, 1_000, 1.0)])
def test_progress_is_told_by_events_and_by_the_date_where_their_number_is_not_known(
    done: int, total: int, share: float
) -> None:
    view = DemoView(_console(terminal=False), start=START, end=END)
    view.on_progress(done, total, (START + END) / 2)
    assert view.share == share


def test_an_error_in_the_run_goes_through_and_leaves_the_terminal_usable() -> None:
    console = _console(terminal=True)
    with pytest.raises(RuntimeError, match="broken"), DemoView(console, start=START, end=END):
        raise RuntimeError("broken")
    printed = console.file.getvalue()  # type: ignore[attr-defined] # as above
    assert printed.rindex("\x1b[?25h") > printed.rindex("\x1b[?25l"), "the cursor is shown again"
    assert " events in " not in printed, "what did not end well is not summed up"


@pytest.fixture(params=[True, False], ids=["terminal", "pipe"])
def printed(request: pytest.FixtureRequest) -> str:
    console = _console(terminal=request.param)
    report(console, TRIGGERS, TRUTH, SCORES, EARLIER)
    return console.export_text()


def _row(printed: str, start: str) -> list[str]:
    return next(line.split() for line in printed.splitlines() if line.strip().startswith(start))


def test_the_report_fits_100_columns(printed: str) -> None:
    assert max(map(len, printed.splitlines())) <= 100


def test_the_report_counts_plays_and_their_accounts_with_an_example_and_its_reason(printed: str) -> None:
    assert _row(printed, "Going silent")[2:4] == ["2", "2"]
    assert _row(printed, "SLA at risk")[3:5] == ["2", "1"]
    assert "acct-0004, 2025-08-01: Nothing for 21 days." in printed
    lines = printed.splitlines()
    places = [
        next(i for i, line in enumerate(lines) if line.strip().startswith(play))
        for play in ("Going silent", "Ready to expand")
    ]
    assert places == sorted(places), "the gravest first"


def test_the_report_names_the_accounts_most_at_risk_and_what_moved_them(printed: str) -> None:
    # by hand: silence 2.00 - 14.50 = -12.5, active users 8.00 - 10.25 = -2.2(5), nps 5.00 - 4.00 = +1
    row = _row(printed, "acct-0002")
    assert row[:5] == ["acct-0002", "smb", "15.0", "at", "risk"]
    assert row[5] == "-13.8"
    assert "silence -12.5, active users -2.2" in printed
    assert "nps" not in printed, "what rose did not bring it down"
    accounts = [
        line.split()[0] for line in printed.splitlines() if line.strip().startswith("acct-") and " - " not in line
    ]
    assert accounts.index("acct-0002") < accounts.index("acct-0001")


def test_a_new_account_and_one_without_a_score_are_no_error(printed: str) -> None:
    assert _row(printed, "acct-0003")[4:6] == ["new"] or "new" in _row(printed, "acct-0003")
    assert "acct-0009" not in printed, "nothing is known of it, so it is not at risk"


def test_the_report_says_what_was_caught_missed_and_falsely_raised(printed: str) -> None:
    assert _row(printed, "silent churner") == [
        "silent",
        "churner",
        "going_silent",
        "2",
        "1",
        "1",
        "0",
        "1",
        "14",
        "days",
    ]
    assert _row(printed, "healthy") == ["healthy", "none", "2", "1", "quiet", "1", "1"]
    text = " ".join(printed.split())
    assert "1 of 2 stories caught before their deadline, and 1 triggers falsely raised over 4 accounts." in text
    assert "3 triggers of other plays are not judged" in text


def test_all_stories_fit_100_columns_with_nothing_cut_off() -> None:
    console = _console(terminal=False)
    verdicts = [
        StoryVerdict(name, story.play, 152, 145, 7, 12, 11, 168.3 if story.play else None)
        for name, story in STORIES.items()
    ]
    console.print(story_table(verdicts, console.width))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 100
    assert "…" not in text
    assert "Falsely" in text
    assert _row(text, "onboarding stalls")[2:] == ["onboarding_stalled", "152", "145", "7", "12", "11", "168", "days"]


def test_nothing_fired_is_said() -> None:
    console = _console(terminal=False)
    report(console, [], TRUTH, [], {})
    text = console.export_text()
    assert "none" in text
    assert "0 of 2 stories caught" in " ".join(text.split())


def test_markup_in_names_is_shown_and_not_obeyed() -> None:
    console = _console(terminal=True)
    evil = {
        **TRIGGERS[0],
        "subject": "[red]acme[/red]",
        "data": {**TRIGGERS[0]["data"], "reason": "[blink]boo[/blink]"},
    }
    with DemoView(_console(terminal=False), start=START, end=END) as view:
        view.on_trigger(evil)
    report(console, [evil], TRUTH, SCORES, EARLIER)
    assert "[red]acme[/red]" in console.export_text()
