"""Why an episode opened, as a sentence with the numbers in it."""

import re
from collections.abc import Iterator
from operator import eq, ge, gt, le, lt, ne

from plays.condition import Condition
from plays.logic import Values

PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.]+)(:%)?\}")
TRAITS = "traits."
COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
WORDS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "not"}


def number(value: float) -> str:
    """A number as people read it: whole when large, else with at most two decimals.

    >>> number(34.26), number(3.0), number(1234.5), number(-0.0)
    ('34.3', '3', '1,234', '0')
    """
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    shown = f"{value:,.{digits}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def placeholders(template: str) -> Iterator[str]:
    """The names that a template takes numbers from."""
    for found in PLACEHOLDER.finditer(template):
        yield found[1]


def fill(template: str, values: Values) -> str:
    """The template with the account's values in it; what is missing is `unknown`."""

    def shown(found: re.Match[str]) -> str:
        name = found[1]
        value = values.get("traits", {}).get(name[len(TRAITS) :]) if name.startswith(TRAITS) else values.get(name)
        if value is None:
            return "unknown"
        if isinstance(value, bool | str):
            return str(value)[:200]
        return f"{number(value * 100)} %" if found[2] else number(value)

    return PLACEHOLDER.sub(shown, template)


def sentence(condition: Condition, values: Values) -> str:
    """What the condition compared, for a play that has no template: every comparison that holds, with its number."""
    said = []
    for name, op, bound in condition.comparisons:
        value = values.get(name)
        if value is not None and COMPARE[op](value, bound):
            said.append(f"{_plain(name)} is {number(value)} ({WORDS[op]} {number(bound)})")
    return (", ".join(said) or "its condition became true") + "."


def _plain(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ")
