"""A run with members that a test makes itself: networks that were trained without one fold each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from layerlab import Network, Run, train
from layerlab.datasets import Dataset, Part
from layerlab.runs.members import Members


def trained_by_hand(network: Network, dataset: Dataset, folds: int = 4, models: int = 4, **settings: Any) -> Run:
    """Train networks that each leave out one fold, with parameters in the target's own units, as one run."""
    m, n_y = dataset.train.X.shape[1], dataset.n_y
    fold = (np.random.RandomState(7).permutation(m) % folds).astype(np.int16)
    held_out = tuple(k % folds for k in range(models))
    runs = []
    for k, without in enumerate(held_out):
        here = fold != without
        own = replace(dataset, train=Part(dataset.train.X[:, here], dataset.train.Y[:, here]))
        runs.append(train(network, own, seed=k, advice=False, **settings))
    answered, answers = np.zeros(m), np.zeros((n_y, m))
    for run, without in zip(runs, held_out, strict=True):
        here = fold == without
        X = dataset.train.X[:, here]
        answers[:, here] += run.predict_proba(X) if run.network.classifies else run.predict(X)
        answered[here] += 1
    with np.errstate(invalid="ignore"):
        answers /= answered
    parameters = {name: np.stack([run.parameters[name] for run in runs]) for name in runs[0].parameters}
    kept_at = tuple(len(run.history.costs) for run in runs)
    members = Members(
        parameters, tuple(range(models)), held_out, kept_at, fold, answers, dataset.train.Y, ordered=False
    )
    return replace(runs[0], members=members)
