"""What the guide to operations, the alerts' page and the service's guide say of Prometheus is so."""

import re

import pytest

from docs.alerts import FILES, RULES
from streams.kafka.settings import ENV_PREFIX, Settings
from tests.deploy.conftest import CHECKOUT
from tests.deploy.exposed import named, service, worker
from tests.deploy.test_prometheus import ALERTS
from tests.docs.test_pages import anchors

GUIDES = ("docs/guide/operations.md", "docs/guide/serve.md", "docs/guide/kafka.md", "README.md")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_metric_that_a_guide_names_is_exposed(guide: str) -> None:
    found = named((CHECKOUT / guide).read_text(encoding="utf-8"))
    plain = {name.removesuffix("_bucket") for name in worker().keys() | service().keys()}
    assert found - plain == set()


def test_the_guide_to_operations_names_what_to_look_at() -> None:
    assert len(named((CHECKOUT / GUIDES[0]).read_text(encoding="utf-8"))) >= 10


def test_settings_that_the_guide_to_operations_names_are_there() -> None:
    text = (CHECKOUT / GUIDES[0]).read_text(encoding="utf-8")
    found = {name.lower() for name in re.findall(rf"{ENV_PREFIX}(\w+)", text)}
    assert found
    assert found <= set(Settings.model_fields)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_says_how_urgent_it_is_and_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    file, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor == alert.lower()
    assert anchor in anchors((CHECKOUT / file).read_text(encoding="utf-8"))


def test_no_file_with_alerts_is_left_out_of_their_page() -> None:
    assert {file.name for file in RULES.glob("*.yml") if "alert:" in file.read_text(encoding="utf-8")} == set(FILES)
