"""Chapter 2, logistic regression as a network: one layer with one unit, trained from zeros.

The chapter is one of the notes of the Deep Learning Specialization's first course (weeks 2 to 4). The notes make two
mistakes. Their last chapter calls logistic regression a "2 layers model", but it has one layer. And they flatten images
with ``train.reshape(height*width*channels, m)``, which has the right shape but puts pixels of different images into one
column. ``train.reshape(m, -1).T`` keeps each image whole: see ``formulas.flatten_images``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from layerlab import formulas
from layerlab.datasets.included.cats import CatArrays, read_cats
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.text import tell

from . import basics
from .core import descend, floats

__all__ = [
    "initialize_with_zeros",
    "load_dataset",
    "model",
    "optimize",
    "predict",
    "propagate",
    "sigmoid",
]


def sigmoid(z: Any) -> Floats:
    """The sigmoid σ(z) = 1 / (1 + e⁻ᶻ), element by element: ``basics.sigmoid``."""
    return basics.sigmoid(z)


def load_dataset(folder: str | Path | None = None) -> CatArrays:
    """Load the five arrays of the cat files, which are found in the same way as by ``layerlab.datasets.load_cats``.

    Args:
        folder: where the two HDF5 files are. None looks in ``LAYERLAB_DATA`` and the cache, and else downloads them.

    Returns:
        Training images (209, 64, 64, 3), training labels (1, 209), test images (50, 64, 64, 3), test labels (1, 50) and
        the two class names as bytes.
    """
    return read_cats(folder)


def initialize_with_zeros(dim: int) -> tuple[Floats, float]:
    """Initial parameters of logistic regression: w = 0 of shape (dim, 1), and b = 0.0.

    Zeros are a good start here, because there are no hidden units that would stay equal to each other.
    """
    return np.zeros((dim, 1)), 0.0


def propagate(w: Any, b: Any, X: Any, Y: Any) -> tuple[dict[str, Any], np.float64]:
    """Forward and backward pass of logistic regression: the cost and its gradient.

        A = σ(wᵀ X + b)     cost = −1/m Σ [Y log A + (1 − Y) log(1 − A)]
        dw = X (A − Y)ᵀ / m      db = Σ (A − Y) / m

    The cost is computed from wᵀ X + b, so that it stays finite where A rounds to 0 or 1.

    Args:
        w: (n_x, 1).
        b: a number.
        X: (n_x, m).
        Y: (1, m).

    Returns:
        ``{"dw": (n_x, 1), "db": number}`` and the cost.

    Example:
        >>> grads, cost = propagate([[1], [2]], 1.5, [[1, -2, -1], [3, 0.5, -3.2]], [[1, 1, 0]])
        >>> print(grads["dw"].round(4).tolist(), round(grads["db"], 4), round(cost, 4))
        [[0.2507], [-0.066]] -0.125 0.159
    """
    X = floats(X)
    Y = floats(Y).astype(X.dtype, copy=False)
    Z, cache = formulas.linear_forward(X, *_layer(w, b, X))
    dW, db = formulas.linear_gradients(formulas.binary_cross_entropy_gradient(Z, Y), cache)
    cost = formulas.cost(formulas.binary_cross_entropy(Z, Y))
    return {"dw": dW.mT, "db": db[0, 0]}, cost


def optimize(
    w: Any,
    b: Any,
    X: Any,
    Y: Any,
    num_iterations: int = 100,
    learning_rate: float = 0.009,
    print_cost: bool = False,
) -> tuple[dict[str, Any], dict[str, Any], list[float]]:
    """Gradient descent: w ← w − α dw, b ← b − α db.

    The course notes say that too small a learning rate causes overfitting. That is wrong: it only makes training slow.
    With too large a learning rate the cost oscillates or diverges.

    Args:
        w, b, X, Y: as for ``propagate``.
        num_iterations: number of updates.
        learning_rate: α.
        print_cost: print the cost every 100 iterations.

    Returns:
        ``{"w", "b"}``, the gradients ``{"dw", "db"}`` of the last update (none without an update), and the cost at
        iterations 0, 100, 200, …
    """
    X = floats(X)
    W, b_column = _layer(w, b, X)
    parameters = {"w": W.mT, "b": b_column[0, 0]}
    grads: dict[str, Any] = {}
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(parameters["w"], parameters["b"], X, Y)
        parameters = formulas.gradient_descent(parameters, grads, learning_rate)
        if i % 100 == 0:
            costs.append(float(cost))
            if print_cost:
                tell(f"Cost after iteration {i}: {cost:.6f}", sys.stdout)
    return parameters, grads, costs


def predict(w: Any, b: Any, X: Any) -> Floats:
    """Predict classes: 1.0 where σ(wᵀ X + b) > 0.5, else 0.0.

    Args:
        w: (n_x, 1).
        b: a number.
        X: (n_x, m).

    Returns:
        (1, m).
    """
    X = floats(X)
    Z, _ = formulas.linear_forward(X, *_layer(w, b, X))
    return np.where(formulas.sigmoid(Z) > 0.5, 1.0, 0.0)


def model(
    X_train: Any,
    Y_train: Any,
    X_test: Any,
    Y_test: Any,
    num_iterations: int = 2000,
    learning_rate: float = 0.5,
    print_cost: bool = False,
) -> dict[str, Any]:
    """Train logistic regression from zeros and predict the training set and the test set.

    Args:
        X_train, Y_train: (n_x, m) and (1, m).
        X_test, Y_test: the same for the test set.
        num_iterations: number of updates.
        learning_rate: α; 0.5 suits the chapter's toy data, 0.005 the cats.
        print_cost: print the cost every 100 iterations, and both accuracies.

    Returns:
        ``costs``, ``Y_prediction_train``, ``Y_prediction_test``, ``w``, ``b``, ``learning_rate``, ``num_iterations``.
    """
    X, Y = floats(X_train), floats(Y_train)
    w, b = initialize_with_zeros(X.shape[0])
    W, b_column = _layer(w, b, X)
    parameters, costs = descend(
        Network((X.shape[0], 1), output="sigmoid"),
        {"W1": W, "b1": b_column},
        X,
        Y,
        learning_rate=learning_rate,
        num_iterations=num_iterations,
        print_every=100 if print_cost else 0,
    )
    w, b = parameters["W1"].mT, parameters["b1"][0, 0]
    train, test = predict(w, b, X), predict(w, b, X_test)
    if print_cost:
        tell(f"train accuracy: {100 * (train == Y).mean()} %", sys.stdout)
        tell(f"test accuracy: {100 * (test == floats(Y_test)).mean()} %", sys.stdout)
    return {
        "costs": costs,
        "Y_prediction_train": train,
        "Y_prediction_test": test,
        "w": w,
        "b": b,
        "learning_rate": learning_rate,
        "num_iterations": num_iterations,
    }


def _layer(w: Any, b: Any, X: Floats) -> tuple[Floats, Floats]:
    """Turn the chapter's w and b into the W (1, n_x) and b (1, 1) of a layer, in the float type of X."""
    return floats(w).mT.astype(X.dtype, copy=False), np.reshape(b, (1, 1)).astype(X.dtype)
