"""What reported figures are held against (C7): every question is put once to the read model, however many ask it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scorecard.model.pages import LIMIT_MAX
from scorecard.model.rows import Cohort
from scorecard.period import Period, month_of, quarter_of, trailing
from scorecard.reconcile import Reported
from scorecard.report.source import Source
from scorecard.sheet import Sheet
from scorecard.variants import Apart, Evidence, apart

ENTITIES_MAX = 20_000
"""Accounts of a cohort whose own ratios are looked at: of a larger one no means are tried, since those of a part would
be nobody's.
"""

ACCOUNTS_MAX = 200_000
"""Accounts that are looked at one by one for all reports together, some seconds; when these are used up no means are
tried any more.
"""

Cohorts = Mapping[Cohort, Sheet]


class Looked(NamedTuple):
    """A period by the values of a dimension, or as a whole."""

    cohorts: Cohorts
    around: Mapping[str, Cohorts]
    """Other periods, by label, the likelier ones first."""


class Bench:
    """Keeps what it has found out of one period: ask for the figures of a period together."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._days: object = None
        self._looked: dict[Cohort, Looked | None] = {}
        self._apart: dict[str, Mapping[str, Apart]] = {}
        self._accounts = ACCOUNTS_MAX

    def evidence(self, reported: Reported) -> Evidence | str:
        """What a figure is held against; a text says why there is nothing: its cohort is not known here, or its period
        has not begun.
        """
        period = Period.parse(reported.period)
        unbegun = self._source.unbegun(period)
        if unbegun is not None:
            return unbegun
        unknown = f"period {reported.period!r}, cohort {reported.cohort!r}: not known here"
        dimension, equals, value = (part.strip() for part in reported.cohort.partition("="))
        if reported.cohort and not equals:
            return unknown
        if period[:2] != self._days:
            self._days = period[:2]
            self._looked.clear()
            self._apart.clear()
        by, key = ((dimension,), (value,)) if equals else ((), ())
        looked = self._look(period, by)
        if looked is None or (by and key not in looked.cohorts):
            return unknown
        periods = {label: cohorts[key] for label, cohorts in looked.around.items() if key in cohorts}
        others = dict(self._others(period, dimension, key, looked)) if by else {}
        sheet = looked.cohorts.get(key, Sheet())
        return Evidence(sheet, period, periods, others, self._means(period, dict(zip(by, key, strict=True)), sheet))

    def _others(self, period: Period, dimension: str, key: Cohort, looked: Looked) -> Iterator[tuple[str, Sheet]]:
        """The same period in other cohorts."""
        whole = self._look(period, ())
        if whole is not None:
            yield "everybody", whole.cohorts.get((), Sheet())
        for (name,), sheet in looked.cohorts.items():
            if (name,) != key:
                yield f"{dimension}={name}", sheet

    def _look(self, period: Period, by: Cohort) -> Looked | None:
        """None for a dimension that is not kept."""
        if by not in self._looked:
            self._looked[by] = self._asked(period, by)
        return self._looked[by]

    def _asked(self, period: Period, by: Cohort) -> Looked | None:
        around = list(_around(period))
        try:
            here, *there = self._source.model.series([period, *around], by)
        except ValueError:
            return None
        return Looked(here, {one.label: cohorts for one, cohorts in zip(around, there, strict=True)})

    def _means(self, period: Period, cohort: Mapping[str, str], sheet: Sheet) -> Mapping[str, Apart]:
        """None of a cohort of more than ENTITIES_MAX, nor once ACCOUNTS_MAX were looked at."""
        key = repr(cohort)
        if key not in self._apart:
            within = sheet.n_start <= min(ENTITIES_MAX, self._accounts)
            sheets = list(self._sheets(period, cohort)) if within else []
            self._accounts -= len(sheets)
            self._apart[key] = apart(sheets) if len(sheets) <= ENTITIES_MAX else {}
        return self._apart[key]

    def _sheets(self, period: Period, cohort: Mapping[str, str]) -> Iterator[Sheet]:
        """Of each account; one more than ENTITIES_MAX at most."""
        after, count = None, 0
        while count <= ENTITIES_MAX:
            page = self._source.model.accounts(period, cohort, after=after, limit=LIMIT_MAX)
            yield from (member.sheet for member in page.rows)
            count, after = count + len(page.rows), page.next
            if after is None:
                return


def _around(period: Period) -> Iterator[Period]:
    """Periods that a report may have meant, the likelier ones first."""
    seen = {period[:2]}
    last = period.previous()
    year = Period.parse(f"{period.start.year}")
    last_month = month_of(period.end.replace(day=1) if period.end.day > 1 else month_of(period.end).previous().start)
    quarter = quarter_of(period.start)
    for one in (last, trailing(12, last_month), quarter, year, last.previous(), year.previous(), last_month):
        if one[:2] not in seen:
            seen.add(one[:2])
            yield one
