"""Workers on a real broker."""

import shutil
import time
from base64 import b64decode
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, TopicPartition

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.ending import EXIT_FAILED
from streams.kafka.record import decode as decode_record
from streams.kafka.topics import DEAD_LETTERS, HEALTH, INPUTS, RECORDS, TRIGGERS
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.verdict import judge, messages, packed_records
from tests.kafka.silence import assert_noticed_in_time, quiet_since
from tests.kafka.talking import SOON_S, all_taken, loaded, of_seven, read, send, settings, until, workers
from tests.kafka.test_metrics import figures
from tests.streams.embedded.running import engine
from tests.streams.embedded.sent import Message, group, track

pytestmark = pytest.mark.timeout(180)


def test_messages_become_health_and_triggers_and_nothing_waits(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        send(given, [("accounts", "a1", group(1, "a1", segment="SMB"))])
        all_taken(given, cluster)
        send(given, of_seven(range(70)))
        all_taken(given, cluster)
        triggers = until(lambda: [one for one in read(given, TRIGGERS) if len(read(given, TRIGGERS)) >= 7], cluster)
        assert sorted(key for key, _ in triggers) == [f"a{n}" for n in range(7)]
        assert {one["data"]["play"] for _, one in triggers} == {"team_grew"}
        health = dict(read(given, HEALTH))
        assert health["a1"]["segment"] == "SMB"
        assert health["a2"]["score"] == pytest.approx(sum(c["points"] for c in health["a2"]["contributions"]))
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    assert cluster.failures == []
    assert judge(broker.bootstrap, prefix).differences == []


def test_poison_in_any_place_of_a_chunk_costs_its_neighbours_nothing(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1, chunk_records_max=5)
    sent: list[tuple[str, str, Message | bytes]] = []
    for place in range(6):
        chunk: list[tuple[str, str, Message | bytes]] = [
            ("usage", "acme", track(f"{place}.{n}", "acme", n)) for n in range(5)
        ]
        chunk.insert(place, ("usage", "acme", b'{"type":"track","event":"x","properties":{"n":NaN}}'))
        sent += chunk
    sent.append(("usage", "acme", track("other", "of another account")))  # keyed as acme, and so placed as acme
    with workers(given, tmp_path) as cluster:
        placed = send(given, sent)
        all_taken(given, cluster)
        dead = [letter for _, letter in read(given, DEAD_LETTERS)]
    bad = [place for place, (_, _, message) in zip(placed, sent, strict=True) if isinstance(message, bytes)]
    assert [letter["position"] for letter in dead] == bad
    assert {letter["reason"] for letter in dead} == {"not_finite"}
    assert dead[0]["raw_text"] == '{"type":"track","event":"x","properties":{"n":NaN}}'
    assert judge(broker.bootstrap, prefix).differences == []


def test_refused_messages_as_large_as_a_topic_takes_and_larger_stop_no_worker(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    full, escaped = b"x" * 900_000, b"\x01" * 200_000
    compressed = b'{"type":"track","properties":{"n":"' + b"y" * 5_000_000  # which is small on its way
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "acme", message) for message in (full, escaped, compressed)], compression_type="gzip")
        send(given, [("usage", "acme", track(1))])
        all_taken(given, cluster)
        dead = [letter for _, letter in read(given, DEAD_LETTERS)]
        assert cluster.reap() == 0
    assert [letter["raw_bytes"] for letter in dead] == [900_000, 200_000, len(compressed)]
    assert [b64decode(letter["raw"]) for letter in dead[:2]] == [full, escaped]
    assert len(b64decode(dead[2]["raw"])) > 500_000
    assert compressed.startswith(b64decode(dead[2]["raw"]))
    assert judge(broker.bootstrap, prefix).differences == []


def test_a_message_in_a_partition_that_is_not_its_accounts_is_a_dead_letter(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=8)
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "somebody", track(1, "acme")), ("usage", "acme", track(2, "acme"))])
        all_taken(given, cluster)
        ((_, letter),) = read(given, DEAD_LETTERS)
    assert letter["reason"] == "wrong_partition"
    *_, record = [m.value for m in messages(broker.bootstrap, prefix + RECORDS) if m.key == b"acme"]
    assert engine().unpack(decode_record(record).packed).counted == 1


