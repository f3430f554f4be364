"""The planted stories: each changes one account's plan and says what should be noticed, and until when.

Durations are days. `ROOM_DAYS` is what a story needs after its beginning, so that its deadline lies within the history.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from streams.simulate.account import AccountPlan, Person
from streams.simulate.diary import Diary

WARM_UP_DAYS = 115
"""A story about change begins after this: a fall is only told from a baseline, say the 84 days before the last 28."""


TOILING_SHARE = 0.25
"""Of the stalled onboardings: those in which a few people go on trying."""


class Window(NamedTuple):
    """When a story is true of its account, in days of the history."""

    begins: int
    deadline: int
    until: int | None
    """None: to the end."""


class Story(NamedTuple):
    """What kind of thing happens, to how many, and how."""

    play: str | None
    share: float
    """Of all accounts."""
    room_days: int
    plant: Callable[[AccountPlan, Diary, Random, int], Window]
    """(plan, diary, rng, first day of the story) changes the first two."""
    explains: tuple[str, ...] = ()
    warm_up_days: int = WARM_UP_DAYS
    is_new: bool = False
    """The account becomes a customer on the story's first day."""
    segments: tuple[str, ...] = ("enterprise", "mid_market", "smb")
    """Where it can be told: among five people a fall by people who stop is no more than a holiday of two."""


