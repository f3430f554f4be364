"""What customer success, support and marketing note of an account, from onboarding over tickets to referrals."""

from random import Random
from typing import Any

from streams.simulate.account import NEVER, AccountPlan, Person
from streams.simulate.diary import Diary

QUARTER_DAYS = 91
SEVERITIES = (("low", 5.0, 0.3), ("normal", 3.0, 0.45), ("high", 1.0, 0.2), ("urgent", 0.34, 0.05))
"""Severity, days in which the service level says it is solved, share of tickets."""
SEVERITY_SHARES = tuple(share for _, _, share in SEVERITIES)
SOLVED_IN_TIME = 0.95
REVIEWS_IN_TIME = 0.92
CSAT_ANSWERED = 0.35
TOUCHPOINTS = ("community", "academy", "event", "office_hours", "council", "user_group")
PROGRAMMES = ("academy", "champion_programme", "customer_council", "beta")
VALUE_DAYS_MEDIAN, VALUE_DAYS_SPREAD, VALUE_DAYS_MAX = 13.0, 0.5, 42
"""From the start to the first value milestone of a customer that gets there: log-normal, with the standard deviation of
the logarithm. One in six takes more than three weeks, one in sixteen more than four, and none is stalled."""


def write(plan: AccountPlan, diary: Diary, rng: Random, days: int) -> None:
    """Note everything that belongs to the plan; the story's own entries are there already."""
    if plan.start < 0:
        _import(plan, diary, rng)
    else:
        _onboard(plan, diary, rng, days)
    since = max(0, plan.start)
    if plan.reaches_value:
        _value(plan, diary, rng, since + 60, days)
    if rng.random() < plan.kind.reviewed:
        _reviews(plan, diary, rng, since, days)
    _surveys(plan, diary, rng, since + 30, days)
    _tickets(plan, diary, rng, since + 5, days)
    _outreach(plan, diary, rng, since, days)
    _advocacy(plan, diary, rng, since + 30, days)


def there(plan: AccountPlan, day: float) -> list[Person]:
    """Who works with the product on that day."""
    return [person for person in plan.people if person.joins <= day < person.leaves]


def _anyone(plan: AccountPlan, rng: Random, day: float) -> Person:
    return rng.choice(there(plan, day) or plan.people)


def _import(plan: AccountPlan, diary: Diary, rng: Random) -> None:
    """What the tools already know when they are connected."""
    age = min(-plan.start, 380)
    for sponsor in plan.sponsors:
        diary.note(-rng.randint(30, age), "Sponsor Joined", sponsor, person=sponsor.id, title="Head of Operations")
    stage = "adopt" if -plan.start < 150 else rng.choice(("realize", "realize", "expand"))
    diary.note(-rng.randint(20, min(age, 200)), "Journey Stage Changed", stage=stage)
    diary.note(-rng.randint(3, 55), "Value Milestone", _anyone(plan, rng, -1), milestone="monthly_close")
    if rng.random() < plan.kind.planned:
        _success_plan(plan, diary, rng, -rng.randint(10, min(age, 150)))


def _onboard(plan: AccountPlan, diary: Diary, rng: Random, days: int) -> None:
    """A new customer's first weeks."""
    start, admin = plan.start, plan.people[0]
    diary.note(start, "Account Created", admin, plan=plan.kind.plan)
    diary.note(start, "Onboarding Started", ours=True)
    diary.note(start, "Journey Stage Changed", ours=True, stage="onboard")
    for sponsor in plan.sponsors:
        diary.note(start + 1, "Sponsor Joined", sponsor, person=sponsor.id)
    for person in plan.people[1:]:
        if person.joins <= start + 21:
            diary.note(max(start, person.joins - 1), "Invite Sent", admin, invited=person.id)
    steps = ("connect_data", "invite_team", "first_project", "first_report", "go_live")
    for place, step in enumerate(steps if plan.reaches_value else steps[:2]):
        diary.note(start + 1 + place * rng.randint(1, 4), "Activation Step", admin, step=step)
    if not plan.reaches_value:
        return
    value = start + min(VALUE_DAYS_MAX, max(3, round(rng.lognormvariate(0.0, VALUE_DAYS_SPREAD) * VALUE_DAYS_MEDIAN)))
    diary.note(value, "Value Milestone", admin, milestone="first_close")
    diary.note(value + rng.randint(5, 20), "Onboarding Completed", ours=True)
    diary.note(value + rng.randint(20, 30), "Journey Stage Changed", ours=True, stage="adopt")
    diary.note(start + rng.randint(120, 170), "Journey Stage Changed", ours=True, stage="realize")
    if rng.random() < plan.kind.planned:
        _success_plan(plan, diary, rng, start + rng.randint(5, 25))


def _success_plan(plan: AccountPlan, diary: Diary, rng: Random, day: int) -> None:
    plan_id = f"plan-{plan.number:04d}"
    diary.note(day, "Success Plan Created", ours=True, plan_id=plan_id, goal="close the month in three days")
    while (day := day + rng.randint(60, 110)) < plan.troubled:
        if day > len(plan.pace):
            return
        diary.note(day, "Success Plan Updated", _anyone(plan, rng, day), plan_id=plan_id)


def _value(plan: AccountPlan, diary: Diary, rng: Random, since: int, days: int) -> None:
    day = since
    while (day := day + rng.randint(30, 75)) < min(days, plan.troubled):
        diary.note(day, "Value Milestone", _anyone(plan, rng, day), milestone="monthly_close")


