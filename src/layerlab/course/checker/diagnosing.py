"""The verdict on a learner's file, and then the diagnosis: the pipeline, in its order.

What is right is never diagnosed. The verdict rests on plain calls of the function, compared with the solution's. Only a
wrong function is looked into, and each step that finds its fault ends the search: not written, data from outside,
nothing returned, an exception, a wrong build, and then the numbers: where a right value repairs everything, and how the
value there is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .comparing import same, structure_fault
from .diagnostic import Diagnostic
from .exceptions import classified
from .exercise import Exercise
from .limits import ending, learners_line
from .loading import loaded
from .outside import outside
from .purity import mutation
from .relations import relation
from .slopes import slope
from .structure import not_written, returns_in_loops
from .verdict import Judgement, judged

MOST = 4
"""How many findings are stated at most."""


def examined(exercise: Exercise, source: str, deadline: float = 0.6) -> Iterator[Mapping[str, Any]]:
    """Check a learner's file: first the verdict and its advice, then, when it did not pass, the findings.

    Args:
        exercise: what the file should solve.
        source: the file's text.
        deadline: seconds for the diagnosis; then the best that was found so far is stated.
    """
    file = loaded(exercise, source)
    if isinstance(file, Diagnostic):
        yield {"passed": False, "advice": []}
        yield {"findings": [file.record()]}
        return
    verdict = judged(exercise, file)
    yield {"passed": verdict.passed, "advice": [advice.record() for advice in verdict.advice]}
    if not verdict.passed:
        until = time.monotonic() + deadline
        yield {"findings": [finding.record() for finding in diagnosed(verdict, until)[:MOST]]}


def diagnosed(verdict: Judgement, until: float) -> list[Diagnostic]:
    """All that can be said of a wrong function, the most helpful first."""
    if verdict.refused is not None:
        return [verdict.refused]
    found = _before_numbers(verdict)
    if found is not None:
        return [found, *_mutated(verdict)]
    return [*_numbers(verdict, until), *_mutated(verdict)]


def _before_numbers(verdict: Judgement) -> Diagnostic | None:
    """The steps that end the diagnosis before any number is looked at."""
    file, trials = verdict.file, verdict.wrong
    for trial in trials:
        ended = None if trial.exception is None else ending(trial.exception)
        if ended is not None:
            return ended
    if file.node is not None and not_written(verdict.exercise, file.node):
        return Diagnostic("not-written", line=file.node.lineno, details={"function": verdict.exercise.function})
    return (
        outside(file, verdict.known, verdict.gives_right)
        or _returned_none(verdict)
        or _raised(verdict)
        or _structure(verdict)
    )


def _returned_none(verdict: Judgement) -> Diagnostic | None:
    """The finding that a function returned nothing, and which right values lie in its variables."""
    none = [trial for trial in verdict.wrong if trial.value is None and trial.exception is None]
    if not none or any(trial.exception for trial in verdict.trials):
        return None
    computed = [
        name
        for name in verdict.outputs
        if all(
            any(same(value, wanted[name], verdict.exercise.tolerance) for value in trial.locals.values())
            for trial, wanted in zip(verdict.trials, verdict.wanted_leaves, strict=True)
        )
    ]
    details = {
        "function": verdict.exercise.function,
        "computed": computed,
        "times": len(none),
        "of": len(verdict.trials),
    }
    return Diagnostic("returned-none", details=details)


def _raised(verdict: Judgement) -> Diagnostic | None:
    """The finding about an exception, of the first fixture that raised one."""
    trial = next((trial for trial in verdict.wrong if trial.exception is not None), None)
    if trial is None or trial.exception is None:
        return None
    raised = classified(trial.exception, "", (), [*trial.locals, *verdict.file.names])
    return Diagnostic("exception", None, raised.relation, learners_line(trial.exception), details=raised.details)


def _structure(verdict: Judgement) -> Diagnostic | None:
    """The finding about the build of what was returned."""
    file, names = verdict.file, verdict.exercise.outputs
    in_loops = [] if file.node is None else returns_in_loops(file.node)
    if in_loops:
        return Diagnostic("structure", None, "return in a loop", in_loops[0])
    for trial, wanted in zip(verdict.trials, verdict.wanted, strict=True):
        fault = structure_fault(trial.value, wanted, names)
        if fault is not None:
            return Diagnostic("structure", None, fault, details={"function": verdict.exercise.function})
    return None


def _mutated(verdict: Judgement) -> list[Diagnostic]:
    """The finding about changed arguments, beside others."""
    for trial in verdict.trials:
        found = mutation(verdict.file, trial.arguments, trial.after)
        if found is not None:
            return [found]
    return []


def _numbers(verdict: Judgement, until: float) -> list[Diagnostic]:
    """The findings about numbers: one a wrong value that is returned."""
    findings: list[Diagnostic] = []
    for name in verdict.outputs:
        if findings and time.monotonic() > until:
            break
        cases = verdict.cases(name)
        if cases:
            found = relation(cases)
            findings.append(
                Diagnostic("value", name, found.text, details=found.details) if found else _unnamed(verdict, name)
            )
    return sorted(findings, key=lambda finding: finding.relation is None)


def _unnamed(verdict: Judgement, name: str) -> Diagnostic:
    """The finding about a wrong value of which no relation is known."""
    case = verdict.cases(name)[0]
    if {"cost", f"{name}"} <= set(verdict.outputs) and not verdict.cases("cost"):
        arguments = verdict.arguments(verdict.wrong_at(name)[0])
        found = slope(verdict.file.function, arguments, name, case.got, case.wanted, verdict.exercise.outputs)
        if found is not None:
            return found
    right = [other for other in verdict.outputs if not verdict.cases(other)]
    return Diagnostic("unnamed", name, details={"right": right} | _largest(case.got, case.wanted))


def _largest(got: Any, wanted: Any) -> dict[str, Any]:
    """The largest difference of two values, and where it is; only the shapes where those differ."""
    if np.shape(got) != np.shape(wanted):
        return {"got_shape": list(np.shape(got)), "wanted_shape": list(np.shape(wanted))}
    a, b = np.asarray(got, float), np.asarray(wanted, float)
    off = np.where(np.isfinite(a), np.abs(a - b), np.inf)
    place = np.unravel_index(int(np.argmax(off)), off.shape)
    return {"index": [int(n) for n in place], "got": float(a[place]), "expected": float(b[place])}
