"""Where reports have their figures from: the read model, asked once for each period and cohorts."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar

from scorecard.draws import Draws
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.figure import Figure
from scorecard.model.episodes import Episodes
from scorecard.model.facets import FacetModel
from scorecard.model.mark import Mark
from scorecard.model.model import Model
from scorecard.model.noted import Noted
from scorecard.model.prior import Prior
from scorecard.model.reports import Reports
from scorecard.model.rows import Cohort, IssueCount
from scorecard.model.terms import PRODUCT
from scorecard.model.told import Told
from scorecard.model.use import Use
from scorecard.period import Period, quarter_of
from scorecard.report.measured import Measured, figures
from scorecard.report.memo import FRESH_S, Memo
from scorecard.report.unbegun import unbegun
from scorecard.settings.file import ScorecardFile
from scorecard.sheet import Sheet
from scorecard.tally import Tally

Figures = Mapping[str, Figure]
"""By id."""

MOMENT_S = 1e-6
"""The least that a `datetime` tells apart."""

Made = TypeVar("Made")


class Source(NamedTuple):
    """A read model, and what the business has agreed."""

    model: Model
    facets: FacetModel
    settings: ScorecardFile
    use: Use
    reports: Reports
    episodes: Episodes
    told: Told
    prior: Prior
    noted: Noted
    memo: Memo
    draws: Draws

    def newest(self) -> float:
        """Arrival of the newest event that is in the figures, unix seconds; 0 before the first."""
        return max(self.model.newest(), self.facets.newest())

    def today(self) -> date:
        """The newest day that is known of."""
        return self.known_to()

    def period(self, text: str | None, today: date) -> Period:
        """The period of a text; without one the last whole quarter that events are known of, or the one before `today`
        where none are. ValueError when it is none. A running quarter is asked for by its name.
        """
        newest = self.today() if self.newest() else today
        return quarter_of(newest).previous() if text is None else Period.parse(text)

    def known_to(self, known_at: float | None = None) -> date:
        """The newest day that is known of, or was at an instant (unix seconds): at midnight that of the day before."""
        newest = self.newest()
        return datetime.fromtimestamp(newest if known_at is None else min(newest, known_at - MOMENT_S), UTC).date()

    def unbegun(self, period: Period, known_at: float | None = None) -> str | None:
        """Why a period has no figures: it has not begun as far as is known, or was at an instant; else None."""
        return unbegun(period, self.known_to(known_at))

    def begun(self, made: Mapping[Cohort, Figures], period: Period) -> Mapping[Cohort, Figures]:
        """Figures of a period, without their values while it has not begun."""
        reason = self.unbegun(period)
        if reason is None:
            return made
        return {
            cohort: {name: one.without(reason) for name, one in figures.items()} for cohort, figures in made.items()
        }

    def cohorts(self, period: Period, by: Sequence[str] = ()) -> Mapping[Cohort, Figures]:
        """The figures of every cohort that has any, by its values of the dimensions `by`."""
        return self.made(self.measured(period, by), period)

    def made(self, measured: Mapping[Cohort, Measured], period: Period) -> Mapping[Cohort, Figures]:
        """The figures of sums."""
        return self.begun({cohort: figures(one, period, self.settings) for cohort, one in measured.items()}, period)

    def everybody(self, period: Period) -> Figures:
        """The figures of all accounts together."""
        return self.made({(): self.measured(period)[()]}, period)[()]

    def issues(self) -> Sequence[IssueCount]:
        """What is wrong with events, by reason; counted anew as often as what takes all accounts is made."""
        return self.memo.get("issues", object(), self.model.issue_counts)

    def measured(self, period: Period, by: Sequence[str] = (), *, asking: bool = True) -> dict[Cohort, Measured]:
        """The sums behind them; of everybody under () even where there is nobody. asking: see FacetModel.sums.
        ValueError for a dimension that is not kept.
        """
        sheets = self.model.sheet(period, by)
        if PRODUCT in by:
            until = self.today() + timedelta(days=1)
            return {cohort: Measured(sheet, None, None, until) for cohort, sheet in sorted(sheets.items())}
        tallies, sums = self.model.tallies(period, by), self.facets.sums(period, by, asking=asking)
        cohorts = sorted({*sheets, *tallies, *sums.sheets, *(() if by else ((),))})
        nothing = Sheet(), FacetSheet(), Tally()
        found = {
            cohort: Measured(
                sheets.get(cohort, nothing[0]), sums.sheets.get(cohort, nothing[1]), tallies.get(cohort, nothing[2]),
                sums.until,
            )
            for cohort in cohorts
        }  # fmt: skip
        return {cohort: one for cohort, one in found.items() if not by or one[:-1] != nothing}

    def kept(
        self, name: Hashable, period: Period, make: Callable[[], Made],
        renew: Callable[[Mark, Made], Made] | None = None, beside: Hashable = None,
    ) -> Made:  # fmt: skip
        """What takes all accounts, made of a period and the days before it: kept until something of these days comes.

        It is then made anew when it is next asked for; of a period that is not over, see Memo, at the soonest.
        renew: makes it of what was made before, when the ledger had come as far as the mark. beside: equal as long as
        nothing is others that is not of the ledger.
        """
        fresh_s = 0.0 if period.end <= self.today() else FRESH_S
        model = self.model
        return self.memo.get(
            (name, period[:2]), (model.reached(), beside), make,
            lambda since: since[1] == beside and not model.touched(since[0], period.end), fresh_s,
            None if renew is None else lambda since, made: renew(since[0], made),
        )  # fmt: skip
