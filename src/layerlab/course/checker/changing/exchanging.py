"""Small changes that exchange a part of an expression for another of its kind, or leave it out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from .slots import OPERATORS_TRIED, Changes, Scope, Slot, called_name, exchanged

COMPARISONS_TRIED: tuple[type[ast.cmpop], ...] = (ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.Eq, ast.NotEq)
FAMILIES = (
    ("sum", "mean", "max", "min", "prod"),
    ("maximum", "minimum"),
    ("exp", "log", "sqrt", "square", "abs", "tanh", "log10", "log2", "log1p", "sin"),
    ("dot", "multiply", "outer"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("randn", "rand"),
    ("normal", "uniform"),
    ("standard_normal", "random"),
    ("argmax", "argmin"),
    ("any", "all"),
    ("vstack", "hstack"),
    ("sigmoid", "relu", "tanh"),
)
"""Functions that are taken for each other."""

REDUCTIONS = {"sum", "mean", "max", "min", "prod", "norm", "std", "var", "any", "all", "argmax", "argmin"}


def replaced(node: ast.expr, slot: Slot, scope: Scope) -> Changes:
    """What is exchanged for another thing of its kind, or left out."""
    if isinstance(node, ast.Constant):
        yield from _constant(node, slot, scope)
    elif isinstance(node, ast.Call):
        yield from _call(node, scope)
    elif type(node) in _BY_TYPE:
        yield from _BY_TYPE[type(node)](node)


def _unary(node: ast.UnaryOp) -> Changes:
    yield "sign" if isinstance(node.op, ast.USub) else "condition", node.operand


def _comparison(node: ast.Compare) -> Changes:
    for other in COMPARISONS_TRIED:
        if not isinstance(node.ops[0], other):
            yield "comparison", ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def _both(node: ast.BoolOp) -> Changes:
    yield "condition", ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)


def _choice(node: ast.IfExp) -> Changes:
    yield "condition", ast.IfExp(node.test, node.orelse, node.body)


def _attribute(node: ast.Attribute) -> Changes:
    if node.attr == "T":
        yield "transpose", node.value


def _items(node: ast.Tuple | ast.List) -> Changes:
    for elements in exchanged(node.elts):
        yield "order", type(node)(elements, ast.Load())


def _values(node: ast.Dict) -> Changes:
    for values in exchanged(node.values):
        yield "order", ast.Dict(node.keys, values)


def _subscript(node: ast.Subscript) -> Changes:
    yield "index", node.value


def _operation(node: ast.BinOp) -> Changes:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield "order", ast.BinOp(right, node.op, left)
    for other in OPERATORS_TRIED:
        if not isinstance(node.op, other):
            yield "operator", ast.BinOp(left, other(), right)
    kind = "factor" if isinstance(node.op, ast.Mult | ast.Div | ast.MatMult | ast.Pow) else "term"
    yield kind, left
    yield kind, right
    if isinstance(node.op, ast.Sub):
        yield kind, ast.UnaryOp(ast.USub(), right)


_BY_TYPE: dict[type[ast.expr], Callable[[Any], Changes]] = {
    ast.BinOp: _operation,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.BoolOp: _both,
    ast.IfExp: _choice,
    ast.Attribute: _attribute,
    ast.Tuple: _items,
    ast.List: _items,
    ast.Dict: _values,
    ast.Subscript: _subscript,
}


def _call(node: ast.Call, scope: Scope) -> Changes:
    name = called_name(node)
    for arguments in exchanged(node.args):
        yield "order", ast.Call(node.func, arguments, node.keywords)
    for family in FAMILIES:
        for other in family if name in family else ():
            if other != name:
                yield "function", ast.Call(_renamed(node.func, other), node.args, node.keywords)
    if len(node.args) == 1:
        yield "function", node.args[0]
    elif not node.args and isinstance(node.func, ast.Attribute):
        yield "function", node.func.value
    yield from _keywords(node, scope)
    if name == "range":
        yield from _range(node)
    elif name == "reversed":
        yield "order", node.args[0]


def _keywords(node: ast.Call, scope: Scope) -> Changes:
    """A named argument left out, or put in."""
    for number in range(len(node.keywords)):
        others = [keyword for place, keyword in enumerate(node.keywords) if place != number]
        yield "axis", ast.Call(node.func, node.args, others)
    if called_name(node) in REDUCTIONS:
        yield from _along(node)
    given = {keyword.arg for keyword in node.keywords}
    for name in scope.functions.get(called_name(node), ())[len(node.args) :]:
        for value in (name, *scope.of_kind("number")) if name not in given else ():
            if value in scope.names:
                keyword = ast.keyword(name, ast.Name(value, ast.Load()))
                yield "argument", ast.Call(node.func, node.args, [*node.keywords, keyword])


def _range(node: ast.Call) -> Changes:
    first, last = node.args[0], node.args[-1]
    if len(node.args) == 1:
        yield "index", ast.Call(node.func, [ast.Constant(1), last], [])
    if len(node.args) == 2:
        yield "index", ast.Call(node.func, [last], [])
        yield "index", ast.Call(node.func, [first, ast.BinOp(last, ast.Add(), ast.Constant(1))], [])
    yield "order", ast.Call(ast.Name("reversed", ast.Load()), [node], [])


def _along(node: ast.Call) -> Changes:
    """A sum or the like along an axis, with its axis kept."""
    given = {keyword.arg for keyword in node.keywords}
    keeps = ast.keyword("keepdims", ast.Constant(True))
    if "keepdims" not in given:
        yield "axis", ast.Call(node.func, node.args, [*node.keywords, keeps])
    if "axis" not in given:
        for axis in (0, 1):
            along = [*node.keywords, ast.keyword("axis", ast.Constant(axis))]
            yield "axis", ast.Call(node.func, node.args, along)
            if "keepdims" not in given:
                yield "axis", ast.Call(node.func, node.args, [*along, keeps])


def _constant(node: ast.Constant, slot: Slot, scope: Scope) -> Changes:
    if isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node.value, str):
        yield from _text(node.value, slot, scope)
    elif isinstance(node.value, int | float) and not isinstance(slot.parent, ast.keyword):
        number, kind = node.value, "index" if isinstance(slot.parent, ast.Subscript | ast.Slice) else "constant"
        near = (number + 1, number - 1, -number, 0, 1, 2, -1, 0.5, number / 2, number * 2, number * 10, number / 10)
        for other in dict.fromkeys((*near, number - 0.5, number + 0.5, 3, 4, 100, 255)):
            if other != number:
                yield kind, ast.Constant(other)


def _text(text: str, slot: Slot, scope: Scope) -> Changes:
    kind = "word" if isinstance(slot.parent, ast.Call | ast.keyword | ast.Compare) else "key"
    if found := re.fullmatch(r"(.*?)(\d+)(.*)", text):
        for step in (1, -1):
            yield kind, ast.Constant(f"{found[1]}{int(found[2]) + step}{found[3]}")
    yield kind, ast.Constant(text[1:] if text[:1] == "d" else f"d{text}")
    for other in scope.texts:
        if other != text:
            yield kind, ast.Constant(other)


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def keyword_changed(node: ast.keyword) -> Changes:
    """Another axis, or the opposite of a choice."""
    if node.arg == "axis":
        for axis in (0, 1, -1, None):
            yield "axis", ast.keyword("axis", ast.Constant(axis))
    elif isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
        yield (
            "axis" if node.arg == "keepdims" else "constant",
            ast.keyword(node.arg, ast.Constant(not node.value.value)),
        )
