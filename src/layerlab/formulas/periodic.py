"""The periodic first layer: some inputs are also given to the network as waves, whose frequencies it learns.

An ordinary network learns slowly what depends on a number in many small ups and downs, because its first layer sees the
number itself only. Here every embedded number x_j also becomes F cosines, which a small matrix of its own mixes into a
few values H_j. The first layer reads X and H together:

    U_jk = f_jk x_j + c_jk              P = cos 2πU        Q = sin 2πU
    H_j  = V_j P_j + v_j                Z_1 = W_1 [X; H] + b_1

and backward, with dH the rows of W_1ᵀ dZ_1 that belong to H (the sums over the m examples are divided by m):

    dV_j = dH_j P_jᵀ        dv_j = Σ dH_j        dP_j = V_jᵀ dH_j        dU = −2π Q · dP
    df_jk = Σ dU_jk x_j     dc_jk = Σ dU_jk      dW_1 = dZ_1 [X; H]ᵀ     db_1 = Σ dZ_1

Source: the embedding "PBLD" (periodic, bias, linear, dense) of Holzmüller, Grinsztajn & Steinwart 2024, "Better by
default: strong pre-tuned MLPs and boosted trees on tabular data", after Gorishniy, Rubachev & Babenko 2022, "On
embeddings for numerical features in tabular deep learning". There f is drawn from a normal distribution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from layerlab.errors import InputError

from .arrays import Array, Gradients, Parameters
from .layers import bias_gradient, mean_of
from .network import FirstCurvature, FirstLayer, squared_norm
from .turns import TURN, cosine_and_sine_of_turns

LOWEST, HIGHEST = 0.05, 2.0
"""Frequencies at the start lie between these two, in periods per unit of x; their logarithms are uniform."""


@dataclass(frozen=True)
class Periodic:
    """Which inputs of a network are embedded by waves, and how.

    Args:
        inputs: rows of X, numbered from 0; each should be a number of spread about 1 (such as a standardised one).
        frequencies: F, the number of cosines of each of these inputs.
        outputs: how many values the F cosines of an input are mixed into.

    Raises:
        InputError: an input is no whole number of at least 0 or comes twice, there is none, or a size is not above 0.

    Example:
        >>> Periodic(inputs=[0, 3])
        Periodic(inputs=(0, 3), frequencies=16, outputs=3)
    """

    inputs: tuple[int, ...]
    frequencies: int = 16
    outputs: int = 3

    def __init__(self, inputs: Iterable[int], frequencies: int = 16, outputs: int = 3) -> None:
        rows = tuple(inputs) if isinstance(inputs, Iterable) else (inputs,)
        if not rows or len(set(rows)) < len(rows) or not all(_is_whole(row) and row >= 0 for row in rows):
            raise InputError(
                f"inputs={rows}: wanted rows of X, numbered from 0, each once and at least one, such as (0, 1, 4)"
            )
        for name, size in {"frequencies": frequencies, "outputs": outputs}.items():
            if not _is_whole(size) or size < 1:
                raise InputError(f"{name}={size!r}: wanted a whole number of at least 1")
        object.__setattr__(self, "inputs", tuple(int(row) for row in rows))
        object.__setattr__(self, "frequencies", int(frequencies))
        object.__setattr__(self, "outputs", int(outputs))

    @property
    def width(self) -> int:
        """How many values the first layer reads besides X: the rows of H."""
        return len(self.inputs) * self.outputs

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """The shapes of the embedding's own parameters: ``f1`` and ``c1`` (d, F), ``V1`` (d·outputs, F), ``v1``.

        d is the number of embedded inputs. V1 has their matrices V_j (outputs, F) one below the other.
        """
        each = (len(self.inputs), self.frequencies)
        return {"f1": each, "c1": each, "V1": (self.width, self.frequencies), "v1": (self.width, 1)}

    def drawn(self, uniform: Any) -> Parameters:
        """Draw the embedding's own initial parameters: f = e^u, u from log 0.05 to log 2; c ±½; V and v ±1/√F.

        Args:
            uniform: a function (low, high, size) that returns uniform random numbers, as NumPy's ``uniform`` does.
        """
        bound = 1.0 / math.sqrt(self.frequencies)
        ends = {"f1": (math.log(LOWEST), math.log(HIGHEST)), "c1": (-0.5, 0.5)}
        drawn = {name: uniform(*ends.get(name, (-bound, bound)), shape) for name, shape in self.shapes.items()}
        return {**drawn, "f1": np.exp(drawn["f1"])}


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


class PeriodicCache(NamedTuple):
    """What the periodic first layer keeps for its backward pass; d inputs are embedded.

    Attributes:
        X: (n_x, m), the inputs.
        x: (d, 1, m), the rows of X that are embedded.
        P, Q: (..., d, F, m), the cosines and sines of 2πU.
        H: (..., d·outputs, m), the mixed waves.
        f: (..., d, F), the frequencies.
        V: (..., d, outputs, F), one matrix for each embedded input.
        W: (..., n, n_x + d·outputs), the weights of [X; H].
    """

    X: Array
    x: Array
    P: Array
    Q: Array
    H: Array
    f: Array
    V: Array
    W: Array

    @property
    def A_prev(self) -> Array:
        """[X; H] (..., n_x + d·outputs, m): everything that the first layer multiplies by W."""
        xp = self.H.__array_namespace__()
        return xp.concat([xp.broadcast_to(self.X, (*self.H.shape[:-2], *self.X.shape[-2:])), self.H], axis=-2)

    @property
    def W_waves(self) -> Array:
        """The columns of W that belong to H."""
        return self.W[..., self.X.shape[-2] :]


class Moved(NamedTuple):
    """R{U}, R{P} and R{H}: how phases, cosines and mixed waves change along a direction (see ``curvature``)."""

    RU: Array
    RP: Array
    RH: Array


def periodic_layer(inputs: tuple[int, ...]) -> FirstLayer:
    """Return the first layer Z_1 = W_1 [X; H] + b_1 with waves of these rows of X.

    Its parameters are ``f1 c1 V1 v1`` (``Periodic.shapes``), ``W1`` (n, n_x + d·outputs) and ``b1``; an axis of models
    may stand in front. The L2 penalty is that of W1 and V1: frequencies, phases and biases have none.

    Args:
        inputs: the embedded rows of X.

    Example:
        >>> wave = {"f1": np.ones((1, 1)), "c1": np.zeros((1, 1)), "V1": np.ones((1, 1)), "v1": np.zeros((1, 1))}
        >>> parameters = {**wave, "W1": np.array([[0.0, 3.0]]), "b1": np.zeros((1, 1))}
        >>> Z, _ = periodic_layer((0,)).forward(np.array([[0.0, 0.25, 0.5]]), parameters)  # 3 cos 2πx
        >>> print(np.round(Z, 12) + 0.0)
        [[ 3.  0. -3.]]
    """
    return _layer(tuple(inputs))


@lru_cache(maxsize=64)
def _layer(inputs: tuple[int, ...]) -> FirstLayer:
    """Make the first layer of ``periodic_layer``, once for the same inputs."""

    def forward(X: Array, parameters: Parameters) -> tuple[Array, PeriodicCache]:
        W, b, V = parameters["W1"], parameters["b1"], _apart(parameters["V1"], len(inputs))
        n_x = X.shape[-2]
        _check_shapes(inputs, n_x, parameters)
        x = _picked(X, inputs)
        P, Q = cosine_and_sine_of_turns(_phase(x, parameters))
        H = _together(V @ P) + parameters["v1"]
        Z = W[..., :n_x] @ X + W[..., n_x:] @ H + b
        return Z, PeriodicCache(X, x, P, Q, H, parameters["f1"], V, W)

    def inputs_gradient(dZ: Array, cache: PeriodicCache) -> Array:
        """dX = W_1ᵀ dZ_1 by X itself, and in the embedded rows Σ_k f_jk dU_jk too."""
        n_x = cache.X.shape[-2]
        _, dU = _phase_gradient(dZ, cache)
        dX, by_waves = cache.W[..., :n_x].mT @ dZ, (cache.f[..., None, :] @ dU)[..., 0, :]
        rows, below = [], 0
        for j in sorted(inputs):
            wave = by_waves[..., inputs.index(j), :][..., None, :]
            rows += [dX[..., below:j, :], dX[..., j : j + 1, :] + wave]
            below = j + 1
        return dX.__array_namespace__().concat([*rows, dX[..., below:, :]], axis=-2)

    return FirstLayer(forward, _gradients, _squared_norm, inputs_gradient, FirstCurvature(_moved, _moved_gradients))


def _gradients(dZ: Array, cache: PeriodicCache) -> Gradients:
    """The formulas at the top of this file."""
    dH, dU = _phase_gradient(dZ, cache)
    dW = dZ.__array_namespace__().concat([dZ @ cache.X.mT, dZ @ cache.H.mT], axis=-1)
    return {
        "df1": mean_of((dU @ cache.x.mT)[..., 0], dZ),
        "dc1": bias_gradient(dU)[..., 0],
        "dV1": mean_of(_together(_apart(dH, cache.x.shape[-3]) @ cache.P.mT), dZ),
        "dv1": bias_gradient(dH),
        "dW1": mean_of(dW, dZ),
        "db1": bias_gradient(dZ),
    }


def _phase_gradient(dZ: Array, cache: PeriodicCache) -> tuple[Array, Array]:
    """dH, the rows of W_1ᵀ dZ_1 for H, (..., d·outputs, m); and dU = −2π Q · V_jᵀ dH_j, (..., d, F, m)."""
    dH = cache.W_waves.mT @ dZ
    return dH, -TURN * cache.Q * (cache.V.mT @ _apart(dH, cache.x.shape[-3]))


def _moved(cache: PeriodicCache, direction: Parameters) -> tuple[Array, Moved]:
    """R{Z_1} along a direction, which has a hat here, and what ``_moved_gradients`` needs besides.

    R{U} = f̂ x + ĉ        R{P} = −2π Q R{U}        R{H} = V R{P} + V̂ P + v̂
    R{Z_1} = Ŵ_1 [X; H] + b̂_1 + W_1 [0; R{H}]
    """
    n_x, W = cache.X.shape[-2], direction["W1"]
    RU = _phase(cache.x, direction)
    RP = -TURN * cache.Q * RU
    RH = _together(cache.V @ RP + _apart(direction["V1"], cache.x.shape[-3]) @ cache.P) + direction["v1"]
    RZ = W[..., :n_x] @ cache.X + W[..., n_x:] @ cache.H + cache.W_waves @ RH + direction["b1"]
    return RZ, Moved(RU, RP, RH)


def _moved_gradients(RdZ: Array, dZ: Array, cache: PeriodicCache, moved: Moved, direction: Parameters) -> Parameters:
    """The derivative of each line of ``_gradients`` along a direction; R{Q} = 2π P R{U} bends the waves."""
    xp, d = dZ.__array_namespace__(), cache.x.shape[-3]
    V, W = _apart(direction["V1"], d), direction["W1"][..., cache.X.shape[-2] :]
    dH, RdH = cache.W_waves.mT @ dZ, cache.W_waves.mT @ RdZ + W.mT @ dZ
    each, R_each = _apart(dH, d), _apart(RdH, d)
    RdP = cache.V.mT @ R_each + V.mT @ each
    RdU = -TURN * (cache.Q * RdP + TURN * cache.P * moved.RU * (cache.V.mT @ each))
    RdW = xp.concat([RdZ @ cache.X.mT, RdZ @ cache.H.mT + dZ @ moved.RH.mT], axis=-1)
    return {
        "f1": mean_of((RdU @ cache.x.mT)[..., 0], RdZ),
        "c1": bias_gradient(RdU)[..., 0],
        "V1": mean_of(_together(R_each @ cache.P.mT + each @ moved.RP.mT), RdZ),
        "v1": bias_gradient(RdH),
        "W1": mean_of(RdW, RdZ),
        "b1": bias_gradient(RdZ),
    }


def _squared_norm(_: Any, parameters: Parameters) -> Array:
    """The squares that the L2 penalty adds up, Σ W_1² + Σ V²; for each model, if there are several."""
    return squared_norm(parameters["W1"]) + squared_norm(parameters["V1"])


def _phase(x: Array, parameters: Parameters) -> Array:
    """U_jk = f_jk x_j + c_jk, (..., d, F, m), from x (d, 1, m)."""
    return parameters["f1"][..., None] * x + parameters["c1"][..., None]


def _picked(X: Array, inputs: tuple[int, ...]) -> Array:
    """The embedded rows of X (..., n_x, m), as (..., d, 1, m)."""
    starts = [k for k, row in enumerate(inputs) if k == 0 or row != inputs[k - 1] + 1]
    ends = [*starts[1:], len(inputs)]
    blocks = [X[..., inputs[start] : inputs[end - 1] + 1, :] for start, end in zip(starts, ends, strict=True)]
    rows = blocks[0] if len(blocks) == 1 else X.__array_namespace__().concat(blocks, axis=-2)
    return rows[..., None, :]


def _apart(rows: Array, d: int) -> Array:
    """(..., d·r, k) as (..., d, r, k): the r rows of each embedded input."""
    return rows.__array_namespace__().reshape(rows, (*rows.shape[:-2], d, rows.shape[-2] // d, rows.shape[-1]))


def _together(each: Array) -> Array:
    """(..., d, r, k) as (..., d·r, k): ``_apart`` reversed."""
    *others, d, r, k = each.shape
    return each.__array_namespace__().reshape(each, (*others, d * r, k))


def _check_shapes(inputs: tuple[int, ...], n_x: int, parameters: Parameters) -> None:
    """Raise InputError if an embedded row is not in X, or the columns of W1 are not the rows of X and those of V1."""
    if max(inputs) >= n_x:
        raise InputError(
            f"the embedding reads row {max(inputs)} of X, counted from 0, and X has {n_x} rows: wanted rows of X"
        )
    W, V = parameters["W1"], parameters["V1"]
    if W.shape[-1] != n_x + V.shape[-2]:
        raise InputError(
            f"W1 has the shape {W.shape}, X has {n_x} rows and V1 {V.shape[-2]}: wanted as many columns in W1 as rows "
            f"in X and V1 together"
        )
