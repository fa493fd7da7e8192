"""The right values that may be put into a learner's places: each site of the solution and of the alternatives.

Values are compared by fingerprints, so that each of a learner's values is looked up among all right ones at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .comparing import is_array, is_number
from .instrumenting import Site
from .reference import Reference, ReferenceCase
from .sites import KEEP, CallOutcome, Visit

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


Change = Callable[[Any], Any]
"""What to put in place of a value of the reference."""


def same_value(value: Any) -> Any:
    """Change nothing."""
    return value


def compared_turns(values: Sequence[Any]) -> list[Any]:
    """Pick the turns of a loop that are compared: the first ones and the last."""
    return [*values[:TURNS], *values[TURNS:][-1:]]


@dataclass(frozen=True)
class RightValue:
    """One place of the reference: what it computes on each fixture, turn by turn.

    Attributes:
        name: what it is assigned to; the name of an output; None for a part of an expression.
        route: the solution, or the alternative of this number.
        kind: that of the site; "output"; "turned" for the transpose of another right value.
        values: by fixture, turn by turn; empty where the route does not pass there.
        site: the place; None where the value is not that of a place.
        visits: by fixture, the passages whose values these are.
        whole: the right value that this one is made of: that of which it is the transpose, or the item of ``key``.
    """

    name: str | None
    route: int
    kind: str
    values: tuple[tuple[Any, ...], ...]
    site: Site | None = None
    visits: tuple[tuple[Visit, ...], ...] = ()
    whole: RightValue | None = None
    key: str | None = None

    @property
    def origins(self) -> tuple[tuple[Any, ...], ...]:
        """The values of the places of the reference of which these are made."""
        return self.values if self.whole is None else self.whole.origins

    def made(self, value: Any) -> Any:
        """What is made of a value of ``origins``: itself, its transpose, or an item of it."""
        if self.whole is not None:
            value = self.whole.made(value)
        if self.kind == "turned":
            return value.T
        return value[self.key] if self.key is not None else value

    @cached_property
    def prints(self) -> tuple[tuple[Hashable, ...], ...]:
        """The fingerprints of the values of the first turns, and of the last one."""
        return tuple(tuple(fingerprint(value) for value in compared_turns(values)) for values in self.values)

    def for_turns(self, case: int, turns: int, change: Change = same_value) -> list[Any] | None:
        """The values to put into a place of so many turns; None where there are none.

        A single value is the last turn's: what a loop collects is right when it ends.

        Args:
            case: the fixture.
            turns: of the place.
            change: what to put in place of each value of the reference.
        """
        if not self.values[case]:
            return None
        values = [self.made(change(value)) for value in self.origins[case]]
        if len(values) == 1 and turns > 1:
            return [KEEP] * (turns - 1) + [values[0]]
        return [values[-1]] if turns == 1 else list(values)


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
            by_site = [_by_site(case.routes[route]) for case in cases]
            for site in program.sites:
                visits = tuple(visits.get(site.number, ()) for visits in by_site)
                values = tuple(tuple(visit.value for visit in those) for those in visits)
                if any(values):
                    name = site.name if site.kind in ("assignment", "loop", "return") else None
                    found.append(RightValue(name, route, site.kind, values, site, visits))
        self.every = tuple(found)
        named = [right for right in found if right.name is not None]
        items = [item for right in found for item in _items(right)]
        parts = [right for right in found if right.name is None]
        outputs = [
            RightValue(name, 0, "output", tuple(_one(case.leaves, name) for case in cases)) for name in cases[0].leaves
        ]
        turned = [other for right in (*named, *items, *outputs) for other in _turned(right)]
        self.all = _distinct([*named, *outputs, *items, *parts, *_counted(cases), *turned])

    @cached_property
    def prints(self) -> tuple[frozenset[Hashable], ...]:
        """The fingerprints of all right values, by fixture."""
        inputs = [{fingerprint(value) for value in case.inputs.values()} for case in self.cases]
        return tuple(
            frozenset(inputs[number].union(*(right.prints[number] for right in self.all)))
            for number in range(len(self.cases))
        )

    @cached_property
    def by_name(self) -> tuple[tuple[dict[str, list[Any]], ...], ...]:
        """For each route and fixture: the values that a name was given, in order; outputs count for the solution."""
        routes = range(len(self.cases[0].routes))
        return tuple(tuple(_by_name(case, route) for case in self.cases) for route in routes)

    def origin(self, value: Any, route: int) -> Visit | None:
        """The passage of a route that a value comes from; None for what a handed out function makes within."""
        found = self._by_id.get((route, id(value)))
        return found if found is not None else self._by_print.get((route, fingerprint(value)))

    @cached_property
    def _by_id(self) -> dict[tuple[int, int], Visit]:
        return {(right.route, id(visit.value)): visit for right, visit in self._passages()}

    @cached_property
    def _by_print(self) -> dict[tuple[int, Hashable], Visit]:
        return {
            (right.route, fingerprint(visit.value)): visit
            for right, visit in self._passages()
            if right.kind in ("assignment", "return")
        }

    def _passages(self) -> Iterator[tuple[RightValue, Visit]]:
        for right in self.every:
            for visits in right.visits:
                for visit in visits[:TURNS]:
                    yield right, visit

    @cached_property
    def arrays(self) -> list[RightValue]:
        """Named arrays, of which a loop of the learner may compute item by item."""
        return [
            right
            for right in self.all
            if right.name is not None and any(values and np.ndim(_plain(values[-1])) > 0 for values in right.values)
        ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else 0


def _one(leaves: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    return (leaves[name],) if name in leaves else ()


def _items(right: RightValue) -> Iterator[RightValue]:
    """What lies in a dict has its key's name."""
    keys = {key for values in right.values for value in values if isinstance(value, dict) for key in value}
    for key in sorted(key for key in keys if isinstance(key, str)):
        if all(isinstance(value, dict) and key in value for values in right.values for value in values):
            values = tuple(tuple(value[key] for value in those) for those in right.values)
            yield RightValue(key, right.route, "item", values, whole=right, key=key)


