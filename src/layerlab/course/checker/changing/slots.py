"""Places in the syntax tree of a learner's text, what a function can name, and one change of it."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Changes = Iterator[tuple[str, Any]]
"""What may be put in a place: what sort of change it is, and the node."""

OPERATORS_TRIED: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult)


@dataclass(frozen=True)
class Slot:
    """A place in a syntax tree where a node stands."""

    parent: ast.AST
    field: str
    number: int | None = None

    def get(self) -> Any:
        """The node that stands there."""
        value = getattr(self.parent, self.field)
        return value if self.number is None else value[self.number]

    def put(self, node: Any) -> None:
        """Put another node of the syntax tree into this place."""
        if self.number is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.number] = node


@dataclass(frozen=True)
class Edit:
    """One change.

    Attributes:
        kind: what sort of change, in a word: "operator", "transpose", "axis", …
        slot: the place.
        new: what is put there.
        statement: the statement that it lies in.
    """

    kind: str
    slot: Slot
    new: Any
    statement: ast.stmt


@dataclass
class Scope:
    """What a function can name.

    Attributes:
        names: its variables and arguments.
        kinds: what they hold, in a word, as far as it is known: "number", "array", "dict", …
        functions: functions that the file or the exercise has, with the names of their arguments.
        texts: texts that the function holds.
        unread: variables that are assigned and never read.
        parts: small expressions that the function holds, beside names.
    """

    names: Sequence[str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Sequence[str] = ()
    unread: Sequence[str] = ()
    parts: Sequence[ast.expr] = ()

    def of_kind(self, *kinds: str) -> list[str]:
        """The variables that hold this, or may hold it."""
        return [name for name in self.names if self.kinds.get(name, kinds[0]) in kinds]


def statements_of(function: ast.FunctionDef) -> list[tuple[Slot, ast.stmt]]:
    """All statements of a function with their places, in the order of the text; docstrings aside."""
    found: list[tuple[Slot, ast.stmt]] = []

    def collect(parent: ast.AST) -> None:
        for name, value in ast.iter_fields(parent):
            if isinstance(value, list):
                for number, node in enumerate(value):
                    if isinstance(node, ast.stmt):
                        found.append((Slot(parent, name, number), node))
                        collect(node)

    collect(function)
    return [(slot, node) for slot, node in found if not _is_docstring(node)]


def scope_of(
    function: ast.FunctionDef, kinds: Mapping[str, str], functions: Mapping[str, Sequence[str]], words: Sequence[str]
) -> Scope:
    """What a function can name.

    Args:
        function: its definition.
        kinds: what its variables hold, as far as it is known.
        functions: that it can call, with the names of their arguments.
        words: further texts that may stand in it.
    """
    nodes = list(ast.walk(function))
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    filled = {id(node.value) for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)}
    loads = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    read = {node.id for node in loads if id(node) not in filled}
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    parts = {
        ast.dump(node): node for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
    }
    names = list(dict.fromkeys([argument.arg for argument in function.args.args] + stored))
    unread = [name for name in dict.fromkeys(stored) if name not in read]
    return Scope(
        names, kinds, functions, list(dict.fromkeys([*texts, *words])), unread, copy.deepcopy(list(parts.values())[:12])
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def expressions_of(node: ast.AST) -> Iterator[tuple[Slot, bool]]:
    """The places of a statement's expressions, those of statements inside it aside, and whether they are targets."""
    for name, value in ast.iter_fields(node):
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for number, child in children:
            if isinstance(child, ast.expr | ast.keyword | ast.comprehension | ast.Slice):
                if not isinstance(child, ast.comprehension):
                    yield Slot(node, name, number), isinstance(getattr(child, "ctx", None), ast.Store)
                yield from expressions_of(child)


def exchanged(nodes: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Give the nodes with two of them exchanged."""
    for first, second in itertools.combinations(range(min(len(nodes), 6)), 2):
        changed = list(nodes)
        changed[first], changed[second] = changed[second], changed[first]
        yield changed


def called_name(node: ast.Call) -> str:
    """The last name of what a call calls."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
