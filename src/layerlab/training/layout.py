"""From a job to what an engine reads: the examples as they lie in memory, and the state before the first update.

The first layer has two layouts: at full width X itself, in the span tables of products (``formulas.span``). Several
members are stacked along a first axis; narrower ones are padded with zeros to the widest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerlab.datasets.streaming.buffers import aligned
from layerlab.formulas import Parameters, Span, multiplied
from layerlab.formulas.arrays import Floats
from layerlab.network import Network

from .basis import into_span, projected
from .checkpoint import Earlier
from .engines import initial_state
from .job import Job
from .planner import Unfit
from .stages import stage
from .updates import EngineData, Program, State


def laid_out(job: Job, span: bool, earlier: Earlier | None = None) -> tuple[EngineData, State]:
    """Return what the engine reads, and the state before the first update.

    Args:
        job: one slice of what is trained.
        span: whether the first layer is in the span of the examples.
        earlier: what a checkpoint holds; the state is then the one that it saved.

    Raises:
        Unfit: the span does not work for these examples.
    """
    program = job.program(span)
    data, parameters = _in_span(job, program) if span else _at_full_width(job, program)
    data = data._replace(**_counts(job, program), **weights_of(job))
    state = initial_state(program, parameters)
    return data, state if earlier is None else earlier.state(state)


def weights_of(job: Job) -> dict[str, Any]:
    """Return the examples' weights, scaled to mean 1, and their sum, which the L2 penalty needs.

    With batches, each ``Batch`` has the weights of its examples, unless weights differ from member to member.
    """
    found: dict[str, Any] = {}
    if job.weights is not None:
        mean = job.weights.mean(axis=-1, keepdims=True)
        total = job.m * (mean[..., None] if job.each_weighs else mean[0])
        found |= {"weights": job.weights / mean, "total": np.asarray(total)}
    if job.validation_weight is not None:
        found["validation_weights"] = validation_weights(job)
    return found


def validation_weights(job: Job) -> Floats:
    """Return the weights (m',) of the validation examples, or each member's own (K, m'), scaled to mean 1."""
    assert job.validation_weight is not None  # noqa: S101
    scaled: Floats = job.validation_weight / job.validation_weight.mean(axis=-1, keepdims=True)
    return scaled


def _counts(job: Job, program: Program) -> dict[str, Any]:
    """Return the numbers that a schedule, a monitor and dropout read, besides ``rates``."""
    counts = {}
    if program.epoch:
        counts["epochs"] = np.asarray(job.common["iterations"] / program.epoch, job.common["dtype"])
    if program.monitor:
        counts |= {name: np.asarray(job.common[name], job.common["dtype"]) for name in ("patience", "min_delta")}
    if program.dropped:
        counts["seed"] = np.asarray(job.common["dropout_seed"])
    return counts


def _at_full_width(job: Job, program: Program) -> tuple[EngineData, Parameters]:
    """Return the inputs themselves (for a stream, a buffer that is still empty), and the initial parameters."""
    X: Any = job.part.X
    Y: Any = job.targets
    if job.stream is not None:
        X, Y = (aligned((job.layout.size, part.shape[0]), part.dtype) for part in job.part)
    else:
        if job.sparse:
            X = X.T.tocsr()
        elif program.rows:
            X = aligned_rows(X)
        Y = aligned_rows(Y) if program.rows else Y
    factors = {name: np.asarray(factor, job.common["dtype"]) for name, factor in job.factors.items()}
    sample = job.part.X if job.stream is not None and job.metrics else None
    data = EngineData(X, Y, job.rates(), job.units(), job.validation, factors=factors or None, sample=sample)
    # θ = f φ: the initial weights are θ, and the optimiser starts from φ = θ / f.
    starts = [job.start(member) for member in job.members]
    if job.scaled:
        starts = [{**start, "g1": np.ones((job.part.X.shape[0], 1), start["W1"].dtype)} for start in starts]
    inverse = {name: 1 / factor for name, factor in factors.items()}
    return data, together(job, [multiplied(start, inverse) for start in starts])


def aligned_rows(columns: Floats, dtype: Any = None) -> Floats:
    """Lay out columns as rows in memory; nothing is copied where they are laid out so already.

    A copy begins at an address from which XLA takes it without a copy of its own.

    Args:
        columns: (n, m).
        dtype: type of the rows; None for that of the columns.

    Returns:
        (m, n) rows, which must not be changed.
    """
    dtype = np.dtype(columns.dtype if dtype is None else dtype)
    rows: Floats = columns.T
    if rows.flags.c_contiguous and rows.dtype == dtype:
        return rows
    rows = aligned(columns.shape[::-1], dtype)
    rows[:] = columns.T
    return rows


@np.errstate(all="ignore")  # an overflow shows as a table that is not finite
def _in_span(job: Job, program: Program) -> tuple[EngineData, Parameters]:
    """Return the inputs as tables of products, and initial parameters as coordinates."""
    with stage("basis"):
        # W_0 X is computed once for each origin, not for each member; W_0 itself is freed at once.
        projections, starts = {}, []
        for member in job.members:
            drawn = job.start(member)
            if member.origin not in projections:
                projections[member.origin] = _projections(job, drawn["W1"])
            starts.append(into_span(drawn, job.m))
        shared = len(projections) == 1  # then one table serves all members
        used = projections.values() if shared else [projections[member.origin] for member in job.members]
        start, held_out, norm = (values[0] if job.alone else np.stack(values) for values in zip(*used, strict=True))
        validation = None
        if job.validation is not None:
            validation = Span(job.validation_gram, held_out, norm), job.validation.Y
        tables = [job.gram, start, norm, *([] if validation is None else validation[0][:2])]
        if not all(np.isfinite(table).all() for table in tables):
            dtype = job.common["dtype"]
            raise Unfit("basis", f"the products of examples are not finite in {dtype}: their features are too large")
        Y = aligned_rows(job.targets) if program.rows else job.targets
        data = EngineData(Span(job.gram, start, norm), Y, job.rates(), job.units(), validation)
        return data, together(job, starts)


def _projections(job: Job, W: Floats) -> tuple[Floats, Floats, Floats]:
    """W X for the training and the validation set, as wide as the widest member, and Σ W².

    Returns:
        (n, m), (n, m') and (1, 1); without a validation set the second is the first again.
    """
    dtype, widest = job.common["dtype"], job.network.layer_dims[1]
    parts = [job.part.X] + ([] if job.validation is None else [job.validation.X])
    projections = [_padded(projected(W, X), (widest, X.shape[1])).astype(dtype) for X in parts]
    norm = np.array([[np.vdot(W, W)]], dtype)
    return projections[0], projections[-1], norm


def together(job: Job, starts: Sequence[Parameters]) -> Parameters:
    """Stack the members' parameters along a first axis, each padded to the network; leave those of a single model."""
    if job.alone:
        return starts[0]
    return {
        name: np.stack([_padded(start[name], _shape(name, job.network, start[name])) for start in starts])
        for name in starts[0]
    }


def _shape(name: str, network: Network, value: Floats) -> tuple[int, ...]:
    """Return a parameter's shape in a network; C has the rows of W1 and its own columns, scales are not padded."""
    if name[0] == "C":
        return (network.layer_dims[int(name[1:])], value.shape[1])
    return network.shapes.get(name, value.shape)


def _padded(value: Floats, shape: tuple[int, ...]) -> Floats:
    """Pad a matrix to a shape with zeros below and to the right."""
    return np.pad(value, [(0, size - own) for size, own in zip(shape, value.shape, strict=True)])
