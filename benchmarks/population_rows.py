"""Populations: networks that differ in their initial weights, trained at once, beside what the peers have for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from .row import PRODUCTS, SHAPES, Contender, Row, Target


class Turns(NamedTuple):
    """How much is done in a turn: updates of the whole population.

    Attributes:
        layerlab: also those of the whole job, for the time from end to end.
        pytorch, jax: the peers', at least one more than are checked.
        checked: after how many of them costs are compared.
    """

    layerlab: int
    pytorch: int
    jax: int
    checked: int = 50


DIGITS = Row(
    name="population",
    title="64-32-10 on the digits, all 1797 examples per update, float32",
    data="digits",
    layer_dims=(64, 32, 10),
    contenders=(),
    task="population",
    learning_rate=0.1,
    initializer="he",
    dtype="float32",
    tolerance=1e-3,
    unit="update of all",
)
"""The narrow problem, at which nothing but the work of a population is to be saved."""

CATS = replace(
    DIGITS,
    name="population-cats",
    title="12288-20-7-5-1 on the cats of the course notes, all 209 images per update, float32",
    data="cats",
    layer_dims=(12288, 20, 7, 5, 1),
    learning_rate=0.0075,
    initializer="lecun",
)
"""The wide problem. The peers hold 245 973 parameters and their slopes for each member: 512 members are left out."""

FLOWER = replace(
    DIGITS,
    name="population-flower",
    title="2-4-1 on the flower, all 400 points per update, float64",
    data="flower",
    layer_dims=(2, 4, 1),
    hidden="tanh",
    learning_rate=1.2,
    initializer="normal",
    dtype="float64",
    tolerance=1e-8,
)
"""The small problem, in whose updates there are hardly any products."""

DIGITS_TURNS = {
    1: Turns(4000, 800, 4000),
    8: Turns(1000, 200, 500),
    64: Turns(200, 30, 100, checked=20),
    512: Turns(30, 6, 16, checked=5),
}
"""By the number of members."""

CATS_TURNS = {1: Turns(2500, 100, 200), 8: Turns(2500, 60, 60), 64: Turns(500, 12, 12, checked=10)}
"""By the number of members."""

FLOWER_TURNS = {1000: Turns(300, 30, 200, checked=20)}
"""By the number of members."""

TARGETS = (
    Target("2 × faster than jax `vmap`", "JAX autodiff.ratio", at_least=2),
    Target("5 × faster than `torch.func`", "PyTorch.ratio", at_least=5),
    Target("peak memory not above PyTorch's", "PyTorch.memory", at_most=1),
)
"""For several networks at once."""


def _rows(like: Row, turns: Mapping[int, Turns]) -> tuple[Row, ...]:
    """A row for each number of members."""
    return tuple(
        replace(
            like,
            name=f"{like.name}-{members}",
            title=f"{'one network' if members == 1 else f'{members} networks'} {like.title}",
            contenders=_contenders(own, _products_count(like, members)),
            members=members,
            full=own.layerlab,
            checked=own.checked,
            targets=TARGETS if members > 1 else (),
            notes=_notes(members, own.layerlab) + (PRODUCT_NOTES if _products_count(like, members) else ()),
        )
        for members, own in turns.items()
    )


def _products_count(like: Row, members: int) -> bool:
    """Whether the products alone are measured beside: for several networks, and not where products hardly matter."""
    return members > 1 and like is not FLOWER


def _contenders(turns: Turns, products: bool) -> tuple[Contender, ...]:
    """The libraries, and the matrix products alone."""
    alone = (Contender(SHAPES, "shapes", 1), Contender(PRODUCTS, "products", 1)) if products else ()
    return (
        Contender("layerlab", "layerlab", turns.layerlab, cold=True),
        Contender("PyTorch", "pytorch", turns.pytorch),
        Contender("JAX autodiff", "jax", turns.jax),
        *alone,
    )


def _notes(members: int, whole: int) -> tuple[str, ...]:
    whose = "all" if members <= 8 else "eight of them"
    how = "an update is one of all members, each with initial weights of its own"
    peers = "PyTorch `vmap`s `torch.func.grad_and_value` over stacked modules, JAX a scan over `value_and_grad`"
    end = f"From end to end {whole:,} updates count, the peers' by their median, without importing and compiling"
    return (f"“Update of all”: {how}; the costs of {whose} are compared.", f"{peers}.", f"{end}.")


PRODUCT_NOTES = (
    f"“{SHAPES}”: the matrix products of an update alone, by NumPy at their own sizes, some networks on each core.",
    f"“{PRODUCTS}”: as many operations at the speed of 2048 × 2048, which small products do not reach.",
    "“0.80 ×” says that these products take 80 % of the time of layerlab's whole update.",
)
"""What the contenders that make products alone mean."""

POPULATIONS = (*_rows(DIGITS, DIGITS_TURNS), *_rows(CATS, CATS_TURNS), *_rows(FLOWER, FLOWER_TURNS))
"""All of them, in the report's order."""
