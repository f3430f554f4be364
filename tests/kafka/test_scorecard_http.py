"""The scorecard over HTTP in front of Kafka: the same calls as of the service on one machine."""

import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from scorecard.model.database import Database
from scorecard.model.prior import Prior
from scoring.days import DAY, instant, iso
from streams.kafka import administration
from tests.kafka.posting import Posted
from tests.kafka.talking import loaded, settings
from tests.streams.embedded.sent import group, track

pytestmark = pytest.mark.timeout(180)


def test_the_service_on_kafka_answers_the_scorecard(broker: Broker, prefix: str, tmp_path: Path) -> None:
    """R3, A5, S2, S3 from the topics of events."""
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    now = time.time()
    began, month = now - 200 * DAY, time.strftime("%Y-%m", time.gmtime(now - 45 * DAY))
    started = track("s1", "acme", event="Subscription Started", at=began)
    started["properties"] = {"subscription_id": "s", "product": "core", "arr": 100, "currency": "USD"}
    described = group("g1", "acme", segment="smb", owner="kim") | {"timestamp": iso(began)}
    with Posted(tmp_path / "data", given) as served:
        before = int(time.time())  # Kafka dates arrivals in milliseconds
        assert served.batch(described, started, track("u1", "acme", at=now - 45 * DAY)).status_code == 200
        served.until(lambda: _both(served, before))
        (everybody, smb) = served.get("/v1/retention", period=month, by="segment")["cohorts"]
        assert (everybody["nrr"]["value"], smb["cohort"], smb["waterfall"]["end"]) == (1, {"segment": "smb"}, 100)
        lines = served.get("/v1/scorecard", period=month, view="operational")["lines"]
        assert {one["id"]: one["value"] for one in lines}["A5"] == 1
        (account,) = served.get("/v1/scorecard/accounts", period=month, cohort="segment:smb")["accounts"]
        assert (account["account_id"], account["owner"], account["open_plays"]) == ("acme", "kim", [])
        served.until(lambda: served.get("/v1/scorecard/use")["use"])
        with closing(Database(tmp_path / "data" / "scorecard.db")) as database:
            served.until(lambda: Prior(database).newest())  # C4: all scores were read, and there were none a month ago
            assert Prior(database).of(Prior(database).newest() or date.min) == {}


def _both(served: Posted, before: float) -> bool:
    """Whether what was sent after an instant is in the figures of money and in all others."""
    state = served.get("/v1/scorecard/state")
    return all((instant(state[name]) or 0.0) >= before for name in ("money", "others"))
