"""Curvature of the training cost: its Hessian times a direction V, without the Hessian itself (Pearlmutter 1994).

R{·} is the derivative of a value when the parameters move along V. It is computed like the values themselves, forward
and then backward through the network:

    R{Z_l} = W_l R{A_(l−1)} + V_l A_(l−1) + v_l        R{A_l} = g′(Z_l) R{Z_l}        R{A_0} = 0
    R{dZ_L} = (the loss's own Hessian) R{Z_L}
    R{dA_(l−1)} = W_lᵀ R{dZ_l} + V_lᵀ dZ_l             R{dZ_l} = g′(Z_l) R{dA_l} + g″(Z_l) R{Z_l} dA_l
    R{dW_l} = (R{dZ_l} A_(l−1)ᵀ + dZ_l R{A_(l−1)}ᵀ) / m        R{db_l} = Σ R{dZ_l} / m

V_l and v_l are the entries of the direction for W_l and b_l. The gradient's derivative along V is H V. It is exact: no
finite difference is taken. It needs no matrix of parameters × parameters, and takes about as long as two gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from layerlab.errors import InputError

from .activations import ACTIVATIONS
from .arrays import Array, Parameters
from .layers import LayerCache, activation_backward, bias_gradient, mean_of
from .losses import LOSSES
from .network import INPUTS, FirstLayer, network_forward
from .penalties import is_weight


class Place(NamedTuple):
    """A point in the space of parameters, with everything that Hessian products at this point need.

    Attributes:
        caches: the caches of ``network_forward`` at these parameters and the given X.
        dA, dZ: (..., n, m) for each layer, gradients of each example's loss; for the last layer dA is dZ.
        Y, weights, output: labels, weights of mean 1 or None, and the loss by its name.
        decay: λ / m of the L2 penalty, a number or (..., 1, 1).
        first: how the first layer is computed.
    """

    caches: tuple[LayerCache, ...]
    dA: tuple[Array, ...]
    dZ: tuple[Array, ...]
    Y: Array
    weights: Array | None
    output: str
    decay: Array | float
    first: FirstLayer = INPUTS


def place_at(  # noqa: PLR0913 - what a cost depends on
    X: Array,
    Y: Array,
    parameters: Parameters,
    hidden: Sequence[str],
    output: str,
    weights: Array | None = None,
    decay: Array | float = 0.0,
    units: Sequence[Array] | None = None,
    first: FirstLayer = INPUTS,
) -> Place:
    """Prepare Hessian products at some parameters: one forward and one backward pass, which all products share.

    Args:
        X: (n_x, m).
        Y: (n_y, m).
        parameters: ``W1 b1 … WL bL``.
        hidden: the hidden layers' activations by name.
        output: a name in ``LOSSES``.
        weights: (..., m), of mean 1, or None if all weigh the same.
        decay: λ / m of the L2 penalty.
        units, first: as for ``network_forward``.

    Raises:
        InputError: an activation, the loss or the first layer has no second derivative here.
    """
    _check_bends(hidden, output, first)
    Z, caches = network_forward(X, parameters, hidden, units, first)
    dA = [LOSSES[output].gradient(Z, Y, weights)]
    dZ = [dA[0]]
    for layer in range(len(caches) - 1, 0, -1):
        dA.insert(0, parameters[f"W{layer + 1}"].mT @ dZ[0])
        dZ.insert(0, activation_backward(dA[0], caches[layer - 1]))
    return Place(tuple(caches), tuple(dA), tuple(dZ), Y, weights, output, decay, first)


def hessian_product(place: Place, direction: Parameters) -> Parameters:
    """H V: the Hessian of the mean cost with its penalty, times a direction.

    At the kink of a relu or an absolute error there is no second derivative; the one just beside the kink is used.

    Args:
        place: the result of ``place_at``.
        direction: V, with the structure of the parameters.

    Returns:
        H V with the same structure; its unit is that of the cost per squared unit of the parameters, times that of V.

    Example:
        >>> import numpy as np
        >>> X, Y = np.array([[1.0, 3.0]]), np.array([[0.0, 1.0]])  # squared error of a line: the Hessian is X Xᵀ / m
        >>> line = {"W1": np.array([[0.5]]), "b1": np.array([[0.0]])}
        >>> hessian_product(place_at(X, Y, line, [], "identity"), {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])})
        {'W1': array([[5.]]), 'b1': array([[2.]])}
    """
    assert place.first.curvature is not None  # noqa: S101
    RA, RZ, moved = _forward(place, direction)
    product: Parameters = {}
    bend = LOSSES[place.output].bend
    assert bend is not None  # noqa: S101
    RdZ = bend(place.caches[-1].Z, place.Y, RZ[-1], place.weights)
    for layer in range(len(place.caches), 1, -1):
        cache, dZ, V = place.caches[layer - 1], place.dZ[layer - 1], direction[f"W{layer}"]
        total = RdZ @ cache.linear.A_prev.mT + dZ @ RA[layer - 2].mT
        product[f"W{layer}"], product[f"b{layer}"] = mean_of(total, RdZ), bias_gradient(RdZ)
        below = place.caches[layer - 2]
        RdA = cache.linear.W.mT @ RdZ + V.mT @ dZ
        RdZ = activation_backward(RdA, below) + _bent(place.dA[layer - 2], RZ[layer - 2], below)
    product |= place.first.curvature.gradients(RdZ, place.dZ[0], place.caches[0].linear, moved, direction)
    return {name: product[name] + (place.decay * V if is_weight(name) else 0.0) for name, V in direction.items()}


def _forward(place: Place, direction: Parameters) -> tuple[list[Array], list[Array], Any]:
    """R{A} of the hidden layers and R{Z} of all layers, from the first to the last; and what the first layer keeps."""
    assert place.first.curvature is not None  # noqa: S101
    first, *others = place.caches
    change, moved = place.first.curvature.forward(first.linear, direction)
    RZ = [change]
    RA = [activation_backward(change, first)]  # g′(Z) R{Z}: the same product as in the backward pass
    for layer, cache in enumerate(others, start=2):
        change = direction[f"W{layer}"] @ cache.linear.A_prev + direction[f"b{layer}"]
        RZ.append(change + cache.linear.W @ RA[-1])
        RA.append(activation_backward(RZ[-1], cache))
    return RA[:-1], RZ, moved


def _bent(dA: Array, RZ: Array, cache: LayerCache) -> Array:
    """g″(Z) R{Z} dA, with 0 in the rows that are padding."""
    bend = ACTIVATIONS[cache.activation].bend
    assert bend is not None  # noqa: S101
    values = bend(cache.Z, cache.A) * RZ * dA
    return values if cache.units is None else values.__array_namespace__().where(cache.units, values, 0.0)


def _check_bends(hidden: Sequence[str], output: str, first: FirstLayer) -> None:
    if first.curvature is None:
        raise InputError("this first layer has no second derivative here: wanted INPUTS, or a periodic first layer")
    for name in hidden:
        if ACTIVATIONS[name].bend is None:
            raise InputError(
                f"the activation {name!r} has no second derivative here: wanted one for the curvature of the cost; "
                f"give Activation a bend, the derivative of its slope by z"
            )
    if LOSSES[output].bend is None:
        raise InputError(
            f"the loss of {output!r} has no second derivative here: wanted one for the curvature of the cost; give "
            f"Loss a bend, the derivative of its gradient with respect to the logits"
        )
