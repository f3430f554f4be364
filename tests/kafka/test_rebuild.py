"""Records rebuilt from the topics beside workers that run, on a real broker."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import Broker
from streams.configuration import shipped
from streams.kafka.namespace import contents
from tests.chaos.kafka.cluster import PLAYS, ROOT, Cluster
from tests.kafka.talking import SOON_S, loaded, send, settings, until, workers
from tests.kafka.test_configuration import load, of_play, settle, two_users
from tests.kafka.test_outputs import command, environment
from tests.streams.embedded.sent import group, track
from tests.streams.kafka.test_edition import COUNTING

pytestmark = pytest.mark.timeout(240)

ACCOUNTS = [f"a{number}" for number in range(24)]
NEVER_HEARD = ("different", "missing", "only_rebuilt", "behind")


def rebuild(given: Mapping[str, str], name: str, *arguments: str, plays: Path = PLAYS) -> tuple[int, dict[str, Any]]:
    code, said = command(given, "replay", "--from-kafka", "--into-namespace", name, "--plays", str(plays), *arguments)
    return code, said[0] if said else {}


def work(given: Mapping[str, str], cluster: Cluster) -> None:
    """Give accounts all that there is of a record: users, traits, duplicates, and nonsense beside."""
    sent: list[tuple[str, str, Mapping[str, Any] | bytes]] = [
        *two_users(ACCOUNTS), *two_users(ACCOUNTS[:4]),
        *(("usage", account, track(f"{account}.third", account, 3)) for account in ACCOUNTS[:8]),
        *(("accounts", account, group(account, account, segment="SMB", arr=1000.0)) for account in ACCOUNTS[::2]),
        ("usage", "a1", b"{"),
    ]  # fmt: skip
    send(given, sent)
    settle(given, cluster)
    until(lambda: len(of_play(given, "team_grew")) >= 8, cluster)


@contextmanager
def stopped(given: Mapping[str, str], name: str, partition: int) -> Iterator["subprocess.Popen[str]"]:
    """A rebuild that stands still when it has folded a partition and written those before."""
    arguments = ["replay", "--from-kafka", "--into-namespace", name, "--plays", str(PLAYS)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kafka.stopping", "at-partition", str(partition), *arguments],
        env=environment(given), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "{}\n"
        try:
            yield process
        finally:
            process.kill()


def test_rebuilt_records_are_the_same_as_those_of_workers_that_go_on_meanwhile(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=3)
    with workers(given, tmp_path) as cluster:
        work(given, cluster)
        with load(given, ACCOUNTS[12:]):
            time.sleep(1.0)
            code, said = rebuild(given, "again")
        assert (code, said["same"], said["accounts"]) == (0, 24, 24), said
        assert [said[name] for name in NEVER_HEARD] == [0, 0, 0, 0]
        assert (said["refused"], said["switch"], said["examples"]) == (1, None, [])
        settle(given, cluster)
        assert len(of_play(given, "team_grew")) == 8
        assert cluster.failures == []


def test_a_rebuild_that_begins_too_late_lacks_what_came_before_and_says_so(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        work(given, cluster)
        time.sleep(1.1)
        since = datetime.now(UTC).isoformat()
        send(given, [("usage", account, track(f"{account}.later", account, 4)) for account in ACCOUNTS[:3]])
        settle(given, cluster)
        time.sleep(0.5)
        code, said = rebuild(given, "late", "--since", since, "--switch")
    assert (code, said["messages"], said["accounts"]) == (1, 3, 3)
    assert (said["same"], said["different"], said["missing"], said["switch"]) == (0, 3, 21, None)
    (first, *_) = said["examples"]
    assert first["differences"]["counted"]["rebuilt"] == 1
    code, published = command(given, "configuration", "show")
    assert (code, published) == (0, [])


def test_under_a_profile_that_counts_other_things_the_scores_are_held_against_those_published(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    easier = shipped("profile").replace("metrics:\n", f"metrics:\n{COUNTING}", 1)
    easier = easier.replace("bands: {healthy: 65, watch: 40", "bands: {healthy: 20, watch: 10", 1)
    (tmp_path / "easier.yaml").write_text(easier)
    with workers(given, tmp_path) as cluster:
        work(given, cluster)
        time.sleep(1.0)
        code, said = rebuild(given, "easier", "--profile", str(tmp_path / "easier.yaml"))
    assert (code, said["accounts"], said["missing"], said["behind"]) == (1, 24, 0, 0)
    assert said["different"] > 0
    assert {name for one in said["examples"] for name in one["differences"]} <= {"score", "band"}


def test_a_rebuild_that_is_killed_leaves_nothing_complete_and_the_next_one_gives_the_same(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=3)
    with workers(given, tmp_path) as cluster:
        work(given, cluster)
        with stopped(given, "again", 1) as process:
            process.kill()
            process.wait()
        assert [one.manifest is not None for one in contents(loaded(given), "again")] == [True, False, False]
        assert command(given, "configuration", "switch", "--namespace", "again") == (2, [])
        code, said = rebuild(given, "again")
        whole, other = rebuild(given, "other")
    assert (code, whole) == (0, 0)
    assert {**said, "namespace": "other"} == other
    assert [one.manifest for one in contents(loaded(given), "again")] == [
        one.manifest for one in contents(loaded(given), "other")
    ]


def test_of_two_rebuilds_into_one_namespace_the_older_is_told_and_the_newer_counts(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        work(given, cluster)
        with stopped(given, "again", 1) as older:
            assert rebuild(given, "again")[0] == 0
            before = contents(loaded(given), "again")
            older.send_signal(signal.SIGCONT)
            out, told = older.communicate(timeout=SOON_S)
            assert (older.returncode, out) == (2, "")
            assert "somebody else has begun to rebuild namespace 'again' since" in told
        assert contents(loaded(given), "again") == before
        assert all(one.manifest is not None for one in before)


def test_what_can_not_be_done_is_refused(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path):
        assert rebuild(given, "../x") == (2, {})
        assert rebuild(given, "x", "--since", "yesterday") == (2, {})
        assert command(given, "replay", "--from-kafka") == (2, [])
        assert command(given, "replay", "events.jsonl", "--since", "2026-01-01") == (2, [])
        assert command(given, "configuration", "switch", "--namespace", "nothing") == (2, [])
