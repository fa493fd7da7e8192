"""Split a batch into tasks: trials that can share a compiled program are trained as one population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from layerlab.tuning.search.proposals.candidate import Candidate
from layerlab.tuning.search.proposals.known_networks import KnownNetwork

from .search_data import SearchData

MOST_TRIALS = 32
"""The largest number of trials in a task: if a machine fails, this many trials are lost."""

BUDGET = 1 << 30
"""About how many bytes a task's models may need; a constant, so that the tasks do not depend on the machine."""

PADDED_WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Widths to which hidden layers are padded, so that a compiled program can be used again."""


class Task(NamedTuple):
    """Trials that share a compiled program.

    Attributes:
        name: number of the batch and of the task in it, such as "0003-05".
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
    cut: list[tuple[float, list[Candidate], tuple[int, ...]]] = []
    for group in groups.values():
        at_least = _at_least(group)
        most = _most(at_least, group[0], search_data, seeds)
        group = sorted(group, key=lambda one: (sum(one.layers), one.number))
        for start in range(0, len(group), most):
            some = group[start : start + most]
            cut.append((_work(some, search_data), some, at_least))
    cut.sort(key=lambda one: (-one[0], one[1][0].number))
    return [Task(f"{batch:04d}-{i:02d}", tuple(some), at_least) for i, (_, some, at_least) in enumerate(cut)]


def single_trials(task: Task) -> list[Task]:
    """Return a task of its own for each trial of a task."""
    return [task._replace(name=f"{task.name}.{i:02d}", candidates=(one,)) for i, one in enumerate(task.candidates)]


def _program(candidate: Candidate) -> Any:
    """Return a key that is equal for trials that can share a compiled program."""
    own = shared_method(candidate.settings)
    names = ("optimizer", "batch_size", "iterations")
    flags = (bool(own.get("dropout")), bool(own.get("l2")), own.get("clip_norm") is not None)
    layers = candidate.layers
    widest = _padded(max(layers)) if layers else 0
    return (len(layers), candidate.hidden if layers else "", *(own.get(name) for name in names), *flags, widest)


def shared_method(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings, gradient descent as Nesterov's method without momentum, so that both share a program."""
    if settings["optimizer"] != "gd":
        return dict(settings)
    return {**settings, "optimizer": "nesterov", "momentum": 0.0}


def _padded(width: int) -> int:
    return next((size for size in PADDED_WIDTHS if size >= width), width)


def _at_least(group: Sequence[Candidate]) -> tuple[int, ...]:
    return tuple(_padded(max(sizes)) for sizes in zip(*(one.layers for one in group), strict=True))


def _most(at_least: tuple[int, ...], one: Candidate, search_data: SearchData, seeds: int) -> int:
    """Return the number of trials in a task that ``BUDGET`` allows."""
    n_x, m, n_y = search_data.X.shape[0], search_data.m, search_data.Y.shape[0]
    in_play = one.settings.get("batch_size") or m
    inputs = min(n_x, m) if one.settings["optimizer"] in ("gd", "momentum", "nesterov") else n_x
    dims = (inputs, *at_least, n_y)
    parameters = sum(n * (before + 1) for before, n in pairwise(dims))
    # parameters, gradients, moments and copies; of the layers' values four arrays; and predictions at each moment
    values = 5 * parameters + 4 * sum(dims[1:]) * max(in_play, m)
    a_trial = search_data.X.itemsize * search_data.folds * seeds * values + 4 * 25 * n_y * m
    return max(1, min(MOST_TRIALS, int(BUDGET / a_trial)))


def _work(some: Sequence[Candidate], search_data: SearchData) -> float:
    """Return how much there is to compute, in no particular unit: units of the layers × iterations × examples."""
    first = some[0].settings
    examples = first.get("batch_size") or search_data.m
    return float(sum(sum(one.layers) + 4 for one in some) * first["iterations"] * examples)
