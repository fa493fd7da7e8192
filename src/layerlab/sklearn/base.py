"""What both estimators share: ``fit``, from the user's X and y to the fitted attributes.

Where the algorithm is scikit-learn's, so are the numbers: random numbers come from the same generator in the same
order.
"""

from __future__ import annotations

from abc import abstractmethod
from copy import copy
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, _fit_context, is_regressor
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions

from layerlab.formulas import ACTIVATIONS, INITIALIZERS, Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from .callbacks import CallbackSupportMixin, FitCallbacks, with_callbacks
from .coefficients import stacked_members
from .epochs import fit_epochs
from .examples import FitData, checked, held_out, in_columns, split
from .initial_parameters import drawn_parameters
from .on_folds import check_fixed, network_on_folds, out_of_fold, record_of, train_on_folds
from .prediction import Predictor
from .presets import NO_PRESET, PRESETS, Preset, completed_parameters
from .quasi_newton import fit_lbfgs
from .record import NOT_FINITE, FitRecord, FitTask
from .targets import Targets

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions({"logistic", *ACTIVATIONS}), list, tuple],
    "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    "dropout": [Interval(Real, 0, 1, closed="left")],
    "initializer": [StrOptions(set(INITIALIZERS)), None],
    "engine": [StrOptions({"auto", "numpy", "xla"})],
    "n_members": [Interval(Integral, 1, None, closed="left")],
    "monitor": [StrOptions({"score", "loss"})],
    "preset": [StrOptions(set(PRESETS)), None],
}
"""The allowed values of each parameter that both estimators have, in scikit-learn's own protocol."""

FEATURE_ATTRIBUTES = ("n_features_in_", "feature_names_in_")
"""The attributes that scikit-learn sets when it checks X."""

THEIR_OUTPUTS = {"sigmoid": "logistic", "softmax": "softmax", "poisson": "exp"}
"""scikit-learn's name, in ``out_activation_``, for each output that it does not call "identity"."""


