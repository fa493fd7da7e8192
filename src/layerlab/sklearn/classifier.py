"""``MLPClassifier``: scikit-learn's names, parameters and contract, computed by layerlab's formulas."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels

from layerlab.formulas import Array, binary_cross_entropy, cross_entropy, sigmoid
from layerlab.formulas.arrays import Floats

from .base import CONSTRAINTS, BaseMLP, is_stochastic
from .callbacks import with_callbacks
from .targets import ClassTargets


class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """A classifier with scikit-learn's contract: change one import, keep the rest.

    The same ``random_state`` gives the results of ``sklearn.neural_network.MLPClassifier`` up to rounding, by default
    in less time. There is one difference: losses, and the logarithms of ``predict_log_proba``, are exact even where a
    probability rounds to 0 or 1 (scikit-learn clips it).

    Args (as in scikit-learn 1.9):
        hidden_layer_sizes: units of each hidden layer.
        activation: activation of the hidden layers, "identity", "logistic", "tanh", "relu", "leaky_relu", "selu" or
            "mish", or one of them for each.
        solver: "adam", "sgd" or "lbfgs" (SciPy's L-BFGS, all examples at once).
        alpha: λ of the L2 penalty λ/(2m) Σ W²; m is the number of examples of the update (or the sum of their weights).
        batch_size: examples per update; "auto" means min(200, m).
        learning_rate: for "sgd": "constant"; "invscaling", learning_rate_init / (examples seen + 1)^power_t from the
            second epoch on; "adaptive", divided by 5 whenever there is no progress.
        learning_rate_init: the first learning rate.
        power_t: see ``learning_rate``.
        max_iter: how many epochs, or iterations of L-BFGS, there are at most.
        shuffle: whether each epoch takes the examples in a new order.
        random_state: seed of the initial weights, the order of examples, the validation set and dropout.
        tol: an epoch is progress if the loss falls by more than this, or with ``early_stopping`` if the score rises by
            more. "lbfgs" ends where no component of the gradient is larger.
        verbose: whether to print the loss of each epoch.
        warm_start: whether ``fit`` continues from the weights of the last fit.
        momentum: the share of the last step that "sgd" adds to the next.
        nesterovs_momentum: whether to use Nesterov's momentum.
        early_stopping: whether to stop by the score on a validation set, and to keep the best epoch's weights.
        validation_fraction: share of the examples held out as validation set, if ``fit`` gets no ``X_val``.
        beta_1, beta_2, epsilon: settings of "adam"; ε is added to √v before the correction, as in scikit-learn.
        n_iter_no_change: the fit ends after more than this many epochs in a row without progress.
        max_fun: how often "lbfgs" computes the loss at most.

    Args (new, off by default):
        loss: "log_loss".
        class_weight: "balanced", or a dict from class to the weight of its examples. For several labels, a list with
            one of these for each label; the weights of an example are multiplied.
        label_smoothing: ε: (1 − ε) y + ε / K is learned in place of y; None for 0, or for the preset's value.
        dropout: share of the hidden values that each update sets to 0; not for "lbfgs".
        initializer: "zeros", "normal", "lecun", "xavier" or "he"; None for scikit-learn's own.
        monitor: the value that ``early_stopping`` uses, on the validation set: "score" or "loss".
        n_members: number of networks trained as one population on the same batches; predictions are their mean.
        engine: "numpy", "xla" (compiled), or "auto": whichever the planner expects to be faster.
        preset: "tabular": the usual training of ``layerlab train`` on tables, eight networks on eight folds, for
            columns that a ``TablePreprocessor(scaling="quantile")`` prepared. "realmlp": the recipe of RealMLP, for
            tables that a ``TabularScaler`` prepared; with validation_fraction=0 it holds nothing out and keeps the last
            epoch. ``layerlab.sklearn.presets`` lists both. They replace all parameters that you leave at their
            defaults, and compute in float32.

    Attributes:
        classes_: labels, in the order of the columns of ``predict_proba``.
        coefs_, intercepts_: a list of (n_prev, n) weights and a list of (n,) biases; with an axis of members in front
            if there are several.
        loss_, best_loss_, loss_curve_: the mean objective with its penalty: of the last epoch, the lowest, and all.
        validation_scores_, best_validation_score_: the score on the validation set after every epoch, and the best.
        validation_loss_curve_: the loss on the validation set after every epoch, without penalty.
        out_of_fold_: with preset="tabular" the answers (m, n_outputs) of the networks that did not train on an example:
            probabilities or values.
        n_iter_, t_: number of epochs of the last fit, and of examples that all updates used.
        n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_: as in scikit-learn.

    Example:
        >>> from layerlab.sklearn import MLPClassifier
        >>> from sklearn.datasets import load_digits
        >>> X, y = load_digits(return_X_y=True)
        >>> model = MLPClassifier(random_state=0, max_iter=50, tol=0.01).fit(X[:1400] / 16, y[:1400])
        >>> print(f"{model.score(X[1400:] / 16, y[1400:]):.2f}")
        0.88
    """

    _parameter_constraints: ClassVar = {
        **CONSTRAINTS,
        "loss": [StrOptions({"log_loss"})],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left"), None],
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
        label_smoothing: float | None = None,
        dropout: float = 0.0,
        initializer: str | None = None,
        monitor: str = "score",
        n_members: int = 1,
        engine: str = "auto",
        preset: str | None = None,
    ) -> None:
        self._store(locals())

    @available_if(is_stochastic)
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
    ) -> Self:
        """Train one epoch on these examples; the optimiser continues with its state.

        Args:
            X, y, sample_weight, X_val, y_val, sample_weight_val: as for ``fit``.
            classes: all labels that can occur; the first call needs them.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported by partial_fit, which does not know all examples: give a "
                "dict of weights by class (sklearn.utils.class_weight.compute_class_weight computes them)"
            )
        targets = None
        if _check_partial_fit_first_call(copy(self), classes):  # a copy, because this sets the classes
            targets = self._learned_targets(y if type_of_target(y).startswith("multilabel") else classes)
        validation = (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, validation, incremental=True, targets=targets)

    @property
    def _targets(self) -> ClassTargets:
        return ClassTargets(self._label_binarizer, self._preset.as_realmlp)

    def _learned_targets(self, y: Any, one_output_each: bool | None = None) -> ClassTargets:
        return ClassTargets.learned(y, self._preset.as_realmlp if one_output_each is None else one_output_each)

    def _continued_targets(self, y: NDArray[Any], incremental: bool) -> ClassTargets:
        classes = unique_labels(y)
        if not incremental and set(classes) != set(self.classes_):
            raise ValueError(
                f"warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {classes}"
            )
        return self._targets

    def _weights(self, y: NDArray[Any], weights: Floats | None) -> Floats | None:
        if self.class_weight is None:
            return weights
        counted = np.ones(len(y), bool) if weights is None else weights > 0
        try:
            if self.class_weight == "balanced" and y.ndim == 1:
                present = np.unique(y[counted])
                some = None if weights is None else weights[counted]
                each = compute_class_weight("balanced", classes=present, y=y[counted], sample_weight=some)
                own = np.zeros(len(y))
                own[counted] = each[np.searchsorted(present, y[counted])]
            else:
                own = compute_sample_weight(self.class_weight, y)
        except (TypeError, ValueError) as error:
            raise ValueError(f"class_weight={self.class_weight!r}: {error}") from error
        if not (np.isfinite(own).all() and own.min() >= 0 and own[counted].any()):
            raise ValueError(f"class_weight={self.class_weight!r}: wanted finite weights of at least 0, some above")
        together: Floats = own if weights is None else (own * weights).astype(weights.dtype)
        return together

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Predict the probability of each class, or of each label, for each example.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            (m, n_classes), columns in the order of ``classes_``; for several labels, the probability of each.
        """
        return self._probabilities(self._features(X))

    def _probabilities(self, features: Any) -> NDArray[Any]:
        if self.n_outputs_ > 1:
            return np.ascontiguousarray(self._outputs(features).T)
        return np.ascontiguousarray(self._outputs(features, _both_classes, rows=2).T)

    def predict_log_proba(self, X: Any) -> NDArray[Any]:
        """Return the logarithms of the probabilities. They come from the logits: finite even where a probability is 0.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            (m, n_classes), as for ``predict_proba``.
        """
        features = self._features(X)
        if self._is_ensemble:  # the logarithm of a mean of probabilities
            with np.errstate(divide="ignore"):
                logarithms: NDArray[Any] = np.log(self._probabilities(features))
            return logarithms
        return np.ascontiguousarray(self._outputs(features, self._logarithms, rows=max(2, self.n_outputs_)).T)

    def _logarithms(self, Z: Array) -> Array:
        """Return the logarithm of each probability from the logits: minus the loss if that label were true."""
        if self._targets.output == "softmax":
            surest = np.eye(len(Z), dtype=Z.dtype)[:, Z.argmax(axis=0)]
            return Z - Z.max(axis=0) - cross_entropy(Z, surest)
        true = [(Z, 0.0), (Z, 1.0)] if self.n_outputs_ == 1 else [(z[None], 1.0) for z in Z]
        return np.stack([-binary_cross_entropy(z, np.full_like(z, label)) for z, label in true])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _both_classes(Z: Array) -> Array:
    """Return the probabilities of classes 0 and 1 from the logit of 1; 1 − σ(z) = σ(−z), exact for small ones too."""
    return sigmoid(np.concatenate([-Z, Z], axis=-2))
