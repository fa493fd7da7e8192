"""How well probabilities rank the examples: ROC and precision-recall curves, areas under them, and intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run

from .statistics import LEVEL, wilson_interval


class Area(NamedTuple):
    """An area under a curve, from 0 to 1, and its 95 % interval."""

    value: float
    interval: tuple[float, float]


class Ranking(NamedTuple):
    """One class against all others, as a probability ranks them.

    Attributes:
        name: of the class.
        positives, examples: how many examples are of the class, and how many there are.
        false, true: the ROC curve, shares of the others and of the class that are above each threshold, from 0 to 1.
        recall, precision: the precision-recall curve, from the highest threshold down.
        auc: area under the ROC curve.
        average_precision: Σ over thresholds of (recall − recall before) · precision.
    """

    name: str
    positives: int
    examples: int
    false: Floats
    true: Floats
    recall: Floats
    precision: Floats
    auc: Area
    average_precision: Area

    @property
    def base_rate(self) -> float:
        """Precision of a ranking by chance."""
        return self.positives / self.examples


class Rankings(NamedTuple):
    """The rankings of all classes.

    Attributes:
        classes: one a class that has examples, and others have some too; for two classes that of class 1 alone.
        auc, average_precision: the means over the classes (macro), or those of the one; None without a class.
    """

    classes: tuple[Ranking, ...]
    auc: Area | None
    average_precision: Area | None


def rankings_of(run: Run, dataset: Dataset) -> Rankings:
    """Rankings of the test part by a classifier's probabilities.

    Args:
        run: with a "sigmoid" or "softmax" output of one class an example.
        dataset: prepared as for the run.
    """
    P, classes = run.predict_proba(dataset.test.X), class_numbers(dataset.test.Y)
    names = dataset.class_names or tuple(f"class {k}" for k in range(max(2, dataset.n_y)))
    if len(P) == 1:
        return rankings(P, (classes == 1)[None], names[1:])
    return rankings(P, classes == np.arange(len(P))[:, None], names)


def rankings(scores: NDArray[Any], truth: NDArray[np.bool_], names: Sequence[str]) -> Rankings:
    """Curves and areas, each class against all others.

    Args:
        scores: (K, m): the higher, the sooner it is the class.
        truth: (K, m) whether each example is of the class.
        names: K of them.

    Example:
        >>> scores, truth = np.array([[0.1, 0.4, 0.35, 0.8]]), np.array([[False, False, True, True]])
        >>> some = rankings(scores, truth, ["ill"])
        >>> print(some.auc.value, round(some.average_precision.value, 4))
        0.75 0.8333
    """
    there = [k for k in range(len(truth)) if 0 < truth[k].sum() < truth.shape[1]]
    found = [_ranking(scores[k], truth[k], names[k]) for k in there]
    if not found:
        return Rankings((), None, None)
    rarest = min(min(one.positives, one.examples - one.positives) for one, _, _ in found)
    means = [
        _area(float(np.mean([getattr(one, name).value for one, *_ in found])), _variance(moves, truth[there]), rarest)
        for name, moves in (
            ("auc", np.mean([moves for _, moves, _ in found], axis=0)),
            ("average_precision", np.mean([moves for *_, moves in found], axis=0)),
        )
    ]
    return Rankings(tuple(one for one, *_ in found), *means)


def _ranking(scores: NDArray[Any], truth: NDArray[np.bool_], name: str) -> tuple[Ranking, Floats, Floats]:
    """The ranking, and how much each example moves the two areas (``_variance``)."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # equal scores are one threshold
    tp = np.cumsum(truth[order])[ends].astype(np.float64)
    fp = ends + 1.0 - tp
    own, others = tp[-1], fp[-1]
    false, true = np.append(0.0, fp / others), np.append(0.0, tp / own)
    auc = float(np.trapezoid(true, false))
    precision = tp / (tp + fp)
    average = float((np.diff(true) * precision).sum())
    place = np.empty(len(scores), np.int64)  # of each example's threshold
    place[order] = np.searchsorted(ends, np.arange(len(scores)))
    auc_moves = _auc_moves(false, true, auc, place, truth)
    moves = _average_moves(tp, fp, average, place, truth)
    rarer = int(min(own, others))
    ranking = Ranking(
        name,
        int(own),
        len(scores),
        false,
        true,
        tp / own,
        precision,
        _area(auc, _variance(auc_moves, truth[None]), rarer),
        _area(average, _variance(moves, truth[None]), rarer),
    )
    return ranking, auc_moves, moves


