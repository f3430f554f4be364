"""Which event name means what: "QBR Done", "qbr-completed", "Business Review Held" all mean `qbr_completed`.

The names that are shipped stand in `vocabulary.yaml`; a file of the user's own goes on top of them.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field

from scoring.document import SCHEMA_DIALECT, Document, DocumentError, Problem, read

Stream = Literal["usage", "cs", "advocacy", "revenue", "accounts"]
STREAMS: tuple[str, ...] = get_args(Stream)

UNKNOWN_STREAM = "usage"
"""What the vocabulary does not know is a product event: only those have names that we cannot foresee."""

NAMES_KEPT_MAX = 4_096
"""Sent names whose meaning is kept at hand. A product has hundreds; made-up names must not fill the memory."""

EVENTS_MAX = 1_000
NAMES_MAX = 100
"""Bounds of the file: it is written by people."""

_FOLDED = str.maketrans("", "", " _-")

EventId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=256)]


class Meaning(NamedTuple):
    """What a sent name stands for."""

    stream: str
    name: str
    """The vocabulary's id, or the name as sent where the vocabulary does not know it."""


class Known(BaseModel):
    """An event that the product, or its user, has a word for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream: Stream = Field(description="Which stream the event belongs to.")
    names: list[Name] = Field(
        [],
        max_length=NAMES_MAX,
        description="Names that mean this event; the id always does. Case, spaces, - and _ do not count.",
    )
    about: str = Field("", description="What it means, and the properties that are read from it.")


class Renamed(BaseModel):
    """The user's word on an event that the product knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream: Stream | None = Field(None, description="Another stream than the shipped one.")
    names: list[Name] | None = Field(
        None,
        max_length=NAMES_MAX,
        description="Names that mean this event, in place of the shipped ones; the id always does.",
    )


class VocabularyFile(BaseModel):
    """Which of your event names mean what."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", title="accountpulse vocabulary", json_schema_extra={"$schema": SCHEMA_DIALECT}
    )

    events: dict[EventId, Renamed] = Field(
        {}, max_length=EVENTS_MAX, description="Events that accountpulse knows, by their id."
    )
    own: dict[EventId, Known] = Field(
        {}, max_length=EVENTS_MAX, description="Events of your own, to count under one name in your profile."
    )


class _ShippedFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    events: dict[EventId, Known]


class Meanings(dict[str, Meaning]):
    """Sent name -> what it means, for every text; forgets what it has looked up when that has grown too much."""

    def __init__(self, by_folded: Mapping[str, Meaning]) -> None:
        super().__init__()
        self._by_folded = by_folded

    def __missing__(self, sent: str) -> Meaning:
        meaning = self._by_folded.get(fold(sent))
        if meaning is None:
            meaning = Meaning(UNKNOWN_STREAM, sent)
        if len(self) >= NAMES_KEPT_MAX:
            self.clear()
        self[sent] = meaning
        return meaning


class Vocabulary:
    """The events that are known, and the meaning of every name.

    >>> shipped().meanings["QBR Completed"]
    Meaning(stream='cs', name='qbr_completed')
    >>> shipped().meanings["Invoice exported"]
    Meaning(stream='usage', name='Invoice exported')
    """

    def __init__(self, known: Mapping[str, Known]) -> None:
        self.known = known
        by_folded = {
            fold(name): Meaning(event.stream, event_id) for event_id, event in known.items() for name in event.names
        }
        by_folded.update((fold(event_id), Meaning(event.stream, event_id)) for event_id, event in known.items())
        self.meanings = Meanings(by_folded)


def fold(name: str) -> str:
    """A name without what people write differently: case, spaces, underscores and hyphens.

    >>> fold("QBR-completed") == fold("qbr_completed") == fold("Qbr Completed")
    True
    """
    return name.casefold().translate(_FOLDED)


def shipped() -> Vocabulary:
    """The vocabulary as shipped."""
    return Vocabulary(_shipped())


def load(text: str, *, file: str) -> Vocabulary:
    """The shipped vocabulary with the user's file on top; DocumentError with every problem in it.

    A name that the file gives to one event is taken from any other that it meant as shipped.
    """
    document = read(text, file=file, model=VocabularyFile)
    known = dict(_shipped())
    problems = [*_misplaced_ids(document, known), *_claimed_twice(document, known)]
    if problems:
        raise DocumentError(problems)
    own_names = {fold(name) for _, name in _names(document.model)}
    for event_id, event in known.items():
        kept = [name for name in event.names if fold(name) not in own_names]
        renamed = document.model.events.get(event_id, Renamed())
        known[event_id] = Known(
            stream=renamed.stream or event.stream,
            names=kept if renamed.names is None else renamed.names,
            about=event.about,
        )
    return Vocabulary({**known, **document.model.own})


@cache  # reading it takes a tenth of a second, and it does not change
def _shipped() -> Mapping[str, Known]:
    text = files("streams").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    return read(text, file="vocabulary.yaml", model=_ShippedFile).model.events


Path = Sequence[str | int]


def _names(model: VocabularyFile) -> list[tuple[Path, str]]:
    """Every name in the file with its path, the own ids among them."""
    found: list[tuple[Path, str]] = []
    for event_id, renamed in model.events.items():
        found += [(("events", event_id, "names", index), name) for index, name in enumerate(renamed.names or ())]
    for event_id, event in model.own.items():
        found.append((("own", event_id), event_id))
        found += [(("own", event_id, "names", index), name) for index, name in enumerate(event.names)]
    return found


def _misplaced_ids(document: Document[VocabularyFile], known: Mapping[str, Known]) -> list[Problem]:
    problems = []
    for event_id in document.model.events:
        if event_id not in known:
            near = get_close_matches(event_id, known, n=1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            message = f"no event of this id is known{hint}; an event of your own goes under `own`"
            problems.append(document.problem(("events", event_id), message))
    return problems + [
        document.problem(("own", event_id), "this event is known already: it goes under `events`")
        for event_id in document.model.own
        if event_id in known
    ]


def _claimed_twice(document: Document[VocabularyFile], known: Mapping[str, Known]) -> list[Problem]:
    """Names that would mean two events: within the file, or the id of another event."""
    owners = {fold(event_id): event_id for event_id in known}
    problems = []
    for path, name in _names(document.model):
        event_id, folded = str(path[1]), fold(name)
        if not folded:
            problems.append(document.problem(path, "a name must hold more than spaces, - and _"))
        elif owners.setdefault(folded, event_id) != event_id:
            problems.append(document.problem(path, f"this name means {owners[folded]} already; a name means one event"))
    return problems
