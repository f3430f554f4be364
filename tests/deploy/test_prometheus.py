"""deploy/prometheus is taken by Prometheus, asks for what is there, and says what to do."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.deploy.conftest import CHECKOUT, Run
from tests.deploy.exposed import TARGET_LABELS, asked, service, worker

PROMETHEUS = CHECKOUT / "deploy" / "prometheus"
GUIDE = CHECKOUT / "docs" / "guide" / "operations.md"
JOBS = {"accountpulse": service, "accountpulse-worker": worker}
CASES = sorted((PROMETHEUS / "tests").glob("*.yml"))


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def rules() -> Iterator[dict[str, Any]]:
    for path in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in load(path)["groups"]:
            yield from group["rules"]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDED = {rule["record"]: rule for rule in rules() if "record" in rule}


def test_prometheus_takes_the_configuration(promtool: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(PROMETHEUS, tmp_path / "prometheus")
    token = tmp_path / "read_token"
    token.write_text("secret")
    file = copy / "prometheus.yml"
    text = file.read_text()
    assert text.count("/tmp/read_token") == len(JOBS)  # which is there in the container only
    file.write_text(text.replace("/tmp/read_token", str(token)))
    checked = promtool("check", "config", file)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "3 rule files found" in checked.stdout


def test_the_rules_are_well_formed(promtool: Run) -> None:
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", *sorted((PROMETHEUS / "rules").glob("*.yml")))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should_and_only_then(promtool: Run, cases: Path) -> None:
    tested = promtool("test", "rules", cases)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_is_shown_to_fire_and_to_be_over_or_too_early(alert: str) -> None:
    asked_for = [
        bool(check["exp_samples"])
        for path in CASES
        for case in load(path)["tests"]
        for check in case.get("promql_expr_test", ())
        if f'ALERTS{{alertname="{alert}", alertstate="firing"}}' in check["expr"]
    ]
    assert set(asked_for) == {True, False}


@pytest.mark.parametrize("rule", [*ALERTS.values(), *RECORDED.values()], ids=[*ALERTS, *RECORDED])
def test_every_series_that_a_rule_asks_for_is_exposed_or_recorded(rule: dict[str, Any]) -> None:
    exposed = {job: series() for job, series in JOBS.items()}
    found = list(asked(rule["expr"]))
    assert found or "up{" in rule["expr"]
    for one in found:
        if one.name in RECORDED:
            continue
        jobs = [one.labels["job"]] if "job" in one.labels else list(JOBS)
        of_job = [exposed[job][one.name] for job in jobs if one.name in exposed[job]]
        assert of_job, f"{one.name} is not exposed by {jobs}"
        assert one.labels.keys() <= of_job[0] | TARGET_LABELS, f"{one.name} has only {sorted(of_job[0])}"


def test_the_jobs_are_those_that_are_scraped() -> None:
    assert {one["job_name"] for one in load(PROMETHEUS / "prometheus.yml")["scrape_configs"]} == set(JOBS)
    found = {job for rule in rules() for job in re.findall(r'job="([^"]*)"', rule["expr"])}
    assert found == set(JOBS)
