"""What a text and a returned value have the wrong build for: nothing written, a return in a loop, a value's parts.

The comparison of two values' build is in ``comparing``; this page says which finding follows from it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..comparing import structure_fault
from ..exercise import Exercise
from .loading import Loaded, definition

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


def assigned_at(file: Loaded, name: str) -> int | None:
    """The last line that gives a value to a name, or to a key: ``W1 = …``, ``parameters["W" + str(l)] = …``."""
    lines = [
        node.lineno
        for node in ast.walk(file.node if file.node is not None else file.tree)
        if isinstance(node, ast.Assign) and any(_is_called(target, name) for target in node.targets)
    ]
    return max(lines, default=None)


def _is_called(target: ast.expr, name: str) -> bool:
    """Whether a target of an assignment is the name, or a subscript by a text that begins like it."""
    if isinstance(target, ast.Name):
        return target.id == name
    if not isinstance(target, ast.Subscript):
        return False
    texts = [
        node.value for node in ast.walk(target.slice) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return any(text and name.startswith(text) for text in texts)


def built_wrong(file: Loaded, got: Any, wanted: Any, outputs: Sequence[str]) -> tuple[str, int | None] | None:
    """How a returned value's build is wrong, and the line where a missing key was given another name, if there is one.

    Args:
        file: the learner's file.
        got: what the function returned.
        wanted: what it should return.
        outputs: the names of what it returns.
    """
    fault = structure_fault(got, wanted, outputs)
    if fault is None:
        return None
    missing = re.match("missing key '(.*?)'", fault)
    return fault, None if missing is None else _named_otherwise(file, got, wanted)


def _named_otherwise(file: Loaded, got: Any, wanted: Any) -> int | None:
    """The line that names a key of a returned dict which should not be there."""
    others = [key for key in _keys(got) if key not in _keys(wanted)]
    texts = [
        (len(node.value), node.lineno)
        for node in (ast.walk(file.node) if file.node is not None else ())
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
        if any(key.startswith(node.value) for key in others)
    ]
    return max(texts)[1] if texts else None


def _keys(value: Any) -> list[str]:
    """The keys of a dict, and of dicts in a tuple or list."""
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    if isinstance(value, (tuple, list)):
        return [key for inner in value for key in _keys(inner)]
    return []
