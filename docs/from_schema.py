"""A JSON Schema as Markdown tables: one for each object, its keys as rows."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from docs.markdown import code, plain, table, words

Schema = Mapping[str, Any]

_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "over {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "under {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
}
_DULL = {("minLength", 1), ("minItems", 1), ("minProperties", 1)}

_TYPES = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}


def objects(schema: Schema) -> Iterator[str]:
    """The document's own keys, then those of each object in it; the kinds of a union are left to `kinds`."""
    yield keys(schema)
    for name, inner in schema.get("$defs", {}).items():
        if "properties" in inner and not _kinds(inner):
            yield f"## {name}"
            yield plain(inner.get("description"))
            yield keys(inner)


def kinds(schema: Schema, told: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The objects that `kind` chooses between; told: keys that are described elsewhere, by the words that say so."""
    left_out = {"kind"}.union(*told.values())
    for inner in schema["$defs"].values():
        if found := _kinds(inner):
            yield f"### {words(found)}"
            yield plain(inner.get("description"))
            yield " ".join(text for text, names in told.items() if text and inner["properties"].keys() >= set(names))
            yield keys(inner, left_out)


def _kinds(schema: Schema) -> list[str]:
    """The values of `kind` that choose this object; none when it is not one of a union's."""
    kind = schema.get("properties", {}).get("kind", {})
    return [kind["const"]] if "const" in kind else list(kind.get("enum", ()))


def keys(schema: Schema, left_out: Collection[str] = ()) -> str:
    """The table of an object's keys."""
    required = schema.get("required", ())
    rows = []
    for name, inner in schema.get("properties", {}).items():
        if name not in left_out:
            default = "*required*" if name in required else code(_default(inner))
            rows.append((code(name), typed(inner), default, inner.get("description", "")))
    return table(("key", "value", "default", "meaning"), rows)


def _default(schema: Schema) -> str:
    default = schema.get("default")
    if default in (None, "", [], {}):
        return ""
    return default if isinstance(default, str) else json.dumps(default)


def typed(schema: Schema) -> str:
    """What may stand in the place of a value."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return words(schema["enum"])
    if "const" in schema:
        return code(schema["const"])
    if "discriminator" in schema:
        return "one of the kinds below"
    branches = [
        branch for union in ("anyOf", "oneOf") for branch in schema.get(union, ()) if branch.get("type") != "null"
    ]
    if branches:
        return " or ".join(typed(branch) for branch in branches)
    return ", ".join([_shape(schema), *_bounds(schema)])


def _shape(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_braced(typed(schema['items']))}" if "items" in schema else "list"
    if kind == "object":
        values = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
        return f"entries by name, each {_braced(typed(values))}" if isinstance(values, Mapping) else "entries by name"
    if kind == "string" and "12h" in schema.get("examples", ()):
        return "duration"
    return _TYPES.get(str(kind), "anything")


def _braced(text: str) -> str:
    return f"({text})" if "," in text or " or " in text else text


def _bounds(schema: Schema) -> Iterator[str]:
    for key, text in _BOUNDS.items():
        if key in schema and (key, schema[key]) not in _DULL:
            yield text.format(f"{schema[key]:g}" if isinstance(schema[key], float) else schema[key])
