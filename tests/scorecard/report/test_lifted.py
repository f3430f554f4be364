"""C3 to C5 of cohorts and programmes: by hand, and that cohorts and the whole are made by one formula."""

import random
from datetime import date
from fractions import Fraction

import pytest

from scorecard.every import Every
from scorecard.period import Period
from scorecard.report.clg import measure
from scorecard.report.cohorts import cohorts
from scorecard.report.ends import ends
from scorecard.report.lifted import by_programme, lifted, parts
from scorecard.report.scorecard import operational
from scorecard.report.series import series
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile, load_scorecard
from scoring.event import Event
from streams.simulate.lift import messages
from streams.simulate.planted import plant
from streams.vocabulary import shipped
from streams.wire import decode
from tests.scorecard.facets.said import said, told
from tests.scorecard.report.taking import take

Q2 = Period.parse("2026-Q2")

PROGRAMMES = ("academy", "council")

AGREED = """
version: "1"
currency: EUR
dimensions: [health]
"""
"""A trait that is called as one of the bands is that accounts are matched on."""


@pytest.fixture
def agreed() -> ScorecardFile:
    return load_scorecard(AGREED, file="scorecard.yaml")


def account(name: str, segment: str, region: str, end: int, *programmes: str, start: int = 100) -> list[Event]:
    """Since January at `start`; touched in March; in May it has what it has at the end of June."""
    word = "subscription_expanded" if end > start else "subscription_contracted"
    moved = said("2026-05-05", word, account=name, product="core", arr=end, currency="EUR")
    return [
        said("2026-01-05", "group", account=name, segment=segment, region=region, health="good"),
        said("2026-01-05", "subscription_started", account=name, product="core", arr=start, currency="EUR"),
        *(said("2026-03-05", "touchpoint", "ann", account=name, kind=one) for one in programmes),
        *([moved.replace(stream="revenue")] if end != start else ()),
    ]


def by_hand() -> list[Event]:
    """Of each segment twelve touched by an academy, from 100 to 110 (smb) or to 130 (enterprise), and twelve others
    from 100 to 104; of smb two more touched by a council alone, from 100 to 90; of each segment half are in each
    region. Of public there is one touched account and one other.
    """
    found = list[Event]()
    for segment, grown in (("smb", 110), ("enterprise", 130)):
        for number in range(12):
            region = "emea" if number % 2 else "apac"
            found += account(f"{segment}-t{number}", segment, region, grown, "academy")
            found += account(f"{segment}-o{number}", segment, region, 104)
    for region in ("emea", "apac"):
        found += account(f"smb-council-{region}", "smb", region, 90, "council")
    found += account("public-t", "public", "emea", 500, "academy") + account("public-o", "public", "emea", 100)
    return [*found, said("2026-07-02", "outreach_logged", account="smb-t0")]


def test_c3_c4_of_segments_by_hand(source: Source) -> None:
    """C3, C4. Smb: (12 * 110 + 2 * 90) / 1400 = 1.0714 against 1.04: 3.14 points; enterprise: 1.30 against 1.04: 26.
    Public: 5 against 1, and one account in an arm can't be compared. All: weights are 14 and 12 of 26 in hundreds.
    """
    take(source, by_hand())
    found = cohorts(source, Q2, ("segment",), ["C3", "C4"])
    smb, enterprise, public = found["smb",], found["enterprise",], found["public",]
    assert (smb["C3.exposed"].value, smb["C3.other"].value) == (Fraction(1500, 1400), Fraction(104, 100))
    assert smb["C3"].value == Fraction(1500, 1400) - Fraction(104, 100)
    assert told(enterprise["C3"].value, public["C3"].value) == (Fraction(26, 100), 4)
    assert (smb["C4"].n, enterprise["C4"].n) == (26, 24)
    assert float(smb["C4"].value or 0) == pytest.approx(1500 / 1400 - 1.04)
    assert float(enterprise["C4"].value or 0) == pytest.approx(0.26)
    assert smb["C4"].low is not None
    assert smb["C4"].low < 1500 / 1400 - 1.04 < (smb["C4"].high or 0)
    assert (public["C4"].value, public["C4"].reason) == (None, "no stratum has both exposed accounts and others")
    whole = lifted(source, Q2)[()]
    assert float(whole["C4"].value or 0) == pytest.approx((14 * (1500 / 1400 - 1.04) + 12 * 0.26) / 26)
    lift, arms = ends("C4", found, ("segment",)), ends("C3", found, ("segment",))  # public: one account an arm
    assert lift.best is not None
    assert lift.worst is not None
    assert (lift.best[0], lift.worst[0]) == (("enterprise",), ("smb",))
    assert (arms.best or ((), None))[0] == ("enterprise",)
    points = series(source, Every.QUARTER, 1, ["C4"], ("segment",))
    shown = {tuple(one.cohort.values()): one.figure for one in points}
    assert shown == {(): whole["C4"], **{values: one["C4"] for values, one in found.items()}}


