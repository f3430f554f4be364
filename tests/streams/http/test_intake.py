"""Intake over real HTTP: Segment's calls, their limits, and what is told of what is refused."""

import base64
import gzip
import json
import time
from typing import Any

import pytest

from scoring.days import instant, iso
from scoring.subject import subject
from streams.dead_letter import REASONS
from streams.http.body import BODY_BYTES_MAX
from tests.streams.embedded.sent import track
from tests.streams.http.served import Served


def newest_letters(served: Served, count: int) -> list[dict[str, Any]]:
    return list(reversed(served.get("/v1/dead-letters", limit=count)["dead_letters"]))


def events(served: Served, account: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.get(f"/v1/accounts/{account}/events")["events"]
    return found


@pytest.mark.parametrize(
    ("call", "body", "stream", "name"),
    [
        ("track", {"event": "Report opened", "properties": {"x": 1}}, "usage", "Report opened"),
        ("track", {"event": "QBR Completed"}, "cs", "qbr_completed"),
        ("page", {"name": "Home"}, "usage", "Viewed Home Page"),
        ("screen", {}, "usage", "Viewed Screen"),
        ("group", {"traits": {"plan": "gold"}}, "accounts", "group"),
        ("identify", {"traits": {"role": "admin"}}, "accounts", "identify"),
    ],
)
def test_each_call_is_taken_at_its_path(
    served: Served, call: str, body: dict[str, Any], stream: str, name: str
) -> None:
    account = f"calls-{call}-{name}".replace(" ", "-")
    answer = served.client.post(f"/v1/{call}", json={**body, "groupId": account, "userId": "u"})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    (event,) = events(served, account)
    assert (event["stream"], event["name"]) == (stream, name)


def test_text_that_not_every_database_can_hold_is_refused_with_its_bytes_and_costs_its_neighbours_nothing(
    served: Served,
) -> None:
    odd = {"type": "group", "messageId": "nul1", "groupId": "odd-text", "traits": {"segment": "a\0b"}}
    answer = served.batch(odd, track("nul2", "odd-text"))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    (told,) = answer.json()["rejected"]
    assert (told["reason"], told["field"], told["value"]) == ("bad_text", "traits.segment", repr("a\0b"))
    (letter,) = newest_letters(served, 1)
    assert json.loads(base64.b64decode(letter["raw"])) == odd


def test_the_path_says_what_call_it_is_whatever_the_message_says(served: Served) -> None:
    message = {"type": "identify", "event": "Report opened", "groupId": "path-wins"}
    assert served.client.post("/v1/track", json=message).status_code == 200
    assert [event["name"] for event in events(served, "path-wins")] == ["Report opened"]


def test_the_path_may_say_the_stream(served: Served) -> None:
    message = track("s1", "by-path", event="Called by phone")
    assert served.client.post("/v1/streams/cs/track", json=message).status_code == 200
    assert served.client.post("/v1/streams/advocacy/batch", json={"batch": [track("s2", "by-path")]}).status_code == 200
    assert {event["stream"] for event in events(served, "by-path")} == {"cs", "advocacy"}
    assert served.client.post("/v1/streams/nonsense/track", json=message).status_code == 422


def test_a_batch_is_taken_but_for_its_bad_messages_which_are_kept_byte_for_byte(served: Served) -> None:
    bad = b'{"type":"track", "event":"x" ,"note":"\\u00e9"}'
    good = json.dumps(track("b1", "half-bad")).encode()
    content = (
        b'{"batch":[' + good + b"," + bad + b',{"type":"alias","userId":"a","previousId":"b"}, 17 ,' + good + b"]}"
    )
    answer = served.client.post("/v1/batch", content=content).json()
    told = [(one["index"], one["reason"]) for one in answer.pop("rejected")]
    assert answer == {"success": True, "accepted": 1, "duplicates": 1, "ignored": 1, "rejected_count": 2}
    assert told == [(1, "missing_account"), (3, "not_object")]
    first, second = newest_letters(served, 2)
    assert base64.b64decode(first["raw"]) == bad
    assert base64.b64decode(second["raw"]) == b"17"
    assert first["position"] == "POST /v1/batch:1"
    assert [event["message_id"] for event in events(served, "half-bad")] == ["mb1"]


def test_nothing_but_bad_messages_is_an_error_that_says_why(served: Served) -> None:
    answer = served.client.post("/v1/track", json={"event": 17, "groupId": "acme"})
    assert answer.status_code == 400
    told = answer.json()
    assert told["success"] is False
    assert (told["error"]["reason"], told["error"]["field"]) == ("wrong_type", "event")
    assert base64.b64decode(newest_letters(served, 1)[0]["raw"]) == b'{"event":17,"groupId":"acme"}'


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("batch", b'{"batch":[{"type":"track",]}', "not_json"),
        ("batch", b"[]", "not_object"),
        ("batch", b'{"messages":[]}', "missing_field"),
        ("batch", b'{"batch":{"type":"track"}}', "wrong_type"),
        ("batch", b'{"batch":[],"context":"nothing"}', "wrong_type"),
        ("batch", b"", "not_json"),
        ("batch", b"\xff\xfe{}", "not_json"),
        ("batch", b'{"batch":[' + b"{}," * 10_000 + b"{}]}", "too_many"),
        ("batch", b'{"batch":[' + b"[" * 100_000 + b"]}", "not_json"),
        ("batch", b" " * (BODY_BYTES_MAX + 1), "too_large"),
        ("track", b'{"event":"x","groupId":"acme"', "not_json"),
        ("track", b"[]", "not_object"),
        ("track", b'"}"', "not_object"),
        ("track", b'{"event":"x","groupId":"acme"},{"event":"y","groupId":"acme"}', "not_json"),
        ("track", b'{"event":"x","groupId":"acme","properties":{"text":"' + b"x" * 40_000 + b'"}}', "too_large"),
    ],
)  # fmt: skip
def test_a_broken_body_is_refused_and_kept(served: Served, path: str, content: bytes, reason: str) -> None:
    answer = served.client.post(f"/v1/{path}", content=content)
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, reason)
    if content:
        letter = newest_letters(served, 1)[0]
        assert letter["reason"] == reason
        assert base64.b64decode(letter["raw"]) == content[:BODY_BYTES_MAX]
    assert served.client.get("/healthz").status_code == 200


