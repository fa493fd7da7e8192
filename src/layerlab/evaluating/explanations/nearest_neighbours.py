"""``nearest_neighbours``: the training examples that are most similar to an example, for the network or by its inputs.

Which distance explains a mistake? That of the last hidden layer; that of the pixels hardly does. Of the test images
with a wrong prediction, this is the share for which most of the 5 nearest training images have the predicted class:

                               mistakes    by the pixels    by the last hidden layer    class's share in training
    digits, 2-layer network         101             23 %                        46 %                         10 %
    digits, 4-layer network         124             17 %                        57 %                         10 %
    cats, 2-layer network           201             51 %                        95 %                         49 %
    cats, 4-layer network           191             54 %                        98 %                         49 %

(``python -m benchmarks.nearest_neighbours``: networks of ``layerlab compare``, 10 random splits with seeds 0 to 9.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.formulas import ACTIVATIONS, euclidean_distances
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.argument_checks import check_features, check_part
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.run import Run

NUMBERS_AT_A_TIME = 2**20
"""How many numbers of the training set are compared at a time, so that a large one takes little more memory."""

SAME_DISTANCE = 1e-9
"""Distances are rounded to this share of their mean, so that rounding errors do not decide between equal ones."""

SMALLEST = 1e-150
"""Smaller distances are measured again in another unit, because their squares may be rounded to 0."""


@dataclass(frozen=True)
class NearestNeighbours:
    """The k training examples that are nearest to each of m examples, the nearest first.

    Attributes:
        numbers: (k, m) their numbers in the training set, from 0.
        distances: (k, m) their Euclidean distances from the example.
        truth, predicted: (k, m) their true and their predicted classes, as numbers; (n_y, k, m) values for a
            regression, or for several labels per example.
        layer: the layer whose values are compared; 0 if they are the inputs.
        mean_distances: (m,) the mean distance of each example from all training examples.
        equally_near: (m,) how many training examples are as far away as the last one of the k. If that is more than
            belong to the k, those with the nearest inputs were chosen from them.
        training_examples: how many training examples there are.
    """

    numbers: NDArray[np.int64]
    distances: Floats
    truth: NDArray[Any] = field(repr=False)
    predicted: NDArray[Any] = field(repr=False)
    layer: int
    mean_distances: Floats
    equally_near: NDArray[np.int64]
    training_examples: int


def nearest_neighbours(run: Run, X: Any, data: Any, *, k: int = 5, layer: int | None = None) -> NearestNeighbours:
    """Find the nearest neighbours of examples in the training set: the examples that the network finds most similar.

    They answer the question why an example gets a wrong prediction: in the last hidden layer its neighbours usually
    have the class that was predicted. In part this is so by construction, since the output is computed from the values
    of that layer. By the pixels of images, the neighbours say little about the network.

        distance = √ Σ_i (a_i − a′_i)²     over the units i of the layer

    Args:
        run: a trained network.
        X: (n_x, m), a few examples, prepared as the training set was.
        data: the training set: the ``Dataset``, its ``train``, or a pair (X, Y).
        k: how many neighbours of each example.
        layer: the layer whose values A are compared; 0 for the inputs X as the network takes them. None for the last
            hidden layer, and for the inputs if the network has no hidden layer.

    Returns:
        The neighbours, with their distances, their classes and what the network predicts for them.

    Raises:
        InputError: X or the training set does not fit the network, or makes values that are not finite in the layer;
            the run diverged, the layer does not exist, k is below 1 or above the number of training examples, or the
            dataset is read in blocks.

    Example:
        >>> import layerlab
        >>> digits = layerlab.datasets.load_digits()
        >>> run = layerlab.train(layerlab.Network([64, 32, 10]), digits, learning_rate=0.5, iterations=200)
        >>> found = layerlab.nearest_neighbours(run, digits.test.X[:, :3], digits)
        >>> print(found.layer, found.numbers.shape, run.predict(digits.test.X[:, :3])[0], found.truth[:, 0])
        1 (5, 3) [7 6 3] [7 7 7 7 7]
    """
    if not isinstance(run, Run):
        raise InputError(f"run is {type(run).__name__}: wanted a Run, as layerlab.train returns it")
    if run.diverged:
        raise InputError("the run diverged, so its values mean nothing: train again with a smaller learning rate")
    if isinstance(data, Dataset) and data.stream is not None:
        raise InputError("the training set is read in blocks (a stream): wanted one in memory, such as a pair (X, Y)")
    network, dtype = run.network, run.parameters["W1"].dtype
    train = check_part(network, data, dtype)
    X = check_features(X, network, dtype)
    k, compared = _check_count(k, train.X.shape[1]), _check_layer(layer, network)
    known, new = _values_of_layer(run, train.X, compared, "the training set"), _values_of_layer(run, X, compared, "X")
    found = [_nearest(known, new[:, [j]], k, (train.X, X[:, [j]])) for j in range(X.shape[1])]
    numbers = np.array([places for places, *_ in found], np.int64).reshape(-1, k).T
    chosen = numbers.ravel()
    truth, predicted = run.network.labels(train.Y[:, chosen]), run.predict(train.X[:, chosen])
    one_row = network.classifies and not network.has_several_labels
    shape = numbers.shape if one_row else (-1, *numbers.shape)
    return NearestNeighbours(
        numbers,
        np.array([distances for _, distances, *_ in found]).reshape(-1, k).T,
        truth.reshape(shape),
        predicted.reshape(shape),
        compared,
        np.array([mean for *_, mean, _ in found]),
        np.array([alike for *_, alike in found], np.int64),
        train.X.shape[1],
    )


def _check_count(k: Any, m: int) -> int:
    """Return the number of neighbours, if there are as many training examples."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= m:
        raise InputError(f"k={k!r}: wanted a whole number from 1 to {m:,}, the number of training examples")
    return int(k)


