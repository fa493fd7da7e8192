"""A sweep over seeds: members that differ only in their initial weights are summarised in one row."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from layerlab.runs.metrics import RANKED_BY_CLASSES

SUMMARISED = (
    "cost",
    "train_accuracy",
    "test_accuracy",
    "train_r2",
    "test_r2",
    "validation_cost",
    "validation_accuracy",
    *(f"{part}_{name}" for name in RANKED_BY_CLASSES for part in ("train", "test", "validation")),
)
"""Scores that are summarised over the seeds, where a row of the table has them."""


class Spread(NamedTuple):
    """How a score varies over the seeds; a member that diverged is left out.

    Attributes:
        median, low, high: middle, least and largest.
    """

    median: float
    low: float
    high: float


class OverSeeds(NamedTuple):
    """Members that differ only in their seed.

    Attributes:
        settings: the settings in which they differ from other members, by name.
        members: their numbers in the table.
        figures: a ``Spread`` for each score, by its name; None where nothing was recorded, or all diverged.
        behaviours: what the curves did, and how many curves did it, the most frequent first.
    """

    settings: dict[str, Any]
    members: tuple[int, ...]
    figures: dict[str, Spread | None]
    behaviours: dict[str, int]

    @property
    def words(self) -> str:
        """What the curves did, such as "4 fell, 1 oscillated"; one word if there is a single network."""
        return behaviours_text(self.behaviours, len(self.members))


def behaviours_text(behaviours: Mapping[str, int], members: int) -> str:
    """Say how many curves did what, such as "4 fell, 1 oscillated"; a plain word if there is a single network.

    Args:
        behaviours: number of curves by what they did.
        members: number of networks.
    """
    if members == 1:
        return next(iter(behaviours))
    return ", ".join(f"{count} {word}" for word, count in behaviours.items())


def over_seeds(table: Sequence[Mapping[str, Any]], varied: Sequence[str]) -> tuple[OverSeeds, ...]:
    """Group the rows of a sweep's table that differ only in the seed, in the order of each group's first row.

    Args:
        table: the table of a ``Sweep``, or the same with accuracies.
        varied: names of what was varied.

    Example:
        >>> rows = [{"learning_rate": 0.1, "seed": seed, "cost": cost, "behaviour": "fell"}
        ...         for seed, cost in enumerate((0.3, 0.2, 0.6))]
        >>> (one,) = over_seeds(rows, ["learning_rate", "seed"])
        >>> one.settings, one.figures["cost"], one.words
        ({'learning_rate': 0.1}, Spread(median=0.3, low=0.2, high=0.6), '3 fell')
    """
    names = [name for name in varied if name != "seed"]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, row in enumerate(table):
        groups.setdefault(tuple(row[name] for name in names), []).append(number)
    return tuple(
        _summarised(dict(zip(names, values, strict=True)), members, [table[number] for number in members])
        for values, members in groups.items()
    )


def _summarised(settings: dict[str, Any], members: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> OverSeeds:
    finite = [row for row in rows if row["behaviour"] != "diverged"]
    figures = {name: _spread([row[name] for row in finite if row.get(name) is not None]) for name in SUMMARISED}
    counts = Counter(row["behaviour"] for row in rows)
    return OverSeeds(settings, tuple(members), figures, dict(counts.most_common()))


def _spread(values: Sequence[float]) -> Spread | None:
    return Spread(statistics.median(values), min(values), max(values)) if values else None
