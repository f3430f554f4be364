"""The page of the alerts, made from Prometheus' rules."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from docs.markdown import page

RULES = Path(__file__).resolve().parents[1] / "deploy" / "prometheus" / "rules"

FILES = {"worker.yml": "Of the workers", "service.yml": "Of the HTTP service"}
"""Files with alerts, and the headings of what they hold. Others only record."""

_TEMPLATE = re.compile(r"\{\{ *\$(?:labels\.)?(\w+)[^}]*\}\}")


def alerts() -> str:
    """Every alert: when it fires, and what to do then."""
    return page(
        "Alerts",
        "What the rules in `deploy/prometheus/rules` say, and what to do then. *Critical* wants somebody now, "
        "*warning* on the same day. Each is tried in `deploy/prometheus/tests`; how they come to somebody is told in "
        "[operations](../guide/operations.md).",
        *(part for file, heading in FILES.items() for part in (f"## {heading}", *_sections(file))),
    )


def _sections(file: str) -> Iterator[str]:
    groups: Any = YAML(typ="safe").load((RULES / file).read_text(encoding="utf-8"))["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        notes = rule["annotations"]
        held = f", for {rule['for']}" if "for" in rule else ""
        yield f"### {rule['alert']}"
        summary = _TEMPLATE.sub(r"*\1*", notes["summary"])
        yield f"{summary}. ({rule['labels']['severity']}{held})"
        yield f"```promql\n{rule['expr'].strip()}\n```"
        yield notes["description"].strip()
