"""What the commands do between parsing and printing: each returns the facts that are printed and written as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab import __version__
from layerlab.caches import cache_folder
from layerlab.datasets import LOADERS, Dataset, load_dataset, load_flower
from layerlab.datasets.dataset import class_numbers
from layerlab.datasets.included.cats import check_cats
from layerlab.datasets.source import read_again
from layerlab.errors import InputError, WorkError
from layerlab.evaluating.baseline import baseline_facts
from layerlab.evaluating.comparisons.comparison import sampled_costs
from layerlab.evaluating.comparisons.recipes import SUITES, Recipe, suite_of
from layerlab.evaluating.comparisons.trials import base_rate, fit
from layerlab.evaluating.statistics import amount, mean_interval, r_squared, wilson_interval
from layerlab.machine import cores
from layerlab.network import Network
from layerlab.runs.exports.export import check_export, export
from layerlab.runs.run import Run
from layerlab.training.gradient_check import gradient_check
from layerlab.training.speed import keep, machine_file, this_machine


def recipes_for(data: Dataset, layers: Sequence[str], hidden: str | None, usual: int) -> list[Recipe]:
    """Networks with the settings of the dataset's own network that is as deep as the deepest of them.

    Args:
        data: one that comes with layerlab, or was read from a file.
        layers: hidden layers of each: "20,7,5" or "none".
        hidden: their activation, or one for each layer with commas; None for the own network's.
        usual: number of the dataset's network that is meant where no layers are given.

    Raises:
        InputError: layers are not whole numbers above 0.
    """
    suite, sizes = suite_of(data), [_sizes(text) for text in layers]
    assert suite is not None  # noqa: S101
    own = suite.recipes
    deepest = max(map(len, sizes)) if sizes else usual
    pattern = own[min(deepest, len(own) - 1)]
    if hidden is not None:
        pattern = replace(pattern, hidden=tuple(hidden.split(",")) if "," in hidden else hidden)
    return [replace(pattern, name=_called(some, own[0]), layers=some) for some in sizes] or [pattern]


def _called(sizes: tuple[int, ...], linear: Recipe) -> str:
    return f"{len(sizes) + 1}-layer network" if sizes else linear.name


def _sizes(layers: str) -> tuple[int, ...]:
    if layers == "none":
        return ()
    try:
        sizes = tuple(int(size) for size in layers.split(","))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise InputError(f"--layers {layers!r}: wanted whole numbers above 0 with commas, such as 20,7,5, or none")
    return sizes


def free_folder(parent: Path, name: str) -> Path:
    """The first of parent/name-1, -2, … that is not there yet, nor on its way, as its log shows."""
    number = 1
    while any((parent / f"{name}-{number}{end}").exists() for end in ("", ".log.csv")):
        number += 1
    return parent / f"{name}-{number}"


def train_facts(run: Run, dataset: Dataset) -> dict[str, Any]:
    """A run in numbers: settings, costs, scores on both parts, beside them a linear model's, findings."""
    return {
        "dataset": dataset.name,
        "standardized": dataset.standardization is not None,
        "layer_dims": list(run.network.layer_dims),
        "hidden": run.network.hidden_name,
        "output": run.network.output,
        "parameters": run.network.n_parameters,
        "settings": dict(run.settings),
        "iterations_done": len(run.history.costs),
        "interrupted": run.history.interrupted,
        "costs": sampled_costs(run.history),
        "seconds": run.history.seconds,
        "kept_at": run.history.kept_at,
        **(_class_scores if run.network.classifies else _value_scores)(run, dataset),
        "baseline": baseline_facts(run, dataset),
        "diagnosis": [finding._asdict() for finding in run.diagnosis],
        "out": None,
    }


