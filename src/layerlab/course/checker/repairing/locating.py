"""Locate by repair: the place of a learner's function where a right value makes everything right, and the proof.

fault = located(program, reference, outcomes, until)
fault.line, fault.quantity              dZ1 is wrong in line 11
fault.proof                             with the right dZ1 there, dW1 and db1 come out right
relation(fault.cases)                   and this is how it is wrong
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..deadline import Deadline
from ..diagnostic import Proof
from ..relating.cases import WrongValue
from ..watching.instrumenting import Site
from ..watching.reference import Reference
from ..watching.rights import RightValues
from ..watching.runs import WatchedRun
from ..watching.sites import CallOutcome, LearnersProgram
from .causes import earlier_cause, holder
from .departures import departure
from .narrowing import smallest_part
from .proposing import Proposals
from .searching import Repair, RepairSearch

Faults = Sequence[tuple[RepairSearch, Repair]]
"""Repairs, each with the search that found it: the function with those before it in place."""

MOST_FAULTS = 4
"""Places that are repaired one after the other before the search gives up."""


@dataclass(frozen=True)
class Located:
    """A wrong place of a learner's function.

    Attributes:
        site: the place.
        line: of the learner's file.
        quantity: what should be there, by its name in the reference; the learner's own name where that has none.
        part: the text of the smallest expression within that must change; None where it is not smaller.
        proof: what the repair made right. It is complete only where nothing else had to be repaired.
        cases: what came and what should have come, on each fixture that is wrong there; none where nothing came.
        part_quantity: what should be in the place of the part, by its name; None where it has none.
        part_cases: as cases, of the part.
        turn: the first turn of a loop in which it is wrong, from 0; None outside of loops.
        cause: "stale" where the place computes once what every turn of a later loop needs anew, "not kept" where its
            result should come back under another name.
        held_by: for a return that gives something else: the local name that holds what is right.
        second: another wrong place, further on; both together make everything right.
    """

    site: Site
    line: int
    quantity: str
    part: str | None
    proof: Proof
    cases: tuple[WrongValue, ...]
    part_quantity: str | None = None
    part_cases: tuple[WrongValue, ...] = ()
    turn: int | None = None
    cause: str | None = None
    held_by: str | None = None
    second: Located | None = None


def located(
    program: LearnersProgram, reference: Reference, outcomes: Sequence[CallOutcome], until: Deadline
) -> Located | None:
    """Find the first wrong place of a function that is wrong on at least one fixture.

    Args:
        program: the learner's file.
        reference: the exercise's right values.
        outcomes: of ``program.call`` on each fixture, in order.
        until: when the search ends with the best that it has.

    Returns:
        The place; None where no right value in any place makes more right than before.
    """
    search = RepairSearch(program, RightValues(reference, reference.cases), outcomes, until)
    if not search.wrong or not program.sites:
        return None
    proposals = Proposals(search)
    return (
        _by_one_repair(search, proposals.guilty())
        or _where_raised(search, proposals, innocent=False)
        or _by_one_repair(search, proposals.others())
        or _by_waiting(search)
        or _one_after_the_other(search, innocent=False)
        or _one_after_the_other(search, innocent=True)
        or _where_raised(search, proposals, innocent=True)
        or _by_one_repair(search, proposals.packs())
        or _best_and_another(search)
        or _best(search, returned=False)
        or _first_departure(search)
        or _wrong_build(search)
        or _best(search, returned=True)
    )


def _by_one_repair(search: RepairSearch, repairs: Iterator[Repair]) -> Located | None:
    """The place of the first repair that makes everything right."""
    repair = search.first_complete(repairs)
    return None if repair is None else _located(search, repair, _proof(search, repair))


def _proof(search: RepairSearch, repair: Repair) -> Proof:
    """What a repair shows on every fixture; a repaired return shows nothing."""
    names = search.cases[search.wrong[0]].leaves
    right = frozenset.intersection(*search.good)
    returned = repair.site.kind == "return"
    after = [right if returned else search.right_after(repair, number) for number in range(len(search.cases))]
    repaired, complete = frozenset.intersection(*after) - right, repair.complete and not returned
    return Proof(
        complete,
        tuple(name for name in names if name in right),
        tuple(name for name in names if name in repaired),
        len(search.cases),
    )


def _by_waiting(search: RepairSearch) -> Located | None:
    """The place of a repair that makes everything right, but perhaps by chance."""
    return None if search.waiting is None else _located(search, search.waiting, _proof(search, search.waiting))


def _one_after_the_other(search: RepairSearch, *, innocent: bool) -> Located | None:
    """Repair named places in the order of execution, each after those before it: what is still wrong is at fault."""
    for route in range(len(search.rights.by_name)):
        faults: list[tuple[RepairSearch, Repair]] = []
        now = search
        while len(faults) < MOST_FAULTS and now.wrong and not search.until.passed:
            repair = next((repair for repair in _named(now, innocent=innocent) if repair.route == route), None)
            if repair is None or any(repair.site == other.site for _, other in faults):
                break
            repair = now.tried(repair)
            faults.append((now, repair))
            if repair.complete:
                return _chained(_needed(search, faults))
            now = _after(now, repair)
    return None


def _needed(search: RepairSearch, faults: Faults) -> Faults:
    """Leave out what need not be repaired once the others are: what is wrong only because a place before it is."""
    kept = faults
    for fault in faults:
        others = [other for other in kept if other is not fault]
        if others and _complete_with(search, others):
            kept = others
    return kept


def _complete_with(search: RepairSearch, faults: Faults) -> bool:
    """Whether all of these repairs together make everything right."""
    for number, case in enumerate(search.cases):
        found = {repair.site.number: repair.values(number) for _, repair in faults}
        patches = {**search.base[number], **{site: values for site, values in found.items() if values is not None}}
        if not WatchedRun((), search.program.call(case.fresh(), patches, watch=False)).is_right(case):
            return False
    return True


def _named(search: RepairSearch, *, innocent: bool = True) -> Iterator[Repair]:
    """Repairs of places whose names the reference has, in the order of execution."""
    proposals = Proposals(search)
    for site in proposals.suspicion.places:
        if site.kind == "assignment" and (innocent or site.number not in proposals.suspicion.innocent):
            yield from proposals.by_name(site)


def _after(search: RepairSearch, repair: Repair) -> RepairSearch:
    """The search that goes on with a repair in place."""
    base = [dict(patches) for patches in search.base]
    for number, patches in enumerate(base):
        values = repair.values(number)
        if values is not None:
            patches[repair.site.number] = values
    outcomes = [search.program.call(case.fresh(), patches) for case, patches in zip(search.cases, base, strict=True)]
    return RepairSearch(search.program, search.rights, outcomes, search.until, base)


def _where_raised(search: RepairSearch, proposals: Proposals, *, innocent: bool) -> Located | None:
    """The place of an exception that no repair before it prevents."""
    for number in search.wrong:
        raised = search.runs[number].raised
        if raised and (innocent or (search.waiting is None and raised[-1] not in proposals.suspicion.innocent)):
            site = search.program.sites[raised[-1]]
            repair = Repair(site, None, 0, lambda *_: None)
            return replace(_located(search, repair, _proof(search, repair)), line=_line(search, number, site))
    return None


def _line(search: RepairSearch, number: int, site: Site) -> int:
    """The line that raised, where it lies within the statement; else the statement's own."""
    line = search.runs[number].outcome.line
    return line if line is not None else site.line


