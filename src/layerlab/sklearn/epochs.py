"""The stochastic solvers: epoch after epoch, until scikit-learn's rule says that nothing improves any more."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils import shuffle

from ..architecture import Network
from ..formulas import Parameters, cost
from ..training.predicting import outputs
from ..training.watching import deferred
from .callbacks import Told
from .fitted import attributes
from .rates import Rate
from .trainer import Examples, Trainer, job_of

if TYPE_CHECKING:
    from .base import BaseMLP

Floats = NDArray[np.floating[Any]]


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
    with deferred() as presses:
        presses.waiting = True
        for _ in range(1 if incremental else estimator.max_iter):
            if estimator.shuffle:
                order = shuffle(order, random_state=random)
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
            if not incremental:
                estimator._warn_not_converged(
                    f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and the optimization "
                    f"hasn't converged yet."
                )
    fit.finish()


class _Fit:
    """The epochs of one call of fit, and what scikit-learn remembers between them."""

    def __init__(
        self, estimator: BaseMLP, network: Network, train: Examples, held_out: Examples | None, incremental: bool
    ) -> None:
        self.estimator, self.network, self.train, self.held_out = estimator, network, train, held_out
        before = getattr(estimator, "_optimizer_state", None) if incremental else None
        self.rate = Rate(
            estimator.learning_rate if estimator.solver == "sgd" else "constant",
            estimator.learning_rate_init,
            estimator.power_t,
        )
        memory, made = None, 0
        if before is not None and before["solver"] == estimator.solver:
            self.rate.value, memory, made = before["learning_rate"], before["memory"], before["updates"]
        self.trainer, self.incremental = Trainer(_job(estimator, network, train), memory, made), incremental
        self.trainer.engine.change("learning_rate", self.rate.value)
        if held_out is not None and estimator.validation_scores_ is None:
            estimator.validation_scores_, estimator.validation_loss_curve_ = [], []
            if estimator.early_stopping:
                estimator.best_loss_, estimator.best_validation_score_ = None, -np.inf

    def epoch(self, order: NDArray[np.intp]) -> None:
        """One epoch, and what is recorded of it."""
        estimator, m = self.estimator, len(order)
        costs = self.trainer.epoch(order)
        if not self.trainer.alive:
            raise ValueError(
                f"The loss was not finite in epoch {estimator.n_iter_ + 1}, so that the solver would have produced "
                f"non-finite parameter weights. The input data may contain large values and need to be preprocessed: "
                f"put a StandardScaler before the network, or take a smaller learning_rate_init."
            )
        sizes = np.full(len(costs), self.trainer.job.batch_size or m)
        sizes[-1] = m - sizes[:-1].sum()
        estimator.n_iter_ += 1
        estimator.t_ += m
        estimator.loss_ = float(sizes @ np.mean(costs.reshape(len(costs), -1), axis=1, dtype=np.float64) / m)
        estimator.loss_curve_.append(estimator.loss_)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {estimator.loss_:.8f}")
        if self.held_out is not None:
            self._validate(self.held_out)

    def _validate(self, held_out: Examples) -> None:
        estimator, parameters = self.estimator, self.trainer.parameters()
        predictions, loss = validated(self.network, parameters, held_out)
        estimator.validation_loss_curve_.append(loss)
        finite = bool(np.isfinite(predictions).all())
        score = estimator._scored(held_out.y, estimator._decoded(predictions), held_out.weights) if finite else np.nan
        estimator.validation_scores_.append(score)
        if estimator.verbose:
            print(f"Validation score: {score:f}")
        if estimator.early_stopping and (self._figure() > self._best_figure() or estimator._best is None):
            estimator._best = parameters

    def _figure(self) -> float:
        """What early stopping looks at, more is better."""
        estimator = self.estimator
        if estimator.monitor == "loss":
            return -float(estimator.validation_loss_curve_[-1])
        return float(estimator.validation_scores_[-1])

    def _best_figure(self) -> float:
        """The best before this epoch."""
        estimator = self.estimator
        if estimator.monitor == "loss":
            return max((-loss for loss in estimator.validation_loss_curve_[:-1]), default=-np.inf)
        return float(estimator.best_validation_score_)

    def ends(self) -> bool:
        """Whether the fit ends here: no progress of ``tol`` for more than ``n_iter_no_change`` epochs in a row."""
        estimator = self.estimator
        if estimator.early_stopping:
            short = self._figure() < self._best_figure() + estimator.tol
            estimator.best_validation_score_ = max(estimator.best_validation_score_, estimator.validation_scores_[-1])
        else:
            short = estimator.loss_ > estimator.best_loss_ - estimator.tol
            estimator.best_loss_ = min(estimator.best_loss_, estimator.loss_)
        estimator._no_improvement_count = estimator._no_improvement_count + 1 if short else 0
        before = self.rate.value
        self.rate.epoch_ended(estimator.t_)
        ends = estimator._no_improvement_count > estimator.n_iter_no_change and self._plateau()
        if self.rate.value != before:
            self.trainer.engine.change("learning_rate", self.rate.value)
        return ends

    def _plateau(self) -> bool:
        estimator = self.estimator
        ends = self.rate.ends()
        if not ends:
            estimator._no_improvement_count = 0
        if estimator.verbose:
            what = "Validation score" if estimator.early_stopping else "Training loss"
            then = "Stopping." if ends else f"Setting learning rate to {self.rate.value:f}"
            print(
                f"{what} did not improve more than tol={estimator.tol:f} for {estimator.n_iter_no_change} consecutive "
                f"epochs. {then}"
            )
        return ends

    def attributes(self) -> dict[str, Any]:
        """What the estimator would be if the fit ended now."""
        return attributes(self.trainer.parameters())

    def finish(self) -> None:
        """The parameters become fitted attributes: the best ones with early stopping, else the last."""
        estimator = self.estimator
        best = estimator._best if estimator.early_stopping and not self.incremental else None
        estimator._set(self.trainer.parameters() if best is None else best)
        estimator._optimizer_state = {
            "solver": estimator.solver,
            "learning_rate": self.rate.value,
            "updates": int(self.trainer.state.update),
            "memory": self.trainer.memory,
        }


def validated(network: Network, parameters: Parameters, held_out: Examples) -> tuple[Floats, float]:
    """(n_y, m) predictions on a held-out part, and its cost without penalty; both the members' mean."""
    X = held_out.X if issparse(held_out.X) else held_out.X.T
    models = parameters["b1"].shape[:-2]
    n_y, m = held_out.Y.shape
    rows = int(np.prod(models, dtype=int)) * n_y
    Z = outputs(network, parameters, X, lambda block: block.reshape(rows, -1), rows).reshape(*models, n_y, m)
    weights = None if held_out.weights is None else held_out.weights / held_out.weights.mean()
    loss = float(np.mean(cost(network.loss.losses(Z, held_out.Y, weights))))
    predictions = network.loss.prediction(Z)
    return predictions.mean(axis=0) if models else predictions, loss


