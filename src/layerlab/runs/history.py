"""``History``: what was recorded during a training: every cost, and the curve that pictures show; as JSON too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.json_values import check_keys, numbers_from
from layerlab.formulas.arrays import Floats

from .metrics import MEASURED_SETS, METRICS


@dataclass(frozen=True)
class History:
    """What was recorded in each of the n iterations of a training.

    Attributes:
        costs: (n,); costs[i] is the objective on the examples of update i, before that update.
        validation_costs, validation_accuracies: (n,) with the same parameters as costs. With batches, and of
            estimators, one value after each epoch. Of members on folds, the mean of each one's on the fold that it left
            out. Empty without a validation set or folds.
        every: iterations per point of ``curve``: 1 without batches; with batches one epoch, or half of it if the run
            has a single epoch.
        seconds: time of the training.
        interrupted: whether the run was stopped before its last iteration by Ctrl-C.
        kept_at: with a monitor, the number of updates after which the kept parameters were reached; 0 if no epoch ended
            and the last parameters are kept. None without a monitor.
        stopped: whether a callback ended the training.
        epoch: number of updates per epoch, which use every example once.
        metrics: the metrics that were asked for, (k,) each, by names such as "training_f1" and "validation_f1".
        metrics_at: (k,) the numbers of updates after which they were measured.
        sizes: (k,) number of examples of each update, or the sum of their weights; they repeat after k updates. Empty
            where all sizes are equal.
        initial_cost: the cost of the initial parameters over all examples, with the penalty as in the means of epochs.
            None where it was not measured: without batches, with dropout, on a stream, and in runs of older versions.
        validated_after: whether validation values are measured after each epoch even if it has a single update, as on a
            stream of one batch and by estimators. With more updates per epoch this is always so.
    """

    costs: Floats
    validation_costs: Floats = field(default_factory=lambda: np.empty(0))
    validation_accuracies: Floats = field(default_factory=lambda: np.empty(0))
    every: int = 1
    seconds: float = 0.0
    interrupted: bool = False
    kept_at: int | None = None
    stopped: bool = False
    epoch: int = 1
    metrics: Mapping[str, Floats] = field(default_factory=dict)
    metrics_at: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    sizes: Floats = field(default_factory=lambda: np.empty(0))
    initial_cost: float | None = None
    validated_after: bool = False

    @property
    def curve(self) -> Floats:
        """The costs as pictures show them, (⌈n / every⌉,): each one, or with batches the mean of every epoch.

        Costs of single batches go up and down because the batches differ. In a mean each cost is weighed by the size of
        its batch, so that every example counts the same. The L2 penalty λ/2 Σ W² is divided by the size of a batch, so
        the mean has that of an average batch. The last mean is over the updates that the last epoch has.
        """
        return self.costs if self.every == 1 else mean_costs(self.costs, self.update_sizes, self.every)

    @property
    def update_sizes(self) -> Floats:
        """The weight (n,) of each update in a mean: its number of examples, or 1 if all sizes are equal."""
        return np.resize(self.sizes, len(self.costs)) if len(self.sizes) else np.ones(len(self.costs))

    @property
    def start(self) -> float | None:
        """The cost of the initial parameters, to compare the curve with; None if no update was made.

        Where an update takes all examples it is the first cost, else ``initial_cost``. Where that was not measured, it
        is the mean over the first epoch, in which the cost may have fallen already.
        """
        if self.epoch > 1 and self.initial_cost is not None:
            return self.initial_cost
        return float(self.curve[0]) if len(self.costs) else None

    @property
    def diverged(self) -> bool:
        """Whether the last cost is not finite, so that the training could not go on."""
        return len(self.costs) > 0 and not math.isfinite(self.costs[-1])

    @property
    def final_cost(self) -> float | None:
        """The last cost of the curve; None if no update was made."""
        return float(self.curve[-1]) if len(self.costs) else None

    @property
    def final_metrics(self) -> dict[str, float]:
        """The values of the metrics when they were last measured; empty if there are none."""
        return {name: float(values[-1]) for name, values in self.metrics.items() if len(values)}

    @property
    def figures(self) -> dict[str, float | None]:
        """Cost, validation cost and validation accuracy of the parameters that were kept; None if not recorded.

        Without a monitor they are the last values. With one they are those of the best epoch: its mean training cost,
        and the scores of its parameters on the validation set.
        """
        scores = {"validation_cost": self.validation_costs, "validation_accuracy": self.validation_accuracies}
        figures = {name: float(values[self._kept(values)]) if len(values) else None for name, values in scores.items()}
        return {"cost": self._kept_cost() if self.kept_at else self.final_cost, **figures}

    def _kept_cost(self) -> float:
        """Return the mean cost of the epoch that ended with the parameters that were kept."""
        end = int(self.kept_at or 0)
        epoch = slice(max(0, end - self.epoch), end)
        return float(mean_costs(self.costs[epoch], self.update_sizes[epoch], self.epoch)[0])

    def _kept(self, values: Floats) -> int:
        """Return the place of the value that belongs to the parameters that were kept.

        Args:
            values: recorded before every update, or after every epoch.
        """
        if not self.kept_at:
            return -1
        if self.epoch > 1 or self.validated_after:
            return min(self.kept_at // self.epoch, len(values)) - 1
        return min(self.kept_at, len(values) - 1)


def mean_costs(costs: Floats, sizes: Floats, every: int) -> Floats:
    """Return means over every few updates. Each update is weighed by its size, so they are means over examples.

    Args:
        costs: (n,) the mean cost of each update's examples.
        sizes: (n,) the number of its examples, or the sum of their weights.
        every: how many updates each mean takes; the last mean takes the rest.

    Returns:
        (⌈n / every⌉,) means; 0 if all examples of the updates have weight 0.

    Example:
        >>> mean_costs(np.array([1.0, 1.0, 4.0, 2.0]), np.array([3.0, 3.0, 1.0, 3.0]), every=3)
        array([1.42857143, 2.        ])
    """
    if not len(costs):
        return costs
    starts = np.arange(0, len(costs), every)
    totals = np.add.reduceat(sizes, starts)
    shares = sizes / np.repeat(np.where(totals > 0, totals, 1.0), np.diff(np.append(starts, len(costs))))
    with np.errstate(invalid="ignore"):  # the last cost may be infinite
        means: Floats = np.add.reduceat(costs * shares, starts)
    return means


def history_record(history: History) -> dict[str, Any]:
    """Return a history as plain values for JSON; null stands for nan, such as the accuracy of a regression."""
    return {
        "costs": history.costs.tolist(),
        "validation_costs": _or_null(history.validation_costs),
        "validation_accuracies": _or_null(history.validation_accuracies),
        "sizes": history.sizes.tolist(),
        "initial_cost": None if history.initial_cost is None else _or_null(np.array([history.initial_cost]))[0],
        "every": history.every,
        "seconds": history.seconds,
        "interrupted": history.interrupted,
        "kept_at": history.kept_at,
        "stopped": history.stopped,
        "epoch": history.epoch,
        "validated_after": history.validated_after,
        "metrics": {name: _or_null(values) for name, values in history.metrics.items()},
        "metrics_at": history.metrics_at.tolist(),
    }


@np.errstate(invalid="ignore")  # of numbers that are no updates; they are refused
def history_from(record: Any) -> History:
    """Rebuild a history from what ``history_record`` returned.

    Raises:
        ArithmeticError, AttributeError, TypeError, ValueError: the JSON was damaged or changed.
    """
    check_keys(record, {one.name for one in fields(History)})
    every, epoch, kept_at, initial = (record[name] for name in ("every", "epoch", "kept_at", "initial_cost"))
    history = History(
        costs=numbers_from(record["costs"]),
        validation_costs=numbers_from(record["validation_costs"]),
        validation_accuracies=numbers_from(record["validation_accuracies"]),
        sizes=numbers_from(record["sizes"]),
        initial_cost=None if initial is None else float(numbers_from([initial])[0]),
        every=every,
        seconds=float(numbers_from([record["seconds"]])[0]),
        interrupted=record["interrupted"],
        kept_at=kept_at,
        stopped=record["stopped"],
        epoch=epoch,
        validated_after=record["validated_after"],
        metrics={name: numbers_from(values) for name, values in record["metrics"].items()},
        metrics_at=numbers_from(record["metrics_at"]).astype(np.int64),
    )
    _check_metrics(history, record["metrics_at"])
    if kept_at is not None and (type(kept_at) is not int or not 0 <= kept_at <= len(history.costs)):
        raise ValueError("wanted a number of updates that were made as kept_at, or null")
    if not (np.isfinite(history.costs).all() and math.isfinite(history.seconds)):
        raise ValueError("wanted finite costs and seconds")
    if not (np.isfinite(history.sizes).all() and (history.sizes >= 0).all()):
        raise ValueError("wanted finite sizes of at least 0")
    if not all(isinstance(one, bool) for one in (history.interrupted, history.stopped, history.validated_after)):
        raise ValueError("wanted interrupted, stopped and validated_after true or false")
    shares = history.validation_accuracies[~np.isnan(history.validation_accuracies)]
    if history.seconds < 0 or (shares < 0).any() or (shares > 1).any():
        raise ValueError("wanted seconds of at least 0 and accuracies from 0 to 1")
    if any(type(number) is not int or not 0 < number < 2**31 for number in (every, epoch)):
        raise ValueError("wanted a whole number of iterations above 0 as every, and as epoch")
    if not len(history.validation_costs) == len(history.validation_accuracies) <= len(history.costs):
        raise ValueError("wanted as many validation costs as validation accuracies, and no more than costs")
    return history


def _check_metrics(history: History, metrics_at: Any) -> None:
    """Raise ValueError where the metrics are not numbers that such a training could have measured."""
    known = {f"{part}_{name}" for part in MEASURED_SETS for name in METRICS}
    if unknown := set(history.metrics) - known:
        raise ValueError(f"no metric is called {', '.join(sorted(map(str, unknown)))}")
    if not all(type(number) is int for number in metrics_at):
        raise ValueError("wanted numbers of updates as metrics_at")
    if len(metrics_at) and not (np.diff(history.metrics_at, prepend=0, append=len(history.costs) + 1) > 0).all():
        raise ValueError("wanted numbers of updates that were made, each above the one before, as metrics_at")
    if any(len(values) != len(metrics_at) for values in history.metrics.values()):
        raise ValueError("wanted as many values of every metric as metrics_at")


def _or_null(numbers: Floats) -> list[float | None]:
    """Return numbers as a list, null for those that are not finite."""
    return [number if math.isfinite(number) else None for number in numbers.tolist()]


def sampled_costs(history: History) -> list[list[float]]:
    """Return [iteration, cost] of every hundredth iteration and of the last, as the course notes print them.

    With batches, return the mean cost of every epoch, at the epoch's first iteration.
    """
    curve, every = history.curve.tolist(), history.every
    last = len(curve) - 1
    return [[every * i, cost] for i, cost in enumerate(curve) if every > 1 or i % 100 == 0 or i == last]
