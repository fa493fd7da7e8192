"""From a job and its plan to chunks of updates, and from a chunk back to parameters."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import NamedTuple

import numpy as np

from layerlab.datasets.streaming.buffers import BuffersAhead
from layerlab.errors import InputError
from layerlab.formulas import Parameters, multiplied, without_scales
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.plan import Plan

from .basis import out_of_span
from .batches import batches
from .checkpoint import Earlier
from .compiled import COMPILED
from .cross_fitting import chunk_every, kept_so_far, with_best_epochs
from .engines import MOST_UPDATES, Chunk, Engine, NumpyEngine, chunks
from .groups import grouped
from .job import Job
from .layout import laid_out
from .lbfgs import LbfgsEngine
from .metrics import with_metrics
from .planner import Unfit, sizes_of
from .stages import stage
from .stream_engine import StreamEngine, buffers_of
from .target import in_own_units
from .updates import EngineData, State
from .work import Sizes

LARGE_PRODUCTS = 1e9
"""An update with fewer floating-point operations than this in its products runs on one thread in NumPy. Two threads
made it 1.45 times faster on idle cores, but up to 36 times slower where another process used the cores too, because
the threads wait for each other after every product."""


class EngineStart(NamedTuple):
    """An engine and the state from which its first update is made.

    Attributes:
        engine: makes updates.
        state: before the first one.
    """

    engine: Engine
    state: State


def start_engine(job: Job, plan: Plan, earlier: Earlier | None = None, longest: int = MOST_UPDATES) -> EngineStart:
    """Make the initial weights, go to the plan's coordinates and start the engine: all before the first update.

    To make updates one by one, this and ``Engine.advance`` are all that is needed:

        engine, state = start_engine(job, make_plan(job), longest=1)
        state, costs, validation = engine.advance(state, None, 1)

    ``chunks_of`` does the same for a whole training, with batches, a stream's buffers and metrics.

    Args:
        job: one slice of what is trained.
        plan: how it is computed.
        earlier: what a checkpoint holds, to continue from it.
        longest: the most updates that the engine will be asked for at once.

    Raises:
        Unfit: a choice of the plan does not work on this machine.
    """
    data, state = laid_out(job, plan.basis == "span", earlier)
    return EngineStart(engine_of(job, plan, data, state, longest), state)


def engine_of(job: Job, plan: Plan, data: EngineData, state: State, longest: int = MOST_UPDATES) -> Engine:
    """Return the plan's engine, ready to continue from the state.

    Args:
        job, plan, longest: as for ``start_engine``.
        data, state: what ``laid_out`` returned.

    Raises:
        Unfit: the engine does not work on this machine.
    """
    sizes = sizes_of(job, plan.basis == "span", len(job.members))
    engine: Engine
    if plan.engine == "xla":
        engine = _xla_engine(sizes, data, state, longest, grouped("xla", sizes))
    else:
        engine = NumpyEngine(sizes.program, data, one_thread=sizes.products < LARGE_PRODUCTS)
    if sizes.program.optimizer == LBFGS:
        engine = LbfgsEngine(engine, sizes.program, data, job.common["iterations"])
    return engine


def group_engine(name: str, sizes: Sizes, data: EngineData, state: State) -> Engine:
    """Return the engine of a group that its caller has made: one program on one thread computes all of its models.

    Args:
        name: of the engine.
        sizes: of the group.
        data, state: of the group's models.

    Raises:
        Unfit: the engine does not work on this machine.
    """
    if name == "xla":
        return _xla_engine(sizes, data, state, MOST_UPDATES, threads=False)
    return NumpyEngine(sizes.program, data, one_thread=True)


def chunks_of(job: Job, plan: Plan, earlier: Earlier | None = None) -> Generator[Chunk]:
    """Carry out a plan: the updates of a training, chunk by chunk, in the coordinates of the plan.

    To end the training early, close the generator. ``parameters_after`` and ``full_parameters`` turn a chunk into
    parameters.

    Args:
        job, plan: as for ``start_engine``.
        earlier: what a checkpoint holds: its updates are the first chunk, and the engine continues from there. Where
            jax is used and there is no checkpoint, the first chunk has no updates: it says that jax has been started.

    Raises:
        Unfit: before the first update, if a choice of the plan does not work on this machine.
    """
    done = 0 if earlier is None else int(earlier.arrays["state.update"])
    with buffers_of(job, done) as ahead:  # the first buffer is read while the engine is started
        yield from _chunks_of(job, plan, earlier, ahead)


def _chunks_of(job: Job, plan: Plan, earlier: Earlier | None, ahead: BuffersAhead | None) -> Generator[Chunk]:
    engine, state = start_engine(job, plan, earlier)
    common, done, order = job.common, int(state.update), None
    kept = None if job.folds is None else kept_so_far(state, earlier)
    if earlier is not None:
        state = state if kept is None else state._replace(watch=kept)
        yield Chunk(state, earlier.costs, earlier.validation, earlier.seconds, earlier.measured)
    elif plan.engine == "xla":
        yield Chunk(state, np.empty((0, *state.alive.shape)), np.empty((0, 0)), 0.0)
    state = state if kept is None else state._replace(watch=())  # the engine has no monitor
    if ahead is not None:
        engine = StreamEngine(engine, job, ahead, done)
    elif job.batch_size:
        weights = None if job.each_weighs else job.weights  # each member's own weights are in the engine's data
        order = batches(job.m, job.batch_size, common["batch_seed"], common["dtype"], weights, skip=done)
    stream = chunks(engine, state, order, common["iterations"] - done, chunk_every(job), plan.group)
    if kept is not None:
        stream = with_best_epochs(stream, job, kept, done)
    if job.metrics:
        stream = with_metrics(stream, engine, job, done)
    # The compiled engine writes the next state over the last one. A name for the first here would keep it in memory.
    del engine, state
    yield from _as_far_as_jax_works(stream) if plan.engine == "xla" else stream


def coordinates_of(job: Job, chunk: Chunk, member: int) -> Parameters:
    """Copy a member's parameters at the end of a chunk, in the plan's coordinates, into NumPy arrays of its own.

    With a monitor these are the parameters of the best epoch, if an epoch has ended.
    """
    state = chunk.state
    monitored = bool(state.watch) and np.asarray(state.watch.kept_at).reshape(-1)[member] > 0
    return _owned(job, state.watch.kept if monitored else state.parameters, member)


def parameters_after(job: Job, chunk: Chunk) -> Parameters:
    """``W1 b1 … WL bL`` of a single model at the end of a chunk; they predict in the target's own units."""
    return in_own_units(job, full_parameters(job, 0, _owned(job, chunk.state.parameters, 0)))


