"""The learning-rate range test: one short training in which the rate rises from update to update (Smith 2017).

Source: Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3; the rate rises by equal
factors, not by equal steps as there, so that all sizes of rates get as many updates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.argument_checks import TrainingData
from layerlab.runs.plan import Plan
from layerlab.settings import OWN, SETTINGS, Setting
from layerlab.training.batches import Batch, batches, stacked
from layerlab.training.engines import Engine
from layerlab.training.fit import start_engine
from layerlab.training.job import Job
from layerlab.training.planner import Unfit, make_plan
from layerlab.training.stream_engine import StreamEngine, buffers_of
from layerlab.training.train import single_job

LOWEST = Setting("lowest", float, 1e-6, "Learning rate of the first update", above=0)
HIGHEST = Setting("highest", float, 100.0, "Learning rate of the last update", above=0)
UPDATES = Setting("updates", int, 200, "Number of updates", low=20, high=1_000_000)

EXPLODED = 2.0
"""The test ends at a cost above this multiple of the largest cost in its first tenth."""

LOWEST_SHARE = 0.1
"""The suggested learning rate is at most this share of the rate with the lowest cost."""

SMOOTHING_PARTS = 50
"""Each cost is smoothed over a fiftieth of the test on both sides: with 200 updates, over 4 + 1 + 4 costs."""

FALL = 1e-3
"""The cost is said to fall if its lowest lies below its first by more than this share of it."""

NOT_HERE = (
    "learning_rate",
    "iterations",
    "epochs",
    "schedule",
    "monitor",
    *OWN["schedule"],
    *OWN["monitor"],
)
"""Settings of ``train`` that say how long a step or a training is, which is what the test varies."""


@dataclass(frozen=True)
class RangeTest:
    """What a range test found; ``print`` says it in words.

    Attributes:
        rates: (n,) learning rate of each update that was made.
        costs: (n,) cost before that update, on its examples.
        smoothed: (n,) mean of each cost and its neighbours on both sides.
        steepest_at: the rate at which the smoothed cost falls fastest over the logarithm of the rate, before it is
            lowest; None if it did not fall.
        lowest_at: the rate at which the smoothed cost is lowest.
        exploded_at: the rate at which the test ended early, or None.
    """

    rates: Floats = field(repr=False)
    costs: Floats = field(repr=False)
    smoothed: Floats = field(repr=False)
    steepest_at: float | None
    lowest_at: float
    exploded_at: float | None

    @property
    def suggestion(self) -> float | None:
        """The rate where the cost falls fastest, at most a tenth of that where it is lowest; None if it did not fall.

        Smith takes a rate before the cost falters. The steepest fall may be the last one before that, where a step is
        about to be too long for the parameters that come next.
        """
        return None if self.steepest_at is None else min(self.steepest_at, LOWEST_SHARE * self.lowest_at)

    def __str__(self) -> str:
        return " ".join(self.sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, and what follows from it, in a sentence each."""
        n, first, last = len(self.rates), self.rates[0], self.rates[-1]
        end = f"the cost exploded at {last:.3g}" if self.exploded_at else f"the cost did not explode up to {last:.3g}"
        done = f"The learning rate rose from {first:.3g} in {n} updates; {end}."
        if self.steepest_at is None:
            return done, "The cost did not fall at any of these rates: there is nothing to suggest."
        fell = (
            f"The cost fell fastest at {self.steepest_at:.2g} and was lowest at {self.lowest_at:.2g}: it suggests "
            f"{self.suggestion:.2g}, {self._rule}."
        )
        return done, fell

    @property
    def _rule(self) -> str:
        return "where it fell fastest" if self.suggestion == self.steepest_at else "a tenth of where it was lowest"

    @property
    def facts(self) -> dict[str, Any]:
        """The test as plain values, for JSON."""
        return {
            "suggestion": self.suggestion,
            "steepest_at": self.steepest_at,
            "lowest_at": self.lowest_at,
            "exploded_at": self.exploded_at,
            "rates": self.rates.tolist(),
            "costs": self.costs.tolist(),
            "smoothed": self.smoothed.tolist(),
        }


