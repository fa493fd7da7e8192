"""A population over its seeds: members that differ in nothing else are one row."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

FIGURES = (
    "cost",
    "train_accuracy",
    "test_accuracy",
    "train_r2",
    "test_r2",
    "validation_cost",
    "validation_accuracy",
)
"""What is summarised, where a row has it."""


class Spread(NamedTuple):
    """A figure over the seeds; that of a member that diverged is left out.

    Attributes:
        median, low, high: middle, least and largest.
    """

    median: float
    low: float
    high: float


class OverSeeds(NamedTuple):
    """Members that differ in their seed alone.

    Attributes:
        settings: what sets them apart from others, by name.
        members: their numbers in the table.
        figures: a ``Spread`` by name; None where nothing was recorded, or all diverged.
        behaviours: how many curves did what, the commonest first.
    """

    settings: dict[str, Any]
    members: tuple[int, ...]
    figures: dict[str, Spread | None]
    behaviours: dict[str, int]

    @property
    def words(self) -> str:
        """What the curves did, "4 fell, 1 oscillated"; a plain word where it is one network."""
        if len(self.members) == 1:
            return next(iter(self.behaviours))
        return ", ".join(f"{count} {word}" for word, count in self.behaviours.items())


def over_seeds(table: Sequence[Mapping[str, Any]], varied: Sequence[str]) -> tuple[OverSeeds, ...]:
    """The rows of a table, those alike but for their seed together, in the order of their first.

    Args:
        table: of a ``Sweep``, or the same with accuracies.
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
        _together(dict(zip(names, values, strict=True)), members, [table[number] for number in members])
        for values, members in groups.items()
    )


def _together(settings: dict[str, Any], members: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> OverSeeds:
    well = [row for row in rows if row["behaviour"] != "diverged"]
    figures = {name: _spread([row[name] for row in well if row.get(name) is not None]) for name in FIGURES}
    counts = Counter(row["behaviour"] for row in rows)
    return OverSeeds(settings, tuple(members), figures, dict(counts.most_common()))


def _spread(values: Sequence[float]) -> Spread | None:
    return Spread(statistics.median(values), min(values), max(values)) if values else None
