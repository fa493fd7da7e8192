"""Whether the target differs in the later rows of a split by time, so that test scores will be lower."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import Notice
from layerlab.formulas.arrays import Floats

from .splitting import class_codes, is_classes
from .table import Column

SURE_STANDARD_ERRORS = 4.0
"""Standard errors that the parts differ by at least (Welch, "The generalization of Student's problem", 1947): rows that
follow each other are alike, so two would often be exceeded."""

LARGE_MOVE = 0.5
"""Standard deviations that a mean moves by at least: a medium effect (Cohen, "Statistical Power Analysis", 1988)."""

LARGE_SHARE_MOVE = 0.1
"""Least move of a class's share."""


def target_drift_notices(column: Column, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[Notice, ...]:
    """Make a notice where the target's mean, or a class's share, is not the same in the test rows.

    Args:
        column: the target, none missing.
        train, test: places of the rows of the two sets, the test set the later one.
    """
    if not is_classes(column):
        old, new = (np.asarray(column.values, np.float64)[places] for places in (train, test))
        moved = abs(new.mean() - old.mean())
        if not (
            moved > SURE_STANDARD_ERRORS * _error(old, new)
            and moved > LARGE_MOVE * np.sqrt((old.var() + new.var()) / 2)
        ):
            return ()
        return (_drifts(column.name, "its mean", f"{old.mean():.4g}", f"{new.mean():.4g}"),)
    codes, names = class_codes(column)
    shares = [(codes == code).astype(np.float64) for code in range(len(names))]
    moves = [abs(one[test].mean() - one[train].mean()) for one in shares]
    most = int(np.argmax(moves))
    old, new = shares[most][train], shares[most][test]
    if not (moves[most] > LARGE_SHARE_MOVE and moves[most] > SURE_STANDARD_ERRORS * _error(old, new)):
        return ()
    shares_in_words = (f"{100 * one.mean():.0f} %" for one in (old, new))
    return (_drifts(column.name, f"the share of {names[most]!r}", *shares_in_words),)


def _error(old: Floats, new: Floats) -> float:
    """Standard error of the difference of two means."""
    return float(np.sqrt(old.var() / len(old) + new.var() / len(new)))


def _drifts(name: str, what: str, old: str, new: str) -> Notice:
    """Make the notice."""
    sentence = (
        f"{name!r} drifts: {what} is {old} in the training part and {new} in the later test part, so expect lower "
        "scores than on rows of the training's time"
    )
    return Notice("drift", name, sentence)