def _owned(job: Job, parameters: Parameters, member: int) -> Parameters:
    """Copy a member's parameters out of the engine's memory and out of the optimiser's coordinates."""
    values = {name: np.asarray(value) for name, value in parameters.items()}
    own = {name: np.array(value if job.alone else value[member]) for name, value in values.items()}
    return multiplied(own, job.factors)


def full_parameters(job: Job, member: int, coordinates: Parameters) -> Parameters:
    """Return a member's ``W1 b1 … WL bL`` at its own sizes and at full width, from its coordinates."""
    network = job.members[member].network
    own = {name: _cut(value, name, network) for name, value in coordinates.items()}
    if "g1" in own:
        own = without_scales(own)
    if "C1" in own:
        own = out_of_span(own, job.start(job.members[member])["W1"], job.part.X)
    return {name: own[name] for name in network.shapes}


def _cut(value: Floats, name: str, network: Network) -> Floats:
    """Return a parameter without the padding that a narrower member has."""
    if name[0] == "C":  # it has the rows of W1, and a column for each example
        return value[: network.layer_dims[int(name[1:])]]
    rows, columns = network.shapes.get(name, value.shape)
    return value[:rows, :columns]


def _xla_engine(
    sizes: Sizes, data: EngineData, state: State, longest: int, size: int = 0, threads: bool = True
) -> Engine:
    """Return the compiled engine; jax is imported here. Errors of a damaged installation of jax become ``Unfit``.

    Args:
        sizes, data, state, longest, threads: as for ``XlaEngine``.
        size: number of models of a group; 0 for no groups.
    """
    try:
        with nullcontext() if "jax" in sys.modules else stage("import"):
            from .xla import XlaEngine, imported_in, jax_backend
    except Exception as error:
        raise _unusable(error) from error
    if imported_in != os.getpid():
        raise Unfit("engine", "jax would hang: it was started before this process was forked; start it by 'spawn'")
    try:
        with stage("compile"):
            if size and jax_backend() == "cpu":
                from .grouped import GroupedEngine

                engine: Engine = GroupedEngine(sizes.program, data, state, longest, size)
            else:
                engine = XlaEngine(sizes.program, data, state, longest, threads)
    except Exception as error:
        raise _unusable(error) from error
    COMPILED.add(sizes)
    return engine


def _as_far_as_jax_works(stream: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield a stream's chunks. An error before the first one is taken for a fault of jax, and becomes ``Unfit``."""
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
