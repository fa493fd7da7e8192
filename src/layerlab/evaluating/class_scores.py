"""Scores of a classifier class by class, and what they say where classes are unequal, so that accuracy says little.

Always answering the majority class is right in 99 % where the other class has 1 %. So a network is judged by whether it
ranks examples of the rare class above the others (the area under the ROC curve with its interval, 0.5 by chance) and by
its balanced accuracy (the mean of the classes' recalls, 1 / K by chance).
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
"""Classes are unequal where the largest has at least so many times the examples of the smallest."""


def class_facts(run: Run, dataset: Dataset, predictions: NDArray[Any]) -> dict[str, Any]:
    """Recall and precision by class, balanced accuracy and the areas under the curves on the test set.

    Args:
        run: a classifier.
        dataset: prepared as for the run.
        predictions: for the test set, as ``Run.predict`` returns them.

    Returns:
        ``recall`` and ``precision`` by the classes' names (of several labels by the labels'), ``balanced_accuracy``,
        ``roc_auc`` (of several classes each against the others, and their mean), ``average_precision`` (of two classes
        that of the rarer one, else as ``roc_auc``); each None where it is not defined; ``threshold``; and ``rare``:
        what is said of the smallest class where classes are unequal, else None (``_rare_facts``).
    """
    if run.diverged:
        return dict.fromkeys(("recall", "precision", *RANKED_BY_CLASSES, "threshold", "rare"))
    Y, P = dataset.test.Y, run.predict_proba(dataset.test.X)
    values = {
        name: metric_value(METRICS[name], run.network, P, Y, threshold=run.threshold) for name in RANKED_BY_CLASSES
    }
    known = {name: value if math.isfinite(value) else None for name, value in values.items()}
    threshold = run.threshold if run.network.has_two_classes else None
    if run.network.has_several_labels:
        by_label = [_confusion(*rows, 2) for rows in zip(Y > 0.5, predictions, strict=True)]
        labels = {f"label {k}": recall_and_precision(one)[1] for k, one in enumerate(by_label)}
        return {**_by_name(labels), **known, "threshold": threshold, "rare": None}
    counts = confusion(dataset, predictions)
    by_class = dict(zip(class_names(dataset), recall_and_precision(counts), strict=True))
    rare = _rare_facts(run, dataset, P, counts) if are_unequal(dataset) else None
    return {**_by_name(by_class), **known, "threshold": threshold, "rare": rare}


def class_names(dataset: Dataset) -> tuple[str, ...]:
    """The names of the classes, or "class 0", "class 1" and so on."""
    return tuple(map(str, dataset.class_names)) or tuple(f"class {k}" for k in range(max(2, dataset.n_y)))


def are_unequal(dataset: Dataset) -> bool:
    """Whether the largest class has at least ``UNEQUAL`` times the examples of the smallest, both sets together.

    A class without test examples, which later rows may lack, is left out if two others are there: no score tells of it.
    """
    counts = _compared_counts(dataset)
    return bool(counts.max() >= UNEQUAL * counts[counts >= 0].min())


def usual_score(run: Run, dataset: Dataset) -> str | None:
    """The score by which columns are measured where nobody named one: "roc_auc" where classes are unequal.

    Of a ranking, because accuracy hardly changes there whatever is shuffled. None leaves it to the kind of network.
    """
    one_class = run.network.classifies and not run.network.has_several_labels
    return "roc_auc" if one_class and are_unequal(dataset) else None


def _compared_counts(dataset: Dataset) -> NDArray[np.int64]:
    """(K,) examples of each class in both sets; -1 of those that are not tested, if two are."""
    train, test = (_class_counts(dataset, part.Y) for part in (dataset.train, dataset.test))
    tested = test > 0
    return train + test if tested.sum() < 2 else np.where(tested, train + test, -1)


def _class_counts(dataset: Dataset, Y: Floats) -> NDArray[np.int64]:
    return np.bincount(class_numbers(Y), minlength=max(2, dataset.n_y))


def confusion(dataset: Dataset, predictions: NDArray[Any], part: str = "test") -> NDArray[np.int64]:
    """(K, K) confusion matrix of the test set, a row a true class.

    Args:
        dataset: prepared as for the run.
        predictions: (1, m) class numbers.
        part: "test" or "train".
    """
    return _confusion(class_numbers(getattr(dataset, part).Y), predictions[0], max(2, dataset.n_y))


def _confusion(truth: NDArray[Any], predicted: NDArray[Any], n: int) -> NDArray[np.int64]:
    places = n * truth.astype(np.int64) + predicted.astype(np.int64)
    return np.bincount(places, minlength=n * n).reshape(n, n)


def recall_and_precision(counts: Any) -> list[dict[str, Any]]:
    """Recall and precision of each class with 95 % Wilson intervals; None where there is nothing to divide by.

    Args:
        counts: (K, K) confusion matrix, a row a true class.
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
    """What is said of the class with the fewest examples in both sets together, of those that are tested.

    Returns:
        ``name``; ``share`` of it in the training set; numbers of test examples: ``examples`` of the class, ``called``
        so, ``found`` (right); ``roc_auc`` and ``average_precision`` of this class against the others, with intervals;
        ``balanced_accuracy_interval``; ``at_share``: the numbers that two classes would have with the class's share in
        the training set as the threshold, where that finds more and the run's own recall is low, else None.
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
    """How many of a rare class are called so and found where its probability is above its share."""
    usual = run.network.has_two_classes and run.threshold == 0.5 and run.settings.get("class_weight") is None
    if not usual or found >= LOW_RECALL * truth.sum() or not 0 < share < 1:
        return None
    share = float(share_to_type(share))
    called = P[0] > share if rare else P[0] <= 1 - share
    more = int((called & truth).sum())
    return {"called": int(called.sum()), "found": more} if more > found else None


def balanced_accuracy_interval(counts: NDArray[np.int64]) -> list[float] | None:
    """95 % interval of the balanced accuracy, from the classes' Wilson intervals (Zou & Donner 2008).

    None where a class has no examples.

    Args:
        counts: (K, K) confusion matrix, a row a true class.
    """
    total, right = counts.sum(axis=1), counts.diagonal()
    if not total.all():
        return None
    intervals = [wilson_interval(int(k), int(n)) for k, n in zip(right, total, strict=True)]
    return interval_facts(interval_of_mean(right / total, intervals, np.zeros((len(counts), len(counts)))))
