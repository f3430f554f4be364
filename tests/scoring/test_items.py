"""Open, overdue and closed things: tickets, QBRs, plans, sponsors, references; every number is worked by hand."""

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from scoring.cells.items import ITEMS_MAX
from scoring.days import CROSSED_S
from scoring.event import Event
from tests.scoring.histories import date, event, instant, observed, profile, read

TICKETS = "kind: items, opens: [ticket_opened], closes: [ticket_resolved], key: ticket_id, due: due_at"


def tickets(report: str, history: Iterable[Event], day: float) -> float | None:
    """A metric of tickets with a due date."""
    return read(f"{TICKETS}, report: {report}", history, day)


def opened(ticket: str, day: float, due: float | None = None, **more: Any) -> Event:
    said: dict[str, Any] = {} if due is None else {"due_at": date(due)}
    return event("ticket_opened", day, stream="cs", ticket_id=ticket, **said, **more)


def resolved(ticket: str, day: float, **more: Any) -> Event:
    return event("ticket_resolved", day, stream="cs", ticket_id=ticket, **more)


def test_what_was_opened_and_not_closed_is_open() -> None:
    """O4"""
    history = [opened("a", 1.0), opened("b", 2.0), opened("b", 2.5), resolved("a", 3.0), opened("c", 4.0)]
    assert tickets("open", history, 5.0) == 2.0
    assert tickets("live", history, 5.0) == 1.0


def test_without_a_single_ticket_ever_nothing_is_known_of_tickets() -> None:
    """O4"""
    for report in ("open", "live", "overdue", "days_to_due", "days_overdue", "closed_ago"):
        assert tickets(report, [event("opened", 1.0)], 5.0) is None


def test_once_all_are_closed_none_is_open() -> None:
    """O4"""
    history = [opened("a", 1.0, due=2.0), resolved("a", 3.0)]
    assert tickets("open", history, 5.0) == 0.0
    assert tickets("live", history, 5.0) == 0.0
    assert tickets("overdue", history, 5.0) == 0.0
    assert tickets("days_overdue", history, 5.0) == 0.0
    assert tickets("days_to_due", history, 5.0) is None


def test_an_item_is_open_by_the_time_it_happened_in_whatever_order_it_arrives() -> None:
    """O4: opened on day 1, resolved on day 3, opened again on day 4"""
    history = [
        opened("a", 1.0, due=2.0, arrives=8.0),
        resolved("a", 3.0, arrives=8.0),
        opened("a", 4.0, due=10.0, arrives=8.0),
    ]
    for order in itertools.permutations(history):
        assert tickets("open", order, 9.0) == 1.0
        assert tickets("days_to_due", order, 9.0) == 1.0  # the newest due date holds
    for order in itertools.permutations(history[:2]):
        assert tickets("open", order, 9.0) == 0.0


def test_opened_and_closed_in_the_same_instant_is_closed() -> None:
    """O4"""
    assert tickets("open", [opened("a", 1.0), resolved("a", 1.0)], 2.0) == 0.0


@pytest.mark.parametrize(
    ("day", "overdue", "days_to_due", "days_overdue"),
    [
        (2.0, 0.0, 1.0, 0.0),  # a is due on day 3, b on day 5, c never
        (3.0, 0.0, 0.0, 0.0),  # due in this instant: not yet overdue
        (4.0, 1.0, -1.0, 1.0),
        (7.5, 2.0, -4.5, 4.5),  # a by 4.5 days, b by 2.5: the most overdue counts
    ],
)
def test_overdue_is_open_past_its_due_date(day: float, overdue: float, days_to_due: float, days_overdue: float) -> None:
    """O3, O4"""
    history = [opened("a", 1.0, due=3.0), opened("b", 1.0, due=5.0), opened("c", 1.0)]
    assert tickets("overdue", history, day) == overdue
    assert tickets("days_to_due", history, day) == days_to_due
    assert tickets("days_overdue", history, day) == days_overdue


def test_open_items_without_a_due_date_are_never_overdue() -> None:
    """O4"""
    history = [opened("a", 1.0), event("ticket_opened", 1.0, ticket_id="b", due_at="tomorrow")]
    assert tickets("overdue", history, 300.0) == 0.0
    assert tickets("days_to_due", history, 300.0) is None


def test_a_later_message_can_move_the_due_date() -> None:
    """O4"""
    history = [opened("a", 1.0, due=3.0), opened("a", 2.0, due=9.0)]
    assert tickets("days_to_due", history, 5.0) == 4.0
    assert tickets("days_to_due", reversed(history), 5.0) == 4.0
    assert tickets("days_to_due", [*history, opened("a", 4.0)], 5.0) == 4.0  # says nothing of it


def test_events_that_name_no_item_speak_of_one_and_the_same() -> None:
    """O4"""
    history = [event("ticket_opened", 1.0), event("ticket_opened", 2.0), event("ticket_resolved", 3.0)]
    assert tickets("open", history[:2], 4.0) == 1.0
    assert tickets("open", history, 4.0) == 0.0


def test_an_id_may_be_a_number() -> None:
    """O4"""
    history = [event("ticket_opened", 1.0, ticket_id=7), event("ticket_resolved", 2.0, ticket_id="7")]
    assert tickets("open", history, 4.0) == 0.0


def test_an_old_open_item_outlives_any_number_of_newer_closed_ones() -> None:
    """O4"""
    history = [opened("old", 1.0, due=1.5)]
    for n in range(3 * ITEMS_MAX):
        history += [opened(f"new-{n}", 2.0 + n / 1_000), resolved(f"new-{n}", 2.0 + n / 1_000)]
    assert tickets("open", history, 3.0) == 1.0
    assert tickets("overdue", history, 3.0) == 1.0


