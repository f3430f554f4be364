"""What /metrics shows, and what a PromQL expression asks for."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.metrics import MetricWrapperBase

from streams.embedded.telemetry import Telemetry as ServiceTelemetry
from streams.kafka.service.telemetry import Telemetry as KafkaServiceTelemetry
from streams.kafka.telemetry import Telemetry as WorkerTelemetry

_TOKEN = re.compile(r"\b(?:\w+:)?(?:accountpulse|process)_[\w:]+")
_SELECTOR = re.compile(r"\b(?P<name>[\w:]*(?:accountpulse|process)_[\w:]+)(?:\{(?P<labels>[^}]*)\})?")
_LABEL = re.compile(r'(\w+) *(?:=~|!~|!=|=) *"([^"]*)"')

TARGET_LABELS = frozenset({"job", "instance"})
"""Prometheus adds these to every series."""


class Asked(NamedTuple):
    """A series that an expression names."""

    name: str
    labels: dict[str, str]


def worker() -> dict[str, frozenset[str]]:
    """Names of the series of a worker, with their labels."""
    return _series(WorkerTelemetry())


def service() -> dict[str, frozenset[str]]:
    """The same of the HTTP service, on its own store or on Kafka."""
    return _series(ServiceTelemetry()) | _series(KafkaServiceTelemetry())


def _series(telemetry: WorkerTelemetry | ServiceTelemetry | KafkaServiceTelemetry) -> dict[str, frozenset[str]]:
    found = {sample.name: frozenset[str]() for family in telemetry.registry.collect() for sample in family.samples}
    for metric in vars(telemetry).values():
        if isinstance(metric, MetricWrapperBase):
            (family,), labels = metric.describe(), frozenset(metric._labelnames)
            if family.type == "histogram":
                found |= {f"{family.name}_{part}": labels for part in ("count", "sum")}
                found[f"{family.name}_bucket"] = labels | {"le"}
            else:
                found[family.name + ("_total" if family.type == "counter" else "")] = labels
    return found


def asked(expression: str) -> Iterator[Asked]:
    """The series of ours that a PromQL expression names.

    >>> [one.name for one in asked('rate(accountpulse_x_total{job="accountpulse_y"}[5m]) > stream:accountpulse_z:sum')]
    ['accountpulse_x_total', 'stream:accountpulse_z:sum']
    """
    for match in _SELECTOR.finditer(expression):
        inside = expression[: match.start()]
        if inside.count('"') % 2 == 0:  # else it stands in a label's value
            yield Asked(match["name"], dict(_LABEL.findall(match["labels"] or "")))


def named(text: str) -> set[str]:
    """The series of ours that a text names."""
    return set(_TOKEN.findall(text))
