"""A function that was written in a notebook is checked like a file: its text, in a process of its own."""

from __future__ import annotations

import inspect
import re
import symtable
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from layerlab.errors import InputError

from .checker.diagnostic import Diagnostic
from .checker.exercise import Exercise, all_exercises
from .reports import Report
from .running import check_source


def check_function(number: str, functions: Mapping[str, Callable[..., Any]]) -> Report:
    """Check one function by the name that its exercise asks for.

    Args:
        number: the exercise's number or id; "" where its function's name says which one it is.
        functions: the function by its name.

    Raises:
        InputError: the exercise or the function's text cannot be found.
    """
    if len(functions) != 1:
        raise InputError(
            "check takes one function by the name that the exercise asks for, as in "
            f"check(linear_backward=linear_backward); {len(functions)} functions came."
        )
    ((name, given),) = functions.items()
    exercise = _exercise(name, number)
    function = inspect.unwrap(given)
    if not isinstance(function, FunctionType):
        raise InputError(
            f"{name} has to be a function that is written in Python with def; {type(given).__name__} came."
        )
    if function.__module__.split(".")[0] == "layerlab":
        return _refused(exercise, Diagnostic("imported-answer", details={"module": function.__module__}))
    source = _source(function, name)
    imports = []
    for used in sorted(set(_globals(source)) & set(function.__globals__) - {name, *exercise.given}):
        line = _import(used, function)
        if line is None:
            return _refused(exercise, Diagnostic("uses-global", quantity=used, line=_line(source, used)))
        imports.append(line)
    return check_source(exercise, source + "\n" + "".join(f"{line}\n" for line in imports))


def _exercise(name: str, number: str) -> Exercise:
    named = [exercise for exercise in all_exercises() if exercise.function == name]
    if number:
        named = [exercise for exercise in named if number in (exercise.id, exercise.id.split("-")[0])]
    if not named:
        which = f"Exercise {number} has no" if number else "No exercise has a"
        raise InputError(f"{which} function {name!r}; 'layerlab learn list' names the function of each exercise.")
    if len(named) > 1:
        ids = " and ".join(exercise.id for exercise in named)
        raise InputError(
            f"Several exercises have a function {name!r}: {ids}. Say which one, as in "
            f'check(exercise="{named[0].id.split("-")[0]}", {name}={name}).'
        )
    return named[0]


def _refused(exercise: Exercise, found: Diagnostic) -> Report:
    return Report.of(exercise, {"passed": False, "findings": [found.record()]}, "", 0.0)


def _source(function: FunctionType, name: str) -> str:
    """The function's text under the exercise's name, on the lines of its cell."""
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except OSError:
        raise InputError(
            f"The text of {name} cannot be found: define it in a cell of a notebook or in a file, and pass it again."
        ) from None
    text = re.sub(rf"\bdef +{re.escape(function.__name__)}\b", f"def {name}", text, count=1)
    return "\n" * (function.__code__.co_firstlineno - 1) + text


def _globals(source: str) -> Iterator[str]:
    """The names that a text takes from outside of its functions."""
    tables = [symtable.symtable(source, "<notebook>", "exec")]
    for table in tables:
        tables.extend(table.get_children())
        if isinstance(table, symtable.Function):
            yield from table.get_globals()


def _import(name: str, function: FunctionType) -> str | None:
    """The line that imports what a function uses under this name; None for what its notebook made itself."""
    value = function.__globals__[name]
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    module, own = getattr(value, "__module__", None) or "numpy", getattr(value, "__name__", "")
    found = getattr(sys.modules.get(module), own, None) if own else None
    return f"from {module} import {own} as {name}" if found is value and module != function.__module__ else None


def _line(source: str, name: str) -> int | None:
    return next((k for k, line in enumerate(source.split("\n"), 1) if re.search(rf"\b{re.escape(name)}\b", line)), None)
