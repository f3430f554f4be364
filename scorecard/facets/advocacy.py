"""What the customer does for us: reviews (H4), references (H5), referrals with their pipeline (H6)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from scorecard.facets.facet import Known
from scorecard.facets.note import Note, note, person, text
from scorecard.facets.window import Window
from scorecard.settings.operations import References
from scoring.days import DAY
from scoring.event import Event

Cents = Callable[[Event], int | None]
"""An event's amount in minor units of the reporting currency at the rate of its day; None where it has none that can be
converted."""


class Reviews:
    """H4: reviews posted."""

    names = frozenset({"review_posted"})

    def note(self, event: Event) -> Note | None:
        return note(event, "posted", text(event, "site"))

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        posted = sum(said.at in window for said in notes)
        if posted:
            yield "reviews/posted", posted
            yield "reviews/accounts", 1


class ReferencePool:
    """H5: people (or the account, where nobody is named) who have agreed to be a reference and have not withdrawn.

    An account that was used `uses_max` times in the `per` before is over-used: in the pool, and not available.
    """

    names = frozenset({"reference_agreed", "reference_used", "reference_withdrawn"})

    def __init__(self, settings: References) -> None:
        self._settings = settings

    def note(self, event: Event) -> Note | None:
        return note(event, event.name.removeprefix("reference_"), person(event))

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        start, end = (self._agreed(notes, at) for at in (window.first * DAY, window.closes))
        yield "references/people", len(end)
        yield "references/start", int(bool(start))
        if end and known.active:
            yield "references/pool", 1
            yield "references/available", int(self._uses(notes, window.closes) < self._settings.uses_max)
        yield "references/used", sum(said.what == "used" and said.at in window for said in notes)

    def _agreed(self, notes: Sequence[Note], at: float) -> set[str]:
        agreed: dict[str, bool] = {}
        for said in notes:
            if said.at < at and said.what != "used":
                agreed[said.key] = said.what == "agreed"
        return {one for one, yes in agreed.items() if yes}

    def _uses(self, notes: Sequence[Note], at: float) -> int:
        return sum(said.what == "used" and at - self._settings.per <= said.at < at for said in notes)


class Referrals:
    """H6: referrals made, and the opportunities that came from them."""

    names = frozenset({"referral_made", "referral_pipeline_opened", "referral_won", "referral_lost"})

    def __init__(self, cents: Cents) -> None:
        self._cents = cents

    def note(self, event: Event) -> Note | None:
        what = event.name.removeprefix("referral_").removesuffix("_opened")
        return note(event, what, text(event, "opportunity_id"), amount=self._cents(event) or 0)

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        happened: dict[str, list[int]] = defaultdict(list)
        for said in notes:
            if said.at in window:
                happened[said.what].append(said.amount)
        for what, amounts in happened.items():
            yield f"referrals/{what}", len(amounts)
            if what != "made":
                yield f"referrals/{what}_cents", sum(amounts)
