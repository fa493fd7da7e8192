"""Scores of a classifier for each class, and facts for unequal classes, where accuracy says little.

If one class has 1 % of the examples, always predicting the other is correct for 99 %. So a network is judged by two
other scores. The area under the ROC curve says whether it ranks examples of the rare class above the others (0.5 by
chance). The balanced accuracy is the mean of the classes' recalls (1 / K by chance).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.part import class_numbers
from layerlab.formulas.arrays import Floats
from layerlab.runs.class_words import LOW_RECALL, share_to_type
from layerlab.runs.metrics import METRICS, RANKED_BY_CLASSES, metric_value
from layerlab.runs.run import Run

from .area_intervals import interval_of_mean
from .curves import rankings, rankings_facts
from .statistics import interval_facts, wilson_interval

UNEQUAL = 5.0
"""Classes are unequal if the largest has at least this many times as many examples as the smallest."""


def class_facts(run: Run, dataset: Dataset, predictions: NDArray[Any]) -> dict[str, Any]:
    """Return recall and precision of each class, balanced accuracy and the areas under the curves on the test set.

    Args:
        run: a classifier.
        dataset: the dataset, prepared as for the run.
        predictions: for the test set, as ``Run.predict`` returns them.

    Returns:
        A dict. ``majority`` has the name of the class with the most test examples, or several names if they are equally
        frequent; None for examples with several labels. ``recall`` and ``precision`` have a value for each class or
        label, by its name. ``balanced_accuracy`` is a number. ``roc_auc`` is a number too; for more than two classes it
        is the mean of each class against the others. ``average_precision`` is that of the rarer of two classes, else a
        mean like ``roc_auc``. Each score is None where it is not defined. ``threshold`` is the run's own. ``rare`` has
        facts about the smallest class (``_rare_facts``) if classes are unequal, else it is None.
    """
    if run.diverged:
        return dict.fromkeys(("majority", "recall", "precision", *RANKED_BY_CLASSES, "threshold", "rare"))
    Y, P = dataset.test.Y, run.predict_proba(dataset.test.X)
    values = {
        name: metric_value(METRICS[name], run.network, P, Y, threshold=run.threshold) for name in RANKED_BY_CLASSES
    }
    known = {name: value if math.isfinite(value) else None for name, value in values.items()}
    threshold = run.threshold if run.network.has_two_classes else None
    if run.network.has_several_labels:
        by_label = [_confusion(*rows, 2) for rows in zip(Y > 0.5, predictions, strict=True)]
        labels = {f"label {k}": recall_and_precision(one)[1] for k, one in enumerate(by_label)}
        return {"majority": None, **_by_name(labels), **known, "threshold": threshold, "rare": None}
    counts = confusion(dataset, predictions)
    by_class = dict(zip(class_names(dataset), recall_and_precision(counts), strict=True))
    rare = _rare_facts(run, dataset, P, counts) if are_unequal(dataset) else None
    tested = counts.sum(axis=1)
    majority = [name for name, n in zip(by_class, tested, strict=True) if n == tested.max()]
    return {"majority": majority, **_by_name(by_class), **known, "threshold": threshold, "rare": rare}


def class_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the names of the classes, or "class 0", "class 1" and so on."""
    return tuple(map(str, dataset.class_names)) or tuple(f"class {k}" for k in range(max(2, dataset.n_y)))


def are_unequal(dataset: Dataset) -> bool:
    """Return whether the largest class has at least ``UNEQUAL`` times the examples of the smallest, in both sets.

    A class without test examples does not count if two others have some, because no score depends on it.
    """
    counts = _compared_counts(dataset)
    return bool(counts.max() >= UNEQUAL * counts[counts >= 0].min())


def usual_score(run: Run, dataset: Dataset) -> str | None:
    """Return the score for permutation importance if none was named: "roc_auc" where classes are unequal, else None.

    Accuracy would hardly change there, whichever column is shuffled. None means the usual score of the network.
    """
    one_class = run.network.classifies and not run.network.has_several_labels
    return "roc_auc" if one_class and are_unequal(dataset) else None


def _compared_counts(dataset: Dataset) -> NDArray[np.int64]:
    """Return (K,) numbers of examples in both sets; -1 for classes without test examples, if two others have some."""
    train, test = (_class_counts(dataset, part.Y) for part in (dataset.train, dataset.test))
    tested = test > 0
    return train + test if tested.sum() < 2 else np.where(tested, train + test, -1)


