"""The L2 penalty: it makes large weights cost something, but not biases.

    penalty = λ/(2m) Σ W²        its gradient with respect to W: λ W / m

m is the number of examples over which the mean loss is taken. Other libraries leave out the ½ or the 1/m, or include
biases: PyTorch's ``weight_decay`` adds λ p to every gradient; scikit-learn's ``alpha`` is this λ.
"""

from __future__ import annotations

from typing import Any

from .arrays import Array, Gradients, Parameters
from .network import INPUTS, FirstLayer, n_layers, squared_norm


def l2_penalty(
    X: Any, parameters: Parameters, l2: Array | float, m: Array | float, first: FirstLayer = INPUTS
) -> Array:
    """λ/(2m) Σ W² over all layers; a periodic first layer adds Σ V².

    Args:
        X: the inputs of all training examples, which ``first`` may need.
        parameters: ``W1 b1 … WL bL``, the first layer's as ``first`` has them.
        l2: λ, a number or (..., 1, 1) with one per model.
        m: number of examples, or (..., 1, 1) with one per model.
        first: how the first layer is computed.

    Returns:
        (...): one number per model; 0 where λ is 0, even if Σ W² overflows.
    """
    total = first.squared_norm(X, parameters)
    for layer in range(2, n_layers(parameters) + 1):
        total = total + squared_norm(parameters[f"W{layer}"])
    xp, price = total.__array_namespace__(), _number(l2)
    # This is a choice, not a product with 0: 0 · ∞ is not a number, and models with and without a penalty may be mixed.
    return 0.5 * price * xp.where(xp.asarray(price > 0), total, 0.0) / _number(m)


def l2_gradients(parameters: Parameters, gradients: Gradients, l2: Array | float, m: Array | float) -> Gradients:
    """Add λ W / m to the gradient of every weight; in the span of the examples, to those of C and s.

    Args:
        parameters, gradients: these have the same structure.
        l2, m: as for ``l2_penalty``.
    """
    return {
        f"d{name}": gradients[f"d{name}"] + (l2 * value / m if is_weight(name) else 0.0)
        for name, value in parameters.items()
    }


def is_weight(name: str) -> bool:
    """Whether decay applies to a parameter.

    It applies to weights: W, the periodic first layer's V, and C and s in the span of the examples. It does not apply
    to biases b and v, scales g, frequencies f and phases c.
    """
    return name[0] in "WVCs"


def _number(value: Array | float) -> Array | float:
    """A hyperparameter of shape (..., 1, 1) as (...); a number stays one."""
    return value if isinstance(value, float | int) or value.ndim == 0 else value[..., 0, 0]
