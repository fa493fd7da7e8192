"""Chapter 4, an L-layer network step by step: [linear → relu] × (L − 1) → linear → sigmoid.

The chapter is one of the notes of the Deep Learning Specialization's first course (weeks 2 to 4). It goes backward
through probabilities: the cost from AL, then dAL, then ``sigmoid_backward``. A caller may pass any AL, so these steps
are computed as the course notes write them. They lose all digits once AL rounds to 0 or 1. layerlab's trainer goes
through logits instead, and stays exact: ``layerlab.formulas.losses``.

The course notes multiply the deep network's random weights by 0.01. With four layers the signal then vanishes on its
way through the layers. The network learns only how many images are cats, because little but its last bias changes.
On the cats the cost falls from ln 2 = 0.6931 to 0.6440, the cost of always predicting the share of cats (72 of 209).
The application chapter divides by √n_prev instead, without mentioning it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerlab import formulas
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .core import all_floats, floats

__all__ = [
    "L_model_backward",
    "L_model_forward",
    "compute_cost",
    "initialize_parameters",
    "initialize_parameters_deep",
    "linear_activation_backward",
    "linear_activation_forward",
    "linear_backward",
    "linear_forward",
    "relu",
    "relu_backward",
    "sigmoid",
    "sigmoid_backward",
    "update_parameters",
]

LayerCache = tuple[formulas.LinearCache, Floats]


def sigmoid(Z: Any) -> tuple[Floats, Floats]:
    """The sigmoid σ(Z), and Z as the cache for ``sigmoid_backward``."""
    Z = floats(Z)
    return formulas.sigmoid(Z), Z


def relu(Z: Any) -> tuple[Floats, Floats]:
    """The rectifier max(0, Z), and Z as the cache for ``relu_backward``."""
    Z = floats(Z)
    return formulas.relu(Z), Z


def sigmoid_backward(dA: Any, cache: Any) -> Floats:
    """Backward pass of the sigmoid: dZ = dA · σ(Z) (1 − σ(Z)); the cache is Z."""
    A, Z = sigmoid(cache)
    dZ: Floats = floats(dA) * formulas.sigmoid_slope(Z, A)
    return dZ


def relu_backward(dA: Any, cache: Any) -> Floats:
    """Backward pass of the rectifier: dZ = dA where Z > 0, else 0; the cache is Z."""
    dZ: Floats = np.where(floats(cache) > 0, floats(dA), 0.0)
    return dZ


def initialize_parameters(n_x: int, n_h: int, n_y: int, seed: int | None = 1) -> formulas.Parameters:
    """Initial parameters of two layers: random weights N(0, 1) × 0.01, biases zero.

    Args:
        n_x, n_h, n_y: numbers of inputs, hidden units and outputs.
        seed: seed of the random generator; None for NumPy's global one.
    """
    return formulas.initialize_parameters((n_x, n_h, n_y), "normal", seed)


def initialize_parameters_deep(layer_dims: Sequence[int], seed: int | None = 3) -> formulas.Parameters:
    """Initial parameters of L layers: random weights N(0, 1) × 0.01, made layer by layer; biases zero.

    Args:
        layer_dims: (n_0, n_1, …, n_L).
        seed: seed of the random generator; None for NumPy's global one.
    """
    return formulas.initialize_parameters(layer_dims, "normal", seed)


def linear_forward(A: Any, W: Any, b: Any) -> tuple[Floats, formulas.LinearCache]:
    """The linear step of a layer, forward: Z = W A + b, and the cache (A, W, b).

    Args:
        A: (n_prev, m).
        W: (n, n_prev).
        b: (n, 1).
    """
    return formulas.linear_forward(floats(A), floats(W), floats(b))


def linear_activation_forward(A_prev: Any, W: Any, b: Any, activation: str) -> tuple[Floats, LayerCache]:
    """One layer forward: g(W A_prev + b), and the cache ((A_prev, W, b), Z).

    Args:
        A_prev, W, b: as for ``linear_forward``.
        activation: "sigmoid" or "relu".
    """
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = _chosen(activation, sigmoid, relu)(Z)
    return A, (linear_cache, activation_cache)


def L_model_forward(X: Any, parameters: Any) -> tuple[Floats, list[LayerCache]]:
    """Forward pass of [linear → relu] × (L − 1) → linear → sigmoid: AL, and the L layers' caches.

    Args:
        X: (n_x, m).
        parameters: ``W1 b1 … WL bL``.
    """
    A, caches = floats(X), []
    L = len(parameters) // 2  # each layer has a W and a b
    for layer in range(1, L + 1):
        activation = "relu" if layer < L else "sigmoid"
        A, cache = linear_activation_forward(A, parameters[f"W{layer}"], parameters[f"b{layer}"], activation)
        caches.append(cache)
    return A, caches


def compute_cost(AL: Any, Y: Any) -> np.float64:
    """Cross-entropy cost: −1/m Σ [Y log AL + (1 − Y) log(1 − AL)], with 0 · log 0 = 0.

    Args:
        AL: (1, m) probabilities.
        Y: (1, m) labels.

    Returns:
        The cost: the cross-entropy, per example; a number without axes.

    Example:
        >>> print(round(compute_cost([[0.8, 0.9, 0.4]], [[1, 1, 0]]), 6))
        0.279777
    """
    AL = floats(AL)
    Y = floats(Y, AL.dtype)
    if AL.shape != Y.shape:
        raise InputError(f"AL has the shape {AL.shape} and Y {Y.shape}: wanted the same; reshape Y to that of AL")
    with np.errstate(divide="ignore", invalid="ignore"):  # log 0 is −∞, as intended; a negative number has no log
        losses = -(_times_log(Y, AL) + _times_log(1 - Y, 1 - AL))
        cost: np.float64 = losses.sum() / Y.shape[1]
    return cost


def _times_log(y: Floats, p: Floats) -> Floats:
    """The product y log p, and 0 where y is 0 (p may be 0 there)."""
    return np.where(y == 0, 0.0, y * np.log(np.where(y == 0, 1.0, p)))


def linear_backward(dZ: Any, cache: Any) -> tuple[Floats, Floats, Floats]:
    """The linear step of a layer, backward: dA_prev = Wᵀ dZ, dW = dZ A_prevᵀ / m, db = Σ dZ / m.

    Args:
        dZ: (n, m).
        cache: (A_prev, W, b).
    """
    return formulas.linear_backward(floats(dZ), formulas.LinearCache(*(floats(x) for x in cache)))


def linear_activation_backward(dA: Any, cache: Any, activation: str) -> tuple[Floats, Floats, Floats]:
    """One layer backward: dZ = dA · g′(Z), then ``linear_backward``.

    Args:
        dA: (n, m).
        cache: ((A_prev, W, b), Z).
        activation: "sigmoid" or "relu".

    Returns:
        dA_prev, dW, db.
    """
    linear_cache, activation_cache = cache
    dZ = _chosen(activation, sigmoid_backward, relu_backward)(dA, activation_cache)
    return linear_backward(dZ, linear_cache)


def L_model_backward(AL: Any, Y: Any, caches: Any) -> formulas.Gradients:
    """Backward pass of the whole network, through the probabilities: gradients of the cost for every parameter.

        dAL = −(Y / AL − (1 − Y) / (1 − AL)),   then backward, layer by layer

    Args:
        AL: (1, m) probabilities.
        Y: (1, m) labels, or another array of that size.
        caches: the caches of ``L_model_forward``.

    Returns:
        ``dA0 … dA(L−1)``, ``dW1 db1 … dWL dbL``.
    """
    AL = floats(AL)
    Y = floats(Y, AL.dtype).reshape(AL.shape)
    grads: formulas.Gradients = {}
    L = len(caches)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # see the head of this file
        dA: Floats = -(_divided(Y, AL) - _divided(1 - Y, 1 - AL))
        for layer in range(L, 0, -1):
            activation = "relu" if layer < L else "sigmoid"
            dA, dW, db = linear_activation_backward(dA, caches[layer - 1], activation)
            grads[f"dA{layer - 1}"], grads[f"dW{layer}"], grads[f"db{layer}"] = dA, dW, db
    return grads


def _divided(y: Floats, p: Floats) -> Floats:
    """The quotient y / p, and 0 where y is 0 (p may be 0 there)."""
    return np.where(y == 0, 0.0, y / p)


def update_parameters(params: Any, grads: Any, learning_rate: float) -> formulas.Parameters:
    """Gradient descent: p ← p − α dp for every parameter, as new arrays.

    Args:
        params: ``W1 b1 … WL bL``.
        grads: ``dW1 db1 … dWL dbL``; other keys are ignored.
        learning_rate: α.
    """
    return formulas.gradient_descent(all_floats(params), all_floats(grads), learning_rate)


def _chosen(activation: str, sigmoid_one: Any, relu_one: Any) -> Any:
    if activation not in ("sigmoid", "relu"):
        raise InputError(f"activation={activation!r}: wanted 'sigmoid' or 'relu'")
    return sigmoid_one if activation == "sigmoid" else relu_one
