"""Data frames of pandas, polars and pyarrow converted to polars; pandas does not need pyarrow for it."""

from __future__ import annotations

from datetime import date
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.printable_names import usual_form
from layerlab.errors import InputError

from .csv_files import check_names

if TYPE_CHECKING:
    import polars as pl


def is_frame(source: Any) -> bool:
    """Return whether an object is a data frame of any library."""
    return any(hasattr(source, sign) for sign in ("__arrow_c_stream__", "__dataframe__", "iloc", "collect_schema"))


def as_frame(source: Any, name: str = "the table") -> pl.DataFrame:
    """Convert a data frame to polars; pandas' index is not a column and is dropped.

    Raises:
        InputError: names are missing or repeated, or there is no row.
    """
    import polars as pl

    if type(source).__module__.split(".")[0] == "pandas":
        frame = _from_pandas(source, name)
    elif isinstance(source, pl.LazyFrame):
        frame = source.collect()
    elif isinstance(source, pl.DataFrame):
        frame = source
    else:
        frame = _from_arrow(source, name)
    return check_frame(frame, name)


def frame_of_array(X: NDArray[Any]) -> pl.DataFrame:
    """Convert an array (m, n) of numbers, texts or objects; its columns are called x0, x1, …, as in scikit-learn."""
    import polars as pl

    columns = [X[:, j] for j in range(X.shape[1])]
    names = [f"x{j}" for j in range(X.shape[1])]
    if X.dtype.kind == "f":
        return pl.DataFrame([pl.Series(*pair, nan_to_null=True) for pair in zip(names, columns, strict=True)])
    if X.dtype.kind in "iub":
        return pl.DataFrame([pl.Series(*pair) for pair in zip(names, columns, strict=True)])
    values = [[None if is_missing(value) else value for value in column.tolist()] for column in columns]
    return pl.DataFrame([_objects(*pair) for pair in zip(names, values, strict=True)])


def is_missing(value: Any) -> bool:
    """Tell whether a value is None, nan, or pandas' NA, the only one that has no truth value."""
    try:
        return value is None or bool(value != value)
    except TypeError:
        return True


def check_frame(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Check that a frame has columns and rows, and return it with its names in their usual form."""
    names = [usual_form(column) for column in frame.columns]
    if not names:
        raise InputError(f"{name}: has no columns; wanted a column for each feature and one for the target")
    check_names(names, name)
    if frame.height == 0:
        raise InputError(f"{name}: has no rows; wanted one for each example")
    return frame if names == frame.columns else frame.rename(dict(zip(frame.columns, names, strict=True)))


def _from_arrow(source: Any, name: str) -> pl.DataFrame:
    """Convert a frame that supports the Arrow protocol or the data frame protocol."""
    import polars as pl

    check_names([str(column) for column in getattr(source, "column_names", [])], name)
    try:
        return pl.DataFrame(source) if hasattr(source, "__arrow_c_stream__") else pl.from_dataframe(source)
    except (pl.exceptions.PolarsError, TypeError, ValueError, NotImplementedError) as error:
        why = str(error).splitlines()[0].rstrip(".")
        raise InputError(
            f"{name}: {type(source).__name__} cannot be read as a table ({why}); wanted a data frame"
        ) from None


def _from_pandas(source: Any, name: str) -> pl.DataFrame:
    """Convert a frame of pandas."""
    import polars as pl

    if source.ndim != 2:
        raise InputError(f"{name}: is a pandas {type(source).__name__}; wanted a DataFrame")
    names = [str(column) for column in source.columns]
    check_names([usual_form(column) for column in names], name)
    return pl.DataFrame([_column(column, source.iloc[:, i]) for i, column in enumerate(names)])


def _column(name: str, column: Any) -> pl.Series:
    """Convert a Series of pandas to polars."""
    import polars as pl

    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if kind and kind in "iubm":
        return pl.Series(name, column.to_numpy())
    if kind == "f":
        return pl.Series(name, column.to_numpy(np.float64), nan_to_null=True)
    if hasattr(column, "dt") and getattr(column.dt, "tz", None) is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    if column.dtype.kind == "M":
        return pl.Series(name, column.to_numpy().astype("datetime64[us]"))
    missing = column.isna().tolist()
    return _objects(name, [None if lost else value for value, lost in zip(column.tolist(), missing, strict=True)])


def _objects(name: str, values: list[Any]) -> pl.Series:
    """Make a column of Python objects; objects of several kinds become the text that they print as."""
    import polars as pl

    present = [value for value in values if value is not None]
    if any(isinstance(value, list | tuple | dict | set | bytes | np.ndarray) for value in present):
        return pl.Series(name, values, dtype=pl.Object)
    if all(isinstance(value, bool | np.bool_) for value in present):
        return pl.Series(name, [None if value is None else bool(value) for value in values], dtype=pl.Boolean)
    if all(isinstance(value, Real) and not isinstance(value, bool) for value in present):
        return pl.Series(name, [None if value is None else float(value) for value in values], dtype=pl.Float64)
    if all(isinstance(value, date) for value in present) and len({type(value) for value in present}) == 1:
        return pl.Series(name, values)
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
