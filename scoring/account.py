"""The account record: everything the engine knows of one account, in bounded memory.

One owner changes it in place (the runtime that holds it). The order of arrival does not matter, with these exceptions,
each settled the same way everywhere: the newest answer, trait, due date and override win by event time, ties by hash of
the message id; what was published (score history, band, episodes) is history and follows the instants of evaluation.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from scoring.cells.cell import HORIZON_DAYS, order, shift_bits
from scoring.cells.days import Days
from scoring.cells.newest import Answer, Value, scalar
from scoring.days import DAY, day_of
from scoring.event import Event
from scoring.layout import DESCRIBED, HEEDED, NO_WAYS, SIGN, Layout, Ways

SEEN_MAX = 1_024
"""Message ids remembered per account: a client's whole batch of 500 KB can be sent again and still be known."""

TRAITS_MAX = 64
"""Traits kept per account: those that the profile or a play reads, then the newest."""

TRAIT_NAME_MAX = 64
"""Characters of a trait's name; longer ones are not traits that anyone scores by."""

SHIFT_DAYS = 64
"""The base day moves up in such steps, so that most events move nothing."""

EARLIER_DAYS = 32
"""How far before the day that is asked for the base day is set: a few late events move nothing, and bitmaps stay
short, which is what most of a record's memory is.
"""

EPISODE_BYTES_MAX = 512
"""A packed episode: an id of 64 characters, a few words and numbers."""

RETIRED_EPISODES_MAX = 100
"""Episodes of removed plays that stay in the record, so that a play that returns goes on counting."""

OVERRIDE_EVENT = "health_override"

FIXED_BYTES_MAX = SEEN_MAX * 9 + TRAITS_MAX * (TRAIT_NAME_MAX * 4 + 4 * 128 + 32) + 60 * 8 + 4_096
"""Bound of the parts outside the cells: ids, traits, score history, override, counters and names."""

_ARRIVALS = Days()

RARE = DESCRIBED | HEEDED


FIELDS = (
    "arrivals", "band", "base", "cells", "counted", "duplicates", "episodes", "first_arrival", "gap", "id",
    "last_arrival", "last_sign", "override", "published", "scores", "seen", "too_old", "traits", "watch",
)  # fmt: skip
"""What a record consists of, by the names of its attributes."""


