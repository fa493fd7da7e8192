"""Is the estimate of a search honest? Random labels have nothing to learn, so the truth is known: chance.

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

import numpy as np

import layerlab
from layerlab.datasets import Dataset, Part
from layerlab.evaluating.statistics import cross_validated_interval, wilson_interval

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


def one(examples: int, trials: int, outer: int, seed: int) -> dict[str, float]:
    """One repetition."""
    search = layerlab.search(
        shuffled(examples, seed), trials=trials, batch=16, space=SPACE, outer=outer, seed=seed, workers=0, engine="xla"
    )
    assert search.cross is not None  # noqa: S101
    assert search.test is not None  # noqa: S101
    found = {"optimistic": search.naive, "corrected": search.cross.figure, "test set": search.test.figure}
    return found | ({"nested": search.nested.estimate.figure} if search.nested else {})


def summary(repetitions: list[dict[str, float]], examples: int, outer: int) -> list[str]:
    """A line for each estimate: its mean, its deviation, and how often each kind of interval contains 50 %."""
    lines = ["| estimate | mean | deviation | Wilson's interval contains 50 % | with the folds' correction |"]
    lines.append("| --- | --- | --- | --- | --- |")
    folds = {"optimistic": 5, "corrected": 5, "nested": outer, "test set": 0}
    for name, k in folds.items():
        values = np.array([one[name] for one in repetitions if name in one])
        if not len(values):
            continue
        n = examples if k else examples // 2
        wilson = _held([wilson_interval(round(value * n), n) for value in values])
        corrected = _held([cross_validated_interval(value, n, k) for value in values]) if k else ""
        lines.append(f"| {name} | {values.mean():.1%} | {values.std(ddof=1):.1%} | {wilson} | {corrected} |")
    return lines


def _held(intervals: list[tuple[float, float]]) -> str:
    """How many intervals hold one half, with what chance could have done."""
    holds = sum(low <= 0.5 <= high for low, high in intervals)
    low, high = wilson_interval(holds, len(intervals))
    return f"{holds} of {len(intervals)} ({low:.0%} to {high:.0%})"


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
    print("\n".join(summary(done, asked.examples, asked.outer)))


if __name__ == "__main__":
    main()
