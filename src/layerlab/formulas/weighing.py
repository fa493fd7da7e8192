"""What all losses share: their mean, the weights of examples, and the check that every prediction has its label."""

from __future__ import annotations

from layerlab.errors import InputError

from .arrays import Array


def cost(losses: Array) -> Array:
    """The mean of the examples' losses: what training makes small.

    Args:
        losses: (..., m), weighted already.

    Returns:
        (...): one number a model.
    """
    return losses.__array_namespace__().mean(losses, axis=-1)


def check_labels(Z: Array, Y: Array) -> None:
    """Broadcasting would pair every label with every prediction; the last two axes have to agree.

    Raises:
        InputError: they do not.
    """
    if Z.shape[-2:] != Y.shape[-2:]:
        raise InputError(
            f"predictions have the shape {Z.shape} and labels {Y.shape}: wanted one label for each prediction, "
            f"examples in columns; give Y the shape {Z.shape[-2:]}, for one row of labels Y.reshape(1, -1)"
        )


def weigh_losses(losses: Array, weights: Array | None) -> Array:
    """Each example's loss times its weight, (..., m).

    Raises:
        InputError: there is not one weight for each example.
    """
    if weights is None:
        return losses
    if weights.shape[-1:] != losses.shape[-1:] or weights.ndim > losses.ndim:
        raise InputError(
            f"weights have the shape {weights.shape} and losses {losses.shape}: wanted one weight for each example; "
            f"give them the shape {losses.shape[-1:]}"
        )
    return losses * weights


def weigh_gradient(dZ: Array, weights: Array | None) -> Array:
    """Each example's gradient times its weight, (..., n_y, m)."""
    return dZ if weights is None else dZ * weights[..., None, :]
