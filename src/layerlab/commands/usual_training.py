"""What ``layerlab train`` trains unless the user says otherwise, and how it is made to fit into a time budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from layerlab.datasets import Dataset, Part
from layerlab.errors import InputError
from layerlab.evaluating.comparisons.recipes import Recipe, members_recipe
from layerlab.evaluating.comparisons.time_budget import USUAL_SECONDS, cut_recipe
from layerlab.runs.all_optimizers import LBFGS

from .inputs import activations, dataset_for, prepared, recipe_for

if TYPE_CHECKING:
    from rich.console import Console

EMBEDDINGS = ("periodic", "none")
"""What --embedding may say."""


class WantedNetwork(NamedTuple):
    """What the user says about the network, as texts and numbers of the command line; None where nothing is said.

    Attributes:
        layers, hidden: as for ``recipe_for``.
        embedding: one of ``EMBEDDINGS``.
        validation: the share of the training set that is held out.
        settings: the settings of ``train`` that were given.
    """

    layers: str | None
    hidden: str | None
    embedding: str | None
    validation: float | None
    settings: Mapping[str, Any]

    @property
    def single(self) -> bool:
        """Whether one network is asked for: by its layers, by members=1, or by a setting that members do not have."""
        given = self.settings
        alone = given.get("members") == 1 or given.get("optimizer") == LBFGS or given.get("monitor") is not None
        return alone or self.layers is not None or self.validation is not None


def usual_training(
    wanted: WantedNetwork,
    data: str,
    folder: Path | None,
    data_options: Mapping[str, Any],
    standardize: bool | None,
    console: Console,
) -> tuple[Dataset, Dataset, Part | None, Recipe]:
    """Load the data, and choose what is trained on them: for a table several networks on folds, else one network.

    Args:
        wanted: what the user says about the network.
        data, folder, data_options: as for ``dataset_for``.
        standardize: as for ``hold_out_and_standardize``.
        console: where to print what was read.

    Returns:
        The dataset as it was read, the dataset to train on, its validation set or None, and the recipe.

    Raises:
        InputError: the data cannot be read, or what is wanted does not fit them.
    """
    raw = dataset_for(data, folder, data_options)
    usual = None if wanted.single else members_recipe(raw)
    if usual is not None and usual.scaling is not None and "scaling" not in data_options:
        raw = raw.rescaled(usual.scaling)
    dataset, held_out = prepared(raw, standardize, wanted.validation, console)
    return raw, dataset, held_out, _recipe(wanted, usual, dataset)


def _recipe(wanted: WantedNetwork, usual: Recipe | None, data: Dataset) -> Recipe:
    """Return the recipe of what is wanted: the usual one, or that of one network."""
    if usual is None:
        recipe = recipe_for(data, wanted.layers, wanted.hidden)
    else:
        count = wanted.settings.get("members") or usual.others["members"]
        hidden = usual.hidden if wanted.hidden is None else activations(wanted.hidden)
        recipe = replace(usual, name=f"{count} networks", hidden=hidden)
    if wanted.embedding is None:
        return recipe
    if wanted.embedding not in EMBEDDINGS:
        raise InputError(f"--embedding {wanted.embedding!r}: wanted {' or '.join(EMBEDDINGS)}")
    embedded = wanted.embedding == "periodic"
    if embedded and not data.wave_inputs:
        raise InputError(
            "--embedding periodic: wanted a table with a column of numbers or dates that is not --time's; leave it out"
        )
    return replace(recipe, embedded=embedded)


def check_budget(seconds: float | None, settings: Mapping[str, Any], checkpoint: Path | None) -> None:
    """Check what --time-budget says.

    Raises:
        InputError: the seconds are not above 0, or the budget does not go together with a checkpoint or with epochs.
    """
    if seconds is None:
        return
    if not 0 < seconds < float("inf"):
        raise InputError(f"--time-budget {seconds:g}: wanted seconds above 0, such as 60")
    other = "checkpoint" if checkpoint is not None else next(iter(_lengths(settings)), None)
    if other:
        raise InputError(f"--time-budget with --{other}: the budget chooses the epochs anew; give one of the two")


def within_budget(
    recipe: Recipe,
    dataset: Dataset,
    settings: Mapping[str, Any],
    seconds: float | None,
    checkpoint: Path | None,
    console: Console,
) -> tuple[dict[str, Any], str]:
    """Cut epochs and members where the training would take longer than its budget, and say so.

    Args:
        recipe: what is trained; without --time-budget only members have a budget.
        dataset: what it is trained on.
        settings: what the user gave; a given number of epochs or members is never cut.
        seconds: what --time-budget says, or None.
        checkpoint: where the training is saved on its way; it has to have the same epochs when it goes on.
        console: where what was cut is said.

    Returns:
        The settings that replace those of the recipe, and what was cut in a sentence; both are empty if nothing was.
    """
    if seconds is None and ("members" not in recipe.others or checkpoint is not None or _lengths(settings)):
        return {}, ""
    cut = cut_recipe(recipe, dataset, settings, USUAL_SECONDS if seconds is None else seconds)
    if cut is None or not cut.sentence:
        return {}, ""
    console.print(f"{cut.sentence}.", highlight=False, soft_wrap=True)
    return cut.settings, cut.sentence


def _lengths(settings: Mapping[str, Any]) -> list[str]:
    """Return which of the settings that say how long a training is were given."""
    return [name for name in ("epochs", "iterations") if settings.get(name) is not None]
