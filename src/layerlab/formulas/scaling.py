"""Two ways to scale features so that outliers do little harm: by median and quartiles, and by ranks.

    robust      z = (x − median) / scale        out = z / √(1 + (z / 3)²)
    quantile    out = Φ⁻¹(rank of x)            between −3 and 3, linear between the ranked values

The robust way is that of RealMLP (Holzmüller, Grinsztajn & Steinwart, "Better by default", NeurIPS 2024). Its shape is
that of the data; only far values are drawn in. The quantile way gives every feature the shape of the normal
distribution: its results are the normal scores of statistics (van der Waerden 1952).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

from .arrays import Array

CLIP_AT = 3.0
"""Every scaled value lies between −3 and 3."""


def quantiles(X: Array, levels: Sequence[float]) -> tuple[Array, ...]:
    """Quantiles of each row, with linear interpolation between neighbours, like NumPy's default.

    Args:
        X: (..., n, m), m at least 1.
        levels: shares from 0 to 1.

    Returns:
        For each level (..., n, 1).

    Example:
        >>> import numpy as np
        >>> quantiles(np.array([[4.0, 1.0, 2.0]]), [0.5, 0.75])
        (array([[2.]]), array([[3.]]))
    """
    xp = X.__array_namespace__()
    ordered, last = xp.sort(X, axis=-1), X.shape[-1] - 1
    found = []
    for level in levels:
        place = int(level * last)
        low, high = ordered[..., place : place + 1], ordered[..., min(place + 1, last) :][..., :1]
        found.append(low + (high - low) * (level * last - place))
    return tuple(found)


def robust_scale(X: Array) -> tuple[Array, Array]:
    """Median and scale of each row.

    The scale is the interquartile range. Where that is 0, it is half the range; where this is 0 too, it is infinity, so
    that a constant feature becomes 0. scikit-learn's ``RobustScaler`` uses 1 in both cases.

    Args:
        X: (..., n, m), m at least 1.

    Returns:
        Two arrays of (..., n, 1).

    Example:
        >>> import numpy as np
        >>> robust_scale(np.array([[0.0, 1.0, 2.0, 3.0, 1000.0]]))
        (array([[2.]]), array([[2.]]))
    """
    xp = X.__array_namespace__()
    least, low, middle, high, most = quantiles(X, (0.0, 0.25, 0.5, 0.75, 1.0))
    spread = xp.where(high > low, high - low, 0.5 * (most - least))
    return middle, xp.where(spread > 0, spread, xp.full_like(spread, xp.inf))


def smooth_clip(Z: Array) -> Array:
    """z / √(1 + (z / 3)²): close to z where z is small, and always between −3 and 3, even for infinite values.

    A square root takes two thirds of the time of ``hypot``. Values whose square would overflow are limited first, which
    does not change their result, ±3.

    Args:
        Z: floating-point numbers in any shape.

    Example:
        >>> import numpy as np
        >>> smooth_clip(np.array([0.1, 4.0, np.inf])).round(4)
        array([0.0999, 2.4   , 3.    ])
    """
    xp = Z.__array_namespace__()
    most = float(xp.finfo(Z.dtype).max) ** 0.5
    Z = xp.clip(Z, -most, most)
    return Z / xp.sqrt(1.0 + (Z / CLIP_AT) ** 2)


def evenly_ranked(x: Array, most: int) -> Array:
    """Sort numbers and keep at most so many of them, with evenly spaced ranks; the least and the largest stay.

    Args:
        x: (m,), m at least 1.
        most: how many numbers to keep, at least 2.

    Returns:
        (min(m, most),) of the numbers themselves, in ascending order; equal ones may repeat.

    Example:
        >>> import numpy as np
        >>> evenly_ranked(np.array([5.0, 1.0, 4.0, 2.0, 3.0]), 3)
        array([1., 3., 5.])
    """
    xp = x.__array_namespace__()
    ordered, m = xp.sort(x), x.shape[0]
    if m <= most:
        return ordered
    places = [round(k * (m - 1) / (most - 1)) for k in range(most)]
    return xp.take(ordered, xp.asarray(places, device=x.device), axis=0)


def normal_scores(ranked: Array) -> Array:
    """Turn the ranks of sorted numbers into values of a standard normal distribution, between −3 and 3.

        score_i = Φ⁻¹((i − ½) / K)        i the rank, from 1; equal numbers share the mean of their ranks

    Φ is the standard normal distribution function. K numbers without equal ones get K evenly likely values.

    Args:
        ranked: (K,) in ascending order, K at least 1.

    Returns:
        (K,), in ascending order.

    Example:
        >>> import numpy as np
        >>> normal_scores(np.array([0.0, 0.0, 7.0, 50.0])).round(2)
        array([-0.67, -0.67,  0.32,  1.15])
    """
    xp, normal = ranked.__array_namespace__(), NormalDist()
    before, until = (xp.searchsorted(ranked, ranked, side=side) for side in ("left", "right"))
    levels = [int(twice) / (2 * ranked.shape[0]) for twice in before + until]
    scores = [min(max(normal.inv_cdf(level), -CLIP_AT), CLIP_AT) for level in levels]
    return xp.asarray(scores, dtype=ranked.dtype, device=ranked.device)


def piecewise_linear(x: Array, knots: Array, values: Array) -> Array:
    """The values at some knots, linear between them, and constant beyond the first and the last.

    The result cannot overflow, however close two knots are: NumPy's ``interp`` divides the values by their distance.

    Args:
        x: numbers in any shape; nan stays nan.
        knots: (K,) in strictly ascending order, K at least 2.
        values: (K,).

    Example:
        >>> import numpy as np
        >>> piecewise_linear(np.array([-5.0, 1.0, 3.0]), np.array([0.0, 2.0, 4.0]), np.array([10.0, 20.0, 0.0]))
        array([10., 15., 10.])
    """
    xp = x.__array_namespace__()
    place = xp.clip(xp.searchsorted(knots, x), 1, knots.shape[0] - 1)
    low, high = knots[place - 1], knots[place]
    part = (xp.clip(x, low, high) - low) / (high - low)
    return values[place - 1] + part * (values[place] - values[place - 1])
