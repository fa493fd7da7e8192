"""What a function must leave alone: the caller's arguments.

Where it changed them, it is called once more with arguments that refuse to be written into, which gives the line.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..comparing import same
from ..diagnostic import Diagnostic
from .limits import learners_line
from .loading import Loaded

Arguments = Mapping[str, Any]


class KeptError(TypeError):
    """Something tried to change a dict or a list that belongs to the caller."""


def _refuse(*_arguments: object, **_named: object) -> None:
    raise KeptError("this belongs to the caller")


class KeptDict(dict[Any, Any]):
    """A caller's dict: it can be read and copied, and refuses to be changed."""

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)


class KeptList(list[Any]):
    """A caller's list: it can be read and copied, and refuses to be changed."""

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [copy.deepcopy(value, memo) for value in self]

    def __copy__(self) -> list[Any]:
        return list(self)


for _kind, _names in (
    (KeptDict, ("__setitem__", "__delitem__", "__ior__", "pop", "popitem", "update", "clear", "setdefault")),
    (KeptList, ("__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "extend", "insert", "pop", "remove")),
    (KeptList, ("clear", "sort", "reverse")),
):
    for _name in _names:
        setattr(_kind, _name, _refuse)


def kept(value: Any) -> Any:
    """A copy that refuses to be written into: arrays, dicts and lists, at every depth."""
    if isinstance(value, np.ndarray):
        array = value.copy()
        array.flags.writeable = False
        return array
    if type(value) is dict:
        return KeptDict({key: kept(inner) for key, inner in value.items()})
    if type(value) is list:
        return KeptList([kept(inner) for inner in value])
    if type(value) is tuple:
        return tuple(kept(inner) for inner in value)
    return copy.deepcopy(value)


def changed_names(before: Any, after: Any, name: str) -> list[str]:
    """The names of what differs between an argument before and after a call, to the bit.

    Keys of a dict name themselves, entries of a list or tuple are ``name[0]``.
    """
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        equal = before.dtype == after.dtype and before.shape == after.shape and before.tobytes() == after.tobytes()
        return [] if equal else [name]
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [*before, *(key for key in after if key not in before)]
        pairs: Iterator[tuple[str, Any, Any]] = ((str(key), before.get(key), after.get(key)) for key in keys)
    elif isinstance(before, (list, tuple)) and type(before) is type(after):
        if len(before) != len(after):
            return [name]
        pairs = ((f"{name}[{n}]", a, b) for n, (a, b) in enumerate(zip(before, after, strict=True)))
    elif isinstance(before, (int, float, str, bool, type(None))):
        return [] if type(before) is type(after) and (before == after or before != before) else [name]
    else:
        return []  # a generator of random numbers, a function: drawing from it and calling it is what it is for
    return [found for inner, a, b in pairs for found in changed_names(a, b, inner)]


def mutation(loaded: Loaded, arguments: Arguments, after: Arguments) -> Diagnostic | None:
    """The finding about arguments that a call changed, with the line that writes into them.

    Args:
        loaded: the learner's file.
        arguments: as they were given to the call.
        after: the same objects after the call.
    """
    names = {argument: changed_names(arguments[argument], after[argument], argument) for argument in arguments}
    hit = [argument for argument in arguments if names[argument]]
    if not hit:
        return None
    line, how = _written_at(loaded, {argument: kept(value) for argument, value in arguments.items()})
    inner = list(dict.fromkeys(name for argument in hit for name in names[argument]))
    details = {"names": inner, "how": how, "copied": _shallow_copy(loaded, hit)}
    return Diagnostic("mutated", hit[0], line=line, details=details)


def _written_at(loaded: Loaded, arguments: Arguments) -> tuple[int | None, str]:
    """The line that is refused by arguments that keep themselves, and how it writes: in place, or a new entry."""
    try:
        with np.errstate(all="ignore"):
            loaded.function(*arguments.values())
    except KeptError as error:
        return learners_line(error), "entry"
    except Exception as error:
        line = learners_line(error)
        return line, _how(loaded, line)
    return _attribute_set(loaded), "other"


def _attribute_set(loaded: Loaded) -> int | None:
    """The line that gives an argument another shape: ``x.shape = …``, which no array refuses."""
    node = loaded.node
    parameters = set() if node is None else {argument.arg for argument in node.args.args}
    lines = [
        inner.lineno
        for inner in ast.walk(node if node is not None else loaded.tree)
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
        if isinstance(inner.value, ast.Name) and inner.value.id in parameters
    ]
    return min(lines, default=None)


def _how(loaded: Loaded, line: int | None) -> str:
    """How the statement in a line writes: ``x -= 1``, ``x[0] = 1``, or in another way."""
    for node in ast.walk(loaded.tree):
        if isinstance(node, ast.stmt) and line is not None and node.lineno <= line <= (node.end_lineno or node.lineno):
            if isinstance(node, ast.AugAssign):
                return "augmented"
            if isinstance(node, ast.Assign) and any(isinstance(target, ast.Subscript) for target in node.targets):
                return "element"
    return "other"


def _shallow_copy(loaded: Loaded, arguments: Sequence[str]) -> str | None:
    """The text of a copy that the function makes of an argument and that shares its arrays: ``parameters.copy()``."""
    if loaded.node is None:
        return None
    for node in ast.walk(loaded.node):
        if not isinstance(node, ast.Call) or len(node.args) > 1:
            continue
        match node.func, node.args:
            case ast.Attribute(ast.Name(name), "copy"), []:
                shared = name
            case ast.Name("dict" | "list"), [ast.Name(name)]:
                shared = name
            case ast.Attribute(ast.Name("copy"), "copy"), [ast.Name(name)]:
                shared = name
            case _:
                continue
        if shared in _own_names(loaded, arguments):
            return ast.unparse(node)
    return None


def _own_names(loaded: Loaded, arguments: Sequence[str]) -> set[str]:
    """Arguments by the names that the learner's own parameters have."""
    return {*arguments, *([argument.arg for argument in loaded.node.args.args] if loaded.node else [])}


def handed_in(name: str, value: Any, calls: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a value is the argument of this name in one of the calls, or the entry of this name in an argument."""
    for arguments in calls:
        for key, argument in arguments.items():
            inside = isinstance(argument, Mapping) and name in argument
            if (inside or key == name) and same(value, argument[name] if inside else argument):
                return True
    return False
