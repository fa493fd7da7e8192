"""Runs drawn by a seed for ``benchmarks.diagnosis``, and how much of what can be learned each of them misses.

A draw is a data set, a network and settings; everything about it follows from (seed, number). How good a run is is
measured by training alone, without the diagnosis: see ``measured``.
"""

from __future__ import annotations

import inspect
import math
import os
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import layerlab
from layerlab import Network, Run
from layerlab.datasets import Part
from layerlab.datasets.part import label_rows, standardization_of
from layerlab.errors import InputError
from layerlab.runs.constant_baseline import constant_cost
from layerlab.runs.forward_statistics import forward_statistics

from .tables_material import TABLES

SICK, HEALTHY = 0.20, 0.05
"""Shares of what can be learned: a run that misses at least the one is sick, at most the other healthy."""

NOTHING_TO_LEARN = 0.9
"""Where even the lowest cost is above this share of a constant answer's cost, the draw is left out."""

RATES = {"gd": -4, "momentum": -5, "nesterov": -5, "rmsprop": -6, "adam": -6, "adamw": -6}
"""Optimisers that are drawn, and the power of ten at which their six decades of learning rates begin."""

INITIALIZERS = {"zeros": 0.1, "normal": 0.15, "lecun": 0.25, "xavier": 0.25, "he": 0.25}
"""Initialisers that are drawn, and how often."""

DECADES, REFERENCE_RATES, REFERENCE_INITIALIZERS = 6, 9, ("lecun", "he")
"""The sweep that finds the lowest cost: nine learning rates over six decades, each from two initialisers."""

NEAR = 3.0
"""Half of the draws take a learning rate within this factor of the sweep's best."""

EXAMPLES = 200
"""Examples that are trained on, at most."""

DATA = ("flower", "noisy_moons", "digits", "breast cancer", "wine", "iris", "penguins", "glass", "titanic", "diabetes")
RARE_DATA = ("cats", "cpu")
"""Data sets; of the first each has the same chance, the others less: the cats take long, the computers are few."""

RARE, SCALED = 0.02, 0.75
"""Share of the draws that take a rare data set, and share whose features are standardised."""

WIDTHS: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((),),
    ((4,), (16,)),
    ((16, 8),),
    ((10, 10, 10), (16, 8, 4)),
    ((8, 8, 8, 8),),
)
"""Hidden layers by their number, 0 to 4."""

SCHEDULES = ("inverse_time", "interval", "step", "cosine", "log_cosine", "adaptive")
"""Schedules that half of the draws take, beside "constant"."""

ADVICE = {"advice": False} if "advice" in inspect.signature(layerlab.train).parameters else {}
"""Asks ``train`` for no trial trainings, where it makes any."""


class Setup(NamedTuple):
    """One training.

    Attributes:
        data: a name in ``DATA`` or ``RARE_DATA``.
        scaled: whether its features are standardised.
        hidden: widths of the hidden layers.
        activation: of the hidden layers.
        settings: arguments of ``train`` by name.
    """

    data: str
    scaled: bool
    hidden: tuple[int, ...]
    activation: str
    settings: dict[str, Any]

    @property
    def part(self) -> Part:
        """The training set."""
        return material(self.data, self.scaled)

    @property
    def network(self) -> Network:
        """The network, its output named by the labels."""
        X, Y = self.part
        return Network((len(X), *self.hidden, len(Y)), hidden=self.activation).for_labels(Y)


@cache
def material(name: str, scaled: bool) -> Part:
    """A training set of at most ``EXAMPLES``; values to predict are standardised, as data sets of layerlab have them.

    Raises:
        InputError: it is not on this machine.
    """
    X, Y = _cats() if name == "cats" else _table(name) if name in TABLES else layerlab.datasets.load_dataset(name).train
    some = np.random.RandomState(0).permutation(X.shape[1])[:EXAMPLES]
    X, Y = X[:, some], Y[:, some]
    if not np.isin(Y, (0, 1)).all():
        Y = standardization_of(Y)(Y)
    return Part(np.ascontiguousarray(standardization_of(X)(X) if scaled else X), np.ascontiguousarray(Y))


def _cats() -> Part:
    """The cats, if their files are here: nothing is fetched."""
    folder = Path(os.environ.get("LAYERLAB_DATA", "."))
    if not (folder / "train_catvnoncat.h5").exists():
        raise InputError("the cats are not in LAYERLAB_DATA")
    return layerlab.datasets.load_cats(folder).train


def _table(name: str) -> Part:
    """A table as numbers in their own units: missing ones are the median, a category is a column for each value."""
    import pandas as pd

    try:
        table = TABLES[name]()
    except FileNotFoundError as error:
        raise InputError(f"{name} is not on this machine: {error}") from error
    frame = pd.get_dummies(table.X.fillna(table.X[table.numbers].median()), columns=table.categories)
    if not table.classifies:
        return Part(frame.to_numpy(float).T, table.y[None, :])
    classes, numbers = np.unique(table.y, return_inverse=True)
    return Part(frame.to_numpy(float).T, label_rows(numbers, len(classes)))


