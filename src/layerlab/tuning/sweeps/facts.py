"""What ``layerlab sweep`` and ``layerlab rate`` do between parsing and printing: train, plan, collect facts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from layerlab.datasets import Dataset
from layerlab.evaluating.class_scores import usual_score
from layerlab.evaluating.comparisons.recipe_training import recipe_network, recipe_settings
from layerlab.evaluating.comparisons.recipes import Recipe
from layerlab.evaluating.statistics import r_squared
from layerlab.runs.history import sampled_costs
from layerlab.runs.metrics import METRICS, metric_value
from layerlab.runs.plan import Plan
from layerlab.runs.run import Run

from .result import Sweep, facts_about
from .sweep import plan_sweep, sweep


def fit_sweep(recipes: Sequence[Recipe], data: Dataset, **settings: Any) -> Sweep:
    """Train the networks of several recipes on a dataset as one population.

    Args:
        recipes: at least one.
        data: inputs and outputs.
        settings: settings of ``sweep``; the first recipe's are taken for those that are not given.
    """
    networks = [recipe_network(recipe, data) for recipe in recipes]
    return sweep(networks, data, **_shared_settings(recipes, settings))


def explain_sweep(recipes: Sequence[Recipe], data: Dataset, **settings: Any) -> list[Plan]:
    """Plan what ``fit_sweep`` would train, one plan for each program; nothing is trained."""
    networks = [recipe_network(recipe, data) for recipe in recipes]
    return plan_sweep(networks, data, **_shared_settings(recipes, settings))


def _shared_settings(recipes: Sequence[Recipe], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first recipe's settings, those of the user in their place.

    The recipe's dropout is left out where one of the networks has no hidden layer; a dropout that the user gave stays,
    and is refused there.
    """
    own = recipe_settings(recipes[0], settings)
    if settings.get("dropout") is None and not all(recipe.layers for recipe in recipes):
        own.pop("dropout", None)
    return own


def sweep_facts(sweep: Sweep, dataset: Dataset, by: str | None = None) -> dict[str, Any]:
    """Return a sweep as plain values: what all members share, and each member's scores, findings and costs.

    Args:
        sweep: the population.
        dataset: what it was trained on.
        by: the score of classes that is shown and by which ``best`` is chosen on the validation set; None shows the
            accuracy, and where classes are unequal the ROC AUC too, and chooses none.
    """
    classes = len(sweep.runs) > 0 and sweep.runs[0].network.classifies
    shown = by or (usual_score(sweep.runs[0], dataset) if classes else None)
    shown = None if shown == "accuracy" else shown
    held_out = sweep.runs.validation_scores(shown) if shown else []
    members = [
        {
            **row,
            **_both_scores(run, dataset, shown),
            **({f"validation_{shown}": held_out[number]} if held_out and math.isfinite(held_out[number]) else {}),
            "diagnosis": [finding.facts() for finding in run.diagnosis],
            "costs": sampled_costs(run.history),
        }
        for number, (row, run) in enumerate(zip(sweep.table, sweep.runs, strict=True))
    ]
    facts = facts_about(sweep, members)
    if by is not None and len(members):
        facts["best"] = {"by": f"validation_{by}", "member": sweep.best_member(f"validation_{by}")}
    return {"dataset": facts["dataset"], "standardized": dataset.standardization is not None, **facts}


def _both_scores(run: Run, dataset: Dataset, shown: str | None) -> dict[str, float]:
    """Accuracy and the score that is shown beside it, or R² for regression, on the training set and on the test set."""
    parts = {"train": dataset.train, "test": dataset.test}
    if run.network.classifies:
        scores = {f"{name}_accuracy": run.accuracy(part) for name, part in parts.items()}
        for name, part in parts.items() if shown else ():
            P = run.predict_proba(part.X)
            scores[f"{name}_{shown}"] = metric_value(METRICS[str(shown)], run.network, P, part.Y)
        return scores
    return {f"{name}_r2": r_squared(part.Y, run.predict(part.X)) for name, part in parts.items()}
