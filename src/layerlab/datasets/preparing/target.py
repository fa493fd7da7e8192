"""What was learned from the target: its classes, or that it is a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.printable_names import number_order
from layerlab.datasets.tabular.table import Column
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

NAMED_CLASSES = 20
"""How many classes a message names."""


@dataclass(frozen=True)
class Target:
    """What a network learns to predict.

    Attributes:
        name: the column's name.
        kind: "number" for a regression, "truth" or "category" for classes.
        classes: the names of the classes in order (numbers by value); empty for a regression.
    """

    name: str
    kind: str
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        wanted = {"number": self.classes == (), "truth": len(self.classes) == 2, "category": len(self.classes) > 1}
        if not wanted.get(self.kind, False) or len(set(self.classes)) != len(self.classes):
            raise ValueError(f"a target of the kind {self.kind!r} with {len(self.classes)} classes")

    def labels(self, column: Column, rows: NDArray[Any] | None = None) -> Floats:
        """Make Y (n_y, m): one row of 0 and 1 for two classes, one-hot for more, values for a regression.

        Args:
            column: a column of the target's kind.
            rows: (m,) numbers of the rows, for messages; None for 1, 2, 3, …

        Raises:
            InputError: a label is missing, not finite, or not in the training set.
        """
        if column.kind != self.kind:
            raise InputError(
                f"column {column.name!r}: is of the kind {column.kind}: wanted {self.kind}, the target's kind in "
                f"training"
            )
        if self.kind == "category":
            places = {name: place for place, name in enumerate(self.classes)}
            values = np.fromiter((places.get(value, np.nan) for value in column.values), float, len(column.values))
        else:
            values = np.asarray(column.values, np.float64)
        wrong = ~np.isfinite(values)
        if wrong.any():
            self._refuse(column, int(np.argmax(wrong)), int(wrong.sum()), rows)
        if len(self.classes) > 2:
            return np.ascontiguousarray(np.eye(len(self.classes))[:, values.astype(np.int64)])
        return np.ascontiguousarray(values[None])

    def _refuse(self, column: Column, place: int, count: int, rows: NDArray[Any] | None) -> None:
        """Raise the error about labels that are missing or unknown."""
        value, row = column.values[place], place + 1 if rows is None else rows[place]
        came = "no label" if column.missing[place] else f"the label {value!r}" if self.classes else f"the value {value}"
        more = f" (and the same problem in {count - 1:,} more row{'s' if count > 2 else ''})" if count > 1 else ""
        named = ", ".join(self.classes[:NAMED_CLASSES]) + (", ..." if len(self.classes) > NAMED_CLASSES else "")
        wanted = f"a class of the training set ({named})" if self.classes else "a finite number"
        raise InputError(
            f"row {row}, column {column.name!r}: {came}{more}: wanted {wanted}; correct or delete such rows"
        )


def learn_target(column: Column) -> Target:
    """Learn the target's classes from the training rows.

    Raises:
        InputError: it is a date, or has one class only.
    """
    if column.kind == "date":
        raise InputError(f"column {column.name!r}: is a date and cannot be the target: wanted numbers or classes")
    if column.kind == "number":
        return Target(column.name, "number", ())
    if column.kind == "truth":
        found = set(np.asarray(column.values, np.float64).tolist()) & {0.0, 1.0}
        classes = tuple(column.words) or ("0", "1")
    else:
        found = set(column.values.tolist()) - {None, ""}
        classes = tuple(sorted(found, key=number_order))
    if len(found) < 2:
        raise InputError(
            f"column {column.name!r}: has {len(found)} class{'' if len(found) == 1 else 'es'} in the training set: "
            f"wanted at least two; choose another target"
        )
    return Target(column.name, column.kind, classes)
