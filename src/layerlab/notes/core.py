"""What all chapters share: turning arguments into float arrays, and training by layerlab's own trainer."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.settings_rules import with_defaults
from layerlab.text import tell
from layerlab.training.fit import chunks_of, coordinates_of, full_parameters
from layerlab.training.job import Job, Member
from layerlab.training.planner import make_plan


def floats(x: Any, dtype: Any = np.float64) -> Floats:
    """Turn numbers, lists and integer arrays into an array of ``dtype``; a float array keeps its own type."""
    array = np.asarray(x)
    return array if array.dtype.kind in "fc" else array.astype(dtype)


def all_floats(arrays: Mapping[str, Any]) -> Parameters:
    """Turn every array of a dictionary into floats, as ``floats`` does."""
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
    print_in_full: bool = False,
) -> tuple[Parameters, list[Floats]]:
    """Train a network by gradient descent with layerlab's trainer, and print costs as the course notes do.

    Args:
        network: a network whose output is named.
        parameters: initial values; they are not changed.
        X, Y: (n_x, m) and (n_y, m); the training computes in the float type of X.
        learning_rate, num_iterations: α, and the number of updates.
        print_every: print the cost every so many iterations; 0 prints nothing.
        print_in_full: print all digits, and the last iteration's cost too, as chapter 5 does; else six decimals.

    Returns:
        The trained parameters, and the cost at iterations 0, 100, 200, …, each as ``np.squeeze`` leaves it: an array
        without axes.
    """
    dtype = str(X.dtype)
    rates = {"learning_rate": learning_rate, "iterations": num_iterations, "engine": "numpy", "dtype": dtype}
    given = {name: value.astype(X.dtype, copy=False) for name, value in parameters.items()}
    settings = with_defaults(rates)
    job = Job((Member(network, settings),), Part(X, Y.astype(X.dtype, copy=False)), given=(given,))
    plan = make_plan(job)
    costs: list[float] = []
    for chunk in chunks_of(job, plan):
        for iteration, cost in enumerate(chunk.costs.tolist(), start=len(costs)):
            costs.append(cost)
            last = print_in_full and iteration == num_iterations - 1
            if print_every and (iteration % print_every == 0 or last):
                tell(f"Cost after iteration {iteration}: {cost if print_in_full else f'{cost:.6f}'}", sys.stdout)
        last_chunk = chunk
    trained = given if not costs else full_parameters(job, 0, coordinates_of(job, last_chunk, 0))
    return trained, [np.array(cost, dtype) for cost in costs[::100]]
