"""Other coordinates for the parameters: the networks are the same, but training takes other steps.

    θ = f φ              f one number per parameter; the optimiser moves φ
    W_1 = V diag(g)      g one number per feature; V and g both move

With f = 1 / √n_prev for weights, the size of a layer's steps does not depend on its width (the neural tangent
parametrisation, Jacot, Gabriel & Hongler 2018). For Adam, which ignores the length of a gradient, f is a factor on the
learning rate. With the scales g a network can weigh its features before it mixes them (Holzmüller, Grinsztajn &
Steinwart 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .arrays import Array, Gradients, Parameters
from .layers import LinearCache, linear_forward, linear_gradients
from .network import FirstLayer, squared_norm

Factors = Mapping[str, Array | float]
"""A factor f for some of the parameters, by the parameter's name."""


def multiplied(parameters: Parameters, factors: Factors) -> Parameters:
    """θ = f φ for every parameter that has a factor.

    Example:
        >>> import numpy as np
        >>> multiplied({"W1": np.array([[6.0]]), "b1": np.array([[1.0]])}, {"W1": 0.5})
        {'W1': array([[3.]]), 'b1': array([[1.]])}
    """
    return {name: factors[name] * value if name in factors else value for name, value in parameters.items()}


def multiplied_gradients(gradients: Gradients, factors: Factors) -> Gradients:
    """Turn gradients with respect to θ into gradients with respect to φ: dφ = f dθ."""
    return multiplied(gradients, {f"d{name}": factor for name, factor in factors.items()})


def _forward(X: Array, parameters: Parameters) -> tuple[Array, Any]:
    V, g = parameters["W1"], parameters["g1"]
    Z, linear = linear_forward(X, V * g.mT, parameters["b1"])
    return Z, (linear, V, g)


def _gradients(dZ: Array, cache: tuple[LinearCache, Array, Array]) -> Gradients:
    """dV = dW diag(g)        dg_j = Σ_i V_ij dW_ij."""
    linear, V, g = cache
    dW, db = linear_gradients(dZ, linear)
    dg = dW.__array_namespace__().sum(V * dW, axis=-2, keepdims=True)
    return {"dW1": dW * g.mT, "dg1": dg.mT, "db1": db}


SCALED = FirstLayer(_forward, _gradients, lambda _, parameters: squared_norm(parameters["W1"]))
"""The first layer with a scale for each feature: Z_1 = V diag(g) X + b_1.

V (n, n_x) is called W1 and g (n_x, 1) is called g1; the L2 penalty falls on V.
"""


def without_scales(parameters: Parameters) -> Parameters:
    """The same network without g1: W1 becomes V diag(g)."""
    plain = {name: value for name, value in parameters.items() if name != "g1"}
    return {**plain, "W1": parameters["W1"] * parameters["g1"].mT}
