"""Where accounts are on their journey, how long, and whether they went on in time: O4 (stages) and O5."""

from collections.abc import Iterator, Sequence

from scorecard.facets.facet import Known
from scorecard.facets.note import Note, note, text
from scorecard.facets.window import Window
from scorecard.settings.operations import Journey as Settings
from scoring.days import day_of
from scoring.event import Event

NOWHERE = "(none)"
"""The stage of an account of which none was ever said."""


class Journey:
    """Stages in lower case. An account that is told its own stage again stays where it is."""

    names = frozenset({"journey_stage_changed"})

    def __init__(self, settings: Settings) -> None:
        self._allowed = {name: stage.within_days for name, stage in settings.stages.items()}

    def note(self, event: Event) -> Note | None:
        stage = text(event, "stage").lower()
        return note(event, "entered", stage) if stage else None

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        entered = [said for said in notes if said.at < window.closes]
        steps = [said for said, before in zip(entered, [None, *entered], strict=False) if not _same(said, before)]
        stage = steps[-1].key if steps else str(known.traits.get("stage") or NOWHERE).lower()
        if known.active:
            yield f"stage_accounts/{stage}", 1
            if steps:
                yield f"stage_dated/{stage}", 1
                yield f"stage_days/{stage}", window.until - day_of(steps[-1].at)
        for step in steps:
            if step.at in window:
                yield f"stage_entered/{step.key}", 1
        yield from self._in_time(steps, window, known)

    def _in_time(self, steps: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        """Stages that had to be left by a day of the window, and those that were."""
        for step, left in zip(steps, [*steps[1:], None], strict=False):  # of no steps, none is the last
            allowed = self._allowed.get(step.key)
            if allowed is None or (left is None and not known.active):
                continue
            due = day_of(step.at) + allowed
            if window.first <= due < window.until:
                yield "stages/due", 1
                yield "stages/on_time", int(left is not None and day_of(left.at) <= due)


def _same(said: Note, before: Note | None) -> bool:
    return before is not None and before.key == said.key
