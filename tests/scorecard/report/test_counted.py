"""C1, C6 and the pace of X5, of everybody and by cohort: by hand, as events come, and that cohorts add up."""

import json
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import event, select

from scorecard.every import Every
from scorecard.model.tables import accounts
from scorecard.period import Period
from scorecard.report.scorecard import operational
from scorecard.report.series import series
from scorecard.report.source import Source
from scorecard.report.whole import whole
from scoring.event import Event
from tests.scorecard.facets.said import said
from tests.scorecard.report.taking import take

Q2 = Period.parse("2026-Q2")
COUNTED = frozenset({"C1", "C6", "X5.first", "X5.next"})


def bought(day: str, account: str, arr: int, name: str = "expanded", product: str = "core") -> Event:
    """A subscription's revenue from a day on."""
    made = said(day, f"subscription_{name}", account=account, product=product, arr=arr, currency="USD")
    return made.replace(stream="revenue")


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
        if line.figure.id in COUNTED
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
    assert source.cohorts(Q2, ("segment",))["enterprise",]["C1"].value == 0
    take(source, [said("2026-05-01", "touchpoint", "bob", account="b", kind="council")])
    assert source.cohorts(Q2, ("segment",))["enterprise",]["C1"].value == 1
    take(source, [said("2025-12-01", "group", account="b", segment="smb")])  # it was that first, says late data
    assert source.cohorts(Q2, ("segment",))["enterprise",]["C1"].numerator == 1


def test_an_event_of_one_account_reads_the_book_of_no_other_one_whatever_is_asked_then(source: Source) -> None:
    """C1, C2, C6, X5: all that is kept follows, from rows of this account and from sums."""
    told = list(drawn(random.Random(1)))
    take(source, told)

    def ask() -> list[object]:
        return [source.everybody(Q2), source.cohorts(Q2, ("segment",)), whole(source, Q2, ["C2"])]

    before, read = ask(), list[Any]()

    def note(_c: object, _u: object, sql: str, given: Any, _x: object, _many: bool) -> None:
        if "books" in sql and sql.startswith("SELECT"):
            (wanted,) = given.values() if isinstance(given, dict) else map(json.loads, given)  # PostgreSQL, SQLite
            read.extend(wanted)

    engine = source.model._database._engine
    event.listen(engine, "before_cursor_execute", note)
    source.model.take([said("2026-05-02", "touchpoint", "eve", account="a7", kind="academy")], {})
    source.model.take([bought("2026-05-20", "a7", 500)], {})
    after = ask()
    event.remove(engine, "before_cursor_execute", note)
    with source.model._database.reading() as connection:
        of_a7 = connection.execute(select(accounts.c.id).where(accounts.c.account_id == "a7")).scalar_one()
    assert {*read} == {of_a7}
    assert all(now != then for now, then in zip(after, before, strict=True))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", [("segment",), ("segment", "industry"), ("product_mix",), ("start_month",)])
def test_c1_c6_x5_of_cohorts_add_up_to_everybodys(by: tuple[str, ...], seed: int, source: Source) -> None:
    take(source, list(drawn(random.Random(seed))))
    everybody, of_cohorts = source.everybody(Q2), source.cohorts(Q2, by).values()
    assert len(of_cohorts) > 1
    assert {name: sum(one[name].n for one in of_cohorts) for name in COUNTED} == {
        name: everybody[name].n for name in COUNTED
    }
    for name in ("C1", "C6"):
        assert sum(one[name].numerator or 0 for one in of_cohorts) == (everybody[name].numerator or 0)


def test_where_a_cohort_cuts_through_accounts_it_has_none_of_these(source: Source) -> None:
    take(source, by_hand())
    assert all(COUNTED.isdisjoint(figures) for figures in source.cohorts(Q2, ("product",)).values())


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
