"""A wrong function under inquiry: run under watch, repaired place by place, each only once and only when it is asked.

What is found here has a place and a proof: the line, the quantity that should be there, and what comes out right with
it. How the value there is wrong is the relation of its cases.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .comparing import leaves, same
from .deadline import Deadline
from .diagnostic import Diagnostic, Proof
from .judging.exceptions import Raised, classified, other_product
from .judging.purity import handed_in
from .judging.structure import assigned_at
from .judging.verdict import Judgement
from .naming import LearnersNames, repeats
from .relating.differences import largest_difference
from .relating.drawing import drawn_relation, drawn_rule
from .relating.relations import Relation, WrongValue, holds, relation
from .repairing.locating import Located, located
from .watching.reference import Reference, reference_of
from .watching.sites import CallOutcome, LearnersProgram

OF_QUANTITIES = ("is", "missing", "extra", "sign", "without")
"""How relations begin that name other quantities, whose values may be equal by chance."""


@dataclass
class Inquiry:
    """What can be asked of a wrong function.

    Attributes:
        verdict: its calls on every fixture.
        until: when searches end.
    """

    verdict: Judgement
    until: Deadline

    @cached_property
    def reference(self) -> Reference:
        """The right values of the exercise."""
        return reference_of(self.verdict.exercise)

    @cached_property
    def program(self) -> LearnersProgram | None:
        """The file once more, with its function under watch; None where it does not load a second time."""
        exercise = self.verdict.exercise
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                return LearnersProgram(self.verdict.source, exercise.function, exercise.given_names)
            except Exception:  # it may read a clock, or be random
                return None

    @cached_property
    def outcomes(self) -> list[CallOutcome]:
        """The calls on every fixture, under watch."""
        program = self.program
        return [] if program is None else [program.call(case.fresh()) for case in self.reference.cases]

    @cached_property
    def place(self) -> Located | None:
        """The first wrong place of the function."""
        program = self.program
        if program is None or program.plain is None or not program.sites or self.verdict.exercise.random:
            return None
        place = located(program, self.reference, self.outcomes, self.until)
        return None if place is not None and place.line in self.verdict.handed_out else place

    @cached_property
    def names(self) -> LearnersNames:
        """What the learner calls the quantities of the exercise."""
        return LearnersNames(self.verdict, self.reference)

    @property
    def has_time(self) -> bool:
        """Whether there is time for one more search."""
        return not self.until.passed

    @cached_property
    def _extra_leaves(self) -> dict[str, Any]:
        """What the function returns on the fixture that only the diagnosis sees."""
        if self.reference.extra is None or self.program is None or self.program.plain is None:
            return {}
        outcome = self.program.call(self.reference.extra.fresh(), watch=False)
        return {} if outcome.exception is not None else leaves(outcome.value, self.verdict.exercise.outputs)

    def extra_case(self, name: str) -> WrongValue | None:
        """An output on the fixture that only the diagnosis sees; None where it is not there, or right."""
        extra = self.reference.extra
        if extra is None or name not in self._extra_leaves or name not in extra.leaves:
            return None
        got, wanted = self._extra_leaves[name], extra.leaves[name]
        return None if same(got, wanted) else WrongValue(got, wanted, extra.sizes, extra.upstream(name))

    def returned_at(self) -> int | None:
        """The line of the return that ended the first call."""
        for outcome in self.outcomes:
            lines = [visit.site.line for visit in outcome.visits if visit.site.kind == "return"]
            if lines:
                return lines[-1]
        return None


def raised_finding(inquiry: Inquiry) -> Diagnostic | None:
    """The finding about an exception, of the first fixture that raised one, at its cause where that is proved."""
    outcome = next((outcome for outcome in inquiry.outcomes if outcome.exception is not None), None)
    if outcome is None or outcome.exception is None:
        return None
    part = None if outcome.raised_at is None else outcome.raised_at.text
    names = [*inquiry.verdict.file.names, *outcome.locals]
    own = inquiry.verdict.exercise.function
    raised = classified(outcome.exception, part or "", outcome.operands, [name for name in names if name != own])
    place = inquiry.place
    if place is None or not place.proof.complete:
        quantity = _assigned_output(inquiry, outcome)
        return Diagnostic("exception", quantity, raised.relation, outcome.line, part, details=raised.details)
    return _at_its_cause(inquiry, raised, place, outcome)


def _assigned_output(inquiry: Inquiry, outcome: CallOutcome) -> str | None:
    """The output that the statement which raised would have assigned, if it is one."""
    names = {site.name for site in inquiry.program.sites if site.line == outcome.line} if inquiry.program else set()
    return next((name for name in inquiry.verdict.outputs if name in names), None)


def _at_its_cause(inquiry: Inquiry, raised: Raised, place: Located, outcome: CallOutcome) -> Diagnostic:
    """The finding about an exception that a right value in some place prevents."""
    quantity, cases = first_wrong_part(place)
    part = None if outcome.raised_at is None else outcome.raised_at.text
    details: dict[str, Any] = {**raised.details, "located": place.quantity, "called": _called(inquiry, place, quantity)}
    if quantity == place.quantity:
        details |= _wanted(inquiry, quantity)
        details["other_product"] = other_product(details)
    if outcome.line is not None and not place.site.line <= outcome.line <= place.site.last_line:
        how = relation(cases) if cases and inquiry.has_time else None
        details |= {"raised_line": outcome.line, "raised_part": part, "kind": place.site.kind}
        told = inquiry.names.told(how.text) if how is not None else None
        if how is not None and told is not None:
            details |= {"cause": how.text, "told": told, **how.details, **_numbers_of(cases[0])}
        part = place.part
    return Diagnostic("exception", quantity, raised.relation, place.line, part, _proof(inquiry, place), details)


def first_wrong_part(place: Located) -> tuple[str, Sequence[WrongValue]]:
    """Of a place that holds a tuple or a dict, the first part that is wrong, and its cases; else the place itself."""
    names = place.quantity.split(", ")
    names = names if all(re.fullmatch(r"\w+(\[\w+\])*", name) for name in names) else [place.quantity]
    if not place.cases:
        return names[0], ()
    first = place.cases[0]
    if isinstance(first.wanted, Mapping | tuple | list) and type(first.got) is type(first.wanted):
        for name, wanted in leaves(first.wanted, names).items():
            got = leaves(first.got, names).get(name)
            if not same(got, wanted):
                return name, [
                    replace(case, got=leaves(case.got, names).get(name), wanted=right, name=name)
                    for case in place.cases
                    for right in [leaves(case.wanted, names).get(name)]
                    if right is not None
                ]
    return names[0], place.cases


def _proof(inquiry: Inquiry, place: Located) -> Proof:
    """The proof, with the name of a whole tuple or list in place of the names of all that is in it."""
    names = inquiry.verdict.outputs
    proof = place.proof
    right = [name for name in proof.right if not _is_short_list(inquiry, name)]
    return replace(proof, right=_gathered(right, names), repaired=_gathered(proof.repaired, names))


def _is_short_list(inquiry: Inquiry, name: str) -> bool:
    """Whether an output is a list of at most one number: that it is right says nothing of longer ones."""
    values = [wanted.get(name) for wanted in inquiry.verdict.wanted_leaves]
    return all(isinstance(value, list) and len(value) <= 1 for value in values)


def _gathered(names: Sequence[str], everything: Sequence[str]) -> tuple[str, ...]:
    """``caches[0]`` for ``caches[0][0], caches[0][1]``, where these are all of it."""
    found: dict[str, None] = {}
    for name in names:
        pieces = name.split("[")
        wholes = ("[".join(pieces[:count]) for count in range(1, len(pieces)))
        whole = next((whole for whole in wholes if set(_inside(whole, everything)) <= set(names)), name)
        found[whole] = None
    return tuple(found)


def _inside(whole: str, everything: Sequence[str]) -> list[str]:
    return [name for name in everything if name.startswith(f"{whole}[")]


def _wanted(inquiry: Inquiry, quantity: str) -> dict[str, Any]:
    """The shape that a quantity must have, and what a gradient must have it in common with."""
    known = inquiry.reference.cases[0].known
    right = known.get(quantity)
    if not isinstance(right, np.ndarray):
        return {}
    other = quantity.removeprefix("d")
    like = other if other != quantity and np.shape(known.get(other, 0)) == right.shape else None
    return {"wanted_shape": list(right.shape), "like": like}


def value_findings(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """The findings about wrong numbers: the wrong places, and then the wrong outputs that they do not explain."""
    place, explained = inquiry.place, False
    if place is not None and place.site.kind == "return":
        yield from (replace(found, line=place.line, part=place.part) for found in _outputs(inquiry))
        return
    while place is not None:
        explained = explained or place.proof.complete or place.cause is not None
        found = _placed(inquiry, place)
        of_a_turn = found.relation == "proportional" and place.turn is not None  # another factor in each turn
        if (found.relation is None or of_a_turn) and place.proof.complete:
            output = next(_outputs(inquiry), None)
            if output is not None and output.relation is not None and output.quantity == found.quantity:
                details = {**output.details, "located": place.quantity}
                found = replace(output, line=place.line, part=place.part, proof=found.proof, details=details)
        yield found
        place = place.second
    if not explained:
        yield from _outputs(inquiry)


def _placed(inquiry: Inquiry, place: Located) -> Diagnostic:
    """The finding about a wrong place, or about the part of it whose relation is known."""
    counts = {"turn": place.turn, "cases": len(inquiry.verdict.trials), "kind": place.site.kind}
    proof = _proof(inquiry, place)
    if place.cause is not None:
        return Diagnostic("small-change", None, place.cause, place.line, place.site.text, proof, counts)
    quantity, cases = first_wrong_part(place)
    details = counts | {"wrong_cases": len(cases), "located": place.quantity, "name": _called(inquiry, place, quantity)}
    how = relation(cases) if cases else None
    if how is not None and place.turn is None and _by_chance(inquiry, quantity, how):
        how = None
    if how is not None and _says_nothing(how, quantity, cases[0]):
        how = None
    if how is not None:
        details |= _numbers_of(cases[0]) | dict(how.details) | _told(inquiry, how, place, cases[0])
        return Diagnostic("value", quantity, how.text, place.line, place.part, proof, details)
    details |= largest_difference(cases[0].got, cases[0].wanted) if cases else {}
    return _of_part(inquiry, place, details) or Diagnostic(
        "unnamed", quantity, None, place.line, place.part, proof, details
    )


def _told(inquiry: Inquiry, how: Relation, place: Located, case: WrongValue) -> dict[str, Any]:
    """A relation in the learner's names, and the largest difference where it says nothing that the code does not."""
    told = inquiry.names.told(how.text)
    plain = told is not None and re.fullmatch(r"is [\w.-]+", told) is not None
    if told is not None and (plain or not repeats(told, place.site.text)):
        return {"told": told}
    return {"told": told, "repeats": told is not None, **largest_difference(case.got, case.wanted)}


