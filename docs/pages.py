"""The pages of docs/reference/, one function each."""

import html
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby

from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel

from docs import from_http
from docs.from_schema import keys, kinds, objects
from docs.markdown import code, page, table, words
from plays import episode
from plays.cohort import CohortPlaysFile
from plays.engine import names
from plays.play import PlaybookFile
from plays.playbook import starter_playbook
from scorecard.issue import REASONS as ISSUES
from scoring.document import format_duration
from scoring.metrics.metric import Metric
from scoring.profile import default_profile
from scoring.profile_file import ProfileFile
from scoring.scale import Scale
from scoring.selector import Selector
from streams import vocabulary as vocabularies
from streams.dead_letter import REASONS
from streams.embedded.telemetry import Telemetry
from streams.kafka.service.telemetry import Telemetry as ServiceTelemetry
from streams.kafka.telemetry import Telemetry as WorkerTelemetry

SEEN = {
    "score": "The score as published, 0 (bad) to 100 (good).",
    "coverage": "Share of the score's weight that rests on fresh data, 0 to 1.",
    "confidence": "How much the score is to be trusted, 0 to 1.",
    "silence_days": "Days since a sign of life arrived from the account.",
    "tenure_days": "Days since anything first arrived from the account.",
    "trends.score_7d": "The score now minus that of 7 days ago.",
    "trends.score_28d": "The score now minus that of 28 days ago.",
    "band": "The band's name.",
    "stage": "The journey stage, in lower case; empty when it is not known.",
    "segment": "The trait `segment`; empty when it is not known.",
    "overridden": "Whether a person has overridden the score.",
    "traits": "The account's traits: `traits.plan == 'gold'`.",
}
"""What conditions see of every account. A new name without a sentence here stops the page from being made."""

DECLARED = {
    "metrics": "A metric's value in its unit.",
    "known": "Whether the metric of that name has a value; always known itself.",
    "dimensions": "A dimension, 0 to 100.",
}
"""Groups of names that the profile declares."""

PROCESS = {
    "process_start_time_seconds": "When it was started, in seconds since 1970.",
    "process_resident_memory_bytes": "Memory that it occupies.",
    "process_virtual_memory_bytes": "Memory that it has addressed.",
    "process_cpu_seconds_total": "Seconds that its threads have computed.",
    "process_open_fds": "Files and connections that it has open.",
    "process_max_fds": "How many it may have.",
}
"""prometheus-client's own metrics of a process. Not read from here: elsewhere than on Linux there are none."""


def profile() -> str:
    """The keys of a profile."""
    schema = ProfileFile.model_json_schema()
    metric, selector = Metric.model_json_schema(), Selector.model_json_schema()
    return page(
        "The profile",
        "How metrics make a score. `accountpulse profile check FILE` reads one, and names file, line, key, value and "
        "what is allowed for everything wrong in it. The JSON Schema for editors is `schemas/profile.schema.json`; the "
        "profile that is shipped is described in [metrics](metrics.md). A duration is text with units: `90d`, `12h`, "
        "`1d12h`.",
        *objects(schema),
        "## Metric",
        "Keys that every kind of metric has.",
        keys(metric),
        "## Selector",
        "Which events a metric is about: keys of the kinds that select events.",
        keys(selector),
        "## Kinds of metrics",
        *kinds(schema, {"": metric["properties"], "Selects events.": selector["properties"]}),
    )


