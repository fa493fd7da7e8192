"""A training is opened: its data, its network and its settings, from what a client and the command line say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import ABOUT, LOADERS, Dataset, Part, known_name, load_dataset
from layerlab.datasets.included.cats import cats_here
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.evaluating.comparisons.recipe_training import hold_out_and_standardize, recipe_network, recipe_settings
from layerlab.evaluating.comparisons.recipes import SUITES, Recipe, suite_of
from layerlab.formulas import ACTIVATIONS
from layerlab.machine import version_of
from layerlab.network import Network
from layerlab.plots.unit_maps import extent_of
from layerlab.runs.events import Event
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import CHOICES_WITH_SETTINGS, batches_an_epoch
from layerlab.settings import OWN, SETTINGS, Setting
from layerlab.training.stepper.stepper import Stepper

from .commands import MOST_ITERATIONS, MOST_LAYERS, MOST_PARAMETERS, MOST_UNITS, NOT_LIVE, VERSION, check_iterations
from .memory import MakeRoom, any_size, needed_memory

GIVEN = "given"
"""The name by which a client opens what the command line named, where that is no included dataset."""

SHOWN_POINTS = 2000
"""So many training examples are drawn on the plane."""

TIMELINE_BYTES = 1 << 24
"""Bytes that the earlier states of one training take at most."""

OWN_NETWORKS = {
    "flower": replace(SUITES["flower"].recipes[2], name="3-layer network", layers=(8, 8), learning_rate=0.3),
    "digits": SUITES["digits"].recipes[1],
    "cats": SUITES["cats"].recipes[2],
}
"""What the lab opens for a dataset; for all others it is the 2-layer network of ``layerlab compare``."""


class Given(NamedTuple):
    """What the command line names.

    Attributes:
        name: that of an included dataset, or any name for data that were read from a path.
        data: the dataset that was read from a path, ready to train on; None for an included one.
        validation: the validation set of ``data``; None for its test set.
        layers, hidden: hidden layers and their activation; None for those of the dataset's own network.
        settings: settings of ``train`` that replace the dataset's own.
        folder: the folder of the files of cats, or None.
        standardize: whether to standardise the features of an included dataset; None for what suits it.
        share: share of the training set of an included dataset that is held out as the validation set; None for none.
    """

    name: str = "flower"
    data: Dataset | None = None
    validation: Part | None = None
    layers: tuple[int, ...] | None = None
    hidden: str | tuple[str, ...] | None = None
    settings: Mapping[str, Any] = {}
    folder: str | Path | None = None
    standardize: bool | None = None
    share: float | None = None


class Training(NamedTuple):
    """What is opened.

    Attributes:
        name: that of an included dataset, or "given".
        data: the dataset, standardised if its recipe says so.
        validation: the examples on which the training is measured.
        stepper: the training.
        box: (x0, x1, y0, y1) of the plane of two features, with a margin; None for other data.
    """

    name: str
    data: Dataset
    validation: Part
    stepper: Stepper
    box: tuple[float, float, float, float] | None


class Replayed(NamedTuple):
    """What a link makes again.

    Attributes:
        events: the changes by hand, in their order.
        update: the number of updates to go to.
    """

    events: tuple[Event, ...]
    update: int


def opened(
    given: Given,
    data: str | None = None,
    layers: tuple[int, ...] | None = None,
    hidden: str | tuple[str, ...] | None = None,
    settings: Mapping[str, Any] | None = None,
    make_room: MakeRoom = any_size,
) -> Training:
    """Open a training; before its first update.

    Args:
        given: what the command line named.
        data: a name of ``LOADERS`` or "given"; None for what the command line named.
        layers, hidden: hidden layers and their activation; None for those of the dataset's own network.
        settings: settings that replace the dataset's own; None in it removes one of them.
        make_room: called with the bytes that the training will need, before it takes them.

    Raises:
        InputError: there is no such dataset, it is not on this machine, or network and settings do not fit.
    """
    asked, dataset, validation = data_for(given, data)
    recipe = _recipe_for(asked, dataset)
    layers = recipe.layers if layers is None else layers
    recipe = _with_network(replace(recipe, hidden=hidden or _activations(recipe, layers)), dataset, layers)
    network = recipe_network(recipe, dataset)
    check_size(network)
    chosen = recipe_settings(recipe, _over(asked.settings, settings or {}))
    return training_of(asked, dataset, validation, network, chosen, make_room)


def data_for(given: Given, data: str | None = None) -> tuple[Given, Dataset, Part | None]:
    """Load the data of a training; the arguments are those of ``opened``.

    Returns:
        What the command line says about these data, the dataset, and its validation set; None for its test set.

    Raises:
        InputError: there is no such dataset, or it is not on this machine.
    """
    as_given = data in (None, GIVEN) or (given.data is None and data == given.name)
    asked = given if as_given else Given(known_name(str(data)))
    if asked.data is not None:
        return asked, asked.data, asked.validation
    return asked, *_included(asked)


def training_of(
    asked: Given,
    dataset: Dataset,
    validation: Part | None,
    network: Network,
    settings: Mapping[str, Any],
    make_room: MakeRoom,
) -> Training:
    """Begin a training with exactly these settings of ``train``; the data are as ``data_for`` returns them.

    Raises:
        InputError: network and settings do not fit, or there is no room for it.
    """
    _check_epochs(settings, dataset)
    validation = dataset.test if validation is None else validation
    make_room(needed_memory(network, dataset.train, validation))
    stepper = Stepper(network, dataset, validation=validation, **settings)
    stepper.keep_at_most(TIMELINE_BYTES)
    return Training(GIVEN if asked.data is not None else asked.name, dataset, validation, stepper, _box(dataset))


def _over(typed: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings over those that were typed; of these, what no longer fits is left out."""
    left = dict(typed)
    if settings.keys() & {"epochs", "iterations"}:
        left = {name: value for name, value in left.items() if name not in ("epochs", "iterations")}
    for kind in CHOICES_WITH_SETTINGS:
        if kind in settings and settings[kind] != typed.get(kind, settings[kind]):
            left = {name: value for name, value in left.items() if name not in OWN[kind]}
    return {**left, **settings}


