"""What operators ask a worker."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from streams.http.access import Access, AccessError, access
from streams.kafka.operations import Operations
from streams.kafka.telemetry import Telemetry

TOKEN = "a-token-that-is-long-enough"


@contextmanager
def running(*, ready: bool = True, keys: Access | None = None) -> Iterator[httpx.Client]:
    telemetry = Telemetry()
    telemetry.triggers.labels("going_silent").inc()
    operations = Operations(telemetry.registry, lambda: ready, keys or Access())
    url = operations.start("127.0.0.1", 0)
    try:
        with httpx.Client(base_url=url) as client:
            yield client
    finally:
        operations.stop()


def test_metrics_health_and_readiness_are_answered() -> None:
    with running() as client:
        assert 'accountpulse_triggers_total{play="going_silent"} 1.0' in client.get("/metrics").text
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz?x=1").text == "ready\n"
        assert client.get("/").status_code == 404


def test_a_worker_that_restores_its_partitions_lives_and_is_not_ready() -> None:
    with running(ready=False) as client:
        assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)


def test_metrics_need_the_token_when_there_is_one() -> None:
    with running(keys=access("", TOKEN)) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert client.get("/readyz").status_code == 200


def test_without_a_token_nobody_else_may_ask() -> None:
    with pytest.raises(AccessError, match="a read token"):
        Operations(Telemetry().registry, lambda: True, Access()).start("0.0.0.0", 0)
