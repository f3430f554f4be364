"""What an account's people do in the product, by calendar month: A3 to A6.

Of a month are kept: events, the days with any, and of each person the days and the features; so distinct people and
active days are exact over any days, features and events over whole months. Bounded: MONTHS_MAX months, USERS_MAX people
in each (beyond, a sample by hash whose share is a power of two: Flajolet, "On adaptive sampling", Computing 43, 1990;
relative error about 1.2 / sqrt(USERS_MAX)), FEATURES_MAX features and ROLES_MAX roles (those of the smallest hashes).
Whatever the order in which the same events arrive, the same is kept.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Any

from xxhash import xxh3_64_intdigest

from scorecard.facets.window import Window, calendar, first_of
from scorecard.settings.usage import HealthyUsage
from scoring.days import DAY
from scoring.event import Event

MONTHS_MAX = 26
"""Months kept: two years, the running month, and one to compare the oldest with."""

USERS_MAX = 256
"""People kept exactly in a month: more than most accounts have, and 5 KB."""

FEATURES_MAX = 128
"""Features kept of an account: a list of more is a list of buttons."""

ROLES_MAX = 32

NAME_CHARS_MAX = 128

RECENT_MAX = 512
"""Messages remembered, so that one that is sent again does not count again: a busy account's half hour, a usual one's
month. Of each 32 bits are kept: one new message in ten million is taken for an old one."""

_RECENT = (1 << 32) - 1

HASH_BITS = 64
MONTH_DAYS = 31
_DAYS = (1 << MONTH_DAYS) - 1

NOT_FEATURES = frozenset({
    "session_started", "activation_step", "value_milestone", "signed_up", "signed_in", "signed_out", "account_created",
    "account_deleted", "account_added_user", "account_removed_user", "invite_sent", "trial_started", "trial_ended",
})  # fmt: skip
"""Events with a meaning of their own: without a property `feature` they are no use of one."""


class Month:
    """One calendar month of an account; owned by its Usage."""

    __slots__ = ("days", "events", "features", "level", "roles", "users")

    def __init__(self) -> None:
        self.events = 0
        self.days = 0
        self.features = 0
        self.roles: dict[str, int] = {}
        self.level = 0
        self.users: dict[int, int] = {}
        """Hash of a person -> the days (31 bits), and above them the features, a bit for each slot."""


class Usage:
    """State of one account; changed in place by whoever holds it."""

    __slots__ = ("months", "recent", "slots")

    def __init__(self) -> None:
        self.recent: dict[int, None] = {}
        """Hashes of the newest messages, in the order of their arrival."""
        self.months: dict[int, Month] = {}
        self.slots: dict[str, int] = {}
        """Feature -> its place in the bits of a month and of its people."""

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
        number, day = calendar(int(event.at // DAY))
        month = self.months.get(number) or self._open(number)
        if month is None:
            return
        bits = 1 << day
        month.events += 1
        month.days |= bits
        if slot >= 0:
            month.features |= 1 << slot
            bits |= 1 << (MONTH_DAYS + slot)
        role = properties.get("role")
        if type(role) is str and role not in month.roles and role:
            _keep_smallest(month.roles, role[:NAME_CHARS_MAX])
        user = event.user_id
        if user:
            digest = xxh3_64_intdigest(user.encode())
            known = month.users.get(digest)
            if known is None:
                _meet(month, digest, bits)
            elif known | bits != known:
                month.users[digest] = known | bits

    def _open(self, number: int) -> Month | None:
        """A new month; None when it is older than all that are kept."""
        oldest = max((*self.months, number)) - MONTHS_MAX + 1
        for old in [known for known in self.months if known < oldest]:
            del self.months[old]
        if number < oldest:
            return None
        month = self.months[number] = Month()
        return month

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
            last = max(self.slots, key=_hash)
            if _hash(name) >= _hash(last):
                return -1
            slot = self.slots.pop(last)
            for month in self.months.values():
                month.features &= ~(1 << slot)
                for digest in month.users:
                    month.users[digest] &= ~(1 << (MONTH_DAYS + slot))
        self.slots[name] = slot
        return slot

    def count(self, window: Window, healthy: HealthyUsage, seats: int) -> Iterator[tuple[str, int]]:
        """What adds up over accounts; `seats` are those bought, 0 where nobody said so."""
        seen = self._seen(window)
        whole = self._whole(window)
        if not seen.days and not (whole and any(month.events for month in whole)):
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
        if whole is not None:
            yield from self._whole_months(whole, seen.level)

    def roles(self, window: Window) -> int:
        """Distinct roles of the months that the window touches."""
        return len({role for number in self._numbers(window) for role in self.months[number].roles})

    def _numbers(self, window: Window) -> list[int]:
        first, last = calendar(window.first)[0], calendar(window.past - 1)[0]
        return [number for number in self.months if first <= number <= last]

    def _whole(self, window: Window) -> list[Month] | None:
        """The months of a window that is made of whole ones; None when it is not."""
        ends = first_of(calendar(window.past - 1)[0] + 1)
        if first_of(calendar(window.first)[0]) != window.first or ends != window.past:
            return None
        return [self.months[number] for number in self._numbers(window)]

    def _seen(self, window: Window) -> "Seen":
        """The people of a window with their days in it."""
        seen = Seen()
        for number in self._numbers(window):
            month, begins = self.months[number], first_of(number)
            shift = max(0, window.first - begins)
            mask = ((1 << max(0, min(window.past - begins, MONTH_DAYS))) - 1) >> shift << shift
            seen.add(month, mask)
        return seen

    def _whole_months(self, months: list[Month], level: int) -> Iterator[tuple[str, int]]:
        """What is only known of whole months: events, and who uses which feature."""
        used, people = 0, Counter[int]()
        bits_of: dict[int, int] = {}
        for month in months:
            used |= month.features
            for digest, bits in month.users.items():
                if not level or digest >> (HASH_BITS - level) == 0:
                    bits_of[digest] = bits_of.get(digest, 0) | bits >> MONTH_DAYS
        for bits in bits_of.values():
            people.update(slot for slot in range(bits.bit_length()) if bits >> slot & 1)
        yield "usage/whole_months", 1
        yield "usage/events", sum(month.events for month in months)
        yield "usage/features", used.bit_count()
        yield "usage/roles", len({role for month in months for role in month.roles})
        for name, slot in self.slots.items():
            if used >> slot & 1:
                yield f"feature_accounts/{name}", 1
                yield f"feature_users/{name}", people[slot] << level

    def pack(self) -> Any:
        """Plain data; `unpack` makes the same state of it."""
        months = {
            number: (month.events, month.days, _bytes(month.features), sorted(month.roles), month.level,
                     {digest: _bytes(bits) for digest, bits in month.users.items()})
            for number, month in self.months.items()
        }  # fmt: skip
        names = [name for name, _ in sorted(self.slots.items(), key=lambda item: item[1])]
        return names, months, array("I", self.recent).tobytes()

    @classmethod
    def unpack(cls, packed: Any) -> "Usage":
        """The state that `pack` was given."""
        usage = cls()
        names, months, recent = packed
        usage.recent = dict.fromkeys(array("I", recent))
        usage.slots = {name: slot for slot, name in enumerate(names)}
        for number, (events, days, features, roles, level, users) in months.items():
            month = usage.months[number] = Month()
            month.events, month.days, month.level = events, days, level
            month.features = int.from_bytes(features, "little")
            month.roles = dict.fromkeys(roles, 0)
            month.users = {digest: int.from_bytes(bits, "little") for digest, bits in users.items()}
        return usage


class Seen:
    """People and their days, collected over months of which some may be sampled."""

    def __init__(self) -> None:
        self.days = 0
        self.level = 0
        self._days_of: Counter[int] = Counter()

    def add(self, month: Month, mask: int) -> None:
        """The days of `mask` of one more month."""
        self.days += (month.days & mask).bit_count()
        self.level = max(self.level, month.level)
        for digest, bits in month.users.items():
            days = (bits & _DAYS & mask).bit_count()
            if days:
                self._days_of[digest] += days

    def _kept(self) -> Iterator[int]:
        return (
            days for digest, days in self._days_of.items() if not self.level or digest >> (HASH_BITS - self.level) == 0
        )

    @property
    def people(self) -> int:
        """Distinct people."""
        return sum(1 for _ in self._kept()) << self.level

    @property
    def person_days(self) -> int:
        """Days with usage, added up over people."""
        return sum(self._kept()) << self.level

    def on_at_least(self, days_min: int) -> int:
        """People who were there on so many days."""
        return sum(days >= days_min for days in self._kept()) << self.level


def _meet(month: Month, digest: int, bits: int) -> None:
    """A person new to the month; beyond USERS_MAX those of half the hashes are kept, and so on."""
    if month.level and digest >> (HASH_BITS - month.level):
        return
    month.users[digest] = bits
    while len(month.users) > USERS_MAX:
        month.level += 1
        cut = HASH_BITS - month.level
        month.users = {known: days for known, days in month.users.items() if known >> cut == 0}


def _keep_smallest(roles: dict[str, int], role: str) -> None:
    """Add a role; of more than ROLES_MAX those with the smallest hashes stay."""
    roles[role] = _hash(role)
    if len(roles) > ROLES_MAX:
        del roles[max(roles, key=_hash)]


def _hash(name: str) -> int:
    return xxh3_64_intdigest(name.encode())


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
