"""What both estimators share: from X and y to a job, to fitted attributes, and to predictions.

Where the algorithm is scikit-learn's, so are the numbers: the same random stream, taken in the same order.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, _fit_context, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions

from layerlab.formulas import ACTIVATIONS, INITIALIZERS, Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from .callbacks import CallbackSupportMixin, Told, unharmed, with_callbacks
from .coefficients import attributes
from .epochs import NOT_FINITE, fit_epochs
from .examples import Examples, checked, checked_weights, held_out, split
from .initial_parameters import drawn
from .prediction import Answers
from .presets import NONE, PRESETS, Preset, completed
from .quasi_newton import fit_lbfgs


class BaseMLP(Answers, CallbackSupportMixin, BaseEstimator):  # type: ignore[misc]
    """Parameters, fit and forward pass of ``MLPClassifier`` and ``MLPRegressor``."""

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 scikit-learn's own protocol
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

    loss_curve_: list[float]
    validation_scores_: Any
    validation_loss_curve_: Any
    best_loss_: Any
    best_validation_score_: Any

    def _store(self, values: dict[str, Any]) -> None:
        """The arguments of ``__init__`` as attributes, as they came."""
        for name, value in values.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    # What an estimator of classes and one of values do differently

    @abstractmethod
    def _encoded(self, y: NDArray[Any], incremental: bool) -> Floats:
        """y as (m, n_y) numbers that the network learns; classes become known here."""

    @abstractmethod
    def _output(self) -> str:
        """A name in ``LOSSES``."""

    @abstractmethod
    def _decoded(self, values: Floats) -> NDArray[Any]:
        """Predictions for the user from the network's (n_y, m)."""

    @abstractmethod
    def _scored(self, y: NDArray[Any], predictions: NDArray[Any], weights: Floats | None) -> float:
        """What ``score`` would say."""

    @abstractmethod
    def _weighed(self, y: NDArray[Any], weights: Floats | None) -> Floats | None:
        """The examples' weights with those of their classes."""

    @property
    def _preset(self) -> Preset:
        if self.preset is None:
            return NONE
        return PRESETS[self.preset]["values" if is_regressor(self) else "classes"]

    @property
    def _how(self) -> Any:
        """The parameters, those at their defaults as the preset has them."""
        return self if self.preset is None else completed(self, self._preset)

    # Fit

    @_fit_context(prefer_skip_nested_validation=True)
    @with_callbacks
    @unharmed
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train on all examples anew (or on from the last weights, with ``warm_start``).

        Args:
            X: (m, n_features) array, data frame or sparse matrix.
            y: (m,) labels or values; (m, n_labels) of 0 and 1 for several labels an example, (m, n_outputs) for several
                values.
            sample_weight: (m,) weights: loss and penalty are divided by their sum.
            X_val, y_val, sample_weight_val: a part to watch instead of a share held out: its score and loss are
                recorded after every epoch, and ``early_stopping`` goes by it.

        Raises:
            ValueError: the input is not right, or the loss was not finite.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), incremental=False)

    def _fit(self, X: Any, y: Any, sample_weight: Any, watched: tuple[Any, Any, Any], incremental: bool) -> Self:
        fresh = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = checked(self, X, y, reset=fresh)
        Y = self._encoded(y, incremental).astype(X.dtype)
        train = Examples(X, Y.T, y, self._weighed(y, checked_weights(sample_weight, X)))
        kept = held_out(self, *watched)
        if kept is not None and len(kept.Y) != len(train.Y):
            raise ValueError(f"y_val has {len(kept.Y)} outputs an example and y {len(train.Y)}: wanted as many")
        self.n_outputs_ = Y.shape[1]
        random, how = check_random_state(self.random_state), self._how
        self._check_preset(X, incremental)
        network = self._network(X.shape[1], _sizes(how.hidden_layer_sizes))
        if fresh:
            self._start(network, X.dtype, random)
        else:
            self._check_like_before(network)
        if kept is None and how.early_stopping and self.solver != "lbfgs":
            if incremental:
                raise ValueError("partial_fit does not support early_stopping=True without X_val and y_val")
            binary = self._output() == "sigmoid" and self.n_outputs_ == 1
            by_class = np.where(train.Y[0] == 1, "True", "False") if binary else None  # named as there, if one is rare
            train, kept = split(train, how.validation_fraction, by_class, random)
        epochs = how.max_iter * (self.n_members if self.solver == "lbfgs" else 1)
        told = Told(self, X, y, sample_weight, epochs)
        fit = fit_lbfgs if self.solver == "lbfgs" else fit_epochs
        fit(self, network, train, kept, random, incremental, told)
        if not all(np.isfinite(value).all() for value in (*self.coefs_, *self.intercepts_)):
            raise ValueError(
                f"{NOT_FINITE} Put a StandardScaler before the network, or take a smaller learning_rate_init."
            )
        told.fit_ended(lambda: attributes(self._parameters()))
        return self

    def _check_like_before(self, network: Network) -> None:
        """What goes on has the sizes of what was trained."""
        sizes = [self.coefs_[0].shape[-2], *(coef.shape[-1] for coef in self.coefs_)]
        members = len(self.coefs_[0]) if self.coefs_[0].ndim == 3 else 1
        for name, before, now in (
            ("layers", "-".join(map(str, sizes)), "-".join(map(str, network.layer_dims))),
            ("n_members", members, self.n_members),
        ):
            if before != now:
                raise ValueError(
                    f"what was trained has {name} {before}, and {now} is asked for: wanted the same to go on from; fit "
                    f"without warm_start begins anew"
                )

    def _check_preset(self, X: Any, incremental: bool) -> None:
        """What a preset's recipe cannot be mixed with."""
        if self.preset is None:
            return
        if incremental:
            raise ValueError(f"partial_fit with preset={self.preset!r}: its schedule needs to know all epochs; use fit")
        if self.solver != "adam":
            raise ValueError(
                f"solver={self.solver!r} with preset={self.preset!r}: wanted 'adam', of which it is a recipe"
            )
        if issparse(X):
            raise ValueError(f"X is sparse and preset={self.preset!r}: wanted dense features; X.toarray() makes them")

    def _start(self, network: Network, dtype: Any, random: np.random.RandomState) -> None:
        """Initial parameters, and the record of a fit before its first epoch."""
        self.n_iter_, self.t_ = 0, 0
        self.n_layers_ = len(network.layer_dims)
        self.out_activation_ = {"sigmoid": "logistic", "softmax": "softmax", "poisson": "exp"}.get(
            self._output(), "identity"
        )
        members = [self._drawn(network, random) for _ in range(self.n_members)]
        together = (
            members[0] if self.n_members == 1 else {name: np.stack([m[name] for m in members]) for name in members[0]}
        )
        self._set({name: value.astype(dtype) for name, value in together.items()})
        self._dropout_seed = int(random.randint(2**31)) if self.dropout else 0
        self._best: Parameters | None = None
        self._best_figure, self._best_epoch = -np.inf, 0
        self.loss_curve_ = []
        self.validation_scores_ = None
        self.validation_loss_curve_ = None
        self.best_loss_ = np.inf
        self.best_validation_score_ = None
        self._no_improvement_count = 0

    def _drawn(self, network: Network, random: np.random.RandomState) -> Parameters:
        if self._preset.whole and self.initializer is None:
            return self._preset.start(network.layer_dims, random)
        hidden, name = network.activations, self._how.activation
        last = hidden[-1:] or (self._named(name if isinstance(name, str) else "relu"),)
        return drawn(self.initializer, network.layer_dims, [*hidden, *last], random)

    def _set(self, parameters: Parameters) -> None:
        self.__dict__.update(attributes(parameters))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _warn_not_converged(self, what: str) -> None:
        warnings.warn(what, ConvergenceWarning, stacklevel=4)


def _sizes(sizes: Any) -> list[int]:
    listed = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
    if any(size <= 0 for size in listed):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {listed}.")
    return listed


def is_stochastic(estimator: BaseMLP) -> bool:
    """Whether the estimator has ``partial_fit``; raises AttributeError with the reason if it has not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only available for stochastic optimizers. lbfgs is not stochastic.")
    return True
