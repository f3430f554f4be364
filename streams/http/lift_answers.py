"""The answer of the measured lift."""

from streams.http.answer import Answer, FigureAnswer, IssueCountAnswer, Number, Page


class ArmAnswer(Answer):
    """Accounts of one arm, and their rates; without accounts there are none."""

    accounts: int
    """How many."""
    start: Number
    """Their revenue at the start."""
    nrr: Number | None = None
    """End / start."""
    grr: Number | None = None
    """Kept / start."""
    expansion: Number | None = None
    """Expansion / start."""
    contraction: Number | None = None
    """Contraction / start."""
    churn: Number | None = None
    """Churn / start."""


class LiftAnswer(Answer):
    """One outcome compared: 0.05 is five points."""

    value: Number | None
    """Rate of the exposed less rate of comparable others, weighted by stratum."""
    reason: str | None
    """Why there is no value."""
    low: Number | None
    """Lower end of the interval."""
    high: Number | None
    """Upper end."""
    level: Number | None
    """Of the interval."""
    smallest: Number | None
    """Power: the smallest lift that would have been seen in four of five cases."""
    no_interval: str | None
    """Why there is a value and no interval."""
    exposed_rate: Number | None
    """Of the exposed that are compared."""
    control_rate: Number | None
    """Of the others, by the same weights."""
    naive: Number | None
    """Of all exposed less of all others, comparable or not: to be warned of."""


class OutcomeAnswer(LiftAnswer):
    """The same with words."""

    says: str
    """What may be said of it."""


class StratumAnswer(Answer):
    """Accounts that are alike."""

    stratum: dict[str, str]
    """In what."""
    exposed: ArmAnswer
    """Those that were exposed."""
    others: ArmAnswer
    """Those that were not."""


class ComparedAnswer(StratumAnswer):
    """A stratum that is compared."""

    weight: Number
    """In the sum; all weights add up to 1."""


class LeftOutAnswer(StratumAnswer):
    """A stratum that is not."""

    reason: str | None
    """Why."""


class BalanceAnswer(Answer):
    """How alike the arms are in one property."""

    name: str
    """tenure_days, or segment=smb."""
    exposed: Number | None
    """Mean of the exposed; of money in major units."""
    control: Number | None
    """Of the others."""
    before: Number | None
    """Standardised difference before matching."""
    after: Number | None
    """After it."""
    balanced: bool
    """At most 0.1."""


class PlaceboAnswer(LiftAnswer):
    """The same with false dates, where there should be no lift."""

    says: str
    """passed, failed or unknown."""
    accounts: int
    """How many could be looked at."""


class BothAnswer(Answer):
    """A number of each arm."""

    exposed: Number
    """Of the exposed."""
    others: Number
    """Of the others."""


class ComparisonAnswer(Answer):
    """What stands beside every lift."""

    lifts: dict[str, OutcomeAnswer]
    """By outcome: nrr, grr, expansion, contraction, churn."""
    caveats: list[str]
    """What to know before one believes it."""
    accounts: BothAnswer
    """Compared."""
    effective: BothAnswer
    """As many accounts of equal size would tell as much."""
    crossed: int
    """Others that were touched inside the period."""
    exposed_revenue_compared: Number | None
    """Share of it that has comparable others."""
    balance: list[BalanceAnswer]
    """How alike the arms are, property by property."""
    placebo: PlaceboAnswer
    """A lift where there should be none."""


class ProgrammeAnswer(ComparisonAnswer):
    """C5: those exposed to a programme against those exposed to none."""

    left_out: int
    """Strata that can't be compared."""


class CohortLiftAnswer(ProgrammeAnswer):
    """C3 and C4 of a cohort, its accounts among themselves."""

    cohort: dict[str, str]
    """Its value of each dimension."""
    figures: list[FigureAnswer]
    """C3, C3.exposed, C3.other, C4."""


class LiftsAnswer(ComparisonAnswer, Page):
    """C3 to C5. Strata come in pages; all else is on each of them."""

    period: str
    """Its name."""
    known_to: str
    """The newest day that is known of."""
    issues: list[IssueCountAnswer]
    """Events that are not in the figures as they are."""
    currency: str
    """Of the amounts."""
    exposed: ArmAnswer
    """All that were exposed before the period, comparable or not."""
    others: ArmAnswer
    """All others."""
    matched_on: list[str]
    """Dimensions."""
    dropped: list[str]
    """Dimensions without which more could be compared."""
    unknown: list[str]
    """Dimensions that are known of nobody."""
    weights: str
    """Whose revenue weighs: exposed or all."""
    seed: int
    """Of the bootstrap."""
    resamples: int
    """Of the bootstrap."""
    strata: int
    """How many there are, on all pages."""
    compared: list[ComparedAnswer]
    """Strata with both arms, of this page."""
    left_out: list[LeftOutAnswer]
    """Strata that can't be compared, after all that can."""
    programmes: dict[str, ProgrammeAnswer]
    """C5."""
    by: list[str]
    """Dimensions of the cohorts."""
    cohorts: list[CohortLiftAnswer]
    """Of every one."""
