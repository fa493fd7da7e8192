"""The meaning of labels: classes (numbers, names or one-hot rows) or a regression; learned from all sets together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice, label_rows
from layerlab.datasets.printable_names import natural_order, usual_form
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas.arrays import Floats, Indices

ALWAYS_CLASSES = 20
"""Up to this many different whole numbers are always classes; more are classes if each has ten examples on average."""

OTHERWISE = "(task='classes' makes them classes)"


class Labels(NamedTuple):
    """Labels as a ``Dataset`` holds them.

    Attributes:
        Y: the labels of each set, (n_y, m).
        class_names: label 0 first; empty for a regression.
        notices: how the labels were read.
    """

    Y: list[Floats]
    class_names: tuple[str, ...]
    notices: list[Notice]


def read_labels(
    parts: Sequence[NDArray[Any]], place: str, task: str | None, names: Sequence[str], matlab: bool
) -> Labels:
    """Find out the meaning of the labels of all sets.

    Args:
        parts: labels (m,) or (m, k) of each set, the training set first.
        place: the labels' file and name, for messages.
        task: "classes", "values", or None to decide by the labels.
        names: the names of the classes in the file; empty if it has none.
        matlab: whether whole numbers come as floats, as from MATLAB.

    Raises:
        InputError: names that are empty or not text, several columns that are not one-hot rows, only one class, a class
            that is not in the training set, or names for a regression.
    """
    parts = [_plain(part, place) for part in parts]
    kinds = {(part.dtype.kind == "U", part.shape[1:]) for part in parts}
    if len(kinds) > 1:
        raise InputError(f"{place}: labels of the test set are of another kind or width: wanted the same in all sets")
    every = np.concatenate(parts)
    if every.dtype.kind == "U" and task == "values":
        raise InputError(f"{place}: labels are names such as {str(every.flat[0])!r}: wanted numbers, or task='classes'")
    if every.ndim == 2 and task != "values" and _is_one_hot(every):
        notice = Notice("labels", "", f"The labels are one-hot rows of {every.shape[1]} classes.")
        return _classes([part.argmax(axis=1) for part in parts], place, names, [notice], range(every.shape[1]))
    classes, why = (task == "classes", "") if task else _are_classes(every, matlab)
    if every.ndim == 2 and (classes or (every.dtype.kind != "f" and task != "values")):
        raise InputError(
            f"{place}: labels have {every.shape[1]} columns that are not one-hot rows: wanted one label for each "
            f"example, a single 1 in each row, or a regression (task='values')"
        )
    notices = [Notice("labels", "", why)] if why else []
    if classes:
        return _classes(parts, place, names, notices)
    return Labels([np.asarray(part, np.float64).reshape(len(part), -1).T for part in parts], (), notices)


def _plain(part: NDArray[Any], place: str) -> NDArray[Any]:
    """Turn bytes into text without spaces around it; leave everything else unchanged."""
    if part.dtype.kind not in "SU":
        return part
    try:
        texts = np.char.strip(np.char.decode(part, "utf-8") if part.dtype.kind == "S" else part)
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: some names of classes are not text in UTF-8; number the classes instead") from error
    if (texts == "").any():
        where = ", ".join(map(str, np.argwhere(texts == "")[0]))
        raise InputError(f"{place}: the label at [{where}] is empty: wanted the name of a class")
    different, places = np.unique(texts, return_inverse=True)  # the same word in two Unicode forms is one class
    usual: NDArray[Any] = np.array([usual_form(text) for text in different.tolist()])[places].reshape(texts.shape)
    return usual


def _is_one_hot(Y: NDArray[Any]) -> bool:
    """Return whether labels are one-hot rows."""
    return Y.dtype.kind in "biuf" and bool(np.isin(Y, (0, 1)).all() and (Y.sum(axis=1) == 1).all())


def _are_classes(every: NDArray[Any], matlab: bool) -> tuple[bool, str]:
    """Return whether labels are classes, and a notice about it or ""."""
    if every.dtype.kind in "bU":
        return True, ""
    distinct = np.unique(every)
    if every.dtype.kind in "iu":
        if len(distinct) <= max(ALWAYS_CLASSES, len(every) // 10):
            return True, ""
        return (
            False,
            f"The labels are {len(distinct)} different whole numbers and are predicted as numbers {OTHERWISE}.",
        )
    if every.ndim == 1 and (distinct == np.rint(distinct)).all() and len(distinct) <= ALWAYS_CLASSES:
        if np.isin(distinct, (0, 1)).all() or matlab:
            return (
                True,
                "The labels are whole numbers and are treated as classes (task='values' predicts them as numbers).",
            )
        return (
            False,
            f"The labels are {len(distinct)} whole numbers stored as floats and are predicted as numbers {OTHERWISE}.",
        )
    return False, ""


def _classes(
    parts: Sequence[NDArray[Any]], place: str, names: Sequence[str], notices: list[Notice], all_: Sequence[int] = ()
) -> Labels:
    """Turn labels into rows of 0 and 1, with the classes in the order of their numbers or names."""
    values = list(all_) or np.unique(np.concatenate(parts)).tolist()
    if isinstance(values[0], str):
        values.sort(key=lambda name: natural_order(str(name)))
    if len(values) < 2:
        raise InputError(f"{place}: all labels are {values[0]!r}: wanted two or more classes")
    if any(isinstance(value, float) and value != round(value) for value in values):
        raise InputError(
            f"{place}: labels such as {values[1]} cannot be classes: wanted whole numbers, or task='values'"
        )
    absent = [value for value in values if not (parts[0] == value).any()]
    if absent:
        raise InputError(f"{place}: no example to train on has the label {absent[0]}: wanted some of every class")
    class_names, name_notices = _named(values, names)
    lookup = {value: k for k, value in enumerate(values)}
    numbers: list[Indices] = [np.array([lookup[value] for value in part.tolist()], np.int64) for part in parts]
    return Labels([label_rows(part, len(values)) for part in numbers], class_names, [*notices, *name_notices])


def _named(values: Sequence[Any], names: Sequence[str]) -> tuple[tuple[str, ...], list[Notice]]:
    """Return a name for each class: the file's names if they fit."""
    if isinstance(values[0], str | bool):
        return tuple(printable(str(value)) for value in values), []
    first, last = int(values[0]), int(values[-1])
    notices = []
    if first != 0 or last != len(values) - 1:
        what = f"Labels {first} to {last} are renumbered from 0; the classes keep their old numbers as names."
        notices.append(Notice("labels", "", what))
    base = 1 if first == 1 and last == len(names) else 0
    if names and first >= base and last - base < len(names):
        if notices:
            what = f"Labels {first} to {last} are renumbered from 0; the classes have the names in the file."
            notices = [Notice("labels", "", what)]
        return tuple(printable(names[int(value) - base]) for value in values), notices
    if names:
        notices.append(
            Notice(
                "labels",
                "",
                f"The file's {len(names)} names of classes do not fit labels {first} to {last} and are not used.",
            )
        )
    return tuple(str(int(value)) for value in values), notices
