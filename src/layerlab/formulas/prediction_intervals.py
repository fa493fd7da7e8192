"""Prediction intervals and sets of classes from examples that a network was not trained on (CV+).

The training set is divided into folds. The networks without fold j answer for the examples of fold j, which none of
them has seen. How far these answers are from the truth says how far an answer for a new example may be:

    values     R_i = |y_i − f_{−k(i)}(x_i)|, for example i in fold k(i)
    classes    R_i = 1 − p_{−k(i)}(y_i | x_i), one minus the probability of the true class

Sources: Barber, Candès, Ramdas & Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49, 2021,
section 3.1; for classes Romano, Sesia & Candès, "Classification with valid and adaptive coverage", NeurIPS 33, 2020,
theorem 3, here with the score 1 − p.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError

from .arrays import Floats, Indices

HALVINGS = 54
"""How often the range of a bound is halved: what is left of it is smaller than the rounding error of the bound."""


def interval_rank(n: int, level: float) -> int:
    """Return ⌈level · (n + 1)⌉: the place of the bound among n residuals in ascending order, counted from 1.

    The level counts as the decimal number that is written: 0.9 of 10 is 9, without a rounding error.

    Args:
        n: number of examples with an out-of-fold answer.
        level: the share of new examples that the intervals should contain, between 0 and 1.

    Raises:
        InputError: the level is not between 0 and 1, or n is too small for it: the interval would be infinite.

    Example:
        >>> interval_rank(19, 0.9), interval_rank(9, 0.9)
        (18, 9)
    """
    wanted = f"level={level!r}: wanted a number between 0 and 1, such as 0.9 for 90 %"
    try:
        exact = Fraction(repr(float(level)))
    except (TypeError, ValueError) as error:  # a text, None, nan, infinity
        raise InputError(wanted) from error
    if not 0 < exact < 1:
        raise InputError(wanted)
    rank = math.ceil(exact * (n + 1))
    if rank > n:
        need = math.ceil(exact / (1 - exact))
        possible = f"ask for at most {math.floor(1000 * Fraction(n, n + 1)) / 1000:g}" if n else "train with folds"
        raise InputError(
            f"level={level!r}: wanted at least {need:,} examples with an out-of-fold answer, there are {n:,}, and the "
            f"interval would be infinite; {possible}"
        )
    return rank


def cv_plus_interval(answers: Floats, residuals: Sequence[Floats], level: float) -> tuple[Floats, Floats]:
    """Return prediction intervals for values: CV+ of Barber, Candès, Ramdas & Tibshirani (2021).

        low(x)  = the ⌊(1 − level)(n + 1)⌋-th smallest of f_{−k(i)}(x) − R_i, over all n examples i
        high(x) = the ⌈level (n + 1)⌉-th smallest of f_{−k(i)}(x) + R_i

    If examples are exchangeable, the intervals contain new values with a probability of at least 2 level − 1 (a little
    less for few folds), and in practice about ``level``.

    Each fold's residuals are sorted once. A bound is found by halving a range that contains it: at each place the n
    numbers that are not larger are counted, by one search in each fold. So neither time nor memory grow with n times m.

    Args:
        answers: (K, m) f_{−j}(x): what the networks without fold j answer for m examples, the mean where several do.
        residuals: K arrays, one for each fold: the absolute residuals of its examples, n in all.
        level: the share of new values that the intervals should contain, such as 0.9.

    Returns:
        (low, high), each (m,).

    Raises:
        InputError: the level is not between 0 and 1, or there are too few residuals for it.

    Example:
        >>> residuals = [np.array([0.1, 0.2, 0.4]), np.array([0.0, 0.3, 0.5])]
        >>> low, high = cv_plus_interval(np.array([[1.0], [2.0]]), residuals, 0.5)
        >>> print(low.round(9), high.round(9))  # 3rd of 0.6 0.8 0.9 1.5 1.7 2, 4th of 1.1 1.2 1.4 2 2.3 2.5
        [0.9] [2.]
    """
    rank = interval_rank(sum(map(len, residuals)), level)
    ordered = [np.sort(one) for one in residuals]
    return -_bound(-answers, ordered, rank), _bound(answers, ordered, rank)


def _bound(answers: Floats, ordered: Sequence[Floats], rank: int) -> Floats:
    """Return the rank-th smallest of answers[j] + ordered[j][i] over all folds j and examples i, for each of m columns.

    It is at least the smallest answer plus the rank-th smallest residual, and at most the largest answer plus that.
    """
    middle = np.partition(np.concatenate(ordered), rank - 1)[rank - 1]
    low, high = answers.min(axis=0) + middle, answers.max(axis=0) + middle
    for _ in range(HALVINGS):
        between = low + (high - low) / 2
        enough = _not_larger(between - answers, ordered) >= rank
        low, high = np.where(enough, low, between), np.where(enough, between, high)
    bound: Floats = high
    return bound


def _not_larger(limits: Floats, ordered: Sequence[Floats]) -> Indices:
    """Count the residuals of each fold j that are not larger than limits[j], (m,), over all folds."""
    counts: Indices = np.sum(
        [np.searchsorted(one, limit, side="right") for one, limit in zip(ordered, limits, strict=True)], axis=0
    )
    return counts


def cv_plus_sets(probabilities: Floats, residuals: Sequence[Floats], level: float) -> NDArray[np.bool_]:
    """Return sets of classes that contain the true class of new examples with about a given probability.

    Class c is in the set of x if fewer than level (n + 1) of the n examples have

        R_i < 1 − p_{−k(i)}(c | x)

    so if c is no less probable for x than the true classes of most examples were for them. If examples are
    exchangeable, the sets contain the true class with a probability of at least 2 level − 1 (a little less for few
    folds), and in practice about ``level``. A set may be empty (``completed_sets``).

    Args:
        probabilities: (K, C, m) of C classes for m examples, by the networks without fold j; the mean where several do.
        residuals: K arrays, one for each fold: 1 − p of the true class for each of its examples, n in all.
        level: the share of new examples whose true class the sets should contain, such as 0.9.

    Returns:
        (C, m): whether each class is in the set of each example.

    Raises:
        InputError: the level is not between 0 and 1, or there are too few residuals for it.

    Example:
        >>> residuals = [np.array([0.1, 0.2, 0.4]), np.array([0.0, 0.3, 0.5])]
        >>> probabilities = np.array([[[0.9], [0.1]], [[0.7], [0.3]]])
        >>> cv_plus_sets(probabilities, residuals, 0.8)
        array([[ True],
               [False]])
    """
    rank = interval_rank(sum(map(len, residuals)), level)
    ordered = [np.sort(one) for one in residuals]
    smaller = np.sum(
        [np.searchsorted(one, 1 - P, side="left") for one, P in zip(ordered, probabilities, strict=True)], axis=0
    )
    inside: NDArray[np.bool_] = smaller < rank
    return inside


def completed_sets(sets: NDArray[np.bool_], probabilities: Floats) -> NDArray[np.bool_]:
    """Return the sets in which an empty one holds the most probable class.

    A set is empty where every class is less probable than the true classes of most examples were. The empty set is
    always wrong, so completing it can only raise the share of sets that contain the true class, never lower it.

    Args:
        sets: (C, m), whether each class is in each set.
        probabilities: (C, m), by which the most probable class is found.

    Example:
        >>> completed_sets(np.array([[False, True], [False, True]]), np.array([[0.4, 0.5], [0.6, 0.5]]))
        array([[False,  True],
               [ True,  True]])
    """
    most = np.arange(len(sets))[:, None] == probabilities.argmax(axis=0)
    completed: NDArray[np.bool_] = sets | (most & ~sets.any(axis=0))
    return completed
