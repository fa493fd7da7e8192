"""What all losses share: the cost, which is their mean; example weights; and a check of shapes."""

from __future__ import annotations

from layerlab.errors import InputError

from .arrays import Array


def cost(losses: Array) -> Array:
    """The cost that training minimises: the mean of the examples' losses.

    Args:
        losses: (..., m), already multiplied by the examples' weights.

    Returns:
        (...): one number per model.
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
    """Multiply each example's loss by its weight, (..., m); 0 where the weight is 0, even if the loss overflows.

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
    return losses.__array_namespace__().where(weights > 0, losses, 0.0) * weights


def weigh_gradient(dZ: Array, weights: Array | None) -> Array:
    """Multiply each example's gradient by its weight, (..., n_y, m); 0 where the weight is 0, as for its loss."""
    if weights is None:
        return dZ
    weights = weights[..., None, :]
    return dZ.__array_namespace__().where(weights > 0, dZ, 0.0) * weights
