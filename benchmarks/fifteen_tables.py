"""Fifteen tables as one would bring them from work: ``python -m benchmarks.fifteen_tables`` from the repository's root.

For each: what ``layerlab train FILE --target NAME`` gives, with all defaults, against scikit-learn's ridge or logistic
regression, histogram gradient boosting and network on the same split, each in a process of its own; seconds and peak
memory are the process's. Writes benchmarks/fifteen_tables.md; ``--screens FOLDER`` keeps what layerlab printed.
It needs ``pip install -e '.[bench]'`` and a system that reports a child's memory (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Timer
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from .fifteen_material import EXAMPLES, Example
from .fifteen_peers import PEERS
from .machine import describe

ROOT = Path(__file__).parents[1]
LAYERLAB = "layerlab"
KINDS = (LAYERLAB, *PEERS)
SCORES = {"accuracy": "test_accuracy", "mean absolute error": "test_error", "average precision": "average_precision"}
"""Names of the scores, and what the JSON of ``layerlab train`` calls them."""

LIMIT = 180
"""Seconds that each of scikit-learn's has on a table."""


class Result(NamedTuple):
    """One of the four on one table: the mean score, seconds and MiB of a process, over the splits.

    The score of a process that failed, or that took longer than ``LIMIT``, is nan.
    """

    score: float
    seconds: float
    memory: float


def main() -> int:
    """Measure, print and write; 0, or 2 if the request was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fifteen_tables", description=__doc__)
    parser.add_argument("--tables", metavar="NAME,…", default=",".join(EXAMPLES), help="tables (default all)")
    parser.add_argument("--screens", metavar="FOLDER", type=Path, help="keep what layerlab printed here")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"), help="file to write")
    asked = parser.parse_args()
    names, start = asked.tables.split(","), perf_counter()
    if unknown := [name for name in names if name not in EXAMPLES]:
        print(f"there is no {unknown[0]!r}: wanted one of {', '.join(EXAMPLES)}", file=sys.stderr)
        return 2
    if asked.screens:
        asked.screens.mkdir(parents=True, exist_ok=True)
    results, rows = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            results[name], rows[name] = measured(name, Path(folder), asked.screens)
            print(
                name,
                *(f"{kind} {one.score:.4g} ({one.seconds:.1f} s)" for kind, one in results[name].items()),
                flush=True,
            )
    text = page(results, rows, perf_counter() - start)
    print(text)
    asked.out.write_text(text, encoding="utf-8")
    return 0


def measured(name: str, folder: Path, screens: Path | None) -> tuple[dict[str, Result], int]:
    """Train all four on a table, on each of its splits; and how many examples there are."""
    example = EXAMPLES[name]
    data = folder / (f"{name}.csv" if example.target else name)
    example.write(data)
    found: dict[str, list[Result]] = {kind: [] for kind in KINDS}
    examples = 0
    for seed in range(example.seeds):
        run = folder / f"{name}-run-{seed}"
        found[LAYERLAB].append(by_layerlab(example, data, run, seed, screens and screens / f"{name}-{seed}.txt"))
        examples = len((run / "split.csv").read_text(encoding="utf-8").splitlines()) - 1
        for peer in PEERS:
            found[peer].append(by_peer(name, peer, data, run / "split.csv"))
    return {kind: Result(*np.mean(several, axis=0)) for kind, several in found.items()}, examples


def by_layerlab(example: Example, data: Path, run: Path, seed: int, screen: Path | None) -> Result:
    """Train by the command line, all defaults."""
    how = ["--target", example.target] if example.target else []
    how += ["--split-seed", str(seed)] if seed else []
    facts_file = run.with_suffix(".json")
    arguments = ["layerlab", "train", str(data), *how, "--out", str(run), "--json", str(facts_file)]
    said, seconds, memory = in_a_process(arguments)
    if screen:
        screen.write_text(f"$ {' '.join(arguments[:3])} {' '.join(how)}\n{said}", encoding="utf-8")
    if not facts_file.exists():
        raise RuntimeError(said)
    facts = json.loads(facts_file.read_text(encoding="utf-8"))
    return Result(facts.get(SCORES[example.score], np.nan), seconds, memory)


def by_peer(name: str, peer: str, data: Path, split: Path) -> Result:
    """Train one of scikit-learn's on the rows of a split."""
    said, seconds, memory = in_a_process(["benchmarks.fifteen_peers", name, peer, str(data), str(split)], LIMIT)
    try:
        return Result(json.loads(said.splitlines()[-1])["score"], seconds, memory)
    except (ValueError, IndexError):
        print(f"{name}: {peer} failed: {said[-500:]}", file=sys.stderr)
        return Result(np.nan, seconds, memory)


