"""Examples at the door: X and y checked as scikit-learn checks them, weights, and a share held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_regressor
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from layerlab.formulas.arrays import Floats

if TYPE_CHECKING:
    from .base import BaseMLP


class Examples(NamedTuple):
    """What is trained on, or held out.

    Attributes:
        X: (m, n_x) NumPy array, or SciPy's CSR.
        Y: (n_y, m) labels 0 and 1, or values.
        y: the same as the user gave them.
        weights: (m,) or None for all alike.
    """

    X: Any
    Y: Floats
    y: Any
    weights: Floats | None

    def some(self, which: NDArray[np.intp]) -> Examples:
        """Those with these numbers."""
        weights = None if self.weights is None else self.weights[which]
        return Examples(self.X[which], self.Y[:, which], self.y[which], weights)


def checked(estimator: BaseMLP, X: Any, y: Any, reset: bool) -> tuple[Any, NDArray[Any]]:
    """Both as arrays of the types that the estimator computes in; sparse features as CSR.

    Args:
        estimator: that learns or knows the features.
        X, y: as the user gave them.
        reset: whether it learns their number and names.

    Raises:
        ValueError: they are not right.
    """
    X, y = validate_data(
        estimator,
        X,
        y,
        accept_sparse="csr",
        multi_output=True,
        dtype=estimator._preset.dtypes,
        reset=reset,
        y_numeric=is_regressor(estimator),
    )
    return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y


def checked_weights(weights: Any, X: Any) -> Floats | None:
    """(m,) weights of X's type, or None.

    Raises:
        ValueError: one is negative, or all are 0.
    """
    if weights is None:
        return None
    own: Floats = _check_sample_weight(weights, X, dtype=X.dtype)
    with np.errstate(over="ignore"):
        bad = own.min() < 0 or own.sum() == 0 or not np.isfinite(own.sum()) or own.sum() < np.finfo(own.dtype).tiny
    if bad:
        raise ValueError(
            f"sample_weight reaches from {own.min():g} to {own.max():g}: wanted weights of at least 0, some above, "
            f"whose sum a number can hold"
        )
    return own


def held_out(estimator: BaseMLP, X: Any, y: Any, weights: Any) -> Examples | None:
    """The user's own validation part.

    Raises:
        ValueError: it is not right, or not all of it was given.
    """
    if X is None and y is None:
        if weights is not None:
            raise ValueError("sample_weight_val was given without X_val and y_val: give all three, or none")
        return None
    if X is None or y is None:
        raise ValueError("one of X_val and y_val was given without the other: give both, or neither")
    X, y = checked(estimator, X, y, reset=False)
    return Examples(X, estimator._encoded(y, incremental=True).astype(X.dtype).T, y, checked_weights(weights, X))


def split(
    examples: Examples, share: float, stratify: NDArray[Any] | None, random: np.random.RandomState
) -> tuple[Examples, Examples]:
    """A share held out, as scikit-learn's draws it.

    Raises:
        ValueError: it has less than two examples.
    """
    m = examples.X.shape[0]
    train, others = train_test_split(np.arange(m), random_state=random, test_size=share, stratify=stratify)
    if len(others) < 2:
        raise ValueError(
            f"The validation set is too small: {len(others)} of {m} examples. Increase 'validation_fraction' or the "
            f"size of your dataset."
        )
    return examples.some(train), examples.some(others)
