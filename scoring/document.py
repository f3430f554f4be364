"""Reads a YAML document into a pydantic model and keeps the lines, so that every error names file, line, key and value.

YAML 1.2 by ruamel.yaml, plain data only: no tags, no duplicate keys, bounded size, depth and (aliases expanded) nodes.
"""

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, PlainSerializer, ValidationError, WithJsonSchema
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

BYTES_MAX = 4 * 1024 * 1024
"""A configuration is written by people; what is larger is a data file given by mistake."""

NODES_MAX = 200_000
"""Values in a document once its aliases are expanded: a bound on alias bombs ("billion laughs")."""

DEPTH_MAX = 40
"""Nesting; our deepest document needs 8."""

VALUE_CHARS_MAX = 80
"""An error shows at most this much of the offending value."""

SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
DURATION_PATTERN = "^(?=[0-9])" + "".join(f"([0-9]{{1,9}}{unit})?" for unit in SECONDS) + "$"
DURATION_MAX = 3_650 * 86_400
"""Ten years in seconds: no window, dwell or cooldown of a business is longer, and dates stay in range."""

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""What pydantic writes JSON Schemas in; a file's model names it, so that editors read its schema as it is meant."""

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing wrong in a document: where it is, what stands there, and what is allowed."""

    file: str
    line: int
    """First line is 1."""
    key: str
    """Dotted path, `plays.going_silent.cooldown`; empty for the document itself."""
    value: str
    """`repr` of what stands there, cut at VALUE_CHARS_MAX."""
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.key, self.value, self.message) if part)


class DocumentError(ValueError):
    """A document that cannot be used; `problems` holds every one found, in the order of the lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def parse_duration(value: object) -> float:
    """Seconds of a duration such as "90d", "12h", "1d12h", "2w"; ValueError when it is not one.

    >>> parse_duration("1d12h")
    129600.0
    """
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueError, a TypeError would escape it
            'a duration needs a unit: write "90d", "12h", "30m", "45s", "2w" or "1d12h"'
        )
    match = re.fullmatch(DURATION_PATTERN, value)
    if match is None:
        raise ValueError('not a duration: write "90d", "12h", "30m", "45s", "2w" or "1d12h" (largest unit first)')
    seconds = sum(int(part[:-1]) * SECONDS[part[-1]] for part in match.groups() if part)
    if seconds > DURATION_MAX:
        raise ValueError(f"longer than the limit of {format_duration(DURATION_MAX)}")
    return float(seconds)


def format_duration(seconds: float) -> str:
    """The shortest text of a duration, to whole seconds; days are the largest unit.

    >>> format_duration(129600.0)
    '1d12h'
    """
    rest, parts = round(seconds), []
    for unit in "dhms":
        count, rest = divmod(rest, SECONDS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["90d", "12h", "1d12h"]}),
]
"""Seconds, written as text with units: "90d", "12h", "30m", "45s", "2w", "1d12h".

A default is best given as text too, `Field(default="0s", validate_default=True)`: so the JSON Schema shows it so.
"""


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """A valid document: its model, and where each of its values stands."""

    model: M
    file: str
    _data: Any = field(repr=False)
    _lines: Mapping[Path, int] = field(repr=False)

    def problem(self, path: Sequence[str | int], message: str) -> Problem:
        """A problem found after reading (say, a name that nothing has), at the line of `path` or its nearest parent."""
        return _problem(self.file, self._data, self._lines, tuple(path), message)._replace(key=_dotted(path))


def read(text: str, *, file: str, model: type[M]) -> Document[M]:
    """The document in `text` as a `model`; `file` is only a name for the messages. DocumentError holds all problems."""
    data, lines = _parse(text, file)
    try:
        return Document(model.model_validate(data), file, data, lines)
    except ValidationError as error:
        schema = model.model_json_schema()
        raise DocumentError([_explain(file, data, lines, schema, found) for found in error.errors()]) from None


def _parse(text: str, file: str) -> tuple[Any, dict[Path, int]]:
    """Plain data and the line of every path."""
    if len(text) > BYTES_MAX:
        raise DocumentError([Problem(file, 1, "", "", f"{len(text)} characters, over the limit of {BYTES_MAX}")])
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem or error.context}"
        raise DocumentError([Problem(file, mark.line + 1 if mark else 1, "", "", message)]) from None
    except YAMLError as error:  # a character that YAML forbids; its text is several lines long
        message = f"not valid YAML: {' '.join(str(error).split())}"
        raise DocumentError([Problem(file, 1, "", "", message)]) from None
    except RecursionError:
        raise DocumentError([Problem(file, 1, "", "", f"nested deeper than the limit of {DEPTH_MAX}")]) from None
    if root is None:
        raise DocumentError([Problem(file, 1, "", "", "the document is empty")])
    reader = _Reader(file)
    data = reader.value(root, ())
    if reader.problems:
        raise DocumentError(reader.problems)
    return data, reader.lines


