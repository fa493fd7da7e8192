"""The reference networks of a search: candidates like the proposed ones, with settings of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from layerlab.datasets import Dataset
from layerlab.evaluating.comparisons.recipe_training import recipe_settings
from layerlab.evaluating.comparisons.recipes import linear_recipe, suite_of
from layerlab.network import Network, output_for

from .candidate import candidate_text

NOT_DESCRIBED = ("dtype", "iterations", "epochs", "initializer")
"""Settings that the description of a reference network leaves out."""


class KnownNetwork(NamedTuple):
    """A reference network; it is trained and ranked like a trial, but the sampler does not learn from it.

    Attributes:
        number: below 0, so that no trial has the same; of n networks the first has −n, the last −1.
        name: what it is called.
        layers: sizes of its hidden layers.
        hidden: activation of its hidden layers, or one for each.
        recipe: its settings of ``train``, its own seed among them.
    """

    number: int
    name: str
    layers: tuple[int, ...]
    hidden: Any
    recipe: Mapping[str, Any]

    @property
    def values(self) -> dict[str, Any]:
        """Its settings without the seed, since a search trains all candidates with its own seeds."""
        return {name: value for name, value in self.recipe.items() if name != "seed"}

    def network(self, n_x: int, n_y: int, output: str | None) -> Network:
        """Return the network with n_x inputs and n_y outputs."""
        return Network((n_x, *self.layers, n_y), self.hidden, output)

    def record(self) -> list[Any]:
        """Return the network as search.json keeps it."""
        return [self.name, list(self.layers), self.hidden, dict(self.recipe)]

    def settings(self, m: int) -> dict[str, Any]:
        """Return the settings of ``train`` on m examples; a batch has no more examples than there are."""
        own = self.values
        return own | ({"batch_size": min(own["batch_size"], m)} if own.get("batch_size") else {})

    def __str__(self) -> str:
        shown = {name: value for name, value in self.values.items() if name not in NOT_DESCRIBED}
        return f"{self.name}: {candidate_text(self.layers, self.hidden, shown)}"


def known_networks(data: Dataset, dtype: str) -> tuple[KnownNetwork, ...]:
    """Return the networks that a dataset comes with, the simplest first; a linear model for data made by hand."""
    suite = suite_of(data)
    recipes = suite.recipes if suite else (linear_recipe(output_for(data.train.Y) != "identity"),)
    return tuple(
        KnownNetwork(
            i - len(recipes), one.name, tuple(one.layers), one.hidden, {**recipe_settings(one, {}), "dtype": dtype}
        )
        for i, one in enumerate(recipes)
    )


def known_from_json(records: Sequence[Sequence[Any]]) -> tuple[KnownNetwork, ...]:
    """Rebuild the reference networks from search.json."""
    return tuple(
        KnownNetwork(i - len(records), name, tuple(layers), hidden if isinstance(hidden, str) else tuple(hidden), own)
        for i, (name, layers, hidden, own) in enumerate(records)
    )
