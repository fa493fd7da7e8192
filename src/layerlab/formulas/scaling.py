"""Robust scaling of features by median and quartiles, with smooth clipping, so that outliers do little harm.

    z = (x − median) / scale        out = z / √(1 + (z / 3)²)

The recipe is that of RealMLP (Holzmüller, Grinsztajn & Steinwart, "Better by default", NeurIPS 2024).
"""

from __future__ import annotations

from collections.abc import Sequence

from .arrays import Array

CLIP_AT = 3.0
"""Smooth clipping keeps every value between −3 and 3."""


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
