"""What a constant factor of wrong gradients is in terms of the problem: m, the number of outputs, a layer's units."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from layerlab.network import Network

FITS = 1e-6
"""Largest relative difference between a factor and the number that explains it."""

CLEAR = 1e-2
"""How far a factor may be from that number, as a share of the distance of the number from 1."""

MOST_FACTS = 3
"""At most this many explanations of one factor are given."""


class Meaning(NamedTuple):
    """A factor, and what it is.

    Attributes:
        factor: as measured; where it is a known number, that number.
        facts: what is known about this number: "m is 400"; empty if nothing is.
        advice: a sentence on what to do if only one thing explains it, else "".
    """

    factor: float
    facts: tuple[str, ...]
    advice: str

    @property
    def words(self) -> str:
        """The facts as the end of a sentence, such as ": m is 400"; "" for none."""
        return f": {', and '.join(self.facts)}" if self.facts else ""


def meanings(network: Network, m: int, layer: int, factor: float) -> Meaning:
    """Return what a factor is in terms of the problem.

    Args:
        network: with its output named.
        m: number of examples.
        layer: of the parameter, from 1.
        factor: given gradient / right gradient.

    Example:
        >>> meanings(Network([2, 4, 1]), 400, 1, 400.0000000001).words
        ': m is 400'
    """
    size = abs(factor)
    known = (one for one in _known(network, m, layer) if one[0] != 1)
    fitting = [one for one in known if abs(size / one[0] - 1) <= min(FITS, CLEAR * abs(one[0] - 1))]
    if abs(size - 1) <= FITS:
        return Meaning(math.copysign(1.0, factor), (), SIGN)
    if not fitting:
        return Meaning(factor, (), "")
    facts = tuple(dict.fromkeys(fact for _, fact, _ in fitting if fact))[:MOST_FACTS]
    advice = fitting[0][2] if len(facts) < 2 else ""
    return Meaning(math.copysign(fitting[0][0], factor), facts, advice)


SIGN = "The gradient of the loss begins with prediction minus label."


def _known(network: Network, m: int, layer: int) -> Iterator[tuple[float, str, str]]:
    """Yield numbers of the problem above 0, each with the fact that explains it, and what to do."""
    if m > 1:
        yield m, f"m is {m:,}", "The mean over the examples is missing: divide by m."
        yield 1 / m, f"m is {m:,}", "It is divided by m once too often."
        yield m**2, f"m² is {m**2:,}, m is {m:,}", ""
        yield 1 / m**2, f"m² is {m**2:,}, m is {m:,}", "It is divided by m twice too often."
        yield m / (m - 1), f"m / (m − 1) is {m:,} / {m - 1:,}", "Divide by m, not by m − 1."
        yield (m - 1) / m, f"(m − 1) / m is {m - 1:,} / {m:,}", ""
    halved = "the squared error is halved here" if network.output == "identity" else ""
    yield from ((2.0, halved, ""), (0.5, halved, ""))
    for n, what in _sizes(network, layer):
        yield from ((value, f"{n:,} is the number of {what}", "") for value in (n, 1 / n))
        yield m / n, f"{m:,} / {n:,} is m / n, with the {n:,} {what}", "Divide by m, the number of examples, alone."
        yield n / m, f"{n:,} / {m:,} is n / m, with the {n:,} {what}", ""
        yield from ((value, f"{m:,} · {n:,} is m times the {n:,} {what}", "") for value in (m * n, 1 / (m * n)))
    for base in (2, 10):
        yield (
            1 / math.log(base),
            f"1 / ln {base} is the factor of logarithms of base {base}",
            "Take the natural logarithm.",
        )


def _sizes(network: Network, layer: int) -> Iterator[tuple[int, str]]:
    """Yield the numbers of outputs and units around a layer that are above 1, each with what it is the number of."""
    dims = network.layer_dims
    sizes = [(dims[-1], "outputs")]
    sizes += [(dims[layer], f"units of layer {layer}")] if layer < len(dims) - 1 else []
    sizes.append((dims[layer - 1], "inputs" if layer == 1 else f"units of layer {layer - 1}"))
    yield from ((n, what) for n, what in sizes if n > 1)


def size_words(factor: float) -> str:
    """Say how much too large or too small something is, and whether its sign is wrong, with ``{are}`` and ``{have}``.

    Example:
        >>> size_words(-400.0)
        '{have} the wrong sign and {are} 400 times too large'
    """
    size = abs(factor)
    if size == 1:
        return "{have} the wrong sign"
    times = f"{{are}} {_number(size)} times too large" if size > 1 else f"{{are}} {_number(1 / size)} times too small"
    return times if factor > 0 else f"{{have}} the wrong sign and {times}"


def _number(value: float) -> str:
    whole = round(value)
    return f"{whole:,}" if abs(value / whole - 1) <= 1e-9 else f"{value:.6g}"
