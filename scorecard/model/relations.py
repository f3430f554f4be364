"""Which account stood for which, from what had been said of merges and parents by an instant."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from scorecard.family import Unit, entity
from scorecard.model.tables import accounts, traits
from scorecard.model.upsert import among, portions
from scorecard.traits import Statement, statement

RELATIONS = ("merged_into", "parent")
"""The traits that make several accounts one entity."""


class Relations(NamedTuple):
    """By the numbers of accounts. Who is not named here stands for itself alone."""

    leaders: Mapping[int, int]
    """Account: the one that stood for it, which may be itself."""
    below: Mapping[int, list[int]]
    """The other way round."""

    def leader(self, account: int) -> int:
        """The account that stood for one."""
        return self.leaders.get(account, account)

    def members(self, leader: int) -> list[int]:
        """The accounts that one stood for, itself among them; none where another one stood for it."""
        found = self.below.get(leader, [])
        return found if leader in self.leaders else [leader, *found]

    def several(self) -> list[int]:
        """All accounts that were one with another."""
        found = (self.members(leader) for leader in self.below)
        return [account for members in found if len(members) > 1 for account in members]


def relations(connection: Connection, unit: Unit, known_at: float) -> Relations:
    """As they were known at an instant. A relation that was ever stated never goes without another in its place: so
    those of now name all accounts that had any then.
    """
    related = or_(accounts.c.merged_into.is_not(None), accounts.c.parent.is_not(None))
    named = dict(connection.execute(select(accounts.c.id, accounts.c.account_id).where(related)).all())
    newest = _newest(connection, list(named), known_at)
    links: dict[str, dict[str, str]] = {name: {} for name in RELATIONS}
    for (account, name), (*_, value) in newest.items():
        links[name][named[account]] = value
    merged_into, parents = (links[name] for name in RELATIONS)
    stood = {account: entity(account_id, merged_into, parents, unit) for account, account_id in named.items()}
    numbers = _numbers(connection, stood.values())
    leaders = {account: numbers[leader] for account, leader in stood.items()}
    below: dict[int, list[int]] = {}
    for account, leader in leaders.items():
        below.setdefault(leader, []).append(account)
    return Relations(leaders, below)


def _newest(connection: Connection, numbers: list[int], known_at: float) -> dict[tuple[int, str], Statement]:
    """The newest statement of each relation of some accounts."""
    found: dict[tuple[int, str], Statement] = {}
    query = select(traits).where(traits.c.name.in_(RELATIONS), traits.c.known_at <= known_at)
    for some in portions(numbers):
        for row in connection.execute(query.where(among(connection, traits.c.account, some))):
            key, one = (row.account, row.name), statement(row.at, row.message_id, row.value)
            found[key] = max(one, found.get(key, one))
    return found


def _numbers(connection: Connection, account_ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in portions(sorted({*account_ids})):
        query = select(accounts.c.account_id, accounts.c.id).where(among(connection, accounts.c.account_id, some))
        found |= dict(connection.execute(query).all())
    return found
