"""The first layer in the span of the examples: the same updates, at a cost that does not grow with the features.

Every gradient of W_1 is a weighted sum of examples, dW_1 = (dZ_1 / m) Xᵀ. So gradient descent, with momentum, L2 or
mini-batches too, always keeps W_1 in the form

    W_1 = s W_0 + C Xᵀ        s a number (1 without decay), C (n, m): one coefficient for each unit and example

and instead of the features the layer needs only two tables, computed once: G = Xᵀ X and W_0 X.

    Z_1 = C G + s (W_0 X) + b_1        dC = dZ_1 / m        ds = 0

G is neither inverted nor factorised, so duplicate examples and constant features are no special case. For which updates
this holds: Ng 2004, "Feature selection, L1 vs. L2 regularization, and rotational invariance". The form with one
coefficient per example is that of the representer theorem (Kimeldorf & Wahba 1971).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .arrays import Array, Gradients, Parameters
from .layers import bias_gradient, mean_of
from .network import FirstLayer


class Span(NamedTuple):
    """The two tables that the first layer needs in place of X, for the k examples of an update.

    Attributes:
        gram: (m, k), inner products of all m training examples with the k examples, Xᵀ X_k.
        start: (..., n, k), W_0 X_k.
        norm: (..., 1, 1), Σ W_0²; only the L2 penalty needs it.
        place: (m, k), a 1 where a training example is one of the k; None if the k are all m examples, in order.
    """

    gram: Array
    start: Array
    norm: Array
    place: Array | None = None


def _forward(X: Span, parameters: Parameters) -> tuple[Array, Any]:
    Z = parameters["C1"] @ X.gram + parameters["s1"] * X.start + parameters["b1"]
    return Z, (X.place, parameters["s1"])


def _gradients(dZ: Array, cache: Any) -> Gradients:
    place, s = cache
    dC = mean_of(dZ if place is None else dZ @ place.mT, dZ)
    return {"dC1": dC, "ds1": s.__array_namespace__().zeros_like(s), "db1": bias_gradient(dZ)}


def _squared_norm(X: Span, parameters: Parameters) -> Array:
    """Σ (s W_0 + C Xᵀ)² = s² Σ W_0² + 2 s Σ C · (W_0 X) + Σ C · (C G)."""
    C, s = parameters["C1"], parameters["s1"]
    xp = C.__array_namespace__()
    cross = xp.sum(C * (2.0 * s * X.start + C @ X.gram), axis=(-2, -1))
    return cross + (s * s * X.norm)[..., 0, 0]


SPAN = FirstLayer(_forward, _gradients, _squared_norm)
"""The first layer in the span of the examples: Z_1 = C G + s (W_0 X) + b_1."""
