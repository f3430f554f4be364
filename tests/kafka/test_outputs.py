"""What people do with the outputs, by the commands."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from kafka import KafkaConsumer

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.reading import messages
from streams.kafka.topics import DEAD_LETTERS, INPUTS
from tests.chaos.kafka.verdict import judge
from tests.kafka.talking import all_taken, loaded, read, send, settings, until, workers
from tests.streams.embedded.sent import track

pytestmark = pytest.mark.timeout(180)


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What tells a process the settings."""
    return {**os.environ, **{f"ACCOUNTPULSE_KAFKA_{name.upper()}": value for name, value in given.items()}}


def run(
    given: Mapping[str, str], *arguments: str, program: Sequence[str] = ("streams",)
) -> "subprocess.CompletedProcess[str]":
    """A command as it is typed; program: a module in place of ours, with arguments before those of the command."""
    done = subprocess.run(
        [sys.executable, "-m", *program, *arguments],
        env=environment(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    print(done.stderr, file=sys.stderr)
    return done


def command(given: Mapping[str, str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code, and the JSON lines."""
    done = run(given, *arguments)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_what_was_in_the_wrong_partition_is_sent_again_once_and_then_counts(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=8)
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "wrong", track(n, "acme", n)) for n in range(3)])
        all_taken(given, cluster)
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


def test_what_is_refused_again_is_there_for_the_next_retry(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "acme", b"{")])
        until(lambda: read(given, DEAD_LETTERS), cluster)
    for _ in range(3):  # who mends a vocabulary may have to do so twice
        code, retried = command(given, "dead-letters", "retry", "--reason", "not_json")
        assert (code, [one["sent"] for one in retried]) == (1, [False])
    assert len({json.dumps(letter) for _, letter in read(given, DEAD_LETTERS)}) == 1
    assert command(given, "dead-letters", "retry", "--reason", "bad_mood") == (2, [])


def test_what_comes_while_a_group_reads_is_there_for_its_next_reading(
    broker: Broker, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    administration.create(loaded(given))
    send(given, [("usage", "acme", b"1")])
    ends = KafkaConsumer.end_offsets

    def and_then_another(self: Any, places: Any) -> Any:
        found = ends(self, places)
        send(given, [("usage", "acme", b"2")])
        return found

    monkeypatch.setattr(KafkaConsumer, "end_offsets", and_then_another)
    topic = given["prefix"] + INPUTS["usage"]
    taken = [[message.value for message in messages(loaded(given), topic, group="g")] for _ in range(2)]
    assert taken == [[b"1"], [b"2"]]


FOLLOWING = """
import signal
from streams.cli import app
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
app()
"""


@contextmanager
def followed(given: Mapping[str, str], output: str) -> Iterator[IO[str]]:
    """The lines of `accountpulse tail OUTPUT --follow`, which Ctrl-C ends cleanly."""
    command = [sys.executable, "-c", FOLLOWING, "tail", output, "--follow"]
    process = subprocess.Popen(command, env=environment(given), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_dead_letters_and_triggers_are_followed_until_stopped(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "acme", b"{")])
        until(lambda: read(given, DEAD_LETTERS), cluster)
        with followed(given, "dead-letters") as dead, followed(given, "triggers") as triggers:
            assert json.loads(dead.readline())["reason"] == "not_json"  # what was there
            send(given, [*(("usage", "acme", track(n, "acme", n)) for n in range(3)), ("usage", "acme", b"[")])
            assert json.loads(dead.readline())["raw_text"] == "["  # what came
            assert json.loads(triggers.readline())["subject"] == "acme"


def test_topics_are_described_as_they_are_and_what_they_are_for(broker: Broker, prefix: str) -> None:
    given = settings(broker.bootstrap, prefix)
    code, before = command(given, "topics", "describe")
    assert (code, {(one["there"], one["partitions"]) for one in before}) == (0, {(False, None)})
    code, made = command(given, "topics", "create")
    assert (code, [one["topic"] for one in made]) == (0, [one["topic"] for one in before])
    _, described = command(given, "topics", "describe")
    found = {one["topic"].removeprefix(prefix): one for one in described}
    assert found["usage-events"] == {
        "topic": f"{prefix}usage-events", "purpose": "events of the stream usage, keyed by account", "there": True,
        "partitions": 2, "replication": 1,
        "config": {
            "cleanup.policy": "delete", "retention.ms": str(800 * 86_400_000),
            "message.timestamp.type": "LogAppendTime",
        },
    }  # fmt: skip
    assert found["account-records"]["config"]["cleanup.policy"] == "compact"
    assert command(given, "topics", "create") == (0, [])
    code, differences = command({**given, "partitions": "3", "replication": "2"}, "topics", "check")
    assert (code, {one["setting"] for one in differences}) == (1, {"partitions", "replication"})
    assert command(given, "topics", "check") == (0, [])
