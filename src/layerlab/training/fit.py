"""From a job and its plan to chunks: draw, go into the coordinates, ask the engine; and the way back."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets.streaming.buffers import BuffersAhead, aligned
from layerlab.errors import InputError
from layerlab.formulas import Parameters, Span, multiplied, without_scales
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.plan import Plan

from .basis import into_span, out_of_span, products, projected
from .batches import batches
from .checkpoint import Earlier
from .engines import MOST_UPDATES, Chunk, Engine, NumpyEngine, chunks, started
from .job import Job, Member
from .lbfgs import LbfgsEngine
from .planner import Unfit, ready, sizes_of
from .streamed import StreamEngine, buffers_of
from .taking_metrics import measured
from .target import in_own_units
from .updates import Data, Program, State
from .work import Sizes

LARGE_PRODUCTS = 1e9
"""An update with fewer floating-point operations than this in its products runs on one thread in NumPy: two threads
made it 1.45 times faster on idle cores, and up to 36 times slower where another process wanted them, as they wait for
each other after every product."""

Spent = dict[str, float]
"""Seconds by stage."""


class Prepared(NamedTuple):
    """A job whose first update can be made.

    Attributes:
        engine: that makes it.
        state: before it.
    """

    engine: Engine
    state: State


def prepared(
    job: Job, plan: Plan, spent: Spent, earlier: Earlier | None = None, longest: int = MOST_UPDATES
) -> Prepared:
    """Draw, go into the coordinates of the plan, start the engine.

    Args:
        job: one slice of what is trained.
        plan: how.
        spent: the seconds of each stage are added to it.
        earlier: what a checkpoint holds, to go on from.
        longest: the most updates that the engine will be asked for at once.

    Raises:
        Unfit: if a choice of the plan turns out not to work.
    """
    data, state = laid_out(job, plan, spent, earlier)
    return Prepared(engine_of(job, plan, data, state, spent, longest), state)


def laid_out(job: Job, plan: Plan, spent: Spent, earlier: Earlier | None = None) -> tuple[Data, State]:
    """What the engine reads, and the state before the first update, in the coordinates of the plan.

    Raises:
        Unfit: the plan's basis turns out not to work.
    """
    program = job.program(plan.basis == "span")
    data, parameters = (_in_span if program.span else _at_full_width)(job, spent)
    data = data._replace(**_counts(job, program))
    if job.weights is not None and job.batch_size and job.each_weighs:
        data = data._replace(weights=job.weights)
    elif job.weights is not None and not job.batch_size:
        mean = job.weights.mean(axis=-1, keepdims=True)
        total = job.m * (mean[..., None] if job.each_weighs else mean[0])
        data = data._replace(weights=job.weights / mean, total=np.asarray(total))
    if job.validation_weight is not None:
        data = data._replace(validation_weights=job.validation_weight / job.validation_weight.mean())
    state = started(program, parameters)
    return data, state if earlier is None else earlier.state(state)


def engine_of(job: Job, plan: Plan, data: Data, state: State, spent: Spent, longest: int = MOST_UPDATES) -> Engine:
    """The plan's engine, ready to go on from the state; arguments as for ``prepared``.

    Raises:
        Unfit: it turns out not to work.
    """
    sizes = sizes_of(job, plan.basis == "span", len(job.members))
    program = sizes.program
    engine: Engine = NumpyEngine(program, data, one_thread=sizes.products < LARGE_PRODUCTS)
    if plan.engine == "xla":
        engine = _xla_engine(program, data, state, longest, spent, sizes)
    if program.optimizer == LBFGS:
        engine = LbfgsEngine(engine, program, data, job.common["iterations"])
    return engine


def chunks_of(job: Job, plan: Plan, spent: Spent, earlier: Earlier | None = None) -> Generator[Chunk]:
    """What the engine yields, in the coordinates of the plan.

    Args:
        job, plan, spent: as for ``prepared``.
        earlier: what a checkpoint holds: its updates are the first chunk, and the engine goes on from there. Where jax
            was started and nothing came earlier, the first chunk has no updates.

    Raises:
        Unfit: before the first update, if a choice of the plan turns out not to work.
    """
    done = 0 if earlier is None else int(earlier.arrays["state.update"])
    with buffers_of(job, done) as ahead:  # the first is read while the engine is started
        yield from _chunks_of(job, plan, spent, earlier, ahead)


def _chunks_of(
    job: Job, plan: Plan, spent: Spent, earlier: Earlier | None, ahead: BuffersAhead | None
) -> Generator[Chunk]:
    engine, state = prepared(job, plan, spent, earlier)
    common, done, dealt = job.common, int(state.update), None
    if earlier is not None:
        yield Chunk(state, earlier.costs, earlier.validation, earlier.seconds, earlier.measured)
    elif plan.engine == "xla":
        yield Chunk(state, np.empty((0, *state.alive.shape)), np.empty((0, 0)), 0.0)
    if ahead is not None:
        engine = StreamEngine(engine, job, ahead, done, spent)
    elif job.batch_size:
        weights = None if job.each_weighs else job.weights
        dealt = batches(job.m, job.batch_size, common["batch_seed"], common["dtype"], weights, skip=done)
    stream = chunks(engine, state, dealt, common["iterations"] - done, job.every * job.epoch)
    if job.metrics:
        stream = measured(stream, engine, job, done, spent)
    del engine, state  # the stream may let go of them
    for chunk in _as_far_as_jax_works(stream) if plan.engine == "xla" else stream:
        _add(spent, "updates", chunk.seconds)
        yield chunk


def _counts(job: Job, program: Program) -> dict[str, Any]:
    """What a schedule, a monitor and dropout need."""
    counts = {}
    if program.epoch:
        counts["epochs"] = np.asarray(job.common["iterations"] / program.epoch, job.common["dtype"])
    if program.monitor:
        counts |= {name: np.asarray(job.common[name], job.common["dtype"]) for name in ("patience", "min_delta")}
    if program.dropped:
        counts["seed"] = np.asarray(job.common["dropout_seed"])
    return counts


def coordinates_of(job: Job, chunk: Chunk, member: int) -> Parameters:
    """A member's parameters at the end of a chunk in the coordinates of the plan, as NumPy arrays of its own.

    With a monitor they are those of its best epoch, if one has ended.
    """
    state = chunk.state
    monitored = bool(state.watch) and np.asarray(state.watch.kept_at).reshape(-1)[member] > 0
    return _owned(job, state.watch.kept if monitored else state.parameters, member)


def parameters_after(job: Job, chunk: Chunk) -> Parameters:
    """``W1 b1 … WL bL`` of one that is alone as its updates left them at the end of a chunk."""
    return in_own_units(job, full_parameters(job, 0, _owned(job, chunk.state.parameters, 0)))


def _owned(job: Job, parameters: Parameters, member: int) -> Parameters:
    values = {name: np.asarray(value) for name, value in parameters.items()}
    own = {name: np.array(value if job.alone else value[member]) for name, value in values.items()}
    return multiplied(own, job.factors)


def full_parameters(job: Job, member: int, coordinates: Parameters) -> Parameters:
    """A member's ``W1 b1 … WL bL`` at its own sizes and at full width, from its coordinates."""
    network = job.members[member].network
    own = {name: _cut(value, name, network.layer_dims) for name, value in coordinates.items()}
    if "g1" in own:
        own = without_scales(own)
    if "C1" in own:
        own = out_of_span(own, job.start(job.members[member])["W1"], job.part.X)
    return {name: own[name] for name in network.shapes}