def _check_epochs(chosen: Mapping[str, Any], dataset: Dataset) -> None:
    """Refuse more iterations than the lab makes, also where they are given as epochs."""
    m, epochs = dataset.train.X.shape[1], chosen.get("epochs")
    check_iterations(chosen.get("iterations"))
    if epochs is not None:
        check_iterations(epochs * batches_an_epoch(m, chosen.get("batch_size") or m))


def check_given(given: Given) -> None:
    """Check what the command line names by opening it once.

    Raises:
        InputError: it cannot be opened.
    """
    opened(given)


def check_size(network: Network) -> None:
    """Refuse a network that is too large for the lab.

    Raises:
        InputError: it has too many layers, units or parameters.
    """
    hidden = network.layer_dims[1:-1]
    if len(hidden) > MOST_LAYERS or max(hidden, default=0) > MOST_UNITS:
        raise InputError(f"layers={list(hidden)}: wanted at most {MOST_LAYERS} layers of at most {MOST_UNITS} units")
    if network.n_parameters > MOST_PARAMETERS:
        raise InputError(
            f"a network with {network.n_parameters:,} parameters: wanted at most {MOST_PARAMETERS:,} in the lab; take "
            f"fewer units"
        )


def _included(asked: Given) -> tuple[Dataset, Part | None]:
    folder = None if asked.folder is None else str(asked.folder)
    return _loaded(known_name(asked.name), folder, asked.standardize, asked.share)


@lru_cache(maxsize=len(LOADERS) + 1)
def _loaded(
    name: str, folder: str | None, standardize: bool | None, share: float | None
) -> tuple[Dataset, Part | None]:
    """Load an included dataset once for all sessions, which only read it; nothing is downloaded."""
    if name == "cats" and folder is None and cats_here() is None:
        raise InputError(
            "cats: the photographs are not on this machine, and the lab downloads nothing; `layerlab train cats` "
            "downloads them once"
        )
    return hold_out_and_standardize(load_dataset(name, folder), standardize, share)


def _recipe_for(asked: Given, dataset: Dataset) -> Recipe:
    """Return the dataset's own network, or the one that the command line named with its settings as in ``train``."""
    suite = suite_of(dataset)
    assert suite is not None  # noqa: S101
    own = suite.recipes
    recipe = OWN_NETWORKS.get(asked.name, own[1]) if asked.data is None else own[1]
    if asked.layers is not None:
        recipe = recipe if len(asked.layers) == len(recipe.layers) else own[min(len(asked.layers), len(own) - 1)]
        recipe = _with_network(recipe, dataset, asked.layers)
    return recipe if asked.hidden is None else replace(recipe, hidden=asked.hidden)


def _with_network(recipe: Recipe, dataset: Dataset, layers: tuple[int, ...]) -> Recipe:
    """Return a recipe with other hidden layers; without any, that of the dataset's linear model."""
    if layers or not recipe.layers:
        return replace(recipe, layers=layers)
    suite = suite_of(dataset)
    assert suite is not None  # noqa: S101
    linear = suite.recipes[0]
    return linear.by_steps or linear


def _activations(recipe: Recipe, layers: tuple[int, ...]) -> str | tuple[str, ...]:
    """Return the recipe's activations, for other hidden layers: if there are more or fewer, the first one for all."""
    fits = isinstance(recipe.hidden, str) or len(recipe.hidden) == len(layers)
    return recipe.hidden if fits else recipe.hidden[0]


