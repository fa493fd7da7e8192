"""What all losses share: the cost as their mean, example weights, and the check of shapes."""

from __future__ import annotations

from layerlab.errors import InputError

from .arrays import Array


def cost(losses: Array) -> Array:
    """The cost that training minimises: the mean of the examples' losses.

    Args:
        losses: (..., m), already multiplied by the examples' weights.

    Returns:
        (...): one number a model.
    """
    return losses.__array_namespace__().mean(losses, axis=-1)


def check_shapes(Z: Array, Y: Array) -> None:
    """Check that there is one label for each prediction: broadcasting would pair every label with every prediction.

    Raises:
        InputError: the last two axes of Z and Y differ.
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
