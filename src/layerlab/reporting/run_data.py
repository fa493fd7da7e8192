"""The data of a run: loaded again from what the run says about them, and prepared as its network takes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from layerlab.datasets import LOADERS, Dataset, Part, load_dataset
from layerlab.datasets.files import file_of
from layerlab.datasets.holding_out import hold_out
from layerlab.datasets.included.cats import check_cats
from layerlab.datasets.loading.anything import load_data, read_again
from layerlab.datasets.part import standardization_of
from layerlab.datasets.preparing.split_table import notices_of
from layerlab.datasets.provenance import is_there, looks_like_path
from layerlab.errors import InputError
from layerlab.runs.argument_checks import check_part
from layerlab.runs.run import Run


def dataset_of(run: Run, name: str | None, folder: Path | None) -> Dataset:
    """Return the dataset of that name or at that path, or else the one that the run names.

    Raises:
        InputError: there is none, it has changed since the training, or the folder does not apply.
    """
    if name is not None and name.replace("-", "_") not in LOADERS and looks_like_path(name):
        aimed = {} if run.preparation is None else {"target": run.preparation.target.name}
        with _no_advice_to_skip():
            return load_data(name, **(run.source.options if run.source else aimed))
    if name is None and run.source is not None:
        with _no_advice_to_skip():
            return read_again(run.source)
    if name is None and run.dataset not in LOADERS:
        called = f"data called {run.dataset!r}" if run.dataset else "data without a name"
        raise InputError(
            f"the run was trained on {called}: name the data with --data, a path or one of {', '.join(LOADERS)}"
        )
    return load_dataset(run.dataset if name is None else name, folder)


@contextmanager
def _no_advice_to_skip() -> Iterator[None]:
    """Leave out the advice to skip damaged images: a run's data are read as for its training, or are others."""
    try:
        yield
    except InputError as error:
        raise InputError(
            str(error).replace("repair or remove them, or leave them out with skip_bad=True", REPAIR)
        ) from error


REPAIR = "repair them, so that they are as they were for the training"
"""What to do about damaged images of a run's data."""


def prepared_for(run: Run, dataset: Dataset) -> Dataset:
    """Return the dataset as the run takes it.

    Raises:
        InputError: the run predicts several labels for each example, or its network cannot take the dataset.
    """
    if run.network.has_several_labels:
        raise InputError(
            "the run predicts several labels for each example: wanted one class or values, which can be reported on"
        )
    if not isinstance(dataset, Dataset):
        raise InputError(
            f"data is {type(dataset).__name__}: wanted a Dataset with a training set and a test set, such as "
            f"layerlab.datasets.Dataset('mine', Part(X, Y), Part(X_test, Y_test)) of layerlab.datasets"
        )
    if run.class_names and dataset.class_names and run.class_names != dataset.class_names:
        raise InputError(
            f"the run's classes are {', '.join(run.class_names)}, the data's {', '.join(dataset.class_names)}: wanted "
            f"the data that the run was trained on"
        )
    dataset = _prepared_by_columns(run, dataset)
    same = run.dataset == dataset.name and (run.source is None or run.source == dataset.source)
    if run.held_out and dataset.held_out is None and same and dataset.standardization is None:
        dataset, _ = hold_out(dataset, *run.held_out)  # a table has the inputs that are learned from the rest
    for part in (dataset.train, dataset.test):
        check_part(run.network, part, run.parameters["W1"].dtype)
    if run.standardization is not None and dataset.standardization is None:
        train, test = (Part(run.standardization(part.X), part.Y) for part in (dataset.train, dataset.test))
        return replace(dataset, train=train, test=test, standardization=run.standardization)
    ours, theirs = run.standardization, dataset.standardization
    if (ours is None) != (theirs is None) or (ours and theirs and not np.allclose(ours, theirs)):
        raise InputError("the data are standardised otherwise than the run's: give the dataset as it was loaded")
    return dataset


