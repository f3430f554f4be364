"""How long ago, how long it took, and in whose rhythm."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from tests.oracle.case import DAY_S, Case, selected
from tests.oracle.history import HORIZON, day, moment

RHYTHM = timedelta(days=365)


def silence(spec: Any, case: Case) -> float | None:
    return (case.at - case.signs[-1]) / DAY_S if case.signs else None


def rhythm(spec: Any, case: Case) -> float | None:
    if not case.signs:
        return None
    # a year up to the newest sign of life, as far as the record remembers: 400 days up to the newest arrival
    oldest = max(day(case.signs[-1]) - RHYTHM, day(case.history.arrivals[-1]) - HORIZON)
    days = sorted({day(arrived) for arrived in case.signs if day(arrived) >= oldest})
    gaps = sorted((b - a).days for a, b in pairwise(days))
    if len(gaps) < 4:
        return None
    typical = gaps[-(-9 * len(gaps) // 10) - 1]  # nearest rank: the smallest that nine of ten gaps do not exceed
    return (case.at - case.signs[-1]) / DAY_S / min(30, typical)


def time_since(spec: Any, case: Case) -> float | None:
    events = selected(spec, case)
    return (case.at - events[-1].at) / DAY_S if events else None


def time_to_first(spec: Any, case: Case) -> float | None:
    history, reached = case.history, selected(spec, case)
    if not history.arrivals:
        return None
    declared = history.trait("start_date")
    start = None if declared is None else moment(declared[1])
    if start is None:
        began = history.select(events=spec.start) if spec.start else []
        start = began[0].at if began else history.arrivals[0]
    waited = max(0.0, case.at - start)
    took = max(0.0, reached[0].at - start) if reached else None
    if spec.report == "reached":
        return None if took is None else took / DAY_S
    if spec.report == "waiting":
        return None if reached else waited / DAY_S
    if took is not None and took <= spec.within:
        return 1.0
    return 0.0 if waited > spec.within else None
