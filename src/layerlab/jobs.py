"""What the commands do between parsing and printing: each returns the facts that are printed and written as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .architecture import Network
from .checking import gradient_check
from .comparison import sampled_costs
from .datasets import Dataset, load_flower, load_photos
from .datasets.cats import cats_cache, check_cats
from .datasets.dataset import class_numbers
from .errors import InputError
from .recipes import SUITES, Recipe
from .settings import check_settings
from .statistics import wilson_interval
from .training.run import Run
from .trials import base_rate


def recipe_for(data: str, layers: str | None, hidden: str | None, **settings: Any) -> Recipe:
    """The dataset's own 2-layer recipe with what was given put in.

    Args:
        data: a dataset's name.
        layers: "20,7,5", "none", or None for the recipe's own.
        hidden: activation, or None.
        settings: learning_rate, iterations, initializer, seed; None keeps the recipe's.

    Raises:
        InputError: layers are not whole numbers above 0, or a setting is out of its range.
    """
    own = SUITES[data].recipes[1]
    given = check_settings(**{name: value for name, value in settings.items() if value is not None})
    sizes = own.layers if layers is None else _sizes(layers)
    name = f"{len(sizes) + 1}-layer network" if sizes else "logistic regression"
    return replace(own, name=name, layers=sizes, hidden=hidden or own.hidden, **given)


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
    """The first of parent/name-1, -2, … that is not there yet."""
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


def train_facts(run: Run, dataset: Dataset) -> dict[str, Any]:
    """A run in numbers: settings, costs, accuracies with the test set's interval and base rate, findings."""
    right = run.predict(dataset.test.X)[0] == class_numbers(dataset.test.Y)
    return {
        "dataset": dataset.name,
        "standardized": dataset.standardization is not None,
        "layer_dims": list(run.network.layer_dims),
        "hidden": run.network.hidden,
        "output": run.network.output,
        "parameters": run.network.n_parameters,
        "settings": dict(run.settings),
        "iterations_done": len(run.history.costs),
        "interrupted": run.history.interrupted,
        "costs": sampled_costs(run.history.costs),
        "seconds": run.history.seconds,
        "train_accuracy": run.accuracy(dataset.train),
        "test_accuracy": float(right.mean()),
        "test_interval": list(wilson_interval(int(right.sum()), len(right))),
        "base_rate": base_rate(dataset.test.Y),
        "diagnosis": [finding._asdict() for finding in run.diagnosis],
        "out": None,
    }


def predict_photos(run: Run, photos: Sequence[Path]) -> list[dict[str, Any]]:
    """File, class and the probability of each class, for each photograph.

    Raises:
        InputError: the run was not trained on images, or a photograph cannot be read.
    """
    if run.image_shape is None:
        raise InputError(
            f"the run was trained on {run.dataset or 'other data'}, which is no images: train on digits or cats"
        )
    X = load_photos(photos, run.image_shape)
    if run.standardization:
        X = run.standardization(X)
    labels, probabilities = run.predict(X)[0], run.predict_proba(X)
    if len(probabilities) == 1:  # of class 1; class 0 has the rest
        probabilities = np.concatenate([1 - probabilities, probabilities])
    return [
        {
            "file": str(photo),
            "class": run.class_names[label],
            "probabilities": dict(zip(run.class_names, column.tolist(), strict=True)),
        }
        for photo, label, column in zip(photos, labels, probabilities.T, strict=True)
    ]


def describe(dataset: Dataset) -> dict[str, Any]:
    """Sizes, classes, ranges and base rate of a dataset."""
    train, test = (np.bincount(class_numbers(part.Y), minlength=2) for part in (dataset.train, dataset.test))
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
    facts["range"] = f"{low.min():.4g} to {high.max():.4g}"
    facts["constant features"] = int((low == high).sum())
    for name, in_train, in_test in zip(dataset.class_names, train, test, strict=True):
        facts[f"class {name}"] = f"{in_train} to train on, {in_test} to test on"
    facts["base rate"] = base_rate(dataset.test.Y)
    if dataset.feature_names:
        facts["feature names"] = ", ".join(dataset.feature_names)
    return facts


def examine() -> dict[str, Any]:
    """Versions, threads, engines, caches, and a gradient check on this machine."""
    from threadpoolctl import threadpool_info

    check = gradient_check(Network([2, 4, 3, 1], hidden="tanh"), load_flower())
    packages = (
        "numpy",
        "scipy",
        "scikit-learn",
        "matplotlib",
        "h5py",
        "pillow",
        "pooch",
        "safetensors",
        "rich",
        "typer",
    )
    pools = [
        f"{pool['internal_api']} {pool.get('version') or ''}, {pool['num_threads']} threads"
        for pool in threadpool_info()
    ]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "layerlab": __version__,
        "python": f"{platform.python_version()} on {platform.platform()}",
        **{package: metadata.version(package) for package in packages},
        "cores": cores,
        "matrix products": "; ".join(sorted(set(pools))),
        "engines": "numpy",
        "LAYERLAB_DATA": os.environ.get("LAYERLAB_DATA", "not set"),
        "cache": str(cats_cache().parent),
        "cats": check_cats(),
        "gradient check": f"{'right' if check else 'WRONG'} to {max(c.relative_difference for c in check.checks):.0e}",
    }
