"""Where accounts are on their journey, how long, and whether they went on in time: O4 (stages) and O5."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scorecard.facets.facet import Known
from scorecard.facets.note import Note, note, text
from scorecard.facets.window import Window
from scorecard.settings.operations import Journey as Settings
from scoring.days import day_of
from scoring.event import Event

NOWHERE = "(none)"
"""The stage of an account of which none was ever said."""


ENTERED = "entered"
"""What a note says."""


def entered_by(number: int) -> str:
    """What a note says of an account joined with another one, which has gone its own way: 1 for the first."""
    return f"{ENTERED}/{number}"


class Way(NamedTuple):
    """How one account went on."""

    steps: Sequence[Note]
    """Into each stage, by time; at least one."""
    goes_on: bool
    """Whether its next step is still to come: not of one that has left, nor of one merged into another."""


class Journey:
    """Stages in lower case. An account that is told its own stage again stays where it is.

    Of accounts that are one each step counts (O4): in another account's steps there would be neither its delays nor its
    promptness. Where the entity is, and since when, the account says that stands for the others; where none was ever
    said of that, the newest step of the others does.
    """

    names = frozenset({"journey_stage_changed"})

    def __init__(self, settings: Settings) -> None:
        self._allowed = {name: stage.within_days for name, stage in settings.stages.items()}

    def note(self, event: Event) -> Note | None:
        stage = text(event, "stage").lower()
        return note(event, ENTERED, stage) if stage else None

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        ways = _ways(notes, window, known)
        said = str(known.traits.get("stage") or "").lower()
        told = ways.get(ENTERED)
        if told is None and not said:
            told = max(ways.values(), key=_newest, default=None)
        if known.active:
            stage = told.steps[-1].key if told else said or NOWHERE
            yield f"stage_accounts/{stage}", 1
            if told:
                yield f"stage_dated/{stage}", 1
                yield f"stage_days/{stage}", window.until - day_of(told.steps[-1].at)
        for stage in {step.key for way in ways.values() for step in way.steps if step.at in window}:
            yield f"stage_entered/{stage}", 1
        for way in ways.values():
            yield from self._in_time(way, window)

    def _in_time(self, way: Way, window: Window) -> Iterator[tuple[str, int]]:
        """Stages that had to be left by a day of the window, and those that were."""
        for step, left in zip(way.steps, [*way.steps[1:], None], strict=True):
            allowed = self._allowed.get(step.key)
            if allowed is None or (left is None and not way.goes_on):
                continue
            due = day_of(step.at) + allowed
            if window.first <= due < window.until:
                yield "stages/due", 1
                yield "stages/on_time", int(left is not None and day_of(left.at) <= due)


def _ways(notes: Sequence[Note], window: Window, known: Known) -> Mapping[str, Way]:
    """By what the notes say: ENTERED, and that of each account joined with it."""
    steps: dict[str, list[Note]] = {}
    for said in notes:
        way = steps.setdefault(said.what, [])
        if said.at < window.closes and not (way and way[-1].key == said.key):
            way.append(said)
    ended = {entered_by(number) for number in known.ended}
    return {what: Way(way, known.active and what not in ended) for what, way in steps.items() if way}


def _newest(way: Way) -> tuple[bool, Note]:
    """Those that go on come last, and by their last step."""
    return way.goes_on, way.steps[-1]
