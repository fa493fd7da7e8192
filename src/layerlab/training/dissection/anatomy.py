"""``Anatomy``: one update of a training, taken apart: every array, and the terms of every sum."""

# ruff: noqa: A002  (an input of a unit is called input, as in what is returned)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas import OPTIMIZERS, Gradients, Parameters, l2_gradients, network_backward
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from .anatomy_facts import chain_facts, delta_facts, step_facts, sum_facts
from .anatomy_terms import (
    ChainTerm,
    DeltaTerm,
    GradientChain,
    SumTerm,
    Terms,
    UnitDelta,
    UnitSum,
    WeightAnatomy,
    WeightStep,
)
from .iteration_words import iteration_text
from .layer_anatomy import LayerAnatomy
from .optimizer_terms import step_terms
from .signal import Signal, signal_of

Entry = tuple[int, int]
"""Row and column of a weight in its matrix, or of a bias, whose column is 0."""


@dataclass(frozen=True, eq=False)
class Anatomy:
    """One update of a training, taken apart: forward pass, cost, backward pass and the optimiser's step.

    ``print`` tells the iteration on a screen. Layers, units and inputs count from 1, as on a page; examples, rows and
    columns from 0, as in NumPy. All arrays are those with which the NumPy engine makes this update, to the last bit,
    and cannot be written to.

    Attributes:
        update: how many updates were made before this one.
        network, settings: the network and all hyperparameters.
        training_examples: number of examples in the training set.
        examples: (m,) numbers of the examples that this update uses, in the order of the columns below.
        X, Y: (n_x, m) and (n_y, m), the inputs (sparse where they were given so) and what the network learns.
        weights: (m,) factors of the losses, of mean 1 over a whole batch; None if all are 1.
        m: what sums over the examples are divided by: their number. Only the shorter last batch of an epoch is
            divided by batch_size, because the weights of its examples are larger by as much.
        weight_sum: the m of the L2 penalty: the number of the examples, or the sum of their own weights.
        layers: one ``LayerAnatomy`` for each layer, first layer first.
        losses: (m,), each example's loss, times its weight.
        predictions: (n_y, m), the network's outputs.
        mean_loss, penalty, cost: cost = mean_loss + penalty. It is entry ``update`` of ``history.costs``.
        gradients: ``dW1 db1 … dWL dbL``, complete: what the optimiser gets.
        clipped_by: the factor by which all gradients were clipped; 1.0 if they were not.
        learning_rate: after the schedule; None for L-BFGS.
        parameters, memory: ``W1 b1 … WL bL`` and the optimiser's state before the update.
        new_parameters, new_memory: the same after it.
        steps: new_parameters − parameters, by name.
        new_cost: the cost of the same examples after the update. This and the three before are None where there is no
            step to take apart: of L-BFGS, whose line search has no inside, or where the cost is not finite.
        notes: sentences about what is special in this update.
        rates: the hyperparameters that the formulas use, in the type of the training.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=300)
        >>> anatomy = layerlab.dissect(run, flower)
        >>> anatomy.update, anatomy.layers[0]
        (300, <layer 1: 2 inputs, 4 units, tanh, 400 examples>)
        >>> print(anatomy.sum_of(layer=2, unit=1, example=0))
        z = -1.817: 4 products w·a and the bias 0.01018; sigmoid: a = 0.1397
    """

    update: int
    network: Network
    settings: Mapping[str, Any]
    training_examples: int
    examples: NDArray[np.intp]
    X: Any
    Y: Floats
    weights: Floats | None
    m: int
    weight_sum: float
    layers: tuple[LayerAnatomy, ...]
    losses: Floats
    predictions: Floats
    mean_loss: float
    penalty: float
    cost: float
    gradients: Gradients
    clipped_by: float
    learning_rate: float | None
    parameters: Parameters
    memory: Any
    new_parameters: Parameters | None
    new_memory: Any
    steps: Parameters | None
    new_cost: float | None
    notes: tuple[str, ...] = ()
    rates: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        dims = "-".join(map(str, self.network.layer_dims))
        return f"<Anatomy of update {self.update} of {dims}: {len(self.examples):,} examples, cost {self.cost:.4g}>"

    def __str__(self) -> str:
        return self.text()

    def sum_of(self, layer: int, unit: int, *, example: int | None = None) -> UnitSum:
        """Return one unit's z for one example, with the terms of its sum.

            z = Σ w a_prev + b        a = g(z)

        Args:
            layer, unit: which unit, each from 1.
            example: number of a training example that this update uses; None for the first of them.

        Returns:
            The sum; its ``terms`` are rows (input, w, a, w·a), one for each input of the unit.

        Raises:
            InputError: there is no such layer, unit or example in this update.
        """
        at, row, column = self._layer(layer), self._unit(layer, unit), self._column(example)
        weights = at.W[row]
        return UnitSum(
            at.layer,
            row + 1,
            int(self.examples[column]),
            Terms(SumTerm, np.arange(1, len(weights) + 1), weights, at.inputs(column)),
            float(at.b[row, 0]),
            float(at.Z[row, column]),
            float(at.A[row, column]),
            at.activation,
            None if at.kept is None else float(at.kept[row, column]),
        )

    def delta_of(self, layer: int, unit: int, *, example: int | None = None) -> UnitDelta:
        """Return the gradient of one example's loss with respect to one unit's z, with the terms of its sum.

            da = Σ over the units k of the next layer of w_k dz_k        dz = da · kept · g′(z)

        Args:
            layer, unit, example: as for ``sum_of``.

        Returns:
            The gradient; its ``terms`` are rows (k, w, dz, w·dz). In the output layer the loss gives dz, without terms.

        Raises:
            InputError: as ``sum_of``.
        """
        at, row, column = self._layer(layer), self._unit(layer, unit), self._column(example)
        nothing = np.empty(0, at.Z.dtype)
        weights, behind = nothing, nothing
        if at.layer < len(self.layers):
            above = self.layers[at.layer]
            weights, behind = above.W[:, row], above.dZ[:, column]
        da, slope, kept = (
            None if values is None else float(values[row, column]) for values in (at.dA, at.slope, at.kept)
        )
        terms = Terms(DeltaTerm, np.arange(1, len(weights) + 1), weights, behind)
        dz = float(at.dZ[row, column])
        return UnitDelta(at.layer, row + 1, int(self.examples[column]), terms, da, slope, kept, dz)

    def chain_of(self, layer: int, unit: int, input: int | None = None) -> GradientChain:
        """Return the gradient of one weight or bias, with the terms of its sum over the examples.

            mean = Σ dz a_prev / m        gradient = (mean + λ w / m') · clipped_by

        Args:
            layer, unit: which unit, each from 1.
            input: which of its inputs, from 1; None for the bias, for which a_prev is 1.

        Returns:
            The gradient; its ``terms`` are rows (example, dz, a, dz·a), one for each example of the update.

        Raises:
            InputError: there is no such layer, unit or input.
        """
        at, row, column = self._layer(layer), self._unit(layer, unit), self._input(layer, input)
        name, entry = self._entry(layer, row, column)
        behind = at.dZ[row]
        values = np.ones_like(behind) if column is None else at.input_row(column)
        mean = (at.db if column is None else at.dW)[entry]
        return GradientChain(
            at.layer,
            row + 1,
            None if column is None else column + 1,
            Terms(ChainTerm, self.examples, behind, values),
            self.m,
            float(mean),
            self._penalty(name, entry),
            self.clipped_by,
            float(self.gradients[f"d{name}"][entry]),
        )

    def step_of(self, layer: int, unit: int, input: int | None = None) -> WeightStep:
        """Return the optimiser's step of one weight or bias; ``formulas.optimizers`` has its formula.

        Args:
            layer, unit, input: as for ``chain_of``.

        Returns:
            The step; its ``terms`` are rows (name, value): the optimiser's settings and its memory of this weight.

        Raises:
            InputError: there is no such layer, unit or input; or this update makes no step that can be taken apart.
        """
        row, column = self._unit(layer, unit), self._input(layer, input)
        name, entry = self._entry(layer, row, column)
        if self.new_parameters is None or self.steps is None or self.learning_rate is None:
            raise InputError(f"update {self.update} has no step to take apart: {' '.join(self.notes)}")
        own = {rate: self.rates[rate] for rate in OPTIMIZERS[self.settings["optimizer"]].defaults}
        return WeightStep(
            int(layer),
            row + 1,
            None if column is None else column + 1,
            float(self.parameters[name][entry]),
            float(self.gradients[f"d{name}"][entry]),
            self.learning_rate,
            step_terms(name, entry, own, self.memory, self.new_memory),
            float(self.steps[name][entry]),
            float(self.new_parameters[name][entry]),
        )

    def weight(self, layer: int, unit: int, input: int | None = None, *, example: int | None = None) -> WeightAnatomy:
        """Return all that this update does with one weight or bias: its unit's sum, its gradient and its step.

        Args:
            layer, unit, input: as for ``chain_of``.
            example: for which example the unit's sum is shown, as for ``sum_of``.

        Raises:
            InputError: as ``sum_of`` and ``chain_of``.
        """
        chain = self.chain_of(layer=layer, unit=unit, input=input)
        step = None if self.new_parameters is None else self.step_of(layer=layer, unit=unit, input=input)
        return WeightAnatomy(self.sum_of(layer=layer, unit=unit, example=example), chain, step)

    def of_example(self, example: int | None = None) -> Gradients:
        """Return the gradients of one example's own loss, times its weight.

        The sum over the update's examples, divided by ``m``, is dW and db of ``layers``, up to rounding.

        Args:
            example: as for ``sum_of``.

        Returns:
            ``dW1 db1 … dWL dbL``.

        Raises:
            InputError: this update does not use that example.
        """
        column = self._column(example)
        caches, first, some = (
            [layer.cache(column) for layer in self.layers],
            self.network.first,
            slice(column, column + 1),
        )
        with np.errstate(all="ignore"):
            if self.network.embedding is not None:
                caches[0] = caches[0]._replace(linear=first.forward(self.X[:, some], self.parameters)[1])
            found = network_backward(self.layers[-1].dZ[:, some], caches, first)
        return {name: found[name] for name in self.gradients}

    def signal(self) -> Signal:
        """Return how large activations, gradients and steps are, layer by layer: ``print`` shows a table."""
        return signal_of(self.layers, self.steps, self.X)

    def facts(
        self, *, layer: int = 1, unit: int = 1, input: int | None = 1, example: int | None = None
    ) -> dict[str, Any]:
        """Return one iteration in plain numbers, lists and texts, as JSON needs them.

        Args:
            layer, unit, input, example: which unit, weight and example the sums are about, as for ``weight``. Sums of
                more than a thousand terms have the largest ones, and the sum of the others.

        Raises:
            InputError: as ``sum_of`` and ``chain_of``.
        """
        one, column = self.weight(layer, unit, input, example=example), self._column(example)
        number, values = int(self.examples[column]), self.losses[column]
        return {
            "update": self.update,
            "iterations": self.settings.get("iterations"),
            "layer_dims": list(self.network.layer_dims),
            "activations": list(self.network.activations),
            "output": self.network.output,
            "optimizer": self.settings["optimizer"],
            "settings": dict(self.settings),
            "examples": len(self.examples),
            "m": self.m,
            "weight_sum": self.weight_sum,
            "training_examples": self.training_examples,
            "chosen": {
                "layer": int(layer),
                "unit": int(unit),
                "input": None if input is None else int(input),
                "example": number,
                "number": number,
                "column": column,
            },
            "sum": sum_facts(one.sum, None if input is None else int(input)),
            "loss": {
                "y": self.Y[:, column].tolist(),
                "prediction": self.predictions[:, column].tolist(),
                "loss": float(values),
                "weight": None if self.weights is None else float(self.weights[column]),
                "mean": self.mean_loss,
                "penalty": self.penalty,
                "cost": self.cost,
            },
            "delta": delta_facts(self.delta_of(layer=layer, unit=unit, example=example)),
            "chain": chain_facts(one.chain, column),
            "step": None if one.step is None else step_facts(one.step),
            "new_cost": self.new_cost,
            "notes": list(self.notes),
        }

    def text(self, *, layer: int = 1, unit: int = 1, input: int | None = 1, example: int | None = None) -> str:
        """Return one iteration in words and numbers, as ``print`` shows it.

        Args:
            layer, unit, input, example: as for ``facts``.

        Raises:
            InputError: as ``facts``.
        """
        return iteration_text(self.facts(layer=layer, unit=unit, input=input, example=example))

    def _layer(self, layer: int) -> LayerAnatomy:
        count = len(self.layers)
        return self.layers[_place("layer", layer, count, "a layer of the network") - 1]

    def _unit(self, layer: int, unit: int) -> int:
        at = self._layer(layer)
        return _place("unit", unit, len(at.b), f"a unit of layer {at.layer}") - 1

    def _input(self, layer: int, number: int | None) -> int | None:
        at = self._layer(layer)
        if number is None:
            return None
        return _place("input", number, at.W.shape[1], f"an input of layer {at.layer}, or None for the bias") - 1

    def _column(self, example: int | None) -> int:
        """Return the column of a training example in this update's arrays."""
        if example is None:
            return 0
        number = _place("example", example, self.training_examples - 1, "a training example", first=0)
        found = np.flatnonzero(self.examples == number)
        if not found.size:
            some = ", ".join(map(str, self.examples[:3].tolist()))
            more = ", …" if len(self.examples) > 3 else ""
            raise InputError(
                f"example={number}: wanted one of the {len(self.examples):,} training examples that update "
                f"{self.update} uses, which are {some}{more}; `examples` has all their numbers"
            )
        return int(found[0])

    def _entry(self, layer: int, row: int, column: int | None) -> tuple[str, Entry]:
        """Return the name of a weight's matrix or of a bias, and where in it the number is."""
        return (f"b{layer}", (row, 0)) if column is None else (f"W{layer}", (row, column))

    def _penalty(self, name: str, entry: Entry) -> float:
        """Return what the L2 penalty adds to one entry's gradient."""
        if "l2" not in self.rates or not self.rates["l2"]:
            return 0.0
        value = np.full((1, 1), self.parameters[name][entry])
        added = l2_gradients({name: value}, {f"d{name}": np.zeros_like(value)}, self.rates["l2"], self.weight_sum)
        return float(added[f"d{name}"].item())


def _place(what: str, value: Any, last: int, meaning: str, first: int = 1) -> int:
    """Check a number that counts something, and return it."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not first <= value <= last:
        if first == last:
            raise InputError(f"{what}={value!r}: wanted {first}, because there is only one: {meaning}")
        raise InputError(f"{what}={value!r}: wanted a whole number from {first} to {last:,}, {meaning}")
    return int(value)
