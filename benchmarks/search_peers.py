"""What a search costs elsewhere: a sample of configurations, each trained on five folds.

    python -m benchmarks.search_peers [--data digits] [--sample 12] [--layerlab 2000] [--halving 4] [--json PATH]

scikit-learn's ``RandomizedSearchCV`` of its MLP and Optuna with a plain PyTorch training get the same configurations
and make the same number of updates, all examples in each, without stopping early. With --halving each prunes by its own
successive halving, as its users run it: scikit-learn's ``HalvingRandomSearchCV`` trains anew at each rung, Optuna's
``SuccessiveHalvingPruner`` and layerlab go on; a sample of few configurations then says little. Each runs in a process
of its own, either two trainings at a time on one thread each or one on two, whichever is faster in a short trial. What
2000 configurations would take is the sample's mean × 2000, and said to be so.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from .machine import describe
from .report import seconds as said
from .row import UnavailableError
from .search_contenders import Asked, Measured
from .search_space import DATA, FOLDS, Configuration, configurations, examples
from .turns import ROOT, cores

WHOLE = 2000
"""Configurations of the search that is spoken of."""

TRIED = 4
"""Configurations by which it is found out how a peer is fastest, with a tenth of the updates."""

PEERS = {"scikit-learn": ("sklearn",), "Optuna and PyTorch": ("optuna", "torch")}
"""Who is measured on the sample, and what is imported for it; one that is not installed is left out."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_peers", description=__doc__)
    parser.add_argument("--sample", type=int, default=12, metavar="N", help="configurations of the peers (default 12)")
    parser.add_argument(
        "--layerlab", type=int, default=0, metavar="N", help="train so many by layerlab too (default 0)"
    )
    parser.add_argument(
        "--iterations", type=int, default=1000, metavar="N", help="updates of a training (default 1000)"
    )
    parser.add_argument("--data", choices=DATA, default="cats", help="whose examples (default cats)")
    parser.add_argument(
        "--halving",
        type=int,
        default=1,
        metavar="N",
        help="one of N goes on at 1/N² and 1/N (default 1)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the sampled configurations")
    parser.add_argument("--json", type=Path, metavar="PATH", help="file to write")
    return parser.parse_args()


def main() -> int:
    """Measure, print and write; 0, or 2 if the request was wrong."""
    asked = arguments()
    if min(asked.sample, asked.layerlab) < 0 or min(asked.iterations, asked.halving) < 1:
        return refuse(
            "wanted no negative number of configurations, and at least 1 iteration and a halving of at least 1"
        )
    work = Asked(asked.iterations, asked.data, asked.halving)
    try:
        examples(asked.data)
    except UnavailableError as error:
        return refuse(str(error))
    sample = configurations(asked.sample, asked.seed)
    found = {name: measured_peer(name, sample, work) for name in PEERS if sample and installed(name)}
    if asked.layerlab:
        tell(f"layerlab: {asked.layerlab} configurations")
        searched = configurations(asked.layerlab, asked.seed)
        found["layerlab"] = figures(in_process("layerlab", searched, work, cores(), 1), cores(), 1)
    results = {
        "date": date.today().isoformat(),
        "machine": describe(),
        "optuna": metadata.version("optuna") if "Optuna and PyTorch" in found else None,
        **work._asdict(),
        "folds": FOLDS,
        "seed": asked.seed,
        "extrapolated_to": WHOLE,
        "configurations": sample,
        "found": found,
    }
    print(report(results))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


def installed(name: str) -> bool:
    """Whether a library is installed; if not, this is printed."""
    lacking = [module for module in PEERS[name] if not find_spec(module)]
    if lacking:
        tell(f"{name}: left out, {lacking[0]} is not installed here")
    return not lacking


