"""What an account's people do in the product, by calendar month and lately by day: A3 to A6.

Of a month are kept: events, the days with any, and of each person the days and the features; so distinct people and
active days are exact over any days, features and events over whole months. Of the newest DAYS_MAX days events, features
and people's features are kept by day as well, so that these are exact over any of them: weeks, and odd days.

Bounded: MONTHS_MAX months and DAYS_MAX days, USERS_MAX people in a month and USERS_A_DAY_MAX in a day (beyond, a sample
by hash whose share is a power of two: Flajolet, "On adaptive sampling", Computing 43, 1990; relative error about 1.2 /
the root of the limit), FEATURES_MAX features and ROLES_MAX roles (those of the smallest hashes). Whatever the order in
which the same events arrive, the same is kept.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from xxhash import xxh3_64_intdigest

from scorecard.facets.bucket import HASH_BITS, NAME_CHARS_MAX, Bucket, hash_of
from scorecard.facets.days import Days
from scorecard.facets.seen import MONTH_DAYS, Seen
from scorecard.facets.window import Window, calendar, first_of
from scorecard.settings.usage import HealthyUsage
from scoring.days import DAY
from scoring.event import Event

MONTHS_MAX = 26
"""Months kept: two years, the running month, and one to compare the oldest with."""

DAYS_MAX = 100
"""Days kept: fourteen weeks, and so a quarter of them, with the one to compare the oldest with."""

USERS_MAX = 256
"""People kept exactly in a month: more than most accounts have, and 5 KB."""

USERS_A_DAY_MAX = 64
"""People kept exactly in a day: only how many use a feature hangs on it, to 15 %."""

FEATURES_MAX = 128
"""Features kept of an account: a list of more is a list of buttons."""

RECENT_MAX = 512
"""Messages remembered, so that one that is sent again does not count again: a busy account's half hour, a usual one's
month. Of each 32 bits are kept: one new message in ten million is taken for an old one."""

_RECENT = (1 << 32) - 1

NOT_FEATURES = frozenset({
    "session_started", "activation_step", "value_milestone", "signed_up", "signed_in", "signed_out", "account_created",
    "account_deleted", "account_added_user", "account_removed_user", "invite_sent", "trial_started", "trial_ended",
})  # fmt: skip
"""Events with a meaning of their own: without a property `feature` they are no use of one."""


class Kept(NamedTuple):
    """Buckets that are together a window."""

    buckets: Sequence[Bucket]
    shift: int
    """Where features begin in the bits of their people."""


class Usage:
    """State of one account; changed in place by whoever holds it."""

    __slots__ = ("days", "months", "recent", "slots")

    def __init__(self) -> None:
        self.recent: dict[int, None] = {}
        """Hashes of the newest messages, in the order of their arrival."""
        self.months: dict[int, Bucket] = {}
        """Bits of a person: the days of the month, and above them the features."""
        self.slots: dict[str, int] = {}
        """Feature -> its place in the bits of a bucket and of its people."""
        self.days = Days()

    def take(self, event: Event) -> None:
        """Count one event of the stream usage; one that is sent again soon does not count again."""
        message = xxh3_64_intdigest(event.message_id.encode()) & _RECENT
        recent = self.recent
        if message in recent:
            return
        recent[message] = None
        if len(recent) > RECENT_MAX:
            del recent[next(iter(recent))]
        properties = event.properties
        feature = properties.get("feature")
        slot = self.slots.get(feature) if type(feature) is str else None
        if slot is None:
            slot = self._slot(event.name, feature)
        day = int(event.at // DAY)
        number, place = calendar(day)
        month = self.months.get(number) or _open(self.months, number, MONTHS_MAX)
        if month is None:
            return
        month.days |= 1 << place
        role, user = properties.get("role"), event.user_id
        digest = xxh3_64_intdigest(user.encode()) if user else None
        used = 1 << slot if slot >= 0 else 0
        _count(month, used, role, digest, 1 << place | used << MONTH_DAYS, USERS_MAX)
        days = self.days.kept
        of_day = days.get(day) or _open(days, day, DAYS_MAX)
        if of_day is not None:
            _count(of_day, used, role, digest, used, USERS_A_DAY_MAX)

    def _slot(self, name: str, feature: object) -> int:
        """The place of the feature that an event uses; -1 when it uses none, or one of too many."""
        if type(feature) is str and feature:
            name = feature
        elif name in NOT_FEATURES:
            return -1
        name = name[:NAME_CHARS_MAX]
        slot = self.slots.get(name)
        return self._new_slot(name) if slot is None else slot

    def _new_slot(self, name: str) -> int:
        """A place for a feature; of too many those with the smallest hashes have one, whatever came first."""
        slot = len(self.slots)
        if slot >= FEATURES_MAX:
            last = max(self.slots, key=hash_of)
            if hash_of(name) >= hash_of(last):
                return -1
            slot = self.slots.pop(last)
            for month in self.months.values():
                month.forget(slot, MONTH_DAYS)
            for day in self.days.kept.values():
                day.forget(slot, 0)
        self.slots[name] = slot
        return slot

    def count(self, window: Window, healthy: HealthyUsage, seats: int) -> Iterator[tuple[str, int]]:
        """What adds up over accounts; `seats` are those bought, 0 where nobody said so."""
        seen = self._seen(window)
        if not seen.days:
            return
        yield "usage/accounts", 1
        yield "usage/users", seen.people
        yield "usage/user_days", seen.person_days
        yield "usage/sampled", int(seen.level > 0)
        regular = self._seen(window._replace(first=window.until - healthy.window_days, past=window.until))
        yield "usage/regular_of", regular.people
        yield "usage/regular", regular.on_at_least(healthy.days)
        if seats:
            yield "seats/bought", seats
            yield "seats/used", seen.people
        kept = self._whole_months(window) or self._whole_days(window, seen.days)
        if kept is not None:
            yield from self._told(kept)

    def roles(self, window: Window) -> int:
        """Distinct roles of the months that the window touches."""
        return len({role for number in self._numbers(window) for role in self.months[number].roles})

    def _numbers(self, window: Window) -> list[int]:
        first, last = calendar(window.first)[0], calendar(window.past - 1)[0]
        return [number for number in self.months if first <= number <= last]

    def _whole_months(self, window: Window) -> Kept | None:
        """The months of a window that is made of whole ones; None when it is not."""
        ends = first_of(calendar(window.past - 1)[0] + 1)
        if first_of(calendar(window.first)[0]) != window.first or ends != window.past:
            return None
        return Kept([self.months[number] for number in self._numbers(window)], MONTH_DAYS)

    def _whole_days(self, window: Window, active: int) -> Kept | None:
        """The days of a window, of which so many had any event; None when not all of them are kept."""
        found = [bucket for day, bucket in self.days.kept.items() if window.first <= day < window.past]
        return Kept(found, 0) if len(found) == active else None

    def _seen(self, window: Window) -> Seen:
        """The people of a window with their days in it."""
        seen = Seen()
        for number in self._numbers(window):
            month, begins = self.months[number], first_of(number)
            shift = max(0, window.first - begins)
            mask = ((1 << max(0, min(window.past - begins, MONTH_DAYS))) - 1) >> shift << shift
            seen.add(month, mask)
        return seen

    def _told(self, kept: Kept) -> Iterator[tuple[str, int]]:
        """What is only known of whole buckets: events, and who uses which feature."""
        buckets, shift = kept
        level = max(bucket.level for bucket in buckets)
        used, people = 0, Counter[int]()
        bits_of: dict[int, int] = {}
        for bucket in buckets:
            used |= bucket.features
            for digest, bits in bucket.users.items():
                if not level or digest >> (HASH_BITS - level) == 0:
                    bits_of[digest] = bits_of.get(digest, 0) | bits >> shift
        for bits in bits_of.values():
            people.update(slot for slot in range(bits.bit_length()) if bits >> slot & 1)
        yield "usage/told", 1
        yield "usage/events", sum(bucket.events for bucket in buckets)
        yield "usage/features", used.bit_count()
        yield "usage/roles", len({role for bucket in buckets for role in bucket.roles})
        for name, slot in self.slots.items():
            if used >> slot & 1:
                yield f"feature_accounts/{name}", 1
                yield f"feature_users/{name}", people[slot] << level

    def pack(self) -> Any:
        """Plain data; `unpack` makes the same state of it."""
        months = {number: month.pack() for number, month in self.months.items()}
        names = [name for name, _ in sorted(self.slots.items(), key=lambda item: item[1])]
        return names, months, array("I", self.recent).tobytes(), self.days.pack()

    @classmethod
    def unpack(cls, packed: Any) -> "Usage":
        """The state that `pack` was given."""
        usage = cls()
        names, months, recent, days = packed
        usage.days = Days(days)
        usage.recent = dict.fromkeys(array("I", recent))
        usage.slots = {name: slot for slot, name in enumerate(names)}
        usage.months = {number: Bucket.unpack(month) for number, month in months.items()}
        return usage


def _open(buckets: dict[int, Bucket], number: int, most: int) -> Bucket | None:
    """A new bucket among the newest; None when it is older than all that are kept."""
    oldest = max((*buckets, number)) - most + 1
    for old in [known for known in buckets if known < oldest]:
        del buckets[old]
    if number < oldest:
        return None
    bucket = buckets[number] = Bucket()
    return bucket


def _count(bucket: Bucket, used: int, role: object, digest: int | None, bits: int, users_max: int) -> None:
    """One event more: of a feature, in a role, by a person, as far as these are known."""
    bucket.events += 1
    bucket.features |= used
    if type(role) is str and role not in bucket.roles and role:
        bucket.speak(role)
    if digest is not None:
        bucket.meet(digest, bits, users_max)
