"""What the process that feeds the scorecard is told, and what it tells."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from scorecard.model.database import FILE_NAME, check_url
from scorecard.settings.file import ScorecardFile
from streams.vocabulary import Vocabulary

if TYPE_CHECKING:
    from streams.kafka.settings import Settings as KafkaSettings


class Order(NamedTuple):
    """From where to where, and by which files."""

    directory: Path
    """Of the service: with its log, or, on Kafka, with its read model."""
    place: Path | str
    """Of the scorecard's read model: a file, or the URL of a database."""
    settings: ScorecardFile
    vocabulary: Vocabulary
    topics: "tuple[KafkaSettings, dict[str, str]] | None" = None
    """On Kafka: how to reach them, and their ids by name."""


def place(directory: Path, url: str | None) -> Path | str:
    """Of a service's read model: in its data directory, unless there is a URL. DatabaseError where that is none."""
    if not url:
        return directory / FILE_NAME
    check_url(url)
    return url


class State(msgspec.Struct):
    """A line that the process writes now and then."""

    behind: int
    """Messages of its sources that it has not taken."""
    unsettled: int
    """Accounts whose figures lag behind what came of them, and periods that are being built."""
    money: int
    """Of the messages, those that the ledger has not taken: figures of money hang on no others."""


encode = msgspec.json.Encoder().encode
decode: Any = msgspec.json.Decoder(State).decode
