"""Into the span of the examples and back: the tables that ``formulas.span`` needs, and full weights from its result.

The tables are summed in float64, whatever the type of the training. They replace sums over features, tens of thousands
for photos, and an error in them would be repeated in every update.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats

BLOCK = 1 << 20
"""About this many numbers of X are converted to float64 at a time."""

MOST_COMPARED = 64
"""How many examples, evenly spaced, are used to compare the differences between examples with rounding errors."""

LOWEST_SHARE = 0.1
"""Where rounding would lose more than this share of the directions in which examples differ, full width is planned."""

COARSEST = 1e-4
"""A direction counts as kept where rounding is below this share of its eigenvalue. Measured on 50 features of 10
examples, with momentum 0.999 and 10,000 updates in float32. Below it, costs agreed with those at full width except for
tiny ones (7e-8 changed by a fifth). At 1e-3 they changed by a quarter; at 0.1 predictions became wrong."""

NOTHING = 1e-13
"""An eigenvalue below this share of the largest is 0 except for rounding: the examples do not differ that way."""


def products(A: Floats, B: Floats) -> Floats:
    """Return the product Aᵀ B in float64, summed over blocks of features, so that float32 data is not copied whole.

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
    """Return the product W X in float64, by blocks of features.

    Args:
        W: (n, p) weights.
        X: (p, m) examples.

    Returns:
        (n, m).
    """
    return products(W.T, X)


@np.errstate(all="ignore")  # squares that overflow show as a table that is not finite
def lost_differences(X: Floats) -> str:
    """Say why the span's table G = Xᵀ X would lose differences between examples, in the type of X.

    A product of two examples of squared length ℓ is rounded by up to ε ℓ/2. Where all examples have a large part in
    common, as with features around 1000, or one feature is far larger than the others, that may be more than they
    differ by. Updates would then follow rounding errors. So ε ℓ/2 is compared with the eigenvalues of the
    Gram matrix of the centred examples, which is computed from differences, in float64.

    Args:
        X: (p, m) training examples, in the type of the training.

    Returns:
        The reason, a sentence without a full stop; "" where rounding is far below the differences.
    """
    m = X.shape[1]
    some = np.linspace(0, m - 1, min(m, MOST_COMPARED)).astype(int)
    lengths, centred = np.zeros(len(some)), np.zeros((len(some), len(some)))
    for rows in _blocks(X.shape[0], len(some)):
        block = X[rows, some].astype(np.float64)
        lengths += (block * block).sum(axis=0)
        block -= block[:, :1]  # exact for numbers close to each other; what is left has a small mean
        block -= block.mean(axis=1, keepdims=True)
        centred += block.T @ block
    largest = float(lengths.max())
    if not np.isfinite(centred).all() or not np.isfinite(largest):
        return ""
    eigenvalues = np.linalg.eigvalsh(centred)
    eigenvalues = eigenvalues[eigenvalues > NOTHING * eigenvalues[-1]]
    rounding = float(np.finfo(X.dtype).eps) / 2 * largest
    if not eigenvalues.size or rounding <= COARSEST * (least := float(np.quantile(eigenvalues, LOWEST_SHARE))):
        return ""
    return (
        f"{X.dtype} would lose differences between examples: their products, up to {largest:.2g}, are rounded by up to "
        f"{rounding:.2g}, and the Gram matrix of the centred examples has eigenvalues down to {least:.2g}"
    )


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
    """Yield slices of the features, each with about ``BLOCK`` numbers of an array that has ``width`` columns."""
    size = max(1, BLOCK // width)
    for start in range(0, features, size):
        yield slice(start, start + size)
