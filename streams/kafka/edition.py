"""An edition: one state of the configuration, ready to run, with the mark that everything done under it carries."""

from typing import NamedTuple

from plays.engine import Engine
from streams.configuration import Configuration
from streams.kafka.publication import Rebuilt
from streams.kafka.record import Stamp
from streams.vocabulary import Vocabulary


class OtherLayoutError(ValueError):
    """The records were written under a profile that keeps other things of an account."""


class Edition(NamedTuple):
    """What a worker runs."""

    engine: Engine
    vocabulary: Vocabulary
    stamp: Stamp
    rebuilt: Rebuilt | None = None
    """What all records are to be made from before anything is done under this edition; None for what they are."""

    @property
    def mark(self) -> str:
        """What records say that were made from it; empty for None."""
        return "" if self.rebuilt is None else self.rebuilt.mark


def edition(configuration: Configuration, position: int = -1, rebuilt: Rebuilt | None = None) -> Edition:
    """The edition of a configuration; position: where it stands in its topic, -1 if it comes from files."""
    engine = configuration.engine(publishing=False)
    if not engine.sparing:
        engine = configuration.engine()
    return Edition(engine, configuration.vocabulary, Stamp(configuration.digest, position), rebuilt)
