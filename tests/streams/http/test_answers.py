"""The API's documents say what the scorecard answers: every real answer fits the model that its route is documented by,
and no field is without words.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from pydantic import BaseModel

from plays.cohort import cohort_plays_text
from scorecard.settings.file import shipped_text
from scoring.days import DAY, instant, iso
from streams.http.answer import Answer, Refused, Said
from streams.http.scorecard import Scorecard
from streams.simulate.scenario import simulate
from tests.streams.embedded.sent import group, track
from tests.streams.http.served import Served

PERIOD = "2025-Q4"
TOKEN = "t" * 16

ASKED: dict[str, list[dict[str, Any]]] = {
    "/v1/scorecard": [{"period": PERIOD}, {"period": PERIOD, "view": "operational", "by": "segment"}, {"limit": 1}],
    "/v1/scorecard/series": [{"figure": ["R3", "G1", "S3"], "periods": 2, "by": "segment"}],
    "/v1/scorecard/accounts": [{}, {"period": PERIOD, "cohort": "segment:smb"}],
    "/v1/scorecard/episodes": [{}],
    "/v1/scorecard/state": [{}],
    "/v1/scorecard/use": [{}],
    "/v1/metrics": [{"period": PERIOD}, {"values": False}],
    "/v1/retention": [{"period": PERIOD, "by": "segment"}, {"known_at": "2026-01-01"}],
    "/v1/retention/monthly": [{"months": 2}],
    "/v1/lift": [{"period": PERIOD, "by": "segment"}, {"period": "2019-Q1"}],
    "/v1/attribution": [{"period": PERIOD}],
    "/v1/forecast": [{}],
    "/v1/movements": [{"limit": 1000}, {"period": PERIOD}],
    "/v1/restatements": [{}],
    "/v1/restatements/periods": [{}],
    "/v1/issues": [{"settled": True}],
}
"""Path -> what it is asked."""


BUILT_UPON = {"StratumAnswer", "LiftAnswer", "ComparisonAnswer"}
"""Models that no answer is by itself."""


def routes() -> APIRouter:
    def nobody() -> Any:
        raise AssertionError

    return Scorecard(nobody).routes(lambda: None)


MODELS: dict[str, type[Answer]] = {
    one.path: one.responses[200]["model"]  # type: ignore[attr-defined]
    for one in routes().routes
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Twenty accounts with a history, and a segment of twenty that pay less: a play on it is open."""
    place = tmp_path_factory.mktemp("answers")
    settings = shipped_text().replace("currency: USD", "currency: USD\nrates: {EUR: {2024-01-01: 1.1}}")
    settings += "\nbenchmarks: [{metric: R3, value: 1.01, source: Survey}]\n"
    (place / "scorecard.yaml").write_text(settings, encoding="utf-8")
    (place / "cohort_plays.yaml").write_text(cohort_plays_text(), encoding="utf-8")
    arguments = ("--scorecard", place / "scorecard.yaml", "--cohort-plays", place / "cohort_plays.yaml")
    with Served(place / "data", *map(str, arguments)) as running:
        running.batch(*_shrinking("early", 700, "Subscription Started", 100))
        messages = [json.loads(line) for line in simulate(5, 20, 200).messages]
        for first in range(0, len(messages), 500):
            assert running.batch(*messages[first : first + 500]).status_code == 200
        _taken(running)
        running.get("/v1/retention", period="2026-Q1")  # kept from now on: what comes late restates it
        _taken(running)
        running.batch(*_shrinking("late", 250, "Subscription Contracted", 90))
        running.batch(*(track(f"grew-{user}", "shrinking-0", user=user) for user in range(3)))  # a play opens on it
        _taken(running)
        running.until(lambda: running.get("/v1/restatements")["restatements"])
        running.until(lambda: running.get("/v1/scorecard/episodes")["episodes"])
        running.get("/v1/scorecard", period=PERIOD)
        running.until(lambda: running.get("/v1/scorecard/use")["use"])
        yield running


def _shrinking(name: str, days: int, event: str, arr: int) -> Iterator[dict[str, Any]]:
    at = time.time() - days * DAY
    for number in range(20):
        account = f"shrinking-{number}"
        if name == "early":
            yield group(account, account, segment="small") | {"timestamp": iso(at)}
        one = track(f"{account}-{name}", account, event=event, at=at)
        one["properties"] = {"subscription_id": "s", "product": "core", "arr": arr, "currency": "USD"}
        yield one


def _taken(running: Served) -> None:
    """Wait until all of it is in the figures."""
    before = time.time()
    running.batch(group(f"note-{before}", "acct-0001", note="taken"))

    def taken() -> bool:
        state = running.get("/v1/scorecard/state")
        return (
            min(instant(state[name] or "") or 0.0 for name in ("money", "others")) >= before and not state["unsettled"]
        )

    running.until(taken)


