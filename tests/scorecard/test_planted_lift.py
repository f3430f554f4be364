"""C4 held against books whose lift is known: it is found, and none is found where there is none.

200 seeded books of 2,000 accounts for each question. Naive: the same without matching, everybody in one stratum.
"""

from functools import cache
from statistics import fmean

import numpy as np

from scorecard.bootstrap import RESAMPLES
from scorecard.lift import Drawing, Lift, study
from scorecard.placebo import Passed, judged
from scorecard.sample import Sample
from scorecard.unit import Outcome
from streams.simulate.planted import Planted, plant

RUNS = 200
ACCOUNTS = 2_000
LIFT = 0.06
ROUGH = 200
"""Resamples where an interval need not be exact to show what is wrong with it."""


def unmatched(sample: Sample) -> Sample:
    return sample._replace(stratum=np.zeros_like(sample.stratum), labels=(("all",),), dimensions=("all",))


def nrr(sample: Sample, seed: int, resamples: int = RESAMPLES) -> Lift:
    return study(sample, Drawing(seed, resamples)).lifts[Outcome.NRR]


@cache
def books(first: int, lift: float, runs: int = RUNS, hidden: float = 0.0) -> list[Planted]:
    return [plant(seed, ACCOUNTS, lift, hidden=hidden) for seed in range(first, first + runs)]


def coverage(lifts: list[Lift], truth: float) -> float:
    intervals = [lift.interval for lift in lifts if lift.interval is not None]
    assert len(intervals) == len(lifts), "every book is large enough for an interval"
    return fmean(interval.low <= truth <= interval.high for interval in intervals)


def mean(lifts: list[Lift]) -> float:
    return fmean(lift.value for lift in lifts if lift.value is not None)


def test_c4_the_interval_covers_the_planted_lift_in_90_to_99_percent_of_200_books() -> None:
    lifts = [nrr(book.sample(), book.seed) for book in books(1000, LIFT)]
    covered = coverage(lifts, LIFT)
    print(f"the 95 % interval covers the truth in {covered:.1%}, mean lift {mean(lifts):.4f}")
    assert 0.90 <= covered <= 0.99
    assert abs(mean(lifts) - LIFT) < 0.01


def test_c4_the_naive_difference_is_wrong_where_there_is_a_confounder() -> None:
    lifts = [nrr(unmatched(book.sample()), book.seed, ROUGH) for book in books(1000, LIFT)]
    print(f"the naive interval covers the truth in {coverage(lifts, LIFT):.1%}, mean difference {mean(lifts):.4f}")
    assert coverage(lifts, LIFT) < 0.6
    assert mean(lifts) > LIFT + 0.05


def test_c4_with_no_lift_planted_it_stays_silent_in_93_percent_of_200_books() -> None:
    silent = fmean(not nrr(book.sample(), book.seed).seen for book in books(2000, 0.0))
    loud = fmean(nrr(unmatched(book.sample()), book.seed, ROUGH).seen for book in books(2000, 0.0))
    print(f"silent in {silent:.1%}; the naive difference sees a lift in {loud:.1%}")
    assert silent >= 0.93
    assert loud > 0.4


def test_the_placebo_shows_no_lift_before_exposure() -> None:
    lifts = [nrr(book.placebo(), book.seed) for book in books(1000, LIFT)]
    silent = fmean(judged(lift, ACCOUNTS).passed is Passed.YES for lift in lifts)
    print(f"the placebo is passed in {silent:.1%}, its mean {mean(lifts):+.4f}")
    assert silent >= 0.90
    assert abs(mean(lifts)) < 0.01


def test_the_placebo_is_failed_where_something_hidden_drives_both_exposure_and_growth() -> None:
    hidden = books(3000, 0.0, runs=50, hidden=1.0)
    failed = fmean(judged(nrr(book.placebo(), book.seed), ACCOUNTS).passed is Passed.NO for book in hidden)
    covered = coverage([nrr(book.sample(), book.seed) for book in hidden], 0.0)
    print(f"hidden: the placebo is failed in {failed:.1%}, the interval covers in {covered:.1%}")
    assert failed > 0.5
    assert covered < 0.8, "no matching on what is known mends it"
