"""The page of the tables benchmark: scores, ranks, paired differences, seconds, the cover of intervals.

The statistics are layerlab's own (``layerlab.evaluating.statistics``) and SciPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from layerlab.evaluating.statistics import corrected_resampled_t, holm, mean_interval
from layerlab.formulas.arrays import Floats

from .tables_list import MOST, Entry, entries
from .tables_scores import LEVEL

Results = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]
"""By contender, table and number of the split, as ``tables_scores.record_of`` makes them."""

OTHERWISE = "HistGradientBoosting"
"""With whom all are compared if layerlab's default was not measured."""

SMALLEST = 1e-4
"""A main score below it counts as this in a ratio: a ratio to 0 says nothing."""

PAGE = """\
# Networks on tables

{count} real tables, each split at random (a fifth is the test set; stratified for classes), with the same rows for all
contenders. A table of more than {most} rows is cut to {most}, drawn by seed 0. `python -m benchmarks.tables_accuracy`
measures, and with `--report` writes this page, {date}. [`tables_list.toml`](tables_list.toml) has the tables: their
packages, targets, and the columns left out with the reasons. It was committed before any model was trained on the
tables called new. The others were used while layerlab's defaults were chosen, so they flatter layerlab.

Everybody has the defaults of its package and one thread: {versions}. {splits}

The main score is the root mean squared error divided by the standard deviation of the training targets for values,
1 − ROC AUC for two classes, and the log loss for several classes. Less is better.

## All tables together

The mean rank is over the tables on which all contenders of this page ran (their number is in parentheses; 1 is best).
The ratio is the geometric mean over the tables of the main score divided by that of {base}, with its 95 % t-interval
over the tables. Below 1 the contender is better.

{together}

## The main score on each table

Means over the splits. The best is bold.

{scores}

## Differences from {base} on each table

The contender's main score minus that of {base} on the same splits. Below 0 the contender is better. The 95 % intervals
are those of the corrected resampled t-test (Nadeau & Bengio 2003), since the splits share training rows. Intervals that
exclude 0 are bold. There is no correction for the number of comparisons.

{differences}

## Scores beside the main one

Classes: accuracy in per cent, and the log loss. Values: the mean absolute error divided by the standard deviation of
the training targets.

{beside}

## Seconds of a fit

Means over tables and splits of the clock and of the processor, and the longest mean of a table. Other work on the
machine lengthens the seconds by the clock.

{seconds}
"""

COVER = """
## Intervals of {base}

The level asked for is {level:.0%}. Each test row counts once, in the first split that tests it. The p-value is of the
one-sided binomial test that the true share covered is at least {level:.0%}. Beside it is the same p-value adjusted for
the number of tables (Holm 1979). The test takes rows as independent, although all rows of a split share one trained
network, so it finds too little cover a little too often. The width is in standard deviations of the training targets,
or in classes per set.

{cover}
"""

EXCESS = """
## Out-of-fold scores of {base}

By how many standard errors the mean loss (squared error, or cross-entropy) out of fold exceeds that on the test rows.
It is about 0 if the out-of-fold score is honest, and below 0 if it flatters. Means over the splits of a table.

{excess}
"""


class Group(NamedTuple):
    """Some of the tables, and what they are called."""

    title: str
    tables: tuple[str, ...]


def page(results: Results, layerlab: str) -> str:
    """Write everything in Markdown; layerlab's default is compared with all others where it was measured."""
    base = layerlab if layerlab in results else OTHERWISE
    groups = groups_of(results)
    text = PAGE.format(
        count=sum(len(group.tables) for group in groups),
        most=MOST,
        date=date.today().isoformat(),
        versions=", ".join(sorted(_versions(results))),
        splits=_splits_told(results),
        base=base,
        together=_together(results, groups, base),
        scores=_on_each(results, groups, _scores_row, ["rows", *results]),
        differences=_on_each(results, groups, _differences_row(base), [name for name in results if name != base]),
        beside=_on_each(results, groups, _beside_row, list(results)),
        seconds=_seconds(results),
    )
    text += covers(results, base) + excesses(results, base)
    return text


def groups_of(results: Results) -> list[Group]:
    """The tables that were measured: new ones first."""
    measured = [name for name in entries() if any(name in found for found in results.values())]
    new, seen = ([name for name in measured if entries()[name].seen is seen] for seen in (False, True))
    return [group for group in (Group("new", tuple(new)), Group("seen before", tuple(seen))) if group.tables]