def _class_scores(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Accuracies, the test part's with its interval, and the base rate; of several labels each counts for itself."""
    if run.network.has_several_labels:
        return _label_scores(run, dataset)
    right = run.predict(dataset.test.X)[0] == class_numbers(dataset.test.Y)
    return {
        "train_accuracy": run.accuracy(dataset.train),
        "test_accuracy": float(right.mean()),
        "test_interval": list(wilson_interval(int(right.sum()), len(right))),
        "base_rate": base_rate(dataset.test.Y),
    }


def _label_scores(run: Run, dataset: Dataset) -> dict[str, Any]:
    """Shares of labels that are right; the interval is over examples, since the labels of one are not independent."""
    truth = dataset.test.Y > 0.5
    right = (run.predict(dataset.test.X) == truth).mean(axis=0)
    on = truth.mean(axis=1)
    return {
        "train_accuracy": run.accuracy(dataset.train),
        "test_accuracy": float(right.mean()),
        "test_interval": list(mean_interval(right)[1]),
        "base_rate": float(np.maximum(on, 1 - on).mean()),
    }


def _value_scores(run: Run, dataset: Dataset) -> dict[str, Any]:
    """R² and mean absolute error, the test part's with its interval, and what always answering the median scores."""
    train, test = (run.predict(part.X) for part in (dataset.train, dataset.test))
    Y = dataset.test.Y
    median = np.broadcast_to(np.median(dataset.train.Y, axis=1, keepdims=True), Y.shape)
    error, interval = mean_interval(np.abs(Y - test).mean(axis=0))
    return {
        "train_r2": r_squared(dataset.train.Y, train),
        "test_r2": r_squared(Y, test),
        "train_error": float(np.abs(dataset.train.Y - train).mean()),
        "test_error": error,
        "test_error_interval": list(interval),
        "median_r2": r_squared(Y, median),
        "median_error": float(np.abs(Y - median).mean()),
    }


def export_run(run: Run, path: Path, form: str, folder: Path | None) -> dict[str, Any]:
    """A run as a model for other software, checked on the test part of its dataset.

    Raises:
        InputError: what ``export`` refuses, or layerlab does not have the run's dataset.
    """
    check_export(path, form)
    if run.source is None and run.dataset not in LOADERS:
        raise InputError(
            f"the run was trained on {run.dataset or 'data of your own'}, which is none of layerlab's datasets: export "
            f"it in Python on examples of yours, layerlab.export(layerlab.load(RUN), PATH, X)"
        )
    data = load_dataset(run.dataset, folder) if run.source is None else read_again(run.source)
    raw = data.test.X if data.raw is None else data.raw.table.taken(data.raw.test)
    done = export(run, path, raw, format=form)
    return {**done._asdict(), "path": str(path), "dataset": run.dataset}


def describe(dataset: Dataset) -> dict[str, Any]:
    """Sizes, classes, ranges and base rate of a dataset."""
    X = dataset.train.X
    low, high = X.min(axis=1), X.max(axis=1)
    facts: dict[str, Any] = {
        "name": dataset.name,
        "about": dataset.about,
        "examples": f"{dataset.train.X.shape[1]} to train on, {dataset.test.X.shape[1]} to test on",
        "features": dataset.n_x,
    }
    if dataset.image_shape:
        facts["image"] = " × ".join(map(str, dataset.image_shape))
    facts["range"] = f"{amount(low.min())} to {amount(high.max())}"
    facts["constant features"] = int((low == high).sum())
    facts |= _described_classes(dataset) if dataset.class_names else _described_values(dataset.train.Y)
    if dataset.feature_names:
        facts["feature names"] = ", ".join(dataset.feature_names)
    return facts


def _described_classes(dataset: Dataset) -> dict[str, Any]:
    train, test = (np.bincount(class_numbers(part.Y), minlength=2) for part in (dataset.train, dataset.test))
    classes = {
        f"class {name}": f"{in_train} to train on, {in_test} to test on"
        for name, in_train, in_test in zip(dataset.class_names, train, test, strict=True)
    }
    return {**classes, "base rate": base_rate(dataset.test.Y)}


def _described_values(Y: NDArray[Any]) -> dict[str, Any]:
    names = ["values"] if len(Y) == 1 else [f"values of output {k + 1}" for k in range(len(Y))]
    return {
        name: f"{amount(row.min())} to {amount(row.max())}, mean {amount(row.mean())}, to train on"
        for name, row in zip(names, Y, strict=True)
    }


def measure_machine(tell: Callable[[str], None]) -> None:
    """Measure the engines on this machine, and keep the rates for the planner.

    Args:
        tell: is told what is being measured.

    Raises:
        WorkError: the cache folder cannot be written to.
    """
    from layerlab.training.measuring_speed import measure

    machine = measure(tell)
    try:
        keep(machine)
    except OSError as error:
        raise WorkError(f"{machine_file()}: cannot be written ({error}); XDG_CACHE_HOME names another cache") from error


def version_of(package: str) -> str:
    """The version that is installed here, or that it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _engines() -> str:
    if find_spec("jax") is None:
        return "numpy; xla needs jax, which is not installed here"
    try:
        fit(SUITES["flower"].recipes[0], load_flower(), engine="xla", iterations=1, progress=False)
    except InputError as error:
        return f"numpy; {error}"
    return "numpy, xla"


def _planner() -> str:
    if this_machine().measured:
        return f"rates of this machine ({machine_file()})"
    return f"shipped rates; {machine_file()} is damaged" if machine_file().exists() else "shipped rates"


def examine() -> dict[str, Any]:
    """Versions, threads, engines, caches, and a gradient check on this machine."""
    from threadpoolctl import threadpool_info

    check = gradient_check(Network([2, 4, 3, 1], hidden="tanh"), load_flower())
    packages = (
        "numpy",
        "jax",
        "scipy",
        "scikit-learn",
        "matplotlib",
        "h5py",
        "pillow",
        "pooch",
        "safetensors",
        "onnx",
        "onnxruntime",
        "rich",
        "typer",
    )
    pools = [
        f"{pool['internal_api']} {pool.get('version') or ''}, {pool['num_threads']} threads"
        for pool in threadpool_info()
    ]
    return {
        "layerlab": __version__,
        "python": f"{platform.python_version()} on {platform.platform()}",
        **{package: version_of(package) for package in packages},
        "cores": cores(),
        "matrix products": "; ".join(sorted(set(pools))),
        "engines": _engines(),
        "planner": _planner(),
        "LAYERLAB_DATA": os.environ.get("LAYERLAB_DATA", "not set"),
        "cache": str(cache_folder()),
        "cats": check_cats(),
        "gradient check": f"{'right' if check else 'WRONG'} to {max(c.relative_difference for c in check.checks):.0e}",
    }
