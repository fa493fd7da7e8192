"""A network of L layers, forward and backward, and one step of gradient descent."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError
from .arrays import Array, Gradients, Parameters
from .layers import LayerCache, activation_backward, layer_forward, linear_backward, linear_gradients


def network_forward(X: Array, parameters: Parameters, hidden: Sequence[str]) -> tuple[Array, list[LayerCache]]:
    """Logits of an L-layer network.

        A_0 = X,   A_l = g_l(W_l A_(l−1) + b_l),   the last layer linear: Z_L

    Args:
        X: (n_x, m), examples in columns.
        parameters: ``W1 b1 … WL bL``.
        hidden: the L − 1 hidden layers' activations by name.

    Returns:
        Z_L of shape (..., n_y, m), and one cache a layer.

    Example:
        >>> import numpy as np
        >>> from layerlab.formulas import initialize_parameters
        >>> X = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
        >>> Z, caches = network_forward(X, initialize_parameters([2, 3, 1], seed=1), ["tanh"])
        >>> print(caches[0])
        A_prev (2, 3) → Z (3, 3) in [-2.302, 1.624] → tanh → A in [-0.9802, 0.9253], mean -0.2471, 0 % zero
    """
    A, caches = X, []
    for layer, activation in enumerate((*hidden, "identity"), start=1):
        A, cache = layer_forward(A, parameters[f"W{layer}"], parameters[f"b{layer}"], activation)
        caches.append(cache)
    return A, caches


def network_backward(dZ: Array, caches: Sequence[LayerCache]) -> Gradients:
    """Gradients of the mean cost by every parameter: ``network_forward`` reversed.

    Args:
        dZ: (..., n_y, m), gradient of each example's loss by the logits.
        caches: of ``network_forward``.

    Returns:
        ``dW1 db1 … dWL dbL``.
    """
    gradients: Gradients = {}
    for layer in range(len(caches), 1, -1):
        dA, dW, db = linear_backward(dZ, caches[layer - 1].linear)
        gradients[f"dW{layer}"], gradients[f"db{layer}"] = dW, db
        dZ = activation_backward(dA, caches[layer - 2])
    gradients["dW1"], gradients["db1"] = linear_gradients(dZ, caches[0].linear)
    return gradients


def gradient_descent(parameters: Parameters, gradients: Gradients, learning_rate: Array | float) -> Parameters:
    """One step down the slope: p ← p − α dp for every parameter; the arguments stay as they are.

    Args:
        parameters: ``W1 b1 … WL bL``.
        gradients: ``dW1 db1 … dWL dbL``.
        learning_rate: α, a number or (..., 1, 1) with one rate a model.

    Returns:
        The new parameters.

    Raises:
        InputError: a gradient has another shape than its parameter.

    Example:
        >>> import numpy as np
        >>> gradient_descent({"W1": np.array([[1.0]])}, {"dW1": np.array([[-2.0]])}, learning_rate=0.1)
        {'W1': array([[1.2]])}
    """
    for name, value in parameters.items():
        if value.shape != gradients[f"d{name}"].shape:
            raise InputError(
                f"{name} has the shape {value.shape} and d{name} {gradients[f'd{name}'].shape}: "
                f"wanted the same shape; a gradient is laid out like its parameter"
            )
    return {name: value - learning_rate * gradients[f"d{name}"] for name, value in parameters.items()}
