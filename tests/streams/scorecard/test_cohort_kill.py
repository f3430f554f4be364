"""The service on one machine, killed between moving an episode and putting its trigger out: none is lost or doubled."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.streams.http.served import Served
from tests.streams.scorecard.dying import POINTS
from tests.streams.scorecard.segments import Segments, cohort, plays, saying, told

pytestmark = pytest.mark.timeout(180)


def serving(directory: Path, point: str) -> Served:
    """A service that dies at a point of a look."""
    made = Served(directory / "data")
    made._command = [
        sys.executable, "-m", "tests.streams.scorecard.dying", point, "serve", "--data", str(made.data), "--port", "0",
        "--cohort-plays", plays(directory),
    ]  # fmt: skip
    return made


def episodes(served: Served) -> dict[tuple[str, str], dict[str, Any]]:
    """By segment's subject and play."""
    return {(one["subject"], one["play"]): one for one in served.get("/v1/scorecard/episodes")["episodes"]}


@pytest.mark.parametrize("point", [point for point in POINTS if point != "never"])
def test_killed_between_moving_an_episode_and_putting_its_trigger_out_it_goes_out_once(
    tmp_path: Path, point: str
) -> None:
    segments = Segments(["a", "b"])
    served = serving(tmp_path, point).start()
    assert served.batch(*segments.began()).status_code == 200
    assert served.batch(*(segments.pay(account, 40) for account in segments.paid)).status_code == 200
    assert served.process is not None
    assert served.process.wait(60) == -9
    served.stop()
    with serving(tmp_path, "never") as again:
        expected = segments.opened()
        assert len(expected) == 4
        again.until(lambda: len(again.get("/v1/triggers")["triggers"]) >= len(expected))
        again.until(lambda: len(episodes(again)) == len(expected))
        triggers = again.get("/v1/triggers")["triggers"]
    assert {one["id"]: told(one) for one in triggers} == expected
    assert len(triggers) == len(expected)


def test_people_answer_a_cohorts_trigger_by_the_same_event_as_an_accounts(tmp_path: Path) -> None:
    segments = Segments(["a", "b", "c"])
    with serving(tmp_path, "never") as served:
        served.batch(*segments.began())
        served.batch(*(segments.pay(account, 90) for account in segments.paid))
        served.until(lambda: len(served.get("/v1/triggers")["triggers"]) == 3)
        ids = {one["subject"]: one["id"] for one in served.get("/v1/triggers", play="shrinking")["triggers"]}
        assert {*ids} == {cohort("a"), cohort("b"), cohort("c")}
        words = {"a": "play_acknowledged", "b": "play_done", "c": "play_dismissed"}
        said = [saying(name, word, name, trigger_id=ids[cohort(name)]) for name, word in words.items()]
        unknown = saying("unknown", "play_done", "a", trigger_id="0" * 32)
        assert served.batch(*said, said[1], unknown).status_code == 200
        phases = {"a": "acknowledged", "b": "acted", "c": "spent"}
        served.until(lambda: {name: episodes(served)[cohort(name), "shrinking"]["phase"] for name in "abc"} == phases)
        served.until(lambda: served.get("/v1/dead-letters")["dead_letters"])
        (letter,) = served.get("/v1/dead-letters")["dead_letters"]
        assert (letter["reason"], letter["field"]) == ("unknown_trigger", "properties.trigger_id")
        assert letter["value"] == repr("0" * 32)
        refused = served.client.post("/v1/track", json=saying("bad", "play_done", "a", trigger_id="T-1"))
        assert refused.status_code == 400
        assert refused.json()["error"]["field"] == "properties.trigger_id"
        accounts = {one["account_id"] for one in served.get("/v1/accounts", limit=100)["accounts"]}
        assert accounts <= {*segments.paid}
        assert served.get("/v1/triggers", account=cohort("a"))["triggers"][0]["id"] == ids[cohort("a")]
