"""The nearest training images of a few images, as facts: which they are, their classes, what the network predicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run
from layerlab.text import amount

from .explanation import class_name
from .nearest_neighbours import NearestNeighbours, nearest_neighbours

NEIGHBOURS = 5
"""How many nearest training images are shown of one image."""


def neighbour_facts(
    run: Run,
    X: NDArray[Any],
    names: Sequence[str],
    dataset: Dataset | None,
    *,
    missing: str = "",
    k: int = NEIGHBOURS,
    itself: int | None = None,
) -> dict[str, Any]:
    """Find the nearest training images of some images.

    Args:
        run: a network that was trained on images.
        X: (n_x, m), prepared as for the run.
        names: m names of the images.
        dataset: the dataset that the run was trained on, prepared as for the run; None if it is not there.
        missing: why there are no training images to compare with, as a sentence; else "".
        k: how many neighbours of each image.
        itself: the number of the image in the training set, if it is one of them: it is no neighbour of itself.

    Returns:
        A dict. ``missing`` is the sentence, or "". ``layer`` is the number of the layer whose ``units`` values are
        compared (0: the pixels), ``training_images`` how many images there are (without ``itself``, which is none of
        those that are compared), ``itself`` its number or None, and ``varied`` how augmentation varied them, or "".
        ``of`` has a dict for each image: its ``name``, the ``answer`` for it, the ``mean_distance`` from
        all training images, ``equally_near`` as in ``NearestNeighbours``, ``agreeing`` (how many of the neighbours
        have the class that is predicted for the image; None for a regression) and its ``neighbours``: ``number`` in the
        training set (from 0), ``name`` of the file or None, ``truth``, ``answer``, its ``probability`` (None for a
        regression), ``distance``, and whether it has the ``same_pixels``. The nearest comes first.
    """
    m = 0 if dataset is None else dataset.train.X.shape[1] - (itself is not None)
    if dataset is not None and not missing and not m:
        missing = "it is the only training image."
    if dataset is None or missing:
        nothing = dict.fromkeys(("layer", "units", "training_images", "itself"))
        return {"missing": missing, **nothing, "varied": "", "of": []}
    found = nearest_neighbours(run, X, dataset, k=min(k, m) + (itself is not None))
    answers = _answers(run, dataset, X)
    of = []
    for j, name in enumerate(names):
        rows = [i for i, number in enumerate(found.numbers[:, j]) if number != itself][:k]
        neighbours = _neighbours(run, dataset, found, rows, j, X[:, [j]])
        own = itself is not None and found.distances[-1, j] == 0  # one of those that are as near as the last
        agreeing = sum(one["truth"] == answers[j][0] for one in neighbours) if run.network.classifies else None
        of.append(
            {
                "name": name,
                "answer": answers[j][0],
                "mean_distance": float(found.mean_distances[j] * (found.training_examples / m)),
                "equally_near": int(found.equally_near[j]) - bool(own),
                "agreeing": agreeing,
                "neighbours": neighbours,
            }
        )
    varied = "" if dataset.augmentation is None else str(dataset.augmentation)
    units = run.network.layer_dims[found.layer]
    about = {"layer": found.layer, "units": units, "training_images": m, "itself": itself, "varied": varied}
    return {"missing": "", **about, "of": of}


def _neighbours(
    run: Run, dataset: Dataset, found: NearestNeighbours, rows: Sequence[int], j: int, x: NDArray[Any]
) -> list[dict[str, Any]]:
    """Describe the neighbours of image j, x (n_x, 1), that are in these rows of ``found``."""
    numbers = found.numbers[rows, j]
    X, Y = (array[:, numbers] for array in dataset.train)
    answers = _answers(run, dataset, X)
    labels = run.network.labels(Y)
    return [
        {
            "number": int(number),
            "name": None if dataset.called is None else str(dataset.called[0][number]),
            "truth": _named(run, dataset, labels[:, i]),
            "answer": answers[i][0],
            "probability": answers[i][1],
            "distance": float(found.distances[row, j]),
            "same_pixels": bool((X[:, [i]] == x).all()),
        }
        for i, (row, number) in enumerate(zip(rows, numbers, strict=True))
    ]


def _answers(run: Run, dataset: Dataset, X: Floats) -> list[tuple[str, float | None]]:
    """Return the prediction for each example in words, and the probability of the predicted class."""
    labels = run.predict(X)
    named = [_named(run, dataset, column) for column in labels.T]
    if not run.network.classifies:
        return [(name, None) for name in named]
    P = run.network.class_probabilities(run.predict_proba(X))
    return list(zip(named, P[labels[0], np.arange(P.shape[1])].tolist(), strict=True))


def _named(run: Run, dataset: Dataset, label: NDArray[Any]) -> str:
    """Return the class of a label (1,), or the values (n_y,) of a regression."""
    if run.network.classifies:
        return class_name(dataset, int(label[0]))
    return ", ".join(amount(float(value)) for value in label)
