"""From steps of subscriptions to movements of the account: netted by day, converted, and given their kind."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from scorecard.movement import Kind, Movement
from scorecard.rates import Rates
from scorecard.subscription import Step

Key = tuple[str, str]
"""(product, currency)."""


class Held(NamedTuple):
    """What an account holds of a product in a currency: minor units of it, and their worth when last counted."""

    native: int
    cents: int


NOT_HELD = Held(0, 0)


class Balance:
    """What an account holds at the end of a day, owned by whoever moves it on. Day by day, never back.

    >>> balance = Balance()
    >>> rows = balance.day("acme", 730_000, [Step(730_000, 0.0, "m-1", "s-1", "core", "EUR", 500_00, "")], Rates("EUR"))
    >>> [(row.kind.value, row.cents) for row in rows], balance.total
    ([('new', 50000)], 50000)
    """

    __slots__ = ("ever", "held", "total")

    def __init__(self, held: Mapping[Key, Held] | None = None, *, ever: bool = False) -> None:
        self.held = dict(held or {})
        self.total = sum(one.cents for one in self.held.values())
        """Minor units of the reporting currency."""
        self.ever = ever
        """Whether there was ever anything."""

    @classmethod
    def after(cls, movements: Iterable[Movement]) -> "Balance":
        """What is held after all of an account's movements."""
        balance = cls()
        for row in movements:
            balance._add((row.product, row.currency), row.native, row.cents)
            balance.ever = balance.ever or balance.total > 0
        return balance

    def take_back(self, movements: Iterable[Movement]) -> None:
        """As if these, the last ones, had not been. `ever` is the caller's to say."""
        for row in movements:
            self._add((row.product, row.currency), -row.native, -row.cents)

    def revalued(self, account_id: str, day: int, rates: Rates) -> list[Movement]:
        """The rates of the day, where they are others than before, as rows of kind fx."""
        rows, on = [], date.fromordinal(day)
        for (product, currency), held in sorted(self.held.items()):
            cents = rates.convert(held.native, currency, on) - held.cents
            if cents:
                rows.append(Movement(account_id, product, "", Kind.FX, on, cents, currency, 0, ""))
        for row in rows:
            self._add((row.product, row.currency), 0, row.cents)
        return rows

    def day(self, account_id: str, day: int, steps: Sequence[Step], rates: Rates) -> list[Movement]:
        """The rows that the steps make: all steps of the day, in the order in which they were said."""
        if len(steps) == 1:
            return [self._row(account_id, steps[0], rates)]
        on, before = date.fromordinal(day), self.total
        last: dict[Key, Step] = {}
        native: dict[Key, int] = {}
        grows: dict[str, str] = {}
        for one in steps:
            key = one.product, one.currency
            native[key] = native.get(key, 0) + one.native
            last[key] = one
            grows[one.product] = one.grows
        products = {key[0]: self._of(key[0]) for key in native}
        moved: list[tuple[Key, int]] = []
        for key in sorted(native):
            held = self.held.get(key, NOT_HELD)
            cents = rates.convert(held.native + native[key], key[1], on) - held.cents
            if native[key]:
                self._add(key, native[key], cents)
                moved.append((key, cents))
        whole = whole_kind(before, self.total, ever=self.ever)
        self.ever = self.ever or self.total > 0
        return [
            Movement(
                account_id, key[0], last[key].subscription_id,
                whole or kind_of(products[key[0]], self._of(key[0]), grows[key[0]]),
                on, cents, key[1], native[key], last[key].message_id,
            )
            for key, cents in moved
        ]  # fmt: skip

    def _row(self, account_id: str, step: Step, rates: Rates) -> Movement:
        """What `day` gives for one step, sooner."""
        _, _, message_id, subscription_id, product, currency, native, grows = step
        on, before = date.fromordinal(step.day), self.total
        held = self.held.get((product, currency), NOT_HELD)
        cents = rates.convert(held.native + native, currency, on) - held.cents
        product_before = held.cents if rates.single else self._of(product)
        self._add((product, currency), native, cents)
        kind = whole_kind(before, self.total, ever=self.ever)
        kind = kind or kind_of(product_before, product_before + cents, grows)
        self.ever = self.ever or self.total > 0
        return Movement(account_id, product, subscription_id, kind, on, cents, currency, native, message_id)

    def _of(self, product: str) -> int:
        return sum(held.cents for key, held in self.held.items() if key[0] == product)

    def _add(self, key: Key, native: int, cents: int) -> None:
        held = self.held.get(key)
        self.total += cents
        if held is not None:
            native, cents = held.native + native, held.cents + cents
        if native or cents:
            self.held[key] = Held(native, cents)
        elif held is not None:
            del self.held[key]


def whole_kind(before: int, after: int, *, ever: bool) -> Kind | None:
    """The kind of all that moved on a day on which the account, as a whole, came or went; None: it did neither."""
    if before > 0:
        return None if after > 0 else Kind.CHURN
    if after > 0:
        return Kind.REACTIVATION if ever else Kind.NEW
    return None


def kind_of(before: int, after: int, grows: str) -> Kind:
    """The kind of what moved of one product of an account that stays; `grows`: how the event says that it grew."""
    if after < before:
        return Kind.CONTRACTION
    if before <= 0:
        return Kind.CROSS_SELL
    return Kind(grows) if grows else Kind.UPSELL


def derive(account_id: str, steps: Sequence[Step], balance: Balance, since: int, rates: Rates) -> list[Movement]:
    """The rows from day `since` on.

    `steps`: all from that day on, by day, then by the time at which they were said. `balance`: as the day before ended;
    it moves on.
    """
    if rates.single and len(steps) == 1:
        return balance.day(account_id, steps[0].day, steps, rates)
    rows: list[Movement] = []
    by_day = {day: list(group) for day, group in groupby(steps, key=_day)}
    for day in sorted({*by_day, *_changes(steps, balance, since, rates)}):
        rows += balance.revalued(account_id, day, rates)
        if day in by_day:
            rows += balance.day(account_id, day, by_day[day], rates)
    return rows


def _day(one: Step) -> int:
    return one.day


def _changes(steps: Iterable[Step], balance: Balance, since: int, rates: Rates) -> set[int]:
    """Days from `since` on from which other rates hold."""
    if rates.single:
        return set()
    currencies = {key[1] for key in balance.held} | {one.currency for one in steps}
    before = date.fromordinal(max(since - 1, 1))
    return {day.toordinal() for currency in currencies for day in rates.changes(currency, before)}
