"""deploy/grafana: the dashboard is what Grafana's types know, and asks the provisioned Prometheus for what is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from ruamel.yaml import YAML

from tests.deploy.conftest import CHECKOUT, Run
from tests.deploy.exposed import asked, service, worker
from tests.deploy.test_prometheus import RECORDED

GRAFANA = CHECKOUT / "deploy" / "grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards" / "accountpulse.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
TARGETS: list[tuple[str, dict[str, Any]]] = [
    (panel["title"], target) for panel in PANELS for target in panel.get("targets", ())
]
EXPRESSIONS = [(title, target["expr"]) for title, target in TARGETS] + [
    (one["name"], one["expr"]) for one in DASHBOARD["annotations"]["list"]
]
WIDTH = 24
"""Columns of Grafana's grid."""

SHOWN = {
    "accountpulse_ready", "accountpulse_worker_accounts", "accountpulse_triggers_total",
    "accountpulse_dead_letters_total", "accountpulse_restoring_messages", "stream:accountpulse_worker_messages:rate5m",
    "stream:accountpulse_worker_lag_messages:sum", "job:accountpulse_event_to_trigger_seconds:p50_5m",
    "job:accountpulse_event_to_trigger_seconds:p99_5m", "instance:accountpulse_checkpoint_seconds:p99_5m",
}  # fmt: skip
"""What nobody should have to look for elsewhere."""

DATASOURCES_OWN = {"/annotations/list/0/titleFormat", "/annotations/list/0/step"}
"""Keys of an annotation that Grafana hands to the data source, here Prometheus."""


def test_grafana_knows_every_key_of_the_dashboard_and_reads_what_is_meant() -> None:
    """Read by Grafana's own types, which drop what they do not know, and written again."""
    register_default_plugins()
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert set(_unlike(DASHBOARD, read)) == DATASOURCES_OWN


def test_panels_have_ids_of_their_own_and_lie_beside_each_other() -> None:
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)
    cells = [
        (x, y)
        for panel in PANELS
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < WIDTH


def test_panels_have_titles_of_their_own_and_units() -> None:
    titles = [panel["title"] for panel in PANELS]
    assert len(set(titles)) == len(titles)
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in PANELS if panel["type"] != "row")


def test_targets_of_a_panel_are_told_apart() -> None:
    for panel in PANELS:
        letters = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(letters)) == len(letters), panel["title"]
        assert bool(letters) == (panel["type"] != "row"), panel["title"]


def test_everything_comes_from_the_provisioned_prometheus() -> None:
    (source,) = _load(GRAFANA / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    wanted = {"type": source["type"], "uid": source["uid"]}
    found = [target["datasource"] for _, target in TARGETS]
    found += [panel["datasource"] for panel in PANELS if "targets" in panel]
    found += [one["datasource"] for one in DASHBOARD["annotations"]["list"]]
    assert [one for one in found if one != wanted] == []


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS)
def test_every_series_that_is_asked_for_is_exposed_or_recorded(title: str, expression: str) -> None:
    series = {"accountpulse": service(), "accountpulse-worker": worker()}
    found = list(asked(expression))
    assert found or "ALERTS{" in expression
    for one in found:
        if one.name not in RECORDED:
            assert one.name in series[one.labels["job"]], f"{title}: {one.name}"


def test_what_operators_look_for_first_is_shown() -> None:
    found = {one.name for _, expression in EXPRESSIONS for one in asked(expression)}
    assert found >= SHOWN


def test_prometheus_understands_what_is_asked(promtool: Run, tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, (_, expression) in enumerate(EXPRESSIONS)
    ]
    file = tmp_path / "panels.json"  # which is YAML, too
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    checked = promtool("check", "rules", file)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(EXPRESSIONS)} rules found" in checked.stdout


def _unlike(ours: Any, read: Any, path: str = "") -> Iterator[str]:
    """The places at which what was read is not ours."""
    if isinstance(ours, dict | list) and type(ours) is type(read):
        for key, value in ours.items() if isinstance(ours, dict) else enumerate(ours):
            known = key in read if isinstance(ours, dict) else key < len(read)
            yield from _unlike(value, read[key], f"{path}/{key}") if known else [f"{path}/{key}"]
    elif ours != read:
        yield path


def _load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
