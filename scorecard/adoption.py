"""Adoption: the one place where A1 to A6 are computed for a cohort, from its summed facets."""

from collections.abc import Mapping
from fractions import Fraction

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.figure import Figure
from scorecard.survival import quantile

NOBODY_STARTED = "no account of which it can be told started in the period"
NOBODY_ACTIVE = "nobody used the product in the period"
UNTOLD = (
    "of days before the newest hundred of an account, events and features are kept by calendar month: ask for whole"
    " months"
)


def time_to_first_value(facets: FacetSheet) -> list[Figure]:
    """A1: median and 75th percentile of the days to first value; n: accounts that started, those still waiting among
    them (numerator: those that got there).

    >>> time_to_first_value(FacetSheet({"ttfv_reached/3": 2, "ttfv_waiting/9": 1}))[0].value
    Fraction(3, 1)
    """
    ended, waiting = _by_days(facets, "ttfv_reached"), _by_days(facets, "ttfv_waiting")
    return [
        _waited(name, ended, waiting, share) for name, share in (("A1", Fraction(1, 2)), ("A1.p75", Fraction(3, 4)))
    ]


def _waited(figure: str, ended: Mapping[int, int], waiting: Mapping[int, int], share: Fraction) -> Figure:
    there = sum(ended.values())
    n = there + sum(waiting.values())
    found = quantile(ended, waiting, share)
    reason = None
    if not n:
        reason = NOBODY_STARTED
    elif found.days is None:
        reason = f"fewer than {int(share * 100)} % are there yet: {there} of {n}"
    value = None if found.days is None else Fraction(found.days)
    return Figure(figure, value, reason, there, n, n, "days", found.low, found.high)


def _by_days(facets: FacetSheet, group: str) -> dict[int, int]:
    return {int(days): count for days, count in facets.under(group)}


def activation(facets: FacetSheet) -> Figure:
    """A2: activated in time / accounts whose time for it ended in the period.

    >>> activation(FacetSheet({"activation/due": 4, "activation/met": 3})).value
    Fraction(3, 4)
    """
    due = facets["activation/due"]
    return Figure.ratio(
        "A2", facets["activation/met"], due, n=due, unit="share", empty="no account's time for it ended in the period"
    )


def feature_adoption(facets: FacetSheet) -> list[Figure]:
    """A3: features used per active account, and the share of active accounts that use the most used feature.

    >>> feature_adoption(FacetSheet({"usage/accounts": 2, "usage/told": 2, "usage/features": 3}))[0].value
    Fraction(3, 2)
    """
    n = _told(facets)
    top = max((count for _, count in facets.under("feature_accounts")), default=0)
    empty = _unknown(facets)
    return [
        Figure.ratio("A3", facets["usage/features"], n, n=n, unit="features per account", empty=empty),
        Figure.ratio("A3.top", top, n, n=n, unit="share", empty=empty),
    ]


def features(facets: FacetSheet) -> list[tuple[str, int, int]]:
    """A3 per feature: (feature, accounts, people) that used it, the most used first; none where A3 has no value."""
    if not _told(facets):
        return []
    people = dict(facets.under("feature_users"))
    found = [(name, accounts, people.get(name, 0)) for name, accounts in facets.under("feature_accounts")]
    return sorted(found, key=lambda one: (-one[1], -one[2], one[0]))


def depth(facets: FacetSheet) -> list[Figure]:
    """A4: events, and active days, per active person.

    >>> depth(FacetSheet({"usage/accounts": 1, "usage/users": 4, "usage/user_days": 10}))[1].value
    Fraction(5, 2)
    """
    people, whole = facets["usage/users"], _told(facets) == facets["usage/accounts"]
    empty = "nobody who is named used the product in the period" if facets["usage/accounts"] else NOBODY_ACTIVE
    return [
        Figure.ratio(
            "A4", facets["usage/events"], people if whole else 0, n=people, unit="events per user",
            empty=empty if whole else UNTOLD,
        ),
        Figure.ratio("A4.days", facets["usage/user_days"], people, n=people, unit="days per user", empty=empty),
    ]  # fmt: skip


def breadth(facets: FacetSheet) -> list[Figure]:
    """A5: people and roles per active account, and seats used of those bought (where anybody said how many).

    >>> breadth(FacetSheet({"usage/accounts": 2, "usage/users": 9}))[0].value
    Fraction(9, 2)
    """
    n, seats = facets["usage/accounts"], facets["seats/bought"]
    return [
        Figure.ratio("A5", facets["usage/users"], n, n=n, unit="users per account", empty=NOBODY_ACTIVE),
        Figure.ratio(
            "A5.roles", facets["usage/roles"], _told(facets), n=n, unit="roles per account",
            empty=_unknown(facets),
        ),
        Figure.ratio(
            "A5.seats", facets["seats/used"], seats, n=n, unit="share", empty="no active account's seats are known"
        ),
    ]  # fmt: skip


def healthy_usage(facets: FacetSheet) -> Figure:
    """A6: people in healthy usage / people who used the product in the last days of the period.

    >>> healthy_usage(FacetSheet({"usage/regular_of": 8, "usage/regular": 6})).value
    Fraction(3, 4)
    """
    people = facets["usage/regular_of"]
    return Figure.ratio("A6", facets["usage/regular"], people, n=people, unit="share", empty=NOBODY_ACTIVE)


def _told(facets: FacetSheet) -> int:
    """Accounts of which events and features are known; 0 where these are not all: some would not stand for others."""
    told = facets["usage/told"]
    return told if told == facets["usage/accounts"] else 0


def _unknown(facets: FacetSheet) -> str:
    """Why nothing is known of events and features."""
    return UNTOLD if facets["usage/accounts"] else NOBODY_ACTIVE


def adoption(facets: FacetSheet) -> list[Figure]:
    """All figures of A1 to A6."""
    return [
        *time_to_first_value(facets), activation(facets), *feature_adoption(facets), *depth(facets), *breadth(facets),
        healthy_usage(facets),
    ]  # fmt: skip