def _check_layer(layer: Any, network: Network) -> int:
    """Return the number of the layer whose values are compared."""
    last = len(network.layer_dims) - 2
    if layer is None:
        return last
    if isinstance(layer, bool) or not isinstance(layer, int | np.integer) or not 0 <= layer <= last:
        wanted = f"a hidden layer, 1 to {last}, or 0 for the inputs" if last else "0, since it has no hidden layer"
        raise InputError(f"layer={layer!r}: wanted {wanted}")
    return int(layer)


def _values_of_layer(run: Run, X: NDArray[Any], layer: int, name: str) -> NDArray[Any]:
    """Return A of a hidden layer (n, m); X itself for layer 0.

    Raises:
        InputError: the examples of this name are so large that A is not finite.
    """
    if layer == 0:
        return X
    network = run.network
    dims, hidden = network.layer_dims[: layer + 1], network.activations[: layer - 1]
    up_to = Network(dims, hidden, embedding=network.embedding)
    A = network_outputs(up_to, run.parameters, X, ACTIVATIONS[network.activations[layer - 1]].function)
    if not np.isfinite(A).all():
        raise InputError(
            f"the values of layer {layer} are not finite for {name}: wanted inputs prepared as for the training"
        )
    return A


def _nearest(
    known: NDArray[Any], new: NDArray[Any], k: int, inputs: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[NDArray[np.int64], Floats, float, int]:
    """Return the places and distances of the k nearest columns, the mean distance, and how many are as far as the last.

    Args:
        known: (n, m), the values of the training examples.
        new: (n, 1), the values of an example.
        k: how many.
        inputs: (n_x, m) and (n_x, 1), the inputs of both, which decide between equal distances.
    """
    distances = _distances(known, new)
    mean = float(distances.mean())
    step = SAME_DISTANCE * mean
    if SMALLEST < mean < np.inf:
        distances = np.rint(distances / step) * step
    else:
        distances, mean = _in_other_units(known, new, distances)
    order = np.argsort(distances, kind="stable")
    last = distances[order[k - 1]]
    alike = np.flatnonzero(distances == last)
    nearer = order[: np.searchsorted(distances[order], last)]
    if len(nearer) + len(alike) > k:
        X, x = inputs
        by_inputs = _distances(X, x, alike)
        if not SMALLEST < float(by_inputs.max()) < np.inf:
            by_inputs, _ = _in_other_units(X[:, alike], x, by_inputs)
        alike = alike[np.argsort(by_inputs, kind="stable")]
    places = np.concatenate([nearer, alike])[:k]
    return places, distances[places], mean, len(alike)


def _in_other_units(known: NDArray[Any], new: NDArray[Any], distances: Floats) -> tuple[Floats, float]:
    """Return distances and their mean where some of their squares are beyond the range of floats.

    Args:
        known, new: (n, m) and (n, 1).
        distances: (m,) as they were measured; those that are infinite or nearly 0 are measured again.
    """
    unit = max(float(np.abs(values).max()) for values in (known, new)) or 1.0
    again = _distances(known, new, unit=unit)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        in_range = (distances > SMALLEST) & (distances < np.inf)
        distances, mean = np.where(in_range, distances, again * unit), float(again.mean() * unit)
        step = SAME_DISTANCE * float(np.median(distances))  # a few huge distances do not hide the others
        rounded = np.rint(distances / step) * step
    return np.where(np.isfinite(rounded), rounded, distances), mean


def _distances(
    known: NDArray[Any], new: NDArray[Any], places: NDArray[np.int64] | None = None, unit: float = 1.0
) -> Floats:
    """Return the distances of columns of (n, m) from (n, 1), block by block, in a unit.

    Args:
        known, new: the columns, and the one from which they are measured.
        places: numbers of the columns; None for all.
        unit: what all values are divided by first.
    """
    m, step = known.shape[1] if places is None else len(places), max(1, NUMBERS_AT_A_TIME // len(known))
    column, distances = np.asarray(new, np.float64) / unit, np.empty(m)
    with np.errstate(over="ignore", under="ignore"):
        for start in range(0, m, step):
            some = slice(start, start + step)
            block = known[:, some] if places is None else known[:, places[some]]
            distances[some] = euclidean_distances(block if unit == 1 else block / unit, column)
    return distances
