"""What both estimators share: from X and y to a job, to fitted attributes, and to predictions.

Where the algorithm is scikit-learn's, so are the numbers: the same random stream, taken in the same order.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data

from ..architecture import Network
from ..formulas import ACTIVATIONS, INITIALIZERS, Array, Parameters, network_forward
from ..formulas.network import INPUTS
from ..training.predicting import outputs
from ..training.sparse import SPARSE
from .callbacks import CallbackSupportMixin, Told
from .epochs import fit_epochs
from .fitted import attributes, parameters_of
from .presets import NONE, PRESETS, Preset, completed
from .quasi_newton import fit_lbfgs
from .starting import drawn
from .trainer import Examples

if TYPE_CHECKING:
    from ..training.run import Run

Floats = NDArray[np.floating[Any]]

NAMES = {"logistic": "sigmoid"}
"""What layerlab calls the activations that scikit-learn calls otherwise."""


class BaseMLP(CallbackSupportMixin, BaseEstimator):  # type: ignore[misc]
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

    coefs_: list[NDArray[Any]]
    intercepts_: list[NDArray[Any]]
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

    def _fit(self, X: Any, y: Any, sample_weight: Any, held_out: tuple[Any, Any, Any], incremental: bool) -> BaseMLP:
        fresh = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._checked(X, y, reset=fresh)
        Y = self._encoded(y, incremental).astype(X.dtype)
        own = None if sample_weight is None else self._check_weights(sample_weight, X)
        train = Examples(X, Y.T, y, self._weighed(y, own))
        kept = self._held_out(*held_out)
        self.n_outputs_ = Y.shape[1]
        random, how = check_random_state(self.random_state), self._how
        self._check_preset(X, incremental)
        network = self._network(X.shape[1], _sizes(how.hidden_layer_sizes))
        if fresh:
            self._start(network, X.dtype, random)
        elif [coef.shape[-1] for coef in self.coefs_] != list(network.layer_dims[1:]):
            raise ValueError(
                f"hidden_layer_sizes={self.hidden_layer_sizes!r} and the outputs make {network.layer_dims}, and "
                f"{[coef.shape[-2:] for coef in self.coefs_]} has been trained: wanted the same sizes to go on from; "
                f"set warm_start=False to begin anew"
            )
        if kept is None and how.early_stopping and self.solver != "lbfgs":
            if incremental:
                raise ValueError("partial_fit does not support early_stopping=True without X_val and y_val")
            train, kept = self._split(train, how.validation_fraction, random)
        epochs = how.max_iter * (self.n_members if self.solver == "lbfgs" else 1)
        told = Told(self, X, y, sample_weight, epochs)
        fit = fit_lbfgs if self.solver == "lbfgs" else fit_epochs
        fit(self, network, train, kept, random, incremental, told)
        if not all(np.isfinite(value).all() for value in (*self.coefs_, *self.intercepts_)):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                "preprocessed: put a StandardScaler before the network, or take a smaller learning_rate_init."
            )
        told.fit_ended(lambda: attributes(self._parameters()))
        return self

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, NDArray[Any]]:
        """Both as arrays; sparse features as CSR."""
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            multi_output=True,
            dtype=self._preset.dtypes,
            reset=reset,
            y_numeric=is_regressor(self),
        )
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _check_weights(self, weights: Any, X: Any) -> Floats:
        own: Floats = _check_sample_weight(weights, X, dtype=X.dtype)
        if own.min() < 0 or own.max() == 0:
            raise ValueError(
                f"sample_weight reaches from {own.min():g} to {own.max():g}: wanted weights of at least 0, some above"
            )
        return own

    def _held_out(self, X: Any, y: Any, weights: Any) -> Examples | None:
        """The user's own validation part, checked."""
        if X is None and y is None:
            if weights is not None:
                raise ValueError("sample_weight_val was given without X_val and y_val: give all three, or none")
            return None
        if X is None or y is None:
            raise ValueError("one of X_val and y_val was given without the other: give both, or neither")
        X, y = self._checked(X, y, reset=False)
        own = None if weights is None else self._check_weights(weights, X)
        return Examples(X, self._encoded_again(y).astype(X.dtype).T, y, own)

    def _encoded_again(self, y: NDArray[Any]) -> Floats:
        """y by what is known already."""
        return self._encoded(y, incremental=True)

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

    def _network(self, n_features: int, sizes: Sequence[int]) -> Network:
        names = self._how.activation
        hidden = NAMES.get(names, names) if isinstance(names, str) else [NAMES.get(name, name) for name in names]
        return Network([n_features, *sizes, self.n_outputs_], hidden=hidden, output=self._output())

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
        return drawn(self.initializer, network.layer_dims, network.activations, random)

    def _split(self, examples: Examples, share: float, random: np.random.RandomState) -> tuple[Examples, Examples]:
        """A share held out; by class where there are two."""
        m, Y = examples.X.shape[0], examples.Y
        stratify = Y[0] if self._output() == "sigmoid" and len(Y) == 1 else None
        train, held_out = train_test_split(np.arange(m), random_state=random, test_size=share, stratify=stratify)
        if len(held_out) < 2:
            raise ValueError(
                f"The validation set is too small: {len(held_out)} of {m} examples. Increase 'validation_fraction' or "
                f"the size of your dataset."
            )
        return _some(examples, train), _some(examples, held_out)

    def _set(self, parameters: Parameters) -> None:
        self.__dict__.update(attributes(parameters))

    # Forward

    def _parameters(self) -> Parameters:
        """``W1 b1 … WL bL`` of the fitted attributes, views."""
        return parameters_of(self.coefs_, self.intercepts_)

    def _members(self) -> list[Parameters]:
        """Those of each member, arrays of their own."""
        together = self._parameters()
        if self.coefs_[0].ndim == 2:
            return [{name: value.copy() for name, value in together.items()}]
        return [{name: value[k].copy() for name, value in together.items()} for k in range(len(self.coefs_[0]))]

    def _fitted_network(self) -> Network:
        return self._network(self.coefs_[0].shape[-2], [coef.shape[-1] for coef in self.coefs_[:-1]])

    def _features(self, X: Any) -> Any:
        """(n_x, m), or CSR with examples in rows."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=self._preset.dtypes, reset=False)
        return X if issparse(X) else X.T

    def _answers(self, X: Any, finish: Callable[[Array], Array] | None = None, rows: int | None = None) -> Floats:
        """What becomes of the logits, the members' mean; the network's own prediction if nothing else is asked for.

        Args:
            X: of ``_features``.
            finish: from logits to values.
            rows: number of values an example.
        """
        network = self._fitted_network()
        answer = finish or network.loss.prediction
        averaged = answer if self.coefs_[0].ndim == 2 else lambda Z: answer(Z).mean(axis=0)
        return outputs(network, self._parameters(), X, averaged, rows)

    def predict(self, X: Any) -> NDArray[Any]:
        """Classes or values of examples.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            (m,) or (m, n_outputs).
        """
        return self._decoded(self._answers(self._features(X)))

    def activations(self, X: Any) -> list[NDArray[Any]]:
        """What every layer answers to examples, the hidden layers first and the output last.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            One (m, n_units) array a layer; (n_members, m, n_units) for an ensemble.
        """
        X = self._features(X)
        network = self._fitted_network()
        first = SPARSE if issparse(X) else INPUTS
        Z, caches = network_forward(X, self._parameters(), network.activations, first=first)
        return [np.ascontiguousarray(A.mT) for A in (*(cache.A for cache in caches[:-1]), network.loss.prediction(Z))]

    def to_run(self) -> Run:
        """The network as a ``layerlab.Run``: for ``layerlab.export``, ``calibrate``, ``report``, and to be saved.

        A run takes examples in columns, ``run.predict(X.T)``, and answers with the numbers of classes, of which
        ``run.class_names`` has the names. What a pipeline did to the features before is no part of it. Its settings are
        those that the training was made with, in layerlab's words; docs/export.md says where they are only near.

        Raises:
            NotFittedError: ``fit`` has not been called.
            InputError: ``n_members`` is more than 1, or y had a single class.
        """
        from .runs import run_of

        check_is_fitted(self)
        return run_of(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _warn_not_converged(self, what: str) -> None:
        warnings.warn(what, ConvergenceWarning, stacklevel=4)


def _some(examples: Examples, which: NDArray[np.intp]) -> Examples:
    weights = None if examples.weights is None else examples.weights[which]
    return Examples(examples.X[which], examples.Y[:, which], examples.y[which], weights)


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
