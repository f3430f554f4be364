"""What people said of cohorts' triggers: kept by whoever takes the events, heard by whoever moves the episodes."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from scorecard.model.tables import answers
from scorecard.model.upsert import TOGETHER
from scoring.event import Event


class Answer(NamedTuple):
    """One of them."""

    number: int
    """In the order in which they came, from 1."""
    message_id: str
    subject: str
    """Of the cohort."""
    name: str
    at: float
    """When it was said, unix seconds by the sender's clock."""
    arrived: float
    """When it came, by ours."""
    properties: dict[str, Any]


def add(connection: Connection, events: Sequence[Event]) -> None:
    """Keep them, in their order; a message of a cohort that came before is left out."""
    for event in events:
        same = (answers.c.subject == event.account_id) & (answers.c.message_id == event.message_id)
        if connection.execute(select(answers.c.number).where(same)).first() is None:
            row = (
                newest(connection) + 1, event.message_id, event.account_id, event.name, event.at, event.arrived,
                json.dumps(dict(event.properties)),
            )  # fmt: skip
            connection.execute(answers.insert().values(row))


def newest(connection: Connection) -> int:
    """Number of the last one; 0 before the first."""
    return int(connection.execute(select(func.max(answers.c.number))).scalar() or 0)


def after(connection: Connection, number: int) -> list[Answer]:
    """Those after a number, so many as are dealt with together."""
    rows = connection.execute(
        select(answers).where(answers.c.number > number).order_by(answers.c.number).limit(TOGETHER)
    )
    return [Answer(*row)._replace(properties=json.loads(row.properties)) for row in rows]
