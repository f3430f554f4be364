"""A year of a few hundred accounts, all five streams, with planted stories: every line in order of arrival.

The same seed gives the same bytes. Accounts are drawn independently of each other, each from a random sequence of its
own, and lines are made day by day: the memory needed grows with the accounts, not with the days.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from random import Random
from typing import BinaryIO, NamedTuple, TextIO

from streams.simulate import commercial, relationship
from streams.simulate.account import REGIONS, AccountPlan, draw
from streams.simulate.cast import Part, cast
from streams.simulate.diary import Diary
from streams.simulate.messages import DAY_MS, Sender, Sent, stamp
from streams.simulate.rhythm import set_pace, unsettle
from streams.simulate.stories import STORIES, begin
from streams.simulate.truth import HEALTHY, NOISY, Truth
from streams.simulate.usage import Product

SEED, ACCOUNTS, DAYS, END = 7, 300, 365, date(2026, 1, 1)
"""What is generated when nothing else is asked for; `END` is the first day after the history."""

ACCOUNTS_MAX = 20_000
"""An account's plan takes about 10 KB of memory; for more accounts than this there is `bulk`."""

DAYS_MAX = 3_650
NEW_SHARE = 0.2
"""Of the accounts without a story of their own: customers that begin within the history."""


class Scenario(NamedTuple):
    """A history and what is planted in it."""

    messages: Iterator[bytes]
    """Lines of JSON without a line feed, in order of `receivedAt`; made while they are taken."""
    truth: list[Truth]
    """One record an account, in order of their ids."""
    start: datetime
    end: datetime


def simulate(seed: int = SEED, accounts: int = ACCOUNTS, days: int = DAYS, end: date = END) -> Scenario:
    """The history of so many accounts over the days before `end`.

    Stories that have no room in a short history are not planted: their accounts are healthy ones. Raises ValueError
    when accounts or days are out of bounds.
    """
    if not 1 <= accounts <= ACCOUNTS_MAX:
        raise ValueError(f"accounts={accounts}: from 1 to {ACCOUNTS_MAX}; `bulk` makes more, mostly of usage")
    if not 1 <= days <= DAYS_MAX:
        raise ValueError(f"days={days}: from 1 to {DAYS_MAX}")
    first = end - timedelta(days)
    stage = _Stage(seed, first, days)
    truth, sources = [], []
    for number, part in enumerate(cast(seed, accounts), 1):
        record, diary, product, sender = stage.account(number, part)
        truth.append(record)
        sources.append((diary, product, sender))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return Scenario(_arrivals(sources, stage.first_ms, days), truth, start, start + timedelta(days))


def write_scenario(
    out: BinaryIO,
    truth_out: TextIO | None = None,
    *,
    seed: int = SEED,
    accounts: int = ACCOUNTS,
    days: int = DAYS,
    end: date = END,
) -> tuple[int, int]:
    """Write the lines to `out`, and the truth as JSON lines to `truth_out`; returns how many of each."""
    scenario = simulate(seed, accounts, days, end)
    written = 0
    for line in scenario.messages:
        out.write(line + b"\n")
        written += 1
    if truth_out is not None:
        for record in scenario.truth:
            truth_out.write(json.dumps(record.to_json()) + "\n")
    return written, len(scenario.truth)


class _Stage:
    """Where and when it all happens."""

    def __init__(self, seed: int, first: date, days: int) -> None:
        self.first_ms = round(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) * 1000
        self._seed = seed
        self._first = first
        self._days = days

    def account(self, number: int, part: Part) -> tuple[Truth, Diary, Product, Sender]:
        rng = Random(f"{self._seed}/{number}/plan")
        story, days = STORIES[part.story], self._days
        day = begin(story, rng, days)
        if day is None:
            part, day = part._replace(story=HEALTHY), 0
            story = STORIES[HEALTHY]
        plan = self._plan(number, part, rng, day)
        offset = REGIONS[plan.region][0]
        diary = Diary(plan, rng, self.first_ms, days, offset)
        window = story.plant(plan, diary, rng, day)
        relationship.write(plan, diary, rng, days)
        commercial.write(plan, diary, rng, days)
        begins, until = self._date(window.begins), self._date(days if window.until is None else window.until)
        deadline = None if story.play is None else self._date(window.deadline)
        record = Truth(plan.id, part.story, begins, until, story.play, deadline, story.explains)
        sender = Sender(plan.id, f"{self._seed:x}-{number:x}")
        product = Product(plan, sender, Random(f"{self._seed}/{number}/usage"), self.first_ms, offset)
        return record, diary, product, sender

    def _plan(self, number: int, part: Part, rng: Random, day: int) -> AccountPlan:
        days = self._days
        start = day if STORIES[part.story].is_new else None
        if part.story == HEALTHY and rng.random() < NEW_SHARE and days > 90:
            start = rng.randint(10, days - 45)
        plan = draw(number, part.segment, part.parent, rng, days, start)
        set_pace(plan, rng, self._first, days)
        if part.story == NOISY:
            unsettle(plan, rng, self._first, days)
        return plan

    def _date(self, day: int) -> str:
        return stamp(self.first_ms + day * DAY_MS)


def _arrivals(sources: list[tuple[Diary, Product, Sender]], first_ms: int, days: int) -> Iterator[bytes]:
    """The lines in order of arrival; what would arrive after the last day is left out."""
    later: dict[int, list[Sent]] = defaultdict(list)
    for day in range(days):
        today = later.pop(day, [])
        tomorrow_ms = first_ms + (day + 1) * DAY_MS
        for diary, product, sender in sources:
            today += diary.messages(day, sender)
            for sent in product.messages(day):
                if sent.arrived < tomorrow_ms:
                    today.append(sent)
                else:
                    later[(sent.arrived - first_ms) // DAY_MS].append(sent)
        today.sort(key=itemgetter(0))
        for sent in today:
            yield sent.line
