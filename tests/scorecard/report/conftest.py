"""The read model that reports are made of: empty, on each database, and of what a business has agreed (`agreed`, which
tests may have otherwise).
"""

from collections.abc import Callable

import pytest

from scorecard.model.database import Database
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile, default_scorecard
from streams.scorecard import opening
from tests.scorecard.model.places import new_database, new_place, postgresql

__all__ = ["new_database", "new_place", "postgresql"]


@pytest.fixture
def agreed() -> ScorecardFile:
    return default_scorecard()


@pytest.fixture
def source(new_database: Callable[[], Database], agreed: ScorecardFile) -> Source:
    return opening.source(new_database(), agreed)
