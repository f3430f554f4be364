"""The scorecard over real HTTP: a service that takes a history, and what it answers while it keeps the figures."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from plays.cohort import cohort_plays_text
from scorecard.catalogue import catalogue, metric_of
from scorecard.period import Period
from scorecard.report.handed_in import PERIODS_MAX
from scorecard.report.scorecard import operational
from scorecard.report.view_json import details, lines
from scorecard.settings.file import load_scorecard, shipped_text
from scoring.days import DAY, instant, iso
from streams import vocabulary
from streams.cli import app
from streams.http.body import BODY_BYTES_MAX
from streams.scorecard.opening import of_files
from streams.simulate.scenario import simulate
from tests.streams.embedded.sent import group, track
from tests.streams.http.served import Served

PERIOD = "2025-Q4"
COMING = "2190-Q3"
"""A quarter that no test will see begin."""
SCORECARD = shipped_text().replace("currency: USD", "currency: USD\nrates: {EUR: {2024-01-01: 1.1}}")
ACCOUNTS, DAYS = 20, 200
MESSAGES = 500
"""In a request."""

OF_TODAY = {"C8", "S3"}
"""What hangs on the day on which it is asked, and not on the period: the others must be the same anywhere."""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    path.write_bytes(b"\n".join(simulate(5, ACCOUNTS, DAYS).messages) + b"\n")
    return path


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, history: Path) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("scorecard")
    (place / "scorecard.yaml").write_text(SCORECARD, encoding="utf-8")
    with Served(place / "data", "--scorecard", str(place / "scorecard.yaml")) as running:
        messages = [json.loads(line) for line in history.read_bytes().splitlines()]
        for first in range(0, len(messages), MESSAGES):
            assert running.batch(*messages[first : first + MESSAGES]).status_code == 200
        take(running, group("last", "acct-0001", note="the last message"))
        yield running


def take(running: Served, *messages: dict[str, Any]) -> None:
    """Send messages, and wait until everything up to them is in the figures."""
    before = time.time()
    assert running.batch(*messages).status_code == 200

    def taken() -> bool:
        state = running.get("/v1/scorecard/state")
        money, others = (instant(state[name]) or 0.0 for name in ("money", "others"))
        return min(money, others) >= before and state["unsettled"] == 0

    running.until(taken)


def test_a_service_says_what_the_commands_say_of_the_same_history(serving: Served, history: Path) -> None:
    """S2: every line, of everybody and of every cohort, with all that stands beside it."""
    told = serving.get("/v1/scorecard", view="operational", period=PERIOD, by="segment")
    settings = load_scorecard(SCORECARD, file="scorecard.yaml")
    with of_files([str(history)], settings, vocabulary.shipped(), wall=time.time()) as source:
        asked = Period.parse(PERIOD)
        wanted = lines(operational(source, asked, ("segment",)), source)
        beside = json.loads(json.dumps(details(source, asked)))
    assert _lasting(told["lines"]) == _lasting(json.loads(json.dumps(wanted)))
    assert {name: told[name] for name in beside} == beside


def _lasting(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Lines by cohort and figure, without those of today (and without the count of them)."""
    skipped = {*OF_TODAY, "S2"}
    return {f"{one['cohort']} {one['id']}": one for one in found if metric_of(one["id"]) not in skipped}


def test_s1_the_executive_view_over_http(serving: Served) -> None:
    """S1, G1"""
    told = serving.get("/v1/scorecard", period=PERIOD)
    assert [one["id"] for one in told["lines"]] == ["A2", "A6", "R3", "R2", "X1", "H5", "H6.pipeline"]
    assert (told["period"], told["before"], told["currency"], told["next"]) == (PERIOD, "2025-Q3", "USD", None)
    by_segment = serving.get("/v1/scorecard", view="operational", period=PERIOD, by="segment")
    assert told["attainment"] == by_segment["attainment"]  # of the period, whatever is shown
    whole_lines = [one for one in by_segment["lines"] if not one["cohort"]]
    assert told["attainment"]["denominator"] == sum(one["met"] is not None for one in whole_lines)


