"""Prediction intervals and sets of classes of a run with members, by their answers out of fold (CV+).

The formulas are in ``formulas/prediction_intervals.py``. How far the members differ from each other is not used: it
says how much a network depends on its initial weights and its folds, not how far its answer is from the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.formulas import completed_sets, cv_plus_interval, cv_plus_sets
from layerlab.formulas.arrays import Floats, Indices
from layerlab.formulas.prediction_intervals import interval_rank
from layerlab.network import Network

from .members import Members
from .network_outputs import network_outputs

USUAL_LEVEL = 0.9
"""The share of new values that intervals should contain if none is asked for."""


def why_no_intervals(members: Members | None, network: Network) -> str:
    """Say why a run has no prediction intervals or sets of classes; "" if it has them.

    Args:
        members: those of the run, or None.
        network: the run's network.
    """
    if members is None:
        return (
            "the run is a single network, so no training example has an answer by a network that was not trained on "
            "it: train with members"
        )
    if members.ordered:
        return (
            "the rows are ordered in time, and errors on earlier rows do not say how far predictions of later ones "
            "may be off: no intervals are given"
        )
    if network.has_several_labels:
        return "the run predicts several labels per example, and sets are made of classes that exclude each other"
    return ""


def values_between(network: Network, members: Members, X: Any, level: float) -> tuple[Floats, Floats]:
    """Return the ends of the prediction intervals of a regression, each (n_y, m); each output has its own.

    Counts are never below 0, so neither are their intervals.

    Args:
        network: the run's network.
        members: its members.
        X: (n_x, m), prepared and checked.
        level: the share of new values that the intervals of one output should contain.

    Raises:
        InputError: as for ``Run.predict_intervals``.
    """
    _check(network, members, level)
    residuals = np.abs(np.asarray(members.targets, np.float64) - members.out_of_fold)
    by_fold = [_by_fold(members, own) for own in residuals]
    n_y = len(by_fold)

    def ends(Z: Any) -> Floats:
        answers = _fold_means(members, network.loss.prediction(Z))
        intervals = [cv_plus_interval(answers[:, j], by_fold[j], level) for j in range(n_y)]
        return np.stack([low for low, _ in intervals] + [high for _, high in intervals])

    found = network_outputs(network, members.parameters, X, ends, rows=2 * n_y)
    low, high = found[:n_y], found[n_y:]
    return np.maximum(low, 0.0) if network.output == "poisson" else low, high


def likely_classes(network: Network, members: Members, X: Any, level: float) -> NDArray[np.bool_]:
    """Return the sets of classes of a classifier, (K, m): whether each of K classes is in the set of each example.

    A set that would be empty holds the most probable class (``completed_sets``).

    Args:
        network: the run's network.
        members: its members.
        X: (n_x, m), prepared and checked.
        level: the share of new examples whose true class the sets should contain.

    Raises:
        InputError: as for ``Run.predict_sets``.
    """
    _check(network, members, level)
    answered = np.asarray(network.class_probabilities(members.out_of_fold), np.float64)
    truth = class_numbers(members.targets)
    by_fold = _by_fold(members, 1 - answered[truth, np.arange(len(truth))])

    def sets(Z: Any) -> Floats:
        P = _fold_means(members, network.class_probabilities(network.loss.prediction(Z)))
        return completed_sets(cv_plus_sets(P, by_fold, level), P.mean(axis=0)).astype(np.float64)

    return network_outputs(network, members.parameters, X, sets, rows=len(answered)) > 0


def _check(network: Network, members: Members, level: float) -> None:
    """Raise InputError if there are no intervals, or none of this level."""
    if why := why_no_intervals(members, network):
        raise InputError(f"no intervals: {why}")
    interval_rank(int(members.answered.sum()), level)


def _by_fold(members: Members, residuals: Floats) -> Sequence[Floats]:
    """Return the sorted residuals (m,) of the examples of each fold that some member did not train on."""
    return [np.sort(residuals[members.folds == fold]) for fold in _left_out(members)]


def _left_out(members: Members) -> Indices:
    """Return the numbers of the folds that some member did not train on."""
    return np.unique(members.held_out).astype(np.int64)


def _fold_means(members: Members, answers: Any) -> Floats:
    """Return the mean answers of the members without each fold, (folds, n_y, m), from those of all members."""
    without = np.asarray(members.held_out)
    means: Floats = np.stack(
        [np.asarray(answers[without == fold], np.float64).mean(axis=0) for fold in _left_out(members)]
    )
    return means
