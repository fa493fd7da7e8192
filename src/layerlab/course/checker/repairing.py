"""Locate by repair: the place of a learner's function where a right value makes everything right, and the proof.

located = located(program, reference, outcomes, until)
located.line, located.quantity              dZ1 is wrong in line 11
located.proof                               with the right dZ1 there, dW1 and db1 come out right
relation(located.cases)                     and this is how it is wrong
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .cases import WrongValue
from .diagnostic import Proof
from .instrumenting import Site
from .narrowing import smallest_part
from .reference import Reference
from .rights import RightValues, fingerprint
from .searching import Repair, Search
from .sites import KEEP, CallOutcome, LearnersProgram

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
        cases: what came and what should have come, on each fixture that is wrong there.
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
    program: LearnersProgram, reference: Reference, outcomes: Sequence[CallOutcome], until: float
) -> Located | None:
    """Find the first wrong place of a function that is wrong on at least one fixture.

    Args:
        program: the learner's file.
        reference: the exercise's right values.
        outcomes: of ``program.call`` on each fixture, in order.
        until: the time of ``time.perf_counter`` at which the search ends with the best that it has.

    Returns:
        The place; None where no right value in any place makes more right than before.
    """
    rights = RightValues(reference, reference.cases)
    search = Search(program, reference.cases, rights, outcomes, until)
    if not search.wrong or not program.sites:
        return None
    whole = search.first_complete(
        itertools.chain(search.by_name(), search.unknown_places(), search.other_places(), search.returned())
    )
    if whole is not None:
        return _located(search, whole, _complete(search, whole))
    return _one_after_the_other(search) or _best_and_another(search) or _first_departure(search)


def _complete(search: Search, repair: Repair) -> Proof:
    case = search.cases[search.wrong[0]]
    right = search.good[search.wrong[0]]
    wrong = tuple(name for name in case.leaves if name not in right)
    return Proof(
        repair.site.kind != "return", tuple(name for name in case.leaves if name in right), wrong, len(search.cases)
    )


def _one_after_the_other(search: Search) -> Located | None:
    """Repair named places in the order of execution, each after those before it: what is still wrong is at fault."""
    for route in range(len(search.rights.by_name)):
        faults: list[tuple[Search, Repair]] = []
        now = search
        while len(faults) < MOST_FAULTS and time.perf_counter() < search.until:
            repair = next((repair for repair in now.by_name() if repair.route == route and _is_named(repair)), None)
            if repair is None or any(repair.site == other.site for _, other in faults):
                break
            now.best = None
            repair = now.tried(repair)
            faults.append((now, repair))
            if repair.complete:
                return _chained(faults)
            now = _after(now, repair)
            if not now.wrong:
                break
    return None


def _is_named(repair: Repair) -> bool:
    return repair.site.kind == "assignment" and repair.right is None


def _after(search: Search, repair: Repair) -> Search:
    """The search that goes on with a repair in place."""
    base = [dict(patches) for patches in search.base]
    for patches, values in zip(base, repair.values, strict=True):
        if values is not None:
            patches[repair.site.number] = values
    outcomes = [search.program.call(case.fresh(), patches) for case, patches in zip(search.cases, base, strict=True)]
    return Search(search.program, search.cases, search.rights, outcomes, search.until, base)


def _best_and_another(search: Search) -> Located | None:
    """Keep the repair that made most outputs right, and look for a second one."""
    first = search.best
    if first is None:
        return None
    if time.perf_counter() < search.until:
        after = _after(search, first)
        if after.wrong:
            steps = itertools.chain(after.by_name(), after.unknown_places(), after.other_places(), after.returned())
            second = after.first_complete(steps)
            if second is not None:
                return _chained([(search, first), (after, second)])
    return _located(search, first, _partial(search, first))


def _chained(faults: Sequence[tuple[Search, Repair]]) -> Located | None:
    """Several wrong places, the first in the order of the text first."""
    ordered = sorted(faults, key=lambda fault: fault[1].site.number)
    found: Located | None = None
    for search, repair in reversed(ordered):
        found = replace(_located(search, repair, _partial(search, repair)), second=found)
    return found


def _partial(search: Search, repair: Repair) -> Proof:
    case = search.cases[search.wrong[0]]
    right = search.good[search.wrong[0]]
    return Proof(False, tuple(name for name in case.leaves if name in right), repair.repaired, len(search.cases))


def _first_departure(search: Search) -> Located | None:
    """The first place, and turn of a loop, in which a named value is not the reference's."""
    for repair in search.by_name():
        if _is_named(repair):
            return _located(search, repair, _partial(search, repair))
    return None


def _located(search: Search, repair: Repair, proof: Proof) -> Located:
    site, turn = repair.site, _first_wrong_turn(search, repair)
    return Located(
        site=site,
        line=site.line,
        quantity=_quantity(search, repair, turn),
        part=smallest_part(search, repair) if proof.complete or site.kind == "return" else None,
        proof=proof,
        cases=tuple(_cases(search, repair, turn)),
        turn=turn if site.in_loop else None,
    )


def _first_wrong_turn(search: Search, repair: Repair) -> int:
    for number in search.wrong:
        visits = search.visits[number].get(repair.site.number, [])
        for visit, value in zip(visits, repair.values[number] or [], strict=False):
            if value is not KEEP and fingerprint(value) != fingerprint(visit.value):
                return visit.turn
    return 0


def _quantity(search: Search, repair: Repair, turn: int) -> str:
    """The name of what should be there: of the reference's place, of the output, or the learner's own."""
    number = search.wrong[0]
    visits = search.visits[number].get(repair.site.number, [])
    own = search.outcomes[number].name(visits[min(turn, len(visits) - 1)]) if visits else repair.site.name
    if repair.right is None:
        return own or repair.site.text
    right = repair.right
    those = right.visits[number]
    route = search.cases[number].routes[right.route]
    if those and route is not None and right.name is not None:
        return route.name(those[min(turn, len(those) - 1)]) or right.name
    return right.name or own or repair.site.text


def _cases(search: Search, repair: Repair, turn: int) -> list[WrongValue]:
    found = []
    for number in search.wrong:
        visits = search.visits[number].get(repair.site.number, [])
        values = repair.values[number] or []
        if turn >= len(visits) or turn >= len(values) or values[turn] is KEEP:
            continue
        got, wanted = visits[turn].value, values[turn]
        if fingerprint(got) != fingerprint(wanted):
            case = search.cases[number]
            found.append(
                WrongValue(got, wanted, case.sizes, case.upstream(_quantity(search, repair, turn), route=repair.route))
            )
    return found