def _auc_moves(false: Floats, true: Floats, auc: float, place: NDArray[np.int64], truth: NDArray[np.bool_]) -> Floats:
    """How fast the area under the ROC curve grows with each example's weight, times the size of its class.

    For an example of the class the share of the others below it (half of those level with it), less the area; for one
    of the others the share of the class above it, less the area: DeLong's placements.
    """
    below = 1 - (false[place] + false[place + 1]) / 2
    above = (true[place] + true[place + 1]) / 2
    moves: Floats = np.where(truth, (below - auc) / truth.sum(), (above - auc) / (~truth).sum())
    return moves


def _average_moves(
    tp: Floats, fp: Floats, average: float, place: NDArray[np.int64], truth: NDArray[np.bool_]
) -> Floats:
    """The same of the average precision Σ_i w_i p_i / Σ_i w_i over the class, p_i = TP / (TP + FP) at i's threshold."""
    new = np.diff(tp, prepend=0.0)
    all_ = tp + fp

    def from_here_down(values: Floats) -> Floats:
        return np.cumsum(values[::-1])[::-1]

    raised, lowered = from_here_down(new * fp / all_**2), from_here_down(new * tp / all_**2)
    own = (tp / all_)[place] - average + raised[place]
    moves: Floats = np.where(truth, own, -lowered[place]) / truth.sum()
    return moves


def _variance(moves: Floats, truth: NDArray[np.bool_]) -> float:
    """Variance of a figure by what each example adds to it: the infinitesimal jackknife, class by class.

        Σ over classes of n/(n − 1) Σ (move − mean)²

    Of the area under the ROC curve that is DeLong's variance. Sources: DeLong, DeLong & Clarke-Pearson 1988, "Comparing
    the areas under two or more correlated receiver operating characteristic curves"; Efron 1982, "The jackknife, the
    bootstrap and other resampling plans", chapter 6.

    Args:
        moves: (m,) derivative of the figure by the example's weight.
        truth: (K, m); examples with the same column are one class.
    """
    which = np.where(truth.any(axis=0), truth.argmax(axis=0), -1)
    total = 0.0
    for one in np.unique(which):
        some = moves[which == one]
        if len(some) > 1:
            total += len(some) / (len(some) - 1) * float(((some - some.mean()) ** 2).sum())
    return total


def _area(value: float, variance: float, rarer: int) -> Area:
    """The interval logit(a) ± z s / (a (1 − a)), which stays between 0 and 1 (Pepe 2003, section 5.2).

    Where no example is out of order the examples do not vary, and the interval is Wilson's of as many right answers as
    the rarer class has examples: careful, since one pair the other way round says more than all that are in order.
    """
    if value >= 1 - 1e-12:
        return Area(1.0, (wilson_interval(rarer, rarer)[0], 1.0))
    if value <= 1e-12 or variance == 0:
        return Area(value, (math.nan, math.nan))
    from scipy.stats import norm

    z = float(norm.ppf((1 + LEVEL) / 2))
    logit, reach = math.log(value / (1 - value)), z * math.sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-max(-700.0, min(700.0, end)))) for end in (logit - reach, logit + reach))
    return Area(value, (low, high))


def rankings_facts(some: Rankings) -> dict[str, Any]:
    """Areas and intervals, as plain values."""
    return {
        "auc": _plain(some.auc),
        "average_precision": _plain(some.average_precision),
        "classes": [
            {
                "name": one.name,
                "examples": one.positives,
                "base_rate": one.base_rate,
                "auc": _plain(one.auc),
                "average_precision": _plain(one.average_precision),
            }
            for one in some.classes
        ],
    }


def _plain(area: Area | None) -> dict[str, Any] | None:
    return None if area is None else {"value": area.value, "interval": list(area.interval)}
