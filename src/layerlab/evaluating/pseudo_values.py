"""Each example's part in a score of classes: numbers whose mean is the score, so that two networks can be compared.

A share of right answers is a mean over examples. The balanced accuracy is one with weights, and an area under a curve
has pseudo-values (``curves.area_values``): intervals and paired tests over the examples are then the same for all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.metrics import RANKED_BY_CLASSES, positive_class

from .baseline import class_shares
from .curves import area_values

CLASS_SCORES = ("accuracy", *RANKED_BY_CLASSES)
"""Scores of classes that can be asked for by name."""


def check_class_score(by: Any, network: Network, argument: str = "by=") -> str:
    """Check that a score exists and suits a network of one class an example, and return its name.

    Args:
        by: the name; None for "accuracy".
        network: with its output named.
        argument: how messages begin.

    Raises:
        InputError: there is no such score, or the network learns values or several labels an example.
    """
    by = "accuracy" if by is None else by
    if by not in CLASS_SCORES:
        raise InputError(f"{argument}{by!r}: wanted one of {', '.join(map(repr, CLASS_SCORES))}, the score of classes")
    if not network.classifies or network.has_several_labels:
        has = "several labels an example" if network.has_several_labels else "values"
        raise InputError(f"{argument}{by!r}: is a score of one class an example, and the network learns {has}")
    return str(by)


def pseudo_values(by: str, P: Floats, labels: NDArray[Any], Y: NDArray[Any]) -> Floats:
    """Each example's part (m,) in a score: their mean is the score.

    Args:
        by: one of ``CLASS_SCORES``.
        P: (n_y, m) probabilities: one row of two classes, else a row a class.
        labels: (m,) predicted class numbers.
        Y: (n_y, m) truth, 0 and 1 or one-hot.

    Example:
        >>> Y, P = np.array([[0.0, 0.0, 0.0, 1.0]]), np.array([[0.1, 0.2, 0.7, 0.6]])
        >>> for by in CLASS_SCORES:
        ...     print(by, pseudo_values(by, P, np.array([0, 0, 1, 1]), Y).mean().round(4))
        accuracy 0.75
        balanced_accuracy 0.8333
        roc_auc 0.6667
        average_precision 0.5
    """
    truth = class_numbers(Y)
    if by in ("accuracy", "balanced_accuracy"):
        weights = len(truth) * class_shares(truth) if by == "balanced_accuracy" else 1.0
        return np.asarray((labels == truth) * weights, np.float64)
    if len(P) > 1:
        return area_values(by, P, truth == np.arange(len(P))[:, None])
    rarer = positive_class(truth)
    return area_values(by, P if rarer else -P, (truth == rarer)[None])
