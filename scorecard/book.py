"""All that the scorecard keeps of one account: a hot record, owned by one place."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from scorecard.fact import EPOCH, EVENTS, Fact, day_of
from scorecard.issue import VALUE_CHARS_MAX, Issue, issue
from scorecard.movement import Movement, Posting
from scorecard.rates import Rates
from scorecard.reading import read
from scorecard.revenue import Revenue
from scorecard.spend import (
    DEALINGS_MAX,
    OPPORTUNITY_EVENTS,
    REFERRAL_EVENTS,
    SPENDS_MAX,
    Dealing,
    Spend,
    folded,
    read_amount,
    read_dealing,
    read_spend,
)
from scorecard.touchpoint import TOUCHPOINT, Touchpoint, Touchpoints, read_touchpoint
from scorecard.traits import START, TRAITS_MAX, Said, Traits
from scoring.days import DAY, instant, iso
from scoring.event import Event

SUBSCRIPTIONS_MAX = 1_024
"""Of one account, ended ones too: a large reseller's. Events of further ones are refused, and itemised."""

ISSUES_MAX = 256
"""Refused events whose issues are kept, the newest; how many more there were is counted."""


class Change(NamedTuple):
    """What one event did to a book."""

    postings: Sequence[Posting] = ()
    """To append to the ledger, in this order: reversals first."""
    issues: Sequence[Issue] = ()
    """That arose."""
    settled: Sequence[Issue] = ()
    """That are none any more: a start that came late makes the churn before it good."""
    touched: date | None = None
    """The earliest day whose movements differ, or what had touched them before; None: none does."""
    touchpoint: Touchpoint | None = None
    """New to the book."""
    spend: Spend | None = None
    dealing: Dealing | None = None
    """About an opportunity."""
    traits: Sequence[Said] = ()
    """What changed a history; `merged_into` and `parent` among them restate both ends."""


NOTHING = Change()
"""A duplicate, or an event that the scorecard does not read."""