def _of_part(inquiry: Inquiry, place: Located, details: Mapping[str, Any]) -> Diagnostic | None:
    """The finding about the smallest part that must change, where its relation is known."""
    part, cases = place.part, place.part_cases
    if part is not None and not cases and _in_bytes(inquiry, part):
        typed = {**details, "of_part": True, "name": part}
        return Diagnostic("value", part, "bytes", place.line, part, _proof(inquiry, place), typed)
    how = relation(cases) if cases and part else None
    if how is None or part is None:
        return None
    if how.text == "unchanged":
        how = Relation(f"is {part}", how.details)
        if not all(holds(how.text, case) for case in cases):
            return None
    quantity = place.part_quantity or part
    told = inquiry.names.told(how.text)
    if how.text == f"is {quantity}" or (quantity == part and (told is None or repeats(told, part))):
        return None
    more = {"of_part": True, "name": part, "told": told, **_numbers_of(cases[0]), **how.details}
    return Diagnostic("value", quantity, how.text, place.line, part, _proof(inquiry, place), {**details, **more})


def _in_bytes(inquiry: Inquiry, part: str) -> bool:
    """Whether an expression holds whole numbers of one byte each: equal to what is right, and yet not as good."""
    values = [visit.value for outcome in inquiry.outcomes for visit in outcome.visits if visit.site.text == part]
    return bool(values) and all(
        isinstance(value, np.ndarray) and value.dtype in (np.uint8, np.int8) for value in values
    )