def metrics() -> str:
    """The shipped profile: every metric, and how they make the score."""
    file = default_profile().file
    declared = [
        (
            code(name),
            metric.catalogue,
            " ".join(filter(None, (f"**{metric.title}.**" if metric.title else "", metric.description))),
            metric.unit,
            code(metric.kind),
            "up" if metric.up_is_good else "down",
            metric.owner,
            metric.review,
        )
        for name, metric in file.metrics.items()
    ]
    head = ("metric", "id", "definition", "unit", "kind", "good is", "owner", "reviewed")
    parts = [table(head, declared), "## How they make the score", _weights(file.dimensions)]
    for name, variant in file.variants.items():
        who = ", ".join(f"{key} {words(value)}" for key, value in variant.when.model_dump().items() if value)
        left_out = f"Left out: {words(variant.without)}." if variant.without else ""
        parts += [f"### Variant `{name}`", f"For {who}. {left_out}".strip(), _weights(variant.dimensions)]
    bands = sorted(file.bands.items(), key=lambda item: -item[1])
    parts += [
        "## Bands",
        table(("band", "from"), ((code(name), f"{floor:g}") for name, floor in bands)),
        f"An account leaves its band downwards only when its score is {file.hysteresis:g} points below the floor.",
    ]
    return page(
        f"The metrics of the profile `{file.name}`, version {file.version}",
        file.description,
        "A metric without data is missing, never zero: its weight goes to its neighbours. Ids are those of the metric "
        "catalogue.",
        *parts,
    )


def _weights(dimensions: object) -> str:
    rows = []
    assert isinstance(dimensions, dict)
    for name, dimension in dimensions.items():
        for metric, scale in dimension.metrics.items():
            rows.append((code(name), f"{dimension.weight:g}", code(metric), f"{scale.weight:g}", *_scale(scale)))
    return table(("dimension", "weight", "metric", "weight in it", "0 at", "100 at", "curve"), rows)


def _scale(scale: Scale) -> tuple[str, str, str]:
    return f"{scale.zero_at:g}", f"{scale.full_at:g}", scale.curve


def plays() -> str:
    """The keys of a play file, what conditions see, the episode's phases, and the starter set."""
    seen = names(default_profile())
    moves = [(code(before), code(step), code(after)) for (before, step), after in episode.TABLE.items()]
    playbook = starter_playbook(seen)
    shipped = [
        (code(play.id), play.title, code(play.condition), play.severity, play.owner, _due(play.due_in))
        for play in playbook.plays.values()
    ]
    return page(
        "Plays",
        "What to do when a condition holds. How to write one is told in the [guide](../guide/plays.md). "
        "`accountpulse plays check FILE` reads a play file, `accountpulse plays test FILE` tries its cases. The JSON "
        "Schema for editors is `schemas/plays.schema.json`.",
        *objects(PlaybookFile.model_json_schema()),
        "## What conditions see",
        "Numbers in a condition have a decimal point: `5.0`. A name without a value makes the condition unknown, "
        "neither true nor clear, unless the rest of it decides.",
        table(("name", "type", "meaning"), _seen(seen)),
        "## Plays over cohorts",
        "A file of its own, with these keys beside those above; its JSON Schema for editors is "
        "`schemas/cohort_plays.schema.json`. Conditions see `figures.<id>`, every figure of the "
        "[catalogue](catalogue.md) with the dot of a part written as `_` (`figures.R3`, `figures.A1_p75`), and "
        "`accounts`, how many were active at the start.",
        _more_keys(CohortPlaysFile, PlaybookFile),
        "## Phases of an episode",
        "What is not in this table cannot happen.",
        table(("from", "step", "to"), moves),
        "## The starter set",
        f"Version {playbook.version}.",
        table(("play", "title", "condition", "severity", "owner", "due in"), shipped),
    )


def _more_keys(model: type[BaseModel], base: type[BaseModel]) -> str:
    """The keys that a model has more than the one that it is made of."""
    return keys(model.model_json_schema(), left_out=base.model_fields.keys())