def range_test(
    network: Network,
    data: TrainingData,
    *,
    lowest: float = LOWEST.default,
    highest: float = HIGHEST.default,
    updates: int = UPDATES.default,
    sample_weight: Any = None,
    parameters: Parameters | None = None,
    **settings: Any,
) -> RangeTest:
    """Train once with a learning rate that rises geometrically from update to update, and see where the cost falls.

    Parameters that are given stay as they are; the test trains a copy.

    Args:
        network, data, sample_weight: as for ``train``.
        lowest, highest: learning rates of the first and of the last update.
        updates: number of updates; the test ends early if the cost explodes.
        parameters: start from these instead of drawing initial weights, such as those of a run.
        settings: of ``train``: seed, initializer, optimizer, batch_size and so on; no learning rate and no length.

    Returns:
        Learning rates, costs and a suggestion.

    Raises:
        InputError: data or settings are not right, or the cost is not finite before the first update.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> test = layerlab.range_test(layerlab.Network([2, 4, 1], hidden="tanh"), flower, seed=3)
        >>> 0.1 < test.suggestion < 2 < test.lowest_at < test.exploded_at
        True
    """
    low, high, n = LOWEST.check(lowest), HIGHEST.check(highest), UPDATES.check(updates)
    if low >= high:
        raise InputError(f"lowest={low!r}, highest={high!r}: wanted a lowest rate below the highest")
    _check_settings(settings)
    own = {**settings, "learning_rate": low, "iterations": n}
    weights = sample_weight, None
    job = single_job(network, data, weights, validation=None, parameters=parameters, settings=own)
    rates = np.geomspace(low, high, n)
    costs = _costs(job, rates)
    if not math.isfinite(costs[0]):
        raise InputError(
            "the cost is not finite before the first update: wanted smaller features or parameters; standardise the "
            "features"
        )
    return _found(rates[: len(costs)], costs, n)


def _check_settings(settings: Mapping[str, Any]) -> None:
    for name in NOT_HERE:
        if settings.get(name, SETTINGS[name].default) != SETTINGS[name].default:
            raise InputError(
                f"{name}={settings[name]!r} has no meaning for a range test, in which the learning rate rises from "
                f"lowest to highest in a number of updates: leave it out"
            )
    if settings.get("optimizer") == LBFGS:
        raise InputError("optimizer='lbfgs' has no learning rate to test: its line search finds the length of a step")


def _costs(job: Job, rates: Floats) -> Floats:
    """The cost before each update, up to the one at which it explodes."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, unfit=unfit)
        costs: list[float] = []
        try:
            for cost in _rising(job, plan, rates):
                costs.append(cost)
                if not (math.isfinite(cost) and cost <= EXPLODED * max(costs[: len(rates) // 10])):
                    break
            return np.array(costs)
        except Unfit as error:
            unfit[error.choice] = error.reason


def _rising(job: Job, plan: Plan, rates: Floats) -> Iterator[float]:
    """Make update after update on the job's own engine, each with its rate; gives the cost before each."""
    with buffers_of(job, 0) as ahead:
        engine: Engine
        engine, state = start_engine(job, plan, longest=1)
        stream: Iterator[Batch] | None = None
        if ahead is not None:
            engine = StreamEngine(engine, job, ahead, 0)
        elif job.batch_size:
            stream = batches(job.m, job.batch_size, job.common["batch_seed"], job.common["dtype"], job.weights)
        for rate in rates.tolist():
            engine.change("learning_rate", rate)
            state, costs, _ = engine.advance(state, stacked(list(islice(stream, 1))) if stream else None, 1)
            yield float(costs[0])


def _found(rates: Floats, costs: Floats, updates: int) -> RangeTest:
    """Find where the curve falls fastest, is lowest and ends; its first cost is finite."""
    end = int(np.isfinite(costs).sum())  # all but at most the last
    exploded = end < len(costs) or len(costs) < updates
    smoothed = np.append(_smoothed(costs[:end], updates // SMOOTHING_PARTS), costs[end:])
    lowest, steepest = int(smoothed[:end].argmin()), None
    if smoothed[0] - smoothed[lowest] > FALL * abs(smoothed[0]):
        slopes = np.gradient(smoothed[:end], np.log10(rates[:end]))
        steepest = float(rates[int(slopes[: lowest + 1].argmin())])
    return RangeTest(rates, costs, smoothed, steepest, float(rates[lowest]), float(rates[-1]) if exploded else None)


def _smoothed(costs: Floats, reach: int) -> Floats:
    """The mean of each cost and of equally many on both sides, at most ``reach``, so that it does not lag behind."""
    total = np.append(0.0, np.cumsum(costs))
    place = np.arange(len(costs))
    own = np.minimum(reach, np.minimum(place, len(costs) - 1 - place))
    means: Floats = (total[place + own + 1] - total[place - own]) / (2 * own + 1)
    return means
