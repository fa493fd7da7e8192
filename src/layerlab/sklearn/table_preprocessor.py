"""``TablePreprocessor``: the preparation of tables that the command line uses, as a transformer of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from layerlab.datasets.preparing.learning_encoders import SCALING
from layerlab.datasets.preparing.preparation import learn_features
from layerlab.datasets.printable_names import usual_forms
from layerlab.datasets.tabular.column_checks import column_notice
from layerlab.datasets.tabular.data_frames import as_frame, frame_of_array, is_frame
from layerlab.datasets.tabular.inferring_kinds import Written, infer_kinds
from layerlab.datasets.tabular.new_tables import read_as_trained
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

if TYPE_CHECKING:
    import polars as pl


class TablePreprocessor(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns a table into features for a network, in the same way as ``load_table`` and ``layerlab train``.

    ``fit`` finds out the kind of each column (number, truth value, category, date). It leaves out columns from which
    nothing can be learned (constants, names, prose); ``notices_`` says which and why. For each of the others it learns
    how it becomes columns of numbers within ±3; docs/tables.md has the rules. Missing values are allowed, in
    ``transform`` even where ``fit`` saw none. Categories that ``fit`` did not see count as rare ones. The same rows
    give the same numbers as with ``load_table``.

    Args:
        categories, numbers: names of columns to treat as categories or as numbers, whatever they look like; the columns
            of an array are called "x0", "x1", ….
        keep: names of columns to keep although they would be left out.
        decimal: the decimal separator in texts, "." or ",", where no column shows it for certain; None to decide.
        day_first: whether days come before months in texts such as 01/02/2024, if no column shows it; None to decide.
        max_categories: how many values of a category, the most frequent ones, get a column each; the others share one.
            None for all that have five rows, as far as memory allows.
        scaling: how numbers and dates are scaled: "robust" takes median and quartiles, "quantile" the normal scores of
            their ranks.

    Attributes:
        preparation_: what was learned about each column, a ``Preparation``.
        notices_: what was noticed about the columns; each notice has ``column``, ``what`` (a sentence) and
            ``left_out``.
        n_features_in_, feature_names_in_: number and names of the columns that ``fit`` saw.

    Raises:
        InputError: a column does not exist, no column is left, or a column has another kind than in ``fit``. It is a
            ``ValueError``, like scikit-learn's own errors.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"age": [20, None, 60, 31], "city": ["Ulm", "Bonn", "Ulm", None]})
        >>> TablePreprocessor().fit(people).get_feature_names_out().tolist()
        ['age', 'age missing', 'city=Ulm', 'city rare or unseen', 'city missing']
    """

    def __init__(
        self,
        *,
        categories: Sequence[str] = (),
        numbers: Sequence[str] = (),
        keep: Sequence[str] = (),
        decimal: str | None = None,
        day_first: bool | None = None,
        max_categories: int | None = None,
        scaling: str = SCALING.default,
    ) -> None:
        self.categories = categories
        self.numbers = numbers
        self.keep = keep
        self.decimal = decimal
        self.day_first = day_first
        self.max_categories = max_categories
        self.scaling = scaling

    def fit(self, X: Any, y: Any = None) -> TablePreprocessor:  # noqa: ARG002
        """Learn kinds, medians, scales and categories of (m, n) examples; y is ignored."""
        frame = self._frame(X, reset=True)
        categories, numbers, keep = map(usual_forms, (self.categories, self.numbers, self.keep))
        how = Written("", self.decimal, self.day_first)
        table, kind_notices = infer_kinds(frame, categories=categories, numbers=numbers, file="X", written=how)
        unknown = [name for name in keep if name not in frame.columns]
        if isinstance(self.keep, str) or unknown:
            raise InputError(f"keep={self.keep!r}: wanted a list of columns' names; X has {', '.join(frame.columns)}")
        checked = {column.name: column_notice(column, column.name in keep) for column in table.columns}
        found = [notice for notice in checked.values() if notice is not None]
        names = [name for name, notice in checked.items() if notice is None or not notice.left_out]
        self.notices_ = (*kind_notices, *found)
        if not names:
            why = "; ".join(notice.what for notice in self.notices_ if notice.left_out)
            raise InputError(
                f"X has {table.m} sample{'s' * (table.m > 1)} and no column from which anything can be learned: {why}"
            )
        self.preparation_ = learn_features(table, names, self.max_categories, scaling=self.scaling)
        return self

    def transform(self, X: Any) -> Floats:
        """Return the (m, n_out) features, without missing values."""
        check_is_fitted(self)
        frame = self._frame(X, reset=False)
        table, _ = read_as_trained(frame, self.preparation_.inputs, self.preparation_.words, "X")
        return np.ascontiguousarray(self.preparation_.features(table).T)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return a name for each column of the output, such as "age", "age missing" or "city=Ulm"."""
        check_is_fitted(self)
        given = _check_feature_names_in(self, input_features)
        own = [f"x{j}" for j in range(self.n_features_in_)]
        called = dict(zip(getattr(self, "feature_names_in_", own), given, strict=True))
        encoders = (replace(one, name=str(called.get(one.name, one.name))) for one in self.preparation_.encoders)
        return np.array([name for encoder in encoders for name in encoder.feature_names], dtype=object)

    def _frame(self, X: Any, *, reset: bool) -> pl.DataFrame:
        """Check that X has the columns that ``fit`` saw, and return it as a frame of polars."""
        if not is_frame(X):
            return frame_of_array(validate_data(self, X, reset=reset, dtype=None, ensure_all_finite=False))
        known = hasattr(X, "columns") and hasattr(X, "dtypes")  # pandas and polars, whose names scikit-learn reads
        X = X if known else as_frame(X, "X")
        validate_data(self, X, reset=reset, skip_check_array=True)
        return as_frame(X, "X")

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing values, texts and categories are allowed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
