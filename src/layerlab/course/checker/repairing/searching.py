"""The search for the one place whose repair makes everything right: it is given right values, and the rest runs.

A repair counts at once where the function goes on from it as the reference does, from other values as well; else it
waits for a better one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..comparing import same
from ..deadline import Deadline
from ..watching.instrumenting import Site
from ..watching.rights import TURNS, Change, RightSource, RightValue, RightValues, unchanged
from ..watching.runs import WatchedRun
from ..watching.sites import KEEP, CallOutcome, LearnersProgram

Make = Callable[[int, Change], list[Any] | None]
"""Values to put into a place on one fixture, turn by turn: the reference's values, which may be changed first."""


@dataclass(frozen=True)
class Repair:
    """A place, and right values for it.

    Attributes:
        site: the learner's place.
        right: the reference's place that the values come from; None where they were found by name or turned around.
        route: the solution, or the alternative of this number.
        make: the values, fixture by fixture.
        repaired: the outputs that it makes right on the first wrong fixture.
        complete: whether it makes every output right on every fixture.
    """

    site: Site
    right: RightValue | None
    route: int
    make: Make
    repaired: tuple[str, ...] = ()
    complete: bool = False

    def values(self, case: int) -> list[Any] | None:
        """The values for one fixture."""
        return self.make(case, unchanged)


class RepairSearch:
    """The learner's runs on all fixtures, and runs with repairs.

    Attributes:
        good: by fixture, the names of the outputs that are right.
        wrong: the fixtures on which an output is wrong.
        best: the repair that makes most outputs right, of those that were tried and are not complete.
        waiting: the first complete repair from which the function does not go on as the reference does.
    """

    def __init__(
        self,
        program: LearnersProgram,
        rights: RightValues,
        outcomes: Sequence[CallOutcome],
        until: Deadline,
        base: Sequence[dict[int, list[Any]]] | None = None,
    ) -> None:
        self.program, self.rights, self.cases, self.until = program, rights, rights.cases, until
        self.base = base or [{} for _ in self.cases]
        self.runs = [WatchedRun(program.sites, outcome) for outcome in outcomes]
        self.good = [run.right(case) for run, case in zip(self.runs, self.cases, strict=True)]
        self.wrong = [number for number, case in enumerate(self.cases) if not self.runs[number].is_right(case)]
        self.best: Repair | None = None
        self.waiting: Repair | None = None

    @property
    def first(self) -> WatchedRun:
        """The run on the first wrong fixture."""
        return self.runs[self.wrong[0]]

    def first_complete(self, proposals: Iterable[Repair]) -> Repair | None:
        """Try repairs in order until one is complete, and the function goes on from it as the reference does."""
        for proposal in proposals:
            if self.until.passed:
                return None
            repair = self.tried(proposal)
            if repair.complete:
                if self._goes_on(repair):
                    return repair
                self.waiting = self.waiting or repair
            elif repair.repaired and (self.best is None or len(repair.repaired) > len(self.best.repaired)):
                self.best = repair
        return None

    def tried(self, repair: Repair) -> Repair:
        """Run the function with a repair: what it makes right."""
        order = [*self.wrong, *(number for number in range(len(self.cases)) if number not in self.wrong)]
        repaired: tuple[str, ...] = ()
        for number in order:
            values = repair.values(number)
            if values is None and number in self.wrong:
                return repair
            case = self.cases[number]
            run = WatchedRun((), self._patched(number, repair.site, values))
            if number == order[0]:
                good = run.right(case)
                spoiled = self.good[number] - good
                repaired = () if spoiled else tuple(name for name in case.leaves if name in good - self.good[number])
            if not run.is_right(case):
                return replace(repair, repaired=repaired)
        return replace(repair, repaired=repaired, complete=True)

    def right_after(self, repair: Repair, number: int) -> frozenset[str]:
        """The outputs that are right on one fixture with a repair."""
        values = repair.values(number)
        if values is None:
            return self.good[number]
        return WatchedRun((), self._patched(number, repair.site, values)).right(self.cases[number])

    def right_with(self, site: Site, number: int, values: list[Any]) -> bool:
        """Whether values in a place make every output right on one fixture."""
        return WatchedRun((), self._patched(number, site, values)).is_right(self.cases[number])

    def _patched(self, number: int, site: Site, values: list[Any] | None) -> CallOutcome:
        patches = dict(self.base[number])
        if values is not None:
            patches[site.number] = values
        right = max(len(route.visits) for route in self.cases[number].routes if route is not None)
        steps = 4 * (len(self.runs[number].outcome.visits) + right) + 200
        return self.program.call(self.cases[number].fresh(), patches, steps, watch=False)

    def _goes_on(self, repair: Repair) -> bool:
        """Whether the function does with other values in this place what the reference does with them in its own.

        True as well where that cannot be tried.
        """
        rng = np.random.default_rng(0)
        return all(self._goes_on_from(repair, rng, factors) for factors in ((0.6, 0.95), (-1.3, -0.7, 0.6, 1.4)))

    def _goes_on_from(self, repair: Repair, rng: np.random.Generator, factors: Sequence[float]) -> bool:
        number = self.wrong[0]
        case = self.cases[number]
        changes = _Changes(rng, factors)
        try:
            ours = repair.make(number, changes.changed)
        except _CannotBeTriedError:
            return True
        if ours is None or not changes or len(ours) > TURNS:
            return True
        program = case.reference.programs[repair.route]
        wanted = program.call(changes.arguments(case.fresh()), changes.patches(), watch=False)
        if wanted.exception is not None:
            return True
        came = self._patched(number, repair.site, ours)
        return came.exception is None and same(came.value, wanted.value, case.reference.exercise.tolerance)


