"""Answers on the accounts of a cohort, plays on cohorts, and how the scorecard is kept and used."""

from streams.http.answer import Answer, Number, Page
from streams.http.retention_answers import WaterfallAnswer


class TaskAnswer(Answer):
    """A play that is open on an account."""

    play: str
    """Its name."""
    title: str
    """What it is about."""
    phase: str
    """Where the episode is."""
    since: str
    """When it came there, ISO 8601."""
    owner: str
    """Who acts."""
    due_at: str | None
    """By when; null: no time was set."""
    action: str
    """What the owner does next."""
    severity: str
    """critical, warning or info."""


class AccountAnswer(Answer):
    """What an account adds to the figures."""

    account_id: str
    """The account that stands for those merged with it."""
    cohort: dict[str, str]
    """What it was when the period began, by dimension."""
    owner: str | None
    """The trait `owner`."""
    start: Number
    """Recurring revenue at the start."""
    end: Number
    """At the end."""
    change: Number
    """Between both."""
    nrr: Number | None
    """Of it alone; null: it paid nothing at the start."""
    waterfall: WaterfallAnswer
    """R4 of it alone."""
    open_plays: list[TaskAnswer]
    """The most severe first."""
    next_action: str | None
    """Of the first of them."""


class AccountsAnswer(Page):
    """Accounts of a cohort."""

    period: str
    """Its name."""
    known_to: str
    """The newest day that is known of."""
    reason: str | None
    """Why there are none, of a period that has not begun."""
    cohort: dict[str, str]
    """As asked for."""
    accounts: list[AccountAnswer]
    """By id."""


class EpisodeAnswer(Answer):
    """The newest episode of a play on a cohort."""

    id: str
    """That of its trigger."""
    subject: str
    """The cohort as triggers name it."""
    cohort: dict[str, str]
    """Its value of each dimension."""
    play: str
    """Its name."""
    number: int
    """Which of its episodes."""
    phase: str
    """pending, open, ..."""
    reason: str
    """Why it is in this phase."""
    since: str
    """Since when, ISO 8601."""
    opened_at: str | None
    """null: it has not opened yet."""
    feedback: str | None
    """What people said of it."""


class EpisodesAnswer(Page):
    """Plays on cohorts."""

    episodes: list[EpisodeAnswer]
    """By cohort."""


class StateAnswer(Answer):
    """How fresh the figures are."""

    money: str | None
    """Arrival of the newest event in the figures of money; null: there is none."""
    others: str | None
    """The same of all others, which follow."""
    unsettled: int
    """Entities whose figures lag behind their movements."""


class OpenedAnswer(Answer):
    """How often somebody opened a view."""

    reader: str
    """As `X-Reader` names them."""
    view: str
    """executive or operational."""
    openings: int
    """How often."""
    days: int
    """On how many different days."""


class UseAnswer(Page):
    """S3."""

    days: int
    """Over so many."""
    use: list[OpenedAnswer]
    """The most frequent first."""
