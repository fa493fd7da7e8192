"""The verdict on a learner's file, and then the diagnosis: the pipeline, in its order.

What is right is never diagnosed. The verdict rests on plain calls of the function, compared with the solution's. Only a
wrong function is looked into, and each step that finds its fault ends the search: not written, data from outside,
nothing returned, an exception, a wrong build, and then the numbers: where a right value repairs everything, and how the
value there is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .changing.amending import amended
from .comparing import leaves, same
from .deadline import Deadline
from .diagnostic import Diagnostic
from .exercise import Exercise
from .inquiry import Inquiry, raised_finding, value_findings
from .judging.exceptions import classified
from .judging.limits import ending, learners_line
from .judging.loading import loaded
from .judging.outside import outside
from .judging.purity import changed_names, mutation
from .judging.structure import built_wrong, not_written, returns_in_loops
from .judging.verdict import Judgement, judged
from .slopes import slope

MOST = 4
"""How many findings are stated at most."""


def examined(exercise: Exercise, source: str, deadline: float = 0.6) -> Iterator[Mapping[str, Any]]:
    """Check a learner's file: first the verdict and its advice, then, when it did not pass, the findings.

    Args:
        exercise: what the file should solve.
        source: the file's text.
        deadline: seconds of computing for the diagnosis; then the best that was found so far is stated.
    """
    file = loaded(exercise, source)
    if isinstance(file, Diagnostic):
        yield {"passed": False, "advice": []}
        yield {"findings": [file.record()]}
        return
    verdict = judged(exercise, file, source)
    yield {"passed": verdict.passed, "advice": [advice.record() for advice in verdict.advice]}
    if not verdict.passed:
        inquiry = Inquiry(verdict, Deadline(deadline))
        first, *others = diagnosed(inquiry)[:MOST]
        plain = [_plain(first), *(_plain(_without_right(other)) for other in others)]
        yield {"findings": [finding.record() for finding in plain]}


def diagnosed(inquiry: Inquiry) -> list[Diagnostic]:
    """All that can be said of a wrong function, the most helpful first."""
    verdict = inquiry.verdict
    if verdict.refused is not None:
        return amended([verdict.refused], verdict) if verdict.refused.line is None else [verdict.refused]
    steps = (_ended, _not_written, _outside, _returned_none, _raised, _structure)
    found = next((finding for finding in (step(inquiry) for step in steps) if finding is not None), None)
    findings = amended([found] if found is not None else _numbers(inquiry), verdict)
    changed = _mutated(verdict)
    vague = findings[0].code in ("unnamed", "small-change")
    return [*changed, *findings] if changed and (vague or _hands_back_changed(verdict)) else [*findings, *changed]


def _plain(finding: Diagnostic) -> Diagnostic:
    """The finding, without a relation that would explain a value by itself in the learner's names."""
    details = finding.details
    name = details.get("name") or finding.quantity
    if details.get("told") != f"is {name}":
        return finding
    return replace(finding, details={**details, "told": None})


def _without_right(finding: Diagnostic) -> Diagnostic:
    """A finding after the first, without what is right: the first one may make that wrong."""
    proof = None if finding.proof is None else replace(finding.proof, right=())
    return replace(finding, proof=proof, details={**finding.details, "right": []})


def _ended(inquiry: Inquiry) -> Diagnostic | None:
    """The finding that a call ended by something else than an ordinary exception."""
    exceptions = [trial.exception for trial in inquiry.verdict.wrong if trial.exception is not None]
    return next((found for found in map(ending, exceptions) if found is not None), None)


def _not_written(inquiry: Inquiry) -> Diagnostic | None:
    """The finding that the function is as it was handed out."""
    exercise, node = inquiry.verdict.exercise, inquiry.verdict.file.node
    if node is None or not not_written(exercise, node):
        return None
    return Diagnostic("not-written", line=node.lineno, details={"function": exercise.function})


def _outside(inquiry: Inquiry) -> Diagnostic | None:
    """The finding about data that the function takes from its file in place of an argument."""
    return outside(inquiry.verdict.file, inquiry.verdict.known, inquiry.verdict.gives_right)


