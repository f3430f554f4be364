"""Profile, playbook and vocabulary as the user chose them, or as shipped, checked against each other before
anything starts.
"""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from plays.condition import Names
from plays.engine import Engine, names
from plays.playbook import Playbook, load_playbook, starter_playbook
from plays.reason import TRAITS
from scoring.document import DocumentError, Problem
from scoring.profile import Profile, default_profile, load_profile
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
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Shipped plays that do not fit the profile, each with the names of what it looks at and the profile lacks."""

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
    """The configuration of these files; what is None is as shipped; of the shipped plays, those that fit the profile.

    Raises DocumentError with every problem of the first bad file.
    """
    text, file = text_of(profile, "profile")
    loaded_profile = load_profile(text, file=file)
    variables = names(loaded_profile)
    playbook, left_out = _plays(plays, variables)
    if vocabulary is None:
        return Configuration(loaded_profile, playbook, vocabularies.shipped(), left_out)
    text, file = text_of(vocabulary, "vocabulary")
    return Configuration(loaded_profile, playbook, vocabularies.load(text, file=file), left_out)


def _plays(path: Path | None, variables: Names) -> tuple[Playbook, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The playbook of a file, or of what is shipped and fits, with what was left out of that."""
    text, file = text_of(path, "plays")
    try:
        return load_playbook(text, file=file, profile_names=variables), ()
    except DocumentError:
        if path is not None:
            raise
    playbook = load_playbook(text, file=file, profile_names=variables, fitting=True)
    every = starter_playbook(names(default_profile()))
    unfit = [play_id for play_id in every.plays if play_id not in playbook.plays]
    return playbook, tuple((play_id, _lacking(every.names_of(play_id), variables)) for play_id in unfit)


def _lacking(used: Iterable[str], variables: Names) -> tuple[str, ...]:
    """What is used and not there; a metric is named once, whether its value is asked for or only if it is known."""
    lacking = {name for name in used if name not in variables and not name.startswith(TRAITS)}
    return tuple(sorted({f"metrics.{name[6:]}" if name.startswith("known.") else name for name in lacking}))
