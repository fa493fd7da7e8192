"""The history of a training, from the chunks that were read."""

from __future__ import annotations

import math

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.runs.history import History

from .job import Job
from .metrics import metric_columns
from .watching import Record


def history_of(record: Record, job: Job, member: int | None = None) -> History:
    """The history of one model: up to its first cost that is not finite, or until its monitor ended it.

    Args:
        record: of one alone, or of a population.
        job: what was trained.
        member: its number in the population; None for one alone.
    """
    costs, validation = record.costs, record.validation
    if member is not None and costs.size:
        costs, validation = costs[:, member], validation[..., member] if validation.shape[1] else validation
    bad = np.flatnonzero(~np.isfinite(costs))
    n = int(bad[0]) + 1 if len(bad) else len(costs)
    ended, kept = _monitored(record, member)
    # A population goes on for the others: what was recorded of this model after its end is left out.
    n = min(n, ended or n)
    n_validated = n // job.epoch if job.batch_size else n
    measured = record.measured[record.measured[:, :1].ravel() <= n]
    none: Floats = np.empty(0)
    return History(
        costs=costs[:n] if costs.size else none,
        validation_costs=validation[:n_validated, 0] if validation.size else none,
        validation_accuracies=validation[:n_validated, 1] if validation.size else none,
        every=min(job.epoch, math.ceil(job.common["iterations"] / 2)),
        seconds=record.seconds,
        interrupted=record.interrupted,
        kept_at=kept,
        stopped=record.stopped,
        epoch=job.epoch,
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
