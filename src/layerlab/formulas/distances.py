"""How far examples are from each other."""

from __future__ import annotations

from .arrays import Array


def euclidean_distances(A: Array, a: Array) -> Array:
    """Euclidean distance of each column of A from the column a: √ Σ_i (A_ij − a_i)².

    The differences are squared themselves. The expansion ‖A_j‖² + ‖a‖² − 2 A_jᵀ a needs a matrix product only, but
    leaves rounding errors where a column is equal to a.

    Args:
        A: (n, m), examples in columns.
        a: (n, 1).

    Returns:
        (m,), exactly 0 for columns that are equal to a.

    Example:
        >>> import numpy as np
        >>> euclidean_distances(np.array([[0.0, 3.0], [0.0, 4.0]]), np.array([[0.0], [0.0]]))
        array([0., 5.])
    """
    xp = A.__array_namespace__()
    return xp.sqrt(xp.sum((A - a) ** 2, axis=-2))
