"""Many accounts' usage, quickly: the input of benchmarks. A shape, not a story.

What it is like: accounts are as unequal as customers are (a power law, see `TILT`), and each has at least one session; sessions
of 2 to 8 events by one person; two to sixty people an account, of whom a few do most; eight features an account out of forty;
weekdays busier than weekends, working hours busier than nights. One session in fifty arrives hours late and in one batch,
and one message in five hundred is sent twice. One in a hundred sessions is a ticket, an NPS answer or a touchpoint instead, and every
account introduces itself by a group call.

What it is not like: nobody's habits change, no account begins or ends, and there are no holidays.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import gcd
from operator import itemgetter
from random import Random

from streams.simulate.messages import DAY_MS, HOUR_MS, stamp

END = date(2026, 1, 1)
TILT = 2.2
"""Account = accounts * u^TILT with u uniform: sizes fall as rank^-(1 - 1/TILT), a Zipf law with exponent 0.55. At 1,000
accounts the largest tenth has 35 % of the sessions."""

WEEK = (1.0, 1.05, 1.08, 1.05, 0.9, 0.25, 0.2)
SESSION_EVENTS = (2, 8)
SLICE_EVENTS = 50_000
"""Events that are held and sorted at once, about: bounds the memory whatever the number of events."""
LATE_SHARE = 0.02
LATE_MS = (HOUR_MS, 36 * HOUR_MS)
RESENT_SHARE = 0.002
OTHER_SHARE = 0.01
FEATURES = tuple(f"{verb} {noun}" for noun in ("Report", "Board", "Task", "File", "Invoice", "Query", "Alert", "Model") for verb in (
    "Viewed", "Edited", "Shared", "Exported", "Created",
))  # fmt: skip
PEOPLE = (2, 60)


class _Usage:
    """Makes sessions; the counters give every message an id of its own."""

    def __init__(self, seed: int, accounts: int) -> None:
        self._rng = Random(f"{seed}/bulk")
        self._draw = self._rng.random
        self._accounts = accounts
        self._sessions = 0
        self._seed = f"{seed:x}"
        self._stride = _coprime(accounts)

    def session(self, at: int, introduced: int | None) -> list[tuple[int, bytes]]:
        """One session that begins at `at` (ms): (arrival, line)s. `introduced` is an account's place in the order of introduction."""
        draw, self._sessions = self._draw, self._sessions + 1
        if introduced is not None:
            number = introduced * self._stride % self._accounts
        else:
            number = int(self._accounts * draw() ** TILT)
        account = f"b{number:06d}"
        mid = f"{self._seed}-{self._sessions:x}"
        made: list[tuple[int, bytes]] = []
        late = int(LATE_MS[0] + draw() * (LATE_MS[1] - LATE_MS[0])) if draw() < LATE_SHARE else 0
        if introduced is not None:
            made.append((at, self._group(account, number, mid, at)))
        people = people_of(number, self._accounts)
        user = f"{account}-{int(people * draw() ** 2)}"
        moment, base = at, number * 7
        if draw() < OTHER_SHARE:
            return [*made, (at, self._other(account, user, mid, at))]
        events = SESSION_EVENTS[0] + int(draw() * (SESSION_EVENTS[1] - SESSION_EVENTS[0] + 1))
        arrived = at + events * 45_000 + late if late else 0
        for place in range(events):
            moment += 3_000 + int(draw() * 84_000)
            feature = FEATURES[(base + int(8 * draw() ** 1.5)) % 40]
            received = max(arrived, moment) if late else moment + 300 + int(draw() * 2_000)
            line = self._line(account, user, f"{mid}-{place}", feature, moment, received)
            made.append((received, line))
            if draw() < RESENT_SHARE:
                again = received + 1_000 + int(draw() * 600_000)
                made.append((again, self._line(account, user, f"{mid}-{place}", feature, moment, again)))
        return made

    @staticmethod
    def _line(account: str, user: str, message_id: str, event: str, at: int, arrived: int) -> bytes:
        return (
            f'{{"type":"track","messageId":"{message_id}","event":"{event}","userId":"{user}","timestamp":"{stamp(at)}",'
            f'"receivedAt":"{stamp(arrived)}","context":{{"groupId":"{account}"}},"properties":{{"feature":"{event}"}}}}'
        ).encode()

    def _group(self, account: str, number: int, mid: str, at: int) -> bytes:
        people = people_of(number, self._accounts)
        segment = "enterprise" if people > 30 else "mid_market" if people > 8 else "smb"
        return (
            f'{{"type":"group","messageId":"{mid}-g","groupId":"{account}","timestamp":"{stamp(at)}","receivedAt":"{stamp(at)}",'
            f'"traits":{{"name":"Account {number}","segment":"{segment}","seats":{people + people // 2}}}}}'
        ).encode()

    def _other(self, account: str, user: str, mid: str, at: int) -> bytes:
        kind = self._rng.randrange(3)
        event, said = (
            ("NPS Answered", f'{{"score":{self._rng.randint(4, 10)}}}'),
            ("Ticket Opened", f'{{"ticket_id":"{mid}","due_at":"{stamp(at + 3 * DAY_MS)}","severity":"normal"}}'),
            ("Touchpoint", '{"kind":"community"}'),
        )[kind]
        return (
            f'{{"type":"track","messageId":"{mid}-o","event":"{event}","userId":"{user}","timestamp":"{stamp(at)}",'
            f'"receivedAt":"{stamp(at)}","context":{{"groupId":"{account}"}},"properties":{said}}}'
        ).encode()


