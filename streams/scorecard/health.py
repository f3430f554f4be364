"""The scores that a service has published, for H1."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection, OperationalError

from scorecard.model.facet_scores import Score
from streams.embedded.schema import StoreError, open_reader
from streams.kafka.service.tables import open_reader as open_model

OF_LOG = "SELECT account_id, score, coverage, band FROM health WHERE score IS NOT NULL"
OF_TOPICS = (
    "SELECT account_id, score, json_extract(body, '$.coverage') AS coverage, band FROM health WHERE score IS NOT NULL"
)


def of_directory(directory: Path, *, on_kafka: bool = False) -> Mapping[str, Score]:
    """The newest scores of all accounts in a data directory; none where it holds none."""
    try:
        with _opened(directory, on_kafka=on_kafka) as connection:
            rows = connection.execute(OF_TOPICS if on_kafka else OF_LOG)
            return {row["account_id"]: Score(row["score"], row["coverage"] or 0.0, row["band"] or "") for row in rows}
    except (StoreError, OperationalError):
        return {}


@contextmanager
def _opened(directory: Path, *, on_kafka: bool) -> Iterator[Connection]:
    connection = open_model(directory) if on_kafka else open_reader(directory)
    try:
        yield connection
    finally:
        connection.close()