def drawn(seed: int, number: int) -> tuple[Setup, bool, float]:
    """A draw: its setup without a learning rate, whether that is near the sweep's best, and where it lies (0 to 1)."""
    random = np.random.default_rng([seed, number])
    data = str(random.choice(RARE_DATA if random.random() < RARE else DATA))
    scaled = bool(random.random() < SCALED)
    depth = WIDTHS[random.integers(len(WIDTHS))]
    hidden, activation = depth[random.integers(len(depth))], str(random.choice(["relu", "tanh", "sigmoid"]))
    iterations = round(50 * 30 ** random.random())
    batch_size = [None, None, 16, 32, 64][random.integers(5)]
    settings = {
        "optimizer": str(random.choice(list(RATES))),
        "initializer": str(random.choice(list(INITIALIZERS), p=list(INITIALIZERS.values()))),
        "iterations": min(iterations, 100) if data == "cats" else iterations,
        "batch_size": batch_size,
        "seed": int(random.integers(1000)),
        **_schedule(random, iterations if batch_size is None else iterations * batch_size / EXAMPLES),
    }
    return Setup(data, scaled, hidden, activation, settings), bool(random.random() < 0.5), float(random.random())


def _schedule(random: np.random.Generator, epochs: float) -> dict[str, Any]:
    """A schedule, half of the time the constant one; its own settings are the usual ones, or suit the training."""
    if random.random() < 0.5:
        return {"schedule": "constant"}
    name = str(random.choice(SCHEDULES))
    if random.random() < 0.5:
        return {"schedule": name}
    falls = 2 ** random.uniform(0, 4)
    own: dict[str, dict[str, Any]] = {
        "inverse_time": {"decay": float(10 ** random.uniform(-1, 2) / max(1.0, epochs))},
        "interval": {"decay": float(10 ** random.uniform(-1, 0)), "interval": max(1.0, epochs / falls)},
        "step": {"drop": float(random.uniform(0.2, 0.8)), "interval": max(1.0, epochs / falls)},
        "cosine": {"warmup": float(0.2 * random.random() * epochs)},
        "log_cosine": {"cycles": int(random.integers(2, 7))},
        "adaptive": {"drop": float(random.uniform(0.1, 0.8)), "plateau": int(random.integers(3, 30))},
    }
    return {"schedule": name, **own[name]}


def trained(setup: Setup, advice: bool = False) -> Run:
    """The run of a setup; with advice the diagnosis may train to find it."""
    quiet = {} if advice else ADVICE
    return layerlab.train(setup.network, setup.part, engine="numpy", progress=False, **{**setup.settings, **quiet})


def cost_of(setup: Setup, run: Run) -> float:
    """Cost of the final parameters on all training examples, without penalty or dropout; infinite if not finite.

    Also infinite where a cost on the way was not finite: such a run counts as diverged.
    """
    if not np.isfinite(run.history.costs).all():
        return math.inf
    cost = forward_statistics(setup.network, run.parameters, setup.part).cost
    return cost if math.isfinite(cost) else math.inf


def missed(cost: float, lowest: float, constant: float) -> float:
    """Share that a run misses of the fall from a constant answer's cost to the lowest.

    Example:
        >>> missed(0.3, lowest=0.2, constant=0.7)
        0.2
        >>> missed(math.inf, lowest=0.2, constant=0.7)
        inf
    """
    return round((cost - lowest) / (constant - lowest), 12)


def state_of(share: float) -> str:
    """What a run is that misses this share: "sick", "healthy" or "between".

    Example:
        >>> state_of(0.2), state_of(math.inf), state_of(0.1), state_of(-0.03)
        ('sick', 'sick', 'between', 'healthy')
    """
    return "sick" if not share < SICK else "healthy" if share <= HEALTHY else "between"


def lowest_cost(setup: Setup) -> tuple[float, float]:
    """Least cost that the network and optimiser reach in as many updates on scaled features, and its learning rate."""
    begin = RATES[setup.settings["optimizer"]]
    scaled = setup._replace(scaled=True)
    result = layerlab.sweep(
        scaled.network,
        scaled.part,
        learning_rate=[float(rate) for rate in 10 ** np.linspace(begin, begin + DECADES, REFERENCE_RATES)],
        initializer=list(REFERENCE_INITIALIZERS),
        engine="numpy",
        progress=False,
        **{name: setup.settings[name] for name in ("optimizer", "iterations", "batch_size", "seed")},
    )
    costs = [(cost_of(scaled, run), float(run.settings["learning_rate"])) for run in result.runs]
    return min(costs)


def measured(seed: int, number: int) -> dict[str, Any]:
    """A draw as JSON holds it: its settings, what it misses, and the costs that this follows from.

    ``state`` is "sick", "healthy", "between", or "left out" with a reason. A cost that is not finite is None.
    """
    start = perf_counter()
    setup, near, place = drawn(seed, number)
    draw: dict[str, Any] = {"seed": seed, "number": number, "near": near, **setup._asdict()}
    try:
        constant = constant_cost(setup.network, setup.part.Y)
    except InputError as error:
        return {**draw, "state": "left out", "why": str(error)}
    lowest, best = lowest_cost(setup)
    draw |= {"constant": constant, "lowest": lowest, "best_rate": best}
    if not lowest <= NOTHING_TO_LEARN * constant:
        return {**draw, "lowest": finite(lowest), "state": "left out", "why": "nothing to learn"}
    begin = RATES[setup.settings["optimizer"]]
    rate = best * NEAR ** (2 * place - 1) if near else 10 ** (begin + DECADES * place)
    setup = setup._replace(settings={**setup.settings, "learning_rate": rate})
    cost = cost_of(setup, trained(setup))
    share = missed(cost, lowest, constant)
    return {
        **draw,
        **setup._asdict(),
        "cost": finite(cost),
        "missed": finite(share),
        "state": state_of(share),
        "seconds": round(perf_counter() - start, 2),
    }


def finite(number: float) -> float | None:
    """The number, or None for one that JSON has no word for."""
    return number if math.isfinite(number) else None
