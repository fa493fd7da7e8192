"""The edge of stability: during a training, the sharpness of the cost rises until its steps are only just stable.

On a quadratic function of curvature λ, steps with learning rate η diverge if λ is above a bound:

    gradient descent   2 / η
    heavy ball         (2 + 2μ) / η
    Nesterov           (2 + 2μ) / ((1 + 2μ) η)

In full-batch trainings the sharpness rises up to this bound and then stays near it. The bounds are from Cohen et al.
2021, "Gradient descent on neural networks typically occurs at the edge of stability", section 2. With mini-batches,
dropout or Adam, the sharpness alone does not say which steps are stable, and no bound is given.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import TrainingWarning
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.runs.argument_checks import TrainingData
from layerlab.runs.moments import Moment
from layerlab.runs.run import Run
from layerlab.training.job import Job
from layerlab.training.target import as_learned
from layerlab.training.train import single_job, train

from .sharpness import landscape_of

LARGEST_STABLE: dict[str, Callable[[Mapping[str, Any]], float]] = {
    "gd": lambda _: 2.0,
    "momentum": lambda own: 2.0 + 2.0 * own["momentum"],
    "nesterov": lambda own: (2.0 + 2.0 * own["momentum"]) / (1.0 + 2.0 * own["momentum"]),
}
"""For each optimiser: learning rate × the largest curvature at which full-batch steps are stable."""


@dataclass(frozen=True)
class StabilityCurve:
    """A training, and the sharpness of the cost during it; ``print`` says in words what the sharpness did.

    Attributes:
        run: the trained network.
        iterations: (k,) number of updates made before each measurement; the first is 0.
        sharpness: (k,) largest eigenvalue of the Hessian of the training cost after these updates.
        bound: the sharpness above which the steps are unstable; None if no bound is known.
        reason: why no bound is known, or "".
    """

    run: Run = field(repr=False)
    iterations: NDArray[np.int64] = field(repr=False)
    sharpness: Floats = field(repr=False)
    bound: float | None
    reason: str = ""

    def __str__(self) -> str:
        return " ".join(self.sentences)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the sharpness did, and whether it came above the bound, in a sentence each."""
        values, known = self.sharpness, np.isfinite(self.sharpness)
        if not known.any():
            return ("The sharpness is not finite anywhere.",)
        top = int(np.where(known, values, -np.inf).argmax())
        went = (
            f"The sharpness is {values[0]:.3g} at the start, at most {values[top]:.3g} (after {self.iterations[top]:,} "
            f"updates), and {values[-1]:.3g} at the end."
        )
        return went, self._beside_bound(values)

    def _beside_bound(self, values: Floats) -> str:
        if self.bound is None:
            return f"No bound: {self.reason}."
        above = np.flatnonzero(values > self.bound)
        line = f"Steps of this length are stable up to a sharpness of {self.bound:.3g}"
        if not len(above):
            return f"{line}, which was never reached: every step was stable."
        first = int(above[0])
        after = values[first:][np.isfinite(values[first:])]
        return (
            f"{line}. That was reached after {self.iterations[first]:,} updates; from there on the sharpness was "
            f"{after.min():.3g} to {after.max():.3g}."
        )

    @property
    def facts(self) -> dict[str, Any]:
        """The curve and its bound as plain values, for JSON."""
        return {
            "learning_rate": self.run.settings["learning_rate"],
            "iterations": self.iterations.tolist(),
            "sharpness": self.sharpness.tolist(),
            "bound": self.bound,
            "reason": self.reason,
        }


def edge_of_stability(
    network: Network,
    data: TrainingData,
    *,
    every: int | None = None,
    validation: Any = None,
    sample_weight: Any = None,
    parameters: Parameters | None = None,
    progress: bool | str | None = None,
    **settings: Any,
) -> StabilityCurve:
    """Train as ``train`` does, and measure the sharpness of the cost on the way.

    Args:
        network, data, validation, sample_weight, parameters, progress: as for ``train``.
        every: epochs from one measurement to the next. None means 1 with batches; without batches it is chosen so that
            there are at most 100 measurements. A measurement takes as long as about 60 gradients on all examples.
        settings: the settings of ``train``. Findings about the training are in ``run.diagnosis``; there is no warning.

    Returns:
        The run, its sharpness after some updates, and the bound.

    Raises:
        InputError: data or settings are wrong, or the data are a stream.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> curve = layerlab.edge_of_stability(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2,
        ...                                    iterations=400, every=100, initializer="normal", seed=3)
        >>> curve.iterations.tolist(), round(curve.bound, 4)
        ([0, 100, 200, 300, 400], 1.6667)
    """
    weights = sample_weight, None
    job = single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
    landscape = landscape_of(job)
    measured = [(0, landscape.sharpness(job.start(job.members[0])))]

    def measure(moment: Moment) -> None:
        measured.append((moment.iteration, landscape.sharpness(as_learned(moment.parameters(), job.scaling))))

    options = {"callback": measure, "every": every, "advice": False, "progress": progress, "validation": validation}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        run = train(network, data, sample_weight=sample_weight, parameters=parameters, **options, **settings)
    iterations, values = zip(*measured, strict=True)
    bound, reason = stability_bound(job)
    return StabilityCurve(run, np.array(iterations), np.array(values), bound, reason)


def stability_bound(job: Job) -> tuple[float | None, str]:
    """Return the sharpness above which a job's steps are unstable, and ""; or None, and why no bound is known."""
    own = job.common
    title = ALL_OPTIMIZERS[own["optimizer"]].title
    if own["optimizer"] not in LARGEST_STABLE:
        return (
            None,
            f"{title} scales its steps by earlier gradients, so the sharpness alone does not say which are stable",
        )
    if job.batch_size or own["dropout"]:
        return None, "with mini-batches or dropout, each update has a cost of its own"
    if own["schedule"] != "constant":
        return None, "the learning rate changes from update to update"
    if own["clip_norm"] is not None:
        return None, "clipped gradients change the length of the steps"
    return LARGEST_STABLE[own["optimizer"]](own) / own["learning_rate"], ""
