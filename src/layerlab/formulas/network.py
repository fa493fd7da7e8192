"""A network of L layers, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from .arrays import Array, Gradients, Parameters
from .layers import (
    LayerCache,
    activation_backward,
    activation_forward,
    bias_gradient,
    linear_backward,
    linear_forward,
    linear_gradients,
    mean_of,
)


class FirstCurvature(NamedTuple):
    """How a first layer changes along a direction of its parameters; ``curvature`` says what R{·} is.

    Attributes:
        forward: computes R{Z_1}, and what ``gradients`` needs besides, from the cache and the direction.
        gradients: computes R{dW_1}, R{db_1} … by the parameters' names, from R{dZ_1}, dZ_1, the cache, what ``forward``
            returned besides, and the direction.
    """

    forward: Callable[[Any, Parameters], tuple[Array, Any]]
    gradients: Callable[[Array, Array, Any, Any, Parameters], Parameters]


class FirstLayer(NamedTuple):
    """A way to compute Z_1 of the first layer: from X itself, with waves of it, in the span, or from sparse X.

    The layers above work the same with each of them, because they only use Z_1.

    Attributes:
        forward: computes Z_1 and a cache from X and the parameters.
        gradients: computes the gradients with respect to the layer's own parameters, from dZ_1 and the cache.
        squared_norm: computes Σ W_1², with all weights that the L2 penalty falls on, from X and the parameters.
        inputs_gradient: computes dX from dZ_1 and the cache; None where nothing needs it.
        curvature: the layer's second derivative; None where nothing needs it.
    """

    forward: Callable[[Any, Parameters], tuple[Array, Any]]
    gradients: Callable[[Array, Any], Gradients]
    squared_norm: Callable[[Any, Parameters], Array]
    inputs_gradient: Callable[[Array, Any], Array] | None = None
    curvature: FirstCurvature | None = None


def _inputs_forward(X: Array, parameters: Parameters) -> tuple[Array, Any]:
    return linear_forward(X, parameters["W1"], parameters["b1"])


def _inputs_gradients(dZ: Array, cache: Any) -> Gradients:
    dW, db = linear_gradients(dZ, cache)
    return {"dW1": dW, "db1": db}


def squared_norm(W: Array) -> Array:
    """Σ W² of each model's matrix, (..., n, n_prev) to (...)."""
    return W.__array_namespace__().sum(W * W, axis=(-2, -1))


def _moved(cache: Any, direction: Parameters) -> tuple[Array, None]:
    return direction["W1"] @ cache.A_prev + direction["b1"], None


def _moved_gradients(RdZ: Array, _dZ: Array, cache: Any, _: None, _direction: Parameters) -> Parameters:
    return {"W1": mean_of(RdZ @ cache.A_prev.mT, RdZ), "b1": bias_gradient(RdZ)}


INPUTS = FirstLayer(
    _inputs_forward,
    _inputs_gradients,
    lambda _, parameters: squared_norm(parameters["W1"]),
    lambda dZ, cache: cache.W.mT @ dZ,
    FirstCurvature(_moved, _moved_gradients),
)
"""The usual first layer: Z_1 = W_1 X + b_1 from X itself."""


def n_layers(parameters: Parameters) -> int:
    """Return the number of layers that have these parameters: each has one b."""
    return sum(name[0] == "b" for name in parameters)


