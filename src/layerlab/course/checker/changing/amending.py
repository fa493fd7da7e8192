"""Findings, held against one small change that makes everything right: it confirms a line, moves it, or gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..deadline import Deadline
from ..diagnostic import Diagnostic
from ..judging.verdict import Judgement
from .editing import SmallChange, small_change

CODES_WITH_A_PLACE = ("value", "unnamed", "slope", "exception", "structure", "edge", "recursion")
"""Findings whose place a small change may show."""

EXCHANGES, ALL = 2, 4
"""Levels of changes: a value whose place is proved is led elsewhere by what is exchanged, and not by what is put in."""

SECONDS = 0.4
"""Seconds of computing that the search for it may take."""


def amended(findings: Sequence[Diagnostic], verdict: Judgement) -> list[Diagnostic]:
    """The findings with the place, and the fault, that a small change proves; then nothing else is stated.

    A finding that says how a value is wrong stays as it is where the change lies in its line.
    """
    first = findings[0]
    if first.code not in CODES_WITH_A_PLACE:
        return list(findings)
    proved = first.code == "exception" or (first.proof is not None and first.proof.complete)
    sure = first.code == "value" and first.line is not None and (proved or len(findings) > 1)
    most = EXCHANGES if sure and is_named(first) else ALL
    change = small_change(verdict, first.line if proved else None, Deadline(SECONDS), most)
    if change is None:
        return list(findings)
    here = first.line is not None and change.first_line <= first.line <= change.last_line
    all_named = all(is_named(finding) for finding in findings)
    if is_named(first) and first.line is not None and (here or (change.stored and all_named)):
        return list(findings)
    keeps = _keeps_its_fault(first) or (is_named(first) and bool(verdict.exercise.random))
    return [_with_place(first, change) if keeps else _by_change(first, change, here=here)]


def is_named(found: Diagnostic) -> bool:
    """Whether a finding says how the function is wrong: a relation, a wrong build, or a class of exception."""
    if found.code in ("unnamed", "slope"):
        return False
    return found.code not in ("value", "exception", "structure") or found.relation not in (None, "other")


def _keeps_its_fault(found: Diagnostic) -> bool:
    """Whether what a finding says is true wherever the cause lies; of a value, where it is one that is returned."""
    return is_named(found) and (found.code != "value" or found.line is None)


def _with_place(found: Diagnostic, change: SmallChange) -> Diagnostic:
    """A finding at the line of the change; an exception keeps in mind where it was raised."""
    details = {**found.details, "changed": True, "change": change.kind, "change_part": change.part}
    details.pop("cause", None)
    raised, part = details.pop("raised_line", found.line), details.pop("raised_part", found.part)
    if found.code != "exception" or raised is None or change.first_line <= raised <= change.last_line:
        return replace(found, line=change.line, part=part or change.part, proof=change.proof, details=details)
    details |= {"raised_line": raised, "raised_part": part}
    return replace(found, line=change.line, part=change.part, proof=change.proof, details=details)


def _by_change(found: Diagnostic, change: SmallChange, *, here: bool) -> Diagnostic:
    """The finding that a change alone gives: how the value is wrong, or what sort of change it needs."""
    details: dict[str, Any] = {"change": change.kind, "changed": True, "cases": change.proof.fixtures}
    quantity = found.quantity if here and change.whole and found.quantity else change.quantity
    if change.relation is None or not _says_something(quantity, change):
        return Diagnostic("small-change", None, change.kind, change.line, change.part, change.proof, details)
    details |= dict(change.relation.details)
    return Diagnostic("value", quantity, change.relation.text, change.line, change.part, change.proof, details)


def _says_something(quantity: str, change: SmallChange) -> bool:
    """Whether a relation says more of a part than that it is itself."""
    text = "" if change.relation is None else change.relation.text
    return text not in (f"is {change.part}", f"is {quantity}") and (
        quantity.isidentifier() or not text.startswith(("is ", "type "))
    )