def _turned(right: RightValue) -> Iterator[RightValue]:
    """The transposes: a learner may keep examples as rows."""
    if all(isinstance(value, np.ndarray) and value.ndim == 2 for values in right.values for value in values):
        values = tuple(tuple(value.T for value in those) for those in right.values)
        yield RightValue(right.name, right.route, "turned", values, whole=right)


def _counted(cases: Sequence[ReferenceCase]) -> Iterator[RightValue]:
    """What a loop may go through: as many turns as a size says."""
    for name in cases[0].sizes:
        turns = tuple((range(case.sizes[name]),) if name in case.sizes else () for case in cases)
        yield RightValue(None, 0, "loop", turns)


def _by_site(outcome: CallOutcome | None) -> dict[int, tuple[Visit, ...]]:
    found: dict[int, list[Visit]] = {}
    for visit in outcome.visits if outcome is not None else ():
        found.setdefault(visit.site.number, []).append(visit)
    return {number: tuple(visits) for number, visits in found.items()}


def _by_name(case: ReferenceCase, route: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    others: dict[str, list[Any]] = {name: [value] for name, value in case.leaves.items()} if route == 0 else {}
    outcome = case.routes[route]
    for visit in outcome.visits if outcome is not None else ():
        name = outcome.name(visit) if outcome is not None else None
        if name is not None and visit.site.kind == "assignment":
            found.setdefault(name, []).append(visit.value)
        elif name is not None and visit.site.kind == "return":
            others.setdefault(name, [visit.value])
        if isinstance(visit.value, dict):
            for key, item in visit.value.items():
                others.setdefault(str(key), []).append(item)
    return {**others, **found}


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
