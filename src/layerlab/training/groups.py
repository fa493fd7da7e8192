"""How a population is divided into groups that fit the processor's cache."""

from __future__ import annotations

import math
import os

from layerlab.machine import cores

from .work import Sizes

GROUP_BYTES = 4 << 20
"""Bytes of hidden values, forward and backward, of one group. From a quarter to twice of it the time hardly changes."""

MOST_IN_A_GROUP = 64
"""More models in a group gain nothing: starting array operations is a small part of their time by then."""

SIDE_BY_SIDE = 2
"""Groups are made so that their number is a multiple of this: two cores then have the same to do."""


def group_size(sizes: Sizes) -> int:
    """Return how many models of a population are computed by one program.

    It depends on sizes alone, not on the number of cores, so a training gives the same bits however many processes
    share the machine. All groups have the same size, so one compiled program serves them all; among the sizes that fit
    the cache, one is chosen for which the last group repeats as few models as possible.

    Args:
        sizes: of the whole population.

    Returns:
        The number of models of a group; that of the population if it is not divided.
    """
    values = 2 * sizes.itemsize * sizes.in_play * sum(sizes.layer_dims[1:])
    most = min(max(GROUP_BYTES // max(values, 1), 2), MOST_IN_A_GROUP)
    if sizes.models <= most // SIDE_BY_SIDE or sizes.models < 2 * SIDE_BY_SIDE:
        return sizes.models

    def computed(size: int) -> int:
        groups = math.ceil(sizes.models / size / SIDE_BY_SIDE) * SIDE_BY_SIDE
        return groups * size

    fewest = max(1, most // 2)
    return min(range(most, fewest - 1, -1), key=computed)


def group_threads() -> int:
    """Return how many groups are computed at the same time: one on each core, or as many as OMP_NUM_THREADS says."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores(), int(asked)) if asked.isdecimal() and int(asked) > 0 else cores()
