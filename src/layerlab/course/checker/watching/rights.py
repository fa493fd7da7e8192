"""The right values that may be put into a learner's places: each site of the solution and of the alternatives.

Values are compared by fingerprints, so that each of a learner's values is looked up among all right ones at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..comparing import is_array, is_number
from .instrumenting import Site
from .reference import Reference, ReferenceCase
from .sites import KEEP, Visit

TURNS = 16
"""Turns of a loop that are compared; the last turn is compared as well."""

DIGITS = 9
"""Digits of the largest number of an array up to which two arrays are the same."""


def fingerprint(value: Any) -> Hashable:
    """Return a key that equal values share, whatever their last digits; the types of numbers do not count."""
    if isinstance(value, str) or value is None:
        return ("text", value)
    if is_number(value) or is_array(value):
        return _of_array(np.asarray(value))
    if isinstance(value, tuple | list):
        return ("many", *(fingerprint(part) for part in value))
    if isinstance(value, Mapping):
        return ("dict", *sorted((str(key), fingerprint(part)) for key, part in value.items()))
    if isinstance(value, range):
        return ("range", *value[:1000])
    return ("object", id(value))


def _of_array(array: np.ndarray[Any, Any]) -> Hashable:
    if array.dtype.kind not in "fiub":
        return ("array", array.shape, str(array.dtype), array.tobytes())
    numbers = array.astype(np.float64)
    finite = np.abs(numbers[np.isfinite(numbers)])
    largest = float(finite.max()) if finite.size else 0.0
    exponent = int(np.frexp(largest)[1])
    with np.errstate(all="ignore"):
        rounded = np.round(np.ldexp(numbers, -exponent), DIGITS) + 0.0  # no -0.0
    return ("array", array.shape, exponent, rounded.tobytes())


class RightSource(NamedTuple):
    """A right value, and where it comes from: a passage of the reference or an argument, or an item of those."""

    value: Any
    visit: Visit | None = None
    key: str | None = None
    argument: str | None = None


Change = Callable[[RightSource], Any]
"""What to put in place of a value of the reference."""


def unchanged(source: RightSource) -> Any:
    """Return a right value as it is: the usual change of a place."""
    return source.value


def compared_turns(values: Sequence[Any]) -> list[Any]:
    """Pick the turns of a loop that are compared: the first ones and the last."""
    return [*values[:TURNS], *values[TURNS:][-1:]]


@dataclass(frozen=True)
class RightValue:
    """One place of the reference: what it computes on each fixture, turn by turn.

    Attributes:
        name: what it is assigned to; the name of an output; None for a part of an expression.
        route: the solution, or the alternative of this number.
        kind: that of the site; "output"; "item" of a dict; "turned" for the transpose of another right value.
        sources: by fixture, turn by turn; empty where the route does not pass there.
        site: the place; None where the value is not that of a place.
    """

    name: str | None
    route: int
    kind: str
    sources: tuple[tuple[RightSource, ...], ...]
    site: Site | None = None

    @cached_property
    def values(self) -> tuple[tuple[Any, ...], ...]:
        """The values, by fixture, turn by turn."""
        return tuple(tuple(self.made(source.value) for source in sources) for sources in self.sources)

    @cached_property
    def prints(self) -> tuple[tuple[Hashable, ...], ...]:
        """The fingerprints of the values of the first turns, and of the last one."""
        return tuple(tuple(fingerprint(value) for value in compared_turns(values)) for values in self.values)

    def made(self, value: Any) -> Any:
        """What is made of a source's value: itself, or its transpose."""
        return value.T if self.kind == "turned" else value

    def for_turns(self, case: int, turns: int, change: Change = unchanged) -> list[Any] | None:
        """The values to put into a place of so many turns; None where there are none.

        A single value is the last turn's: what a loop collects is right when it ends.

        Args:
            case: the fixture.
            turns: of the place.
            change: what to put in place of each value of the reference.
        """
        sources = self.sources[case]
        if not sources:
            return None
        if len(sources) == 1 and turns > 1:
            return [KEEP] * (turns - 1) + [self.made(change(sources[0]))]
        return [self.made(change(source)) for source in (sources[-1:] if turns == 1 else sources)]


