"""What runs the updates. An engine is a generator: it yields what each chunk of iterations produced.

To stop early means to stop asking. How the iterations are cut into chunks changes no number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..architecture import Network
from ..datasets import Part
from ..formulas import Parameters, cost, gradient_descent, network_backward, network_forward

CHUNK_SECONDS = 0.05
"""An interrupt loses at most about this much work, and a watcher waits about as long."""


class Chunk(NamedTuple):
    """What some iterations in a row produced.

    Attributes:
        parameters: after the chunk's last update.
        costs: (n,), each the objective that its update differentiates, before that update.
        validation: (n, 2), cost and accuracy on the validation part at the same parameters; (n, 0) without one.
        seconds: time spent on the chunk.
    """

    parameters: Parameters
    costs: NDArray[np.float64]
    validation: NDArray[np.float64]
    seconds: float


def numpy_engine(
    network: Network,
    parameters: Parameters,
    train: Part,
    *,
    learning_rate: float,
    iterations: int,
    validation: Part | None = None,
) -> Iterator[Chunk]:
    """Gradient descent by the formulas as they stand, in NumPy.

    Stops after the first cost that is not finite: nothing sensible can follow it.

    Args:
        network: with its output named.
        parameters: initial ``W1 b1 … WL bL``; not changed.
        train: X (n_x, m) and Y (n_y, m) of the parameters' type.
        learning_rate: α > 0.
        iterations: number of updates.
        validation: a part whose cost and accuracy are wanted at every iteration.
    """
    done, size, cost_now = 0, 1, 0.0
    while done < iterations and math.isfinite(cost_now):
        started = perf_counter()
        costs, validations = [], []
        with np.errstate(all="ignore"):  # an overflow shows as a cost that is not finite
            for _ in range(min(size, iterations - done)):
                cost_now, gradients = cost_and_gradients(network, parameters, train)
                costs.append(cost_now)
                validations.append(evaluate(network, parameters, validation) if validation else ())
                if not math.isfinite(cost_now):
                    break
                parameters = gradient_descent(parameters, gradients, learning_rate)
        done += len(costs)
        seconds = perf_counter() - started
        if seconds < CHUNK_SECONDS / 2:
            size *= 2
        yield Chunk(parameters, np.array(costs), np.array(validations), seconds)


def cost_and_gradients(network: Network, parameters: Parameters, part: Part) -> tuple[float, Parameters]:
    """The cost of a part and its gradients ``dW1 db1 … dWL dbL``: forward, loss, backward."""
    Z, caches = network_forward(part.X, parameters, network.activations)
    dZ = network.loss.gradient(Z, part.Y)
    return float(cost(network.loss.losses(Z, part.Y))), network_backward(dZ, caches)


def evaluate(network: Network, parameters: Parameters, part: Part) -> tuple[float, float]:
    """Cost and accuracy (nan for regression) on a part."""
    Z, _ = network_forward(part.X, parameters, network.activations)
    return float(cost(network.loss.losses(Z, part.Y))), network.accuracy(network.loss.prediction(Z), part.Y)
