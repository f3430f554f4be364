"""The answer of the catalogue."""

from streams.http.answer import Answer, Number


class FigureEntryAnswer(Answer):
    """A figure of a metric; with `values` also where it stands."""

    title: str
    """What it is."""
    unit: str
    """share, ratio, money, days, ..."""
    good: str
    """up, down or neither."""
    money: list[str]
    """Which of numerator and denominator are amounts; of money itself the numerator is."""
    no_parts: str
    """Why it has neither numerator nor denominator; empty: it has."""
    value: Number | None = None
    """Of everybody in the period; amounts in major units."""
    reason: str | None = None
    """Why there is no value."""
    n: int | None = None
    """What it rests on."""
    low: Number | None = None
    """Lower end of its interval."""
    high: Number | None = None
    """Upper end."""
    target: Number | None = None
    """What was agreed."""
    met: bool | None = None
    """Whether it is reached."""
    trend: str | None = None
    """As on the scorecard."""
    no_trend: str | None = None
    """Why there is none."""


class MetricAnswer(Answer):
    """A metric of the catalogue."""

    id: str
    """R3."""
    title: str
    """Its name."""
    definition: str
    """What it is."""
    formula: str
    """How it is computed."""
    unit: str
    """Of its figures, unless they say otherwise."""
    streams: list[str]
    """What it is made of."""
    owner: str
    """Who answers for it."""
    review: str
    """How often it is looked at."""
    good: str
    """up, down or neither."""
    traps: str
    """What it is mistaken for."""
    figures: dict[str, FigureEntryAnswer]
    """By id; the metric's own first."""


class MetricsAnswer(Answer):
    """The catalogue."""

    period: str | None
    """Of the values; null: the catalogue alone was asked for."""
    currency: str | None
    """Of the amounts; null: the same."""
    metrics: list[MetricAnswer]
    """In the catalogue's order."""
