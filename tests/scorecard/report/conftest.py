"""The read model that reports are made of: empty, and of what a business has agreed (`agreed`, which tests may have
otherwise).
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scorecard.model.database import Database
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile, default_scorecard
from streams.scorecard import opening


@pytest.fixture
def agreed() -> ScorecardFile:
    return default_scorecard()


@pytest.fixture
def source(tmp_path: Path, agreed: ScorecardFile) -> Iterator[Source]:
    with closing(Database(tmp_path / "model.db")) as database:
        yield opening.source(database, agreed)
