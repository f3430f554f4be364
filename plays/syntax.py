"""What a compiled CEL expression is made of.

cel-expr-python shows no syntax tree, but serialises one: a `cel.expr.CheckedExpr` (github.com/google/cel-spec,
proto/cel/expr/checked.proto and syntax.proto) in protocol-buffers wire format. The few fields that we need are read
here, so that there is one parser of CEL - CEL's own - and no guessing by regular expressions.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

AND = "_&&_"
COMPARES = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_==_": "==", "_!=_": "!="}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}

# Field numbers of checked.proto (CheckedExpr), syntax.proto (Expr and its parts) and any.proto.
ANY_VALUE, CHECKED_EXPR = 2, 4
CONST, IDENT, SELECT, CALL, LIST, COMPREHENSION = 3, 4, 5, 6, 7, 9
IDENT_NAME, SELECT_OPERAND, SELECT_FIELD, CALL_TARGET, CALL_FUNCTION, CALL_ARGS, LIST_ELEMENTS = 1, 1, 2, 1, 2, 3, 1
CONST_DOUBLE, CONST_STRING = 5, 6
COMPREHENSION_PARTS = (2, 4, 5, 6, 7)  # iter_range, accu_init, loop_condition, loop_step, result
STRUCT, STRUCT_ENTRIES, ENTRY_PARTS = 8, 2, (3, 4)

Fields = dict[int, list[int | bytes]]
"""Values of a message by field number: numbers for varints, raw bytes for all else."""


class Comparison(NamedTuple):
    """A variable compared with a number, the variable on the left: `name op bound`."""

    name: str
    op: str
    """One of < <= > >= == !="""
    bound: float


class Node(NamedTuple):
    """A part of an expression. `kind` is ident, call, number, word, list, select or other."""

    kind: str
    name: str = ""
    """The variable, function, word or field."""
    value: float = 0.0
    parts: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def conjuncts(self) -> Iterator["Node"]:
        """The operands of the && at the top, however nested; the node itself where there is none."""
        if self.kind == "call" and self.name == AND:
            for part in self.parts:
                yield from part.conjuncts()
        else:
            yield self

    def comparison(self) -> Comparison | None:
        """The comparison of a variable with a number that this node is, if it is one."""
        op = COMPARES.get(self.name) if self.kind == "call" else None
        if op is None or len(self.parts) != 2:
            return None
        left, right = self.parts
        if (left.kind, right.kind) == ("ident", "number"):
            return Comparison(left.name, op, right.value)
        if (left.kind, right.kind) == ("number", "ident"):
            return Comparison(right.name, MIRRORED[op], left.value)
        return None

    def keys(self, variable: str) -> Iterator[str]:
        """The keys that are taken out of a map variable: `traits.plan`, `traits["plan"]`, `"plan" in traits`."""
        for node in self.walk():
            if node.kind == "select" and node.parts[0][:2] == ("ident", variable):
                yield node.name
            elif node.kind == "call" and node.name in ("_[_]", "@in"):
                sides = node.parts if node.name == "_[_]" else node.parts[::-1]
                if sides[0][:2] == ("ident", variable) and sides[1].kind == "word":
                    yield sides[1].name


def parse(serialised: bytes) -> Node:
    """The tree of what `Expression.serialize()` gave."""
    return _node(_first(_fields(_first(_fields(serialised), ANY_VALUE)), CHECKED_EXPR))


def _node(raw: bytes) -> Node:
    fields = _fields(raw)
    if CONST in fields:
        return _constant(_fields(_first(fields, CONST)))
    if IDENT in fields:
        return Node("ident", _first(_fields(_first(fields, IDENT)), IDENT_NAME).decode())
    if SELECT in fields:
        select = _fields(_first(fields, SELECT))
        return Node("select", _first(select, SELECT_FIELD).decode(), parts=_nodes(select, SELECT_OPERAND))
    if CALL in fields:
        call = _fields(_first(fields, CALL))
        return Node("call", _first(call, CALL_FUNCTION).decode(), parts=_nodes(call, CALL_TARGET, CALL_ARGS))
    if LIST in fields:
        return Node("list", parts=_nodes(_fields(_first(fields, LIST)), LIST_ELEMENTS))
    if STRUCT in fields:
        entries = [_fields(entry) for entry in _messages(_fields(_first(fields, STRUCT)), STRUCT_ENTRIES)]
        return Node("other", parts=tuple(node for entry in entries for node in _nodes(entry, *ENTRY_PARTS)))
    if COMPREHENSION in fields:
        return Node("other", parts=_nodes(_fields(_first(fields, COMPREHENSION)), *COMPREHENSION_PARTS))
    return Node("other")


def _nodes(fields: Fields, *numbers: int) -> tuple[Node, ...]:
    return tuple(_node(raw) for number in numbers for raw in _messages(fields, number))


def _constant(fields: Fields) -> Node:
    if CONST_DOUBLE in fields:
        return Node("number", value=float(struct.unpack("<d", _first(fields, CONST_DOUBLE))[0]))
    if CONST_STRING in fields:
        return Node("word", _first(fields, CONST_STRING).decode())
    return Node("other")  # whole numbers are compared with what is dynamic only: traits, whose type is not known


def _messages(fields: Fields, number: int) -> list[bytes]:
    return [raw for raw in fields.get(number, ()) if isinstance(raw, bytes)]


def _first(fields: Fields, number: int) -> bytes:
    found = _messages(fields, number)
    return found[0] if found else b""


def _fields(raw: bytes) -> Fields:
    """One message of the wire format (protobuf.dev/programming-guides/encoding)."""
    fields: Fields = {}
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if wire == 0:
            value, at = _varint(raw, at)
        else:
            size, at = (8, at) if wire == 1 else (4, at) if wire == 5 else _varint(raw, at)
            value, at = raw[at : at + size], at + size
        fields.setdefault(number, []).append(value)
    return fields


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
