"""The smallest part of a wrong statement that must change: proved by putting the solution's own part in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..comparing import same
from ..watching.instrumenting import Site
from ..watching.rights import Change, RightSource, RightValue, fingerprint
from ..watching.sites import KEEP
from .matching import READ
from .offers import shape_of
from .searching import Repair, RepairSearch


@dataclass(frozen=True)
class SmallPart:
    """An expression within a wrong statement, whose repair alone makes everything right.

    Attributes:
        repair: of the expression.
        quantity: what should be there, by its name; None where it has none.
    """

    repair: Repair
    quantity: str | None


def smallest_part(search: RepairSearch, repair: Repair) -> SmallPart | None:
    """Find the smallest expression within a wrong statement whose repair alone makes everything right.

    Its right value is one that the solution, or an alternative with the same right statement, makes on its way to the
    quantity: an expression of the same statement, or one before it of the same shape. It must repair one more fixture
    too, on which values are not equal by chance.
    """
    parts = sorted(_inside(search.program.sites, repair.site), key=lambda part: len(part.text))
    routes = sorted(range(len(search.rights.by_name)), key=lambda route: route != repair.route)
    ways = [_on_the_way(search, repair, route) for route in routes]
    for part in parts:
        visits = search.first.visits(part)
        shape = shape_of(visits[-1].value) if visits else None
        reads = READ.fullmatch(part.text) is not None
        for own, before in ways[:1] if reads else ways:  # a name that has its own right value is right for others
            for right in [*own, *(right for right in before if shape_of(_last(right, search)) == shape)]:
                if search.until.passed:
                    return None
                found = _repairs(search, part, right)
                if found is not None:
                    named = right.site.text if right.site is not None and READ.fullmatch(right.site.text) else None
                    return SmallPart(found, right.name or named)
    return None


def _inside(sites: Sequence[Site], whole: Site) -> Iterator[Site]:
    around = {whole.number}
    for site in sites[whole.number + 1 :]:
        if site.inside in around and site.kind == "part":
            around.add(site.number)
            yield site


def _on_the_way(search: RepairSearch, repair: Repair, route: int) -> tuple[list[RightValue], list[RightValue]]:
    """What a route's statement for the quantity is made of, and what comes before that statement."""
    number = search.wrong[0]
    wanted = {fingerprint(value) for value in repair.values(number) or [] if value is not KEEP}
    before: list[RightValue] = []
    for right in search.rights.every:
        site = right.site
        if site is None or right.route != route:
            continue
        if site.kind in ("assignment", "return") and wanted <= set(right.prints[number]):
            around, own = {site.number}, list[RightValue]()
            for other in search.rights.every:
                if other.route == route and other.site is not None and other.site.inside in around:
                    around.add(other.site.number)
                    own.append(other)
            return own, before
        before.append(right)
    return [], []


def _last(right: RightValue, search: RepairSearch) -> Any:
    values = right.values[search.wrong[0]]
    return values[-1] if values else None


def _repairs(search: RepairSearch, part: Site, right: RightValue) -> Repair | None:
    def make(number: int, change: Change) -> list[Any] | None:
        return right.for_turns(number, search.runs[number].turns(part), change)

    repair = search.tried(Repair(part, right, right.route, make))
    return repair if repair.complete and _repairs_more(search, part, right) else None


def _repairs_more(search: RepairSearch, part: Site, right: RightValue) -> bool:
    """Whether a right value repairs the fixture with fractional labels as well."""
    extra = search.cases[0].reference.extra
    route = extra.routes[right.route] if extra is not None else None
    if extra is None or route is None or right.site is None:
        return True
    there = tuple(RightSource(visit.value) for visit in route.visits if visit.site.number == right.site.number)
    turns = sum(visit.site.number == part.number for visit in search.program.call(extra.fresh()).visits) or 1
    put = RightValue(None, right.route, right.kind, (there,)).for_turns(0, turns)
    if put is None:
        return False
    outcome = search.program.call(extra.fresh(), {part.number: put}, watch=False)
    return outcome.exception is None and same(outcome.value, extra.value, extra.reference.exercise.tolerance)
