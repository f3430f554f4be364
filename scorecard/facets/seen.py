"""Who was there on which days, over months."""

from collections import Counter
from collections.abc import Iterator

from scorecard.facets.bucket import HASH_BITS, Bucket

MONTH_DAYS = 31
_DAYS = (1 << MONTH_DAYS) - 1


class Seen:
    """People and their days, collected over months of which some may be sampled."""

    def __init__(self) -> None:
        self.days = 0
        self.level = 0
        self._days_of: Counter[int] = Counter()

    def add(self, month: Bucket, mask: int) -> None:
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
