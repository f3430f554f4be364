"""The scorecard.yaml that a read model's figures are made with: noted in it, so that all who read it show the same."""

from collections.abc import Sequence

from scorecard.model.database import Database
from scorecard.model.facets import COUNTED_BY
from scorecard.model.schema import get, put
from scorecard.settings.file import ScorecardFile

NOTE = "scorecard"

KEPT_BY = (*COUNTED_BY, "products", "dimensions", "exposure")
"""Keys that kept figures hang on. With others, such as targets, the same figures are held against something else."""


def keep(database: Database, settings: ScorecardFile) -> None:
    """Note the settings. Only who computes figures may: a reader would tell of others than they are made with."""
    told = settings.model_dump_json()
    with database.writing() as connection:
        if get(connection, NOTE) != told:
            put(connection, NOTE, told)


def kept(database: Database) -> ScorecardFile | None:
    """The settings that the figures are made with; None where nobody has computed any."""
    with database.reading() as connection:
        told = get(connection, NOTE)
    return None if told is None else ScorecardFile.model_validate_json(told)


def differing(one: ScorecardFile, other: ScorecardFile) -> Sequence[str]:
    """The keys by which figures would be made otherwise."""
    return [name for name in KEPT_BY if getattr(one, name) != getattr(other, name)]
