"""Sharpness: the largest eigenvalue of the Hessian of the training cost, by Lanczos on explicit products.

Power iteration finds the eigenvalue of largest magnitude, which may be negative, and is slow where two are of similar
size; SciPy's Lanczos iteration (ARPACK) takes about twenty products in every case that was tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas import Parameters, Place, hessian_product, place_at
from layerlab.formulas.arrays import Floats
from layerlab.machine import one_thread
from layerlab.network import Network
from layerlab.runs.argument_checks import TrainingData
from layerlab.runs.events import settings_at_end
from layerlab.runs.run import Run
from layerlab.training.job import Job
from layerlab.training.train import single_job

TOLERANCE = 1e-6
"""Relative accuracy of an eigenvalue."""


def sharpness(run: Run, data: TrainingData, *, sample_weight: Any = None) -> float:
    """Return the largest eigenvalue of the Hessian of a run's training cost, with the L2 penalty and without dropout.

    Full-batch gradient descent with learning rate η is stable along a direction if the curvature is below 2/η there, so
    2/sharpness is the largest learning rate that is stable here. The sharpness changes as the parameters do: see
    ``edge_of_stability``.

    Args:
        run: a trained network; the Hessian is computed at its parameters, with members at those of the first one.
        data: the data that it was trained on, as for ``train``.
        sample_weight: (m,) as for ``train``, if it was trained with weights.

    Returns:
        The eigenvalue. It is negative if the cost curves downwards in every direction, and nan if the cost is not
        finite.

    Raises:
        InputError: the data do not fit the run, or are a stream; or the run had example weights, but none are given.

    Example:
        >>> import layerlab, numpy as np
        >>> x = np.array([[-2.0, 0.0, 2.0]])  # a line through 0: half the mean square has the Hessian Σ x² / m = 8/3
        >>> line = layerlab.train(layerlab.Network([1, 1]), (x, x), learning_rate=0.1, iterations=50)
        >>> print(f"{layerlab.sharpness(line, (x, x)):.4f}")
        2.6667
    """
    if run.weighted and sample_weight is None:
        raise InputError(
            "the run was trained with example weights, which its cost depends on: give them, sample_weight=…"
        )
    last = settings_at_end(run.settings, run.events)
    own = {name: last[name] for name in ("l2", "class_weight", "label_smoothing")}
    job = single_job(
        run.network,
        data,
        (sample_weight, None),
        validation=None,
        parameters=run.parameters,
        settings={**own, "learning_rate": 1.0, "iterations": 1},
    )
    return landscape_of(job).sharpness(job.start(job.members[0]))


@dataclass(frozen=True)
class Landscape:
    """The training cost of one network, in coordinates as narrow as the examples allow.

    Attributes:
        network: the network, with its output named.
        X: (k, m) inputs, k = min(n_x, m): if there are more features than examples, their coordinates in ``basis``.
            With an embedding k is always n_x.
        Y: (n_y, m).
        weights: (m,) of mean 1, or None for all alike.
        decay: λ / m of the L2 penalty.
        basis: (n_x, k) orthonormal, or None. A rotation changes no eigenvalue. In directions that no example has, only
            the penalty curves the cost.
    """

    network: Network
    X: Floats
    Y: Floats
    weights: Floats | None
    decay: float
    basis: Floats | None

    @np.errstate(all="ignore")  # an overflow shows as a number that is not finite
    def sharpness(self, parameters: Parameters) -> float:
        """Return the Hessian's largest eigenvalue at ``W1 b1 … WL bL``; nan where cost or gradient is not finite."""
        own = {name: np.asarray(value, np.float64) for name, value in parameters.items()}
        network = self.network
        with one_thread():
            if self.basis is not None:
                own = {**own, "W1": own["W1"] @ self.basis}
            about = network.activations, str(network.output), self.weights, self.decay
            place = place_at(self.X, self.Y, own, *about, first=network.first)
            largest = _largest_eigenvalue(place, own)
        return largest if self.basis is None else max(largest, self.decay)


def landscape_of(job: Job) -> Landscape:
    """Return the training cost of a job of one network, without its dropout.

    Raises:
        InputError: it is trained on a stream.
    """
    if job.stream is not None:
        raise InputError(
            f"{job.stream.source.name} is a stream: wanted examples that lie in memory, because the cost of all "
            f"of them is needed; take some of them"
        )
    X, Y = (np.asarray(part, np.float64) for part in (job.part.X, job.targets))
    weights = None if job.weights is None else np.asarray(job.weights, np.float64)
    size = job.m if weights is None else weights.sum()
    basis = None
    if X.shape[0] > X.shape[1] and job.network.embedding is None:  # waves need the inputs themselves
        with one_thread():
            basis, X = np.linalg.qr(X)
    mean_one = None if weights is None else weights / weights.mean()
    return Landscape(job.network, X, Y, mean_one, float(job.common["l2"] / size), basis)


def _largest_eigenvalue(place: Place, parameters: Parameters) -> float:
    from scipy.sparse.linalg import LinearOperator, eigsh

    n = sum(value.size for value in parameters.values())

    def product(vector: Floats) -> Floats:
        along = hessian_product(place, _unflattened(vector.ravel(), parameters))
        return np.concatenate([value.ravel() for value in along.values()])

    start = product(np.random.RandomState(0).randn(n))
    if not np.isfinite(start).all():
        return float("nan")
    if not start.any():  # the cost is flat
        return 0.0
    hessian = LinearOperator((n, n), matvec=product, dtype=np.float64)
    found = eigsh(hessian, k=1, which="LA", v0=start, tol=TOLERANCE, return_eigenvectors=False)
    return float(found[0])


def _unflattened(vector: Floats, like: Parameters) -> Parameters:
    ends = np.cumsum([value.size for value in like.values()])[:-1]
    parts = np.split(vector, ends)
    return {name: part.reshape(value.shape) for part, (name, value) in zip(parts, like.items(), strict=True)}
