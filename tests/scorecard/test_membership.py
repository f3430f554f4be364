"""Cohorts of the rows of a study: each row is in one, of one dimension or of several."""

from hypothesis import given
from hypothesis import strategies as st

from scorecard.column import Column
from scorecard.membership import groups

VALUES = st.text("abc(", min_size=1, max_size=2)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=20), st.permutations(range(3)))
def test_c4_every_row_is_in_the_cohort_of_its_values_and_in_no_other(
    rows: list[tuple[str, str, str]], order: list[int]
) -> None:
    """C4"""
    of = {str(place): Column.of([row[place] for row in rows]) for place in range(3)}
    for width in (1, 2, 3):
        by = order[:width]
        found = list(groups(of, [str(place) for place in by]))
        assert len({cohort for cohort, _ in found}) == len(found)
        for number, row in enumerate(rows):
            wanted = tuple(row[place] for place in by)
            assert [cohort for cohort, rows_ in found if rows_[number]] == [wanted]