def _prepared_by_columns(run: Run, dataset: Dataset) -> Dataset:
    """Return the dataset with its columns prepared as the run learned it, where it is not the table of the training.

    Raises:
        InputError: the run was not trained on such a table, or a column is not there.
    """
    raw, own = dataset.raw, run.preparation
    again = run.held_out is not None and run.source == dataset.source  # holding out prepares anew
    if own == dataset.preparation or (own and raw and again):
        return dataset
    if own is None or raw is None:
        raise InputError("the run was trained on another kind of data: wanted the table that it was trained on")
    tables = raw.table.taken(raw.train), raw.table.taken(raw.test)
    parts = [Part(own.features(table), own.labels(table[raw.target], table.rows)) for table in tables]
    notices = notices_of(raw, dataset.notices, own.encoders)
    names = own.feature_names
    return replace(dataset, train=parts[0], test=parts[1], preparation=own, feature_names=names, notices=notices)


def data_are_there(run: Run) -> bool:
    """Return whether the data that a run was trained on can be read again without a download."""
    if run.source is not None:
        return is_there(run.source.path)
    return run.dataset in LOADERS and (run.dataset != "cats" or check_cats().startswith("in "))


QUICKLY_READ = 2**25
"""Bytes of files that are read and decoded in about two seconds."""


def quickly_read(run: Run) -> bool:
    """Return whether a run's data come with layerlab, or are at most ``QUICKLY_READ`` bytes of files."""
    if run.source is None:
        return True
    root, total = file_of(run.source.path), 0
    files = [root] if root.is_file() else (Path(place, name) for place, _, names in os.walk(root) for name in names)
    for file in files:
        with suppress(OSError):
            total += file.stat().st_size
        if total > QUICKLY_READ:
            return False
    return True


def training_images(run: Run, folder: Path | None = None) -> tuple[Dataset | None, str]:
    """Read the images that a run was trained on, as the network takes them, if that is possible without a download.

    Args:
        run: a network that was trained on images.
        folder: where the files of the cats are, if that is known.

    Returns:
        The dataset and "", or None and a sentence that says why not.
    """
    if not (folder or data_are_there(run)):
        if run.source is not None:
            return None, f"the run was trained on {run.source.path}, which is not there (looked for in {Path.cwd()})."
        if run.dataset in LOADERS:
            return None, f"the files of {run.dataset} are not on this machine."
        return None, "the run does not say which file or folder it was trained on."
    try:
        if run.source is None:
            dataset = load_dataset(run.dataset, folder)
        else:
            with _no_advice_to_skip():
                dataset = load_data(run.source.path, **run.source.options)
        prepared = prepared_for(run, dataset)
    except InputError as error:
        return None, f"the training images cannot be read again ({error})."
    missing = other_than_trained_on(run, prepared)
    return (None, missing) if missing else (prepared, "")


def other_than_trained_on(run: Run, dataset: Dataset) -> str:
    """Say in a sentence why images are not those that a run was trained on; "" if nothing speaks against it.

    What was read from files is compared by its checksum. Other data are compared by what the run knows of them: number,
    size, brightness, contrast and detail of the training images, and the standardisation.

    Args:
        run: a network that was trained on images.
        dataset: images, prepared as for the run.
    """
    if dataset.stream is not None:
        return "the training set is read in blocks, so it is not searched."
    if run.source is not None:
        path = dataset.name if dataset.source is None else dataset.source.path
        if dataset.source is not None and dataset.source.digest == run.source.digest:
            return ""
        if path == run.source.path:
            return f"{path} has changed since the run was trained on it."
        return f"{path} is not what the run was trained on."
    same = run.dataset == dataset.name and run.image_shape == dataset.image_shape
    if same and run.image_ranges is not None and dataset.image_ranges is not None:
        ours, theirs = (np.hstack(list(ranges)) for ranges in (run.image_ranges, dataset.image_ranges))
        same = np.allclose(ours, theirs)
    if same and run.standardization is not None:
        again = standardization_of(run.standardization.undone(dataset.train.X))
        same = np.allclose(again, run.standardization, atol=1e-8)
    return "" if same else f"the images of {dataset.name} are not those that the run was trained on."
