"""Answers of the scorecard's two views and of series."""

from streams.http.answer import Answer, FigureAnswer, IssueCountAnswer, Number, Page


class BenchmarkAnswer(Answer):
    """A figure beside an outside one."""

    value: Number | None
    """The outside one, in the figure's unit."""
    source: str
    """Who published it, and when."""
    difference: Number | None
    """The figure less it; null: the figure has no value."""
    at_least: bool | None
    """Whether the figure is as good, whichever direction is good."""


class EndAnswer(Answer):
    """The best or the worst cohort."""

    cohort: dict[str, str]
    """Its value of each dimension."""
    value: Number | None
    """Of the figure, in it."""
    n: int
    """What that rests on."""
    low: Number | None
    """Lower end of its interval, of an estimate."""
    high: Number | None
    """Upper end."""


class LineAnswer(FigureAnswer):
    """A figure of a cohort with everything that it is held against."""

    title: str
    """What it is, in a few words."""
    cohort: dict[str, str]
    """Its value of each dimension; empty: everybody."""
    owner: str
    """Who answers for it: Product, CS, Marketing, Sales, RevOps, Finance."""
    review: str
    """How often it is looked at."""
    good: str
    """Which direction is good: up, down or neither."""
    target: Number | None
    """What was agreed; null: nothing."""
    met: bool | None
    """Whether it is reached; null without target or value."""
    before: Number | None
    """The value of the period before."""
    trend: str
    """better, worse, as before; up or down where neither is good; empty: `no_trend` says why there is none."""
    no_trend: str | None
    """Why there is no trend."""
    benchmark: BenchmarkAnswer | None
    """The outside figure that fits best; null: none does."""
    best: EndAnswer | None
    """Of everybody's figures: the best cohort among those large enough."""
    worst: EndAnswer | None
    """The worst one."""
    no_best: str | None
    """Why there are none; null of a cohort's figures, too."""


class FeatureAnswer(Answer):
    """A3 of a feature."""

    feature: str
    """Its event."""
    accounts: int
    """That use it."""
    users: int
    """That use it."""
    of_accounts: Number
    """Share of all active ones."""
    of_users: Number | None
    """Share of all active ones; null: none is known."""


class ProductsAnswer(Answer):
    """X3, distributed."""

    products: int
    """Products held."""
    accounts: int
    """That hold so many at the end of the period."""
    of_accounts: Number
    """Share of all."""


class StageAnswer(Answer):
    """O5 of a stage."""

    stage: str
    """Its name."""
    accounts: int
    """In it at the end of the period."""
    mean_days: Number | None
    """That they have been in it, of whom it is known."""
    moments: list[str]
    """Events that are its key moments."""
    metrics: list[FigureAnswer]
    """That steer it."""


class ShareAnswer(Answer):
    """A share with its interval."""

    share: Number | None
    """null: nobody."""
    n: int
    """Accounts."""
    low: Number | None
    """Lower end of the 95 % interval."""
    high: Number | None
    """Upper end."""


class SignAnswer(Answer):
    """L1: how well a sign of the period before foretold what came."""

    sign: str
    """Which."""
    outcome: str
    """What came: retained, expanded."""
    p: Number | None
    """Of Fisher's exact test."""
    with_it: ShareAnswer
    """Of the accounts that showed it."""
    without_it: ShareAnswer
    """Of the others."""


class ScorecardAnswer(Page):
    """A view of a period; what is not required is of the operational view, and on its first page."""

    period: str
    """Its name."""
    start: str
    """Its first day."""
    end: str
    """The day after its last."""
    known_to: str
    """The newest day that anything is known of."""
    issues: list[IssueCountAnswer]
    """Events that are not in the figures as they are."""
    before: str
    """The period that trends are against."""
    by: list[str]
    """Dimensions of the cohorts."""
    currency: str
    """Of all amounts."""
    attainment: FigureAnswer
    """G1, of the period whatever is shown."""
    benchmarked: FigureAnswer
    """G2."""
    view: str
    """executive or operational."""
    lines: list[LineAnswer]
    """Of everybody, then of every cohort."""
    features: list[FeatureAnswer] | None = None
    """Of the operational view: the most used ones."""
    products: list[ProductsAnswer] | None = None
    """Of the operational view."""
    stages: list[StageAnswer] | None = None
    """Of the operational view, in the order of the journey."""
    foretold: list[SignAnswer] | None = None
    """Of the operational view."""


class PointAnswer(FigureAnswer):
    """A figure of a cohort in a period."""

    period: str
    """Its name."""
    cohort: dict[str, str]
    """Its value of each dimension; empty: everybody."""


class SeriesAnswer(Page):
    """Figures through periods."""

    every: str
    """week, month or quarter."""
    by: list[str]
    """Dimensions of the cohorts."""
    series: list[PointAnswer]
    """By cohort and figure, oldest period first."""
