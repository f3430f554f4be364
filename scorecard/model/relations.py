"""Which account stood for which, from what had been said of merges and parents by an instant."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select

from scorecard.family import Unit, entity
from scorecard.model.tables import accounts, traits
from scorecard.model.upsert import among, portions
from scorecard.traits import RELATIONS, Statement, statement


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
    """As they were known at an instant."""
    numbers: dict[str, int] = {}
    newest: dict[tuple[str, str], Statement] = {}
    query = (
        select(traits, accounts.c.account_id)
        .join(accounts, accounts.c.id == traits.c.account)
        .where(traits.c.name.in_(RELATIONS), traits.c.known_at <= known_at)
    )
    for row in connection.execute(query):
        numbers[row.account_id] = row.account
        key, one = (row.name, row.account_id), statement(row.at, row.message_id, row.value)
        newest[key] = max(one, newest.get(key, one))
    links: dict[str, dict[str, str]] = {name: {} for name in RELATIONS}
    for (name, account_id), (*_, above) in newest.items():
        if above:  # an empty one takes back what was said before
            links[name][account_id] = above
    merged_into, parents = (links[name] for name in RELATIONS)
    stood = {account_id: entity(account_id, merged_into, parents, unit) for account_id in numbers}
    numbers |= _numbers(connection, {*stood.values()} - numbers.keys())
    leaders = {numbers[account_id]: numbers[leader] for account_id, leader in stood.items()}
    below: dict[int, list[int]] = {}
    for account, leader in leaders.items():
        below.setdefault(leader, []).append(account)
    return Relations(leaders, below)


def _numbers(connection: Connection, account_ids: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in portions(sorted(account_ids)):
        query = select(accounts.c.account_id, accounts.c.id).where(among(connection, accounts.c.account_id, some))
        found |= dict(connection.execute(query).all())
    return found
