"""What is counted of an entity in a period beside its sheet, all of which adds up: C1, C6 and the pace of X5."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from scorecard.attribution import credited, shared_out
from scorecard.book import Book
from scorecard.expansion import paces, waits
from scorecard.exposure import Exposing, exposed, linked, traced
from scorecard.figure import Figure
from scorecard.movement import Movement
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.sheet import inside
from scorecard.tally import Tally

NOTHING = Tally()


def counted(
    books: Sequence[Book], movements: Sequence[Movement], period: Period, rates: Rates, exposing: Exposing
) -> Tally:
    """Of an entity: the books of its accounts, and its movements, by day. NOTHING where none is within the period."""
    first = bisect_left(movements, period.start, key=attrgetter("on"))
    if first == len(movements) or movements[first].on >= period.end:
        return NOTHING
    moves = list(traced(books, inside(movements, period, rates), exposing))
    return Tally.total((linked(moves), shared_out(moves), waits(movements, period)))


def figures(tally: Tally) -> list[Figure]:
    """What entities' tallies come to together."""
    return [exposed(tally), credited(tally), *paces(tally)]