class Book:
    """Mutable. `take` events in any order; an event taken twice counts once."""

    __slots__ = (
        "_seen", "account_id", "dealings", "dealings_earlier", "known", "refused", "refused_earlier", "revenue",
        "spends", "touches", "traits",
    )  # fmt: skip

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.revenue = Revenue(account_id)
        self.traits = Traits()
        self.touches = Touchpoints()
        self.known = False
        """Whether a group call told of the account."""
        self.spends: list[Spend] = []
        """The newest; older ones as sums of months, see scorecard/spend.py."""
        self.dealings: list[Dealing] = []
        """The newest DEALINGS_MAX."""
        self.dealings_earlier = 0
        """How many more there were."""
        self.refused: list[Issue] = []
        """What was wrong with events by themselves; the newest."""
        self.refused_earlier = 0
        """How many more there were."""
        self._seen: set[str] | None = None
        """Ids of the messages that the book holds; None until it is asked for one."""

    @property
    def movements(self) -> Sequence[Movement]:
        """As known now, by day; what is still to come included."""
        return self.revenue.movements

    @property
    def touchpoints(self) -> Sequence[Touchpoint]:
        """By time, the newest TOUCHPOINTS_MAX."""
        return self.touches.kept

    @property
    def issues(self) -> list[Issue]:
        """All that is wrong, as known now."""
        unknown = [self._unknown()] if self.revenue.subscriptions and not self.known else []
        return [*self.refused, *unknown, *self.revenue.issues()]

    def trait(self, name: str, on: date) -> str | None:
        """What held when the day started, else the first value ever said; None where nothing was."""
        return self.traits.value(name, (on.toordinal() - EPOCH) * DAY)

    def products(self, on: date) -> list[str]:
        """Held when the day starts, by name."""
        return sorted({product for (product, _), held in self.revenue.held(on).items() if held.cents > 0})

    def take(self, event: Event, rates: Rates) -> Change:
        """Count one event; what it changed. The rates are those of the events before: else call `revalue` first."""
        name = event.name
        if name in EVENTS:
            return self._revenue(event, rates)
        if name == TOUCHPOINT:
            return self._touch(event)
        if name == "group":
            return self._describe(event, event.properties)
        if name == "journey_stage_changed":
            return self._describe(event, {"stage": event.properties.get("stage")})
        if name == "spend_recorded" or name in OPPORTUNITY_EVENTS:
            return self._deal(event, rates)
        if name in REFERRAL_EVENTS:  # they are counted elsewhere (scorecard/facets/advocacy.py)
            issues = read_amount(event, rates, needed=False)[1]
            return self._refused_once(event, issues) if issues else NOTHING
        return NOTHING

    def take_all(
        self, events: Sequence[Event], rates: Rates, holds: Callable[[Event], bool]
    ) -> list[tuple[Event, Change]]:
        """Count events in this order; those that changed anything, each with what it changed.

        holds: whether a touchpoint that is older than all that the book keeps was counted before.
        """
        found = list[tuple[Event, Change]]()
        for event in events:
            if event.name == TOUCHPOINT and self.touches.forgotten(event.at) and holds(event):
                continue
            change = self.take(event, rates)
            if change is not NOTHING:
                found.append((event, change))
        return found

    def revalue(self, rates: Rates, known_at: float) -> Change:
        """Other rates than before: posts anew what they change."""
        entry = self.revenue.revalue(rates, known_at)
        return Change(entry.postings, touched=entry.touched)

    def _revenue(self, event: Event, rates: Rates) -> Change:
        if not self._is_new(event.message_id):
            return NOTHING
        key, fact, issues = read(event, rates)
        lapsed: Sequence[Issue] = ()
        if fact is not None:
            refused, lapsed = self._limits(event, key, fact)
            if refused is not None:
                fact = None
                issues.append(refused)
            issues += [self._lapsed(one) for one in lapsed]
        if issues:
            self._refuse(issues)
        if fact is None:
            return Change(issues=issues, settled=lapsed)
        if not self.known and not self.revenue.subscriptions:
            issues.append(self._unknown())
        entry = self.revenue.take(key, fact, event.arrived, rates)
        arose = [*issues, *entry.arose] if issues else entry.arose
        settled = [*lapsed, *entry.settled] if lapsed else entry.settled
        return Change(entry.postings, arose, settled, entry.touched)

    def _limits(self, event: Event, key: str, fact: Fact) -> tuple[Issue | None, Sequence[Issue]]:
        """Why the limits of a book forbid a fact, if they do; and what was itemised of corrections that lapse."""
        known = self.revenue.subscriptions
        if key not in known and len(known) >= SUBSCRIPTIONS_MAX:
            message = f"a subscription beyond the limit of {SUBSCRIPTIONS_MAX} of one account"
            return issue(event, "too_many", "subscription_id", message), ()
        room = self.revenue.make_room(fact)
        if room.refusal is None:
            return None, room.lapsed
        found = issue(event, room.refusal[0], "effective_at", room.refusal[1])
        if not found.value:
            found = found._replace(field="timestamp", value=iso(event.at))
        return found, room.lapsed

    def _lapsed(self, one: Issue) -> Issue:
        """In the place of what was itemised of a correction."""
        day = date.fromordinal(self.revenue.folded)
        message = f"{one.value!r} had not come when what held before {day} was folded: should it come, both count"
        return one._replace(reason="lapsed_correction", message=message)

    def _touch(self, event: Event) -> Change:
        if not self._is_new(event.message_id):
            return NOTHING
        touchpoint, issues = read_touchpoint(event)
        if touchpoint is None:
            self._refuse(issues)
            return Change(issues=issues)
        touched = day_of(self.touches.take(touchpoint)) + 1  # what moves on that day itself is not exposed
        return Change(touchpoint=touchpoint, touched=date.fromordinal(touched))

    def _describe(self, event: Event, traits: Mapping[str, Any]) -> Change:
        changed, refused = self.traits.take(event.at, event.message_id, traits)
        settled = []
        if event.name == "group" and not self.known:
            settled = [self._unknown()] if self.revenue.subscriptions else []
            self.known = True
        message = f"a trait beyond the limit of {TRAITS_MAX} of one account"
        issues = [issue(event, "too_many", name, message) for name in refused]
        issues += [self._undated(event) for name, said in changed if name == START and self._is_undated(said)]
        if issues:
            change = self._refused_once(event, issues)
            return change._replace(settled=settled, traits=changed)
        return Change(settled=settled, traits=changed) if settled or changed else NOTHING

    def _is_undated(self, start: str | None) -> bool:
        """Whether a start is no date, and that was not said yet: a sync says the same again and again."""
        if start is None or instant(start) is not None:
            return False
        known = (one.value for one in self.refused if one.field == f"properties.{START}")
        return start[:VALUE_CHARS_MAX] not in known

    def _undated(self, event: Event) -> Issue:
        return issue(
            event, "bad_date", START, "must be an ISO 8601 date of 1970 to 2199; its month is told from revenue"
        )

    def _deal(self, event: Event, rates: Rates) -> Change:
        if not self._is_new(event.message_id):
            return NOTHING
        spend, dealing = None, None
        if event.name == "spend_recorded":
            spend, issues = read_spend(event, rates)
        else:
            dealing, issues = read_dealing(event, rates)
        self._refuse(issues)
        if spend is not None:
            self.spends.append(spend)
            if len(self.spends) > SPENDS_MAX:
                self.spends = folded(self.spends)
        if dealing is not None:
            self.dealings.append(dealing)
            if len(self.dealings) > DEALINGS_MAX:
                self.dealings.sort(key=lambda one: (one.at, one.message_id))
                del self.dealings[0]
                self.dealings_earlier += 1
        return Change(issues=issues, spend=spend, dealing=dealing)

    def _refused_once(self, event: Event, issues: Sequence[Issue]) -> Change:
        if not self._is_new(event.message_id):
            return NOTHING
        self._refuse(issues)
        return Change(issues=issues)

    def _is_new(self, message_id: str) -> bool:
        """Whether a message was not counted yet; it is from now on."""
        if self._seen is None:
            self._seen = {fact.message_id for one in self.revenue.subscriptions.values() for fact in one.facts}
            self._seen.update(one.message_id for kept in (self.spends, self.dealings, self.refused) for one in kept)
            self._seen.update(one.message_id for one in self.touches.kept)
        if message_id in self._seen:
            return False
        self._seen.add(message_id)
        return True

    def _refuse(self, issues: Sequence[Issue]) -> None:
        self.refused += issues
        if (more := len(self.refused) - ISSUES_MAX) > 0:
            del self.refused[:more]
            self.refused_earlier += more

    def _unknown(self) -> Issue:
        return Issue(
            self.account_id, "", "unknown_account", "context.groupId", self.account_id[:80],
            "no group call has told of the account: segment, industry and the like are not known",
        )  # fmt: skip
