"""How much work an update is, computed from sizes alone: products, element-wise passes, array operations, bytes.

The planner multiplies these numbers by a machine's speeds (``speed``). They need not be exact: they have to rank two
ways of computing the same thing, and to say whether it takes a second or an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from .updates import Program

ELEMENT_PASSES = {
    "identity": 3.0,
    "relu": 5.0,
    "leaky_relu": 8.0,
    "tanh": 12.0,
    "sigmoid": 20.0,
    "selu": 24.0,
    "mish": 45.0,
}
"""How often a hidden value is read or written, forward and backward; a tanh or an exponential counts several times."""

OUTPUT_PASSES = {
    "identity": 8.0,
    "absolute": 10.0,
    "huber": 14.0,
    "poisson": 50.0,
    "sigmoid": 60.0,
    "softmax": 40.0,
}
"""How often a logit is read or written for loss, gradient and cost; exponentials and logarithms count several times."""

PARAMETER_PASSES = {
    "gd": 3.0,
    "momentum": 7.0,
    "nesterov": 11.0,
    "rmsprop": 14.0,
    "adam": 22.0,
    "adam_hat": 20.0,
    "lbfgs": 80.0,
    "adamw": 26.0,
}
"""How often a parameter, its gradient or the optimiser's memory of it is read or written in a step."""

PARAMETER_OPERATIONS = {
    "gd": 2.0,
    "momentum": 4.0,
    "nesterov": 7.0,
    "rmsprop": 8.0,
    "adam": 14.0,
    "adam_hat": 12.0,
    "lbfgs": 40.0,
    "adamw": 17.0,
}
"""Number of array operations of a step for each array of parameters."""

WAVE_PASSES = 60.0
"""How often a cosine of an embedding, its angle and its gradient are read or written; a cosine and a sine count
several times."""

WAVE_OPERATIONS = 39
"""Number of array operations of an embedding, forward and backward."""

MEMORIES = {"gd": 0, "momentum": 1, "nesterov": 1, "rmsprop": 1, "adam": 2, "adam_hat": 2, "adamw": 2, "lbfgs": 24}
"""Number of arrays of the parameters' size that the optimiser keeps from step to step."""

UNLISTED = 12.0
"""The count for an activation, output or optimiser that is not in the tables above."""


