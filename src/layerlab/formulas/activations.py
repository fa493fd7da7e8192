"""Activations with their slopes (first derivatives) and bends (second derivatives), element by element; and softmax.

A slope or a bend takes Z and A = function(Z): each formula uses whichever of the two makes it shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .arrays import Array

LEAK = 0.01
"""Slope of ``leaky_relu`` below zero (Maas, Hannun & Ng 2013)."""

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""λ and α of ``selu``. With them, mean 0 and variance 1 are kept from layer to layer."""

MISH_END = 40.0
"""Above this z, ``mish`` equals z to the last digit; up to here, float32 can hold eᶻ (eᶻ + 2)."""


def sigmoid(Z: Array) -> Array:
    """σ(z) = 1 / (1 + e⁻ᶻ), without overflow at any input.

    With e = exp(−|z|), which lies in (0, 1]:  σ = 1 / (1 + e) for z ≥ 0 and e / (1 + e) for z < 0.

    Args:
        Z: any shape.

    Returns:
        The same shape, values in [0, 1].

    Example:
        >>> import numpy as np
        >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([0. , 0.5, 1. ])
    """
    xp = Z.__array_namespace__()
    e = xp.exp(-xp.maximum(Z, -Z))
    return xp.where(Z < 0, e, 1.0) / (1.0 + e)


