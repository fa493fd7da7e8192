"""What is right in an exercise: the solution, and each accepted alternative, watched on every fixture.

reference = reference_of(exercise)
reference.cases[0].leaves                   the right answer, by the names of its values
reference.cases[0].known                    every right value on the way, by name, in order of execution
reference.cases[0].upstream("dZ1")          those from which dZ1 may be computed
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..comparing import leaves, numbers, same
from ..exercise import Exercise
from .sites import CallOutcome, LearnersProgram, Visit

EXTRA_SEED = 1
"""The seed of the fixture that only the diagnosis sees."""

REFERENCE_STEPS = 2_000_000
"""Places that the solution may pass."""


@dataclass
class ReferenceCase:
    """One fixture, and what the solution computes there.

    Attributes:
        arguments: of the call. They stay as they are: ``fresh`` gives a copy for a call.
        sizes: of this fixture.
        value: what the solution returns.
        leaves: the same by name.
        reference: that it belongs to.
    """

    arguments: Mapping[str, Any]
    sizes: Mapping[str, int]
    value: Any
    leaves: Mapping[str, Any]
    reference: Reference

    def fresh(self) -> dict[str, Any]:
        """Copy the arguments for one call."""
        return copy.deepcopy(dict(self.arguments))

    @cached_property
    def routes(self) -> tuple[CallOutcome | None, ...]:
        """The solution and the alternatives, watched. None stands for one that gives something else here."""
        found = []
        for program in self.reference.programs:
            outcome = program.call(self.fresh(), steps=REFERENCE_STEPS)
            found.append(outcome if outcome.exception is None and same(outcome.value, self.value) else None)
        return tuple(found)

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """The arguments by name, and what lies in their dicts, tuples and lists."""
        found: dict[str, Any] = {}
        for name, value in self.arguments.items():
            found.setdefault(name, value)
            for inner, item in leaves(value, [name]).items():
                found.setdefault(inner, item)
        return found

    @cached_property
    def known(self) -> dict[str, Any]:
        """Right values by name: inputs, assigned names and expressions of the solution, in order of execution.

        A name that is assigned more than once has its last value.
        """
        found = dict(self.inputs)
        for route in self.routes[:1]:
            for visit, name in _named(route):
                found[name if name is not None else visit.site.text] = visit.value
        return found

    def upstream(
        self, name: str, turn: int | None = None, route: int = 0, visit: Visit | None = None
    ) -> dict[str, Any]:
        """Right numbers and arrays of which a quantity may be made: inputs, what is assigned before it, and its parts.

        Args:
            name: the quantity.
            turn: which of its assignments, from 0; the last one where it is left out.
            route: the solution, or the alternative of this number.
            visit: the passage that makes it, where its name does not say which.
        """
        visits = list(_named(self.routes[route]))
        places = [place for place, (other, _) in enumerate(visits) if other is visit]
        named = [place for place, (_, to) in enumerate(visits) if to == name]
        places = places or [place for place in named if visits[place][0].site.kind != "return"] or named
        found = {to: value for to, value in self.inputs.items() if "[" not in to}
        own = self.leaves.get(name)
        if places:
            place = places[-1 if turn is None else min(turn, len(places) - 1)]
            own = visits[place][0].value
            visits, parts = visits[:place], _parts(visits[:place], visits[place][0])
        else:
            parts = {}
        found.update((to, visit.value) for visit, to in visits if to is not None and "[" not in to)
        found = {**parts, **found}
        return {to: value for to, value in found.items() if _has_numbers(value) and not same(value, own)}


class Reference:
    """The right values of an exercise on all its fixtures.

    Attributes:
        exercise: the exercise.
        solution: loaded.
        cases: one a fixture.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        exercise.hand_out()
        self.solution = self._program(exercise.solution)
        self.cases = tuple(self._case(exercise.arguments(case), sizes) for case, sizes in enumerate(exercise.sizes))

    @cached_property
    def programs(self) -> tuple[LearnersProgram, ...]:
        """The solution, then the accepted alternatives."""
        cells = self.exercise.cells("alternatives.py")
        return (self.solution, *(self._program(cell.source) for cell in cells))

    @cached_property
    def extra(self) -> ReferenceCase | None:
        """One more fixture, on which labels are fractions: values that are equal by chance for 0 and 1 differ there.

        None where the solution does not take such labels.
        """
        arguments = self.exercise.arguments(0, EXTRA_SEED)
        rng = np.random.default_rng(EXTRA_SEED)
        try:
            case = self._case(_fractional(arguments, rng), self.exercise.sizes[0])
        except Exception:  # a solution that reads labels as 0 and 1 may raise anything
            return None
        return case if case.routes[0] is not None else None

    def _program(self, text: str) -> LearnersProgram:
        return LearnersProgram(text, self.exercise.function, self.exercise.given_names)

    def _case(self, arguments: Mapping[str, Any], sizes: Mapping[str, int]) -> ReferenceCase:
        solution = self.solution.plain
        if solution is None:
            raise ValueError(f"solution.py of {self.exercise.id} has no function {self.exercise.function}")
        with np.errstate(all="ignore"):
            value = solution(*copy.deepcopy(dict(arguments)).values())
        return ReferenceCase(arguments, sizes, value, leaves(value, self.exercise.outputs), self)


_REFERENCES: dict[Path, Reference] = {}


def reference_of(exercise: Exercise) -> Reference:
    """The right values of an exercise, computed once."""
    if exercise.folder not in _REFERENCES:
        _REFERENCES[exercise.folder] = Reference(exercise)
    return _REFERENCES[exercise.folder]


def _named(outcome: CallOutcome | None) -> Iterator[tuple[Visit, str | None]]:
    """Visits with the names that their values were given; keys of a dict that is assigned or returned count too."""
    if outcome is None:
        return
    for visit in outcome.visits:
        if visit.site.kind in ("assignment", "part", "return") and not visit.site.elements:
            yield visit, outcome.name(visit)


def _parts(before: list[tuple[Visit, str | None]], whole: Visit) -> dict[str, Any]:
    """The expressions of which a statement makes its value, names and constants aside."""
    around = {whole.site.number}
    found: dict[str, Any] = {}
    for visit, _ in reversed(before):
        if visit.site.inside in around and visit.turn == whole.turn:
            around.add(visit.site.number)
            if not re.fullmatch(r"[\w.]+", visit.site.text):
                found[visit.site.text] = visit.value
    return dict(reversed(found.items()))


def _has_numbers(value: Any) -> bool:
    return numbers(value) is not None or isinstance(value, dict)


def _fractional(value: Any, rng: np.random.Generator) -> Any:
    """Put fractions in place of labels: arrays of floats that hold 0 and 1 alone."""
    if isinstance(value, dict):
        return {key: _fractional(part, rng) for key, part in value.items()}
    if isinstance(value, np.ndarray) and value.size > 1 and set(np.unique(value)) == {0, 1}:
        return rng.uniform(0.1, 0.9, size=value.shape)
    return value
