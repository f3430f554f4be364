"""The unpacked records at hand, the most recently used ones, in bounded number."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from plays.engine import Engine
from scoring.account import Account
from streams.embedded.records import Records


class Held:
    """A record in memory, the position of the last event in it, and nothing that is not on the disk or about to be."""

    __slots__ = ("account", "applied")

    def __init__(self, account: Account, applied: int) -> None:
        self.account = account
        self.applied = applied


class Accounts:
    """Owns the records while they are in memory. What was changed and then not stored must be dropped."""

    def __init__(self, engine: Engine, records: Records, held_max: int) -> None:
        self._engine = engine
        self._records = records
        self._held_max = held_max
        self._held: OrderedDict[str, Held] = OrderedDict()

    def get(self, account_ids: Sequence[str]) -> dict[str, Held]:
        """The records of these accounts; new ones where nothing is stored."""
        held = self._held
        missing = [account_id for account_id in account_ids if account_id not in held]
        stored = self._records.load(missing) if missing else {}
        found = {}
        for account_id in account_ids:
            one = held.get(account_id)
            if one is None:
                record = stored.get(account_id)
                if record is None:
                    one = Held(self._engine.account(account_id), 0)
                else:
                    one = Held(self._engine.unpack(record.packed), record.applied)
                held[account_id] = one
            else:
                held.move_to_end(account_id)
            found[account_id] = one
        return found

    def drop(self, account_ids: Iterable[str]) -> None:
        """Forget these: the disk has them as they were."""
        for account_id in account_ids:
            self._held.pop(account_id, None)

    def trim(self) -> None:
        """Forget the least recently used; only between transactions, when all of them are on the disk."""
        while len(self._held) > self._held_max:
            self._held.popitem(last=False)
