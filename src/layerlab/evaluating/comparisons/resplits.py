"""Comparing networks over many re-drawn splits, which says more than one small test set.

All examples are split again, at random, into training and test set; every network is trained on each split. The tests
allow for the overlap of the training sets (Nadeau & Bengio 2003): ``statistics.corrected_resampled_t``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL, corrected_resampled_t
from layerlab.formulas.arrays import Floats

from .recipe_training import hold_out_and_standardize, train_recipe
from .recipes import Recipe


class SplitSummary(NamedTuple):
    """One model's test accuracy on each re-drawn split, their mean, and its 95 % interval, cut off at 0 and 1."""

    name: str
    accuracies: tuple[float, ...]
    mean_accuracy: float
    interval: tuple[float, float]


class SplitTest(NamedTuple):
    """Two models over the re-drawn splits: mean of accuracy of the first − of the second, its interval and p-value."""

    first: str
    second: str
    mean_difference: float
    interval: tuple[float, float]
    p_value: float
    verdict: str


class Resplits(NamedTuple):
    """Results over several re-drawn splits.

    Attributes:
        n: number of splits.
        base_rate: mean over the splits of the share of the test set's majority class.
        models: one summary for each model.
        paired_tests: one for each pair of models.
    """

    n: int
    base_rate: float
    models: tuple[SplitSummary, ...]
    paired_tests: tuple[SplitTest, ...]


def resplit_accuracies(raw: Dataset, recipes: Sequence[Recipe], splits: int, progress: bool) -> Iterator[list[float]]:
    """For each split the base rate and every recipe's test accuracy; ends early after an interrupted run (Ctrl-C).

    Split i is drawn with seed i; its initial weights with the recipe's seed + i.
    """
    for split in range(splits):
        data, held_out = hold_out_and_standardize(raw.resplit(seed=split))
        accuracies = [base_rate(data.test.Y)]
        for recipe in recipes:
            label = progress and f"split {split + 1} of {splits}, {recipe.name}"
            run = train_recipe(recipe, data, validation=held_out, seed=recipe.seed + split, progress=label)
            if run.history.interrupted:
                return
            accuracies.append(run.accuracy(data.test))
        yield accuracies


def summarize_splits(data: Dataset, recipes: Sequence[Recipe], accuracies: list[list[float]]) -> Resplits:
    """Means, intervals and tests over the splits.

    Args:
        data: any split of the dataset: the sizes of its training and test set are needed.
        recipes: what was trained.
        accuracies: of ``resplit_accuracies``, one list for each split.
    """
    base, *columns = np.array(accuracies).T
    sizes = data.train.X.shape[1], data.test.X.shape[1]
    summaries = []
    for recipe, column in zip(recipes, columns, strict=True):
        mean, interval, _ = corrected_resampled_t(column, *sizes)
        low, high = max(interval[0], 0.0), min(interval[1], 1.0)
        summaries.append(SplitSummary(recipe.name, tuple(column.tolist()), mean, (low, high)))
    tests = [
        _split_test(recipes[i].name, recipes[j].name, columns[i] - columns[j], sizes)
        for i, j in combinations(range(len(recipes)), 2)
    ]
    return Resplits(len(accuracies), float(base.mean()), tuple(summaries), tuple(tests))


def _split_test(first: str, second: str, differences: Floats, sizes: tuple[int, int]) -> SplitTest:
    mean, interval, p = corrected_resampled_t(differences, *sizes)
    if p < 1 - CONFIDENCE_LEVEL:
        better, worse = (first, second) if mean > 0 else (second, first)
        what = f"{better} beats {worse} by {100 * abs(mean):.1f} points on average: hardly chance"
    else:
        what = f"{first} and {second} differ by {100 * abs(mean):.1f} points on average: may be chance"
    verdict = f"{what} (p = {p:.2g})."
    return SplitTest(first, second, mean, interval, p, verdict)


def resplit_facts(resplits: Resplits) -> dict[str, Any]:
    """The results as dictionaries and lists, for JSON."""
    return {
        **resplits._asdict(),
        "models": [summary._asdict() for summary in resplits.models],
        "paired_tests": [test._asdict() for test in resplits.paired_tests],
    }
