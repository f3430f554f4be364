"""The service on one machine, killed between moving an episode and putting its trigger out: none is lost or doubled."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.streams.embedded.sent import track
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
        served.until(lambda: served.metric('accountpulse_triggers_total{play="shrinking"}') == 3)
        words = {"a": "play_acknowledged", "b": "play_done", "c": "play_dismissed"}
        said = [saying(name, word, name, trigger_id=ids[cohort(name)]) for name, word in words.items()]
        assert served.batch(*said, said[1]).json()["duplicates"] == 1
        phases = {"a": "acknowledged", "b": "acted", "c": "spent"}
        served.until(lambda: {name: episodes(served)[cohort(name), "shrinking"]["phase"] for name in "abc"} == phases)
        for strange in ("0" * 32, ids[cohort("b")], "T-1"):
            refused = served.client.post("/v1/track", json=saying(strange, "play_done", "a", trigger_id=strange))
            (rejected,) = refused.json()["rejected"]
            assert (refused.status_code, rejected["reason"]) == (400, "unknown_trigger")
            assert (rejected["field"], rejected["value"]) == ("properties.trigger_id", repr(strange))
        among = served.batch(track("x"), saying("among", "play_done", "a", trigger_id="1" * 32), track("y")).json()
        assert (among["accepted"], [one["index"] for one in among["rejected"]]) == (2, [1])
        assert served.batch(saying("by play", "play_done", "a", play="shrinked")).status_code == 200
        served.until(lambda: len(served.get("/v1/dead-letters")["dead_letters"]) == 5)
        newest = served.get("/v1/dead-letters", reason="unknown_trigger")["dead_letters"][0]
        assert (newest["field"], newest["value"]) == ("properties.play", "'shrinked'")
        accounts = {one["account_id"] for one in served.get("/v1/accounts", limit=100)["accounts"]}
        assert accounts <= {*segments.paid, "acme"}
        assert served.get("/v1/triggers", account=cohort("a"))["triggers"][0]["id"] == ids[cohort("a")]
