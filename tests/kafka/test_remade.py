"""Input topics that are deleted and made anew, on a real broker."""

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from shutil import rmtree
from signal import SIGKILL

import pytest
from kafka import KafkaAdminClient

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.ending import EXIT_FAILED
from streams.kafka.home import home
from streams.kafka.topics import INPUTS, RECORDS
from tests.chaos.kafka.cluster import WORKER, Cluster
from tests.chaos.kafka.lag import lag
from tests.chaos.kafka.verdict import packed_records
from tests.kafka.conftest import require_java
from tests.kafka.talking import SOON_S, all_taken, loaded, send, settings, until, workers
from tests.kafka.test_outputs import command, run
from tests.kafka.test_rebuild import rebuild, work
from tests.kafka.test_switch import end, gone_on
from tests.streams.embedded.running import engine
from tests.streams.embedded.sent import Message, track

pytestmark = pytest.mark.timeout(300)


def usage(numbers: range) -> list[tuple[str, str, Message]]:
    return [("usage", "acme", track(n)) for n in numbers]


def remake(given: Mapping[str, str], topic: str) -> None:
    """Delete a topic, and make it again as it was."""
    before = administration.identities(loaded(given))[topic]
    with closing(KafkaAdminClient(bootstrap_servers=given["bootstrap_servers"])) as admin:
        admin.delete_topics([topic])
    end = time.monotonic() + SOON_S
    while administration.identities(loaded(given)).get(topic, before) == before:
        assert time.monotonic() < end
        administration.create(loaded(given))


def counted(given: Mapping[str, str]) -> dict[str, int]:
    """Messages that count, by account."""
    records = packed_records(given["bootstrap_servers"], given["prefix"])
    return {account_id: engine().unpack(packed).counted for account_id, packed in records.items()}


def ended(cluster: Cluster) -> int:
    """How its only worker ends by itself."""
    (worker,) = cluster.workers
    code = worker.wait(SOON_S)
    cluster.workers.clear()
    return code


