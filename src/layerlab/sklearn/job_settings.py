"""scikit-learn's hyperparameters as the settings of a layerlab job."""

from __future__ import annotations

import math
from typing import Any

from layerlab.text import warn

from .presets import Preset


def optimizer_settings(how: Any, preset: Preset, m: int, dropout_seed: int) -> dict[str, Any]:
    """Return the settings of a job for the solvers "sgd" and "adam".

    Args:
        how: the estimator's hyperparameters.
        preset: what the estimator's preset adds.
        m: number of training examples.
        dropout_seed: the seed that was chosen when training began.
    """
    size = preset.usual_batch if how.batch_size == "auto" else how.batch_size
    if size > m and how.batch_size != "auto":
        warn(f"Got `batch_size` {size}, larger than the sample size {m}. It is going to be clipped", stacklevel=7)
    size = int(min(size, m))
    return {
        "learning_rate": float(how.learning_rate_init),
        "iterations": how.max_iter * -(-m // size),
        "batch_size": size,
        "l2": float(how.alpha),
        "dropout": float(how.dropout),
        "dropout_seed": dropout_seed,
        "label_smoothing": float(getattr(how, "label_smoothing", None) or 0.0),
        "schedule": preset.schedule,
        "engine": how.engine,
        **_method(how, preset),
    }


def monitor_settings(how: Any, classifies: bool) -> dict[str, Any]:
    """Return the rule of ``early_stopping`` as settings; layerlab cannot monitor R², so the cost replaces it.

    Args:
        how: the estimator's hyperparameters.
        classifies: whether the score is an accuracy.
    """
    return {
        "monitor": "validation_accuracy" if classifies and how.monitor == "score" else "validation_cost",
        "patience": int(min(how.n_iter_no_change + 1, how.max_iter)),  # scikit-learn tolerates n_iter_no_change epochs
        "min_delta": float(how.tol),
    }


def schedule_settings(how: Any) -> dict[str, Any]:
    """Return the adaptive learning rate of "sgd" as settings; layerlab has no "invscaling", so that is left out.

    Args:
        how: the estimator's hyperparameters.
    """
    if how.solver != "sgd" or how.learning_rate != "adaptive" or math.isinf(how.n_iter_no_change):
        return {}
    plateau = {"plateau": int(how.n_iter_no_change), "least_progress": float(how.tol)}
    return {"schedule": "adaptive", "drop": 0.2, **plateau}


def _method(how: Any, preset: Preset) -> dict[str, Any]:
    """Return the optimiser and its own hyperparameters."""
    if how.solver == "adam":
        own = {"beta1": how.beta_1, "beta2": how.beta_2, "epsilon": how.epsilon}
        return {"optimizer": preset.optimizer, **{name: float(value) for name, value in own.items()}}
    if how.momentum == 0:
        return {"optimizer": "gd"}
    return {"optimizer": "nesterov" if how.nesterovs_momentum else "momentum", "momentum": float(how.momentum)}