def test_of_more_open_items_than_are_kept_the_most_recently_touched_are() -> None:
    """O4"""
    history = [opened(f"old-{n}", 1.0 + n / 1_000, due=1.5) for n in range(5)]
    history += [opened(f"new-{n}", 2.0, due=10.0) for n in range(ITEMS_MAX)]
    for order in (history, list(reversed(history))):
        assert tickets("open", order, 3.0) == ITEMS_MAX
        assert tickets("overdue", order, 3.0) == 0.0


def test_the_next_due_date_is_known_ahead() -> None:
    """O4: just after its due date the count of overdue tickets has changed; without an open one there is no instant"""
    by = profile(("overdue", f"{TICKETS}, report: overdue"))
    account = observed(by, [opened("a", 1.0, due=3.0), opened("b", 1.0, due=5.0), opened("c", 1.0)])
    changes = dict(by.changes)["overdue"]
    assert changes(account, instant(2.0)) == instant(3.0) + CROSSED_S
    assert by.reader(account, instant(3.0) + CROSSED_S)["metrics.overdue"] == 1.0
    assert changes(account, instant(4.0)) == instant(5.0) + CROSSED_S
    assert changes(account, instant(6.0)) == float("inf")


# --- QBRs, plans, sponsors, references -------------------------------------------------------------------------------

QBR = (
    "kind: items, opens: [qbr_due, qbr_scheduled], closes: [qbr_completed],"
    " key: qbr_id, due: due_at, report: days_overdue"
)
PLAN = (
    "kind: items, opens: [success_plan_created, success_plan_updated], closes: [success_plan_closed],"
    " key: plan_id, report: live"
)
SPONSORS = "kind: items, opens: [sponsor_joined], closes: [sponsor_left], key: person, report: open"
CHAMPION_LEFT = SPONSORS.replace("report: open", "report: closed_ago")
REFERENCES = "kind: items, opens: [reference_agreed], closes: [reference_withdrawn], key: user, report: open"


def test_a_qbr_is_overdue_until_it_is_completed() -> None:
    """O3"""
    history = [event("qbr_due", 1.0, stream="cs", qbr_id="q1", due_at=date(10.0))]
    assert read(QBR, history, 9.0) == 0.0
    assert read(QBR, history, 12.0) == 2.0
    history.append(event("qbr_scheduled", 12.5, stream="cs", qbr_id="q1", due_at=date(15.0)))
    assert read(QBR, history, 13.0) == 0.0
    assert read(QBR, history, 16.0) == 1.0
    history.append(event("qbr_completed", 16.5, stream="cs", qbr_id="q1"))
    assert read(QBR, history, 30.0) == 0.0


def test_a_success_plan_lives_while_any_plan_is_open() -> None:
    """O2"""
    history = [
        event("success_plan_created", 1.0, stream="cs", plan_id="p1"),
        event("success_plan_created", 2.0, stream="cs", plan_id="p2"),
        event("success_plan_closed", 3.0, stream="cs", plan_id="p1"),
    ]
    assert read(PLAN, history, 4.0) == 1.0
    history.append(event("success_plan_closed", 5.0, stream="cs", plan_id="p2"))
    assert read(PLAN, history, 6.0) == 0.0
    history.append(event("success_plan_updated", 7.0, stream="cs", plan_id="p2"))
    assert read(PLAN, history, 8.0) == 1.0


def test_sponsors_are_those_who_joined_and_have_not_left() -> None:
    history = [
        event("sponsor_joined", 1.0, stream="cs", person="ann"),
        event("sponsor_joined", 1.0, stream="cs", person="bob"),
        event("sponsor_left", 5.0, stream="cs", person="ann"),
    ]
    assert read(SPONSORS, history, 6.0) == 1.0
    history.append(event("sponsor_left", 5.5, stream="cs", person="eve"))  # who never joined that we know
    assert read(SPONSORS, history, 6.0) == 1.0


def test_days_since_a_champion_left_are_missing_until_one_leaves_and_once_another_has_joined() -> None:
    history = [
        event("sponsor_joined", 1.0, stream="cs", person="ann"),
        event("sponsor_joined", 2.0, stream="cs", person="bob"),
    ]
    assert read(CHAMPION_LEFT, history, 6.0) is None
    history.append(event("sponsor_left", 5.0, stream="cs", person="ann"))
    assert read(CHAMPION_LEFT, history, 6.0) == 1.0  # though bob, who was there before, stays
    history.append(event("sponsor_left", 7.0, stream="cs", person="bob"))
    assert read(CHAMPION_LEFT, history, 9.0) == 2.0
    history.append(event("sponsor_joined", 8.0, stream="cs", person="cat"))
    assert read(CHAMPION_LEFT, history, 9.0) is None


def test_a_champion_who_comes_back_is_not_gone() -> None:
    history = [
        event("sponsor_joined", 1.0, stream="cs", person="ann"),
        event("sponsor_left", 5.0, stream="cs", person="ann"),
        event("sponsor_joined", 6.0, stream="cs", person="ann"),
    ]
    for order in itertools.permutations(history):
        assert read(CHAMPION_LEFT, order, 9.0) is None


def test_references_are_the_people_who_agreed_and_have_not_withdrawn() -> None:
    """H5"""
    history = [
        event("reference_agreed", 1.0, stream="advocacy", user="ann"),
        event("reference_agreed", 1.0, stream="advocacy", user="bob"),
        event("reference_withdrawn", 9.0, stream="advocacy", user="bob"),
    ]
    assert read(REFERENCES, history, 10.0) == 1.0
    assert read(REFERENCES, history[:2], 5.0) == 2.0
