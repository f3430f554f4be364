"""The read API over real HTTP."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families

from tests.streams.embedded.sent import group, track
from tests.streams.http.served import Served


@pytest.fixture(scope="module")
def acme(served: Served) -> Served:
    """A service that knows a customer of several parts."""
    served.batch(
        *(track(f"r{n}", "read-acme", user=n % 4) for n in range(12)),
        *(track(f"rc{n}", f"read-child-{n}", user=n) for n in range(3)),
        group("r1", "read-acme", name="Acme Ltd", segment="smb", arr=1_000),
        *(group(f"rc{n}", f"read-child-{n}", parent="read-acme", arr=(n + 1) * 1_000) for n in range(2)),
        group("rc3", "read-child-2", parent="read-acme"),
        track("sub", "read-child-1", event="subscription_started")
        | {"properties": {"subscription_id": "s1", "arr": 5_000, "currency": "EUR"}},
    )
    served.settle()
    return served


def test_an_accounts_score_is_a_sum_that_adds_up(acme: Served) -> None:
    """H1"""
    told = acme.get("/v1/accounts/read-acme")
    assert told["scale"] == "0 (bad) to 100 (good)"
    assert sum(round(part["points"] * 100) for part in told["contributions"]) == round(told["score"] * 100)
    assert (told["name"], told["segment"], told["events_counted"]) == ("Acme Ltd", "smb", 13)
    assert told["published"]["account_id"] == "read-acme"
    assert 0 < told["coverage"] <= 1
    assert {missing["reason"] for missing in told["missing"]} <= {"no data", "stale", "not defined"}


def test_a_parent_is_rolled_up_by_what_its_parts_pay(acme: Served) -> None:
    told = acme.get("/v1/accounts/read-acme")
    paying = [child for child in told["children"] if child["arr"]]
    own = told["published"]
    members = [*paying, own] if own["arr"] else paying
    expected = round(sum(m["score"] * m["arr"] for m in members) / sum(m["arr"] for m in members), 2)
    assert [member["arr"] for member in members] == [1_000, 5_000, 1_000]  # what is subscribed wins over what is said
    assert (told["roll_up"]["score"], told["roll_up"]["members"], told["roll_up"]["counted"]) == (
        expected,
        4,
        len(members),
    )
    assert acme.get("/v1/accounts/read-child-0")["roll_up"] is None


def test_accounts_come_by_score_in_pages_without_gap_or_repetition(acme: Served) -> None:
    everything = acme.get("/v1/accounts", limit=1000)["accounts"]
    scores = [one["score"] for one in everything]
    assert scores == sorted(scores)
    for order in ("lowest", "highest"):
        paged: list[str] = []
        after: dict[str, Any] = {}
        while True:
            page = acme.get("/v1/accounts", limit=2, order=order, **after)
            paged += [one["account_id"] for one in page["accounts"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        whole = [one["account_id"] for one in everything]
        assert paged == (whole if order == "lowest" else whole[::-1])


def test_accounts_are_filtered_by_band_and_segment(acme: Served) -> None:
    band = acme.get("/v1/accounts/read-acme")["published"]["band"]
    found = acme.get("/v1/accounts", band=band, segment="smb", limit=1000)["accounts"]
    assert "read-acme" in [one["account_id"] for one in found]
    assert all((one["band"], one["segment"]) == (band, "smb") for one in found)


def test_history_and_explanation_add_up_and_name_the_events(acme: Served) -> None:
    (today,) = acme.get("/v1/accounts/read-acme/history")["history"][:1]
    assert sum(round(part["points"] * 100) for part in today["contributions"]) == round(today["score"] * 100)
    told = acme.get("/v1/accounts/read-acme/explanation")
    moved = sum(round(one["points"] * 100) for one in told["moved"])
    assert moved == round(told["score"]["score"] * 100) - round((told["score_before"] or 0) * 100)
    assert told["events_since"] == 13
    named = {event["event"] for one in told["moved"] for event in one["events"]}
    assert "Report opened" in named


def test_a_change_since_a_date_is_a_sum_to_the_hundredth(acme: Served) -> None:
    before = acme.get("/v1/accounts/read-acme/history")["history"][0]
    acme.batch(*(track(f"later{n}", "read-acme", user=100 + n) for n in range(5)))
    acme.settle()
    told = acme.get("/v1/accounts/read-acme/explanation", since=before["at"])
    assert told["score_before"] == before["score"]
    assert round(told["change"] * 100) == sum(round(one["points"] * 100) for one in told["moved"])
    assert told["change"] == round(told["score"]["score"] - before["score"], 2) != 0


def test_an_explanation_of_the_past_shows_what_was_published_then(acme: Served) -> None:
    shown = acme.get("/v1/accounts/read-acme/history")["history"][0]
    told = acme.get("/v1/accounts/read-acme/explanation", at=shown["at"])
    assert (told["score"]["score"], told["score"]["at"]) == (shown["score"], shown["at"])
    assert acme.client.get("/v1/accounts/read-acme/explanation", params={"at": "2020-01-01"}).status_code == 404


def test_an_id_with_slashes_and_other_signs_is_an_id_like_any_other(served: Served) -> None:
    account = "https://crm.example/accounts/7?x=ü"
    served.batch(track("odd1", account))
    served.settle()
    path = f"/v1/accounts/{quote(account, safe='')}"
    assert served.get(path)["account_id"] == account
    assert len(served.get(f"{path}/events")["events"]) == 1
    assert len(served.get(f"{path}/history")["history"]) == 1


@pytest.mark.parametrize(
    ("path", "loc"),
    [
        ("/v1/accounts?segment=%00", ["query", "segment"]),
        ("/v1/accounts/a%00", ["path", "account_id"]),
        ("/v1/dead-letters?x%00=1", ["query", "x\0"]),
        ("/v1/movements?account_id=%00", ["query", "account_id"]),
        ("/v1/issues?reason=%00", ["query", "reason"]),
        ("/v1/scorecard/accounts?cohort=segment:%00", ["query", "cohort"]),
    ],
)
def test_a_parameter_with_a_text_that_no_event_can_have_is_refused(served: Served, path: str, loc: list[str]) -> None:
    answer = served.client.get(path)
    assert answer.status_code == 422
    (told,) = answer.json()["detail"]
    assert told["loc"] == loc
    assert "U+0000" in told["msg"]


def test_a_trigger_is_seen_with_its_episode(served: Served) -> None:
    served.batch(*(track(f"t{n}", "read-grown", user=n) for n in range(3)))
    served.settle()
    (trigger,) = served.get("/v1/triggers", account="read-grown")["triggers"]
    assert trigger["specversion"] == "1.0"
    (episode,) = served.get("/v1/accounts/read-grown/episodes")["episodes"]
    assert (episode["play"], episode["number"], episode["phase"]) == ("team_grew", 1, "open")
    live = served.get("/v1/episodes", phase="live", limit=1000)["episodes"]
    assert episode in live
    assert served.get("/v1/episodes", phase=["closed", "spent"])["episodes"] == []
    served.client.post(
        "/v1/track",
        json={"event": "play_dismissed", "groupId": "read-grown", "properties": {"trigger_id": trigger["id"]}},
    )
    served.settle()
    (episode,) = served.get("/v1/accounts/read-grown/episodes")["episodes"]
    assert episode["phase"] == "spent"
    assert episode["closed_at"] is not None


def test_dead_letters_come_in_pages_and_by_reason(served: Served) -> None:
    for n in range(5):
        served.client.post("/v1/track", content=b'{"event":"x","groupId":"acme","timestamp":"yesterday %d"}' % n)
    page = served.get("/v1/dead-letters", limit=3, reason="bad_date")
    more = served.get("/v1/dead-letters", limit=3, reason="bad_date", before=page["next"])
    texts = [one["raw_text"][-4:-2] for one in page["dead_letters"] + more["dead_letters"]][:5]
    assert texts == [" 4", " 3", " 2", " 1", " 0"]
    assert page["kept"]["bad_date"] == 5
    assert page["meanings"]["bad_date"]


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("/v1/accounts/nobody", {}, 404),
        ("/v1/accounts/nobody/history", {}, 404),
        ("/v1/accounts/nobody/explanation", {}, 404),
        ("/v1/accounts", {"limit": 0}, 422),
        ("/v1/accounts", {"limit": 10_000}, 422),
        ("/v1/accounts", {"after": "nonsense"}, 422),
        ("/v1/accounts", {"after": "[1]"}, 422),
        ("/v1/accounts", {"after": "[" * 1_000}, 422),
        ("/v1/accounts", {"after": '[{"a":1}, "x"]'}, 422),
        ("/v1/episodes", {"after": "7"}, 422),
        ("/v1/episodes", {"phase": "asleep"}, 422),
        ("/v1/accounts/nobody/history", {"since": "yesterday"}, 422),
        ("/v1/triggers", {"after": -1}, 422),
        ("/v1/triggers", {"after": 2**70}, 422),
        ("/v1/triggers", {"wait": 1e9}, 422),
        ("/v1/dead-letters", {"before": 2**70}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_clearly(
    served: Served, path: str, parameters: dict[str, Any], status: int
) -> None:
    answer = served.client.get(path, params=parameters)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_the_api_describes_itself_without_fetching_anything(served: Served) -> None:
    document = served.get("/openapi.json")
    validate(document)
    assert {"/v1/batch", "/v1/accounts/{account_id}", "/v1/triggers/stream", "/metrics", "/readyz"} <= set(
        document["paths"]
    )
    page = served.client.get("/docs")
    assert "/v1/triggers/stream" in page.text
    assert "src=" not in page.text
    assert json.loads(json.dumps(document)) == document


def test_every_call_and_every_parameter_says_what_it_is(served: Served) -> None:
    calls = [
        (f"{method} {path}", call)
        for path, methods in served.get("/openapi.json")["paths"].items()
        for method, call in methods.items()
    ]
    assert len(calls) > 20
    for name, call in calls:
        assert call["description"].endswith("."), name
        assert call["summary"] != call["summary"].title(), f"{name}: FastAPI made this up from the function's name"
        for one in call.get("parameters", ()):
            assert one.get("description", "").endswith("."), f"{name}: {one['name']}"
        for content in call.get("requestBody", {}).get("content", {}).values():
            for key, value in properties_of(content["schema"]):
                assert value.get("description", "").endswith("."), f"{name}: {key}"


def properties_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a JSON Schema describes, however deep."""
    for key, value in schema.get("properties", {}).items():
        yield key, value
        yield from properties_of(value)
    yield from properties_of(schema["items"]) if "items" in schema else ()


def test_prometheus_reads_the_metrics(served: Served) -> None:
    text = served.client.get("/metrics").text
    families = {family.name for family in text_string_to_metric_families(text)}
    wanted = {
        "intake_events", "dead_letters", "apply_lag_seconds", "ticks_due", "triggers", "apply_seconds", "log_position",
        "ready",
    }  # fmt: skip
    assert {f"accountpulse_{name}" for name in wanted} <= families
