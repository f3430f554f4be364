"""Profile, playbook and vocabulary as the user chose them, or as shipped, checked against each other before
anything starts.
"""

from importlib import resources
from pathlib import Path
from typing import NamedTuple

from plays.engine import Engine, names
from plays.playbook import Playbook, load_playbook
from scoring.document import DocumentError, Problem
from scoring.profile import Profile, load_profile
from streams import vocabulary as vocabularies
from streams.vocabulary import Vocabulary

SHIPPED = {
    "profile": ("scoring", "default_profile.yaml"),
    "plays": ("plays", "starter.yaml"),
    "vocabulary": ("streams", "vocabulary.yaml"),
}


class Configuration(NamedTuple):
    """Everything that decides what events mean, what they are worth and what follows."""

    profile: Profile
    playbook: Playbook
    vocabulary: Vocabulary

    def engine(self, *, publishing: bool = True) -> Engine:
        """The core under this configuration."""
        return Engine(self.profile, self.playbook, publishing=publishing)


def shipped(kind: str) -> str:
    """The text of the shipped profile, plays or vocabulary."""
    package, name = SHIPPED[kind]
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def text_of(path: Path | None, kind: str) -> tuple[str, str]:
    """(text, name for errors) of a file, or of what is shipped when there is none. Raises DocumentError when it
    can't be read.
    """
    if path is None:
        return shipped(kind), SHIPPED[kind][1]
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError([Problem(str(path), 1, "", "", f"can't be read: {error}")]) from error


def load(profile: Path | None = None, plays: Path | None = None, vocabulary: Path | None = None) -> Configuration:
    """The configuration of these files; what is None is as shipped; of the shipped plays, those that
    fit the profile. Raises DocumentError with every problem of the first bad file."""
    text, file = text_of(profile, "profile")
    loaded_profile = load_profile(text, file=file)
    text, file = text_of(plays, "plays")
    playbook = load_playbook(text, file=file, profile_names=names(loaded_profile), fitting=plays is None)
    if vocabulary is None:
        return Configuration(loaded_profile, playbook, vocabularies.shipped())
    text, file = text_of(vocabulary, "vocabulary")
    return Configuration(loaded_profile, playbook, vocabularies.load(text, file=file))
