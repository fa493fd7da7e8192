"""Find loops that go round once an example, a row or a unit, where the solution lets NumPy do that.

A copy of the file's functions counts how often each of its loops turns. A loop over layers or iterations turns as often
as one of the solution's; one over the keys of a dict turns as often as there are keys. What is left turns as often as
a size of the fixture says, on every fixture. Where loops are refused, a function of the file that is called as often,
by ``map``, by ``np.vectorize`` or by itself, counts as one.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..diagnostic import Diagnostic
from .limits import LEARNERS_FILE
from .loading import Loaded

Counts = dict[int, tuple[int, ...]]
"""How often the loop in a line turned, a fixture."""

TURN = "__turn"
"""The name of what counts, in the copy."""


def loop_advice(
    file: Loaded,
    solution: Loaded,
    arguments: Sequence[Mapping[str, Any]],
    sizes: Sequence[Mapping[str, int]],
    *,
    strict: bool = False,
) -> Diagnostic | None:
    """Advice about loops over examples, rows or units; None where there are none, or the solution has them too.

    Args:
        file: the learner's file.
        solution: the solution, loaded.
        arguments: of each fixture.
        sizes: of each fixture.
        strict: whether a loop that turns more than once is enough, over whatever it goes.
    """
    loops = (ast.For, ast.While, ast.comprehension)
    if not strict and not any(isinstance(node, loops) for node in ast.walk(file.tree)):
        return None
    allowed = set(_turns(solution, arguments).values())
    by_size = {counts: name for name, counts in _sizes(sizes).items() if len(set(counts)) > 1 and counts not in allowed}
    turns = _turns(file, arguments)
    lines = {
        line: by_size.get(n) for line, n in turns.items() if line > 0 and (n in by_size or (strict and max(n) > 1))
    }
    if strict and not lines:
        lines = {-line: _called(n, by_size) for line, n in turns.items() if line < 0 and _called(n, by_size)}
    if not lines:
        return None
    first = min(lines)
    return Diagnostic("loop", line=first, details={"lines": sorted(lines), "size": lines[first]})


def _called(counts: tuple[int, ...], by_size: Mapping[tuple[int, ...], str]) -> str | None:
    """The size as often as which a function was called, or once more, to begin or to end with."""
    return by_size.get(counts) or by_size.get(tuple(count - 1 for count in counts))


def _sizes(sizes: Sequence[Mapping[str, int]]) -> dict[str, tuple[int, ...]]:
    """The sizes and the products of two of them, a fixture, by name; a single size counts before a product."""
    names = [name for name in sizes[0] if all(isinstance(size.get(name), int) for size in sizes)]
    pairs = {f"{a} · {b}": tuple(size[a] * size[b] for size in sizes) for a, b in combinations(names, 2)}
    return pairs | {name: tuple(size[name] for size in sizes) for name in names}


def _turns(file: Loaded, arguments: Sequence[Mapping[str, Any]]) -> Counts:
    """How often each loop turns in a call, a fixture, by its line; by −line how often a function is entered."""
    counted: list[dict[int, int]] = []
    function = _counting(file, lambda line: counted[-1].update({line: counted[-1].get(line, 0) + 1}))
    for given in arguments:
        counted.append({})
        with np.errstate(all="ignore"):
            function(*copy.deepcopy(dict(given)).values())
    lines = {line for turns in counted for line in turns}
    return {line: tuple(turns.get(line, 0) for turns in counted) for line in sorted(lines)}


def _counting(file: Loaded, turn: Callable[[int], None]) -> Callable[..., Any]:
    """A copy of a file's function that tells ``turn`` the line of a loop each time that it goes round."""
    functions = [node for node in file.tree.body if isinstance(node, ast.FunctionDef)]
    tree = ast.Module([_Counter().visit(copy.deepcopy(node)) for node in functions], [])
    names = file.names | {TURN: turn}
    exec(compile(ast.fix_missing_locations(tree), LEARNERS_FILE, "exec"), names)
    name = file.node.name if file.node is not None else ""
    counting: Callable[..., Any] = names.get(name, file.function)
    return counting


class _Counter(ast.NodeTransformer):
    """Puts a call that counts at the beginning of every loop and every function."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(_call(-node.lineno)))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        node.body = _counted(node.body, -node.lineno)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._begin(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._begin(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._element(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._element(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._element(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        node.key = _counted(node.key, node.lineno)
        return node

    def _begin(self, node: ast.For | ast.While) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(_call(node.lineno)))
        return node

    def _element(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        node.elt = _counted(node.elt, node.lineno)
        return node


def _call(line: int) -> ast.Call:
    return ast.Call(ast.Name(TURN, ast.Load()), [ast.Constant(line)], [])


def _counted(element: ast.expr, line: int) -> ast.expr:
    """An element of a comprehension that is counted when it is made."""
    return ast.Subscript(ast.Tuple([_call(line), element], ast.Load()), ast.Constant(1), ast.Load())
