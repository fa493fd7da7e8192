"""How a wrong place differs from what should be there: its name, its first wrong turn, its values on each fixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..comparing import leaves, same
from ..relating.cases import WrongValue
from ..watching.rights import RightSource, fingerprint
from ..watching.sites import KEEP
from .searching import Repair, RepairSearch


@dataclass(frozen=True)
class Departure:
    """What a place computes and what it should compute, where they differ for the first time.

    Attributes:
        quantity: what should be there, by its name in the reference; the learner's own name where that has none.
        turn: the first turn in which it is wrong, from 0.
        cases: what came and what should have come, on each fixture that is wrong there; none where nothing came.
    """

    quantity: str
    turn: int
    cases: tuple[WrongValue, ...]


def departure(search: RepairSearch, repair: Repair) -> Departure:
    """Say where a place parts from what a repair puts there."""
    rows = {number: _wanted(search, repair, number) for number in search.wrong}
    turn = _first_wrong_turn(search, repair, rows)
    quantity = _quantity(search, repair, turn, rows[search.wrong[0]])
    found = []
    for number, sources in rows.items():
        visits = search.runs[number].visits(repair.site)
        source = sources[turn] if turn < min(len(visits), len(sources)) else None
        if source is not None and fingerprint(visits[turn].value) != fingerprint(source.value):
            case = search.cases[number]
            known = case.upstream(quantity, None, _route_of(search, repair, number), source.visit)
            found.append(WrongValue(visits[turn].value, source.value, case.sizes, known, quantity, case.inputs))
    return _first_leaf(search, repair, Departure(quantity, turn, tuple(found)))


def _route_of(search: RepairSearch, repair: Repair, number: int) -> int:
    return repair.route if search.cases[number].routes[repair.route] is not None else 0


def _wanted(search: RepairSearch, repair: Repair, number: int) -> list[RightSource | None]:
    """The right values of a place, turn by turn, with where they come from.

    Where only the last turn was repaired, the turns of a place of the reference that ends with the same value.
    """
    calls: list[RightSource] = []

    def noted(source: RightSource) -> Any:
        calls.append(source)
        return source.value

    values = repair.make(number, noted) or []
    put = [place for place, value in enumerate(values) if value is not KEEP]
    sources: list[RightSource | None] = [None] * len(values)
    for count, place in enumerate(put):
        call = calls[min(count * max(len(calls) // len(put), 1), len(calls) - 1)] if calls else RightSource(None)
        sources[place] = RightSource(values[place], call.visit)
    turns = len(search.runs[number].visits(repair.site))
    if turns > 1 and sources[:-1] == [None] * (turns - 1) and sources[-1] is not None:
        last = fingerprint(sources[-1].value)
        for right in search.rights.every:
            those = right.sources[number]
            if len(those) == turns and right.route == repair.route and fingerprint(those[-1].value) == last:
                return list(those)
    return sources


def _first_wrong_turn(search: RepairSearch, repair: Repair, rows: Mapping[int, list[RightSource | None]]) -> int:
    for number, sources in rows.items():
        visits = search.runs[number].visits(repair.site)
        for visit, source in zip(visits, sources, strict=False):
            if source is not None and fingerprint(source.value) != fingerprint(visit.value):
                return visit.turn
    return 0


def _quantity(search: RepairSearch, repair: Repair, turn: int, sources: list[RightSource | None]) -> str:
    """The name of what should be there: of the reference's place, of the output, or the learner's own."""
    run, right = search.first, repair.right
    visits = run.visits(repair.site)
    own = run.outcome.name(visits[min(turn, len(visits) - 1)]) if visits else repair.site.name
    if right is not None and right.name is not None:
        route = search.cases[search.wrong[0]].routes[right.route]
        source = sources[turn] if turn < len(sources) else None
        visit = None if source is None else source.visit
        if visit is not None and route is not None and right.site is not None and visit.site == right.site:
            return route.name(visit) or right.name
        return right.name
    names = {*search.cases[search.wrong[0]].leaves, *(name for table in search.rights.by_name for name in table[0])}
    if right is not None and own in names:  # it holds something else than the quantity of this name
        return repair.site.text
    return own or repair.site.text


def _first_leaf(search: RepairSearch, repair: Repair, whole: Departure) -> Departure:
    """Of a tuple or a dict, the first item that is wrong."""
    if not whole.cases or not all(isinstance(case.wanted, tuple | dict) for case in whole.cases):
        return whole
    returned = repair.site.kind == "return" and repair.site.inside is None
    names: Sequence[str] = search.cases[0].reference.exercise.outputs if returned else (whole.quantity,)
    if repair.site.elements and all(isinstance(part, int) for part in repair.site.elements):
        names = [search.program.sites[part].name or whole.quantity for part in repair.site.elements]
    pairs = [(leaves(case.got, names), leaves(case.wanted, names)) for case in whole.cases]
    came, right = pairs[0]
    wrong = [name for name, value in right.items() if name in came and not same(came[name], value)]
    if not wrong or set(came) != set(right):
        return whole
    quantity, found = wrong[0], []
    for case, (came, right) in zip(whole.cases, pairs, strict=True):
        if quantity in came and quantity in right and not same(came[quantity], right[quantity]):
            known = {name: value for name, value in case.known.items() if not same(value, right[quantity])}
            found.append(replace(case, got=came[quantity], wanted=right[quantity], known=known, name=quantity))
    return Departure(quantity, whole.turn, tuple(found))
