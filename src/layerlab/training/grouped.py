"""The engine of a population in groups: each group fits the processor's cache, and several are computed side by side.

XLA computes the products of stacked small matrices one after the other, and its threads gain next to nothing in them.
So every group has a program on one thread, and as many groups as there are cores are computed at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import jax
import numpy as np
from numpy.typing import NDArray

from layerlab.formulas import Array, Gradients, Parameters

from .batches import Batch, repeated_to
from .engines import Advance
from .groups import side_by_side
from .members import GroupedState, data_of, put_together, state_of
from .updates import EngineData, Program, State
from .xla import XlaEngine

V = TypeVar("V")


class GroupedEngine:
    """The compiled engine for a population in groups: see ``Engine``.

    Args:
        program, data, state, longest: as for ``XlaEngine``, of the whole population.
        size: number of models of a group.
    """

    def __init__(self, program: Program, data: EngineData, state: State, longest: int, size: int) -> None:
        self.models, self.longest = len(state.alive), longest
        places = np.arange(-(-self.models // size) * size).reshape(-1, size)
        self.places = np.minimum(places, self.models - 1)
        shared = on_device(data)
        self.engines = [
            XlaEngine(program, data_of(shared, some, self.models), state_of(state, some), longest, threads=False)
            for some in self.places
        ]

    def advance(self, state: State, batches: Batch | None, n: int) -> Advance:
        """Make n updates: see ``Engine``."""
        with jax.enable_x64(True):
            filled = None if batches is None else Batch(*map(jax.device_put, repeated_to(batches, self.longest)))
        each = list(zip(self.engines, self._groups(state), strict=True))
        made = side_by_side(lambda one: one[0].advance(one[1], filled, n), each)
        joined_state = cast("State", GroupedState([one.state for one in made], self.models))
        return Advance(
            joined_state, self._rows([one.costs for one in made]), self._rows([one.validation for one in made])
        )

    def objective(self, parameters: Parameters) -> tuple[Array, Gradients]:
        """Return the objective on all examples and its gradients: see ``Engine``."""
        groups = self._computed(lambda engine, own: engine.objective(own), parameters)
        values: tuple[Array, Gradients] = put_together(groups, self.models)
        return values

    def change(self, rate: str, value: float) -> None:
        """Set a hyperparameter to another value: see ``Engine``."""
        for engine in self.engines:
            engine.change(rate, value)

    def exchange(self, X: NDArray[Any], Y: NDArray[Any]) -> None:
        """Take other examples: see ``Engine``."""
        with jax.enable_x64(True):
            on_device = jax.device_put(X), jax.device_put(Y)
        for engine in self.engines:
            engine.exchange(*on_device)

    def predictions(self, parameters: Parameters) -> list[NDArray[Any]]:
        """Return predictions for training and validation examples: see ``Engine``."""
        groups = self._computed(lambda engine, own: engine.predictions(own), parameters)
        return [np.concatenate(values)[: self.models] for values in zip(*groups, strict=True)]

    def losses_and_predictions(self, parameters: Parameters) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the loss and prediction of every training example: see ``Engine``."""
        groups = self._computed(lambda engine, own: engine.losses_and_predictions(own), parameters)
        losses, predicted = (np.concatenate(values)[: self.models] for values in zip(*groups, strict=True))
        return losses, predicted

    def _groups(self, state: State) -> Sequence[State]:
        """The groups' states: those of the last call, or taken out of any other state of the population."""
        if isinstance(state, GroupedState):
            return state.groups
        return [state_of(state, places) for places in self.places]

    def _rows(self, groups: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Put rows (n, …, size) side by side; a group that ended earlier has nan in the rows that it lacks."""
        n = max(len(rows) for rows in groups)
        if groups[0].shape[-1] == 0:  # no validation set
            return np.empty((n, 0))
        filled = [
            np.concatenate([rows, np.full((n - len(rows), *rows.shape[1:]), np.nan, rows.dtype)]) for rows in groups
        ]
        return np.concatenate(filled, axis=-1)[..., : self.models]

    def _computed(self, call: Callable[[XlaEngine, Parameters], V], parameters: Parameters) -> list[V]:
        """Call a function for each engine and its models' parameters; the first call may compile the program of all."""
        own = [{name: np.asarray(value)[places] for name, value in parameters.items()} for places in self.places]
        first, *others = zip(self.engines, own, strict=True)
        return [call(*first), *side_by_side(lambda one: call(*one), others)]


def on_device(data: EngineData) -> EngineData:
    """Put the examples, which all groups share, on the device once; a span's own tables are divided first."""
    with jax.enable_x64(True):
        shared = data._replace(X=_on_device(data.X), Y=jax.device_put(data.Y))
        if data.validation is not None:
            X, Y = data.validation
            shared = shared._replace(validation=(_on_device(X), jax.device_put(Y)))
    return shared


def _on_device(X: Any) -> Any:
    return X._replace(gram=jax.device_put(X.gram)) if hasattr(X, "gram") else jax.device_put(X)
