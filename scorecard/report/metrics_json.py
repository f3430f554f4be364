"""The catalogue as an answer, with where each figure stands."""

from collections.abc import Mapping
from typing import Any

from scorecard.catalogue import catalogue
from scorecard.report.line import Line

NOW = ("value", "reason", "n", "low", "high", "target", "met", "trend", "no_trend")
"""Of a line of the scorecard."""


def metrics_json(now: Mapping[str, Line], currency: str) -> list[dict[str, Any]]:
    """Every metric, its figures by id; `now`: the lines of those of which it should be told where they stand."""
    found = []
    for metric, entry in catalogue().items():
        figures = {
            name: {
                **part.model_dump(), "unit": entry.unit_of(name), "good": entry.good_of(name),
                **(_now(now[name], currency) if name in now else {}),
            }
            for name, part in entry.figures.items()
        }  # fmt: skip
        found.append({"id": metric, **entry.model_dump(), "figures": figures})
    return found


def _now(line: Line, currency: str) -> dict[str, Any]:
    told = line.to_json(currency)
    return {name: told[name] for name in NOW}
