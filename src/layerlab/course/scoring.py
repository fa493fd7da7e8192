"""Whether what the checker said of a mutant is right, found without the checker's own verdict."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checker.comparing import leaves, same, structure_fault
from .checker.diagnostic import Diagnostic
from .checker.exercise import Exercise
from .checker.judging.limits import LEARNERS_FILE
from .checker.judging.trying import right_leaf
from .checker.relating.cases import WrongValue
from .checker.relating.drawing import drawing_fault
from .checker.relating.relations import holds
from .checker.watching.reference import ReferenceCase, reference_of
from .checker.watching.sites import CallOutcome, LearnersProgram
from .mutating import Mutant

SEEDS = range(1, 7)
"""Seeds of the further fixtures on which an equal mutant agrees with the solution."""


@dataclass(frozen=True)
class Score:
    """What the checker said of one mutant, and whether that is right.

    Attributes:
        exercise: its exercise's id.
        origin: which right text it was made of.
        mutant: the text, its kind of fault and its line.
        equal: whether it agrees with the solution.
        passed: whether the checker passed it.
        first: the first finding.
        recomputed: whether the relation that is stated of a value is true; None where none is stated of a value.
        seconds: how long the check took.
    """

    exercise: str
    origin: str
    mutant: Mutant
    equal: bool
    passed: bool
    first: Diagnostic | None
    recomputed: bool | None
    seconds: float

    @property
    def named(self) -> bool:
        """Whether it is said how the function is wrong: a relation, a wrong build, or a class of exception."""
        if self.first is None or self.first.code == "unnamed":
            return False
        needs = self.first.code in ("value", "exception", "structure")
        return not needs or self.first.relation not in (None, "other")

    @property
    def on_line(self) -> bool | None:
        """Whether the finding stands on the line of the fault; None where the fault has no line."""
        if self.mutant.line is None:
            return None
        return self.first is not None and self.first.line == self.mutant.line


def agrees(exercise: Exercise, source: str) -> bool:
    """Whether a text answers like the solution on further fixtures and on the edges that count, and changes nothing.

    An alternative whose other answer is accepted with advice counts like the solution.
    """
    advised = [cell.source for cell in exercise.cells("alternatives.py") if "| advise:" in cell.title]
    return any(_agree(exercise, source, accepted) for accepted in (exercise.solution, *advised))


def _agree(exercise: Exercise, source: str, accepted: str) -> bool:
    exercise.hand_out()
    calls = [exercise.arguments(case, seed) for seed in SEEDS for case in range(len(exercise.sizes))]
    edges = [dict(edge.arguments) for edge in exercise.edges() if edge.refused]
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        solution, function = (_function(exercise, text) for text in (accepted, source))
        for arguments in calls + edges:
            wanted = solution(*copy.deepcopy(arguments).values())
            given = copy.deepcopy(arguments)
            try:
                got = function(*given.values())
            except Exception:  # whatever a mutant raises
                return False
            if not _same_answer(exercise, got, wanted) or not same(tuple(given.values()), tuple(arguments.values())):
                return False
        random = exercise.random or {}
        return not random or drawing_fault(function, calls[0], exercise.outputs, random) is None


def relation_is_true(exercise: Exercise, source: str, found: Diagnostic) -> bool | None:
    """Compute a stated relation again: from the values that the text has on its line, or returns.

    Returns:
        None where the finding states no relation of a value, or no right text has the right value by its name. A text
        that works with examples as rows has the transpose of it.
    """
    typed = found.relation in ("integers", "bytes")  # of the type, not of the numbers
    if found.code != "value" or found.relation is None or found.quantity is None or exercise.random or typed:
        return None
    if "change" in found.details or found.details.get("turn") is not None:
        return None  # the right value is one of the learner's own text, or of one turn of a loop
    program = _program(exercise, source)
    true = []
    for case in reference_of(exercise).cases:
        outcome = program.call(case.fresh(), steps=2_000_000)
        pairs = [
            WrongValue(got, wanted, case.sizes, known, found.quantity, case.inputs)
            for right, known in _right_values(case, found.quantity)
            for wanted in (right, right.T if isinstance(right, np.ndarray) and right.ndim > 1 else right)
            for got in _values(outcome, exercise, found)
        ]
        wrong = [pair for pair in pairs if not same(pair.got, pair.wanted)]
        if any(holds(found.relation, pair) for pair in wrong):
            true.append(True)
        elif pairs and len(wrong) == len(pairs):  # else the value may be right on this fixture
            true.append(False)
    return all(true) if true else None


def kinds_of_variables(exercise: Exercise, source: str) -> dict[str, str]:
    """What each variable of a right text holds, in a word: ``array of 2 axes``, ``number``, ``dict``."""
    program = _program(exercise, source)
    arguments = exercise.arguments(0)
    outcome = program.call(copy.deepcopy(arguments), steps=2_000_000)
    return {name: _kind(value) for name, value in (arguments | outcome.locals).items()}


def _program(exercise: Exercise, source: str) -> LearnersProgram:
    exercise.hand_out()
    return LearnersProgram(source, exercise.function, exercise.given_names)


def _kind(value: Any) -> str:
    if isinstance(value, bool | int | float | np.number):
        return "number"
    return f"array of {value.ndim} axes" if isinstance(value, np.ndarray) else type(value).__name__


def _function(exercise: Exercise, source: str) -> Any:
    names: dict[str, Any] = {**exercise.given_names, "__name__": "mutant"}
    exec(compile(source, LEARNERS_FILE, "exec"), names)  # noqa: S102  a mutant of our own texts
    return names[exercise.function]


def _same_answer(exercise: Exercise, got: Any, wanted: Any) -> bool:
    if structure_fault(got, wanted, exercise.outputs) is not None:
        return False
    ours, theirs = leaves(got, exercise.outputs), leaves(wanted, exercise.outputs)
    return all(name in ours and right_leaf(name, ours[name], theirs[name], exercise) for name in theirs)


def _values(outcome: CallOutcome, exercise: Exercise, found: Diagnostic) -> Iterator[Any]:
    """What a mutant has where a finding says that a quantity is wrong."""
    for visit in outcome.visits:
        if visit.site.line == found.line and (found.part is None or visit.site.text == found.part or visit.site.name):
            yield visit.value
    if outcome.exception is None:
        yield from (value for name, value in leaves(outcome.value, exercise.outputs).items() if name == found.quantity)


def _right_values(case: ReferenceCase, quantity: str) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The right values of a quantity, one for each time that a right text makes it, and what is known before it."""
    for number, route in enumerate(case.routes):
        if route is None:
            continue
        made = [visit for visit in route.visits if quantity in (route.name(visit), visit.site.text)]
        for turn, visit in enumerate(made):
            yield visit.value, case.upstream(quantity, turn, number)
    if quantity in case.sizes:
        yield case.sizes[quantity], {}
    if quantity in case.leaves:
        yield case.leaves[quantity], case.upstream(quantity)
