"""C8: what comes next in a series of quarterly (or monthly) figures, with an interval, and how well that went so far.

Four ways to foretell compete: the last value (naive), the mean, exponential smoothing, and Theta (smoothing with half
the trend: Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16, 2000), the last two by statsmodels.
At every past origin each foretold the next value from what was known then; the one that erred least so far is taken,
and the naive one unless another was better. The accuracy shown is that of this whole procedure, choice included.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite, sqrt
from statistics import fmean
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

POINTS_MIN = 8
"""Two years of quarters: below, nothing is foretold, since the errors so far can't be told from chance."""
ORIGIN_MIN = 4
"""Points that the first origin looks back on."""
ERRORS_MIN = 3
"""Past errors that a method must have before it can be preferred to the naive one."""
HORIZON_MAX = 4
"""A year of quarters."""
LEVEL = 0.8
"""Of the interval: at 95 % a dozen points tell nothing of the tails."""
CHANGE_MIN = 1e-9
"""A series that moves less does not move: there is nothing to fit."""
NAIVE = "last value"


class Step(NamedTuple):
    """One period ahead."""

    ahead: int
    value: float
    low: float
    high: float
    naive: float


class Accuracy(NamedTuple):
    """Of past forecasts of one period ahead, each made with what was known then."""

    origins: int
    error: float
    """Mean absolute error, in the series' own unit."""
    naive_error: float
    covered: float | None
    """Share of the values that lay within the interval; LEVEL of them should."""

    @property
    def better(self) -> bool:
        """Than the naive forecast."""
        return self.error < self.naive_error


class Forecast(NamedTuple):
    """What comes, or why nothing can be said."""

    steps: tuple[Step, ...]
    method: str | None
    accuracy: Accuracy | None
    reason: str | None
    """Why there are no steps."""
    level: float = LEVEL


Method = Callable[[Sequence[float], int], list[float]]
"""(series, how many ahead) -> forecasts. Raises ValueError where it can't."""


def forecast(series: Sequence[float | None], ahead: int = HORIZON_MAX, level: float = LEVEL) -> Forecast:
    """Foretell `ahead` further values, 1..HORIZON_MAX, of a series without gaps, oldest first. Values are not negative.

    >>> forecast([1.02, 1.03]).reason
    '2 periods are known: at least 8 are needed'
    """
    if not 1 <= ahead <= HORIZON_MAX:
        raise ValueError(f"ahead={ahead}: from 1 to {HORIZON_MAX}")
    known = _unbroken(series)
    if len(known) < POINTS_MIN:
        lost = f", after the last gap of {len(series)}" if len(known) < len(series) else ""
        return Forecast(
            (), None, None, f"{len(known)} periods are known{lost}: at least {POINTS_MIN} are needed", level
        )
    past = _Past(known)
    method = past.chosen(len(known))
    values, naive = _foretell(method, known, ahead), _foretell(NAIVE, known, ahead)
    steps = []
    for place, value in enumerate(values, 1):
        reach = _reach(past.published, place, level)
        steps.append(Step(place, value, max(0.0, value - reach), value + reach, naive[place - 1]))
    return Forecast(tuple(steps), method, past.accuracy(level), None, level)


