"""Optimisers: each is a pair of pure functions, ``start(parameters)`` → state, ``update(…)`` → parameters and state.

The state has the parameters' own structure. p is a parameter, dp the gradient of the cost with respect to it, and α the
learning rate. Every hyperparameter is a number, or (..., 1, 1) with one per model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from layerlab.errors import InputError

from .arrays import Array, Gradients, Parameters, PerModel
from .penalties import is_weight


def gradient_descent(parameters: Parameters, gradients: Gradients, learning_rate: PerModel) -> Parameters:
    """Make one step down the slope: p ← p − α dp for every parameter. The arguments are not changed.

    Args:
        parameters: ``W1 b1 … WL bL``.
        gradients: ``dW1 db1 … dWL dbL``.
        learning_rate: α.

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


class Velocity(NamedTuple):
    """State of ``momentum`` and ``nesterov``: v, with the parameters' structure."""

    v: Parameters


def momentum(
    parameters: Parameters, gradients: Gradients, state: Velocity, *, learning_rate: PerModel, momentum: PerModel
) -> tuple[Parameters, Velocity]:
    """Momentum, or heavy ball (Polyak 1964, in the form of Sutskever et al. 2013).

        v ← μ v − α dp        p ← p + v

    PyTorch keeps v without α (v ← μ v + dp, p ← p − α v), which is the same while α is constant.
    """
    v = {name: momentum * state.v[name] - learning_rate * gradients[f"d{name}"] for name in parameters}
    return {name: value + v[name] for name, value in parameters.items()}, Velocity(v)


def nesterov(
    parameters: Parameters, gradients: Gradients, state: Velocity, *, learning_rate: PerModel, momentum: PerModel
) -> tuple[Parameters, Velocity]:
    """Nesterov's accelerated gradient (1983); p is the point that lies one step ahead (Bengio et al. 2013).

    v ← μ v − α dp        p ← p + μ v − α dp
    """
    v = {name: momentum * state.v[name] - learning_rate * gradients[f"d{name}"] for name in parameters}
    stepped = {name: p + momentum * v[name] - learning_rate * gradients[f"d{name}"] for name, p in parameters.items()}
    return stepped, Velocity(v)


class SquaredMean(NamedTuple):
    """State of ``rmsprop``: r, the running mean of squared gradients."""

    r: Parameters


def rmsprop(
    parameters: Parameters,
    gradients: Gradients,
    state: SquaredMean,
    *,
    learning_rate: PerModel,
    beta2: PerModel,
    epsilon: PerModel,
) -> tuple[Parameters, SquaredMean]:
    """RMSprop (Tieleman & Hinton 2012, lecture 6e).

        r ← β₂ r + (1 − β₂) dp²        p ← p − α dp / (√r + ε)

    Keras puts ε under the root.
    """
    r = {name: _moving(state.r[name], gradients[f"d{name}"] ** 2, beta2) for name in parameters}
    return {
        name: p - learning_rate * gradients[f"d{name}"] / (_sqrt(r[name]) + epsilon) for name, p in parameters.items()
    }, SquaredMean(r)


class Moments(NamedTuple):
    """State of Adam in its three forms: number of updates, running means of the gradients and of their squares."""

    step: Array
    m: Parameters
    v: Parameters


def adam(
    parameters: Parameters,
    gradients: Gradients,
    state: Moments,
    *,
    learning_rate: PerModel,
    beta1: PerModel,
    beta2: PerModel,
    epsilon: PerModel,
) -> tuple[Parameters, Moments]:
    """Adam (Kingma & Ba 2015, algorithm 1); t counts the updates from 1.

        m ← β₁ m + (1 − β₁) dp        v ← β₂ v + (1 − β₂) dp²
        p ← p − α (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)

    ``adam_hat`` adds ε to √v before the correction.
    """
    steps, state = _adam_steps(parameters, gradients, state, beta1, beta2, epsilon)
    return {name: p - learning_rate * steps[name] for name, p in parameters.items()}, state


def adam_hat(
    parameters: Parameters,
    gradients: Gradients,
    state: Moments,
    *,
    learning_rate: PerModel,
    beta1: PerModel,
    beta2: PerModel,
    epsilon: PerModel,
) -> tuple[Parameters, Moments]:
    """Adam with ε̂ added to the uncorrected √v (Kingma & Ba 2015, end of section 2), as scikit-learn computes it.

        α_t = α √(1 − β₂ᵗ) / (1 − β₁ᵗ)        p ← p − α_t m / (√v + ε̂)

    This is ``adam`` with ε = ε̂ / √(1 − β₂ᵗ), which is larger in the first updates.
    """
    state, bias1, bias2 = _advanced(parameters, gradients, state, beta1, beta2)
    rate = learning_rate * _sqrt(bias2) / bias1
    return {name: p - rate * state.m[name] / (_sqrt(state.v[name]) + epsilon) for name, p in parameters.items()}, state


