"""How the account is looked after: campaigns (O1), success plans (O2), business reviews (O3), tickets (O4)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from scorecard.facets.facet import Known
from scorecard.facets.note import Note, note, text
from scorecard.facets.window import Window
from scorecard.settings.operations import SuccessPlans
from scoring.days import day_of, instant
from scoring.event import Event

UNDATED = -1.0
"""The value of a note that names no due date."""


class Campaigns:
    """O1: adoption campaigns, each counted once however many accounts it reached."""

    names = frozenset({"campaign_launched"})

    def note(self, event: Event) -> Note | None:
        return note(event, "launched", text(event, "campaign", "name"))

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        reached = {said.key for said in notes if said.at in window}
        if reached:
            yield "campaigns/accounts", 1
        for name in reached:
            yield f"campaign_accounts/{name}", 1


class Plans:
    """O2: whether a success plan is live at the end, and whether the account should have one."""

    names = frozenset({"success_plan_created", "success_plan_updated", "success_plan_closed"})

    def __init__(self, settings: SuccessPlans) -> None:
        self._settings = settings

    def note(self, event: Event) -> Note | None:
        what = "closed" if event.name == "success_plan_closed" else "open"
        return note(event, what, text(event, "plan_id"))

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        if not known.active:
            return
        state = {said.key: said.what for said in notes if said.at < window.closes}
        live = "open" in state.values()
        yield "plans/live", int(live)
        if self._settings.expected_of(known.traits):
            yield "plans/due", 1
            yield "plans/met", int(live)


class BusinessReviews:
    """O3: reviews due in the window, and those held by then.

    The newest due date holds, unless it was said after the one before had passed: then the review was late already.
    """

    names = frozenset({"qbr_due", "qbr_scheduled", "qbr_completed"})

    def note(self, event: Event) -> Note | None:
        what = "held" if event.name == "qbr_completed" else "due"
        due = instant(event.properties.get("due_at"))
        return note(event, what, text(event, "qbr_id"), UNDATED if due is None or what == "held" else due)

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        due: dict[str, int] = {}
        held: dict[str, int] = {}
        for said in notes:
            day = day_of(said.at)
            if said.at >= window.closes:
                break
            if said.what == "held":
                held.setdefault(said.key, day)
            elif said.value != UNDATED and day <= due.get(said.key, day):
                due[said.key] = day_of(said.value)
        for key, day in due.items():
            if window.first <= day < window.until:
                yield "qbrs/due", 1
                yield "qbrs/on_time", int(key in held and held[key] <= day)
                yield "qbrs/held", int(key in held)


class Tickets:
    """O4: tickets whose service level ended in the window, and those resolved within it."""

    names = frozenset({"ticket_opened", "ticket_resolved"})

    def note(self, event: Event) -> Note | None:
        key = text(event, "ticket_id")
        if not key:
            return None
        if event.name == "ticket_resolved":
            return note(event, "resolved", key)
        due = instant(event.properties.get("due_at"))
        return note(event, "opened", key, UNDATED if due is None else due)

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        due: dict[str, float] = {}
        resolved: dict[str, list[float]] = defaultdict(list)
        for said in notes:
            if said.at >= window.closes:
                break
            if said.what == "resolved":
                resolved[said.key].append(said.at)
            elif said.value != UNDATED:
                due.setdefault(said.key, said.value)
        for key, at in due.items():
            if at in window and at < window.closes:
                yield "tickets/due", 1
                yield "tickets/on_time", int(any(end <= at for end in resolved[key]))
