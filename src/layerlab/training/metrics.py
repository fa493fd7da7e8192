"""Metrics of a training while it runs, measured between two chunks by scikit-learn's functions.

Where examples have several labels or target values (rows of Y), a metric is the mean over them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerlab.formulas import Parameters
from layerlab.runs.metrics import MEASURED_SETS, METRICS, metric_value

from .engines import Chunk, Engine
from .job import Job
from .stages import stage


def metric_columns(job: Job) -> tuple[str, ...]:
    """Return the names of a job's metrics with the set of each, such as "training_accuracy", "validation_accuracy"."""
    parts = MEASURED_SETS if job.validation is not None else MEASURED_SETS[:1]
    return tuple(f"{part}_{name}" for part in parts for name in job.metrics)


def with_metrics(stream: Iterator[Chunk], engine: Engine, job: Job, done: int) -> Iterator[Chunk]:
    """Yield the chunks; where metrics are due at the end of a chunk, ``Chunk.measured`` has them.

    Args:
        stream: the engine's chunks; one ends wherever metrics are due.
        engine: makes the predictions.
        job: what is trained.
        done: updates made before.
    """
    columns = 1 + len(metric_columns(job))
    for chunk in stream:
        done += len(chunk.costs)
        rows = np.empty((0, columns))
        if len(chunk.costs) and is_due(job, chunk, done):
            with stage("metrics"):
                rows = np.array([[done, *_values(engine, job, chunk.state.parameters)]])
        yield chunk._replace(measured=rows)


def is_due(job: Job, chunk: Chunk, done: int) -> bool:
    """Return whether metrics and the callback are due after a chunk: every ``job.every`` epochs, and at the end."""
    return done % (job.every * job.epoch) == 0 or is_last(job, chunk, done)


def is_last(job: Job, chunk: Chunk, done: int) -> bool:
    """Return whether the training ends with a chunk: all updates are made, or the model diverged or was stopped."""
    return done == job.common["iterations"] or not np.any(chunk.state.alive)


def _values(engine: Engine, job: Job, parameters: Parameters) -> list[float]:
    """Return every metric on every set, in the order of ``metric_columns``; a scaled target has its own units."""
    truths = [job.part.Y] + ([] if job.validation is None else [job.validation.Y])
    weights = job.sample_weight, job.validation_weight
    values: list[float] = []
    for outputs, Y, weight in zip(engine.predictions(parameters), truths, weights, strict=False):
        predicted, truth = outputs, Y
        if job.scaling is not None:
            predicted, truth = job.scaling.undone(outputs), job.scaling.undone(Y)
        values += [metric_value(METRICS[name], job.network, predicted, truth, weight) for name in job.metrics]
    return values
