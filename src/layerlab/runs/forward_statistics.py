"""What a trained network does on its training set, in a few numbers for each hidden unit, for the diagnosis.

The examples are taken block by block, so that the hidden values of all of them are never in memory at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import ACTIVATIONS, LayerCache, Parameters, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.formulas.weighing import weigh_losses
from layerlab.network import Network

from .network_outputs import EXAMPLES_AT_A_TIME


class UnitStatistics(NamedTuple):
    """What the n units of a hidden layer do over all examples.

    Attributes:
        activation: a name in ``ACTIVATIONS``.
        lowest, highest: (n,) the smallest and the largest Z of each unit.
        slope: (n,) mean of the activation's slope.
    """

    activation: str
    lowest: Floats
    highest: Floats
    slope: Floats


class ForwardStatistics(NamedTuple):
    """The result of a forward pass over a set of m examples.

    Attributes:
        cost: mean loss over the examples.
        Z: (n_y, m) logits.
        hidden: statistics of the units of each hidden layer, first to last.
    """

    cost: float
    Z: Floats
    hidden: tuple[UnitStatistics, ...]


def forward_statistics(
    network: Network, parameters: Parameters, part: Part, weights: Floats | None = None
) -> ForwardStatistics:
    """Run all examples through the network once and sum up what its units do.

    Args:
        network: the network, with its output named.
        parameters: ``W1 b1 … WL bL``.
        part: X (n_x, m) and Y (n_y, m).
        weights: (m,) weights of the examples in the cost; None if all count the same.
    """
    m = part.X.shape[1]
    losses, logits, layers = [], [], []
    with np.errstate(all="ignore"):  # a diverged run's parameters may overflow
        for start in range(0, m, EXAMPLES_AT_A_TIME):
            some = slice(start, start + EXAMPLES_AT_A_TIME)
            Z, caches = network_forward(part.X[:, some], parameters, network.activations, first=network.first)
            losses.append(network.loss.losses(Z, part.Y[:, some]))
            logits.append(Z)
            layers.append([_summed(cache) for cache in caches[:-1]])
        hidden = tuple(_joined(blocks, m) for blocks in zip(*layers, strict=True))
        mean_one = None if weights is None else weights / weights.mean()
        cost = float(weigh_losses(np.concatenate(losses), mean_one).mean())
    return ForwardStatistics(cost, np.concatenate(logits, axis=1), hidden)


def _summed(cache: LayerCache) -> UnitStatistics:
    """Return a block's units, with the sum of their slopes in place of the mean."""
    slope = ACTIVATIONS[cache.activation].slope(cache.Z, cache.A).sum(axis=-1)
    return UnitStatistics(cache.activation, cache.Z.min(axis=-1), cache.Z.max(axis=-1), slope)


def _joined(blocks: tuple[UnitStatistics, ...], m: int) -> UnitStatistics:
    """Join the blocks of one layer, m examples in all."""
    lowest = np.min([block.lowest for block in blocks], axis=0)
    highest = np.max([block.highest for block in blocks], axis=0)
    return UnitStatistics(blocks[0].activation, lowest, highest, np.sum([block.slope for block in blocks], axis=0) / m)


def effect_of_inputs(network: Network, parameters: Parameters, X: Floats) -> Floats:
    """Return how much each row of X affects the first layer, (n_x,): how far it spreads Z_1 over the examples.

    This is the norm of the row's column of W1, times the row's standard deviation. An embedded row has the values H of
    its waves besides: the effect is then the norm of the effects of the row and of these.

    Args:
        network, parameters: a network and its ``W1 b1 … WL bL``; of several models the norm of their effects counts.
        X: (n_x, m), the training examples; waves are computed of at most the first ``EXAMPLES_AT_A_TIME``.
    """
    norms, n_x = np.linalg.norm(parameters["W1"], axis=-2), len(X)
    effect: Floats = norms[..., :n_x] * X.std(axis=1, dtype=np.float64)
    if network.embedding is not None:
        _, cache = network.first.forward(X[:, :EXAMPLES_AT_A_TIME], parameters)
        waves = norms[..., n_x:] * cache.H.std(axis=-1, dtype=np.float64)
        rows = list(network.embedding.inputs)
        each = waves.reshape(*waves.shape[:-1], len(rows), -1)
        effect[..., rows] = np.hypot(effect[..., rows], np.linalg.norm(each, axis=-1))
    return np.asarray(np.linalg.norm(effect.reshape(-1, n_x), axis=0))


def signal_spread(network: Network, parameters: Parameters, X: Floats) -> list[float]:
    """Return how much the examples differ in each layer, the features first: the signal that reaches the layer.

    Returns:
        L + 1 numbers: of the features and of each layer's Z the root of the mean square, over units, of the standard
        deviation over (at most the first ``EXAMPLES_AT_A_TIME``) examples.
    """
    some = X[:, :EXAMPLES_AT_A_TIME]
    with np.errstate(all="ignore"):
        _, caches = network_forward(some, parameters, network.activations, first=network.first)
        layers = [some, *(cache.Z for cache in caches)]
        return [float(np.sqrt(np.mean(np.var(np.asarray(layer, np.float64), axis=-1)))) for layer in layers]
