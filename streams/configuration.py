"""Profile, playbook and vocabulary as the user chose them, or as shipped, checked against each other before
anything starts.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b
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


DIGEST_BYTES = 8
"""Of what tells configurations apart: enough for more of them than people write."""


class Texts(NamedTuple):
    """A configuration as it is written: of each file its text, and its name for errors."""

    profile: tuple[str, str]
    plays: tuple[str, str]
    vocabulary: tuple[str, str] | None
    """None for the shipped one alone."""

    @property
    def digest(self) -> str:
        """The same for the same texts, whatever the files are called: hex, 16 digits."""
        texts = [self.profile[0], self.plays[0], self.vocabulary and self.vocabulary[0]]
        return blake2b(json.dumps(texts).encode(), digest_size=DIGEST_BYTES).hexdigest()


class Configuration(NamedTuple):
    """Everything that decides what events mean, what they are worth and what follows."""

    profile: Profile
    playbook: Playbook
    vocabulary: Vocabulary
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Shipped plays that do not fit the profile, each with the names of what it looks at and the profile lacks."""

    digest: str = ""
    """Of the texts that it was read from; empty when it was not."""

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


def texts_of(profile: Path | None = None, plays: Path | None = None, vocabulary: Path | None = None) -> Texts:
    """The texts of these files; what is None is as shipped. Raises DocumentError when one can't be read."""
    own = None if vocabulary is None else text_of(vocabulary, "vocabulary")
    return Texts(text_of(profile, "profile"), text_of(plays, "plays"), own)


def load(profile: Path | None = None, plays: Path | None = None, vocabulary: Path | None = None) -> Configuration:
    """The configuration of these files; what is None is as shipped; of the shipped plays, those that fit the profile.

    Raises DocumentError with every problem of the first bad file.
    """
    return read(texts_of(profile, plays, vocabulary), fitting=plays is None)


def read(texts: Texts, *, fitting: bool = False) -> Configuration:
    """The configuration of these texts. Raises DocumentError with every problem of the first bad one; `fitting` leaves
    out plays that do not fit the profile instead: for plays that nobody asked for.
    """
    text, file = texts.profile
    profile = load_profile(text, file=file)
    playbook, left_out = _plays(texts.plays, names(profile), fitting=fitting)
    vocabulary = vocabularies.shipped()
    if texts.vocabulary is not None:
        text, file = texts.vocabulary
        vocabulary = vocabularies.load(text, file=file)
    return Configuration(profile, playbook, vocabulary, left_out, texts.digest)


def _plays(
    named: tuple[str, str], variables: Names, *, fitting: bool
) -> tuple[Playbook, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The playbook of a text, or of what of it fits, with what was left out."""
    text, file = named
    try:
        return load_playbook(text, file=file, profile_names=variables), ()
    except DocumentError:
        if not fitting:
            raise
    playbook = load_playbook(text, file=file, profile_names=variables, fitting=True)
    every = starter_playbook(names(default_profile()))
    unfit = [play_id for play_id in every.plays if play_id not in playbook.plays]
    return playbook, tuple((play_id, _lacking(every.names_of(play_id), variables)) for play_id in unfit)


def _lacking(used: Iterable[str], variables: Names) -> tuple[str, ...]:
    """What is used and not there; a metric is named once, whether its value is asked for or only if it is known."""
    lacking = {name for name in used if name not in variables and not name.startswith(TRAITS)}
    return tuple(sorted({f"metrics.{name[6:]}" if name.startswith("known.") else name for name in lacking}))
