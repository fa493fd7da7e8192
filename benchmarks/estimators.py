"""Estimators at their own defaults, scikit-learn's and layerlab's of the same contract: ``fit`` as users call it."""

from __future__ import annotations

import warnings
from time import perf_counter
from typing import Any

from .material import Turn, Work, facts


def fit_turn(classifier: Any, work: Work) -> Turn:
    """A whole fit; both draw the same weights and the same batches, so that both make the same epochs.

    Args:
        classifier: the class.
        work: the row.
    """
    X, labels = work.material.X, work.material.labels

    def turn() -> dict[str, Any]:
        model = classifier(random_state=work.row.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 200 epochs may be too few
            begun = perf_counter()
            model.fit(X, labels)
            seconds = perf_counter() - begun
        checked = [model.loss_, float(model.n_iter_)]
        return facts(
            seconds=seconds, updates=seconds, iterations=model.n_iter_, checked=checked, last=[model.loss_], stages={}
        )

    return turn