def adamw(
    parameters: Parameters,
    gradients: Gradients,
    state: Moments,
    *,
    learning_rate: PerModel,
    beta1: PerModel,
    beta2: PerModel,
    epsilon: PerModel,
    weight_decay: PerModel,
) -> tuple[Parameters, Moments]:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2).

        p ← p − α (Adam's step + δ p)        δ for weights; biases do not decay

    In the paper δ p is not multiplied by α; in PyTorch and Keras it is, as here, but there biases decay too.
    """
    steps, state = _adam_steps(parameters, gradients, state, beta1, beta2, epsilon)
    return {
        name: p - learning_rate * (steps[name] + (weight_decay * p if is_weight(name) else 0.0))
        for name, p in parameters.items()
    }, state


def _adam_steps(
    parameters: Parameters, gradients: Gradients, state: Moments, beta1: PerModel, beta2: PerModel, epsilon: PerModel
) -> tuple[Parameters, Moments]:
    """Adam's steps before the learning rate, and the new state."""
    state, bias1, bias2 = _advanced(parameters, gradients, state, beta1, beta2)
    steps = {name: (state.m[name] / bias1) / (_sqrt(state.v[name] / bias2) + epsilon) for name in parameters}
    return steps, state


def _advanced(
    parameters: Parameters, gradients: Gradients, state: Moments, beta1: PerModel, beta2: PerModel
) -> tuple[Moments, Array, Array]:
    """The state with one more gradient in it, and the corrections 1 − β₁ᵗ and 1 − β₂ᵗ."""
    step = state.step + 1
    m = {name: _moving(state.m[name], gradients[f"d{name}"], beta1) for name in parameters}
    v = {name: _moving(state.v[name], gradients[f"d{name}"] ** 2, beta2) for name in parameters}
    return Moments(step, m, v), *corrections(step, beta1, beta2)


def corrections(step: Array, beta1: PerModel, beta2: PerModel) -> tuple[Array, Array]:
    """By what Adam divides its running means, which begin at 0: 1 − β₁ᵗ for m and 1 − β₂ᵗ for v.

    Args:
        step: (..., 1, 1), t, the number of updates including this one.
        beta1, beta2: β₁ and β₂.

    Returns:
        Two of the shape of ``step``.
    """
    return 1.0 - beta1**step, 1.0 - beta2**step


def _moving(mean: Array, value: Array, beta: PerModel) -> Array:
    """The running mean with one more value in it: β mean + (1 − β) value."""
    return beta * mean + (1.0 - beta) * value


def _sqrt(x: Array) -> Array:
    """Square root in the namespace of x."""
    return x.__array_namespace__().sqrt(x)


def _zeros(parameters: Parameters) -> Parameters:
    """Zeros with the parameters' structure."""
    return {name: value.__array_namespace__().zeros_like(value) for name, value in parameters.items()}


def _no_moments(parameters: Parameters) -> Moments:
    """Adam's state before the first update."""
    zeros = _zeros(parameters)
    return Moments(next(iter(zeros.values()))[..., :1, :1], zeros, zeros)  # the number of updates is (..., 1, 1)


class Optimizer(NamedTuple):
    """An optimiser: a pair of pure functions, and what is needed to use it.

    Attributes:
        start: state before the first update, from the parameters.
        update: (parameters, gradients, state, *, learning_rate, …) → parameters and state.
        defaults: its own hyperparameters and their usual values.
        commutes: whether rotated features give the same training, only rotated; then ``formulas.span`` can be used.
        title: its name in a sentence.
    """

    start: Callable[[Parameters], Any]
    update: Callable[..., tuple[Parameters, Any]]
    defaults: dict[str, float]
    commutes: bool
    title: str


def _descend(
    parameters: Parameters, gradients: Gradients, state: tuple[()], *, learning_rate: PerModel
) -> tuple[Parameters, tuple[()]]:
    return gradient_descent(parameters, gradients, learning_rate), state


_ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

OPTIMIZERS = {
    "gd": Optimizer(lambda _: (), _descend, {}, True, "gradient descent"),
    "momentum": Optimizer(lambda p: Velocity(_zeros(p)), momentum, {"momentum": 0.9}, True, "momentum"),
    "nesterov": Optimizer(lambda p: Velocity(_zeros(p)), nesterov, {"momentum": 0.9}, True, "Nesterov's method"),
    "rmsprop": Optimizer(lambda p: SquaredMean(_zeros(p)), rmsprop, {"beta2": 0.9, "epsilon": 1e-8}, False, "RMSprop"),
    "adam": Optimizer(_no_moments, adam, _ADAM, False, "Adam"),
    "adam_hat": Optimizer(_no_moments, adam_hat, _ADAM, False, "Adam with ε̂"),
    "adamw": Optimizer(_no_moments, adamw, {**_ADAM, "weight_decay": 0.01}, False, "AdamW"),
}
"""Every optimiser that is a pure function of arrays, by its name. (SciPy's L-BFGS is none.)"""
