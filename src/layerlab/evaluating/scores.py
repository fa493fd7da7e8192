"""What a trained network scores on the training and the test set, as facts for printing, report and JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab.datasets import Dataset
from layerlab.datasets.part import base_rate, class_numbers
from layerlab.runs.history import sampled_costs
from layerlab.runs.run import Run

from .linear_baseline import baseline_facts
from .statistics import mean_interval, r_squared, wilson_interval


def train_facts(run: Run, dataset: Dataset) -> dict[str, Any]:
    """A run in numbers: settings, costs, scores on both parts, beside them a linear model's, findings."""
    return {
        "dataset": dataset.name,
        "standardized": dataset.standardization is not None,
        "layer_dims": list(run.network.layer_dims),
        "hidden": run.network.hidden_name,
        "output": run.network.output,
        "parameters": run.network.n_parameters,
        "settings": dict(run.settings),
        "iterations_done": len(run.history.costs),
        "interrupted": run.history.interrupted,
        "costs": sampled_costs(run.history),
        "seconds": run.history.seconds,
        "kept_at": run.history.kept_at,
        **(_class_scores if run.network.classifies else _value_scores)(run, dataset),
        "baseline": baseline_facts(run, dataset),
        "diagnosis": [finding._asdict() for finding in run.diagnosis],
        "out": None,
    }


def _class_scores(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Accuracies, the test part's with its interval, and the base rate; of several labels each counts for itself."""
    if run.network.has_several_labels:
        return _label_scores(run, dataset)
    right = run.predict(dataset.test.X)[0] == class_numbers(dataset.test.Y)
    return {
        "train_accuracy": run.accuracy(dataset.train),
        "test_accuracy": float(right.mean()),
        "test_interval": list(wilson_interval(int(right.sum()), len(right))),
        "base_rate": base_rate(dataset.test.Y),
    }


def _label_scores(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Shares of labels that are right; the interval is over examples, since the labels of one are not independent."""
    truth = dataset.test.Y > 0.5
    right = (run.predict(dataset.test.X) == truth).mean(axis=0)
    on = truth.mean(axis=1)
    return {
        "train_accuracy": run.accuracy(dataset.train),
        "test_accuracy": float(right.mean()),
        "test_interval": list(mean_interval(right)[1]),
        "base_rate": float(np.maximum(on, 1 - on).mean()),
    }


def _value_scores(run: Run, dataset: Dataset) -> dict[str, Any]:
    """R² and mean absolute error, the test part's with its interval, and what always answering the median scores."""
    train, test = (run.predict(part.X) for part in (dataset.train, dataset.test))
    Y = dataset.test.Y
    median = np.broadcast_to(np.median(dataset.train.Y, axis=1, keepdims=True), Y.shape)
    error, interval = mean_interval(np.abs(Y - test).mean(axis=0))
    return {
        "train_r2": r_squared(dataset.train.Y, train),
        "test_r2": r_squared(Y, test),
        "train_error": float(np.abs(dataset.train.Y - train).mean()),
        "test_error": error,
        "test_error_interval": list(interval),
        "median_r2": r_squared(Y, median),
        "median_error": float(np.abs(Y - median).mean()),
    }
