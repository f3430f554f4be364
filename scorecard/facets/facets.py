"""All facets of one account."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from scorecard.facets.advocacy import Cents, ReferencePool, Referrals, Reviews
from scorecard.facets.answers import Answers
from scorecard.facets.beginning import Begun, Milestones
from scorecard.facets.care import BusinessReviews, Campaigns, Plans, Tickets
from scorecard.facets.facet import UNKNOWN, Facet, Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.journey import Journey
from scorecard.facets.note import Note, add
from scorecard.facets.programmes import Programmes
from scorecard.facets.usage import Usage
from scorecard.facets.window import Window
from scorecard.period import Period
from scorecard.settings.facets import FacetSettings
from scoring.event import Event

DESCRIBES = "group"
"""The call that brings an account's traits."""

SEATS_TRAIT = "seats"

SEATS_MAX = 10**9
"""More is no number of seats, and sums stay in 64 bits."""


class Agreed:
    """What is counted, and by which events it is told: made once of the settings, shared by all accounts."""

    def __init__(self, settings: FacetSettings, cents: Cents) -> None:
        self.settings = settings
        self.milestones = Milestones(settings.beginning, settings.activation)
        self.facets: Mapping[str, Facet] = {
            "answers": Answers(),
            "reviews": Reviews(),
            "references": ReferencePool(settings.references),
            "referrals": Referrals(cents),
            "campaigns": Campaigns(),
            "plans": Plans(settings.success_plans),
            "qbrs": BusinessReviews(),
            "tickets": Tickets(),
            "journey": Journey(settings.journey),
            "programmes": Programmes(),
        }
        self.by_event = {name: (key, facet) for key, facet in self.facets.items() for name in facet.names}
        self.names = {*self.by_event, *self.milestones.names, DESCRIBES}


class Facets:
    """The hot state of one account's facets, owned by one place. Events come in any order.

    Bounded: see scorecard/facets/usage.py and note.py.
    """

    __slots__ = ("_by", "begun", "notes", "usage")

    def __init__(self, by: Agreed) -> None:
        self._by = by
        self.begun = Begun(len(by.milestones.conditions))
        self.usage = Usage()
        self.notes: dict[str, list[Note]] = {}

    def take(self, event: Event) -> bool:
        """Count one event; whether it could change anything."""
        by, stream, name = self._by, event.stream, event.name
        self.begun.heard = min(self.begun.heard, event.at)
        used = stream == "usage"
        if used:
            self.usage.take(event)
        if name not in by.names and stream not in by.milestones.streams:
            return used
        if name == DESCRIBES:
            self.begun.describe(event)
        self.begun.take(event, by.milestones)
        if (found := by.by_event.get(name)) is not None:
            key, facet = found
            said = facet.note(event)
            if said is not None:
                add(self.notes.setdefault(key, []), said)
        return True

    def sheet(self, period: Period, known: Known = UNKNOWN, *, until: date | None = None) -> FacetSheet:
        """What the account comes to over a period. `until`: the day after the newest that is known of; in a period that
        still runs, what is open is judged on that day.
        """
        window = Window.of(period.start, period.end, until)
        counts: dict[str, int] = {}
        if self.begun.heard >= window.closes:  # nobody had heard of it yet
            return FacetSheet()
        for name, count in self._counts(window, known):
            if count:
                counts[name] = counts.get(name, 0) + count
        return FacetSheet(counts)

    def _counts(self, window: Window, known: Known) -> Iterator[tuple[str, int]]:
        by = self._by
        yield "accounts", int(known.active)
        yield from self.begun.count(window, by.milestones)
        yield from self.usage.count(window, by.settings.healthy_usage, seats(known.traits.get(SEATS_TRAIT)))
        for key, facet in by.facets.items():
            if (notes := self.notes.get(key)) or key in _OWED:
                yield from facet.count(notes or (), window, known)
        yield from self._leading(window, known)

    def _leading(self, window: Window, known: Known) -> Iterator[tuple[str, int]]:
        """L1: which of the signs the account shows, of those that can be told of it."""
        for sign, shown in self.signs(window).items():
            if known.active and shown is not None:
                yield f"sign_told/{sign}", 1
                yield f"sign_shown/{sign}", int(shown)

    def signs(self, window: Window) -> dict[str, bool | None]:
        """The signs of L1 by name; None where it cannot be told."""
        leading = self._by.settings.leading
        programmes = dict(self._by.facets["programmes"].count(self.notes.get("programmes", ()), window, UNKNOWN))
        pool = dict(self._by.facets["references"].count(self.notes.get("references", ()), window, UNKNOWN))
        return {
            "short_ttv": self.begun.quick(window, leading.short_ttv_days),
            "multi_threaded": self.usage.roles(window) >= leading.roles_min,
            "engaged": programmes["programmes/engaged"] > 0,
            "reference": pool.get("references/pool", 0) > 0,
        }

    def pack(self) -> Any:
        """Plain data; `unpack` makes the same state of it."""
        return (
            self.begun.pack(),
            self.usage.pack(),
            {key: [tuple(one) for one in said] for key, said in self.notes.items()},
        )

    @classmethod
    def unpack(cls, by: Agreed, packed: Any) -> "Facets":
        """The state that `pack` was given."""
        facets = cls(by)
        begun, usage, notes = packed
        facets.begun, facets.usage = Begun.unpack(begun), Usage.unpack(usage)
        facets.notes = {key: [Note(*one) for one in said] for key, said in notes.items()}
        return facets


_OWED = ("plans", "journey")
"""Facets that count an account of which nothing was ever noted: it should have a plan, and has no stage."""


def seats(said: object) -> int:
    """How many seats a value of the trait means; 0 where it is no number of them.

    >>> seats("25"), seats(None), seats("many")
    (25, 0, 0)
    """
    if isinstance(said, str):
        try:
            said = float(said)
        except ValueError:
            return 0
    return int(said) if isinstance(said, int | float) and not isinstance(said, bool) and 0 < said < SEATS_MAX else 0
