"""docker-compose.yml: what comes up, that it lets in nobody who was not let in, and that its parts fit each other."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.kafka.libraries import libraries
from streams.kafka.settings import Settings
from tests.deploy.conftest import CHECKOUT, Run
from tests.kafka.conftest import require_java

SECRETS = {"ACCOUNTPULSE_WRITE_KEYS": "w" * 20, "ACCOUNTPULSE_READ_TOKEN": "r" * 20, "GRAFANA_PASSWORD": "g" * 20}
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
ONCE = {"topics"}
"""Does its work and ends."""


@pytest.fixture
def composed(compose: Run) -> dict[str, Any]:
    """The file as docker-compose understands it."""
    read = compose("config", env=ENVIRONMENT | SECRETS)
    assert read.returncode == 0, read.stderr
    found: dict[str, Any] = YAML(typ="safe").load(read.stdout)
    return found


@pytest.fixture
def services() -> dict[str, Any]:
    """The file as it is written."""
    text = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = YAML(typ="safe").load(text)["services"]
    return found


@pytest.mark.parametrize("secret", SECRETS)
def test_without_a_secret_nothing_comes_up(compose: Run, secret: str) -> None:
    rest = {name: value for name, value in SECRETS.items() if name != secret}
    refused = compose("config", env=ENVIRONMENT | rest)
    assert refused.returncode != 0
    assert secret in refused.stderr


def test_it_brings_kafka_a_worker_the_service_and_what_watches_them(composed: dict[str, Any]) -> None:
    assert set(composed["services"]) == {"accountpulse", "kafka", "topics", "worker", "prometheus", "grafana"}
    for name, one in composed["services"].items():
        assert "profiles" not in one, name
        assert "healthcheck" in one or name in ONCE, name
        assert one["restart"] == ("on-failure" if name in ONCE else "unless-stopped")
        assert one.get("cap_drop") == ["ALL"] or name == "kafka", name


def test_what_it_keeps_outlives_its_containers(composed: dict[str, Any]) -> None:
    kept = {name for one in composed["services"].values() for name in map(_source, one.get("volumes", ()))}
    assert set(composed["volumes"]) == {"data", "kafka", "prometheus", "grafana"} <= kept


def test_its_ports_are_open_to_this_machine_only(services: dict[str, Any]) -> None:
    ports = [port for one in services.values() for port in one.get("ports", ())]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_its_images_are_of_one_version(services: dict[str, Any]) -> None:
    for name, one in services.items():
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+", one["image"]), name


def test_no_secret_has_a_default(services: dict[str, Any]) -> None:
    given = [(key, str(value)) for one in services.values() for key, value in one.get("environment", {}).items()]
    secret = [(key, value) for key, value in given if re.search("KEYS|TOKEN|PASSWORD|SECRET", key)]
    assert len(secret) >= 4
    for key, value in secret:
        assert re.fullmatch(r"\$\{\w+(:\?[^}]+)?\}", value), key


def test_what_it_mounts_is_there_and_where_its_readers_look(services: dict[str, Any]) -> None:
    mounted = [
        (Path(source), Path(target))
        for one in services.values()
        for source, target in (volume.split(":")[:2] for volume in one.get("volumes", ()))
        if source.startswith("./")
    ]
    places = {target: CHECKOUT / source for source, target in mounted}
    assert len(places) == 3
    assert (places[Path("/etc/prometheus")] / "prometheus.yml").is_file()
    provisioning = places[Path("/etc/grafana/provisioning")]
    (provider,) = _load(provisioning / "dashboards" / "accountpulse.yml")["providers"]
    dashboards = places[Path(provider["options"]["path"])]
    home = Path(services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (places[home.parent] / home.name).is_file()
    assert list(dashboards.glob("*.json"))


def test_prometheus_asks_each_service_where_it_answers(services: dict[str, Any]) -> None:
    service, worker = _load(CHECKOUT / "deploy" / "prometheus" / "prometheus.yml")["scrape_configs"]
    (target,) = service["static_configs"][0]["targets"]
    name, port = target.split(":")
    assert f"127.0.0.1:{port}:{port}" in services[name]["ports"]
    (found,) = worker["dns_sd_configs"]
    command = services[found["names"][0]]["command"]
    assert command[command.index("--port") + 1] == str(found["port"])
    assert service["authorization"] == worker["authorization"] == {"credentials_file": "/tmp/read_token"}
    assert ">/tmp/read_token" in services["prometheus"]["entrypoint"][2]
    (source,) = _load(CHECKOUT / "deploy" / "grafana" / "provisioning" / "datasources" / "prometheus.yml")[
        "datasources"
    ]
    assert source["url"] == "http://prometheus:9090"


@pytest.mark.parametrize("name", ["accountpulse", "topics", "worker"])
def test_its_commands_are_commands_of_ours(services: dict[str, Any], name: str) -> None:
    one = services[name]
    command = [sys.executable, "-m", "streams", *one["command"], "--help"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    settings = [key.removeprefix("ACCOUNTPULSE_KAFKA_").lower() for key in one["environment"] if "_KAFKA_" in key]
    assert settings
    assert set(settings) <= set(Settings.model_fields)


def test_who_uses_the_topics_waits_for_them_and_for_the_image(services: dict[str, Any]) -> None:
    assert [name for name, one in services.items() if "build" in one] == ["topics"]
    for name in ("accountpulse", "worker"):
        assert services[name]["image"] == services["topics"]["image"]
        assert services[name]["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}


def test_kafka_takes_its_settings(services: dict[str, Any], tmp_path: Path) -> None:
    require_java()
    given = dict(services["kafka"]["environment"])
    cluster = given.pop("CLUSTER_ID")
    # as the image does: KAFKA_NODE_ID is node.id
    lines = [f"{key.removeprefix('KAFKA_').lower().replace('_', '.')}={value}" for key, value in given.items()]
    text = "\n".join(lines)
    assert text.count("/var/lib/kafka/data") == 1
    assert "kafka:/var/lib/kafka/data" in services["kafka"]["volumes"]
    (tmp_path / "server.properties").write_text(text.replace("/var/lib/kafka/data", str(tmp_path / "data")))
    tool = ["java", "-cp", f"{libraries()}{os.sep}*", "kafka.tools.StorageTool"]
    done = subprocess.run(
        [*tool, "format", f"--cluster-id={cluster}", "--config", "server.properties"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "data" / "meta.properties").is_file()


def _load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def _source(volume: Any) -> str:
    return str(volume["source"] if isinstance(volume, dict) else volume.split(":")[0])