class BaseMLP(Predictor, CallbackSupportMixin, BaseEstimator):  # type: ignore[misc]
    """The parameters and ``fit`` of ``MLPClassifier`` and ``MLPRegressor``.

    A fit changes nothing in the estimator until it has succeeded: if it fails, the estimator is as it was before.
    """

    _parameter_constraints: ClassVar = CONSTRAINTS

    loss_curve_: list[float]
    validation_scores_: Any
    validation_loss_curve_: Any
    best_loss_: Any
    best_validation_score_: Any

    def _store(self, values: dict[str, Any]) -> None:
        """Store the arguments of ``__init__`` as attributes, unchanged."""
        for name, value in values.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    # What a classifier and a regressor do differently

    @abstractmethod
    def _learned_targets(self, y: NDArray[Any], one_output_each: bool | None = None) -> Targets:
        """Learn from y what the targets are, for training from the start.

        Args:
            y: the labels or values.
            one_output_each: whether two classes have one output each; None for what the preset wants.
        """

    @abstractmethod
    def _continued_targets(self, y: NDArray[Any], incremental: bool) -> Targets:
        """Return what was learned about the targets before, if y fits it."""

    def _weights(self, y: NDArray[Any], weights: Floats | None) -> Floats | None:  # noqa: ARG002
        """Return the weight of each example; by default, the given weight."""
        return weights

    @property
    def _preset(self) -> Preset:
        """What the preset adds. "tabular" named RealMLP's recipe before, and an estimator fitted then has no run."""
        if self.preset is None:
            return NO_PRESET
        earlier = self.preset == "tabular" and hasattr(self, "coefs_") and self._run is None
        return self._preset_named("realmlp" if earlier else self.preset)

    def _preset_named(self, name: str) -> Preset:
        return PRESETS[name]["regressor" if is_regressor(self) else "classifier"]

    @property
    def _hyperparameters(self) -> Any:
        return self if self.preset is None else completed_parameters(self, self._preset)

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
    ) -> Self:
        """Train on all examples from the start, or with ``warm_start`` from the last weights.

        Args:
            X: (m, n_features) array, data frame or sparse matrix.
            y: (m,) labels or values. If examples have several labels, (m, n_labels) of 0 and 1; if they have several
                values, (m, n_outputs).
            sample_weight: (m,) weights: loss and penalty are divided by their sum.
            X_val, y_val, sample_weight_val: your own validation set, instead of a share of the examples. Its score and
                loss are recorded after every epoch, and ``early_stopping`` uses them.

        Raises:
            ValueError: the input is wrong, or the loss was not finite.
        """
        validation = (X_val, y_val, sample_weight_val)
        if self.preset is not None and self._preset_named(self.preset).on_folds:
            return self._fit_on_folds(X, y, sample_weight, validation)
        return self._fit(X, y, sample_weight, validation, incremental=False)

    def _fit_on_folds(self, X: Any, y: Any, sample_weight: Any, validation: tuple[Any, Any, Any]) -> Self:
        """Train the networks of a preset on folds, and only then change the estimator."""
        preset = self._preset_named(self.preset)
        how = completed_parameters(self, preset)
        if any(value is not None for value in validation):
            raise ValueError(
                "X_val with preset='tabular': each of its networks is validated on a fold of X; leave it out"
            )
        check_fixed(vars(how))
        noted = copy(self)
        X, y, weights = checked(noted, X, y, sample_weight, preset.dtypes, reset=True)
        self._check_preset(X, incremental=False)
        targets = self._learned_targets(y, one_output_each=False)
        examples = FitData(in_columns(X), targets.encode(y, X.dtype), y, self._weights(y, weights))
        hidden = self._own_names(how.activation, sizes := _sizes(how.hidden_layer_sizes))
        network = network_on_folds(X, sizes, hidden, len(examples.Y), targets.output)
        learned = _learned_attributes(noted, targets, network)
        callbacks = FitCallbacks(self, X, y, sample_weight, 1, learned)
        run = train_on_folds(network, examples, how, check_random_state(self.random_state))
        record = record_of(run)
        _check_finite(record.parameters)
        own = {"_run": run, "out_of_fold_": out_of_fold(run)}
        callbacks.fit_ended(lambda: record.attributes() | own)
        self._forget()
        self.__dict__.update(learned | record.attributes() | own)
        return self

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any],
        *,
        incremental: bool,
        targets: Targets | None = None,
    ) -> Self:
        """Check the input, train, and only then change the estimator.

        Args:
            X, y, sample_weight: as for ``fit``.
            validation: X_val, y_val and sample_weight_val.
            incremental: whether this is a ``partial_fit``.
            targets: what is known about the targets, if it does not come from y.
        """
        how, preset = self._hyperparameters, self._preset

        # The input is checked and encoded. scikit-learn writes what it learns about the features to a copy.
        fresh = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        noted = copy(self)
        X, y, weights = checked(noted, X, y, sample_weight, preset.dtypes, reset=fresh)
        if targets is None:
            targets = self._learned_targets(y) if fresh else self._continued_targets(y, incremental)
        train = FitData(in_columns(X), targets.encode(y, X.dtype), y, self._weights(y, weights))
        kept = held_out(noted, validation, preset.dtypes, targets.encode)
        if kept is not None and len(kept.Y) != len(train.Y):
            raise ValueError(
                f"y_val has {len(kept.Y)} outputs per example, and y has {len(train.Y)}: wanted the same number"
            )
        self._check_preset(X, incremental)

        # From here on, random numbers are used as in scikit-learn: initial weights, dropout, held-out share, orders.
        network = self._network([X.shape[1], *_sizes(how.hidden_layer_sizes), len(train.Y)], targets.output)
        random = check_random_state(self.random_state)
        record = self._new_record(network, X.dtype, random) if fresh else self._continued_record(network)
        if kept is None and how.early_stopping and self.solver != "lbfgs":
            if incremental:
                raise ValueError("partial_fit does not support early_stopping=True without X_val and y_val")
            binary = targets.output == "sigmoid" and len(train.Y) == 1
            by_class = np.where(train.Y[0] == 1, "True", "False") if binary else None  # scikit-learn's names in errors
            train, kept = split(train, how.validation_fraction, by_class, random)

        # The solver fills the record; callbacks get copies of the estimator with what is known at that time.
        learned = _learned_attributes(noted, targets, network)
        max_epochs = how.max_iter * (self.n_members if self.solver == "lbfgs" else 1)
        callbacks = FitCallbacks(self, X, y, sample_weight, max_epochs, learned)
        task = FitTask(network, train, kept, targets, how, preset, incremental)
        if self.solver == "lbfgs":
            fit_lbfgs(task, record, callbacks)
        else:
            fit_epochs(task, record, random, callbacks)
        _check_finite(record.parameters)
        callbacks.fit_ended(record.attributes)

        # The fit has succeeded: now the estimator is changed.
        self._forget()
        self.__dict__.update(learned | record.attributes())
        return self

    def _forget(self) -> None:
        """Remove what the last fit learned and this one may not have."""
        for name in ("feature_names_in_", "_run", "out_of_fold_"):
            self.__dict__.pop(name, None)

    def _check_preset(self, X: Any, incremental: bool) -> None:
        """Refuse parameters that cannot be combined with a preset."""
        if self.preset is None:
            return
        if incremental:
            raise ValueError(f"partial_fit with preset={self.preset!r}: its schedule needs to know all epochs; use fit")
        if self.solver != "adam":
            raise ValueError(
                f"solver={self.solver!r} with preset={self.preset!r}: wanted 'adam', which the preset uses"
            )
        if issparse(X):
            raise ValueError(f"X is sparse and preset={self.preset!r}: wanted dense features; X.toarray() makes them")

    def _new_record(self, network: Network, dtype: Any, random: np.random.RandomState) -> FitRecord:
        """Make random initial parameters: the record of a fit before its first epoch."""
        members = [self._drawn(network, random) for _ in range(self.n_members)]
        together = {name: value.astype(dtype) for name, value in stacked_members(members).items()}
        return FitRecord(together, dropout_seed=int(random.randint(2**31)) if self.dropout else 0)

    def _drawn(self, network: Network, random: np.random.RandomState) -> Parameters:
        if self._preset.as_realmlp and self.initializer is None:
            return self._preset.initial_parameters(network.layer_dims, random)
        hidden, name = network.activations, self._hyperparameters.activation
        last = hidden[-1:] or (self._own_name(name if isinstance(name, str) else "relu"),)
        return drawn_parameters(self.initializer, network.layer_dims, [*hidden, *last], random)

    def _continued_record(self, network: Network) -> FitRecord:
        """Return the record of the last fit, if its network has the sizes that are asked for."""
        before = "-".join(map(str, self._fitted_dims)), len(self.coefs_[0]) if self._is_ensemble else 1
        now = "-".join(map(str, network.layer_dims)), self.n_members
        for name, old, new in zip(("layers", "n_members"), before, now, strict=True):
            if old != new:
                raise ValueError(
                    f"the trained network has {name} {old}, and {new} is asked for: wanted the same to go on; fit "
                    f"without warm_start starts again"
                )
        return FitRecord.from_attributes(vars(self))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _learned_attributes(noted: BaseMLP, targets: Targets, network: Network) -> dict[str, Any]:
    """Return the fitted attributes that are known before the first epoch.

    Args:
        noted: a copy of the estimator that has seen X.
        targets: what was learned from y.
        network: the network that will be trained.
    """
    return {
        **{name: value for name, value in vars(noted).items() if name in FEATURE_ATTRIBUTES},
        **targets.attributes,
        "n_layers_": len(network.layer_dims),
        "n_outputs_": network.layer_dims[-1],
        "out_activation_": THEIR_OUTPUTS.get(str(network.output), "identity"),
    }


def _check_finite(parameters: Parameters) -> None:
    if not all(np.isfinite(value).all() for value in parameters.values()):
        raise ValueError(f"{NOT_FINITE} Put a StandardScaler before the network, or take a smaller learning_rate_init.")


def _sizes(sizes: Any) -> list[int]:
    """Return the sizes of the hidden layers, as a list."""
    listed = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
    if any(size <= 0 for size in listed):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {listed}.")
    return listed


def is_stochastic(estimator: BaseMLP) -> bool:
    """Return whether the estimator has ``partial_fit``; raise AttributeError with the reason if it has not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only available for stochastic optimizers. lbfgs is not stochastic.")
    return True
