"""Plays over cohorts on a real broker: each trigger once in the topic for whoever tells them by id, whatever dies."""

import json
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.kafka.broker import Broker
from plays.trigger import trigger_id
from streams.cli import app
from streams.kafka import administration
from streams.kafka.home import home
from streams.kafka.topics import HEALTH, TRIGGERS
from tests.chaos.kafka.verdict import messages
from tests.kafka.posting import Posted
from tests.kafka.talking import loaded, read, send, settings, until, workers
from tests.streams.embedded.sent import Message, track
from tests.streams.scorecard.segments import Segments, cohort, plays, saying, told
from tests.streams.scorecard.test_cohort_kill import episodes

pytestmark = pytest.mark.timeout(420)

KILLS = 4
"""At random instants."""

PATIENCE_S = 90.0


def serving(data: Path, given: Mapping[str, str], point: str = "never") -> Posted:
    """The service of the installation that runs the plays; it dies at a point of a look."""
    made = Posted(data, given)
    made._command = [
        sys.executable, "-m", "tests.streams.scorecard.dying", point, "serve", "--kafka", "--data", str(data),
        "--port", "0", "--cohort-plays", plays(data.parent),
    ]  # fmt: skip
    return made


def tell(given: Mapping[str, str], sent: Iterable[Message]) -> None:
    """Send messages to the topics, as a producer does that knows nothing of any service."""
    send(given, [placed(message) for message in sent])


def placed(message: Message) -> tuple[str, str, Message]:
    """(stream, key, message)."""
    account = message.get("groupId") or message["context"]["groupId"]
    if message["type"] == "group":
        return "accounts", account, message
    return "cs" if message["event"].startswith("play_") else "revenue", account, message


def out(given: Mapping[str, str], evaluators: int = 1) -> dict[str, tuple[str, str, int]]:
    """The triggers that are in the topic as whoever tells them by id sees them: each under the key of its cohort, in
    the partition of that, and as often as it came as the same document. Several evaluators tell the same of an episode,
    each at the instant at which it looked: whoever tells triggers by id has the first.
    """
    seen: dict[str, bytes] = {}
    for message in messages(given["bootstrap_servers"], given["prefix"] + TRIGGERS):
        trigger = json.loads(message.value)
        assert message.key.decode() == trigger["subject"]
        assert message.partition == home(trigger["subject"], int(given["partitions"]))
        first = seen.setdefault(trigger["id"], message.value)
        assert first == message.value or (evaluators > 1 and told(json.loads(first)) == told(trigger))
    return {name: told(json.loads(value)) for name, value in seen.items()}


