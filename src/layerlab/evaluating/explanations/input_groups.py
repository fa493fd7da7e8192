"""The groups of inputs that an explanation lists, and how it writes examples and cells.

A group is what one column of a table became (a category becomes several rows of X), one feature, or a square patch of
an image.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.preparing.describing_encoders import pooled_value
from layerlab.datasets.preparing.encoders import Category, Encoder
from layerlab.runs.run import Run
from layerlab.text import amount

PATCHES = 8
"""An image is divided into at most this many patches in each direction."""


class InputGroup(NamedTuple):
    """The rows of X that belong to one column, feature or patch.

    Attributes:
        name: the name of the column, the feature or the patch.
        rows: (k,) numbers of its rows of X.
    """

    name: str
    rows: NDArray[np.int64]


def column_groups(run: Run, dataset: Dataset | None = None) -> list[InputGroup]:
    """Return one group for each column of the table that X was prepared from, or one for each feature.

    Args:
        run: a trained network; it knows the columns of its table and the names of its features, if there are any.
        dataset: gives the names of the features if the run has none.
    """
    if run.preparation is not None:
        rows = np.arange(run.network.layer_dims[0])
        pairs = zip(run.preparation.columns, run.preparation.groups, strict=True)
        return [InputGroup(name, rows[group]) for name, group in pairs if rows[group].size]
    given = run.feature_names or (dataset.feature_names if dataset else ())
    names = given or tuple(f"feature {j + 1}" for j in range(run.network.layer_dims[0]))
    return [InputGroup(name, np.array([j])) for j, name in enumerate(names)]


def patch_groups(image_shape: tuple[int, ...]) -> list[InputGroup]:
    """Return the patches of an image: a grid of 8 × 8, or of fewer if the image has fewer pixels.

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
    """Return the number of patches down and across."""
    return min(PATCHES, image_shape[0]), min(PATCHES, image_shape[1])


def value_texts(dataset: Dataset, place: tuple[str, int], groups: list[InputGroup]) -> list[str]:
    """Return an example's value in each group: the cell as in the file, or the feature in its own unit.

    A text is empty for a patch of an image, and if the cells are no longer in memory, as with a stream: prepared
    numbers would mean nothing to a reader.

    Args:
        dataset: prepared.
        place: "train" or "test", and the example's number in that set.
        groups: the result of ``column_groups``.
    """
    which, number = place
    if dataset.raw is not None:
        row = getattr(dataset.raw, which)[number]
        known = set(dataset.raw.table.names)
        encoders = {one.name: one for one in dataset.preparation.encoders} if dataset.preparation else {}
        return [
            cell_text(dataset.raw.table[one.name], int(row), encoders.get(one.name)) if one.name in known else ""
            for one in groups
        ]
    if dataset.preparation is not None:
        return [""] * len(groups)
    X = getattr(dataset, which).X[:, number : number + 1]
    X = dataset.standardization.undone(X) if dataset.standardization else X
    return [amount(float(X[one.rows[0], 0])) if len(one.rows) == 1 else "" for one in groups]


def example_name(dataset: Dataset, number: int) -> object:
    """Return a test example's id, row in the file or name of its file; else its number, counted from 0."""
    if dataset.ids is not None:
        return dataset.ids[1][number]
    return number if dataset.called is None else dataset.called[1][number]


def example_naming(dataset: Dataset) -> tuple[str, str]:
    """Return the heading of a column of ``example_name``, and words to put after "test examples"."""
    if dataset.id_column is not None and dataset.ids is not None:
        return dataset.id_column, f" (by their {dataset.id_column})"
    if dataset.called is None:
        return "test example", " (counted from 0)"
    numbers = np.asarray(dataset.called[1]).dtype.kind in "iu"
    return ("row", " (by their rows in the file)") if numbers else ("file", "")


def cell_text(column: Any, row: int, encoder: Encoder | None = None) -> str:
    """Return a cell of a table as a person writes it; a dash if it is missing.

    Args:
        column: the column of the table.
        row: its place there.
        encoder: what was learned from the column; with it, a category without an input of its own is called pooled.
    """
    value = column.values[row]
    if column.missing[row]:
        return "–"
    if column.kind == "category":
        pooled = pooled_value(encoder, str(value)) if isinstance(encoder, Category) else ""
        return f"{value} ({pooled})" if pooled else str(value)
    if column.kind == "truth" and column.words:
        return str(column.words[int(value)])
    if column.kind == "date":
        moment = np.datetime64(0, "s") + np.timedelta64(round(float(value) * 86400), "s")
        return str(moment).removesuffix("T00:00:00").replace("T", " ")
    return f"{float(value):.6g}"
