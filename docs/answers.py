"""The page of docs/reference/ on what the scorecard answers over HTTP."""

from collections.abc import Mapping
from typing import Any

from docs import from_http
from docs.from_schema import keys
from docs.markdown import code, page, table

TAG = "scorecard"


def answers() -> str:
    """Each call with the object that it answers with, and every object with its fields."""
    document = from_http.document()
    named = document["components"]["schemas"]
    calls = [
        (f"{method.upper()} {path}", _answered(call))
        for path, methods in document["paths"].items()
        for method, call in methods.items()
        if TAG in call.get("tags", ())
    ]
    wanted = dict.fromkeys(name for _, answered in calls for name in _within(answered, named))
    return page(
        "Answers of the scorecard over HTTP",
        "What the [calls](http.md) of the scorecard answer with. Required fields are always there, with `null` where "
        "there is nothing to say; amounts are in major units of the currency. The same stands in `/openapi.json`.",
        table(("call", "answer"), ((code(name), f"[{answered}](#{answered.lower()})") for name, answered in calls)),
        *(part for name in wanted for part in (f"## {name}", named[name]["description"], keys(named[name]))),
    )


def _answered(call: Mapping[str, Any]) -> str:
    return str(call["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1])


def _within(name: str, named: Mapping[str, Any]) -> list[str]:
    """An object and all that are in it, each once."""
    found, waiting = dict[str, None](), [name]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found[one] = None
            waiting += _references(named[one])
    return [*found]


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else []
        return here + [name for value in part.values() for name in _references(value)]
    return [name for one in part for name in _references(one)] if isinstance(part, list) else []