def test_nan_in_one_message_does_not_cost_its_neighbours(served: Served) -> None:
    """Careless senders write NaN, which is not JSON; nearly every parser of theirs takes it."""
    good, bad = track("n1", "nan"), track("n2", "nan") | {"properties": {"share": float("nan")}}
    answer = served.client.post("/v1/batch", content=json.dumps({"batch": [good, bad], "context": {"x": "é"}})).json()
    assert (answer["accepted"], [one["reason"] for one in answer["rejected"]]) == (1, ["not_finite"])


def test_gzip_is_understood_and_cannot_be_used_to_fill_the_memory(served: Served) -> None:
    def post(packed: bytes) -> int:
        return served.client.post("/v1/batch", content=packed, headers={"Content-Encoding": "gzip"}).status_code

    body = json.dumps({"batch": [track("z1", "zipped")]}).encode()
    assert post(gzip.compress(body)) == 200
    assert len(events(served, "zipped")) == 1
    assert post(gzip.compress(b" " * 100_000_000)) == 400
    assert newest_letters(served, 1)[0]["reason"] == "too_large"
    assert post(gzip.compress(body)[:-5]) == 400
    assert newest_letters(served, 1)[0]["reason"] == "encoding"
    assert post(b"not gzip at all") == 400
    assert served.get("/v1/dead-letters", reason="encoding")["meanings"]["encoding"] == REASONS["encoding"]
    answer = served.client.post("/v1/batch", content=body, headers={"Content-Encoding": "br"})
    assert answer.status_code == 415


