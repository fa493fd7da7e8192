"""What a fitted estimator answers: forward through the attributes under scikit-learn's names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted, validate_data

from layerlab.formulas import ACTIVATIONS, Array, Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.formulas.network import INPUTS
from layerlab.formulas.sparse import SPARSE
from layerlab.network import Network
from layerlab.runs.network_outputs import network_outputs

from .coefficients import parameters_of

if TYPE_CHECKING:
    from layerlab.runs.run import Run


NAMES = {"logistic": "sigmoid"}
"""What layerlab calls the activations that scikit-learn calls otherwise."""


class Answers:
    """The forward half of an estimator: it has been fitted, or is about to be."""

    coefs_: list[NDArray[Any]]
    intercepts_: list[NDArray[Any]]
    n_outputs_: int
    activation: Any

    @property
    @abstractmethod
    def _how(self) -> Any: ...

    @property
    @abstractmethod
    def _preset(self) -> Any: ...

    @abstractmethod
    def _output(self) -> str: ...

    @abstractmethod
    def _decoded(self, values: Floats) -> NDArray[Any]: ...

    def _network(self, n_features: int, sizes: Sequence[int]) -> Network:
        names = self._how.activation
        hidden = self._named(names) if isinstance(names, str) else [self._named(name) for name in names]
        if not isinstance(names, str) and len(hidden) != len(sizes):
            raise ValueError(f"activation={names!r} for {len(sizes)} hidden layers: wanted one name, or one for each")
        return Network([n_features, *sizes, self.n_outputs_], hidden=hidden, output=self._output())

    def _named(self, name: Any) -> str:
        """layerlab's name of an activation."""
        known = {**dict.fromkeys(ACTIVATIONS), **NAMES}
        if not isinstance(name, str) or name not in known:
            wanted = ", ".join(repr(one) for one in known if one != "sigmoid")
            raise ValueError(f"activation={self.activation!r}: {name!r} is none; wanted of {wanted}")
        return known[name] or name

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
        return network_outputs(network, self._parameters(), X, averaged, rows)

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
        from .as_run import run_of

        check_is_fitted(self)
        return run_of(self)  # type: ignore[arg-type]
