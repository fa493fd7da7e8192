"""Nearest training images of misclassified test images: by the last hidden layer or by the pixels?

Run: python -m benchmarks.nearest_neighbours [--splits 10] [--seed 0]

The networks are those that ``layerlab compare`` trains on the digits and on the cats, with a hidden layer. Each is
trained on several random splits: those with the seeds ``seed``, ``seed`` + 1 …, which are the seeds of the weights too.
Of the wrongly classified test images it counts those whose nearest training images have the class that the network
predicts wrongly: the majority of the 5 (ties go to the class of the lower number), and the share among all 5. Beside
these stand the share of that class among all training images, which is what images drawn at random would reach.
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np

import layerlab
from layerlab.datasets import Dataset, load_cats, load_digits
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.comparisons.recipes import SUITES, Recipe

NEIGHBOURS = 5


def main() -> None:
    """Print a row for each network."""
    warnings.simplefilter("ignore")
    reader = argparse.ArgumentParser()
    reader.add_argument("--splits", type=int, default=10)
    reader.add_argument("--seed", type=int, default=0)
    given = reader.parse_args()
    print("| | mistakes | majority, pixels | last hidden layer | share, pixels | last hidden layer | by chance |")
    print("|---|---|---|---|---|---|---|")
    for name, load in (("digits", load_digits), ("cats", load_cats)):
        data = load()
        for recipe in SUITES[name].recipes:
            if recipe.layers:
                seeds = range(given.seed, given.seed + given.splits)
                print(_row(f"{name}, {recipe.name}", np.concatenate([_mistakes(data, recipe, seed) for seed in seeds])))


def _mistakes(data: Dataset, recipe: Recipe, seed: int) -> np.ndarray:
    """Train on a split; return a row of five numbers for each mistake: majority and share by both, and chance."""
    data = data.resplit(seed)
    ends = len(data.train.X), len(data.train.Y)
    network = layerlab.Network((ends[0], *recipe.layers, ends[1]), recipe.hidden)
    run = layerlab.train(
        network,
        data,
        learning_rate=recipe.learning_rate,
        iterations=recipe.iterations,
        initializer=recipe.initializer,
        seed=seed,
        advice=False,
    )
    answers = run.predict(data.test.X)[0]
    wrong = np.flatnonzero(answers != class_numbers(data.test.Y))
    answers, known = answers[wrong], class_numbers(data.train.Y)
    columns = []
    for layer in (0, None):
        found = layerlab.nearest_neighbours(run, data.test.X[:, wrong], data, k=NEIGHBOURS, layer=layer)
        majority = [np.bincount(classes).argmax() for classes in found.truth.T]
        columns += [np.array(majority) == answers, (found.truth == answers).mean(axis=0)]
    return np.stack([*columns, (known[:, None] == answers).mean(axis=0)], axis=1)


def _row(name: str, mistakes: np.ndarray) -> str:
    """Return a row of the table, with means over all mistakes."""
    pixels, pixels_share, hidden, hidden_share, chance = (f"{100 * value:.0f} %" for value in mistakes.mean(axis=0))
    return f"| {name} | {len(mistakes)} | {pixels} | {hidden} | {pixels_share} | {hidden_share} | {chance} |"


if __name__ == "__main__":
    main()