def in_a_process(arguments: Sequence[str], limit: float | None = None) -> tuple[str, float, float]:
    """Run a module of Python: what it printed, its seconds, and the most memory that it held, in MiB.

    After the seconds of the limit it is ended.
    """
    start = perf_counter()
    environment = {**os.environ, "COLUMNS": "120"}
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        end = Timer(limit or 0, child.kill)
        if limit:
            end.start()
        _, status, usage = os.wait4(child.pid, 0)
        end.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = perf_counter() - start
        output.seek(0)
        return output.read().decode("utf-8", "replace"), seconds, usage.ru_maxrss / 1024


PAGE = """\
# Fifteen tables

{date}; {minutes:.1f} minutes on {cores} cores of {processor}. {versions}. `python -m benchmarks.fifteen_tables`
writes this page; `benchmarks/fifteen_material.py` says where the tables are from. layerlab is `layerlab train FILE
--target NAME` with all defaults. The others are scikit-learn's, untuned, on the same training and test rows. Logistic
or ridge regression and its MLP get standardised numbers and one-hot categories. Histogram gradient boosting gets
categories as they are (the 254 most frequent of more than 255). There is one split per table; for gapminder it is the
mean of five. A dash is a fit that took more than {limit} s. The best score of a row is bold. On most of these test
sets a small difference can be luck, and `layerlab train` says where.

## Scores on the test rows

Accuracy and average precision are in per cent, more is better; the mean absolute error is in the target's unit, less is
better.

{scores}

## Seconds and peak memory (MiB) of the whole process

layerlab's include reading and checking the file, both baselines and saving the run.

{costs}
"""


def page(results: dict[str, dict[str, Result]], rows: dict[str, int], seconds: float) -> str:
    """Everything in Markdown."""
    machine: dict[str, Any] = describe()
    heads = ["table", "package", "target", "examples", "score", *KINDS]
    return PAGE.format(
        date=date.today().isoformat(),
        minutes=seconds / 60,
        limit=LIMIT,
        cores=machine["cores"],
        processor=machine["processor"],
        versions=", ".join(f"{name} {one}" for name, one in machine["versions"].items() if one != "not installed"),
        scores=_markdown(heads, [_scores(name, found, rows[name]) for name, found in results.items()]),
        costs=_markdown(["table", *KINDS], [_costs(name, found) for name, found in results.items()]),
    )


def _scores(name: str, found: dict[str, Result], examples: int) -> list[str]:
    example = EXAMPLES[name]
    scores = {kind: one.score for kind, one in found.items()}
    best = (np.nanmax if example.classifies else np.nanmin)(list(scores.values()))
    texts = [_score_text(example, score) for score in scores.values()]
    bold = [f"**{text}**" if score == best else text for text, score in zip(texts, scores.values(), strict=True)]
    title = f"{name} ({example.seeds} splits)" if example.seeds > 1 else name
    return [title, example.package, example.target or "the folder", f"{examples:,}", example.score, *bold]


def _score_text(example: Example, score: float) -> str:
    if np.isnan(score):
        return "–"
    return f"{100 * score:.1f}" if example.classifies else f"{score:.4g}"


def _costs(name: str, found: dict[str, Result]) -> list[str]:
    return [name, *(f"{one.seconds:.1f} s, {one.memory:,.0f}" for one in found.values())]


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))


if __name__ == "__main__":
    sys.exit(main())
