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

import numpy as np

from .comparing import same
from .instrumenting import Site
from .matching import Sayings, says_the_same
from .rights import Change, RightValue, fingerprint, same_value
from .runs import Run
from .searching import Make, Repair, RepairSearch
from .sites import KEEP, Visit


class Proposals:
    """The repairs for the wrong runs of a search."""

    def __init__(self, search: RepairSearch) -> None:
        self.search, self.rights, self.cases = search, search.rights, search.cases
        self.sites, self.runs, self.wrong = search.program.sites, search.runs, search.wrong

    def __iter__(self) -> Iterator[Repair]:
        """All repairs, in the order in which they are tried."""
        guilty = [site for site in self.places if site.number not in self.innocent and not self._filled(site)]
        innocent = [site for site in self.places if site.number in self.innocent or self._filled(site)]
        return itertools.chain(
            self.other_name_returned(),
            self._in_order(guilty),
            self._everywhere(reversed([site for site in guilty if not self._suspect(site)])),
            self.returned(innocent=False),
            self._in_order(innocent),
            self._everywhere(reversed([site for site in innocent if not self._suspect(site)])),
            self.returned(innocent=True),
        )

    def _in_order(self, places: Iterable[Site]) -> Iterator[Repair]:
        for site in places:
            yield from self.by_name(site)
            if self._suspect(site):
                yield from self.with_rights(site)

    def _everywhere(self, places: Iterable[Site]) -> Iterator[Repair]:
        for site in places:
            if site.kind in ("assignment", "part"):
                yield from self.with_rights(site)

    # places

    @cached_property
    def places(self) -> list[Site]:
        """The places that every wrong run passes, in the order of the first one's execution."""
        common = set.intersection(*(set(self.runs[number].order) for number in self.wrong))
        keys = {site.key for site in self.sites}
        return [
            site
            for site in (self.sites[number] for number in self.search.first.order)
            if site.number in common and (site.kind != "part" or site.number in keys)
        ]

    @cached_property
    def _filled_names(self) -> set[str | None]:
        return {site.into for site in self.sites} - {None}

    def _filled(self, site: Site) -> bool:
        """Whether a name's value is filled item by item: what it is at first is not what it ends as."""
        return site.name in self._filled_names and site.into is None

    def _suspect(self, site: Site) -> bool:
        return site.kind in ("assignment", "part") and (site.number in self.unknown or site.number in self.repeated)

    @cached_property
    def unknown(self) -> set[int]:
        """The places whose value, in some turn of a wrong run, is no right value of anything."""
        return {site.number for site in self.places if any(self._unknown(site, number) for number in self.wrong)}

    def _unknown(self, site: Site, number: int) -> bool:
        run = self.runs[number]
        if site.number in run.raised:
            return True
        if all(key in self.rights.prints[number] for key in run.prints(site)):
            return False
        return site.into is None or not any(self._are_items(site, right, number) for right in self.rights.arrays)

    def _are_items(self, site: Site, right: RightValue, number: int) -> bool:
        """Whether what is put into an array, item by item, are the items of a right one."""
        items = self._items(site, right, number, same_value)
        own = self.runs[number].visits(site)
        return items is not None and all(
            value is KEEP or fingerprint(value) == fingerprint(visit.value)
            for value, visit in zip(items, own, strict=False)
        )

    @cached_property
    def repeated(self) -> set[int]:
        """The places whose value has been there before, in the first wrong run."""
        seen = {fingerprint(value) for value in self.cases[self.wrong[0]].inputs.values()}
        found, parts = set(), list[Hashable]()
        for visit in self.search.first.outcome.visits:
            key = fingerprint(visit.value)
            if visit.site.kind != "assignment" or visit.turn:
                parts.append(key)
                continue
            if key in seen:
                found.add(visit.site.number)
            seen.update((*parts, key))
            parts.clear()
        return found

    @cached_property
    def innocent(self) -> set[int]:
        """The places that say what the reference says."""
        found = {site.number for site in self.places}
        for number in self.wrong:
            case, prints = self.cases[number], self.rights.prints[number]
            theirs = [
                saying
                for program, route in zip(case.reference.programs, case.routes, strict=True)
                if route is not None
                for saying in Sayings(Run(program.sites, route)).all.values()
            ]
            own = Sayings(self.runs[number]).all
            found = {place for place in found if place in own and says_the_same(own[place], theirs, prints)}
        return found

    # repairs

    def other_name_returned(self) -> Iterator[Repair]:
        """A return that gives something else, where what is right lies in a local name."""
        exercise = self.search.cases[0].reference.exercise
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

    def returned(self, *, innocent: bool) -> Iterator[Repair]:
        """What is returned: the elements of a tuple or dict, and a formula or a name of another right value."""
        known = self.rights.prints[self.wrong[0]]

        def counts(site: Site) -> bool:
            named = site.text.isidentifier() and not set(self.search.first.prints(site)) <= known
            return not named and (site.number in self.innocent) == innocent

        return self._returned(counts)

    def _returned(self, counts: Callable[[Site], bool]) -> Iterator[Repair]:
        holders = {site.inside for site in self.sites if site.kind == "return"}
        for site in self.places:
            if site.kind == "return" and site.number not in holders and counts(site):
                yield from self.with_rights(site)

    def by_name(self, site: Site) -> Iterator[Repair]:
        """The values that the reference gives a place's name; a condition is turned around."""
        if site.kind == "test":
            yield from self._turned(site)
        if site.kind in ("test", "loop"):
            yield from self.with_rights(site)
        elif site.kind == "assignment" and not self._filled(site):
            seen: set[Hashable] = set()
            for route in range(len(self.rights.by_name)):
                yield from self._proposed(site, None, route, self._named(site, route), seen)

    def _named(self, site: Site, route: int) -> Make:
        return lambda number, change: self.named_values(site, number, route, change)

    def with_rights(self, site: Site) -> Iterator[Repair]:
        """All right values in one place, those of its shape first."""
        seen: set[Hashable] = set()
        own = self.search.first.visits(site)
        shape = shape_of(own[-1].value) if own else None
        if site.into is not None or (site.in_loop and site.kind == "assignment"):
            for right in self.rights.arrays:
                yield from self._proposed(site, right, right.route, self._filling(site, right), seen)
        fitting = [right for right in self.rights.all if _fits(site, right)]
        for right in sorted(fitting, key=lambda right: shape is not None and last_shape(right) != shape):
            yield from self._proposed(site, right, right.route, self._turns_of(site, right), seen)

    def _filling(self, site: Site, right: RightValue) -> Make:
        return lambda number, change: self._items(site, right, number, change)

    def _turns_of(self, site: Site, right: RightValue) -> Make:
        return lambda number, change: right.for_turns(number, self.runs[number].turns(site), change)

    def _proposed(
        self, site: Site, right: RightValue | None, route: int, make: Make, seen: set[Hashable]
    ) -> Iterator[Repair]:
        """A repair, unless it has been tried, changes nothing, or lacks values where the run is wrong."""
        values = [make(number, same_value) for number in self.wrong]
        wanted = tuple(None if those is None else fingerprint(those[:4]) for those in values)
        if None in wanted or wanted in seen:
            return
        seen.add(wanted)
        if not all(self._changes_nothing(site, *pair) for pair in zip(self.wrong, values, strict=True)):
            yield Repair(site, right, route, make)

    def _changes_nothing(self, site: Site, number: int, values: list[Any] | None) -> bool:
        own = self.runs[number].visits(site)
        return bool(values) and all(
            value is KEEP or (turn < len(own) and fingerprint(value) == fingerprint(own[turn].value))
            for turn, value in enumerate(values or [])
        )

    def _turned(self, site: Site) -> Iterator[Repair]:
        def turned(number: int, _: Change) -> list[Any] | None:
            visits = self.runs[number].visits(site)
            return None if number not in self.wrong or not visits else [not _truth(visit.value) for visit in visits]

        yield Repair(site, None, 0, turned)

    def _items(self, site: Site, right: RightValue, number: int, change: Change) -> list[Any] | None:
        """The items of a right array for a place that makes one item in each turn, where each is made last.

        The place puts them under subscripts; or its turns make the array's columns, rows or numbers in order.
        """
        run, values = self.runs[number], right.values[number]
        keys, visits = run.keys(site), run.visits(site)
        if not values or not visits:
            return None
        whole = right.made(change(right.origins[number][-1]))
        if keys:
            last = {repr(key): turn for turn, key in enumerate(keys)}
            try:
                return [whole[key] if last[repr(key)] == turn else KEEP for turn, key in enumerate(keys)]
            except (IndexError, KeyError, TypeError, ValueError):
                return None
        return _slices(whole, len(visits), shape_of(visits[-1].value)) if isinstance(whole, np.ndarray) else None

    # values by name

    def named_values(self, site: Site, number: int, route: int, change: Change) -> list[Any] | None:
        """The reference's values of the names that a place assigns in one run, turn by turn; None without any."""
        table, run = self.rights.by_name[route][number], self.runs[number]
        if site.elements:
            return self._whole(site, table, change)
        visits = run.visits(site)
        if not visits:
            values = table.get(site.name or "", [])
            return [change(value) for value in values[len(run.given.get(site.name or "", [])) :]] or None
        if site.into in table and site.key is not None:
            values = table[site.into][-1:]
            right = RightValue(site.into, route, "item", tuple(tuple(values) for _ in self.cases))
            items = self._items(site, right, number, change)
            if items is not None:
                return items
        found = [_named_value(visit, run, table) for visit in visits]
        if all(value is KEEP for value in found):
            return None
        return [value if value is KEEP else change(value) for value in found]

    def _whole(self, site: Site, table: dict[str, list[Any]], change: Change) -> list[Any] | None:
        """The values of ``a, b = f(x)``, put together from those of a and b."""
        names = [self.sites[part].name if isinstance(part, int) else None for part in site.elements]
        columns = [table.get(name or "", []) for name in names]
        if not all(columns):
            return None
        turns = min(len(column) for column in columns)
        return [tuple(change(column[turn]) for column in columns) for turn in range(turns)]