def measured_peer(name: str, sample: Sequence[Configuration], asked: Asked) -> dict[str, Any]:
    """A library's results, in the way that was faster in a short trial; that trial's seconds are among them."""
    ways = [(1, cores()), (cores(), 1)]
    trial = {}
    for jobs, threads in ways:
        tell(f"{name}: a trial of {jobs} × {threads} thread{'s' if threads > 1 else ''}")
        short = asked._replace(iterations=max(1, asked.iterations // 10), halving=1)
        trial[jobs] = in_process(name, sample[:TRIED], short, jobs, threads).seconds
    jobs, threads = min(ways, key=lambda way: trial[way[0]])
    tell(f"{name}: {len(sample)} configurations, {jobs} × {threads} thread{'s' if threads > 1 else ''}")
    own = figures(in_process(name, sample, asked, jobs, threads), jobs, threads)
    return {**own, "trial": [{"jobs": way[0], "threads": way[1], "seconds": trial[way[0]]} for way in ways]}


def layerlab_seconds(searched: Sequence[Configuration], iterations: int = 1000) -> float:
    """Seconds that layerlab takes to train configurations on five folds: starting, compiling and scoring too."""
    return in_process("layerlab", searched, Asked(iterations), cores(), 1).seconds


def in_process(name: str, searched: Sequence[Configuration], asked: Asked, jobs: int, threads: int) -> Measured:
    """What a contender does in a new process, whose libraries take that many threads.

    Raises:
        CalledProcessError: it failed; its words are on standard error.
    """
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    work = {"name": name, "searched": list(searched), "jobs": jobs, **asked._asdict()}
    with tempfile.TemporaryDirectory() as folder:
        told, answer = Path(folder, "work.json"), Path(folder, "answer.json")  # a pipe would wait for its children too
        told.write_text(json.dumps(work), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "benchmarks.search_worker", str(told), str(answer)],
            cwd=ROOT,
            env=os.environ | dict.fromkeys(names, str(threads)),
            check=True,
        )
        return Measured(**json.loads(answer.read_text(encoding="utf-8")))


def figures(measured: Measured, jobs: int, threads: int) -> dict[str, Any]:
    """What is reported about a contender.

    ``standard_error`` is that of the seconds a configuration takes, by the spread of the sample; it is absent for one.
    """
    n = len(measured.accuracies)
    each = [value for value in measured.each if math.isfinite(value)]
    error = {"standard_error": stdev(each) / mean(each) * measured.seconds / n / math.sqrt(n)} if len(each) > 1 else {}
    return {
        "jobs": jobs,
        "threads": threads,
        "configurations": n,
        "seconds": measured.seconds,
        "seconds_each": measured.seconds / n,
        **error,
        "seconds_whole": measured.seconds / n * WHOLE,
        "each": _known(measured.each),
        "accuracies": _known(measured.accuracies),
        "updates": measured.updates,
    }


def _known(values: Sequence[float]) -> list[float | None]:
    """JSON has no NaN."""
    return [value if math.isfinite(value) else None for value in values]


def report(results: dict[str, Any]) -> str:
    """Two tables: what was measured, and the configurations."""
    found, sample, machine = results["found"], results["configurations"], results["machine"]
    searched = f"{results['iterations']:,} updates on each fold of {results['data']}, halving {results['halving']}"
    lines = [
        f"{searched}; {machine['processor']}, {machine['cores']} cores.",
        "",
        f"| contender | jobs × threads | configurations | all | one, {FOLDS} folds | {WHOLE}, extrapolated | failed |",
        "|---|---|---|---|---|---|---|",
        *(_line(name, one) for name, one in found.items()),
        "",
        f"Extrapolated: seconds of one × {WHOLE}, ± the standard error by the spread of the sample.",
        "",
        "| optimizer | learning rate | hidden | widths | L2 | "
        + " | ".join(f"{name}, accuracy" for name in found)
        + " |",
        "|---|---|---|---|---|" + "---|" * len(found),
    ]
    for place, one in enumerate(sample):
        widths = "-".join(map(str, one["widths"]))
        told = [_accuracy(found[name], place) for name in found]
        cells = [one["optimizer"], f"{one['learning_rate']:.2g}", one["hidden"], widths, f"{one['l2']:.2g}", *told]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _line(name: str, one: dict[str, Any]) -> str:
    error = one.get("standard_error")
    spread = f" ± {said(error * WHOLE)}" if error is not None else ""
    failed = one["accuracies"].count(None)
    way = f"{one['jobs']} × {one['threads']}"
    whole = said(one["seconds_whole"]) + spread
    cells = [name, way, str(one["configurations"]), said(one["seconds"]), said(one["seconds_each"]), whole, str(failed)]
    return f"| {' | '.join(cells)} |"


def _accuracy(one: dict[str, Any], place: int) -> str:
    """In per cent, with the configuration's own seconds where it was trained alone."""
    if place >= len(one["accuracies"]) or one["accuracies"][place] is None:
        return ""
    seconds = one["each"][place]
    return f"{100 * one['accuracies'][place]:.1f} %" + (f" in {said(seconds)}" if seconds is not None else "")


def refuse(message: str) -> int:
    """A wrong request in a sentence."""
    print(message, file=sys.stderr)
    return 2


def tell(message: str) -> None:
    """Progress, on standard error."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
