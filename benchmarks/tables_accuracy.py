"""How good networks are on tables: ``python -m benchmarks.tables_accuracy`` from the root of the repository.

Forty real tables (``tables_list.toml``), each split at random six times (a fifth is the test set; seeds 0 to 5). All
contenders get the same rows and the defaults of their packages, one thread a fit and two fits side by side. Each fit
leaves a file of its own, so the run can be interrupted, done in parts and gone on with. ``--report`` writes
tables_accuracy.md and, with every score, tables_accuracy.json; fits that are in the latter are not made again.

    python -m benchmarks.tables_accuracy --tables fgl,olive --contenders layerlab,CatBoost
    python -m benchmarks.tables_accuracy --report

It needs ``pip install -e '.[bench]'``; a contender or table whose package is missing is left out and said so.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from importlib import metadata
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.tuning.search.workers.worker_process import on_one_thread

from .tables_contenders import CONTENDERS, PACKAGES
from .tables_list import entries, split_of, table_of
from .tables_report import page
from .tables_scores import Answer, Record, record_of

LAYERLAB = "layerlab"
"""The contender that this benchmark is for."""

NAMES = (LAYERLAB, *CONTENDERS)
KEPT = Path(__file__).with_suffix(".json")

Results = dict[str, dict[str, dict[str, Any]]]
"""By contender, table and number of the split."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables_accuracy", description=__doc__.split("\n\n")[0])
    parser.add_argument("--tables", metavar="NAME,…", default=",".join(entries()), help="tables (default all)")
    parser.add_argument("--contenders", metavar="NAME,…", default=",".join(NAMES), help="contenders (default all)")
    parser.add_argument("--splits", type=int, default=6, help="random splits of each table (default 6)")
    parser.add_argument("--jobs", type=int, default=2, help="fits side by side, each on one thread (default 2)")
    parser.add_argument(
        "--results", type=Path, default=Path("runs/tables_accuracy"), help="folder with a file for each fit"
    )
    parser.add_argument("--report", action="store_true", help="fit nothing; write the page and the JSON file")
    parser.add_argument("--again", action="store_true", help="fit again what was fitted before")
    return parser.parse_args()


def main() -> int:
    """Measure what is missing, or write the report; 0, or 2 if the request was wrong."""
    asked = arguments()
    tables, contenders = asked.tables.split(","), asked.contenders.split(",")
    for names, known in ((tables, list(entries())), (contenders, list(NAMES))):
        if unknown := [name for name in names if name not in known]:
            print(f"there is no {unknown[0]!r}: wanted one of {', '.join(known)}", file=sys.stderr)
            return 2
    results = results_in(asked.results)
    if asked.report:
        KEPT.write_text(text_of(results), encoding="utf-8")
        text = page({name: results[name] for name in contenders if name in results}, LAYERLAB)
        KEPT.with_suffix(".md").write_text(text, encoding="utf-8")
        print(text)
        return 0
    os.environ.update(on_one_thread(os.environ))  # the processes that fit inherit it
    measure(list(missing(tables, contenders, asked, {} if asked.again else results)), asked)
    return 0


def results_in(folder: Path) -> Results:
    """Read all fits: those of the JSON file beside this one, and over them those of the folder."""
    results: Results = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for file in sorted(folder.glob("*/*/*.json")):
        contender, table = file.parts[-3:-1]
        results.setdefault(contender, {}).setdefault(table, {})[file.stem] = json.loads(file.read_text("utf-8"))
    return results


def text_of(results: Results) -> str:
    """Write all fits as JSON, a line for each table of each contender."""
    blocks = []
    for contender in (name for name in NAMES if name in results):
        of_tables = [name for name in entries() if name in results[contender]]
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(results[contender][name])}" for name in of_tables)
        blocks.append(f" {json.dumps(contender)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def missing(
    tables: Sequence[str], contenders: Sequence[str], asked: argparse.Namespace, results: Results
) -> Iterator[tuple[str, str, list[int]]]:
    """Yield each table and contender with the splits that are not done."""
    for table in tables:
        for contender in contenders:
            done = results.get(contender, {}).get(table, {})
            if splits := [split for split in range(asked.splits) if str(split) not in done]:
                yield table, contender, splits


def measure(tasks: Sequence[tuple[str, str, list[int]]], asked: argparse.Namespace) -> None:
    """Fit everything that is asked for, and print how it goes."""
    start = perf_counter()
    with ProcessPoolExecutor(asked.jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(fit_and_keep, *task, asked.results): task for task in tasks}
        for number, future in enumerate(as_completed(futures), 1):
            table, contender, _ = futures[future]
            try:
                said = future.result()
            except (ImportError, ValueError) as error:
                said = f"left out: {error}"
            print(f"{number}/{len(tasks)}, {perf_counter() - start:.0f} s: {table}: {contender}: {said}", flush=True)


def fit_and_keep(table: str, contender: str, splits: Sequence[int], folder: Path) -> str:
    """Fit a contender to some splits of a table, and write a file for each."""
    warnings.simplefilter("ignore")  # of trainings that end at their number of iterations
    place = folder / contender / table
    place.mkdir(parents=True, exist_ok=True)
    scores = []
    for split in splits:
        record = fitted(table, contender, split)
        unfinished = place / f"{split}.part"
        unfinished.write_text(json.dumps({**record, "version": version_of(contender)}), encoding="utf-8")
        unfinished.replace(place / f"{split}.json")
        scores.append(record["main"])
    return f"{np.mean(scores):.4g} in the mean of {len(splits)}"


def version_of(contender: str) -> str:
    """The package and version of a contender."""
    package = LAYERLAB if contender == LAYERLAB else PACKAGES.get(contender, "scikit-learn")
    return f"{package} {metadata.version(package)}"


def fitted(name: str, contender: str, split: int) -> Record:
    """Fit a contender to the training rows of a split; what is kept of it."""
    train, test = split_of(name, split)
    y = numbers_of(name)
    tested_before = np.concatenate([np.zeros(0, int), *(split_of(name, earlier)[1] for earlier in range(split))])
    if contender == LAYERLAB:
        from .tables_layerlab import layerlab_default

        answer = layerlab_default(name, train, test, split)
    else:
        answer = estimator_answer(name, contender, train, test, split)
    return record_of(y[train], y[test], answer, ~np.isin(test, tested_before))


@cache
def numbers_of(name: str) -> NDArray[Any]:
    """The targets of a table: values, or each class's place in the order of their names."""
    table = table_of(name)
    return np.unique(table.y, return_inverse=True)[1] if table.classifies else table.y


def estimator_answer(name: str, contender: str, train: NDArray[np.int64], test: NDArray[np.int64], seed: int) -> Answer:
    """Fit one of the estimators, and ask it."""
    table, y = table_of(name), numbers_of(name)
    model = CONTENDERS[contender](table, seed)
    start, start_cpu = perf_counter(), process_time()
    model.fit(table.X.iloc[train], y[train])
    seconds, cpu_seconds = perf_counter() - start, process_time() - start_cpu
    X = table.X.iloc[test]
    predictions = model.predict_proba(X) if table.classifies else np.ravel(model.predict(X))
    return Answer(np.asarray(predictions, float), seconds, cpu_seconds)


if __name__ == "__main__":
    sys.exit(main())
