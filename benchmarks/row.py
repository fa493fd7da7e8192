"""What a row is: a piece of work, its contenders, and the targets that layerlab has set itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

PRODUCTS = "products at the ceiling"
"""The contender that only multiplies matrices, as fast as NumPy can."""

SHAPES = "products of these sizes"
"""The contender that only makes the update's own products, by NumPy, some networks on each core."""


class UnavailableError(Exception):
    """A row or a contender cannot be measured here; the message is the reason."""


@dataclass(frozen=True)
class Contender:
    """Who does the work, and how much of it in a turn.

    Attributes:
        label: what the tables call it.
        library: "layerlab", "pytorch", "scikit-learn", "jax", "products" or "shapes".
        iterations: updates (calls of predict, for rows of that task) in a turn.
        engine, basis: layerlab's arguments.
        side: pixels on a side, where images are generated.
        against: label of the contender to which its time is compared.
        cold: whether its first call is measured as well, in a new process at every turn.
        kept: whether that is also measured in new processes that find the compiled programs of earlier ones.
    """

    label: str
    library: str
    iterations: int
    engine: str = "auto"
    basis: str = "auto"
    side: int = 64
    against: str = "layerlab"
    cold: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Target:
    """What layerlab wants to reach.

    Attributes:
        text: in words.
        figure: the name of the value in ``figures.figures_of``.
        at_most, at_least: the bound; the other is None.
    """

    text: str
    figure: str
    at_most: float | None = None
    at_least: float | None = None

    def reached(self, value: float) -> bool:
        """Whether the value is on the right side of the bound."""
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)


@dataclass(frozen=True)
class Row:
    """A piece of work that all contenders do alike.

    Attributes:
        name, title: for the command line, and for the report.
        data: "cats", "flower", "images" (random), "table" (random rows), or one of ``material.ESTIMATED``.
        layer_dims: sizes of the layers; with generated images the first follows from the side.
        contenders: in the order of their turns.
        task: "train", "sweep" (of learning rates), "population" (of seeds), "predict", "cold" or "fit".
        hidden, optimizer, learning_rate, initializer, seed, batch_size, dtype: layerlab's arguments.
        examples: rows of a generated table.
        members: models of a sweep or a population.
        full: updates of the whole job, for the time from end to end.
        checked: updates after which costs are compared; with batches the mean cost of that many updates is.
        tolerance: largest relative difference of those costs.
        unit: what an iteration is called.
        targets, notes: for the report.
        gpu: whether it is measured on a GPU, or not at all.
    """

    name: str
    title: str
    data: str
    layer_dims: tuple[int, ...]
    contenders: tuple[Contender, ...]
    task: str = "train"
    hidden: str = "relu"
    optimizer: str = "gd"
    learning_rate: float = 0.0075
    initializer: str = "lecun"
    seed: int = 1
    batch_size: int | None = None
    dtype: str = "float64"
    examples: int = 0
    members: int = 1
    full: int = 0
    checked: int = 50
    tolerance: float = 1e-8
    unit: str = "update"
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()
    gpu: bool = False

    @property
    def checked_members(self) -> tuple[int, ...]:
        """Whose costs are compared: a sweep's first, one in its middle, its last; eight of a population, or all."""
        if self.task == "population":
            return tuple(range(0, self.members, max(1, self.members // 8)))
        return (0, self.members // 2 - 1, self.members - 1) if self.task == "sweep" else (0,)

    @property
    def seeds(self) -> tuple[int, ...]:
        """A population's members have initial weights of their own."""
        return tuple(range(self.seed, self.seed + self.members))

    @property
    def at_once(self) -> int:
        """Models that what is called an update moves: all of a population, or one."""
        return self.members if self.task == "population" else 1

    def in_span(self, m: int) -> bool:
        """Whether layerlab computes the first layer in the span of the m examples."""
        return self.layer_dims[0] > m and self.optimizer == "gd"

    def products(self, m: int) -> list[tuple[int, int, int]]:
        """The matrix products of one network's update on m examples, each as (rows, columns, what is summed over).

        The first layer passes no gradient on. In the span it has one product, C G with G (m, m).
        """
        n_0, n_1, *_ = self.layer_dims
        used = self.batch_size or m
        first = [(n_1, used, m)] if self.in_span(m) else [(n_1, used, n_0), (n_1, n_0, used)]
        others = [
            product
            for n_prev, n in pairwise(self.layer_dims[1:])
            for product in ((n, used, n_prev), (n, n_prev, used), (n_prev, used, n))
        ]
        return [*first, *others]

    def product_operations(self, m: int) -> float:
        """Floating-point operations in the matrix products of one update; an addition counts as a multiplication."""
        return self.at_once * sum(2.0 * rows * columns * summed for rows, columns, summed in self.products(m))

    def contender(self, label: str) -> Contender:
        """The contender of that label."""
        return next(contender for contender in self.contenders if contender.label == label)

    def iterations(self, contender: Contender, quick: bool) -> int:
        """Updates in a turn; quick ones are as few as the comparison of costs allows."""
        if not quick:
            return contender.iterations
        return min(contender.iterations, max(self.checked + 1, contender.iterations // 10))
