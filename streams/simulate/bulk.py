"""Many accounts' usage, quickly: the input of benchmarks. A shape, not a story.

What it is like: accounts are as unequal as customers are (a power law, see `TILT`), and each introduces itself by a
group call; sessions of 2 to 8 events by one person; two to sixty people an account, of whom a few do most; eight
features an account out of forty; weekdays busier than weekends, working hours busier than nights. One session in fifty
arrives hours late and in one batch, one message in five hundred is sent twice, and one session in a hundred is a
ticket, an NPS answer or a touchpoint instead.

What it is not like: nobody's habits change, no account ends, introductions are spread evenly over the time (so that an
account may be at work before its group call), and there are no holidays.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
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
SLICE_SESSIONS = 10_000
"""Sessions whose lines are held and sorted at once: bounds the memory whatever the number of events."""
LATE_SHARE = 0.02
LATE_MS = (HOUR_MS, 35 * HOUR_MS)
"""Least delay, and the most on top of it."""
PAUSE_MS_MIN, PAUSE_MS_MAX = 3_000, 87_000
"""Between two events of a session."""
RESENT_SHARE = 0.002
OTHER_SHARE = 0.01
VERBS = ("Viewed", "Edited", "Shared", "Exported", "Created")
NOUNS = ("Report", "Board", "Task", "File", "Invoice", "Query", "Alert", "Model")
FEATURES = tuple(f"{noun} {verb}" for noun in NOUNS for verb in VERBS)
FEATURES_AN_ACCOUNT = 8
PEOPLE = (2, 60)


Arrival = tuple[int, bytes]
"""When a line arrives (ms), and the line."""

BRIEF_BELOW = 8
"""Events an account below which an account's introduction is its group call and one event, and not a whole session."""


INTRODUCED_BY = 0.95
"""Share of the sessions by which all accounts have introduced themselves."""
SPARE_SHARE, SPARE_SESSIONS = 0.01, 100
"""Sessions in the last slice beyond those expected, so that there are enough events whatever chance does: the spread of
the total is below a third of that."""


class _Usage:
    """Makes sessions; the counter gives every message an id of its own."""

    def __init__(self, seed: int, accounts: int, brief: bool) -> None:
        self._rng = Random(f"{seed}/bulk")
        self._accounts = accounts
        self._brief = brief
        self._sessions = 0
        self._seed = f"{seed:x}"
        self._stride = _coprime(accounts)

    def introduction(self, at: int, place: int) -> list[Arrival]:
        """The group call of the account whose turn is `place`, at `at` (ms), and its session (`brief`: one event)."""
        number = place * self._stride % self._accounts
        account, mid = self._begin(number)
        group = at, self._group(account, number, mid, at)
        return [group, *self._acts(account, number, mid, at, 1 if self._brief else 0)]

    def session(self, at: int) -> list[Arrival]:
        """One session of some account, which begins at `at` (ms)."""
        number = int(self._accounts * self._rng.random() ** TILT)
        account, mid = self._begin(number)
        if self._rng.random() < OTHER_SHARE:
            return [(at, self._other(account, mid, at))]
        return self._acts(account, number, mid, at, 0)

    def _begin(self, number: int) -> tuple[str, str]:
        self._sessions += 1
        return f"b{number:06d}", f"{self._seed}-{self._sessions:x}"

    def _acts(self, account: str, number: int, mid: str, at: int, events: int) -> list[Arrival]:
        draw = self._rng.random
        user = f"{account}-{int(people_of(number, self._accounts) * draw() ** 2)}"
        events = events or SESSION_EVENTS[0] + int(draw() * (SESSION_EVENTS[1] - SESSION_EVENTS[0] + 1))
        batched = at + events * PAUSE_MS_MAX + LATE_MS[0] + int(draw() * LATE_MS[1]) if draw() < LATE_SHARE else 0
        made, base = list[Arrival](), number * 7
        for place in range(events):
            at += PAUSE_MS_MIN + int(draw() * (PAUSE_MS_MAX - PAUSE_MS_MIN))
            feature = FEATURES[(base + int(FEATURES_AN_ACCOUNT * draw() ** 1.5)) % len(FEATURES)]
            arrived = batched or at + 300 + int(draw() * 2_000)
            made.append((arrived, self._line(account, user, f"{mid}-{place}", feature, at, arrived)))
            if draw() < RESENT_SHARE:
                again = arrived + 1_000 + int(draw() * 600_000)
                made.append((again, self._line(account, user, f"{mid}-{place}", feature, at, again)))
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

    def _other(self, account: str, mid: str, at: int) -> bytes:
        kind = self._rng.randrange(3)
        event, said = (
            ("NPS Answered", f'{{"score":{self._rng.randint(4, 10)}}}'),
            ("Ticket Opened", f'{{"ticket_id":"{mid}","due_at":"{stamp(at + 3 * DAY_MS)}","severity":"normal"}}'),
            ("Touchpoint", '{"kind":"community"}'),
        )[kind]
        return (
            f'{{"type":"track","messageId":"{mid}-o","event":"{event}","userId":"{account}-0","timestamp":"{stamp(at)}",'
            f'"receivedAt":"{stamp(at)}","context":{{"groupId":"{account}"}},"properties":{said}}}'
        ).encode()


