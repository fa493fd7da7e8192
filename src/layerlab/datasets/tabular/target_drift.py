"""What time does to a table: whether later rows differ in the target or its classes, and whether to split by it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.formulas.arrays import Floats

from .cell_reports import first_rows
from .splitting import Split, class_codes, is_classes
from .table import Column, Table

SURE_STANDARD_ERRORS = 4.0
"""Standard errors that the parts differ by at least (Welch, "The generalization of Student's problem", 1947): rows that
follow each other are alike, so two would often be exceeded."""

LARGE_MOVE = 0.5
"""Standard deviations that a mean moves by at least: a medium effect (Cohen, "Statistical Power Analysis", 1988)."""

LARGE_SHARE_MOVE = 0.1
"""Least move of a class's share; of a rare class also one by ``LARGE_RATIO``."""

LARGE_RATIO = 2.0
"""A class's share that is so many times as large, or so many times as small, has moved."""

LATER = 0.2
"""Share of the rows, the last ones, that are compared with those before where rows are split at random."""


FEWEST_DATED_ROWS = 50
"""Rows with a date below which nothing is said of their order in time."""

SURE_OF_ORDER = 4.0
"""Standard errors by which rows that follow each other are more alike than others, from which it is said."""

ALIKE = 0.1
"""The least correlation of rows that follow each other from which it is said."""

CALENDAR_NAMES = re.compile(r"(?:^|[^a-z])(?:year|date|timestamp|datetime)$", re.IGNORECASE)
"""Names of columns of numbers that say when something was: not how long it took, nor which month of any year."""

BIRTH_NAMES = re.compile(r"birth|born|(?:^|[^a-z])dob(?:$|[^a-z])|geb(?:urt|oren)|naiss|nacim", re.IGNORECASE)
"""Names of dates that say how old somebody is, not when the row was written."""


def time_notices(
    table: Table, target: str, train: NDArray[np.int64], test: NDArray[np.int64], split: Split
) -> Iterator[Notice]:
    """Make the notices on a table that is split by time: drift, classes in one set alone, rows in neither set.

    Args:
        table: all rows.
        target: name of its column.
        train, test: places of the rows of the two sets.
        split: by a time.
    """
    column = table[target]
    yield from target_drift_notices(column, train, test)
    left = np.setdiff1d(np.arange(table.m), np.concatenate([train, test]))
    unknown = left[:0]
    if is_classes(column):
        codes, names = class_codes(column)
        unknown = left[~np.isin(codes[left], codes[train])]
        gone = np.setdiff1d(codes[train], codes[test])
        if gone.size:
            which = ", ".join(repr(names[code]) for code in gone[:5]) + ", …" * (gone.size > 5)
            what = f"no row of the later test part has the class {which} of {target!r}: its scores say nothing of it"
            yield Notice("drift", target, what)
        if unknown.size:
            came = ", ".join(repr(names[code]) for code in np.unique(codes[unknown])[:5])
            what = (
                f"{unknown.size:,} of the last rows {'is' if unknown.size == 1 else 'are'} of the class {came} of "
                f"{target!r}, which no training row has: no network can answer it, and they are left out of the test "
                f"part"
            )
            yield Notice("unseen", target, what, first_rows(table.rows[unknown]))
    straddling = np.setdiff1d(left, unknown)
    if straddling.size and split.group is not None:
        what = (
            f"{straddling.size:,} earlier rows are left out, since the test part has later ones of the same "
            f"{split.group!r}"
        )
        yield Notice("split", split.group, what, first_rows(table.rows[straddling]))


def time_hints(table: Table, target: str, names: Sequence[str]) -> Iterator[Notice]:
    """Make a notice of a column by whose order rows that follow each other are alike in the target, or the last differ.

    Split at random, most test rows have training rows just before and after them, which the future does not have.

    Args:
        table: all rows, no target missing.
        target: name of its column.
        names: names of the columns that are looked at.
    """
    for name in names:
        column = table[name]
        dated = column.kind == "date" or (column.kind == "number" and CALENDAR_NAMES.search(name))
        if not dated or BIRTH_NAMES.search(name):
            continue
        times = np.asarray(column.values, np.float64)
        alike, error = likeness_in_order(times, table[target])
        if alike > max(ALIKE, SURE_OF_ORDER * error):
            what = (
                f"rows that follow each other by {name!r} are alike in {target!r} (correlation {alike:.2f}), and a "
                f"split at random puts the rows just before and after a test row into the training part: to see how "
                f"well the future is predicted, test on the last rows with --time {name!r}"
            )
            yield Notice("time", name, what)
            return
        if moved := _moved_later(times, table[target]):
            share, old, new = moved
            what = (
                f"by {name!r} {target!r} drifts: {share} is {old} in the first rows and {new} in the last "
                f"{100 * LATER:.0f} %, and a split at random mixes them: to see how well the future is predicted, test "
                f"on the last rows with --time {name!r}"
            )
            yield Notice("time", name, what)
            return