def _seen(types: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What conditions see; the names that a profile declares as one row each."""
    written = {"double": "number", "string": "text", "bool": "true or false", "map": "map"}
    declared: dict[str, list[str]] = {}
    for name, kind in types.items():
        group, dot, rest = name.partition(".")
        if dot and group in DECLARED:
            declared.setdefault(group, []).append(rest)
        else:
            yield code(name), written[kind], SEEN[name]
    for group, found in declared.items():
        kind = types[f"{group}.{found[0]}"]
        shipped = "" if group == "known" else f" In the shipped profile: {words(sorted(found))}."
        yield code(f"{group}.<name>"), written[kind], DECLARED[group] + shipped


def _due(seconds: float | None) -> str:
    return "" if seconds is None else format_duration(seconds)


BESIDE = {
    "accounts": (
        "What is known of an account comes by `group` calls, under the names of its traits: `segment`, `industry`, "
        "`region`, `owner`, `seats`, `start_date`. `parent` names the account above it, and `merged_into` the one that "
        "took its place; an empty text takes either back. "
        "[Examples](../guide/events.md#parents-and-accounts-that-became-one).",
    ),
    "revenue": (
        "Each says what a subscription costs from then on. [Examples](../guide/events.md#revenue), with `effective_at` "
        "and `corrects`.",
    ),
}
"""What is said of a stream beside its events."""


def vocabulary() -> str:
    """Every event that is known, by stream."""
    known = sorted(vocabularies.shipped().known.items(), key=lambda item: vocabularies.STREAMS.index(item[1].stream))
    parts = []
    for stream, events in groupby(known, key=lambda item: item[1].stream):
        rows = [(code(name), ", ".join(event.names), event.about) for name, event in events]
        parts += [f"## Stream {stream}", *BESIDE.get(stream, ()), table(("event", "also known as", "meaning"), rows)]
    return page(
        "The vocabulary",
        "Which event names mean what. Case, spaces, `-` and `_` do not count: `QBR Completed` is `qbr_completed`. What "
        f"is not known is an event of the stream {vocabularies.UNKNOWN_STREAM}, under the name as sent. Your own names "
        "go into a file of yours, whose keys are these; its JSON Schema for editors is "
        "`schemas/vocabulary.schema.json`.",
        *objects(vocabularies.VocabularyFile.model_json_schema()),
        *parts,
    )


def prometheus() -> str:
    """The Prometheus metrics of services and workers."""
    return page(
        "Prometheus metrics",
        "What processes say of themselves under `/metrics`. They watch the software, not the accounts. "
        "[Operations](../guide/operations.md) tells which of them to look at, and what to do.",
        "## Of a worker",
        "`accountpulse worker`, one of them each.",
        _collected(WorkerTelemetry()),
        "## Of the HTTP service",
        "`accountpulse serve`.",
        _collected(Telemetry()),
        "## Of the HTTP service on Kafka",
        "`accountpulse serve --kafka`.",
        _collected(ServiceTelemetry()),
        "## Of all",
        "Where the system tells (Linux).",
        table(("name", "meaning"), ((code(name), meaning) for name, meaning in PROCESS.items())),
    )


def _collected(telemetry: Telemetry | WorkerTelemetry | ServiceTelemetry) -> str:
    rows = []
    for collector in vars(telemetry).values():
        for family in collector.describe() if isinstance(collector, MetricWrapperBase) else ():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            rows.append((code(name), family.type, words(collector._labelnames), family.documentation))
    return table(("name", "type", "labels", "meaning"), rows)


def http() -> str:
    """The calls of the service, and the reasons of dead letters and of issues."""
    openapi = from_http.document()
    return page(
        "The HTTP API",
        openapi["info"]["description"],
        "The service gives this as a page under `/docs` and as an OpenAPI document under `/openapi.json`.",
        *from_http.sections(openapi),
        "## Reasons of dead letters",
        table(("reason", "meaning"), ((code(reason), meaning) for reason, meaning in REASONS.items())),
        "## Reasons of issues",
        "Of what `/v1/issues` lists. A late event may settle one that is wrong only beside others.",
        table(("reason", "meaning"), ((code(reason), meaning) for reason, meaning in ISSUES.items())),
    )


def cli() -> str:
    """The commands, as typer documents them itself."""
    asked = [
        sys.executable,
        "-m",
        "typer",
        "streams.cli",
        "utils",
        "docs",
        "--name",
        "accountpulse",
        "--title",
        "The command line",
    ]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    title, _, body = html.unescape(told).partition("\n")
    return page(title.removeprefix("# "), body)
