"""Which learning rate a sweep suggests, and why: the final costs of its members decide.

What a curve did on the way does not matter: an oscillating curve may have a lower final cost with every seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats

from .seeds import OverSeeds, over_seeds

FALL = 1e-3
"""A cost fell if it ended below its start by more than this share of the start."""

RISE = 0.02
"""A cost rose if it ended above its start by more than this share of the start; less may be the noise of dropout."""

FAINT = 1e-9
"""A change that is a smaller share of the start is taken for rounding."""

WIDE = 4.0
"""Between two learning rates that differ by this factor or more, there may be a good one."""

ALIKE = 0.02
"""Two learning rates end about equally low if their missed shares differ by at most this; the smaller one is taken."""


class Advice(NamedTuple):
    """What a sweep says about the learning rate.

    Attributes:
        rate: the learning rate to take, or None where the cost fell with none of those tried.
        answer: the same as a sentence.
        why: the reasons, and where to look further if there is evidence for a direction.
    """

    rate: float | None
    answer: str
    why: str


def advised(table: Sequence[Mapping[str, Any]], varied: Sequence[str]) -> Advice | None:
    """Advise a learning rate by the costs at which its members began and ended, and say what others did.

    Args:
        table: the table of a ``Sweep``.
        varied: names of what was varied.

    Returns:
        The advice; None if the learning rate was not varied, or if more than it and the seed was: then there is no
        single answer.
    """
    if "learning_rate" not in varied or not set(varied) <= {"learning_rate", "seed"} or len(table) < 2:
        return None
    groups = sorted(over_seeds(table, varied), key=_rate)
    costs = np.array([[_end(table[number]) for number in group.members] for group in groups])
    # Where a start is the first epoch's mean, the smallest learning rate has moved least in it.
    starts = np.array([table[number]["start_cost"] for number in groups[0].members])
    missed = missed_shares(costs, starts)
    if missed is None:
        return Advice(None, "No learning rate is recommended.", _where_to_look(groups, costs, starts))
    place, medians = smallest_of_alike(missed), np.median(costs, axis=1)
    lowest = int(medians.argmin())
    lower = f"{medians[lowest]:.3g}" != f"{medians[place]:.3g}"
    sentences = (
        _ended(groups[place], float(np.median(starts))),
        _lower(groups, costs, missed, place, lowest) if lower else "",
        _neighbours(groups, medians, missed, place, lowest if lower else None),
    )
    rate = _rate(groups[place])
    return Advice(rate, f"Recommended learning rate: {rate:g}.", " ".join(filter(None, sentences)))


def missed_shares(costs: Floats, starts: Floats) -> Floats | None:
    """Return the share of the fall that each learning rate misses, on average over the seeds.

        missed = mean over seeds of (its cost − the lowest with that seed) / fall, each at most 1

    The fall is the median over the seeds of (start − the lowest). A seed with which all diverged is left out.

    Args:
        costs: (k, n) the cost at which each of k learning rates ended with each of n seeds; infinite where it diverged.
        starts: (n,) the cost at which each seed began.

    Returns:
        (k,) from 0 to 1; None if the cost fell with none of them.
    """
    known = np.isfinite(costs).any(axis=0)
    if not known.any():
        return None
    costs, starts = costs[:, known], starts[known]
    lowest = costs.min(axis=0)
    fall = float(np.median(starts - lowest))
    if not fall > FALL * abs(float(np.median(starts))):
        return None
    shares: Floats = np.minimum((costs - lowest) / fall, 1.0).mean(axis=1)
    return shares


def smallest_of_alike(missed: Floats) -> int:
    """Return the place of the smallest learning rate that misses about as little as the best.

    The smallest is the safest: a little larger, and it is luck whether a network trains at all.

    Args:
        missed: (k,) of ``missed_shares``, learning rates rising.
    """
    return int(np.argmax(missed <= missed.min() + ALIKE))


def _end(row: Mapping[str, Any]) -> float:
    return math.inf if row["behaviour"] == "diverged" or not math.isfinite(row["cost"]) else float(row["cost"])


def _rate(group: OverSeeds) -> float:
    return float(group.settings["learning_rate"])


def _ended(group: OverSeeds, start: float) -> str:
    """Say at which cost a learning rate ended, with its spread over the seeds and what its curves did."""
    spread, n = group.figures["cost"], len(group.members)
    assert spread is not None  # noqa: S101
    if n == 1:
        did = _did(group)
        return f"The training cost fell from {start:.3g} to {spread.median:.3g}." + f" It {did}." * (did != "fell")
    low, high = f"{spread.low:.3g}", f"{spread.high:.3g}"
    ends = f"median over {n} seeds" + (f"; lowest {low}, highest {high}" if low != high else "")
    return f"The training cost fell from {start:.3g} to {spread.median:.3g} ({ends}). It {_did(group)}."


def _did(group: OverSeeds) -> str:
    """Say what the curves of a learning rate did, as a verb."""
    n, verbs = len(group.members), {"stuck": "got stuck"}
    did = {verbs.get(word, word): count for word, count in group.behaviours.items()}
    if len(did) == 1:
        return next(iter(did)) + _with_seeds(n, n)
    return " and ".join(f"{word} with {count}" for word, count in did.items()) + f" of {n} seeds"


def _with_seeds(count: int, n: int) -> str:
    """Say with how many of n seeds something happened; "" if there is a single one."""
    if count < n:
        return f" with {count} of {n} seeds"
    return "" if n == 1 else " with both seeds" if n == 2 else f" with all {n} seeds"


def _lower(groups: Sequence[OverSeeds], costs: Floats, missed: Floats, place: int, lowest: int) -> str:
    """Say why a learning rate that reached a lower cost is not recommended."""
    own, other = (float(np.median(costs[number])) for number in (place, lowest))
    median = "median " if len(groups[place].members) > 1 else ""
    reached = f"A learning rate of {_rate(groups[lowest]):g} reached a lower {median}cost"
    reached += f" ({other:.3g} instead of {own:.3g})"
    if missed[lowest] > missed[place]:
        behind = _behind(costs[lowest], costs[place])
        return f"{reached}, but with one seed it {behind}, and the mean over the seeds decides."
    share = 100 * float(missed[place] - missed[lowest])
    mean = "on average over the seeds " if median else ""
    return f"{reached}, but {mean}that is only {share:.1g} % of the fall, and a smaller learning rate is safer."


def _behind(costs: Floats, others: Floats) -> str:
    """Say how a learning rate ended with the seed with which it is furthest behind the recommended one."""
    if not np.isfinite(costs).all():
        return "diverged"
    seed = int((costs - others).argmax())
    return f"ended at {costs[seed]:.3g} instead of {others[seed]:.3g}"


def _neighbours(
    groups: Sequence[OverSeeds], medians: Floats, missed: Floats, place: int, already_said: int | None
) -> str:
    """Say how the next smaller and the next larger learning rate ended; at an edge, whether to look beyond it.

    Args:
        groups, medians, missed: the learning rates, their median costs and the shares of the fall that they miss.
        place: the place of the recommended one.
        already_said: the place of one whose cost another sentence says, or None.
    """
    said = []
    for step, comparative, superlative in ((-1, "smaller", "smallest"), (1, "larger", "largest")):
        beside, before = place + step, place - step
        inside = 0 <= before < len(groups)
        if beside == already_said:
            continue
        if 0 <= beside < len(groups):
            end = _ended_at(groups[beside], groups[place])
            said.append(f"The next {comparative} one, {_rate(groups[beside]):g}, {end}.")
        elif inside and medians[before] > medians[place] and missed[before] > missed[place] + ALIKE:
            edge = f"It is the {superlative} one tried and clearly better than its neighbour"
            said.append(f"{edge}: try {comparative} ones too.")
        else:
            said.append(f"No {comparative} one was tried.")
    return " ".join(said)


def _ended_at(group: OverSeeds, recommended: OverSeeds) -> str:
    """Say at which cost a learning rate ended, and that its cost oscillated where the recommended one's did not."""
    spread, oscillated = group.figures["cost"], group.behaviours.get("oscillated", 0)
    if spread is None:
        return "diverged"
    told = oscillated and "oscillated" not in recommended.behaviours
    also = f", and the cost oscillated{_with_seeds(oscillated, len(group.members))}" if told else ""
    return f"ended at a cost of {spread.median:.3g}{also}"


def _where_to_look(groups: Sequence[OverSeeds], costs: Floats, starts: Floats) -> str:
    """Say where to look where the cost fell with no learning rate: in a direction only if the costs show it."""
    rates, start, medians = [_rate(group) for group in groups], float(np.median(starts)), np.median(costs, axis=1)
    rose = medians - start > RISE * abs(start)  # an infinite one too
    if rose[0]:
        return f"With the smallest one tried, {rates[0]:g}, the cost already rose or diverged: try smaller ones."
    which = f"The cost fell with none of those tried, from {rates[0]:g} to {rates[-1]:g}"
    if rose.any():
        above = int(rose.argmax())
        below, too_large = rates[above - 1], rates[above]
        if too_large >= WIDE * below:
            return (
                f"{which}. With {below:g} it stayed the same, with {too_large:g} it rose or diverged: try learning "
                f"rates between them."
            )
    elif start - medians[-1] > FAINT * abs(start) and (np.diff(medians) < 0).all():
        return f"{which}, but the larger they were, the further it went down: try larger ones than {rates[-1]:g}."
    return f"{which}: something else than the learning rate keeps it from falling."
