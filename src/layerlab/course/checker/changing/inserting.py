"""Small changes that put another variable into an expression, or something that was left out."""

from __future__ import annotations

import ast
import itertools

from .slots import OPERATORS_TRIED, Changes, Scope, Slot

WRAPPED = ("copy", "array", "abs", "exp", "log", "square", "sqrt", "tanh", "sum", "mean")
"""Functions of NumPy that may have been left out."""

MADE = (ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.UnaryOp)
"""Expressions that may hold a number or an array."""


def _is_called(slot: Slot) -> bool:
    return isinstance(slot.parent, ast.Call) and slot.field == "func"


def unread_variable(node: ast.expr, slot: Slot, scope: Scope) -> Changes:
    """A variable that nothing reads, in the place of another."""
    if isinstance(node, ast.Name) and not _is_called(slot):
        for name in scope.unread:
            if name != node.id:
                yield "variable", ast.Name(name, ast.Load())


def other_variable(node: ast.expr, slot: Slot, scope: Scope) -> Changes:
    """Another variable; those that hold the same kind of value come first."""
    if isinstance(node, ast.Name) and not _is_called(slot):
        kind = scope.kinds.get(node.id)
        alike = [name for name in scope.names if name != node.id and scope.kinds.get(name) == kind]
        for name in [*alike, *(other for other in scope.names if other != node.id and other not in alike)]:
            yield "variable", ast.Name(name, ast.Load())
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        for name in scope.of_kind("number"):
            yield "variable", ast.Name(name, ast.Load())


def put_in(node: ast.expr, slot: Slot, scope: Scope) -> Changes:
    """Something small that was left out."""
    if _is_called(slot) or not isinstance(node, MADE):
        return
    if isinstance(slot.parent, ast.Subscript) and slot.field == "slice":
        for operator in (ast.Add(), ast.Sub()):
            yield "index", ast.BinOp(node, operator, ast.Constant(1))
        return
    if not isinstance(node, ast.Name) or scope.kinds.get(node.id) != "number":
        yield "transpose", ast.Attribute(node, "T", ast.Load())
    yield "sign", ast.UnaryOp(ast.USub(), node)
    for operator in (ast.Add(), ast.Sub()):
        yield "offset", ast.BinOp(node, operator, ast.Constant(1))
    yield "term", ast.BinOp(ast.Constant(1), ast.Sub(), node)
    for factor in (*(ast.Name(name, ast.Load()) for name in scope.of_kind("number")), ast.Constant(2)):
        yield "factor", ast.BinOp(node, ast.Div(), factor)
        yield "factor", ast.BinOp(node, ast.Mult(), factor)
    functions: list[ast.expr] = [ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()) for name in WRAPPED]
    for function in (*functions, *(ast.Name(name, ast.Load()) for name in scope.functions)):
        yield "function", ast.Call(function, [node], [])
    yield "factor", ast.BinOp(node, ast.Pow(), ast.Constant(2))


def term_put_in(node: ast.expr, slot: Slot, scope: Scope) -> Changes:
    """A term or a factor that was left out and is a variable or an item of one."""
    if isinstance(node, MADE) and not _is_called(slot) and not isinstance(slot.parent, ast.Subscript | ast.keyword):
        others = [ast.Name(name, ast.Load()) for name in scope.of_kind("array", "number")]
        for other, operator in itertools.product([*others, *scope.parts], OPERATORS_TRIED):
            yield "term", ast.BinOp(node, operator(), other)
            if operator in (ast.Sub, ast.MatMult):
                yield "term", ast.BinOp(other, operator(), node)
