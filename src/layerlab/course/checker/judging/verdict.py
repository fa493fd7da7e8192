"""The verdict: a learner's function and the solution called on the same fixtures, and compared.

Right on all fixtures with nothing of the caller changed, a function is called on the exercise's edges as well. What is
unusual about a right function is advice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..comparing import leaves
from ..diagnostic import Diagnostic
from ..exercise import Edge, Exercise
from ..relating.drawing import drawing_fault
from ..relating.relations import WrongValue
from ..watching.reference import Reference
from .advice import advice_of_values, convention, overflow
from .exceptions import classified
from .limits import learners_line
from .loading import Loaded, loaded
from .purity import mutation
from .structure import assigned_at
from .trying import Attempt, accepted, right_leaf, tried
from .turns import loop_advice


@dataclass
class Judgement:
    """What a learner's function did on every fixture, and whether it passed.

    Attributes:
        exercise: what it should solve.
        file: the learner's file.
        source: its text.
        solution: the solution, loaded in the same way.
        trials: its calls, one a fixture.
        solved: the solution's calls on the same arguments.
        refused: the finding on a function that is right on all fixtures and fails elsewhere: on an edge, or by what it
            changes.
        advice: what is unusual about a function that passed.
    """

    exercise: Exercise
    file: Loaded
    source: str
    solution: Loaded
    trials: Sequence[Attempt]
    solved: Sequence[Attempt]
    refused: Diagnostic | None = None
    advice: list[Diagnostic] = field(default_factory=list)

    @cached_property
    def right(self) -> tuple[bool, ...]:
        """Whether each fixture came out right."""
        return tuple(
            accepted(trial, wanted, self.exercise) for trial, wanted in zip(self.trials, self.wanted, strict=True)
        )

    @property
    def passed(self) -> bool:
        """Whether the function is accepted."""
        return all(self.right) and self.refused is None

    @property
    def wrong(self) -> list[Attempt]:
        """The calls that came out wrong."""
        return [trial for trial, right in zip(self.trials, self.right, strict=True) if not right]

    @cached_property
    def wanted(self) -> list[Any]:
        """The right value of each fixture."""
        return [trial.value for trial in self.solved]

    @cached_property
    def wanted_leaves(self) -> list[dict[str, Any]]:
        """The right value of each fixture, as leaves."""
        return [leaves(value, self.exercise.outputs) for value in self.wanted]

    @property
    def outputs(self) -> list[str]:
        """The names of all leaves, in order."""
        return list(dict.fromkeys(name for right in self.wanted_leaves for name in right))

    @cached_property
    def known(self) -> list[dict[str, Any]]:
        """The quantities of the exercise in each fixture: arguments, sizes, and what the solution assigns."""
        return [
            {**trial.arguments, **sizes, **trial.locals}
            for trial, sizes in zip(self.solved, self.exercise.sizes, strict=True)
        ]

    def gives_right(self, case: int) -> bool:
        """Call the function again on one fixture, and say whether its answer is right; what it raises is raised."""
        value = self.file.function(*self.arguments(case).values())
        trial = Attempt({}, {}, value)
        return accepted(trial, self.wanted[case], self.exercise)

    @cached_property
    def handed_out(self) -> frozenset[int]:
        """Lines of the function that stand as they were handed out: they are right."""
        start = set(map(_bare, self.exercise.text("start.py").splitlines())) - {"", "pass", "return"}
        node, lines = self.file.node, self.source.splitlines()
        if node is None:
            return frozenset()
        numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        return frozenset(number for number in numbers if _bare(lines[number - 1]) in start)

    def arguments(self, case: int) -> dict[str, Any]:
        """New arguments of one fixture."""
        return self.exercise.arguments(case)

    def wrong_at(self, name: str) -> list[int]:
        """The fixtures on which one leaf came out wrong, where there was an answer."""
        got = [leaves(trial.value, self.exercise.outputs) for trial in self.trials]
        return [
            case
            for case, right in enumerate(self.wanted_leaves)
            if name in right and name in got[case] and not right_leaf(name, got[case][name], right[name], self.exercise)
        ]

    def cases(self, name: str, reference: Reference) -> list[WrongValue]:
        """One leaf as it came out and as it should, on the fixtures where it is wrong."""
        return [
            WrongValue(
                leaves(self.trials[case].value, self.exercise.outputs)[name],
                self.wanted_leaves[case][name],
                self.exercise.sizes[case],
                reference.cases[case].upstream(name),
                name,
                reference.cases[case].inputs,
            )
            for case in self.wrong_at(name)
        ]


def _bare(line: str) -> str:
    """A line without its indentation and its comment."""
    return re.sub(r"\s*#.*$", "", line).strip()


def judged(exercise: Exercise, file: Loaded, source: str) -> Judgement:
    """Call a learner's function on every fixture, and on the edges when it was right, and collect advice."""
    verdict = _compared(exercise, file, source, exercise.solution)
    verdict = verdict if all(verdict.right) else _as_alternative(verdict)
    if all(verdict.right):
        verdict.refused = (
            next(filter(None, (mutation(file, trial.arguments, trial.after) for trial in verdict.trials)), None)
            or _whole_numbers(verdict)
            or _badly_drawn(verdict)
        )
    if verdict.passed:
        _call_edges(verdict)
    if verdict.passed:
        found = _advice(verdict)
        refused = [advice for advice in found if advice.code == "loop" and exercise.loops == "refused"]
        if refused:
            verdict.refused = replace(refused[0], details={**refused[0].details, "refused": True})
        else:
            verdict.advice = [*found, *verdict.advice]
    return verdict


