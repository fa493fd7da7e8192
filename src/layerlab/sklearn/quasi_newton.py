"""The solver "lbfgs": SciPy's L-BFGS on all examples at once."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab.formulas import Parameters
from layerlab.network import Network
from layerlab.training.lbfgs import minimized
from layerlab.training.watching import Presses, deferred

from .callbacks import Told
from .coefficients import attributes
from .epochs import NOT_FINITE, validated
from .examples import Examples
from .trainer import Trainer, facts_of, job_of

if TYPE_CHECKING:
    from .base import BaseMLP


STOPPED = 99
"""SciPy's status where a callback ended the minimisation."""


def fit_lbfgs(
    estimator: BaseMLP,
    network: Network,
    train: Examples,
    held_out: Examples | None,
    random: np.random.RandomState,  # noqa: ARG001
    incremental: bool,  # noqa: ARG001
    told: Told,
) -> None:
    """Minimise until the gradient is smaller than ``tol``, each member by itself. Arguments as for ``fit_epochs``."""
    if estimator.dropout:
        raise ValueError(
            f"dropout={estimator.dropout!r} with solver='lbfgs': wanted 0, since a line search needs the same "
            f"objective every time; take solver='adam' or 'sgd'"
        )
    estimator.loss_curve_ = []
    with deferred() as presses:
        presses.waiting = True
        results = [
            _minimum(estimator, network, train, held_out, start, told, presses) for start in estimator._members()
        ]
        if presses.count:
            presses.answered = True
            warnings.warn("Training interrupted by user.", stacklevel=4)
    several = [result.parameters for result in results]
    estimator._set(several[0] if len(several) == 1 else {n: np.stack([p[n] for p in several]) for n in several[0]})
    estimator.n_iter_ = max(min(result.nit, estimator.max_iter) for result in results)
    estimator.loss_ = float(np.mean([result.fun for result in results]))
    if not np.isfinite(estimator.loss_):
        raise ValueError(
            f"{NOT_FINITE} The loss or its gradient was not finite: put a StandardScaler before the network."
        )
    estimator.best_loss_ = min([*estimator.loss_curve_, estimator.loss_])
    for result in results if not presses.count else ():
        if result.status not in (0, STOPPED):
            message = result.message.decode() if isinstance(result.message, bytes) else result.message
            estimator._warn_not_converged(
                f"lbfgs failed to converge after {result.nit} iteration(s) (status={result.status}):\n{message}\n"
                f"You might also want to scale the data, or to increase max_iter={estimator.max_iter}."
            )


def _minimum(
    estimator: BaseMLP,
    network: Network,
    train: Examples,
    held_out: Examples | None,
    start: Parameters,
    told: Told,
    presses: Presses,
) -> Any:
    settings = {
        "optimizer": "lbfgs",
        "iterations": estimator.max_iter,
        "l2": float(estimator.alpha),
        "label_smoothing": float(getattr(estimator, "label_smoothing", None) or 0.0),
        "engine": estimator.engine,
    }
    trainer = Trainer(job_of(network, train, [start], settings | {"basis": "full"}))
    estimator._training = facts_of(trainer.job, {}, None)

    def seen(parameters: Parameters, objective: float) -> bool:
        told.epoch_begins()
        estimator.loss_curve_.append(objective)
        if estimator.verbose:
            print(f"Iteration {len(estimator.loss_curve_)}, loss = {objective:.8f}")
        if held_out is not None:
            _record(estimator, network, parameters, held_out)
        return told.epoch_ended(lambda: attributes(parameters)) or presses.count > 0

    return minimized(
        trainer.engine,
        start,
        seen,
        updates=estimator.max_iter,
        evaluations=estimator.max_fun,
        least_gradient=estimator.tol,
    )


def _record(estimator: BaseMLP, network: Network, parameters: Parameters, held_out: Examples) -> None:
    if estimator.validation_scores_ is None:
        estimator.validation_scores_, estimator.validation_loss_curve_ = [], []
    predictions, loss = validated(network, parameters, held_out)
    estimator.validation_loss_curve_.append(loss)
    score = estimator._scored(held_out.y, estimator._decoded(predictions), held_out.weights)
    estimator.validation_scores_.append(score)
    estimator.best_validation_score_ = max(estimator.validation_scores_)
