"""What the guide says of lift is what the code does."""

import re
from pathlib import Path

import pytest

from scorecard.attribution import BASELINE, Model, attribute
from scorecard.balance import SMD_BROKEN, SMD_MAX
from scorecard.exposure import WITHIN_DAYS
from scorecard.forecast import LEVEL, POINTS_MIN
from scorecard.lift import EFFECTIVE_MIN, Drawing, Study, compare
from scorecard.panel import Panel
from scorecard.strata import ARM_MIN
from scorecard.unit import Outcome
from tests.scorecard.test_attribution import FRACTIONS, TOUCHED
from tests.scorecard.test_lift import ACADEMY, NOBODY, unit

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "impact.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose heading begins so."""
    found = []
    for line in GUIDE[GUIDE.index(f"| {heading}") :].splitlines()[2:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return found


def example() -> Study:
    units = [
        unit(number, stratum, int(start), int(end), ACADEMY if exposed == "yes" else NOBODY)
        for number, (_, stratum, exposed, start, end) in enumerate(rows("account"))
    ]
    return compare(Panel.of(units), ["segment"], Drawing(seed=1, resamples=20))


def test_the_worked_example_has_the_lift_that_it_says() -> None:
    found = example()
    lift = found.lifts[Outcome.NRR]
    assert f"**{lift.value}**" in GUIDE
    assert f"= {lift.naive:.3f}, is shown to be warned of" in GUIDE
    assert f"{float(found.matching.share or 0):.0%}".replace("%", " %") + ", is compared" in GUIDE
    told = {stratum.label[0]: stratum.reason for stratum in found.matching.left_out}
    assert told == {"public": "no control account", "ngo": "no exposed account"}


def test_the_worked_example_has_the_rates_and_weights_that_it_says() -> None:
    found = example()
    for (label, exposed, control, difference, weight), stratum in zip(
        rows("stratum | NRR"), found.matching.strata, strict=True
    ):
        rate, other = stratum.exposed.rate(Outcome.NRR), stratum.control.rate(Outcome.NRR)
        assert rate is not None
        assert other is not None
        assert label == stratum.label[0]
        assert float(exposed.split("=")[1]) == float(rate)
        assert float(control.split("=")[1]) == float(other)
        assert float(difference) == float(rate - other)
        over, under = map(int, weight.split("/"))
        assert over / under == float(found.weights_of()[stratum.label])


@pytest.mark.parametrize("model", [Model.LINEAR, Model.TIME_DECAY, Model.POSITION])
def test_the_table_of_attribution_has_the_amounts_that_each_model_gives(model: Model) -> None:
    (said,) = [cells[1] for cells in rows("model") if cells[0].split()[0] == model]
    assert [round(100 * float(part)) for part in said.split(",")] == [
        credit.cents for credit in attribute(1000, TOUCHED, model)
    ]


def test_the_example_of_attribution_by_lift_is_right() -> None:
    found = {one.programme: one.cents for one in attribute(1000, TOUCHED, Model.LIFT, fractions=FRACTIONS)}
    said = re.findall(r"(academy|community|`\(baseline\)`) (\d\.\d\d)", GUIDE)
    assert {name.strip("`"): round(100 * float(amount)) for name, amount in said} == {
        "academy": found["academy"], "community": found["community"], BASELINE: found[BASELINE],
    }  # fmt: skip


def test_the_limits_are_those_of_the_code() -> None:
    words = " ".join(GUIDE.split())
    assert f"within {WITHIN_DAYS} days **before** its day" in words
    assert f"below {EFFECTIVE_MIN:g} there is a lift and no interval" in words
    assert f"beyond {SMD_MAX:g} it is named; beyond {SMD_BROKEN:g} the sides are not comparable" in words
    assert (ARM_MIN, "fewer than two accounts can't be compared" in words) == (2, True)
    assert (POINTS_MIN, "at least eight periods" in words) == (8, True)
    assert f"The interval ({LEVEL:.0%}".replace("%", " %") in words
