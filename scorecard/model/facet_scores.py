"""H1: the newest scores of accounts, summed over those that count in a period that still runs.

Scores move by themselves as time passes, all of them, so they are not kept by differences: they are added up anew, from
what is kept of the accounts' cohorts, which takes a second for some hundred thousand.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from scorecard.book import Book
from scorecard.model import facet_periods, facet_store, facet_sums
from scorecard.model.cohorts import Cohorts
from scorecard.model.facet_names import Names
from scorecard.model.facet_periods import HEALTH
from scorecard.model.facet_store import LEADERS
from scorecard.model.facet_sums import Key, Ways
from scorecard.model.facet_tables import facet_names
from scorecard.model.facet_tables import facet_sums as sums
from scorecard.model.tables import accounts


class Score(NamedTuple):
    """What an account was last found to be."""

    points: float
    coverage: float
    band: str

    @property
    def counts(self) -> Mapping[str, int]:
        """What adds up: hundredths of points, ten-thousandths of coverage."""
        points, coverage = round(100 * self.points), round(10_000 * self.coverage)
        return {"health/n": 1, "health/points": points, "health/coverage": coverage, f"health_band/{self.band}": 1}


Health = Callable[[], Mapping[str, Score]]
"""The newest scores of all accounts that have one."""

Scored = Mapping[Key, Mapping[str, int]]
"""Counts by name."""


def make(connection: Connection, dimensions: Sequence[str], scores: Mapping[str, Score], today: date) -> Scored:
    """What the scores of accounts come to in every period that runs, of those that pay, or of which nobody said."""
    of_entities = _of_entities(connection, scores)
    cohorts = Cohorts(connection, dimensions)
    ways = Ways(cohorts, dimensions, facet_periods.asked_by(connection))
    found: dict[Key, dict[str, int]] = {}
    for one in facet_periods.standing(connection):
        if one.built_to is not None or one.period.end < today:
            continue
        for some in facet_sums.active(connection, one.id):
            cohorts.load(cohort for _, cohort in some)
            for entity, cohort in some:
                score = of_entities.get(entity)
                if score is not None:
                    counts = score.counts
                    for key in ways.of(one.id, cohort):
                        _add(found.setdefault(key, {}), counts)
    return found


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


def write(connection: Connection, scored: Scored) -> None:
    """In place of what was there, also of periods that are over by now."""
    health = select(facet_names.c.id).where(facet_names.c.name.like(HEALTH))
    connection.execute(delete(sums).where(sums.c.name.in_(health)))
    asked, names = facet_periods.asked_by(connection), Names(connection)
    names.learn(name for counts in scored.values() for name in counts)
    kept = {key: names.numbered(counts) for key, counts in scored.items() if key[1] in asked.get(key[0], ())}
    facet_sums.write(connection, kept)


def _of_entities(connection: Connection, scores: Mapping[str, Score]) -> Mapping[str, Score]:
    """By the account that stands for the entity."""
    query = (
        select(accounts.c.account_id, LEADERS.c.account_id, LEADERS.c.id)
        .join(LEADERS, LEADERS.c.id == accounts.c.entity)
        .where(accounts.c.id != accounts.c.entity)
    )
    merged = connection.execute(query).all()
    if not merged:
        return scores
    found = dict(scores)
    for account_id, _, _ in merged:
        found.pop(account_id, None)
    leaders = {number: leader for _, leader, number in merged}
    for number, family in facet_store.members(connection, list(leaders)).items():
        told = [(book, scores[book.account_id]) for book in family if book.account_id in scores]
        if told:
            found[leaders[number]] = _together(told)
    return found


def _together(members: Sequence[tuple[Book, Score]]) -> Score:
    """Of an entity, by what its accounts pay now, and in the band of that which pays most; of those that pay nothing
    each weighs the same.
    """
    if len(members) == 1:
        return members[0][1]
    worth = [max(0, book.revenue.balance.total) for book, _ in members]
    weights = worth if any(worth) else [1] * len(worth)
    scores = [score for _, score in members]
    points, coverage = (
        sum(weight * getattr(score, name) for weight, score in zip(weights, scores, strict=True)) / sum(weights)
        for name in ("points", "coverage")
    )
    return Score(points, coverage, scores[weights.index(max(weights))].band)
