"""Plays over cohorts: a condition over a cohort's figures, one episode per cohort and play, and its trigger.

The file is a play file with three keys more. Conditions see `figures.<id>`, the figures of the scorecard with the dot
of a part written as an underscore (`figures.R3`, `figures.A1_p75`), and `accounts`, how many were active at the start.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Literal, NamedTuple

from pydantic import Field

from plays.condition import Names
from plays.episode import Episode
from plays.logic import Values
from plays.play import PlaybookFile, Word
from plays.playbook import Playbook, playbook_of
from plays.reason import placeholders
from plays.trigger import asked, envelope
from scoring.document import read
from scoring.subject import subject

TYPE = "io.accountpulse.cohort_play.opened"

ACCOUNTS_MIN = 20
"""Below, one account that leaves moves NRR by more than any programme could."""

DIMENSIONS_MAX = 3
"""By more the cohorts are too small to say anything."""

ACCOUNTS = "accounts"


class CohortPlaysFile(PlaybookFile):
    """A file of plays over cohorts."""

    by: tuple[Word, ...] = Field(
        ("segment",), min_length=1, max_length=DIMENSIONS_MAX, description="Dimensions whose cohorts are watched."
    )
    period: Literal["12m", "quarter", "month"] = Field(
        "12m", description="Over which figures are computed: the last whole months or quarter."
    )
    accounts_min: int = Field(
        ACCOUNTS_MIN, ge=2, le=1_000_000,
        description="A cohort with fewer accounts at the start is not judged: it neither opens nor recovers.",
    )  # fmt: skip


class CohortPlays(NamedTuple):
    """Compiled plays over the cohorts of some dimensions."""

    playbook: Playbook
    by: tuple[str, ...]
    period: str
    accounts_min: int


def load_cohort_plays(text: str, *, file: str, figures: Sequence[str]) -> CohortPlays:
    """The plays of a YAML text; figures: ids of those that conditions may use. DocumentError holds every problem."""
    document = read(text, file=file, model=CohortPlaysFile)
    model = document.model
    return CohortPlays(playbook_of(document, names(figures)), model.by, model.period, model.accounts_min)


def cohort_plays_text() -> str:
    """The plays over cohorts that are shipped."""
    return resources.files("plays").joinpath("cohorts.yaml").read_text(encoding="utf-8")


def names(figures: Sequence[str]) -> Names:
    """What conditions see, and its type.

    >>> [*names(["A1", "A1.p75"])]
    ['figures.A1', 'figures.A1_p75', 'accounts']
    """
    return {**dict.fromkeys(map(name_of, figures), "double"), ACCOUNTS: "double"}


def name_of(figure: str) -> str:
    """The name that conditions have for a figure."""
    return f"figures.{figure.replace('.', '_')}"


def cohort_trigger(
    plays: CohortPlays, episode: Episode, cohort: Mapping[str, str], period: str, values: Values
) -> dict[str, Any]:
    """The trigger of an episode that has just opened: a CloudEvent as of an account, whose subject is the cohort."""
    rule = plays.playbook.rules[episode.play]
    play = rule.play
    looked_at = sorted({*rule.condition.names, *placeholders(play.reason or "")})
    data = {
        "cohort": dict(cohort),
        "period": period,
        "accounts": values.get(ACCOUNTS),
        **asked(play, rule.condition, episode, values),
        "condition": rule.condition.source,
        "evidence": {one: values.get(one) for one in looked_at},
    }
    return envelope(TYPE, subject(cohort), play, episode, plays.playbook.version, data)
