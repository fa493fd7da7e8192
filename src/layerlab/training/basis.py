"""Into the span of the examples and back: the tables that ``formulas.span`` needs, and full weights from its result.

The tables are summed in float64 whatever the type of the training: they replace sums over features, tens of thousands
for photos, and an error in them would be in every update.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats

BLOCK = 1 << 20
"""About this many numbers of X are converted to float64 at a time."""


def products(A: Floats, B: Floats) -> Floats:
    """The product Aᵀ B in float64, summed over blocks of features, so that float32 data is not copied whole.

    Args:
        A: (p, m).
        B: (p, k).

    Returns:
        (m, k); symmetric to the last bit where B is A.
    """
    total = np.zeros((A.shape[1], B.shape[1]))
    for rows in _blocks(A.shape[0], max(A.shape[1], B.shape[1])):
        block = A[rows].astype(np.float64, copy=False)
        total += block.T @ (block if B is A else B[rows].astype(np.float64, copy=False))
    return total


def projected(W: Floats, X: Floats) -> Floats:
    """The product W X in float64, by blocks of features.

    Args:
        W: (n, p) weights.
        X: (p, m) examples.

    Returns:
        (n, m).
    """
    return products(W.T, X)


def into_span(parameters: Parameters, m: int) -> Parameters:
    """Replace W1 by its coordinates at the start, C1 = 0 (n, m) and s1 = 1: W1 = 1 · W_0 + 0 · Xᵀ."""
    W1 = parameters["W1"]
    coordinates = {"C1": np.zeros((W1.shape[0], m), W1.dtype), "s1": np.ones((1, 1), W1.dtype)}
    return coordinates | {name: value for name, value in parameters.items() if name != "W1"}


def out_of_span(coordinates: Parameters, W0: Floats, X: Floats) -> Parameters:
    """Replace the coordinates C1 and s1 by W1 = s W_0 + C Xᵀ; W_0 is not changed.

    Args:
        coordinates: C1 (n, m), s1 (1, 1), b1, W2, …
        W0: (n, p), the weights from which the coordinates started.
        X: (p, m), the training examples.
    """
    C, s = coordinates["C1"], coordinates["s1"]
    W1 = C @ X.T
    W1 += W0 if s[0, 0] == 1 else s * W0  # s is exactly 1 without decay: no array of the size of W1 is made
    others = {name: value for name, value in coordinates.items() if name not in ("C1", "s1")}
    return {"W1": W1, **others}


def _blocks(features: int, width: int) -> Iterator[slice]:
    """Slices of the features, each with about ``BLOCK`` numbers of an array that has ``width`` columns."""
    size = max(1, BLOCK // width)
    for start in range(0, features, size):
        yield slice(start, start + size)
