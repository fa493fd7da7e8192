"""One recipe tried on one dataset, and what to hold its accuracy against."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from .architecture import Network
from .datasets import Dataset
from .datasets.dataset import class_numbers
from .errors import TrainingWarning
from .recipes import Recipe
from .training.run import Run
from .training.train import train


def fit(
    recipe: Recipe,
    data: Dataset,
    *,
    seed: int | None = None,
    dtype: str = "float64",
    progress: bool | str | None = None,
) -> Run:
    """Train a recipe's network on a dataset; findings are in ``run.diagnosis``, without a warning.

    Args:
        recipe: hidden layers and settings.
        data: inputs and outputs.
        seed: instead of the recipe's.
        dtype: as for ``train``.
        progress: as for ``train``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return train(
            Network((data.n_x, *recipe.layers, data.n_y), hidden=recipe.hidden),
            data,
            learning_rate=recipe.learning_rate,
            iterations=recipe.iterations,
            initializer=recipe.initializer,
            seed=recipe.seed if seed is None else seed,
            dtype=dtype,
            progress=progress,
        )


def base_rate(Y: NDArray[np.float64]) -> float:
    """Share of the most frequent class among labels (n_y, m): what the best constant answer scores."""
    return float(np.bincount(class_numbers(Y)).max() / Y.shape[1])
