"""One small change of a learner's text that makes everything right: it proves the line, whatever the style.

The changes are tried one after the other on every fixture, those of the line that is suspected first. One that makes
all answers right, also on further fixtures, shows the place. What stood there is compared with what it became, and that
says how the place is wrong.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import inspect
import io
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from ..comparing import leaves, same
from ..deadline import Deadline
from ..diagnostic import Proof
from ..exercise import Edge
from ..judging.limits import LEARNERS_FILE
from ..judging.trying import Attempt, accepted, right_leaf, tried
from ..judging.verdict import Judgement
from ..nodes import add_ticks, call_of, lambda_of, own_text
from ..relating.recomputing import FUNCTIONS
from ..relating.relations import Relation, WrongValue, holds, relation
from .edits import edits_of
from .slots import Edit, Scope, Slot, called_name, scope_of, statements_of

FURTHER_SEEDS = (1, 2)
"""Seeds of the fixtures on which a change is confirmed."""

TURNS_MORE = 2_000
"""Turns of loops that a changed text may make beside three times those of the text."""


HERE, OTHERS = 0, 1
ORDER = (
    (HERE, 0),
    (OTHERS, 0),
    (HERE, 1),
    (HERE, 2),
    (HERE, 3),
    (OTHERS, 1),
    (OTHERS, 2),
    (HERE, 4),
    (OTHERS, 3),
    (OTHERS, 4),
)
"""On the suspected line or elsewhere, and the level of the changes, one after the other."""


@dataclass(frozen=True)
class SmallChange:
    """A change that makes everything right.

    Attributes:
        kind: what sort of change it is, in a word.
        line: where.
        first_line, last_line: of the statement that it is in.
        part: what stands there, as the learner wrote it.
        quantity: the name of what is wrong there; the part where it has none.
        whole: whether that is what the whole statement computes.
        relation: how it is wrong; None where no relation is known.
        proof: that the change makes everything right.
        stored: whether it is another name that a value is given.
    """

    kind: str
    line: int
    first_line: int
    last_line: int
    part: str
    quantity: str
    whole: bool
    relation: Relation | None
    proof: Proof
    stored: bool = False


@dataclass(frozen=True, eq=False)
class _Call:
    """A call that has to come out right."""

    arguments: Mapping[str, Any]
    wanted: Any
    sizes: Mapping[str, int]


class _TooManyTurns(BaseException):
    """A changed text goes on and on."""


def small_change(verdict: Judgement, suspected: int | None, until: Deadline, most: int = 4) -> SmallChange | None:
    """Find the first small change that makes a wrong function right.

    Args:
        verdict: the function's calls.
        suspected: the line whose changes are tried first; None for the order of the text.
        until: the end of the search.
        most: the highest level of changes that is tried.
    """
    if verdict.file.node is None:
        return None
    quiet = contextlib.redirect_stdout(io.StringIO())
    with quiet, np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _Bench(verdict, until).change(suspected, most)


class _Bench:
    """The functions of a learner's file, in which one node after the other is changed and changed back."""

    def __init__(self, verdict: Judgement, until: Deadline) -> None:
        self.verdict, self.until = verdict, until
        module = copy.deepcopy(ast.Module(body=_functions(verdict.file.tree), type_ignores=[]))
        add_ticks(module)
        self.functions = _functions(module)
        self.names = {**verdict.file.names, "__tick__": self._tick, "__pair__": self._pair}
        for code in map(_compiled, self.functions):
            exec(code or "", self.names)
        self.turns, self.most_turns = 0, 10**9
        self.pairs: list[tuple[Any, Any, Mapping[str, Any]]] = []
        calls = [
            _Call(trial.arguments, solved.value, sizes)
            for trial, solved, sizes in zip(verdict.trials, verdict.solved, verdict.exercise.sizes, strict=True)
        ]
        calls += [self._edge_call(edge) for edge in verdict.exercise.edges() if edge.refused]
        right = [self._comes_right(call) for call in calls]
        self.most_turns = 3 * self.turns + TURNS_MORE
        self.calls = [calls[number] for number in sorted(range(len(calls)), key=lambda number: right[number])]

    def change(self, suspected: int | None, most: int) -> SmallChange | None:
        """The first change that makes everything right."""
        for function, slot, statement, scope, level in self._places(suspected):
            for edit in () if level > most else edits_of(slot, statement, scope, level):
                if self.until.passed:
                    return None
                with self._changed(function, edit.slot, edit.new):
                    right = all(map(self._comes_right, self.calls)) and all(map(self._comes_right, self._further))
                if right:
                    return self._described(function, edit)
        return None

    def _places(self, suspected: int | None) -> Iterator[tuple[ast.FunctionDef, Slot, ast.stmt, Scope, int]]:
        """Statements with the level of their changes: the simple ones first, the suspected line before others."""
        trial = self.verdict.trials[0]
        kinds = {name: _kind(value) for name, value in {**trial.arguments, **trial.locals}.items()}
        known = {self.verdict.exercise.function: kinds}
        words = [node.value for node in ast.walk(self._solution) if isinstance(node, ast.Constant)]
        texts = [word for word in words if isinstance(word, str) and word.isidentifier()]
        places = [
            (function, slot, statement, scope_of(function, known.get(function.name, {}), self._callable, texts))
            for function in sorted(self.functions, key=lambda one: one.name != self.verdict.exercise.function)
            for slot, statement in statements_of(function)
            if not _is_tick(statement) and statement.lineno not in self.verdict.handed_out
        ]
        here = [place for place in places if place[2].lineno == suspected]
        others = [place for place in places if place[2].lineno != suspected]
        if suspected is not None:
            others.sort(key=lambda place: abs(place[2].lineno - suspected))
        for group, level in ORDER:
            yield from ((*place, level) for place in (here, others)[group])

    @contextlib.contextmanager
    def _changed(self, function: ast.FunctionDef, slot: Slot, new: Any) -> Iterator[None]:
        old = slot.get()
        placed = new if hasattr(new, "lineno") or not hasattr(old, "lineno") else ast.copy_location(new, old)
        slot.put(ast.fix_missing_locations(placed))
        before = self.names.get(function.name)
        try:
            code = _compiled(function)
            if code is not None:
                exec(code, self.names)
            yield
        finally:
            slot.put(old)
            self.names[function.name] = before

    def _tick(self) -> None:
        self.turns += 1
        if self.turns > self.most_turns:
            raise _TooManyTurns

    def _comes_right(self, call: _Call) -> bool:
        """Whether the text as it stands answers a call rightly, and leaves its arguments alone."""
        given = copy.deepcopy(dict(call.arguments))
        self.turns = 0
        exercise = self.verdict.exercise
        try:
            value = self.names[exercise.function](*given.values())
            got, right = leaves(value, exercise.outputs), leaves(call.wanted, exercise.outputs)
        except (Exception, SystemExit, _TooManyTurns):  # whatever the learner's code raises, or holds itself
            return False
        return (
            all(name in got and right_leaf(name, got[name], right[name], exercise) for name in right)
            and accepted(Attempt({}, {}, value), call.wanted, exercise)
            and same(tuple(given.values()), tuple(call.arguments.values()))
        )

    @cached_property
    def _solution(self) -> ast.AST:
        node = self.verdict.solution.node
        return ast.Pass() if node is None else node

    @cached_property
    def _callable(self) -> dict[str, list[str]]:
        """What is handed out and what the file defines, with the names of the arguments."""
        given = {
            name: inspect.signature(self.names[name]) for name in self.verdict.exercise.given if name in self.names
        }
        own = {function.name: [argument.arg for argument in function.args.args] for function in self.functions}
        return {name: list(signature.parameters) for name, signature in given.items()} | own

    @cached_property
    def _further(self) -> list[_Call]:
        """Calls on other fixtures, on which a change is confirmed."""
        exercise, solution = self.verdict.exercise, self.verdict.solution.function
        found = []
        for seed, (case, sizes) in itertools.product(FURTHER_SEEDS, enumerate(exercise.sizes)):
            arguments = exercise.arguments(case, seed)
            found.append(_Call(arguments, tried(solution, arguments).value, sizes))
        return found

    def _edge_call(self, edge: Edge) -> _Call:
        return _Call(edge.arguments, tried(self.verdict.solution.function, edge.arguments).value, {})

    def _described(self, function: ast.FunctionDef, edit: Edit) -> SmallChange:
        part = self._text(edit)
        quantity, how, whole = part, None, False
        for name, slot in self._compared(edit):
            cases = self._cases(function, edit, slot)
            how = _by_function(edit, cases) if slot == edit.slot else None
            how = how or relation(cases)
            if how is not None and how.text != f"is {name or part}":
                quantity, whole = name or part, slot != edit.slot
                break
            how = None
        verdict = self.verdict
        wrong = [name for name in verdict.outputs if verdict.wrong_at(name)]
        right = tuple(name for name in verdict.outputs if name not in wrong)
        proof = Proof(True, right, tuple(wrong), len(verdict.trials))
        first, last = edit.statement.lineno, _last_line(edit.statement)
        stored = isinstance(getattr(edit.slot.get(), "ctx", None), ast.Store)
        return SmallChange(edit.kind, _line(edit), first, last, part, quantity, whole, how, proof, stored)

    def _text(self, edit: Edit) -> str:
        old = edit.slot.get()
        shown = old if hasattr(old, "end_lineno") else edit.statement
        return own_text([line.encode() for line in self.verdict.source.splitlines()], shown)

    def _compared(self, edit: Edit) -> Iterator[tuple[str | None, Slot]]:
        """Where the value before and after the change is compared: of the statement, then of the part."""
        statement = edit.statement
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        name = target.id if isinstance(target, ast.Name) else None
        if isinstance(statement, ast.Return) and len(self.verdict.exercise.outputs) == 1:
            name = self.verdict.exercise.outputs[0]
        old = edit.slot.get()
        stored = isinstance(getattr(old, "ctx", None), ast.Store)
        if stored or not isinstance(edit.new, ast.expr | ast.keyword):
            return
        if name is not None:
            yield name, Slot(statement, "value")
        argument = self._argument(edit.slot)
        if argument is not None:
            yield argument, edit.slot
        elif isinstance(old, ast.expr) and not isinstance(old, ast.Constant) and edit.kind != "variable":
            yield None, edit.slot

    def _argument(self, slot: Slot) -> str | None:
        """The name of the argument that a place is, of a function that is handed out or the file's own."""
        call = slot.parent
        if isinstance(call, ast.keyword) and isinstance(slot.get(), ast.expr):
            return call.arg if call.arg not in ("axis", "keepdims") else None
        if not isinstance(call, ast.Call) or slot.field != "args" or slot.number is None:
            return None
        names = self._callable.get(called_name(call), [])
        return names[slot.number] if slot.number < len(names) else None

    def _cases(self, function: ast.FunctionDef, edit: Edit, slot: Slot) -> Sequence[WrongValue]:
        """What stood in a place and what it becomes, on each fixture where they differ."""
        old = copy.deepcopy(slot.get())
        with self._changed(function, edit.slot, edit.new):
            new = slot.get()
            if any(isinstance(node, ast.NamedExpr) for node in ast.walk(new)):
                return []
            pair = call_of("__pair__", lambda_of(old), lambda_of(new), call_of("locals"))
            with self._changed(function, slot, pair):
                return [wrong for call in self.calls if call.sizes for wrong in self._first_wrong(call)]

    def _first_wrong(self, call: _Call) -> list[WrongValue]:
        self.pairs = []
        return list(_wrong_values(self.pairs, call))[:1] if self._comes_right(call) else []

    def _pair(self, old: Callable[[], Any], new: Callable[[], Any], names: Mapping[str, Any]) -> Any:
        try:
            before = copy.deepcopy(old())
        except Exception:  # the learner's part may raise anything
            before = None
        after = new()
        self.pairs.append((before, copy.deepcopy(after), dict(names)))
        return after