def test_lines_come_in_pages_without_gap_or_repetition(serving: Served) -> None:
    whole_view = serving.get("/v1/scorecard", view="operational", period=PERIOD, by="segment")
    paged: list[Any] = []
    after: dict[str, Any] = {}
    while True:
        page = serving.get("/v1/scorecard", view="operational", period=PERIOD, by="segment", limit=50, **after)
        paged += page["lines"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
        assert len(page["lines"]) == 50
    assert [(one["id"], one["cohort"]) for one in paged] == [(one["id"], one["cohort"]) for one in whole_view["lines"]]


def test_s2_a_cohort_leads_to_its_accounts_with_open_plays_owner_and_next_action(serving: Served) -> None:
    """S2"""
    told: list[Any] = []
    after: dict[str, Any] = {}
    while True:
        page = serving.get("/v1/scorecard/accounts", period=PERIOD, cohort="segment:smb", limit=3, **after)
        told += page["accounts"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    (smb,) = [
        one for one in serving.get("/v1/retention", period=PERIOD, by="segment")["cohorts"]
        if one["cohort"] == {"segment": "smb"}
    ]  # fmt: skip
    assert sum(round(100 * one["end"]) for one in told) == round(100 * smb["waterfall"]["end"])
    assert len({one["account_id"] for one in told}) == len(told)
    assert all(one["owner"].startswith("csm-") for one in told)
    plays = {one["account_id"]: one for one in told if one["open_plays"]}
    live = {one["account_id"] for one in serving.get("/v1/episodes", phase="live", limit=1000)["episodes"]}
    assert set(plays) == live & {one["account_id"] for one in told}
    for one in plays.values():
        assert one["next_action"] == one["open_plays"][0]["action"] != ""
        assert one["open_plays"][0]["owner"]


def test_a_movement_changes_the_figures_that_were_asked_for_already(serving: Served) -> None:
    """R3, R4 online: what arrives later is in the month that it belongs to, and what it changed is listed."""
    account, now = "acct-fresh", time.time()
    began, grew = now - 200 * DAY, now - 60 * DAY
    month = f"{datetime.fromtimestamp(grew, UTC):%Y-%m}"
    started = track("fresh-1", account, event="Subscription Started", at=began)
    started["properties"] = {"subscription_id": "s", "arr": 1000, "currency": "USD", "product": "core"}
    take(serving, group("fresh", account, segment="fresh") | {"timestamp": iso(began)}, started)
    assert _fresh(serving, month)["nrr"]["value"] == 1
    expanded = track("fresh-2", account, event="Subscription Expanded", at=grew)
    expanded["properties"] = {"subscription_id": "s", "arr": 1500, "currency": "USD", "kind": "upsell"}
    then = iso(time.time())
    take(serving, expanded)
    fresh = _fresh(serving, month)
    assert (fresh["nrr"]["value"], fresh["waterfall"]["upsell"]) == (1.5, 500)
    moved = serving.get("/v1/movements", account_id=account)["movements"]
    assert [(one["kind"], one["amount"]) for one in moved] == [("new", 1000), ("upsell", 500)]
    restated = serving.get("/v1/restatements", period=month)["restatements"]
    made = [one["message_id"] for one in restated if one["changes"].get("upsell") == {"before": 0, "after": 500}]
    assert made == ["mfresh-2"]
    changed = serving.get("/v1/restatements/periods", period=month, limit=1)["periods"][0]
    assert (changed["message_id"], changed["on"]) == ("mfresh-2", f"{datetime.now(UTC):%Y-%m-%d}")
    nrr, grr = ([changed[side][name] for side in ("before", "after")] for name in ("nrr", "grr"))
    assert nrr[1]["numerator"] - nrr[0]["numerator"] == 1500, "the account came late, and so did its growth"
    assert grr[1]["numerator"] - grr[0]["numerator"] == nrr[1]["denominator"] - nrr[0]["denominator"] == 1000
    as_known = _fresh(serving, month, known_at=then)
    assert (as_known["nrr"]["value"], as_known["known_at"]) == (1, then)


def _fresh(serving: Served, month: str, **asked: str) -> dict[str, Any]:
    cohorts = serving.get("/v1/retention", period=month, by="segment", **asked)["cohorts"]
    return next(one for one in cohorts if one["cohort"] == {"segment": "fresh"})


def test_s3_who_opens_it_how_often_is_counted(serving: Served) -> None:
    """S3"""
    before = {one["reader"]: one["openings"] for one in serving.get("/v1/scorecard/use")["use"]}
    for _ in range(3):
        serving.client.get("/v1/scorecard", params={"period": PERIOD}, headers={"X-Reader": "cfo"})
    serving.until(lambda: _openings(serving, "cfo") == before.get("cfo", 0) + 3)
    readers = {one["reader"] for one in serving.get("/v1/scorecard/use")["use"]}
    told = serving.get("/v1/scorecard", view="operational", period=PERIOD)
    (s3,) = [one for one in told["lines"] if one["id"] == "S3"]
    assert (s3["value"] >= 3, s3["n"]) == (True, len(readers))


def _openings(serving: Served, reader: str) -> int:
    return sum(one["openings"] for one in serving.get("/v1/scorecard/use")["use"] if one["reader"] == reader)


def test_everything_else_is_there_too(serving: Served) -> None:
    """C3, C4, C6, C8 and the ledger's own rows over HTTP."""
    lift = serving.get("/v1/lift", period=PERIOD)
    assert lift["exposed"]["accounts"] + lift["others"]["accounts"] > 0
    of = serving.get("/v1/lift", period=PERIOD, by="segment")["cohorts"]
    accounts = [figure["n"] for one in of for figure in one["figures"] if figure["id"] == "C3"]
    assert sum(accounts) == lift["exposed"]["accounts"] + lift["others"]["accounts"]
    models = serving.get("/v1/attribution", period=PERIOD)["models"]
    assert {one["total"] for one in models} == {sum(models[0]["programmes"].values())}
    assert serving.get("/v1/attribution", period=PERIOD, model="linear")["models"] == [models[1]]
    assert serving.get("/v1/forecast")["quarters"][-1]["kind"] == "forecast"
    assert [one["id"] for one in serving.get("/v1/metrics")["metrics"]] == [*catalogue()]
    issues = serving.get("/v1/issues", limit=1000)["issues"]
    assert {one["reason"] for one in issues} >= {"not_started"}
    assert serving.get("/v1/issues", reason="not_started", limit=1)["issues"] == [
        next(one for one in issues if one["reason"] == "not_started")
    ]
    assert serving.get("/v1/restatements")["next"] is None


@pytest.mark.parametrize(
    "path",
    ["/v1/scorecard", "/v1/retention", "/v1/retention/monthly?months=1", "/v1/lift", "/v1/attribution?model=linear"],
)
def test_answers_say_how_many_events_are_wrong_for_which_reason(path: str, serving: Served) -> None:
    told = {one["reason"]: one for one in serving.get(path)["issues"]}
    listed = serving.get("/v1/issues", reason="not_started", limit=1000)["issues"]
    assert told["not_started"]["events"] == len({(one["account_id"], one["message_id"]) for one in listed}) > 0
    assert told["not_started"]["accounts"] == len({one["account_id"] for one in listed})


def test_an_amount_that_is_not_counted_is_told_of_with_the_next_answers(serving: Served) -> None:
    priced = track("unpriced-1", "acct-0001", event="Subscription Expanded")
    priced["properties"] = {"subscription_id": "s", "arr": 1500, "currency": "XAU"}
    take(serving, priced)
    serving.until(lambda: {"unknown_currency"} <= {one["reason"] for one in serving.get("/v1/retention")["issues"]})


def test_r3_a_period_that_has_not_begun_has_no_figures_over_http(serving: Served) -> None:
    """R3, C4, C6, C7, S1, S2"""
    (whole,) = serving.get("/v1/retention", period=COMING, by="segment")["cohorts"]
    reasons = [whole["nrr"]["reason"]]
    assert (whole["nrr"]["value"], whole["nrr"]["n"], whole["waterfall"]["end"]) == (None, 0, None)
    for line in serving.get("/v1/scorecard", period=COMING)["lines"]:
        assert (line["value"], line["trend"], line["best"]) == (None, "", None)
        reasons.append(line["reason"])
    accounts = serving.get("/v1/scorecard/accounts", period=COMING)
    assert accounts["accounts"] == []
    (model,) = serving.get("/v1/attribution", period=COMING, model="linear")["models"]
    assert model["total"] is None
    lift = serving.get("/v1/lift", period=COMING)["lifts"]["nrr"]
    assert lift["value"] is None
    reasons += [accounts["reason"], model["reason"], lift["reason"]]
    assert all("has not begun: events are known to" in reason for reason in reasons)
    before = serving.get("/v1/scorecard", view="operational", period=PERIOD)["lines"]
    handed_in = [{"source": "Hope", "metric": "NRR", "period": COMING, "value": "100%"}]
    (found,) = serving.client.post("/v1/reports", json=handed_in).json()["reports"]
    assert found["agrees"] is None
    after = serving.get("/v1/scorecard", view="operational", period=PERIOD)["lines"]
    c7 = [next(line["n"] for line in lines if line["id"] == "C7") for lines in (before, after)]
    assert c7[0] == c7[1]


def test_a_period_that_runs_says_up_to_which_day_it_is_known_over_http(serving: Served) -> None:
    today = serving.get("/v1/scorecard/state")["money"][:10]
    for path in ("/v1/scorecard", "/v1/retention", "/v1/lift", "/v1/attribution", "/v1/scorecard/accounts"):
        assert serving.get(path, period=f"{today[:4]}-01-01..{int(today[:4]) + 1}-01-01")["known_to"] == today


def test_c8_months_over_http_come_by_cohort_and_in_pages(serving: Served) -> None:
    """C8"""
    whole = serving.get("/v1/retention/monthly", months=3, by="segment")["months"]
    page = serving.get("/v1/retention/monthly", months=3, by="segment", limit=4)
    rest = serving.get("/v1/retention/monthly", months=3, by="segment", after=page["next"])
    assert ([*page["months"], *rest["months"]], rest["next"]) == (whole, None)
    assert whole[:3] == serving.get("/v1/retention/monthly", months=3)["months"]
    assert len(whole) > 6


def test_c8_any_figures_over_weeks_come_in_pages(serving: Served) -> None:
    """C8"""
    asked = {"figure": ["R3", "A6"], "every": "week", "periods": 2, "by": "segment"}
    whole = serving.get("/v1/scorecard/series", **asked)["series"]
    assert [(one["id"], len(one["cohort"])) for one in whole[:4]] == [("R3", 0)] * 2 + [("A6", 0)] * 2
    page = serving.get("/v1/scorecard/series", **asked, limit=3)
    rest = serving.get("/v1/scorecard/series", **asked, after=page["next"])
    assert ([*page["series"], *rest["series"]], rest["next"]) == (whole, None)


def test_c7_reports_handed_in_over_http_count_for_the_consistency(serving: Served) -> None:
    """C7"""
    nrr = serving.get("/v1/retention", period=PERIOD)["cohorts"][0]["nrr"]["value"]
    reports = [
        {"source": "Finance", "metric": "NRR", "period": PERIOD, "value": f"{100 * nrr:.2f}%"},
        {"source": "Sales", "metric": "NRR", "period": PERIOD, "value": "250%"},
    ]
    told = serving.client.post("/v1/reports", json=reports).json()
    assert [one["agrees"] for one in told["reports"]] == [True, False]
    assert (told["consistency"]["numerator"], told["consistency"]["denominator"]) == (1, 2)
    corrected = [{**reports[1], "value": f"{100 * nrr:.1f}%"}]
    assert serving.client.post("/v1/reports", json=corrected).json()["consistency"]["value"] == 1
    lines_ = serving.get("/v1/scorecard", view="operational", period=PERIOD)["lines"]
    assert next(one for one in lines_ if one["id"] == "C7")["value"] == 1
    refused = serving.client.post("/v1/reports", json=[{**reports[0], "metric": "churn"}])
    assert (refused.status_code, "metric 'churn': one of" in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b" " * (BODY_BYTES_MAX + 1), 400, "at most 512000 bytes"),
        (b'[{"source": "\\ud800", "metric": "NRR", "period": "2025-Q4", "value": "1"}]', 422, "Invalid JSON"),
        (b'[{"source": "a", "metric": "NRR", "period": "2025-Q4", "valeu": "1"}]', 422, "valeu"),
        (b"[" * 1_000, 422, "Invalid JSON"),
        (b"{}", 422, "valid array"),
    ],
)
def test_c7_reports_that_cannot_be_read_are_refused(body: bytes, status: int, says: str, serving: Served) -> None:
    answer = serving.client.post("/v1/reports", content=body)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text[:300]


