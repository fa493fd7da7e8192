"""The learning-rate range test: one short training in which the learning rate rises at each update (Smith 2017).

Source: Smith 2017, "Cyclical learning rates for training neural networks", section 3.3. There the learning rate rises
by equal steps; here it rises by equal factors, so that each power of ten gets the same number of updates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.argument_checks import TrainingData
from layerlab.runs.plan import Plan
from layerlab.runs.settings_rules import complete_settings, with_defaults
from layerlab.settings import OWN, SETTINGS, Setting
from layerlab.text import count_text
from layerlab.training.batches import Batch, batches, stacked
from layerlab.training.engines import Chunk, Engine
from layerlab.training.fit import coordinates_of, full_parameters, start_engine
from layerlab.training.job import Job
from layerlab.training.planner import Unfit, make_plan
from layerlab.training.stream_engine import StreamEngine, buffers_of
from layerlab.training.train import single_job
from layerlab.tuning.sweeps.advice import missed_shares, smallest_of_alike

from .fixed_cost import costs_after, fixed_cost

LOWEST = Setting("lowest", float, 1e-6, "Learning rate of the first update", above=0)
HIGHEST = Setting("highest", float, 100.0, "Learning rate of the last update", above=0)
UPDATES = Setting("updates", int, 200, "Number of updates", low=20, high=1_000_000)

EXPLODED = 2.0
"""The test ends at a cost above this multiple of the largest cost in its first tenth."""

CHECK_EPOCHS = 20
"""Epochs of the trainings that find the suggestion, if no length is given; but see ``MOST_LENGTHS``."""

MOST_LENGTHS = 10
"""The trainings that find the suggestion have at most this many times as many updates as the test."""

DECADES = 3
"""Learning rates are tried from this many powers of ten below the one at which the test ended.

A step that is stable at the start may later be a hundred times too long.
"""

NOT_HERE = (
    "learning_rate",
    "schedule",
    "monitor",
    *OWN["schedule"],
    *OWN["monitor"],
)
"""Settings of ``train`` that a range test does not take: it sets the learning rate itself, and does not stop early."""


class Tried(NamedTuple):
    """Trainings of the same length from the same initial weights, one for each of several learning rates.

    Attributes:
        rates: (k,) the learning rates, in rising order.
        costs: (k,) the cost after the last update; infinite if a training diverged.
        updates: number of updates of each training.
    """

    rates: Floats
    costs: Floats
    updates: int


@dataclass(frozen=True)
class RangeTest:
    """What a range test found; ``print`` shows it in words.

    Attributes:
        rates: (n,) learning rate of each update that was made.
        costs: (n,) cost before that update, on the same examples for all updates.
        lowest_at: the learning rate at which the cost is lowest.
        exploded_at: the learning rate at which the test ended early because the cost exploded, or None.
        tried: the trainings that found the suggestion; None if no suggestion was asked for.
        suggestion: the suggested learning rate; None if the cost fell with none of those tried, or if it was not asked
            for.
    """

    rates: Floats = field(repr=False)
    costs: Floats = field(repr=False)
    lowest_at: float
    exploded_at: float | None
    tried: Tried | None = field(default=None, repr=False)
    suggestion: float | None = None

    def __str__(self) -> str:
        return " ".join(self.sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The suggestion if there is one, then what was done and what it showed, each in a sentence."""
        n, first, last = len(self.rates), self.rates[0], self.rates[-1]
        end = f"exploded at {last:.3g}" if self.exploded_at else "did not explode"
        rose = (
            f"The learning rate was raised from {_plain(first)} to {last:.3g} in {count_text(n, 'update')}. The cost "
            f"was lowest at {float(f'{self.lowest_at:.2g}'):g} and {end}."
        )
        if self.tried is None:
            return (rose,)
        low, high = self.tried.rates[[0, -1]]
        done = (
            f"From the same start the network was trained for {count_text(self.tried.updates, 'update')} with "
            f"{count_text(len(self.tried.rates), 'learning rate')} from {low:g} to {high:g}: "
        )
        if self.suggestion is None:
            return (
                "No learning rate is suggested: the cost did not fall with any of them.",
                rose,
                f"{done}it did not fall.",
            )
        own = self.tried.costs[self.tried.rates.tolist().index(self.suggestion)]
        done += f"with {self.suggestion:g} the cost fell from {self.costs[0]:.4g} to {own:.4g}."
        return f"Suggested learning rate: {self.suggestion:g}.", rose, done

    @property
    def facts(self) -> dict[str, Any]:
        """The test as plain values, for JSON."""
        tried = self.tried
        return {
            "suggestion": self.suggestion,
            "lowest_at": self.lowest_at,
            "exploded_at": self.exploded_at,
            "rates": self.rates.tolist(),
            "costs": self.costs.tolist(),
            "tried": tried and {"rates": tried.rates.tolist(), "costs": tried.costs.tolist(), "updates": tried.updates},
        }


