"""The triggers for subscribers, over real HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests.streams.embedded.sent import track
from tests.streams.http.served import Served


def grow(served: Served, account: str) -> None:
    """Make a trigger for the account."""
    served.batch(*(track(f"{account}-{n}", account, user=n) for n in range(3)))


def test_a_cursor_gives_each_trigger_once_and_in_order(served: Served) -> None:
    for n in range(5):
        grow(served, f"feed-{n}")
    served.settle()
    got, after = list[str](), 0
    while page := served.get("/v1/triggers", after=after, limit=2, play="team_grew")["triggers"]:
        got += [one["subject"] for one in page]
        after = served.get("/v1/triggers", after=after, limit=2, play="team_grew")["next"]
    assert [name for name in got if name.startswith("feed-")] == [f"feed-{n}" for n in range(5)]
    assert served.get("/v1/triggers", after=after) == {"triggers": [], "next": after}


def test_a_long_poll_answers_the_moment_a_trigger_is_there(served: Served) -> None:
    after = served.get("/v1/triggers", limit=1000)["next"]
    answers: list[tuple[float, dict[str, Any]]] = []

    def wait() -> None:
        told = httpx.get(f"{served.url}/v1/triggers", params={"after": after, "wait": 30}, timeout=60).json()
        answers.append((time.monotonic(), told))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    assert answers == []
    sent = time.monotonic()
    grow(served, "polled")
    waiting.join(30)
    ((arrived, told),) = answers
    assert [one["subject"] for one in told["triggers"]] == ["polled"]
    assert arrived - sent < 10


def test_a_long_poll_without_a_trigger_ends_when_its_time_is_over(served: Served) -> None:
    after = served.get("/v1/triggers", limit=1000)["next"]
    started = time.monotonic()
    assert served.get("/v1/triggers", after=after, wait=0.3)["triggers"] == []
    assert time.monotonic() - started >= 0.3


def sse(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(id, data) of the events of a stream."""
    number = 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("data: "):
            yield number, json.loads(line[6:])


def test_a_stream_gives_what_comes_and_whoever_returns_misses_nothing(served: Served) -> None:
    with served.client.stream("GET", "/v1/triggers/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        next(lines)
        grow(served, "streamed-1")
        number, trigger = next(sse(lines))
        assert trigger["subject"] == "streamed-1"
    for n in (2, 3):
        grow(served, f"streamed-{n}")
    served.settle()
    with served.client.stream("GET", "/v1/triggers/stream", headers={"Last-Event-ID": str(number)}) as answer:
        events = sse(answer.iter_lines())
        assert [next(events)[1]["subject"] for _ in range(2)] == ["streamed-2", "streamed-3"]
        grow(served, "streamed-4")
        assert next(events)[1]["subject"] == "streamed-4"
    answer = served.client.get("/v1/triggers/stream", headers={"Last-Event-ID": "nonsense"})
    assert answer.status_code == 422