def sigmoid_slope(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """σ′(z) = σ(z) (1 − σ(z)): at most ¼, at z = 0."""
    return A * (1.0 - A)


def sigmoid_bend(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """σ″(z) = σ(z) (1 − σ(z)) (1 − 2 σ(z))."""
    return A * (1.0 - A) * (1.0 - 2.0 * A)


def tanh(Z: Array) -> Array:
    """tanh z = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ), values in [−1, 1]."""
    return Z.__array_namespace__().tanh(Z)


def tanh_slope(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """tanh′(z) = 1 − tanh²(z): at most 1, at z = 0."""
    return 1.0 - A * A


def tanh_bend(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """tanh″(z) = −2 tanh z (1 − tanh²(z))."""
    return -2.0 * A * (1.0 - A * A)


def relu(Z: Array) -> Array:
    """The rectifier max(0, z), element by element (Nair & Hinton 2010)."""
    return Z.__array_namespace__().maximum(Z, 0.0)


def relu_slope(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """1 where z > 0, else 0; at the kink z = 0 it is the left slope."""
    return Z.__array_namespace__().astype(Z > 0, Z.dtype)


def no_bend(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """The second derivative of a straight line: 0. At their kink relu and leaky_relu have none; it is 0 here."""
    return Z.__array_namespace__().zeros_like(Z)


def leaky_relu(Z: Array) -> Array:
    """The rectifier with a small slope below zero: max(0, z) + 0.01 min(0, z)."""
    xp = Z.__array_namespace__()
    return xp.maximum(Z, 0.0) + LEAK * xp.minimum(Z, 0.0)


def leaky_relu_slope(Z: Array, A: Array) -> Array:
    """Slope of ``leaky_relu``: 1 where z > 0, else 0.01."""
    return LEAK + (1.0 - LEAK) * relu_slope(Z, A)


def selu(Z: Array) -> Array:
    """λ z for z > 0 and λ α (eᶻ − 1) below, λ = 1.0507 and α = 1.6733 (Klambauer et al. 2017)."""
    xp = Z.__array_namespace__()
    return SELU_SCALE * (xp.maximum(Z, 0.0) + SELU_ALPHA * xp.expm1(xp.minimum(Z, 0.0)))


def selu_slope(Z: Array, A: Array) -> Array:
    """λ where z > 0, else λ α eᶻ = a + λ α; at the kink z = 0 it is the left slope."""
    return Z.__array_namespace__().where(Z > 0, SELU_SCALE, A + SELU_SCALE * SELU_ALPHA)


def selu_bend(Z: Array, A: Array) -> Array:
    """0 where z > 0, else λ α eᶻ = a + λ α."""
    return Z.__array_namespace__().where(Z > 0, 0.0, A + SELU_SCALE * SELU_ALPHA)


def mish(Z: Array) -> Array:
    """z tanh(log(1 + eᶻ)), without overflow (Misra 2020). Its minimum is −0.31, at z = −1.19.

    tanh(log(1 + eᶻ)) = n / (n + 2)   with n = eᶻ (eᶻ + 2)
    """
    xp = Z.__array_namespace__()
    e = xp.exp(xp.minimum(Z, MISH_END))
    n = e * (e + 2.0)
    return Z * (n / (n + 2.0))


def mish_slope(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """(n + 4 z eᶻ (1 + eᶻ) / (n + 2)) / (n + 2), n = eᶻ (eᶻ + 2): between −0.11 and 1.09."""
    xp = Z.__array_namespace__()
    z = xp.minimum(Z, MISH_END)
    e = xp.exp(z)
    n = e * (e + 2.0)
    return (n + 4.0 * z * e * (1.0 + e) / (n + 2.0)) / (n + 2.0)


def mish_bend(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """t′ (2 + z (1 − 2 t eᶻ) / (1 + eᶻ)) with t = n / (n + 2), n = eᶻ (eᶻ + 2), t′ = 4 eᶻ (1 + eᶻ) / (n + 2)²."""
    xp = Z.__array_namespace__()
    z = xp.minimum(Z, MISH_END)
    e = xp.exp(z)
    n = e * (e + 2.0)
    slope = 4.0 * (e / (n + 2.0)) * ((1.0 + e) / (n + 2.0))
    return slope * (2.0 + z * (1.0 - 2.0 * (n / (n + 2.0)) * e) / (1.0 + e))


def identity(Z: Array) -> Array:
    """The identity Z ↦ Z, which makes the layer linear."""
    return Z


def identity_slope(Z: Array, A: Array) -> Array:  # noqa: ARG001
    """Slope of the identity: 1 everywhere."""
    return Z.__array_namespace__().ones_like(Z)


def softmax(Z: Array) -> Array:
    """Probabilities of K classes from K logits, down each column.

        s_k = e^(z_k) / Σ_j e^(z_j),   computed with the column's maximum subtracted from every z

    Args:
        Z: (..., K, m).

    Returns:
        (..., K, m), columns that sum to 1.

    Example:
        >>> import numpy as np
        >>> softmax(np.array([[1000.0, 0.0], [1000.0, 0.0]]))
        array([[0.5, 0.5],
               [0.5, 0.5]])
    """
    xp = Z.__array_namespace__()
    e = xp.exp(Z - xp.max(Z, axis=-2, keepdims=True))
    return e / xp.sum(e, axis=-2, keepdims=True)


def exponential(Z: Array) -> Array:
    """e^z, in the shape of Z: the mean of counts from its logarithm."""
    return Z.__array_namespace__().exp(Z)


def softmax_backward(dA: Array, A: Array) -> Array:
    """Gradient through a softmax; its slope is the matrix diag(s) − s sᵀ, applied here without building it.

        dz_k = s_k (da_k − Σ_j s_j da_j)

    Args:
        dA: (..., K, m), gradient with respect to the probabilities.
        A: (..., K, m), the probabilities.

    Returns:
        (..., K, m), gradient with respect to the logits.
    """
    xp = A.__array_namespace__()
    return A * (dA - xp.sum(A * dA, axis=-2, keepdims=True))


class Activation(NamedTuple):
    """An activation: the function of Z, and its first and second derivative as functions of Z and A.

    Only ``curvature`` needs the second derivative, ``bend``.
    """

    function: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Array] | None = None


ACTIVATIONS = {
    "sigmoid": Activation(sigmoid, sigmoid_slope, sigmoid_bend),
    "tanh": Activation(tanh, tanh_slope, tanh_bend),
    "relu": Activation(relu, relu_slope, no_bend),
    "leaky_relu": Activation(leaky_relu, leaky_relu_slope, no_bend),
    "selu": Activation(selu, selu_slope, selu_bend),
    "mish": Activation(mish, mish_slope, mish_bend),
    "identity": Activation(identity, identity_slope, no_bend),
}
"""Every activation of a hidden layer, by its name."""
