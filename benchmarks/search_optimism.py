"""Is the estimate of a search honest? Labels dealt at random have nothing to learn, so the truth is known: chance.

    python -m benchmarks.search_optimism [--repetitions 100] [--examples 150] [--trials 32] [--outer 5] [--json PATH]

In every repetition balanced labels are shuffled over real inputs (scikit-learn's breast cancer), the whole search is
made, and it is noted whether each interval holds chance, and what who picks and reports on the same data would claim.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import layerlab
from layerlab.datasets import Dataset, Part
from layerlab.statistics import wilson_interval

SPACE = {
    "depth": [0, 1],
    "width": {"low": 4, "high": 16, "log": True},
    "optimizer": "nesterov",
    "dropout": 0.0,
    "hidden": ["relu", "tanh"],
    "batch_size": "all",
    "iterations": 200,
    "learning_rate": {"low": 1e-3, "high": 1.0, "log": True},
}
"""Small, so that a hundred searches end on a laptop: what shows is how choices flatter, not how well one learns."""


def shuffled(examples: int, seed: int) -> Dataset:
    """Real inputs with balanced labels that mean nothing; half as many examples again to test on."""
    whole = layerlab.datasets.load_breast_cancer()
    X = np.hstack([whole.train.X, whole.test.X])
    random = np.random.RandomState(seed)
    tests = examples // 2
    X = X[:, random.permutation(X.shape[1])[: examples + tests]]
    labels = [random.permutation(np.arange(n) % 2).astype(float)[None] for n in (examples, tests)]
    parts = Part(X[:, :examples], labels[0]), Part(X[:, examples:], labels[1])
    return Dataset(f"shuffled labels {seed}", *parts, class_names=("no", "yes")).standardized()


def one(examples: int, trials: int, outer: int, seed: int) -> dict[str, Any]:
    """One repetition."""
    search = layerlab.search(
        shuffled(examples, seed), trials=trials, batch=16, space=SPACE, outer=outer, seed=seed, workers=0, engine="xla"
    )
    assert search.cross is not None  # noqa: S101
    assert search.test is not None  # noqa: S101
    right = round(search.naive * examples)
    found = {
        "naive": [search.naive, *wilson_interval(right, examples)],
        "cross-fitted": [search.cross.figure, search.cross.low, search.cross.high],
        "test": [search.test.figure, search.test.low, search.test.high],
    }
    if search.nested:
        whole = search.nested.estimate
        found["nested"] = [whole.figure, whole.low, whole.high]
        found["nested folds"] = list(search.nested.figures)
    return found


def summary(repetitions: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean figure, its deviation, and the share of intervals that hold chance."""
    table = {}
    for name in ("naive", "cross-fitted", "nested", "test"):
        rows = np.array([one[name] for one in repetitions if name in one])
        if len(rows):
            holds = (rows[:, 1] <= 0.5) & (rows[:, 2] >= 0.5)
            low, high = wilson_interval(int(holds.sum()), len(holds))
            table[name] = {
                "mean": float(rows[:, 0].mean()),
                "deviation": float(rows[:, 0].std(ddof=1)),
                "covers": float(holds.mean()),
                "covers_low": low,
                "covers_high": high,
            }
    return table


def main() -> None:
    """Run the repetitions and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first repetition")
    parser.add_argument("--examples", type=int, default=150)
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--outer", type=int, default=5)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    begun, done = perf_counter(), []
    for seed in range(asked.first, asked.first + asked.repetitions):
        done.append(one(asked.examples, asked.trials, asked.outer, seed))
        print(f"{len(done)} of {asked.repetitions}, {perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
        if asked.json:
            asked.json.write_text(json.dumps(done))
    print(f"{asked.repetitions} searches of {asked.trials} trials on {asked.examples} examples, labels shuffled:")
    for name, row in summary(done).items():
        print(
            f"{name:13} mean {row['mean']:.1%} (deviation {row['deviation']:.1%}), interval holds chance in "
            f"{row['covers']:.0%} ({row['covers_low']:.0%} to {row['covers_high']:.0%})"
        )


if __name__ == "__main__":
    main()
