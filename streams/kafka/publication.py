"""A message of the configuration topic: the texts of a configuration, and whether they can be used.

Everybody who reads one decides by its bytes and by the layout of the records alone, so all workers of one version of
the program decide alike.
"""

from typing import NamedTuple

import msgspec

from scoring.document import DocumentError
from scoring.profile import Profile, unlike
from streams.configuration import Configuration, Texts, read

FORMAT = 1

PROBLEMS_MAX = 5
"""Of a bad file, so many go into the log; `profile check` and `plays check` tell all."""


class RefusedError(ValueError):
    """It can't be used: why."""


class File(NamedTuple):
    """One of the texts, and what it was called where it was published."""

    text: str
    name: str


class Publication(msgspec.Struct, frozen=True):
    """What is published. The key of the message is the digest, so that compaction keeps every configuration once."""

    digest: str
    """Of the texts; who reads them makes it anew."""

    profile: File
    plays: File
    vocabulary: File | None = None
    format: int = FORMAT

    @property
    def texts(self) -> Texts:
        """What it holds."""
        own = self.vocabulary
        return Texts(
            (self.profile.text, self.profile.name), (self.plays.text, self.plays.name), own and (own.text, own.name)
        )


class Reference(NamedTuple):
    """What the records are like."""

    signature: str
    """Of their layout."""

    profile: Profile | None = None
    """One with that layout, to tell what differs; None when none is at hand."""


def encode(texts: Texts) -> tuple[bytes, bytes]:
    """Key and value of the message."""
    own = None if texts.vocabulary is None else File(*texts.vocabulary)
    made = Publication(texts.digest, File(*texts.profile), File(*texts.plays), own)
    return made.digest.encode(), msgspec.json.encode(made)


def decode(value: bytes) -> Publication:
    """The publication; RefusedError when the message is none, or not whole."""
    try:
        found = msgspec.json.decode(value, type=Publication)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RefusedError(f"it is no configuration of `accountpulse configuration publish`: {error}") from None
    if found.format != FORMAT:
        raise RefusedError(f"format {found.format}; this version of the program knows {FORMAT}")
    digest = found.texts.digest
    if digest != found.digest:
        raise RefusedError(f"its texts were changed on the way: their digest is {digest}, not {found.digest}")
    return found


def judge(value: bytes, reference: Reference | None) -> Configuration:
    """The configuration that a message holds; RefusedError when it can't be used. reference: None when there are no
    records yet.
    """
    found = decode(value)
    try:
        configuration = read(found.texts)
    except DocumentError as error:
        told = "; ".join(str(problem) for problem in error.problems[:PROBLEMS_MAX])
        more = len(error.problems) - PROBLEMS_MAX
        raise RefusedError(told + (f"; and {more} more" if more > 0 else "")) from None
    except Exception as error:
        # a text on which our reading fails is refused like any other, or it would end every worker, and at each start
        raise RefusedError(f"it can't be read: {type(error).__name__}: {error}") from error
    check_layout(configuration.profile, reference)
    return configuration


def check_layout(profile: Profile, reference: Reference | None) -> None:
    """RefusedError when records can't be read under a profile, naming what differs."""
    if reference is None or profile.layout.signature == reference.signature:
        return
    what = "other things are counted" if reference.profile is None else ", ".join(unlike(reference.profile, profile))
    raise RefusedError(
        f"profile {profile.label} needs something of the events that the records do not hold: {what}; the records would"
        " have to be rebuilt from the events' topics, which this version does not do"
    )
