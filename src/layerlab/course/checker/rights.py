"""The right values that may be put into a learner's places: each site of the solution and of the alternatives.

Values are compared by fingerprints, so that each of a learner's values is looked up among all right ones at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .comparing import is_array, is_number
from .instrumenting import Site
from .reference import Reference, ReferenceCase
from .sites import KEEP, CallOutcome, Visit

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


@dataclass(frozen=True)
class RightValue:
    """One place of the reference: what it computes on each fixture, turn by turn.

    Attributes:
        name: what it is assigned to; the name of an output; None for a part of an expression.
        route: the solution, or the alternative of this number.
        site: the place; None for an output.
        values: by fixture, turn by turn; None where the route does not pass there.
    """

    name: str | None
    route: int
    site: Site | None
    visits: tuple[tuple[Visit, ...] | None, ...]
    values: tuple[tuple[Any, ...], ...]

    @cached_property
    def prints(self) -> tuple[tuple[Hashable, ...], ...]:
        """The fingerprints of the values."""
        return tuple(tuple(fingerprint(value) for value in values) for values in self.values)

    def for_turns(self, case: int, turns: int) -> list[Any] | None:
        """The values to put into a place of so many turns; None where there are none.

        A single value is the last turn's: what a loop collects is right when it ends.
        """
        values = self.values[case]
        if not values:
            return None
        if len(values) == 1 and turns > 1:
            return [KEEP] * (turns - 1) + [values[0]]
        return [values[-1]] if turns == 1 else list(values)


class RightValues:
    """All right values of an exercise on some fixtures.

    Attributes:
        cases: the fixtures.
        every: all of them, in the order of the routes and of their texts.
        all: named places first, then outputs, then parts; of equal ones the first.
    """

    def __init__(self, reference: Reference, cases: Sequence[ReferenceCase]) -> None:
        self.cases = cases
        found: list[RightValue] = []
        for route, program in enumerate(reference.programs):
            outcomes = [case.routes[route] for case in cases]
            if all(outcome is None for outcome in outcomes):
                continue
            by_site = [_by_site(outcome) for outcome in outcomes]
            for site in program.sites:
                visits = tuple(visits.get(site.number) for visits in by_site)
                values = tuple(tuple(visit.value for visit in those or ()) for those in visits)
                if any(values):
                    found.append(RightValue(_name_of(site), route, site, visits, values))
        for name in cases[0].leaves:
            values = tuple((case.leaves[name],) if name in case.leaves else () for case in cases)
            found.append(RightValue(name, 0, None, tuple(None for _ in cases), values))
        self.every = tuple(found)
        self.all = _distinct(sorted(found, key=lambda right: (right.name is None, right.site is None)))

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


def _name_of(site: Site) -> str | None:
    return site.name if site.kind in ("assignment", "loop", "return") else None


def _by_site(outcome: CallOutcome | None) -> dict[int, tuple[Visit, ...]]:
    found: dict[int, list[Visit]] = {}
    for visit in outcome.visits if outcome is not None else ():
        found.setdefault(visit.site.number, []).append(visit)
    return {number: tuple(visits) for number, visits in found.items()}


def _by_name(case: ReferenceCase, route: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    outcome = case.routes[route]
    if outcome is not None:
        named = [(outcome.name(visit), visit) for visit in outcome.visits]
        for name, visit in named:
            if name is not None and visit.site.kind == "assignment":
                found.setdefault(name, []).append(visit.value)
        for name, visit in named:
            if name is not None and visit.site.kind == "return":
                found.setdefault(name, [visit.value])
    if route == 0:
        for name, value in case.leaves.items():
            found.setdefault(name, [value])
    return found


def _distinct(found: list[RightValue]) -> list[RightValue]:
    seen: set[Hashable] = set()
    kept = []
    for right in found:
        kind = right.site.kind if right.site is not None and right.site.kind in ("loop", "test") else "value"
        key = (kind, right.prints)
        if key not in seen:
            seen.add(key)
            kept.append(right)
    return kept
