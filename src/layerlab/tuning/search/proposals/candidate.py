"""A candidate: one proposed network with its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from layerlab.network import Network

from .space import ALL, SHAPE


class Candidate(NamedTuple):
    """One trial of a search.

    Attributes:
        number: its place among all trials, from 0.
        values: the proposed values, by dimension of the search space.
    """

    number: int
    values: Mapping[str, Any]

    @property
    def layers(self) -> tuple[int, ...]:
        """Sizes of the hidden layers."""
        values = self.values
        if "layers" in values:
            return () if values["layers"] == "none" else tuple(int(size) for size in values["layers"].split(","))
        width, taper = values.get("width", 0), values.get("taper", 1.0)
        return tuple(max(1, round(width * taper**layer)) for layer in range(values["depth"]))

    @property
    def hidden(self) -> str:
        """Activation of the hidden layers."""
        return str(self.values.get("hidden", "relu"))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of ``train``, without those that describe the network."""
        own = {name.partition(" (")[0]: value for name, value in self.values.items() if name not in SHAPE}
        if own.get("batch_size") == ALL:
            own["batch_size"] = None
        return own

    def network(self, n_x: int, n_y: int, output: str | None) -> Network:
        """Return the network with n_x inputs and n_y outputs."""
        return Network((n_x, *self.layers, n_y), self.hidden, output)

    def __str__(self) -> str:
        return candidate_text(self.layers, self.hidden, self.settings)


def candidate_text(layers: Sequence[int], hidden: str | Sequence[str], settings: Mapping[str, Any]) -> str:
    """Describe a network and its settings in a line.

    Example:
        >>> candidate_text((4,), "tanh", {"learning_rate": 0.1, "iterations": 60, "batch_size": None})
        'hidden layer 4 (tanh), learning_rate 0.1'
    """
    units = "-".join(map(str, layers))
    activations = hidden if isinstance(hidden, str) else hidden[0] if len(set(hidden)) == 1 else "-".join(hidden)
    shown = [(name, value) for name, value in settings.items() if value is not None and name != "iterations"]
    own = [f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in shown]
    network = f"hidden layer{'s' * (len(layers) > 1)} {units} ({activations})" if units else "no hidden layer"
    return ", ".join([network, *own])
