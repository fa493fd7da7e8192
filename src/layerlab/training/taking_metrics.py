"""Metrics by name, taken between two chunks: scikit-learn's functions on what the network says of each example.

Several labels of an example, or several values, are rows: a metric is the mean over them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.runs.metrics import MEASURED_SETS, METRICS, Metric

from .engines import Chunk, Engine
from .job import Job


def metric_columns(job: Job) -> tuple[str, ...]:
    """What the figures of a job are called: "training_accuracy", "validation_accuracy" and so on."""
    parts = MEASURED_SETS if job.validation is not None else MEASURED_SETS[:1]
    return tuple(f"{part}_{name}" for part in parts for name in job.metrics)


def measured(stream: Iterator[Chunk], engine: Engine, job: Job, done: int, spent: dict[str, float]) -> Iterator[Chunk]:
    """The chunks, those that end where metrics are due with the figures.

    Args:
        stream: of the engine, cut where they are due.
        engine: that knows the examples.
        job: what is trained.
        done: updates made before.
        spent: the seconds are added to it as "metrics".
    """
    columns = 1 + len(metric_columns(job))
    for chunk in stream:
        done += len(chunk.costs)
        begun, rows = perf_counter(), np.empty((0, columns))
        if len(chunk.costs) and is_due(job, chunk, done):
            rows = np.array([[done, *_figures(engine, job, chunk.state.parameters)]])
        spent["metrics"] = spent.get("metrics", 0.0) + perf_counter() - begun
        yield chunk._replace(measured=rows)


def is_due(job: Job, chunk: Chunk, done: int) -> bool:
    """Whether a chunk ends with an epoch after which something is told, or with the training."""
    return done % (job.every * job.epoch) == 0 or is_last(job, chunk, done)


def is_last(job: Job, chunk: Chunk, done: int) -> bool:
    """Whether a chunk ends with the training: all updates are made, or the model has diverged or lost its patience."""
    return done == job.common["iterations"] or not np.any(chunk.state.alive)


def _figures(engine: Engine, job: Job, parameters: Parameters) -> list[float]:
    """Every metric on every part."""
    truths = [job.part.Y] + ([] if job.validation is None else [job.validation.Y])
    weights = job.sample_weight, job.validation_weight
    figures: list[float] = []
    undone = job.scaling.undone if job.scaling else _as_it_is
    for outputs, Y, weight in zip(engine.predictions(parameters), truths, weights, strict=False):
        figures += [taken(METRICS[name], job.network, undone(outputs), undone(Y), weight) for name in job.metrics]
    return figures


def _as_it_is(values: NDArray[Any]) -> NDArray[Any]:
    return values


def taken(metric: Metric, network: Network, outputs: NDArray[Any], Y: NDArray[Any], weights: Any = None) -> float:
    """A metric of predictions; nan where it is not defined, as for numbers that are not finite.

    Args:
        metric: of ``METRICS``.
        network: that predicts.
        outputs: (n_y, m) probabilities or values.
        Y: (n_y, m), 0/1, one-hot, or values.
        weights: (m,) of the examples, or None for all alike.
    """
    if not np.isfinite(outputs).all():
        return float("nan")
    truth, told = (network.labels(Y), network.labels(outputs)) if metric.of == "labels" else (Y, outputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that is not there: the figure says it
        return float(np.mean([metric.score(*rows, weights) for rows in zip(truth, told, strict=True)]))
