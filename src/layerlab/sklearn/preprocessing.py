"""``TabularScaler``: it prepares a table for a network, so that all columns are numbers on the same scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from layerlab.datasets.tabular.data_frames import is_missing
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.formulas.scaling import robust_scale, smooth_clip

Indices = NDArray[np.intp]


class TabularScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Scales a table as RealMLP does: one-hot columns, robust scaling, smooth clipping (Holzmüller et al. 2024).

        z = (x − median) / scale        out = z / √(1 + (z / 3)²)

    The scale is the interquartile range. Where that is 0, it is half the range; where that is 0 too, the column becomes
    0. The middle half of a column then lies within ±1, and all values lie within ±3.

    A category of K > 2 values becomes K columns of 0 and 1. A category of two values becomes one column of −1 and 1;
    the first value in order is −1. A missing value, or a value that ``fit`` did not see, is 0 in all of them. Then
    these columns are centred, scaled and clipped like all others, as in RealMLP.

    In a data frame, the columns of text, categories, objects and truth values are categories; in an array no column is,
    unless ``categories`` names it. Missing numbers are refused (``SimpleImputer`` fills them), and so are sparse
    matrices.

    Args:
        categories: names (of a data frame) or indices of the columns that are categories, whatever their type; None to
            decide by the types.

    Attributes:
        center_: (n_out,) medians of the columns of numbers.
        scale_: (n_out,) numbers by which the columns are divided; inf for a constant column.
        categories_: for each column of categories its values, in order; None for missing values.
        encoder_: scikit-learn's ``ColumnTransformer``, which turns categories into numbers.
        n_features_in_, feature_names_in_: number and names of the columns that ``fit`` saw.

    Raises:
        InputError: ``categories`` names a column that does not exist, or a column has neither numbers nor categories.
        ValueError: scikit-learn's own error, if X is no table of finite numbers.

    Example:
        >>> TabularScaler().fit_transform([[0.0], [1.0], [2.0], [3.0], [1000.0]]).round(3)
        array([[-0.949],
               [-0.493],
               [ 0.   ],
               [ 0.493],
               [ 3.   ]])
    """

    def __init__(self, categories: Sequence[int | str] | None = None) -> None:
        self.categories = categories

    def fit(self, X: Any, y: Any = None) -> TabularScaler:  # noqa: ARG002
        """Learn categories, medians and scales from (m, n_features) examples; y is ignored."""
        if isinstance(self.categories, str) or not (self.categories is None or hasattr(self.categories, "__iter__")):
            raise ValueError(f"categories={self.categories!r}: wanted a list of column names or numbers, or None")
        X = _table(self, X, reset=True)
        named = _category_indices(X, self.categories)
        others = [index for index in range(self.n_features_in_) if index not in named]
        self.encoder_ = _encoder(others, named).fit(X)
        self.categories_ = list(self.encoder_.named_transformers_["categories"][-1].categories_) if named else []
        self._fold = _reduction(len(others), self.categories_)
        center, scale = robust_scale(self._numbers(X).T)
        self.center_, self.scale_ = center[:, 0], scale[:, 0]
        return self

    def transform(self, X: Any) -> Floats:
        """Return the (m, n_out) scaled columns: the numbers in their order, then the categories."""
        check_is_fitted(self)
        Z = (self._numbers(_table(self, X, reset=False)) - self.center_) / self.scale_
        return np.asarray(smooth_clip(Z))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for each column of the output: a number keeps its own, a category has ``column_value``."""
        check_is_fitted(self)
        names = self.encoder_.get_feature_names_out(input_features)
        return np.asarray(names[self._fold.kept], dtype=object)

    def _numbers(self, X: Any) -> Floats:
        """Return (m, n_out): the numbers unchanged, and the categories as columns of −1, 0 and 1."""
        encoded = np.asarray(self.encoder_.transform(X), dtype=np.float64)
        Z = encoded[:, self._fold.kept]
        Z[:, self._fold.signed] -= encoded[:, self._fold.opposite]
        return Z

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that this transformer accepts categories, besides its usual tags."""
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        return tags