def _best_and_another(search: RepairSearch) -> Located | None:
    """Keep the repair that made most outputs right, and look for a second one."""
    first = search.best
    if first is not None and not search.until.passed:
        after = _after(search, first)
        proposals = Proposals(after)
        second = after.first_complete(itertools.chain(proposals.guilty(), proposals.others())) if after.wrong else None
        if second is not None:
            return _chained([(search, first), (after, second)])
    return None


def _best(search: RepairSearch, *, returned: bool) -> Located | None:
    """The place of the repair that made most outputs right; one in a return only where that is asked for."""
    repair = search.best
    if repair is None or (repair.site.kind == "return" and not returned):
        return None
    return _located(search, repair, _proof(search, repair))


def _chained(faults: Faults) -> Located | None:
    """Several wrong places, the first in the order of the text first."""
    found: Located | None = None
    for search, repair in sorted(faults, key=lambda fault: -fault[1].site.number):
        proof = replace(_proof(search, repair), complete=len(faults) == 1)
        found = replace(_located(search, repair, proof), second=found)
    return found


def _first_departure(search: RepairSearch) -> Located | None:
    """The first place, and turn of a loop, in which a named value is not the reference's."""
    repair = next(_named(search), None)
    return None if repair is None else _located(search, repair, _proof(search, repair))


def _wrong_build(search: RepairSearch) -> Located | None:
    """An array that is filled item by item and ends as a wrong output: where it is made, if its shape is wrong."""
    suspicion = Proposals(search).suspicion
    for site in suspicion.places:
        name = site.name or ""
        if not suspicion.filled(site) or name not in search.cases[search.wrong[0]].leaves:
            continue
        cases = []
        for number in search.wrong:
            case, values = search.cases[number], search.runs[number].outcome.locals
            if name in values and np.shape(values[name]) != np.shape(case.leaves[name]):
                cases.append(
                    WrongValue(values[name], case.leaves[name], case.sizes, case.upstream(name), name, case.inputs)
                )
        if cases:
            proof = replace(_proof(search, Repair(site, None, 0, lambda *_: None)), repaired=())
            return Located(site, site.line, name, None, proof, tuple(cases))
    return None


def _located(search: RepairSearch, repair: Repair, proof: Proof) -> Located:
    where = departure(search, repair)
    cause = earlier_cause(search, repair)
    site = repair.site if cause is None else cause.site
    part = smallest_part(search, repair) if repair.complete and cause is None else None
    within = None if part is None else departure(search, part.repair)
    return Located(
        site=site,
        line=site.line,
        quantity=where.quantity,
        part=None if part is None else part.repair.site.text,
        proof=proof,
        cases=where.cases,
        part_quantity=None if part is None else part.quantity,
        part_cases=() if within is None else within.cases,
        turn=where.turn if site.in_loop else None,
        cause=None if cause is None else cause.kind,
        held_by=holder(search, repair) if site.kind == "return" else None,
    )
