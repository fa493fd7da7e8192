"""Which pictures belong to an explanation: what one prediction comes from, and what all predictions depend on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from layerlab import plots
from layerlab.datasets import Dataset
from layerlab.evaluating.explanations.attribute import attribute
from layerlab.evaluating.explanations.explanation import attribution_baseline, find_example, nothing_moves
from layerlab.evaluating.explanations.importance import nothing_matters, shown_to_matter
from layerlab.evaluating.explanations.input_groups import patch_grid, patch_groups
from layerlab.evaluating.explanations.neighbour_words import neighbour_name
from layerlab.evaluating.explanations.words import lost_words
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run
from layerlab.text import amount

from .of_runs import save_all

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def explanation_pictures(
    run: Run, data: Dataset, facts: dict[str, Any], folder: str | Path, *, trained_on: Dataset | None = None
) -> list[Path]:
    """Draw what a prediction comes from: a bar for each column, or the pixels and the nearest images of an image.

    Args:
        run: a network that was trained on ``data``.
        data: the dataset, prepared as for the run.
        facts: the result of ``explain_answer``, with ``nearest`` for an image.
        folder: created if it is not there; pictures of the same name are replaced.
        trained_on: the training images that ``nearest`` is about, prepared as for the run; or None.

    Returns:
        The PNG files; none of contributions where every one is 0.
    """
    drawn = []
    if not nothing_moves(facts):
        drawn.append(_contributions(run, data, facts))
    if trained_on is not None and facts.get("nearest", {}).get("of"):
        which, number = find_example(data, facts["row"])
        x = getattr(data, which).X[:, [number]]
        drawn.append(("nearest", neighbours_picture(trained_on, x, facts["nearest"], facts["truth"])))
    return save_all(drawn, folder)


def _contributions(run: Run, data: Dataset, facts: dict[str, Any]) -> tuple[str, Figure]:
    """Draw the contributions of columns or of pixels, and name the picture."""
    if data.image_shape is None or not run.network.classifies:
        return "shares", shares_picture(facts, f"{facts['named']}: what the prediction comes from")
    which, number = find_example(data, facts["row"])
    X = getattr(data, which).X[:, [number]]
    figure, _ = saliency_picture(run, data, X, [facts["row"]], "test set" if which == "test" else "training set")
    return "saliency", figure


def neighbours_picture(data: Dataset, x: Floats, nearest: dict[str, Any], truth: str | None = None) -> Figure:
    """Draw an image beside its nearest training images, with their true and predicted classes and distances.

    Args:
        data: the training images, prepared as for the run.
        x: (n_x, 1), the image, prepared in the same way.
        nearest: the result of ``neighbour_facts`` for this one image.
        truth: the true class or value of the image, if it is known.
    """
    (one,) = nearest["of"]
    numbers = [neighbour["number"] for neighbour in one["neighbours"]]
    X = np.concatenate([x, data.train.X[:, numbers]], axis=1)
    images = (data.standardization.undone(X) if data.standardization else X).T.reshape(-1, *data.image_shape or ())
    own = [_short(one["name"]), f"predicted: {one['answer']}", *([] if truth is None else [f"is: {truth}"])]
    captions = [
        [
            _short(neighbour_name(neighbour)),
            f"is: {neighbour['truth']}",
            f"predicted: {neighbour['answer']}",
            f"distance {amount(neighbour['distance'])}",
        ]
        for neighbour in one["neighbours"]
    ]
    seen = "pixels" if nearest["layer"] == 0 else f"last hidden layer (layer {nearest['layer']})"
    title = f"{_short(one['name'])} and its nearest training images, by the {seen}"
    return plots.neighbours(images[0], images[1:], ["\n".join(lines) for lines in (own, *captions)], title=title)


def importance_pictures(data: Dataset, facts: dict[str, Any], folder: str | Path) -> list[Path]:
    """Draw what the score loses when columns, or patches of images, are shuffled.

    Args:
        data: the dataset, prepared as for the run.
        facts: the result of ``Importance.facts``.
        folder: created if it is not there; a picture of the same name is replaced.

    Returns:
        The PNG file; none where shuffling changes nothing.
    """
    return save_all([] if nothing_matters(facts) else [("importance", importance_picture(data, facts))], folder)


def importance_picture(data: Dataset, facts: dict[str, Any]) -> Figure:
    """Draw what shuffling costs: a dot with an interval for each column, or a map of an image's patches."""
    factor, lost = lost_words(facts)
    if data.image_shape:
        drops = {one["name"]: factor * one["drop"] for one in facts["columns"]}
        values = np.array([drops[patch.name] for patch in patch_groups(data.image_shape)])
        return plots.importance_map(values.reshape(patch_grid(data.image_shape)), label=lost)
    rows = [
        (one["name"], factor * one["drop"], (factor * one["interval"][0], factor * one["interval"][1]))
        for one in facts["columns"]
    ]
    return plots.importance(rows, xlabel=lost, shown=[shown_to_matter(one) for one in facts["columns"]])


def shares_picture(facts: dict[str, Any], title: str) -> Figure:
    """Draw a bar for each column that a prediction comes from.

    Args:
        facts: the result of ``explain_answer``.
        title: title of the figure.
    """
    rows = [
        (f"{one['name']} = {one['value']}" if one["value"] else str(one["name"]), one["share"])
        for one in facts["columns"]
    ]
    return plots.shares(rows, unit=facts["unit"], speaks_for=facts["of"], title=title)


LONGEST_NAME = 24
"""Letters of an image's name that a picture shows; in a longer one the middle is left out."""


def _short(name: str) -> str:
    """Return the last part of a path, with the middle left out where it is long."""
    last = PurePath(name).name or name
    half = (LONGEST_NAME - 1) // 2
    return last if len(last) <= LONGEST_NAME else f"{last[:half]}…{last[-half:]}"


def saliency_picture(
    run: Run, data: Dataset, X: Floats, names: Sequence[str], examples: str = "test set"
) -> tuple[Figure, float]:
    """Draw images with the pixels that their predictions come from; return the largest rounding error, too.

    Args:
        run: a classifier.
        data: images, prepared as for the run.
        X: (n_x, k), k images of these data.
        names: k names of the images; of a path the last part is shown.
        examples: the set that they are from.
    """
    shape = (-1, *data.image_shape) if data.image_shape else ()
    gradients = attribute(run, X, method="gradient")
    shares = attribute(run, X, baseline=attribution_baseline(run, data)[0])
    images = data.standardization.undone(X) if data.standardization else X
    predicted, binary = run.predict(X)[0], run.network.output == "sigmoid"
    captions = [
        f"{_short(name)}: predicted {data.class_names[label]}\ngreen: for {data.class_names[1 if binary else label]}"
        for name, label in zip(names, predicted, strict=True)
    ]
    title = f"Images of the {examples}: which pixels the predictions come from"
    image, slope, part = (values.T.reshape(shape) for values in (images, gradients.values, shares.values))
    return plots.saliency(image, slope, part, captions, title=title), float(np.abs(shares.remainder).max())