def values(results: Results, contender: str, table: str, what: str) -> dict[str, float]:
    """One of the numbers by split; empty if there is none."""
    found = results.get(contender, {}).get(table, {})
    return {split: record[what] for split, record in sorted(found.items()) if what in record}


def mean_of(results: Results, contender: str, table: str, what: str = "main") -> float:
    """A number's mean over the splits; nan if there is none."""
    found = list(values(results, contender, table, what).values())
    return float(np.mean(found)) if found else math.nan


def both(results: Results, contender: str, base: str, table: str) -> Floats:
    """The main scores of a contender and of the base, (2, k), on the k splits that both have."""
    first, second = (values(results, name, table, "main") for name in (contender, base))
    return np.array([[each[split] for split in first if split in second] for each in (first, second)])


def difference(results: Results, contender: str, base: str, table: str) -> tuple[float, tuple[float, float]] | None:
    """The mean difference from the base and its interval; None with fewer than two splits in common."""
    scores = both(results, contender, base, table)
    if scores.shape[1] < 2:
        return None
    n = min(entries()[table].rows, MOST)
    n_test = math.ceil(0.2 * n)
    mean, interval, _ = corrected_resampled_t(scores[0] - scores[1], n - n_test, n_test)
    return mean, interval


def ranks(results: Results, tables: Sequence[str]) -> tuple[Floats, int]:
    """Each contender's mean rank over the tables that all have, and how many these are; equals share a rank."""
    from scipy.stats import rankdata

    scores = np.array([[mean_of(results, name, table) for name in results] for table in tables])
    whole = scores[~np.isnan(scores).any(axis=1)] if scores.size else scores
    mean = rankdata(whole, axis=1).mean(axis=0) if len(whole) else np.full(len(results), math.nan)
    return np.asarray(mean), len(whole)


def ratio(results: Results, contender: str, base: str, tables: Sequence[str]) -> tuple[float, float, float]:
    """The geometric mean over tables of the main score over the base's, and its 95 % t-interval."""
    scores = [both(results, contender, base, table) for table in tables]
    means = [np.maximum(each.mean(axis=1), SMALLEST) for each in scores if each.size]
    logs = [math.log(mean / of_base) for mean, of_base in means]
    if not logs:
        return (math.nan,) * 3
    mean, (low, high) = mean_interval(np.array(logs))
    return math.exp(mean), math.exp(low), math.exp(high)


def covered_enough(results: Results, contender: str) -> dict[str, tuple[int, int, float, float]]:
    """For each table with intervals: rows, rows covered, p-value of enough cover, and the adjusted one."""
    from scipy.stats import binom

    counts = {}
    for table in entries():
        rows, covered = (values(results, contender, table, what) for what in ("new_rows", "new_covered"))
        if rows:
            counts[table] = int(sum(rows.values())), int(sum(covered.values()))
    p_values = [float(binom.cdf(covered, rows, LEVEL)) for rows, covered in counts.values()]
    both = zip(p_values, holm(p_values), strict=True)
    return {table: (*count, *ps) for (table, count), ps in zip(counts.items(), both, strict=True)}


def _together(results: Results, groups: Sequence[Group], base: str) -> str:
    rows = []
    everything = Group("all", sum((group.tables for group in groups), ()))
    for group in [*groups, *([everything] if len(groups) > 1 else [])]:
        of_rank, count = ranks(results, group.tables)
        for name, rank in sorted(zip(results, of_rank, strict=True), key=lambda pair: pair[1]):
            mean, low, high = ratio(results, name, base, group.tables)
            scores = [both(results, name, base, table) for table in group.tables]
            signs = [np.sign(each[0].mean() - each[1].mean()) for each in scores if each.size]
            told = ["–", "–"]
            if name != base and signs:
                told = [f"{mean:.3f} ({low:.3f} to {high:.3f})", f"{signs.count(-1)} : {signs.count(1)}"]
            rows.append([f"{group.title} ({count})", name, f"{rank:.2f}", *told])
    return markdown(["tables", "contender", "mean rank", f"ratio to {base}", "better : worse"], rows)


def _on_each(
    results: Results, groups: Sequence[Group], row: Callable[[Results, str, Entry], list[str]], heads: list[str]
) -> str:
    """A table for each group of tables."""
    parts = []
    for group in groups:
        rows = [[name, *row(results, name, entries()[name])] for name in group.tables]
        parts.append(markdown([f"{group.title}", *heads], rows))
    return "\n\n".join(parts)


