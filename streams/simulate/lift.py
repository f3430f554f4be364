"""The planted accounts (`streams/simulate/planted.py`) as events: what a company's tools would have sent.

Each account introduces itself, starts one or two subscriptions, moves before the period and in it, and is touched by
programmes before it, inside it, or both. What is inside must not count as exposure: who stays longer is touched more.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, BinaryIO, TextIO

from streams.simulate.messages import DAY_MS, HOUR_MS, MINUTE_MS, Sender, Sent
from streams.simulate.planted import BEFORE_DAYS, CENTS, INDUSTRIES, PROGRAMMES, SEGMENTS, Planted, plant

PERIOD_DAYS = 365
WITHIN_DAYS = 90
"""Touchpoints that count come in the days before the period."""
ACCOUNTS_MAX = 100_000
"""An account's lines take about 2 KB of memory until they are sorted by arrival."""
PLANNING_SHARE = 5
"""The second product is a fifth of an account's revenue."""
ARRIVES_MS_MAX = 5 * MINUTE_MS
INSIDE_MAX = 3
"""Touchpoints inside the period of somebody who stays for the whole of it."""


def write_lift(
    out: BinaryIO, truth_out: TextIO | None = None, *, seed: int, accounts: int, lift: float, end: date
) -> int:
    """Write the lines of such a history to `out` and the truth, one JSON object, to `truth_out`; how many lines.

    The period of the lift is the 365 days before `end`. ValueError for accounts or a lift out of bounds.
    """
    if not 1 <= accounts <= ACCOUNTS_MAX:
        raise ValueError(f"accounts={accounts}: from 1 to {ACCOUNTS_MAX}")
    planted = plant(seed, accounts, lift)
    written = 0
    for line in messages(planted, end):
        out.write(line + b"\n")
        written += 1
    if truth_out is not None:
        period = f"{end - timedelta(PERIOD_DAYS)}..{end}"
        truth = {"period": period, "lift": lift, "accounts": accounts, "exposed": int(planted.exposed.sum())}
        truth_out.write(json.dumps(truth) + "\n")
    return written


def messages(planted: Planted, end: date) -> Iterator[bytes]:
    """All lines, in order of arrival."""
    begins = end - timedelta(PERIOD_DAYS)
    begins_ms = round(datetime(begins.year, begins.month, begins.day, tzinfo=UTC).timestamp()) * 1000
    sent: list[Sent] = []
    for number in range(len(planted.start)):
        sent += _Teller(planted, number, begins_ms).tell()
    sent.sort()
    return (one.line for one in sent)


class _Teller:
    """The messages of one account. Days count from the period's first."""

    def __init__(self, planted: Planted, number: int, begins_ms: int) -> None:
        self._planted = planted
        self._number = number
        self._begins_ms = begins_ms
        self._rng = Random(f"{planted.seed}/{number}/lift")
        self._sender = Sender(f"lift-{number:06d}", f"{planted.seed:x}-l{number:x}")
        self._sent: list[Sent] = []
        self._began = -int(planted.tenure_days[number])

    def tell(self) -> list[Sent]:
        """Everything, in no order."""
        number, planted = self._number, self._planted
        before, start, end = int(planted.before[number]), int(planted.start[number]), int(planted.end[number])
        self._describe()
        self._subscribe(before or start)
        if before and before != start:
            self._move(-self._rng.randrange(WITHIN_DAYS + 1, BEFORE_DAYS), before, start)
        leaves = PERIOD_DAYS
        if start != end:
            day = self._rng.randrange(1, PERIOD_DAYS)
            self._move(day, start, end)
            leaves = leaves if end else day
        for programme, touched in zip(PROGRAMMES, planted.programmes[number], strict=True):
            if touched:
                self._touch(-self._rng.randrange(1, WITHIN_DAYS), programme)
        if planted.crossed[number] or planted.exposed[number]:
            for _ in range(round(INSIDE_MAX * leaves / PERIOD_DAYS)):
                self._touch(self._rng.randrange(leaves), self._rng.choice(PROGRAMMES))
        return self._sent

    def _describe(self) -> None:
        at, arrived = self._instant(self._began)
        traits = {
            "segment": SEGMENTS[int(self._planted.segment[self._number])],
            "industry": INDUSTRIES[int(self._planted.industry[self._number])],
            "motion": "clg" if self._planted.exposed[self._number] else "sales_led",
        }
        self._sent.append(Sent(arrived, self._sender.group(self._sender.next_id(), at, arrived, traits)))

    def _subscribe(self, cents: int) -> None:
        for product, arr in self._split(cents):
            self._track(self._began, "Subscription Started", subscription_id=product, product=product, arr=arr)

    def _move(self, day: int, before: int, after: int) -> None:
        """Every subscription in the same proportion."""
        event = "Expanded" if after > before else "Contracted" if after else "Churned"
        for product, arr in self._split(after):
            said: dict[str, Any] = {"subscription_id": product, "product": product}
            self._track(day, f"Subscription {event}", **said, **({"arr": arr} if after else {}))

    def _split(self, cents: int) -> list[tuple[str, int]]:
        """In currency units: the amounts are such that nothing is left over."""
        whole = cents // CENTS
        if self._planted.products[self._number] == 1:
            return [("core", whole)]
        return [("core", whole - whole // PLANNING_SHARE), ("planning", whole // PLANNING_SHARE)]

    def _touch(self, day: int, programme: str) -> None:
        person = f"{self._sender.account_id}-u{self._rng.randrange(1, 6)}"
        self._track(day, "Touchpoint", person, kind=programme)

    def _track(self, day: int, event: str, user: str | None = None, /, **said: Any) -> None:
        at, arrived = self._instant(day)
        if user is None:
            said["currency"] = "EUR"
        line = self._sender.track(self._sender.next_id(), event, user, at, arrived, said)
        self._sent.append(Sent(arrived, line))

    def _instant(self, day: int) -> tuple[int, int]:
        """At some hour of work, and minutes later here."""
        at = self._begins_ms + day * DAY_MS + self._rng.randrange(8 * HOUR_MS, 18 * HOUR_MS)
        return at, at + self._rng.randrange(1_000, ARRIVES_MS_MAX)
