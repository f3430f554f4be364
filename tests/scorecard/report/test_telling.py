"""Figures for those who read SQL are those of the read model, and only what is others is noted again."""

from typing import Any

import pytest
from sqlalchemy import select

from scorecard.model.facet_scores import Score
from scorecard.model.tables import told
from scorecard.period import Period
from scorecard.report.scorecard import operational
from scorecard.report.source import Source
from scorecard.report.telling import Teller
from scorecard.report.view_json import details
from scoring.event import Event
from tests.scorecard.facets.said import said, used
from tests.scorecard.report.taking import take

Q2 = Period.parse("2026-Q2")


def noted(source: Source) -> dict[tuple[str, str, str, str], Any]:
    """Value by period, dimensions, cohort and figure."""
    with source.told._database.reading() as connection:
        rows = connection.execute(select(told)).all()
    return {(row.label, row.dimensions, row.cohort, row.figure): row.value for row in rows}


def history() -> list[Event]:
    """Two segments since the quarter before."""
    return [
        event
        for account, segment in (("a", "smb"), ("b", "mid"))
        for event in (
            said("2026-02-01", "group", account=account, segment=segment),
            said("2026-02-01", "subscription_started", account=account, product="core", arr=100, currency="USD"),
            used("2026-05-01", "ann", "board", account=account),
        )
    ]


def test_what_came_is_noted_of_every_cohort_that_it_touches(source: Source) -> None:
    """A4 of both segments; then of one, another user of which comes and doubles the events."""
    take(source, history())
    source.cohorts(Q2, ("segment",))
    teller = Teller(source)
    teller()
    before = noted(source)
    take(source, [used("2026-05-01", "ann", "chart"), used("2026-05-01", "ann", "chart", account="a")])
    source.facets.refresh()
    teller()
    after = noted(source)
    for by, cohort in (("", "{}"), ("segment", '{"segment": "smb"}')):
        assert after["2026-Q2", by, cohort, "A4"] != before["2026-Q2", by, cohort, "A4"]
    mid = {key: value for key, value in before.items() if key[2] == '{"segment": "mid"}'}
    assert len(mid) > 30
    assert {key: after[key] for key in mid} == mid


def test_a_cohort_that_is_no_more_is_noted_no_more(source: Source) -> None:
    take(source, history())
    source.cohorts(Q2, ("segment",))
    teller = Teller(source)
    teller()
    take(source, [said("2026-01-01", "group", account="a", segment="mid", hour=1)])
    take(source, [said("2026-02-01", "group", account="a", segment="mid", hour=23)])
    source.facets.refresh()
    teller()
    assert {cohort for _, by, cohort, _ in noted(source) if by == "segment"} == {'{"segment": "mid"}'}


def test_of_sums_that_are_as_they_were_no_figures_are_made(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    take(source, history())
    source.cohorts(Q2, ("segment",))
    teller, made, make = Teller(source), list[Period](), Source.made

    def counted(self: Source, *given: Any) -> Any:
        made.append(given[1])
        return make(self, *given)

    monkeypatch.setattr(Source, "made", counted)
    teller()
    assert len(made) == 3
    teller()
    assert len(made) == 3


def test_l1_what_signs_foretold_is_as_new_as_the_events_of_the_period_before(source: Source) -> None:
    """L1: one account of two shows the sign in the first quarter; then late events say that both did."""
    take(source, history())
    take(source, [used("2026-03-01", "ann", role, account="a", role=role) for role in ("admin", "maker", "viewer")])
    take(source, [used("2026-07-02", "ann", "board", account="a")])

    def with_it() -> list[int]:
        return [
            one["with_it"]["n"]
            for one in details(source, Q2)["foretold"]
            if (one["sign"], one["outcome"]) == ("multi_threaded", "retained")
        ]

    assert (with_it(), with_it()) == ([1], [1])
    take(source, [used("2026-03-01", "bob", role, account="b", role=role) for role in ("admin", "maker", "viewer")])
    source.facets.refresh()
    assert with_it() == [2]


def test_h1_is_shown_as_it_was_last_added_up(source: Source) -> None:
    """H1: 80 and 60 make 70."""
    take(source, history())
    source.facets._health = lambda: {"a": Score(80.0, 1.0, "healthy"), "b": Score(60.0, 1.0, "healthy")}
    source.facets.score()
    assert source.everybody(Q2)["H1"].value == 70
    assert any(line.figure.id == "H1" for line in operational(source, Q2).lines)
