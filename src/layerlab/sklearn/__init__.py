"""scikit-learn's multi-layer perceptrons, but faster and with features that its users asked for: change one import.

``classifier`` and ``regressor`` define the parameters; ``base`` fits them. ``examples`` checks X and turns its rows
into columns; ``targets`` learns and encodes y. ``epochs`` and ``quasi_newton`` are the two solvers. They fill a
``record``, which is written to the estimator when the fit has succeeded. ``on_folds`` trains what the preset "tabular"
names. ``as_run`` makes a ``Run`` of an estimator.

``TablePreprocessor`` and ``TabularScaler`` prepare tables for them. Importing this package imports scikit-learn; what
only the two transformers need is imported with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .classifier import MLPClassifier
from .regressor import MLPRegressor

if TYPE_CHECKING:
    from .preprocessing import TabularScaler
    from .table_preprocessor import TablePreprocessor

__all__ = ["MLPClassifier", "MLPRegressor", "TablePreprocessor", "TabularScaler"]


def __getattr__(name: str) -> Any:
    if name == "TabularScaler":
        from .preprocessing import TabularScaler

        return TabularScaler
    if name == "TablePreprocessor":
        from .table_preprocessor import TablePreprocessor

        return TablePreprocessor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