def test_every_answer_fits_the_model_that_it_is_documented_by(serving: Served) -> None:
    seen: set[str] = set()
    for path, asked in ASKED.items():
        for parameters in asked:
            answer = serving.client.get(path, params=parameters)
            assert answer.status_code == 200, answer.text
            seen |= _types(MODELS[path].model_validate_json(answer.content, strict=True))
    (ours,) = serving.get("/v1/retention", period=PERIOD)["cohorts"]
    with_new = (ours["nrr"]["numerator"] + ours["waterfall"]["new"]) / ours["nrr"]["denominator"]
    reports = [
        {"source": "Finance", "metric": "NRR", "period": PERIOD, "value": f"{100 * with_new:.2f}%"},
        {"source": "Finance", "metric": "NRR", "period": "2019-Q1", "value": "100%", "cohort": "segment=smb"},
    ]
    answer = serving.client.post("/v1/reports", json=reports)
    seen |= _types(MODELS["/v1/reports"].model_validate_json(answer.content, strict=True))
    assert {*ASKED, "/v1/reports"} == {*MODELS}
    documented = {one.__name__ for one in _models()} - {"Problem", "Refused", "Said"}
    assert documented == seen


def _types(found: Any) -> set[str]:
    """The names of all models in an answer."""
    if isinstance(found, BaseModel):
        parts: Any = [getattr(found, name) for name in type(found).model_fields]
        return {type(found).__name__}.union(*map(_types, parts))
    if isinstance(found, dict | list):
        return set().union(*map(_types, found.values() if isinstance(found, dict) else found))
    return set()


def _models() -> set[type[Answer]]:
    """All that are filled, and not only built upon."""
    found, waiting = set[type[Answer]](), [*Answer.__subclasses__()]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        found.add(one)
    return {one for one in found if one.__name__.endswith("Answer") and one.__name__ not in BUILT_UPON}


def test_every_field_of_an_answer_has_words() -> None:
    for model in _models() | {Refused, Said}:
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_every_route_of_the_scorecard_documents_its_answers_and_its_errors(serving: Served) -> None:
    document = serving.get("/openapi.json")
    for path, model in MODELS.items():
        (call,) = document["paths"][path].values()
        told = call["responses"]
        assert told["200"]["content"]["application/json"]["schema"] == {
            "$ref": f"#/components/schemas/{model.__name__}"
        }
        assert {"200", "401", "422", "503"} <= {*told}
        assert "Retry-After" in told["503"]["headers"]
    assert document["components"]["schemas"]["LineAnswer"]["properties"]["no_trend"]["description"]
    for path in ("/v1/movements", "/v1/restatements"):
        (period,) = [one for one in document["paths"][path]["get"]["parameters"] if one["name"] == "period"]
        assert "Absent: of all time." in period["description"]


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("/v1/scorecard", {"period": "2026-Q9"}, 422),
        ("/v1/scorecard", {"view": "whole", "limit": 0}, 422),
        ("/v1/scorecard/accounts", {"cohort": "segment"}, 400),
        ("/v1/lift", {"after": "elsewhere"}, 422),
        ("/v1/scorecard/use", {"after": "elsewhere"}, 422),
    ],
)
def test_what_is_refused_is_told_as_documented(
    path: str, parameters: dict[str, Any], status: int, serving: Served
) -> None:
    answer = serving.client.get(path, params=parameters)
    assert answer.status_code == status
    assert Refused.model_validate_json(answer.content, strict=True).detail


def test_who_may_not_read_is_told_so_as_documented(tmp_path: Path) -> None:
    with Served(tmp_path / "data", environment={"ACCOUNTPULSE_READ_TOKEN": TOKEN}) as running:
        answer = running.client.get("/v1/metrics")
    assert answer.status_code == 401
    assert "read token" in Said.model_validate_json(answer.content, strict=True).detail


def test_c4_strata_come_in_pages_those_that_are_compared_first(serving: Served) -> None:
    """C4: without gap or repetition, with everything else on each page."""
    whole = serving.get("/v1/lift", period=PERIOD)
    wanted = [*whole["compared"], *whole["left_out"]]
    assert (whole["next"], len(wanted)) == (None, whole["strata"])
    found: list[Any] = []
    after: dict[str, Any] = {}
    while True:
        page = serving.get("/v1/lift", period=PERIOD, limit=2, **after)
        assert page["lifts"] == whole["lifts"]
        found += [*page["compared"], *page["left_out"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == wanted
    assert len(found) > 2


def test_s3_readers_come_in_pages(serving: Served) -> None:
    """S3"""
    for reader in ("cfo", "cro"):
        serving.client.get("/v1/scorecard", params={"period": PERIOD}, headers={"X-Reader": reader})
    serving.until(lambda: len(serving.get("/v1/scorecard/use")["use"]) >= 3)
    whole = serving.get("/v1/scorecard/use")["use"]
    page = serving.get("/v1/scorecard/use", limit=1)
    rest = serving.get("/v1/scorecard/use", after=page["next"])
    assert [*page["use"], *rest["use"]] == whole


def test_the_catalogue_says_where_each_metric_stands_and_its_target(serving: Served) -> None:
    """As `accountpulse metrics --data` does."""
    told = serving.get("/v1/metrics", period=PERIOD)
    figures = {name: one for metric in told["metrics"] for name, one in metric["figures"].items()}
    lines = serving.get("/v1/scorecard", period=PERIOD, view="operational")["lines"]
    assert {*figures} == {one["id"] for one in lines}
    for line in lines:
        if line["id"] not in {"C8", "S3"}:  # of now
            names = ("value", "reason", "n", "target", "met", "trend")
            assert [figures[line["id"]][name] for name in names] == [line[name] for name in names]
    assert figures["R3"]["target"] == 1.05
    alone = serving.get("/v1/metrics", values=False)
    assert (alone["period"], "value" in alone["metrics"][0]["figures"]["A1"]) == (None, False)