def _cut(value: Floats, name: str, layer_dims: Sequence[int]) -> Floats:
    """A parameter without the padding of narrower members."""
    layer = int(name[1:])
    rows, columns = layer_dims[layer], layer_dims[layer - 1]
    return {"W": value[:rows, :columns], "b": value[:rows], "C": value[:rows]}.get(name[0], value)


def _at_full_width(job: Job, spent: Spent) -> tuple[Data, Parameters]:
    """Inputs as they are, examples in rows where batches take some of them; of a stream a buffer that is empty yet."""
    X: Any = job.part.X
    Y: Any = job.targets
    if job.stream is not None:
        X, Y = (aligned((job.layout.size, part.shape[0]), part.dtype) for part in job.part)
    elif job.batch_size:
        X, Y = X.T.tocsr() if job.sparse else aligned_rows(X), aligned_rows(Y)
    elif job.sparse:
        X = X.T.tocsr()
    factors = {name: np.asarray(factor, job.common["dtype"]) for name, factor in job.factors.items()}
    sample = job.part.X if job.stream is not None and job.metrics else None
    data = Data(X, Y, job.rates(), job.units(), job.validation, factors=factors or None, sample=sample)
    starts = [_drawn(job, member, spent) for member in job.members]
    if job.scaled:
        starts = [{**start, "g1": np.ones((job.part.X.shape[0], 1), start["W1"].dtype)} for start in starts]
    inverse = {name: 1 / factor for name, factor in factors.items()}
    return data, _together(job, [multiplied(start, inverse) for start in starts])


def aligned_rows(columns: Floats) -> Floats:
    """Lay out columns as rows in memory; where they are the columns of such rows already, nothing is copied.

    A copy begins where a processor's vector may begin, so that XLA takes it as it is.
    """
    if columns.T.flags.c_contiguous:
        return columns.T
    rows = aligned(columns.shape[::-1], columns.dtype)
    rows[:] = columns.T
    return rows