def _scores_row(results: Results, table: str, entry: Entry) -> list[str]:
    means = [mean_of(results, name, table) for name in results]
    best = np.nanmin(means)
    texts = ["–" if math.isnan(mean) else f"{mean:.4f}" for mean in means]
    kind = {"values": "", "two classes": ", AUC", "several classes": ", log loss"}[entry.task]
    bold = [f"**{text}**" if mean == best else text for text, mean in zip(texts, means, strict=True)]
    return [f"{min(entry.rows, MOST)}{kind}", *bold]


def _differences_row(base: str) -> Callable[[Results, str, Entry], list[str]]:
    def row(results: Results, table: str, _: Entry) -> list[str]:
        cells = []
        for name in results:
            found = difference(results, name, base, table) if name != base else None
            if found is not None:
                mean, (low, high) = found
                text = f"{mean:+.4f} ({low:+.4f} to {high:+.4f})"
                cells.append(f"**{text}**" if low > 0 or high < 0 else text)
            elif name != base:
                cells.append("–")
        return cells

    return row


def _beside_row(results: Results, table: str, entry: Entry) -> list[str]:
    cells = []
    for name in results:
        mae, loss, right = (mean_of(results, name, table, what) for what in ("mae", "log_loss", "accuracy"))
        known = mean_of(results, name, table)
        told = f"{100 * right:.1f} %, {loss:.3f}" if entry.classifies else f"{mae:.4f}"
        cells.append("–" if math.isnan(known) else told)
    return cells


def _seconds(results: Results) -> str:
    rows = []
    for name, of_tables in results.items():
        clock, cpu = ({table: mean_of(results, name, table, what) for table in of_tables} for what in _CLOCKS)
        longest = max(cpu, key=lambda table: cpu[table])
        means = (f"{np.mean(list(seconds.values())):.2f}" for seconds in (clock, cpu))
        rows.append([name, *means, f"{cpu[longest]:.1f} ({longest})", str(len(of_tables))])
    return markdown(["contender", "clock", "processor", "longest, processor", "tables"], rows)


_CLOCKS = ("seconds", "cpu_seconds")


def covers(results: Results, base: str) -> str:
    """The section on intervals, or nothing if the base has none."""
    found = covered_enough(results, base)
    rows = [
        [
            table,
            f"{count:,}",
            f"{100 * covered / count:.1f} %",
            f"{mean_of(results, base, table, 'width'):.2f}{' classes' if entries()[table].classifies else ''}",
            f"{p:.3f}",
            f"**{adjusted:.3f}**" if adjusted < 0.05 else f"{adjusted:.3f}",
        ]
        for table, (count, covered, p, adjusted) in found.items()
    ]
    cells = markdown(["table", "test rows", "covered", "mean width", "p", "adjusted p"], rows)
    return COVER.format(base=base, level=LEVEL, cover=cells) if found else ""


def excesses(results: Results, base: str) -> str:
    """The section on out-of-fold scores, or nothing if the base has none."""
    found = {table: mean_of(results, base, table, "out_of_fold_excess") for table in entries()}
    found = {table: mean for table, mean in found.items() if not math.isnan(mean)}
    if not found:
        return ""
    mean, (low, high) = mean_interval(np.array(list(found.values())))
    rows = [[table, f"{each:+.2f}"] for table, each in found.items()]
    rows.append([f"mean of {len(found)} tables (95 % interval)", f"{mean:+.2f} ({low:+.2f} to {high:+.2f})"])
    return EXCESS.format(base=base, excess=markdown(["table", "standard errors"], rows))


def _versions(results: Results) -> set[str]:
    return {
        record["version"]
        for of_tables in results.values()
        for of_splits in of_tables.values()
        for record in of_splits.values()
        if "version" in record
    }


def _splits_told(results: Results) -> str:
    """How many splits the fits are of."""
    counts = {name: {len(splits) for splits in of_tables.values()} for name, of_tables in results.items()}
    usual = max(max(lengths) for lengths in counts.values())
    fewer = [f"{name} {min(lengths)}" for name, lengths in counts.items() if min(lengths) < usual]
    told = f"There are {usual} splits of each table"
    return f"{told} (on some tables fewer: {', '.join(fewer)})." if fewer else f"{told}."


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))
