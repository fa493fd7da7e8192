"""``load_arrays``: .npy, .npz, HDF5 and MATLAB files; inputs and labels are found by name, and notices say which."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.arrays.choosing import ArrayPair, choose_arrays, choose_inputs
from layerlab.datasets.arrays.entry import FEATURE_DTYPES, LABEL_DTYPES, read_values
from layerlab.datasets.arrays.labels import Labels, read_labels
from layerlab.datasets.arrays.shapes import Look, examples_first, infer_look
from layerlab.datasets.dataset import Dataset
from layerlab.datasets.part import SEED, TEST_SHARE, Notice, Part, class_numbers, standardization_of, stratified_split
from layerlab.datasets.provenance import digest_of, source_of
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas.arrays import Floats
from layerlab.settings import Setting

TASK = Setting("task", str, None, "What the labels mean", choices=("classes", "values"), optional=True)


def load_arrays(
    path: str | Path,
    *,
    target: str | Path | None = None,
    test: float = TEST_SHARE.default,
    seed: int = 0,
    task: str | None = None,
) -> Dataset:
    """Load arrays from files as a dataset. Examples are rows, unless the lengths show that they are columns.

    Args:
        path: a .npy, .npz, .h5, .hdf5 or .mat file; "file.npz:name" names the array of the inputs, which is otherwise
            guessed (X, x_train, train_set_x, images, …).
        target: the labels: a name in that file, or another file, "y.npy" or "file.npz:name"; None guesses.
        test: share of the examples for the test set, if the file has no test set of its own.
        seed: seed of the random split.
        task: "classes" or "values" (a regression); None decides by the labels: names, true and false, and whole
            numbers are classes.

    Returns:
        The dataset. Its features are not standardised; a regression has a ``target_scaling``.

    Raises:
        InputError: the file is missing or damaged, is larger than memory, or holds objects or numbers that are not
            finite; an array does not exist; lengths differ.
    """
    options = {"target": None if target is None else str(target), "test": test, "seed": seed, "task": task}
    test, seed, task = TEST_SHARE.check(test), SEED.check(seed), TASK.check(task)
    pairs, names, notices = choose_arrays(path, target)
    read, turned = _oriented(pairs)
    look, look_notices = infer_look(read["train"][0])
    first = pairs["train"]
    matlab = first.Y.file.suffix.lower() == ".mat"
    labels = read_labels([Y for _, Y in read.values()], first.Y.place, task, names, matlab)
    Y_of = dict(zip(read, labels.Y, strict=True))
    if "test" in read:
        parts = {part: Part(look.columns(X), Y_of[part]) for part, (X, _) in read.items()}
        rows = {part: np.arange(1, X.shape[1] + 1) for part, (X, _) in parts.items()}
    else:  # rows are taken from the file's array directly, so that the columns of all examples are never made
        X, Y = read["train"][0], Y_of["train"]
        places = dict(zip(("train", "test"), _split(labels, first.Y.place, test, seed), strict=True))
        parts = {part: Part(look.some_columns(X, some), Y[:, some]) for part, some in places.items()}
        rows = {part: some + 1 for part, some in places.items()}
    m, file = sum(X.shape[1] for X, _ in parts.values()), first.X.file
    what = f"of {len(labels.class_names)} classes" if labels.class_names else "for a regression"
    return Dataset(
        name=printable(file.stem),
        train=parts["train"],
        test=parts["test"],
        validation=parts.get("validation"),
        class_names=labels.class_names,
        image_shape=look.image_shape,
        look=look,
        about=f"{m:,} examples {what} with {len(parts['train'].X):,} numbers each, from {printable(file.name)}",
        called=(rows["train"], rows["test"]),
        target_scaling=None if labels.class_names else standardization_of(parts["train"].Y),
        source=source_of(load_arrays, path, digest_of(*_files(pairs)), **options),
        notices=(*notices, *turned, *look_notices, *labels.notices),
        split_at_random="test" not in read,
    )


def _oriented(pairs: dict[str, ArrayPair]) -> tuple[dict[str, tuple[NDArray[Any], NDArray[Any]]], list[Notice]]:
    """Return each set's arrays with examples along the first axis, all of one shape."""
    read: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
    notices: list[Notice] = []
    for part, (X, Y) in pairs.items():
        features, labels, turned = examples_first(
            read_values(X, FEATURE_DTYPES), read_values(Y, LABEL_DTYPES), X.place, Y.place
        )
        read[part], notices = (features, labels), notices + turned
        wanted = read["train"][0].shape[1:]
        if features.shape[1:] != wanted:
            raise InputError(
                f"{X.place}: its examples have the shape {features.shape[1:]} and those of {pairs['train'].X.place} "
                f"{wanted}: wanted the same in both"
            )
    return read, list(dict.fromkeys(notices))


def _split(labels: Labels, place: str, test: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose training and test examples at random, with the same share of each class in both sets."""
    Y = labels.Y[0]
    m, numbers = Y.shape[1], class_numbers(Y) if labels.class_names else np.zeros(Y.shape[1], np.int64)
    counts = np.bincount(numbers)
    if counts.min() == 1:
        what = f"the class {labels.class_names[int(counts.argmin())]!r} has" if labels.class_names else "there is"
        raise InputError(f"{place}: {what} a single example: wanted at least two, one to train on and one to test on")
    try:
        return stratified_split(numbers, min(max(math.ceil(test * m), len(counts)), m - 1), seed)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


def read_inputs(path: str | Path, look: Look | None = None) -> tuple[Floats, tuple[Notice, ...]]:
    """Read inputs without labels, for predictions, as columns (n_x, m).

    Args:
        path: as for ``load_arrays``; an array (m, n) with an example in each row, or images.
        look: how the training set became columns; None to decide by these inputs.

    Raises:
        InputError: as ``load_arrays``; or images whose axes are not those of the training set.
    """
    entry = choose_inputs(path)
    X = read_values(entry, FEATURE_DTYPES)
    X = X.reshape(-1, 1) if X.ndim == 1 else X
    if look is None:
        look, notices = infer_look(X)
    else:
        notices = look.compared(X, entry.place)
    return look.columns(X), tuple(notices)


def _files(pairs: dict[str, ArrayPair]) -> list[Path]:
    """Return all files that were read."""
    return [entry.file for pair in pairs.values() for entry in pair]


__all__ = ["load_arrays", "read_inputs"]
