"""Findings, held against one small change that makes everything right: it confirms a line, moves it, or gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .deadline import Deadline
from .diagnostic import Diagnostic
from .editing import SmallChange, small_change
from .verdict import Judgement

CODES_WITH_A_PLACE = ("value", "unnamed", "slope", "exception", "structure", "edge", "recursion")
"""Findings whose place a small change may show."""

SECONDS = 0.4
"""Seconds of computing that the search for it may take."""


def amended(findings: Sequence[Diagnostic], verdict: Judgement) -> list[Diagnostic]:
    """The findings with the place, and the fault, that a small change proves.

    A finding that says how a value is wrong stays as it is where the change lies in its line.
    """
    first, *others = findings
    if first.code not in CODES_WITH_A_PLACE:
        return list(findings)
    proved = first.code == "exception" or (first.proof is not None and first.proof.complete)
    change = small_change(verdict, first.line if proved else None, Deadline(SECONDS))
    if change is None:
        return list(findings)
    here = first.line is not None and change.first_line <= first.line <= change.last_line
    if here and is_named(first):
        return list(findings)
    return [_with_place(first, change) if _keeps_its_fault(first) else _by_change(first, change, here=here), *others]


def is_named(found: Diagnostic) -> bool:
    """Whether a finding says how the function is wrong: a relation, a wrong build, or a class of exception."""
    if found.code in ("unnamed", "slope"):
        return False
    return found.code not in ("value", "exception", "structure") or found.relation not in (None, "other")


def _keeps_its_fault(found: Diagnostic) -> bool:
    """Whether what a finding says is true wherever the cause lies; of a value, where it is one that is returned."""
    return is_named(found) and (found.code != "value" or found.line is None)


def _with_place(found: Diagnostic, change: SmallChange) -> Diagnostic:
    details = dict(found.details)
    if found.code == "exception" and found.line is not None:
        details |= {"raised_line": found.line, "raised_part": found.part}
    return replace(found, line=change.line, part=change.part, proof=change.proof, details=details)


def _by_change(found: Diagnostic, change: SmallChange, *, here: bool) -> Diagnostic:
    """The finding that a change alone gives: how the value is wrong, or what sort of change it needs."""
    details = {"change": change.kind, "cases": change.proof.fixtures}
    if change.relation is None:
        return Diagnostic("small-change", None, change.kind, change.line, change.part, change.proof, details)
    quantity = found.quantity if here and change.quantity != change.part and found.quantity else change.quantity
    details |= dict(change.relation.details)
    return Diagnostic("value", quantity, change.relation.text, change.line, change.part, change.proof, details)
