"""Which repairs are tried, and in which order: it decides which place is named where several would do.

A statement that says what the reference says is not where the mistake is, unless nothing else helps. Of the others the
first in the order of execution counts: its name is one of the reference's, or its value is no right value of anything,
or one that was there before. What is returned comes later.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import Any

from ..comparing import same
from ..watching.instrumenting import Site
from ..watching.rights import RightValue, fingerprint, unchanged
from ..watching.sites import KEEP
from .offers import Offers, shape_of
from .searching import Make, Repair, RepairSearch
from .suspicion import Suspicion


class Proposals:
    """The repairs for the wrong runs of a search."""

    def __init__(self, search: RepairSearch) -> None:
        self.search, self.rights, self.cases = search, search.rights, search.cases
        self.runs, self.wrong = search.runs, search.wrong
        self.offers = Offers(search)
        self.suspicion = Suspicion(search, self.offers)

    def guilty(self) -> Iterator[Repair]:
        """Repairs of places that do not say what the reference says, in the order in which they are tried."""
        guilty = [site for site in self._places if not self._is_innocent(site)]
        return itertools.chain(
            self.other_name_returned(),
            self._in_order(guilty),
            self._everywhere(reversed([site for site in guilty if not self.suspicion.suspect(site)])),
        )

    def others(self) -> Iterator[Repair]:
        """Repairs of all other places that may be wrong: what says the same of right values is right."""
        innocent = [site for site in self._places if self._is_innocent(site)]
        mixed = [site for site in innocent if site.number in self.suspicion.mixed]
        later = [site for site in innocent if not self._is_right(site)]
        return itertools.chain(
            self._in_order(mixed),
            self.returned(innocent=False),
            self._in_order(later),
            self._everywhere(reversed([site for site in later if not self.suspicion.suspect(site)])),
            self.returned(innocent=True),
        )

    def _is_right(self, site: Site) -> bool:
        return site.number in self.suspicion.innocent and site.number not in self.suspicion.unknown

    @property
    def _places(self) -> list[Site]:
        return [site for site in self.suspicion.places if not site.pack]

    def _is_innocent(self, site: Site) -> bool:
        return site.number in self.suspicion.innocent or self.suspicion.filled(site)

    def packs(self) -> Iterator[Repair]:
        """Whole tuples, lists and dicts that are written in one place."""
        packs = [site for site in self.suspicion.places if site.pack and site.kind == "assignment"]
        return itertools.chain(self._in_order(packs), self._everywhere(packs))

    def _in_order(self, places: Iterable[Site]) -> Iterator[Repair]:
        for site in places:
            yield from self.by_name(site)
            if self.suspicion.suspect(site):
                yield from self.with_rights(site)

    def _everywhere(self, places: Iterable[Site]) -> Iterator[Repair]:
        for site in places:
            if site.kind in ("assignment", "part"):
                yield from self.with_rights(site)

    def other_name_returned(self) -> Iterator[Repair]:
        """A return that gives something else, where what is right lies in a local name."""
        exercise = self.cases[0].reference.exercise
        for number in self.wrong:
            case, outcome = self.cases[number], self.runs[number].outcome
            if outcome.exception is not None:
                return
            there = {fingerprint(value) for value in outcome.locals.values()}
            wanted, came = _elements(case.value), _elements(outcome.value)
            for place, value in wanted.items():
                right = place in came and same(came[place], value, exercise.tolerance)
                if not right and fingerprint(value) not in there:
                    return
        yield from self._returned(lambda _: True)
        for site in self.suspicion.places:
            if site.kind == "return" and site.inside is None:
                yield Repair(site, None, 0, lambda number, _: [self.cases[number].value])

    def returned(self, *, innocent: bool) -> Iterator[Repair]:
        """What is returned: the elements of a tuple or dict, and a formula or a name of another right value."""
        known = self.rights.prints[self.wrong[0]]

        def counts(site: Site) -> bool:
            unknown = site.text.isidentifier() and not set(self.search.first.prints(site)) <= known
            wrong_before = (unknown or self._is_output(site)) and not self._was_right(site)
            return not wrong_before and (site.number in self.suspicion.innocent) == innocent

        return self._returned(counts)

    def _is_output(self, site: Site) -> bool:
        """Whether a name is an output's own, and has another value."""
        right = self.cases[self.wrong[0]].leaves
        return site.text in right and set(self.search.first.prints(site)) != {fingerprint(right[site.text])}

    def _was_right(self, site: Site) -> bool:
        """Whether a name had its right value when it was assigned: something changed it in place."""
        right = self.cases[self.wrong[0]].leaves
        visits = self.search.first.outcome.visits
        values = [visit.value for visit in visits if visit.site.kind == "assignment" and visit.site.name == site.text]
        return bool(values) and site.text in right and fingerprint(values[-1]) == fingerprint(right[site.text])

    def _returned(self, counts: Callable[[Site], bool]) -> Iterator[Repair]:
        for site in self.suspicion.places:
            if site.kind == "return" and not site.pack and counts(site):
                yield from self.with_rights(site)

    def by_name(self, site: Site) -> Iterator[Repair]:
        """The values that the reference gives a place's name; a condition is turned around."""
        if site.kind in ("test", "loop"):
            for make in self.offers.turns(site, self.wrong):
                yield Repair(site, None, 0, make)
            yield from self.with_rights(site)
        elif site.kind == "assignment" and not self.suspicion.filled(site):
            seen: set[Hashable] = set()
            for route in range(len(self.rights.by_name)):
                yield from self._proposed(site, None, route, self.offers.by_name(site, route), seen)

    def with_rights(self, site: Site) -> Iterator[Repair]:
        """All right values in one place, those of its shape first."""
        seen: set[Hashable] = set()
        own = self.search.first.visits(site)
        shape = shape_of(own[-1].value) if own else None
        if site.into is not None or (site.in_loop and site.kind == "assignment"):
            for right in self.rights.arrays:
                yield from self._proposed(site, right, right.route, self.offers.items(site, right), seen)
        fitting = [right for right in self.rights.all if _fits(site, right)]
        if self.suspicion.filled(site):  # an output put there would not be filled, but handed on
            fitting = [right for right in fitting if not set(right.prints[self.wrong[0]]) & self._outputs]
        for right in sorted(fitting, key=lambda right: shape is not None and _last_shape(right) != shape):
            yield from self._proposed(site, right, right.route, self.offers.of_right(site, right), seen)
        if site.number in self.suspicion.texts:
            yield from self._texts(site)

    @cached_property
    def _outputs(self) -> set[Hashable]:
        case = self.cases[self.wrong[0]]
        return {fingerprint(value) for value in (case.value, *_elements(case.value).values(), *case.leaves.values())}

    def _texts(self, site: Site) -> Iterator[Repair]:
        """On each fixture the texts, turn by turn, that make it right there."""
        found: dict[int, list[Any] | None] = {}
        for number in self.wrong:
            ways = self.offers.texts(site, number)
            found[number] = next((texts for texts in ways if self.search.right_with(site, number, texts)), None)
            if found[number] is None:
                return
        yield Repair(site, None, 0, lambda number, _: found.get(number))

    def _proposed(
        self, site: Site, right: RightValue | None, route: int, make: Make, seen: set[Hashable]
    ) -> Iterator[Repair]:
        """A repair, unless it has been tried, changes nothing, or lacks values where the run is wrong."""
        values = [make(number, unchanged) for number in self.wrong]
        wanted = tuple(None if those is None else _print_of(those) for those in values)
        if None in wanted or wanted in seen:
            return
        seen.add(wanted)
        pairs = zip(self.wrong, values, strict=True)
        if not all(self.suspicion.changes_nothing(site, number, those) for number, those in pairs):
            yield Repair(site, right, route, make)


def _print_of(values: list[Any]) -> Hashable:
    """A key of values turn by turn: of the first ones that are put in."""
    put = ((turn, fingerprint(value)) for turn, value in enumerate(values) if value is not KEEP)
    return (len(values), *itertools.islice(put, 4))


def _elements(value: Any) -> dict[Any, Any]:
    if isinstance(value, tuple):
        return dict(enumerate(value))
    return dict(value) if isinstance(value, dict) else {0: value}


def _fits(site: Site, right: RightValue) -> bool:
    if site.kind in ("loop", "test"):
        return right.kind == site.kind
    if site.kind == "part":  # a subscript that is assigned to
        return right.kind == "part" and right.site is not None and right.site.inside is None
    return right.kind not in ("loop", "test")


def _last_shape(right: RightValue) -> Any:
    return next((shape_of(values[-1]) for values in right.values if values), None)
