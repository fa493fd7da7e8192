"""``MLPClassifier`` and ``MLPRegressor``: scikit-learn's names, parameters and contract, on layerlab's formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, RegressorMixin, _fit_context
from sklearn.metrics import accuracy_score, r2_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels

from ..formulas import Array, binary_cross_entropy, cross_entropy
from .base import BaseMLP, Floats
from .callbacks import with_callbacks


def _is_stochastic(estimator: BaseMLP) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only available for stochastic optimizers. lbfgs is not stochastic.")
    return True


class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """TODO."""

    _parameter_constraints = {  # noqa: RUF012
        **BaseMLP._parameter_constraints,
        "loss": [StrOptions({"log_loss"})],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(float, 0, 1, closed="left"), Interval(int, 0, 0, closed="both")],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        loss: str = "log_loss",
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        dropout: float = 0.0,
        initializer: str | None = None,
        monitor: str = "score",
        n_members: int = 1,
        engine: str = "auto",
    ) -> None:
        self._store(locals())

    @_fit_context(prefer_skip_nested_validation=True)
    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPClassifier:
        """Fit."""
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=False)
        return self

    @available_if(_is_stochastic)
    @_fit_context(prefer_skip_nested_validation=True)
    @with_callbacks
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        classes: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPClassifier:
        """One epoch over these examples, the optimiser going on from where it was."""
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported by partial_fit, which does not know all examples: give a "
                "dict of weights by class (sklearn.utils.class_weight.compute_class_weight computes them)"
            )
        if _check_partial_fit_first_call(self, classes):
            self._learn_classes(y if type_of_target(y).startswith("multilabel") else classes)
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=True)
        return self

    def _learn_classes(self, y: Any) -> None:
        self._label_binarizer = LabelBinarizer().fit(y)
        self.classes_ = self._label_binarizer.classes_

    def _encoded(self, y: NDArray[Any], incremental: bool) -> Floats:
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._learn_classes(y)
        else:
            self._check_classes(unique_labels(y), incremental)
        encoded: Floats = self._label_binarizer.transform(y).astype(np.float64)
        return encoded

    def _check_classes(self, classes: NDArray[Any], incremental: bool) -> None:
        if not incremental and set(classes) != set(self.classes_):
            raise ValueError(
                f"warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {classes}"
            )
        if len(np.setdiff1d(classes, self.classes_)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}."
            )

    def _output(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "sigmoid"

    def _decoded(self, values: Floats) -> NDArray[Any]:
        labels: NDArray[Any] = self._label_binarizer.inverse_transform(values[0] if len(values) == 1 else values.T)
        return labels

    def _scored(self, y: NDArray[Any], predictions: NDArray[Any], weights: Floats | None) -> float:
        return float(accuracy_score(y, predictions, sample_weight=weights))

    def _weighed(self, y: NDArray[Any], weights: Floats | None) -> Floats | None:
        if self.class_weight is None:
            return weights
        if self.class_weight == "balanced" and y.ndim == 1:
            present = np.unique(y if weights is None else y[weights > 0])
            each = compute_class_weight("balanced", classes=present, y=y, sample_weight=weights)
            own = compute_sample_weight(dict(zip(present.tolist(), each.tolist(), strict=True)), y)
        else:
            own = compute_sample_weight(self.class_weight, y)
        together: Floats = own if weights is None else (own * weights).astype(weights.dtype)
        return together

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Probabilities.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            (m, n_classes), columns in the order of ``classes_``; of several labels the probability of each.
        """
        P = self._answers(self._features(X)).T
        return np.hstack([1 - P, P]) if P.shape[1] == 1 else np.ascontiguousarray(P)

    def predict_log_proba(self, X: Any) -> NDArray[Any]:
        """Logarithms of the probabilities: from the logits, so that they are finite where a probability rounds to 0.

        Args:
            X: (m, n_features) array or sparse matrix.
        """
        features = self._features(X)
        if self.coefs_[0].ndim == 3:  # the logarithm of a mean of probabilities
            with np.errstate(divide="ignore"):
                return np.log(self.predict_proba(X))
        return np.ascontiguousarray(self._answers(features, self._logarithms, rows=max(2, self.n_outputs_)).T)

    def _logarithms(self, Z: Array) -> Array:
        """Of the probabilities: the logarithm is minus the loss where that label is true."""
        if self._output() == "softmax":
            surest = np.eye(len(Z), dtype=Z.dtype)[:, Z.argmax(axis=0)]
            return Z - Z.max(axis=0) - cross_entropy(Z, surest)
        labels = np.array([[0.0], [1.0]]) if self.n_outputs_ == 1 else np.ones((self.n_outputs_, 1))
        outputs = np.broadcast_to(Z, (len(labels), Z.shape[1]))
        return np.stack(
            [-binary_cross_entropy(z[None], np.broadcast_to(y, (1, len(z)))) for z, y in zip(outputs, labels)]
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


LOSS_OUTPUTS = {"squared_error": "identity", "poisson": "poisson", "absolute_error": "absolute", "huber": "huber"}
"""Names of scikit-learn's losses, and the output that has them here."""


class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """TODO."""

    _parameter_constraints = {  # noqa: RUF012
        **BaseMLP._parameter_constraints,
        "loss": [StrOptions(set(LOSS_OUTPUTS))],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: float = 0.0,
        initializer: str | None = None,
        monitor: str = "score",
        n_members: int = 1,
        engine: str = "auto",
    ) -> None:
        self._store(locals())

    @_fit_context(prefer_skip_nested_validation=True)
    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPRegressor:
        """Fit."""
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=False)
        return self

    @available_if(_is_stochastic)
    @_fit_context(prefer_skip_nested_validation=True)
    @with_callbacks
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> MLPRegressor:
        """One epoch over these examples, the optimiser going on from where it was."""
        self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=True)
        return self

    def _encoded(self, y: NDArray[Any], incremental: bool) -> Floats:  # noqa: ARG002
        if self.loss == "poisson" and y.min() < 0:
            raise ValueError(f"y reaches down to {y.min():g}: wanted y >= 0 for loss='poisson', which is for counts")
        return y.reshape(len(y), -1)

    def _output(self) -> str:
        return LOSS_OUTPUTS[self.loss]

    def _decoded(self, values: Floats) -> NDArray[Any]:
        return values[0] if len(values) == 1 else np.ascontiguousarray(values.T)

    def _scored(self, y: NDArray[Any], predictions: NDArray[Any], weights: Floats | None) -> float:
        return float(r2_score(y, predictions, sample_weight=weights))

    def _weighed(self, y: NDArray[Any], weights: Floats | None) -> Floats | None:  # noqa: ARG002
        return weights
