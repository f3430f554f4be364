"""Cohorts by number: the combinations of values that entities have, over all dimensions that are kept."""

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, func, select

from scorecard.model.tables import cohort_values, cohorts
from scorecard.model.terms import EVERYBODY
from scorecard.model.upsert import among, portions

NO_COHORT = 0
"""Of what is kept of everybody alone."""

Values = tuple[str, ...]
"""One for each dimension, in the order of Terms.dimensions."""


class Cohorts:
    """Of one transaction."""

    def __init__(self, connection: Connection, dimensions: Sequence[str]) -> None:
        self._connection = connection
        self._dimensions = dimensions
        self._numbers: dict[Values, int] = {}
        self._values: dict[int, Values] = {}

    def number(self, values: Values) -> int:
        """The number of a combination; one that is new gets one."""
        number = self._numbers.get(values)
        if number is None:
            number = self._find(values) or self._add(values)
            self._numbers[values], self._values[number] = number, values
        return number

    def load(self, numbers: Iterable[int]) -> None:
        """Look many combinations up together, in place of those that were looked up before."""
        self._values.clear()
        for some in portions(sorted({*numbers})):
            query = select(cohorts.c.id, cohorts.c.key).where(among(self._connection, cohorts.c.id, some))
            self._values |= {number: tuple(json.loads(key)) for number, key in self._connection.execute(query)}

    def values(self, number: int) -> Values:
        """The combination with a number."""
        values = self._values.get(number)
        if values is None:
            key = self._connection.execute(select(cohorts.c.key).where(cohorts.c.id == number)).scalar_one()
            values = self._values[number] = tuple(json.loads(key))
        return values

    def places(self, number: int) -> Iterator[tuple[str, str]]:
        """Dimension and value of all sums that an entity of this cohort is part of."""
        yield EVERYBODY, ""
        if number != NO_COHORT:
            yield from zip(self._dimensions, self.values(number), strict=True)

    def _find(self, values: Values) -> int | None:
        return self._connection.execute(select(cohorts.c.id).where(cohorts.c.key == _key(values))).scalar()

    def _add(self, values: Values) -> int:
        number = (self._connection.execute(select(func.max(cohorts.c.id))).scalar() or 0) + 1
        self._connection.execute(cohorts.insert().values(id=number, key=_key(values)))
        rows = [
            {"cohort": number, "dimension": dimension, "value": value}
            for dimension, value in zip(self._dimensions, values, strict=True)
        ]
        if rows:
            self._connection.execute(cohort_values.insert(), rows)
        return number


def _key(values: Values) -> str:
    return json.dumps(values, ensure_ascii=False)
