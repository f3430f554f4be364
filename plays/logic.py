"""Three-valued logic in plain Python for the parts of CEL that most conditions are made of: much faster than the call.

`compiled` gives exactly what CEL gives (a law compares the two), or nothing where an expression needs more than
comparisons with constants, && || ! and `in`.
"""

from collections.abc import Callable, Mapping
from math import inf, nextafter
from typing import Any

from plays.syntax import Comparison, Node

Values = Mapping[str, Any]
"""What is known of an account, by name; what is missing is not in it (or None)."""

Test = Callable[[Values], bool | None]
"""Values -> true, false, or None: unknown."""


def limits(comparison: Comparison) -> tuple[float, float]:
    """The closed range in which a comparison other than != is true: exact, since floats have neighbours."""
    below, bound, above = nextafter(comparison.bound, -inf), comparison.bound, nextafter(comparison.bound, inf)
    low = {"<": -inf, "<=": -inf, ">": above}.get(comparison.op, bound)
    high = {"<": below, ">": inf, ">=": inf}.get(comparison.op, bound)
    return low, high


def compiled(node: Node, names: Mapping[str, str]) -> Test | None:
    """The node as a test, or None when only CEL can tell. `names` are the variables and their types."""
    comparison = node.comparison()
    if comparison is not None:
        return _number(comparison) if names.get(comparison.name) == "double" else None
    if node.kind == "ident":
        name = node.name
        return (lambda values: values.get(name)) if names.get(name) == "bool" else None
    if node.kind != "call":
        return None
    if node.name in ("_&&_", "_||_"):
        return _joined(node, names)
    if node.name == "!_":
        inner = compiled(node.parts[0], names)
        return None if inner is None else _negated(inner)
    return _word(node, names)


def _number(comparison: Comparison) -> Test:
    name, bound = comparison.name, comparison.bound
    if comparison.op == "!=":
        return lambda values: None if (value := values.get(name)) is None else bool(value != bound)
    low, high = limits(comparison)
    return lambda values: None if (value := values.get(name)) is None else bool(low <= value <= high)


def _joined(node: Node, names: Mapping[str, str]) -> Test | None:
    """&& or ||: the first decisive part decides, wherever it stands; without one, an unknown part makes it unknown."""
    tests = [compiled(part, names) for part in node.parts]
    parts = [test for test in tests if test is not None]
    if len(parts) < len(tests):
        return None
    decisive = node.name == "_||_"

    def joined(values: Values) -> bool | None:
        result: bool | None = not decisive
        for test in parts:
            found = test(values)
            if found is decisive:
                return decisive
            if found is None:
                result = None
        return result

    return joined


def _negated(inner: Test) -> Test:
    return lambda values: None if (found := inner(values)) is None else not found


def _word(node: Node, names: Mapping[str, str]) -> Test | None:
    """`band == "red"`, `band != "red"`, `stage in ["onboard", "adopt"]`."""
    if len(node.parts) != 2 or node.parts[0].kind != "ident" or names.get(node.parts[0].name) != "string":
        return None
    name, right = node.parts[0].name, node.parts[1]
    if node.name == "@in" and right.kind == "list" and all(part.kind == "word" for part in right.parts):
        words, wanted = frozenset(part.name for part in right.parts), True
    elif node.name in ("_==_", "_!=_") and right.kind == "word":
        words, wanted = frozenset({right.name}), node.name == "_==_"
    else:
        return None
    return lambda values: None if (value := values.get(name)) is None else (value in words) is wanted
