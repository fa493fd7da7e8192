"""Permutation importance: which columns a network's score depends on, by shuffling one column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.evaluating.area_intervals import FEWEST
from layerlab.evaluating.pseudo_values import (
    check_class_score,
    few_examples,
    pseudo_values,
    score_interval,
    score_p_value,
)
from layerlab.evaluating.statistics import CONFIDENCE_LEVEL, holm, mean_interval, paired_p_value
from layerlab.formulas.arrays import Floats
from layerlab.formulas.attribution import Z1_GIVEN
from layerlab.formulas.network import network_forward
from layerlab.runs.forward_statistics import effect_of_inputs
from layerlab.runs.metrics import RANKED_BY_CLASSES
from layerlab.runs.network_outputs import mean_outputs
from layerlab.runs.run import Run
from layerlab.settings import SETTINGS

from .input_groups import InputGroup, column_groups, patch_groups

MAX_SHUFFLED_COLUMNS = 200
"""The largest number of columns that are shuffled; if there are more, those with the most effect on the first layer."""

MAX_TEST_EXAMPLES = 10_000
"""The largest number of test examples that are used, unless another number is given."""


@dataclass(frozen=True)
class Importance:
    """How much the score on the test set drops when each column is shuffled, the largest drop first.

    Attributes:
        columns: what was shuffled: columns of the table, features, or patches of an image.
        drops: (columns,) drop of the score, or increase of the mean absolute error in the target's unit; means over
            repeats and examples. A drop below 0 means that shuffling happened to help.
        intervals: (columns, 2) 95 % intervals of the drops, by Student's t over the test examples, with each example's
            change averaged over the repeats. They say how much a drop would vary with another test set of this size.
        p_values: (columns,) p-values of a true drop of 0, by Student's paired t-test over the same examples.
        p_adjusted: (columns,) the same, adjusted for the number of columns by Holm's correction.
        spreads: (columns,) standard deviation over the repeats: how much a drop varies with other shuffles.
        score: "accuracy", "balanced_accuracy", "roc_auc", "average_precision" or "mean absolute error".
        base: that score without shuffling.
        examples, repeats: number of test examples, and of shuffles of each column.
        remark: sentences about shuffles that changed nothing, and columns or examples that were not used; else empty.
    """

    columns: tuple[InputGroup, ...]
    drops: Floats
    intervals: Floats
    p_values: Floats
    p_adjusted: Floats
    spreads: Floats
    score: str
    base: float
    examples: int
    repeats: int
    remark: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """The result as dictionaries and lists, for JSON, screens and pictures."""
        return {
            "score": self.score,
            "base": self.base,
            "examples": self.examples,
            "repeats": self.repeats,
            "remark": self.remark,
            "columns": [
                {
                    "name": one.name,
                    "drop": float(self.drops[k]),
                    "interval": self.intervals[k].tolist(),
                    "p_value": float(self.p_values[k]),
                    "p_adjusted": float(self.p_adjusted[k]),
                    "spread": float(self.spreads[k]),
                }
                for k, one in enumerate(self.columns)
            ],
        }


def permutation_importance(
    run: Run,
    dataset: Dataset,
    *,
    repeats: int = 5,
    seed: int = 0,
    examples: int = MAX_TEST_EXAMPLES,
    by: str | None = None,
) -> Importance:
    """Permutation importance: shuffle one column of the test set at a time and measure how much the score drops.

    All rows of X that belong to a column are shuffled together. If two columns carry the same information, shuffling
    one of them hardly changes the score, because the network can use the other. Shuffling also makes examples that
    could not exist. The score of a run with members is that of their mean answer. Sources: Breiman 2001, "Random
    forests", section 10; Fisher, Rudin & Dominici 2019, "All models are wrong, but many are useful".

    Args:
        run: a classifier that gives each example one class, or a regression.
        dataset: prepared as for the run. The columns of a table are shuffled, or patches of images; otherwise features.
        repeats: number of shuffles of each column, from 1 to 1000.
        seed: the seed of the ``RandomState`` that shuffles.
        examples: the largest number of test examples to use, at least 2; more are sampled at random by the seed.
        by: the score of classes: "accuracy" (as None), "balanced_accuracy", "roc_auc" or "average_precision"; the last
            three say more if a class is rare. The intervals and p-values of an area are those of its pseudo-values
            (``curves.area_values``). None for regression.

    Returns:
        The drop of the score for each column, with its 95 % interval and p-value; the largest drop first.

    Raises:
        InputError: the run gives several labels, the dataset does not fit it, or there are fewer than two test
            examples.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=500)
        >>> some = permutation_importance(run, flower)
        >>> print(some.score, len(some.drops), bool(some.drops[0] > 0.2))
        accuracy 2 True
    """
    _check(run, dataset, repeats, examples)
    by = check_class_score(by, run.network) if by is not None or run.network.classifies else "mean absolute error"
    random = np.random.RandomState(SETTINGS["seed"].check(seed))
    (X, Y), m = dataset.test, dataset.test.X.shape[1]
    some = random.permutation(m)[:examples]
    X, Y = np.asarray(X[:, some], np.float64), Y[:, some]
    columns, left_out = _columns(run, dataset)
    with_rows = _predictor(run, X)
    predicted = with_rows(columns[0].rows, X[columns[0].rows])
    before = _losses(run, predicted, Y, by)
    changes = np.empty((len(columns), repeats, X.shape[1]))
    for k, column in enumerate(columns):
        for repeat in range(repeats):
            shuffled = X[column.rows][:, random.permutation(X.shape[1])]
            changes[k, repeat] = _losses(run, with_rows(column.rows, shuffled), Y, by) - before
    drops = changes.mean(axis=(1, 2))
    order = np.argsort(-drops, kind="stable")
    tests = [_interval_and_p_value(change.mean(axis=0), Y, by) for change in changes]
    intervals, p_values = np.array([interval for interval, _ in tests]).reshape(-1, 2), [p for _, p in tests]
    return Importance(
        tuple(columns[k] for k in order),
        drops[order],
        intervals[order],
        np.array(p_values)[order],
        np.array(holm(p_values))[order],
        changes.mean(axis=2).std(axis=1, ddof=1 if repeats > 1 else 0)[order],
        by,
        float(1 - before.mean() if run.network.classifies else before.mean()),
        X.shape[1],
        repeats,
        " ".join(filter(None, (_unchanged(run, changes, predicted), left_out, *_fewer(Y, m, seed, by)))),
    )


def _check(run: Run, dataset: Dataset, repeats: int, examples: int) -> None:
    if run.network.has_several_labels:
        raise InputError("the run predicts several labels per example: wanted a run that predicts one class, or values")
    if isinstance(repeats, bool) or not isinstance(repeats, int | np.integer) or not 1 <= repeats <= 1000:
        raise InputError(f"repeats={repeats!r}: wanted a whole number from 1 to 1000")
    if isinstance(examples, bool) or not isinstance(examples, int | np.integer) or examples < 2:
        raise InputError(f"examples={examples!r}: wanted a whole number of at least 2")
    if run.diverged:
        raise InputError("the run diverged and has no predictions to explain: train again with a smaller learning rate")
    n_x, m = dataset.test.X.shape
    if n_x != run.network.layer_dims[0]:
        raise InputError(f"the data have {n_x} features, the network takes {run.network.layer_dims[0]}")
    if dataset.test.Y.shape[0] != run.network.layer_dims[-1]:
        raise InputError(
            f"the data have {dataset.test.Y.shape[0]} outputs, the network gives {run.network.layer_dims[-1]}"
        )
    if m < 2:
        raise InputError("the test set has one example, which cannot be shuffled: wanted at least two")


def _columns(run: Run, dataset: Dataset) -> tuple[list[InputGroup], str]:
    """Return the columns to shuffle, and a sentence about the others if there are too many."""
    if dataset.image_shape is not None:
        return patch_groups(dataset.image_shape), ""
    columns = column_groups(run, dataset)
    if len(columns) <= MAX_SHUFFLED_COLUMNS:
        return columns, ""
    effect = effect_of_inputs(run.network, run.all_parameters, dataset.train.X)
    strength = np.array([float(np.linalg.norm(effect[column.rows])) for column in columns])
    strongest = np.sort(np.argsort(-strength, kind="stable")[:MAX_SHUFFLED_COLUMNS])
    sentence = (
        f"Only {MAX_SHUFFLED_COLUMNS} of the {len(columns):,} inputs were shuffled: those with the most effect on the "
        f"first layer."
    )
    return [columns[k] for k in strongest], sentence


def shown_to_matter(column: Mapping[str, Any]) -> bool:
    """Return whether shuffling a column makes the score worse, by the p-value with Holm's correction.

    Args:
        column: one of the columns of ``Importance.facts``.
    """
    return bool(column["drop"] > 0 and column["p_adjusted"] < 1 - CONFIDENCE_LEVEL)


def nothing_matters(facts: Mapping[str, Any]) -> bool:
    """Return whether no shuffle changed a prediction: then there is no table to print and nothing to draw.

    Args:
        facts: the result of ``Importance.facts``.
    """
    return not any(one["drop"] or one["spread"] or any(one["interval"]) for one in facts["columns"])


def _unchanged(run: Run, changes: Floats, predicted: Floats) -> str:
    """Return a sentence if no shuffle changed the score: it says whether all examples get the same prediction.

    Args:
        run: made the predictions.
        changes: (columns, repeats, m), of each example's loss.
        predicted: (n_y, m) probabilities or values without shuffling.
    """
    if changes.any():
        return ""
    answers = run.labels(predicted)
    same = bool((answers == answers[:, :1]).all())
    why = "the network predicts the same for every test example" if same else "although the predictions differ"
    return f"No input matters: shuffling changes nothing ({why})."


def _fewer(Y: Floats, m: int, seed: int, by: str) -> Iterator[str]:
    """Yield a sentence if not all m test examples were used, and one if a class has too few of them for a score."""
    if Y.shape[1] < m:
        yield f"Only {Y.shape[1]:,} of the {m:,} test examples were used, chosen at random (seed {seed})."
    if by in RANKED_BY_CLASSES and few_examples(class_numbers(Y)):
        yield f"A class has fewer than {FEWEST} of these examples: too few to show that an input matters."


def _losses(run: Run, predictions: Floats, Y: Floats, by: str) -> Floats:
    """Return each example's loss, (m,), from its prediction: its contribution to 1 − score, or its absolute error.

    For the accuracy the loss is 1 for a wrong class and 0 for the correct one; for all scores the mean is 1 − score.
    """
    if not run.network.classifies:
        return np.asarray(np.abs(predictions - Y).mean(axis=0), np.float64)
    return np.asarray(1 - pseudo_values(by, predictions, run.labels(predictions)[0], Y))


def _interval_and_p_value(change: Floats, Y: Floats, by: str) -> tuple[tuple[float, float], float]:
    """Return the 95 % interval of the mean change over the examples, and the p-value of a true change of 0."""
    none = np.zeros_like(change)
    if by in RANKED_BY_CLASSES:
        truth = class_numbers(Y)
        return score_interval(change, truth)[1], score_p_value(change, none, truth)
    return mean_interval(change)[1], paired_p_value(change, none)


def _predictor(run: Run, X: Floats) -> Callable[[Any, Floats], Floats]:
    """Return a function that predicts all examples (n_y, m) with other values in some rows of X (n_x, m).

    Other rows change the first layer's Z_1 alone by W (values − rows), for the columns W of W1 there. So for a single
    network the first layer is computed once. Members, and networks that see inputs as waves, predict anew.
    """
    parameters, network = run.parameters, run.network
    if run.members is not None or network.embedding is not None:
        changed = X.copy()

        def anew(rows: Any, values: Floats) -> Floats:
            changed[rows] = values
            predictions = mean_outputs(network, run.all_parameters, changed)
            changed[rows] = X[rows]
            return predictions

        return anew
    Z1 = parameters["W1"] @ X + parameters["b1"]

    def moved(rows: Any, values: Floats) -> Floats:
        first = Z1 + parameters["W1"][:, rows] @ (values - X[rows])
        Z, _ = network_forward(first, parameters, network.activations, first=Z1_GIVEN)
        return np.asarray(network.loss.prediction(Z))

    return moved
