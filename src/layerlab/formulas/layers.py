"""One layer, forward and backward: Z = W A_prev + b, A = g(Z)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from layerlab.errors import InputError

from .activations import ACTIVATIONS
from .arrays import Array

SMALLEST_PHOTO = 8
"""The smallest side, in pixels, for which ``photo_hint`` takes a number of inputs for a square photograph."""


class LinearCache(NamedTuple):
    """What ``linear_backward`` needs: A_prev (..., n_prev, m), W (..., n, n_prev), b (..., n, 1)."""

    A_prev: Array
    W: Array
    b: Array


class LayerCache(NamedTuple):
    """What one layer computed, kept for its backward pass; ``print`` shows it in one line.

    Attributes:
        linear: cache of the layer's linear part.
        Z, A: (..., n, m), the values before and after the activation.
        activation: a name in ``ACTIVATIONS``.
        units: (..., n, 1), true for a unit and false for padding, or None: all rows are units.
        kept: (..., n, m), the factors by which dropout multiplied A; None without dropout.

    Example:
        >>> import numpy as np
        >>> A, cache = layer_forward(np.eye(2), np.array([[1.0, -1.0]]), np.zeros((1, 1)), "relu")
        >>> print(cache)
        A_prev (2, 2) → Z (1, 2) in [-1, 1] → relu → A in [0, 1], mean 0.5, 50 % zero
    """

    linear: Any
    Z: Array
    A: Array
    activation: str
    units: Array | None = None
    kept: Array | None = None

    def __str__(self) -> str:
        xp = self.A.__array_namespace__()
        low_z, high_z, low, high, mean = (
            f"{float(value):.4g}"
            for value in (xp.min(self.Z), xp.max(self.Z), xp.min(self.A), xp.max(self.A), xp.mean(self.A))
        )
        zero = 100 * float(xp.mean(xp.astype(self.A == 0, self.A.dtype)))
        return (
            f"A_prev {self.linear.A_prev.shape} → Z {self.Z.shape} in [{low_z}, {high_z}] "
            f"→ {self.activation} → A in [{low}, {high}], mean {mean}, {zero:.0f} % zero"
        )


def linear_forward(A_prev: Array, W: Array, b: Array) -> tuple[Array, LinearCache]:
    """Z = W A_prev + b.

    Args:
        A_prev: (..., n_prev, m), the layer before; examples are columns.
        W: (..., n, n_prev).
        b: (..., n, 1).

    Returns:
        Z of shape (..., n, m), and the cache for ``linear_backward``.

    Raises:
        InputError: W does not fit A_prev, or b does not fit W.
    """
    if min(W.ndim, A_prev.ndim) < 2 or W.shape[-1] != A_prev.shape[-2]:
        rows = A_prev.shape[-2] if A_prev.ndim >= 2 else 0
        raise InputError(
            f"W has the shape {W.shape} and A_prev {A_prev.shape}: wanted as many columns in W as rows in A_prev; "
            + (
                photo_hint(rows, W.shape[-1])
                or "examples are columns, so a table with examples in rows goes in transposed"
            )
        )
    if b.shape[-2:] != (W.shape[-2], 1):
        raise InputError(
            f"b has the shape {b.shape} and W {W.shape}: wanted one bias for each row of W; "
            f"give b the shape {(*b.shape[:-2], W.shape[-2], 1)}"
        )
    return W @ A_prev + b, LinearCache(A_prev, W, b)


def photo_hint(rows: int, wanted: int) -> str:
    """Say what to do with a photograph whose colours do not fit the network.

    Args:
        rows: how many numbers the photograph has.
        wanted: how many inputs the network has.

    Returns:
        Words for an error message, or "" where other channels do not explain the difference.
    """
    has = {1: "grey or a palette", 2: "grey and transparency", 3: "colours", 4: "transparency or printer's colours"}
    for channels, colours in {1: "grey", 3: "colours"}.items():
        side = math.isqrt(wanted // channels)
        if wanted != channels * side * side or side < SMALLEST_PHOTO:
            continue
        for other, kind in has.items():
            if rows * channels == wanted * other and other != channels:
                shape = (side, side, 3) if channels == 3 else (side, side)
                return (
                    f"a photograph with {kind} has {other} number{'s' * (other > 1)} per pixel, and the network takes "
                    f"{channels} ({colours}): read it with layerlab.datasets.load_photos([file], {shape})"
                )
    return ""


def linear_backward(dZ: Array, cache: LinearCache) -> tuple[Array, Array, Array]:
    """Gradients of the mean cost through Z = W A_prev + b.

        dW = dZ A_prevᵀ / m        db = Σ over examples of dZ / m        dA_prev = Wᵀ dZ

    dZ and dA_prev are gradients of each example's own loss; dW and db are gradients of the mean over examples. The mean
    is taken here and nowhere else.

    Args:
        dZ: (..., n, m).
        cache: the cache of ``linear_forward``.

    Returns:
        dA_prev (..., n_prev, m), dW (..., n, n_prev), db (..., n, 1).

    Raises:
        InputError: dZ does not fit the cache.
    """
    dW, db = linear_gradients(dZ, cache)
    return cache.W.mT @ dZ, dW, db


def linear_gradients(dZ: Array, cache: LinearCache) -> tuple[Array, Array]:
    """Only dW and db of ``linear_backward``: no layer before the first needs its dA_prev."""
    A_prev, W, _ = cache
    if dZ.shape[-2:] != (W.shape[-2], A_prev.shape[-1]):
        raise InputError(
            f"dZ has the shape {dZ.shape}, the layer's Z had {(W.shape[-2], A_prev.shape[-1])}: wanted the same; "
            f"pass the gradient by this layer's own Z"
        )
    return mean_of(dZ @ A_prev.mT, dZ), bias_gradient(dZ)  # (..., n, n_prev), (..., n, 1)


def bias_gradient(dZ: Array) -> Array:
    """db = Σ over examples of dZ / m, (..., n, m) to (..., n, 1)."""
    return mean_of(dZ.__array_namespace__().sum(dZ, axis=-1, keepdims=True), dZ)


def mean_of(total: Array, dZ: Array) -> Array:
    """Divide a sum over the m examples of dZ (..., n, m) by m: the mean is taken here and nowhere else."""
    return total / dZ.shape[-1]


def layer_forward(A_prev: Array, W: Array, b: Array, activation: str) -> tuple[Array, LayerCache]:
    """A = g(W A_prev + b).

    Args:
        A_prev, W, b: as for ``linear_forward``.
        activation: a name in ``ACTIVATIONS``.

    Returns:
        A of shape (..., n, m), and the cache for ``layer_backward``.
    """
    return activation_forward(*linear_forward(A_prev, W, b), activation)


def activation_forward(
    Z: Array, linear: Any, activation: str, units: Array | None = None, kept: Array | None = None
) -> tuple[Array, LayerCache]:
    """A = g(Z), element by element; 0 in the rows that are padding and where dropout sets a value to 0.

    Args:
        Z: (..., n, m).
        linear: cache of the step that computed Z.
        activation: a name in ``ACTIVATIONS``.
        units: (..., n, 1), false in the rows that are padding: a narrower model is filled up to the width of others.
        kept: (..., n, m), factors of ``dropout_factors``, or None.

    Returns:
        A of shape (..., n, m), and the cache for ``layer_backward``.
    """
    A = _without_padding(ACTIVATIONS[activation].function(Z), units)
    return _dropped(A, kept), LayerCache(linear, Z, A, activation, units, kept)


def activation_backward(dA: Array, cache: LayerCache) -> Array:
    """dZ = dA · g′(Z), element by element, in the shape of Z; 0 in the rows that are padding.

    Raises:
        InputError: dA has another shape than the layer's A.
    """
    if dA.shape[-2:] != cache.A.shape[-2:]:
        raise InputError(
            f"dA has the shape {dA.shape} and the layer's A {cache.A.shape}: wanted the same; "
            f"pass the gradient by this layer's own A"
        )
    dA = _dropped(dA, cache.kept)
    return _without_padding(dA * ACTIVATIONS[cache.activation].slope(cache.Z, cache.A), cache.units)


def layer_backward(dA: Array, cache: LayerCache) -> tuple[Array, Array, Array]:
    """Gradients through one layer: first the activation, then the linear part.

    Args:
        dA: (..., n, m).
        cache: the cache of ``layer_forward``.

    Returns:
        dA_prev, dW, db as from ``linear_backward``.
    """
    return linear_backward(activation_backward(dA, cache), cache.linear)


def _without_padding(values: Array, units: Array | None) -> Array:
    """Set rows that are padding to 0. This is a choice, not a product with 0, because 0 · ∞ is not a number."""
    return values if units is None else values.__array_namespace__().where(units, values, 0.0)


def _dropped(values: Array, kept: Array | None) -> Array:
    """Multiply the values by dropout's factors; where a factor is 0, choose 0, as for padding."""
    return values if kept is None else values.__array_namespace__().where(kept > 0, kept * values, 0.0)
