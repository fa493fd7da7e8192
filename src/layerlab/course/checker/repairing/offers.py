"""The values that may be put into a place: by its name, of any right value, item by item, or turned around."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from ..watching.instrumenting import Site
from ..watching.rights import Change, RightSource, RightValue, fingerprint
from ..watching.runs import WatchedRun
from ..watching.sites import KEEP, Visit
from .searching import Make, RepairSearch

MOST_TEXTS = 64
"""Ways to give texts to the turns of a loop that are tried on one fixture."""


class Offers:
    """What the reference offers for the places of a search."""

    def __init__(self, search: RepairSearch) -> None:
        self.search, self.rights, self.cases = search, search.rights, search.cases
        self.sites, self.runs = search.program.sites, search.runs

    def of_right(self, site: Site, right: RightValue) -> Make:
        """A right value, turn by turn."""
        return lambda number, change: right.for_turns(number, self.runs[number].turns(site), change)

    def by_name(self, site: Site, route: int) -> Make:
        """The values that a route gives the names of a place, turn by turn."""
        return lambda number, change: self._by_name(site, number, route, change)

    def items(self, site: Site, right: RightValue) -> Make:
        """The items of a right array for a place that makes one item in each turn, where each is made last.

        The place puts them under subscripts; or its turns make the array's columns, rows or numbers in order.
        """
        return lambda number, change: self._items(site, right, number, change)

    def turns(self, site: Site, among: list[int]) -> Iterator[Make]:
        """What the condition of a branch or loop could be instead, or what a loop could go through."""
        for other in (_the_contrary, _one_turn_less, _one_turn_more) if site.kind == "test" else ():
            yield self._changed(site, among, other)
        for start, stop in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1)) if site.kind == "loop" else ():
            yield self._changed(site, among, partial(_moved, start=start, stop=stop))

    def _changed(self, site: Site, among: list[int], other: Callable[[list[Any]], list[Any] | None]) -> Make:
        def values(number: int, _: Change) -> list[Any] | None:
            visits = self.runs[number].visits(site)
            return other([visit.value for visit in visits]) if number in among and visits else None

        return values

    def texts(self, site: Site, number: int) -> list[list[str]]:
        """All ways to give the texts that are compared or passed on to the turns of a place that makes texts."""
        visits = self.runs[number].visits(site)
        if not visits or not all(isinstance(visit.value, str) for visit in visits):
            return []
        known = [value for right in self.rights.every for value in right.values[number][:1] if isinstance(value, str)]
        known += [value for value in self.cases[number].inputs.values() if isinstance(value, str)]
        texts = list(dict.fromkeys([*known, *(visit.value for visit in visits)]))
        if len(texts) ** len(visits) > MOST_TEXTS:
            return []
        return [list(texts) for texts in itertools.product(texts, repeat=len(visits))]

    def _items(self, site: Site, right: RightValue, number: int, change: Change) -> list[Any] | None:
        run, sources = self.runs[number], right.sources[number]
        keys, visits = run.keys(site), run.visits(site)
        if not sources or not visits:
            return None
        whole = right.made(change(sources[-1]))
        if keys:
            last = {repr(key): turn for turn, key in enumerate(keys)}
            try:
                return [whole[key] if last[repr(key)] == turn else KEEP for turn, key in enumerate(keys)]
            except (IndexError, KeyError, TypeError, ValueError):
                return None
        return _slices(whole, len(visits), shape_of(visits[-1].value)) if isinstance(whole, np.ndarray) else None

    def _by_name(self, site: Site, number: int, route: int, change: Change) -> list[Any] | None:
        table, run = self.rights.by_name[route][number], self.runs[number]
        if site.elements:
            return self._whole(site, table, change)
        visits = run.visits(site)
        if not visits:
            sources = table.get(site.name or "", [])
            return [change(source) for source in sources[len(run.given.get(site.name or "", [])) :]] or None
        if site.into in table and site.key is not None:
            right = RightValue(site.into, route, "item", ((table[site.into][-1],),) * len(self.cases))
            items = self._items(site, right, number, change)
            if items is not None:
                return items
        found = [_by_place(visit, run, table) for visit in visits]
        return None if not any(found) else [KEEP if source is None else change(source) for source in found]

    def _whole(self, site: Site, table: dict[str, list[RightSource]], change: Change) -> list[Any] | None:
        """The values of ``a, b = f(x)``, put together from those of a and b."""
        names = [self.sites[part].name if isinstance(part, int) else None for part in site.elements]
        columns = [table.get(name or "", []) for name in names]
        if not all(columns):
            return None
        turns = min(len(column) for column in columns)
        return [tuple(change(column[turn]) for column in columns) for turn in range(turns)]


def _by_place(visit: Visit, run: WatchedRun, table: dict[str, list[RightSource]]) -> RightSource | None:
    """The reference's value for one turn of a place: by its place among those that the name is given."""
    name = run.outcome.name(visit) or ""
    sources = table.get(name, [])
    if not sources:
        return None
    place, own_place, own = run.assigned(name, visit)
    if len(sources) == 1 or (len(sources) < 4 and len({fingerprint(source.value) for source in sources}) == 1):
        return sources[0] if own_place == own - 1 else None
    place = own_place if own == len(sources) else place
    return sources[place] if place < len(sources) else None


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


def _the_contrary(values: list[Any]) -> list[Any]:
    return [not _truth(value) for value in values]


def _one_turn_less(values: list[Any]) -> list[Any] | None:
    return [KEEP] * (len(values) - 2) + [False] if len(values) > 1 else None


def _one_turn_more(values: list[Any]) -> list[Any]:
    return [KEEP] * (len(values) - 1) + [True]


def _moved(values: list[Any], start: int, stop: int) -> list[Any] | None:
    """Ranges that begin or end one step off."""
    if not all(isinstance(value, range) for value in values):
        return None
    return [range(value.start + start, value.stop + stop, value.step) for value in values]


def _truth(value: Any) -> bool:
    try:
        return bool(value)
    except ValueError:  # an array of several numbers
        return False
