"""E2 and E3 of cohorts: by hand, and that they add up to everybody's."""

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from scorecard.period import Period
from scorecard.report.cohorts import cohorts
from scorecard.report.efficiency import NOT_TOLD_OF_COHORT, efficient
from scorecard.report.source import Figures, Source
from scoring.event import Event
from tests.scorecard.facets.said import said, told
from tests.scorecard.report.taking import take

Q2 = Period.parse("2026-Q2")


def won(account: str, segment: str, motion: str, arr: int) -> list[Event]:
    """An account that begins in April."""
    began = said("2026-04-05", "subscription_started", account=account, product="core", arr=arr, currency="USD")
    return [said("2026-04-05", "group", account=account, segment=segment, motion=motion), began]


def dealt(day: str, account: str, key: str, state: str, amount: int, clg: str = "clg_none") -> Event:
    event = said(day, f"opportunity_{state}", account=account, opportunity_id=key, amount=amount, currency="USD")
    return event.replace(stream="revenue", properties={**event.properties, clg: True})


def spent(account: str, motion: str, amount: int) -> Event:
    event = said("2026-05-01", "spend_recorded", account=account, motion=motion, amount=amount, currency="USD")
    return event.replace(stream="revenue")


def by_hand() -> list[Event]:
    """A and b: smb, won by customer-led growth, 1200 and 2400 a year; c: enterprise, by sales, 9600.

    600 was spent on CLG and 300 on sales for smb (told of an account that stands for it), 1000 on sales for all
    (told of ourselves, of whom no segment is known). Two opportunities of smb: 400 influenced and won, 100 neither,
    open; one of a prospect of enterprise: 900 sourced, lost.
    """
    return [
        *won("a", "smb", "CLG", 1200), *won("b", "smb", "CLG", 2400), *won("c", "enterprise", "sales", 9600),
        said("2026-01-01", "group", account="us/smb", segment="smb"),
        spent("us/smb", "clg", 600), spent("us/smb", "sales", 300), spent("us", "sales", 1000),
        said("2026-04-01", "group", account="prospect", segment="enterprise"),
        dealt("2026-04-10", "a", "o-1", "opened", 400, "clg_influenced"),
        dealt("2026-05-10", "a", "o-1", "won", 400),
        dealt("2026-04-11", "b", "o-2", "opened", 100),
        dealt("2026-04-12", "prospect", "o-3", "opened", 900, "clg_sourced"),
        dealt("2026-06-12", "prospect", "o-3", "lost", 900),
    ]  # fmt: skip


def value(figures: Figures, figure: str) -> Fraction | None:
    return figures[figure].value


def test_e2_of_segments_is_what_was_told_of_their_accounts_by_hand(source: Source) -> None:
    """E2: smb 900 for 2 accounts: 450 each; they bring 1800 a year at a margin of 3/4, 112.50 a month: 4 months.
    Of CLG 600 for the 2. Enterprise won an account, and nothing was told of it; ourselves spent and won nobody.
    """
    take(source, by_hand())
    found = cohorts(source, Q2, ("segment",), ["E2"])
    smb, enterprise, ourselves = found["smb",], found["enterprise",], found["(none)",]
    assert told(value(smb, "E2"), value(smb, "E2.payback"), value(smb, "E2.clg")) == (450_00, 4, 300_00)
    assert (enterprise["E2"].reason, enterprise["E2"].n) == (NOT_TOLD_OF_COHORT, 1)
    assert ourselves["E2"].reason == "no account was won in the period"
    assert (smb["E3.spend"].numerator, smb["E3.spend"].denominator) == (600_00, 900_00)
    everybody = efficient(source, Q2)[()]
    assert value(everybody, "E2") == Fraction(1900_00, 3)


def test_e2_of_motions_goes_by_the_motion_that_spending_names_by_hand(source: Source) -> None:
    """E2: CLG 600 for 2, sales 1300 for 1; they are what the figures of customer-led and other motions say."""
    take(source, by_hand())
    found, everybody = cohorts(source, Q2, ("motion",), ["E2"]), efficient(source, Q2)[()]
    assert told(value(found["CLG",], "E2"), value(found["sales",], "E2")) == (300_00, 1300_00)
    assert told(value(everybody, "E2.clg"), value(everybody, "E2.other")) == (300_00, 1300_00)
    both = cohorts(source, Q2, ("segment", "motion"), ["E2"])
    assert {values: one["E2"].numerator for values, one in both.items() if "E2" in one and one["E2"].numerator} == {
        ("smb", "CLG"): 600_00, ("smb", "sales"): 300_00, ("(none)", "sales"): 1000_00,
    }  # fmt: skip


def test_e3_of_segments_is_that_of_their_accounts_customers_or_not_by_hand(source: Source) -> None:
    """E3: smb 400 of 500, 1 of 1 won; enterprise 900 of 900, 0 of 1 won, all sourced, by who has no revenue yet."""
    take(source, by_hand())
    found = cohorts(source, Q2, ("segment",), ["E3"])
    names = ("E3", "E3.share", "E3.win_rate", "E3.sourced", "E3.sourced_win_rate")
    assert [value(found["smb",], one) for one in names] == [400_00, Fraction(4, 5), 1, 0, None]
    assert [value(found["enterprise",], one) for one in names] == [900_00, 1, 0, 900_00, 0]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", [("segment",), ("motion",), ("segment", "motion"), ("product_mix",), ("start_month",)])
def test_e2_e3_of_cohorts_add_up_to_everybodys(by: tuple[str, ...], seed: int, source: Source) -> None:
    """E2, E3: what was spent, whom it won, and every amount and count of the pipeline."""
    take(source, list(drawn(random.Random(seed))))
    everybody, parts = efficient(source, Q2)[()], efficient(source, Q2, by).values()
    assert len(parts) > 1
    names = ("E2", "E2.clg", "E2.other", *(name for name in everybody if name.startswith("E3")))
    for name in names:
        assert sum(one[name].numerator or 0 for one in parts) == everybody[name].numerator, name
        assert sum(one[name].n for one in parts) == everybody[name].n, name
        if name.startswith("E3"):  # of E2 it is n, and of a cohort that nothing was spent on there is none
            assert sum(one[name].denominator or 0 for one in parts) == (everybody[name].denominator or 0), name


def drawn(dice: random.Random) -> Iterator[Event]:
    """Thirty accounts, some won in the quarter, with opportunities and spending; one is merged into another."""
    for number in range(30):
        account, day = f"a{number}", f"2026-0{dice.randint(2, 6)}-05"
        yield said(day, "group", account=account, segment=dice.choice("xyz"), motion=dice.choice(["CLG", "sales"]))
        if dice.random() < 0.7:
            product = dice.choice(["core", "plan"])
            yield said(day, "subscription_started", account=account, product=product, arr=100, currency="USD")
        for key in range(dice.randint(0, 3)):
            way = dice.choice(["clg_influenced", "clg_sourced", "other"])
            yield dealt(f"2026-0{dice.randint(3, 5)}-09", account, f"o-{key}", "opened", 10 * key, way)
            if dice.random() < 0.6:
                yield dealt("2026-06-10", account, f"o-{key}", dice.choice(["won", "lost"]), 10 * key)
        if dice.random() < 0.5:
            yield spent(account, dice.choice(["clg", "CLG", "sales", "events"]), dice.randint(1, 90))
    for motion in ("clg", "sales"):
        yield spent("a3", motion, 7)
    yield said("2026-06-01", "group", account="a1", merged_into="a2")
