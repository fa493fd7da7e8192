"""What went wrong before the place that a repair names: an array changed in place, a result that was not kept."""

from __future__ import annotations

from collections.abc import Hashable

from .instrumenting import Site
from .rights import fingerprint
from .searching import Repair, RepairSearch
from .sites import KEEP


def earlier_cause(search: RepairSearch, repair: Repair) -> Site | None:
    """The statement that is to blame for the value of a name that is merely handed on at the repaired place.

    The name had the right value when it was assigned, and something changed it in place; or a call computed what
    should have been kept, and its result was dropped.
    """
    name = repair.site.text
    if not name.isidentifier():
        return None
    return _changed_in_place(search, repair, name) or _dropped(search, repair) or _made(search, repair, name)


def _changed_in_place(search: RepairSearch, repair: Repair, name: str) -> Site | None:
    """The last statement that read a name while it had its right value."""
    run, wanted = search.first, _wanted(search, repair)
    right = False
    last: Site | None = None
    for visit in run.outcome.visits:
        site = visit.site
        if site.kind == "assignment" and site.name == name:
            right, last = fingerprint(visit.value) in wanted, None
        elif right and (site.text == name or site.into == name):
            if site.number == repair.site.number:
                return last
            if site.into == name or fingerprint(visit.value) in wanted:
                last = _statement(search, site)
    return None


def _statement(search: RepairSearch, site: Site) -> Site:
    while site.inside is not None:
        site = search.program.sites[site.inside]
    return site


def _dropped(search: RepairSearch, repair: Repair) -> Site | None:
    """A call whose result is what the reference assigns, and which nothing reads."""
    run, number = search.first, search.wrong[0]
    assigned = {
        fingerprint(visit.value)
        for route in search.cases[number].routes[repair.route : repair.route + 1]
        for visit in (route.visits if route is not None else ())
        if visit.site.kind == "assignment" and not visit.site.pack
    }
    keys = {site.key for site in search.program.sites}
    read = {site.text for site in search.program.sites if site.kind in ("part", "return")}
    for site in search.program.sites:
        bare = site.kind == "part" and site.inside is None and site.number not in keys
        unread = site.kind == "assignment" and site.name is not None and site.name.isidentifier()
        unread = unread and site.in_loop and site.name not in read and "(" in site.text
        prints: list[Hashable] = run.prints(site)
        if (bare or unread) and prints and prints[0] in assigned and not _stands(search, site, prints[0]):
            return site
    return None


def _made(search: RepairSearch, repair: Repair, name: str) -> Site | None:
    """The place that gave the name its value before, where that is no right value of anything."""
    known, made = search.rights.prints[search.wrong[0]], None
    if repair.site.kind == "return" or set(search.first.prints(repair.site)) <= known:
        return None
    for visit in search.first.outcome.visits:
        if visit.site.kind == "assignment" and name in (visit.site.name, visit.site.into):
            made = visit.site
        elif visit.site.number == repair.site.number:
            break
    return made


def _stands(search: RepairSearch, own: Site, key: Hashable) -> bool:
    """Whether a value is also that of another place: then nothing was lost."""
    return any(
        visit.site.kind == "assignment" and visit.site != own and fingerprint(visit.value) == key
        for visit in search.first.outcome.visits
    )


def _wanted(search: RepairSearch, repair: Repair) -> set[Hashable]:
    return {fingerprint(value) for value in repair.values(search.wrong[0]) or [] if value is not KEEP}
