"""What people do in the product, day by day, and how late we hear of it."""

from random import Random

from streams.simulate.account import AccountPlan, Person
from streams.simulate.messages import DAY_MS, HOUR_MS, Sender, Sent

DAYS_A_WEEK = 5
"""Sessions a week are spread over five working days; the rhythm has the rest."""

SESSION_CHANCE_MAX = 0.97
EVENTS_MORE = 0.5
"""Chance of one more feature event in a session: a mean of 2, geometric, at most SESSION_EVENTS_MAX."""
SESSION_EVENTS_MAX = 12

OFFLINE_SHARE = 0.25
"""Of the sessions of people who also work on a phone: kept on the device, and sent in one batch hours later."""
OFFLINE_HOURS = 9.0
OFFLINE_HOURS_MAX = 72.0
DELAYED_SHARE = 0.003
DELAYED_DAYS = (1.0, 12.0)
"""Of all sessions: caught behind a proxy or in a queue for days."""
RESENT_SHARE = 0.003
"""Of all messages: sent again with the same message id, because the client had no answer to the first."""
RESENT_MS = (800, 900_000)


class Product:
    """The product's own tracking of one account."""

    def __init__(self, plan: AccountPlan, sender: Sender, rng: Random, first_ms: int, utc_offset: int) -> None:
        self._plan = plan
        self._sender = sender
        self._rng = rng
        self._first_ms = first_ms
        self._work_begins = ((8.0 - utc_offset) % 24) * HOUR_MS
        self._due: dict[str, float] = {}
        self._slugs = {event: event.lower().replace(" ", "_") for event in plan.features}

    def messages(self, day: int) -> list[Sent]:
        """The messages of that day's sessions, whenever they arrive, in no order."""
        plan = self._plan
        pace = plan.pace[day] / DAYS_A_WEEK
        sent: list[Sent] = []
        if day >= plan.gone or pace <= 0.0 or day < plan.start:
            return sent
        for person in plan.people:
            if person.joins <= day < person.leaves and self._comes(person, person.weekly * pace):
                self._session(person, day, sent)
        return sent

    def _comes(self, person: Person, rate: float) -> bool:
        """Whether the person has a session on a day on which `rate` sessions are to be expected."""
        if not person.habit:
            return self._rng.random() < min(SESSION_CHANCE_MAX, rate)
        # what is expected adds up, unevenly, until it makes a session
        due = self._due.get(person.id, -1.0)
        due = self._rng.random() if due < 0.0 else due + rate * 2.0 * self._rng.random()
        comes = due >= 1.0
        self._due[person.id] = min(due - 1.0, 1.0) if comes else due
        return comes

    def _session(self, person: Person, day: int, sent: list[Sent]) -> None:
        rng, draw, sender = self._rng, self._rng.random, self._sender
        first = self._first_ms + day * DAY_MS
        # two uniforms: a working day with more going on in its middle
        at = int(first + (self._work_begins + (draw() + draw()) * 5.0 * HOUR_MS) % DAY_MS)
        more = EVENTS_MORE
        if self._plan.burst and self._plan.burst[day] > 1.0:
            more = 1.0 - (1.0 - EVENTS_MORE) / self._plan.burst[day]
        acts: list[tuple[int, str, str]] = [(at, "Session Started", f'{{"role":"{person.role}"}}')]
        while len(acts) == 1 or (draw() < more and len(acts) < SESSION_EVENTS_MAX):
            at += int(8_000 + draw() * draw() * 500_000)
            event = person.features[int(draw() ** 1.6 * len(person.features))]
            acts.append((at, event, f'{{"feature":"{self._slugs[event]}","role":"{person.role}"}}'))
        batched = self._batch_arrival(person, at)
        for moment, event, properties in acts:
            arrived = batched or moment + 150 + int(draw() * 2_850)
            message_id = sender.next_id()
            sent.append(Sent(arrived, sender.usage(message_id, event, person.id, moment, arrived, properties)))
            if draw() < RESENT_SHARE:
                again = arrived + rng.randrange(*RESENT_MS)
                sent.append(Sent(again, sender.usage(message_id, event, person.id, moment, again, properties)))

    def _batch_arrival(self, person: Person, ended: int) -> int:
        """When the whole session arrives at once, 0 when each event comes by itself."""
        chance = self._rng.random()
        if chance < DELAYED_SHARE:
            return ended + int(self._rng.uniform(*DELAYED_DAYS) * DAY_MS)
        if person.mobile and chance < DELAYED_SHARE + OFFLINE_SHARE:
            return ended + int(min(OFFLINE_HOURS_MAX, self._rng.expovariate(1.0 / OFFLINE_HOURS)) * HOUR_MS)
        return 0
