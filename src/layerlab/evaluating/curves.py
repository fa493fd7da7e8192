"""ROC and precision-recall curves of a classifier, and the areas under them with 95 % intervals.

They show how well a class's probability ranks its examples above all others, for all thresholds at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.runs.metrics import positive_class
from layerlab.runs.run import Run

from .area_intervals import FEWEST, Estimated, area_intervals, interval_of_mean


class Area(NamedTuple):
    """An area under a curve and its 95 % interval.

    Attributes:
        value: the area, from 0 to 1.
        interval: its two ends; None if there are too few examples.
        remark: why there is no interval; empty if there is one.
    """

    value: float
    interval: tuple[float, float] | None
    remark: str = ""


class Ranking(NamedTuple):
    """The curves of one class against all others, and the areas under them; t is the number of distinct scores.

    Attributes:
        name: the name of the class.
        positives, examples: number of examples of the class, and of all examples.
        false_positive_rate, true_positive_rate: (t + 1,) the ROC curve: shares of the other examples and of the class
            that score above each threshold, from 0 to 1.
        recall, precision: (t,) the precision-recall curve, from the highest threshold down.
        auc: area under the ROC curve.
        average_precision: area under the precision-recall curve: Σ over thresholds of (recall − recall before) ·
            precision.
    """

    name: str
    positives: int
    examples: int
    false_positive_rate: Floats
    true_positive_rate: Floats
    recall: Floats
    precision: Floats
    auc: Area
    average_precision: Area

    @property
    def base_rate(self) -> float:
        """The class's share of the examples: the precision of a random ranking."""
        return self.positives / self.examples


class Rankings(NamedTuple):
    """The curves of all classes, and the mean areas.

    Attributes:
        classes: one for each class that has some of the examples, but not all; of two classes only the rarer one.
        auc, average_precision: means over these classes (macro average); None if there are none.
    """

    classes: tuple[Ranking, ...]
    auc: Area | None
    average_precision: Area | None


def rankings_of(run: Run, dataset: Dataset) -> Rankings:
    """Return ROC and precision-recall curves of a classifier on the test set.

    Args:
        run: a classifier with one class per example and a "sigmoid" or "softmax" output.
        dataset: the dataset, prepared as for the run.
    """
    P, classes = run.predict_proba(dataset.test.X), class_numbers(dataset.test.Y)
    names = dataset.class_names or tuple(f"class {k}" for k in range(max(2, dataset.n_y)))
    if len(P) == 1:
        rarer = positive_class(classes)
        return rankings(P if rarer else -P, (classes == rarer)[None], names[rarer:])
    return rankings(P, classes == np.arange(len(P))[:, None], names)


def rankings(scores: NDArray[Any], truth: NDArray[np.bool_], names: Sequence[str]) -> Rankings:
    """Return ROC and precision-recall curves and their areas, each class against all others.

    Args:
        scores: (K, m); a higher score means that the example is more likely of the class.
        truth: (K, m), whether each example is of the class.
        names: the names of the K classes.

    Example:
        >>> scores, truth = np.array([[0.1, 0.4, 0.35, 0.8]]), np.array([[False, False, True, True]])
        >>> some = rankings(scores, truth, ["ill"])
        >>> print(some.auc.value, round(some.average_precision.value, 4))
        0.75 0.8333
    """
    there = _ranked(truth)
    found = [_ranking(scores[k], truth[k], names[k]) for k in there]
    if not found:
        return Rankings((), None, None)
    classes = tuple(ranking for ranking, *_ in found)
    auc, average_precision = (
        _mean_area([getattr(one, name) for one in classes], np.array(influences), truth[there])
        for name, influences in zip(("auc", "average_precision"), list(zip(*found, strict=True))[1:], strict=True)
    )
    return Rankings(classes, auc, average_precision)


