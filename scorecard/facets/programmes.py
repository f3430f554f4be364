"""Engagement in success programmes and programmes for customers, for L1."""

from collections.abc import Iterator, Sequence

from scorecard.facets.facet import Known
from scorecard.facets.note import Note, note, text
from scorecard.facets.window import Window
from scoring.event import Event


class Programmes:
    """Programmes joined and not left, and touchpoints."""

    names = frozenset({"programme_joined", "programme_left", "touchpoint"})

    def note(self, event: Event) -> Note | None:
        what = event.name.removeprefix("programme_")
        return note(event, what, text(event, "programme", "kind"))

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        joined = {said.key: said.what for said in notes if said.at < window.closes and said.what != "touchpoint"}
        touched = sum(said.what == "touchpoint" and said.at in window for said in notes)
        taking_part = "joined" in joined.values()
        yield "programmes/touchpoints", touched
        yield "programmes/taking_part", int(taking_part)
        yield "programmes/engaged", int(taking_part or touched > 0)
