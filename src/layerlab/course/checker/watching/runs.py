"""What a learner's function did on every fixture, as the search for its fault looks at it: place by place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any

from ..comparing import leaves, same, structure_fault
from .instrumenting import Site
from .reference import ReferenceCase
from .rights import compared_turns, fingerprint
from .sites import CallOutcome, Visit


class WatchedRun:
    """One call of a function on one fixture, place by place.

    Attributes:
        sites: the function's places.
        outcome: of the call.
    """

    def __init__(self, sites: Sequence[Site], outcome: CallOutcome) -> None:
        self.sites, self.outcome = sites, outcome
        self._visits: dict[int, list[Visit]] = {}
        for visit in outcome.visits:
            self._visits.setdefault(visit.site.number, []).append(visit)

    def visits(self, site: Site) -> list[Visit]:
        """The passages through a place, in order."""
        return self._visits.get(site.number, [])

    def turns(self, site: Site) -> int:
        """How often the run passes a place; a turn that raised counts."""
        return len(self.visits(site)) or 1

    @cached_property
    def _prints(self) -> dict[int, list[Hashable]]:
        return {}

    def prints(self, site: Site) -> list[Hashable]:
        """The fingerprints of what a place computes in the first turns, and in the last one."""
        if site.number not in self._prints:
            self._prints[site.number] = [fingerprint(visit.value) for visit in compared_turns(self.visits(site))]
        return self._prints[site.number]

    @cached_property
    def raised(self) -> list[int]:
        """The places that an exception left, from the inside."""
        found, site = [], self.outcome.raised_at
        while site is not None:
            found.append(site.number)
            site = None if site.inside is None else self.sites[site.inside]
        return found

    @cached_property
    def order(self) -> list[int]:
        """The places that were passed, in the order of execution; a whole tuple comes after its elements."""
        order = list(dict.fromkeys([*(visit.site.number for visit in self.outcome.visits), *self.raised]))
        for site in [self.sites[place] for place in order]:
            if site.elements:
                inside = [place for place, other in enumerate(order) if self.sites[other].inside == site.number]
                order.remove(site.number)
                order.insert(max(inside, default=len(order) + 1), site.number)
        return order

    @cached_property
    def given(self) -> dict[str, list[tuple[int, int]]]:
        """For each name: the places and turns that assigned it, in order."""
        found: dict[str, list[tuple[int, int]]] = {}
        for visit in self.outcome.visits:
            if visit.site.kind == "assignment":
                found.setdefault(self.outcome.name(visit) or "", []).append((visit.site.number, visit.turn))
        return found

    def keys(self, site: Site) -> list[Any]:
        """The subscripts under which a place's values are kept, turn by turn; of an appended value its turn."""
        if site.key is None:
            return [visit.turn for visit in self.visits(site)] if (site.name or "").endswith("[]") else []
        return [self.outcome.key(visit) for visit in self.visits(site)]

    def is_right(self, case: ReferenceCase) -> bool:
        """Whether the function returned what it should."""
        ended = self.outcome.exception is not None or self.outcome.out_of_steps
        return not ended and same(self.outcome.value, case.value, case.reference.exercise.tolerance)

    def right(self, case: ReferenceCase) -> frozenset[str]:
        """The names of the outputs that are right; none where the build is wrong, in which names may mean others."""
        exercise = case.reference.exercise
        if self.outcome.exception is not None or self.outcome.out_of_steps:
            return frozenset()
        if structure_fault(self.outcome.value, case.value, exercise.outputs) is not None:
            return frozenset()
        came = leaves(self.outcome.value, exercise.outputs)
        return frozenset(
            name
            for name, wanted in case.leaves.items()
            if name in came and same(came[name], wanted, exercise.tolerance)
        )

    def assigned(self, name: str, visit: Visit) -> tuple[int, int, int]:
        """Which of the name's assignments a visit is, which of its own place, and how many its own place has."""
        if name not in self._assigned:
            places: dict[tuple[int, int], int] = {}
            own: dict[int, list[int]] = {}
            for place, (site, turn) in enumerate(self.given.get(name, [])):
                places[site, turn] = place
                own.setdefault(site, []).append(turn)
            self._assigned[name] = places, own
        places, own = self._assigned[name]
        turns = own[visit.site.number]
        return places[visit.site.number, visit.turn], bisect_left(turns, visit.turn), len(turns)

    @cached_property
    def _assigned(self) -> dict[str, tuple[dict[tuple[int, int], int], dict[int, list[int]]]]:
        return {}
