"""Workers that go on from rebuilt records, on a real broker."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from plays.engine import Engine
from plays.trigger import trigger_id
from streams.configuration import Texts, shipped
from streams.configuration import read as read_texts
from streams.kafka.publication import Rebuilt, encode
from streams.kafka.topics import HEALTH
from tests.chaos.kafka.cluster import PLAYS, WORKER, Cluster
from tests.chaos.kafka.verdict import Expectation, judge, packed_records
from tests.kafka.talking import read, send, settings, until, workers
from tests.kafka.test_configuration import load, logs, of_play, settle, smuggle, two_users
from tests.kafka.test_outputs import command
from tests.kafka.test_rebuild import ACCOUNTS, rebuild, work
from tests.streams.embedded.running import engine
from tests.streams.embedded.sent import track
from tests.streams.kafka.test_switch import WIDER

pytestmark = pytest.mark.timeout(240)

OTHER = WIDER.replace('version: "1"', 'version: "2"', 1)
PARTITIONS = 3
GREW = [("usage", account, track(f"{account}.more", account, 5)) for account in ACCOUNTS[8:16]]
"""Teams that grow after the switch."""


def core(profile: str = OTHER) -> Engine:
    texts = Texts((profile, "profile.yaml"), (PLAYS.read_text(encoding="utf-8"), "plays.yaml"), None)
    return read_texts(texts).engine()


def other(directory: Path) -> tuple[str, str]:
    """Options with a profile that counts other things."""
    (directory / "other.yaml").write_text(OTHER)
    return "--profile", str(directory / "other.yaml")


def gone_on(directory: Path, name: str, partitions: int = PARTITIONS) -> bool:
    """Whether all partitions have gone on from a namespace."""
    return sum(log.count(f"accounts go on from namespace {name}") for log in logs(directory)) >= partitions


def ids(given: Mapping[str, str]) -> list[str]:
    return [one["id"] for one in of_play(given, "team_grew")]


def end(given: Mapping[str, str], cluster: Cluster, under: Engine) -> None:
    """Everything counts once, and each of the teams that grew was told of once by id."""
    send(given, GREW)
    settle(given, cluster)
    until(lambda: len(set(ids(given))) == 16, cluster)
    time.sleep(1.5)
    assert cluster.failures == []
    assert judge(given["bootstrap_servers"], given["prefix"], Expectation(under)).differences == []
    assert set(ids(given)) == {trigger_id(account, "team_grew", 1) for account in ACCOUNTS[:16]}


def test_under_load_workers_go_on_from_rebuilt_records_and_nothing_fires_twice(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=PARTITIONS)
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        work(given, cluster)
        before = ids(given)
        with load(given, ACCOUNTS[12:]):
            time.sleep(1.0)
            code, said = rebuild(given, "again", "--switch")
            assert (code, said["switch"]) == (0, 0), said
            until(lambda: gone_on(tmp_path, "again"), cluster)
            time.sleep(1.0)
        settle(given, cluster)
        assert ids(given) == before
        end(given, cluster, engine())
        assert sorted(ids(given)) == sorted(set(ids(given)))  # nobody was killed, and nothing sent again
        assert rebuild(given, "again")[0] == 2  # it is in use
        assert command(given, "configuration", "switch", "--namespace", "again") == (2, [])
        code, said = rebuild(given, "third")
        assert (code, said["same"]) == (0, 24), said


def test_a_profile_that_counts_other_things_is_gone_on_to_and_knows_the_history(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=PARTITIONS)
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)
        send(given, [("usage", "a20", track(f"in{n}", "a20", 1, event="login")) for n in range(7)])
        work(given, cluster)
        assert command(given, "configuration", "publish", *other(tmp_path))[0] == 2
        assert rebuild(given, "wider", *other(tmp_path))[0] in (0, 1)
        code, (said,) = command(given, "configuration", "switch", "--namespace", "wider")
        assert (code, said["namespace"], said["profile"]) == (0, "wider", "default@2")
        until(lambda: gone_on(tmp_path, "wider"), cluster)
        until(lambda: {one["profile"] for one in dict(read(given, HEALTH)).values()} == {"default@2"}, cluster)
        plain = command(given, "configuration", "publish", *other(tmp_path), "--plays", str(PLAYS))
        assert (plain[0], plain[1][0]["position"]) == (0, 1)  # now that the records fit it
        assert command(given, "configuration", "publish", "--plays", str(PLAYS))[0] == 2
        for worker in list(cluster.workers):
            cluster.leave(worker, timeout_s=10.0)
        cluster.start()
        end(given, cluster, core())
        code, shown = command(given, "configuration", "show")
        assert [one["runs"] for one in shown] == [False, True]
        code, said = rebuild(given, "check", *other(tmp_path))
        assert (code, said["same"]) == (0, 24), said
        record = core().unpack(packed_records(broker.bootstrap, prefix)["a20"])
        assert core().profile.reader(record, time.time(), None)["metrics.logins"] == 7.0


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_a_worker_that_is_killed_in_the_midst_leaves_no_account_out_and_none_is_carried_over_twice(
    broker: Broker, prefix: str, tmp_path: Path, parts: int
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=PARTITIONS)
    with workers(given, tmp_path, 0) as cluster:
        usual = cluster.command
        cluster.command = [sys.executable, "-m", "tests.kafka.stopping", "after-parts", str(parts), *WORKER]
        (dying,) = [cluster.start()]
        cluster.command = usual
        until(cluster.ready, cluster)
        work(given, cluster)
        assert rebuild(given, "wider", *other(tmp_path))[0] in (0, 1)
        assert command(given, "configuration", "switch", "--namespace", "wider")[0] == 0
        dying.wait(timeout=30.0)
        cluster.workers.remove(dying)
        cluster.start()
        end(given, cluster, core())
        code, said = rebuild(given, "check", *other(tmp_path))
        assert (code, said["same"]) == (0, 24), said


def test_what_workers_had_not_applied_when_it_was_rebuilt_counts_once_after_they_go_on_from_it(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=PARTITIONS)
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)
        work(given, cluster)
        cluster.leave(cluster.workers[0], timeout_s=10.0)
        send(given, [*GREW[:4], ("usage", "a3", b"nonsense"), *two_users(["fresh"])])
        code, said = rebuild(given, "ahead", *other(tmp_path), "--switch")
        assert (code, said["behind"], said["switch"]) == (1, 5, None)
        assert command(given, "configuration", "switch", "--namespace", "ahead")[0] == 0
        send(given, GREW[4:6])
        cluster.start()
        until(lambda: gone_on(tmp_path, "ahead"), cluster)
        end(given, cluster, core())


def test_a_switch_to_what_is_not_there_is_refused_by_all_and_the_records_stay(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=PARTITIONS)
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        work(given, cluster)
        assert rebuild(given, "real")[0] == 0
        texts = Texts((shipped("profile"), "profile.yaml"), (PLAYS.read_text(), "plays.yaml"), None)
        ends = tuple((0,) * 5 for _ in range(PARTITIONS))
        for rebuilt in (
            Rebuilt("nothing", (9,) * PARTITIONS, ends), Rebuilt("real", (99,) * PARTITIONS, ends),
            Rebuilt("real", (99,), ends), Rebuilt("../x", (99,) * PARTITIONS, ends),
        ):  # fmt: skip
            smuggle(given, encode(texts, rebuilt)[1])
        until(lambda: all("configuration 3 is refused" in log for log in logs(tmp_path)), cluster)
        for log in logs(tmp_path):
            assert "configuration 0 is refused, default@1 stays: there is no namespace 'nothing'" in log
            assert "configuration 1 is refused, default@1 stays: namespace 'real' was built up to other messages" in log
            assert "configuration 2 is refused, default@1 stays: namespace 'real' is not of the 3 partitions" in log
        end(given, cluster, engine())