class _Past:
    """What each method foretold at each origin: the value at place i from those before it."""

    def __init__(self, known: Sequence[float]) -> None:
        self._known = known
        self._foretold = {
            name: {place: _foretell(name, known[:place], 1)[0] for place in range(ORIGIN_MIN, len(known))}
            for name in METHODS
        }
        self.published = [
            known[place] - self._foretold[self.chosen(place)][place] for place in range(ORIGIN_MIN, len(known))
        ]
        """Errors of the method that would have been chosen at each origin: what the interval rests on. Those of the
        method that is chosen now are too small, since it is chosen for being so."""

    def errors(self, method: str, before: int) -> list[float]:
        """Signed, of the values before that place."""
        return [self._known[place] - value for place, value in self._foretold[method].items() if place < before]

    def chosen(self, before: int) -> str:
        """The method that erred least on the values before that place; naive, unless another is strictly better."""
        best, least = NAIVE, _mean_size(self.errors(NAIVE, before))
        for name in METHODS:
            errors = self.errors(name, before)
            if len(errors) >= ERRORS_MIN and _mean_size(errors) < least:
                best, least = name, _mean_size(errors)
        return best

    def accuracy(self, level: float) -> Accuracy:
        """Of what would have been published at each origin."""
        errors = self.published
        within = [
            abs(error) <= _reach(errors[:place], 1, level) for place, error in enumerate(errors) if place >= ERRORS_MIN
        ]
        naive = self.errors(NAIVE, len(self._known))
        return Accuracy(len(errors), _mean_size(errors), _mean_size(naive), fmean(within) if within else None)


def _unbroken(series: Sequence[float | None]) -> list[float]:
    """What follows the last gap."""
    known: list[float] = []
    for value in series:
        if value is None:
            known = []
        elif not isfinite(value) or value < 0.0:
            raise ValueError(f"series: {value}: must be finite and not below 0")
        else:
            known.append(value)
    return known


def _mean_size(errors: Sequence[float]) -> float:
    return fmean(map(abs, errors)) if errors else 0.0


def _reach(errors: Sequence[float], ahead: int, level: float) -> float:
    """Half an interval's width: spread of the errors one ahead, t-distributed, growing with the root of the distance.

    That is the naive forecast's law; for the others, whose spread grows slower, it errs to the wide side.
    """
    from scipy.stats import t as student  # noqa: PLC0415 - takes a second, which few commands have a use for

    spread = sqrt(fmean(error**2 for error in errors) * (1.0 + 1.0 / len(errors)))
    return float(student.ppf((1.0 + level) / 2.0, len(errors))) * spread * sqrt(ahead)


def _foretell(name: str, known: Sequence[float], ahead: int) -> list[float]:
    """By the method of that name; where it can't, the last value."""
    try:
        return METHODS[name](known, ahead)
    except ValueError:
        return _naive(known, ahead)


def _naive(known: Sequence[float], ahead: int) -> list[float]:
    return [known[-1]] * ahead


def _mean(known: Sequence[float], ahead: int) -> list[float]:
    return [fmean(known)] * ahead


def _smoothed(known: Sequence[float], ahead: int) -> list[float]:
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing  # noqa: PLC0415 - takes a second, which few commands have a use for

    if max(known) - min(known) < CHANGE_MIN:
        return _naive(known, ahead)
    with _lenient():
        fitted = SimpleExpSmoothing(np.asarray(known), initialization_method="estimated").fit()
    return _finite(np.asarray(fitted.forecast(ahead), np.float64))


def _theta(known: Sequence[float], ahead: int) -> list[float]:
    from statsmodels.tsa.forecasting.theta import ThetaModel  # noqa: PLC0415 - takes a second, which few commands have a use for

    if max(known) - min(known) < CHANGE_MIN:
        return _naive(known, ahead)
    with _lenient():
        fitted = ThetaModel(np.asarray(known), period=1, deseasonalize=False).fit()
        return _finite(np.asarray(fitted.forecast(ahead), np.float64))


@contextmanager
def _lenient() -> Iterator[None]:
    """A fit that does not converge, or is perfect, warns; how much it errs is what it is judged by."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _finite(values: NDArray[np.float64]) -> list[float]:
    found = [max(0.0, float(value)) for value in values]
    if not all(map(isfinite, found)):
        raise ValueError("the fit has no finite forecast")
    return found


METHODS: dict[str, Method] = {NAIVE: _naive, "mean": _mean, "exponential smoothing": _smoothed, "theta": _theta}
"""In the order in which they are preferred when they erred alike."""
