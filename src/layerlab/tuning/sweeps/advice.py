"""Which learning rate the members of a sweep suggest, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .seeds import OverSeeds, over_seeds


class Advice(NamedTuple):
    """What the curves of a sweep say about the learning rate.

    Attributes:
        rate: the learning rate to take, or None where none of those tried is steady.
        sentence: the same with its reason.
    """

    rate: float | None
    sentence: str


def advised(table: Sequence[Mapping[str, Any]], varied: Sequence[str]) -> Advice | None:
    """Advise the largest learning rate whose curves fell steadily for every seed, and say what larger ones did.

    Args:
        table: of a ``Sweep``.
        varied: names of what was varied.

    Returns:
        None unless the learning rate was varied, and nothing beside it but the seed: then there is no single answer.
    """
    if "learning_rate" not in varied or not set(varied) <= {"learning_rate", "seed"} or len(table) < 2:
        return None
    groups = sorted(over_seeds(table, varied), key=lambda group: float(group.settings["learning_rate"]))
    steady = [number for number, group in enumerate(groups) if set(group.behaviours) == {"fell"}]
    if not steady:
        return Advice(
            None, f"No tried learning rate fell without oscillating{_in_all(groups[0])}; {_elsewhere(groups)}."
        )
    chosen = groups[steady[-1]]
    larger = groups[steady[-1] + 1] if steady[-1] + 1 < len(groups) else None
    beyond = "no larger one was tried" if larger is None else f"{_rate(larger):g} {_did(larger)}"
    why = f"the largest of the tried rates that fell without oscillating{_in_all(chosen)}; {beyond}"
    return Advice(_rate(chosen), f"Learning rate {_rate(chosen):g}: {why}.{_lower(chosen, groups)}")


def _rate(group: OverSeeds) -> float:
    return float(group.settings["learning_rate"])


def _in_all(group: OverSeeds) -> str:
    n = len(group.members)
    return "" if n == 1 else f" in all {n} seeds"


def _did(group: OverSeeds) -> str:
    """What the curves of a learning rate did, as a verb; among several seeds only those that did not fall."""
    n, verbs = len(group.members), {"stuck": "got stuck"}
    others = {verbs.get(word, word): count for word, count in group.behaviours.items() if n == 1 or word != "fell"}
    if n == 1:
        return next(iter(others))
    return " and ".join(f"{word} in {count} of {n}" for word, count in others.items())


def _elsewhere(groups: Sequence[OverSeeds]) -> str:
    """Say where to look for a steady learning rate: between those that are too small and those that are too large."""
    slow = [_rate(group) for group in groups if set(group.behaviours) <= {"fell", "crept", "stuck"}]
    fast = [_rate(group) for group in groups if not set(group.behaviours) <= {"fell", "crept", "stuck"}]
    if slow and fast:
        both = (f"{rate:g} {_did(_group_at(groups, rate))}" for rate in (slow[-1], fast[0]))
        return f"{' and '.join(both)}: try rates between"
    return f"try larger ones than {slow[-1]:g}" if slow else f"try smaller ones than {fast[0]:g}"


def _group_at(groups: Sequence[OverSeeds], rate: float) -> OverSeeds:
    return next(group for group in groups if _rate(group) == rate)


def _lower(chosen: OverSeeds, groups: Sequence[OverSeeds]) -> str:
    """A sentence that a larger learning rate ended at a lower cost, if one did."""
    costs = {_rate(group): group.figures["cost"].median for group in groups if group.figures["cost"] is not None}
    best = min(costs, key=lambda rate: costs[rate])
    if best == _rate(chosen):
        return ""
    median = " at the median" if len(chosen.members) > 1 else ""
    return (
        f" Lower ended {best:g}{median}, at a cost of {costs[best]:.3g} against {costs[_rate(chosen)]:.3g}, though it "
        f"{_did(_group_at(groups, best))}."
        if best > _rate(chosen)
        else ""
    )