def test_what_the_batch_says_of_all_holds_where_a_message_says_nothing(served: Served) -> None:
    message = {"type": "track", "event": "Login", "messageId": "c1"}
    own = {**message, "messageId": "c2", "context": {"groupId": "own-group"}}
    partly = {**message, "messageId": "c3", "context": {"library": {"name": "x"}}}
    answer = served.batch(message, own, partly, context={"groupId": "batch-group", "ip": "10.0.0.1"}).json()
    assert answer["accepted"] == 3
    assert {event["message_id"] for event in events(served, "batch-group")} == {"c1", "c3"}
    assert {event["message_id"] for event in events(served, "own-group")} == {"c2"}


def test_a_senders_wrong_clock_is_corrected_by_its_sent_at(served: Served) -> None:
    """Segment: timestamp = receivedAt - (sentAt - originalTimestamp)."""
    now = time.time()
    wrong = now - 400 * 86_400
    answer = served.batch(track("k1", "clock", at=wrong - 3_600), sentAt=iso(wrong)).json()
    assert answer["accepted"] == 1
    (event,) = events(served, "clock")
    at = instant(event["at"])
    assert at is not None
    assert abs(at - (now - 3_600)) < 30


def test_a_message_that_is_just_small_enough_is_taken_in_a_batch_too(served: Served) -> None:
    message = track("big", "large-one")
    message["properties"] = {f"p{n}": "x" * 8_000 for n in range(4)}
    message["properties"]["rest"] = "y" * (
        32 * 1024 - len(json.dumps(message, separators=(",", ":"))) - len(',"rest":""')
    )
    line = json.dumps(message, separators=(",", ":"))
    assert len(line) == 32 * 1024
    content = f'{{"batch":[{line}],"sentAt":"2024-01-01T00:00:00Z"}}'
    assert served.client.post("/v1/batch", content=content).json()["accepted"] == 1


def test_the_same_message_twice_counts_once_and_is_a_success(served: Served) -> None:
    first, second = (served.client.post("/v1/track", json=track("twice", "twice")).json() for _ in range(2))
    assert (first["accepted"], first["duplicates"]) == (1, 0)
    assert (second["success"], second["accepted"], second["duplicates"]) == (True, 0, 1)


def test_answers_that_name_no_trigger_are_told_each_by_its_own_index_however_alike_they_are(served: Served) -> None:
    """Behind many ordinary messages, one that is ignored and one that is dead; the first two are the same bytes."""
    ordinary = [track(f"many-{n}", "many") for n in range(200)]
    strange = [
        {**track(name, subject({"segment": "smb"}), event="play_done"), "properties": {"trigger_id": "0" * 32}}
        for name in ("alike", "alike", *(f"other-{n}" for n in range(15)))
    ]
    alias = {"type": "alias", "userId": "a", "previousId": "b"}
    answer = served.batch(alias, {"type": "track"}, *ordinary, *strange, track("last", "many")).json()
    assert (answer["accepted"], answer["ignored"], answer["rejected_count"]) == (201, 1, 18)
    assert [one["index"] for one in answer["rejected"]] == [1, *range(202, 219)]
    letters = newest_letters(served, len(strange))
    assert [one["position"] for one in letters] == [f"POST /v1/batch:{index}" for index in range(202, 219)]
    assert [json.loads(base64.b64decode(one["raw"])) for one in letters] == strange


def test_an_empty_batch_is_nothing_wrong(served: Served) -> None:
    assert served.batch().json()["success"] is True


def test_intake_is_counted_for_prometheus(served: Served) -> None:
    name = 'accountpulse_intake_events_total{outcome="accepted"}'
    before = served.metric(name)
    served.batch(track("p1", "counted"), track("p2", "counted"))
    assert served.metric(name) == before + 2
