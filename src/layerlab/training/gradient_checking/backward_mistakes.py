"""Mistakes that people make in the backward pass, each with the gradients that it gives.

A slope is left out or is that of another activation, a gradient travels back through W in place of Wᵀ, or the pass
begins with something else than dZ of the output layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from layerlab.datasets import Part
from layerlab.formulas import ACTIVATIONS, Gradients, Parameters, network_backward, network_forward
from layerlab.formulas.arrays import Floats
from layerlab.formulas.layers import LayerCache, LinearCache, bias_gradient, linear_gradients
from layerlab.formulas.network import INPUTS, LayerGradients, backward_steps
from layerlab.network import Network

DB1_ALONE = INPUTS._replace(gradients=lambda dZ, _: {"db1": bias_gradient(dZ)})
"""A first layer without dW1, which takes longest where there are many inputs: ``Mistake.dW1`` makes it."""


class Mistake(NamedTuple):
    """A mistake of the backward pass.

    Attributes:
        words: what it is, to stand after "what comes out".
        top: the last layer whose gradients it changes; it changes those of all layers before, too.
        steps: the backward pass with it, from the output layer down, each computed when it is asked for. Only ``dW1``
            is left out.
        inputs: what ``dW1`` needs of the first layer.
    """

    words: str
    top: int
    steps: Iterator[LayerGradients]
    inputs: LinearCache

    def dW1(self, dZ: Floats) -> Floats:
        """Return dW1 (n_1, n_x) of dZ1 (n_1, m)."""
        dW1: Floats = linear_gradients(dZ, self.inputs)[0]
        return dW1


def backward_mistakes(network: Network, part: Part, at: Parameters) -> Iterator[Mistake]:
    """Yield mistakes that people make.

    Args:
        network: with its output named.
        part: X (n_x, m) and Y (n_y, m).
        at: ``W1 b1 … WL bL``.

    Example:
        >>> from layerlab import Network
        >>> part = Part(np.ones((2, 3)), np.ones((1, 3)))
        >>> at = {"W1": np.ones((1, 2)), "b1": np.ones((1, 1)), "W2": np.ones((1, 1)), "b2": np.ones((1, 1))}
        >>> next(backward_mistakes(Network([2, 1, 1], hidden="tanh", output="identity"), part, at)).words
        'without the slope g′(Z) in layer 1'
    """
    Z, caches = network_forward(part.X, at, network.activations, first=network.first)
    dZ, linear = network.loss.gradient(Z, part.Y), caches[0].linear
    inputs = LinearCache(linear.A_prev, linear.W, at["b1"])  # of an embedding, X and its waves together
    for words, top, changed in (*_slopes(caches), *_matrices(caches)):
        with_it = [changed.get(layer, cache) for layer, cache in enumerate(caches, start=1)]
        yield Mistake(words, top, backward_steps(dZ, with_it, DB1_ALONE), inputs)
    for words, other in _beginnings(network, Z, part.Y, dZ):
        yield Mistake(words, len(caches), backward_steps(other, caches, DB1_ALONE), inputs)


def gradients_with(activation: str, network: Network, part: Part, at: Parameters) -> Gradients:
    """Return the right gradients of the same network with another activation in all hidden layers.

    Args:
        activation: a name in ``ACTIVATIONS``.
        network, part, at: as for ``backward_mistakes``.
    """
    Z, caches = network_forward(part.X, at, [activation] * len(network.activations), first=network.first)
    return network_backward(network.loss.gradient(Z, part.Y), caches, network.first)


def _slopes(caches: list[LayerCache]) -> Iterator[tuple[str, int, Mapping[int, LayerCache]]]:
    """Yield the caches of layers with the slope of another activation, or with the slope 1."""
    hidden = range(1, len(caches))
    for layers in (*([layer] for layer in hidden), *([list(hidden)] if len(hidden) > 1 else [])):
        where = f"in layer {layers[0]}" if len(layers) == 1 else "in all hidden layers"
        for name in ("identity", *ACTIVATIONS):
            slope = "without the slope g′(Z)" if name == "identity" else f"with the slope of the {name}"
            for of_A in (True, False):
                changed = {layer: _with_slope(caches[layer - 1], name, of_A) for layer in layers}
                yield f"{slope} {where}", layers[-1], changed


def _with_slope(cache: LayerCache, name: str, of_A: bool) -> LayerCache:
    """Return a layer's cache with another activation for its slope, taken from the layer's A or from its Z."""
    A = cache.A if of_A else ACTIVATIONS[name].function(cache.Z)
    return cache._replace(activation=name, A=A)


def _matrices(caches: list[LayerCache]) -> Iterator[tuple[str, int, Mapping[int, LayerCache]]]:
    """Yield the caches of layers with square weights that are transposed, which no shape gives away."""
    for layer in range(2, len(caches) + 1):
        cache = caches[layer - 1]
        W = cache.linear.W
        if W.shape[0] == W.shape[1] > 1:
            words = f"with W{layer} dZ{layer} in place of W{layer}ᵀ dZ{layer}"
            yield words, layer - 1, {layer: cache._replace(linear=cache.linear._replace(W=W.T))}


def _beginnings(network: Network, Z: Floats, Y: Floats, dZ: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield what else people take for dZ of the output layer, where the right one is prediction minus label."""
    if network.output not in ("sigmoid", "softmax"):
        return
    A = np.asarray(network.loss.prediction(Z))
    slope = A * (1 - A)
    yield (
        "if the output's dZ is a − y times the slope a (1 − a), which the gradient of this loss does not have",
        dZ * slope,
    )
    yield "with z in place of the output a = g(z)", Z - Y
    if network.output == "sigmoid":
        yield "if dA is taken for dZ at the output, without the slope a (1 − a)", dZ / slope
        wrong_inside = -(Y * (1 - A) + (1 - Y) * A)
        yield "with dA = −(y / a + (1 − y) / (1 − a)) at the output, where − stands between the two terms", wrong_inside
