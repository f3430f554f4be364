"""The recurring revenue of one account: what was said about its subscriptions, and the movements that it makes."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from scorecard.fact import Fact, day_of
from scorecard.folding import FACTS_MAX, fold, opening
from scorecard.issue import Issue
from scorecard.ledger import Balance, Held, Key, derive
from scorecard.movement import Kind, Movement, Posting
from scorecard.phase import UNBORN, State
from scorecard.rates import Rates
from scorecard.subscription import UNCORRECTED, Step, Story, further, tell

PLAIN = frozenset({Kind.UPSELL, Kind.USAGE, Kind.CONTRACTION, Kind.CHURN, Kind.FX})
"""Kinds of rows that say all there is to know of their steps: whatever is entered on an earlier day, their kind follows
from the row. (Behind a `new` there may be growth by usage, once the account turns out to have been there before.)"""


FIRST_DAY = 2
"""Before all days, and there is one before it."""


class Entry(NamedTuple):
    """What one fact did to the ledger."""

    postings: Sequence[Posting] = ()
    arose: Sequence[Issue] = ()
    settled: Sequence[Issue] = ()
    touched: date | None = None
    """The earliest day whose movements differ."""


class Room(NamedTuple):
    """Whether there is room for a fact."""

    refusal: tuple[str, str] | None = None
    """Why not: the issue's reason, and the limit."""
    lapsed: Sequence[Issue] = ()
    """Of corrections that were folded before what they correct had come, as they were itemised until now: they stand by
    themselves for good."""


class Subscription:
    """What was said about one subscription; owned by its Revenue."""

    __slots__ = ("base", "corrected", "facts", "state")

    def __init__(self, facts: list[Fact] | None = None, state: State = UNBORN, base: State = UNBORN) -> None:
        self.facts = facts if facts is not None else []
        """In the order in which they were said."""
        self.corrected = {fact.corrects for fact in self.facts if fact.corrects}
        """Message ids in whose places facts stand, or will once these are said."""
        self.base = base
        """Before them: after those that were folded."""
        self.state = state
        """After all of them."""


