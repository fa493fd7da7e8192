"""Make the history of a training from the chunks of updates that were recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import cycle, islice, repeat

import numpy as np

from layerlab.formulas import cost, l2_penalty
from layerlab.formulas.arrays import Floats
from layerlab.runs.history import History
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.settings_rules import sizes_of_an_epoch

from .batches import batches
from .job import Job
from .metrics import metric_columns
from .watching import Record


def history_of(record: Record, job: Job, member: int | None = None) -> History:
    """Return the history of one model: up to its first cost that is not finite, or until its monitor ended it.

    Args:
        record: the record of a single model, or of a population.
        job: what was trained.
        member: the model's number in the population; None for a single model.
    """
    costs, validation = record.costs, record.validation
    if member is not None and costs.size:
        costs, validation = costs[:, member], validation[..., member] if validation.shape[1] else validation
    bad = np.flatnonzero(~np.isfinite(costs))
    n = int(bad[0]) + 1 if len(bad) else len(costs)
    ended, kept = _monitored(record, member)
    # A population continues for the other models: records of this model after its end are left out.
    n = min(n, ended or n)
    n_validated = n // job.epoch if job.batch_size else n
    measured = record.measured[record.measured[:, :1].ravel() <= n]
    none: Floats = np.empty(0)
    return History(
        costs=costs[:n] if costs.size else none,
        validation_costs=validation[:n_validated, 0] if validation.size else none,
        validation_accuracies=validation[:n_validated, 1] if validation.size else none,
        sizes=_sizes(job, n, member),
        initial_cost=initial_cost_of(job, member or 0),
        every=min(job.epoch, math.ceil(job.common["iterations"] / 2)),
        seconds=record.seconds,
        interrupted=record.interrupted,
        kept_at=kept,
        stopped=record.stopped,
        epoch=job.epoch,
        validated_after=bool(job.batch_size),
        metrics=dict(zip(metric_columns(job), measured[:, 1:].T, strict=False)),
        metrics_at=measured[:, :1].ravel().astype(np.int64),
    )


def _monitored(record: Record, member: int | None) -> tuple[int, int | None]:
    """When a monitor ended the training, and which parameters it kept, both as numbers of updates.

    Returns:
        The updates made when the monitor's patience ended, or 0 if it did not end; and the updates made when its value
        was best. (0, None) without a monitor.
    """
    watch = record.last.state.watch if record.last is not None else ()
    if not watch:
        return 0, None
    ended, kept = (np.asarray(value).reshape(-1)[member or 0] for value in (watch.ended_at, watch.kept_at))
    return int(ended), int(kept)


def update_sizes(job: Job, member: int | None = None) -> Iterator[float]:
    """Yield, without end, the weight of each update in a mean: the number of its examples, or the sum of their weights.

    It follows from settings and weights alone, so that it need not be recorded.

    Args:
        job, member: as for ``history_of``.
    """
    weights = job.weights
    if not job.batch_size:
        return repeat(1.0)
    if weights is None:
        return cycle(sizes_of_an_epoch(job.m, job.batch_size))
    own = weights[member or 0] if job.each_weighs else weights
    each = batches(job.m, job.batch_size, job.common["batch_seed"], "float64", own)
    return (float(batch.size) if math.isfinite(batch.size) else 0.0 for batch in each)


def _sizes(job: Job, n: int, member: int | None) -> Floats:
    """``History.sizes`` of n updates; the sizes of one epoch where all epochs are alike."""
    weighted = job.weights is not None and job.batch_size
    sizes = np.fromiter(islice(update_sizes(job, member), n if weighted else job.epoch), np.float64)
    return sizes if weighted or sizes[0] != sizes[-1] else np.empty(0)


@np.errstate(all="ignore")  # examples or weights may be too large
def initial_cost_of(job: Job, member: int = 0) -> float | None:
    """Return the cost of a model's initial parameters over all examples: the mean of an epoch in which no step is made.

    None where the costs of the updates contain it already, and where they cannot be compared with it: with dropout and
    on a stream.
    """
    own = job.members[member]
    if not job.batch_size or job.stream is not None or own.settings["dropout"]:
        return None
    network, start, weights = own.network, job.start(own), job.weights
    if weights is not None:
        weights = weights[member] if job.each_weighs else weights
        total, weights = float(weights.sum()), weights / weights.mean()
    else:
        total = float(job.m)
    Z = network_outputs(network, start, job.part.X, lambda Z: Z)
    penalty = l2_penalty(
        job.part.X, start, own.settings["l2"], total / job.epoch, network.first
    )  # for an update of mean size
    return float(cost(network.loss.losses(Z, job.targets, weights)) + penalty)
