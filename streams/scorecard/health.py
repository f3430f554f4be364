"""The scores that a service has published, for H1."""

from collections.abc import Mapping
from pathlib import Path

from scorecard.model.facets import Score
from streams.embedded.schema import StoreError, open_reader


def of_directory(directory: Path) -> Mapping[str, Score]:
    """The newest scores of all accounts in a data directory; none where it holds none."""
    try:
        connection = open_reader(directory)
    except StoreError:
        return {}
    try:
        rows = connection.execute("SELECT account_id, score, coverage, band FROM health WHERE score IS NOT NULL")
        return {row["account_id"]: Score(row["score"], row["coverage"], row["band"] or "") for row in rows}
    finally:
        connection.close()
