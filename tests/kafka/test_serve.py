"""The HTTP service on a real broker, with real workers behind it."""

import base64
import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from deploy.kafka.broker import Broker
from scoring.days import instant, iso
from streams.kafka import administration
from streams.kafka.topics import DEAD_LETTERS, HEALTH, INPUTS, TRIGGERS
from tests.chaos.kafka.verdict import judge
from tests.kafka.conftest import require_java
from tests.kafka.posting import Posted
from tests.kafka.talking import all_taken, loaded, read, send, settings, until, workers
from tests.streams.embedded.sent import group, track

pytestmark = pytest.mark.timeout(180)

KEY, TOKEN = "write-key-0123456789", "read-token-0123456789"
BOUNDED_S = 15.0
"""Within which a request is answered though the brokers are away."""


def grown(account: str, users: int = 3) -> list[dict[str, Any]]:
    """Messages that open a play."""
    return [track(f"{account}-{n}", account, n) for n in range(users)]


def in_topics(given: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """(key, message) of all input topics."""
    return [one for topic in INPUTS.values() for one in read(given, topic)]


def test_posted_events_give_a_score_its_history_and_a_trigger(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path) as cluster, Posted(tmp_path / "data", given) as served:
        told: list[dict[str, Any]] = []
        waiting = threading.Thread(
            target=lambda: told.append(httpx.get(f"{served.url}/v1/triggers?wait=60", timeout=90).json())
        )
        waiting.start()
        answer = served.batch(group(1, "a/1", segment="SMB"), *grown("a/1"))
        assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (200, 4, [])
        waiting.join(60)
        ((trigger,),) = [page["triggers"] for page in told]
        assert (trigger["subject"], trigger["data"]["play"]) == ("a/1", "team_grew")
        served.until(lambda: served.client.get("/v1/accounts/a/1").json().get("segment") == "SMB")
        account = served.get("/v1/accounts/a/1")
        assert account["score"] == pytest.approx(sum(one["points"] for one in account["contributions"]))
        assert [one["account_id"] for one in served.get("/v1/accounts", segment="SMB")["accounts"]] == ["a/1"]
        assert served.get("/v1/accounts", segment="other")["accounts"] == []
        served.until(lambda: served.lag() == 0 and served.metric("accountpulse_ready") == 1)
        assert served.metric('accountpulse_read_messages_total{topic="play-triggers"}') == 1
        newest = served.get("/v1/accounts/a/1/history")["history"][0]
        assert (newest["score"], newest["at"]) == (account["score"], account["at"])
        explained = served.get("/v1/accounts/a/1/explanation")
        assert sum(one["points"] for one in explained["moved"]) == pytest.approx(account["score"])
        assert served.get("/v1/triggers", after=told[0]["next"]) == {"triggers": [], "next": told[0]["next"]}
        assert served.get("/v1/triggers", account="nobody")["triggers"] == []
        assert served.client.get("/v1/accounts/nobody").status_code == 404
        for path in ("accounts/a/1/episodes", "accounts/a/1/events", "episodes"):
            absent = served.client.get(f"/v1/{path}")
            assert absent.status_code == 501
            assert "on Kafka" in absent.json()["detail"]
        all_taken(given, cluster)
    assert judge(broker.bootstrap, prefix).differences == []


def test_a_message_lies_in_the_topic_of_its_stream_as_it_was_sent_but_for_what_its_arrival_tells(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=3)
    administration.create(loaded(given))
    wrong = time.time() - 400 * 86_400
    with Posted(tmp_path / "data", given) as served:
        plain = track("plain", "übergröße") | {"context": {"groupId": "übergröße", "ip": "10.0.0.1"}}
        stale = track("stale", "acme", at=wrong - 3_600) | {"receivedAt": "2020-01-01T00:00:00Z"}
        assert served.client.post("/v1/track", json=plain).json()["accepted"] == 1
        assert served.batch(stale, sentAt=iso(wrong)).json()["accepted"] == 1
        nameless = {"event": "QBR Completed", "groupId": "acme", "timestamp": "2026-01-01T00:00:00Z"}
        for _ in range(2):
            assert served.client.post("/v1/track", json=nameless).status_code == 200
        assert served.client.post("/v1/streams/advocacy/track", json=track("by-path")).status_code == 200
        assert served.client.post("/v1/group", json={"groupId": "acme", "traits": {"plan": "pro"}}).status_code == 200
    placed = {name: read(given, name) for name in INPUTS.values()}
    first, second = sorted(placed["usage-events"], key=lambda one: one[0], reverse=True)
    assert first == ("übergröße", plain)
    key, corrected = second
    assert (key, corrected["messageId"], "receivedAt" in corrected) == ("acme", "mstale", False)
    assert instant(corrected["timestamp"]) == pytest.approx(time.time() - 3_600, abs=60)
    assert corrected["originalTimestamp"] == stale["timestamp"]
    ((_, reviewed),) = placed["cs-events"]
    assert reviewed["messageId"].startswith("content-")
    assert {**reviewed, "messageId": 0} == {**nameless, "type": "track", "messageId": 0}
    assert [message["messageId"] for _, message in placed["advocacy-events"]] == ["mby-path"]
    assert [message["traits"] for _, message in placed["account-events"]] == [{"plan": "pro"}]


def test_what_is_refused_is_a_dead_letter_and_costs_its_neighbours_nothing(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path), Posted(tmp_path / "data", given) as served:
        bad = b'{"type":"track", "event":"x" ,"note":"\\u00e9"}'
        good = json.dumps(track("good", "acme")).encode()
        answer = served.client.post("/v1/batch", content=b'{"batch":[' + good + b"," + bad + b"," + good + b"]}").json()
        assert [(one["index"], one["reason"]) for one in answer.pop("rejected")] == [(1, "missing_account")]
        assert answer == {"success": True, "accepted": 1, "duplicates": 1, "ignored": 0, "rejected_count": 1}
        alone = served.client.post("/v1/track", json={"event": 17, "groupId": "acme"})
        assert (alone.status_code, alone.json()["error"]["reason"]) == (400, "wrong_type")
        control = b'{"batch":"' + b"\x01" * 400_000
        assert served.client.post("/v1/batch", content=control).json()["error"]["reason"] == "not_json"
        assert [message["messageId"] for _, message in in_topics(given)] == ["mgood"]
        send(given, [("usage", "acme", b"{")])
        served.until(lambda: len(served.get("/v1/dead-letters")["dead_letters"]) == 4)
        letters = served.get("/v1/dead-letters")
        assert letters["kept"] == {"missing_account": 1, "not_json": 2, "wrong_type": 1}
        raws = {one["position"]: base64.b64decode(one["raw"]) for one in letters["dead_letters"]}
        assert raws["POST /v1/batch:1"] == bad
        assert raws["POST /v1/batch"] == control
        assert {one["reason"] for one in served.get("/v1/dead-letters", reason="wrong_type")["dead_letters"]} == {
            "wrong_type"
        }
    assert len(read(given, DEAD_LETTERS)) == 4


def test_after_a_kill_nothing_acknowledged_is_lost_and_cursors_hold_though_the_read_model_is_gone(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    acknowledged: list[str] = []
    with workers(given, tmp_path) as cluster:
        served = Posted(tmp_path / "data", given).start()
        stopped = threading.Event()
        ended = threading.Thread(target=post_until, args=(served.url, stopped, acknowledged))
        ended.start()
        served.until(lambda: len(acknowledged) > 50)
        served.until(lambda: len(served.get("/v1/triggers")["triggers"]) > 3)
        page = served.get("/v1/triggers", limit=3)
        served.stop(signal.SIGKILL)
        stopped.set()
        ended.join(30)
        sent = {message["messageId"] for _, message in in_topics(given)}
        assert sent.issuperset(acknowledged)
        all_taken(given, cluster)
        ids = {trigger["id"] for _, trigger in until(lambda: read(given, TRIGGERS), cluster)}
        with served:
            seen = [one["id"] for one in served.get("/v1/triggers", after=page["next"], limit=1000)["triggers"]]
        for file in (tmp_path / "data").glob("read-model.db*"):
            file.unlink()
        with served:
            anew = [one["id"] for one in served.get("/v1/triggers", after=page["next"], limit=1000)["triggers"]]
            scores = {one["account_id"]: one["score"] for one in served.get("/v1/accounts", limit=1000)["accounts"]}
    first = [one["id"] for one in page["triggers"]]
    assert sorted(first + seen) == sorted(ids)
    assert sorted(anew) == sorted(seen)
    assert scores == {key: one["score"] for key, one in read(given, HEALTH)}
    assert judge(broker.bootstrap, prefix).differences == []


def post_until(url: str, stopped: threading.Event, acknowledged: list[str]) -> None:
    """Post, each message once, until told to stop or nobody is there; note what was acknowledged."""
    with httpx.Client(base_url=url, timeout=30) as client:
        for number in count():
            messages = grown(f"k{number}")
            try:
                answer = client.post("/v1/batch", json={"batch": messages})
            except httpx.HTTPError:
                return
            assert answer.status_code == 200, answer.text
            acknowledged += [message["messageId"] for message in messages]
            if stopped.is_set():
                return


def post_in_vain(url: str, message: dict[str, Any]) -> None:
    """Post what nobody acknowledges."""
    with suppress(httpx.HTTPError):
        assert httpx.post(f"{url}/v1/track", json=message, timeout=60).status_code != 200


def test_it_is_ready_when_all_that_was_there_at_its_start_can_be_read(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given, letters = settings(broker.bootstrap, prefix), 20_000
    administration.create(loaded(given))
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for number in range(letters):
        told = {"reason": "not_json", "position": f"usage-events-0:{number}", "raw": "x" * 300}
        producer.send(f"{prefix}{DEAD_LETTERS}", json.dumps(told).encode(), told["position"].encode())
    producer.close()
    with Posted(tmp_path / "data", given) as served:
        assert served.get("/v1/dead-letters")["kept"] == {"not_json": letters}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Broker]:
    """A broker that the test may stop."""
    require_java()
    with Broker(tmp_path / "broker") as started:
        yield started


def test_without_brokers_nothing_is_acknowledged_and_what_then_is_is_in_the_topics_once(
    own: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(own.bootstrap, prefix)
    administration.create(loaded(given))
    with Posted(tmp_path / "data", given) as served:
        assert served.batch(track("before")).status_code == 200
        own.pause()
        try:
            started = time.monotonic()
            answer = served.batch(track("while"), track("before"))
            assert time.monotonic() - started < BOUNDED_S
            assert (answer.status_code, answer.json()["success"]) == (503, False)
            assert int(answer.headers["retry-after"]) > 0
            assert "a messageId counts once" in answer.json()["error"]["message"]
            assert served.client.get("/readyz").json()["state"] == "unacknowledged"
            assert served.client.get("/healthz").status_code == 200
        finally:
            own.resume()
        again = served.batch(track("while"), track("before"))
        assert (again.status_code, again.json()["accepted"], again.json()["duplicates"]) == (200, 0, 2)
        served.until(lambda: served.client.get("/readyz").status_code == 200)
        own.kill()
        refused = served.batch(track("killed"))
        assert refused.status_code == 503
        own.start()
        served.until(lambda: served.batch(track("killed")).status_code == 200)
        assert served.batch(track("after")).json()["accepted"] == 1
        own.pause()
        try:
            late = threading.Thread(target=post_in_vain, args=(served.url, track("late")))
            late.start()
            served.until(lambda: served.metric("accountpulse_intake_waiting_events") == 1)
            started = time.monotonic()
            assert served.stop() == 0
            assert time.monotonic() - started < BOUNDED_S
        finally:
            own.resume()
        late.join(30)
    ids = [message["messageId"] for _, message in in_topics(given)]
    assert sorted(one for one in ids if one != "mlate") == ["mafter", "mbefore", "mkilled", "mwhile"]


def refusal(data: Path, given: dict[str, str], *arguments: str) -> tuple[int, str]:
    """(exit code, what it says) of a service that does not start."""
    served = Posted(data, given, *arguments)
    done = subprocess.run(
        served._command, env=served._environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def test_it_starts_only_as_it_may(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    code, told = refusal(tmp_path / "data", given)
    assert (code, f"{prefix}usage-events is not there" in told) == (2, True)
    administration.create(loaded(given))
    code, told = refusal(tmp_path / "data", given, "--host", "0.0.0.0")
    assert (code, "set write keys" in told) == (2, True)
    code, told = refusal(tmp_path / "data", given, "--plays", "plays.yaml")
    assert (code, "the workers" in told) == (2, True)
    with Posted(tmp_path / "data", given):
        code, told = refusal(tmp_path / "data", given)
        assert (code, "another accountpulse is using" in told) == (2, True)
    other = settings(broker.bootstrap, f"{prefix}other-")
    administration.create(loaded(other))
    code, told = refusal(tmp_path / "data", other)
    assert (code, "made from other topics" in told) == (2, True)


def test_keys_are_asked_for_as_by_the_embedded_service(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    keys = {"ACCOUNTPULSE_WRITE_KEYS": f"{KEY},crm:{KEY}-crm:cs", "ACCOUNTPULSE_READ_TOKEN": TOKEN}
    with Posted(tmp_path / "data", given, environment=keys) as served, httpx.Client(base_url=served.url) as client:
        assert client.post("/v1/track", json=track(1)).status_code == 401
        assert client.post("/v1/track", json=track(1), auth=(KEY, "")).status_code == 200
        assert client.post("/v1/streams/usage/track", json=track(2), auth=(f"{KEY}-crm", "")).status_code == 403
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for path in ("/v1/accounts", "/v1/triggers", "/v1/triggers/stream", "/v1/dead-letters", "/metrics"):
            assert client.get(path).status_code == 401
        assert client.get("/v1/accounts", headers=bearer).status_code == 200
        assert client.get("/v1/triggers?after=x", headers=bearer).status_code == 422
    assert [message["messageId"] for _, message in in_topics(given)] == ["m1"]


def test_server_sent_events_go_on_where_a_subscriber_was(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    with workers(given, tmp_path), Posted(tmp_path / "data", given) as served:
        for number in range(4):
            served.batch(*grown(f"s{number}"))

        def some(last: str, wanted: int) -> list[tuple[str, str]]:
            found, cursor = list[tuple[str, str]](), ""
            with httpx.stream(
                "GET", f"{served.url}/v1/triggers/stream", headers={"Last-Event-ID": last}, timeout=60
            ) as told:
                for line in told.iter_lines():
                    name, _, value = line.partition(": ")
                    cursor = value if name == "id" else cursor
                    if name == "data":
                        found.append((cursor, json.loads(value)["subject"]))
                    if len(found) == wanted:
                        return found
            raise AssertionError("the stream ended")

        first = some("0", 2)
        rest = some(first[-1][0], 2)
        assert sorted(account for _, account in first + rest) == ["s0", "s1", "s2", "s3"]


def test_what_the_brokers_refuse_for_good_is_not_acknowledged_and_ends_the_service(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    with Posted(tmp_path / "data", given) as served:
        with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
            topic = ConfigResource(ConfigResourceType.TOPIC, f"{prefix}usage-events", {"max.message.bytes": "100"})
            admin.alter_configs([topic])
        assert served.batch(track(1)).status_code == 503
        assert served.process is not None
        assert served.process.wait(30) == 1
        served.stop()
        served.start()  # so that the block ends cleanly
    assert in_topics(given) == []
