"""Load a learner's file as Python does, and say what kept it from loading, or how a call ended other than by an answer.

The file is run in names of its own, which hold what the exercise hands out. Its function runs here as it was written;
the instrumented copy that the diagnosis needs is built elsewhere, from the same text.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ..diagnostic import Diagnostic
from ..exercise import Exercise
from .limits import LEARNERS_FILE, ending, learners_line


@dataclass(frozen=True)
class Loaded:
    """A learner's file that loaded.

    Attributes:
        tree: its syntax tree.
        names: everything at its top level, with what the exercise hands out.
        function: the function that the exercise asks for.
        node: the function's definition, or None where the name was bound to something defined elsewhere.
    """

    tree: ast.Module
    names: dict[str, Any]
    function: Callable[..., Any]
    node: ast.FunctionDef | None


def loaded(exercise: Exercise, source: str) -> Loaded | Diagnostic:
    """Run a learner's file; the finding says what kept its function from being there."""
    try:
        tree = ast.parse(source, LEARNERS_FILE)
        code = compile(tree, LEARNERS_FILE, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _unreadable(error, source)
    answer = imported_answer(tree)
    if answer is not None:
        return answer
    names: dict[str, Any] = {**exercise.given_names, "__name__": "exercise", "__builtins__": builtins}
    try:
        exec(code, names)
    except BaseException as error:
        ended = ending(error)
        return ended if ended is not None else _not_loaded(error)
    function = names.get(exercise.function)
    node = definition(tree, exercise.function)
    if not callable(function) or function is exercise.given_names.get(exercise.function):
        return _missing(exercise, tree, function)
    return Loaded(tree, names, function, node)


def definition(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    """The last definition of a function at the top level of a file."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def imported_answer(tree: ast.Module) -> Diagnostic | None:
    """The finding about an import of layerlab, outside what runs as a program of its own."""
    for node in _run_on_import(tree):
        modules = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        for module in modules:
            if module.split(".")[0] == "layerlab":
                return Diagnostic("imported-answer", line=node.lineno, details={"module": module})
    return None


def _run_on_import(tree: ast.Module) -> list[Any]:
    """Every node of a file but those under ``if __name__ == "__main__":``."""
    own = [node for node in tree.body if not (isinstance(node, ast.If) and "__name__" in ast.unparse(node.test))]
    return [inner for node in own for inner in ast.walk(node)]


def _unreadable(error: Exception, source: str) -> Diagnostic:
    line = error.lineno if isinstance(error, SyntaxError) else None
    lines = source.splitlines()
    shown = lines[line - 1].strip() if line is not None and 0 < line <= len(lines) else ""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return Diagnostic("syntax", line=line, details={"text": text, "shown": shown})


def _not_loaded(error: BaseException) -> Diagnostic:
    details = {"exception": type(error).__name__, "text": str(error)}
    if isinstance(error, ImportError) and error.name == "given":
        found = re.search("import name '(.*?)'", str(error))
        details |= {"given": found[1]} if found is not None else {}
    return Diagnostic("not-loaded", line=learners_line(error), details=details)


def _missing(exercise: Exercise, tree: ast.Module, found: object) -> Diagnostic:
    written = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    close = get_close_matches(exercise.function, written, 1, 0.6) or written[:1]
    return Diagnostic(
        "function-missing",
        details={
            "function": exercise.function,
            "nearest": close[0] if close and close[0] != exercise.function else None,
            "type": None if found is None else type(found).__name__,
        },
    )
