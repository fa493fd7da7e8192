"""Choosing how a training is computed: basis, engine, data type and chunk length, from sizes and settings.

The choice depends on the request and on the machine's speed, not on what the process did before, so that the same
request gives the same bits: it counts importing jax and compiling even where they are done already.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType

from layerlab.errors import InputError
from layerlab.machine import free_memory
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.runs.plan import Plan, two_digit_time

from .engines import CHUNK_SECONDS
from .job import Job
from .speed import Machine, this_machine
from .work import Sizes

GIB = 1024.0**3
MOST_PARAMETERS = 10**100
"""More than this no arithmetic with sizes holds."""
DRAW = 3e-8
"""Seconds to draw a number from the normal distribution by NumPy's legacy generator."""
NOTHING: Mapping[str, str] = MappingProxyType({})
ready: set[Sizes] = set()
"""Programs that this process has compiled, by their sizes."""


class Unfit(Exception):  # noqa: N818
    """A choice turned out not to work here.

    Attributes:
        choice: "engine" or "basis".
        reason: why.
    """

    def __init__(self, choice: str, reason: str) -> None:
        super().__init__(choice, reason)
        self.choice, self.reason = choice, reason


def make_plan(job: Job, budget: float | None = None, unfit: Mapping[str, str] = NOTHING) -> Plan:
    """Choose for a job.

    Args:
        job: what is to be trained.
        budget: bytes that the models may need beside the data; None for half of the memory that is free.
        unfit: why "engine" xla or "basis" span do not work here, if that has turned out.

    Raises:
        InputError: ``basis="span"`` where the update does not commute with a rotation, an engine or basis that was
            asked for and does not work, or one model that needs more memory than there is.
    """
    if job.network.n_parameters > MOST_PARAMETERS:
        raise InputError(f"{job.network.n_parameters} parameters do not fit into memory: choose smaller layers")
    machine = this_machine()
    allowed = free_memory() / 2 if budget is None else budget
    basis, basis_reason = _choose_basis(job, unfit.get("basis", ""))
    members = len(job.members)
    slice_ = _fitting(job, basis == "span", allowed)
    sizes = sizes_of(job, basis == "span", slice_)
    slices, iterations = math.ceil(members / slice_), job.common["iterations"]
    engine, engine_reason = _choose_engine(job, sizes, slices, machine, unfit.get("engine", ""))
    times = _engine_times(engine, sizes, slices, iterations, machine)
    return Plan(
        basis=basis,
        basis_reason=basis_reason,
        engine=engine,
        engine_reason=engine_reason,
        dtype=sizes.dtype,
        layer_dims=sizes.layer_dims,
        examples=job.m,
        batch_size=job.batch_size or job.m,
        optimizer=sizes.program.optimizer,
        iterations=iterations,
        members=members,
        slice=slice_,
        full_products=sizes_of(job, False, members).products,
        products=sizes_of(job, basis == "span", members).products,
        memory=sizes.bytes,
        budget=allowed,
        chunk=max(1, min(iterations, int(CHUNK_SECONDS / max(machine.rates[engine].update(sizes), 1e-9)))),
        expected=_other_times(job, basis, machine) | _still_to_do(times, sizes),
        measured=machine.measured,
        stream=_streamed(job),
    )


def _streamed(job: Job) -> str:
    """How rows come into memory, in words; nothing where they are there."""
    if job.stream is None:
        return ""
    rows, layout = f"{job.m:,} rows of {job.stream.source.name}", job.layout
    return f"{rows} in {layout.buffers:,} buffer{'s' * (layout.buffers > 1)} of {layout.size:,}"


def sizes_of(job: Job, span: bool, members: int) -> Sizes:
    """Sizes of the program for some of a job's members."""
    held_out = 0 if job.validation is None else job.validation.X.shape[1]
    models = 0 if job.alone else members
    return Sizes(job.program(span), job.network.layer_dims, job.m, held_out, models, job.common["dtype"])


