"""One layer, forward and backward: Z = W A_prev + b, A = g(Z)."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import InputError
from .activations import ACTIVATIONS
from .arrays import Array


class LinearCache(NamedTuple):
    """What the linear part's backward needs: A_prev (..., n_prev, m), W (..., n, n_prev), b (..., n, 1)."""

    A_prev: Array
    W: Array
    b: Array


class LayerCache(NamedTuple):
    """What one layer computed, kept for its backward; ``print`` shows it in one line.

    Example:
        >>> import numpy as np
        >>> A, cache = layer_forward(np.eye(2), np.array([[1.0, -1.0]]), np.zeros((1, 1)), "relu")
        >>> print(cache)
        A_prev (2, 2) → Z (1, 2) in [-1, 1] → relu → A in [0, 1], mean 0.5, 50 % zero
    """

    linear: LinearCache
    Z: Array
    A: Array
    activation: str

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
        raise InputError(
            f"W has the shape {W.shape} and A_prev {A_prev.shape}: wanted as many columns in W as rows in A_prev; "
            f"examples are columns, so a table with examples in rows goes in transposed"
        )
    if b.shape[-2:] != (W.shape[-2], 1):
        raise InputError(
            f"b has the shape {b.shape} and W {W.shape}: wanted one bias for each row of W; "
            f"give b the shape {(*b.shape[:-2], W.shape[-2], 1)}"
        )
    return W @ A_prev + b, LinearCache(A_prev, W, b)


def linear_backward(dZ: Array, cache: LinearCache) -> tuple[Array, Array, Array]:
    """Gradients of the mean cost through Z = W A_prev + b.

        dW = dZ A_prevᵀ / m        db = Σ over examples of dZ / m        dA_prev = Wᵀ dZ

    dZ and dA_prev are gradients of each example's own loss; dW and db are those of the mean over examples, which is
    taken here and nowhere else.

    Args:
        dZ: (..., n, m).
        cache: of ``linear_forward``.

    Returns:
        dA_prev (..., n_prev, m), dW (..., n, n_prev), db (..., n, 1).

    Raises:
        InputError: dZ does not fit the cache.
    """
    dW, db = linear_gradients(dZ, cache)
    return cache.W.mT @ dZ, dW, db


def linear_gradients(dZ: Array, cache: LinearCache) -> tuple[Array, Array]:
    """The dW and db of ``linear_backward`` alone: the first layer has nothing to pass its dA_prev on to."""
    A_prev, W, _ = cache
    m = A_prev.shape[-1]
    if dZ.shape[-2:] != (W.shape[-2], m):
        raise InputError(
            f"dZ has the shape {dZ.shape}, the layer's Z had {(W.shape[-2], m)}: wanted the same; "
            f"pass the gradient by this layer's own Z"
        )
    dW = dZ @ A_prev.mT / m  # (..., n, n_prev)
    db = dZ.__array_namespace__().sum(dZ, axis=-1, keepdims=True) / m  # (..., n, 1)
    return dW, db


def layer_forward(A_prev: Array, W: Array, b: Array, activation: str) -> tuple[Array, LayerCache]:
    """A = g(W A_prev + b).

    Args:
        A_prev, W, b: as for ``linear_forward``.
        activation: a name in ``ACTIVATIONS``.

    Returns:
        A of shape (..., n, m), and the cache for ``layer_backward``.
    """
    Z, linear = linear_forward(A_prev, W, b)
    A = ACTIVATIONS[activation].function(Z)
    return A, LayerCache(linear, Z, A, activation)


def activation_backward(dA: Array, cache: LayerCache) -> Array:
    """dZ = dA · g′(Z), element by element, of the shape of Z.

    Raises:
        InputError: dA has another shape than the layer's A.
    """
    if dA.shape[-2:] != cache.A.shape[-2:]:
        raise InputError(
            f"dA has the shape {dA.shape} and the layer's A {cache.A.shape}: wanted the same; "
            f"pass the gradient by this layer's own A"
        )
    return dA * ACTIVATIONS[cache.activation].slope(cache.Z, cache.A)


def layer_backward(dA: Array, cache: LayerCache) -> tuple[Array, Array, Array]:
    """Gradients through one layer: first the activation, then the linear part.

    Args:
        dA: (..., n, m).
        cache: of ``layer_forward``.

    Returns:
        dA_prev, dW, db as from ``linear_backward``.
    """
    return linear_backward(activation_backward(dA, cache), cache.linear)
