"""Losses from logits, each with its gradient and the prediction that belongs to it; L1 and L2 of the notes.

A network returns logits Z; the loss owns the output activation, so it stays exact when the output saturates: a logit of
2000 for the wrong class costs 2000, not infinity and not log of the smallest number. A loss is one number an example;
``cost`` is its mean. A gradient here is that of one example's loss: the mean enters once, in ``linear_backward``.

``weights`` are example weights of mean 1, (..., m): an example of weight 2 counts as two, one of weight 0 not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..errors import InputError
from .activations import identity, sigmoid, softmax
from .arrays import Array


def binary_cross_entropy(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """−[y log σ(z) + (1 − y) log(1 − σ(z))] from the logit z, summed over the outputs.

        max(z, 0) − y z + log(1 + e^(−|z|))

    Args:
        Z: (..., n_y, m), logits.
        Y: (n_y, m), labels 0 or 1 (or probabilities between).
        weights: (..., m), of mean 1, or None for all equal.

    Returns:
        (..., m), one loss an example, in nats.

    Example:
        >>> import numpy as np
        >>> binary_cross_entropy(np.array([[2000.0, -2000.0, 0.0]]), np.array([[0.0, 0.0, 1.0]]))
        array([2.00000000e+03, 0.00000000e+00, 6.93147181e-01])
    """
    _check_labels(Z, Y)
    xp = Z.__array_namespace__()
    losses = xp.maximum(Z, 0.0) - Y * Z + xp.log1p(xp.exp(-xp.maximum(Z, -Z)))
    return _weigh_losses(xp.sum(losses, axis=-2), weights)


def binary_cross_entropy_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's binary cross-entropy by its logits: σ(z) − y.

    Args:
        Z, Y, weights: as for ``binary_cross_entropy``.

    Returns:
        (..., n_y, m).
    """
    _check_labels(Z, Y)
    return _weigh_gradient(sigmoid(Z) - Y, weights)


