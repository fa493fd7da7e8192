"""Real tables that come with scikit-learn, so that nothing is downloaded: its datasets, and whole ones among its tests.

Left out: linnerud (20 examples), and those that scikit-learn's tests have cut to a few examples.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from importlib import resources
from typing import Any, NamedTuple

from numpy.typing import NDArray


class Table(NamedTuple):
    """What there is to learn from.

    Attributes:
        X: data frame, examples in rows; numbers are float64, categories pandas' ``category``; numbers may be missing.
        y: (m,) classes as text, or values.
        classifies: whether y are classes.
    """

    X: Any
    y: NDArray[Any]
    classifies: bool

    @property
    def categories(self) -> list[str]:
        """Names of the columns that are categories."""
        return [str(name) for name in self.X.select_dtypes("category")]

    @property
    def numbers(self) -> list[str]:
        """Names of the other columns."""
        return [str(name) for name in self.X.select_dtypes("number")]


def _builtin(name: str, *, classifies: bool = True) -> Table:
    """One of scikit-learn's datasets."""
    from sklearn import datasets

    X, y = getattr(datasets, f"load_{name}")(as_frame=True, return_X_y=True)
    return Table(X.astype(float), y.to_numpy().astype(str if classifies else float), classifies)


def _openml(number: int, target: str, *, classifies: bool = True, without: tuple[str, ...] = ()) -> Table:
    """A table of OpenML that scikit-learn's own tests read.

    Raises:
        FileNotFoundError: this installation of scikit-learn has no tests.
    """
    frame, nominal = openml_frame(number)
    y = frame[target].to_numpy().astype(str if classifies else float)
    frame = frame.astype({name: "category" if name in nominal else float for name in frame if name not in without})
    return Table(frame.drop(columns=[target, *without]), y, classifies)


def openml_frame(number: int) -> tuple[Any, list[str]]:
    """Such a table as it is, a data frame of objects, and the names of its nominal columns.

    Raises:
        FileNotFoundError: this installation of scikit-learn has no tests.
    """
    import pandas as pd
    from sklearn.externals import _arff

    folder = resources.files("sklearn.datasets.tests").joinpath("data", "openml", f"id_{number}")
    (file,) = [entry for entry in folder.iterdir() if entry.name.startswith("data-v1")]
    read = _arff.loads(gzip.decompress(file.read_bytes()).decode())
    frame = pd.DataFrame(read["data"], columns=[name for name, _ in read["attributes"]])
    return frame, [name for name, kind in read["attributes"] if isinstance(kind, list)]


NAMES_OF_PEOPLE = ("name", "ticket", "cabin", "boat", "body", "home.dest")
"""Of the Titanic: texts, and what became of a passenger."""

TABLES: dict[str, Callable[[], Table]] = {
    "iris": lambda: _builtin("iris"),
    "wine": lambda: _builtin("wine"),
    "breast cancer": lambda: _builtin("breast_cancer"),
    "digits": lambda: _builtin("digits"),
    "glass": lambda: _openml(40675, "class"),
    "zoo": lambda: _openml(62, "type", without=("animal",)),
    "penguins": lambda: _openml(42585, "species"),
    "titanic": lambda: _openml(40945, "survived", without=NAMES_OF_PEOPLE),
    "kr-vs-kp": lambda: _openml(3, "class"),
    "diabetes": lambda: _builtin("diabetes", classifies=False),
    "cpu": lambda: _openml(561, "class", classifies=False),
}
"""Loaders by name; numbers are those of OpenML."""
