"""Locate by repair: the place of a learner's function where a right value makes everything right, and the proof.

fault = located(program, reference, outcomes, until)
fault.line, fault.quantity              dZ1 is wrong in line 11
fault.proof                             with the right dZ1 there, dW1 and db1 come out right
relation(fault.cases)                   and this is how it is wrong
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .cases import WrongValue
from .deadline import Deadline
from .diagnostic import Proof
from .instrumenting import Site
from .narrowing import smallest_part
from .proposing import Proposals
from .reference import Reference
from .rights import RightValues, fingerprint
from .runs import Run
from .searching import Repair, RepairSearch
from .sites import KEEP, CallOutcome, LearnersProgram

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
        turn: the first turn of a loop in which it is wrong, from 0; None outside of loops.
        second: another wrong place, further on; both together make everything right.
    """

    site: Site
    line: int
    quantity: str
    part: str | None
    proof: Proof
    cases: tuple[WrongValue, ...]
    turn: int | None = None
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
    repair = search.first_complete(Proposals(search))
    if repair is not None:
        return _located(search, repair, _proof(search, repair))
    return (
        _one_after_the_other(search) or _where_raised(search) or _best_and_another(search) or _first_departure(search)
    )


def _proof(search: RepairSearch, repair: Repair) -> Proof:
    """What a repair shows; a repaired return shows nothing."""
    number = search.wrong[0]
    right = tuple(name for name in search.cases[number].leaves if name in search.good[number])
    return Proof(repair.complete and repair.site.kind != "return", right, repair.repaired, len(search.cases))


def _one_after_the_other(search: RepairSearch) -> Located | None:
    """Repair named places in the order of execution, each after those before it: what is still wrong is at fault."""
    for route in range(len(search.rights.by_name)):
        faults: list[tuple[RepairSearch, Repair]] = []
        now = search
        while len(faults) < MOST_FAULTS and now.wrong and not search.until.passed:
            repair = next((repair for repair in _named(now) if repair.route == route), None)
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
        if len(Run((), search.program.call(case.fresh(), patches, watch=False)).right(case)) < len(case.leaves):
            return False
    return True


def _named(search: RepairSearch) -> Iterator[Repair]:
    """Repairs of places whose names the reference has, in the order of execution."""
    proposals = Proposals(search)
    for site in proposals.places:
        if site.kind == "assignment":
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


def _where_raised(search: RepairSearch) -> Located | None:
    """The place of an exception that no repair before it prevents."""
    for number in search.wrong:
        raised = search.runs[number].raised
        if raised:
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
    if first is None:
        return None
    if not search.until.passed:
        after = _after(search, first)
        second = after.first_complete(Proposals(after)) if after.wrong else None
        if second is not None:
            return _chained([(search, first), (after, second)])
    return _located(search, first, _proof(search, first))


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


def _located(search: RepairSearch, repair: Repair, proof: Proof) -> Located:
    site, turn = repair.site, _first_wrong_turn(search, repair)
    return Located(
        site=site,
        line=site.line,
        quantity=_quantity(search, repair, turn),
        part=smallest_part(search, repair) if repair.complete else None,
        proof=proof,
        cases=tuple(_cases(search, repair, turn)),
        turn=turn if site.in_loop else None,
    )


def _first_wrong_turn(search: RepairSearch, repair: Repair) -> int:
    for number in search.wrong:
        visits = search.runs[number].visits(repair.site)
        for visit, value in zip(visits, repair.values(number) or [], strict=False):
            if value is not KEEP and fingerprint(value) != fingerprint(visit.value):
                return visit.turn
    return 0


def _quantity(search: RepairSearch, repair: Repair, turn: int) -> str:
    """The name of what should be there: of the reference's place, of the output, or the learner's own."""
    run, number, right = search.first, search.wrong[0], repair.right
    visits = run.visits(repair.site)
    own = run.outcome.name(visits[min(turn, len(visits) - 1)]) if visits else repair.site.name
    if right is not None and right.name is not None:
        route = search.cases[number].routes[right.route]
        those = right.visits[number] if right.visits else ()
        if those and route is not None:
            return route.name(those[min(turn, len(those) - 1)]) or right.name
        return right.name
    return own or repair.site.text


def _cases(search: RepairSearch, repair: Repair, turn: int) -> list[WrongValue]:
    found = []
    quantity = _quantity(search, repair, turn)
    for number in search.wrong:
        visits, values = search.runs[number].visits(repair.site), repair.values(number) or []
        if turn >= len(visits) or turn >= len(values) or values[turn] is KEEP:
            continue
        got, wanted = visits[turn].value, values[turn]
        if fingerprint(got) != fingerprint(wanted):
            case = search.cases[number]
            known = case.upstream(quantity, turn, repair.route)
            found.append(WrongValue(got, wanted, case.sizes, known, quantity, case.inputs))
    return found