def test_c7_reports_of_many_periods_are_to_be_handed_in_apart(serving: Served) -> None:
    """Each period takes a look at all accounts: five hundred odd ones kept a service for half a minute."""
    reports = [
        {"source": "A", "metric": "NRR", "period": f"2025-01-01..2025-03-{day:02}", "value": "1"}
        for day in range(1, PERIODS_MAX + 2)
    ]
    answer = serving.client.post("/v1/reports", json=reports)
    assert answer.status_code == 422
    assert f"{PERIODS_MAX + 1} different periods, at most {PERIODS_MAX} at once" in answer.text


@pytest.mark.parametrize("cohort", ["segment", ":smb", ""])
def test_a_cohort_that_names_no_value_is_refused_and_not_an_empty_list(cohort: str, serving: Served) -> None:
    answer = serving.client.get("/v1/scorecard/accounts", params={"cohort": cohort})
    assert answer.status_code == 400
    assert "allowed: dimension:value, such as segment:smb" in answer.text


def test_who_may_not_read_is_told_so_before_reports_are_read(tmp_path: Path) -> None:
    """Else anybody could fill the memory with them."""
    with Served(tmp_path / "data", environment={"ACCOUNTPULSE_READ_TOKEN": "t" * 16}) as running:
        answer = running.client.post("/v1/reports", content=b" " * (BODY_BYTES_MAX + 1))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "parameters", "named", "says"),
    [
        ("/v1/scorecard", {"period": "2026-Q9"}, "period", "write one of 2026, 2026-Q3"),
        ("/v1/scorecard", {"by": "colour"}, "by", "allowed: product, segment"),
        ("/v1/retention", {"by": "segment,segment"}, "by", "named twice; allowed: each of product, segment"),
        ("/v1/scorecard/accounts", {"cohort": ["region:emea", "region:apac"]}, "cohort", "named twice"),
        ("/v1/scorecard", {"after": "elsewhere"}, "after", "not the `next` of a page"),
        ("/v1/scorecard", {"view": "whole"}, "view", "Input should be"),
        ("/v1/lift", {"by": "product"}, "by", "ask by product_mix"),
        ("/v1/scorecard/accounts", {"cohort": "colour:red"}, "cohort", "allowed: product, segment"),
        ("/v1/scorecard/accounts", {"after": "elsewhere"}, "after", "not the `next` of a page"),
        ("/v1/scorecard/accounts", {"after": "[" * 1_000}, "after", "not the `next` of a page"),
        ("/v1/scorecard/accounts", {"after": f"[{2**63}]"}, "after", "not the `next` of a page"),
        ("/v1/movements", {"kind": "theft"}, "kind", "Input should be"),
        ("/v1/movements", {"known_at": "once"}, "known_at", "allowed: an ISO 8601 date"),
        ("/v1/retention", {"known_at": "once"}, "known_at", "allowed: an ISO 8601 date"),
        ("/v1/retention/monthly", {"known_at": "once"}, "known_at", "allowed: an ISO 8601 date"),
        ("/v1/scorecard/series", {"figure": "Q9"}, "figure", "no such figure"),
        ("/v1/scorecard/series", {"figure": "R3", "periods": 61}, "periods", "less than or equal to 60"),
        ("/v1/retention/monthly", {"months": 121}, "months", "less than or equal to 120"),
        ("/v1/attribution", {"model": "first-touch"}, "model", "Input should be"),
    ],
)
def test_what_cannot_be_answered_is_told_with_name_and_limit(
    path: str, parameters: dict[str, Any], named: str, says: str, serving: Served
) -> None:
    answer = serving.client.get(path, params=parameters)
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert named in problem["loc"]
    assert says in problem["msg"]


