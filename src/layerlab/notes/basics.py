"""Chapter 1, Python basics with NumPy: sigmoid, softmax, normalised rows, L1 and L2, loops against vectorised code.

The chapter is one of the notes of the Deep Learning Specialization's first course (weeks 2 to 4).
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from layerlab import formulas
from layerlab.formulas.arrays import Floats

from .core import floats

__all__ = [
    "L1",
    "L2",
    "basic_sigmoid",
    "image2vector",
    "normalize_rows",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "vectorization",
]


def basic_sigmoid(x: float) -> float:
    """The sigmoid σ(x) = 1 / (1 + e⁻ˣ) of one number.

    Example:
        >>> basic_sigmoid(0)
        0.5
    """
    return float(sigmoid(x))


def sigmoid(x: Any) -> Floats:
    """The sigmoid σ(x) = 1 / (1 + e⁻ˣ), element by element, without overflow.

    Args:
        x: a number, a list or an array of any shape.

    Returns:
        The same shape.

    Example:
        >>> sigmoid([-1000, 0, 1000])
        array([0. , 0.5, 1. ])
    """
    result: Floats = formulas.sigmoid(floats(x))
    return result


def sigmoid_derivative(x: Any) -> Floats:
    """Derivative of the sigmoid at x: σ′(x) = σ(x) (1 − σ(x)).

    Args:
        x: a number, a list or an array of any shape.

    Returns:
        The same shape.

    Example:
        >>> print(sigmoid_derivative(0))
        0.25
    """
    x = floats(x)
    result: Floats = formulas.sigmoid_slope(x, formulas.sigmoid(x))
    return result


def image2vector(image: Any) -> Floats:
    """Reshape one image (height, width, channels) into a column (height·width·channels, 1), row by row."""
    result: Floats = formulas.image2vector(floats(image))
    return result


def normalize_rows(x: Any) -> Floats:
    """Divide each row by its Euclidean length.

    The course notes say that ``x /= norms`` "does not support broadcasting". That is wrong: it broadcasts like
    ``x / norms``. It fails on an array of integers, because their type cannot hold the quotients. This function makes
    a new array.

    Args:
        x: (n, m).

    Returns:
        (n, m), rows of length 1; a row of zeros stays zero.

    Example:
        >>> normalize_rows([[0, 3, 4], [1, 6, 4]]).round(4)
        array([[0.    , 0.6   , 0.8   ],
               [0.1374, 0.8242, 0.5494]])
    """
    result: Floats = formulas.normalize_rows(floats(x))
    return result


def softmax(x: Any) -> Floats:
    """Softmax of each row: eˣ divided by the row's sum of eˣ.

    In the form of the course notes, eˣ overflows from about x = 710 on. Here each row's maximum is subtracted first,
    which does not change the result.

    Args:
        x: (n, m), or (m,) for one row.

    Returns:
        The same shape; each row sums to 1.

    Example:
        >>> softmax([[1000, 1000], [0, 0]])
        array([[0.5, 0.5],
               [0.5, 0.5]])
    """
    columns = floats(x)[..., None]  # each row of x becomes a column of logits
    result: Floats = formulas.softmax(columns)[..., 0]
    return result


def L1(yhat: Any, y: Any) -> Floats:
    """L1 loss: Σ |y − ŷ|, the Manhattan distance.

    Example:
        >>> print(L1([0.9, 0.2, 0.1, 0.4, 0.9], [1, 0, 0, 1, 1]))
        1.1
    """
    result: Floats = formulas.L1(floats(yhat), floats(y))
    return result


def L2(yhat: Any, y: Any) -> Floats:
    """L2 loss: Σ (y − ŷ)², the squared Euclidean distance (the course notes omit "squared", which is wrong).

    Example:
        >>> print(round(L2([0.9, 0.2, 0.1, 0.4, 0.9], [1, 0, 0, 1, 1]), 2))
        0.43
    """
    result: Floats = formulas.L2(floats(yhat), floats(y))
    return result


class Timing(NamedTuple):
    """The times of one computation, by a Python loop and by NumPy.

    Attributes:
        name: name of the computation.
        loop_seconds, vector_seconds: the shortest time of three runs each.
        difference: largest difference between the two results, relative to the largest entry.
    """

    name: str
    loop_seconds: float
    vector_seconds: float
    difference: float

    @property
    def speedup(self) -> float:
        """How many times faster the vectorised computation is."""
        return self.loop_seconds / self.vector_seconds


class Vectorization(tuple[Timing, ...]):
    """The times of several computations; ``print`` shows them as a table."""

    def __str__(self) -> str:
        lines = [f"{'':16}{'loop':>12}{'vectorised':>12}{'faster':>10}"]
        lines += [
            f"{t.name:16}{t.loop_seconds * 1e3:>9.3f} ms{t.vector_seconds * 1e3:>9.3f} ms{t.speedup:>8.0f} ×"
            for t in self
        ]
        return "\n".join(lines)


def vectorization(n: int = 1000, seed: int = 0) -> Vectorization:
    """Time four computations by Python loops and by NumPy.

    They are the dot product, outer product, element-wise product and matrix-vector product of random numbers. Both ways
    do the same multiplications; a loop is slower because Python handles each number as an object of its own.

    Args:
        n: length of the vectors; the matrix is (n, n).
        seed: seed of the random numbers.

    Returns:
        For each computation its name, the seconds of both ways, and the largest difference between the results.

    Example:
        >>> [timing.name for timing in vectorization(n=20)]
        ['dot', 'outer', 'element-wise', 'matrix-vector']
    """
    random = np.random.RandomState(seed)
    x, y, W = random.rand(n), random.rand(n), random.rand(n, n)
    a, b, rows = x.tolist(), y.tolist(), W.tolist()
    pairs = {
        "dot": (lambda: _loop_dot(a, b), lambda: np.dot(x, y)),
        "outer": (lambda: [[p * q for q in b] for p in a], lambda: np.outer(x, y)),
        "element-wise": (lambda: [p * q for p, q in zip(a, b, strict=True)], lambda: x * y),
        "matrix-vector": (lambda: [_loop_dot(row, a) for row in rows], lambda: W @ x),
    }
    return Vectorization(_timing(name, loop, vector) for name, (loop, vector) in pairs.items())


def _loop_dot(a: list[float], b: list[float]) -> float:
    total = 0.0
    for p, q in zip(a, b, strict=True):
        total += p * q
    return total


def _timing(name: str, loop: Any, vector: Any) -> Timing:
    (loop_seconds, looped), (vector_seconds, vectorised) = _best_of_three(loop), _best_of_three(vector)
    difference = np.abs(np.asarray(looped) - vectorised).max() / np.abs(vectorised).max()
    return Timing(name, loop_seconds, vector_seconds, float(difference))


def _best_of_three(function: Any) -> tuple[float, Any]:
    seconds, result = [], None
    for _ in range(3):
        start = perf_counter()
        result = function()
        seconds.append(perf_counter() - start)
    return max(min(seconds), 1e-9), result