def _reviews(plan: AccountPlan, diary: Diary, rng: Random, since: int, days: int) -> None:
    """Quarterly business reviews: nearly all in time, unless there is trouble; for who has gone none is planned."""
    due = since + rng.randint(25, QUARTER_DAYS)
    while due - 21 < min(days, plan.gone):
        qbr: dict[str, Any] = {"qbr_id": f"qbr-{plan.number:04d}-{due}", "due_at": diary.date(due + 0.99)}
        diary.note(due - 21, "QBR Due", ours=True, **qbr)
        diary.note(due - 12, "QBR Scheduled", ours=True, **qbr)
        late = rng.random() > REVIEWS_IN_TIME
        held = due + rng.randint(1, 7) if late else due - rng.randint(0, 5)
        if held < plan.troubled + 14:
            diary.note(held, "QBR Completed", _anyone(plan, rng, held), qbr_id=qbr["qbr_id"])
        due += QUARTER_DAYS


def _surveys(plan: AccountPlan, diary: Diary, rng: Random, since: int, days: int) -> None:
    """The net promoter question twice a year. At most a third of an ordinary account's answers come from promoters."""
    day = since + rng.randrange(2 * QUARTER_DAYS)
    while day < min(days, plan.gone):
        asked = there(plan, day)
        asked = rng.sample(asked, min(len(asked), rng.randint(4, 7)))
        promoters = sum(person.promoter for person in asked)
        for person in asked:
            keeps = person.promoter and promoters * 3 <= len(asked)
            diary.note(day + rng.randint(0, 6), "NPS Answered", person, score=_nps(plan, rng, day, keeps))
        day += 2 * QUARTER_DAYS


def _nps(plan: AccountPlan, rng: Random, day: int, promoter: bool) -> int:
    if day >= plan.keen:
        return rng.choice((9, 9, 10))
    if day >= plan.troubled:
        return rng.choice((3, 5, 6, 7))
    if plan.keen < NEVER:  # before it became one that would advocate
        return rng.choice((7, 8, 8))
    return rng.choice((9, 9, 10)) if promoter else rng.choice((6, 7, 7, 8, 8, 8))


def _tickets(plan: AccountPlan, diary: Diary, rng: Random, since: int, days: int) -> None:
    quiet_before = plan.gone - 30  # who goes silently does not complain first
    rate, day, number = plan.kind.tickets / QUARTER_DAYS, float(since), 0
    while (day := day + rng.expovariate(rate)) < min(days, quiet_before):
        number += 1
        (severity, allowed, _), author = rng.choices(SEVERITIES, SEVERITY_SHARES)[0], _anyone(plan, rng, day)
        ticket, due_at = f"t-{plan.number:04d}-{number}", diary.date(day + allowed)
        if not diary.note(day, "Ticket Opened", author, ticket_id=ticket, severity=severity, due_at=due_at):
            continue  # nobody is at work who could open it
        in_time = rng.random() < SOLVED_IN_TIME
        solved = day + allowed * (0.05 + 0.85 * rng.random() ** 2 if in_time else rng.uniform(1.05, 1.6))
        diary.note(solved, "Ticket Resolved", ours=True, ticket_id=ticket)
        if rng.random() < CSAT_ANSWERED:
            score = rng.choice((1, 2, 3)) if day >= plan.troubled else rng.choice((3, 4, 4, 5, 5, 5))
            diary.note(solved + rng.random(), "CSAT Answered", author, score=score, ticket_id=ticket)


def _outreach(plan: AccountPlan, diary: Diary, rng: Random, since: int, days: int) -> None:
    """Contacts by customer success, who hold back once nobody answers, and now and then an adoption campaign."""
    every, day = plan.kind.outreach_days, since
    while (day := day + rng.randint(every // 2, every * 3 // 2)) < min(days, plan.gone):
        channel = rng.choice(("call", "email", "meeting"))
        diary.note(day, "Outreach Logged", _anyone(plan, rng, day), channel=channel, outcome="reached")
    for day in range(since + rng.randint(20, 120), min(days, plan.gone), 150):
        diary.note(day, "Campaign Launched", ours=True, campaign="workflow-adoption")


def _advocacy(plan: AccountPlan, diary: Diary, rng: Random, since: int, days: int) -> None:
    """Programmes, touchpoints, reviews, references and referrals; more of them where the customer is keen."""
    last = min(days, plan.gone, plan.troubled)
    rate = rng.uniform(0.2, 1.6) / QUARTER_DAYS
    day = float(since)
    while (day := day + rng.expovariate(rate)) < last:
        diary.note(day, "Touchpoint", _anyone(plan, rng, day), kind=rng.choice(TOUCHPOINTS))
    if rng.random() < 0.3:
        day = since + rng.randint(0, 200)
        diary.note(day, "Programme Joined", _anyone(plan, rng, day), programme=rng.choice(PROGRAMMES))
    if rng.random() < 0.1 and plan.troubled == plan.keen == NEVER:  # who is yet to be asked has not done it already
        day = since + rng.randint(0, 300)
        diary.note(day, "Review Posted", _anyone(plan, rng, day), site="g2", rating=rng.choice((4, 4, 5)))
    if plan.keen < NEVER:
        day = plan.keen + rng.randint(65, 90)
        friend, amount = _anyone(plan, rng, day), rng.randrange(10_000, 60_000, 500)
        diary.note(day, "Reference Agreed", friend)
        diary.note(day + 9, "Review Posted", friend, site="g2", rating=5)
        diary.note(day + 15, "Referral Made", friend)
        diary.note(day + 30, "Referral Pipeline Opened", ours=True, amount=amount, currency=plan.currency)
    elif rng.random() < 0.12 and plan.troubled == NEVER:
        day = since + rng.randint(0, 200)
        friend = _anyone(plan, rng, day)
        diary.note(day, "Reference Agreed", friend)
        diary.note(day + rng.randint(20, 90), "Reference Used", friend)
