"""A network's outputs for many examples: the forward pass, block by block, on all cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Array, Parameters, network_forward
from layerlab.formulas.sparse import SPARSE
from layerlab.machine import run_on_all_cores
from layerlab.network import Network

EXAMPLES_AT_A_TIME = 1024
"""Examples per block: so few that their hidden values fit into the processor's cache and take little memory."""


def network_outputs(
    network: Network, parameters: Parameters, X: Any, finish: Callable[[Array], Array], rows: int | None = None
) -> NDArray[Any]:
    """Compute the logits of all examples, and from them the values that are asked for.

    Args:
        network: the network, with its output named.
        parameters: ``W1 b1 … WL bL``; for several models each with a leading axis of models.
        X: (n_x, m) NumPy array, or SciPy's CSR (m, n_x).
        finish: turns a block's logits (…, n_y, k) into values (rows, k).
        rows: rows of the values; None for n_y.

    Returns:
        Values (rows, m), in the wider of the types of X and of the parameters.
    """
    dense = isinstance(X, np.ndarray)
    m = X.shape[1] if dense else X.shape[0]
    dtype = np.result_type(X.dtype, parameters["W1"].dtype)
    values = np.empty((rows or network.layer_dims[-1], m), dtype)

    def predict_some(start: int) -> None:
        some = slice(start, start + EXAMPLES_AT_A_TIME)
        block, first = (X[:, some], network.first) if dense else (X[some], SPARSE)
        with np.errstate(all="ignore"):  # a diverged run's parameters may overflow
            Z, _ = network_forward(block, parameters, network.activations, first=first)
            values[:, some] = finish(Z)

    run_on_all_cores(predict_some, range(0, m, EXAMPLES_AT_A_TIME))
    return values


def mean_outputs(network: Network, parameters: Parameters, X: Any) -> NDArray[Any]:
    """Compute a network's probabilities or values (n_y, m); those of several models are the mean over them.

    Args:
        network, parameters, X: as for ``network_outputs``.
    """
    prediction = network.loss.prediction
    if parameters["b1"].ndim == 2:
        return network_outputs(network, parameters, X, prediction)
    return network_outputs(network, parameters, X, lambda Z: prediction(Z).mean(axis=0))
