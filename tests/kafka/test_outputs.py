"""What people do with the outputs, by the commands."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import Broker
from streams.kafka.topics import DEAD_LETTERS
from tests.chaos.kafka.lag import lag
from tests.chaos.kafka.verdict import judge
from tests.kafka.talking import read, send, settings, until, workers
from tests.streams.embedded.sent import track

pytestmark = pytest.mark.timeout(180)


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What tells a process the settings."""
    return {**os.environ, **{f"ACCOUNTPULSE_KAFKA_{name.upper()}": value for name, value in given.items()}}


def command(given: Mapping[str, str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code, and the JSON lines."""
    done = subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        env=environment(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    print(done.stderr, file=sys.stderr)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_what_was_in_the_wrong_partition_is_sent_again_once_and_then_counts(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=8)
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "wrong", track(n, "acme", n)) for n in range(3)])
        until(lambda: lag(broker.bootstrap, prefix, given["group"]) == 0, cluster)
        until(lambda: len(read(given, DEAD_LETTERS)) == 3, cluster)

        code, retried = command(given, "dead-letters", "retry", "--reason", "wrong_partition")
        assert (code, [one["sent"] for one in retried]) == (0, [True] * 3)
        assert command(given, "dead-letters", "retry", "--reason", "wrong_partition") == (0, [])

        _, triggers = until(lambda: (told := command(given, "tail", "triggers"))[1] and told, cluster)
        assert [one["subject"] for one in triggers] == ["acme"]
        code, scores = command(given, "tail", "scores", "--last", "1")
        assert (code, {one["account_id"] for one in scores}) == (0, {"acme"})
    counted = [one for one in judge(broker.bootstrap, prefix).differences if "dead letter" not in one]
    # those in the wrong place, and those sent again
    assert counted == ["acme counts (3, 3), and there are (3, 6): some were lost"]


def test_what_would_be_refused_again_stays_where_it_is(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "acme", b"{")])
        until(lambda: read(given, DEAD_LETTERS), cluster)
    code, retried = command(given, "dead-letters", "retry", "--reason", "not_json")
    assert (code, [one["sent"] for one in retried]) == (1, [False])
    assert command(given, "dead-letters", "retry", "--reason", "bad_mood") == (2, [])