class Sizes(NamedTuple):
    """The sizes of a program: all that its work and its compilation depend on.

    Attributes:
        program: what an update computes.
        layer_dims: sizes of the layers of the widest member.
        m: number of training examples.
        held_out: number of validation examples, or 0.
        models: K, or 0 for a single model without an axis of models.
        dtype: "float64" or "float32".
    """

    program: Program
    layer_dims: tuple[int, ...]
    m: int
    held_out: int
    models: int
    dtype: str

    @property
    def n_models(self) -> int:
        """Number of models that are computed: 1 for a single model."""
        return max(1, self.models)

    @property
    def in_play(self) -> int:
        """Number of examples per update."""
        return self.program.batch_size or self.m

    @property
    def itemsize(self) -> int:
        """Bytes of a number of the type in which the program computes."""
        return 8 if self.dtype == "float64" else 4

    @property
    def n_parameters(self) -> int:
        """Number of parameters of all models together; in the span C1 (n_1, m) stands for W1."""
        dims = (self.m, *self.layer_dims[1:]) if self.program.span else self.layer_dims
        return self.n_models * (sum(n * (n_prev + 1) for n_prev, n in pairwise(dims)) + self._embedding_parameters)

    @property
    def _embedding_parameters(self) -> int:
        """Number of a model's parameters that an embedding adds: its own, and the columns of W1 for its outputs."""
        embedding = self.program.embedding
        if embedding is None:
            return 0
        own = sum(rows * columns for rows, columns in embedding.shapes.values())
        return own + self.layer_dims[1] * embedding.width

    @property
    def waves(self) -> int:
        """Number of cosines that an embedding computes for an example; 0 without one."""
        embedding = self.program.embedding
        return 0 if embedding is None else len(embedding.inputs) * embedding.frequencies

    @property
    def values_per_example(self) -> int:
        """Number of values that a model keeps for an example from the forward to the backward pass."""
        return sum(self.layer_dims[1:]) + self.waves

    @property
    def products(self) -> float:
        """Floating-point operations of the matrix products of one update and its validation."""
        return self.n_models * sum(self._products())

    def _products(self) -> Iterator[float]:
        """Floating-point operations of each product of one model: a multiplication and an addition count as two."""
        n_0, n_1, *_ = self.layer_dims
        m, b = self.m, self.in_play
        if self.program.span:
            yield 2.0 * n_1 * m * (b + self.held_out)  # C G
            if self.program.batch_size:
                yield 2.0 * n_1 * m * b  # dZ, put into its place in C
                norms = self.program.penalized + self.program.clipped
                yield 2.0 * n_1 * m * m * norms  # all of C G, for the norms of W1 and of its gradient
        else:
            yield 2.0 * n_0 * n_1 * (2 * b + self.held_out)  # Z1 and dW1
        if self.program.embedding is not None:
            mixed = self.program.embedding.frequencies + n_1  # V P, and the columns of W1 for it
            yield 2.0 * self.program.embedding.width * mixed * (3 * b + self.held_out)
        for n_prev, n in pairwise(self.layer_dims[1:]):
            yield 2.0 * n_prev * n * (3 * b + self.held_out)  # Z, dW and dA_prev

    @property
    def passes(self) -> float:
        """How many numbers one update and its validation read or write element by element."""
        hidden = sum(
            n * ELEMENT_PASSES.get(name, UNLISTED)
            for n, name in zip(self.layer_dims[1:-1], self.program.hidden, strict=True)
        )
        output, columns = self.layer_dims[-1], self.in_play + 0.5 * self.held_out
        values = columns * (hidden + output * OUTPUT_PASSES.get(self.program.output, UNLISTED))
        values += columns * self.waves * WAVE_PASSES
        gathered = (
            self.in_play * (self.m if self.program.span else self.layer_dims[0]) if self.program.batch_size else 0
        )
        return (
            self.n_models * values
            + gathered
            + self.n_parameters * PARAMETER_PASSES.get(self.program.optimizer, UNLISTED)
        )

    @property
    def operations(self) -> float:
        """Number of array operations of one update and its validation; each takes time however small the arrays are."""
        layers = len(self.layer_dims) - 1
        forward, loss, backward = 4 * layers, 20, 8 * layers
        optimizer = 2 * layers * PARAMETER_OPERATIONS.get(self.program.optimizer, UNLISTED)
        extra = (6 * layers if self.program.penalized else 0) + (10 if self.program.batch_size else 0)
        if self.waves:  # with four arrays of parameters of their own
            optimizer *= 1 + 2 / layers
            forward, backward = forward + WAVE_OPERATIONS // 3, backward + 2 * WAVE_OPERATIONS // 3
        alone = forward + loss + backward + optimizer + extra + (forward + loss if self.held_out else 0)
        return alone + 6 * layers * self.models  # a product of stacked matrices is one product for each model

    @property
    def largest(self) -> float:
        """Bytes of the largest array of hidden values."""
        return float(self.itemsize * self.n_models * max(*self.layer_dims[1:], self.waves) * self.in_play)

    @property
    def bytes(self) -> float:
        """Bytes that a program needs beside the data: parameters, the optimiser's memory, activations, tables."""
        state = self.n_parameters * (3 + MEMORIES.get(self.program.optimizer, 1) + (self.program.monitor is not None))
        return self.itemsize * (state + self.table) + self.values

    @property
    def values(self) -> float:
        """Bytes of the hidden values, forward and backward, among ``bytes``."""
        return 4.0 * self.itemsize * self.n_models * self.values_per_example * max(self.in_play, self.held_out)

    @property
    def table(self) -> float:
        """Number of entries of the span's tables G and W_0 X; 0 at full width."""
        if not self.program.span:
            return 0.0
        columns = self.m + self.held_out
        return float(columns * (self.m + self.n_models * self.layer_dims[1]))
