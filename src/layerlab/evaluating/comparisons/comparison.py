"""``compare``: several networks on the same training and test set, with intervals and significance tests.

Every accuracy has a 95 % interval and is compared with the base rate, which is the accuracy of always predicting the
majority class. Two models are compared on the test examples on which they disagree (McNemar's test), or over many
random splits (the corrected resampled t-test). The verdict says in sentences what follows; it allows for the number of
pairs (Holm's correction).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.console import as_text
from layerlab.datasets import Dataset, Part, load_dataset
from layerlab.datasets.part import base_rate, class_numbers
from layerlab.errors import InputError
from layerlab.evaluating.statistics import holm, interval_facts, mcnemar_p_value, share_interval, share_p_value
from layerlab.network import output_for
from layerlab.runs.history import sampled_costs
from layerlab.runs.run import Run
from layerlab.views import html_of

from .recipe_training import hold_out_and_standardize, recipe_data, train_recipe
from .recipes import Recipe, suite_of
from .resplits import Resplits, resplit_accuracies, resplit_facts, summarize_splits
from .verdicts import answers, evidence, pair_verdict
from .words import print_comparison


@dataclass(frozen=True)
class ModelResult:
    """One trained network and its accuracy on the test set.

    Attributes:
        recipe: the network's hidden layers and settings.
        run: the trained network.
        train_accuracy, test_accuracy: shares of correct predictions, from 0 to 1.
        test_interval: 95 % Wilson interval of the test accuracy.
        right: (n_test,) whether each test example is classified correctly. If the network diverged, no example is, and
            its accuracies are nan.
        seed_accuracies: test accuracy for each seed of the initial weights; the first one is that of ``run``.
    """

    recipe: Recipe
    run: Run
    train_accuracy: float
    test_accuracy: float
    test_interval: tuple[float, float]
    right: NDArray[np.bool_]
    seed_accuracies: tuple[float, ...]


class PairedTest(NamedTuple):
    """McNemar's exact test of two models on the same test examples.

    Attributes:
        first, second: names of the models.
        only_first, only_second: how many examples only the first model, and only the second, classifies correctly.
        p_value: the p-value of the test; nan if one of the models diverged.
        p_adjusted: the p-value after Holm's correction for the number of pairs that are compared (Holm 1979).
        verdict: what follows from the adjusted p-value, in a sentence.
    """

    first: str
    second: str
    only_first: int
    only_second: int
    p_value: float
    p_adjusted: float
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """Several networks on the same data; ``print`` shows the table and the verdict.

    Attributes:
        data: the dataset as the networks were trained on it.
        base_rate: share of the test set's majority class, which is the accuracy of the best constant prediction.
        training_majority: share of the test set that has the training set's majority class.
        models: one result for each network.
        paired_tests: one test for each pair of networks.
        resplits: results over random splits, or None if none were asked for.
        interrupted: whether Ctrl-C ended the work early.
    """

    data: Dataset
    base_rate: float
    training_majority: float
    models: tuple[ModelResult, ...]
    paired_tests: tuple[PairedTest, ...]
    resplits: Resplits | None = None
    interrupted: bool = False

    def __str__(self) -> str:
        return as_text(lambda console: print_comparison(self.facts(), self.data.about, console))

    def _repr_html_(self) -> str:
        """Return what notebooks show: the text and a picture, as HTML."""
        return html_of(self)

    def facts(self) -> dict[str, Any]:
        """Return everything that ``print`` and the command's JSON say, as numbers, lists and text."""
        facts = {
            "dataset": self.data.name,
            "n_train": self.data.train.X.shape[1],
            "n_test": self.data.test.X.shape[1],
            "standardized": self.data.standardization is not None,
            "base_rate": self.base_rate,
            "majority_class": _majority_class(self.data, self.data.test),
            "training_majority": self.training_majority,
            "training_majority_class": _majority_class(self.data, self.data.train),
            "models": [
                _model_facts(model) | {"base_rate_p_value": p, "base_rate_p_adjusted": adjusted}
                for model, (p, adjusted) in zip(self.models, self._base_rate_tests(), strict=True)
            ],
            "paired_tests": [test._asdict() for test in self.paired_tests],
            "resplits": self.resplits and resplit_facts(self.resplits),
        }
        said = [*answers(facts), *evidence(facts)]
        return {**facts, "verdict": said, "interrupted": self.interrupted}

    def verdict(self) -> list[str]:
        """Say in sentences which network is best, whether each beats the base rate, and what each pair shows."""
        sentences: list[str] = self.facts()["verdict"]
        return sentences

    def _base_rate_tests(self) -> list[tuple[float, float]]:
        """Return two p-values for each model: of its true accuracy being the base rate, and the adjusted one."""
        p_values = [
            math.nan
            if math.isnan(one.test_accuracy)
            else share_p_value(int(one.right.sum()), one.right.size, self.base_rate)
            for one in self.models
        ]
        return list(zip(p_values, holm(p_values), strict=True))