def _drawn(job: Job, member: Member, spent: Spent) -> Parameters:
    begun = perf_counter()
    start = job.start(member)
    _add(spent, "draw", perf_counter() - begun)
    return start


@np.errstate(all="ignore")  # an overflow shows as a number that is not finite
def _in_span(job: Job, spent: Spent) -> tuple[Data, Parameters]:
    """Inputs as tables of products."""
    begun, before = perf_counter(), spent.get("draw", 0.0)
    X, Y, dtype = job.part.X, job.targets, job.common["dtype"]
    first, starts = {}, []
    for member in job.members:
        drawn = _drawn(job, member, spent)
        if member.origin not in first:
            first[member.origin] = _projections(job, drawn["W1"])
        starts.append(into_span(drawn, job.m))
    used = first.values() if len(first) == 1 else [first[member.origin] for member in job.members]
    start, held_out, norm = (values[0] if job.alone else np.stack(values) for values in zip(*used, strict=True))
    span = Span(job.table("train", lambda: products(X, X).astype(dtype)), start, norm)
    validation = None
    if job.validation is not None:
        X_val, Y_val = job.validation
        gram = job.table("validation", lambda: products(X, X_val).astype(dtype))
        validation = Span(gram, held_out, norm), Y_val
    tables = (span.gram, start, norm, *(held_out[:1] if validation is None else (held_out, validation[0].gram)))
    if not all(np.isfinite(table).all() for table in tables):
        raise Unfit("basis", f"the products of examples are not finite in {dtype}: their features are too large")
    Y = aligned_rows(Y) if job.batch_size else Y
    data, parameters = Data(span, Y, job.rates(), job.units(), validation), _together(job, starts)
    _add(spent, "basis", perf_counter() - begun - (spent["draw"] - before))
    return data, parameters


def _projections(job: Job, W: Floats) -> tuple[Floats, Floats, Floats]:
    """W X for both parts, as wide as the widest member, and Σ W² as (1, 1)."""
    dtype, widest = job.common["dtype"], job.network.layer_dims[1]
    parts = [job.part.X] + ([] if job.validation is None else [job.validation.X])
    projections = [_padded(projected(W, X), (widest, X.shape[1])).astype(dtype) for X in parts]
    norm = np.array([[np.vdot(W, W)]], dtype)
    return projections[0], projections[-1], norm


def _together(job: Job, starts: Sequence[Parameters]) -> Parameters:
    """The members' parameters along a first axis, each padded to the network; those of one alone as they are."""
    if job.alone:
        return starts[0]
    dims = job.network.layer_dims
    return {
        name: np.stack([_padded(start[name], _shape(name, dims, start[name])) for start in starts])
        for name in starts[0]
    }


def _shape(name: str, layer_dims: Sequence[int], value: Floats) -> tuple[int, ...]:
    """That of a parameter in a network of these sizes; a scale, and the columns of C, belong to the inputs."""
    layer, (rows, columns) = int(name[1:]), value.shape
    if name[0] in "WCb":
        rows = layer_dims[layer]
    return (rows, layer_dims[layer - 1] if name[0] == "W" else columns)


def _padded(value: Floats, shape: tuple[int, ...]) -> Floats:
    """Zeros below and to the right."""
    return np.pad(value, [(0, size - own) for size, own in zip(shape, value.shape, strict=True)])


def _xla_engine(program: Program, data: Data, state: State, longest: int, spent: Spent, sizes: Sizes) -> Engine:
    """The compiled engine; jax is imported here."""
    begun = perf_counter()
    try:
        from .xla import XlaEngine, imported_in
    except Exception as error:  # whatever a damaged installation raises
        raise _unusable(error) from error
    if imported_in != os.getpid():
        raise Unfit("engine", "jax would hang: it was started before this process was forked; start it by 'spawn'")
    if (seconds := perf_counter() - begun) > 0.01:  # else it was there already
        _add(spent, "import", seconds)
    begun = perf_counter()
    try:
        engine = XlaEngine(program, data, state, longest)
    except Exception as error:
        raise _unusable(error) from error
    _add(spent, "compile", perf_counter() - begun)
    ready.add(sizes)
    return engine


def _as_far_as_jax_works(stream: Iterator[Chunk]) -> Iterator[Chunk]:
    """The stream; what goes wrong before its first chunk is jax's trouble."""
    try:
        first = list(islice(stream, 1))
    except InputError:  # of a stream that cannot be read
        raise
    except Exception as error:
        raise _unusable(error) from error
    yield from first
    yield from stream


def _unusable(error: Exception) -> Unfit:
    reason = (str(error).splitlines() or [""])[0]
    return Unfit("engine", f"jax cannot be used here ({type(error).__name__}{reason and ': '}{reason})")


def _add(spent: Spent, stage: str, seconds: float) -> None:
    spent[stage] = spent.get(stage, 0.0) + seconds
