"""Data that a function takes from the top level of its file in place of an argument: ``X``, ``m``, ``learning_rate``.

That the function reads a name is shown by calling it without that name. That the name stands for an argument is shown
by putting the argument into it: then every fixture comes out right.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..diagnostic import Diagnostic
from .loading import Loaded


def outside(file: Loaded, known: Sequence[Mapping[str, Any]], right: Callable[[int], bool]) -> Diagnostic | None:
    """The finding about data that a wrong function takes from outside its arguments.

    A constant of the file (a small number against a division by zero) is no fault. A name is one that stands for a
    quantity of the exercise or has its name, and so is an array, a dict or a list.

    Args:
        file: the learner's file.
        known: the exercise's quantities in each fixture: arguments, sizes, and what the solution assigns.
        right: calls the function on one fixture, and says whether its answer is right.
    """
    for name in _data(file):
        if not _fails_without(file, name, lambda: right(0)):
            continue
        value = file.names[name]
        stands_for = _stands_for(file, name, known, right)
        if stands_for is not None or name in known[0] or not isinstance(value, (str, int, float, np.number)):
            details = {"type": type(value).__name__, "stands_for": stands_for}
            return Diagnostic("uses-global", name, line=_first_read(file, name), details=details)
    return None


def _data(file: Loaded) -> list[str]:
    """Names of the file's top level that are assigned there, are read in a function, and hold numbers or a text."""
    assigned = {
        node.id
        for statement in file.tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    read = {
        node.id
        for function in ast.walk(file.tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
    }
    return sorted(name for name in assigned & read if name in file.names and _is_data(file.names[name]))


def _is_data(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufc"
    if isinstance(value, dict):
        return all(_is_data(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return all(_is_data(inner) for inner in value)
    return isinstance(value, str) or _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _fails_without(file: Loaded, name: str, call: Callable[[], object]) -> bool:
    """Whether a call does not find the name when it is gone."""
    value = file.names.pop(name)
    missed: list[str | None] = []
    try:
        with np.errstate(all="ignore"):
            call()
    except NameError as error:
        missed.append(error.name)
    except Exception:  # noqa: S110 - it fails at something else
        pass
    finally:
        file.names[name] = value
    return name in missed


def _stands_for(
    file: Loaded, name: str, known: Sequence[Mapping[str, Any]], right: Callable[[int], bool]
) -> str | None:
    """The quantity of the exercise that makes every fixture right when it is put into a name of the file."""
    value = file.names[name]
    try:
        for quantity in _alike(value, known):
            for case, quantities in enumerate(known):
                file.names[name] = quantities[quantity]
                if not _is_right(right, case):
                    break
            else:
                return quantity
    finally:
        file.names[name] = value
    return None


def _is_right(right: Callable[[int], bool], case: int) -> bool:
    try:
        with np.errstate(all="ignore"):
            return right(case)
    except Exception:
        return False


def _alike(value: Any, known: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Quantities that a value may stand for: numbers for a number, arrays for an array, dicts for a dict."""
    for quantity, other in known[0].items():
        alike = type(other) is type(value) or (_is_number(other) and _is_number(value))
        if alike and all(quantity in quantities for quantities in known):
            yield quantity


def _first_read(file: Loaded, name: str) -> int | None:
    node = file.tree if file.node is None else file.node
    lines = [inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id == name]
    return min(lines) if lines else None
