"""``Network`` describes a network before it is trained: the layers' sizes, the hidden activations and the output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np

from .errors import InputError
from .formulas import (
    ACTIVATIONS,
    INPUTS,
    LOSSES,
    Array,
    FirstLayer,
    Loss,
    Parameters,
    Periodic,
    accuracy,
    initialize_parameters,
    periodic_layer,
)


@dataclass(frozen=True)
class Network:
    """An L-layer network with n_0 inputs, hidden layers and n_L outputs.

    Args:
        layer_dims: (n_0, n_1, …, n_L); two numbers make a logistic regression.
        hidden: activation of the hidden layers, "sigmoid", "tanh", "relu", "leaky_relu", "selu", "mish" or "identity";
            or one of them for each hidden layer.
        output: for classes "sigmoid" (binary cross-entropy; an example may have several labels at once) or "softmax"
            (cross-entropy); for a regression "identity" (squared error), "absolute" (absolute error) or "huber"
            (Huber's error); for counts "poisson" (e^z). None: ``train`` chooses it from the labels.
        embedding: a ``Periodic``: waves of some inputs, which the first layer reads besides the inputs themselves; or
            None. Its matrices V count as weights for ``l2`` and AdamW's decay, like W1; frequencies and phases do not.

    Raises:
        InputError: a size is not a whole number above 0, a name is unknown, or the embedding needs other inputs.

    Example:
        >>> Network([12288, 20, 7, 5, 1])
        Network(layer_dims=(12288, 20, 7, 5, 1), hidden='relu', output=None)
        >>> network = Network([3, 8, 1], embedding=Periodic(inputs=[0]))
        >>> network.shapes["W1"]
        (8, 6)
    """

    layer_dims: tuple[int, ...]
    hidden: str | tuple[str, ...] = "relu"
    output: str | None = None
    embedding: Periodic | None = None

    def __init__(
        self,
        layer_dims: Iterable[int],
        hidden: str | Sequence[str] = "relu",
        output: str | None = None,
        embedding: Periodic | None = None,
    ) -> None:
        dims = tuple(layer_dims) if isinstance(layer_dims, Iterable) else (layer_dims,)
        if len(dims) < 2 or not all(isinstance(n, Integral) and not isinstance(n, bool) and n > 0 for n in dims):
            raise InputError(
                f"layer_dims={dims}: wanted at least two whole numbers above 0, inputs first and outputs last, "
                f"such as (64, 20, 10)"
            )
        layers = _activations(hidden, len(dims) - 2)
        if output is not None and not (isinstance(output, str) and output in LOSSES):
            raise InputError(
                f"output={output!r}: wanted one of {', '.join(LOSSES)}, or None to choose it from the labels"
            )
        if output == "softmax" and dims[-1] == 1:
            raise InputError(
                "output='softmax' with one output is always 1: wanted one output per class, or output='sigmoid'"
            )
        object.__setattr__(self, "layer_dims", tuple(int(n) for n in dims))
        if not isinstance(hidden, str):
            hidden = layers[0] if len(set(layers)) == 1 else tuple(layers)  # one way to say one thing
        object.__setattr__(self, "hidden", hidden)
        object.__setattr__(self, "output", output)
        object.__setattr__(self, "embedding", _checked_embedding(embedding, self.layer_dims[0]))

    def __repr__(self) -> str:
        """Return the call that makes this network; an embedding is named only where there is one."""
        embedded = "" if self.embedding is None else f", embedding={self.embedding!r}"
        return f"Network(layer_dims={self.layer_dims!r}, hidden={self.hidden!r}, output={self.output!r}{embedded})"

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of each hidden layer, from the first to the last."""
        return (self.hidden,) * (len(self.layer_dims) - 2) if isinstance(self.hidden, str) else self.hidden

    @property
    def hidden_name(self) -> str:
        """The hidden activation as text; where layers differ, all of their activations with hyphens between them."""
        return self.hidden if isinstance(self.hidden, str) else "-".join(self.hidden)

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """The shape of every parameter by its name: ``W1`` (n_1, n_0), ``b1`` (n_1, 1), … ``bL``.

        With an embedding its own parameters ``f1 c1 V1 v1`` come first, and W1 has columns for its outputs too.
        """
        shapes = {} if self.embedding is None else self.embedding.shapes
        read = self.layer_dims[0] + (0 if self.embedding is None else self.embedding.width)
        for layer, (n_prev, n) in enumerate(pairwise((read, *self.layer_dims[1:])), start=1):
            shapes[f"W{layer}"], shapes[f"b{layer}"] = (n, n_prev), (n, 1)
        return shapes

    @property
    def embedding_name(self) -> str:
        """The embedding as text, such as "2 inputs as waves"; "" without one."""
        n = 0 if self.embedding is None else len(self.embedding.inputs)
        return f"{n} input{'s' * (n > 1)} as waves" if n else ""

    @property
    def first(self) -> FirstLayer:
        """How the first layer of a trained network is computed: from the inputs alone, or with waves of some."""
        return INPUTS if self.embedding is None else periodic_layer(self.embedding.inputs)

    @property
    def n_parameters(self) -> int:
        """How many numbers the network learns: weights, biases, and an embedding's frequencies and phases."""
        return sum(rows * columns for rows, columns in self.shapes.values())

    def initial_parameters(self, initializer: str = "he", seed: int | None = 0) -> Parameters:
        """Draw initial parameters: see ``formulas.initialize_parameters``."""
        return dict(initialize_parameters(self.layer_dims, initializer, seed, self.embedding))

    @property
    def loss(self) -> Loss:
        """The loss that belongs to the output, with its gradient and prediction.

        Raises:
            InputError: the network has no output yet.
        """
        if self.output is None:
            raise InputError("the network has no output yet: name one, or let train() choose it from the labels")
        return LOSSES[self.output]

    @property
    def classifies(self) -> bool:
        """Whether the outputs are probabilities of classes; a network without a named output counts as a classifier."""
        return self.output is None or LOSSES[self.output].labels is not None

    @property
    def has_two_classes(self) -> bool:
        """Whether there are two classes, and one "sigmoid" output gives the probability of class 1."""
        return self.output == "sigmoid" and self.layer_dims[-1] == 1

    @property
    def has_several_labels(self) -> bool:
        """Whether each output is a label of its own, so that an example may have several: several "sigmoid" outputs."""
        return self.output == "sigmoid" and self.layer_dims[-1] > 1

    def for_labels(self, Y: Array) -> Network:
        """Return this network with its output named; where it has none, the labels decide.

        One row of 0 and 1 makes it "sigmoid"; two or more rows, one 1 in each column, "softmax"; anything else
        "identity".

        Args:
            Y: (n_y, m) labels or values.
        """
        return self if self.output else replace(self, output=output_for(Y))

    def labels(self, predictions: Array, threshold: float = 0.5) -> Array:
        """Turn predictions into labels: 0 or 1 for "sigmoid", the class's number for "softmax"; others stay.

        Args:
            predictions: (n_y, m) of ``loss.prediction``.
            threshold: probability above which a single "sigmoid" output means class 1.

        Returns:
            (1, m) whole numbers ((n_y, m) for several sigmoid outputs), or (n_y, m) values.
        """
        labels = self.loss.labels
        if threshold != 0.5 and self.has_two_classes:
            return (predictions > threshold).astype(np.int64)
        return predictions if labels is None else labels(predictions).astype(np.int64)

    def class_probabilities(self, predictions: Array) -> Array:
        """Return one row of probabilities for each class; for a single "sigmoid" output, two rows that sum to 1.

        Args:
            predictions: (..., n_y, m) of ``loss.prediction``.

        Returns:
            (..., 2, m) for a single "sigmoid" output, else the predictions as they are.
        """
        return np.concatenate([1 - predictions, predictions], axis=-2) if self.has_two_classes else predictions

    def accuracy(self, predictions: Array, Y: Array) -> float:
        """Return the share of labels that are predicted correctly; nan for a regression, or if predictions are nan.

        Args:
            predictions: (n_y, m) of ``loss.prediction``.
            Y: (n_y, m), 0/1 or one-hot.
        """
        labels = self.loss.labels
        return float("nan") if labels is None else float(accuracy(predictions, Y, labels))


def _checked_embedding(embedding: Any, n_x: int) -> Periodic | None:
    """Return the embedding of a network with n_x inputs; as a mapping, as JSON keeps it, it is made again.

    Raises:
        InputError: it is something else, or it reads inputs that the network does not have.
    """
    if isinstance(embedding, Mapping):
        embedding = Periodic(**embedding)
    if embedding is None:
        return None
    if not isinstance(embedding, Periodic):
        raise InputError(f"embedding={embedding!r}: wanted layerlab.Periodic(inputs=…), or None")
    if max(embedding.inputs) >= n_x:
        raise InputError(
            f"embedding={embedding!r}: wanted rows of X from 0 to {n_x - 1}, because the network has {n_x} "
            f"input{'s' * (n_x > 1)}"
        )
    return embedding


def _activations(hidden: object, count: int) -> Sequence[str]:
    """Return the activation of each hidden layer.

    Raises:
        InputError: a name is unknown, or the number of names is not that of the layers.
    """
    layers = f"{count} hidden layer{'' if count == 1 else 's'}"
    wanted = f"wanted one of {', '.join(ACTIVATIONS)}, or a list with one for each hidden layer"
    names = (hidden,) * max(1, count) if isinstance(hidden, str) else hidden
    if not isinstance(names, Sequence):
        raise InputError(f"hidden={hidden!r}: {wanted}")
    for name in names:
        if not (isinstance(name, str) and name in ACTIVATIONS):
            which = "" if isinstance(hidden, str) else f"{name!r} is no activation; "
            raise InputError(f"hidden={hidden!r}: {which}{wanted}")
    if not isinstance(hidden, str) and len(names) != count:
        named = f"{len(names)} activation{'' if len(names) == 1 else 's'}"
        raise InputError(f"hidden={hidden!r}: {named} for {layers}; wanted one for each, or one name for all")
    return names[:count]


def output_for(Y: Array) -> str:
    """Return the output for labels Y (n_y, m), by the rule of ``Network.for_labels``."""
    if not np.isin(Y, (0, 1)).all():
        return "identity"
    if Y.shape[0] == 1:
        return "sigmoid"
    return "softmax" if (Y.sum(axis=0) == 1).all() else "identity"