def _adoption_drop(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """Over two to four weeks usage falls to 20-40 %: most people stop, one after the other; those who stay do less."""
    ramp, level = rng.randint(14, 28), rng.uniform(0.2, 0.4)
    staying = [person for person in plan.people if person.leaves > day and person.joins < day]
    total = sum(person.weekly for person in staying)
    for person in rng.sample(staying, max(0, len(staying) - 2)):
        rest = sum(other.weekly for other in staying) - person.weekly
        if rest / total < level * 1.1:
            continue  # without this one, too little would be left
        staying.remove(person)
        person.leaves = day + rng.randint(1, ramp)
    left = sum(person.weekly for person in staying) / total
    for later in range(day, len(plan.pace)):
        done = min(1.0, (later - day) / ramp)
        plan.pace[later] *= 1.0 + done * (level / left - 1.0)
    plan.people = [person for person in plan.people if person.joins < day]  # nobody new comes either
    plan.troubled, plan.renewal = day, "contracted"
    return Window(day, day + 60, None)


def _silent_churner(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """Within a week everything stops, without a ticket or a word; at the end of the paid term the customer is gone."""
    fade = rng.randint(0, 6)
    for ahead in range(fade):
        plan.pace[day - fade + ahead] *= 1.0 - (ahead + 1) / (fade + 1)
    plan.gone = day
    plan.anniversary, plan.renewal, plan.troubled = day + rng.randint(60, 120), "churned", day
    plan.start = plan.anniversary - 365 * rng.randint(2, 4)
    if rng.random() < 1 / 3:  # what we do ourselves is no sign of life of the customer
        diary.note(day + rng.randint(8, 20), "Outreach Logged", ours=True, channel="email", outcome="no answer")
    return Window(day, day + 45, None)


def _champion_leaves(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """The one sponsor leaves; usage goes on without that person; a successor is found after months, if at all."""
    plan.sponsors = plan.sponsors[:1]
    sponsor = plan.sponsors[0]
    sponsor.leaves = day
    told = day + rng.randint(0, 3)
    diary.note(told, "Sponsor Left", sponsor, ours=True, person=sponsor.id, reason="left the company")
    for later in range(day, len(plan.pace)):
        plan.pace[later] *= 0.9
    found = day + rng.randint(70, 130)
    if found >= len(plan.pace):
        return Window(day, day + 21, None)
    successor = plan.add_person(rng, joins=found)
    diary.note(found, "Sponsor Joined", successor, person=successor.id)
    return Window(day, day + 21, found)


def _onboarding_stalls(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """A new customer never gets what it bought the product for: most look around for two weeks, some toil on."""
    plan.reaches_value, plan.troubled = False, day + 14
    fade, least = (90, 0.25) if rng.random() < TOILING_SHARE else (18, 0.08)
    for later in range(day, len(plan.pace)):
        plan.pace[later] *= max(least, 0.9 - (later - day) / fade)
    for person in plan.people[max(3, len(plan.people) // 3) :]:
        person.joins = person.leaves = day  # invited, and never came
    return Window(day + 14, day + 60, None)


def _ready_to_expand(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """Within two months nearly every seat comes to be used, and used often; some time later the customer buys more."""
    ramp, used = 60, 0
    for person in plan.people:
        person.weekly = max(person.weekly, 1.3)
        person.leaves = max(person.leaves, 10 * len(plan.pace))  # nobody leaves a product that is catching on
        used += person.joins < day
    plan.people = [person for person in plan.people if person.joins < day]
    plan.seats = max(used + 2, round(used / 0.65))
    wanted = max(used + 2, round(plan.seats * 0.98))
    for place in range(wanted - used):
        plan.add_person(rng, joins=day + round((place + 1) * ramp / (wanted - used)), weekly_min=1.3)
    deadline = day + ramp + 45
    plan.expands = deadline + rng.randint(5, 20)
    return Window(day, deadline, None)


def _ready_to_advocate(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """A customer of years, whose people use the product a lot, says 9 and 10 when asked."""
    plan.start -= 365 * max(0, 2 + plan.start // 365)
    plan.keen = day
    for person in plan.people:
        person.weekly = max(1.2, person.weekly * 1.6)
    for person in _asked(plan, rng, day):
        diary.note(day, "NPS Answered", person, score=rng.choice((9, 10, 10)))
    for ahead in range(4):
        kind = rng.choice(("community", "academy", "user_group"))
        diary.note(day - 40 + 15 * ahead, "Touchpoint", rng.choice(plan.people), kind=kind)
    return Window(day, day + 60, None)


def _asked(plan: AccountPlan, rng: Random, day: int) -> list[Person]:
    there = [person for person in plan.people if person.joins < day < person.leaves]
    return rng.sample(there, min(len(there), rng.randint(4, 6)))


def _noisy_but_fine(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """Ups and downs, bursts, a closed office, many tickets in a week, a sponsor who hands over: and all is well."""
    weeks = len(plan.pace) // 7
    bad_week = 7 * rng.randint(weeks // 4, weeks - 2)
    for number in range(rng.randint(4, 9)):
        opened = bad_week + rng.random() * 4
        ticket, due_at = f"t-{plan.number:04d}-b{number}", diary.date(opened + 3)
        if diary.note(opened, "Ticket Opened", plan.people[0], ticket_id=ticket, severity="normal", due_at=due_at):
            diary.note(opened + rng.uniform(0.2, 2.8), "Ticket Resolved", ours=True, ticket_id=ticket)
    if rng.random() < 0.3:
        old, handover = plan.sponsors[0], rng.randrange(60, len(plan.pace) - 20) + 0.4
        heir = plan.add_person(rng, joins=int(handover) - 10)
        diary.note(handover, "Sponsor Left", old, ours=True, person=old.id, reason="new role")
        diary.note(handover + 0.01, "Sponsor Joined", heir, ours=True, person=heir.id)
        old.leaves = int(handover) + 1
    return Window(0, 0, None)


def _healthy(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> Window:
    """An ordinary customer."""
    return Window(0, 0, None)


STORIES = {
    "adoption_drop": Story(
        "adoption_drop", 0.05, 60, _adoption_drop, explains=("going_silent",), segments=("enterprise", "mid_market")
    ),
    "silent_churner": Story("going_silent", 0.05, 50, _silent_churner, explains=("adoption_drop",)),
    "champion_leaves": Story("champion_left", 0.04, 30, _champion_leaves),
    "onboarding_stalls": Story(
        "onboarding_stalled", 0.04, 65, _onboarding_stalls, ("adoption_drop", "going_silent"), 20, is_new=True
    ),
    "ready_to_expand": Story("ready_to_expand", 0.04, 110, _ready_to_expand, warm_up_days=60),
    "ready_to_advocate": Story("ready_to_advocate", 0.04, 65, _ready_to_advocate, warm_up_days=190),
    "noisy_but_fine": Story(None, 0.10, 0, _noisy_but_fine, warm_up_days=0),
    "healthy": Story(None, 0.0, 0, _healthy, warm_up_days=0),
}
"""By name; `healthy` takes what the shares of the others leave."""


def begin(story: Story, rng: Random, days: int) -> int | None:
    """The first day of the story in a history of so many days; None when it has no room in it."""
    if story.play is None:
        return 0
    last = days - story.room_days
    return rng.randint(story.warm_up_days, last) if last >= story.warm_up_days else None
