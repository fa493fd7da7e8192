"""Attribution by gradients: which inputs caused a network's output (saliency, integrated gradients).

In training, the backward pass stops at the first layer's weights. Here it goes one step further, to X. It starts from a
chosen output instead of a cost, and there is no mean over examples: each column of X has its own gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .arrays import Array, Parameters
from .layers import activation_backward
from .network import INPUTS, FirstLayer, network_forward


class Contributions(NamedTuple):
    """How much each input contributes to a chosen output.

    Attributes:
        values: (n_x, m), the contributions.
        outputs: (m,) the chosen output at X.
        baseline_outputs: (m,) the same output at the baseline.
    """

    values: Array
    outputs: Array
    baseline_outputs: Array

    @property
    def remainder(self) -> Array:
        """The rest that the contributions do not explain: output − baseline output − Σ values, (m,)."""
        return self.outputs - self.baseline_outputs - self.values.__array_namespace__().sum(self.values, axis=-2)


def input_gradient(
    X: Array, parameters: Parameters, hidden: Sequence[str], chosen: Array, first: FirstLayer = INPUTS
) -> Array:
    """Gradient of Σ_k c_k z_k with respect to each example's own inputs, where z are the logits.

        dZ_L = c,   dA_(l−1) = W_lᵀ dZ_l,   dZ_l = dA_l · g′(Z_l),   dX = W_1ᵀ dZ_1

    An embedded input x_j acts in two ways, by itself and by its waves: dx_j = (W_1ᵀ dZ_1)_j + Σ_k f_jk dU_jk.
    Source: Simonyan, Vedaldi & Zisserman 2014, "Deep inside convolutional networks", section 3.

    Args:
        X: (n_x, m).
        parameters: ``W1 b1 … WL bL``.
        hidden: the hidden layers' activations by name.
        chosen: (n_y, m), c: a single 1 in each column for one logit.
        first: how the first layer is computed.

    Returns:
        (n_x, m), in logits per unit of X.

    Example:
        >>> import numpy as np
        >>> linear = {"W1": np.array([[2.0, -1.0]]), "b1": np.array([[0.5]])}
        >>> input_gradient(np.array([[3.0], [4.0]]), linear, [], np.array([[1.0]]))
        array([[ 2.],
               [-1.]])
    """
    assert first.inputs_gradient is not None  # noqa: S101
    Z1, cache = first.forward(X, parameters)
    return first.inputs_gradient(_first_gradient(Z1, parameters, hidden, chosen), cache)


Z1_GIVEN = FirstLayer(lambda Z, _: (Z, None), lambda *_: {}, lambda *_: 0.0)
"""The first layer for callers that have already computed Z_1 and pass it in place of X."""


def _first_gradient(Z1: Array, parameters: Parameters, hidden: Sequence[str], chosen: Array) -> Array:
    """Gradient of Σ_k c_k z_k with respect to Z_1, (n_1, m), from Z_1."""
    _, caches = network_forward(Z1, parameters, hidden, first=Z1_GIVEN)
    dZ = chosen
    for layer in range(len(caches), 1, -1):
        dZ = activation_backward(parameters[f"W{layer}"].mT @ dZ, caches[layer - 2])
    return dZ


def chosen_output(
    X: Array, parameters: Parameters, hidden: Sequence[str], chosen: Array, first: FirstLayer = INPUTS
) -> Array:
    """Σ_k c_k z_k of each example, (m,); arguments as for ``input_gradient``."""
    Z, _ = network_forward(X, parameters, hidden, first=first)
    return Z.__array_namespace__().sum(chosen * Z, axis=-2)


def gradient_times_input(
    X: Array,
    baseline: Array,
    parameters: Parameters,
    hidden: Sequence[str],
    chosen: Array,
    first: FirstLayer = INPUTS,
) -> Contributions:
    """(x − x′) ∂z/∂x: what each input would contribute if the network were linear, with the slopes that it has at x.

    Args:
        X, parameters, hidden, chosen, first: as for ``input_gradient``.
        baseline: (n_x, 1), x′.

    Returns:
        Values (n_x, m) in logits; their sum is z(x) − z(x′) only if the network is linear.
    """
    values = (X - baseline) * input_gradient(X, parameters, hidden, chosen, first)
    return _with_outputs(values, X, baseline, parameters, hidden, chosen, first)


def integrated_gradients(
    X: Array,
    baseline: Array,
    parameters: Parameters,
    hidden: Sequence[str],
    chosen: Array,
    steps: int = 64,
    first: FirstLayer = INPUTS,
) -> Contributions:
    """Integrated gradients: (x − x′) times the mean gradient on the straight line from x′ to x.

        (x − x′) · 1/n Σ_s ∂z/∂x at x′ + (s − ½)/n (x − x′),   s = 1 … n

    The sum over the inputs is z(x) − z(x′) (completeness), except for the error of the midpoint rule. Where the network
    is smooth, this error falls with 1/n². Source: Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep
    networks"; they use the right end of each step, where the error falls with 1/n.

    Args:
        X, parameters, hidden, chosen, first: as for ``input_gradient``.
        baseline: (n_x, 1), x′: the input that means "no information".
        steps: n, at least 1.

    Returns:
        Values (n_x, m) in logits.

    Example:
        >>> import numpy as np
        >>> linear = {"W1": np.array([[2.0, -1.0]]), "b1": np.array([[0.5]])}
        >>> some = integrated_gradients(np.array([[3.0], [4.0]]), np.zeros((2, 1)), linear, [], np.array([[1.0]]), 4)
        >>> print(some.values.ravel(), some.outputs, some.baseline_outputs)
        [ 6. -4.] [2.5] [0.5]
    """
    total: Array | float = 0.0
    if first is INPUTS:  # along a straight line in X, Z_1 follows a straight line too, and W_1 is the same everywhere
        start = first.forward(baseline, parameters)[0]
        way = first.forward(X, parameters)[0] - start
        for step in range(steps):
            total = total + _first_gradient(start + (step + 0.5) / steps * way, parameters, hidden, chosen)
        slope = parameters["W1"].mT @ (total / steps)
    else:
        for step in range(steps):
            at = baseline + (step + 0.5) / steps * (X - baseline)
            total = total + input_gradient(at, parameters, hidden, chosen, first)
        slope = total / steps
    return _with_outputs((X - baseline) * slope, X, baseline, parameters, hidden, chosen, first)


def _with_outputs(
    values: Array,
    X: Array,
    baseline: Array,
    parameters: Parameters,
    hidden: Sequence[str],
    chosen: Array,
    first: FirstLayer,
) -> Contributions:
    outputs = chosen_output(X, parameters, hidden, chosen, first)
    return Contributions(values, outputs, chosen_output(0.0 * X + baseline, parameters, hidden, chosen, first))
