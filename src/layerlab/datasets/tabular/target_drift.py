"""Time in a table: whether later rows differ in the target or its classes, and whether to split by time."""

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
"""The sets must differ by this many standard errors (Welch, "The generalization of Student's problem", 1947). Rows that
follow each other are similar, so two standard errors would often be exceeded."""

LARGE_MOVE = 0.5
"""A mean must move by this many standard deviations: a medium effect (Cohen, "Statistical Power Analysis", 1988)."""

LARGE_SHARE_MOVE = 0.1
"""A class's share must move by so much; a rare class's share by ``LARGE_RATIO``."""

LARGE_RATIO = 2.0
"""A class's share has moved if it is this many times as large, or as small, as before."""

LATER = 0.2
"""In a random split, the last rows in time, this share of all, are compared with the rows before."""


FEWEST_DATED_ROWS = 50
"""With fewer dated rows, nothing is said about their order in time."""

SURE_OF_ORDER = 4.0
"""A notice needs a correlation of neighbouring rows of at least this many standard errors."""

ALIKE = 0.1
"""A notice needs at least this correlation of neighbouring rows."""

CALENDAR_NAMES = re.compile(r"(?:^|[^a-z])(?:year|date|timestamp|datetime)$", re.IGNORECASE)
"""Names of number columns that hold a point in time: not a duration, and not a month without its year."""

BIRTH_NAMES = re.compile(r"birth|born|(?:^|[^a-z])dob(?:$|[^a-z])|geb(?:urt|oren)|naiss|nacim", re.IGNORECASE)
"""Names of dates of birth, which do not show when a row was written."""


def time_notices(
    table: Table, target: str, train: NDArray[np.int64], test: NDArray[np.int64], split: Split
) -> Iterator[Notice]:
    """Make the notices about a table that is split by time: drift, classes in only one set, rows in neither set.

    Args:
        table: all rows.
        target: name of its column.
        train, test: places of the rows of the two sets.
        split: a split by time.
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
            what = (
                f"No row of the later test set has the class {which} of {target!r}, so test scores say nothing about it"
            )
            yield Notice("drift", target, what)
        if unknown.size:
            came = ", ".join(repr(names[code]) for code in np.unique(codes[unknown])[:5])
            what = (
                f"{unknown.size:,} of the last rows {'has' if unknown.size == 1 else 'have'} the class {came} of "
                f"{target!r}, which no training row has, so no network can predict it; "
                f"{'this row is' if unknown.size == 1 else 'these rows are'} left out of the test set"
            )
            yield Notice("unseen", target, what, first_rows(table.rows[unknown]))
    straddling = np.setdiff1d(left, unknown)
    if straddling.size and split.group is not None:
        what = (
            f"{straddling.size:,} earlier rows are left out, because the test set has later rows with the same "
            f"{split.group!r}"
        )
        yield Notice("split", split.group, what, first_rows(table.rows[straddling]))


def time_hints(table: Table, target: str, names: Sequence[str]) -> Iterator[Notice]:
    """Make a notice about a time column if neighbouring rows have similar targets, or the last rows differ.

    In a random split, most test rows have training rows just before and after them; future rows will not.

    Args:
        table: all rows, no target missing.
        target: name of its column.
        names: names of the columns that are examined.
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
                f"Rows that follow each other in {name!r} have similar values of {target!r} (correlation {alike:.2f}). "
                f"A random split puts the neighbours of a test row into the training set. To see how well the future "
                f"is predicted, test on the last rows: time={name!r}"
            )
            yield Notice("time", name, what)
            return
        if moved := _moved_later(times, table[target]):
            share, old, new = moved
            what = (
                f"{target!r} changes over time ({name!r}): {share} is {old} in the first rows and {new} in the last "
                f"{100 * LATER:.0f} %, and a random split mixes them. To see how well the future is predicted, test on "
                f"the last rows: time={name!r}"
            )
            yield Notice("time", name, what)
            return


def _moved_later(times: Floats, column: Column) -> tuple[str, str, str] | None:
    """Return what differs in the target of the last rows in the order of ``times`` (m,), in the words of ``_moved``."""
    order = _in_order(times)
    if len(order) < FEWEST_DATED_ROWS or np.ptp(times[order]) == 0:
        return None
    first = round((1 - LATER) * len(order))
    return _moved(column, order[:first], order[first:])


def _in_order(times: Floats) -> NDArray[np.int64]:
    """Return places of the rows that have a time (m,), the earliest first; rows with equal times in random order.

    In the order of a file that is sorted by something else, rows of one year would look similar.
    """
    here = np.flatnonzero(~np.isnan(times))
    shuffled = np.random.RandomState(0).permutation(here)
    return shuffled[np.argsort(times[shuffled], kind="stable")]


def likeness_in_order(times: Floats, column: Column) -> tuple[float, float]:
    """How similar neighbouring rows are: the lag-1 autocorrelation of the target's ranks, and its standard error.

    For classes, it is the mean over the classes' indicators, weighted by variance: how much more often the same class
    follows than by chance. The standard error is 1 / √m if the order has no influence (Bartlett 1946).

    Args:
        times: (m,) the order of the rows, nan where missing.
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
    """Make a notice if the target's mean, or a class's share, differs in the test rows.

    Args:
        column: the target, none missing.
        train, test: places of the rows of the two sets, the test set the later one.
    """
    moved = _moved(column, train, test)
    return () if moved is None else (_drifts(column.name, *moved),)


def _moved(column: Column, first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[str, str, str] | None:
    """What differs between two sets of rows, and how large it is in each, in words; None if nothing surely differs."""
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
    most = max(moves, key=lambda code: (round(moves[code], 9), -parts[code][0].mean()))  # of two classes, the rarer one
    old, new = (f"{100 * one.mean():.3g} %" for one in parts[most])
    return f"the share of {names[most]!r}", old, new


def _share_moved(old: Floats, new: Floats) -> bool:
    """Return whether a class's share differs between two sets of rows, given as 1 (in the class) or 0."""
    low, high = sorted((old.mean(), new.mean()))
    both = np.concatenate([old, new])
    error = max(_error(old, new), both.std() * float(np.sqrt(1 / len(old) + 1 / len(new))))  # where one share is 0
    large = high - low > LARGE_SHARE_MOVE or high >= LARGE_RATIO * low
    return bool(large and high - low > SURE_STANDARD_ERRORS * error)


def _error(old: Floats, new: Floats) -> float:
    """Return the standard error of the difference of two means."""
    return float(np.sqrt(old.var() / len(old) + new.var() / len(new)))


def _drifts(name: str, what: str, old: str, new: str) -> Notice:
    """Make the notice that a target changes over time."""
    sentence = (
        f"{name!r} changes over time: {what} is {old} in the training set and {new} in the later test set. Scores on "
        "rows from the time of the training set would say little about later rows"
    )
    return Notice("drift", name, sentence)
