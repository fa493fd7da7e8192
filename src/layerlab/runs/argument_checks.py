"""Checks of what users pass to layerlab: X and Y, weights, parameters. Each is checked once and then trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.layers import photo_hint
from layerlab.network import Network

TrainingData = Dataset | Part | tuple[Any, Any]
"""A dataset (its training set is used), one of its two sets, or a pair (X, Y)."""


Conversion = Callable[[NDArray[Any], Any], NDArray[Any]]
"""A function that converts an array to a type; it returns the array itself if it has that type."""

MOST_NAMES = 6
"""So many names of what came are shown where others were wanted."""


def converted(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Convert an array to a type; it is copied only if it has another."""
    return array.astype(dtype, copy=False)


def check_part(network: Network, data: Any, dtype: Any, which: str = "", convert: Conversion = converted) -> Part:
    """Check that X and Y fit the network and each other, and return them as arrays.

    Args:
        network: the network that will take them.
        data: a ``Part``, or a pair (X, Y). A ``Dataset`` stands for its training set, but not for a validation set.
        dtype: type of the arrays.
        which: "" or "validation ", for the messages.
        convert: converts X to the type.

    Raises:
        InputError: a shape does not fit, or a value is not finite.
    """
    if not isinstance(network, Network):
        raise InputError(
            f"network is {type(network).__name__}: wanted a layerlab.Network, such as Network([64, 20, 10])"
        )
    if isinstance(data, Dataset) and not which:
        data = data.train
    if not (isinstance(data, tuple) and len(data) == 2):
        wanted = "one set of a Dataset" if which else "a Dataset, one of its sets,"
        raise InputError(f"{which}data is {type(data).__name__}: wanted {wanted} or a pair (X, Y)")
    X = check_features(data[0], network, dtype, f"{which}X", convert)
    Y = as_numbers(data[1], f"{which}Y", dtype)
    if X.shape[1] != Y.shape[1]:
        raise InputError(
            f"{which}X has {X.shape[1]} examples (shape {X.shape}) and Y {Y.shape[1]} (shape {Y.shape}): wanted one "
            f"column of Y for each column of X"
        )
    if Y.shape[0] != network.layer_dims[-1]:
        raise InputError(
            f"{which}Y has {Y.shape[0]} rows (shape {Y.shape}) and the network {network.layer_dims[-1]} outputs: "
            f"wanted as many; end layer_dims with {Y.shape[0]}, or give Y one row per output"
        )
    return Part(X, Y)


def check_labels_fit(network: Network, Y: NDArray[Any], which: str = "") -> None:
    """Check that the network's output can have these labels.

    Args:
        network: the network, with its output named.
        Y: (n_y, m).
        which: "" or "validation ", for the messages.

    Raises:
        InputError: a classifier's labels are outside [0, 1], counts are negative, or for softmax columns do not sum
            to 1.
    """
    if network.output == "poisson" and Y.min() < 0:
        raise InputError(f"{which}labels go down to {Y.min():g}: wanted counts of at least 0 for a poisson output")
    if not network.classifies:
        return
    if Y.min() < 0 or Y.max() > 1:
        raise InputError(
            f"{which}labels go from {Y.min():g} to {Y.max():g}: wanted 0 to 1 for a {network.output} output; number "
            f"the classes from 0 and, for more than two, give each its own row (one-hot)"
        )
    sums = Y.sum(axis=0)
    if network.output == "softmax" and not np.allclose(sums, 1):
        worst = int(np.abs(sums - 1).argmax())
        raise InputError(
            f"{which}labels of example {worst} sum to {sums[worst]:g}: wanted 1 in each column for a softmax output; "
            f"give each class its own row (one-hot)"
        )


def check_classes(network: Network, Y: NDArray[Any]) -> None:
    """Check that a classifier can learn from the labels.

    Raises:
        InputError: all labels are the same.
    """
    if network.classifies and (Y[:, :1] == Y).all():
        raise InputError(
            f"all {Y.shape[1]} labels are the same: wanted examples of at least two classes; add some of another class"
        )