def soon(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def test_killed_at_every_point_of_a_look_each_trigger_is_in_the_topic_once_and_another_machine_goes_on_from_it(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given, data = settings(broker.bootstrap, prefix), tmp_path / "data"
    administration.create(loaded(given))
    points = ["before", "kept", "out"]
    names = [f"s{number}" for number in range(len(points))]
    segments = Segments(names)
    tell(given, segments.began())
    for point, name in zip(points, names, strict=True):
        tell(given, [segments.pay(account, 40) for account in of(segments, name)])
        served = serving(data, given, point).start()
        assert served.process is not None
        assert served.process.wait(PATIENCE_S) == -9
        served.stop()
    first = segments.opened()
    with serving(data, given) as served:
        soon(lambda: len(out(given)) >= len(first) and served.lag() == 0)
        soon(lambda: {one["id"] for one in episodes(served).values()} == first.keys())
        assert out(given) == first
        assert {one["id"] for one in served.get("/v1/triggers", limit=100)["triggers"]} == first.keys()
        tell(given, [segments.pay(account, 150) for account in segments.paid])
        soon(lambda: {one["phase"] for one in episodes(served).values()} == {"idle"})
    shutil.rmtree(data)  # another machine takes over: it goes on from the topics
    with serving(data, given) as served:
        soon(lambda: {one["phase"] for one in episodes(served).values()} == {"idle"})
        tell(given, [segments.pay(account, 45) for name in names[:2] for account in of(segments, name)])
        second = segments.opened(2)
        assert len(second) == 4
        soon(lambda: out(given) == first | second)


def test_killed_at_random_each_trigger_is_in_the_topic_once(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given, dice = settings(broker.bootstrap, prefix), random.Random(3)
    administration.create(loaded(given))
    segments = Segments(f"s{number}" for number in range(2 * KILLS))
    tell(given, segments.began())
    for kill in range(KILLS):
        served = serving(tmp_path / "data", given).start()
        for account in (*of(segments, f"s{2 * kill}"), *of(segments, f"s{2 * kill + 1}")):
            tell(given, [segments.pay(account, dice.choice([30, 80, 90]))])
            time.sleep(dice.uniform(0.0, 1.0))
        served.stop(signal.SIGKILL)
    expected = segments.opened()
    with serving(tmp_path / "data", given) as served:
        soon(lambda: {one["id"] for one in episodes(served).values()} == expected.keys())
        soon(lambda: len(out(given)) >= len(expected) and served.lag() == 0)
    assert out(given) == expected
    print(f"{KILLS} kills, {len(expected)} triggers")


def of(segments: Segments, name: str) -> list[str]:
    """The accounts of a segment."""
    return [account for account in segments.paid if account.startswith(f"{name}-")]


def test_answers_come_through_any_service_or_straight_to_the_topic_and_a_second_evaluator_does_no_harm(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    segments = Segments("abc")
    with (
        workers(given, tmp_path) as cluster,
        serving(tmp_path / "one", given) as served,
        Posted(tmp_path / "other", given) as other,
    ):
        assert other.batch(*segments.began()).status_code == 200
        tell(given, [segments.pay(account, 90) for account in segments.paid])
        expected = segments.opened()
        other.until(lambda: len(other.get("/v1/triggers", play="shrinking")["triggers"]) == 3)
        served.until(lambda: served.metric('accountpulse_triggers_total{play="shrinking"}') == 3)
        ids = {subject: name for name, (subject, _, _) in out(given).items()}
        unknown = trigger_id(cohort("a"), "shrinking", 7)
        assert other.batch(
            saying(1, "play_acknowledged", "a", trigger_id=ids[cohort("a")]),
            saying(2, "play_dismissed", "b", trigger_id=ids[cohort("b")], feedback="false_alarm"),
            saying(3, "play_done", "a", trigger_id=unknown),
        ).status_code == 200  # fmt: skip
        tell(given, [saying(4, "play_done", "c", trigger_id=ids[cohort("c")])] * 2)
        phases = {"a": "acknowledged", "b": "spent", "c": "acted"}
        served.until(lambda: stand(served, phases) == phases)
        assert episodes(served)[cohort("b"), "shrinking"]["feedback"] == "false_alarm"
        for one in (served, other):
            one.until(lambda one=one: one.get("/v1/dead-letters")["dead_letters"])  # type: ignore[misc]
            (letter,) = one.get("/v1/dead-letters")["dead_letters"]
            assert (letter["reason"], letter["field"]) == ("unknown_trigger", "properties.trigger_id")
            assert letter["value"] == repr(unknown)
        refused = other.client.post("/v1/track", json=saying(5, "play_over", "a", trigger_id=unknown))
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, "event")
        tell(given, [segments.pay(account, 100) for account in of(segments, "b")])
        served.until(lambda: stand(served, phases) == {**phases, "b": "idle"})
        with serving(tmp_path / "second", given) as second:
            second.until(lambda: stand(second, phases) == {**phases, "b": "idle"})
            tell(given, [segments.pay(account, 70) for account in of(segments, "b")])
            again = trigger_id(cohort("b"), "shrinking", 2)
            for one in (served, second):
                one.until(lambda one=one: stand(one, phases)["b"] == "open")  # type: ignore[misc]
            second.until(lambda: second.lag() == 0)
        assert out(given, evaluators=2) == {**expected, again: (cohort("b"), "shrinking", 2)}
        printed = CliRunner().invoke(app, ["tail", "triggers"], env=environment(given)).stdout
        assert {json.loads(line)["id"] for line in printed.splitlines()} == {*expected, again}
        tell(given, [track("last", "a-1")])
        until(lambda: "a-1" in dict(read(given, HEALTH)), cluster)
        assert {key for key, _ in read(given, HEALTH)} <= {*segments.paid}
    assert cluster.failures == []


def stand(served: Posted, names: Iterable[str]) -> dict[str, Any]:
    """The phases of segments' first play."""
    found = episodes(served)
    return {name: found.get((cohort(name), "shrinking"), {}).get("phase") for name in names}


def environment(given: Mapping[str, str]) -> dict[str, str]:
    return {f"ACCOUNTPULSE_KAFKA_{name.upper()}": value for name, value in given.items()}
