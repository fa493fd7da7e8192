"""scikit-learn as a contender: ``MLPClassifier`` with plain steps, or with Adam, from the given initial weights."""

from __future__ import annotations

import warnings
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from .estimators import fit_turn
from .material import Turn, Work, facts, predicted

SOLVERS = {"gd": "sgd", "adam": "adam"}


def prepare(work: Work) -> Turn:
    """The turn of a row; initial weights are drawn outside the measured time."""
    if work.row.task == "fit":
        return fit_turn(MLPClassifier, work)
    return _predict(work) if work.row.task == "predict" else _train(work)


def _classifier(work: Work, epochs: int) -> Any:
    """An estimator that makes the row's updates and no others: no momentum, no penalty, no early stop."""
    model = MLPClassifier(
        hidden_layer_sizes=work.layer_dims[1:-1],
        activation=work.row.hidden,
        solver=SOLVERS[work.row.optimizer],
        learning_rate_init=work.learning_rate,
        learning_rate="constant",
        momentum=0.0,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=work.row.batch_size or work.material.X.shape[0],
        max_iter=epochs,
        tol=0.0,
        n_iter_no_change=10**9,
        shuffle=False,
    )
    draw, layers = model._initialize, work.layers()

    def initialize(*arguments: Any) -> None:
        """What scikit-learn does, and then the given weights in place of its own."""
        draw(*arguments)
        model.coefs_ = [W.T.copy() for W, _ in layers]
        model.intercepts_ = [b.copy() for _, b in layers]

    model._initialize = initialize
    return model


def _train(work: Work) -> Turn:
    X, labels = work.material.X, work.material.labels
    size = work.row.batch_size
    epochs = -(-work.iterations * size // len(X)) if size else work.iterations
    if size:  # its batches are neighbouring rows: put in this order, they are the first epoch's batches of the others
        order = work.batches()[: len(X) // size].ravel()
        X, labels = X[order], labels[order]
    model = _classifier(work, epochs)

    def turn() -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            begun = perf_counter()
            model.fit(X, labels)
            seconds = perf_counter() - begun
        costs = model.loss_curve_  # one an epoch, the mean over its batches
        return facts(
            seconds=seconds,
            updates=seconds,
            iterations=model.n_iter_ * (len(X) // size if size else 1),
            checked=[float(costs[0]) if size else work.checked_cost(costs)],
            last=[float(costs[-1])],
            stages={},
        )

    return turn


def _predict(work: Work) -> Turn:
    X, classes = work.material.X, np.arange(work.layer_dims[-1])
    model = _classifier(work, 1)
    model.learning_rate_init = 1e-12  # see with_layerlab: a fit that leaves the weights as they are
    some = np.random.RandomState(0).standard_normal((len(classes), X.shape[1])).astype(work.row.dtype)
    model.batch_size = len(classes)
    model.partial_fit(some, classes, classes=classes)

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        for _ in range(work.iterations):
            labels = model.predict(X)
        return predicted(perf_counter() - begun, work, labels)

    return turn
