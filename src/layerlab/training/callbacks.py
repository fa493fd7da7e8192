"""The callback and the log: how a program or a reader follows a training while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.runs.log_files import LogWriter, check_log
from layerlab.runs.metrics import check_metrics
from layerlab.runs.moments import MOST_CALLS, MOST_LINES, Moment, MomentMaker, log_columns
from layerlab.settings import Setting

from .engines import Chunk
from .fit import parameters_after
from .fold_members import averaged_job, over_members
from .job import Job
from .metrics import is_due, is_last, metric_columns
from .record import update_sizes

EVERY = Setting("every", int, None, "Epochs between two lines of the log", low=1, optional=True)


@dataclass(frozen=True)
class Listeners:
    """The callback and the log files that follow a training, and how often.

    Attributes:
        callback: called with a ``Moment``, or None.
        log: files to write, or none.
        every: epochs between two lines of the log.
        again: whether log files that exist already are overwritten.
    """

    callback: Callable[[Moment], Any] | None
    log: tuple[Path, ...]
    every: int
    again: bool = False

    def reader(self, job: Job, heard: int) -> Callable[[Chunk], bool] | None:
        """Return a function that reads every chunk and says whether the training ends; None if nothing follows it.

        Args:
            job: what is trained.
            heard: updates made before, for which the callback was called already. The log is written again from its
                start.
        """
        if self.callback is None and not self.log:
            return None
        metrics, of_mean = metric_columns(job), job if job.folds is None else averaged_job(job)
        moments = MomentMaker(job.epoch, self.every, metrics)
        log = LogWriter(self.log, log_columns(metrics), self.again)
        sizes = update_sizes(of_mean)

        def read(chunk: Chunk) -> bool:
            done = moments.done + len(chunk.costs)
            over = is_last(job, chunk, done)
            costs, validation = chunk.costs, chunk.validation
            if job.folds is not None:  # several members are followed as one, by the means of their costs
                costs, validation = over_members(costs, validation)
            new = np.fromiter(islice(sizes, len(chunk.costs)), np.float64)
            made = moments.next_moments(costs, new, validation, chunk.seconds, chunk.measured, over)
            if self.log:
                log.write([moment.row for moment in made])
            if self.callback is None or done <= heard or not is_due(job, chunk, done):
                return False
            return _called(self.callback, made[-1], job, chunk)

        return read


def _called(callback: Callable[[Moment], Any], moment: Moment, job: Job, chunk: Chunk) -> bool:
    """Call the callback with a moment that has parameters while the call lasts; return whether it returned True.

    Afterwards the engine writes the next state into the same memory, so a moment that was kept refuses to give them.
    """
    during = [chunk]

    def parameters() -> Parameters:
        return parameters_after(job, chunk) if during else moment.parameters()  # the latter raises an error

    answer = callback(replace(moment, _parameters=parameters))
    during.clear()
    return isinstance(answer, bool | np.bool_) and bool(answer)


def listeners_of(
    job: Job, metrics: Any, callback: Any, log: str | Path | None, every: Any, again: bool
) -> tuple[Job, Listeners]:
    """Check the callback, log and metrics that a training was asked for, and add the metrics to the job.

    Args:
        job: the job of a single model.
        metrics, callback, log, every: as for ``train``.
        again: whether a log that exists already may be overwritten.

    Raises:
        InputError: one of the arguments is wrong.
    """
    metrics = check_metrics(metrics, job.network)
    if metrics and job.folds is not None:
        raise InputError(
            f"metrics={list(metrics)!r}: are measured on a single network while it is trained; leave them out, or take "
            f"members=1"
        )
    if callback is not None and not callable(callback):
        raise InputError(f"callback={callback!r}: wanted a function that takes a Moment")
    cut = bool(metrics) or callback is not None  # whether chunks have to end where something is due
    if every is not None and not cut and log is None:
        raise InputError(f"every={every!r} has no meaning without metrics, a callback or a log: give one, or leave it")
    chosen = EVERY.check(every) or _usual_every(job.common["iterations"], job.epoch, MOST_CALLS if cut else MOST_LINES)
    files = () if log is None else check_log(log, again)
    return replace(job, metrics=metrics, every=chosen if cut else 0), Listeners(callback, files, chosen, again)


def _usual_every(updates: int, epoch: int, most: int) -> int:
    """With batches, every epoch. Without, each update is an epoch: then as rarely as ``most`` moments require."""
    return 1 if epoch > 1 else math.ceil(updates / most)