def _named_value(visit: Visit, run: Run, table: dict[str, list[Any]]) -> Any:
    """The reference's value for one turn of a place: by its place among those that the name is given."""
    name = run.outcome.name(visit) or ""
    values = table.get(name, [])
    if not values:
        return KEEP
    place, own_place, own = run.assigned(name, visit)
    if len(values) == 1 or (len(values) < 4 and len({fingerprint(value) for value in values}) == 1):
        return values[0] if own_place == own - 1 else KEEP
    place = own_place if own == len(values) else place
    return values[place] if place < len(values) else KEEP


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


def _slices(whole: np.ndarray[Any, Any], turns: int, shape: Any) -> list[Any] | None:
    """One slice of an array for each turn, in the shape of what the place makes: columns, rows, or single numbers."""
    if shape == () and whole.size == turns:
        return list(whole.ravel())
    for axis in range(whole.ndim - 1, -1, -1):
        if whole.shape[axis] == turns:
            dropped = list(np.moveaxis(whole, axis, 0))
            if np.shape(dropped[0]) == shape:
                return dropped
            kept = [whole.take([turn], axis=axis) for turn in range(turns)]
            if kept[0].shape == shape:
                return kept
    return None


def shape_of(value: Any) -> Any:
    """The shape of an array or a number; of anything else its type."""
    return type(value) if isinstance(value, tuple | list | dict | str) else getattr(value, "shape", ())


def last_shape(right: RightValue) -> Any:
    """The shape of a right value in its last turn."""
    return next((shape_of(values[-1]) for values in right.values if values), None)


def _truth(value: Any) -> bool:
    try:
        return bool(value)
    except ValueError:  # an array of several numbers
        return False