def cross_entropy(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """−Σ_k y_k log softmax(z)_k from the logits z.

        log Σ_j e^(z_j − c) − Σ_k y_k (z_k − c),   c = max_j z_j

    Args:
        Z: (..., K, m), logits.
        Y: (K, m), columns that sum to 1: one-hot labels or probabilities.
        weights: (..., m), of mean 1, or None for all equal.

    Returns:
        (..., m), one loss an example, in nats.

    Example:
        >>> import numpy as np
        >>> cross_entropy(np.array([[2000.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]]))
        array([2.00000000e+03, 6.93147181e-01])
    """
    _check_labels(Z, Y)
    xp = Z.__array_namespace__()
    shifted = Z - xp.max(Z, axis=-2, keepdims=True)
    losses = xp.log(xp.sum(xp.exp(shifted), axis=-2)) - xp.sum(Y * shifted, axis=-2)
    return _weigh_losses(losses, weights)


def cross_entropy_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's cross-entropy by its logits: softmax(z) − y.

    Args:
        Z, Y, weights: as for ``cross_entropy``.

    Returns:
        (..., K, m).
    """
    _check_labels(Z, Y)
    return _weigh_gradient(softmax(Z) - Y, weights)


def squared_error(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """½ Σ (z − y)², half the sum over the outputs.

    Other libraries leave out the ½, or average over the outputs as well.

    Args:
        Z: (..., n_y, m), the predicted values.
        Y: (n_y, m), the true ones.
        weights: (..., m), of mean 1, or None for all equal.

    Returns:
        (..., m), one loss an example, in the square of Y's unit.
    """
    _check_labels(Z, Y)
    xp = Z.__array_namespace__()
    difference = Z - Y
    return _weigh_losses(0.5 * xp.sum(difference * difference, axis=-2), weights)


def squared_error_gradient(Z: Array, Y: Array, weights: Array | None = None) -> Array:
    """Gradient of each example's squared error by the predicted values: z − y.

    Args:
        Z, Y, weights: as for ``squared_error``.

    Returns:
        (..., n_y, m).
    """
    _check_labels(Z, Y)
    return _weigh_gradient(Z - Y, weights)


def cost(losses: Array) -> Array:
    """The mean of the examples' losses: what training makes small.

    Args:
        losses: (..., m), weighted already.

    Returns:
        (...): one number a model.
    """
    return losses.__array_namespace__().mean(losses, axis=-1)


def binary_labels(predictions: Array) -> Array:
    """Whether each probability is above one half; of the same shape."""
    return predictions > 0.5


def class_labels(predictions: Array) -> Array:
    """The most probable class's number, (..., K, m) to (..., 1, m)."""
    return predictions.__array_namespace__().argmax(predictions, axis=-2, keepdims=True)


def accuracy(predictions: Array, Y: Array, labels: Callable[[Array], Array]) -> Array:
    """Share of the labels that the predictions get right.

    Args:
        predictions: (..., n_y, m) probabilities.
        Y: (n_y, m), 0/1 or one-hot.
        labels: ``binary_labels`` or ``class_labels``.

    Returns:
        (...): one share a model.
    """
    xp = predictions.__array_namespace__()
    return xp.mean(xp.astype(labels(predictions) == labels(Y), predictions.dtype), axis=(-2, -1))


def L1(yhat: Array, y: Array) -> Array:
    """Σ |y − ŷ|, a plain sum over all entries: the Manhattan distance."""
    _check_labels(yhat, y)
    xp = yhat.__array_namespace__()
    return xp.sum(xp.abs(y - yhat))


def L1_gradient(yhat: Array, y: Array) -> Array:
    """Gradient of ``L1`` by ŷ: the sign of ŷ − y (0 where they are equal), of the shape of ŷ."""
    _check_labels(yhat, y)
    return yhat.__array_namespace__().sign(yhat - y)


def L2(yhat: Array, y: Array) -> Array:
    """Σ (y − ŷ)², a plain sum over all entries: the squared Euclidean distance (the notes forget the square)."""
    _check_labels(yhat, y)
    xp = yhat.__array_namespace__()
    return xp.sum((y - yhat) * (y - yhat))


def L2_gradient(yhat: Array, y: Array) -> Array:
    """Gradient of ``L2`` by ŷ: 2 (ŷ − y), of the shape of ŷ."""
    _check_labels(yhat, y)
    return 2.0 * (yhat - y)


class Loss(NamedTuple):
    """Losses and gradient from logits and labels; the output activation; labels from its predictions, if it has any."""

    losses: Callable[..., Array]
    gradient: Callable[..., Array]
    prediction: Callable[[Array], Array]
    labels: Callable[[Array], Array] | None


LOSSES = {
    "sigmoid": Loss(binary_cross_entropy, binary_cross_entropy_gradient, sigmoid, binary_labels),
    "softmax": Loss(cross_entropy, cross_entropy_gradient, softmax, class_labels),
    "identity": Loss(squared_error, squared_error_gradient, identity, None),
}
"""The loss that belongs to each output activation, by the activation's name."""


def _check_labels(Z: Array, Y: Array) -> None:
    """Broadcasting would pair every label with every prediction; the last two axes have to agree."""
    if Z.shape[-2:] != Y.shape[-2:]:
        raise InputError(
            f"predictions have the shape {Z.shape} and labels {Y.shape}: wanted one label for each prediction, "
            f"examples in columns; give Y the shape {Z.shape[-2:]}, for one row of labels Y.reshape(1, -1)"
        )


def _weigh_losses(losses: Array, weights: Array | None) -> Array:
    if weights is None:
        return losses
    if weights.shape[-1:] != losses.shape[-1:] or weights.ndim > losses.ndim:
        raise InputError(
            f"weights have the shape {weights.shape} and losses {losses.shape}: wanted one weight for each example; "
            f"give them the shape {losses.shape[-1:]}"
        )
    return losses * weights


def _weigh_gradient(dZ: Array, weights: Array | None) -> Array:
    return dZ if weights is None else dZ * weights[..., None, :]
