"""Where read models may live, for the tests of this folder."""

from tests.scorecard.model.places import new_database, new_place, postgresql

__all__ = ["new_database", "new_place", "postgresql"]
