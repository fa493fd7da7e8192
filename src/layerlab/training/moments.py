"""The callback and the log of a training while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from .job import Job
from .taking_metrics import is_due, is_last, metric_columns

EVERY = Setting("every", int, None, "Epochs from one line of the log to the next", low=1, optional=True)


class Telling:
    """The reader of the stream that writes the log and calls the callback.

    Args:
        job: what is trained.
        callback: called with a moment, or None.
        log: files to write, or none.
        every: epochs between two lines.
        told: updates made before, of which the callback has heard.
    """

    def __init__(
        self, job: Job, callback: Callable[[Moment], Any] | None, log: Sequence[Path], every: int, told: int
    ) -> None:
        metrics = metric_columns(job)
        self.job, self.callback, self.told = job, callback, told
        self.maker = MomentMaker(job.epoch, every, metrics)
        self.log = LogWriter(log, log_columns(metrics)) if log else None

    def __call__(self, chunk: Chunk) -> bool:
        """Tells what there is to tell of a chunk; whether the training shall end."""
        done = self.maker.done + len(chunk.costs)
        over = is_last(self.job, chunk, done)
        moments = self.maker.next_moments(chunk.costs, chunk.validation, chunk.seconds, chunk.measured, over)
        if self.log:
            self.log.write([moment.row for moment in moments])
        if self.callback is None or done <= self.told or not is_due(self.job, chunk, done):
            return False
        return self._answer(self.callback, moments[-1], chunk)

    def _answer(self, callback: Callable[[Moment], Any], moment: Moment, chunk: Chunk) -> bool:
        there = [chunk]

        def parameters() -> Parameters:
            if not there:
                return moment.parameters()  # which refuses
            return parameters_after(self.job, chunk)

        answer = callback(replace(moment, _parameters=parameters))
        there.clear()
        return isinstance(answer, bool | np.bool_) and bool(answer)


@dataclass(frozen=True)
class Wish:
    """What somebody wants to be told.

    Attributes:
        callback: called with a ``Moment``, or None.
        log: files to write, or none.
        every: epochs from one line to the next.
    """

    callback: Callable[[Moment], Any] | None
    log: tuple[Path, ...]
    every: int

    def reader(self, job: Job, told: int) -> Telling | None:
        """Who tells it, if there is something to tell; of the updates told before the callback hears nothing."""
        return Telling(job, self.callback, self.log, self.every, told) if self.callback or self.log else None


def wish_of(job: Job, metrics: Any, callback: Any, log: str | Path | None, every: Any, again: bool) -> tuple[Job, Wish]:
    """The job with its metrics, and what is told of it, everything checked.

    Args:
        job: one that is alone.
        metrics, callback, log, every: as for ``train``.
        again: whether a log that is there may be begun anew.

    Raises:
        InputError: one of them is not right.
    """
    metrics = check_metrics(metrics, job.network)
    if callback is not None and not callable(callback):
        raise InputError(f"callback={callback!r}: wanted a function that takes a Moment")
    cut = bool(metrics) or callback is not None
    if every is not None and not cut and log is None:
        raise InputError(f"every={every!r} has no meaning without metrics, a callback or a log: give one, or leave it")
    chosen = EVERY.check(every) or usual_every(job.common["iterations"], job.epoch, MOST_CALLS if cut else MOST_LINES)
    files = () if log is None else check_log(log, again)
    return replace(job, metrics=metrics, every=chosen if cut else 0), Wish(callback, files, chosen)


def usual_every(updates: int, epoch: int, most: int) -> int:
    """1 with batches; without, as many that there are no more than that many moments."""
    return 1 if epoch > 1 else math.ceil(updates / most)
