"""The predictions of a fitted estimator, from the coefficients that it has under scikit-learn's names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted, validate_data

from layerlab.formulas import ACTIVATIONS, Array, Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.formulas.sparse import SPARSE
from layerlab.network import Network
from layerlab.runs.network_outputs import network_outputs
from layerlab.runs.run import Run

from .as_run import run_of, with_names
from .coefficients import parameters_of
from .examples import in_columns, naming_the_preprocessor
from .presets import Preset
from .record import FitRecord
from .targets import Targets

THEIR_ACTIVATIONS = {"logistic": "sigmoid"}
"""layerlab's name for each activation that has another name in scikit-learn."""


class Predictor:
    """The part of an estimator that predicts: predictions, values of all layers, and the network as a run."""

    coefs_: list[NDArray[Any]]
    intercepts_: list[NDArray[Any]]
    n_outputs_: int
    activation: Any
    _run: Run | None = None

    @property
    @abstractmethod
    def _hyperparameters(self) -> Any:
        """The parameters by name, completed by the preset."""

    @property
    @abstractmethod
    def _preset(self) -> Preset:
        """What the preset adds to the hyperparameters."""

    @property
    @abstractmethod
    def _targets(self) -> Targets:
        """What was learned about the targets."""

    def _network(self, layer_dims: Sequence[int], output: str) -> Network:
        hidden = self._own_names(self._hyperparameters.activation, layer_dims[1:-1])
        return Network(layer_dims, hidden=hidden, output=output)

    def _own_names(self, names: Any, hidden_sizes: Sequence[int]) -> str | list[str]:
        """layerlab's name of the activation of all hidden layers, or of each."""
        if isinstance(names, str):
            return self._own_name(names)
        if len(names) != len(hidden_sizes):
            raise ValueError(
                f"activation={names!r} for {len(hidden_sizes)} hidden layers: wanted one name, or one for each"
            )
        return [self._own_name(name) for name in names]

    def _own_name(self, name: Any) -> str:
        """layerlab's name of an activation."""
        known = {**dict.fromkeys(ACTIVATIONS), **THEIR_ACTIVATIONS}
        if not isinstance(name, str) or name not in known:
            wanted = ", ".join(repr(one) for one in known if one != "sigmoid")
            raise ValueError(f"activation={self.activation!r}: {name!r} is none; wanted of {wanted}")
        return known[name] or name

    @property
    def _fitted_dims(self) -> list[int]:
        """Sizes of all layers, beginning with the input."""
        return [self.coefs_[0].shape[-2], *(coef.shape[-1] for coef in self.coefs_)]

    @property
    def _is_ensemble(self) -> bool:
        return self.coefs_[0].ndim == 3

    def _fitted_network(self) -> Network:
        return self._network(self._fitted_dims, self._targets.output) if self._run is None else self._run.network

    def _fitted_parameters(self) -> Parameters:
        """Return the parameters, with an axis of members in front if there are several."""
        return parameters_of(self.coefs_, self.intercepts_) if self._run is None else self._run.all_parameters

    def _features(self, X: Any) -> Any:
        """Check X and return it as (n_x, m), or as CSR with examples in rows."""
        check_is_fitted(self)
        with naming_the_preprocessor(self):
            X = validate_data(self, X, accept_sparse="csr", dtype=self._preset.dtypes, reset=False)
        return in_columns(X)

    def _outputs(self, X: Any, finish: Callable[[Array], Array] | None = None, rows: int | None = None) -> Floats:
        """Turn the logits into (rows, m) values, by default predictions; for an ensemble, their mean.

        Args:
            X: the result of ``_features``.
            finish: a function that turns logits into values.
            rows: number of values per example; None for the number of outputs.
        """
        network = self._fitted_network()
        values_of = finish or network.loss.prediction
        averaged = (lambda Z: values_of(Z).mean(axis=0)) if self._is_ensemble else values_of
        return network_outputs(network, self._fitted_parameters(), X, averaged, rows)

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the class, or the values, of each example.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            (m,) or (m, n_outputs).
        """
        predictions = self._outputs(self._features(X))
        return self._targets.decode(predictions)

    def activations(self, X: Any) -> list[NDArray[Any]]:
        """Return the values of every layer's units for each example, the hidden layers first and the output last.

        Args:
            X: (m, n_features) array or sparse matrix.

        Returns:
            One (m, n_units) array per layer; (n_members, m, n_units) for an ensemble.
        """
        X = self._features(X)
        network, parameters = self._fitted_network(), self._fitted_parameters()
        Z, caches = network_forward(X, parameters, network.activations, first=SPARSE if issparse(X) else network.first)
        return [np.ascontiguousarray(A.mT) for A in (*(cache.A for cache in caches[:-1]), network.loss.prediction(Z))]

    def to_run(self) -> Run:
        """Make a ``layerlab.Run`` of the network, for ``layerlab.export``, ``calibrate``, ``report``, and to be saved.

        A run takes examples in columns, ``run.predict(X.T)``, and predicts the numbers of classes; ``run.class_names``
        has their names. It does not include what a pipeline did to the features before. Its settings are those of the
        training, under layerlab's names; docs/export.md says where they are only similar.

        Raises:
            NotFittedError: ``fit`` has not been called.
            InputError: ``n_members`` is more than 1 (but preset="tabular" gives a run with members), or y had a single
                class.
        """
        check_is_fitted(self)
        own = vars(self)
        if self._run is not None:
            return with_names(self._run, own.get("classes_"), own.get("feature_names_in_", ()))
        record = FitRecord.from_attributes(own)
        return run_of(self._fitted_network(), record, own.get("classes_"), own.get("feature_names_in_", ()))
