"""Answers with rows of the ledger."""

from streams.http.answer import Answer, FigureAnswer, Number, Page


class MovementAnswer(Answer):
    """A movement of recurring revenue."""

    account_id: str
    """Whose."""
    entity: str
    """The account that stands for it."""
    product: str
    """Which."""
    subscription_id: str
    """Which."""
    kind: str
    """Of the waterfall: as the entity sees it."""
    account_kind: str
    """As the account by itself sees it."""
    on: str
    """Its day."""
    amount: Number
    """In the reporting currency."""
    rates_of: str
    """Day of the rates of the amount."""
    fx: Number
    """What the rate of the day makes of it beyond that."""
    currency: str
    """The reporting one."""
    paid: Number
    """As paid."""
    paid_currency: str
    """In which."""
    message_id: str
    """That said so."""
    known_at: str
    """When it arrived."""
    exposed: bool
    """C1: whether a programme had touched the entity before."""
    programmes: list[str]
    """Which."""
    contacts: list[str]
    """Whom of it."""


class MovementsAnswer(Page):
    """Movements by day."""

    movements: list[MovementAnswer]
    """Oldest first."""


class ChangeAnswer(Answer):
    """A field before and after."""

    before: Number | str | list[int] | None
    """Count, amount in major units, days, or the value of a dimension."""
    after: Number | str | list[int] | None
    """The same."""


class RestatedAnswer(Answer):
    """What late data changed of a period that was over."""

    period: str
    """Its name."""
    entity: str
    """Whose figures."""
    known_at: str
    """When the data arrived."""
    message_id: str
    """The event that made it; of several the newest."""
    messages: int
    """How many those are at most."""
    changes: dict[str, ChangeAnswer]
    """By field of the sheet (v_sheets), and by dimension."""


class RestatementsAnswer(Page):
    """What late data changed."""

    restatements: list[RestatedAnswer]
    """The newest first."""


class RetentionFiguresAnswer(Answer):
    """Retention of everybody."""

    grr: FigureAnswer
    """R2."""
    nrr: FigureAnswer
    """R3."""


class RestatedPeriodAnswer(Answer):
    """What arrived on a day, and changed a period that was over."""

    period: str
    """Its name."""
    on: str
    """The day."""
    entities: int
    """Whose figures changed."""
    message_id: str
    """The newest event that made it."""
    messages: int
    """How many there are at most."""
    before: RetentionFiguresAnswer
    """Before that day."""
    after: RetentionFiguresAnswer
    """After it."""


class RestatedPeriodsAnswer(Page):
    """R2 and R3 before and after late data."""

    periods: list[RestatedPeriodAnswer]
    """The newest day first."""


class IssueAnswer(Answer):
    """What was wrong with an event."""

    account_id: str
    """Whose."""
    message_id: str
    """Which."""
    reason: str
    """A code: see the guide."""
    field: str
    """Where."""
    value: str
    """The beginning of what stood there."""
    message: str
    """What is wrong with it."""
    known_at: str
    """When it arrived."""
    settled_at: str | None
    """When something that arrived later put it right."""


class IssuesAnswer(Page):
    """Events that could not be counted as they are."""

    issues: list[IssueAnswer]
    """The newest first."""
