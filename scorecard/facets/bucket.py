"""What an account's people did on some days together: a calendar month, or a single day."""

from typing import Any

from xxhash import xxh3_64_intdigest

ROLES_MAX = 32

NAME_CHARS_MAX = 128

HASH_BITS = 64


class Bucket:
    """Owned by its Usage. Whatever the order in which the same events arrive, the same is kept."""

    __slots__ = ("days", "events", "features", "level", "roles", "users")

    def __init__(self) -> None:
        self.events = 0
        self.days = 0
        """Of a month, a bit for each day with any event."""
        self.features = 0
        """A bit for each slot."""
        self.roles: dict[str, int] = {}
        self.level = 0
        """Of people those are kept whose hash begins with so many zero bits."""
        self.users: dict[int, int] = {}
        """Hash of a person -> what is known of them, as bits."""

    def speak(self, role: str) -> None:
        """Somebody has a role; of more than ROLES_MAX those with the smallest hashes stay."""
        role = role[:NAME_CHARS_MAX]
        self.roles[role] = 0
        if len(self.roles) > ROLES_MAX:
            del self.roles[max(self.roles, key=hash_of)]

    def meet(self, digest: int, bits: int, users_max: int) -> None:
        """Add bits of a person; of more than `users_max` those of half the hashes are kept, and so on."""
        known = self.users.get(digest)
        if known is not None:
            if known | bits != known:
                self.users[digest] = known | bits
            return
        if self.level and digest >> (HASH_BITS - self.level):
            return
        self.users[digest] = bits
        while len(self.users) > users_max:
            self.level += 1
            cut = HASH_BITS - self.level
            self.users = {one: kept for one, kept in self.users.items() if one >> cut == 0}

    def forget(self, slot: int, shift: int) -> None:
        """A feature has lost its slot; `shift`: where the features begin in the bits of people."""
        self.features &= ~(1 << slot)
        for digest in self.users:
            self.users[digest] &= ~(1 << (shift + slot))

    def pack(self) -> Any:
        """Plain data; `unpack` makes the same of it."""
        users = {digest: _bytes(bits) for digest, bits in self.users.items()}
        return self.events, self.days, _bytes(self.features), sorted(self.roles), self.level, users

    @classmethod
    def unpack(cls, packed: Any) -> "Bucket":
        """What `pack` was given."""
        bucket = cls()
        bucket.events, bucket.days, features, roles, bucket.level, users = packed
        bucket.features = int.from_bytes(features, "little")
        bucket.roles = dict.fromkeys(roles, 0)
        bucket.users = {digest: int.from_bytes(bits, "little") for digest, bits in users.items()}
        return bucket


def hash_of(name: str) -> int:
    """64 bits, the same everywhere."""
    return xxh3_64_intdigest(name.encode())


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