def test_c4_of_a_dimension_that_nobody_is_matched_on_by_hand(source: Source) -> None:
    """C4 of emea: smb (6 * 110 + 90) / 700 against 1.04, enterprise 1.30 against 1.04, by 7 and 6; of the trait
    `health`, which is called as a band is, all are good.
    """
    take(source, by_hand())
    (emea,) = (one for values, one in lifted(source, Q2, ("region",)).items() if values == ("emea",))
    assert float(emea["C4"].value or 0) == pytest.approx((7 * (750 / 700 - 1.04) + 6 * 0.26) / 13)
    assert lifted(source, Q2, ("health",))["good",]["C4"] == lifted(source, Q2)[()]["C4"]


def test_c5_best_and_worst_programme_by_hand(source: Source) -> None:
    """C5: academy, of smb 1.10 against 1.04 and of enterprise 1.30; of the council two accounts fell from 100 to 90,
    which are too few for an interval.
    """
    take(source, by_hand())
    found = by_programme(source, Q2)
    academy, council = found["academy",]["C5"], found["council",]["C5"]
    assert float(academy.value or 0) == pytest.approx((12 * 0.06 + 12 * 0.26) / 24)
    assert float(council.value or 0) == pytest.approx(0.9 - 1.04)
    assert council.low is None
    (line,) = [one for one in operational(source, Q2).lines if one.figure.id == "C5"]
    assert line.figure == academy  # that most were in
    assert line.ends is not None
    assert (line.ends.dimensions, line.ends.reason) == (
        ("programme",), "fewer than two of 2 rest on 5 or more with an interval",
    )  # fmt: skip


def test_c4_of_cohorts_follows_what_comes(source: Source) -> None:
    """C4: late word of an exposed account of smb; nothing else of what was asked for is made anew."""
    take(source, by_hand())
    before, made = lifted(source, Q2, ("segment",)), parts(source, Q2, ("segment",))
    assert parts(source, Q2, ("segment",)) is made
    late = said("2026-06-01", "subscription_expanded", account="smb-t1", product="core", arr=500, currency="EUR")
    take(source, [late.replace(stream="revenue")])
    after = lifted(source, Q2, ("segment",))
    assert float(after["smb",]["C4"].value or 0) == pytest.approx((1500 + 390) / 1400 - 1.04)
    assert after["enterprise",] == before["enterprise",]


@pytest.mark.parametrize("by", [("segment",), ("region",), ("segment", "region")])
def test_c3_of_cohorts_adds_up_to_everybodys(by: tuple[str, ...], source: Source) -> None:
    """C3: both arms, in numerator, denominator and n."""
    dice = random.Random(len(by))
    drawn = (
        account(f"a{n}", dice.choice("xyz"), dice.choice("pq"), dice.randint(0, 200), *PROGRAMMES[: n % 3])
        for n in range(60)
    )
    take(source, [event for one in drawn for event in one])
    everybody, parts = lifted(source, Q2)[()], lifted(source, Q2, by).values()
    for arm in ("C3.exposed", "C3.other"):
        for part in ("numerator", "denominator", "n"):
            assert sum(getattr(one[arm], part) or 0 for one in parts) == getattr(everybody[arm], part)


def test_c4_of_cohorts_weighed_by_what_they_compare_is_that_of_everybody(source: Source) -> None:
    """C4: where accounts are matched on the dimension, and on as many others as by themselves, strata of a cohort are
    those of the whole.
    """
    decoded = decode(list(messages(plant(seed=5, accounts=1_500, lift=0.06), date(2026, 1, 1))), vocabulary=shipped())
    take(source, decoded.events)
    year = Period.parse("2025")
    whole, parts = measure(source, year).whole.study, lifted(source, year, ("segment",))
    weights = {
        values: sum(cell.stratum.exposed.start for cell in whole.matching.cells if cell.stratum.label[:1] == values)
        for values in parts
    }
    mean = sum(weights[values] * (one["C4"].value or 0) for values, one in parts.items()) / sum(weights.values())
    found = lifted(source, year)[()]["C4"]
    assert float(mean) == pytest.approx(float(found.value or 0), abs=1e-12)
    assert len(parts) == 3
    assert sum(one["C4"].n for one in parts.values()) == found.n