def _wrong_values(pairs: Sequence[tuple[Any, Any, Mapping[str, Any]]], call: _Call) -> Iterator[WrongValue]:
    for before, after, names in pairs:
        if _is_value(before) and _is_value(after) and not same(before, after):
            known = {
                name: value for name, value in names.items() if not name.startswith("_") and not same(value, after)
            }
            yield WrongValue(before, after, call.sizes, known)


def _functions(tree: ast.Module) -> list[Any]:
    """The functions of a file; of several with one name the last, which is the one that runs."""
    return list({node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}.values())


def _compiled(function: ast.FunctionDef) -> CodeType | None:
    """The code of a definition; None where a change is no Python."""
    try:
        return compile(ast.Module(body=[function], type_ignores=[]), LEARNERS_FILE, "exec")
    except (SyntaxError, ValueError, TypeError):
        return None


def _is_tick(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and getattr(getattr(statement.value, "func", None), "id", "") == "__tick__"


def _by_function(edit: Edit, cases: Sequence[WrongValue]) -> Relation | None:
    """The relation that names a function which a change puts in or leaves out."""
    old, new = edit.slot.get(), edit.new
    texts = []
    if isinstance(new, ast.Call) and new.args[:1] == [old]:
        texts.append(f"without function {called_name(new)}")
    if isinstance(old, ast.Call) and old.args[:1] == [new]:
        texts.append(f"function {called_name(old)}")
    true = (text for text in texts if text.split()[-1] in FUNCTIONS and all(holds(text, case) for case in cases))
    text = next(true, None) if cases else None
    return None if text is None else Relation(text)


def _is_value(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic | bool | int | float | str | tuple | list | dict)


def _line(edit: Edit) -> int:
    old = edit.slot.get()
    return int(getattr(old, "lineno", edit.statement.lineno))


def _last_line(statement: ast.stmt) -> int:
    """The last line of a statement, or of the head of a compound one."""
    body = getattr(statement, "body", None)
    return body[0].lineno - 1 if body else statement.end_lineno or statement.lineno


def _kind(value: Any) -> str:
    if isinstance(value, bool | int | float | np.number):
        return "number"
    return "array" if isinstance(value, np.ndarray) else type(value).__name__
