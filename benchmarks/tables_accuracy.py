"""How good networks are on tables: ``python -m benchmarks.tables_accuracy`` from the root of the repository.

Cross-validation, with new random folds for every repetition: all contenders on the same splits (stratified for
classes). Accuracy for classes, R² for values. A difference has the 95 % interval of the corrected resampled t-test
(Nadeau & Bengio 2003), since the splits share most of their training examples. Writes benchmarks/tables_accuracy.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np

from layerlab.evaluating.statistics import corrected_resampled_t
from layerlab.formulas.arrays import Floats

from .tables_contenders import BASE, CONTENDERS, Contender
from .tables_material import TABLES, Table


class Result(NamedTuple):
    """One contender on one table: a score for each split, and the mean seconds of a fit."""

    scores: Floats
    seconds: float


Results = dict[str, dict[str, Result]]
"""By table, then by contender."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables_accuracy", description=__doc__)
    parser.add_argument("--repeats", type=int, default=2, help="how often the folds are drawn (default 2)")
    parser.add_argument("--folds", type=int, default=5, help="parts of which each is the test set once (default 5)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="fits at a time, each on one core")
    parser.add_argument("--tables", metavar="NAME,…", default=",".join(TABLES), help="tables (default all)")
    parser.add_argument("--contenders", metavar="NAME,…", default=",".join(CONTENDERS), help="contenders (default all)")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"), help="file to write")
    return parser.parse_args()


def main() -> int:
    """Measure, print and write; 0, or 2 if the request was wrong."""
    asked = arguments()
    tables, contenders = asked.tables.split(","), asked.contenders.split(",")
    if wrong := refusal(asked, tables, contenders):
        print(wrong, file=sys.stderr)
        return 2
    warnings.simplefilter("ignore", UserWarning)  # of trainings that end at their number of iterations
    start = perf_counter()
    results = {name: on_table(name, contenders, asked) for name in tables}
    text = report(results, asked, perf_counter() - start)
    print(text)
    asked.out.write_text(text, encoding="utf-8")
    return 0


def refusal(asked: argparse.Namespace, tables: Sequence[str], contenders: Sequence[str]) -> str:
    """What is wrong with the request, or nothing."""
    for names, known in ((tables, list(TABLES)), (contenders, list(CONTENDERS))):
        if unknown := [name for name in names if name not in known]:
            return f"there is no {unknown[0]!r}: wanted one of {', '.join(known)}"
    if BASE not in contenders or asked.repeats < 1 or asked.folds < 2:
        return f"wanted {BASE!r} among the contenders, at least 1 repetition and at least 2 folds"
    return ""


def on_table(name: str, contenders: Sequence[str], asked: argparse.Namespace) -> dict[str, Result]:
    """Every contender that can be had."""
    table = TABLES[name]()
    found: dict[str, Result] = {}
    for contender in contenders:
        print(f"{name}: {contender}", file=sys.stderr)
        try:
            CONTENDERS[contender](table, 0)
        except (ImportError, TypeError) as error:  # not there, or not with these arguments
            print(f"left out: {error}", file=sys.stderr)
            continue
        found[contender] = measured(table, CONTENDERS[contender], asked)
    return found


def measured(table: Table, contender: Contender, asked: argparse.Namespace) -> Result:
    """Scores of all splits; repetition i is split by seed i and starts from seed i."""
    from sklearn.model_selection import KFold, StratifiedKFold, cross_validate

    scores, seconds = [], []
    for repeat in range(asked.repeats):
        splits = (StratifiedKFold if table.classifies else KFold)(asked.folds, shuffle=True, random_state=repeat)
        estimator = contender(table, repeat)
        done = cross_validate(estimator, table.X, table.y, cv=splits, n_jobs=asked.jobs, error_score="raise")
        scores.append(done["test_score"])
        seconds.append(done["fit_time"])
    return Result(np.concatenate(scores), float(np.mean(seconds)))


def report(results: Results, asked: argparse.Namespace, seconds: float) -> str:
    """Everything in Markdown."""
    names = [name for name in CONTENDERS if any(name in found for found in results.values())]
    others = [name for name in names if name != BASE]
    packages = ("layerlab", "numpy", "scikit-learn")
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in packages)
    lines = [
        "# Networks on tables",
        "",
        f"{asked.repeats} × {asked.folds}-fold cross-validation, {date.today().isoformat()}; {versions}.",
        f"{seconds / 60:.1f} minutes on {os.cpu_count()} cores, {asked.jobs} fits at a time.",
        "`python -m benchmarks.tables_accuracy` writes this file; `benchmarks/tables_contenders.py` names the fits.",
        "",
        "## Scores",
        "",
        "Means over the splits: accuracy in per cent, or R² × 100 for regression (marked R²).",
        "",
        *_markdown(["table", "examples", *names], [_scores(name, found, names) for name, found in results.items()]),
        _row(["mean rank", "", *(f"{rank:.2f}" for rank in ranks(results, names))]),
        _row(["mean seconds a fit", "", *(_seconds(results, name) for name in names)]),
        "",
        f"## Differences from {BASE}",
        "",
        "In points, with 95 % intervals by the corrected resampled t-test (Nadeau & Bengio 2003): the variance of the",
        "mean of k splits is taken as (1/k + n_test/n_train) s², as they share training examples. Intervals that",
        "exclude 0 are bold. There is no correction for the number of comparisons.",
        "",
        *_markdown(["table", *others], [_differences(name, found, others, asked) for name, found in results.items()]),
    ]
    return "\n".join(lines) + "\n"


def ranks(results: Results, names: Sequence[str]) -> Floats:
    """Each contender's mean rank over the tables where all of them ran; 1 is best, equals share."""
    from scipy.stats import rankdata

    whole = [found for found in results.values() if all(name in found for name in names)]
    table = [[-found[name].scores.mean() for name in names] for found in whole]
    return np.asarray(rankdata(table, axis=1).mean(axis=0)) if whole else np.full(len(names), np.nan)


def difference(found: dict[str, Result], name: str, folds: int) -> tuple[float, tuple[float, float]]:
    """Mean difference from the base on the same splits, and its interval."""
    mean, interval, _ = corrected_resampled_t(found[name].scores - found[BASE].scores, folds - 1, 1)
    return mean, interval


def _scores(name: str, found: dict[str, Result], names: Sequence[str]) -> list[str]:
    table = TABLES[name]()
    title = name if table.classifies else f"{name} (R²)"
    shown = [f"{100 * found[one].scores.mean():.1f}" if one in found else "" for one in names]
    return [title, str(len(table.y)), *shown]


def _seconds(results: Results, name: str) -> str:
    return f"{np.mean([found[name].seconds for found in results.values() if name in found]):.2f}"


def _differences(name: str, found: dict[str, Result], others: Sequence[str], asked: argparse.Namespace) -> list[str]:
    cells = [name]
    for other in others:
        if other not in found:
            cells.append("")
            continue
        mean, (low, high) = difference(found, other, asked.folds)
        text = f"{100 * mean:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
        cells.append(f"**{text}**" if low > 0 or high < 0 else text)
    return cells


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(cells) for cells in (heads, ["---"] * len(heads), *rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
