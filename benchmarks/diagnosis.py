"""How good the diagnosis is: ``python -m benchmarks.diagnosis`` from the root of the repository.

Runs are drawn by a seed until there are enough; how much of what can be learned each misses is measured by training
alone (``diagnosis_draws``). Then the diagnosis of each is asked for, and its advice followed (``diagnosis_following``).
The even numbers are the tuning half, by which thresholds may be set; results are those of the odd numbers. What is
done is kept in two files of JSON lines, and another call goes on from there.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .diagnosis_draws import measured
from .diagnosis_following import followed
from .diagnosis_table import failures, report

ENOUGH = 100
"""Sick runs, and healthy ones, that the result half has at least."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--seed", type=int, default=15, help="seed of the draws (default 15)")
    parser.add_argument("--kept", type=int, default=400, help="runs to keep at least (default 400)")
    parser.add_argument("--folder", type=Path, default=Path("build/diagnosis"), help="where draws and results are kept")
    parser.add_argument("--results", default="now", help="name of the results' file in it (default now)")
    parser.add_argument("--beside", default="", help="name of earlier results, for a column beside these")
    parser.add_argument("--half", choices=["both", "tuning", "result"], default="both", help="diagnose these runs only")
    parser.add_argument("--most", type=int, default=10**9, help="diagnose at most this many runs")
    parser.add_argument("--only", choices=["draw", "follow", "table"], help="do this alone")
    parser.add_argument("--failures", action="store_true", help="print the failures of the tuning half as JSON lines")
    parser.add_argument("--out", type=Path, help="Markdown file to write the table to as well")
    return parser.parse_args()


def main() -> int:
    """Draw, follow, and print the table; 0, or 2 if the folder holds other draws."""
    asked = arguments()
    warnings.simplefilter("ignore")  # what trainings warn of is what is measured here
    asked.folder.mkdir(parents=True, exist_ok=True)
    if any(row["seed"] != asked.seed for row in lines(asked.folder / "draws.jsonl")):
        print(f"{asked.folder} holds draws of another seed: take another folder", file=sys.stderr)
        return 2
    if asked.only in (None, "draw"):
        draw(asked.folder / "draws.jsonl", asked.seed, asked.kept)
    draws = lines(asked.folder / "draws.jsonl")
    if asked.only in (None, "follow"):
        follow(draws, asked.folder / f"{asked.results}.jsonl", asked.half, asked.most)
    if asked.only in (None, "table"):
        names = [name for name in (asked.beside, asked.results) if name]
        results = {name: {row["number"]: row for row in lines(asked.folder / f"{name}.jsonl")} for name in names}
        text = report(draws, results)
        print(text)
        if asked.failures:
            print("\n".join(json.dumps(row, ensure_ascii=False) for row in failures(draws, results[asked.results])))
        if asked.out:
            asked.out.write_text(text, encoding="utf-8")
    return 0


def draw(path: Path, seed: int, kept: int) -> None:
    """Draw until enough runs are kept, and the result half has enough sick and healthy ones."""
    found = lines(path)
    while not enough(found, kept):
        tell(row := measured(seed, len(found)))
        append(path, row)
        found.append(row)


def enough(found: list[dict[str, Any]], kept: int) -> bool:
    """Whether so many runs are kept, and 100 sick and 100 healthy ones in the result half.

    Example:
        >>> enough([{"number": 1, "state": "sick"}] * 100 + [{"number": 2, "state": "healthy"}] * 100, kept=200)
        False
        >>> enough([{"number": 1, "state": "sick"}] * 100 + [{"number": 3, "state": "healthy"}] * 100, kept=200)
        True
    """
    states = [row["state"] for row in found if row["number"] % 2]
    several = min(states.count("sick"), states.count("healthy")) >= ENOUGH
    return several and sum(row["state"] != "left out" for row in found) >= kept


def follow(draws: list[dict[str, Any]], path: Path, half: str, most: int) -> None:
    """Diagnose the runs that are not in the file yet, and follow their advice."""
    done = {row["number"] for row in lines(path)}
    parity = {"both": (0, 1), "tuning": (0,), "result": (1,)}[half]
    wanted = [row for row in draws if row["state"] != "left out" and row["number"] % 2 in parity]
    for row in wanted[:most]:
        if row["number"] not in done:
            tell(result := followed(row))
            append(path, result)


def lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines; none if there is no file. A line cut off by an interrupt is left out."""
    return list(_whole(path)) if path.exists() else []


def _whole(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.endswith("}"):
            yield json.loads(line)


def append(path: Path, row: dict[str, Any]) -> None:
    """Write one more line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def tell(row: dict[str, Any]) -> None:
    """Progress, on standard error: number, state and seconds."""
    print(row["number"], row["state"], row.get("seconds", ""), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
