"""Strategies for the events of one account: every stream, and everything that makes arrival untidy.

A history is drawn as *spells*: a spell is events of one family again and again at a fixed pace. So a few numbers make
months of regular usage, which baselines and rhythms need, and shrinking takes whole spells away.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from scoring.event import Event

DAY = 86_400.0

FIRST_DAY = 20_000
"""Day (since 1970-01-01) on which the first event may arrive; a Friday."""

HORIZON_DAYS = 400

AGES_DAYS = (0, 1, 7, 10, 14, 28, 30, 60, 90, 150, 180, 365, 400)
"""Lengths of the windows and limits of the laws' profiles."""

SPANS = (100, 200, 500, 900)
"""Days between the first and the last arrival: within a baseline, within the horizon, and beyond it."""

EVENTS_MAX = 1_000
"""A history stays within the message ids that the record remembers, so that every duplicate is known as one."""

STEPS_MAX = 12
"""Moves that the record keeps of a subscription; histories for exact comparison stay within it."""

ACCOUNT = "acme"

USERS = ("ann", "bob", "cyd", "dan", "Ünal", "", None)
SCORES = (0, 3, 5, 6, 7, 9, 10, 4.5, 8.75, -1, 11, True, "9", None)
AMOUNTS = (1, 12.5, 0, -40, 1_000, 0.1, None, "12", True, [3])
PLANS = ("pro", "max", "free", "PRO", None, 1, ["pro"])
TIERS = (1, "1.0", 2.5, True, "one", None)
FEATURES = ("board", "chart", "export", None, 7)
STAGES = ("onboard", "Expand", "advocate", "realize", "", None, ["onboard"])
SEGMENTS = ("enterprise", "Mid Market", "smb", None)
SEATS = (10, 2, 0, 50.5, "many", None, True)
ARRS = (1_200, 0, 950.5, 24_000, None, "lots")

CLOCKS = (0.0, 0.5, 1.0, 43_200.0, 86_399.0, 86_399.999)
"""Seconds into the day at which things arrive: both edges of midnight are among them."""

LATENESS: tuple[float | str, ...] = (0.0, 0.0, 0.0, 1 / 24, 1.0, 3.0, 20.0, 100.0, 399.0, "in", "out")
"""Days between happening and arriving; "in" and "out" are the horizon's edge: the first instant of the oldest day that
still counts, or half a second before it."""


class Spell(NamedTuple):
    """Events of one family, `times` times, every `pace` days from `start` (days after FIRST_DAY) on."""

    family: int
    start: int
    pace: int
    times: int
    clock: float
    late: float | str
    """One of LATENESS."""
    picks: tuple[int, int, int]
    """What chooses persons and properties; each repetition chooses anew."""


def _iso(day: int) -> str:
    return datetime.fromtimestamp((FIRST_DAY + day) * DAY, UTC).isoformat()


