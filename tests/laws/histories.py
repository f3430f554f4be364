"""Strategies for the events of one account: every stream, and everything that makes arrival untidy.

A history is drawn as *spells*: a spell is one kind of event again and again at a fixed pace (once, if the pace does not
matter). So a few drawn numbers make months of regular usage, which baselines and rhythms need, and shrinking takes
whole spells away.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from scoring.event import Event

DAY = 86_400.0

FIRST_DAY = 20_000
"""Day (since 1970-01-01) on which the first event may arrive; a Friday."""

HORIZON_DAYS = 400

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
    """One kind of event, `times` times, every `pace` days from `start` (days after FIRST_DAY) on."""

    kind: str
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
        "amount": AMOUNTS[(a + c) % 10], "role": ("admin", "maker", None)[b % 3],
    }  # fmt: skip


def _answer(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    return USERS[a % 7], {"score": SCORES[b % 14], "effort": SCORES[c % 14], "team": (None, "red", 3)[b % 3]}


def _item(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    named = f"i-{b % 3}" if b % 4 else None
    due = (None, _iso(c % 400), _iso(c % 400)[:10], "soon", 5)[c % 5]
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
    until = (_iso(100 + c % 700), _iso(c % 50), None)[b % 3]
    return None, {
        "score": score,
        "band": (None, "watch", "special", "green")[c % 4],
        "until": until,
        "reason": "because",
    }


def _staged(a: int, b: int, c: int) -> tuple[str | None, dict[str, Any]]:
    return USERS[a % 7], {"stage": STAGES[b % 7], "quota": SEATS[c % 7], "programme": "beta"}


Make = Callable[[int, int, int], tuple[str | None, dict[str, Any]]]

KINDS: Mapping[str, tuple[str, Make]] = {
    **dict.fromkeys(("opened", "export", "value_milestone", "quota_set"), ("usage", _usage)),
    "account_created": ("usage", _staged),
    **dict.fromkeys(("nps_answered", "csat_answered"), ("cs", _answer)),
    **dict.fromkeys(("ticket_opened", "ticket_resolved", "ticket_dropped"), ("cs", _item)),
    **dict.fromkeys(("qbr_due", "qbr_scheduled", "qbr_completed"), ("cs", _item)),
    **dict.fromkeys(("success_plan_created", "success_plan_closed"), ("cs", _item)),
    **dict.fromkeys(("sponsor_joined", "sponsor_left"), ("cs", _item)),
    **dict.fromkeys(("journey_stage_changed", "stage_moved", "onboarding_started"), ("cs", _staged)),
    **dict.fromkeys(("programme_joined", "campaign_launched"), ("cs", _staged)),
    **dict.fromkeys(("reference_agreed", "reference_withdrawn"), ("advocacy", _item)),
    **dict.fromkeys(("touchpoint", "review_posted", "referral_made"), ("advocacy", _staged)),
    "referral_pipeline_opened": ("advocacy", _subscription),
    **dict.fromkeys(("subscription_started", "subscription_expanded"), ("revenue", _subscription)),
    **dict.fromkeys(("subscription_contracted", "subscription_churned"), ("revenue", _subscription)),
    "group": ("accounts", _traits),
    "identify": ("accounts", _staged),
    "health_override": ("accounts", _override),
}
"""Canonical event names of every stream that the profiles of the laws use, and how their properties come about."""


def _events(spell: Spell) -> list[tuple[str, str, float, float, str | None, dict[str, Any]]]:
    stream, make = KINDS[spell.kind]
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
        made.append((stream, spell.kind, at, arrived, user, properties))
    return made


@st.composite
def spells(draw: st.DrawFn, days: int) -> Spell:
    """A spell that begins to arrive within `days`; usage is as frequent as all else together."""
    usage = draw(st.booleans())
    kind = draw(st.sampled_from(("opened", "export") if usage else tuple(KINDS)))
    return Spell(
        kind,
        draw(st.integers(0, days)),
        draw(st.sampled_from((1, 7, 0, 2, 3, 14, 45))),
        draw(st.integers(1, 60 if usage else 4)),
        draw(st.sampled_from(CLOCKS)),
        draw(st.sampled_from(LATENESS)),
        (draw(st.integers(0, 6)), draw(st.integers(0, 13)), draw(st.integers(0, 400))),
    )


@st.composite
def histories(draw: st.DrawFn, *, days: int = 500, spells_max: int = 10) -> list[Event]:
    """Distinct events of one account in order of arrival; none goes beyond a record's exact limits."""
    facts = [fact for spell in draw(st.lists(spells(days), max_size=spells_max)) for fact in _events(spell)]
    moves: dict[str, int] = {}
    events = []
    for number, (stream, name, at, arrived, user, properties) in enumerate(facts):
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
def deliveries(draw: st.DrawFn, *, days: int = 500, spells_max: int = 10) -> list[Event]:
    """A history as it is really handed over: mostly in order of arrival, with neighbours swapped and duplicates."""
    events = draw(histories(days=days, spells_max=spells_max))
    seed = draw(st.integers(0, 2**32 - 1))
    if not seed:
        return events
    random = Random(seed)
    again = random.sample(events, k=len(events) // 4)
    reach = random.choice((0.0, 2 * DAY, 60 * DAY, 1_000 * DAY))
    return sorted([*events, *again], key=lambda event: event.arrived + random.random() * reach)


@st.composite
def instants_after(draw: st.DrawFn, events: Sequence[Event]) -> float:
    """An instant at or after the newest arrival: at once, around the next midnight, or after days of silence."""
    last = max((event.arrived for event in events), default=FIRST_DAY * DAY)
    midnight = (last // DAY + 1) * DAY
    days = draw(st.sampled_from((0, 0, 1, 6, 13, 27, 28, 89, 90, 364, 399, 400, 700)))
    edge = draw(st.sampled_from((last, midnight, midnight - 0.001, midnight + 0.5)))
    return max(last, edge) + days * DAY