def _choose_basis(job: Job, unfit: str) -> tuple[str, str]:
    wish, why = job.common["basis"], ALL_OPTIMIZERS[job.common["optimizer"]].full_only
    n_0, m = job.network.layer_dims[0], job.m
    if job.sparse:
        return ("full", "the features are sparse")
    if job.stream is not None:
        if wish == "span":
            raise InputError(
                "basis='span': wanted all examples in memory, and these are a stream; use basis='auto' or 'full'"
            )
        return ("full", "the examples are a stream")
    if why:
        if wish == "span":
            raise InputError(
                f"basis='span': {why}, so a run in the span of the examples would be another run; use basis='auto' or "
                f"'full', or one of the optimizers {', '.join(n for n, o in ALL_OPTIMIZERS.items() if not o.full_only)}"
            )
        return ("full", why)
    if unfit:
        if wish == "span":
            raise InputError(f"basis='span': {unfit}; use basis='full', or smaller features")
        return ("full", unfit)
    if wish != "auto":
        return (wish, "asked for")
    if n_0 <= m:
        return ("full", f"{n_0:,} features are no more than the {m:,} training examples")
    full, span = (sizes_of(job, span, len(job.members)) for span in (False, True))
    saved = (full.products - span.products) * job.common["iterations"]
    if saved <= _table_products(job):
        return ("full", f"{job.common['iterations']:,} updates are too few to pay for the tables of the span")
    return ("span", f"every step of W1 is a sum of the {m:,} training examples (rank at most {min(m, n_0):,})")


def _table_products(job: Job) -> float:
    """Floating-point operations for G, W_0 X and the way back."""
    n_0, n_1 = job.network.layer_dims[:2]
    columns = job.m + (0 if job.validation is None else job.validation.X.shape[1])
    draws = len({member.origin for member in job.members})
    return 2.0 * n_0 * (job.m * columns + draws * n_1 * columns + n_1 * job.m)


def _fitting(job: Job, span: bool, budget: float) -> int:
    """How many members at a time, as many as the budget allows, in slices of about the same size.

    Raises:
        InputError: not even one fits.
    """
    members = len(job.members)
    one, two = (sizes_of(job, span, some).bytes for some in (1, 2))
    limit = max(budget, free_memory()) if job.alone else budget
    if one > limit:
        raise InputError(
            f"a network of {job.network.n_parameters} parameters needs {one / GIB:.3g} GiB to train, and "
            f"{limit / GIB:.3g} GiB may be used: choose smaller layers or batches, or allow more memory"
        )
    fits = members if job.alone else 1 + int(min((budget - one) / (two - one), members))
    return math.ceil(members / math.ceil(members / min(fits, members)))


def _choose_engine(job: Job, sizes: Sizes, slices: int, machine: Machine, unfit: str) -> tuple[str, str]:
    wish, iterations = job.common["engine"], job.common["iterations"]
    if find_spec("jax") is None:
        unfit = "jax is not installed here"
    if job.sparse:
        unfit = "the features are sparse, which it is not made for"
    if unfit and wish == "xla":
        raise InputError(f"engine='xla': {unfit}; use engine='numpy' or 'auto'")
    if unfit:
        return ("numpy", "asked for" if wish == "numpy" else unfit)
    if wish != "auto":
        return (wish, "asked for")
    numpy, xla = (_engine_times(name, sizes, slices, iterations, machine) for name in ("numpy", "xla"))
    before = xla["import"] + xla["compile"]
    compiled = f"compiled {two_digit_time(xla['updates'])}, after {two_digit_time(before)} to import jax and compile"
    interpreted = f"interpreted {two_digit_time(numpy['updates'])}"
    if sum(xla.values()) < sum(numpy.values()):
        return "xla", f"{compiled}; {interpreted}"
    return "numpy", f"{interpreted}; {compiled}"


def _engine_times(name: str, sizes: Sizes, slices: int, iterations: int, machine: Machine) -> dict[str, float]:
    """Expected seconds by stage, in a fresh process."""
    times = {"updates": machine.rates[name].update(sizes) * iterations * slices}
    if name == "numpy":
        return times
    layers = len(sizes.layer_dims) - 1
    return {"import": machine.import_jax, "compile": machine.compile_program + layers * machine.compile_layer} | times


def _still_to_do(times: dict[str, float], sizes: Sizes) -> dict[str, float]:
    """Without what this process has done already."""
    done = {"import": "jax" in sys.modules, "compile": sizes in ready}
    return {stage: seconds for stage, seconds in times.items() if not done.get(stage)}


def _other_times(job: Job, basis: str, machine: Machine) -> dict[str, float]:
    """Expected seconds of drawing, of the span's tables, and of what comes after the updates of one alone."""
    draws = len({member.origin for member in job.members}) if job.given is None else 0
    times = {"draw": DRAW * draws * job.network.n_parameters, "finish": 0.0}
    if basis == "span":
        times["basis"] = _table_products(job) * machine.product
    if job.alone:
        n_0, n_1 = job.network.layer_dims[:2]
        times["finish"] = (
            2.0 * job.part.X.shape[1] * (job.network.n_parameters + (basis == "span") * n_0 * n_1) * machine.product
        )
    return times