def compare(
    data: str | Dataset = "digits",
    *,
    models: Sequence[Recipe] | None = None,
    seeds: int = 1,
    splits: int = 0,
    folder: str | Path | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Train several networks on the same data and compare them on the same test set.

    Args:
        data: a dataset or its name.
        models: what to train; None for the networks that layerlab knows for the dataset, usually a logistic regression,
            a 2-layer and a 4-layer network; for a table with enough rows also the usual eight networks on eight folds.
        seeds: how many random initial weights to try for each network: with the recipe's seed and the ones after it.
        splits: how many times all examples are split again at random into a training set and a test set; 0 for never.
        folder: where the files are, if the data is read from files.
        progress: whether to show progress bars on standard error; None shows them on a terminal only.

    Returns:
        Accuracies with intervals, paired tests and a verdict; ``facts()`` returns all of them as plain values.

    Raises:
        InputError: the data is unknown or its labels are not classes, layerlab has no networks for it, or seeds or
            splits are out of range.

    Example:
        >>> import layerlab
        >>> comparison = layerlab.compare("flower", progress=False)
        >>> for model in comparison.models:
        ...     print(f"{model.recipe.name}: about {round(model.train_accuracy, 1):.0%} of the training set")
        logistic regression: about 50% of the training set
        2-layer network: about 90% of the training set
        4-layer network: about 90% of the training set
    """
    if seeds < 1 or splits < 0 or splits == 1:
        raise InputError(f"seeds={seeds}, splits={splits}: wanted at least 1 seed, and 0 or at least 2 splits")
    raw = data if isinstance(data, Dataset) else load_dataset(data, folder)
    if output_for(raw.train.Y) == "identity":
        raise InputError(
            f"{raw.name}: its labels are values, not classes; wanted classes, so that there is an accuracy"
        )
    shown = sys.stderr.isatty() if progress is None else progress
    suite = suite_of(raw)
    recipes = tuple(models) if models is not None else suite.contenders if suite else ()
    if not recipes:
        raise InputError(
            f"layerlab has no networks of its own for {raw.name!r}: name some with models=[layerlab.Recipe(…), …]"
        )
    if splits:
        raw.resplit(seed=0)  # data that cannot be split again is refused before anything is trained
    prepared, _ = hold_out_and_standardize(raw)
    results = tuple(_results(raw, recipes, seeds, shown))
    stopped = len(results) < len(recipes) or any(result.run.history.interrupted for result in results)
    accuracies = [] if stopped else list(resplit_accuracies(raw, recipes, splits, shown))
    return Comparison(
        data=prepared,
        base_rate=base_rate(prepared.test.Y),
        training_majority=_training_majority(prepared),
        models=results,
        paired_tests=paired_tests(results),
        resplits=summarize_splits(raw, recipes, accuracies) if len(accuracies) > 1 else None,
        interrupted=stopped or len(accuracies) < splits,
    )


def _training_majority(data: Dataset) -> float:
    """Return the share of the test set that has the training set's majority class."""
    majority = np.bincount(class_numbers(data.train.Y)).argmax()
    return float((class_numbers(data.test.Y) == majority).mean())


def _majority_class(data: Dataset, part: Part) -> str:
    """Return the name of a set's majority class; "" if two classes are equally frequent, or classes have no names."""
    counts = np.bincount(class_numbers(part.Y), minlength=len(data.class_names))
    single = len(counts) == len(data.class_names) and (counts == counts.max()).sum() == 1
    return data.class_names[counts.argmax()] if single else ""


def _results(raw: Dataset, recipes: Sequence[Recipe], seeds: int, progress: bool) -> Iterator[ModelResult]:
    """Train each recipe with each seed, and yield the results; after an interrupt (Ctrl-C) no training follows."""
    for recipe in recipes:
        data, held_out = recipe_data(recipe, raw)
        runs = [train_recipe(recipe, data, validation=held_out, progress=progress and recipe.name)]
        if recipe.initializer != "zeros":  # zeros are the same for every seed
            for more in range(1, seeds):
                if not runs[-1].history.interrupted:
                    seed = recipe.seed + more * recipe.others.get("members", 1)  # each member has its own
                    label = progress and f"{recipe.name}, seed {seed}"
                    runs.append(
                        train_recipe(recipe, data, validation=held_out, seed=seed, progress=label, advice=False)
                    )
        right = (runs[0].predict(data.test.X)[0] == class_numbers(data.test.Y)) & (not runs[0].diverged)
        test_accuracy, test_interval = (math.nan, (math.nan, math.nan)) if runs[0].diverged else share_interval(right)
        yield ModelResult(
            recipe=recipe,
            run=runs[0],
            train_accuracy=runs[0].accuracy(data.train),
            test_accuracy=test_accuracy,
            test_interval=test_interval,
            right=right,
            seed_accuracies=tuple(run.accuracy(data.test) for run in runs if not run.history.interrupted),
        )
        if runs[-1].history.interrupted:
            return


def paired_tests(models: Sequence[ModelResult]) -> tuple[PairedTest, ...]:
    """Compare every pair by McNemar's test, on the examples that exactly one of the two classifies correctly."""
    pairs = list(combinations(models, 2))
    only = [(int((one.right & ~two.right).sum()), int((two.right & ~one.right).sum())) for one, two in pairs]
    known = [not math.isnan(one.test_accuracy + two.test_accuracy) for one, two in pairs]
    p_values = [mcnemar_p_value(*counts) if made else math.nan for counts, made in zip(only, known, strict=True)]
    tests = []
    for (first, second), counts, p, adjusted in zip(pairs, only, p_values, holm(p_values), strict=True):
        names, scores = (first.recipe.name, second.recipe.name), (first.test_accuracy, second.test_accuracy)
        sides = list(zip(names, scores, counts, strict=True))
        ahead, behind = sides[::-1] if scores[1] > scores[0] else sides
        verdict = pair_verdict(ahead, behind, len(first.right), (p, adjusted), sum(known))
        tests.append(PairedTest(*names, *counts, p, adjusted, verdict))
    return tuple(tests)


def _model_facts(model: ModelResult) -> dict[str, Any]:
    """Return what ``Comparison.facts`` has about one model."""
    run, recipe = model.run, model.recipe
    return {
        "name": recipe.name,
        "layer_dims": list(run.network.layer_dims),
        "hidden": recipe.hidden,
        "output": run.network.output,
        "parameters": run.network.n_parameters,
        "members": 1 if run.members is None else len(run.members),
        "initializer": recipe.initializer,
        "seed": recipe.seed,
        "learning_rate": recipe.learning_rate,
        "iterations": len(run.history.costs),
        "costs": sampled_costs(run.history),
        "final_cost": run.history.final_cost,
        "train_accuracy": model.train_accuracy,
        "test_accuracy": model.test_accuracy,
        "test_interval": interval_facts(model.test_interval),
        "seed_accuracies": list(model.seed_accuracies),
        "seconds": run.history.seconds,
        "diagnosis": [finding.facts() for finding in run.diagnosis],
    }
