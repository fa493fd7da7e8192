"""What is searched, on what: configurations drawn at random, the cats or the digits, and their five folds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .material import cats

FOLDS = 5

DATA = ("cats", "digits")
"""Whose training set is searched on; all examples of the digits."""

OPTIMIZERS = ("gd", "momentum", "nesterov")
HIDDEN = ("relu", "tanh")
DEPTHS = (1, 2, 3)
"""Numbers of hidden layers."""

WIDTHS = (4, 64)
"""Least and most units of a hidden layer, all numbers between them alike."""

LEARNING_RATES = (1e-4, 0.1)
"""Between them the logarithm is drawn, as for ``L2``."""

L2 = (1e-3, 10.0)
"""Least and largest λ of λ/(2m) Σ W², m the examples that are learned from: scikit-learn's ``alpha``."""

Configuration = dict[str, Any]
"""optimizer, learning_rate, widths (of the hidden layers), hidden, l2: layerlab's names and values."""


def configurations(n: int, seed: int = 0) -> list[Configuration]:
    """Configurations drawn at random; fewer of the same seed are the first of more.

    Args:
        n: how many.
        seed: of the generator.
    """
    random = np.random.default_rng(seed)
    return [_drawn(random) for _ in range(n)]


def _drawn(random: np.random.Generator) -> Configuration:
    depth = random.choice(DEPTHS)
    return {
        "optimizer": str(random.choice(OPTIMIZERS)),
        "learning_rate": _between(random, *LEARNING_RATES),
        "widths": random.integers(*WIDTHS, size=depth, endpoint=True).tolist(),
        "hidden": str(random.choice(HIDDEN)),
        "l2": _between(random, *L2),
    }


def _between(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def examples(data: str = "cats") -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The official training set of the cats, or scikit-learn's digits, pixels from 0 to 1.

    Returns:
        X (m, n_x): (209, 12288) or (1797, 64); labels (m,).

    Raises:
        UnavailableError: there are no cat files here.
    """
    if data == "digits":
        from sklearn.datasets import load_digits

        X, y = load_digits(return_X_y=True)
        return np.ascontiguousarray(X / 16, np.float32), y.astype(np.int64)
    X, Y = cats()
    return np.ascontiguousarray(X.T, np.float32), Y[0].astype(np.int64)


def folds(labels: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Examples that are learned from and those that are left out, five times, the classes in proportion."""
    from sklearn.model_selection import StratifiedKFold

    dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels, labels)
    return [(train, test) for train, test in dealt]
