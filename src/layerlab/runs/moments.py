"""A training epoch by epoch: a ``Moment`` for a callback, and the same as a line of the log."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats

from .history import History
from .log_files import log_files, log_lines

MOST_LINES, MOST_CALLS = 10_000, 100
"""The most lines of a log, and calls of a callback or of metrics, if every update is an epoch and ``every`` is None."""

FIRST_COLUMNS = ("epoch", "iteration", "cost", "validation_cost", "validation_accuracy")
"""The columns with which every line begins; then come the metrics, and the seconds."""


@dataclass(frozen=True)
class Moment:
    """A training at the end of an epoch, as a callback gets it.

    Attributes:
        epoch: its number, from 1; without batches an epoch is one update.
        iteration: number of updates made.
        cost: mean of the epoch's costs, each the objective before its update.
        validation_cost, validation_accuracy: on the validation set; with batches after the epoch, without at the
            parameters to which the cost belongs. None without a validation set, and for a last epoch that is not whole;
            the accuracy is nan for regression.
        metrics: those that were asked for, by name, after the epoch: "training_f1", "validation_f1".
        seconds: spent on updates until then; nan in the log of a run, which does not keep when each epoch ended.
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
        """``W1 b1 … WL bL`` after the epoch, the caller's own.

        Raises:
            InputError: the call to which the moment was given is over, and the training has gone on.
        """
        if self._parameters is None:
            raise InputError("the moment is over: ask for its parameters inside the callback, and keep those")
        return self._parameters()

    @property
    def row(self) -> dict[str, float | None]:
        """A line of the log: numbers by column, None for what was not recorded."""
        return {**{name: getattr(self, name) for name in FIRST_COLUMNS}, **self.metrics, "seconds": self.seconds}


class MomentMaker:
    """Makes moments, one every so many epochs, from what a training records chunk by chunk.

    Args:
        epoch: updates of an epoch.
        every: epochs from one moment to the next; 0 for only where metrics were taken.
        metrics: names of the metrics, in the order of their columns.

    Attributes:
        done: number of updates so far.
    """

    def __init__(self, epoch: int, every: int, metrics: Sequence[str] = ()) -> None:
        self.epoch, self.every, self.metrics = epoch, every, metrics
        self.done, self._seconds = 0, 0.0
        self._open: Floats = np.empty(0)

    def after(
        self, costs: Floats, validation: Floats, measured: Floats, seconds: float = math.nan, *, last: bool
    ) -> list[Moment]:
        """The moments among some updates, which follow those of the call before.

        Args:
            costs: (n,) objective before each update.
            validation: (k, 2) cost and accuracy on the validation set, or (k, 0).
            measured: a row for each time that metrics were taken: the number of updates made until then, the metrics.
            seconds: spent on these updates.
            last: whether the training ends with them, so that an epoch ends there even if it is not whole.
        """
        before, speed = self.done, seconds / max(1, len(costs))
        # Epochs need not end where chunks do: the costs of one that was not over come once more, before the new ones.
        begun, costs = before - len(self._open), np.concatenate([self._open, costs])
        whole = len(costs) // self.epoch
        values = {int(row[0]): dict(zip(self.metrics, row[1:].tolist(), strict=True)) for row in measured}
        none = dict.fromkeys(self.metrics, math.nan)

        def moment(i: int) -> Moment:
            start, end = i * self.epoch, min((i + 1) * self.epoch, len(costs))
            validated = bool(validation.size) and i < min(whole, len(validation))
            cost, accuracy = validation[i].tolist() if validated else (None, None)
            return Moment(
                epoch=begun // self.epoch + i + 1,
                iteration=begun + end,
                cost=float(costs[start:end].mean()),
                validation_cost=cost,
                validation_accuracy=accuracy,
                metrics=values.get(begun + end, none),
                seconds=self._seconds + speed * (begun + end - before),
            )

        moments = [moment(i) for i in self._chosen(begun, len(costs), list(values), last)]
        self.done, self._seconds = begun + len(costs), self._seconds + seconds
        self._open = costs[whole * self.epoch :]
        return moments

    def _chosen(self, begun: int, n: int, measured: list[int], last: bool) -> list[int]:
        """Which of the epochs among n costs get a moment, counted from the first of them."""
        epochs = np.arange(-(-n // self.epoch) if last else n // self.epoch)
        if not self.every:
            chosen = np.isin(begun + np.minimum((epochs + 1) * self.epoch, n), measured)
        else:
            chosen = (begun // self.epoch + epochs + 1) % self.every == 0
            chosen[-1:] |= last
        numbers: list[int] = np.flatnonzero(chosen).tolist()
        return numbers


def log_of(history: History) -> dict[str, str]:
    """The log of a training that is over, by the names of its files.

    It has a line where metrics were taken, else one for every epoch; of more than ``MOST_LINES`` epochs every second,
    every third, … and the last.
    """
    n, names = len(history.costs), tuple(history.metrics)
    every = 0 if names else max(1, math.ceil(n / history.epoch / MOST_LINES))
    validation = np.stack([history.validation_costs, history.validation_accuracies], axis=1)
    measured = np.stack([history.metrics_at, *history.metrics.values()], axis=1)
    whole = not (history.interrupted or history.stopped)
    moments = MomentMaker(history.epoch, every, names).after(history.costs, validation, measured, last=whole)
    written = log_lines(log_columns(names), [moment.row for moment in moments])
    return {file.name: "".join(lines) for file, lines in zip(log_files("log"), written, strict=True)}


def log_columns(metrics: Sequence[str]) -> tuple[str, ...]:
    """Names of a log's columns; a metric that is called like one of ``FIRST_COLUMNS`` takes its place."""
    return (*dict.fromkeys((*FIRST_COLUMNS, *metrics)), "seconds")
