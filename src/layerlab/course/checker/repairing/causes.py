"""What went wrong before the place that a repair names: an array changed in place, a result that was not kept."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ..watching.instrumenting import Site
from ..watching.rights import fingerprint
from ..watching.sites import KEEP
from .searching import Repair, RepairSearch


@dataclass(frozen=True)
class Cause:
    """A statement that is to blame for what goes wrong later.

    Attributes:
        site: of the statement.
        kind: "stale" where its result should be computed anew in every turn of a loop, "not kept" where it should come
            back under another name; None for others.
    """

    site: Site
    kind: str | None = None


def earlier_cause(search: RepairSearch, repair: Repair) -> Cause | None:
    """The statement that is to blame for the value of a name that is merely handed on at the repaired place.

    The name had the right value when it was assigned, and something changed it in place; or a call computed what
    should have been kept, and its result was dropped.
    """
    name = repair.site.text
    if not name.isidentifier():
        return _stale(search, repair, repair.site)
    site = _overwritten(search, repair, name) or _changed_in_place(search, repair, name)
    if site is not None:
        return Cause(site)
    dropped = _dropped(search, repair)
    cause = _stale_maker(search, repair, name) if dropped is None else Cause(dropped, "not kept")
    site = _made(search, repair, name) if cause is None else None
    return cause if site is None else Cause(site)


def holder(search: RepairSearch, repair: Repair) -> str | None:
    """The local name that holds, at the end of every wrong run, what a return should give."""
    names: set[str] | None = None
    for number in search.wrong:
        wanted = {fingerprint(value) for value in repair.values(number) or []}
        values = search.runs[number].outcome.locals.items()
        held = {name for name, value in values if fingerprint(value) in wanted}
        names = held if names is None else names & held
    return min(names, key=lambda name: (name not in search.cases[0].leaves, name)) if names else None


def _overwritten(search: RepairSearch, repair: Repair, name: str) -> Site | None:
    """The statement that gave an argument's name another value, where the argument itself is wanted later."""
    inputs = search.cases[search.wrong[0]].inputs
    if name not in inputs or fingerprint(inputs[name]) not in _wanted(search, repair):
        return None
    return next((site for site in search.program.sites if site.kind == "assignment" and site.name == name), None)


def _stale_maker(search: RepairSearch, repair: Repair, name: str) -> Cause | None:
    """The same for a name that is handed on after the loop that made it."""
    makers = [site for site in search.program.sites if site.kind == "assignment" and site.name == name and site.in_loop]
    return _stale(search, repair, makers[-1]) if makers else None


def _stale(search: RepairSearch, repair: Repair, made: Site) -> Cause | None:
    """In a loop: the statement before it whose result should be computed anew in every turn.

    Where that is the result of the place itself, which does not come back into the loop, the place.
    """
    run, wanted = search.first, _right_turns(search, repair)
    for part in search.program.sites if made.in_loop else ():
        sites = [site for site in search.program.sites if site.kind == "assignment" and site.name == part.text]
        prints = run.prints(part)
        inside = _statement(search, part).number == _statement(search, made).number
        if not inside or not sites or any(site.in_loop for site in sites) or len(prints) < 2 or len(set(prints)) > 1:
            continue
        theirs = wanted.get(part.text, [])
        if len(theirs) > 1 and theirs[0] == prints[0] and theirs[1] != prints[1]:
            comes_back = run.prints(made)[:1] == theirs[1:2]
            return Cause(made, "not kept") if comes_back else Cause(_source(search, sites[-1]), "stale")
    return None


def _right_turns(search: RepairSearch, repair: Repair) -> dict[str, list[Hashable]]:
    """For each name that the reference assigns: the fingerprints of its values, turn by turn."""
    number = search.wrong[0]
    table = search.rights.by_name[repair.route][number]
    found = {name: [fingerprint(source.value) for source in sources[:4]] for name, sources in table.items()}
    for right in search.rights.every:
        if right.route == repair.route and right.kind == "part" and right.site is not None:
            key = right.site.text.split('"')[1] if right.site.text.count('"') == 2 else right.site.text
            found.setdefault(key, list(right.prints[number][:4]))
    return found


def _source(search: RepairSearch, site: Site) -> Site:
    """The statement that computed what a statement takes out of a dict or a name."""
    name = site.text.split("[")[0]
    for other in reversed(search.program.sites[: site.number]):
        if name.isidentifier() and other.kind == "assignment" and other.name == name:
            return _statement(search, other)
    return _statement(search, site)


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
