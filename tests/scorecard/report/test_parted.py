"""Cohort forms of C1, C6 and X5's pace: by hand, and that they add up to everybody's."""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from scorecard.every import Every
from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.report.cohorts import cohorts
from scorecard.report.parted import PARTED, parted
from scorecard.report.scorecard import operational
from scorecard.report.series import series
from scorecard.report.source import Source
from scorecard.report.whole import whole
from scorecard.settings.file import default_scorecard
from scoring.event import Event
from streams.scorecard import opening
from tests.scorecard.facets.said import said

Q2 = Period.parse("2026-Q2")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    with closing(Database(tmp_path / "model.db")) as database:
        yield opening.source(database, default_scorecard())


def take(source: Source, events: Sequence[Event]) -> None:
    for taker in (source.model, source.facets):
        taker.take(events, {})


def bought(day: str, account: str, arr: int, name: str = "expanded", product: str = "core") -> Event:
    """A subscription's revenue from a day on."""
    event = said(day, f"subscription_{name}", account=account, product=product, arr=arr, currency="USD")
    return event.replace(stream="revenue")


def by_hand() -> list[Event]:
    """A, smb: 100, an academy on 20 April, 125 on 1 May (111 days after its start), 140 on 10 June (40 days later).
    B, enterprise: 200, and 230 on 11 May (121 days after its start), which nothing had touched.
    """
    return [
        said("2026-01-10", "group", account="a", segment="smb"), bought("2026-01-10", "a", 100, "started"),
        said("2026-01-10", "group", account="b", segment="enterprise"), bought("2026-01-10", "b", 200, "started"),
        said("2026-04-20", "touchpoint", "ann", account="a", kind="academy"),
        bought("2026-05-01", "a", 125), bought("2026-06-10", "a", 140), bought("2026-05-11", "b", 230),
        said("2026-07-02", "outreach_logged", account="b"),
    ]  # fmt: skip


def test_c1_c6_x5_of_cohorts_by_hand(source: Source) -> None:
    take(source, by_hand())
    found = {
        (line.cohort.get("segment"), line.figure.id): line.figure
        for line in operational(source, Q2, ("segment",)).lines
        if line.figure.id in PARTED
    }
    assert {key: one.value for key, one in found.items()} == {
        (None, "C1"): Fraction(2, 3), ("smb", "C1"): 1, ("enterprise", "C1"): 0,
        (None, "C6"): 40_00, ("smb", "C6"): 40_00, ("enterprise", "C6"): 0,
        (None, "X5.first"): 116, ("smb", "X5.first"): 111, ("enterprise", "X5.first"): 121,
        (None, "X5.next"): 40, ("smb", "X5.next"): 40, ("enterprise", "X5.next"): None,
    }  # fmt: skip
    points = series(source, Every.QUARTER, 1, ["C1"], ("segment",))
    shown = {point.cohort.get("segment"): point.figure.value for point in points}
    assert shown == {None: Fraction(2, 3), "smb": 1, "enterprise": 0}


def test_c1_of_a_cohort_follows_what_comes(source: Source) -> None:
    take(source, by_hand())
    assert cohorts(source, Q2, ("segment",))["enterprise",]["C1"].value == 0
    take(source, [said("2026-05-01", "touchpoint", "bob", account="b", kind="council")])
    assert cohorts(source, Q2, ("segment",))["enterprise",]["C1"].value == 1
    take(source, [said("2025-12-01", "group", account="b", segment="smb")])  # it was that first, says late data
    assert cohorts(source, Q2, ("segment",))["enterprise",]["C1"].numerator == 1


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", [("segment",), ("segment", "industry"), ("product_mix",), ("start_month",)])
def test_c1_c6_x5_of_cohorts_add_up_to_everybodys(by: tuple[str, ...], seed: int, source: Source) -> None:
    take(source, list(drawn(random.Random(seed))))
    (everybody,) = parted(source, Q2, ()).values()
    assert {name: everybody[name] for name in PARTED} == {
        name: one for name, one in whole(source, Q2, [*PARTED]).items() if name in PARTED
    }
    of_cohorts = parted(source, Q2, by).values()
    assert len(of_cohorts) > 1
    assert {name: sum(one[name].n for one in of_cohorts) for name in PARTED} == {
        name: one.n for name, one in everybody.items()
    }
    for name in ("C1", "C6"):
        assert sum(one[name].numerator or 0 for one in of_cohorts) == (everybody[name].numerator or 0)
    assert {*parted(source, Q2, by)} <= {*source.cohorts(Q2, by)}


def test_where_a_cohort_cuts_through_accounts_it_has_none_of_these(source: Source) -> None:
    take(source, by_hand())
    assert all(PARTED.isdisjoint(figures) for figures in cohorts(source, Q2, ("product",)).values())


def drawn(dice: random.Random) -> Iterator[Event]:
    """Thirty accounts, of which some are touched and expand, and one is merged into another."""
    for number in range(30):
        account, month = f"a{number}", dice.randint(1, 3)
        yield said(
            f"2026-0{month}-05", "group", account=account, segment=dice.choice("xyz"), industry=dice.choice("pq")
        )
        arr = 100
        yield bought(f"2026-0{month}-05", account, arr, "started", product=dice.choice(["core", "plan"]))
        for month in dice.sample(range(3, 7), 2):
            if dice.random() < 0.5:
                yield said(
                    f"2026-0{month}-07", "touchpoint", "ann", account=account, kind=dice.choice(["academy", "x"])
                )
            arr += dice.randint(-20, 60)
            yield bought(f"2026-0{month}-1{dice.randint(0, 9)}", account, arr)
    yield said("2026-06-01", "group", account="a1", merged_into="a2")