@pytest.mark.parametrize("running", [False, True])
def test_nothing_of_a_topic_that_was_made_anew_is_passed_over(
    broker: Broker, prefix: str, tmp_path: Path, running: bool
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    topic = prefix + INPUTS["usage"]
    with workers(given, tmp_path) as cluster:
        send(given, usage(range(20)))
        all_taken(given, cluster)
        if not running:
            cluster.leave(cluster.workers[0], timeout_s=10.0)
        remake(given, topic)
        send(given, usage(range(100, 105)))
        if not running:
            cluster.start()
        assert ended(cluster) == EXIT_FAILED
        cluster.start()  # as whoever runs it does
        assert ended(cluster) == EXIT_FAILED
        assert cluster.failures == []
        told = [path.read_text() for path in sorted(tmp_path.glob("worker*.log"))[-2:]]
        assert all(f"{topic} was deleted and made anew: its id is " in one for one in told)
        assert all("`accountpulse topics accept`" in one for one in told)
        assert lag(broker.bootstrap, prefix, given["group"]) == 5  # they count as not read
        assert counted(given) == {"acme": 20}
        accepted = until(lambda: (done := command(given, "topics", "accept"))[0] == 0 and done, cluster)
        assert accepted == (0, [{"topic": topic, "partition": 0, "accounts": 1}])
        assert command(given, "topics", "accept") == (0, [])
        cluster.start()
        all_taken(given, cluster)
        send(given, usage(range(105, 108)))
        until(lambda: counted(given) == {"acme": 28}, cluster)


def test_what_was_rebuilt_before_a_topic_was_made_anew_is_not_gone_on_from(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    topic = prefix + INPUTS["usage"]
    with workers(given, tmp_path) as cluster:
        send(given, usage(range(20)))
        all_taken(given, cluster)
        for name in ("published", "kept"):
            assert rebuild(given, name)[0] == 0
        cluster.leave(cluster.workers[0], timeout_s=10.0)
        assert command(given, "configuration", "switch", "--namespace", "published")[0] == 0
        remake(given, topic)
        send(given, usage(range(100, 105)))
        assert command(given, "topics", "accept")[0] == 0
        refused = run(given, "configuration", "switch", "--namespace", "kept")
        assert refused.returncode == 2
        assert f"namespace 'kept' was rebuilt from {topic} before that was deleted and made anew" in refused.stderr
        cluster.start()
        all_taken(given, cluster)
        said = max(tmp_path.glob("worker*.log")).read_text()
        assert f"configuration 0 is refused: namespace 'published' was rebuilt from {topic} before that" in said
        assert counted(given) == {"acme": 25}
        assert rebuild(given, "after", "--switch")[0] == 1  # it differs, since the old topic is gone
        assert command(given, "configuration", "switch", "--namespace", "after")[0] == 0
        until(lambda: gone_on(tmp_path, "after", partitions=1), cluster)
        send(given, usage(range(105, 108)))
        until(lambda: counted(given) == {"acme": 8}, cluster)


PLACED: Mapping[int, Sequence[str]] = {0: ("a0", "a4"), 1: ("a1", "a2")}
"""Accounts by partition, of two."""

FIRST, SECOND = (1, 2, 3, 4, 5), (2, 3, 4, 5)
"""Writes after which it is killed: claim, commits, two accounts, the topics' ids; then a claim of the first partition,
which is through, and the same of the second one up to its accounts.
"""


def test_acceptance_that_is_killed_at_any_write_is_finished_by_another_and_workers_wait_for_that(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=2)
    accounts = [account for placed in PLACED.values() for account in placed]
    assert {a: home(a, 2) for a in accounts} == {a: number for number, placed in PLACED.items() for a in placed}
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", a, track(f"{a}.{n}", a, n)) for a in accounts for n in range(6)])
        all_taken(given, cluster)
        cluster.leave(cluster.workers[0], timeout_s=10.0)
        remake(given, prefix + INPUTS["usage"])
        send(given, [("usage", a, track(f"{a}.anew{n}", a, n)) for a in accounts for n in range(3)])
        for number, writes in enumerate((*FIRST, *SECOND)):
            until(partial(killed, given, writes), cluster)
            if number + 1 in {len(FIRST) - 1, len(FIRST), len(FIRST) + len(SECOND)}:
                cluster.start()
                assert ended(cluster) == EXIT_FAILED
                assert counted(given) == dict.fromkeys(accounts, 6)
        done = until(lambda: (done := command(given, "topics", "accept"))[0] == 0 and done, cluster)
        assert done == (0, [{"topic": prefix + INPUTS["usage"], "partition": 1, "accounts": 2}])
        cluster.start()
        until(lambda: counted(given) == dict.fromkeys(accounts, 9), cluster)
        all_taken(given, cluster)


def killed(given: Mapping[str, str], writes: int) -> bool:
    """Whether acceptance came as far as that, and no farther; it does not begin while the brokers count workers."""
    program = "tests.kafka.stopping", "after-writes", str(writes)
    return run(given, "topics", "accept", program=program).returncode == -SIGKILL


def test_topics_are_not_accepted_while_workers_run(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)
        done = run(given, "topics", "accept")
        assert done.returncode == 2
        assert f"group {prefix}group has 1 workers: stop them first" in done.stderr
        assert cluster.reap() == 0


def test_a_topic_that_is_made_anew_while_nothing_comes_ends_a_worker_too(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    with workers(given, tmp_path) as cluster:
        send(given, usage(range(3)))
        all_taken(given, cluster)
        remake(given, prefix + INPUTS["usage"])
        assert ended(cluster) == EXIT_FAILED


def test_records_that_were_lost_are_all_there_again_from_a_namespace_though_a_worker_is_killed_in_the_midst(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=3)
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)
        work(given, cluster)
        cluster.leave(cluster.workers[0], timeout_s=10.0)
        remake(given, prefix + RECORDS)
        code, said = rebuild(given, "again")
        assert (code, said["only_rebuilt"]) == (1, 24), said
        usual = cluster.command
        cluster.command = [sys.executable, "-m", "tests.kafka.stopping", "after-parts", "1", *WORKER]
        dying = cluster.start()
        until(cluster.ready, cluster)
        cluster.command = usual
        assert command(given, "configuration", "switch", "--namespace", "again")[0] == 0
        dying.wait(timeout=30.0)
        cluster.workers.remove(dying)
        cluster.start()
        end(given, cluster, engine())


def test_nothing_is_passed_over_of_a_partition_whose_messages_were_lost_with_a_disk(
    prefix: str, tmp_path: Path
) -> None:
    require_java()
    with Broker(tmp_path / "broker") as broker:
        given = settings(broker.bootstrap, prefix, partitions=1)
        with workers(given, tmp_path) as cluster:
            send(given, usage(range(20)))
            all_taken(given, cluster)
            broker.stop()
            (disk,) = (tmp_path / "broker").rglob(f"{prefix}usage-events-0")
            rmtree(disk)
            broker.start()
            send(given, usage(range(20, 25)))
            assert ended(cluster) == EXIT_FAILED
            assert "has lost messages" in (tmp_path / "worker1.log").read_text()
            send(given, usage(range(25, 50)))  # it ends behind what was taken again, and is known all the same
            cluster.start()
            assert ended(cluster) == EXIT_FAILED
            until(lambda: command(given, "topics", "accept")[0] == 0, cluster)
            cluster.start()
            until(lambda: counted(given) == {"acme": 50}, cluster)
