"""layerlab against another checkout of itself: ``python -m benchmarks.before_after OTHER [--rows a,b] [--pairs 5]``.

Each contender that is layerlab takes turns with the same one of the other checkout, each in a process of its own: A B,
B A, A B, … after a first turn of either that is not counted. What counts is the seconds of a whole turn; a ratio above
1 says that this checkout is slower.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

from .row import Contender, Row, UnavailableError
from .rows import ROWS
from .turns import ROOT, Worker


def ratios(row: Row, contender: Contender, other: Path, pairs: int, quick: bool) -> list[float]:
    """Seconds of a turn here, divided by those there, pair by pair."""
    workers: list[Worker] = []
    try:
        for root in (ROOT, other):
            workers.append(Worker(row, contender, quick, root))
            workers[-1].go()
        found = []
        for pair in range(pairs):
            order = (0, 1) if pair % 2 == 0 else (1, 0)
            seconds = {number: workers[number].go()["seconds"] for number in order}
            found.append(seconds[0] / seconds[1])
        return found
    finally:
        for worker in workers:
            worker.stop()


def main() -> int:
    """Print a line a contender; 1 where a median is above the bound."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("other", type=Path, help="the root of another checkout")
    parser.add_argument("--rows", metavar="NAME,…", help="default: all that need no GPU and no new process")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--bound", type=float, default=1.05)
    parser.add_argument("--quick", action="store_true", help="a tenth of the iterations")
    asked = parser.parse_args()
    usual = [name for name, row in ROWS.items() if not row.gpu and row.task != "cold"]
    slow = []
    for name in asked.rows.split(",") if asked.rows else usual:
        for contender in ROWS[name].contenders:
            if contender.library != "layerlab":
                continue
            try:
                found = ratios(ROWS[name], contender, asked.other.resolve(), asked.pairs, asked.quick)
            except UnavailableError as reason:
                print(f"{name:18} {contender.label:22} left out: {reason}", flush=True)
                continue
            shown = " ".join(f"{ratio:.3f}" for ratio in found)
            print(f"{name:18} {contender.label:22} median {median(found):.3f}   {shown}", flush=True)
            slow += [name] if median(found) > asked.bound else []
    print(f"above {asked.bound}: {', '.join(slow) or 'none'}", flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
