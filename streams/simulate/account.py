"""One simulated account before anything happens to it: what it is, who works there, what it pays."""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

NEVER = 1_000_000
"""A day that never comes."""

ROLES = ("analyst", "manager", "engineer", "operations", "finance", "executive")
FEATURES = (
    "Dashboard Viewed", "Report Viewed", "Search Performed", "Record Created", "Record Edited", "Comment Added",
    "Export Downloaded", "Filter Saved", "File Uploaded", "Task Assigned", "Approval Given", "Import Completed",
    "Report Shared", "Workflow Edited", "Workflow Run", "Integration Synced", "Forecast Opened", "Budget Planned",
    "Alert Configured", "Template Used", "API Key Used", "Audit Log Viewed", "Chart Built", "Segment Built",
)  # fmt: skip
"""Product events. In the property `feature` they stand in lower case with underscores."""

INDUSTRIES = ("software", "manufacturing", "logistics", "retail", "finance", "healthcare", "hospitality", "education")
WEEKEND_INDUSTRIES = frozenset({"retail", "hospitality"})
REGIONS = {"americas": (-6, "USD"), "emea": (1, "EUR"), "apac": (8, "USD")}
"""Region: hours ahead of UTC at its customers' desks, and the currency they pay in."""

OWNERS = ("csm-amara", "csm-bruno", "csm-chen", "csm-divya", "csm-elif", "csm-farah")
_FIRST = (
    "Alder", "Basalt", "Cobalt", "Drift", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel",
    "Lumen", "Meridian", "Northwind", "Ochre", "Pioneer", "Quarry", "Rowan", "Summit", "Tundra", "Umbra", "Vesper",
    "Willow", "Zephyr",
)  # fmt: skip
_LAST = ("Labs", "Foods", "Freight", "Health", "Systems", "Retail", "Capital", "Hotels", "Works", "Media", "Energy")


class Segment(NamedTuple):
    """What the accounts of a segment have in common."""

    share: float
    """Of all accounts."""
    people: tuple[int, int]
    """Fewest and most people who use the product."""
    weekly: float
    """Sessions per person and week, the median."""
    seat_price: tuple[int, int]
    """A year, in the account's currency."""
    tickets: float
    """A quarter, the mean."""
    outreach_days: int
    """From one contact by customer success to the next."""
    plan: str
    planned: float
    """Share of accounts with a success plan."""
    reviewed: float
    """Share of accounts with quarterly business reviews."""


SEGMENTS = {
    "enterprise": Segment(0.10, (16, 40), 0.5, (600, 1100), 4.0, 21, "enterprise", 0.95, 1.0),
    "mid_market": Segment(0.30, (8, 20), 0.45, (500, 900), 1.6, 45, "business", 0.8, 0.9),
    "smb": Segment(0.60, (4, 8), 0.55, (300, 600), 0.7, 90, "team", 0.35, 0.0),
}

PEOPLE_A_PROMOTER = 5
"""One in so many people of an ordinary account is a promoter. With many more it would be ready to advocate."""

SEATS_SPARE = (1.45, 1.85)
"""Seats bought per person who uses the product: an ordinary account has room left."""

SEATS_MORE = 1.4

HABIT_SHARE = 0.7
"""Of the people. Work repeats itself: usage varies less than if every session were a throw of dice."""

WEEKLY_MIN = 3.0
"""Sessions a week of an ordinary account, all people together: with fewer, weeks of silence would come by chance."""

TURNOVER = 0.12
"""Share of the people who leave in a year and are replaced, in every account."""


@dataclass(slots=True)
class Person:
    """Somebody who uses the product. Days count from the first day of the history; negative ones lie before it."""

    id: str
    role: str
    weekly: float
    """Sessions a week."""
    features: tuple[str, ...]
    mobile: bool
    habit: bool
    """Comes at even intervals, as people with a weekly report do; the others come when chance has it."""
    promoter: bool = False
    joins: int = -NEVER
    leaves: int = NEVER