def people_of(number: int, accounts: int) -> int:
    """People of an account: sixty in the largest one, two in the many small ones."""
    return max(PEOPLE[0], int(PEOPLE[1] * (1.0 - number / accounts) ** 6))


def bulk(seed: int, accounts: int, events: int, days: int, end: date = END) -> Iterator[bytes]:
    """Exactly `events` lines of JSON without a line feed, in order of `receivedAt`, over the days before `end`.

    Introducing an account takes 6 events on average, so at least eight events an account: ValueError with fewer.
    """
    if accounts < 1 or days < 1 or events < 8 * accounts:
        raise ValueError(f"accounts={accounts}, days={days}, events={events}: at least 1, 1 and 8 events an account")
    usage = _Usage(seed, accounts)
    first = end - timedelta(days)
    made = 0
    for line in _in_order(usage, Random(f"{seed}/times"), first, accounts, events, days):
        yield line
        made += 1
        if made == events:
            return


def _in_order(usage: _Usage, rng: Random, first: date, accounts: int, events: int, days: int) -> Iterator[bytes]:
    """A few more lines than `events`, slice by slice of time."""
    first_ms = round(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) * 1000
    sessions = round(events / 4.85) + 50  # of 5 events on average, a hundredth of 1; introductions add to that
    slices = max(days, -(-events // SLICE_EVENTS))
    width = days * DAY_MS / slices
    weights = [WEEK[(first + timedelta(int(place * width // DAY_MS))).weekday()] for place in range(slices)]
    total, waiting = sum(weights), defaultdict[int, list[tuple[int, bytes]]](list)
    introduced = done = 0.0
    known = begun = 0
    for place, weight in enumerate(weights):
        introduced += weight / total * accounts
        done += weight / total * sessions
        opens, ends = first_ms + round(place * width), first_ms + round((place + 1) * width)
        now = waiting.pop(place, [])
        while begun < done:
            begun += 1
            new = known < introduced and rng.random() < accounts / sessions * 1.5
            for arrived, line in usage.session(_moment(rng, opens, ends), known if new else None):
                slot = place if arrived < ends else int((arrived - first_ms) // width)
                (now if slot <= place else waiting[slot]).append((arrived, line))
            known += new
        now.sort(key=itemgetter(0))
        for _, line in now:
            yield line


def _moment(rng: Random, opens: int, ends: int) -> int:
    """An instant within the slice; within a whole day the working hours (UTC) are the busy ones."""
    if ends - opens < DAY_MS:
        return opens + int(rng.random() * (ends - opens))
    return opens + int((5.0 + 7.0 * (rng.random() + rng.random())) * HOUR_MS)


def _coprime(n: int) -> int:
    """A stride that visits 0..n-1 in an order that looks shuffled, each once."""
    stride = int(n * 0.618) | 1
    while gcd(stride, n) != 1:
        stride += 1
    return stride
