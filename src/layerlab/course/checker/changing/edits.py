"""Small changes of a learner's text, one at a time: what a function may need to be right, and no more than that.

A change puts one node of the syntax tree in another's place: another operator, ``.T`` or none, another axis, variable,
key or number, a factor left out or put in. The simple ones come first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .exchanging import keyword_changed, replaced
from .inserting import other_variable, put_in, term_put_in, unread_variable
from .slots import OPERATORS_TRIED, Changes, Edit, Scope, Slot, exchanged, expressions_of

KINDS = (
    *("operator", "order", "function", "variable", "constant", "offset", "index", "key", "word", "comparison", "axis"),
    *("transpose", "sign", "factor", "term", "condition", "extra step", "structure", "not kept", "argument", "stale"),
)
"""What sort of change there is."""

LEVELS = 5
"""Levels of changes: a value that is never read, what is exchanged or left out, other variables, what is put in."""


def edits_of(slot: Slot, statement: ast.stmt, scope: Scope, level: int) -> Iterator[Edit]:
    """The changes of one statement on one level."""
    if level == 1:
        for kind, new in _of_statement(statement, scope):
            yield Edit(kind, slot, new, statement)
    for inner, stored in expressions_of(statement):
        node = inner.get()
        if isinstance(node, ast.keyword):
            changes = keyword_changed(node) if level == 1 else iter(())
        elif stored:
            changes = _of_target(node, scope) if level == 4 else iter(())
        else:
            changes = (unread_variable, replaced, other_variable, put_in, term_put_in)[level](node, inner, scope)
        for kind, new in changes:
            if not _put_into_itself(statement, new):
                yield Edit(kind, inner, new, statement)


def _put_into_itself(statement: ast.stmt, new: ast.AST) -> bool:
    """Whether a list would be appended to itself: NumPy never ends on such a list."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "insert" | "extend"))):
            return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(new))
    return False


def _of_statement(node: ast.stmt, scope: Scope) -> Changes:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        used = [inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name) and inner.id in scope.names]
        for name in dict.fromkeys([*used, *scope.names]):
            yield "not kept", ast.Assign([ast.Name(name, ast.Store())], node.value)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Subscript):
        for operator in OPERATORS_TRIED[:4]:
            yield "operator", ast.AugAssign(node.targets[0], operator(), node.value)
    if isinstance(node, ast.AugAssign):
        for operator in OPERATORS_TRIED:
            if not isinstance(node.op, operator):
                yield "operator", ast.AugAssign(node.target, operator(), node.value)
        yield "operator", ast.Assign([node.target], node.value)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        yield "extra step", ast.Pass()
    yield from _of_return(node, scope)


def _of_return(node: ast.stmt, scope: Scope) -> Changes:
    if isinstance(node, ast.Return) and node.value is not None:
        given = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for name in scope.names:
            yield "structure", ast.Return(ast.Tuple([*given, ast.Name(name, ast.Load())], ast.Load()))


def _of_target(node: ast.expr, scope: Scope) -> Changes:
    if isinstance(node, ast.Name):
        for other in scope.names:
            if other != node.id:
                yield "variable", ast.Name(other, ast.Store())
    elif isinstance(node, ast.Tuple):
        for elements in exchanged(node.elts):
            yield "order", ast.Tuple(elements, ast.Store())
