"""The data of a run: loaded again from what the run says about them, and prepared as its network takes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from layerlab.datasets import LOADERS, Dataset, Part, load_dataset
from layerlab.datasets.holding_out import hold_out
from layerlab.datasets.loading.anything import load_data, read_again
from layerlab.datasets.preparing.split_table import notices_of
from layerlab.datasets.provenance import looks_like_path
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
        return load_data(name, **(run.source.options if run.source else aimed))
    if name is None and run.source is not None:
        return read_again(run.source)
    if name is None and run.dataset not in LOADERS:
        called = f"data called {run.dataset!r}" if run.dataset else "data without a name"
        raise InputError(
            f"the run was trained on {called}: name the data with --data, a path or one of {', '.join(LOADERS)}"
        )
    return load_dataset(run.dataset if name is None else name, folder)


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
