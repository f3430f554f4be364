"""JSON Schemas of the files that people write, for their editors: what the commands give out, as files."""

from plays.case import CaseFile
from plays.cohort import CohortPlaysFile
from plays.play import PlaybookFile
from scorecard.settings.file import ScorecardFile
from scoring.profile_file import ProfileFile
from streams.commands.init import schema_text
from streams.vocabulary import VocabularyFile


def profile() -> str:
    """Of a profile."""
    return schema_text(ProfileFile)


def plays() -> str:
    """Of a play file."""
    return schema_text(PlaybookFile)


def cases() -> str:
    """Of a test file for plays."""
    return schema_text(CaseFile)


def cohort_plays() -> str:
    """Of a file of plays over cohorts."""
    return schema_text(CohortPlaysFile)


def scorecard() -> str:
    """Of a scorecard."""
    return schema_text(ScorecardFile)


def vocabulary() -> str:
    """Of a vocabulary."""
    return schema_text(VocabularyFile)
