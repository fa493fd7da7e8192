"""The stochastic solvers: epoch after epoch, until scikit-learn's rule says that nothing improves any more."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from layerlab.formulas import Parameters, cost
from layerlab.formulas.arrays import Floats
from layerlab.machine import one_thread
from layerlab.network import Network
from layerlab.runs.network_outputs import network_outputs
from layerlab.training.watching import deferred

from .callbacks import Told
from .coefficients import attributes, parameters_of
from .examples import Examples
from .job_settings import monitor_of, schedule_of, settings_of
from .learning_rate import Rate
from .trainer import Trainer, facts_of, job_of

if TYPE_CHECKING:
    from .base import BaseMLP

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)
"""scikit-learn's own sentence, which its users look for; ours follow it."""


def fit_epochs(
    estimator: BaseMLP,
    network: Network,
    train: Examples,
    held_out: Examples | None,
    random: np.random.RandomState,
    incremental: bool,
    told: Told,
) -> None:
    """Epochs until ``max_iter`` or a plateau; a single one if it is incremental. Sets the fitted attributes.

    Args:
        estimator: whose parameters say how, at its current ``coefs_``.
        network, train, held_out: what is trained, on what, and what it is watched by.
        random: shuffles.
        incremental: whether the optimiser and the learning rate go on from where the last fit left them.
        told: the callbacks.
    """
    fit = _Fit(estimator, network, train, held_out, incremental)
    order = np.arange(train.X.shape[0])
    estimator.n_iter_ = 0
    with deferred() as presses, fit.trainer.at_work():
        presses.waiting = True
        for _ in range(1 if incremental else fit.how.max_iter):
            if fit.how.shuffle:
                order = order[_shuffled(len(order), random)]
            told.epoch_begins()
            fit.epoch(order)
            wanted = told.epoch_ended(fit.attributes)
            if presses.count:
                presses.answered = True
                warnings.warn("Training interrupted by user.", stacklevel=4)
                break
            if fit.ends() or wanted:
                break
        else:
            if not (incremental or fit.preset.whole):
                estimator._warn_not_converged(
                    f"Stochastic Optimizer: Maximum iterations ({fit.how.max_iter}) reached and the optimization "
                    f"hasn't converged yet."
                )
    if not fit.trainer.alive:
        estimator._warn_not_converged(
            f"The loss was not finite in epoch {estimator.n_iter_}, where the fit ends: the weights with the best "
            f"validation score before are kept. Put a StandardScaler before the network, or take a smaller "
            f"learning_rate_init."
        )
    fit.finish()


def _shuffled(m: int, random: np.random.RandomState) -> NDArray[np.intp]:
    """As ``sklearn.utils.shuffle`` draws it, without its checks, which took a tenth of a small fit."""
    places = np.arange(m)
    random.shuffle(places)
    return places


