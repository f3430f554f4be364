"""Where cohorts stand in their plays: one text, which means something to the plays alone; and what people answered."""

from collections.abc import Sequence

from scorecard.model import answers
from scorecard.model.answers import Answer
from scorecard.model.database import Database
from scorecard.model.schema import get, put

KEY = "cohort_episodes"


class Episodes:
    """Raises DatabaseError where the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> str | None:
        """As it was last written; None when it never was."""
        with self._database.reading() as connection:
            return get(connection, KEY)

    def write(self, text: str, before: str | None, *, durable: bool) -> bool:
        """In place of what stood there before; False when by now something else does, which then stays.

        durable: on the disk before this returns.
        """
        with self._database.writing(durable=durable) as connection:
            if get(connection, KEY) != before:
                return False
            put(connection, KEY, text)
            return True

    def answers(self, after: int) -> Sequence[Answer]:
        """What people said after a number, oldest first."""
        with self._database.reading() as connection:
            return answers.after(connection, after)

    def newest_answer(self) -> int:
        """Number of the last answer; 0 before the first."""
        with self._database.reading() as connection:
            return answers.newest(connection)
