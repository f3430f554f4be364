"""When to look at an account again though nothing arrives: what time alone will change, as far as it is foretold."""

from bisect import bisect_left
from math import inf

from plays.playbook import Playbook
from scoring.account import Account
from scoring.days import CROSSED_S, DAY
from scoring.metrics.metric import Values
from scoring.metrics.times import typical_gap_days
from scoring.profile import Profile
from scoring.standing import Standing

READ_AGAIN_GAPS, READ_AGAIN_GROWTH = 2.0, 1.5
"""A silent account is read again after twice its own gap, then each time its silence has grown by half.

So a fall that no play's own deadline foretells is noticed within half of the silence so far, or two of its gaps."""

GAP_DAYS_UNKNOWN = 3.5
"""Own gap assumed for an account that has no rhythm yet: read again after a week."""

FALLING_DAYS_MIN = 3
"""Days of silence from which on its fall is foretold: before, most accounts come back first."""

FORGOTTEN_DAYS = 420
"""After so much silence every window is empty and every scale at its end: nothing changes any more by itself."""


class Outlook:
    """What a profile and a playbook say of the time ahead. Shared by all accounts; holds no state of any of them."""

    def __init__(self, profile: Profile, playbook: Playbook, *, bands: bool) -> None:
        """bands: whether it matters that an account leaves its band."""
        used = playbook.names
        self._playbook = playbook
        self._bands = bands
        self._changes = [
            change
            for name, change in profile.changes
            if name in profile.weighed or not used.isdisjoint({f"metrics.{name}", f"known.{name}"})
        ]
        self._rates = [
            (name, rate) for name, rate in profile.rates if name in playbook.time_names or name[8:] in profile.weighed
        ]
        self._floors = playbook.bounds("score")

    def deadline(self, account: Account, at: float, values: Values, stands: Standing) -> float:
        """When to look at the account again if nothing arrives, unix seconds; inf: never. All that is given is as of
        `at`.
        """
        rates = {name: rate(account, at) for name, rate in self._rates if name in values}
        rates["tenure_days"] = rates["silence_days"] = 1.0
        deadline = self._playbook.next_crossing(values, rates, at)
        for changes in self._changes:
            instant = changes(account, at)
            if at < instant < deadline:
                deadline = instant
        return min(deadline, self._again(account, at, values, rates, stands))

    def _again(self, account: Account, at: float, values: Values, rates: dict[str, float], stands: Standing) -> float:
        """When to read a silent account again, for what no deadline foretells."""
        again = grid(account, at)
        if again == inf or stands.score is None or account.silence_s(at) < FALLING_DAYS_MIN * DAY:
            return again
        return min(again, at + self._fall_days(account, values, rates, stands, stands.score) * DAY)

    def _fall_days(
        self, account: Account, values: Values, rates: dict[str, float], stands: Standing, score: float
    ) -> float:
        """Days, at least one, until the score passes the next floor if it goes on falling as silence makes it fall
        now.
        """
        weighing, now = stands.weighing, stands.weighed.value
        ahead = weighing.weigh({**values, **{name: values[name] + rate for name, rate in rates.items()}}).value
        if ahead is None or now is None or ahead >= now:
            return inf
        floors = [*self._floors]
        if self._bands:
            floors = sorted(
                [*floors, *(floor - weighing.hysteresis for floor, name in weighing.bands if name == account.band)]
            )
        below = bisect_left(floors, score)
        return max(1.0, (score - floors[below - 1]) / (now - ahead)) if below else inf


def grid(account: Account, at: float) -> float:
    """The next instant at which a silent account is read again in any case; inf once nothing can change any more."""
    silence = account.silence_s(at) / DAY
    if silence > FORGOTTEN_DAYS or not account.last_sign:
        return inf
    age = max(1.0, READ_AGAIN_GAPS * (typical_gap_days(account) or GAP_DAYS_UNKNOWN))
    while age <= silence:
        age *= READ_AGAIN_GROWTH
    return account.last_sign + age * DAY + CROSSED_S


def soon(account: Account, at: float) -> float:
    """When to look again at what drifts and keeps a play from moving: once a day from FALLING_DAYS_MIN days of silence
    on, at whole days, until nothing can change any more.
    """
    since = account.last_sign or account.last_arrival
    age = max(FALLING_DAYS_MIN, int((at - since) // DAY) + 1)
    return since + age * DAY + CROSSED_S if age <= FORGOTTEN_DAYS else inf