def test_a_worker_whose_records_lie_on_a_disk_goes_on_after_it_was_killed_and_leaves_nothing_there(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    place = tmp_path / "records"
    given = settings(broker.bootstrap, prefix, records_directory=place)
    with workers(given, tmp_path) as cluster:
        for first in (0, 40):
            send(given, of_seven(range(first, first + 40)))
            all_taken(given, cluster)
            (folder,) = place.iterdir()
            if not first:
                cluster.kill(cluster.workers[0])
                assert list(place.iterdir()) == [folder]
                cluster.start()
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    assert cluster.failures == []
    assert list(place.iterdir()) == []
    assert judge(broker.bootstrap, prefix).differences == []


def test_a_worker_whose_records_are_taken_away_ends_and_another_goes_on_from_the_topic(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    place = tmp_path / "records"
    given = settings(broker.bootstrap, prefix, records_directory=place)
    with workers(given, tmp_path) as cluster:
        send(given, of_seven(range(40)))
        all_taken(given, cluster)
        shutil.rmtree(place)
        (robbed,) = cluster.workers
        cluster.start()  # the group gives its partitions out anew
        assert robbed.wait(SOON_S) == EXIT_FAILED
        cluster.workers.remove(robbed)
        assert "records can't be kept on the disk (records_directory): " in (tmp_path / "worker1.log").read_text()
        send(given, of_seven(range(40, 60)))
        all_taken(given, cluster)
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    assert cluster.failures == []
    assert judge(broker.bootstrap, prefix).differences == []


def test_silence_is_noticed_on_a_partition_that_receives_nothing(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)  # how long a start takes on this machine is not what is measured
        due = int(time.time()) + 8
        send(given, [("usage", "acme", quiet_since(due))])
        all_taken(given, cluster)
        (sent,) = until(lambda: list(messages(broker.bootstrap, prefix + TRIGGERS)), cluster)
    assert_noticed_in_time(sent, due)


def test_a_worker_without_its_topics_says_what_is_missing_and_does_not_start(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path, settings(broker.bootstrap, prefix))
    cluster.start()
    assert cluster.workers[0].wait(60) == 2
    assert f"{prefix}usage-events is not there" in (tmp_path / "worker1.log").read_text()


def test_another_number_of_partitions_is_refused_with_the_reason(broker: Broker, prefix: str) -> None:
    administration.create(loaded(settings(broker.bootstrap, prefix)))
    assert administration.check(loaded(settings(broker.bootstrap, prefix))) == []
    found = administration.check(loaded(settings(broker.bootstrap, prefix, partitions=3)))
    assert {mismatch.setting for mismatch in found} == {"partitions"}
    assert "different workers" in found[0].reason


def test_what_was_deleted_before_it_was_taken_is_told_once_and_is_waited_for_no_more(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    topic, log = prefix + INPUTS["usage"], tmp_path / "worker2.log"
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "acme", track(1))])
        all_taken(given, cluster)
        cluster.leave(cluster.workers[0], timeout_s=10.0)
        send(given, [("usage", "other", track(n, "other")) for n in range(2, 12)])
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            admin.delete_records({TopicPartition(topic, 0): 11})
        cluster.start()
        until(cluster.ready, cluster)
        all_taken(given, cluster)
        assert f"{topic}-0: what stood from 1 up to 11 is gone" in log.read_text()
        until(lambda: figures(log).get("accountpulse_worker_lag_messages:usage") == 0.0, cluster)
        send(given, [("usage", "other", track(n, "other")) for n in range(20, 25)])
        all_taken(given, cluster)
    records = packed_records(broker.bootstrap, prefix)
    assert {name: engine().unpack(packed).counted for name, packed in records.items()} == {"acme": 1, "other": 5}


def test_what_is_deleted_under_a_worker_that_has_not_taken_it_is_waited_for_no_more(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1, session_timeout_s=30.0)
    topic, log = prefix + INPUTS["usage"], tmp_path / "worker1.log"
    with workers(given, tmp_path) as cluster:
        send(given, [("usage", "acme", track(1))])
        all_taken(given, cluster)
        cluster.pause(cluster.workers[0])
        time.sleep(0.5)  # what it has asked for is answered then
        send(given, [("usage", "other", track(n, "other")) for n in range(2, 12)])
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            admin.delete_records({TopicPartition(topic, 0): 11})
        cluster.resume(cluster.workers[0])
        until(lambda: f"{topic}-0: what stood from 1 up to 11 is gone" in log.read_text(), cluster)
        all_taken(given, cluster)
        until(lambda: figures(log)["accountpulse_worker_lag_messages:usage"] == 0.0, cluster)
        send(given, [("usage", "other", track(n, "other")) for n in range(20, 25)])
        all_taken(given, cluster)
        assert log.read_text().count("is gone") == 1
    records = packed_records(broker.bootstrap, prefix)
    assert {name: engine().unpack(packed).counted for name, packed in records.items()} == {"acme": 1, "other": 5}
