"""Chapter 3, classification of points in the plane with one hidden layer of tanh units and a sigmoid output.

The chapter is one of the notes of the Deep Learning Specialization's first course (weeks 2 to 4). The notes say that
random initial weights are better than zeros, "proven probabilistically". The real reason is symmetry: hidden units with
equal weights get equal gradients, so they stay equal for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab import formulas
from layerlab.datasets.included.planar import EXTRA, extra_points, flower_points
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from . import deep
from .basics import sigmoid
from .core import all_floats, descend, floats

__all__ = [
    "backward_propagation",
    "compute_cost",
    "forward_propagation",
    "initialize_parameters",
    "layer_sizes",
    "load_extra_datasets",
    "load_planar_dataset",
    "nn_model",
    "plot_decision_boundary",
    "predict",
    "sigmoid",
    "update_parameters",
]


def load_planar_dataset(seed: int | None = 1) -> tuple[Floats, Floats]:
    """Make the flower dataset: points X (2, 400) and classes Y (1, 400), 0 for red and 1 for blue."""
    return flower_points(seed)


def load_extra_datasets() -> tuple[tuple[Floats, Any], ...]:
    """Make five datasets: noisy circles, noisy moons, blobs, Gaussian quantiles, no structure.

    They come from NumPy's global random generator, so ``np.random.seed`` decides; only the blobs are always the same.
    The blobs have six classes; ``Y % 2`` makes two of them.

    Returns:
        For each dataset its points (200, 2), in rows, and classes (200,).
    """
    return tuple(extra_points(name) for name in EXTRA)


def layer_sizes(X: Any, Y: Any) -> tuple[int, int, int]:
    """Sizes of the chapter's network: (n_x, 4, n_y), the numbers of inputs, hidden units and outputs."""
    return np.shape(X)[0], 4, np.shape(Y)[0]


def initialize_parameters(n_x: int, n_h: int, n_y: int, seed: int | None = None) -> formulas.Parameters:
    """Initial parameters: random weights N(0, 1) × 0.01, first W1 and then W2; biases zero.

    Args:
        n_x, n_h, n_y: numbers of inputs, hidden units and outputs.
        seed: seed of the random generator; None for NumPy's global one.

    Returns:
        ``W1`` (n_h, n_x), ``b1`` (n_h, 1), ``W2`` (n_y, n_h), ``b2`` (n_y, 1).
    """
    return formulas.initialize_parameters((n_x, n_h, n_y), "normal", seed)


def forward_propagation(X: Any, parameters: Any) -> tuple[Floats, dict[str, Floats]]:
    """Forward pass: Z1 = W1 X + b1, A1 = tanh Z1, Z2 = W2 A1 + b2, A2 = σ(Z2).

    Args:
        X: (n_x, m).
        parameters: ``W1 b1 W2 b2``.

    Returns:
        A2 (n_y, m), and ``{"Z1", "A1", "Z2", "A2"}``.
    """
    Z2, (first, _) = formulas.network_forward(floats(X), all_floats(parameters), ("tanh",))
    A2 = formulas.sigmoid(Z2)
    return A2, {"Z1": first.Z, "A1": first.A, "Z2": Z2, "A2": A2}


def compute_cost(A2: Any, Y: Any) -> float:
    """Cross-entropy cost: −1/m Σ [Y log A2 + (1 − Y) log(1 − A2)], with 0 · log 0 = 0.

    Args:
        A2: (1, m) probabilities.
        Y: (1, m) labels.

    Returns:
        The cost: the cross-entropy, per example.
    """
    return float(deep.compute_cost(A2, Y))


def backward_propagation(parameters: Any, cache: Any, X: Any, Y: Any) -> formulas.Gradients:
    """Backward pass: dZ2 = A2 − Y;  dZ1 = W2ᵀ dZ2 · (1 − A1²);  dW = dZ Aᵀ / m;  db = Σ dZ / m.

    Args:
        parameters: ``W1 b1 W2 b2``.
        cache: ``A1`` and ``A2`` from ``forward_propagation``.
        X: (n_x, m).
        Y: (n_y, m).

    Returns:
        ``{"dW1", "db1", "dW2", "db2"}``.
    """
    p = all_floats(parameters)
    A1, A2 = floats(cache["A1"]), floats(cache["A2"])
    dA1, dW2, db2 = formulas.linear_backward(A2 - floats(Y, A2.dtype), formulas.LinearCache(A1, p["W2"], p["b2"]))
    dZ1 = dA1 * formulas.tanh_slope(A1, A1)  # the slope of tanh needs only A1
    dW1, db1 = formulas.linear_gradients(dZ1, formulas.LinearCache(floats(X), p["W1"], p["b1"]))
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def update_parameters(parameters: Any, grads: Any, learning_rate: float = 1.2) -> formulas.Parameters:
    """Gradient descent: p ← p − α dp for every parameter, as new arrays.

    The step goes against the sign of the derivative: a negative derivative makes the parameter larger. (The course
    notes say that the parameter becomes smaller in both cases, which is wrong.)

    Args:
        parameters: ``W1 b1 W2 b2``.
        grads: ``dW1 db1 dW2 db2``.
        learning_rate: α.
    """
    return formulas.gradient_descent(all_floats(parameters), all_floats(grads), learning_rate)


def nn_model(
    X: Any,
    Y: Any,
    n_h: int,
    num_iterations: int = 10000,
    print_cost: bool = False,
    learning_rate: float = 1.2,
    seed: int | None = 3,
) -> formulas.Parameters:
    """Train a network with one hidden layer of tanh units by gradient descent.

    Args:
        X: (n_x, m).
        Y: (n_y, m).
        n_h: number of hidden units.
        num_iterations: number of updates.
        print_cost: print the cost every 1000 iterations.
        learning_rate: α.
        seed: seed of the initial weights; None for NumPy's global random generator.

    Returns:
        The trained ``W1 b1 W2 b2``.
    """
    X, Y = floats(X), floats(Y)
    network = Network((X.shape[0], n_h, Y.shape[0]), hidden="tanh", output="sigmoid")
    parameters, _ = descend(
        network,
        initialize_parameters(X.shape[0], n_h, Y.shape[0], seed),
        X,
        Y,
        learning_rate=learning_rate,
        num_iterations=num_iterations,
        print_every=1000 if print_cost else 0,
    )
    return parameters


def predict(parameters: Any, X: Any) -> NDArray[np.bool_]:
    """Predict classes: whether A2 > 0.5, as a boolean array (n_y, m)."""
    A2, _ = forward_propagation(X, parameters)
    decisions: NDArray[np.bool_] = A2 > 0.5
    return decisions


def plot_decision_boundary(model: Callable[[Floats], Any], X: Any, y: Any) -> None:
    """Draw a classifier's decision regions and the points into pyplot's current axes.

    It draws no title, so that a ``plt.title`` before or after it is the only one.

    Args:
        model: a function that takes points (k, 2) in rows and returns k classes, such as
            ``lambda x: predict(parameters, x.T)``.
        X: (2, m).
        y: (1, m) or (m,), 0 and 1.
    """
    import matplotlib.pyplot as plt

    from layerlab import plots

    plots.decision_boundary(
        lambda points: np.reshape(model(points.T), (1, -1)),
        floats(X),
        np.reshape(y, (1, -1)),
        title="",
        examples="points X, classes y",
        axes=plt.gca(),
    )