def _compared(exercise: Exercise, file: Loaded, source: str, answer: str) -> Judgement:
    """Call a learner's function and an answer's on every fixture."""
    solution = loaded(exercise, answer)
    if isinstance(solution, Diagnostic):
        raise ValueError(f"an answer of {exercise.id} does not load: {solution.key} {solution.details}")
    fixtures = range(len(exercise.sizes))
    solved = [tried(solution.function, exercise.arguments(case)) for case in fixtures]
    trials = [tried(file.function, exercise.arguments(case)) for case in fixtures]
    return Judgement(exercise, file, source, solution, trials, solved)


def _as_alternative(verdict: Judgement) -> Judgement:
    """The verdict by an answer with other numbers that is accepted with advice; the given one where there is none."""
    for cell in verdict.exercise.cells("alternatives.py"):
        _, advised, code = cell.title.partition("| advise: ")
        if advised:
            other = _compared(verdict.exercise, verdict.file, verdict.source, cell.source)
            if all(other.right):
                other.advice.append(Diagnostic(code.strip(), verdict.exercise.outputs[0]))
                return other
    return verdict


def _whole_numbers(verdict: Judgement) -> Diagnostic | None:
    """The finding about an array of whole numbers where later steps write fractions into it."""
    got = leaves(verdict.trials[0].value, verdict.exercise.outputs)
    for name in verdict.exercise.floats:
        value = got.get(name)
        if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
            return Diagnostic(
                "value", name, "integers", assigned_at(verdict.file, name), details={"dtype": str(value.dtype)}
            )
    return None


def _badly_drawn(verdict: Judgement) -> Diagnostic | None:
    """The finding about random numbers that further calls show to be wrong: those of another array, or of no seed."""
    exercise = verdict.exercise
    if not exercise.random:
        return None
    found = drawing_fault(verdict.file.function, verdict.arguments(0), exercise.outputs, exercise.random)
    if found is None:
        return None
    return Diagnostic("value", found[0], found[1], assigned_at(verdict.file, found[0]))


def _call_edges(verdict: Judgement) -> None:
    """Call a right function with unusual arguments: it is refused or advised."""
    for edge in verdict.exercise.edges():
        wanted = tried(verdict.solution.function, edge.arguments)
        trial = tried(verdict.file.function, edge.arguments)
        right = accepted(trial, wanted.value, verdict.exercise)
        found = _warned(edge, trial, wanted, right) if right or not edge.refused else None
        if found is None and not right:
            found = _edge(edge, trial)
        if found is not None and edge.refused and not right:
            verdict.refused = found
            return
        verdict.advice += [found] if found is not None else []


def _warned(edge: Edge, trial: Attempt, wanted: Attempt, right: bool) -> Diagnostic | None:
    """Advice on a call that NumPy warned of."""
    warned = overflow([trial], [wanted], edge.name)
    return None if warned is None else replace(warned, details={**warned.details, "right": right})


def _edge(edge: Edge, trial: Attempt) -> Diagnostic:
    """The finding, or the advice, on a call with unusual arguments that did not come out right."""
    details: dict[str, Any] = {"arguments": edge.name} | ({} if edge.refused else {"right": False})
    if trial.exception is None:
        return Diagnostic("edge", relation=edge.name, details=details)
    line = learners_line(trial.exception)
    raised = classified(trial.exception, "", ())
    return Diagnostic("edge", relation=edge.name, line=line, details=details | dict(raised.details))


def _advice(verdict: Judgement) -> list[Diagnostic]:
    """What is unusual about a function that is right everywhere."""
    known: list[Mapping[str, Any]] = [trial.locals for trial in verdict.solved]
    arguments = [trial.arguments for trial in verdict.trials]
    sizes = verdict.exercise.sizes
    found = [
        *advice_of_values(verdict.trials, verdict.wanted, verdict.exercise.outputs),
        overflow(verdict.trials, verdict.solved),
        convention(verdict.trials, known, sizes),
        loop_advice(verdict.file, verdict.solution, arguments, sizes, strict=verdict.exercise.loops == "refused"),
    ]
    return [advice for advice in found if advice is not None]