def test_the_commands_read_what_a_running_service_keeps(serving: Served) -> None:
    """R3: `accountpulse nrr --data DIR` beside the service."""
    told = CliRunner().invoke(app, ["nrr", "--data", str(serving.data), "--period", PERIOD, "--json"])
    assert told.exit_code == 0, told.output
    answer = serving.get("/v1/retention", period=PERIOD)
    assert json.loads(told.stdout) == {**answer["cohorts"][0], "issues": answer["issues"]}


def test_a_segment_whose_nrr_fell_sends_a_trigger_by_the_common_feed(tmp_path: Path) -> None:
    """A play over cohorts (R3): 20 accounts of one segment pay less than a year ago."""
    now = time.time()
    plays = tmp_path / "cohort_plays.yaml"
    plays.write_text(cohort_plays_text(), encoding="utf-8")
    messages: list[dict[str, Any]] = []
    for number in range(20):
        account = f"shrinking-{number}"
        messages.append(group(account, account, segment="smb") | {"timestamp": iso(now - 700 * DAY)})
        for event, arr, days in (("Subscription Started", 100, 700), ("Subscription Contracted", 90, 70)):
            one = track(f"{account}-{arr}", account, event=event, at=now - days * DAY)
            one["properties"] = {"subscription_id": "s", "product": "core", "arr": arr, "currency": "USD"}
            messages.append(one)
    with Served(tmp_path / "data", "--cohort-plays", str(plays)) as running:
        take(running, *messages)
        running.until(lambda: running.get("/v1/triggers", play="nrr_at_risk")["triggers"])
        (trigger,) = running.get("/v1/triggers", play="nrr_at_risk")["triggers"]
    assert trigger["data"]["cohort"] == {"segment": "smb"}
    assert trigger["data"]["evidence"]["figures.R3"] == 0.9
    assert trigger["data"]["owner"] == "CS"
