"""L2: a price for large weights, none for biases.

    penalty = λ/2 Σ W² / m        its gradient by W: λ W / m

m is the number of examples whose mean loss it joins. Others leave out the ½ or the 1/m, or charge biases too: PyTorch's
``weight_decay`` adds λ p to every gradient; scikit-learn's ``alpha`` is this λ.
"""

from __future__ import annotations

from typing import Any

from .arrays import Array, Gradients, Parameters
from .network import INPUTS, FirstLayer, squared_norm


def l2_penalty(
    X: Any, parameters: Parameters, l2: Array | float, m: Array | float, first: FirstLayer = INPUTS
) -> Array:
    """λ/2 Σ W² / m over all layers.

    Args:
        X: the inputs of all training examples, which ``first`` may need.
        parameters: ``W1 b1 … WL bL``, the first layer's as ``first`` has them.
        l2: λ, a number or (..., 1, 1) with one a model.
        m: number of examples, or (..., 1, 1) with one a model.
        first: how the first layer is computed.

    Returns:
        (...): one number a model; 0 where λ is 0, also where Σ W² overflows.
    """
    total = first.squared_norm(X, parameters)
    for layer in range(2, _layers(parameters) + 1):
        total = total + squared_norm(parameters[f"W{layer}"])
    xp, price = total.__array_namespace__(), _number(l2)
    # Chosen, not multiplied by 0: 0 · ∞ is not a number, and a model without a penalty may stand beside one with it.
    return 0.5 * price * xp.where(xp.asarray(price > 0), total, 0.0) / _number(m)


def l2_gradients(parameters: Parameters, gradients: Gradients, l2: Array | float, m: Array | float) -> Gradients:
    """The gradients with λ W / m added for every weight; in the span of the examples for its C and s.

    Args:
        parameters, gradients: of the same structure.
        l2, m: as for ``l2_penalty``.
    """
    return {
        f"d{name}": gradients[f"d{name}"] + (l2 * value / m if is_weight(name) else 0.0)
        for name, value in parameters.items()
    }


def is_weight(name: str) -> bool:
    """Whether decay applies to a parameter: to weights (and the first layer's C and s), not to biases and scales."""
    return name[0] not in "bg"


def _layers(parameters: Parameters) -> int:
    """Number of layers: each has one b."""
    return sum(name[0] == "b" for name in parameters)


def _number(value: Array | float) -> Array | float:
    """A hyperparameter of shape (..., 1, 1) as (...); a number stays one."""
    return value if isinstance(value, float | int) or value.ndim == 0 else value[..., 0, 0]
