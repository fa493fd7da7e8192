"""Trials a minute of one search, by processes beside it and by workers of a dask cluster on the same machine.

    python -m benchmarks.search_cluster --trials 40

Each search is made twice, and the second counts: the compiled programs are in the cache then. The seconds are those of
the whole call: starting workers, training, choosing, and training the choice on all examples.
"""

from __future__ import annotations

import argparse
import os
from time import perf_counter
from typing import Any

CREWS: dict[str, dict[str, Any]] = {
    "in this process": {"workers": 0},
    "1 process beside it": {"workers": 1},
    "2 processes beside it": {"workers": 2},
    "1 dask worker (local:1)": {"cluster": "local:1"},
    "2 dask workers (local:2)": {"cluster": "local:2"},
}


def seconds(trials: int, how: dict[str, Any]) -> tuple[float, float, float]:
    """Of a search of the digits: by the clock, of work in all tasks, and the score of the best trial."""
    import layerlab

    begin = perf_counter()
    found = layerlab.search(layerlab.datasets.load_digits(), trials=trials, space={"iterations": 200}, **how)
    return perf_counter() - begin, found.seconds[0], min(one.score for one in found.trials if one.state == "finished")


def main() -> None:
    """A table."""
    parser = argparse.ArgumentParser(description="Trials a minute of a search.")
    parser.add_argument("--trials", type=int, default=40)
    trials = parser.parse_args().trials
    print(f"{trials} trials on 5 folds of the digits, {os.cpu_count()} cores\n")
    print("| who trains | seconds | of work | trials a minute | best score |")
    print("|---|---|---|---|---|")
    for name, how in CREWS.items():
        seconds(trials, how)
        clock, work, best = seconds(trials, how)
        print(f"| {name} | {clock:.1f} | {work:.1f} | {60 * trials / clock:.0f} | {best:.6f} |", flush=True)


if __name__ == "__main__":
    main()
