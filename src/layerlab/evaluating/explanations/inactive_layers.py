"""Find examples for which a layer passes nothing on, because all its units are 0, or all are saturated."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets import Dataset
from layerlab.formulas import ACTIVATIONS, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.run import Run

SATURATED_SLOPE = 1e-6
"""A unit passes nothing on if its activation's slope is at most this; the slope of a ReLU below zero is exactly 0."""

SAME_ANSWER = 1e-6
"""Two predictions are the same if their logits differ by less than this share: the same sums in another order."""

SAME_PREDICTION = 1e-3
"""A network does not distinguish examples if its predictions vary by less than this share of the labels' range."""


class InactiveLayer(NamedTuple):
    """The first hidden layer that passes nothing of an example on.

    Attributes:
        layer: its number, from 1.
        units: how many units it has.
        zero: whether all of them are 0; else they are saturated.
    """

    layer: int
    units: int
    zero: bool

    @property
    def what(self) -> str:
        """The units that are off, as the beginning of a sentence: "all 7 units of layer 2 are 0"."""
        state = "0" if self.zero else "saturated"
        if self.units == 1:
            return f"the only unit of layer {self.layer} is {state}"
        return f"all {self.units} units of layer {self.layer} are {state}"


def inactive_layer(run: Run, x: Floats) -> InactiveLayer | None:
    """Find the first hidden layer that passes nothing of an example on: the slope of each unit is 0, or nearly 0.

    Args:
        run: a trained network.
        x: (n_x, 1), prepared as for the run.

    Returns:
        The layer; None if every layer has a unit that still reacts to its inputs.
    """
    _, caches = network_forward(x, run.parameters, run.network.activations, first=run.network.first)
    for number, cache in enumerate(caches[:-1], start=1):
        slope = ACTIVATIONS[cache.activation].slope(cache.Z, cache.A)
        if (np.abs(slope) <= SATURATED_SLOPE).all():
            return InactiveLayer(number, cache.Z.shape[0], not cache.A.any())
    return None


def inactive_facts(run: Run, dataset: Dataset, x: Floats, nothing_moved: bool) -> dict[str, Any] | None:
    """Say that a layer passes nothing of an example on, and how many training examples get the same prediction.

    Args:
        run: a network that was trained on ``dataset``.
        dataset: the dataset, prepared as for the run; its training set may be empty.
        x: (n_x, 1), the example.
        nothing_moved: whether every input contributes 0.

    Returns:
        A dict; None if every layer passes something on and the network distinguishes between examples. ``layer``,
        ``units`` and ``zero`` are those of the ``InactiveLayer`` (None if there is none). ``alike`` says how many of
        the ``examples`` in the training set get the same prediction (None without a training set). ``what`` has the
        sentences.
    """
    off, (X, Y) = inactive_layer(run, x), dataset.train
    alike, apart = _beside_training(run, X, x) if X.shape[1] else (None, None)
    constant = apart is not None and apart <= SAME_PREDICTION * float(np.ptp(np.asarray(Y), axis=1).max())
    if off is None and not nothing_moved and not constant:
        return None
    thing = "image" if dataset.image_shape else "row" if dataset.preparation is not None else "example"
    sentences = []
    it = f"The {thing}" if off is not None and not off.zero else "It"
    same = f"{it} gets the same prediction as {_of_all(alike, X.shape[1])} training {thing}s." if alike else ""
    if off is not None:
        outputs = "its output hardly depends" if off.units == 1 else "their outputs hardly depend"
        why = "" if off.zero else f": {outputs} on the inputs"
        sentences += [f"{off.what[0].upper()}{off.what[1:]} for this {thing}{why}.", same]
    elif constant:
        how = f"its outputs differ by at most {apart:.2g}" if apart else "it gives all of them the same output"
        sentences.append(f"The network does not distinguish between training {thing}s: {how}.")
    else:
        sentences.append(same)
    if nothing_moved:
        sentences.append(f"No {'pixel' if dataset.image_shape else 'column'} contributes to the prediction.")
    known = off._asdict() if off else dict.fromkeys(InactiveLayer._fields)
    return {**known, "alike": alike, "examples": X.shape[1] or None, "what": " ".join(filter(None, sentences))}


def _of_all(count: int, m: int) -> str:
    """Write how many of m examples: "84 of 209", or "all 209"."""
    return f"all {m:,}" if count == m else f"{count:,} of {m:,}"


def _beside_training(run: Run, X: Floats, x: Floats) -> tuple[int, float]:
    """Return how many examples of X (n_x, m) get the logits of x (n_x, 1), and how far predictions for X differ."""
    logits, own = (network_outputs(run.network, run.parameters, some, lambda Z: Z) for some in (X, x))
    alike = np.isclose(logits, own, rtol=SAME_ANSWER, atol=SAME_ANSWER).all(axis=0)
    return int(alike.sum()), float(np.ptp(np.asarray(run.network.loss.prediction(logits)), axis=1).max())
