"""What a person calls a column: the rows of X that a column of a table, a feature or a patch of an image became."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.runs.run import Run
from layerlab.text import amount

PATCHES = 8
"""An image is divided into at most so many patches down and across."""


class InputGroup(NamedTuple):
    """Rows of X that belong together.

    Attributes:
        name: of the column, the feature or the patch.
        rows: (k,) their numbers.
    """

    name: str
    rows: NDArray[np.int64]


def column_groups(run: Run, dataset: Dataset | None = None) -> list[InputGroup]:
    """The columns that the rows of X came from: those of the table, or else the features themselves.

    Args:
        run: its preparation knows the columns of a table, its names the features.
        dataset: names the features where the run does not.
    """
    if run.preparation is not None:
        rows = np.arange(run.network.layer_dims[0])
        pairs = zip(run.preparation.columns, run.preparation.groups, strict=True)
        return [InputGroup(name, rows[group]) for name, group in pairs if rows[group].size]
    given = run.feature_names or (dataset.feature_names if dataset else ())
    names = given or tuple(f"feature {j + 1}" for j in range(run.network.layer_dims[0]))
    return [InputGroup(name, np.array([j])) for j, name in enumerate(names)]


def patch_groups(image_shape: tuple[int, ...]) -> list[InputGroup]:
    """An image's pixels in patches of a grid of 8 × 8, or of as many as it has pixels.

    Example:
        >>> [(patch.name, patch.rows.tolist()) for patch in patch_groups((2, 1))]
        [('patch 1 down, 1 across', [0]), ('patch 2 down, 1 across', [1])]
    """
    pixels = np.arange(int(np.prod(image_shape))).reshape(image_shape)
    down, across = patch_grid(image_shape)
    bands = [np.array_split(band, across, axis=1) for band in np.array_split(pixels, down, axis=0)]
    return [
        InputGroup(f"patch {i + 1} down, {j + 1} across", bands[i][j].ravel())
        for i, j in product(range(down), range(across))
    ]


def patch_grid(image_shape: tuple[int, ...]) -> tuple[int, int]:
    """Patches down and across."""
    return min(PATCHES, image_shape[0]), min(PATCHES, image_shape[1])


def value_texts(dataset: Dataset, place: tuple[str, int], groups: list[InputGroup]) -> list[str]:
    """What one example has in each column, as in the file, or else as numbers in the features' own units.

    Empty where a table's cells are not there any more, as of a stream: prepared numbers are none that a person knows.

    Args:
        dataset: prepared.
        place: "train" or "test", and the example's number there.
        groups: columns; a table's are found by their names.
    """
    which, number = place
    if dataset.raw is not None:
        row = getattr(dataset.raw, which)[number]
        known = set(dataset.raw.table.names)
        return [cell_text(dataset.raw.table[one.name], int(row)) if one.name in known else "" for one in groups]
    if dataset.preparation is not None:
        return [""] * len(groups)
    X = getattr(dataset, which).X[:, number : number + 1]
    X = dataset.standardization.undone(X) if dataset.standardization else X
    return [amount(float(X[one.rows[0], 0])) if len(one.rows) == 1 else "" for one in groups]


def example_name(dataset: Dataset, number: int) -> object:
    """What a test example is called in the file, or else its number, counted from 0."""
    return number if dataset.called is None else dataset.called[1][number]


def example_naming(dataset: Dataset) -> tuple[str, str]:
    """How test examples are called, as the head of a column and as words behind "test examples"."""
    if dataset.called is None:
        return "test example", " (counted from 0)"
    numbers = np.asarray(dataset.called[1]).dtype.kind in "iu"
    return ("row", " (by their rows in the file)") if numbers else ("file", "")


def cell_text(column: Any, row: int) -> str:
    """A cell of a table as a person writes it; a dash where it is missing."""
    value = column.values[row]
    if column.missing[row]:
        return "–"
    if column.kind == "category":
        return str(value)
    if column.kind == "truth" and column.words:
        return str(column.words[int(value)])
    if column.kind == "date":
        moment = np.datetime64(0, "s") + np.timedelta64(round(float(value) * 86400), "s")
        return str(moment).removesuffix("T00:00:00").replace("T", " ")
    return f"{float(value):.6g}"