@dataclass(slots=True)
class AccountPlan:
    """What will be true of one account. Drawn once; its story then changes it, and nothing else does."""

    id: str
    number: int
    name: str
    segment: str
    industry: str
    region: str
    motion: str
    owner: str
    parent: str | None
    start: int
    """Day on which it became a customer."""
    seats: int
    seat_price: int
    anniversary: int
    """Day of a renewal; the others lie 365 days apart."""
    people: list[Person]
    sponsors: list[Person]
    features: tuple[str, ...]
    pace: list[float] = field(default_factory=list)
    """Factor on everybody's usage, by day of the history."""
    burst: list[float] = field(default_factory=list)
    """Factor on the events of a session, by day; empty when it is always 1."""
    gone: int = NEVER
    """Nothing comes from the customer from this day on."""
    expands: int = NEVER
    """Day on which it buys SEATS_MORE times as many seats."""
    quiet: tuple[int, int] = (NEVER, NEVER)
    """First and past-the-last day of a spell in which nobody is at work."""
    reaches_value: bool = True
    renewal: str = "renewed"
    """What becomes of the first anniversary after `troubled`: renewed, contracted or churned."""
    troubled: int = NEVER
    """Since this day the customer has a reason to answer surveys badly, to put off reviews and to pay less."""
    keen: int = NEVER
    """Since this day people answer 9 and 10."""

    @property
    def kind(self) -> Segment:
        """What its segment is like."""
        return SEGMENTS[self.segment]

    @property
    def currency(self) -> str:
        """What it pays in."""
        return REGIONS[self.region][1]

    @property
    def arr(self) -> int:
        """Annual recurring revenue of its main subscription."""
        return self.seats * self.seat_price

    def add_person(self, rng: Random, *, joins: int = -NEVER, weekly_min: float = 0.15) -> Person:
        """Somebody more; sessions a week are log-normal, so that a few people do much of the work."""
        number = len(self.people) + 1
        person = Person(
            id=f"u-{self.number:04d}-{number:02d}",
            role=ROLES[int(rng.random() ** 1.5 * len(ROLES))],
            weekly=max(weekly_min, self.kind.weekly * rng.lognormvariate(0.0, 0.6)),
            features=tuple(rng.sample(self.features, rng.randint(4, min(10, len(self.features))))),
            mobile=rng.random() < 0.2,
            habit=rng.random() < HABIT_SHARE,
            joins=joins,
        )
        self.people.append(person)
        return person


def draw(number: int, segment: str, parent: str | None, rng: Random, days: int, start: int | None) -> AccountPlan:
    """An ordinary account; with `start` None it has been a customer since before the history begins."""
    kind = SEGMENTS[segment]
    count = rng.randint(*kind.people)
    begun = -rng.randint(60, 1500) if start is None else start
    plan = AccountPlan(
        id=f"acct-{number:04d}",
        number=number,
        name=f"{_FIRST[rng.randrange(len(_FIRST))]} {_LAST[rng.randrange(len(_LAST))]}",
        segment=segment,
        industry=INDUSTRIES[rng.randrange(len(INDUSTRIES))],
        region=("americas", "emea", "emea", "apac")[rng.randrange(4)],
        motion="clg" if rng.random() < 0.6 else "sales_led",
        owner=OWNERS[rng.randrange(len(OWNERS))],
        parent=parent,
        start=begun,
        seats=max(count + 3, round(count * rng.uniform(*SEATS_SPARE))),
        seat_price=rng.randrange(*kind.seat_price, 10),
        anniversary=begun + 365 * (1 + max(0, -begun) // 365),
        people=[],
        sponsors=[],
        features=tuple(rng.sample(FEATURES, rng.randint(12, 20))),
    )
    for _ in range(count):
        plan.add_person(rng)
    for person in rng.sample(plan.people, count // PEOPLE_A_PROMOTER):
        person.promoter = True
    lacking = WEEKLY_MIN / sum(person.weekly for person in plan.people)
    if lacking > 1.0:
        for person in plan.people:
            person.weekly *= lacking
    plan.sponsors = plan.people[1:3] if segment == "enterprise" else plan.people[1:2]
    for sponsor in plan.sponsors:
        sponsor.role = "executive"
    if start is not None:  # invited one by one over the first weeks
        for place, person in enumerate(plan.people):
            person.joins = start + (0 if place < 2 else rng.randint(1, 21))
    _turn_over(plan, rng, days)
    return plan


def _turn_over(plan: AccountPlan, rng: Random, days: int) -> None:
    """Some people leave over the year, and a successor takes their seat."""
    for person in list(plan.people):
        day = rng.randrange(days)
        leaves = person not in plan.sponsors and rng.random() < TURNOVER * days / 365
        if leaves and day > max(0, plan.start + 60):
            person.leaves = day
            successor = plan.add_person(rng, joins=day + rng.randint(2, 14))
            successor.weekly = person.weekly  # the same work: an account does not fall because a name changes