class _Reader:
    """Turns YAML nodes into plain data; notes lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.nodes = 0
        self.constructor = YAML(typ="safe", pure=True).constructor

    def wrong(self, node: Node, path: Path, value: str, message: str) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, _dotted(path), value, message))

    def value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        self.nodes += 1
        if self.nodes > NODES_MAX or len(path) > DEPTH_MAX:
            limit = f"more than {NODES_MAX} values" if self.nodes > NODES_MAX else f"nested deeper than {DEPTH_MAX}"
            raise DocumentError([Problem(self.file, node.start_mark.line + 1, _dotted(path[:4]), "", limit)])
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.wrong(key_node, path, "", "a key must be plain text")
                continue
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in data:
                first = self.lines[(*path, key)]
                self.wrong(key_node, (*path, key), "", f"duplicate key: it stands on line {first} already")
                continue
            self.lines[(*path, key)] = line
            data[key] = self.value(value_node, (*path, key))
        return data

    def scalar(self, node: Node, path: Path) -> Any:
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        if kind in ("str", "timestamp"):  # a date stays as written: the model says what it means
            return str(node.value)
        if kind == "null":
            return None
        if kind in ("bool", "int", "float"):
            try:
                value = getattr(self.constructor, f"construct_yaml_{kind}")(node)
            except (ValueError, KeyError, OverflowError):
                self.wrong(node, path, _cut(node.value), f"not a valid YAML {kind}")
                return None
            if isinstance(value, float) and not math.isfinite(value):
                self.wrong(node, path, str(node.value), "a number must be finite")
            return value
        self.wrong(node, path, _cut(node.value), f"the tag {node.tag} is not allowed: write plain data")
        return None


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path)


def _descend(data: Any, path: Path) -> tuple[Path, bool]:
    """The real path for one of pydantic's, which names union branches too; and whether the end of it is there."""
    real: list[str | int] = []
    found = True
    for part in path:
        found = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)
        )
        if found:
            data = data[part]
            real.append(part)
    return tuple(real), found


def _cut(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= VALUE_CHARS_MAX else shown[: VALUE_CHARS_MAX - 1] + "…"


def _problem(file: str, data: Any, lines: Mapping[Path, int], path: Path, message: str) -> Problem:
    real, found = _descend(data, path)
    value = data
    for part in real:
        value = value[part]
    shown = _cut(value) if found and not isinstance(value, dict) else ""
    return Problem(file, lines[real], _dotted(real), shown, message)


def _explain(
    file: str, data: Any, lines: Mapping[Path, int], schema: Mapping[str, Any], found: Mapping[str, Any]
) -> Problem:
    """One pydantic error in our words: the nearest allowed key or word is suggested."""
    path, kind, message = tuple(found["loc"]), found["type"], str(found["msg"])
    if path and path[-1] == "[key]":
        path = path[:-1]
    if kind.startswith("union_tag_"):  # which of several models is meant, stands at a key of its own
        path = (*path, found["ctx"]["discriminator"].strip("'"))
        kind = "missing" if kind == "union_tag_not_found" else "literal_error"
    if kind == "extra_forbidden":
        allowed = sorted(set(_keys_at(schema, schema, path[:-1])))
        message = f"unknown key{_nearest(str(path[-1]), allowed)}; allowed: {', '.join(allowed) or 'none'}"
    elif kind == "missing":
        message = "this key is required"
    elif kind == "literal_error":
        context = found["ctx"]
        words = re.findall(r"'([^']*)'", context.get("expected_tags") or context["expected"])
        message = f"unknown word{_nearest(str(context.get('tag', found['input'])), words)}; allowed: {', '.join(words)}"
    elif kind == "model_type":
        message = "must be a mapping: keys, each with its value"
    elif kind == "string_type" and isinstance(found["input"], (int, float)):
        message = f'must be text: write it in quotes, "{found["input"]}"'
    elif kind in ("value_error", "assertion_error"):
        message = message.split(", ", 1)[-1]
    problem = _problem(file, data, lines, path, message)
    if kind == "missing":  # the last part is the key that ought to be there
        parent = _problem(file, data, lines, path[:-1], message)
        problem = parent._replace(key=".".join(filter(None, (parent.key, str(path[-1])))), value="")
    return problem


def _nearest(word: str, allowed: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, allowed, n=1, cutoff=0.65)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _keys_at(root: Mapping[str, Any], schema: Any, path: Path) -> Iterator[str]:
    """The keys that a JSON Schema allows in the object at `path`, over all union branches that the path leaves open."""
    if not isinstance(schema, Mapping):
        return
    if "$ref" in schema:
        yield from _keys_at(root, root["$defs"][str(schema["$ref"]).rsplit("/", 1)[-1]], path)
        return
    branches: Sequence[Any] = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if branches:
        chosen = schema.get("discriminator", {}).get("mapping", {}).get(path[0]) if path else None
        if chosen is not None:
            branches, path = [{"$ref": chosen}], path[1:]
        for branch in branches:
            yield from _keys_at(root, branch, path)
    if not path:
        yield from schema.get("properties", {})
    elif isinstance(path[0], int):
        yield from _keys_at(root, schema.get("items"), path[1:])
    else:
        named = schema.get("properties", {}).get(path[0])  # else a map: of any keys, or of keys with a pattern
        maps = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
        for inner in maps if named is None else [named]:
            yield from _keys_at(root, inner, path[1:])
