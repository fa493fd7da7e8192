"""What all chapters share: numbers at the door, and the way into the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..architecture import Network
from ..datasets import Part
from ..formulas import Parameters
from ..training.engines import numpy_engine

Floats = NDArray[Any]


def floats(x: Any) -> Floats:
    """Numbers, lists and integer arrays as float64; float arrays keep their type."""
    array = np.asarray(x)
    return array if array.dtype.kind in "fc" else array.astype(np.float64)


def all_floats(arrays: Mapping[str, Any]) -> Parameters:
    """``floats`` of every value."""
    return {name: floats(value) for name, value in arrays.items()}


def descend(
    network: Network,
    parameters: Parameters,
    X: Floats,
    Y: Floats,
    *,
    learning_rate: float,
    num_iterations: int,
    print_every: int = 0,
) -> tuple[Parameters, list[float]]:
    """Train by the core, as the notes' loops do, and print the cost now and then.

    Args:
        network: with its output named.
        parameters: initial values; not changed.
        X, Y: (n_x, m) and (n_y, m).
        learning_rate, num_iterations: as in the notes.
        print_every: print the cost of every so many iterations and of the last; 0 prints nothing.

    Returns:
        The trained parameters, and the cost at iterations 0, 100, 200, …
    """
    costs: list[float] = []
    stream = numpy_engine(network, parameters, Part(X, Y), learning_rate=learning_rate, iterations=num_iterations)
    for chunk in stream:
        parameters = chunk.parameters
        for iteration, cost in enumerate(chunk.costs.tolist(), start=len(costs)):
            costs.append(cost)
            if print_every and (iteration % print_every == 0 or iteration == num_iterations - 1):
                print(f"Cost after iteration {iteration}: {cost:.6f}")
    return parameters, costs[::100]