def _plain(rate: float) -> str:
    """Write a learning rate without an exponent, unless it has very many zeros."""
    return np.format_float_positional(float(f"{rate:.3g}"), trim="-") if rate >= 1e-9 else f"{rate:.3g}"


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
    """Train once with a learning rate that rises by a factor at each update, and suggest one that trains well.

    The rising learning rate shows where the cost explodes. Then the network is trained again from the same start with
    smaller learning rates (1, 3, 10, 30 and so on), each for the same number of updates. The suggestion is the one with
    the lowest final cost, or the smallest of several that miss at most 2 % of its fall. Given parameters are not
    changed: all trainings use copies.

    Args:
        network, data, sample_weight: as for ``train``.
        lowest, highest: learning rates of the first and of the last update; the suggestion lies between them.
        updates: number of updates in which the learning rate rises; the test ends early if the cost explodes.
        parameters: start from these instead of random initial weights, for example from those of a run.
        settings: settings of ``train``: seed, initializer, optimizer, batch_size and so on, but no learning rate and no
            schedule. Iterations or epochs are the length of the trainings that find the suggestion: give the length of
            the training that you plan. Without, they have ``updates`` updates; with mini-batches 20 epochs, but at most
            ten times ``updates``.

    Returns:
        Learning rates, costs and a suggestion. Costs are without dropout. They are measured on all training examples,
        on some thousands of them if there are more, or on the sample of a stream.

    Raises:
        InputError: data or settings are wrong, or the cost is not finite before the first update.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> test = layerlab.range_test(layerlab.Network([2, 4, 1], hidden="tanh"), flower, seed=3)
        >>> 0.5 < test.suggestion < test.exploded_at
        True
    """
    given = {name: settings.pop(name, None) for name in ("iterations", "epochs")}
    job, rates = _prepared(network, data, lowest, highest, updates, sample_weight, parameters, settings)
    length = min(CHECK_EPOCHS * job.epoch, MOST_LENGTHS * len(rates)) if job.batch_size else len(rates)
    if any(value is not None for value in given.values()):
        own = with_defaults({**settings, "learning_rate": 1.0, "batch_size": job.batch_size or None, **given})
        length = complete_settings(job.m, **own)["iterations"]
    test = _risen(job, rates)
    tried = _tried(job, test, float(rates[0]), float(rates[-1]), length)
    return replace(test, tried=tried, suggestion=_suggested(tried, float(test.costs[0])))


def rising_test(network: Network, data: TrainingData, *, sample_weight: Any = None, **settings: Any) -> RangeTest:
    """Do the first part of ``range_test``: let the learning rate rise, and suggest nothing.

    Args:
        network, data, sample_weight, settings: as for ``range_test``.

    Raises:
        InputError: data or settings are not right, or the cost is not finite before the first update.
    """
    usual = LOWEST.default, HIGHEST.default, UPDATES.default
    return _risen(*_prepared(network, data, *usual, sample_weight, None, settings))


def _prepared(
    network: Network,
    data: TrainingData,
    lowest: float,
    highest: float,
    updates: int,
    sample_weight: Any,
    parameters: Parameters | None,
    settings: Mapping[str, Any],
) -> tuple[Job, Floats]:
    """Check everything; the job of the rising learning rate, and the learning rate of each of its updates."""
    low, high, n = LOWEST.check(lowest), HIGHEST.check(highest), UPDATES.check(updates)
    if low >= high:
        raise InputError(f"lowest={lowest!r}, highest={highest!r}: wanted a lowest learning rate below the highest")
    for name in NOT_HERE:
        if settings.get(name, SETTINGS[name].default) != SETTINGS[name].default:
            raise InputError(
                f"{name}={settings[name]!r} has no meaning for a range test, in which the learning rate rises from "
                f"lowest to highest: leave it out"
            )
    if settings.get("optimizer") == LBFGS:
        raise InputError("optimizer='lbfgs' has no learning rate to test: its line search finds the length of a step")
    own = {**settings, "learning_rate": low, "iterations": n}
    weights = sample_weight, None
    job = single_job(network, data, weights, validation=None, parameters=parameters, settings=own)
    return job, np.geomspace(low, high, n)