class _Fit:
    """The epochs of one call of fit, and what scikit-learn remembers between them."""

    def __init__(
        self, estimator: BaseMLP, network: Network, train: Examples, held_out: Examples | None, incremental: bool
    ) -> None:
        self.estimator, self.network, self.held_out = estimator, network, held_out
        self.how, self.preset, self.incremental = estimator._how, estimator._preset, incremental
        before = getattr(estimator, "_optimizer_state", None) if incremental else None
        self.rate = Rate(
            self.how.learning_rate if self.how.solver == "sgd" else "constant",
            self.how.learning_rate_init,
            self.how.power_t,
        )
        memory, made = None, 0
        if before is not None and before["solver"] == self.how.solver:
            self.rate.value, memory, made = before["learning_rate"], before["memory"], before["updates"]
        self.unit = (mean, scale) = _unit(train.Y) if self.preset.whole and not network.classifies else (0.0, 1.0)
        if network.output == "poisson":  # its outputs are logarithms
            self.unit = mean, scale = 0.0, 1.0
        starts = estimator._members()
        if estimator.loss_curve_:  # those that have been trained are for targets in the user's unit
            starts = [rescaled(start, -mean / scale, 1 / scale) for start in starts]
        settings = settings_of(self.how, self.preset, train.X.shape[0], estimator._dropout_seed)
        if incremental:  # other examples span another space, and what is remembered goes on from call to call
            settings["basis"] = "full"
        job = job_of(
            network,
            train._replace(Y=((train.Y - mean) / scale).astype(train.Y.dtype)),
            starts,
            settings,
            self.preset.factors(network.layer_dims),
        )
        self.trainer = Trainer(job, memory, made)
        sizes = np.full(job.epoch, job.batch_size or job.m)
        sizes[-1] = job.m - sizes[:-1].sum()
        self.shares = sizes / job.m
        self.trainer.engine.change("learning_rate", self.rate.value)
        if held_out is not None and estimator.validation_scores_ is None:
            estimator.validation_scores_, estimator.validation_loss_curve_ = [], []
            estimator.best_validation_score_ = -np.inf
            if self.how.early_stopping:
                estimator.best_loss_ = None

    def epoch(self, order: NDArray[np.intp]) -> None:
        """One epoch, and what is recorded of it."""
        estimator, m = self.estimator, len(order)
        costs = self.trainer.epoch(order)
        if not self.trainer.alive:
            if not self.watched:
                raise ValueError(
                    f"{NOT_FINITE} The loss was not finite in epoch {estimator.n_iter_ + 1}: put a StandardScaler "
                    f"before the network, or take a smaller learning_rate_init."
                )
            costs = np.full(len(self.shares), np.nan)
            if estimator._best is None:  # there was no epoch before: the weights it started from, as in scikit-learn
                estimator._best = parameters_of(estimator.coefs_, estimator.intercepts_)
        estimator.n_iter_ += 1
        estimator.t_ += m
        means = costs if costs.ndim == 1 else costs.mean(axis=1)
        estimator.loss_ = float(self.shares @ means)
        estimator.loss_curve_.append(estimator.loss_)
        if self.how.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}")
        if self.held_out is not None:
            self._validate(self.held_out)
        short = self._short_by_the_held_out() if self.how.early_stopping else self._short_by_the_loss()
        estimator._no_improvement_count = estimator._no_improvement_count + 1 if short else 0

    def _validate(self, held_out: Examples) -> None:
        estimator, score, loss = self.estimator, np.nan, np.nan
        if self.trainer.alive:
            with one_thread(), np.errstate(over="ignore", invalid="ignore"):  # soon before it diverges
                predictions, loss = validated(self.network, self.parameters(), held_out)
                if np.isfinite(predictions).all():
                    score = estimator._scored(held_out.y, estimator._decoded(predictions), held_out.weights)
        estimator.validation_loss_curve_.append(loss)
        estimator.validation_scores_.append(score)
        estimator.best_validation_score_ = max(estimator.best_validation_score_, score)
        if self.how.verbose:
            print(f"Validation score: {score:f}")

    def parameters(self) -> Parameters:
        """As they are now, for targets in the user's unit."""
        return rescaled(self.trainer.parameters(), *self.unit)

    def _short_by_the_loss(self) -> bool:
        """Whether the loss has not fallen by ``tol``; the lowest is kept."""
        estimator = self.estimator
        short = estimator.loss_ > estimator.best_loss_ - self.how.tol
        estimator.best_loss_ = min(estimator.best_loss_, estimator.loss_)
        return bool(short)

    def _short_by_the_held_out(self) -> bool:
        """Whether what is monitored has not improved by ``tol``; the parameters of the best epoch are kept."""
        estimator, best = self.estimator, self.estimator._best_figure
        by_loss = self.how.monitor == "loss"
        figure = -estimator.validation_loss_curve_[-1] if by_loss else estimator.validation_scores_[-1]
        if figure > best or (figure == best and self.preset.later_is_better):
            estimator._best, estimator._best_figure = self.parameters(), figure
            estimator._best_epoch = len(estimator.loss_curve_)
        return bool(figure < best + self.how.tol)

    def ends(self) -> bool:
        """Whether the fit ends: no progress of ``tol`` for more than ``n_iter_no_change`` epochs, or it diverged."""
        if not self.trainer.alive:
            return True
        before = self.rate.value
        self.rate.epoch_ended(self.estimator.t_)
        ends = self.estimator._no_improvement_count > self.how.n_iter_no_change and self._plateau()
        if self.rate.value != before:
            self.trainer.engine.change("learning_rate", self.rate.value)
        return ends

    def _plateau(self) -> bool:
        estimator = self.estimator
        ends = self.rate.ends()
        if not ends:
            estimator._no_improvement_count = 0
        if self.how.verbose:
            what = "Validation score" if self.how.early_stopping else "Training loss"
            then = "Stopping." if ends else f"Setting learning rate to {self.rate.value:f}"
            print(
                f"{what} did not improve more than tol={self.how.tol:f} for {self.how.n_iter_no_change} consecutive "
                f"epochs. {then}"
            )
        return ends

    def attributes(self) -> dict[str, Any]:
        """What the estimator would be if the fit ended now."""
        return attributes(self._chosen())

    def _chosen(self) -> Parameters:
        """The best epoch's with early stopping, else the last one's."""
        best = self.estimator._best if self.watched else None
        return self.parameters() if best is None else best

    @property
    def watched(self) -> bool:
        """Whether the best epoch is what counts."""
        return bool(self.how.early_stopping and not self.incremental)

    def finish(self) -> None:
        """The parameters become fitted attributes: the best ones with early stopping, else the last."""
        estimator = self.estimator
        estimator._set(self._chosen())
        monitor = monitor_of(self.how, self.network.classifies) if self.watched else {}
        made = {"iterations": int(self.trainer.state.update)} if self.incremental else {}
        estimator._training = facts_of(
            self.trainer.job,
            {**schedule_of(self.how), **monitor, **made},
            estimator._best_epoch if self.watched else None,
        )
        estimator._optimizer_state = {
            "solver": self.how.solver,
            "learning_rate": self.rate.value,
            "updates": int(self.trainer.state.update),
            "memory": self.trainer.memory,
        }


