"""What ``layerlab rate`` does between parsing and printing: it finds a learning rate, and collects the facts."""

from __future__ import annotations

from typing import Any

from layerlab.datasets import Dataset
from layerlab.evaluating.comparisons.recipe_training import recipe_network, recipe_settings
from layerlab.evaluating.comparisons.recipes import Recipe
from layerlab.evaluating.train_test_gap import gap_facts
from layerlab.tuning.sweeps.facts import sweep_facts

from .recommendation import SEEDS, Recommendation, recommend_learning_rate


def fit_rates(recipe: Recipe, data: Dataset, **settings: Any) -> Recommendation:
    """Recommend a learning rate for the network of a recipe.

    Args:
        recipe: hidden layers and settings; its seed is the first of those that are tried.
        data: inputs and outputs.
        settings: settings of ``recommend_learning_rate``; the recipe's are taken for those that are not given.
    """
    tried = settings.pop("learning_rate", None)
    own = recipe_settings(
        recipe, {"learning_rate": 1.0, **settings}
    )  # tried are those of the user, or of the range test
    own["learning_rate"] = tried
    if "seed" not in settings and own["initializer"] != "zeros":
        own["seed"] = list(range(recipe.seed, recipe.seed + SEEDS))
    return recommend_learning_rate(recipe_network(recipe, data), data, **own)


def rate_facts(found: Recommendation, dataset: Dataset) -> dict[str, Any]:
    """Return a recommendation as plain values: the learning rate, the reasons, and what they follow from."""
    return {
        "dataset": dataset.name,
        "learning_rate": found.rate,
        "reasons": [*found.sentences, *_on_memorising(found, dataset)],
        "range_test": found.range_test and found.range_test.facts,
        "stability": found.stability and found.stability.facts,
        "sweep": sweep_facts(found.sweep, dataset),
    }


def _on_memorising(found: Recommendation, dataset: Dataset) -> tuple[str, ...]:
    """Say so if the network with this learning rate and the first seed is much better on the training set."""
    runs = [run for run in found.sweep.runs if run.settings["learning_rate"] == found.rate and not run.diverged]
    if not runs:
        return ()
    gap = gap_facts(runs[0], dataset, runs[0].predict(dataset.train.X), runs[0].predict(dataset.test.X))
    if gap["outcome"] is None:
        return ()
    return (f"It is recommended because of its low training cost, but that is not all that counts. {gap['what']}",)
