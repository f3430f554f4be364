"""C7: figures that other teams have handed in, and whether they agreed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Column, Integer, Table, Text, func, select

from scorecard.figure import Figure
from scorecard.model.database import Database
from scorecard.model.tables import METADATA, day_number
from scorecard.model.upsert import replace, upsert
from scorecard.reconcile import Finding

KEPT_DAYS = 400
"""A figure that nobody has handed in again for a year does not count any more."""

NONE_HANDED_IN = "no report was handed in: `accountpulse reconcile FILE` compares one"

reports = Table(
    "reports", METADATA,
    Column("source", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("cohort", Text, primary_key=True),
    Column("text", Text, nullable=False),  # as printed
    Column("agrees", Integer),  # 1 or 0; empty: it could not be compared
    Column("day", Integer, nullable=False),  # on which it was handed in
)  # fmt: skip


class Reports:
    """Any number may ask and hand in. Raises DatabaseError where the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.writing() as connection:
            METADATA.create_all(connection, (reports,))

    def hand_in(self, findings: Sequence[Finding], on: date) -> None:
        """Note judged figures; one of the same report, metric, period and cohort replaces the one before."""
        rows = [
            {"source": one.reported.source, "metric": one.reported.metric, "period": one.reported.period,
             "cohort": one.reported.cohort, "text": one.reported.text,
             "agrees": None if one.agrees is None else int(one.agrees), "day": day_number(on)}
            for one in findings
        ]  # fmt: skip
        with self._database.writing() as connection:
            upsert(connection, reports, rows, replace)
            connection.execute(reports.delete().where(reports.c.day < day_number(on) - KEPT_DAYS))

    def consistency(self) -> Figure:
        """C7: reported figures of NRR that agree / those that could be compared."""
        agreed, n = map(sum, zip((0, 0), *self._counted().values(), strict=True))
        return _consistency(agreed, n)

    def by_source(self) -> dict[str, Figure]:
        """The same of each source whose figures could be compared."""
        return {source: _consistency(*counts) for source, counts in self._counted().items()}

    def _counted(self) -> dict[str, tuple[int, int]]:
        """By source: how many agree, and how many could be compared."""
        compared = reports.c.agrees.is_not(None) & (reports.c.metric == "R3")
        query = select(reports.c.source, func.sum(reports.c.agrees), func.count()).where(compared)
        with self._database.reading() as connection:
            found = connection.execute(query.group_by(reports.c.source).order_by(reports.c.source))
            return {source: (int(agreed), int(n)) for source, agreed, n in found}


def _consistency(agreed: int, n: int) -> Figure:
    return Figure.ratio("C7", agreed, n, n=n, unit="share", empty=NONE_HANDED_IN)
