"""The watch over cohorts goes on whatever a look fails on, and says so."""

import logging
import sqlite3
from collections.abc import Sequence

import pytest

from plays.cohort import CohortPlays
from scorecard.model.database import Unavailable
from scorecard.report.source import Source
from streams.scorecard.cohort_watch import LISTEN_S, WATCH_S, CohortWatch
from streams.scorecard.cohorts import Cohorts
from tests.streams.scorecard.test_cohorts import NOW, Out, figures_of, plays, segment

__all__ = ["figures_of", "plays"]


@pytest.mark.parametrize(
    ("error", "pause_s", "traceback"),
    [
        (sqlite3.OperationalError("disk I/O error"), WATCH_S, True),
        (Unavailable("the database is away"), LISTEN_S, False),
    ],
    ids=["what nobody thought of", "a database that is away"],
)
def test_a_look_that_fails_is_told_counted_and_made_again(
    figures_of: Source, plays: CohortPlays, caplog: pytest.LogCaptureFixture, error: Exception, pause_s: float,
    traceback: bool,
) -> None:  # fmt: skip
    figures_of.model.take(segment("smb", 20, 90), {})
    out, failures = Out(), [error]
    counted: list[str] = []

    def published(after: int) -> Sequence[tuple[int, str]]:
        if failures:
            raise failures.pop()
        return out.published(after)

    def count() -> None:
        counted.append("failed")

    watch = CohortWatch(Cohorts(plays, lambda: figures_of, out, published), lambda: NOW, lambda: True, count)
    with caplog.at_level(logging.WARNING):
        assert watch.turn() == pause_s
    (record,) = caplog.records
    assert (bool(record.exc_info), counted, [*out.kept]) == (traceback, ["failed"], [])
    assert watch.turn() == LISTEN_S
    assert (len(out.kept), counted) == (1, ["failed"])
