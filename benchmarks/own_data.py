"""The default network for your own data: the recipe, the same stopped by a held-out share, and a linear model.

    python -m benchmarks.own_data [--splits 4]

Each real table of ``tables_material.py`` goes in as a data frame, as a user's would (``load_table``), split by several
seeds; all that is learned of its columns is learned again each time. Writes benchmarks/own_data.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from layerlab.datasets import Dataset, hold_out, load_table
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.evaluating.comparisons.recipes import suite_of
from layerlab.evaluating.linear_baseline import linear_baseline
from layerlab.evaluating.statistics import r_squared
from layerlab.runs.run import Run

from .tables_material import TABLES

TARGET = "the target"


def _scored(run: Run, data: Dataset) -> float:
    """Accuracy or R² on the test set."""
    if run.network.classifies:
        return run.accuracy(data.test)
    return r_squared(data.test.Y, run.predict(data.test.X))


def by_recipe(data: Dataset) -> float:
    """What ``layerlab train`` does: all training rows, a learning rate that falls to zero."""
    suite = suite_of(data)
    assert suite is not None  # noqa: S101
    return _scored(train_recipe(suite.recipes[1], data, progress=False), data)


def stopped(data: Dataset) -> float:
    """The same network at a constant learning rate, ended when a held-out fifth of the training set gets no better."""
    rest, held_out = hold_out(data, 0.2)
    suite = suite_of(rest)
    assert suite is not None  # noqa: S101
    how: dict[str, Any] = {"schedule": "constant", "monitor": "validation_cost", "patience": 20, "epochs": 200}
    return _scored(train_recipe(suite.recipes[1], rest, validation=held_out, progress=False, **how), rest)


def linear(data: Dataset) -> float:
    """scikit-learn's logistic or ridge regression on the same features."""
    model = linear_baseline(data, classes=bool(data.class_names))
    score = model.accuracy if data.class_names else model.r2
    assert score is not None  # noqa: S101
    return score


CONTENDERS: dict[str, Callable[[Dataset], float]] = {
    "recipe": by_recipe,
    "stopped by a held-out fifth": stopped,
    "linear": linear,
}

PAGE = """\
# The default network on eleven tables

{tables} real tables, each split at random {splits} times (a fifth is the test set), {date}; {seconds:.0f} s on
{cores} cores. `python -m benchmarks.own_data` writes this file.

Means over the splits: accuracy in per cent, or R² × 100 for regression (marked R²). "recipe" is what `layerlab train`
does by default.

"""


def main() -> None:
    """Measure, print and write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--splits", type=int, default=4)
    splits, begun = parser.parse_args().splits, perf_counter()
    scores: dict[str, dict[str, float]] = {}
    for name, make in TABLES.items():
        table = make()
        frame = table.X.assign(**{TARGET: table.y})
        task = "classes" if table.classifies else "values"
        whole = load_table(frame, target=TARGET, task=task, categories=table.categories, drop_rare=True)
        found: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
        for seed in range(splits):
            data = whole.resplit(seed)
            for contender, score in CONTENDERS.items():
                found[contender].append(score(data))
        label = name if table.classifies else f"{name} (R²)"
        scores[label] = {contender: 100 * float(np.mean(values)) for contender, values in found.items()}
        print(label, scores[label], flush=True)
    lines = [f"| table | {' | '.join(CONTENDERS)} |", "| --- |" + " --- |" * len(CONTENDERS)]
    mean = {contender: float(np.mean([row[contender] for row in scores.values()])) for contender in CONTENDERS}
    for label, row in {**scores, "mean": mean}.items():
        lines.append(f"| {label} | {' | '.join(f'{row[contender]:.1f}' for contender in CONTENDERS)} |")
    head = PAGE.format(
        tables=len(scores),
        splits=splits,
        date=np.datetime64("today"),
        seconds=perf_counter() - begun,
        cores=os.cpu_count(),
    )
    Path(__file__).with_suffix(".md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