class RightValues:
    """All right values of an exercise on some fixtures.

    Attributes:
        cases: the fixtures.
        every: all of them, in the order of the routes and of their texts.
        all: named places first, then outputs, then parts, then transposes; of equal ones the first.
    """

    def __init__(self, reference: Reference, cases: Sequence[ReferenceCase]) -> None:
        self.cases = cases
        found: list[RightValue] = []
        for route, program in enumerate(reference.programs):
            by_site = [_by_site(case, route) for case in cases]
            for site in program.sites:
                sources = tuple(sources.get(site.number, ()) for sources in by_site)
                if any(sources):
                    name = site.name if site.kind in ("assignment", "loop", "return") else None
                    found.append(RightValue(name, route, site.kind, sources, site))
        self.every = tuple(found)
        named = [right for right in found if right.name is not None]
        items = [item for right in found for item in _items(right)]
        parts = [right for right in found if right.name is None]
        outputs = [
            RightValue(name, 0, "output", tuple(self._output(case, name) for case in cases)) for name in cases[0].leaves
        ]
        turned = [other for right in (*named, *items, *outputs) for other in _turned(right)]
        self.all = _distinct([*named, *outputs, *items, *parts, *_counted(cases), *turned])

    def _output(self, case: ReferenceCase, name: str) -> tuple[RightSource, ...]:
        """An output, and the passage of the solution that made it, if there is one."""
        if name not in case.leaves:
            return ()
        value, route = case.leaves[name], case.routes[0]
        key = fingerprint(value)
        visits = [] if route is None else [v for v in reversed(route.visits) if v.site.kind in ("assignment", "return")]
        return (RightSource(value, next((visit for visit in visits[:50] if fingerprint(visit.value) == key), None)),)

    @cached_property
    def prints(self) -> tuple[frozenset[Hashable], ...]:
        """The fingerprints of all right values, by fixture."""
        inputs = [{fingerprint(value) for value in case.inputs.values()} for case in self.cases]
        return tuple(
            frozenset(inputs[number].union(*(right.prints[number] for right in self.all)))
            for number in range(len(self.cases))
        )

    @cached_property
    def by_name(self) -> tuple[tuple[dict[str, list[RightSource]], ...], ...]:
        """For each route and fixture: the values that a name was given, in order; outputs count for the solution."""
        routes = range(len(self.cases[0].routes))
        return tuple(tuple(self._by_name(case, route) for case in self.cases) for route in routes)

    def _by_name(self, case: ReferenceCase, route: int) -> dict[str, list[RightSource]]:
        found: dict[str, list[RightSource]] = {}
        others = {name: list(self._output(case, name)) for name in case.leaves} if route == 0 else {}
        outcome = case.routes[route]
        for visit in outcome.visits if outcome is not None else ():
            name = outcome.name(visit) if outcome is not None else None
            if name is not None and visit.site.kind == "assignment":
                found.setdefault(name, []).append(RightSource(visit.value, visit))
            elif name is not None and visit.site.kind == "return":
                others.setdefault(name, [RightSource(visit.value, visit)])
            if isinstance(visit.value, dict) and visit.site.kind == "assignment":
                for key, item in visit.value.items():
                    others.setdefault(str(key), []).append(RightSource(item, visit, key))
        return {**others, **found}

    @cached_property
    def arrays(self) -> list[RightValue]:
        """Named arrays, of which a loop of the learner may compute item by item."""
        return [
            right
            for right in self.all
            if right.name is not None
            and any(
                isinstance(value, np.ndarray) and value.ndim > 0 for values in right.values for value in values[-1:]
            )
        ]


def _items(right: RightValue) -> Iterator[RightValue]:
    """What lies in a dict has its key's name."""
    if right.kind != "assignment":
        return
    keys = {key for values in right.values for value in values if isinstance(value, dict) for key in value}
    for key in sorted(key for key in keys if isinstance(key, str)):
        if all(isinstance(value, dict) and key in value for values in right.values for value in values):
            sources = tuple(
                tuple(RightSource(source.value[key], source.visit, key) for source in those) for those in right.sources
            )
            yield RightValue(key, right.route, "item", sources)


def _turned(right: RightValue) -> Iterator[RightValue]:
    """The transposes: a learner may keep examples as rows."""
    if all(isinstance(value, np.ndarray) and value.ndim == 2 for values in right.values for value in values):
        yield RightValue(right.name, right.route, "turned", right.sources)


def _counted(cases: Sequence[ReferenceCase]) -> Iterator[RightValue]:
    """What a loop may go through: as many turns as a size says."""
    for name in cases[0].sizes:
        turns = tuple((RightSource(range(case.sizes[name])),) if name in case.sizes else () for case in cases)
        yield RightValue(None, 0, "loop", turns)


ITEM = re.compile(r"(\w+)\[['\"](\w+)['\"]\]")
"""An item of a dict: ``cache["A1"]``."""


def _by_site(case: ReferenceCase, route: int) -> dict[int, tuple[RightSource, ...]]:
    """The values of each site, turn by turn; where a name is read, they come from where it was assigned."""
    found: dict[int, list[RightSource]] = {}
    assigned: dict[str, Visit] = {}
    outcome = case.routes[route]
    for visit in outcome.visits if outcome is not None else ():
        source = RightSource(visit.value, visit)
        if visit.site.kind == "part":
            source = _read(visit, assigned, case)
        found.setdefault(visit.site.number, []).append(source)
        if visit.site.kind == "assignment" and visit.site.name is not None:
            assigned[visit.site.name] = visit
    return {number: tuple(sources) for number, sources in found.items()}


def _read(visit: Visit, assigned: Mapping[str, Visit], case: ReferenceCase) -> RightSource:
    """Where the value of a part comes from: a name or an item that is read was made elsewhere."""
    text, value = visit.site.text, visit.value
    item = ITEM.fullmatch(text)
    name, key = item.groups() if item else (text, None)
    if name in assigned and key is None and fingerprint(assigned[name].value) == fingerprint(value):
        return RightSource(value, assigned[name])
    if name not in assigned and name in case.arguments:
        given = case.arguments[name]
        given = given.get(key) if key is not None and isinstance(given, dict) else given
        if fingerprint(given) == fingerprint(value):
            return RightSource(value, None, key, name)
    return RightSource(value, visit)


def _distinct(found: list[RightValue]) -> list[RightValue]:
    seen: set[Hashable] = set()
    kept = []
    for right in found:
        kind = right.kind if right.kind in ("loop", "test") else "value"
        key = (kind, right.prints)
        if key not in seen:
            seen.add(key)
            kept.append(right)
    return kept
