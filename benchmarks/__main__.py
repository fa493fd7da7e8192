"""``python -m benchmarks``: measure, print, and write results.md and results.json beside this file."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from .figures import figures_of, verdicts
from .machine import describe, measure_ceiling
from .quoted import write_tables
from .report import report
from .rows import ROWS
from .turns import measure

FOLDER = Path(__file__).parent


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure layerlab against PyTorch, scikit-learn, JAX and its own NumPy engine, side by side, and "
        "write benchmarks/results.md and benchmarks/results.json. Run it from the root of the repository, on a quiet "
        "machine; a peer that is not installed is left out and said so.",
        epilog="rows: " + "; ".join(f"{row.name}: {row.title}" for row in ROWS.values()),
    )
    parser.add_argument("--rows", metavar="NAME,…", help="measure these rows; results of the others are kept")
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of each contender (default 5)")
    parser.add_argument("--quick", action="store_true", help="few iterations, one round; prints and writes nothing")
    return parser.parse_args()


def main() -> int:
    """Measure the rows asked for; 0, or 2 if the request was wrong."""
    asked = arguments()
    names = asked.rows.split(",") if asked.rows else list(ROWS)
    rounds = (1 if asked.quick else 5) if asked.rounds is None else asked.rounds
    if unknown := [name for name in names if name not in ROWS]:
        return refuse(f"no row is called {unknown[0]!r}: wanted one of {', '.join(ROWS)}")
    if rounds < 1:
        return refuse(f"--rounds {rounds}: wanted a whole number of at least 1")
    tell("measuring the ceiling")
    results = {"machine": describe(), "ceiling": measure_ceiling(), "rows": {}}
    if not asked.quick:
        results["rows"] = former(results["machine"])
    for name in names:
        results["rows"][name] = measure_row(name, rounds, asked.quick)
        if not asked.quick:  # after every row, so that an interrupt loses only one
            write(results)
    print(report(results))
    return 0


def measure_row(name: str, rounds: int, quick: bool) -> dict[str, Any]:
    """A row's turns, values and verdicts."""
    row = ROWS[name]
    found = measure(row, rounds, quick, tell)
    figures = figures_of(row, found)
    reached = {verdict.target.text: verdict.reached for verdict in verdicts(row, figures)}
    return {
        "date": date.today().isoformat(),
        "rounds": rounds,
        "figures": figures,
        "targets_reached": reached,
        "found": found,
    }


def former(machine: dict[str, Any]) -> dict[str, Any]:
    """Rows measured before on the same machine with the same versions."""
    try:
        results = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    rows: dict[str, Any] = results.get("rows", {})
    return {name: rows[name] for name in rows if name in ROWS} if results.get("machine") == machine else {}


def write(results: dict[str, Any]) -> None:
    """Both files, and the tables of docs/engine.md."""
    (FOLDER / "results.md").write_text(report(results), encoding="utf-8")
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_tables()


def tell(message: str) -> None:
    """Progress, on standard error."""
    print(message, file=sys.stderr, flush=True)


def refuse(message: str) -> int:
    """A wrong request in a sentence."""
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
