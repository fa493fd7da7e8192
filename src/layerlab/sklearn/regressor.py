"""``MLPRegressor``: scikit-learn's names, parameters and contract, on layerlab's formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from numpy.typing import NDArray
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from .base import CONSTRAINTS, BaseMLP, is_stochastic
from .callbacks import with_callbacks
from .targets import OUTPUT_OF_LOSS, RegressionTargets


class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """A regressor with scikit-learn's contract: change one import, keep the rest.

    The same ``random_state`` gives the results of ``sklearn.neural_network.MLPRegressor`` up to rounding, by default
    in less time. There is one difference if there are several outputs: scikit-learn's loss is their mean, but its
    gradient is that of their sum (its issue 8349). Here both use the sum, so the solver minimises the loss that is
    shown.

    Args (as in scikit-learn 1.9):
        loss: "squared_error" (half of it); "poisson" (half of the deviance, for counts; the network's output is the
            logarithm of the mean); and new: "absolute_error" and "huber".
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
        >>> from layerlab.sklearn import MLPRegressor
        >>> from sklearn.datasets import make_regression
        >>> X, y = make_regression(200, 5, random_state=0)
        >>> model = MLPRegressor(random_state=0, solver="lbfgs", max_iter=500, tol=0.1).fit(X, y)
        >>> print(f"{model.score(X, y):.3f}")
        1.000
    """

    _parameter_constraints: ClassVar = {
        **CONSTRAINTS,
        "loss": [StrOptions(set(OUTPUT_OF_LOSS))],
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
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train one epoch on these examples; the optimiser continues with its state.

        Args:
            X, y, sample_weight, X_val, y_val, sample_weight_val: as for ``fit``.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=True)

    @property
    def _targets(self) -> RegressionTargets:
        return RegressionTargets(self.loss)

    def _learned_targets(self, y: NDArray[Any], one_output_each: bool | None = None) -> RegressionTargets:  # noqa: ARG002
        return self._targets

    def _continued_targets(self, y: NDArray[Any], incremental: bool) -> RegressionTargets:  # noqa: ARG002
        return self._targets