def _class_counts(dataset: Dataset, Y: Floats) -> NDArray[np.int64]:
    return np.bincount(class_numbers(Y), minlength=max(2, dataset.n_y))


def confusion(dataset: Dataset, predictions: NDArray[Any], part: str = "test") -> NDArray[np.int64]:
    """Return the (K, K) confusion matrix of the test set; each row is a true class.

    Args:
        dataset: the dataset, prepared as for the run.
        predictions: (1, m) class numbers.
        part: "test" or "train".
    """
    return _confusion(class_numbers(getattr(dataset, part).Y), predictions[0], max(2, dataset.n_y))


def _confusion(truth: NDArray[Any], predicted: NDArray[Any], n: int) -> NDArray[np.int64]:
    places = n * truth.astype(np.int64) + predicted.astype(np.int64)
    return np.bincount(places, minlength=n * n).reshape(n, n)


def recall_and_precision(counts: Any) -> list[dict[str, Any]]:
    """Return recall and precision of each class with 95 % Wilson intervals; None where the total is 0.

    Args:
        counts: (K, K) confusion matrix; each row is a true class.
    """
    counts = np.asarray(counts)
    facts = []
    for k, right in enumerate(counts.diagonal()):
        one: dict[str, Any] = {}
        for name, total in (("recall", counts[k].sum()), ("precision", counts[:, k].sum())):
            one[name] = float(right / total) if total else None
            one[f"{name}_interval"] = list(wilson_interval(int(right), int(total))) if total else None
        facts.append(one)
    return facts


def _by_name(by_class: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {of: {name: one[of] for name, one in by_class.items()} for of in ("recall", "precision")}


def _rare_facts(run: Run, dataset: Dataset, P: NDArray[Any], counts: NDArray[np.int64]) -> dict[str, Any]:
    """Return facts about the rarest class of both sets that has test examples.

    Returns:
        A dict. ``name`` is the class, ``share`` its share of the training set. Numbers of test examples: ``examples``
        belong to the class, ``called`` are predicted to, ``found`` are both. ``roc_auc`` and ``average_precision``
        compare this class with the others, and have intervals; ``balanced_accuracy_interval`` is one too. ``at_share``
        has ``called`` and ``found`` with the class's training share as the threshold; it is None unless the recall is
        low and that threshold finds more.
    """
    in_train = _class_counts(dataset, dataset.train.Y)
    compared = _compared_counts(dataset)
    rare = int(np.where(compared < 0, compared.max(), compared).argmin())
    truth, name = class_numbers(dataset.test.Y) == rare, class_names(dataset)[rare]
    scores = P[rare] if len(P) > 1 else P[0] if rare else -P[0]
    found, called = int(counts[rare, rare]), int(counts[:, rare].sum())
    areas = rankings_facts(rankings(scores[None], truth[None], [name]))
    share = float(in_train[rare] / in_train.sum())
    return {
        "name": name,
        "share": share,
        "examples": int(truth.sum()),
        "called": called,
        "found": found,
        "roc_auc": areas["auc"],
        "average_precision": areas["average_precision"],
        "balanced_accuracy_interval": balanced_accuracy_interval(counts),
        "at_share": _found_at(run, P, truth, rare, share, found),
    }


def _found_at(
    run: Run, P: NDArray[Any], truth: NDArray[np.bool_], rare: int, share: float, found: int
) -> dict[str, int] | None:
    """Return how many are called and found if the threshold is the class's share; None if not more are found."""
    usual = run.network.has_two_classes and run.threshold == 0.5 and run.settings.get("class_weight") is None
    if not usual or found >= LOW_RECALL * truth.sum() or not 0 < share < 1:
        return None
    share = float(share_to_type(share))
    called = P[0] > share if rare else P[0] <= 1 - share
    more = int((called & truth).sum())
    return {"called": int(called.sum()), "found": more} if more > found else None


def balanced_accuracy_interval(counts: NDArray[np.int64]) -> list[float] | None:
    """Return the 95 % interval of the balanced accuracy, from the classes' Wilson intervals (Zou & Donner 2008).

    It is None if a class has no examples.

    Args:
        counts: (K, K) confusion matrix; each row is a true class.
    """
    total, right = counts.sum(axis=1), counts.diagonal()
    if not total.all():
        return None
    intervals = [wilson_interval(int(k), int(n)) for k, n in zip(right, total, strict=True)]
    return interval_facts(interval_of_mean(right / total, intervals, np.zeros((len(counts), len(counts)))))