def _called(inquiry: Inquiry, place: Located, quantity: str) -> str | None:
    """What the learner calls a wrong value; None where it has no name that the learner knows."""
    own = place.site.name
    if own is None or not own.isidentifier():
        return quantity if inquiry.names.named(quantity.split("[")[0]) else None
    if "[" in quantity:
        return quantity
    held = inquiry.verdict.trials[0].locals.get(own)
    if quantity == own or not (isinstance(held, Mapping) and quantity in held):
        return own
    return f'{own}["{quantity}"]' if quantity.isidentifier() else quantity


def _says_nothing(how: Relation, quantity: str, case: WrongValue) -> bool:
    """Whether a value is explained by itself (of another turn), or one number that fills a part of an array."""
    filled = not quantity.isidentifier() and case.came is not None and case.came.ndim == 0
    return how.text == f"is {quantity}" or (filled and how.text.startswith(("shape ()", "is ")))


def _by_chance(inquiry: Inquiry, quantity: str, how: Relation) -> bool:
    """Whether a relation of an output names quantities and does not hold for labels that are fractions."""
    extra = inquiry.extra_case(quantity)
    if extra is None or how.text.split()[0] not in OF_QUANTITIES:
        return False
    names = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", how.text.partition(" ")[2])) - {
        "np",
        "sigmoid",
        "relu",
        *OF_QUANTITIES,
    }
    return names - {"term", "factor"} <= {*extra.quantities, *extra.sizes} and not holds(how.text, extra)