def _box(dataset: Dataset) -> tuple[float, float, float, float] | None:
    """Return the plane of two features, with a margin; None for other data."""
    return extent_of(dataset.train.X) if dataset.n_x == 2 and dataset.image_shape is None else None


# What clients hear about it


def welcome(session: str, given: Given) -> dict[str, Any]:
    """Return the message that answers ``hello``: what there is to choose from."""
    return {
        "type": "welcome",
        "version": VERSION,
        "session": session,
        "layerlab": version_of("layerlab"),
        "activations": list(ACTIVATIONS),
        "settings": [_setting_facts(setting) for setting in SETTINGS.values()],
        "limits": {"layers": MOST_LAYERS, "units": MOST_UNITS, "iterations": MOST_ITERATIONS},
        "datasets": [
            {"name": name, "about": about, "at_hand": name != "cats" or cats_here() is not None}
            for name, about in ABOUT.items()
        ],
        "given": given.name if given.data is not None else None,
    }


def _setting_facts(setting: Setting) -> dict[str, Any]:
    """Return a setting as plain values; a bound that does not exist is None."""
    bounds = {name: getattr(setting, name) for name in ("low", "high", "above", "below")}
    return {
        "name": setting.name,
        "kind": setting.kind.__name__,
        "default": setting.default,
        "help": setting.help,
        "usual": setting.usual,
        **{name: value if np.isfinite(value) else None for name, value in bounds.items()},
        "choices": list(setting.choices),
        "optional": setting.may_be_none,
        "live": setting.name not in NOT_LIVE,
        "belongs": _belongs(setting.name),
    }


def _belongs(name: str) -> dict[str, Any] | None:
    """Return which optimisers, schedules or monitors have a setting; None for one that every training has."""
    for kind, table in CHOICES_WITH_SETTINGS.items():
        if name in OWN[kind]:
            return {"to": kind, "values": [choice for choice, row in table.items() if name in row.defaults]}
    return None


def opened_message(training: Training, restored: Replayed | None = None) -> dict[str, Any]:
    """Return the message that describes a training: its data, network, settings and plan.

    Args:
        training: what is open.
        restored: what a link makes again; None without a link.
    """
    data, stepper = training.data, training.stepper
    network = stepper.network
    return {
        "type": "opened",
        "data": _data_facts(training),
        "network": {
            "layer_dims": list(network.layer_dims),
            "activations": list(network.activations),
            "output": network.output,
        },
        "layers": list(network.layer_dims[1:-1]),
        "hidden": network.hidden if isinstance(network.hidden, str) else list(network.hidden),
        "settings": dict(stepper.settings),
        "plan": plan_words(stepper.plan),
        "planar": _planar(training),
        "examples": data.train.X.shape[1],
        "parameters": {name: list(shape) for name, shape in network.shapes.items()},
        "restored": None if restored is None else {"update": restored.update, "events": len(restored.events)},
    }


def plan_words(plan: Plan) -> str:
    """Return how a training is computed, in words: a plan without the time and the progress bar of ``train``."""
    kept, name = list[str](), ""
    for line in str(plan).splitlines():
        name = line[:8].strip() or name
        if name not in ("Expected", "time") and not line.strip().startswith("progress "):
            kept.append(line)
    return "\n".join(kept)


def _data_facts(training: Training) -> dict[str, Any]:
    data = training.data
    tested = training.validation is data.test
    measured = "Validation cost and accuracy are" if data.class_names else "The validation cost is"
    called = "the test set while you watch" if tested else "a validation set"
    return {
        "name": training.name,
        "title": data.name,
        "about": data.about,
        "task": "classes" if data.class_names else "values",
        "train": data.train.X.shape[1],
        "test": data.test.X.shape[1],
        "validation": {"what": "test" if tested else "validation", "examples": training.validation.X.shape[1]},
        "class_names": list(data.class_names),
        "feature_names": list(data.feature_names),
        "image_shape": None if data.image_shape is None else list(data.image_shape),
        "notices": [*map(str, data.notices), f"{measured} measured on {called}.", *_scaled(training)],
    }


def _scaled(training: Training) -> list[str]:
    """Return a sentence on the units where the target was scaled for learning."""
    if training.stepper.job.scaling is None:
        return []
    return [
        "The network learns the target scaled to mean 0 and standard deviation 1.",
        "Weights, costs and the numbers in the diagram are those of the scaled target.",
        "What the network says and the true value are in the unit of the data.",
    ]


def _planar(training: Training) -> dict[str, Any] | None:
    """Return the plane and the points on it."""
    if training.box is None:
        return None
    X, Y = training.data.train
    places = np.unique(np.linspace(0, X.shape[1] - 1, min(SHOWN_POINTS, X.shape[1])).astype(int))
    labels = class_numbers(Y) if training.data.class_names else Y[0]
    return {
        "box": list(training.box),
        "points": X[:, places].T.tolist(),
        "labels": labels[places].tolist(),
        "examples": places.tolist(),
    }
