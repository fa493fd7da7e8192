"""Recommended learning rates: how much of the fall that the best of those tried reaches does the recommended one miss?

Run: python -m benchmarks.recommended_rates [--draws 60] [--seed 2]

The draws are those of ``range_tests`` with at most 300 examples of each data set, for 5 or 20 epochs; every second one
is without batches, for 200 or 500 updates. With the recommended learning rate the median cost over the seeds is
compared with the lowest median of those that were tried: with the five seeds that the recommendation saw, and with
three others.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import numpy as np

import layerlab
from layerlab.datasets import Part

from .range_tests import draws

EXAMPLES = 300
SEEDS = (list(range(5)), list(range(5, 8)))


def main() -> None:
    """Print a row for each draw, and how many recommendations miss at most 5 %."""
    warnings.simplefilter("ignore")
    reader = argparse.ArgumentParser()
    reader.add_argument("--draws", type=int, default=60)
    reader.add_argument("--seed", type=int, default=2)
    asked = reader.parse_args()
    random, rows, said = np.random.RandomState(asked.seed), [], []
    print("| draw | recommended | misses with the five seeds | with three others |\n|---|---|---|---|")
    for number, draw in zip(range(asked.draws), draws(asked.seed), strict=False):
        part = Part(*(values[:, :EXAMPLES] for values in draw.part))
        own = {name: value for name, value in draw.settings.items() if name != "seed"}
        own |= {"batch_size": max(16, own["batch_size"]), "epochs": int(random.choice([5, 20]))}
        if number % 2:
            own |= {"batch_size": None, "epochs": 25 * own["epochs"] if own["epochs"] == 20 else 200}
        found = layerlab.recommend_learning_rate(draw.network, part, seed=SEEDS[0], progress=False, **own)
        rates = [group.settings["learning_rate"] for group in found.sweep.over_seeds]
        others = layerlab.sweep(draw.network, part, learning_rate=rates, seed=SEEDS[1], progress=False, **own)
        shares = [missed(swept, found.rate) for swept in (found.sweep, others)]
        if shares[0] > 0.05:
            said.append(str(found))
        rows.append(shares)
        text = " | ".join(f"{100 * share:.1f} %" for share in shares)
        print(
            f"| {draw.name if own['batch_size'] else draw.name.rpartition(', ')[0]} | {found.rate} | {text} |",
            flush=True,
        )
    for what, shares in zip(("the five seeds", "three others"), np.array(rows).T, strict=True):
        print(
            f"with {what} {int((shares <= 0.05).sum())} of {len(shares)} miss at most 5 %; mean "
            f"{100 * shares.mean():.1f} %, largest {100 * shares.max():.1f} %"
        )
    print("Of those that miss more with the five seeds it is said:", *said, sep="\n\n")


def missed(swept: layerlab.Sweep, rate: float | None) -> float:
    """Share of the lowest median's fall that a learning rate's median misses; 1 for none."""
    start = float(np.median([row["start_cost"] for row in swept.table]))
    costs: dict[Any, list[float]] = {}
    for row in swept.table:
        costs.setdefault(row["learning_rate"], []).append(np.inf if row["behaviour"] == "diverged" else row["cost"])
    medians = {own: float(np.median(several)) for own, several in costs.items()}
    lowest = min(medians.values())
    return 1.0 if rate is None else min(1.0, (medians[rate] - lowest) / (start - lowest))


if __name__ == "__main__":
    main()
