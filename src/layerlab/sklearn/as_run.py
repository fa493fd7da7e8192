"""A fitted estimator as a ``Run``: what was trained by scikit-learn's contract goes wherever layerlab's runs go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.history import History
from layerlab.runs.run import Run
from layerlab.runs.settings_rules import setting_names
from layerlab.settings import check_settings

if TYPE_CHECKING:
    from .base import BaseMLP

LESS_THAN_ONE = float(np.nextafter(1.0, 0.0))


def run_of(estimator: BaseMLP) -> Run:
    """The network of a fitted estimator, with what is known of its training.

    Raises:
        InputError: it has several members, or y had a single class.
    """
    _check(estimator)
    network, (parameters,) = estimator._fitted_network(), estimator._members()
    dtype = str(parameters["W1"].dtype)
    history = _history(estimator, network)
    return Run(
        network=network,
        parameters={name: value.astype(dtype, copy=False) for name, value in parameters.items()},
        history=history,
        settings=_settings(estimator._training["settings"], dtype, len(history.costs)),
        class_names=tuple(map(str, getattr(estimator, "classes_", ()))),
        feature_names=tuple(map(str, getattr(estimator, "feature_names_in_", ()))),
        weighted=estimator._training["weighted"],
        given_start=True,  # scikit-learn's draw, or the weights of the last fit
    )


def _check(estimator: BaseMLP) -> None:
    """Raises InputError where a run would not answer as the estimator does."""
    if estimator.coefs_[0].ndim == 3:
        raise InputError(
            f"n_members={len(estimator.coefs_[0])}: the estimator answers with the mean of its members, and a run is "
            f"one network: wanted n_members=1"
        )
    classes = getattr(estimator, "classes_", None)
    if classes is not None and len(classes) == 1:
        raise InputError(
            f"y had the single class {classes[0]!s}, which is the answer to everything: wanted two classes, which a "
            f"run tells apart"
        )


def _settings(trained: Mapping[str, Any], dtype: str, updates: int) -> dict[str, Any]:
    """Those of the job, in layerlab's ranges: a momentum of 1, which scikit-learn takes, is the number below it."""
    chosen = {name: trained[name] for name in sorted(setting_names(trained))}
    if "momentum" in chosen:
        chosen["momentum"] = min(chosen["momentum"], LESS_THAN_ONE)
    return check_settings(**chosen | {"dtype": dtype, "iterations": max(1, updates, trained["iterations"])})


def _history(estimator: BaseMLP, network: Network) -> History:
    """Of each epoch ``loss_curve_`` has the mean, which each of its updates gets; validation figures are its own.

    Where a fit diverged and the best epoch was kept, what is told ends before the epoch that was not finite.
    """
    epoch, kept = estimator._training["epoch"], estimator._training["kept_epoch"]
    n = len(estimator.loss_curve_)
    losses = np.asarray(estimator.loss_curve_, dtype=np.float64)
    sound = n if np.isfinite(losses).all() else int(np.argmin(np.isfinite(losses)))
    costs = _last(estimator.validation_loss_curve_, n)
    scored = network.classifies and not network.has_several_labels  # of several labels, or values, no share is known
    shares = _last(estimator.validation_scores_ if scored else [np.nan] * len(costs), n)
    return History(
        costs=np.repeat(losses[:sound], epoch),
        validation_costs=costs[:sound],
        validation_accuracies=(shares if len(costs) else costs)[:sound],
        every=epoch,
        epoch=epoch,
        kept_at=None if kept is None else kept * epoch,
    )


def _last(figures: list[float] | None, n: int) -> Floats:
    """The last n, nan where a fit before had no held-out part; none if none were recorded."""
    if figures is None:
        return np.empty(0)
    padded = [np.nan] * n + list(figures)
    return np.array(padded[len(padded) - n :], dtype=np.float64)
