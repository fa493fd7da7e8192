"""Small pieces of syntax trees, and what of a learner's text may not be moved into a lambda."""

from __future__ import annotations

import ast

OPERATORS = {
    ast.Add: "iadd",
    ast.Sub: "isub",
    ast.Mult: "imul",
    ast.MatMult: "imatmul",
    ast.Div: "itruediv",
    ast.FloorDiv: "ifloordiv",
    ast.Mod: "imod",
    ast.Pow: "ipow",
    ast.BitAnd: "iand",
    ast.BitOr: "ior",
    ast.BitXor: "ixor",
    ast.LShift: "ilshift",
    ast.RShift: "irshift",
}
"""The function of the module ``operator`` that does what ``x += y`` does, by the operator."""

OWN_SCOPE = {"locals", "vars", "dir", "eval", "exec", "super"}
"""Functions that look at the scope from which they are called, which a lambda would change."""


def immovable(tree: ast.AST) -> set[int]:
    """The ids of all nodes that would do something else within a lambda, or hold such a node."""
    found: set[int] = set()

    def holds(node: ast.AST) -> bool:
        inside = [holds(child) for child in ast.iter_child_nodes(node)]
        own = isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await) or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OWN_SCOPE
        )
        if own or any(inside):
            found.add(id(node))
            return True
        return False

    holds(tree)
    return found


def call_of(name: str, *arguments: ast.expr) -> ast.Call:
    """``name(arguments)``."""
    return ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=list(arguments), keywords=[])


def lambda_of(node: ast.expr) -> ast.Lambda:
    """``lambda: node``."""
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.copy_location(ast.Lambda(args=nothing, body=node), node)


def tick() -> ast.stmt:
    """Build the statement that counts a turn of a loop."""
    return ast.Expr(call_of("__tick__"))


def add_ticks(tree: ast.AST) -> None:
    """Let every loop of a tree count its turns, so that a run can be ended."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            node.body = [tick(), *node.body]
    ast.fix_missing_locations(tree)


def spelled(node: ast.expr) -> ast.expr:
    """A subscript as an expression: ``:, i`` is ``(slice(None, None, None), i)``."""
    if isinstance(node, ast.Slice):
        bounds = [part if part is not None else ast.Constant(None) for part in (node.lower, node.upper, node.step)]
        return ast.copy_location(call_of("__slice__", *bounds), node)
    if isinstance(node, ast.Tuple):
        node.elts = [spelled(part) for part in node.elts]
    return node


def own_text(lines: list[bytes], node: ast.AST) -> str:
    """The learner's own text of a node, on one line."""
    first, last = getattr(node, "lineno", 1) - 1, (getattr(node, "end_lineno", 1) or 1) - 1
    start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
    if first == last:
        return lines[first][start:end].decode()
    middle = [lines[n] for n in range(first + 1, last)]
    return " ".join(b" ".join([lines[first][start:], *middle, lines[last][:end]]).decode().split())


def imported_names(tree: ast.AST) -> frozenset[str]:
    """The names that ``import`` binds, anywhere in a tree: ``np`` for ``import numpy as np``."""
    return frozenset(
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    )
