"""Answers on retention, attribution, forecast and reports."""

from streams.http.answer import Answer, FigureAnswer, IssueCountAnswer, Number, Page


class WaterfallAnswer(Answer):
    """R4: the bars add up to `end`."""

    start: Number | None
    """At the start."""
    new: Number | None
    """Of new accounts."""
    reactivation: Number | None
    """Of accounts that were absent at the start and had been there before."""
    upsell: Number | None
    """More of a product."""
    cross_sell: Number | None
    """Further products."""
    usage: Number | None
    """Growth of usage."""
    contraction: Number | None
    """Below zero."""
    churn: Number | None
    """Below zero."""
    fx: Number | None
    """What rates made of it."""
    end: Number | None
    """At the end."""


class CountsAnswer(Answer):
    """Accounts of a cohort."""

    start: int | None
    """Active at the start."""
    retained: int | None
    """Of these, active at the end."""
    end: int | None
    """Active at the end."""
    new: int | None
    """Won in the period."""
    reactivated: int | None
    """Back after being absent at the start."""
    churned: int | None
    """Left in the period, and stayed away."""
    returned: int | None
    """Left and came back within the period."""
    expanded: int | None
    """Of those at the start, pay more at the end, or expanded meanwhile."""
    contracted: int | None
    """Of those at the start, pay less."""


class RetainedAnswer(Answer):
    """A cohort in a period. Of one that has not begun nothing has a value."""

    period: str
    """Its name."""
    known_to: str
    """The newest day that is known of."""
    cohort: dict[str, str]
    """Its value of each dimension; empty: everybody."""
    known_at: str | None
    """As it was known then; null: as it is known."""
    currency: str
    """Of the amounts."""
    nrr: FigureAnswer
    """R3."""
    grr: FigureAnswer
    """R2."""
    logo_retention: FigureAnswer
    """R1."""
    waterfall: WaterfallAnswer
    """R4."""
    gap: Number | None
    """Between the bars and the end: zero."""
    accounts: CountsAnswer
    """How many."""


class RetentionAnswer(Page):
    """R1 to R4."""

    period: str
    """Its name."""
    known_to: str
    """The newest day that is known of."""
    issues: list[IssueCountAnswer]
    """Events that are not in the figures as they are."""
    by: list[str]
    """Dimensions of the cohorts."""
    cohorts: list[RetainedAnswer]
    """Everybody, then each cohort."""


class MonthAnswer(RetainedAnswer):
    """A month by itself."""

    trailing_12m: RetainedAnswer
    """The twelve that end with it."""


class MonthlyAnswer(Page):
    """R1 to R4 by month."""

    issues: list[IssueCountAnswer]
    """Events that are not in the figures as they are."""
    months: list[MonthAnswer]
    """Oldest first: of everybody, then of each cohort."""
    by: list[str]
    """Dimensions of the cohorts."""


class CreditedAnswer(Answer):
    """C6: expansion by one model."""

    period: str
    """Its name."""
    model: str
    """last-touch, linear, time-decay, position or lift."""
    currency: str
    """Of the amounts."""
    movements: int | None
    """Expansions shared out; null: `reason` says why."""
    total: Number | None
    """Of them: X1."""
    reason: str | None
    """Why nothing is shared out yet."""
    programmes: dict[str, Number]
    """What each is credited with; `(no touchpoint)` and `(baseline)` among them. They add up to the total."""


class AttributionAnswer(Answer):
    """C6 by each model."""

    period: str
    """Its name."""
    known_to: str
    """The newest day that is known of."""
    issues: list[IssueCountAnswer]
    """Events that are not in the figures as they are."""
    models: list[CreditedAnswer]
    """Those asked for."""


class AccuracyAnswer(Answer):
    """How right forecasts of one quarter ahead were, each made with what was known then."""

    origins: int
    """How many there were."""
    mean_error: Number
    """Mean absolute error."""
    naive_mean_error: Number
    """Of the naive forecast."""
    within_interval: Number | None
    """Share of the truths that lay within the interval."""
    better_than_naive: bool
    """Where not, believe the naive one."""


class QuarterAnswer(Answer):
    """A quarter that is over, or one to come."""

    period: str
    """Its name."""
    kind: str
    """past or forecast."""
    nrr: Number | None
    """R3, or what is foretold."""
    reason: str | None = None
    """Why there is none."""
    n: int | None = None
    """Of a past one: accounts active at the start."""
    low: Number | None = None
    """Of a forecast: lower end of its interval."""
    high: Number | None = None
    """Upper end."""
    level: Number | None = None
    """How often the truth should lie within."""
    naive: Number | None = None
    """The naive forecast: as it was last."""
    method: str | None = None
    """Which of the methods did best so far."""
    accuracy: AccuracyAnswer | None = None
    """Of forecasts so far; null: too few."""


class ForecastAnswer(Answer):
    """C8."""

    quarters: list[QuarterAnswer]
    """Those that are over, then those to come."""


class CauseAnswer(Answer):
    """A likely reason why a reported figure is another one."""

    id: str
    """Its code."""
    explanation: str
    """In a sentence."""


class JudgedAnswer(Answer):
    """A reported figure beside the one formula's."""

    source: str
    """Whose report."""
    metric: str
    """R1, R2 or R3."""
    period: str
    """As handed in."""
    cohort: str
    """As handed in; empty: everybody."""
    reported: str
    """As printed."""
    ours: Number | None
    """The one formula's; null: it has no value."""
    agrees: bool | None
    """Within what was printed; null: it can't be compared."""
    difference: Number | None
    """Reported less ours."""
    causes: list[CauseAnswer]
    """The likeliest first."""
    says: str
    """All of it in a sentence."""


class ReportsAnswer(Answer):
    """C7."""

    reports: list[JudgedAnswer]
    """In the order in which they were handed in."""
    consistency: FigureAnswer
    """C7 with these."""