def _moved_later(times: Floats, column: Column) -> tuple[str, str, str] | None:
    """What of the target is not the same in the last rows by a time, (m,), as ``_moved`` has it."""
    order = _in_order(times)
    if len(order) < FEWEST_DATED_ROWS or np.ptp(times[order]) == 0:
        return None
    first = round((1 - LATER) * len(order))
    return _moved(column, order[:first], order[first:])


def _in_order(times: Floats) -> NDArray[np.int64]:
    """Places of the rows with a time (m,), the earliest first; rows of one time at random.

    Their order in the file would say that rows of one year are alike where the file is sorted by something else.
    """
    here = np.flatnonzero(~np.isnan(times))
    shuffled = np.random.RandomState(0).permutation(here)
    return shuffled[np.argsort(times[shuffled], kind="stable")]


def likeness_in_order(times: Floats, column: Column) -> tuple[float, float]:
    """How alike rows are that follow each other: the lag-1 autocorrelation of the target's ranks, and its error.

    Of classes the mean of the classes' indicators, each by its variance: how much likelier the same class follows than
    by chance. The standard error is 1 / √m where order says nothing (Bartlett 1946).

    Args:
        times: (m,) by which rows are ordered, nan where missing.
        column: the target.
    """
    from scipy.stats import rankdata

    order = _in_order(times)
    m = len(order)
    if m < FEWEST_DATED_ROWS or np.ptp(times[order]) == 0:
        return 0.0, 1.0
    if is_classes(column):
        codes, names = class_codes(column)
        rows = np.eye(len(names))[:, codes[order]]
    else:
        rows = rankdata(np.asarray(column.values, np.float64)[order])[None]
    centred = rows - rows.mean(axis=1, keepdims=True)
    alike = float((centred[:, 1:] * centred[:, :-1]).sum() / max((centred**2).sum(), 1e-300))
    return alike, 1 / float(np.sqrt(m))


def target_drift_notices(column: Column, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[Notice, ...]:
    """Make a notice where the target's mean, or a class's share, is not the same in the test rows.

    Args:
        column: the target, none missing.
        train, test: places of the rows of the two sets, the test set the later one.
    """
    moved = _moved(column, train, test)
    return () if moved is None else (_drifts(column.name, *moved),)


def _moved(column: Column, first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[str, str, str] | None:
    """What is not the same in two sets of rows, and how large it is in each, in words; None where nothing surely is."""
    if not is_classes(column):
        a, b = (np.asarray(column.values, np.float64)[places] for places in (first, last))
        if abs(b.mean() - a.mean()) <= max(
            SURE_STANDARD_ERRORS * _error(a, b), LARGE_MOVE * np.sqrt((a.var() + b.var()) / 2)
        ):
            return None
        return "its mean", f"{a.mean():.4g}", f"{b.mean():.4g}"
    codes, names = class_codes(column)
    parts = [((codes[first] == code).astype(float), (codes[last] == code).astype(float)) for code in range(len(names))]
    moves = {code: abs(b.mean() - a.mean()) for code, (a, b) in enumerate(parts) if _share_moved(a, b)}
    if not moves:
        return None
    most = max(moves, key=lambda code: (round(moves[code], 9), -parts[code][0].mean()))  # of two classes the rarer
    old, new = (f"{100 * one.mean():.3g} %" for one in parts[most])
    return f"the share of {names[most]!r}", old, new


def _share_moved(old: Floats, new: Floats) -> bool:
    """Whether a class's share has moved, by two sets of rows that have it (1) or not (0)."""
    low, high = sorted((old.mean(), new.mean()))
    both = np.concatenate([old, new])
    error = max(_error(old, new), both.std() * float(np.sqrt(1 / len(old) + 1 / len(new))))  # where one has none
    large = high - low > LARGE_SHARE_MOVE or high >= LARGE_RATIO * low
    return bool(large and high - low > SURE_STANDARD_ERRORS * error)


def _error(old: Floats, new: Floats) -> float:
    """Standard error of the difference of two means."""
    return float(np.sqrt(old.var() / len(old) + new.var() / len(new)))


def _drifts(name: str, what: str, old: str, new: str) -> Notice:
    """Make the notice."""
    sentence = (
        f"{name!r} drifts: {what} is {old} in the training part and {new} in the later test part, so scores on "
        "rows of the training's time would say little of later ones"
    )
    return Notice("drift", name, sentence)
