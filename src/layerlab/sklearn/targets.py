"""Targets: they turn the labels or values in y into the numbers that a network learns, and predictions back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, r2_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import unique_labels

from layerlab.formulas.arrays import Floats


class ClassTargets(NamedTuple):
    """The classes of a classifier, or labels of which an example may have several.

    Attributes:
        binarizer: scikit-learn's binarizer, fitted to the labels.
        one_output_each: whether two classes have one output each (softmax) instead of sharing one (sigmoid).
    """

    binarizer: LabelBinarizer
    one_output_each: bool

    @classmethod
    def learned(cls, y: Any, one_output_each: bool) -> ClassTargets:
        """Learn the classes that occur in y."""
        return cls(LabelBinarizer().fit(y), one_output_each)

    @property
    def output(self) -> str:
        """The network's output: softmax, or sigmoid for two classes and for several labels."""
        kind = self.binarizer.y_type_
        return "softmax" if kind == "multiclass" or (kind == "binary" and self.one_output_each) else "sigmoid"

    @property
    def attributes(self) -> dict[str, Any]:
        """The fitted attributes by which an estimator remembers the classes."""
        return {"classes_": self.binarizer.classes_, "_label_binarizer": self.binarizer}

    def encode(self, y: NDArray[Any], dtype: Any) -> Floats:
        """Return the (n_y, m) ones and zeros that the network learns for y.

        Raises:
            ValueError: y has an unknown class.
        """
        classes, known = unique_labels(y), self.binarizer.classes_
        if len(np.setdiff1d(classes, known)):
            raise ValueError(f"`y` has classes not in `self.classes_`. `self.classes_` has {known}. 'y' has {classes}.")
        columns: Floats = self.binarizer.transform(y).astype(dtype)
        if columns.shape[1] == 1 and self.one_output_each:
            columns = np.hstack([1 - columns, columns])
        return columns.T

    def decode(self, predictions: Floats) -> NDArray[Any]:
        """Return the labels of the most probable classes, (m,), or (m, n_labels) of 0 and 1."""
        if self.binarizer.y_type_ == "binary":
            predictions = predictions[-1:]
        one_row = len(predictions) == 1
        labels: NDArray[Any] = self.binarizer.inverse_transform(predictions[0] if one_row else predictions.T)
        return labels

    def score(self, y: NDArray[Any], predicted: NDArray[Any], weights: Floats | None) -> float:
        """Return the accuracy: the share of examples whose label, or whose labels all, are predicted correctly."""
        return float(accuracy_score(y, predicted, sample_weight=weights))


OUTPUT_OF_LOSS = {"squared_error": "identity", "poisson": "poisson", "absolute_error": "absolute", "huber": "huber"}
"""The network's output for each of scikit-learn's names of a regression loss."""


class RegressionTargets(NamedTuple):
    """The values that a regression predicts.

    Attributes:
        loss: a name in ``OUTPUT_OF_LOSS``.
    """

    loss: str

    @property
    def output(self) -> str:
        """The network's output for this loss."""
        return OUTPUT_OF_LOSS[self.loss]

    @property
    def attributes(self) -> dict[str, Any]:
        """No fitted attributes: the estimator has its loss among its parameters."""
        return {}

    def encode(self, y: NDArray[Any], dtype: Any) -> Floats:
        """Return the (n_y, m) values that the network learns for y.

        Raises:
            ValueError: y has a value that the loss does not allow.
        """
        if self.loss == "poisson" and y.min() < 0:
            raise ValueError(f"y reaches down to {y.min():g}: wanted y >= 0 for loss='poisson', which is for counts")
        columns: Floats = y.reshape(len(y), -1).astype(dtype, copy=False)
        return columns.T

    def decode(self, predictions: Floats) -> NDArray[Any]:
        """Return the values, (m,) or (m, n_outputs)."""
        return predictions[0] if len(predictions) == 1 else np.ascontiguousarray(predictions.T)

    def score(self, y: NDArray[Any], predicted: NDArray[Any], weights: Floats | None) -> float:
        """Return R², the mean over the outputs."""
        return float(r2_score(y, predicted, sample_weight=weights))


Targets = ClassTargets | RegressionTargets
"""What an estimator knows about its targets: the classes, or the loss of a regression."""
