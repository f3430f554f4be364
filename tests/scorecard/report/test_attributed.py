"""C6 by the model `lift`, which goes by a measurement."""

import pytest

from scorecard.attribution import Model
from scorecard.comparison import Comparison
from scorecard.lift import Lift
from scorecard.report.attributed import attribute
from scorecard.report.clg import Measurement, measure
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile, load_scorecard
from scorecard.unit import Outcome
from tests.scorecard.report.taking import take
from tests.scorecard.report.test_lifted import AGREED, Q2, by_hand


@pytest.fixture
def agreed() -> ScorecardFile:
    return load_scorecard(AGREED, file="scorecard.yaml")


def unseen(one: Comparison) -> Lift:
    return one.study.lifts[Outcome.EXPANSION]._replace(interval=None)


def without_a_lift(found: Measurement) -> Measurement:
    """Another one, whose lifts of expansion could be chance."""
    return found._replace(
        programmes={
            name: one._replace(study=one.study._replace(lifts={**one.study.lifts, Outcome.EXPANSION: unseen(one)}))
            for name, one in found.programmes.items()
        },
        stamp=object(),
    )


def test_what_is_shared_out_by_a_measurement_is_shared_out_anew_by_another(source: Source) -> None:
    """Of a running period a measurement may be a minute old; its successor's programmes are credited by the new one."""
    take(source, by_hand())
    found = measure(source, Q2)
    (seen,) = attribute(source, Q2, [Model.LIFT], found)
    (unseen,) = attribute(source, Q2, [Model.LIFT], without_a_lift(found))
    assert seen.programmes["academy"] > 0
    assert unseen.programmes.get("academy", 0) == 0
    assert seen.total == unseen.total
