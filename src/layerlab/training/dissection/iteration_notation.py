"""The notation of one iteration in words: what the stages forward and backward have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .iteration_layout import Formula, added, unbroken

Facts = Mapping[str, Any]
"""The result of ``Anatomy.facts``."""

SHOWN_TERMS, LARGEST = 8, 5
"""A sum of at most this many terms is shown with all of them, a longer one with this many of the largest."""

SHOWN_LAYERS = 4
"""Of a network with more layers, only the first, the last, and those around the chosen unit are shown."""


def unit_of(layer: int, unit: int) -> str:
    """Name a unit; layers and units count from 1."""
    return f"unit {unit} of layer {layer}"


def place(facts: Facts) -> str:
    """Write the chosen weight or bias as NumPy has it, with indices from 0."""
    layer, unit, source = (facts["chosen"][name] for name in ("layer", "unit", "input"))
    return unbroken(f"b{layer}[{unit - 1}, 0]" if source is None else f"W{layer}[{unit - 1}, {source - 1}]")


def layers_shown(facts: Facts) -> list[int]:
    """Return the numbers of the layers whose formulas are shown, in ascending order."""
    last, layer = len(facts["layer_dims"]) - 1, facts["chosen"]["layer"]
    if last <= SHOWN_LAYERS:
        return list(range(1, last + 1))
    return sorted({1, layer, min(layer + 1, last), last})


def with_gaps(layers: Sequence[int]) -> Iterator[int | tuple[int, int]]:
    """Yield the layers in the given order, and the first and last number of each gap between two of them."""
    for number, layer in enumerate(layers):
        if number and abs(layer - layers[number - 1]) > 1:
            first, last = sorted((layer, layers[number - 1]))
            yield first + 1, last - 1
        yield layer


def gap(first: int, last: int) -> Formula:
    """Return the line that stands for layers which are not shown."""
    layers = f"layer {first}" if first == last else f"layers {first} to {last}"
    return Formula("…", f"{layers} in the same way")


def inputs(layer: int) -> str:
    """Return the matrix that a layer takes: X, or the activations of the layer before."""
    return "X" if layer == 1 else f"A{layer - 1}"


def whole(facts: Facts) -> bool:
    """Return whether sums are divided by the number of the examples; not so in the shorter last batch of an epoch."""
    return bool(facts["m"] == facts["examples"])


def dropped(facts: Facts) -> bool:
    """Return whether dropout sets some activations to 0."""
    return bool(facts["settings"].get("dropout")) and len(facts["layer_dims"]) > 2


def largest(one: Facts) -> tuple[list[Sequence[float]], int, float]:
    """Return all terms of a short sum, in their order, or the largest of a long one; how many others, and their sum."""
    terms = list(one["terms"])
    if one["n"] <= SHOWN_TERMS:
        return terms, 0, 0.0
    ordered = sorted(terms, key=lambda row: -abs(row[-1]))
    rest = one["rest"] + added(row[-1] for row in ordered[LARGEST:])
    return ordered[:LARGEST], one["n"] - LARGEST, rest