def _risen(job: Job, rates: Floats) -> RangeTest:
    """Let the learning rate rise, up to where the cost explodes."""
    costs = _costs(job, rates)
    if not math.isfinite(costs[0]):
        raise InputError(
            "the cost is not finite before the first update: wanted smaller features or parameters; standardise the "
            "features"
        )
    rates, exploded = rates[: len(costs)], _exploded(costs, len(rates))
    return RangeTest(rates, costs, float(rates[np.nanargmin(costs)]), float(rates[-1]) if exploded else None)


def _costs(job: Job, rates: Floats) -> Floats:
    """Return the cost before each update, up to the one at which it explodes."""
    unfit: dict[str, str] = {}
    while True:
        plan = make_plan(job, unfit=unfit)
        costs: list[float] = []
        try:
            for cost in _rising(job, plan, rates):
                costs.append(cost)
                if _exploded(costs, len(rates)):
                    break
            return np.array(costs)
        except Unfit as error:
            unfit[error.choice] = error.reason


def _exploded(costs: Sequence[float] | Floats, updates: int) -> bool:
    """Return whether the last of the costs is not finite, or above twice the largest of the test's first tenth."""
    return not (math.isfinite(costs[-1]) and costs[-1] <= EXPLODED * max(costs[: updates // 10]))


def _rising(job: Job, plan: Plan, rates: Floats) -> Iterator[float]:
    """Make update after update on the job's own engine, each with its learning rate; give the cost before each.

    Where an update's own cost is not finite the parameters stay as they are from there on: infinity is given.
    """
    cost_at = fixed_cost(job)
    with buffers_of(job, 0) as ahead:
        engine: Engine
        engine, state = start_engine(job, plan, longest=1)
        stream: Iterator[Batch] | None = None
        if ahead is not None:
            engine = StreamEngine(engine, job, ahead, 0)
        elif job.batch_size:
            stream = batches(job.m, job.batch_size, job.common["batch_seed"], job.common["dtype"], job.weights)
        now = Chunk(state, np.empty(0), np.empty((0, 0)), 0.0)
        for rate in rates.tolist():
            cost = cost_at(full_parameters(job, 0, coordinates_of(job, now, 0)))
            engine.change("learning_rate", rate)
            made = engine.advance(now.state, stacked(list(islice(stream, 1))) if stream else None, 1)
            now = Chunk(*made, 0.0)
            yield cost if math.isfinite(now.costs[0]) else math.inf


def _tried(job: Job, test: RangeTest, lowest: float, highest: float, updates: int) -> Tried:
    """Train with learning rates below the explosion, then with others near the best one."""
    costs: dict[float, float] = {}
    wanted = [rate for rate in rates_below(float(test.rates[-1])) if rate >= lowest] or [lowest]
    while wanted:
        costs |= zip(wanted, costs_after(job, wanted, updates).tolist(), strict=True)
        best, edges = min(costs, key=costs.__getitem__), (min(costs), max(costs))
        wanted = [
            rate
            for rate in (_step(best, -1), _step(best, 1))
            if best in edges and rate not in costs and lowest <= rate <= highest
        ]
    beside = [rate for rate in _beside(best) if lowest <= rate <= highest]
    costs |= zip(beside, costs_after(job, beside, updates).tolist(), strict=True)
    rates = sorted(costs)
    return Tried(np.array(rates), np.array([costs[rate] for rate in rates]), updates)


def rates_below(highest: float) -> list[float]:
    """Learning rates 1, 3, 10, 30 and so on, from ``DECADES`` below a learning rate up to it.

    Example:
        >>> rates_below(0.5)
        [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
    """
    last = math.floor(2 * math.log10(highest) + 1e-9)
    return [_round_rate(k) for k in range(last - 2 * DECADES, last + 1)]


def _round_rate(k: int) -> float:
    """Return the k-th of the learning rates 1, 3, 10, 30 and so on."""
    return float(f"{10 ** (k / 2):.1g}")


def _step(rate: float, steps: int) -> float:
    """Return the learning rate that is some steps further among 1, 3, 10, 30 and so on."""
    return _round_rate(round(2 * math.log10(rate)) + steps)


def _beside(rate: float) -> list[float]:
    """Return the learning rates next to one among 1, 2, 3, 5, 10, 20, 30, 50 and so on."""
    factors = (0.5, 2.0) if f"{rate:e}".startswith("1") else (2 / 3, 5 / 3)
    return [float(f"{rate * factor:.1g}") for factor in factors]


def _suggested(tried: Tried, first: float) -> float | None:
    """Return the learning rate to take by trainings that began at a cost; None if it fell with none of them."""
    missed = missed_shares(tried.costs[:, None], np.array([first]))
    return None if missed is None else float(tried.rates[smallest_of_alike(missed)])
