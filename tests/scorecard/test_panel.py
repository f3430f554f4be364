"""The columns of units, and other units among them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.column import Column
from scorecard.panel import Panel
from scorecard.unit import Unit
from tests.scorecard.units import units

UNITS = st.lists(
    st.builds(
        Unit,
        st.integers(0, 30),
        st.tuples(st.integers(1, 9), *[st.integers(0, 9)] * 5),
        st.fixed_dictionaries({"segment": st.sampled_from("abc")}),
        st.frozensets(st.sampled_from(("academy", "council"))),
        st.booleans(),
        st.fixed_dictionaries({"tenure_days": st.floats(0, 9)}, optional={"health": st.floats(0, 100)}),
        st.none() | st.tuples(st.integers(1, 9), *[st.integers(0, 9)] * 5),
        st.fixed_dictionaries({"region": st.sampled_from("pq")}),
    ),
    unique_by=lambda unit: unit.number,
    max_size=20,
)


def without_sizes(rows: Sequence[Unit]) -> list[Unit]:
    return [row._replace(strata={"segment": row.strata["segment"]}) for row in rows]


@given(UNITS)
def test_units_are_what_they_were_sorted_by_number(rows: list[Unit]) -> None:
    panel = Panel.of(rows)
    assert without_sizes(units(panel)) == sorted(rows, key=lambda unit: unit.number)
    assert panel.exposed.tolist() == [bool(unit.programmes) for unit in units(panel)]
    assert panel.named() == sorted({name for unit in rows for name in unit.programmes})


@given(UNITS, UNITS, st.sets(st.integers(0, 30)))
def test_other_units_take_the_place_of_those_with_their_numbers(
    rows: list[Unit], others: list[Unit], more: set[int]
) -> None:
    gone = {unit.number for unit in others} | more
    wanted = [unit for unit in rows if unit.number not in gone] + others
    before = Panel.of(rows)
    assert units(before.with_(gone, Panel.of(others))) == units(Panel.of(wanted))
    assert units(before) == units(Panel.of(rows)), "it is frozen"


def test_programmes_and_cohorts_that_nobody_has_any_more_are_not_named() -> None:
    one = Unit(1, (1, 1, 1, 0, 0, 0), {"segment": "smb"}, frozenset({"academy"}), cohorts={"region": "emea"})
    other = one._replace(programmes=frozenset({"council"}), cohorts={"region": "apac"})
    panel = Panel.of([one]).with_({1}, Panel.of([other]))
    assert panel.named() == ["council"]
    assert panel.membership["region"].seen() == ["apac"]


def test_values_of_columns_are_kept_once() -> None:
    joined = Column.joined([Column.of(["a", "b"]), Column.of(["b", "c", "a"])])
    assert [joined.values[place] for place in joined.places] == ["a", "b", "b", "c", "a"]
    assert sorted(joined.values) == ["a", "b", "c"]


@pytest.mark.parametrize("start", [0, -5])
def test_a_unit_without_revenue_at_the_start_is_refused(start: int) -> None:
    with pytest.raises(ValueError, match=f"unit 1: start {start}: must be above 0"):
        Panel.of([Unit(1, (start, 0, 0, 0, 0, 0), {})])
