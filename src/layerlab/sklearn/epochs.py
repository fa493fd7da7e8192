"""The stochastic solvers: they train epoch after epoch, until nothing improves any more by scikit-learn's rule."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from layerlab.datasets.part import standardization_of
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.machine import one_thread
from layerlab.text import tell, warn
from layerlab.training.interrupts import deferred_interrupts
from layerlab.training.job import Job

from .callbacks import FitCallbacks
from .coefficients import members_of
from .job_settings import monitor_settings, optimizer_settings, schedule_settings
from .learning_rate import LearningRate
from .record import NOT_FINITE, FitRecord, FitTask
from .trainer import Trainer, job_of, training_facts


def fit_epochs(task: FitTask, record: FitRecord, random: np.random.RandomState, callbacks: FitCallbacks) -> None:
    """Train epoch after epoch until ``max_iter`` or a plateau; only one epoch if the task is incremental.

    Args:
        task: what is trained, on which data, and how.
        record: where the fit begins; it is filled.
        random: the generator that shuffles the examples.
        callbacks: these are called before and after every epoch.

    Raises:
        ValueError: the loss was not finite.
    """
    fit = _EpochByEpoch(task, record)
    how, order = task.hyperparameters, np.arange(task.train.m)
    record.n_iter = 0
    with deferred_interrupts() as interrupts, fit.trainer.at_work():
        interrupts.waiting = True
        for _ in range(1 if task.incremental else how.max_iter):
            if how.shuffle:
                order = order[_shuffled(len(order), random)]
            callbacks.epoch_begins()
            fit.train_epoch(order)
            enough = callbacks.epoch_ended(lambda: record.attributes(fit.chosen()))
            if interrupts.count:
                interrupts.answered = True
                warn("Training interrupted by user.", stacklevel=4)
                break
            if fit.ends() or enough:
                break
        else:
            if not (task.incremental or task.preset.as_realmlp):
                warn(
                    f"Stochastic Optimizer: Maximum iterations ({how.max_iter}) reached and the optimization "
                    f"hasn't converged yet.",
                    ConvergenceWarning,
                    stacklevel=3,
                )
    if not fit.trainer.alive:
        warn(
            f"The loss was not finite in epoch {record.n_iter}, where the fit ends: the weights with the best "
            f"validation score before are kept. Put a StandardScaler before the network, or take a smaller "
            f"learning_rate_init.",
            ConvergenceWarning,
            stacklevel=3,
        )
    fit.finish()


def _shuffled(m: int, random: np.random.RandomState) -> NDArray[np.intp]:
    """Make a random order like ``sklearn.utils.shuffle``, without its checks, which took a tenth of a small fit."""
    places = np.arange(m)
    random.shuffle(places)
    return places


class _EpochByEpoch:
    """One call of fit: a trainer, the learning rate, and scikit-learn's rule for when to stop.

    Attributes:
        target_unit: mean and standard deviation, (n_y, 1), of the learned targets; a preset standardises them.
        batch_shares: (batches,) the share of the examples in each batch of an epoch.
        keeps_best: whether the parameters of the best epoch are kept in the end, not those of the last.
    """

    def __init__(self, task: FitTask, record: FitRecord) -> None:
        self.task, self.record, self.how = task, record, task.hyperparameters
        self.keeps_best = bool(self.how.early_stopping and not task.incremental)
        self.target_unit = _target_unit(task)
        self.rate = LearningRate(
            self.how.learning_rate if self.how.solver == "sgd" else "constant",
            self.how.learning_rate_init,
            self.how.power_t,
        )
        before, memory, made = record.optimizer_state if task.incremental else None, None, 0
        if before is not None and before["solver"] == self.how.solver:
            self.rate.value, memory, made = before["learning_rate"], before["memory"], before["updates"]
        self.trainer = Trainer(self._job(), memory, made)
        self.trainer.engine.change("learning_rate", self.rate.value)
        job = self.trainer.job
        sizes = np.full(job.epoch, job.batch_size or job.m)
        sizes[-1] = job.m - sizes[:-1].sum()
        self.batch_shares = sizes / job.m
        if task.held_out is not None:
            if record.validation_scores is None and self.how.early_stopping:
                record.best_loss = None
            record.begin_validation()

    def _job(self) -> Job:
        task, (mean, scale) = self.task, self.target_unit
        starts = members_of(self.record.parameters)
        if self.record.loss_curve:  # trained parameters predict targets in the user's unit
            starts = [rescaled(start, -mean / scale, 1 / scale) for start in starts]
        settings = optimizer_settings(self.how, task.preset, task.train.m, self.record.dropout_seed)
        if task.incremental:  # the next call may have other examples, which span another space
            settings["basis"] = "full"
        train = task.train
        if task.preset.as_realmlp:
            train = train._replace(Y=((train.Y - mean) / scale).astype(train.Y.dtype))
        return job_of(task.network, train, starts, settings, task.preset.parameter_factors(task.network.layer_dims))

    def train_epoch(self, order: NDArray[np.intp]) -> None:
        """Train one epoch on the examples in this order, and record the result."""
        record = self.record
        costs = self.trainer.epoch(order)
        if not self.trainer.alive:
            if not self.keeps_best:
                raise ValueError(
                    f"{NOT_FINITE} The loss was not finite in epoch {record.n_iter + 1}: put a StandardScaler "
                    f"before the network, or take a smaller learning_rate_init."
                )
            costs = np.full(len(self.batch_shares), np.nan)
            if record.best_parameters is None:  # no epoch before: the initial parameters, as in scikit-learn
                record.best_parameters = record.parameters
        record.n_iter += 1
        record.examples_seen += len(order)
        record.loss = float(self.batch_shares @ (costs if costs.ndim == 1 else costs.mean(axis=1)))
        record.loss_curve.append(record.loss)
        if self.how.verbose:
            tell(f"Iteration {record.n_iter}, loss = {record.loss:.8f}", sys.stdout)
        if self.task.held_out is not None:
            with one_thread():
                parameters = self.parameters() if self.trainer.alive else None
                score = record.validate(self.task, self.task.held_out, parameters)
            if self.how.verbose:
                tell(f"Validation score: {score:f}", sys.stdout)
        improved = self._validation_improved() if self.how.early_stopping else self._loss_improved()
        record.epochs_waited = 0 if improved else record.epochs_waited + 1

    def parameters(self) -> Parameters:
        """Return the present parameters, for targets in the user's unit."""
        return rescaled(self.trainer.parameters(), *self.target_unit)

    def chosen(self) -> Parameters:
        """Return the parameters to keep if the fit ended now: the best epoch's with early stopping, else the last."""
        best = self.record.best_parameters if self.keeps_best else None
        return self.parameters() if best is None else best

    def _loss_improved(self) -> bool:
        """Return whether the loss has fallen by ``tol``, and remember the lowest."""
        record = self.record
        best = np.inf if record.best_loss is None else record.best_loss  # None: the fit before used a validation set
        short = record.loss > best - self.how.tol
        record.best_loss = min(best, record.loss)
        return not short

    def _validation_improved(self) -> bool:
        """Return whether the monitored value has improved by ``tol``, and remember the best epoch's parameters."""
        record = self.record
        monitored, best = record.monitored(self.how.monitor), record.best_monitored
        if monitored > best or (monitored == best and self.task.preset.later_is_better):
            record.best_parameters, record.best_monitored = self.parameters(), monitored
            record.best_epoch = len(record.loss_curve)
        return not monitored < best + self.how.tol

    def ends(self) -> bool:
        """Return whether the fit ends: no progress for more than ``n_iter_no_change`` epochs, or divergence."""
        if not self.trainer.alive:
            return True
        before = self.rate.value
        self.rate.epoch_ended(self.record.examples_seen)
        ends = self.record.epochs_waited > self.how.n_iter_no_change and self._ends_at_plateau()
        if self.rate.value != before:
            self.trainer.engine.change("learning_rate", self.rate.value)
        return ends

    def _ends_at_plateau(self) -> bool:
        ends = self.rate.ends_at_plateau()
        if not ends:
            self.record.epochs_waited = 0
        if self.how.verbose:
            what = "Validation score" if self.how.early_stopping else "Training loss"
            then = "Stopping." if ends else f"Setting learning rate to {self.rate.value:f}"
            tell(
                f"{what} did not improve more than tol={self.how.tol:f} for {self.how.n_iter_no_change} consecutive "
                f"epochs. {then}",
                sys.stdout,
            )
        return ends

    def finish(self) -> None:
        """Record the parameters that are kept, and the facts that ``to_run`` and ``partial_fit`` need."""
        record, trainer = self.record, self.trainer
        record.parameters = self.chosen()
        updates = int(trainer.state.update)
        monitor = monitor_settings(self.how, self.task.network.classifies) if self.keeps_best else {}
        made = {"iterations": updates} if self.task.incremental else {}
        record.training = training_facts(
            trainer.job,
            {**schedule_settings(self.how), **monitor, **made},
            record.best_epoch if self.keeps_best else None,
        )
        record.optimizer_state = {
            "solver": self.how.solver,
            "learning_rate": self.rate.value,
            "updates": updates,
            "memory": trainer.memory,
        }


def _target_unit(task: FitTask) -> tuple[Floats | float, Floats | float]:
    """Return mean and standard deviation (1 where it is 0) of each row of the targets, for a preset to standardise."""
    learns_values = not task.network.classifies and task.network.output != "poisson"  # "poisson" learns logarithms
    if not (task.preset.as_realmlp and learns_values):
        return 0.0, 1.0
    Y = task.train.Y
    scaling = standardization_of(Y)
    return scaling.mean, scaling.scale


def rescaled(parameters: Parameters, mean: Floats | float, scale: Floats | float) -> Parameters:
    """Change the last layer so that the network's outputs z become mean + scale z."""
    if np.all(mean == 0) and np.all(scale == 1):
        return parameters
    W, b = f"W{len(parameters) // 2}", f"b{len(parameters) // 2}"
    return parameters | {W: scale * parameters[W], b: scale * parameters[b] + mean}
