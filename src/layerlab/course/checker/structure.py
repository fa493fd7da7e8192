"""What a text and a returned value have the wrong build for: nothing written, a return in a loop, a value's parts.

The comparison of two values' build is in ``comparing``; this page says which finding follows from it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .exercise import Exercise
from .loading import definition

Loop = ast.For | ast.While


def not_written(exercise: Exercise, node: ast.FunctionDef) -> bool:
    """Whether a function is still as it was handed out, or does nothing at all."""
    start = definition(ast.parse(exercise.text("start.py") or "pass"), exercise.function)
    body = _said(node)
    if start is not None and [ast.dump(line) for line in body] == [ast.dump(line) for line in _said(start)]:
        return True
    return all(isinstance(line, ast.Pass) or _ellipsis(line) or _not_implemented(line) for line in body)


def _said(node: ast.FunctionDef) -> list[ast.stmt]:
    """A function's statements without its docstring."""
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def _ellipsis(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and line.value.value is ...


def _not_implemented(line: ast.stmt) -> bool:
    return isinstance(line, ast.Raise) and line.exc is not None and "NotImplementedError" in ast.unparse(line.exc)


def returns_in_loops(node: ast.FunctionDef) -> list[int]:
    """The lines of returns that end a loop of the function in its first turn: directly in its body, under no ``if``."""
    return [line.lineno for loop in _loops(node) for line in loop.body if isinstance(line, ast.Return)]


def _loops(node: ast.AST) -> Iterator[Loop]:
    """The loops of a function, without those of functions within it."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(inner, ast.For | ast.While):
            yield inner
        yield from _loops(inner)