class Account:
    """One record. Instants in unix seconds, days since 1970-01-01."""

    __slots__ = FIELDS

    def __init__(self, account_id: str, layout: Layout) -> None:
        self.id = account_id
        self.base: int = 0  # day that bit 0 of every bitmap stands for; 0 until the first event
        self.first_arrival = 0.0
        self.last_arrival = 0.0
        self.last_sign = 0.0  # newest arrival of something that the customer did; 0 until there is one
        self.arrivals: int = 0  # bitmap of the days on which signs of life arrived
        self.gap: tuple[int, float | None] = (0, None)  # what the arrivals say of the own rhythm; derived, not packed
        self.cells: list[Any] = [None] * len(layout.cells)
        self.seen: dict[int, None] = {}
        self.counted = 0
        self.duplicates = 0
        self.too_old = 0
        self.traits: dict[str, Answer] = {}
        self.override: tuple[float, int, dict[str, Any]] | None = None
        self.scores: list[tuple[int, float]] = []  # (day, last score published on it), oldest first
        self.band: str | None = None
        self.published: tuple[float | None, str | None] | None = None
        self.episodes: dict[str, tuple[Any, ...]] = {}
        self.watch: Any = None  # what keeps plays from moving (plays/watch.py); derived, not packed

    def observe(  # noqa: C901, PLR0912, PLR0915 - the hot path, in one place
        self, events: Sequence[Event], layout: Layout, heard: list[Event] | None = None
    ) -> int:
        """Fold events in. Returns the bits of what they touched (see layout); duplicates touch nothing, and what is
        older than the horizon only SIGN: it is counted, and moves the clocks of arrival and silence. Those of the
        events that count and are heeded are added to `heard`.
        """
        fresh = self._fresh(events)
        if not fresh:
            return 0
        if not self.base:
            self.first_arrival = fresh[0].arrived
            self.base = day_of(self.first_arrival) - EARLIER_DAYS
        routes, touched, counted = layout.routes, 0, 0
        first, last, last_sign = self.first_arrival, self.last_arrival, self.last_sign
        base, arrived_day, alive = self.base, 0, False
        begins = ends = 0.0  # of the day of arrival
        ways = NO_WAYS
        together: list[Event] = []  # going the same ways, so that each cell is asked once
        days: list[int] = []  # of each of these
        for event in fresh:
            stream, name, at, arrived = event.stream, event.name, event.at, event.arrived
            if not begins <= arrived < ends:
                if alive:
                    self.arrivals |= self._bit(arrived_day)
                    alive = False
                arrived_day = int(arrived // DAY)
                begins, ends = arrived_day * DAY, (arrived_day + 1) * DAY
                if arrived_day - HORIZON_DAYS - self.base >= SHIFT_DAYS:
                    # what came before is seen before it is forgotten, however events are cut into batches
                    touched |= self._take(together, days, ways)
                    together, days = [], []
                    self._move(arrived_day - HORIZON_DAYS, layout)
                self._move_back(arrived_day, last, layout)
                base = self.base
            if arrived > last:
                last = arrived
            elif arrived < first:
                first = arrived
            bits, their_ways = routes[stream].get(name) or layout.route(stream, name)
            if bits & SIGN:
                alive = True
                if arrived > last_sign:  # noqa: PLR1730 - max() costs a call on the hot path
                    last_sign = arrived
            their_day = arrived_day if begins <= at < ends else int(at // DAY)
            if arrived_day - their_day > HORIZON_DAYS:
                self.too_old += 1
                touched |= bits & SIGN
                continue
            if their_day < base:
                self._move_back(their_day, last, layout)
                base = self.base
            counted += 1
            touched |= bits
            if their_ways is not ways:
                touched |= self._take(together, days, ways)
                ways, together, days = their_ways, [], []
            together.append(event)
            days.append(their_day)
            if bits & RARE:
                if bits & DESCRIBED:
                    self._describe(event, layout)
                if bits & HEEDED and heard is not None:
                    heard.append(event)
        touched |= self._take(together, days, ways)
        if alive:
            self.arrivals |= self._bit(arrived_day)
        self.counted += counted
        self.first_arrival, self.last_arrival, self.last_sign = first, last, last_sign
        return touched

    def _fresh(self, events: Sequence[Event]) -> Sequence[Event]:
        """Those of the events that are no duplicates; all ids are remembered, the newest SEEN_MAX of them."""
        seen, digest_of = self.seen, xxh3_64_intdigest
        known, fresh = len(seen), None
        for index, event in enumerate(events):
            seen[digest_of(event.message_id.encode())] = None
            if len(seen) == known:
                self.duplicates += 1
                if fresh is None:
                    fresh = list(events[:index])
                continue
            known += 1
            if known > SEEN_MAX:
                del seen[next(iter(seen))]
                known = SEEN_MAX
            if fresh is not None:
                fresh.append(event)
        return events if fresh is None else fresh

    def _bit(self, day: int) -> int:
        """The day as a bit in bitmaps; 0 for a day before the base."""
        return 1 << (day - self.base) if day >= self.base else 0

    def _take(self, events: list[Event], days: list[int], ways: Ways) -> int:
        """Hand events, and the days that they count for, to their cells. Returns the bits of those that tell of
        changes, and changed.
        """
        if not events:
            return 0
        touched, known, bit, cells = 0, -1, 0, self.cells
        bits: list[int] = []
        for day in days:
            if day != known:
                known, bit = day, self._bit(day)
            bits.append(bit)
        for index, observe, tells in ways:
            before = cells[index]
            after = cells[index] = observe(before, events, days, bits)
            if tells and after is not before:
                touched |= tells
        return touched

    def _move_back(self, day: int, newest: float, layout: Layout) -> None:
        """Move the base day back, so that a day has a bit: unless that is beyond the horizon of the newest arrival."""
        base = max(day - EARLIER_DAYS, day_of(newest) - HORIZON_DAYS)
        if day < self.base and base < self.base:
            self._move(base, layout)

    def _move(self, base: int, layout: Layout) -> None:
        days, self.base = base - self.base, base
        self.arrivals = shift_bits(self.arrivals, days)
        for index, state in enumerate(self.cells):
            if state is not None:
                self.cells[index] = layout.cells[index].shift(state, days, base)

    def _describe(self, event: Event, layout: Layout) -> None:
        """Keep the newest of each trait, and the newest override."""
        at, tie = order(event)
        if event.name == OVERRIDE_EVENT:
            if self.override is None or (at, tie) > self.override[:2]:
                kept = {k: scalar(event.properties.get(k)) for k in ("score", "band", "reason", "until", "by")}
                self.override = (at, tie, {k: v for k, v in kept.items() if v is not None})
        elif event.name == "group":
            for name, value in event.properties.items():
                kept_value = scalar(value)
                if kept_value is None or len(name) > TRAIT_NAME_MAX:
                    continue
                known = self.traits.get(name)
                if known is None or (at, tie) > known[:2]:
                    self.traits[name] = (at, tie, kept_value)
            while len(self.traits) > TRAITS_MAX:
                del self.traits[
                    min(self.traits, key=lambda trait: (trait in layout.traits, self.traits[trait][:2], trait))
                ]

    def trait(self, name: str) -> Value | None:
        """The newest value of a trait, None when it was never sent."""
        answer = self.traits.get(name)
        return None if answer is None else answer[2]

    def silence_s(self, at: float) -> float:
        """Seconds since the last sign of life arrived; 0 while none ever has."""
        return max(0.0, at - self.last_sign) if self.last_sign else 0.0

    def pack(self, layout: Layout) -> bytes:
        """The record as msgpack, at most `bytes_max(layout)` long."""
        return _ENCODER.encode((
            self.id, self.base, self.first_arrival, self.last_arrival, self.last_sign,
            _ARRIVALS.pack(self.arrivals), list(self.seen),
            (self.counted, self.duplicates, self.too_old), self.traits, self.override, self.scores, self.band,
            self.published, self.episodes,
            [None if state is None else cell.pack(state) for cell, state in zip(layout.cells, self.cells, strict=True)],
        ))  # fmt: skip


def unpack(packed: bytes, layout: Layout) -> Account:
    """The record that `Account.pack` wrote with the same layout."""
    (account_id, base, first, last, sign, arrivals, seen, counters, traits, override, scores, band, published, episodes,
     cells) = msgspec.msgpack.decode(packed)  # fmt: skip
    account = Account(account_id, layout)
    account.base, account.first_arrival, account.last_arrival = base, first, last
    account.last_sign = sign
    account.arrivals = _ARRIVALS.unpack(arrivals)
    account.seen = dict.fromkeys(seen)
    account.counted, account.duplicates, account.too_old = counters
    account.traits = {name: tuple(answer) for name, answer in traits.items()}
    account.override = None if override is None else tuple(override)
    account.scores = [(day, score) for day, score in scores]
    account.band = band
    account.published = None if published is None else tuple(published)
    account.episodes = {play: tuple(episode) for play, episode in episodes.items()}
    account.cells = [
        None if state is None else cell.unpack(state) for cell, state in zip(layout.cells, cells, strict=True)
    ]
    return account


def bytes_max(layout: Layout, plays: int) -> int:
    """Upper bound of a packed record in bytes, whatever the history, for a playbook of so many plays."""
    return FIXED_BYTES_MAX + layout.bytes_max + (plays + RETIRED_EPISODES_MAX) * EPISODE_BYTES_MAX


def first_day(account: Account) -> int:
    """The UTC day on which the account was first heard of."""
    return day_of(account.first_arrival)


_ENCODER = msgspec.msgpack.Encoder()
