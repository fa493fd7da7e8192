"""The solver "lbfgs": SciPy's L-BFGS on all examples at once."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from layerlab.formulas import Parameters
from layerlab.text import tell, warn
from layerlab.training.interrupts import Interrupts, deferred_interrupts
from layerlab.training.lbfgs import minimized

from .callbacks import FitCallbacks
from .coefficients import members_of, stacked_members
from .record import NOT_FINITE, FitRecord, FitTask
from .trainer import Trainer, job_of, training_facts

ENDED_BY_CALLBACK = 99
"""SciPy's status if a callback ended the minimisation."""


def fit_lbfgs(task: FitTask, record: FitRecord, callbacks: FitCallbacks) -> None:
    """Minimise the objective of each member separately, until its gradient is smaller than ``tol``.

    Args:
        task: what is trained, on which data, and how.
        record: where the fit begins; it is filled.
        callbacks: these are called before and after every iteration.

    Raises:
        ValueError: there is dropout, or the loss was not finite.
    """
    how = task.hyperparameters
    if how.dropout:
        raise ValueError(
            f"dropout={how.dropout!r} with solver='lbfgs': wanted 0, since a line search needs the same "
            f"objective every time; take solver='adam' or 'sgd'"
        )
    record.loss_curve = []
    with deferred_interrupts() as interrupts:
        interrupts.waiting = True
        results = [_minimum(task, record, start, callbacks, interrupts) for start in members_of(record.parameters)]
        if interrupts.count:
            interrupts.answered = True
            warn("Training interrupted by user.", stacklevel=4)
    record.parameters = stacked_members([result.parameters for result in results])
    record.n_iter = max(min(result.nit, how.max_iter) for result in results)
    record.loss = float(np.mean([result.fun for result in results]))
    if not np.isfinite(record.loss):
        raise ValueError(
            f"{NOT_FINITE} The loss or its gradient was not finite: put a StandardScaler before the network."
        )
    record.best_loss = min([*record.loss_curve, record.loss])
    for result in results if not interrupts.count else ():
        if result.status not in (0, ENDED_BY_CALLBACK):
            message = result.message.decode() if isinstance(result.message, bytes) else result.message
            warn(
                f"lbfgs failed to converge after {result.nit} iteration(s) (status={result.status}):\n{message}\n"
                f"You might also want to scale the data, or to increase max_iter={how.max_iter}.",
                ConvergenceWarning,
                stacklevel=3,
            )


def _minimum(
    task: FitTask, record: FitRecord, start: Parameters, callbacks: FitCallbacks, interrupts: Interrupts
) -> Any:
    """Return SciPy's result for one member."""
    how = task.hyperparameters
    settings = {
        "optimizer": "lbfgs",
        "iterations": how.max_iter,
        "l2": float(how.alpha),
        "label_smoothing": float(getattr(how, "label_smoothing", None) or 0.0),
        "engine": how.engine,
        "basis": "full",
    }
    trainer = Trainer(job_of(task.network, task.train, [start], settings))
    record.training = training_facts(trainer.job, {}, None)

    def iteration_ended(parameters: Parameters, objective: float) -> bool:
        callbacks.epoch_begins()
        record.loss_curve.append(objective)
        if how.verbose:
            tell(f"Iteration {len(record.loss_curve)}, loss = {objective:.8f}", sys.stdout)
        if task.held_out is not None:
            record.begin_validation()
            record.validate(task, task.held_out, parameters)
        return callbacks.epoch_ended(lambda: record.attributes(parameters)) or interrupts.count > 0

    return minimized(
        trainer.engine,
        start,
        iteration_ended,
        updates=how.max_iter,
        evaluations=how.max_fun,
        least_gradient=how.tol,
    )
