"""When a worker is taken to stand still, and what ends it then."""

import subprocess
import sys
import time

import pytest

from streams.kafka.ending import EXIT_FAILED
from streams.kafka.watchdog import Watchdog

Look = tuple[object, int | None, float]

CASES: dict[str, tuple[list[Look], list[bool]]] = {
    "nothing comes": ([(7, 10, 0.0), (7, 10, 61.0), (7, 10, 600.0)], [False, False, False]),
    "much comes after a quiet night": ([(7, 10, 0.0), (7, 10, 30_000.0), (7, 99_999, 30_005.0)], [False, False, False]),
    "what comes is not done": ([(7, 10, 0.0), (7, 20, 5.0), (7, 20, 64.9), (7, 20, 65.0)], [False, False, False, True]),
    "something is done now and then": (
        [(n // 10, n, n * 5.0) for n in range(40)],
        [False] * 40,
    ),
    "the brokers are away, and then go on": (
        [(7, 10, 0.0), (7, 20, 5.0), (7, None, 40.0), (7, 25, 70.0), (7, 30, 75.0), (7, 30, 134.9), (7, 30, 135.0)],
        [False, False, False, False, False, False, True],
    ),
    "the brokers were away from the beginning": (
        [(7, None, 0.0), (7, None, 600.0), (7, 20, 605.0), (7, 20, 900.0)],
        [False] * 4,
    ),
    "other partitions are ours now": (
        [((7, "a"), 10, 0.0), ((7, "a"), 20, 5.0), ((7, "b"), 900, 64.0), ((7, "b"), 900, 200.0)],
        [False] * 4,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_worker_stands_still_when_what_came_has_waited_for_so_long_with_nothing_done(name: str) -> None:
    looks, expected = CASES[name]
    watchdog = Watchdog(60.0)
    assert [watchdog.stands_still(*look) for look in looks] == expected


PROCESS = """
import itertools, logging, sys, time
from streams.kafka.ending import end
from streams.kafka.watchdog import Watchdog

logging.basicConfig()
came, done = itertools.count(), itertools.count()
moves = sys.argv[1] == "moves"
Watchdog(1.0).start(lambda: next(done) if moves else 0, lambda: next(came), time.monotonic, end)
time.sleep(4.0)  # as an event loop does that waits for ever
"""


@pytest.mark.parametrize(("what", "code"), [("moves", 0), ("stands", EXIT_FAILED)])
def test_a_process_whose_main_thread_is_stuck_is_ended_by_it_and_says_why(what: str, code: int) -> None:
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", PROCESS, what], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == code, ended.stderr
    assert ("messages have come, and nothing became durable for 1 s" in ended.stderr) == (code != 0)
    assert time.monotonic() - started < 30.0


UNREAD = """
import itertools, logging, time
from streams.kafka.ending import end
from streams.kafka.watchdog import Watchdog

logging.basicConfig()
came = itertools.count()
Watchdog(1.0).start(lambda: 0, lambda: next(came), time.monotonic, end)
while True:
    logging.error("a line of our log")
"""


def test_a_process_that_stands_still_since_nobody_takes_its_log_is_ended_all_the_same() -> None:
    with subprocess.Popen([sys.executable, "-c", UNREAD], stderr=subprocess.PIPE) as process:
        try:
            assert process.wait(30) == EXIT_FAILED
        finally:
            process.kill()
