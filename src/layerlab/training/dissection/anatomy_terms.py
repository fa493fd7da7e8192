"""The sums of one iteration with their terms: z of a unit, its dz, the gradient of a weight, and the weight's step.

Layers, units and inputs count from 1, as on a page; examples count from 0, as in NumPy. Every value is the one that the
training computed. Only a term is made here: the product of its two factors. A training leaves its sums to a BLAS, which
adds the same terms in another order, so a sum of ``terms`` agrees with the value up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.text import amount


class SumTerm(NamedTuple):
    """A term of z = Σ w a + b: the number of the input (from 1), its weight, its value, and their product."""

    input: int
    w: float
    a: float
    product: float


class DeltaTerm(NamedTuple):
    """A term of da = Σ w dz: the number of a unit in the next layer (from 1), the weight to it, its dz, the product."""

    unit: int
    w: float
    dz: float
    product: float


class ChainTerm(NamedTuple):
    """A term of dw = Σ dz a / m: the number of the example (from 0), the unit's dz, the input's a, their product."""

    example: int
    dz: float
    a: float
    product: float


class StepTerm(NamedTuple):
    """A value that the optimiser uses for its step, by name."""

    name: str
    value: float


class Terms(Sequence[Any]):
    """The terms of a sum, each the product of two factors: a sequence of rows, made when they are read.

    Args:
        row: the kind of the rows.
        numbers: (n,) the number of each term.
        left, right: (n,) the factors.
    """

    def __init__(self, row: type[Any], numbers: NDArray[Any], left: NDArray[Any], right: NDArray[Any]) -> None:
        self.row, self.numbers, self.left, self.right = row, numbers, left, right
        with np.errstate(all="ignore"):
            self.products = left * right

    def __len__(self) -> int:
        return len(self.products)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return list(self._rows(place))
        return self.row(*(column[place].item() for column in self._columns))

    def __iter__(self) -> Iterator[Any]:
        return self._rows(slice(None))

    def __repr__(self) -> str:
        few = ", ".join(map(repr, self[:3]))
        return f"[{few}{f', … {len(self):,} in all' if len(self) > 3 else ''}]"

    def largest(self, count: int) -> tuple[list[Any], float]:
        """Return the rows with the largest products, in their order, and the sum of the other products.

        Args:
            count: how many rows at most.
        """
        if len(self) <= count:
            return list(self), 0.0
        chosen = np.sort(np.argsort(-np.abs(self.products), kind="stable")[:count])
        others = np.delete(self.products, chosen)
        with np.errstate(all="ignore"):
            return list(self._rows(chosen)), float(others.sum())

    @property
    def _columns(self) -> tuple[NDArray[Any], ...]:
        return self.numbers, self.left, self.right, self.products

    def _rows(self, chosen: Any) -> Iterator[Any]:
        return map(self.row, *(column[chosen].tolist() for column in self._columns))


@dataclass(frozen=True, eq=False)
class UnitSum:
    """One unit's z for one example, as a sum over its inputs, and its a.

        z = Σ w a_prev + b        a = g(z)

    Attributes:
        layer, unit, example: which unit, for which example.
        terms: rows (input, w, a, w·a) in the order of the inputs; they and b add up to z.
        b, z: the bias, and the sum.
        activation: g; of the output layer, the function that makes a prediction of z.
        kept: the factor by which dropout multiplied g(z); None without dropout.
        a: g(z), after dropout.
    """

    layer: int
    unit: int
    example: int
    terms: Terms
    b: float
    z: float
    a: float
    activation: str
    kept: float | None = None

    def __str__(self) -> str:
        dropped = "" if self.kept is None else f", times {amount(self.kept)} by dropout"
        return (
            f"z = {amount(self.z)}: {_count(self.terms, 'product')} w·a and the bias {amount(self.b)}; "
            f"{self.activation}{dropped}: a = {amount(self.a)}"
        )


@dataclass(frozen=True, eq=False)
class UnitDelta:
    """The gradient of one example's loss with respect to one unit's z.

        da = Σ over the units k of the next layer of w_k dz_k        dz = da · kept · g′(z)

    In the output layer the loss gives dz, and there are no terms.

    Attributes:
        layer, unit, example: which unit, for which example.
        terms: rows (unit, w, dz, w·dz) over the units of the next layer; they add up to da.
        da: gradient with respect to a; None in the output layer.
        slope: g′(z); None in the output layer.
        kept: dropout's factor, 0 where it set a to 0; None without dropout.
        dz: the gradient with respect to z; an example's weight is a factor in it.
    """

    layer: int
    unit: int
    example: int
    terms: Terms
    da: float | None
    slope: float | None
    kept: float | None
    dz: float

    def __str__(self) -> str:
        if self.da is None or self.slope is None:
            return f"dz = {amount(self.dz)}, from the loss"
        dropped = "" if self.kept is None else f" · kept {amount(self.kept)}"
        return (
            f"dz = {amount(self.dz)} = da {amount(self.da)}{dropped} · slope {amount(self.slope)}; "
            f"da: {_count(self.terms, 'product')} w·dz"
        )


@dataclass(frozen=True, eq=False)
class GradientChain:
    """The gradient of one weight or bias, by the chain rule: a sum over the update's examples, divided by m.

        mean = Σ dz a / m        gradient = (mean + λ w / m') · clipped_by

    For a bias, a is 1 and there is no penalty. λ is the setting l2 and m' the sum of the examples' weights.

    Attributes:
        layer, unit, input: which weight; input None for the unit's bias.
        terms: rows (example, dz, a, dz·a) in the order of the update's examples.
        m: by what the sum is divided: see ``Anatomy.m``.
        mean: the gradient of the mean loss, an entry of dW or db.
        penalty: what the L2 penalty adds; 0.0 without one.
        clipped_by: the factor by which all gradients were clipped; 1.0 if they were not.
        gradient: what the optimiser gets.
    """

    layer: int
    unit: int
    input: int | None
    terms: Terms
    m: int
    mean: float
    penalty: float
    clipped_by: float
    gradient: float

    def __str__(self) -> str:
        penalty = f"; penalty {amount(self.penalty)}" if self.penalty else ""
        clipped = f"; clipped by {amount(self.clipped_by)}" if self.clipped_by != 1 else ""
        whole = self.m == len(self.terms)
        mean = "mean of dz·a over the examples" if whole else f"sum of dz·a of the examples, divided by {self.m:,},"
        return f"gradient {amount(self.gradient)}: {mean} {amount(self.mean)}{penalty}{clipped}"


@dataclass(frozen=True, eq=False)
class WeightStep:
    """The optimiser's step of one weight or bias; ``formulas.optimizers`` has the formulas.

    Attributes:
        layer, unit, input: which weight; input None for the unit's bias.
        before, after: its value before and after the update.
        gradient: what the optimiser got.
        learning_rate: α at this update, after the schedule.
        terms: rows (name, value) of what else the optimiser used: its settings, and its memory before (as ``v_before``)
            and after the update. Adam also has t, the number of updates, and m and v divided by their corrections.
        step: after − before.
    """

    layer: int
    unit: int
    input: int | None
    before: float
    gradient: float
    learning_rate: float
    terms: tuple[StepTerm, ...]
    step: float
    after: float

    def __str__(self) -> str:
        return f"{amount(self.before)} {amount(self.step, '+')} → {amount(self.after)}"


@dataclass(frozen=True, eq=False)
class WeightAnatomy:
    """All that one iteration does with one weight or bias.

    Attributes:
        sum: z of its unit for one example, in which the weight has a term.
        chain: its gradient.
        step: its step; None where the optimiser makes none (L-BFGS, or a cost that is not finite).
    """

    sum: UnitSum
    chain: GradientChain
    step: WeightStep | None

    def __str__(self) -> str:
        return "\n".join(str(part) for part in (self.sum, self.chain, self.step) if part is not None)


def _count(terms: Sequence[Any], word: str) -> str:
    return f"{len(terms):,} {word}{'' if len(terms) == 1 else 's'}"
