"""When people are at work: weekdays, seasons, and the ups and downs that mean nothing."""

from datetime import date, timedelta
from functools import lru_cache
from math import exp
from random import Random
from typing import NamedTuple

from streams.simulate.account import WEEKEND_INDUSTRIES, AccountPlan

DESK_WEEK = (0.95, 1.05, 1.08, 1.05, 0.87, 0.04, 0.03)
OPEN_WEEK = (0.75, 0.75, 0.8, 0.85, 1.0, 0.95, 0.6)
"""Factors on usage from Monday to Sunday: offices, and trades that are open at the weekend."""

NOISE_KEPT = 0.6
NOISE_STEP = 0.10
"""The logarithm of a week's usage keeps so much of the week before and adds so much at random (standard deviation)."""

QUIET_DAYS = (11, 14)
"""The quiet spell of a noisy account: a fortnight at most, in which the office is closed."""


SEASONS_KEPT_MAX = 16_384
"""Days of each region whose factor is kept at hand: some years, since every account asks for all of them."""


class Holiday(NamedTuple):
    """Days on which a region, or everybody (""), works less: first and last (month, day), and the factor on usage."""

    region: str
    first: tuple[int, int]
    last: tuple[int, int]
    factor: float


HOLIDAYS = (
    Holiday("", (12, 22), (12, 31), 0.2),
    Holiday("", (1, 1), (1, 3), 0.3),
    Holiday("emea", (7, 28), (8, 24), 0.72),
    Holiday("emea", (4, 17), (4, 22), 0.6),
    Holiday("emea", (5, 1), (5, 1), 0.2),
    Holiday("americas", (7, 2), (7, 6), 0.5),
    Holiday("americas", (11, 26), (11, 29), 0.25),
    Holiday("apac", (1, 28), (2, 4), 0.35),
    Holiday("apac", (10, 1), (10, 5), 0.6),
)
"""Fixed dates stand in for those that move with the moon: the shape matters here, not the calendar."""


@lru_cache(maxsize=SEASONS_KEPT_MAX)
def season(day: date, region: str) -> float:
    """Factor on usage of that day in that region.

    >>> season(date(2025, 12, 25), "emea"), season(date(2025, 10, 14), "emea")
    (0.2, 1.0)
    """
    factor = 1.0
    for holiday in HOLIDAYS:
        if holiday.region in ("", region) and holiday.first <= (day.month, day.day) <= holiday.last:
            factor = min(factor, holiday.factor)
    return factor


def set_pace(plan: AccountPlan, rng: Random, first: date, days: int) -> None:
    """Give an ordinary account its rhythm: weekdays, holidays, some growth, weeks that are better and worse."""
    week = OPEN_WEEK if plan.industry in WEEKEND_INDUSTRIES else DESK_WEEK
    growth = rng.uniform(-0.05, 0.2) / 365  # a year's, in the logarithm
    noise = 0.0
    for number in range(days):
        today = first + timedelta(number)
        if number % 7 == 0:
            noise = NOISE_KEPT * noise + rng.gauss(0.0, NOISE_STEP)
        plan.pace.append(week[today.weekday()] * season(today, plan.region) * exp(noise + growth * number))


def unsettle(plan: AccountPlan, rng: Random, first: date, days: int) -> None:
    """Make the rhythm of a noisy account: projects come and go, nobody has habits, and once the office is closed for up
    to a fortnight.

    No two slack weeks follow each other, and the weeks around the closure are busy ones: a project before, the backlog
    after. Otherwise nothing in the events would tell it from an account that is falling.
    """
    closed = rng.randint(*QUIET_DAYS)
    begin = rng.randrange(min(90, days // 2), max(days - 60, days // 2 + 1))
    plan.quiet = begin, begin + closed
    plan.burst = [1.0] * days
    for person in plan.people:
        person.habit = False
    factor, slack = 1.0, False
    for number in range(days):
        if number % 7 == 0:
            draw = rng.random()
            near = begin - 21 <= number <= begin + closed + 14
            slack = draw < 0.25 and not slack and not near
            factor = rng.uniform(0.35, 0.6) if slack else rng.uniform(0.9, 1.5)
        elif rng.random() < 0.01:
            for late in range(number, min(days, number + rng.randint(2, 3))):
                plan.burst[late] = rng.uniform(2.0, 4.0)  # a quarter's end: the same people, many more events
        today = first + timedelta(number)
        holiday = season(today, plan.region) < 0.4
        plan.pace[number] *= 0.0 if begin <= number < begin + closed else factor * (0.4 if holiday else 1.0)
