"""Split a batch into tasks: trials that can share a compiled program are trained as one population.

Their hidden layers are padded to the widest among them. So trials of similar widths are put into the same task: the
trials are cut in two where that saves most padding, and again, as long as a task is too large or the padding costs more
than compiling another program (a k-d tree of the widths; Bentley 1975, "Multidimensional binary search trees used for
associative searching").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from layerlab.training.groups import FEWEST_IN_A_GROUP
from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.proposals.known_networks import KnownNetwork

from .search_data import SearchData

MOST_TRIALS = 16
"""The largest number of trials in a task: if a machine fails, this many trials are lost."""

BUDGET = 1 << 30
"""About how many bytes a task's models may need; a constant, so that the tasks do not depend on the machine."""

COMPILING = 4e10
"""How many multiplications a process could make while it compiles the programs of a task, one to two seconds."""

PADDED_TO = 8
"""Widths are padded to a multiple of this, so that a compiled program can be used again."""


class Task(NamedTuple):
    """Trials that share a compiled program.

    Attributes:
        name: number of the batch and of the task in it, such as "0003-p05".
        candidates: the trials.
        at_least: sizes to which their hidden layers are padded.
    """

    name: str
    candidates: tuple[Candidate, ...]
    at_least: tuple[int, ...]


class KnownTask(NamedTuple):
    """The training of a reference network.

    Attributes:
        name: such as "known-0".
        known: the network.
    """

    name: str
    known: KnownNetwork


Work = Task | KnownTask
"""What a worker trains at a time."""


def split_into_tasks(batch: int, candidates: Sequence[Candidate], search_data: SearchData, seeds: int) -> list[Task]:
    """Split a batch into tasks, those with the most work first, so that no worker is left with a large one at the end.

    Args:
        batch: its number.
        candidates: its trials.
        search_data: examples and folds, which say how much memory a trial needs.
        seeds: initial weights of each trial.
    """
    groups: dict[Any, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(_program(candidate), []).append(candidate)
    cut = [some for group in groups.values() for some in _cut(group, search_data, seeds)]
    cut.sort(key=lambda some: (-_work(some, search_data), some[0].number))
    return [Task(f"{batch:04d}-p{i:02d}", tuple(some), _at_least(some)) for i, some in enumerate(cut)]


def _cut(group: Sequence[Candidate], search_data: SearchData, seeds: int) -> list[list[Candidate]]:
    """Cut trials in two across the layer that saves most padding, and the parts again, as long as that is worth it."""
    tasks = math.ceil(len(group) / _most(_at_least(group), group[0], search_data, seeds))
    # neither part of a small task may be a group of one, which takes as long as one of two
    middle = len(group) * (tasks // 2) // tasks if tasks > 1 else len(group) // 4 * FEWEST_IN_A_GROUP
    halves = []
    for layer in range(max(1, len(group[0].layers)) if middle else 0):
        by_width = sorted(group, key=lambda one: (one.layers[layer : layer + 1], one.layers, one.number))
        halves.append((by_width[:middle], by_width[middle:]))
    work = [sum(_work(half, search_data) for half in two) for two in halves]
    saved = search_data.folds * seeds * (_work(group, search_data) - min(work, default=math.inf))
    if tasks == 1 and saved < COMPILING:
        return [sorted(group, key=lambda one: one.number)]
    best = halves[work.index(min(work))]
    return [some for half in best for some in _cut(half, search_data, seeds)]


def single_trials(task: Task) -> list[Task]:
    """Return a task of its own for each trial of a task."""
    return [task._replace(name=f"{task.name}.{i:02d}", candidates=(one,)) for i, one in enumerate(task.candidates)]


def _program(candidate: Candidate) -> Any:
    """Return a key that is equal for trials that can share a compiled program."""
    own = shared_method(candidate.settings)
    names = ("optimizer", "batch_size", "iterations")
    flags = (bool(own.get("dropout")), bool(own.get("l2")), own.get("clip_norm") is not None)
    layers = candidate.layers
    return (len(layers), candidate.hidden if layers else "", *(own.get(name) for name in names), *flags)


def shared_method(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings, gradient descent as Nesterov's method without momentum, so that both share a program."""
    if settings["optimizer"] != "gd":
        return dict(settings)
    return {**settings, "optimizer": "nesterov", "momentum": 0.0}


def _at_least(some: Sequence[Candidate]) -> tuple[int, ...]:
    """Return the sizes to which the hidden layers of a task are padded."""
    return tuple(-(-max(sizes) // PADDED_TO) * PADDED_TO for sizes in zip(*(one.layers for one in some), strict=True))


def _dims(at_least: tuple[int, ...], one: Candidate, search_data: SearchData) -> tuple[int, ...]:
    """Return the sizes of the layers of a task; where the span may be used, the inputs count no more than examples."""
    n_x, m = search_data.X.shape
    inputs = min(n_x, m) if one.settings["optimizer"] in ("gd", "momentum", "nesterov") else n_x
    return inputs, *at_least, search_data.Y.shape[0]


def _most(at_least: tuple[int, ...], one: Candidate, search_data: SearchData, seeds: int) -> int:
    """Return the number of trials in a task that ``BUDGET`` allows."""
    dims, m = _dims(at_least, one, search_data), search_data.m
    # parameters, gradients, moments and copies; of the layers' values four arrays; and predictions at each moment
    parameters = sum(n * (before + 1) for before, n in pairwise(dims))
    values = 5 * parameters + 4 * sum(dims[1:]) * m
    a_trial = search_data.X.itemsize * search_data.folds * seeds * values + 4 * 25 * dims[-1] * m
    return max(1, min(MOST_TRIALS, int(BUDGET / a_trial)))


def _work(some: Sequence[Candidate], search_data: SearchData) -> float:
    """Return about how many multiplications there are to compute, with padding, in all iterations."""
    first = some[0].settings
    n_0, n_1, *others = _dims(_at_least(some), some[0], search_data)
    products = n_0 * n_1 + 3 * sum(n * before for before, n in pairwise((n_1, *others)))
    return float(len(some) * products * first["iterations"] * (first.get("batch_size") or search_data.m))
