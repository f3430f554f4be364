"""An edition: one state of the configuration, ready to run, with the mark that everything done under it carries."""

from typing import NamedTuple

from plays.engine import Engine
from streams.configuration import Configuration
from streams.kafka.record import Stamp
from streams.vocabulary import Vocabulary


class Edition(NamedTuple):
    """What a worker runs."""

    engine: Engine
    vocabulary: Vocabulary
    stamp: Stamp


def edition(configuration: Configuration, position: int = -1) -> Edition:
    """The edition of a configuration; position: where it stands in its topic, -1 if it comes from files."""
    engine = configuration.engine(publishing=False)
    if not engine.sparing:
        engine = configuration.engine()
    return Edition(engine, configuration.vocabulary, Stamp(configuration.digest, position))