def people_of(number: int, accounts: int) -> int:
    """People of an account: sixty in the largest one, two in the many small ones."""
    return max(PEOPLE[0], int(PEOPLE[1] * (1.0 - number / accounts) ** 6))


def bulk(seed: int, accounts: int, events: int, days: int, end: date = END) -> Iterator[bytes]:
    """Exactly `events` lines of JSON without a line feed, in order of `receivedAt`, over the days before `end`.

    How many events a session has is left to chance: the last day is cut short, or crowded, to make up for it. At least
    three events an account: ValueError with fewer.
    """
    if accounts < 1 or days < 1 or events < 3 * accounts:
        raise ValueError(f"accounts={accounts}, days={days}, events={events}: at least 1, 1, and 3 events an account")
    brief = events < BRIEF_BELOW * accounts
    ordinary = (1 - OTHER_SHARE) * sum(SESSION_EVENTS) / 2 * (1 + RESENT_SHARE) + OTHER_SHARE
    introducing = 2.0 if brief else 1.0 + sum(SESSION_EVENTS) / 2
    sessions = accounts + max(0, round((events - introducing * accounts) / ordinary))
    usage, rng = _Usage(seed, accounts, brief), Random(f"{seed}/times")
    yield from islice(_in_order(usage, rng, end - timedelta(days), (accounts, sessions), days), events)


def _in_order(usage: _Usage, rng: Random, first: date, counts: tuple[int, int], days: int) -> Iterator[bytes]:
    """The lines of so many (accounts, sessions), slice by slice of time; some more in the last slice."""
    accounts, sessions = counts
    first_ms = round(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) * 1000
    slices = max(days, -(-sessions // SLICE_SESSIONS))
    width = days * DAY_MS / slices
    weights = [WEEK[(first + timedelta(int(place * width // DAY_MS))).weekday()] for place in range(slices)]
    total, due, begun = sum(weights), 0.0, 0
    introducing = max(accounts, round(sessions * INTRODUCED_BY))
    waiting: dict[int, list[Arrival]] = defaultdict(list)
    for place, weight in enumerate(weights):
        due += weight / total * sessions
        if place == slices - 1:
            due += SPARE_SHARE * sessions + SPARE_SESSIONS
        opens, ends = first_ms + round(place * width), first_ms + round((place + 1) * width)
        now = waiting.pop(place, [])
        while begun < due:
            at, introduced = _moment(rng, opens, ends), begun * accounts // introducing
            begun += 1
            new = introduced < min(accounts, begun * accounts // introducing)
            for arrival in usage.introduction(at, introduced) if new else usage.session(at):
                slot = int((arrival[0] - first_ms) // width)
                (now if slot <= place else waiting[slot]).append(arrival)
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
