"""The HTTP API as Markdown, from the OpenAPI document that the service itself gives."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.from_schema import typed
from docs.markdown import code, table, words
from scorecard.settings.file import default_scorecard
from streams.configuration import load
from streams.embedded.service import Service
from streams.embedded.settings import Settings
from streams.embedded.surroundings import Surroundings
from streams.embedded.telemetry import Telemetry
from streams.http.access import Access
from streams.http.app import make_app
from streams.http.bell import Bell
from streams.http.scorecard import Scorecard
from streams.scorecard.order import Order, place
from streams.scorecard.reading import Reading

Call = Mapping[str, Any]


def document() -> dict[str, Any]:
    """The OpenAPI document of a service on an empty directory."""
    configuration = load()
    settings = default_scorecard()
    around = Surroundings(Telemetry())
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as directory:
        service = Service(Path(directory), configuration.engine(), configuration.vocabulary, Settings(), around)
        order = Order(Path(directory), place(Path(directory), None), settings, configuration.vocabulary)
        service.start()
        try:
            return make_app(service, Access(), Bell(loop), Scorecard(Reading(order))).openapi()
        finally:
            service.stop()
            loop.close()


def sections(openapi: Mapping[str, Any]) -> Iterator[str]:
    """A section for each tag: its calls, their parameters, and the answers of all of them."""
    tags: dict[str, list[tuple[str, Call]]] = {}
    named = openapi.get("components", {}).get("schemas", {})
    for path, methods in _written_out(openapi["paths"], named).items():
        for method, call in methods.items():
            tags.setdefault(call.get("tags", ["other"])[0], []).append((f"{method.upper()} {path}", call))
    for tag, calls in tags.items():
        yield f"## {tag.capitalize()}"
        alike: dict[str, list[tuple[str, Call]]] = {}
        for name, call in calls:
            alike.setdefault(_parameters(call), []).append((name, call))
        alone = {found[0][0] for parameters, found in alike.items() if parameters and len(found) == 1}
        told = {name: call["description"].partition(". ") for name, call in calls if name not in alone}
        what = ((code(name), told[name][0] if name in told else call["summary"]) for name, call in calls)
        yield table(("call", "what it does"), what)
        yield "\n\n".join(dict.fromkeys(rest for _, _, rest in told.values() if rest))
        for parameters, found in alike.items():
            if parameters and len(found) == 1:
                yield f"### {code(found[0][0])}"
                yield found[0][1]["description"]
                yield parameters
            elif parameters:
                yield f"### Calls with {words(one['name'] for one in found[0][1]['parameters'])}"
                yield parameters
        answers = {(status, told["description"]) for _, call in calls for status, told in call["responses"].items()}
        yield "### Answers"
        yield table(("status", "meaning"), ((code(status), told) for status, told in sorted(answers)))


def _written_out(part: Any, named: Mapping[str, Any]) -> Any:
    """A part of the document with the words of an enumeration in the place of its name."""
    if isinstance(part, dict):
        schema = named.get(str(part.get("$ref", "")).rsplit("/", 1)[-1], {})
        return schema if "enum" in schema else {key: _written_out(value, named) for key, value in part.items()}
    return [_written_out(one, named) for one in part] if isinstance(part, list) else part


def _parameters(call: Call) -> str:
    return table(("parameter", "in", "value", "meaning"), map(_parameter, call.get("parameters", ())))


def _parameter(one: Mapping[str, Any]) -> tuple[str, str, str, str]:
    schema = one.get("schema", {})
    about = one.get("description") or schema.get("description", "")
    return code(one["name"]), one["in"], typed(schema), about