def network_forward(
    X: Any,
    parameters: Parameters,
    hidden: Sequence[str],
    units: Sequence[Array] | None = None,
    first: FirstLayer = INPUTS,
    kept: Sequence[Array] | None = None,
) -> tuple[Array, list[LayerCache]]:
    """Logits of an L-layer network.

        A_0 = X,   A_l = g_l(W_l A_(l−1) + b_l),   the last layer linear: Z_L

    Args:
        X: (n_x, m), examples in columns, or what ``first`` takes in its place.
        parameters: ``W1 b1 … WL bL``.
        hidden: the L − 1 hidden layers' activations by name.
        units: for models padded to the same width: (..., n, 1) for each hidden layer, false where a row is padding.
        first: how the first layer is computed.
        kept: dropout's factors for each hidden layer, (..., n, m), or None.

    Returns:
        Z_L of shape (..., n_y, m), and one cache per layer.

    Example:
        >>> import numpy as np
        >>> from layerlab.formulas import initialize_parameters
        >>> X = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
        >>> Z, caches = network_forward(X, initialize_parameters([2, 3, 1], seed=1), ["tanh"])
        >>> print(caches[0])
        A_prev (2, 3) → Z (3, 3) in [-2.302, 1.624] → tanh → A in [-0.9802, 0.9253], mean -0.2471, 0 % zero
    """
    Z, linear = first.forward(X, parameters)
    caches = []
    for layer, activation in enumerate(hidden, start=1):
        own, stays = (each[layer - 1] if each else None for each in (units, kept))
        A, cache = activation_forward(Z, linear, activation, own, stays)
        caches.append(cache)
        Z, linear = linear_forward(A, parameters[f"W{layer + 1}"], parameters[f"b{layer + 1}"])
    return Z, [*caches, LayerCache(linear, Z, Z, "identity")]


class LayerGradients(NamedTuple):
    """What the backward pass computes at one layer.

    Attributes:
        layer: the layer's number, from 1.
        dA: (..., n, m), gradient of each example's loss with respect to the layer's A; None for the output layer, where
            the pass begins at dZ.
        dZ: (..., n, m), gradient of each example's loss with respect to Z.
        gradients: gradients of the mean cost with respect to the layer's own parameters, such as ``dW2`` and ``db2``.
    """

    layer: int
    dA: Array | None
    dZ: Array
    gradients: Gradients


def backward_steps(dZ: Array, caches: Sequence[LayerCache], first: FirstLayer = INPUTS) -> Iterator[LayerGradients]:
    """The backward pass layer by layer, from the last one down to the first: ``network_forward`` reversed.

        dW_l = dZ_l A_(l−1)ᵀ / m        dA_(l−1) = W_lᵀ dZ_l        dZ_(l−1) = dA_(l−1) · g′(Z_(l−1))

    Args:
        dZ: (..., n_y, m), gradient of each example's loss with respect to the logits.
        caches: the caches of ``network_forward``.
        first: as for ``network_forward``.

    Returns:
        One ``LayerGradients`` per layer, each computed when it is asked for.

    Example:
        >>> import numpy as np
        >>> parameters = {"W1": np.eye(2), "b1": np.zeros((2, 1)), "W2": np.array([[2.0, 3.0]]), "b2": np.zeros((1, 1))}
        >>> Z, caches = network_forward(np.array([[1.0], [-1.0]]), parameters, ["relu"])
        >>> for step in backward_steps(np.array([[0.5]]), caches):
        ...     print(step.layer, step.dZ.ravel(), step.gradients[f"dW{step.layer}"].tolist())
        2 [0.5] [[0.5, 0.0]]
        1 [1. 0.] [[1.0, -1.0], [0.0, 0.0]]
    """
    dA = None
    for layer in range(len(caches), 1, -1):
        dA_prev, dW, db = linear_backward(dZ, caches[layer - 1].linear)
        yield LayerGradients(layer, dA, dZ, {f"dW{layer}": dW, f"db{layer}": db})
        dA = dA_prev
        dZ = activation_backward(dA, caches[layer - 2])
    yield LayerGradients(1, dA, dZ, first.gradients(dZ, caches[0].linear))


def network_backward(dZ: Array, caches: Sequence[LayerCache], first: FirstLayer = INPUTS) -> Gradients:
    """Gradients of the mean cost with respect to every parameter: all of ``backward_steps`` in one dictionary.

    Args:
        dZ, caches, first: as for ``backward_steps``.

    Returns:
        ``dW1 db1 … dWL dbL``.
    """
    each = map(attrgetter("gradients"), backward_steps(dZ, caches, first))  # a layer's dA and dZ are freed at once
    return {name: value for own in each for name, value in own.items()}
