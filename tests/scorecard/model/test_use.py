"""S3: who opened the scorecard how often."""

from collections.abc import Callable

from scorecard.model.database import Database
from scorecard.model.schema import prepare
from scorecard.model.use import NAME_CHARS_MAX, OTHERS, READERS_A_DAY_MAX, Use, figure
from tests.scorecard.model.stories import day


def test_readers_beyond_so_many_on_a_day_are_told_together(new_database: Callable[[], Database]) -> None:
    """S3: names are whatever a client says; a thousand made-up ones do not fill the database."""
    database = new_database()
    prepare(database)
    use = Use(database)
    for number in range(READERS_A_DAY_MAX + 3):
        use.note(f"reader {number:04}", "executive", day("2026-03-01"))
    use.note("reader 0000", "executive", day("2026-03-01"))
    use.note("x" * 1_000, "executive", day("2026-03-02"))
    told = {one.reader: one.openings for one in use.told(30)}
    assert (told["reader 0000"], told[OTHERS]) == (2, 3)
    assert figure(use.told(1)).n == 1
    assert use.told(1)[0].reader == "x" * NAME_CHARS_MAX
