"""Where a mistake may be: which places say what the reference says, and which hold what is right for nothing."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Any

from ..watching.instrumenting import Site
from ..watching.rights import fingerprint, unchanged
from ..watching.runs import WatchedRun
from ..watching.sites import KEEP
from .matching import READ, Sayings, says_the_same
from .offers import Offers
from .searching import RepairSearch


class Suspicion:
    """What the runs of a search say of its places, before anything is tried."""

    def __init__(self, search: RepairSearch, offers: Offers) -> None:
        self.search, self.offers = search, offers
        self.rights, self.cases, self.runs, self.wrong = search.rights, search.cases, search.runs, search.wrong
        self.sites = search.program.sites

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

    def filled(self, site: Site) -> bool:
        """Whether a name's value is filled item by item: what it is at first is not what it ends as."""
        return site.name in self._filled_names and site.into is None

    @cached_property
    def _filled_names(self) -> set[str | None]:
        return {site.into for site in self.sites} - {None}

    def suspect(self, site: Site) -> bool:
        """Whether all right values are worth trying in a place at once.

        Its value is no right value of anything, or was there before, or is right for another name; or it is a text.
        """
        number = site.number
        return site.kind in ("assignment", "part") and (
            number in self.unknown
            or number in self.repeated
            or number in self.texts
            or self.right_by_name(site) is False
        )

    @cached_property
    def texts(self) -> set[int]:
        """The places that make texts."""
        return {
            site.number
            for site in self.places
            if site.kind == "assignment" and any(isinstance(v.value, str) for v in self.search.first.visits(site)[:1])
        }

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
        makes = [self.offers.items(site, right) for right in self.rights.arrays] if site.into is not None else []
        return not any(self.changes_nothing(site, number, make(number, unchanged)) for make in makes)

    def changes_nothing(self, site: Site, number: int, values: list[Any] | None) -> bool:
        """Whether values are those that a place has without them."""
        own = self.runs[number].visits(site)
        return bool(values) and all(
            value is KEEP or (turn < len(own) and fingerprint(value) == fingerprint(own[turn].value))
            for turn, value in enumerate(values or [])
        )

    @cached_property
    def repeated(self) -> set[int]:
        """The places that compute a value that has been there before, in the first wrong run.

        A name that is given the value of another one counts, and an item that is read for the second time.
        """
        items = [site.text for site in self.places if site.kind == "assignment" and READ.fullmatch(site.text)]
        seen = {fingerprint(value) for value in self.cases[self.wrong[0]].inputs.values()}
        found, parts = set(), list[Hashable]()
        for visit in self.search.first.outcome.visits:
            key = fingerprint(visit.value)
            if visit.site.kind != "assignment" or visit.turn:
                parts.append(key)
                continue
            item = READ.fullmatch(visit.site.text) and not visit.site.text.isidentifier()
            if key in seen and not (item and items.count(visit.site.text) == 1) and not self._in_pack(visit.site):
                found.add(visit.site.number)
            seen.update((*parts, key))
            parts.clear()
        return found

    def _in_pack(self, site: Site) -> bool:
        return site.inside is not None and self.sites[site.inside].pack

    @cached_property
    def innocent(self) -> set[int]:
        """The places that say what the solution or an alternative says, or have the value of their name."""
        said = set().union(*self._said)
        return {
            site.number
            for site in self.places
            if (site.number in said and self.right_by_name(site) is not False) or self.right_by_name(site)
        }

    @cached_property
    def mixed(self) -> set[int]:
        """Innocent places that say what another route says than the one that most places follow."""
        most = max(self._said, key=len)
        return {number for number in self.innocent if number not in most and any(number in said for said in self._said)}

    @cached_property
    def _said(self) -> list[set[int]]:
        """By route, the places that say what it says on all wrong fixtures."""
        found = [{site.number for site in self.places} for _ in self.cases[0].routes]
        for number in self.wrong:
            case, prints = self.cases[number], self.rights.prints[number]
            own = Sayings(self.runs[number]).all
            unknown = {site.number for site in self.places if self._unknown(site, number)}
            wraps = {place for place in unknown if place in own and own[place].reads_only(prints)}  # bytes, for example
            for route, (program, outcome) in enumerate(zip(case.reference.programs, case.routes, strict=True)):
                theirs = [] if outcome is None else [*Sayings(WatchedRun(program.sites, outcome)).all.values()]
                found[route] = {
                    place
                    for place in found[route] - wraps
                    if place in own and says_the_same(own[place], theirs, prints)
                }
        return found

    def right_by_name(self, site: Site) -> bool | None:
        """Whether a place has the value of its name, where its name is one of the reference's or of an input.

        None where it has no such name, or a value that is no right one.
        """
        number = self.wrong[0]
        if site.kind != "assignment" or site.number in self.unknown:
            return None
        if site.number not in self._right_by_name:
            routes = range(len(self.rights.by_name))
            values = [self.offers.by_name(site, route)(number, unchanged) for route in routes]
            inputs = self.cases[number].inputs
            values.append([inputs[site.name]] if site.name in inputs else None)
            given = [those for those in values if those is not None]
            right = any(self.changes_nothing(site, number, those) for those in given) if given else None
            self._right_by_name[site.number] = right
        return self._right_by_name[site.number]

    @cached_property
    def _right_by_name(self) -> dict[int, bool | None]:
        return {}