def _usage(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    return USERS[a % 7], {
        "feature": FEATURES[b % 5], "plan": PLANS[c % 7], "tier": TIERS[(b + c) % 6], "beta": (a + b) % 2 == 0,
        "amount": AMOUNTS[(a + c) % 10], "quota": SEATS[(b + c) % 7], "role": ("admin", "maker", None)[b % 3],
    }  # fmt: skip


def _answer(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    return USERS[a % 7], {"score": SCORES[b % 14], "effort": SCORES[c % 14], "team": (None, "red", 3)[b % 3]}


def _item(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    named = f"i-{b % 3}" if b % 4 else None
    due = (None, _iso(c * 2 % 900), _iso(c * 3 % 900)[:10], "soon", 5)[c % 5]
    keys = ("ticket_id", "qbr_id", "plan_id", "person")
    return USERS[a % 7], {**dict.fromkeys(keys, named), "due_at": due}


def _subscription(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    renews = (None, _iso(100 + c % 500), "next year")[c % 3]
    return None, {"subscription_id": f"s-{a % 4}", "arr": ARRS[b % 6], "renews_at": renews, "amount": AMOUNTS[b % 10]}


def _traits(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    started = (None, _iso(c % 90), "2020-01-31", "then")[c % 4]
    said = {"seats": SEATS[a % 7], "segment": SEGMENTS[b % 4], "start_date": started, "stage": STAGES[c % 7]}
    return None, dict(list(said.items())[: 1 + a % 4])


def _override(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    score = (80, 0, 33.335, 120, None)[a % 5]
    until = (_iso(500 + c * 3), _iso(c * 3), None)[b % 3]
    return None, {
        "score": score,
        "band": (None, "watch", "special", "green")[c % 4],
        "until": until,
        "reason": "because",
    }


def _staged(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    return USERS[a % 7], {"stage": STAGES[b % 7], "programme": "beta"}


Make = Callable[[int, int, int], tuple[str | None, dict[str, Any]]]

FAMILIES: tuple[tuple[str, tuple[str, ...], Make], ...] = (
    ("usage", ("opened", "export", "value_milestone", "quota_set"), _usage),
    ("usage", ("opened", "opened", "export", "invited"), _usage),
    ("cs", ("nps_answered", "csat_answered"), _answer),
    ("cs", ("ticket_opened", "ticket_resolved", "ticket_dropped"), _item),
    ("cs", ("qbr_due", "qbr_scheduled", "qbr_completed", "sponsor_joined", "sponsor_left"), _item),
    ("cs", ("success_plan_created", "success_plan_closed"), _item),
    ("cs", ("journey_stage_changed", "stage_moved", "onboarding_started", "programme_joined"), _staged),
    ("cs", ("campaign_launched", "outreach_logged"), _staged),
    ("advocacy", ("reference_agreed", "reference_withdrawn"), _item),
    ("advocacy", ("touchpoint", "review_posted", "referral_made"), _staged),
    ("advocacy", ("referral_pipeline_opened",), _subscription),
    ("revenue", ("subscription_started", "subscription_expanded"), _subscription),
    ("revenue", ("subscription_contracted", "subscription_churned"), _subscription),
    ("accounts", ("group",), _traits),
    ("accounts", ("group", "identify", "health_override"), _traits),
    ("accounts", ("health_override",), _override),
)
"""(stream, canonical names, how user and properties come about) of all that the profiles of the laws read."""


def _events(spell: Spell) -> list[tuple[str, str, float, float, str | None, dict[str, Any]]]:
    stream, names, make = FAMILIES[spell.family]
    made = []
    for turn in range(spell.times):
        day = FIRST_DAY + spell.start + turn * spell.pace
        arrived = day * DAY + spell.clock
        if isinstance(spell.late, str):
            at = (day - HORIZON_DAYS) * DAY - (0.5 if spell.late == "out" else 0.0)
        else:
            at = arrived - spell.late * DAY
        a, b, c = spell.picks
        user, properties = make(a + turn, b + turn // 2, c + turn // 3)
        made.append((stream, names[(a + b + turn) % len(names)], at, arrived, user, properties))
    return made


Choose = Callable[[Sequence[Any]], Any]


def _spell(choose: Choose, days: int) -> Spell:
    """A spell all of which arrives within `days`; usage is as frequent as all else together."""
    usage = choose((True, False))
    start, pace = choose(range(days + 1)), choose((1, 7, 0, 2, 3, 14, 45) if usage else (0, 7, 0, 1, 0, 45))
    times = choose(range(1, 61 if usage else 6))
    return Spell(
        choose(range(2 if usage else len(FAMILIES))),
        start,
        pace,
        min(times, (days - start) // pace + 1) if pace else times,
        choose(CLOCKS),
        choose(LATENESS),
        (choose(range(7)), choose(range(14)), choose(range(400))),
    )


@st.composite
def histories(draw: st.DrawFn, *, spans: Sequence[int] = SPANS) -> list[Event]:
    """Distinct events of one account in order of arrival, within a record's exact limits.

    Some spells are drawn one by one, which shrinks well; more come from a seed, which gives many unlike ones fast.
    """
    days, random = draw(st.sampled_from(spans)), Random(draw(st.integers(0, 2**32 - 1)))
    drawn = [_spell(lambda choices: draw(st.sampled_from(choices)), days) for _ in range(draw(st.integers(0, 3)))]
    wild = [_spell(random.choice, days) for _ in range(draw(st.sampled_from((0, 1, 2, 6, 12, 18, 24, 30))))]
    facts = [fact for spell in (*drawn, *wild) for fact in _events(spell)]
    moves: dict[str, int] = {}
    events = []
    for number, (stream, name, at, arrived, user, properties) in enumerate(facts[:EVENTS_MAX]):
        if name.startswith("subscription_"):
            key = properties["subscription_id"]
            moves[key] = moves.get(key, 0) + 1
            if moves[key] > STEPS_MAX:
                continue
        events.append(Event(ACCOUNT, stream, name, at, arrived, f"m-{number}", user, properties))
    return sorted(events, key=lambda event: event.arrived)


@st.composite
def untidy(draw: st.DrawFn, history: Sequence[Event]) -> list[Event]:
    """The same events in another order, some of them twice or more; as they are where the seed shrinks to 0."""
    seed = draw(st.integers(0, 2**32 - 1))
    events = list(history)
    if seed:
        random = Random(seed)
        events += random.choices(events, k=random.randrange(len(events))) if events else []
        random.shuffle(events)
    return events


@st.composite
def deliveries(draw: st.DrawFn, *, spans: Sequence[int] = SPANS) -> list[Event]:
    """A history as it is really handed over: mostly in order of arrival, with neighbours swapped and duplicates."""
    events = draw(histories(spans=spans))
    seed = draw(st.integers(0, 2**32 - 1))
    if not seed:
        return events
    random = Random(seed)
    again = random.sample(events, k=len(events) // 4)
    reach = random.choice((0.0, 2 * DAY, 60 * DAY, 1_000 * DAY))
    return sorted([*events, *again], key=lambda event: event.arrived + random.random() * reach)


@st.composite
def instants_after(draw: st.DrawFn, events: Sequence[Event]) -> float:
    """An instant at or after the newest arrival.

    At once, around the next midnight, after days of silence, or just when some event is as old as a window is long.
    """
    last = max((event.arrived for event in events), default=FIRST_DAY * DAY)
    of_an_age = draw(st.booleans())
    if of_an_age and events:
        anchor = draw(st.sampled_from(events)).at
        return min((anchor + days * DAY for days in AGES_DAYS if anchor + days * DAY >= last), default=last)
    midnight = (last // DAY + 1) * DAY
    days = draw(st.sampled_from((0, 0, 0, 1, 2, 6, 13, 27, 28, 89, 399, 400, 700)))
    edge = draw(st.sampled_from((last, midnight, midnight - 0.001, midnight + 0.5)))
    return max(last, edge) + days * DAY
