"""One recipe tried on one dataset, and what to hold its accuracy against."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .architecture import Network
from .datasets import Dataset
from .datasets.dataset import class_numbers
from .errors import InputError, TrainingWarning
from .recipes import Recipe
from .settings import SETTINGS
from .training.methods import LBFGS
from .training.plan import Plan
from .training.run import Run
from .training.train import explain, train


def fit(recipe: Recipe, data: Dataset, *, progress: bool | str | None = None, **settings: Any) -> Run:
    """Train a recipe's network on a dataset; findings are in ``run.diagnosis``, without a warning.

    Args:
        recipe: hidden layers and settings.
        data: inputs and outputs.
        progress: as for ``train``.
        settings: of ``train``, instead of the recipe's or beside them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return train(recipe_network(recipe, data), data, progress=progress, **recipe_settings(recipe, settings))


def explain_fit(recipe: Recipe, data: Dataset, **settings: Any) -> Plan:
    """How ``fit`` would compute it."""
    return explain(recipe_network(recipe, data), data, **recipe_settings(recipe, settings))


def recipe_network(recipe: Recipe, data: Dataset) -> Network:
    """The recipe's hidden layers between the data's inputs and outputs."""
    return Network((data.n_x, *recipe.layers, data.n_y), hidden=recipe.hidden)


def recipe_settings(recipe: Recipe, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's own settings with what was given put in; given epochs take the place of its iterations.

    Raises:
        InputError: another optimizer than gradient descent without a learning rate: the recipe's is not for it.
    """
    optimizer = SETTINGS["optimizer"].check(settings.get("optimizer") or "gd")
    if optimizer not in ("gd", LBFGS) and settings.get("learning_rate") is None:
        raise InputError(
            f"optimizer {optimizer}: the learning rate {recipe.learning_rate:g} that is known here is for gradient "
            f"descent; give one with --learning-rate, such as 0.001"
        )
    own = {name: getattr(recipe, name) for name in ("learning_rate", "iterations", "initializer", "seed")}
    if optimizer == LBFGS:
        del own["learning_rate"]
    if settings.get("epochs") is not None and settings.get("iterations") is None:
        del own["iterations"]
    return own | {name: value for name, value in settings.items() if value is not None}


def base_rate(Y: NDArray[np.float64]) -> float:
    """Share of the most frequent class among labels (n_y, m): what the best constant answer scores."""
    return float(np.bincount(class_numbers(Y)).max() / Y.shape[1])
