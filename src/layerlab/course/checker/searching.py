"""The search for the one place whose repair makes everything right: each is given right values, and the rest runs.

The order decides which place is named where several would do: first places whose name is one of the reference's, then
those whose value is no right value of anything, then the others from the end; what is returned comes last.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .comparing import leaves, same
from .instrumenting import Site
from .reference import ReferenceCase
from .rights import RightValue, RightValues, fingerprint
from .sites import KEEP, CallOutcome, LearnersProgram, Visit

Values = Sequence[list[Any] | None]
"""For each fixture: what to put into a place, turn by turn."""


@dataclass(frozen=True)
class Repair:
    """A place, and right values for it.

    Attributes:
        site: the learner's place.
        right: the reference's place that the values come from; None where they were found by name or turned around.
        route: the solution, or the alternative of this number.
        values: by fixture, turn by turn.
        repaired: the outputs that it makes right on the first wrong fixture.
        complete: whether it makes every output right on every fixture.
    """

    site: Site
    right: RightValue | None
    route: int
    values: Values
    repaired: tuple[str, ...] = ()
    complete: bool = False


class Search:
    """The learner's runs on all fixtures, and runs with repairs.

    Attributes:
        wrong: the fixtures on which an output is wrong.
    """

    def __init__(
        self,
        program: LearnersProgram,
        cases: Sequence[ReferenceCase],
        rights: RightValues,
        outcomes: Sequence[CallOutcome],
        until: float,
        base: Sequence[dict[int, list[Any]]] | None = None,
    ) -> None:
        self.program, self.cases, self.rights, self.outcomes, self.until = program, cases, rights, outcomes, until
        self.base = base or [{} for _ in cases]
        self.good = [self._good(case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]
        self.wrong = [number for number, case in enumerate(cases) if len(self.good[number]) < len(case.leaves)]
        self.visits = [_by_number(outcome) for outcome in outcomes]
        self.best: Repair | None = None

    # runs

    def _good(self, case: ReferenceCase, outcome: CallOutcome) -> frozenset[str]:
        """The names of the outputs that are right."""
        if outcome.exception is not None or outcome.out_of_steps:
            return frozenset()
        exercise = case.reference.exercise
        if same(outcome.value, case.value, exercise.tolerance):
            return frozenset(case.leaves)
        came = leaves(outcome.value, exercise.outputs)
        return frozenset(
            name
            for name, wanted in case.leaves.items()
            if name in came and same(came[name], wanted, exercise.tolerance)
        )

    def tried(self, repair: Repair) -> Repair:
        """Run the function with a repair: what it makes right."""
        order = [*self.wrong, *(number for number in range(len(self.cases)) if number not in self.wrong)]
        repaired: tuple[str, ...] = ()
        for number in order:
            values = repair.values[number]
            if values is None and number in self.wrong:
                return repair
            case, patches = self.cases[number], dict(self.base[number])
            if values is not None:
                patches[repair.site.number] = values
            outcome = self.program.call(case.fresh(), patches, self._steps(number), watch=False)
            good = self._good(case, outcome)
            if number == order[0]:
                spoiled = self.good[number] - good
                repaired = () if spoiled else tuple(name for name in case.leaves if name in good - self.good[number])
            if len(good) < len(case.leaves):
                return Repair(repair.site, repair.right, repair.route, repair.values, repaired)
        return Repair(repair.site, repair.right, repair.route, repair.values, repaired, complete=True)

    def _steps(self, number: int) -> int:
        right = max(len(route.visits) for route in self.cases[number].routes if route is not None)
        return 4 * (len(self.outcomes[number].visits) + right) + 200

    def first_complete(self, proposals: Iterator[Repair]) -> Repair | None:
        """Try repairs in order until one is complete or the time is over; ``best`` keeps the best of the others."""
        for proposal in proposals:
            if time.perf_counter() > self.until:
                return None
            repair = self.tried(proposal)
            if repair.complete:
                return repair
            if repair.repaired and (self.best is None or len(repair.repaired) > len(self.best.repaired)):
                self.best = repair
        return None

    # places

    @cached_property
    def places(self) -> list[Site]:
        """The places that every wrong run passes, in the order of the first one's execution."""
        common = set.intersection(*(set(self._order(number)) for number in self.wrong))
        keys = {site.key for site in self.program.sites}
        return [
            site
            for site in (self.program.sites[number] for number in self._order(self.wrong[0]))
            if site.number in common and (site.kind != "part" or site.number in keys)
        ]

    def _order(self, number: int) -> list[int]:
        outcome = self.outcomes[number]
        order = list(dict.fromkeys(visit.site.number for visit in outcome.visits))
        raised = outcome.raised_at
        while raised is not None:
            if raised.number not in order:
                order.append(raised.number)
            raised = None if raised.inside is None else self.program.sites[raised.inside]
        for site in [self.program.sites[place] for place in order]:
            if site.elements:  # a whole tuple comes after its elements
                inside = [place for place, other in enumerate(order) if self.program.sites[other].inside == site.number]
                order.remove(site.number)
                order.insert(max(inside, default=len(order) + 1), site.number)
        return order

    def turns(self, site: Site, number: int) -> int:
        """How often a run passes a place; a turn that raised counts."""
        return len(self.visits[number].get(site.number, ())) or 1

    def prints(self, site: Site, number: int) -> list[Hashable]:
        """The fingerprints of what a place computes, turn by turn."""
        return [fingerprint(visit.value) for visit in self.visits[number].get(site.number, ())]

    @cached_property
    def unknown(self) -> set[int]:
        """The places whose value, in some turn of a wrong run, is no right value of anything."""
        found = set()
        for site in self.places:
            for number in self.wrong:
                prints = self.prints(site, number)
                short = self.outcomes[number].exception is not None and self._raised_in(site, number)
                if short or any(key not in self.rights.prints[number] for key in prints):
                    found.add(site.number)
        return found

    def _raised_in(self, site: Site, number: int) -> bool:
        raised = self.outcomes[number].raised_at
        while raised is not None:
            if raised.number == site.number:
                return True
            raised = None if raised.inside is None else self.program.sites[raised.inside]
        return False

    # what is tried

    def by_name(self) -> Iterator[Repair]:
        """Pass A: a place whose name the reference has too, and whose value differs from that; conditions turned."""
        for site in self.places:
            if site.kind == "test":
                yield from self._turned(site)
            elif site.kind == "loop":
                yield from self._with_rights(site)
            elif site.kind == "assignment":
                seen: set[Hashable] = set()
                for route in range(len(self.rights.by_name)):
                    values = [self.named_values(site, number, route) for number in range(len(self.cases))]
                    repair = self._proposal(site, None, route, values, seen)
                    if repair is not None:
                        yield repair

    def unknown_places(self) -> Iterator[Repair]:
        """Pass B: places whose value is no right value."""
        places = [site for site in self.places if site.number in self.unknown and site.kind in ("assignment", "part")]
        for site in places:
            yield from self._with_rights(site)

    def other_places(self) -> Iterator[Repair]:
        """Pass C: places whose value is right for something, last first."""
        places = [site for site in self.places if site.number not in self.unknown]
        for site in reversed([site for site in places if site.kind in ("assignment", "part")]):
            yield from self._with_rights(site)

    def returned(self) -> Iterator[Repair]:
        """What is returned: the elements of a tuple or dict, and a formula that is written there."""
        holders = {site.inside for site in self.program.sites if site.kind == "return"}
        for site in self.places:
            if site.kind == "return" and site.number not in holders and not site.text.isidentifier():
                yield from self._with_rights(site)

    def _with_rights(self, site: Site) -> Iterator[Repair]:
        """Try all right values in one place, those of its shape first."""
        seen: set[Hashable] = set()
        own = self.visits[self.wrong[0]].get(site.number, ())
        shape = shape_of(own[-1].value) if own else None
        fitting = [right for right in self.rights.all if self._fits(site, right)]
        for right in sorted(fitting, key=lambda right: shape is not None and _last_shape(right) != shape):
            values = [right.for_turns(number, self.turns(site, number)) for number in range(len(self.cases))]
            repair = self._proposal(site, right, right.route, values, seen)
            if repair is not None:
                yield repair

    def _fits(self, site: Site, right: RightValue) -> bool:
        kind = right.site.kind if right.site is not None else "value"
        if site.kind in ("loop", "test"):
            return kind == site.kind
        if site.kind == "part":  # a subscript that is assigned to
            return kind == "part" and right.site is not None and right.site.inside is None
        return kind not in ("loop", "test")

    def _proposal(
        self, site: Site, right: RightValue | None, route: int, values: Values, seen: set[Hashable]
    ) -> Repair | None:
        """A repair, unless it has been tried, changes nothing, or lacks values where the run is wrong."""
        wanted = tuple(None if values[number] is None else fingerprint(values[number]) for number in self.wrong)
        if None in wanted or wanted in seen:
            return None
        seen.add(wanted)
        if all(self._changes_nothing(site, number, values[number] or []) for number in self.wrong):
            return None
        return Repair(site, right, route, values)

    def _changes_nothing(self, site: Site, number: int, values: list[Any]) -> bool:
        own = self.prints(site, number)
        return len(own) >= len(values) > 0 and all(
            value is KEEP or fingerprint(value) == key for value, key in zip(values, own, strict=False)
        )

    def _turned(self, site: Site) -> Iterator[Repair]:
        def turned(number: int) -> list[Any] | None:
            visits = self.visits[number].get(site.number)
            return None if number not in self.wrong or not visits else [not _truth(visit.value) for visit in visits]

        yield Repair(site, None, 0, [turned(number) for number in range(len(self.cases))])
        yield from self._with_rights(site)

    def named_values(self, site: Site, number: int, route: int) -> list[Any] | None:
        """The reference's values of the names that a place assigns in one run, turn by turn; None without any."""
        table = self.rights.by_name[route][number]
        if site.elements:
            return self._whole(site, table)
        visits = self.visits[number].get(site.number, [])
        if not visits:
            values = table.get(site.name or "", [])
            return list(values[len(self._given(number).get(site.name or "", [])) :]) or None
        found = [self._named_value(site, visit, number, table) for visit in visits]
        return None if all(value is KEEP for value in found) else found

    def _named_value(self, site: Site, visit: Visit, number: int, table: dict[str, list[Any]]) -> Any:
        """The reference's value for one turn of a place: by its place among those that the name is given."""
        name = self.outcomes[number].name(visit) or ""
        values, given = table.get(name, []), self._given(number).get(name, [])
        own = [turn for place, turn in given if place == site.number]
        if not values:
            return KEEP
        if len({fingerprint(value) for value in values}) == 1:
            return values[0] if visit.turn == own[-1] else KEEP
        place = own.index(visit.turn) if len(own) == len(values) else given.index((site.number, visit.turn))
        return values[place] if place < len(values) else KEEP

    def _whole(self, site: Site, table: dict[str, list[Any]]) -> list[Any] | None:
        """The values of ``a, b = f(x)``, put together from those of a and b."""
        names = [self.program.sites[part].name if isinstance(part, int) else None for part in site.elements]
        columns = [table.get(name or "", []) for name in names]
        if not all(columns):
            return None
        turns = min(len(column) for column in columns)
        return [tuple(column[turn] for column in columns) for turn in range(turns)]

    def _given(self, number: int) -> dict[str, list[tuple[int, int]]]:
        """For each name of a run: the places and turns that assigned it, in order."""
        if number not in self._givens:
            found: dict[str, list[tuple[int, int]]] = {}
            outcome = self.outcomes[number]
            for visit in outcome.visits:
                if visit.site.kind == "assignment":
                    found.setdefault(outcome.name(visit) or "", []).append((visit.site.number, visit.turn))
            self._givens[number] = found
        return self._givens[number]

    @cached_property
    def _givens(self) -> dict[int, dict[str, list[tuple[int, int]]]]:
        return {}


def _by_number(outcome: CallOutcome) -> dict[int, list[Visit]]:
    found: dict[int, list[Visit]] = {}
    for visit in outcome.visits:
        found.setdefault(visit.site.number, []).append(visit)
    return found


def shape_of(value: Any) -> Any:
    """The shape of an array or a number; of anything else its type."""
    return type(value) if isinstance(value, tuple | list | dict | str) else getattr(value, "shape", ())


def _last_shape(right: RightValue) -> Any:
    return next((shape_of(values[-1]) for values in right.values if values), None)


def _truth(value: Any) -> bool:
    try:
        return bool(value)
    except ValueError:  # an array of several numbers
        return False