def check_balance(class_weight: str | None, Y: NDArray[Any], weights: NDArray[Any] | None) -> None:
    """Check that every class has an example, as balanced classes need.

    Args:
        class_weight: the setting.
        Y: (n_y, m) labels of a classifier.
        weights: (m,) checked weights of the examples; None if all count the same.

    Raises:
        InputError: a class has no example, or none with a weight above 0.
    """
    if class_weight is None:
        return
    totals = np.bincount(class_numbers(Y), weights=weights, minlength=max(2, Y.shape[0]))
    if not totals.all():
        empty = ", ".join(map(str, np.flatnonzero(totals == 0)))
        raise InputError(
            f"class_weight={class_weight!r}: no training example of class {empty}"
            f"{'' if weights is None else ' has a weight above 0'}: wanted some of every class; add some, or leave "
            f"class_weight out"
        )


def check_weights(weights: Any, m: int, dtype: Any, name: str = "sample_weight") -> NDArray[Any] | None:
    """Check the weights of m examples and return them as an array (m,), or None for none.

    Raises:
        InputError: there are not m of them, one is negative or not finite, or all are 0.
    """
    if weights is None:
        return None
    array = finite(real_array(weights, name), name, dtype)
    if array.shape != (m,):
        raise InputError(f"{name} has the shape {array.shape}: wanted one weight for each example, ({m},)")
    if array.min() < 0 or array.max() == 0:
        raise InputError(
            f"{name} goes from {array.min():g} to {array.max():g}: wanted weights of at least 0, some of them above 0"
        )
    with np.errstate(over="ignore"):
        total = array.sum()
    if not np.finfo(array.dtype).tiny <= total < np.inf:
        raise InputError(f"{name} sums to {total:g}: wanted a sum that {array.dtype} can hold; divide the weights")
    return array


def check_validation_weights(weights: Any, validation: Part | None, dtype: Any) -> NDArray[Any] | None:
    """Check the weights of the validation examples and return them as an array (m,), or None for none.

    Raises:
        InputError: as ``check_weights``, or there is no validation set.
    """
    if weights is not None and validation is None:
        raise InputError(
            "validation_weight needs a validation set: give one with validation=…, or leave the weights out"
        )
    return None if validation is None else check_weights(weights, validation.X.shape[1], dtype, "validation_weight")


def check_features(
    X: Any, network: Network, dtype: Any = np.float64, name: str = "X", convert: Conversion = converted
) -> NDArray[Any]:
    """Check that the network can take X, and return it as an array of the wanted type.

    Args:
        X: (n_x, m) numbers, examples in columns.
        network: the network that will take it.
        dtype: type of the array.
        name: name of X in messages.
        convert: converts X to the type.

    Raises:
        InputError: X is no table of numbers, has another number of features, no example, or values that are not finite.
    """
    array = as_numbers(X, name, dtype, convert)
    n_x = network.layer_dims[0]
    if array.shape[0] != n_x:
        transposed = array.shape[1] == n_x
        hint = f"it looks transposed, pass {name.split()[-1]}.T" if transposed else photo_hint(len(array), n_x)
        raise InputError(
            f"{name} has {array.shape[0]} features (shape {array.shape}), the network takes {n_x}: wanted shape "
            f"({n_x}, m), examples in columns{hint and f': {hint}'}"
        )
    return array


def as_numbers(values: Any, name: str, dtype: Any, convert: Conversion = converted) -> NDArray[Any]:
    """Check that values are a table of finite numbers, and return it as an array (n, m) of the wanted type.

    Raises:
        InputError: they are something else, or the table is empty.
    """
    array = real_array(values, name)
    if array.ndim != 2:
        if array.ndim == 1:
            short = name.split()[-1]
            remedy = f"{short}.reshape(1, -1) makes a row, {short}.reshape(-1, 1) a column"
        else:
            remedy = "flatten each example into a column"
        raise InputError(f"{name} has the shape {array.shape}: wanted two axes, examples in columns; {remedy}")
    if array.size == 0:
        raise InputError(f"{name} has the shape {array.shape}: wanted at least one example and one row; it is empty")
    return finite(array, name, dtype, convert)


def check_parameters(network: Network, given: Any, dtype: Any) -> Parameters:
    """Check parameters and return copies of the wanted type, in the order ``W1 b1 … WL bL``.

    Raises:
        InputError: other names or shapes than the network's, or values that are not finite.
    """
    named = named_arrays(network, given, "")
    extra = [str(name) for name in given if name not in named]
    if extra:
        raise InputError(f"parameters has {', '.join(extra)} too: wanted {', '.join(named)} and nothing else")
    return {name: finite(array, name, dtype).copy() for name, array in named.items()}