def _numbers_of(case: WrongValue) -> dict[str, Any]:
    """The two numbers of a wrong value that is one number."""
    if case.came is None or case.right is None or case.came.size != 1 or case.right.size != 1:
        return {}
    return {"got": float(case.came.reshape(())), "expected": float(case.right.reshape(()))}


def _outputs(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """The findings about wrong outputs, those with a relation first."""
    unnamed = []
    for name in inquiry.verdict.outputs:
        cases = inquiry.verdict.cases(name, inquiry.reference)
        how = _relation_of_output(inquiry, name, cases) if cases else None
        if how is not None:
            counts = {
                "wrong_cases": len(cases),
                "cases": len(inquiry.verdict.trials),
                "told": inquiry.names.told(how.text),
            }
            counts |= {"name": _output_name(inquiry, name)}
            line = assigned_at(inquiry.verdict.file, name) or inquiry.returned_at()
            yield Diagnostic("value", name, how.text, line, details=counts | dict(how.details))
        elif cases:
            others = [other for other in inquiry.verdict.outputs if not _is_short_list(inquiry, other)]
            right = [other for other in others if not inquiry.verdict.wrong_at(other)]
            known = _output_name(inquiry, name)
            details: Mapping[str, Any] = {"right": right, "name": known} | largest_difference(
                cases[0].got, cases[0].wanted
            )
            line = assigned_at(inquiry.verdict.file, name) or inquiry.returned_at()
            unnamed.append(Diagnostic("unnamed", name, line=line, details=details))
        if not inquiry.has_time:
            break
    yield from unnamed


def _right_variable(inquiry: Inquiry, output: str) -> str | None:
    """A variable of the learner's that holds the right value of an output, and is not what is returned."""
    verdict = inquiry.verdict
    pairs = list(zip(verdict.trials, verdict.wanted_leaves, strict=True))
    names = verdict.trials[0].locals
    return next(
        (
            name
            for name in names
            if all(np.ndim(wanted[output]) and same(trial.locals.get(name), wanted[output]) for trial, wanted in pairs)
        ),
        None,
    )


def _output_name(inquiry: Inquiry, name: str) -> str | None:
    """The name of an output, where the learner knows it."""
    return name if inquiry.names.named(name.split("[")[0]) else None


def _relation_of_output(inquiry: Inquiry, name: str, cases: Sequence[WrongValue]) -> Relation | None:
    """How an output is wrong. What names other quantities must hold for labels that are fractions, too."""
    random, extra = inquiry.verdict.exercise.random, inquiry.extra_case(name)
    if random and drawn_rule(random, name) is not None:
        return drawn_relation(name, cases, random)
    how = relation([*cases, extra] if extra is not None else cases)
    if how is None and extra is not None and inquiry.has_time:
        plain = relation(cases)
        how = plain if plain is not None and plain.text.split()[0] not in OF_QUANTITIES else None
    if how is None or how.text != f"is {name}":
        return how
    handed = map(inquiry.verdict.arguments, range(len(inquiry.verdict.trials)))
    return Relation("unchanged", how.details) if handed_in(name, cases[0].got, handed) else None