def _table(scaler: TabularScaler, X: Any, *, reset: bool) -> Any:
    """Check that X has the columns that ``fit`` saw; their values are checked later."""
    is_frame = hasattr(X, "columns") and hasattr(X, "dtypes")
    checks = {"skip_check_array": True} if is_frame else {"dtype": None, "ensure_all_finite": False}
    return validate_data(scaler, X, reset=reset, **checks)


def _category_indices(X: Any, categories: Sequence[int | str] | None) -> list[int]:
    """Return the indices of the columns that are categories."""
    names = list(getattr(X, "columns", []))
    if categories is not None:
        return sorted({_index(column, names, X.shape[1]) for column in categories})
    return [index for index, name in enumerate(names) if _is_category(name, list(X.dtypes)[index])]


def _index(column: int | str, names: list[Any], n: int) -> int:
    if column in names:
        return names.index(column)
    if isinstance(column, (int, np.integer)) and not isinstance(column, bool) and 0 <= column < n:
        return int(column)
    known = f"one of {', '.join(map(str, names))}, or " if names else ""
    raise InputError(f"categories: there is no column {column!r}; wanted {known}a number from 0 to {n - 1}")


def _is_category(name: Any, dtype: Any) -> bool:
    """Return whether a column of a data frame (pandas or polars) is a category, by its type."""
    if hasattr(dtype, "is_numeric"):  # polars
        kind = "f" if dtype.is_numeric() else "M" if dtype.is_temporal() or dtype.is_nested() else "O"
    else:
        kind = dtype.kind
    if kind not in "iufbOUS":
        raise InputError(
            f"the column {name!r} is {dtype}: wanted numbers or categories; make numbers of it (days since some day, "
            f"say), or name it in categories=[…]"
        )
    return kind not in "iuf"


def _encoder(numbers: list[int], categories: list[int]) -> ColumnTransformer:
    """Make a transformer: it returns numbers as float64, then a column of 0 and 1 for each value of a category."""
    checked = FunctionTransformer(_finite, feature_names_out="one-to-one")
    one_hot = make_pipeline(
        FunctionTransformer(_objects, feature_names_out="one-to-one"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    encoder = ColumnTransformer(
        [("numbers", checked, numbers), ("categories", one_hot, categories)],
        sparse_threshold=0.0,
        verbose_feature_names_out=False,
    )
    return encoder.set_output(transform="default")


def _finite(X: Any) -> Floats:
    """Return the columns of numbers as float64; raise InputError where they hold text."""
    try:
        return np.asarray(check_array(X, dtype=np.float64, estimator="TabularScaler", input_name="X"))
    except ValueError as error:
        if "could not convert" not in str(error):
            raise
        raise InputError(
            f"X has text where a number was wanted ({error}): name the columns that are categories in categories=[…]"
        ) from error


def _objects(X: Any) -> NDArray[np.object_]:
    """Return the columns of categories with None for every missing value, because libraries have several kinds."""
    values = np.array(X, dtype=object)
    values[np.frompyfunc(is_missing, 1, 1)(values).astype(bool)] = None
    return values


class Fold(NamedTuple):
    """How one-hot columns become fewer: missing values get no column, and the values of a category of two share one.

    Saved scalers contain this class, so its name must stay.

    Attributes:
        kept: (n_out,) indices of the encoded columns that are kept.
        signed: indices, in the output, of the categories with two values.
        opposite: for each of these, the index of the encoded column that is subtracted from it.
    """

    kept: Indices
    signed: Indices
    opposite: Indices


def _reduction(n_numbers: int, categories: list[NDArray[Any]]) -> Fold:
    kept, signed, opposite = list(range(n_numbers)), [], []
    start = n_numbers
    for values in categories:
        columns = [start + i for i, value in enumerate(values) if value is not None]
        if len(columns) == 2:
            signed.append(len(kept))
            opposite.append(columns.pop(0))
        kept += columns
        start += len(values)
    return Fold(*(np.array(columns, np.intp) for columns in (kept, signed, opposite)))
