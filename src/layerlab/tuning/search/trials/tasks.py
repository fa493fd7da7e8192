"""A batch cut into tasks: trials that can share a program are trained as one population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from layerlab.tuning.search.proposals.candidate import Candidate

from .search_data import Material

MOST = 32
"""Trials of a task, at most: what is lost when a machine dies."""

BUDGET = 1 << 30
"""Bytes that a task's models may need, about; the same everywhere, so that tasks do not depend on the machine."""

COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Trials of a population; one of another number is filled up, so that compiled programs can be used again."""

WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""To which layers are padded, for the same reason."""


class Task(NamedTuple):
    """Trials that share a program.

    Attributes:
        name: number of the batch and its own, such as "0003-05".
        candidates: the trials.
        at_least: sizes to which their hidden layers are padded.
    """

    name: str
    candidates: tuple[Candidate, ...]
    at_least: tuple[int, ...]


def tasks_of(batch: int, candidates: Sequence[Candidate], material: Material, seeds: int) -> list[Task]:
    """The tasks of a batch, those with the most work first, so that no worker is left with a large one at the end."""
    groups: dict[Any, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(_program(candidate), []).append(candidate)
    cut: list[tuple[float, list[Candidate], tuple[int, ...]]] = []
    for group in groups.values():
        at_least = _at_least(group)
        most = _most(at_least, group[0], material, seeds)
        group = sorted(group, key=lambda one: (sum(one.layers), one.number))
        for start in range(0, len(group), most):
            some = group[start : start + most]
            cut.append((_work(some, material), some, at_least))
    cut.sort(key=lambda one: (-one[0], one[1][0].number))
    return [Task(f"{batch:04d}-{i:02d}", tuple(some), at_least) for i, (_, some, at_least) in enumerate(cut)]


def filled_up(candidates: Sequence[Candidate]) -> list[Candidate]:
    """As many as one of ``COUNTS``, the last one repeated."""
    n = next((count for count in COUNTS if count >= len(candidates)), len(candidates))
    return [*candidates, *[candidates[-1]] * (n - len(candidates))]


def _program(candidate: Candidate) -> Any:
    """Equal for trials that can share a program."""
    own = method_of(candidate.settings)
    names = ("optimizer", "batch_size", "iterations")
    flags = (bool(own.get("dropout")), bool(own.get("l2")), own.get("clip_norm") is not None)
    layers = candidate.layers
    widest = _padded(max(layers)) if layers else 0
    return (len(layers), candidate.hidden if layers else "", *(own.get(name) for name in names), *flags, widest)


def method_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with gradient descent as what it is, Nesterov's method without momentum: one program for both."""
    if settings["optimizer"] != "gd":
        return dict(settings)
    return {**settings, "optimizer": "nesterov", "momentum": 0.0}


def _padded(width: int) -> int:
    return next((size for size in WIDTHS if size >= width), width)


def _at_least(group: Sequence[Candidate]) -> tuple[int, ...]:
    return tuple(_padded(max(sizes)) for sizes in zip(*(one.layers for one in group), strict=True))


def _most(at_least: tuple[int, ...], one: Candidate, material: Material, seeds: int) -> int:
    """Trials of a task that its memory allows."""
    n_x, m, n_y = material.X.shape[0], material.m, material.Y.shape[0]
    in_play = one.settings.get("batch_size") or m
    inputs = min(n_x, m) if one.settings["optimizer"] in ("gd", "momentum", "nesterov") else n_x
    dims = (inputs, *at_least, n_y)
    parameters = sum(n * (before + 1) for before, n in pairwise(dims))
    values = 5 * parameters + 4 * sum(dims[1:]) * max(in_play, m)
    a_trial = material.X.itemsize * material.folds * seeds * values + 4 * 25 * n_y * m
    return max(1, min(MOST, int(BUDGET / a_trial)))


def _work(some: Sequence[Candidate], material: Material) -> float:
    first = some[0].settings
    examples = first.get("batch_size") or material.m
    return float(sum(sum(one.layers) + 4 for one in some) * first["iterations"] * examples)
