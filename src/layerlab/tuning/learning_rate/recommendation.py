"""Recommend a learning rate, with reasons: a range test, a sweep over rates and seeds, and the cost's sharpness."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from layerlab.errors import InputError
from layerlab.network import Network
from layerlab.runs.argument_checks import TrainingData
from layerlab.training.train import single_job
from layerlab.tuning.sweeps.advice import advised
from layerlab.tuning.sweeps.result import Sweep
from layerlab.tuning.sweeps.sweep import sweep

from .edge_of_stability import StabilityCurve, edge_of_stability, stability_bound
from .rising_rate import NOT_HERE, RangeTest, range_test

DECADES = 3
"""Factors of ten, below the rate at which the range test ended, over which rates are tried.

A step that is stable at the start may be a hundred times too long later.
"""

SEEDS = 5
"""Number of initial weights with which each learning rate is tried."""


@dataclass(frozen=True)
class Recommendation:
    """A recommended learning rate; ``print`` says the reasons.

    Attributes:
        rate: the learning rate to take; None if with none of those tried the cost fell steadily.
        sentences: the reasons.
        range_test: the test from which the tried rates follow; None if they were given.
        sweep: the trained networks, learning rates × seeds.
        stability: the training of the first seed at the recommended rate, with its sharpness; None where no bound is
            known for the method.
    """

    rate: float | None
    sentences: tuple[str, ...]
    range_test: RangeTest | None = field(repr=False)
    sweep: Sweep = field(repr=False)
    stability: StabilityCurve | None = field(repr=False)

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def recommend_learning_rate(
    network: Network,
    data: TrainingData,
    *,
    learning_rate: Sequence[float] | None = None,
    seed: Iterable[int] | int | None = None,
    validation: Any = None,
    sample_weight: Any = None,
    progress: bool | str | None = None,
    **settings: Any,
) -> Recommendation:
    """Find the largest learning rate that trains this network steadily, whatever its initial weights.

    The largest, because with it the cost falls fastest; steadily, because where a curve oscillates, chance decides at
    which cost it ends. The rate is good for this number of updates on the training set; another may generalise better.

    Args:
        network, data, validation, sample_weight, progress: as for ``sweep``.
        learning_rate: the learning rates to try. None runs a range test and takes 1, 3, 10, 30 and so on, from a
            thousandth of the rate at which it ended up to that rate.
        seed: seeds of the initial weights; None takes 0 to 4 (one seed if all weights begin at zero).
        settings: of ``train``, with iterations or epochs.

    Returns:
        The learning rate, its reasons, and what they were read from.

    Raises:
        InputError: data or settings are not right.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> found = layerlab.recommend_learning_rate(layerlab.Network([2, 4, 1], hidden="tanh"), flower, seed=[1, 2],
        ...                                          iterations=500, learning_rate=[0.01, 0.3, 100.0])
        >>> found.rate
        0.3
    """
    seeds, test = _seeds(seed, settings.get("initializer")), None
    if learning_rate is not None and (not isinstance(learning_rate, Iterable) or len(list(learning_rate)) < 2):
        raise InputError(
            f"learning_rate={learning_rate!r}: wanted a list of at least two rates to choose from, or None"
        )
    if learning_rate is None:
        own = {name: value for name, value in settings.items() if name not in NOT_HERE}
        test = range_test(network, data, seed=seeds[0], sample_weight=sample_weight, **own)
        learning_rate = rates_below(test.rates[-1])
    common = {"validation": validation, "sample_weight": sample_weight, "progress": progress, **settings}
    swept = sweep(network, data, learning_rate=learning_rate, seed=seeds, **common)
    if swept.interrupted:
        return Recommendation(None, ("Interrupted: not all rates were trained to the end.",), test, swept, None)
    advice = advised(swept.table, ["learning_rate", "seed"])
    assert advice is not None  # noqa: S101
    stability: StabilityCurve | None = None
    by_sharpness: tuple[str, ...] = ()
    if advice.rate is not None:
        stability, by_sharpness = _by_sharpness(
            network, data, **{**common, "learning_rate": advice.rate, "seed": seeds[0]}
        )
    sentences = (advice.sentence, *by_sharpness, *(test.sentences if test else ()))
    return Recommendation(advice.rate, sentences, test, swept, stability)


def _seeds(seed: Iterable[int] | int | None, initializer: str | None) -> list[Any]:
    """The seeds to try, as a list."""
    if seed is None:
        return list(range(1 if initializer == "zeros" else SEEDS))
    return list(seed) if isinstance(seed, Iterable) else [seed]


def rates_below(highest: float) -> list[float]:
    """Learning rates 1, 3, 10, 30 and so on, from ``DECADES`` below a rate up to it.

    Example:
        >>> rates_below(0.5)
        [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
    """
    last = math.floor(2 * math.log10(highest) + 1e-9)
    return [float(f"{10 ** (k / 2):.1g}") for k in range(last - 2 * DECADES, last + 1)]


def _by_sharpness(
    network: Network, data: TrainingData, *, validation: Any, sample_weight: Any, progress: Any, **settings: Any
) -> tuple[StabilityCurve | None, tuple[str, ...]]:
    """Train with the recommended rate, and say which rates the sharpness allows at the start and at the end."""
    plain = {"validation": validation, "parameters": None, "settings": settings}
    bound, reason = stability_bound(single_job(network, data, (sample_weight, None), **plain))
    if bound is None:
        return None, (f"The sharpness of the cost says nothing here: {reason}.",)
    given = {"validation": validation, "sample_weight": sample_weight, "progress": progress}
    curve = edge_of_stability(network, data, **given, **settings)
    rate, seed = settings["learning_rate"], settings["seed"]
    first, last = (bound * rate / value if value > 0 else math.inf for value in curve.sharpness[[0, -1]])
    sentence = (
        f"By the sharpness of the training cost, rates up to {first:.2g} were stable at the start, and up to "
        f"{last:.2g} at the end of the training at {rate:g} (seed {seed})."
    )
    return curve, (sentence,)