def _job(estimator: BaseMLP, network: Network, train: Examples) -> Any:
    m = train.X.shape[0]
    size = min(200, m) if estimator.batch_size == "auto" else estimator.batch_size
    if size > m:
        warnings.warn(
            f"Got `batch_size` {size}, larger than the sample size {m}. It is going to be clipped", stacklevel=6
        )
    epochs = estimator.max_iter
    settings = {
        "learning_rate": float(estimator.learning_rate_init),
        "iterations": epochs * -(-m // min(size, m)),
        "batch_size": int(min(size, m)),
        "l2": float(estimator.alpha),
        "dropout": float(estimator.dropout),
        "dropout_seed": estimator._dropout_seed,
        "label_smoothing": float(getattr(estimator, "label_smoothing", 0.0)),
        "engine": estimator.engine,
        **_optimizer(estimator),
    }
    return job_of(network, train, estimator._members(), settings)


def _optimizer(estimator: BaseMLP) -> dict[str, Any]:
    """scikit-learn's solver in layerlab's names."""
    if estimator.solver == "adam":
        own = {"beta1": estimator.beta_1, "beta2": estimator.beta_2, "epsilon": estimator.epsilon}
        return {"optimizer": "adam_hat", **{name: float(value) for name, value in own.items()}}
    if estimator.momentum == 0:
        return {"optimizer": "gd"}
    return {
        "optimizer": "nesterov" if estimator.nesterovs_momentum else "momentum",
        "momentum": float(estimator.momentum),
    }
