"""Losses computed from logits, each with its gradient and its prediction; and the losses L1 and L2 of the course notes.

A network returns logits Z, and the loss includes the output activation. So it stays exact when the output saturates: a
logit of 2000 for the wrong class costs 2000, not infinity and not the log of the smallest number. A loss is one number
per example; ``cost`` is its mean. Gradients here are those of one example's loss: ``linear_backward`` takes the mean.

``weights`` are example weights of mean 1, (..., m): an example of weight 2 counts as two, one of weight 0 not at all.
The losses of regression are in ``regression``. A ``…_bend`` is the Hessian of a loss with respect to the logits, times
a direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .activations import exponential, identity, sigmoid, softmax, softmax_backward
from .arrays import Array
from .regression import (
    absolute_error,
    absolute_error_bend,
    absolute_error_gradient,
    huber,
    huber_bend,
    huber_gradient,
    poisson,
    poisson_bend,
    poisson_gradient,
    squared_error,
    squared_error_bend,
    squared_error_gradient,
)
from .weighing import check_shapes, weigh_gradient, weigh_losses


def binary_cross_entropy(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """−[y log σ(z) + (1 − y) log(1 − σ(z))] from the logit z, summed over the outputs.

        max(z, 0) − y z + log(1 + e^(−|z|))

    Args:
        Z: (..., n_y, m), logits.
        Y: (n_y, m), labels 0 or 1 (or probabilities between).
        weights: (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (..., m), one loss per example (with the natural logarithm).

    Example:
        >>> import numpy as np
        >>> binary_cross_entropy(np.array([[2000.0, -2000.0, 0.0]]), np.array([[0.0, 0.0, 1.0]]))
        array([2.00000000e+03, 0.00000000e+00, 6.93147181e-01])
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    losses = xp.maximum(Z, 0.0) - Y * Z + xp.log1p(xp.exp(-xp.maximum(Z, -Z)))
    return weigh_losses(xp.sum(losses, axis=-2), weights)


def binary_cross_entropy_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's binary cross-entropy with respect to its logits: σ(z) − y.

    Args:
        Z, Y, weights: as for ``binary_cross_entropy``.

    Returns:
        (..., n_y, m).
    """
    check_shapes(Z, Y)
    return weigh_gradient(sigmoid(Z) - Y, weights)


def binary_cross_entropy_bend(Z: Array, Y: Array, R: Array, weights: Array | None = None) -> Array:
    """Hessian of each example's binary cross-entropy with respect to its logits, times R: σ(z) (1 − σ(z)) r.

    Args:
        Z, Y, weights: as for ``binary_cross_entropy``.
        R: (..., n_y, m), a direction.

    Returns:
        (..., n_y, m), each example's Hessian times R.
    """
    check_shapes(Z, Y)
    A = sigmoid(Z)
    return weigh_gradient(A * (1.0 - A) * R, weights)


def cross_entropy(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """−Σ_k y_k log softmax(z)_k from the logits z.

        log Σ_j e^(z_j − c) − Σ_k y_k (z_k − c),   c = max_j z_j

    Args:
        Z: (..., K, m), logits.
        Y: (K, m), columns that sum to 1: one-hot labels or probabilities.
        weights: (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (..., m), one loss per example (with the natural logarithm).

    Example:
        >>> import numpy as np
        >>> cross_entropy(np.array([[2000.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]]))
        array([2.00000000e+03, 6.93147181e-01])
    """
    check_shapes(Z, Y)
    xp = Z.__array_namespace__()
    shifted = Z - xp.max(Z, axis=-2, keepdims=True)
    losses = xp.log(xp.sum(xp.exp(shifted), axis=-2)) - xp.sum(Y * shifted, axis=-2)
    return weigh_losses(losses, weights)


def cross_entropy_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's cross-entropy with respect to its logits: softmax(z) − y.

    Args:
        Z, Y, weights: as for ``cross_entropy``.

    Returns:
        (..., K, m).
    """
    check_shapes(Z, Y)
    return weigh_gradient(softmax(Z) - Y, weights)


def cross_entropy_bend(Z: Array, Y: Array, R: Array, weights: Array | None = None) -> Array:
    """Hessian of each example's cross-entropy with respect to its logits, times R.

    It is (diag(s) − s sᵀ) r, with s = softmax(z).
    """
    check_shapes(Z, Y)
    return weigh_gradient(softmax_backward(R, softmax(Z)), weights)


def binary_labels(predictions: Array) -> Array:
    """Whether each probability is above one half, in the same shape."""
    return predictions > 0.5


def class_labels(predictions: Array) -> Array:
    """The number of the most probable class, (..., K, m) to (..., 1, m)."""
    return predictions.__array_namespace__().argmax(predictions, axis=-2, keepdims=True)


def accuracy(predictions: Array, Y: Array, labels: Callable[[Array], Array], weights: Array | None = None) -> Array:
    """Share of the labels that are predicted correctly.

    Args:
        predictions: (..., n_y, m) probabilities.
        Y: (n_y, m) or (..., n_y, m), 0/1 or one-hot.
        labels: ``binary_labels`` or ``class_labels``.
        weights: (m,) or (..., m), of mean 1, or None if all weigh the same.

    Returns:
        (...): one share per model; nan where a prediction is not a number, because the model diverged.
    """
    xp = predictions.__array_namespace__()
    own = None if weights is None else weights[..., None, :]  # the same for every row of the labels
    right = weigh_losses(xp.astype(labels(predictions) == labels(Y), predictions.dtype), own)
    answers = xp.all(xp.isfinite(predictions), axis=(-2, -1))
    share = xp.where(answers, xp.mean(right, axis=(-2, -1)), xp.nan)
    return share if weights is None else xp.minimum(share, 1.0)  # the mean of the weights is 1 up to rounding


def L1(yhat: Array, y: Array) -> Array:
    """Σ |y − ŷ|, a plain sum over all entries: the Manhattan distance."""
    check_shapes(yhat, y)
    xp = yhat.__array_namespace__()
    return xp.sum(xp.abs(y - yhat))


def L1_gradient(yhat: Array, y: Array) -> Array:
    """Gradient of ``L1`` with respect to ŷ: the sign of ŷ − y (0 where they are equal), in the shape of ŷ."""
    check_shapes(yhat, y)
    return yhat.__array_namespace__().sign(yhat - y)


def L2(yhat: Array, y: Array) -> Array:
    """Σ (y − ŷ)², a plain sum over all entries: the squared Euclidean distance (the course notes omit the square)."""
    check_shapes(yhat, y)
    xp = yhat.__array_namespace__()
    return xp.sum((y - yhat) * (y - yhat))


def L2_gradient(yhat: Array, y: Array) -> Array:
    """Gradient of ``L2`` with respect to ŷ: 2 (ŷ − y), in the shape of ŷ."""
    check_shapes(yhat, y)
    return 2.0 * (yhat - y)


class Loss(NamedTuple):
    """A loss, with everything else that depends on the kind of output.

    Attributes:
        losses, gradient: functions of logits, labels and weights: each example's loss, and its gradient with respect to
            the logits.
        prediction: the output activation, which turns logits into probabilities or values.
        labels: a function that turns probabilities into class numbers or 0/1; None for a regression.
        bend: the loss's Hessian with respect to the logits, times a direction; only ``curvature`` needs it.
    """

    losses: Callable[..., Array]
    gradient: Callable[..., Array]
    prediction: Callable[[Array], Array]
    labels: Callable[[Array], Array] | None
    bend: Callable[..., Array] | None = None


LOSSES = {
    "sigmoid": Loss(
        binary_cross_entropy, binary_cross_entropy_gradient, sigmoid, binary_labels, binary_cross_entropy_bend
    ),
    "softmax": Loss(cross_entropy, cross_entropy_gradient, softmax, class_labels, cross_entropy_bend),
    "identity": Loss(squared_error, squared_error_gradient, identity, None, squared_error_bend),
    "absolute": Loss(absolute_error, absolute_error_gradient, identity, None, absolute_error_bend),
    "huber": Loss(huber, huber_gradient, identity, None, huber_bend),
    "poisson": Loss(poisson, poisson_gradient, exponential, None, poisson_bend),
}
"""Every kind of output, by its name. "sigmoid", "softmax" and "identity" (squared error) are named after their
activation, the others after their loss."""
