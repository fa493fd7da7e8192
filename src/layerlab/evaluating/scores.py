"""Scores of a trained network on the training set and the test set, as facts for the screen, the report and JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate, class_numbers
from layerlab.runs.events import events_facts
from layerlab.runs.findings import Finding
from layerlab.runs.history import sampled_costs
from layerlab.runs.run import Run

from .baseline_comparison import baselines_facts
from .class_scores import class_facts
from .constant_answer import constant_facts, majority_facts
from .interval_coverage import coverage_facts
from .out_of_fold import out_of_fold_facts
from .statistics import interval_facts, mean_interval, mean_share_interval, r_squared, share_interval
from .train_test_gap import gap_facts

LEAST_FITTED = 0.1
"""A network has fitted its training set if R², or accuracy minus the base rate, is at least this."""


def train_facts(run: Run, dataset: Dataset, baseline: str | None = None) -> dict[str, Any]:
    """Return everything that is reported about a training: settings, costs, scores, baselines and findings.

    Args:
        run: the trained network.
        dataset: the one that it was trained on, prepared as for the training.
        baseline: as for ``baselines_facts``: "linear", "boosted", "none", or None to decide by the data.

    Returns:
        Plain values by their names in the JSON of the command. A classifier's scores are accuracies, those of a
        regression are R² and mean absolute errors. ``out_of_fold`` and ``intervals`` are None for a run without
        members.
    """
    predictions, on_train = run.predict(dataset.test.X), run.predict(dataset.train.X)
    scores, gap = _scores(run, dataset, predictions, on_train), gap_facts(run, dataset, on_train, predictions)
    return {
        "dataset": dataset.name,
        "standardized": dataset.standardization is not None,
        "layer_dims": list(run.network.layer_dims),
        "hidden": run.network.hidden_name,
        "output": run.network.output,
        "embedding": None if run.network.embedding is None else asdict(run.network.embedding),
        "parameters": run.network.n_parameters,
        "settings": dict(run.settings),
        "events": events_facts(run.events),
        "iterations_done": len(run.history.costs),
        "interrupted": run.history.interrupted,
        "costs": sampled_costs(run.history),
        "seconds": run.history.seconds,
        "kept_at": run.history.kept_at,
        **scores,
        **(class_facts(run, dataset, predictions) if run.network.classifies else {}),
        **baselines_facts(run, dataset, predictions, baseline),
        "out_of_fold": out_of_fold_facts(run, dataset, baseline),
        "intervals": coverage_facts(run, dataset),
        "train_test_gap": gap,
        "verdict": run.verdict and run.verdict._asdict(),
        "diagnosis": [finding.facts() for finding in _findings_beside(run, gap, scores)],
        "out": None,
    }


def lasting_findings(run: Run, dataset: Dataset) -> tuple[Finding, ...]:
    """Return the findings about a training that still hold when its test scores are known.

    A network overfits if it fits the training set much better than the test set, or if it fits the training set but is
    worse than a constant prediction on the test set. A lower training cost does not help such a network, which would
    only memorise more. So it is not called slow, and no larger learning rate is advised.

    Args:
        run: the trained network with its diagnosis.
        dataset: the dataset, prepared as for the run, with true values.
    """
    if not run.diagnosis:
        return ()
    predictions, on_train = run.predict(dataset.test.X), run.predict(dataset.train.X)
    gap = gap_facts(run, dataset, on_train, predictions)
    return _findings_beside(run, gap, _scores(run, dataset, predictions, on_train))


def _findings_beside(run: Run, gap: dict[str, Any], scores: dict[str, Any]) -> tuple[Finding, ...]:
    """Return the findings that still hold with these facts."""
    if run.network.classifies:
        fits = scores["train_accuracy"] >= scores["base_rate"] + LEAST_FITTED
        behind = scores["test_accuracy"] < scores["base_rate"] and run.settings["class_weight"] is None
    else:
        fits, behind = scores["train_r2"] >= LEAST_FITTED, scores["test_r2"] < 0
    if gap["outcome"] is None and not (fits and behind):
        return run.diagnosis
    own = run.settings["learning_rate"] or 0
    return tuple(one for one in run.diagnosis if one.kind != "slow" and not one.changes.get("learning_rate", 0) > own)


def _scores(run: Run, dataset: Dataset, predictions: NDArray[Any], on_train: NDArray[Any]) -> dict[str, Any]:
    """Return the scores on both sets, of a classifier or of a regression."""
    return (_class_scores if run.network.classifies else _value_scores)(run, dataset, predictions, on_train)


def _class_scores(run: Run, dataset: Dataset, predictions: NDArray[Any], on_train: NDArray[Any]) -> dict[str, Any]:
    """Return the accuracies on both sets, the 95 % interval on the test set, the base rate and a comparison with it.

    If the run diverged, the accuracies are nan and there is no interval.
    """
    m = dataset.test.X.shape[1]
    if run.diverged:
        none = dict.fromkeys(("train_accuracy", "test_accuracy"), math.nan)
        known = {"test_interval": None, "base_rate": base_rate(dataset.test.Y), "test_examples": m}
        return {**none, **known, "constant": {"outcome": None, "what": "", "p_value": None}}
    if run.network.has_several_labels:
        return _label_scores(dataset, predictions, on_train)
    accuracy, interval = share_interval(predictions[0] == class_numbers(dataset.test.Y))
    return {
        "train_accuracy": float((on_train[0] == class_numbers(dataset.train.Y)).mean()),
        "test_accuracy": accuracy,
        "test_interval": interval_facts(interval),
        "base_rate": base_rate(dataset.test.Y),
        "test_examples": m,
        "constant": majority_facts(dataset.test.Y, predictions, interval[0]),
    }


def _label_scores(dataset: Dataset, predictions: NDArray[Any], on_train: NDArray[Any]) -> dict[str, Any]:
    """Return the same for several labels per example: each label counts as one prediction.

    The interval is over the examples, because the labels of one example are not independent.
    """
    truth = dataset.test.Y > 0.5
    accuracy, interval = mean_share_interval((predictions == truth).mean(axis=0))
    share_of_ones = truth.mean(axis=1)
    return {
        "train_accuracy": float((on_train == (dataset.train.Y > 0.5)).mean()),
        "test_accuracy": accuracy,
        "test_interval": interval_facts(interval),
        "base_rate": float(np.maximum(share_of_ones, 1 - share_of_ones).mean()),
        "test_examples": truth.shape[1],
        "constant": majority_facts(dataset.test.Y, predictions, interval[0]),
    }


def _value_scores(
    run: Run,  # noqa: ARG001
    dataset: Dataset,
    predictions: NDArray[Any],
    on_train: NDArray[Any],
) -> dict[str, Any]:
    """Return R² and mean absolute error on both sets, the test error's 95 % interval, and the training median's scores.

    With a single test example the interval is None.
    """
    Y, Y_train = dataset.test.Y, dataset.train.Y
    median = np.broadcast_to(np.median(Y_train, axis=1, keepdims=True), Y.shape)
    error, interval = mean_interval(np.abs(Y - predictions).mean(axis=0))
    return {
        "train_r2": r_squared(Y_train, on_train),
        "test_r2": r_squared(Y, predictions),
        "train_error": float(np.abs(Y_train - on_train).mean()),
        "test_error": error,
        "test_error_interval": interval_facts(interval),
        "median_r2": r_squared(Y, median),
        "median_error": float(np.abs(Y - median).mean()),
        "constant": constant_facts(Y_train, Y, predictions),
    }