class Revenue:
    """Mutable; owned by its book. A fact that is newer than all before and says nothing about days before the last
    movement costs the same however long the history is; any other one costs as much as the account has facts."""

    __slots__ = ("account_id", "balance", "count", "folded", "known_at", "movements", "newest", "subscriptions")

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.subscriptions: dict[str, Subscription] = {}
        self.movements: list[Movement] = []
        self.balance = Balance()
        """After the last of the movements."""
        self.newest = (0.0, "")
        """Time and message id of the newest fact."""
        self.known_at = 0.0
        self.count = 0
        """Facts that are kept."""
        self.folded = 0
        """Day before which everything is folded (see scorecard/folding.py): the first rows say what was held then."""

    def make_room(self, fact: Fact) -> Room:
        """Makes room for a fact, where it can be taken."""
        lapsed: Sequence[Issue] = ()
        if self.count >= FACTS_MAX:
            folded = self._fold()
            if folded is None:
                limit = f"the account has {FACTS_MAX} facts, the limit, and they can't be folded at any day"
                return Room(("too_many", limit))
            lapsed = folded
        day = day_of(fact.at)
        if min(day, day if fact.effective is None else fact.effective) < self.folded:
            limit = f"what held before {date.fromordinal(self.folded)} is folded and can't change any more"
            return Room(("too_late", limit), lapsed)
        return Room(None, lapsed)

    def take(self, key: str, fact: Fact, arrived: float, rates: Rates) -> Entry:
        """Count a fact about the subscription `key`, which is no duplicate."""
        self.known_at = max(self.known_at, arrived)
        self.count += 1
        known = self.subscriptions.setdefault(key, Subscription())
        is_newest = fact[:2] > self.newest
        if is_newest:
            self.newest = fact[:2]
        newest_here = not known.facts or fact.at > known.facts[-1].at  # of the same instant, one may correct the other
        if newest_here and fact.message_id not in known.corrected:
            story = further(self.account_id, key, known.state, fact)
            taken = None if story is None else self._rows_since(story.steps, is_newest=is_newest)
            if story is not None and taken is not None:
                known.facts.append(fact)
                known.state = story.state
                if not story.steps:
                    return Entry(arose=story.issues) if story.issues else Entry()
                return self._append(taken, story, rates)
        return self._restate(key, known, fact, rates)

    def revalue(self, rates: Rates, known_at: float) -> Entry:
        """Enter everything anew at other rates than before."""
        self.known_at = max(self.known_at, known_at)
        return self._rewrite(max(self.folded, FIRST_DAY), rates)

    def steps(self, since: int) -> list[Step]:
        """Of all subscriptions, those from a day on, by day and then by the time at which they were said."""
        told = (self._tell(key, known).steps for key, known in self.subscriptions.items() if known.state.day >= since)
        return sorted((step for steps in told for step in steps if step.day >= since), key=lambda step: step[:4])

    def issues(self) -> list[Issue]:
        """What is wrong beside other events, as known now."""
        return [one for key, known in self.subscriptions.items() for one in self._tell(key, known).issues]

    def held(self, on: date) -> Mapping[Key, Held]:
        """What is held when the day starts."""
        balance = Balance(self.balance.held)
        balance.take_back(self.movements[bisect_left(self.movements, on, key=_on) :])
        return balance.held

    def _tell(self, key: str, known: Subscription) -> Story:
        return tell(self.account_id, key, known.facts, known.base)

    def _fold(self) -> list[Issue] | None:
        """Folds older facts, and says which corrections lapsed by it; None where nothing can be folded."""
        found = fold({key: (known.facts, known.base) for key, known in self.subscriptions.items()})
        if found is None:
            return None
        lapsed = list[Issue]()
        for key, known in self.subscriptions.items():
            gone = known.facts[: found.counts[key]]
            if gone:
                told = tell(self.account_id, key, gone, known.base)
                lapsed += [one for one in told.issues if one.reason == UNCORRECTED]
                known.base = told.state
                del known.facts[: len(gone)]
                self.count -= len(gone)
        self.folded = found.day
        self.movements = opening(self.account_id, self.movements, found.day)
        return lapsed

    def _rows_since(self, steps: Sequence[Step], *, is_newest: bool) -> list[Movement] | None:
        """The rows that the steps of one day come before or beside; None where these do not say all that is needed."""
        if not steps:
            return []
        on = date.fromordinal(steps[0].day)
        place = len(self.movements)
        while place and (row := self.movements[place - 1]).on >= on:
            if row.kind is not Kind.FX and not (is_newest if row.on == on else row.kind in PLAIN):
                return None
            place -= 1
        return self.movements[place:]

    def _append(self, taken: list[Movement], story: Story, rates: Rates) -> Entry:
        """What a newer fact makes, among the rows of its day and those to come."""
        steps, since = story.steps, story.steps[0].day
        if taken:
            steps = sorted([*(_as_step(row) for row in taken if row.native), *steps], key=_day)
            return self._enter(taken, steps, since, rates)._replace(arose=story.issues)
        made = derive(self.account_id, steps, self.balance, since, rates)
        self.movements += made
        postings = [Posting(row, self.known_at, False) for row in made]
        return Entry(postings, story.issues, touched=made[0].on if made else None)

    def _restate(self, key: str, known: Subscription, fact: Fact, rates: Rates) -> Entry:
        """A fact that comes late, or before something announced: what follows from it, anew."""
        before = self._tell(key, known)
        insort(known.facts, fact)
        if fact.corrects:
            known.corrected.add(fact.corrects)
        after = self._tell(key, known)
        known.state = after.state
        differing = set(before.steps) ^ set(after.steps)
        entry = self._rewrite(min(map(_day, differing)), rates) if differing else Entry()
        arose = [one for one in after.issues if one not in before.issues]
        return entry._replace(arose=arose, settled=[one for one in before.issues if one not in after.issues])

    def _rewrite(self, since: int, rates: Rates) -> Entry:
        """All rows from a day on, from everything that was said."""
        place = bisect_left(self.movements, since, key=lambda row: row.on.toordinal())
        return self._enter(self.movements[place:], self.steps(since), since, rates)

    def _enter(self, taken: list[Movement], steps: Sequence[Step], since: int, rates: Rates) -> Entry:
        """The rows that the steps make, in place of the last ones; all of both are of the day `since` or later."""
        balance = self.balance
        if taken:
            del self.movements[-len(taken) :]
            balance.take_back(taken)
            balance.ever = balance.ever and not any(row.kind is Kind.NEW for row in taken)
        made = derive(self.account_id, steps, balance, since, rates)
        self.movements += made
        gone, came = _without(taken, made), _without(made, taken)
        return Entry(
            [
                *(self._posting(row, reverses=True) for row in gone),
                *(self._posting(row, reverses=False) for row in came),
            ],
            touched=min((row.on for row in (*gone, *came)), default=None),
        )

    def _posting(self, row: Movement, *, reverses: bool) -> Posting:
        if reverses:
            row = row._replace(cents=-row.cents, native=-row.native)
        return Posting(row, self.known_at, reverses)


def _as_step(row: Movement) -> Step:
    """A row as the one step that would have made it."""
    grows = row.kind.value if row.kind in (Kind.USAGE, Kind.CROSS_SELL) else ""
    day = row.on.toordinal()
    return Step(day, 0.0, row.message_id, row.subscription_id, row.product, row.currency, row.native, grows)


def _without(rows: list[Movement], others: Iterable[Movement]) -> list[Movement]:
    gone = frozenset(others)
    return [row for row in rows if row not in gone] if gone else rows


_day = attrgetter("day")
_on = attrgetter("on")