class _Changes:
    """Other values in places of the reference, and other arguments."""

    def __init__(self, rng: np.random.Generator, factors: Sequence[float]) -> None:
        self.rng, self.factors = rng, factors
        self._of_sites: dict[int, dict[int, Any]] = {}
        self._of_arguments: dict[tuple[str, str | None], Any] = {}

    def __bool__(self) -> bool:
        return bool(self._of_sites or self._of_arguments)

    def changed(self, source: RightSource) -> Any:
        """Another value than that of a source."""
        if source.argument is not None:
            place = source.argument, source.key
            if place not in self._of_arguments:
                self._of_arguments[place] = _other(source.value, self.rng, self.factors)
            return self._of_arguments[place]
        if source.visit is None:
            raise _CannotBeTriedError
        turns = self._of_sites.setdefault(source.visit.site.number, {})
        if source.visit.turn not in turns:
            turns[source.visit.turn] = _other(source.visit.value, self.rng, self.factors)
        return turns[source.visit.turn] if source.key is None else turns[source.visit.turn][source.key]

    def patches(self) -> dict[int, list[Any]]:
        """The values for the places of the reference."""
        return {
            site: [turns.get(turn, KEEP) for turn in range(max(turns) + 1)] for site, turns in self._of_sites.items()
        }

    def arguments(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments with the changed ones among them."""
        for (name, key), value in self._of_arguments.items():
            if key is None:
                arguments[name] = value
            else:
                arguments[name][key] = value
        return arguments


class _CannotBeTriedError(Exception):
    """A value has no other value of its kind, or comes from no place of the reference."""


def _other(value: Any, rng: np.random.Generator, factors: Sequence[float]) -> Any:
    """Another value of the same kind: floats are scaled, each in its own way, and a whole number is one larger."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value + 1
    if isinstance(value, float | np.floating) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return value * rng.choice(factors, size=np.shape(value))
    if isinstance(value, tuple | list):
        return type(value)([_other(part, rng, factors) for part in value])
    if isinstance(value, dict):
        return {key: _other(part, rng, factors) for key, part in value.items()}
    raise _CannotBeTriedError
