"""A training epoch by epoch: a ``Moment`` for each epoch, passed to a callback or written as a line of the log."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats

from .history import History, mean_costs
from .log_files import log_files, log_lines

MOST_LINES, MOST_CALLS = 10_000, 100
"""The most lines of a log, and the most calls of a callback or of metrics. They hold where ``every`` is not given and
each update is an epoch."""

FIRST_COLUMNS = ("epoch", "iteration", "cost", "validation_cost", "validation_accuracy")
"""The first columns of every log; then come the metrics and the seconds."""


@dataclass(frozen=True)
class Moment:
    """What is known about a training after one of its epochs.

    Attributes:
        epoch: its number, from 1; without batches an epoch is one update.
        iteration: number of updates made.
        cost: mean of the epoch's costs, each the objective before its update and weighed by its number of examples.
        validation_cost, validation_accuracy: with batches, measured after the epoch; without, with the parameters that
            the cost belongs to. None without a validation set, and for an unfinished last epoch. The accuracy is nan
            for regression.
        metrics: the metrics that were asked for, by name: "training_f1", "validation_f1", after the epoch.
        seconds: time of the updates so far; nan where it was not measured.
    """

    epoch: int
    iteration: int
    cost: float
    validation_cost: float | None = None
    validation_accuracy: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = math.nan
    _parameters: Callable[[], Parameters] | None = field(default=None, repr=False, compare=False)

    def parameters(self) -> Parameters:
        """Return ``W1 b1 … WL bL`` after the epoch, as copies.

        Raises:
            InputError: the callback that got the moment has returned, and the training has gone on.
        """
        if self._parameters is None:
            raise InputError("the moment is over: ask for its parameters inside the callback, and keep what it returns")
        return self._parameters()

    @property
    def row(self) -> dict[str, float | None]:
        """The moment as a line of the log, by column; None for what was not recorded."""
        return {**{name: getattr(self, name) for name in FIRST_COLUMNS}, **self.metrics, "seconds": self.seconds}


class MomentMaker:
    """Turn the records of chunks of updates into moments, one for every few epochs.

    An epoch may begin in one chunk and end in another: the costs and sizes of an unfinished epoch wait in ``open``.

    Args:
        epoch: number of updates in an epoch.
        every: epochs from one moment to the next; 0 for moments only where metrics were measured.
        metrics: names of the metrics' columns.
    """

    def __init__(self, epoch: int, every: int, metrics: Sequence[str] = ()) -> None:
        self.epoch, self.every, self.metrics = epoch, every, metrics
        self.done, self.seconds, self.open = 0, 0.0, np.empty((2, 0))

    def next_moments(
        self, new_costs: Floats, sizes: Floats, validation: Floats, seconds: float, measured: Floats, over: bool
    ) -> list[Moment]:
        """Return the moments among the n updates that follow those of the call before.

        Args:
            new_costs: (n,) the objective before each update.
            sizes: (n,) the number of its examples, or the sum of their weights.
            validation: (k, 2) cost and accuracy on the validation set, or (k, 0).
            seconds: time spent on these updates.
            measured: a row for each time that metrics were measured: the number of updates made until then, then the
                metrics.
            over: whether the training ends with these updates: then its last epoch has a moment in any case.
        """
        begun = self.done - self.open.shape[1]
        costs, sizes = recorded = np.concatenate([self.open, [new_costs, sizes]], axis=1)
        means = mean_costs(costs, sizes, self.epoch)
        metrics = {int(row[0]): dict(zip(self.metrics, row[1:].tolist(), strict=True)) for row in measured}
        none, seconds_each = dict.fromkeys(self.metrics, math.nan), seconds / max(1, len(new_costs))

        def moment(i: int) -> Moment:
            end = min((i + 1) * self.epoch, len(costs))
            held_out = validation[i].tolist() if self._is_validated(i, len(costs), validation) else [None] * 2
            return Moment(
                epoch=begun // self.epoch + i + 1,
                iteration=begun + end,
                cost=float(means[i]),
                validation_cost=held_out[0],
                validation_accuracy=held_out[1],
                metrics=metrics.get(begun + end, none),
                seconds=self.seconds + seconds_each * (begun + end - self.done),
            )

        moments = [moment(i) for i in self._chosen(begun, len(costs), list(metrics), over)]
        self.done, self.seconds = begun + len(costs), self.seconds + seconds
        self.open = recorded[:, len(costs) // self.epoch * self.epoch :]
        return moments

    def _is_validated(self, i: int, n: int, validation: Floats) -> bool:
        """Return whether validation cost and accuracy are known for the i-th epoch among n costs."""
        return bool(validation.size) and i < min(n // self.epoch, len(validation))

    def _chosen(self, begun: int, n: int, measured: list[int], over: bool) -> list[int]:
        """Return the numbers of the epochs, among n costs, that get a moment."""
        epochs = np.arange(-(-n // self.epoch) if over else n // self.epoch)
        if not self.every:
            chosen = np.isin(begun + np.minimum((epochs + 1) * self.epoch, n), measured)
        else:
            chosen = (begun // self.epoch + epochs + 1) % self.every == 0
            chosen[-1:] |= over
        numbers: list[int] = np.flatnonzero(chosen).tolist()
        return numbers


def log_of(history: History) -> dict[str, str]:
    """Return the log of a finished training: the text of each file by the file's name.

    It has a line for each time that metrics were measured, else for every epoch. With more than ``MOST_LINES`` epochs
    it has a line for every second (third, …) epoch and for the last.
    """
    n, names = len(history.costs), tuple(history.metrics)
    every = 0 if names else max(1, math.ceil(n / history.epoch / MOST_LINES))
    validation = np.stack([history.validation_costs, history.validation_accuracies], axis=1)
    measured = np.stack([history.metrics_at, *history.metrics.values()], axis=1)
    over = not (history.interrupted or history.stopped)
    moments = MomentMaker(history.epoch, every, names).next_moments(
        history.costs, history.update_sizes, validation, math.nan, measured, over
    )
    written = log_lines(log_columns(names), [moment.row for moment in moments])
    return {file.name: "".join(lines) for file, lines in zip(log_files("log"), written, strict=True)}


def log_columns(metrics: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a log; a metric that has the name of another column takes its place."""
    return (*dict.fromkeys((*FIRST_COLUMNS, *metrics)), "seconds")