class _Areas(NamedTuple):
    """One class's curves as in ``Ranking``, and each example's influence on the two areas (see ``_covariances``).

    Attributes:
        curves: false and true positive rate, recall, precision.
        values: ROC area and average precision.
        influences: (2, m) of each example on them.
        thresholds: number of distinct scores.
    """

    curves: tuple[Floats, Floats, Floats, Floats]
    values: tuple[float, float]
    influences: Floats
    thresholds: int


def _areas(scores: NDArray[Any], truth: NDArray[np.bool_]) -> _Areas:
    """Return one class's curves and areas; ``truth`` (m,) says whether each example is of the class."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # equal scores are one threshold
    tp = np.cumsum(truth[order])[ends].astype(np.float64)  # (t,) true positives at each threshold, the highest first
    fp = ends + 1.0 - tp
    positives, negatives = tp[-1], fp[-1]
    fpr, tpr = np.append(0.0, fp / negatives), np.append(0.0, tp / positives)
    auc = float(np.trapezoid(tpr, fpr))
    precision = tp / (tp + fp)
    average = float((np.diff(tpr) * precision).sum())
    threshold = np.empty(len(scores), np.int64)  # the number of each example's threshold
    threshold[order] = np.searchsorted(ends, np.arange(len(scores)))
    influences = np.array(
        [
            _auc_influence(fpr, tpr, auc, threshold, truth),
            _average_precision_influence(tp, fp, average, threshold, truth),
        ]
    )
    return _Areas((fpr, tpr, tp / positives, precision), (auc, average), influences, len(ends))


def area_values(name: str, scores: NDArray[Any], truth: NDArray[np.bool_]) -> Floats:
    """Return pseudo-values (m,) of an area, one for each example: their mean is the area, their spread its uncertainty.

        v_i = a + m · ∂a / ∂(weight of example i)

    How much they vary shows how uncertain the area is. A paired t-test between the pseudo-values of two networks is
    nearly DeLong's test of their ROC areas. Sources: Miller 1974, "The jackknife: a review"; DeLong, DeLong &
    Clarke-Pearson 1988.

    Args:
        name: "roc_auc" or "average_precision".
        scores: (K, m) as for ``rankings``.
        truth: (K, m), whether each example is of the class. The area is the mean over classes that have some of the
            examples, but not all; nan without such a class.
    """
    there, which = truth[_ranked(truth)], ("roc_auc", "average_precision").index(name)
    if not len(there):
        return np.full(truth.shape[1], np.nan)
    found = [_areas(*rows) for rows in zip(scores[_ranked(truth)], there, strict=True)]
    parts = [one.values[which] + truth.shape[1] * one.influences[which] for one in found]
    return np.asarray(np.mean(parts, axis=0))


def _ranked(truth: NDArray[np.bool_]) -> list[int]:
    """Return the numbers of the classes that have some of the examples, but not all."""
    return [k for k in range(len(truth)) if 0 < truth[k].sum() < truth.shape[1]]


def _ranking(scores: NDArray[Any], truth: NDArray[np.bool_], name: str) -> tuple[Ranking, Floats, Floats]:
    """Return one class's curves, and each example's influence on the two areas, (m,) each."""
    found, positives = _areas(scores, truth), int(truth.sum())
    negatives = len(truth) - positives
    remark = _why_no_interval(name, positives, negatives, found.thresholds)
    intervals: tuple[Any, Any] = (None, None)
    if not remark:
        variances = _covariances(found.influences, truth[None]).diagonal()
        estimated = (Estimated(*one) for one in zip(found.values, variances.tolist(), strict=True))
        intervals = area_intervals(positives, negatives, *estimated)
    areas = (Area(*one, remark) for one in zip(found.values, intervals, strict=True))
    return Ranking(name, positives, len(scores), *found.curves, *areas), *found.influences


def _why_no_interval(name: str, positives: int, others: int, thresholds: int) -> str:
    """Say why the areas of a class have no interval; "" if they have one."""
    for count, what in ((positives, f"of {name}"), (others, f"that are not of {name}")):
        if count < FEWEST:
            return f"too few examples {what}: {count}, and an interval takes at least {FEWEST}"
    return "all examples have the same score" if thresholds == 1 else ""


def _mean_area(areas: Sequence[Area], influences: Floats, truth: NDArray[np.bool_]) -> Area:
    """Return the mean of the classes' areas (macro average); it has no interval if one of them has none."""
    values = np.array([one.value for one in areas])
    remark = next((one.remark for one in areas if one.remark), "")
    intervals = [one.interval for one in areas if one.interval is not None]
    if len(areas) == 1 or remark:
        return Area(float(values.mean()), None if remark else intervals[0], remark)
    return Area(float(values.mean()), interval_of_mean(values, intervals, _covariances(influences, truth)))


