"""A condition of a play: a CEL expression over what is known of an account, checked when it is loaded.

A condition is True, False, or None: unknown, because a value that it depends on is missing. CEL absorbs: `false &&
unknown` is false, `true || unknown` is true. CEL's own parser and type checker decide what an expression means; what is
made of comparisons and logic alone is then answered without calling CEL, and mostly by its first comparison.
"""

import difflib
import re
from collections.abc import Mapping
from math import inf, nextafter
from typing import Any

from cel_expr_python import cel

from plays.logic import Test, Values, compiled, limits
from plays.syntax import Comparison, Node, parse

SOURCE_CHARS_MAX = 2_000
"""A longer condition is not one that anybody can explain to the person who gets the trigger."""

NEAREST_MAX = 3
"""Names suggested for one that is unknown."""

Names = Mapping[str, str]
"""The variables that a condition may use, dots included, and their types: double, string, bool or map."""

Atom = Comparison
"""A conjunct `name op number` at the top of a condition: when it is false, so is the condition."""

_TYPES = {
    "double": cel.Type.DOUBLE,
    "string": cel.Type.STRING,
    "bool": cel.Type.BOOL,
    "map": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
}


class ConditionError(ValueError):
    """An expression that is no condition; says at which character and what is allowed."""


class Condition:
    """A checked, compiled condition. Call it with the values of an account at a moment."""

    __slots__ = (
        "_complete", "_expression", "_test", "atoms", "comparisons", "edges", "names", "ranges", "source", "traits",
        "tree",
    )  # fmt: skip

    def __init__(self, source: str, expression: Any, tree: Node, names: Names) -> None:
        """`Language.condition` makes conditions."""
        self.source = source
        self._expression = expression
        idents = {node.name for node in tree.walk() if node.kind == "ident"}
        self.names: frozenset[str] = frozenset(idents & names.keys())
        self.traits: frozenset[str] = frozenset(tree.keys("traits"))
        """The traits that it looks at."""
        found = (node.comparison() for node in tree.walk())
        self.comparisons: tuple[Comparison, ...] = tuple(c for c in found if c is not None and c.name in names)
        """All comparisons of a variable with a number, wherever they stand."""
        self.edges: frozenset[tuple[str, float]] = frozenset(edge for c in self.comparisons for edge in _edges(c))
        """(name, edge): some comparison differs between name <= edge and name > edge."""
        conjuncts = [node.comparison() for node in tree.conjuncts()]
        self.atoms: tuple[Atom, ...] = tuple(c for c in conjuncts if c is not None and c.op != "!=")
        self.tree = tree
        """What it is made of."""
        self._complete = len(self.atoms) == len(conjuncts)
        self._test: Test = compiled(tree, names) or self._ask
        self.ranges: tuple[tuple[str, float, float], ...] = tuple((atom.name, *limits(atom)) for atom in self.atoms)
        """The atoms as closed ranges: (name, low, high), true while low <= value <= high."""

    def __call__(self, values: Values) -> bool | None:
        """Whether it holds; None when that is unknown."""
        unknown = False
        for name, low, high in self.ranges:
            value = values.get(name)
            if value is None:
                unknown = True
            elif not low <= value <= high:
                return False
        if self._complete:
            return None if unknown else True
        return self._test(values)

    @property
    def native(self) -> bool:
        """Whether it is answered without calling CEL."""
        return self._test != self._ask

    def holds(self, values: Values) -> bool:
        """Whether it is certainly true: cheaper than a call where unknown and false come to the same."""
        for name, low, high in self.ranges:
            value = values.get(name)
            if value is None or not low <= value <= high:
                return False
        return self._complete or self._test(values) is True

    def _ask(self, values: Values) -> bool | None:
        """CEL's answer."""
        used = {name: value for name in self.names if (value := values.get(name)) is not None}
        try:
            result = self._expression.eval(data=used)
        except RuntimeError:  # a value that CEL can't take, such as half a surrogate pair in a trait
            return None
        return bool(result.value()) if result.type() == cel.Type.BOOL else None

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"


class Language:
    """CEL with the variables of a profile."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._env = cel.NewEnv(variables={name: _TYPES[kind] for name, kind in names.items()})

    def condition(self, source: str) -> Condition:
        """The checked condition. ConditionError says what is wrong with the source, and what is allowed.

        >>> over = Language({"score": "double"}).condition("score < 40.0")
        >>> over({"score": 12.5}), over({"score": 40.0}), over({})
        (True, False, None)
        """
        if len(source) > SOURCE_CHARS_MAX:
            raise ConditionError(f"{len(source)} characters, over the limit of {SOURCE_CHARS_MAX}")
        if re.search(r"\bhas\(\s*(?!traits\b)", source):
            raise ConditionError(
                "has() is for traits: has(traits.plan); whether a metric is known says `known.<metric>`"
            )
        try:
            expression = self._env.compile(source)
        except RuntimeError as error:
            raise ConditionError(self._explain(str(error))) from None
        if expression.return_type() != cel.Type.BOOL:
            raise ConditionError(f"gives {expression.return_type().name()}: a condition must be true or false")
        return Condition(source, expression, parse(expression.serialize()), self._names)

    def _explain(self, error: str) -> str:
        """CEL's first error in our words."""
        found = re.search(r"<input>:(\d+):(\d+): (.*)", error)
        if found is None:
            return error.splitlines()[0]
        message = found[3].split(" expecting ")[0]
        return f"{message} (line {found[1]}, character {found[2]}){self._advice(message)}"

    def _advice(self, message: str) -> str:
        unknown = re.search(r"undeclared reference to '([^']+)'", message)
        if unknown:
            return self._nearest(unknown[1])
        if re.search(r"double, u?int\)|\(u?int, double", message):
            return '; numbers have a decimal point: write "5.0", not "5"'
        if "Syntax error" in message:
            return "; operators are && || ! == != < <= > >= + - * / ? : and in, words stand in quotes"
        return ""

    def _nearest(self, unknown: str) -> str:
        near = difflib.get_close_matches(unknown, self._names, n=NEAREST_MAX, cutoff=0.5)
        if not near:  # the right name under the wrong roof: silence for metrics.silence
            near = [name for name in self._names if name.rpartition(".")[2] == unknown.rpartition(".")[2]][:NEAREST_MAX]
        return f"; did you mean {' or '.join(near)}?" if near else f"; allowed: {', '.join(sorted(self._names))}"


def _edges(comparison: Comparison) -> tuple[tuple[str, float], ...]:
    below = nextafter(comparison.bound, -inf)
    edges = {"<": (below,), ">=": (below,), "<=": (comparison.bound,), ">": (comparison.bound,)}
    return tuple((comparison.name, edge) for edge in edges.get(comparison.op, (below, comparison.bound)))
