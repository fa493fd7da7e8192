"""A fitted estimator as a ``Run``, which can be used wherever layerlab takes a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.history import History
from layerlab.runs.run import Run
from layerlab.runs.settings_rules import setting_names
from layerlab.runs.verdict import verdict_of
from layerlab.settings import check_settings

from .coefficients import members_of
from .record import FitRecord

LESS_THAN_ONE = float(np.nextafter(1.0, 0.0))
"""The largest momentum that layerlab allows; scikit-learn allows 1, too."""


def run_of(network: Network, record: FitRecord, classes: Sequence[Any] | None, feature_names: Sequence[Any]) -> Run:
    """Return a run with a fitted network, its parameters and the known facts about its training.

    Args:
        network: the fitted network, with its output named.
        record: the record of its fit.
        classes: the labels of a classifier, None for a regressor.
        feature_names: the names of the columns of X, or none.

    Raises:
        InputError: the network has several members, or y had a single class.
    """
    members = members_of(record.parameters)
    if record.parameters["b1"].ndim == 3:
        raise InputError(
            f"n_members={len(members)}: the estimator predicts the mean of its members, and a run is "
            f"one network: wanted n_members=1"
        )
    _check_several(classes)
    dtype = str(members[0]["W1"].dtype)
    history = _history(network, record)
    return Run(
        network=network,
        parameters={name: value.astype(dtype, copy=False) for name, value in members[0].items()},
        history=history,
        verdict=verdict_of(history),
        settings=_settings(record.training["settings"], dtype, len(history.costs)),
        class_names=tuple(map(str, () if classes is None else classes)),
        feature_names=tuple(map(str, feature_names)),
        weighted=record.training["weighted"],
        given_start=True,  # scikit-learn's random weights, or the weights of the last fit
    )


def with_names(run: Run, classes: Sequence[Any] | None, feature_names: Sequence[Any]) -> Run:
    """Return the run of the preset "tabular" with the names that its estimator knows.

    Args:
        run: what was trained.
        classes, feature_names: as for ``run_of``.

    Raises:
        InputError: y had a single class.
    """
    _check_several(classes)
    names = tuple(map(str, () if classes is None else classes))
    return replace(run, dataset="", class_names=names, feature_names=tuple(map(str, feature_names)))


def _check_several(classes: Sequence[Any] | None) -> None:
    """Raise InputError where a classifier saw a single class."""
    if classes is not None and len(classes) == 1:
        raise InputError(
            f"y had the single class {classes[0]!s}: a run tells classes apart, so at least two classes are wanted"
        )


def _settings(trained: Mapping[str, Any], dtype: str, updates: int) -> dict[str, Any]:
    """Return the settings of the job, changed where layerlab's ranges are narrower."""
    chosen = {name: trained[name] for name in sorted(setting_names(trained))}
    if "momentum" in chosen:
        chosen["momentum"] = min(chosen["momentum"], LESS_THAN_ONE)
    return check_settings(**chosen | {"dtype": dtype, "iterations": max(1, updates, trained["iterations"])})


def _history(network: Network, record: FitRecord) -> History:
    """Return the loss curve, each update with its epoch's mean, and the validation curves, one value per epoch.

    If a fit diverged and the best epoch was kept, the curves end before the epoch that was not finite.
    """
    updates, kept = record.training["epoch"], record.training["kept_epoch"]
    n = len(record.loss_curve)
    losses = np.asarray(record.loss_curve, dtype=np.float64)
    sound = n if np.isfinite(losses).all() else int(np.argmin(np.isfinite(losses)))
    costs = _last(record.validation_losses, n)
    scored = network.classifies and not network.has_several_labels  # other scores are no share of correct labels
    shares = _last(record.validation_scores if scored else [np.nan] * len(costs), n)
    return History(
        costs=np.repeat(losses[:sound], updates),
        validation_costs=costs[:sound],
        validation_accuracies=(shares if len(costs) else costs)[:sound],
        every=updates,
        epoch=updates,
        validated_after=True,
        kept_at=None if kept is None else kept * updates,
    )


def _last(values: list[float] | None, n: int) -> Floats:
    """Return the last n values, with nan for epochs of a fit without a validation set; no values if no fit had one."""
    if values is None:
        return np.empty(0)
    padded = [np.nan] * n + list(values)
    return np.array(padded[len(padded) - n :], dtype=np.float64)
