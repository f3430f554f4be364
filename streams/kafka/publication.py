"""A message of the configuration topic: the texts of a configuration, and whether they can be used.

Everybody who reads one decides by its bytes and by the layout of the records alone, so all workers of one version of
the program decide alike.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from scoring.document import DocumentError
from scoring.profile import Profile, unlike
from streams.configuration import Configuration, Texts, read

FORMAT = 1

SWITCH_FORMAT = 2
"""Of a message that names a namespace: what does not know of them must not take it for one that does not."""

MARK_BYTES = 8

PROBLEMS_MAX = 5
"""Of a bad file, so many go into the log; `profile check` and `plays check` tell all."""


class RefusedError(ValueError):
    """It can't be used: why."""


class File(NamedTuple):
    """One of the texts, and what it was called where it was published."""

    text: str
    name: str


class Rebuilt(msgspec.Struct, frozen=True):
    """Records that were made anew in a namespace, which the workers are to go on from."""

    namespace: str
    seals: tuple[int, ...]
    """By partition: the offset of the namespace's topic up to which it counts."""

    ends: tuple[tuple[int, ...], ...]
    """By partition, and by stream: the offset of the first message that is not in these records."""

    @property
    def mark(self) -> str:
        """What a record that was made from these says so by: hex, 16 digits."""
        return blake2b(msgspec.json.encode(self), digest_size=MARK_BYTES).hexdigest()


class Publication(msgspec.Struct, frozen=True):
    """What is published. The key of the message is the digest, so that compaction keeps every configuration once; of a
    switch it is the digest and the mark, so that none is dropped before it took place.
    """

    digest: str
    """Of the texts; who reads them makes it anew."""

    profile: File
    plays: File
    vocabulary: File | None = None
    format: int = FORMAT
    rebuilt: Rebuilt | None = None
    """The records to go on from; None for those that there are."""

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

    made: str = ""
    """The mark of what they were made from; empty when they were not rebuilt, or when that is not known."""


Check = Callable[[Rebuilt, str], None]
"""Whether the records of a namespace can be gone on from, under a layout's signature; RefusedError when they can't."""


def publication(texts: Texts, rebuilt: Rebuilt | None = None) -> Publication:
    """What is published of texts; rebuilt: what to go on from."""
    own = None if texts.vocabulary is None else File(*texts.vocabulary)
    form = FORMAT if rebuilt is None else SWITCH_FORMAT
    return Publication(texts.digest, File(*texts.profile), File(*texts.plays), own, form, rebuilt)


def encode(texts: Texts, rebuilt: Rebuilt | None = None) -> tuple[bytes, bytes]:
    """Key and value of the message."""
    key = texts.digest if rebuilt is None else f"{texts.digest}-{rebuilt.mark}"
    return key.encode(), msgspec.json.encode(publication(texts, rebuilt))


def decode(value: bytes) -> Publication:
    """The publication; RefusedError when the message is none, or not whole."""
    try:
        found = msgspec.json.decode(value, type=Publication)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RefusedError(f"it is no configuration of `accountpulse configuration publish`: {error}") from None
    if found.format != (FORMAT if found.rebuilt is None else SWITCH_FORMAT):
        raise RefusedError(
            f"format {found.format}; this version of the program knows {FORMAT}, and {SWITCH_FORMAT} with a namespace"
        )
    digest = found.texts.digest
    if digest != found.digest:
        raise RefusedError(f"its texts were changed on the way: their digest is {digest}, not {found.digest}")
    return found


def _none(rebuilt: Rebuilt, signature: str) -> None:
    raise RefusedError(f"there is no namespace {rebuilt.namespace!r}")


def judge(value: bytes, reference: Reference | None, check: Check = _none) -> Configuration:
    """The configuration that a message holds; RefusedError when it can't be used. reference: None when there are no
    records yet; check: looks at the namespace that the message names.
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
    if found.rebuilt is None:
        check_layout(configuration.profile, reference)
    elif reference is None or reference.made != found.rebuilt.mark:
        check(found.rebuilt, configuration.profile.layout.signature)
    return configuration


def check_layout(profile: Profile, reference: Reference | None) -> None:
    """RefusedError when records can't be read under a profile, naming what differs."""
    if reference is None or profile.layout.signature == reference.signature:
        return
    what = "other things are counted" if reference.profile is None else ", ".join(unlike(reference.profile, profile))
    raise RefusedError(
        f"profile {profile.label} needs something of the events that the records do not hold: {what}; rebuild the"
        " records under it: `accountpulse replay --from-kafka --into-namespace NAME`"
    )
