"""C4 held against books whose lift is known: it is found, and none is found where there is none.

200 seeded books each of 1,500 accounts, of 1,000 resamples. Naive: the same without matching, everybody one stratum.
"""

from functools import cache
from statistics import fmean
from typing import NamedTuple

import numpy as np

from scorecard.lift import Lift, study_sample
from scorecard.placebo import Passed, judged
from scorecard.sample import Sample
from scorecard.unit import Outcome
from streams.simulate.planted import Planted, plant

RUNS = 200
ACCOUNTS = 1_500
LIFT = 0.06


class Runs(NamedTuple):
    """What was measured in each of the books."""

    matched: list[Lift]
    naive: list[Lift]
    placebo: list[Lift]


def unmatched(sample: Sample) -> Sample:
    return sample._replace(stratum=np.zeros_like(sample.stratum), labels=(("all",),), dimensions=("all",))


def nrr(sample: Sample, seed: int) -> Lift:
    return study_sample(sample, seed=seed).lifts[Outcome.NRR]


@cache
def measured(lift: float, hidden: float = 0.0, runs: int = RUNS) -> Runs:
    books: list[Planted] = [plant(seed, ACCOUNTS, lift, hidden=hidden) for seed in range(runs)]
    return Runs(
        [nrr(book.sample(), book.seed) for book in books],
        [nrr(unmatched(book.sample()), book.seed) for book in books],
        [nrr(book.placebo(), book.seed) for book in books],
    )


def coverage(lifts: list[Lift], truth: float) -> float:
    intervals = [lift.interval for lift in lifts if lift.interval is not None]
    assert len(intervals) == len(lifts), "every book is large enough for an interval"
    return fmean(interval.low <= truth <= interval.high for interval in intervals)


def mean(lifts: list[Lift]) -> float:
    return fmean(lift.value for lift in lifts if lift.value is not None)


def test_c4_the_interval_covers_the_planted_lift_in_90_to_99_percent_of_200_books() -> None:
    covered = coverage(measured(LIFT).matched, LIFT)
    print(f"the 95 % interval covers the truth in {covered:.1%}, mean lift {mean(measured(LIFT).matched):.4f}")
    assert 0.90 <= covered <= 0.99
    assert abs(mean(measured(LIFT).matched) - LIFT) < 0.01


def test_c4_the_naive_difference_is_wrong_where_there_is_a_confounder() -> None:
    naive = measured(LIFT).naive
    print(f"the naive interval covers the truth in {coverage(naive, LIFT):.1%}, mean difference {mean(naive):.4f}")
    assert coverage(naive, LIFT) < 0.75
    assert mean(naive) > LIFT + 0.05


def test_c4_with_no_lift_planted_it_stays_silent_in_93_percent_of_200_books() -> None:
    silent = fmean(not lift.seen for lift in measured(0.0).matched)
    loud = fmean(lift.seen for lift in measured(0.0).naive)
    print(f"silent in {silent:.1%}; the naive difference sees a lift in {loud:.1%}")
    assert silent >= 0.93
    assert loud > 0.25


def test_the_placebo_shows_no_lift_before_exposure() -> None:
    silent = fmean(judged(lift, 0).passed is Passed.YES for lift in measured(LIFT).placebo)
    print(f"the placebo is passed in {silent:.1%}, its mean {mean(measured(LIFT).placebo):+.4f}")
    assert silent >= 0.90
    assert abs(mean(measured(LIFT).placebo)) < 0.01


def test_the_placebo_is_failed_where_something_hidden_drives_both_exposure_and_growth() -> None:
    hidden = measured(0.0, hidden=1.0, runs=60)
    print(f"hidden: failed in {fmean(judged(lift, 0).passed is Passed.NO for lift in hidden.placebo):.1%}")
    assert fmean(judged(lift, 0).passed is Passed.NO for lift in hidden.placebo) > 0.4
    assert coverage(hidden.matched, 0.0) < 0.8, "no matching on what is known mends it"
