"""The user's examples: X, y and weights are checked once, as scikit-learn does, and a share is held out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import is_regressor
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import _check_sample_weight, column_or_1d, validate_data

from layerlab.formulas.arrays import Floats


class FitData(NamedTuple):
    """The examples of the training set or of the validation set of a fit.

    Attributes:
        X: (n_x, m) NumPy array, or SciPy's CSR (m, n_x).
        Y: (n_y, m) numbers that the network learns: labels 0 and 1, or values.
        y: (m,) or (m, n_y), the same targets in the user's form.
        weights: (m,), or None if all examples count the same.
    """

    X: Any
    Y: Floats
    y: Any
    weights: Floats | None

    @property
    def m(self) -> int:
        """The number of examples in this set."""
        return len(self.y)

    def subset(self, indices: NDArray[np.intp]) -> FitData:
        """Return copies of the examples with these indices."""
        X = self.X[indices] if issparse(self.X) else self.X.T[indices].T  # whole rows of the user's array are copied
        weights = None if self.weights is None else self.weights[indices]
        return FitData(X, self.Y[:, indices], self.y[indices], weights)


def in_columns(X: Any) -> Any:
    """Turn examples in rows into columns: the (n_x, m) view on which layerlab computes; CSR stays in rows."""
    return X if issparse(X) else X.T


def checked(
    estimator: Any, X: Any, y: Any, weights: Any, dtypes: tuple[type, ...], *, reset: bool
) -> tuple[Any, NDArray[Any], Floats | None]:
    """Check everything that the user gave, with scikit-learn's error messages.

    Args:
        estimator: X has to have its number and names of features.
        X: (m, n_features) array, data frame or sparse matrix.
        y: (m,) or (m, n_outputs).
        weights: (m,) or None.
        dtypes: the types that X may keep; other types are converted to the first of these.
        reset: whether ``n_features_in_`` and ``feature_names_in_`` are set, instead of compared with X.

    Returns:
        X in rows, as CSR if it is sparse; y; and the weights in X's type.

    Raises:
        ValueError: one of them is wrong.
    """
    with naming_the_preprocessor(estimator):
        X, y = validate_data(
            estimator,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            dtype=dtypes,
            reset=reset,
            y_numeric=is_regressor(estimator),
        )
    y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
    return X, y, None if weights is None else _checked_weights(weights, X)


@contextmanager
def naming_the_preprocessor(estimator: Any) -> Iterator[None]:
    """Where scikit-learn refuses a table with missing values or text, add which transformer would accept it."""
    try:
        yield
    except ValueError as error:
        if "Input X contains NaN" not in str(error) and "could not convert string to float" not in str(error):
            raise
        raise ValueError(
            f"{error}\nlayerlab.sklearn.TablePreprocessor takes tables with missing values, texts and dates as they "
            f"are: make_pipeline(TablePreprocessor(), {type(estimator).__name__}())"
        ) from error


def _checked_weights(weights: Any, X: Any) -> Floats:
    own: Floats = _check_sample_weight(weights, X, dtype=X.dtype)
    with np.errstate(over="ignore"):
        bad = own.min() < 0 or own.sum() == 0 or not np.isfinite(own.sum()) or own.sum() < np.finfo(own.dtype).tiny
    if bad:
        raise ValueError(
            f"sample_weight reaches from {own.min():g} to {own.max():g}: wanted weights of at least 0, some above, "
            f"whose sum a number can hold"
        )
    return own


def held_out(
    estimator: Any,
    validation: tuple[Any, Any, Any],
    dtypes: tuple[type, ...],
    encode: Callable[[NDArray[Any], Any], Floats],
) -> FitData | None:
    """Check the validation set that the user gave to ``fit``; None if there is none.

    Args:
        estimator: it knows the number and names of the features.
        validation: X_val, y_val and sample_weight_val.
        dtypes: as for ``checked``.
        encode: a function that turns y_val into the network's targets, in a given type.

    Raises:
        ValueError: the validation set is wrong, or not all of it was given.
    """
    X, y, weights = validation
    if X is None and y is None:
        if weights is not None:
            raise ValueError("sample_weight_val was given without X_val and y_val: give all three, or none")
        return None
    if X is None or y is None:
        raise ValueError("one of X_val and y_val was given without the other: give both, or neither")
    X, y, weights = checked(estimator, X, y, weights, dtypes, reset=False)
    return FitData(in_columns(X), encode(y, X.dtype), y, weights)


def split(
    examples: FitData, share: float, stratify: NDArray[Any] | None, random: np.random.RandomState
) -> tuple[FitData, FitData]:
    """Hold out a share of the examples, chosen at random as in scikit-learn.

    Raises:
        ValueError: the share has less than two examples.
    """
    m = examples.m
    train, others = train_test_split(np.arange(m), random_state=random, test_size=share, stratify=stratify)
    if len(others) < 2:
        raise ValueError(
            f"The validation set is too small: {len(others)} of {m} examples. Increase 'validation_fraction' or the "
            f"size of your dataset."
        )
    return examples.subset(train), examples.subset(others)
