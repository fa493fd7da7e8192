"""How often does a comparison of several networks call a difference real where there is none, and where there is one?

    python -m benchmarks.several_networks [--draws 2000]

Networks answer right or wrong. Each example has a difficulty that all networks share, and each network has its own luck
with it; both are normal, and ``SHARED`` is the difficulty's share of the variance. Pairs are judged by McNemar's exact
test, as ``layerlab compare`` does: once pair by pair, and once by the p-values that Holm's correction adjusts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from layerlab.evaluating.statistics import holm, mcnemar_p_value
from layerlab.text import percent

SHARED = (0.3, 0.6, 0.9)
ACCURACIES = (0.6, 0.8, 0.9)
EXAMPLES = (360, 1000)
NETWORKS = (3, 5, 10)
BETTER = 0.08
"""By so much one network of ten is more accurate than the others, where power is counted."""


def answers(
    random: np.random.RandomState, networks: int, examples: int, accuracy: float, shared: float, better: float = 0.0
) -> NDArray[np.bool_]:
    """Draw which answers are right, (networks, examples); the first network may be more accurate than the others."""
    difficulty = np.sqrt(shared) * random.standard_normal(examples)
    luck = np.sqrt(1 - shared) * random.standard_normal((networks, examples))
    accuracies = np.full((networks, 1), accuracy)
    accuracies[0] += better
    right: NDArray[np.bool_] = difficulty + luck < ndtri(accuracies)
    return right


def p_values(right: NDArray[np.bool_]) -> list[float]:
    """Of McNemar's exact test of each pair; the first network against the second comes first."""
    return [mcnemar_p_value(int((a & ~b).sum()), int((b & ~a).sum())) for a, b in combinations(right, 2)]


def rows(draws: int) -> Iterator[str]:
    """A row of the table for each number of examples, accuracy, and share of difficulty."""
    random = np.random.RandomState(0)
    for examples in EXAMPLES:
        for accuracy in ACCURACIES:
            for shared in SHARED:
                told = []
                for networks in NETWORKS:
                    some = [p_values(answers(random, networks, examples, accuracy, shared)) for _ in range(draws)]
                    each, adjusted = (float(np.mean([min(p) < 0.05 for p in ps])) for ps in (some, map(holm, some)))
                    told.append(f"{percent(each)} → {percent(adjusted)}")
                apart = [holm(p_values(answers(random, 10, examples, accuracy, shared, BETTER))) for _ in range(draws)]
                power = float(np.mean([p[0] < 0.05 for p in apart]))
                yield f"| {examples} | {100 * accuracy:.0f} % | {shared} | {' | '.join(told)} | {percent(power)} |"


def main() -> None:
    """Draw and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    asked = parser.parse_args()
    heads = [f"{networks} networks" for networks in NETWORKS]
    print(f"| examples | accuracy | shared | {' | '.join(heads)} | 8 points apart |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows(asked.draws):
        print(row, flush=True)
        print(row, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
