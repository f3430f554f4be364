"""Workers whose clocks are wrong, and messages dated years ahead."""

import asyncio
import time
from pathlib import Path

from plays.trigger import trigger_id
from scoring.days import iso
from tests.chaos.kafka.clock import put_off
from tests.chaos.kafka.cluster import LAUNCHED
from tests.chaos.kafka.stage import WORKERS, Stage
from tests.chaos.kafka.traffic import DAY
from tests.kafka.talking import send
from tests.streams.embedded.sent import Message, track

HOUR = 3_600.0
STEPS_S = (HOUR, -HOUR, 0.0)
QUIET_DAYS = 10
"""After which the play `gone_quiet` opens."""

ACCOUNTS = 12
"""That fall silent, at each of a few instants."""

TEN_YEARS = 3_652 * DAY


async def clocks(stage: Stage) -> None:
    """All workers' clocks jump, to an hour ahead, an hour behind and back; some workers are killed meanwhile.

    Silence that was due long enough before is noticed in any case, and what is due later than any clock says is not.
    """
    stage.cluster.command = LAUNCHED
    stage.expected.ahead_s = HOUR
    off: list[Path] = []
    for number in range(WORKERS):
        off.append(stage.directory / f"clock{number}")
        put_off(off[-1], STEPS_S[number % 3])
        stage.cluster.start(["--clock", str(off[-1])])
    await asyncio.to_thread(send, stage.settings, _silences(stage))
    await stage.ready()
    for number in range(stage.length):
        for index, clock in enumerate(off):
            put_off(clock, STEPS_S[(number + index) % 3])
        stage.note("steps", len(off))
        await stage.pause(1.5, 3.0)
        if number % 3 == 2:
            stage.cluster.kill(stage.dice.choice(stage.cluster.workers))
            stage.cluster.start(["--clock", str(stage.dice.choice(off))])


def _silences(stage: Stage) -> list[tuple[str, str, Message]]:
    """(stream, key, message) of accounts whose silence is due two hours ago, about now, or in two hours; to each of
    them comes a message dated ten years ahead as well, which is no sign of life.
    """
    now, sent = time.time(), list[tuple[str, str, Message]]()
    for due_s, expected in ((-2 * HOUR, stage.expected.must), (0.5 * HOUR, stage.expected.may), (2 * HOUR, None)):
        for number in range(ACCOUNTS):
            account = f"quiet{due_s:+.0f}.{number}"
            last = iso(now - QUIET_DAYS * DAY + due_s)
            sent.append(("usage", account, track(1, account) | {"timestamp": last, "receivedAt": last}))
            ahead = iso(now + TEN_YEARS)
            dates = ({"timestamp": ahead}, {"timestamp": ahead, "receivedAt": ahead}, {"receivedAt": ahead})[number % 3]
            sent.append(("usage", account, track(2, account) | dates))
            if expected is not None:
                expected.add(trigger_id(account, "gone_quiet", 1))
    return sent
