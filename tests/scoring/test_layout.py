"""Which cells a record has, and where an event goes."""

import os
import subprocess
import sys

import pytest

from scoring.cells.days import Days
from scoring.layout import ROUTES_MAX, Layout
from scoring.profile import default_profile
from scoring.selector import Selector
from tests.scoring.histories import event, instant, observed, profile

USAGE = Selector(stream="usage")


def test_metrics_that_need_the_same_summary_of_the_same_events_share_a_cell() -> None:
    layout = Layout()
    first = layout.cell("days", USAGE, Days)
    assert layout.cell("days", Selector(stream="usage"), Days) == first
    assert layout.cell("days", Selector(stream="cs"), Days) != first
    assert layout.cell("other", USAGE, Days) != first
    assert layout.cell("days", USAGE, Days, "parameter") != first
    assert len(layout.cells) == 4


def test_the_order_of_names_in_a_selector_does_not_matter() -> None:
    layout = Layout()
    first = layout.cell("days", Selector(events=("a", "b")), Days)
    assert layout.cell("days", Selector(events=("b", "a")), Days) == first


@pytest.mark.parametrize(("one", "other"), [(1, "1.0"), (True, "True"), (1, True)])
def test_selectors_of_different_values_do_not_share_a_cell(one: object, other: object) -> None:
    layout = Layout()
    first = layout.cell("days", Selector.model_validate({"stream": "usage", "where": {"n": one}}), Days)
    assert layout.cell("days", Selector.model_validate({"stream": "usage", "where": {"n": other}}), Days) != first


def test_the_shipped_profile_needs_fewer_cells_than_it_has_metrics() -> None:
    by = default_profile()
    assert len(by.layout.cells) < len(by.readings)


def test_an_event_goes_to_the_cells_that_select_it() -> None:
    by = profile(
        ("all", "kind: count, stream: usage, window: 7d"),
        ("exports", "kind: count, stream: usage, events: [exported], window: 7d"),
        ("pdf", "kind: count, stream: usage, events: [exported], where: {format: pdf}, window: 7d"),
        ("anywhere", "kind: count, events: [exported], window: 7d"),
    )
    history = [
        event("exported", 1.0, format="pdf"),
        event("exported", 1.0, format="csv"),
        event("exported", 1.0, stream="cs", format="pdf"),
        event("opened", 1.0, format="pdf"),
    ]
    values = by.reader(observed(by, history), instant(2.0))
    assert values == {"metrics.all": 3.0, "metrics.exports": 2.0, "metrics.pdf": 1.0, "metrics.anywhere": 3.0}


def test_a_cell_claimed_later_is_on_the_routes() -> None:
    layout = Layout()
    layout.cell("days", USAGE, Days)
    _, before = layout.route("usage", "opened")
    layout.cell("days", Selector(stream="usage", events=("opened",)), Days)
    _, after = layout.routes["usage"].get("opened") or layout.route("usage", "opened")
    assert (len(before), len(after)) == (1, 2)


def test_inventing_names_without_end_does_not_grow_the_routes() -> None:
    layout = Layout()
    layout.cell("days", USAGE, Days)
    for n in range(ROUTES_MAX + 100):
        layout.route("usage", f"event-{n}")
    assert len(layout.routes["usage"]) == ROUTES_MAX
    _, ways = layout.route("usage", "one more")
    assert len(ways) == 1


def test_the_signature_tells_layouts_apart() -> None:
    one = profile(("a", "kind: count, stream: usage, window: 7d"))
    longer = profile(("b", "kind: count, stream: usage, window: 28d"))  # the same cell, read otherwise
    users = profile(("a", "kind: distinct, of: user, stream: usage, window: 7d"))
    assert one.layout.signature == longer.layout.signature
    assert one.layout.signature != users.layout.signature


def test_the_signature_is_the_same_in_every_process() -> None:
    """Records are read by the next process: nothing of the signature may depend on the hash seed of this one"""
    program = (
        "from tests.scoring.histories import profile\n"
        "items = 'kind: items, opens: [o1, o2, o3], closes: [c1, c2, c3, c4], key: k'\n"
        "money = 'kind: subscription, events: [a, b, c, d, e], churns: [c, d, e]'\n"
        "print(profile(('items', items), ('arr', money)).layout.signature)\n"
    )
    signatures = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3", "4")
    }
    assert len(signatures) == 1