def _unit(Y: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each row (n_y, 1); 1 where it is constant."""
    deviation = Y.std(axis=1, keepdims=True)
    return Y.mean(axis=1, keepdims=True), np.where(deviation > 0, deviation, 1.0).astype(Y.dtype)


def rescaled(parameters: Parameters, mean: Floats | float, scale: Floats | float) -> Parameters:
    """The network whose outputs are mean + scale z for this one's z."""
    if np.all(mean == 0) and np.all(scale == 1):
        return parameters
    W, b = f"W{len(parameters) // 2}", f"b{len(parameters) // 2}"
    return parameters | {W: scale * parameters[W], b: scale * parameters[b] + mean}


def validated(network: Network, parameters: Parameters, held_out: Examples) -> tuple[Floats, float]:
    """(n_y, m) predictions on a held-out part, and its cost without penalty; both the members' mean."""
    X = held_out.X if issparse(held_out.X) else held_out.X.T
    models = parameters["b1"].shape[:-2]
    n_y, m = held_out.Y.shape
    rows = int(np.prod(models, dtype=int)) * n_y
    Z = network_outputs(network, parameters, X, lambda block: block.reshape(rows, -1), rows).reshape(*models, n_y, m)
    weights = None if held_out.weights is None else held_out.weights / held_out.weights.mean()
    loss = float(np.mean(cost(network.loss.losses(Z, held_out.Y, weights))))
    predictions = network.loss.prediction(Z)
    return predictions.mean(axis=0) if models else predictions, loss
