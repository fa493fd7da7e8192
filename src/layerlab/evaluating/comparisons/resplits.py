"""Comparing networks over many random splits, which says more than one small test set.

All examples are split again, at random, into training and test set; every network is trained on each split. The tests
allow for the overlap of the training sets (Nadeau & Bengio 2003): ``statistics.corrected_resampled_t``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate
from layerlab.evaluating.statistics import corrected_resampled_t, holm, interval_facts

from .recipe_training import recipe_data, train_recipe
from .recipes import Recipe
from .verdicts import split_verdict


class SplitSummary(NamedTuple):
    """One model's test accuracy on each random split, and their mean compared with the base rate.

    Attributes:
        name: the model's name.
        accuracies: one accuracy for each split.
        mean_accuracy, interval: their mean and its 95 % interval, cut off at 0 and 1.
        base_rate_p_value: p-value of the true mean being the base rate (corrected resampled t-test of the differences).
        base_rate_p_adjusted: the same after Holm's correction for the number of models (Holm 1979).
    """

    name: str
    accuracies: tuple[float, ...]
    mean_accuracy: float
    interval: tuple[float, float]
    base_rate_p_value: float
    base_rate_p_adjusted: float


class SplitTest(NamedTuple):
    """Two models compared over random splits: the mean of their accuracies' difference, its interval and its p-value.

    The difference is the first model's accuracy minus the second's. ``p_adjusted`` is the p-value after Holm's
    correction for the number of pairs (Holm 1979); the verdict rests on it.
    """

    first: str
    second: str
    mean_difference: float
    interval: tuple[float, float]
    p_value: float
    p_adjusted: float
    verdict: str


class Resplits(NamedTuple):
    """Results over several random splits.

    Attributes:
        n: number of splits.
        base_rate: mean over the splits of the share of the test set's majority class.
        models: one summary for each model.
        paired_tests: one test for each pair of models.
    """

    n: int
    base_rate: float
    models: tuple[SplitSummary, ...]
    paired_tests: tuple[SplitTest, ...]


def resplit_accuracies(raw: Dataset, recipes: Sequence[Recipe], splits: int, progress: bool) -> Iterator[list[float]]:
    """Yield the base rate and every recipe's test accuracy for each split; end early after an interrupt (Ctrl-C).

    Split i is made with seed i, and its initial weights with the recipe's seed + i.
    """
    for split in range(splits):
        again = raw.resplit(seed=split)
        accuracies = [base_rate(again.test.Y)]
        for recipe in recipes:
            data, held_out = recipe_data(recipe, again)
            label = progress and f"split {split + 1} of {splits}, {recipe.name}"
            run = train_recipe(
                recipe, data, validation=held_out, seed=recipe.seed + split, progress=label, advice=False
            )
            if run.history.interrupted:
                return
            accuracies.append(run.accuracy(data.test))
        yield accuracies


def summarize_splits(data: Dataset, recipes: Sequence[Recipe], accuracies: list[list[float]]) -> Resplits:
    """Compute means, intervals and tests over the splits.

    Args:
        data: any split of the dataset; only the sizes of its training and test set are used.
        recipes: what was trained.
        accuracies: the lists that ``resplit_accuracies`` yields, one for each split.
    """
    base, *columns = np.array(accuracies).T
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    test = partial(corrected_resampled_t, n_train=n_train, n_test=n_test, step=1 / n_test)
    beside = [test(column - base)[2] for column in columns]
    summaries = []
    for recipe, column, *p in zip(recipes, columns, beside, holm(beside), strict=True):
        mean, interval, _ = test(column)
        low, high = np.clip(interval, 0.0, 1.0).tolist()
        summaries.append(SplitSummary(recipe.name, tuple(column.tolist()), mean, (low, high), *p))
    pairs = list(combinations(range(len(recipes)), 2))
    found = [test(columns[i] - columns[j]) for i, j in pairs]
    made = sum(not math.isnan(mean) for mean, *_ in found)
    tests = []
    for (i, j), (mean, interval, p_value), adjusted in zip(pairs, found, holm([p for *_, p in found]), strict=True):
        names = recipes[i].name, recipes[j].name
        verdict = split_verdict(*names, mean, (p_value, adjusted), made)
        tests.append(SplitTest(*names, mean, interval, p_value, adjusted, verdict))
    return Resplits(len(accuracies), float(base.mean()), tuple(summaries), tuple(tests))


def resplit_facts(resplits: Resplits) -> dict[str, Any]:
    """Return the results as dictionaries and lists, for JSON."""
    return {
        **resplits._asdict(),
        "models": [{**one._asdict(), "interval": interval_facts(one.interval)} for one in resplits.models],
        "paired_tests": [{**one._asdict(), "interval": interval_facts(one.interval)} for one in resplits.paired_tests],
    }
