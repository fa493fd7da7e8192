"""Chapter 5, the application: recognising cats in photos, with a 2-layer and a 4-layer network.

The chapter is one of the notes of the Deep Learning Specialization's first course (weeks 2 to 4). The notes conclude
from 80 % against 72 % that one "can feel the power of deep layer model". The test set is too small for that: with 50
images the 95 % intervals overlap widely, and always predicting "cat" is correct for 66 %. ``layerlab.compare("cats")``
makes the comparison with a significance test.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerlab import formulas
from layerlab.datasets.included.cats import CatArrays, read_cats
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.text import tell

from .core import descend, floats
from .deep import (
    L_model_backward,
    L_model_forward,
    compute_cost,
    initialize_parameters,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    linear_forward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    update_parameters,
)

__all__ = [
    "L_layer_model",
    "L_model_backward",
    "L_model_forward",
    "compute_cost",
    "initialize_parameters",
    "initialize_parameters_deep",
    "linear_activation_backward",
    "linear_activation_forward",
    "linear_backward",
    "linear_forward",
    "load_data",
    "plot_costs",
    "predict",
    "print_mislabeled_images",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "two_layer_model",
    "update_parameters",
]


def load_data(folder: str | Path | None = None) -> CatArrays:
    """Load the five arrays of the cat files: the same as ``logistic.load_dataset``.

    Args:
        folder: where the two HDF5 files are. None looks in ``LAYERLAB_DATA`` and the cache, and else downloads them.
    """
    return read_cats(folder)


def initialize_parameters_deep(layer_dims: Sequence[int], seed: int | None = 1) -> formulas.Parameters:
    """Initial parameters of L layers: random weights N(0, 1) / √n_prev, made layer by layer; biases zero.

    With the × 0.01 of chapter 4 the 4-layer network would learn only the share of cats (see ``deep``).

    Args:
        layer_dims: (n_0, n_1, …, n_L).
        seed: seed of the random generator; None for NumPy's global one.
    """
    return formulas.initialize_parameters(layer_dims, "lecun", seed)


def two_layer_model(
    X: Any,
    Y: Any,
    layers_dims: Sequence[int],
    learning_rate: float = 0.0075,
    num_iterations: int = 3000,
    print_cost: bool = False,
) -> tuple[formulas.Parameters, list[Floats]]:
    """Train linear → relu → linear → sigmoid by gradient descent, from weights N(0, 1) × 0.01 (seed 1).

    Args:
        X: (n_x, m).
        Y: (1, m).
        layers_dims: (n_x, n_h, n_y).
        learning_rate: α.
        num_iterations: number of updates.
        print_cost: print the cost every 100 iterations and at the last.

    Returns:
        The parameters, and the cost at iterations 0, 100, 200, …, each an array without axes, as in the course notes.
    """
    n_x, n_h, n_y = layers_dims
    return _trained(X, Y, initialize_parameters(n_x, n_h, n_y), learning_rate, num_iterations, print_cost)


def L_layer_model(
    X: Any,
    Y: Any,
    layers_dims: Sequence[int],
    learning_rate: float = 0.0075,
    num_iterations: int = 3000,
    print_cost: bool = False,
) -> tuple[formulas.Parameters, list[Floats]]:
    """Train [linear → relu] × (L − 1) → linear → sigmoid by gradient descent, from N(0, 1) / √n_prev (seed 1).

    Args:
        X: (n_x, m).
        Y: (1, m).
        layers_dims: (n_0, n_1, …, n_L).
        learning_rate: α.
        num_iterations: number of updates.
        print_cost: print the cost every 100 iterations and at the last.

    Returns:
        The parameters, and the cost at iterations 0, 100, 200, …, each an array without axes, as in the course notes.
    """
    return _trained(X, Y, initialize_parameters_deep(layers_dims), learning_rate, num_iterations, print_cost)


def _trained(
    X: Any, Y: Any, parameters: formulas.Parameters, learning_rate: float, num_iterations: int, print_cost: bool
) -> tuple[formulas.Parameters, list[Floats]]:
    return descend(
        _network(parameters),
        parameters,
        floats(X),
        floats(Y),
        learning_rate=learning_rate,
        num_iterations=num_iterations,
        print_every=100 if print_cost else 0,
        print_in_full=True,
    )


def _network(parameters: formulas.Parameters) -> Network:
    L = len(parameters) // 2
    dims = [np.shape(parameters["W1"])[1], *(np.shape(parameters[f"W{layer}"])[0] for layer in range(1, L + 1))]
    return Network(dims, output="sigmoid")


def predict(X: Any, y: Any, parameters: Any) -> Floats:
    """Predict classes, 1.0 where AL > 0.5 and else 0.0, and print the accuracy.

    Args:
        X: (n_x, m).
        y: (1, m).
        parameters: ``W1 b1 … WL bL``.

    Returns:
        (1, m).
    """
    AL, _ = L_model_forward(X, parameters)
    p = np.where(AL > 0.5, 1.0, 0.0)
    tell(f"Accuracy: {(p == floats(y).reshape(p.shape)).mean()}", sys.stdout)
    return p


def plot_costs(costs: Sequence[float], learning_rate: float = 0.0075) -> None:
    """Draw the cost curve, one cost for every 100 iterations, into pyplot's current axes.

    The title is where pyplot has its own, so that a later ``plt.title`` takes its place.

    Args:
        costs: the costs that the models return.
        learning_rate: α, which the title shows.
    """
    import matplotlib.pyplot as plt

    from layerlab import plots

    axes = plt.gca()
    plots.cost_curves({"": np.asarray(costs)}, every=100, title="", axes=axes)
    axes.set_title(f"Cost on the training set, learning rate {learning_rate:g}")


def print_mislabeled_images(classes: Any, X: Any, y: Any, p: Any) -> None:
    """Draw the misclassified images, with predicted and true class, into pyplot's current figure.

    Args:
        classes: the names of classes 0 and 1, as bytes or text.
        X: (12288, m), images of 64 × 64 × 3, from 0 to 1.
        y: (1, m) labels.
        p: (1, m) predictions.
    """
    import matplotlib.pyplot as plt

    from layerlab import plots

    X, y, p = floats(X), np.ravel(y).astype(int), np.ravel(p).astype(int)
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in classes]
    wrong = np.flatnonzero(y != p)
    side = round((X.shape[0] / 3) ** 0.5)
    plots.mislabelled(
        X[:, wrong].T.reshape(-1, side, side, 3),
        [names[p[i]] for i in wrong],
        [names[y[i]] for i in wrong],
        figure=plt.gcf(),
    )
