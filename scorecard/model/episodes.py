"""Where cohorts stand in their plays: one text, which means something to the plays alone."""

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

    def write(self, text: str) -> None:
        """In its place."""
        with self._database.writing() as connection:
            put(connection, KEY, text)
