"""How a population is divided into groups that fit the processor's cache, and what that means for time and memory."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TypeVar

from layerlab.machine import cores
from layerlab.runs.all_optimizers import LBFGS

from .speed import SHIPPED, Machine
from .work import Sizes

T = TypeVar("T")
V = TypeVar("V")

GROUP_BYTES = 4 << 20
"""Bytes of hidden values, forward and backward, of one group. From half to twice of it the time hardly changes."""

MOST_IN_A_GROUP = 64
"""More models in a group gain nothing: starting array operations is a small part of their time by then."""

FEWEST_IN_A_GROUP = 2
"""XLA computes the products of a group of one more slowly: 64-32-10 on digits took 284 µs a model instead of 131."""

WORK_PER_START = 10.0
"""A group has so many models that computing takes this many times as long as starting the array operations."""

GROUPS = 8
"""A population is divided into this many groups where its models allow it, for the cores of a usual machine."""

SIDE_BY_SIDE = 2
"""The number of groups is made a multiple of this where that costs little: two cores then have the same to do."""


def group_size(sizes: Sizes) -> int:
    """Return how many models of a population are computed by one program.

    It depends on sizes alone, not on the number of cores, so a training gives the same bits however many processes
    share the machine. All groups have the same size, so one compiled program serves them all; among the sizes that fit
    the cache, one is chosen for which the last groups repeat as few models as possible.

    Args:
        sizes: of the whole population; a single model without an axis of models is never divided.

    Returns:
        The number of models of a group; that of the population if it is not divided.
    """
    if sizes.models < SIDE_BY_SIDE * FEWEST_IN_A_GROUP:
        return sizes.models
    values = 2 * sizes.itemsize * sizes.in_play * sizes.values_per_example
    fits = min(max(GROUP_BYTES // values, 2), MOST_IN_A_GROUP)
    wanted = max(_enough(sizes), math.ceil(sizes.models / GROUPS), FEWEST_IN_A_GROUP)
    largest = min(fits, wanted, math.ceil(sizes.models / SIDE_BY_SIDE))

    def computed(size: int) -> int:
        """Count the models that are computed, with those that only fill the last groups."""
        groups = math.ceil(sizes.models / size)
        return math.ceil(groups / SIDE_BY_SIDE) * SIDE_BY_SIDE * size

    return min(range(largest, max(FEWEST_IN_A_GROUP, largest // 2) - 1, -1), key=computed)


def grouped(engine: str, sizes: Sizes) -> int:
    """Return the number of models of a group, as far as can be known before jax is started; 0 where there are none.

    NumPy and L-BFGS compute the whole population at once, and so does a graphics card, which computes many small
    products at the same time by itself.
    """
    size = group_size(sizes)
    on_card = find_spec("jax_plugins") is not None and os.environ.get("JAX_PLATFORMS") != "cpu"
    divided = engine == "xla" and size < sizes.models and sizes.program.optimizer != LBFGS and not on_card
    return size if divided else 0


def update_seconds(engine: str, sizes: Sizes, machine: Machine) -> float:
    """Estimate the seconds of one update of all models, from those of one group and how many follow each other."""
    size = grouped(engine, sizes)
    if not size:
        return machine.rates[engine].update(sizes)
    rounds = math.ceil(math.ceil(sizes.models / size) / group_threads())
    return machine.rates[engine].update(sizes._replace(models=size)) * rounds


def needed_bytes(engine: str, sizes: Sizes) -> float:
    """Return the bytes that the models need in addition to the data; hidden values only of groups that are computed."""
    size = grouped(engine, sizes)
    if not size:
        return sizes.bytes
    one, two = (sizes._replace(models=some) for some in (1, 2))
    state_of_one = two.bytes - one.bytes - one.values
    return one.bytes + (sizes.models - 1) * state_of_one + (min(sizes.models, size * group_threads()) - 1) * one.values


def _enough(sizes: Sizes) -> int:
    """Return how many models keep a processor busy between the starts of two array operations."""
    rates, alone = SHIPPED.xla, sizes._replace(models=0)
    starts, *_ = rates.counts(alone)
    starting = rates.operation * starts
    return math.ceil(WORK_PER_START * starting / (rates.update(alone) - starting))


def group_threads() -> int:
    """Return how many groups are computed at the same time: one on each core, or as many as OMP_NUM_THREADS says."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores(), int(asked)) if asked.isdecimal() and int(asked) > 0 else cores()


def side_by_side(call: Callable[[T], V], groups: Sequence[T]) -> list[V]:
    """Call a function for each group, as many at a time as there are cores; XLA computes without Python's lock."""
    threads = min(group_threads(), len(groups))
    if threads < 2:
        return [call(one) for one in groups]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(call, groups))