def _auc_influence(
    fpr: Floats, tpr: Floats, auc: float, threshold: NDArray[np.int64], truth: NDArray[np.bool_]
) -> Floats:
    """Return each example's influence on the ROC area, (m,): the area's derivative with respect to its weight.

    For an example of the class it is the share of the others that score lower (equal ones count half) minus the area.
    For another example it is the share of the class that scores higher minus the area. Each is divided by the number of
    examples of its kind. These are DeLong's placements.
    """
    below = 1 - (fpr[threshold] + fpr[threshold + 1]) / 2
    above = (tpr[threshold] + tpr[threshold + 1]) / 2
    influence: Floats = np.where(truth, (below - auc) / truth.sum(), (above - auc) / (~truth).sum())
    return influence


def _average_precision_influence(
    tp: Floats, fp: Floats, average: float, threshold: NDArray[np.int64], truth: NDArray[np.bool_]
) -> Floats:
    """Return each example's influence on the average precision, (m,): its derivative with respect to the weight.

    The average precision is Σ_i w_i p_i / Σ_i w_i over the class, with p_i = TP / (TP + FP) at i's threshold. An
    example changes its own term, and the precision at its own threshold and all lower ones.
    """
    new = np.diff(tp, prepend=0.0)  # examples of the class at each threshold
    total = tp + fp

    def from_here_down(values: Floats) -> Floats:
        return np.cumsum(values[::-1])[::-1]

    raised, lowered = from_here_down(new * fp / total**2), from_here_down(new * tp / total**2)
    own = (tp / total)[threshold] - average + raised[threshold]
    influence: Floats = np.where(truth, own, -lowered[threshold]) / truth.sum()
    return influence


def _covariances(influences: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Return covariances of areas from the examples' influences: the infinitesimal jackknife, class by class.

        Σ over classes of n/(n − 1) Σ (influence − mean) (influence − mean)ᵀ

    For the area under the ROC curve this is DeLong's covariance. Sources: DeLong, DeLong & Clarke-Pearson 1988,
    "Comparing the areas under two or more correlated receiver operating characteristic curves"; Efron 1982, "The
    jackknife, the bootstrap and other resampling plans", chapter 6.

    Args:
        influences: (areas, m) derivative of each area with respect to each example's weight.
        truth: (K, m), whether each example is of each class.

    Returns:
        (areas, areas).
    """
    which = np.where(truth.any(axis=0), truth.argmax(axis=0), -1)  # each example's class, −1 if it is of none
    total = np.zeros((len(influences), len(influences)))
    for one in np.unique(which):
        some = influences[:, which == one]
        n = some.shape[1]
        if n > 1:
            some = some - some.mean(axis=1, keepdims=True)
            total += n / (n - 1) * (some @ some.T)
    return total


def rankings_facts(found: Rankings) -> dict[str, Any]:
    """Return areas and intervals as dictionaries and lists for JSON."""
    return {
        "auc": _plain(found.auc),
        "average_precision": _plain(found.average_precision),
        "classes": [
            {
                "name": one.name,
                "examples": one.positives,
                "base_rate": one.base_rate,
                "auc": _plain(one.auc),
                "average_precision": _plain(one.average_precision),
            }
            for one in found.classes
        ],
    }


def _plain(area: Area | None) -> dict[str, Any] | None:
    if area is None:
        return None
    return {"value": area.value, "interval": area.interval and list(area.interval), "remark": area.remark}