def _returned_none(inquiry: Inquiry) -> Diagnostic | None:
    """The finding that a function returned nothing, and which right values lie in its variables."""
    verdict = inquiry.verdict
    none = [trial for trial in verdict.wrong if trial.value is None and trial.exception is None]
    if not none or any(trial.exception for trial in verdict.trials):
        return None
    computed = [
        name
        for name in verdict.outputs
        if all(
            name not in wanted
            or any(same(value, wanted[name], verdict.exercise.tolerance) for value in trial.locals.values())
            for trial, wanted in zip(verdict.trials, verdict.wanted_leaves, strict=True)
        )
    ]
    counts = {"times": len(none), "of": len(verdict.trials)}
    details = {"function": verdict.exercise.function, "computed": computed, **counts}
    return Diagnostic("returned-none", details=details)


def _raised(inquiry: Inquiry) -> Diagnostic | None:
    """The finding about an exception; of the plain call, where the watched one does not raise."""
    error = next((trial.exception for trial in inquiry.verdict.wrong if trial.exception is not None), None)
    if error is None:
        return None
    found = raised_finding(inquiry)
    if found is not None:
        return found
    raised = classified(error, "", (), list(inquiry.verdict.file.names))
    return Diagnostic("exception", None, raised.relation, learners_line(error), details=raised.details)


def _structure(inquiry: Inquiry) -> Diagnostic | None:
    """The finding about the build of what was returned."""
    verdict = inquiry.verdict
    in_loops = [] if verdict.file.node is None else returns_in_loops(verdict.file.node)
    if in_loops:
        return Diagnostic("structure", None, "return in a loop", in_loops[0])
    for trial, wanted in zip(verdict.trials, verdict.wanted, strict=True):
        found = built_wrong(verdict.file, trial.value, wanted, verdict.exercise.outputs)
        if found is not None:
            text, line = found
            line = None if line in verdict.handed_out else line
            inner = " in " in text or text.startswith("missing key")
            place = inquiry.place if line is None and inner else None
            line = place.line if place is not None and place.proof.complete else line
            line = inquiry.returned_at() if line is None else line
            return Diagnostic("structure", None, text, line, details={"function": verdict.exercise.function})
    return None


def _mutated(verdict: Judgement) -> list[Diagnostic]:
    """The finding about changed arguments, beside others."""
    found = (mutation(verdict.file, trial.arguments, trial.after) for trial in verdict.trials)
    return [finding for finding in found if finding is not None][:1]


def _hands_back_changed(verdict: Judgement) -> bool:
    """Whether a wrong value that was returned should be an argument as it was before the call changed it."""
    for case, wanted in enumerate(verdict.wanted_leaves):
        trial = verdict.trials[case]
        names = {name: changed_names(trial.arguments[name], trial.after[name], name) for name in trial.arguments}
        given = [value for name in names if names[name] for value in leaves(trial.arguments[name], [name]).values()]
        wrong = [value for name, value in wanted.items() if case in verdict.wrong_at(name)]
        if any(same(value, other) for other in given for value in wrong if np.ndim(value)):
            return True
    return False


def _numbers(inquiry: Inquiry) -> list[Diagnostic]:
    """The findings about numbers, one a quantity; a gradient that nothing explains is compared with the own cost."""
    findings: dict[str | None, Diagnostic] = {}
    for finding in value_findings(inquiry):
        findings.setdefault(finding.quantity, finding)
    listed = list(findings.values())
    if listed and listed[0].relation is None and not (listed[0].proof and listed[0].proof.complete):
        listed.sort(key=lambda finding: finding.relation is None)
    if listed and listed[0].relation is None:
        found = _slope(inquiry)
        listed = [replace(found, line=listed[0].line), *listed] if found is not None else listed
    return listed


def _slope(inquiry: Inquiry) -> Diagnostic | None:
    """The finding that a gradient is not the slope of the own cost, where that is right."""
    verdict = inquiry.verdict
    if "cost" not in verdict.outputs or verdict.wrong_at("cost"):
        return None
    for name in verdict.outputs:
        for case in verdict.wrong_at(name)[:1]:
            wrong, function = verdict.cases(name, inquiry.reference)[0], verdict.file.function
            found = slope(function, verdict.arguments(case), name, wrong.got, wrong.wanted, verdict.exercise.outputs)
            if found is not None:
                return found
    return None
