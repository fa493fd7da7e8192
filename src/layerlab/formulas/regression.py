"""Losses of regression, each with its gradient: squared, absolute and Huber's error; Poisson deviance of counts.

The true values Y, and the weights, have the same shapes as for the losses of classes in ``losses``. A ``…_bend`` is the
Hessian of a loss with respect to the predicted values, times a direction R.
"""

from __future__ import annotations

from .activations import exponential
from .arrays import Array
from .weighing import check_shapes, weigh_gradient, weigh_losses


def squared_error(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """½ Σ (z − y)²: half of the sum over the outputs.

    Other libraries leave out the ½, or average over the outputs as well.

    Args:
        Z: (..., n_y, m), the predicted values.
        Y: (n_y, m), the true ones.
        weights: (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (..., m), one loss per example, in the square of Y's unit.
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    difference = Z - Y
    return weigh_losses(0.5 * xp.sum(difference * difference, axis=-2), weights)


def squared_error_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's squared error with respect to the predicted values: z − y.

    Args:
        Z, Y, weights: as for ``squared_error``.

    Returns:
        (..., n_y, m).
    """
    check_shapes(Z, Y)
    return weigh_gradient(Z - Y, weights)


def squared_error_bend(Z: Array, Y: Array, R: Array, weights: Array | None = None) -> Array:
    """Hessian of each example's squared error with respect to the predicted values, times R: r itself.

    Args:
        Z, Y, weights: as for ``squared_error``.
        R: (..., n_y, m), a direction.

    Returns:
        (..., n_y, m), each example's Hessian times R.
    """
    check_shapes(Z, Y)
    return weigh_gradient(R, weights)


def absolute_error(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Σ |z − y|, summed over the outputs. Of all constant predictions, the median has the lowest cost.

    Args:
        Z: (..., n_y, m), the predicted values.
        Y: (n_y, m), the true ones.
        weights: (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (..., m), one loss per example, in Y's unit.
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    return weigh_losses(xp.sum(xp.maximum(Z - Y, Y - Z), axis=-2), weights)


def absolute_error_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's absolute error with respect to the predicted values: the sign of z − y (0 if equal).

    Args:
        Z, Y, weights: as for ``absolute_error``.

    Returns:
        (..., n_y, m).
    """
    check_shapes(Z, Y)
    return weigh_gradient(Z.__array_namespace__().sign(Z - Y), weights)


def absolute_error_bend(Z: Array, Y: Array, R: Array, weights: Array | None = None) -> Array:  # noqa: ARG001
    """Hessian of each example's absolute error with respect to the predicted values, times R: 0 (none where z = y)."""
    check_shapes(Z, Y)
    return R.__array_namespace__().zeros_like(R)


def huber(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """½ d² where |d| ≤ 1, |d| − ½ beyond, for d = z − y, summed over the outputs (Huber 1964).

    An outlier has no more influence than an error of 1, in Y's unit. So scale Y such that 1 is an ordinary error.

    Args:
        Z: (..., n_y, m), the predicted values.
        Y: (n_y, m), the true ones.
        weights: (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (..., m), one loss per example.

    Example:
        >>> import numpy as np
        >>> huber(np.array([[0.5, 3.0]]), np.array([[0.0, 0.0]]))
        array([0.125, 2.5  ])
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    size = xp.maximum(Z - Y, Y - Z)
    near = xp.minimum(size, 1.0)
    return weigh_losses(xp.sum(near * (size - 0.5 * near), axis=-2), weights)


def huber_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's Huber loss with respect to the predicted values: z − y, cut off at −1 and 1.

    Args:
        Z, Y, weights: as for ``huber``.

    Returns:
        (..., n_y, m).
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    return weigh_gradient(xp.minimum(xp.maximum(Z - Y, -1.0), 1.0), weights)


def huber_bend(Z: Array, Y: Array, R: Array, weights: Array | None = None) -> Array:
    """Hessian of each example's Huber loss with respect to the predicted values, times R: r if |z − y| < 1, else 0."""
    check_shapes(Z, Y)
    near = (Z - Y < 1.0) & (Y - Z < 1.0)
    return weigh_gradient(R.__array_namespace__().where(near, R, 0.0), weights)


def poisson(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Half the Poisson deviance of counts y from the mean e^z, summed over the outputs; 0 where e^z = y.

        e^z − y z + y log y − y

    Args:
        Z: (..., n_y, m), logarithms of the predicted means.
        Y: (n_y, m), counts, or other values of at least 0.
        weights: (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (..., m), one loss per example.

    Example:
        >>> import numpy as np
        >>> poisson(np.log(np.array([[2.0, 1.0]])), np.array([[2.0, 0.0]]))
        array([0., 1.])
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    least = Y * xp.log(xp.where(Y > 0, Y, 1.0)) - Y
    return weigh_losses(xp.sum(xp.exp(Z) - Y * Z + least, axis=-2), weights)


def poisson_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's Poisson loss with respect to the logarithm of the mean: e^z − y.

    Args:
        Z, Y, weights: as for ``poisson``.

    Returns:
        (..., n_y, m).
    """
    check_shapes(Z, Y)
    return weigh_gradient(exponential(Z) - Y, weights)


def poisson_bend(Z: Array, Y: Array, R: Array, weights: Array | None = None) -> Array:
    """Hessian of each example's Poisson loss with respect to the logarithm of the mean, times R: e^z r."""
    check_shapes(Z, Y)
    return weigh_gradient(exponential(Z) * R, weights)
