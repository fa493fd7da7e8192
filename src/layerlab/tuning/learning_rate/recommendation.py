"""Recommend a learning rate, with reasons: a range test, a sweep over learning rates and seeds, and the sharpness."""

from __future__ import annotations

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
from .rising_rate import NOT_HERE, RangeTest, rates_below, rising_test
from .stable_steps import stable_steps

SEEDS = 5
"""With how many seeds of the initial weights each learning rate is tried."""


@dataclass(frozen=True)
class Recommendation:
    """A recommended learning rate; ``print`` shows it with its reasons.

    Attributes:
        rate: the recommended learning rate; None if the cost fell with none of those tried.
        sentences: first the answer, then the reasons.
        range_test: the test that chose the learning rates to try; None if they were given.
        sweep: the trained networks: every learning rate with every seed.
        stability: the sharpness during a training with the first seed and the recommended learning rate; None if no
            bound is known for the optimiser.
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
    """Find a learning rate with which this network reaches a low cost, whatever its initial weights.

    For each seed, the best learning rate lowers the cost by some amount. Every other one misses a share of this fall;
    the shares are averaged over the seeds. Learning rates whose share is at most 0.02 above the smallest are about
    equally good, and the smallest of them is recommended. This holds for this number of updates and for the training
    cost: another learning rate may generalise better.

    Args:
        network, data, validation, sample_weight, progress: as for ``sweep``.
        learning_rate: the learning rates to try. None runs a range test first. Then the numbers 1, 3, 10, 30 and so on
            are tried, from a thousandth of the learning rate at which the test ended up to that one.
        seed: seeds of the initial weights; None means 0 to 4 (a single seed if all weights begin at zero).
        settings: settings of ``train``, among them iterations or epochs.

    Returns:
        The learning rate, the reasons, and the trainings that they come from.

    Raises:
        InputError: data or settings are wrong.

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
            f"learning_rate={learning_rate!r}: wanted a list of at least two learning rates to choose from; leave "
            f"it out and layerlab chooses them"
        )
    if learning_rate is None:
        own = {name: value for name, value in settings.items() if name not in (*NOT_HERE, "iterations", "epochs")}
        test = rising_test(network, data, seed=seeds[0], sample_weight=sample_weight, **own)
        learning_rate = rates_below(test.rates[-1])
    common = {"validation": validation, "sample_weight": sample_weight, "progress": progress, **settings}
    swept = sweep(network, data, learning_rate=learning_rate, seed=seeds, **common)
    if swept.interrupted:
        return Recommendation(None, ("Interrupted: not all networks were trained to the end.",), test, swept, None)
    advice = advised(swept.table, ["learning_rate", "seed"])
    assert advice is not None  # noqa: S101
    stability: StabilityCurve | None = None
    by_sharpness: tuple[str, ...] = ()
    if advice.rate is not None:
        stability, by_sharpness = _by_sharpness(
            network, data, **{**common, "learning_rate": advice.rate, "seed": seeds[0]}
        )
    tried = (
        f"That only shows the range to try: layerlab then trained with learning rates from {learning_rate[0]:g} to "
        f"{learning_rate[-1]:g}."
    )
    by_range = (f"Range test: {str(test)[0].lower()}{str(test)[1:]} {tried}",) if test else ()
    sentences = (advice.answer, advice.why, *by_sharpness, *by_range)
    return Recommendation(advice.rate, sentences, test, swept, stability)


def _seeds(seed: Iterable[int] | int | None, initializer: str | None) -> list[Any]:
    """Return the seeds to try, as a list."""
    if seed is None:
        return list(range(1 if initializer == "zeros" else SEEDS))
    return list(seed) if isinstance(seed, Iterable) else [seed]


def _by_sharpness(
    network: Network, data: TrainingData, *, validation: Any, sample_weight: Any, progress: Any, **settings: Any
) -> tuple[StabilityCurve | None, tuple[str, ...]]:
    """Train with the recommended learning rate, and say which ones are stable at the start and at the end."""
    plain = {"validation": validation, "parameters": None, "settings": settings}
    bound, reason = stability_bound(single_job(network, data, (sample_weight, None), **plain))
    if bound is None:
        return None, (f"The sharpness of the cost does not help here: {reason}.",)
    given = {"validation": validation, "sample_weight": sample_weight, "progress": progress}
    curve = edge_of_stability(network, data, **given, **settings)
    return curve, (stable_steps(curve, bound, settings["learning_rate"], settings["seed"]),)
