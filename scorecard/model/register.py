"""Which number an account has, and which account stands for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select, update

from scorecard.family import Unit, entity
from scorecard.model.database import Database
from scorecard.model.schema import get, put
from scorecard.model.tables import accounts
from scorecard.model.upsert import among, portions

CHANGES = "relations_changed"
"""Note of the read model, see `changes`."""


class Known(NamedTuple):
    """An account of the register."""

    id: int
    account_id: str
    entity: int
    merged_into: str | None
    parent: str | None


class Register:
    """Of one transaction."""

    def __init__(
        self, database: Database, connection: Connection, unit: Unit, numbers: Mapping[str, int] | None = None
    ) -> None:
        """numbers: those that are known already; an account's never changes."""
        self._database = database
        self._connection = connection
        self._unit = unit
        self._numbers = numbers or {}
        self._known: dict[str, Known] = {}
        self.found: dict[str, int] = {}
        """The numbers that were looked up or given."""
        self.new: set[str] = set()
        """The accounts that they were given to."""

    def numbers(self, account_ids: Iterable[str]) -> dict[str, int]:
        """The numbers of accounts; those that have none get one, and stand for themselves."""
        numbers = {account_id: self._numbers.get(account_id, 0) for account_id in account_ids}
        unknown = [account_id for account_id, number in numbers.items() if not number]
        if unknown:
            self._find([account_id for account_id in unknown if account_id not in self.found])
            numbers |= {account_id: self.found[account_id] for account_id in unknown}
        return numbers

    def _find(self, account_ids: Sequence[str]) -> None:
        """Look numbers up, and give one to those that have none."""
        for some in portions(account_ids):
            rows = self._connection.execute(
                select(accounts.c.account_id, accounts.c.id).where(among(self._connection, accounts.c.account_id, some))
            )
            self.found |= dict(rows.all())
        new = [account_id for account_id in account_ids if account_id not in self.found]
        if new:
            first = (self._connection.execute(select(func.max(accounts.c.id))).scalar() or 0) + 1
            given = list(enumerate(new, first))
            self._database.append(
                self._connection, accounts, [(number, account_id, number) for number, account_id in given]
            )
            self.found |= {account_id: number for number, account_id in given}
            self.new.update(new)

    def _load(self, account_ids: list[str]) -> None:
        for some in portions(account_ids):
            rows = self._connection.execute(
                select(accounts).where(among(self._connection, accounts.c.account_id, some))
            )
            self._known |= {row.account_id: Known(*row) for row in rows}

    def entities(self, numbers: Iterable[int]) -> dict[int, int]:
        """The numbers of the accounts that stand for others, by the number of these."""
        found: dict[int, int] = {}
        for some in portions(list(numbers)):
            query = select(accounts.c.id, accounts.c.entity).where(among(self._connection, accounts.c.id, some))
            found |= dict(self._connection.execute(query).all())
        return found

    def relate(self, account_id: str, merged_into: str | None, parent: str | None) -> set[int]:
        """Note what an account now belongs to; the entities that have lost or got members by it."""
        known = self._of(account_id)
        if (known.merged_into, known.parent) == (merged_into, parent):
            return set()
        self._put(known._replace(merged_into=merged_into, parent=parent))
        self.numbers(name for name in (merged_into, parent) if name is not None)
        return self._assign(self._below(account_id))

    def reassign(self) -> None:
        """Find out anew which account stands for each that belongs to another one."""
        related = or_(accounts.c.merged_into.is_not(None), accounts.c.parent.is_not(None))
        found = [Known(*row) for row in self._connection.execute(select(accounts).where(related))]
        self._known |= {known.account_id: known for known in found}
        self._assign(found)

    def _assign(self, members: Iterable[Known]) -> set[int]:
        """Let each be stood for by the right one; the entities that have lost or got members by it."""
        touched: set[int] = set()
        for member in members:
            leader = entity(member.account_id, _Links(self, "merged_into"), _Links(self, "parent"), self._unit)
            number = self.numbers([leader])[leader]
            if number != member.entity:
                touched |= {number, member.entity}
                self._put(member._replace(entity=number))
        return touched

    def _of(self, account_id: str) -> Known:
        found = self.find(account_id)
        assert found is not None, "it was given a number"
        return found

    def find(self, account_id: str) -> Known | None:
        """An account, if it is registered."""
        if account_id not in self._known:
            self._load([account_id])
        return self._known.get(account_id)

    def _below(self, account_id: str) -> list[Known]:
        """The account, and all whose way up leads through it."""
        found, waiting = {account_id: self._known[account_id]}, [account_id]
        while waiting:
            above = waiting.pop()
            rows = self._connection.execute(
                select(accounts).where(or_(accounts.c.merged_into == above, accounts.c.parent == above))
            )
            for row in rows:
                if row.account_id not in found:
                    found[row.account_id] = self._known[row.account_id] = Known(*row)
                    waiting.append(row.account_id)
        return list(found.values())

    def _put(self, known: Known) -> None:
        self._known[known.account_id] = known
        self._connection.execute(update(accounts).where(accounts.c.id == known.id).values(**known._asdict()))
        self.changed()

    def changed(self) -> None:
        """Count one change more, see `changes`."""
        put(self._connection, CHANGES, str(int(changes(self._connection)) + 1))


def changes(connection: Connection) -> str:
    """How often it changed which account one belongs to, which stands for it, or what is known of that at all: a number
    that only grows.
    """
    return get(connection, CHANGES) or "0"


class _Links(Mapping[str, str]):
    """One kind of relation, looked up as it is followed."""

    def __init__(self, register: Register, name: str) -> None:
        self._register = register
        self._name = name

    def __getitem__(self, account_id: str) -> str:
        known = self._register.find(account_id)
        above: str | None = None if known is None else getattr(known, self._name)
        if above is None:
            raise KeyError(account_id)
        return above

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("relations are only ever followed from an account")

    def __len__(self) -> int:
        raise NotImplementedError("relations are only ever followed from an account")
