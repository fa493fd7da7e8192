"""Populations: networks that differ in their initial weights, trained at once, beside what the peers have for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from .row import Contender, Row


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

DIGITS_TURNS = {
    1: Turns(4000, 800, 4000),
    8: Turns(2000, 200, 1000),
    64: Turns(500, 60, 200),
    512: Turns(100, 24, 50, checked=20),
}
"""By the number of members."""

CATS_TURNS = {1: Turns(2500, 100, 200), 8: Turns(2500, 60, 60), 64: Turns(2500, 30, 30, checked=20)}
"""By the number of members."""


def _rows(like: Row, turns: Mapping[int, Turns]) -> tuple[Row, ...]:
    """A row for each number of members."""
    return tuple(
        replace(
            like,
            name=f"{like.name}-{members}",
            title=f"{'one network' if members == 1 else f'{members} networks'} {like.title}",
            contenders=_contenders(own),
            members=members,
            full=own.layerlab,
            checked=own.checked,
            notes=_notes(members, own.layerlab),
        )
        for members, own in turns.items()
    )


def _contenders(turns: Turns) -> tuple[Contender, ...]:
    return (
        Contender("layerlab", "layerlab", turns.layerlab, cold=True),
        Contender("PyTorch", "pytorch", turns.pytorch),
        Contender("JAX autodiff", "jax", turns.jax),
    )


def _notes(members: int, whole: int) -> tuple[str, ...]:
    whose = "all" if members <= 8 else "eight of them"
    how = "an update is one of all members, each with initial weights of its own"
    peers = "PyTorch `vmap`s `torch.func.grad_and_value` over stacked modules, JAX a scan over `value_and_grad`"
    end = f"From end to end {whole:,} updates count, the peers' by their median, without importing and compiling"
    return (f"“Update of all”: {how}; the costs of {whose} are compared.", f"{peers}.", f"{end}.")


POPULATIONS = (*_rows(DIGITS, DIGITS_TURNS), *_rows(CATS, CATS_TURNS))
"""All of them, in the report's order."""
