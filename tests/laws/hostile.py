"""Histories that try to make a record grow: endless users, items, words and days, in and out of order.

Each is a function (random, turn) -> (stream, name, day on which it happened, day on which it arrived, user,
properties); days count from an early one on, so that time may run either way.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from scoring.event import Event
from tests.laws.histories import ACCOUNT, DAY, FIRST_DAY

Fact = tuple[str, str, int, int, str | None, dict[str, Any]]

WIDE = "\N{GRINNING FACE}" * 8_192
"""The longest text that the wire lets through, four bytes a character."""

INTEGER_MAX = 2**63 - 1
NUMBERS = (INTEGER_MAX, -INTEGER_MAX, 1.7e308, -1.7e308, 5e-324, 0.1, True, WIDE, None, [1] * 100, {"a": WIDE})


def users(random: Random, turn: int) -> Fact:
    """Everybody on every day: no two neighbouring days of a bitmap are empty."""
    day = turn // 40
    return (
        "usage",
        f"page {turn}",
        day,
        day,
        f"u-{random.randrange(4_000)}",
        {"role": f"r-{turn}", "feature": WIDE[:turn]},
    )


def regulars(random: Random, turn: int) -> Fact:
    """Just as many users as are kept exactly, each on every day: the fullest bitmaps."""
    day = turn // 256
    return (
        "usage",
        "opened",
        day,
        day,
        f"u-{turn % 256}",
        {"feature": f"f-{turn % 256}", "plan": turn % 256, "tier": turn},
    )


def items(random: Random, turn: int) -> Fact:
    """Things that are opened, and sometimes closed."""
    kinds = (
        "ticket_opened",
        "qbr_due",
        "success_plan_created",
        "sponsor_joined",
        "reference_agreed",
        "ticket_resolved",
    )
    named = f"{WIDE[:200]}{random.randrange(5_000)}"
    keys = ("ticket_id", "qbr_id", "plan_id", "person", "due_at")
    properties = {**dict.fromkeys(keys, named), "due_at": f"20{turn % 90 + 10}-01-01T00:00:00.123456+01:00"}
    return "cs", kinds[turn % 6], turn // 50, turn // 50, named, properties


def subscriptions(random: Random, turn: int) -> Fact:
    """Many subscriptions that never stand still."""
    properties = {
        "subscription_id": f"s-{turn * 7 % 300}",
        "arr": NUMBERS[turn % 6],
        "renews_at": f"20{turn % 90 + 10}-06-01",
        "amount": NUMBERS[turn % 11],
    }
    names = ("subscription_started", "subscription_expanded", "referral_pipeline_opened")
    return "revenue", names[turn % 3], turn // 30, turn // 30, None, properties


def traits(random: Random, turn: int) -> Fact:
    """More traits than anyone scores by, with the longest names and values, and overrides that say a lot."""
    if turn % 5 == 0:
        said: dict[str, Any] = dict.fromkeys(("score", "band", "reason", "until", "by"), WIDE)
        return "accounts", "health_override", turn, turn, None, said
    names = [f"{WIDE[:60]}{turn % 900:04}", f"t{turn}", "seats", "segment", "stage", "start_date", WIDE]
    return (
        "accounts",
        "group",
        turn // 9,
        turn // 9,
        None,
        dict.fromkeys(names, WIDE if turn % 2 else NUMBERS[turn % 11]),
    )


def answers(random: Random, turn: int) -> Fact:
    """A survey without end."""
    names = ("nps_answered", "csat_answered", "journey_stage_changed", "stage_moved", "quota_set")
    properties = {"score": turn % 11, "effort": turn % 11 + 0.5, "team": f"t-{turn}", "stage": WIDE, "quota": WIDE}
    return "cs", names[turn % 5], turn // 60, turn // 60, f"p-{turn}", properties


def every_day(random: Random, turn: int) -> Fact:
    """Years of days, each with something of all that is counted or summed by day."""
    counted = ("programme_joined", "touchpoint", "campaign_launched", "review_posted", "referral_made", "export")
    stream, name = "usage" if turn % 6 == 5 else "advocacy", counted[turn % 6]
    return stream, name, turn // 6, turn // 6, f"u-{turn % 7}", {"amount": NUMBERS[turn % 6]}


def backwards(random: Random, turn: int) -> Fact:
    """Each day arrives before the one that it follows, as when a topic is read from its end."""
    day = 6_000 - turn // 4
    return "usage", "opened", day, day, f"u-{turn % 64}", {"amount": 1.5, "plan": f"p-{turn % 50}"}


def zigzag(random: Random, turn: int) -> Fact:
    """A sender whose clock jumps by years from one message to the next, either way."""
    arrived = random.choice((400, 3_000, 3_010, 5_999, 6_000))
    return "usage", "export", arrived - random.randrange(401), arrived, f"u-{turn % 300}", {"amount": 0.5, "plan": turn}


HOSTILE: Mapping[str, Callable[[Random, int], Fact]] = {
    make.__name__: make
    for make in (users, regulars, items, subscriptions, traits, answers, every_day, backwards, zigzag)
}


def hostile(kind: str, seed: int, count: int) -> Iterator[Event]:
    """`count` events of one kind of hostility."""
    random = Random(seed)
    for turn in range(count):
        stream, name, day, arrived, user, properties = HOSTILE[kind](random, turn)
        at, then = ((FIRST_DAY - 6_000 + when) * DAY + random.choice((0.0, 43_200.123)) for when in (day, arrived))
        yield Event(ACCOUNT, stream, name, min(at, then), then, f"{'m' * 200}{kind}{turn}", user, properties)
