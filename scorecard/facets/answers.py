"""What people answered: the newest answer of each person in the window, for H2 (NPS) and H3 (CSAT)."""

from collections.abc import Iterator, Sequence

from scorecard.facets.facet import Known
from scorecard.facets.note import Note, note
from scorecard.facets.window import Window
from scoring.event import Event

PROMOTER_MIN, DETRACTOR_MAX = 9, 6
"""Bain's bands of the net promoter question: 9-10 promote, 0-6 detract."""

TOP_TWO_MIN = 4

SCALES = {"nps_answered": ("nps", 0, 10), "csat_answered": ("csat", 1, 5)}
"""Event -> its question, the lowest and the highest valid answer; others are not counted."""


class Answers:
    """Answers by nobody in particular are not counted: else who answers twice would count twice."""

    names = frozenset(SCALES)

    def note(self, event: Event) -> Note | None:
        question, low, high = SCALES[event.name]
        score = event.properties.get("score")
        if not event.user_id or isinstance(score, bool) or not isinstance(score, int | float):
            return None
        return note(event, question, event.user_id, float(score)) if low <= score <= high else None

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        newest = {(said.what, said.key): said.value for said in notes if said.at in window}
        for (question, _), score in newest.items():
            yield f"{question}/n", 1
            if question == "csat":
                yield "csat/top_two", int(score >= TOP_TWO_MIN)
            elif score >= PROMOTER_MIN:
                yield "nps/promoters", 1
            elif score <= DETRACTOR_MAX:
                yield "nps/detractors", 1
