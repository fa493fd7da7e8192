"""layerlab as a contender: ``train``, ``sweep`` and ``predict`` called as a user calls them."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

import layerlab

from .estimators import fit_turn
from .material import Turn, Work, facts, predicted, swept_rates
from .row import UnavailableError


def prepare(work: Work) -> Turn:
    """The turn of a row; the drawing of initial weights is inside it.

    Raises:
        UnavailableError: the row wants a GPU and jax has none.
    """
    if work.row.gpu:
        _check_gpu()
    return TASKS[work.row.task](work)


def _fit(work: Work) -> Turn:
    from layerlab.sklearn import MLPClassifier

    return fit_turn(MLPClassifier, work)


def _check_gpu() -> None:
    import jax

    if all(device.platform == "cpu" for device in jax.devices()):
        raise UnavailableError("no GPU at hand: jax.devices() has none")


def _arguments(work: Work) -> tuple[layerlab.Network, Any, dict[str, Any]]:
    """Network, data and settings, as ``train`` and ``sweep`` take them."""
    row, (X, Y) = work.row, work.material
    settings = {"engine": work.contender.engine, "basis": work.contender.basis, "iterations": work.iterations}
    settings |= {name: getattr(row, name) for name in ("seed", "initializer", "optimizer", "batch_size", "dtype")}
    return layerlab.Network(work.layer_dims, hidden=row.hidden), (X.T, Y.T), settings | {"progress": False}


def _train(work: Work) -> Turn:
    network, data, settings = _arguments(work)

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        # no short trainings afterwards that look for better settings, which no other library makes
        run = layerlab.train(network, data, learning_rate=work.learning_rate, advice=False, **settings)
        seconds = perf_counter() - begun
        return _told(work, seconds, run.plan, [run.history.costs], [0])

    return turn


def _sweep(work: Work) -> Turn:
    return _together(work, learning_rate=swept_rates(work.row).tolist())


def _population(work: Work) -> Turn:
    return _together(work, learning_rate=work.learning_rate, seed=list(work.row.seeds))


def _together(work: Work, **varied: Any) -> Turn:
    network, data, settings = _arguments(work)

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        result = layerlab.sweep(network, data, **(settings | varied))
        seconds = perf_counter() - begun
        costs = [history.costs for history in result.histories]
        return _told(work, seconds, result.plans[0], costs, work.row.checked_members)

    return turn


def _told(work: Work, seconds: float, plan: Any, costs: list[Any], members: Any) -> dict[str, Any]:
    """The facts from a plan's own record of its stages."""
    return facts(
        seconds=seconds,
        updates=plan.actual["updates"],
        iterations=sum(len(own) for own in costs) // work.row.at_once,
        checked=[work.checked_cost(costs[member]) for member in members],
        last=[float(costs[member][-1]) for member in members],
        stages=plan.actual,
        how=f"engine {plan.engine}, basis {plan.basis}",
    )


def _predict(work: Work) -> Turn:
    row, X = work.row, work.material.X
    network = layerlab.Network(work.layer_dims, hidden=row.hidden, output="softmax")
    some = np.random.RandomState(0).standard_normal((work.layer_dims[0], 10)), np.eye(10)
    # one update too small to change a weight: a run is what predicts, and the peers have the initial weights
    settings: dict[str, Any] = {"seed": row.seed, "initializer": row.initializer, "dtype": row.dtype, "iterations": 1}
    run = layerlab.train(network, some, learning_rate=1e-12, progress=False, **settings)

    def turn() -> dict[str, Any]:
        begun = perf_counter()
        for _ in range(work.iterations):
            labels = run.predict(X.T)
        return predicted(perf_counter() - begun, work, labels[0])

    return turn


TASKS = {"train": _train, "sweep": _sweep, "population": _population, "predict": _predict, "fit": _fit}
"""What prepares the turn, by the row's task."""
