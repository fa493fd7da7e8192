"""A candidate: one proposed network with its settings."""

from __future__ import annotations

from collections.abc import Mapping
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
        """The settings of ``train``, without those that say what the network is."""
        own = {name.partition(" (")[0]: value for name, value in self.values.items() if name not in SHAPE}
        if own.get("batch_size") == ALL:
            own["batch_size"] = None
        return own

    def network(self, n_x: int, n_y: int, output: str | None) -> Network:
        """The network with n_x inputs and n_y outputs."""
        return Network((n_x, *self.layers, n_y), self.hidden, output)

    def __str__(self) -> str:
        layers = "-".join(map(str, self.layers)) or "no hidden layer"
        own = [f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in self._shown]
        return ", ".join([f"{layers} {self.hidden}" if self.layers else layers, *own])

    @property
    def _shown(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in self.settings.items() if value is not None and name != "iterations"]
