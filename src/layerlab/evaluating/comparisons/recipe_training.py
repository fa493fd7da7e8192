"""Training by a recipe: its network and settings are combined with the data and with the settings of the user."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from layerlab.datasets import Dataset, Part, hold_out
from layerlab.errors import InputError, TrainingWarning
from layerlab.formulas.periodic import Periodic
from layerlab.network import Network
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.plan import Plan
from layerlab.runs.run import Run
from layerlab.runs.settings_rules import NOT_FOR_LBFGS
from layerlab.settings import OWN, SETTINGS
from layerlab.training.train import explain, train

from .recipes import Recipe, Suite, suite_of


def train_recipe(recipe: Recipe, data: Dataset, *, progress: bool | str | None = None, **settings: Any) -> Run:
    """Train a recipe's network on a dataset. If something is wrong, ``run.diagnosis`` says so; there is no warning.

    Args:
        recipe: hidden layers and settings.
        data: what to train on.
        progress: as for ``train``.
        settings: settings of ``train`` that replace those of the recipe, or are added to them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return train(recipe_network(recipe, data), data, progress=progress, **recipe_settings(recipe, settings))


def explain_recipe(recipe: Recipe, data: Dataset, **settings: Any) -> Plan:
    """Return the plan of ``train_recipe``: how the training would be computed. Nothing is trained."""
    return explain(recipe_network(recipe, data), data, **recipe_settings(recipe, settings))


def hold_out_and_standardize(
    raw: Dataset, standardize: bool | None = None, share: float | None = None
) -> tuple[Dataset, Part | None]:
    """Get a dataset ready for training: hold out a validation set if asked to, then standardise the features.

    Args:
        raw: the dataset as it was loaded.
        standardize: whether to standardise the features, by the examples that are left to train on; None to do as the
            dataset's suite says.
        share: share of the training set to hold out; None for none.

    Returns:
        The dataset, and its validation set: the examples held out, or those that came with the data, or None.
    """
    data, held_out = (raw, raw.validation) if share is None else hold_out(raw, share)
    suite = suite_of(data) or Suite(())
    if not (suite.standardize if standardize is None else standardize) or data.standardization is not None:
        return data, held_out
    data = data.standardized()
    if held_out is not None and data.standardization is not None:
        held_out = Part(data.standardization(held_out.X), held_out.Y)
    return data, held_out


def recipe_data(recipe: Recipe, raw: Dataset) -> tuple[Dataset, Part | None]:
    """Get a dataset ready for one recipe: its numbers are scaled as the recipe asks, then as for any training.

    Returns:
        The dataset, and the validation set that came with it, or None.
    """
    return hold_out_and_standardize(raw if recipe.scaling is None else raw.rescaled(recipe.scaling))


def recipe_network(recipe: Recipe, data: Dataset) -> Network:
    """Return the recipe's network for a dataset: the data decide the inputs, which are waves, and the outputs."""
    rows = data.wave_inputs if recipe.embedded else ()
    embedding = Periodic(rows) if rows else None
    return Network((data.n_x, *recipe.layers, data.n_y), hidden=recipe.hidden, embedding=embedding)


def recipe_settings(recipe: Recipe, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipe's settings, with those of the user in their place, ready for ``train``.

    A setting of the recipe is left out if it does not fit what the user gave:

    - L-BFGS, if the user gave a learning rate or another setting that L-BFGS does not have, or several members;
    - hyperparameters of an optimiser or schedule that the user replaced;
    - the number of iterations, if the user gave epochs;
    - zeros as initial weights, if several seeds are compared.

    Args:
        recipe: the recipe with its settings.
        settings: what the user gave; None removes the recipe's setting, so that the default of ``train`` is used.

    Raises:
        InputError: the user chose another optimiser but no learning rate; the recipe's does not suit that optimiser.
    """
    given = {name: value for name, value in settings.items() if value is not None or name in SETTINGS}
    recipe = _taking(recipe, given)
    usual = recipe.others.get("optimizer", "gd")
    optimizer = SETTINGS["optimizer"].check(given.get("optimizer", usual))
    own = {name: getattr(recipe, name) for name in ("learning_rate", "iterations", "initializer", "seed")}
    own |= recipe.others
    if optimizer not in (usual, LBFGS) and "learning_rate" not in given:
        method = "gradient descent" if usual == "gd" else usual
        known = "" if usual == LBFGS else f": the usual learning rate here, {recipe.learning_rate:g}, is for {method}"
        raise InputError(f"optimizer {optimizer}{known}; give one with --learning-rate, such as 0.001")
    # What does not go together with the user's settings is set to None, and dropped in the last line.
    if optimizer != usual:
        own |= dict.fromkeys(OWN["optimizer"])
    if optimizer == LBFGS:
        own |= dict.fromkeys(("learning_rate", *NOT_FOR_LBFGS))
    if given.get("schedule", "cosine") != "cosine":
        own |= dict.fromkeys(OWN["schedule"])
    if given.keys() & {"epochs", "iterations"}:
        own |= dict.fromkeys(("epochs", "iterations"))
    if own["initializer"] == "zeros" and isinstance(given.get("seed"), Sequence) and len(given["seed"]) > 1:
        own["initializer"] = None
    return {name: value for name, value in (own | given).items() if value is not None}


def _taking(recipe: Recipe, given: Mapping[str, Any]) -> Recipe:
    """Return the recipe, or its ``by_steps`` if the user gave a setting that its L-BFGS does not have."""
    if recipe.by_steps is None:
        return recipe
    if "optimizer" in given:
        return recipe.by_steps if given["optimizer"] == recipe.by_steps.others["optimizer"] else recipe
    settings = ("learning_rate", *NOT_FOR_LBFGS, *OWN["optimizer"], *OWN["schedule"])
    asked = any(given.get(name) not in (None, SETTINGS[name].default) for name in settings)
    several = given.get("members", 1) != 1
    return recipe.by_steps if asked or several or given.get("checkpoint") is not None else recipe
