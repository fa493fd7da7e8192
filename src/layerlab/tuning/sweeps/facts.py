"""What the commands sweep and rate do between parsing and printing: train populations, and their facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from layerlab.datasets import Dataset
from layerlab.evaluating.comparisons.recipe_training import recipe_network, recipe_settings
from layerlab.evaluating.comparisons.recipes import Recipe
from layerlab.evaluating.statistics import r_squared
from layerlab.runs.history import sampled_costs
from layerlab.runs.plan import Plan
from layerlab.runs.run import Run

from .advice import advised
from .result import Sweep
from .seeds import OverSeeds, over_seeds
from .sweep import plan_sweep, sweep


def fit_sweep(recipes: Sequence[Recipe], data: Dataset, **settings: Any) -> Sweep:
    """Train recipes' networks on a dataset as one population, with the first one's settings where none are given.

    Args:
        recipes: at least one.
        data: inputs and outputs.
        settings: of ``sweep``, instead of the recipe's or beside them.
    """
    networks = [recipe_network(recipe, data) for recipe in recipes]
    return sweep(networks, data, **recipe_settings(recipes[0], settings))


def explain_sweep(recipes: Sequence[Recipe], data: Dataset, **settings: Any) -> list[Plan]:
    """How ``fit_sweep`` would compute it, one plan a program."""
    networks = [recipe_network(recipe, data) for recipe in recipes]
    return plan_sweep(networks, data, **recipe_settings(recipes[0], settings))


def sweep_facts(sweep: Sweep, dataset: Dataset) -> dict[str, Any]:
    """A sweep in numbers: what is the same for all, and each member's accuracies, findings and costs."""
    members = [
        {
            **row,
            **_both_scores(run, dataset),
            "diagnosis": [finding._asdict() for finding in run.diagnosis],
            "costs": sampled_costs(run.history),
        }
        for row, run in zip(sweep.table, sweep.runs, strict=True)
    ]
    advice = None if sweep.interrupted else advised(sweep.table, sweep.varied)
    return {
        "dataset": dataset.name,
        "standardized": dataset.standardization is not None,
        "varied": list(sweep.varied),
        "common": dict(sweep.common),
        "members": members,
        "over_seeds": [_over_seeds(group) for group in over_seeds(members, sweep.varied)],
        "advice": advice and advice._asdict(),
        "interrupted": sweep.interrupted,
        "left_over": sweep.left_over,
        "plans": [asdict(plan) for plan in sweep.plans],
    }


def _over_seeds(group: OverSeeds) -> dict[str, Any]:
    figures = {name: spread._asdict() for name, spread in group.figures.items() if spread is not None}
    return {**group.settings, "members": list(group.members), **figures, "behaviours": group.behaviours}


def _both_scores(run: Run, dataset: Dataset) -> dict[str, float]:
    """Accuracies, or R² of values, on both parts."""
    parts = {"train": dataset.train, "test": dataset.test}
    if run.network.classifies:
        return {f"{name}_accuracy": run.accuracy(part) for name, part in parts.items()}
    return {f"{name}_r2": r_squared(part.Y, run.predict(part.X)) for name, part in parts.items()}