def named_arrays(network: Network, given: Any, prefix: str) -> Parameters:
    """Pick the parameters of a network out of the given arrays, first layer first, or its gradients.

    Args:
        network: the network, with the wanted shapes.
        given: arrays by name; others may be among them.
        prefix: "" for parameters, "d" for gradients (dW1, db1, …).

    Raises:
        InputError: no mapping came, a name is missing, or an array has another shape than the network's.
    """
    what = "gradients" if prefix else "parameters"
    wanted = {f"{prefix}{name}": shape for name, shape in network.shapes.items()}
    if not isinstance(given, Mapping):
        raise InputError(f"{what} is {type(given).__name__}: wanted a dict of arrays, {', '.join(wanted)}")
    missing = [name for name in wanted if name not in given]
    if missing:
        others = [repr(name) for name in given if name not in wanted]
        came = f"; what came is called {', '.join(others[:MOST_NAMES])}" + ", …" * (len(others) > MOST_NAMES)
        raise InputError(f"{what} has no {', '.join(missing)}: wanted {', '.join(wanted)}{came if others else ''}")
    found = {name: real_array(given[name], name) for name in wanted}
    for name, array in found.items():
        if array.shape != wanted[name]:
            raise InputError(
                f"{name} has the shape {array.shape}: wanted {wanted[name]} for layer_dims {network.layer_dims}; a row "
                f"of W is a unit, b is a column"
            )
    return found


def real_array(values: Any, name: str) -> NDArray[Any]:
    """Check that values are real numbers, and return them as an array of any shape.

    Raises:
        InputError: they are something else.
    """
    if np.ma.is_masked(values):
        raise InputError(f"{name} has masked values: wanted a number everywhere; fill in or leave out what is missing")
    try:
        array = np.asarray(values)
    except Exception as error:  # whatever an object's own conversion raises
        reason = "rows of different lengths" if isinstance(values, list | tuple) else error
        raise InputError(f"{name} is no table of numbers ({reason}): wanted rows of numbers of one length") from error
    if type(values).__module__.startswith("scipy.sparse"):
        short = name.split()[-1]
        raise InputError(
            f"{name} is {type(values).__name__}, a sparse matrix: wanted a dense table of numbers; {short}.toarray() "
            f"makes it one"
        )
    if array.dtype.kind not in "fiub":
        came = f"is {type(values).__name__}" if array.ndim == 0 else f"holds {array.dtype}"
        raise InputError(f"{name} {came}: wanted a table of real numbers; turn it into numbers first")
    return array


def finite(array: NDArray[Any], name: str, dtype: Any, convert: Conversion = converted) -> NDArray[Any]:
    """Convert an array to the wanted type, in which all its values have to be finite.

    Raises:
        InputError: a value is not finite, or is not in that type.
    """
    with np.errstate(all="ignore"):
        numbers = convert(array, dtype)
        if np.isfinite(numbers.sum()):  # what is not finite makes the sum so; the sum takes no memory
            return numbers
    wrong = ~np.isfinite(numbers)
    if wrong.any():  # else the sum alone overflowed
        row, column = (int(place[0]) for place in np.nonzero(np.atleast_2d(wrong)))
        count = int(wrong.sum())
        which = "a value that is" if count == 1 else f"{count} values that are"
        came = np.atleast_2d(array)[row, column]
        in_type = f" as {numbers.dtype}" if np.isfinite(came) else ""
        raise InputError(
            f"{name} has {which} not finite{in_type}, the first ({came}) in row {row}, column {column}: "
            f"wanted finite numbers; fill in or leave out what is missing"
        )
    return numbers


def check_threshold(network: Network, threshold: Any) -> float:
    """Check that a number can be the threshold of a network's predictions, and return it.

    Raises:
        InputError: the network is not for two classes with one probability, or the number is not between 0 and 1.
    """
    if not network.has_two_classes:
        has = f"has {network.layer_dims[-1]} classes" if network.output == "softmax" else "predicts values"
        has = "has several labels per example" if network.has_several_labels else has
        raise InputError(
            f"threshold={threshold!r}: wanted a network for two classes, and this one {has}: leave the threshold out"
        )
    if isinstance(threshold, bool) or not isinstance(threshold, int | float | np.number) or not 0 < threshold < 1:
        raise InputError(f"threshold={threshold!r}: wanted a probability above 0 and below 1")
    return float(threshold)
