"""Choose how a training is computed: its basis, its engine and how many models are trained at a time.

The choice depends on sizes, settings and the speed of the machine; whether the span can be used depends on the examples
too. It does not depend on what the process did before, so the same request gives the same bits. So the times of
importing jax and of compiling count even where both are done already. Only the expected times leave out what is done.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from layerlab.errors import InputError
from layerlab.machine import free_memory
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.runs.plan import Plan, two_digit_time

from .compiled import COMPILED
from .engines import chunk_seconds
from .groups import group_threads, grouped, needed_bytes, update_seconds
from .job import Job
from .speed import Machine, this_machine
from .work import Sizes

GIB = 1024.0**3
"""Bytes of a GiB."""

MOST_PARAMETERS = 10**100
"""A network of more parameters is refused before sizes are multiplied as floats, which would overflow."""

DRAW = 3e-8
"""Seconds for NumPy's legacy generator to draw a number from the normal distribution."""

ALL_FITS: Mapping[str, str] = MappingProxyType({})
"""Every choice works, as far as is known."""


EMBEDDED = "the embedding's waves change during the training"
"""Why a network with an embedding is trained at full width."""


class Unfit(Exception):  # noqa: N818
    """Raised when a choice of the plan does not work here; ``make_plan`` gets the reason and chooses something else.

    Attributes:
        choice: "engine" or "basis".
        reason: why it does not work.
    """

    def __init__(self, choice: str, reason: str) -> None:
        super().__init__(choice, reason)
        self.choice, self.reason = choice, reason


def make_plan(job: Job, budget: float | None = None, unfit: Mapping[str, str] = ALL_FITS) -> Plan:
    """Choose how a job is computed.

    Args:
        job: what is to be trained.
        budget: bytes that the models may need in addition to the data; None for half of the memory that is free.
        unfit: why xla or the span do not work here, by "engine" and "basis", as far as that is known.

    Raises:
        InputError: an engine or basis that was asked for does not work, or one model needs more memory than there is.
            ``basis="span"`` does not work where the update does not commute with a rotation, or where products of
            examples are too coarse.
    """
    if job.network.embedding is not None and (job.sparse or job.scaled):
        what = "sparse features" if job.sparse else "features with scales of their own"
        raise InputError(
            f"a network with an embedding was given {what}: wanted dense features without scales; "
            f"leave the embedding out, or give a dense array"
        )
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
    group = grouped(engine, sizes)
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
        memory=needed_bytes(engine, sizes),
        budget=allowed,
        chunk=max(1, int(min(iterations, chunk_seconds(group) / max(update_seconds(engine, sizes, machine), 1e-9)))),
        expected=_other_times(job, basis, machine) | _still_to_do(times, sizes),
        measured=machine.measured,
        stream=_streamed(job),
        group=group,
        at_once=group_threads() if group else 0,
    )


def _streamed(job: Job) -> str:
    """Return how the rows of a stream come into memory, in words; "" if all examples are in memory."""
    if job.stream is None:
        return ""
    rows, layout = f"{job.m:,} rows of {job.stream.source.name}", job.layout
    return f"{rows} in {layout.buffers:,} buffer{'s' * (layout.buffers > 1)} of {layout.size:,}"


def sizes_of(job: Job, span: bool, members: int) -> Sizes:
    """Return all that a program's work depends on, for this number of members, in the span or at full width."""
    held_out = 0 if job.validation is None else job.validation.X.shape[-1]
    models = 0 if job.alone else members
    return Sizes(job.program(span), job.network.layer_dims, job.m, held_out, models, job.common["dtype"])


def _choose_basis(job: Job, unfit: str) -> tuple[str, str]:
    """Return the coordinates of the first layer, and the reason for them."""
    wanted, n_0, m = job.common["basis"], job.network.layer_dims[0], job.m
    if obstacle := _no_span(job, unfit):
        reason, refusal = obstacle
        if wanted == "span" and refusal:
            raise InputError(f"basis='span': {refusal}")
        return ("full", reason)
    if reason := full_width_reason(job.common, n_0, m):
        return ("full", reason)
    if wanted == "auto" and not _span_pays(job):
        return ("full", f"the span's tables would cost more time than {job.common['iterations']:,} updates save")
    if lost := job.lost_differences:
        if wanted == "span":
            finer = "" if job.common["dtype"] == "float64" else "dtype='float64', "
            raise InputError(f"basis='span': {lost}; use basis='full', {finer}or standardised features")
        return ("full", lost)
    if wanted == "span":
        return ("span", "asked for")
    examples = f"{m:,} training examples (rank at most {min(m, n_0):,})"
    return ("span", f"every step of W1 is a weighted sum of the {examples}")


def full_width_reason(settings: Mapping[str, Any], n_x: int, m: int) -> str:
    """Say why m examples of n_x features make the first layer be computed at full width, whatever the features are.

    Args:
        settings: with "optimizer" and "basis", which need not be checked yet.
        n_x, m: number of features and of training examples.

    Returns:
        The reason; "" where the span is asked for, or the choice depends on the examples and on other settings.
    """
    method = ALL_OPTIMIZERS.get(str(settings["optimizer"]))
    if method is not None and method.full_only:
        return method.full_only
    if settings["basis"] == "full":
        return "asked for"
    few = settings["basis"] == "auto" and n_x <= m
    return f"there are no more features than training examples ({m:,})" if few else ""


def _span_pays(job: Job) -> bool:
    """Return whether the span saves more operations over all updates than its tables need."""
    full, span = (sizes_of(job, span, len(job.members)) for span in (False, True))
    return bool((full.products - span.products) * job.common["iterations"] > _table_products(job))


def _no_span(job: Job, unfit: str) -> tuple[str, str] | None:
    """Return why the span cannot be used, in words for the plan and for an error; None if it can."""
    why = ALL_OPTIMIZERS[job.common["optimizer"]].full_only
    if job.sparse:
        return "the features are sparse", ""
    if job.network.embedding is not None:
        return EMBEDDED, (
            f"{EMBEDDED}, and the span needs inputs that stay as they are; use basis='auto' or 'full', or a network "
            f"without embedding"
        )
    if job.stream is not None:
        return (
            "the examples are a stream",
            "wanted all examples in memory, and these are a stream; use basis='auto' or 'full'",
        )
    if job.folds is not None:
        return (
            "each member is judged on a fold of its own",
            "the members are judged on different folds, which the span has no tables for; use basis='auto' or 'full'",
        )
    if why:
        others = ", ".join(name for name, method in ALL_OPTIMIZERS.items() if not method.full_only)
        return why, (
            f"{why}, so a run in the span of the examples would be another run; use basis='auto' or 'full', or one of "
            f"the optimizers {others}"
        )
    return (unfit, f"{unfit}; use basis='full', or smaller features") if unfit else None


def _table_products(job: Job) -> float:
    """Floating-point operations for G, W_0 X and the full weights at the end."""
    n_0, n_1 = job.network.layer_dims[:2]
    columns = job.m + (0 if job.validation is None else job.validation.X.shape[1])
    draws = len({member.origin for member in job.members})
    return 2.0 * n_0 * (job.m * columns + draws * n_1 * columns + n_1 * job.m)


def _fitting(job: Job, span: bool, budget: float) -> int:
    """Return how many members are trained at a time: as many as memory allows, in slices of about the same size.

    Raises:
        InputError: not even one member fits.
    """
    members = len(job.members)
    one, two = (sizes_of(job, span, some).bytes for some in (1, 2))
    limit = max(budget, free_memory()) if job.alone else budget
    if one > limit:
        raise InputError(
            f"a network of {job.network.n_parameters} parameters needs {one / GIB:.3g} GiB to train, and "
            f"{limit / GIB:.3g} GiB may be used: choose smaller layers or batches, or allow more memory"
        )
    # Memory grows by the same amount with each member, which two sizes show.
    fits = members if job.alone else 1 + int(min((budget - one) / (two - one), members))
    if job.folds is not None and fits < members:  # they choose each other's best epochs, so all are trained at once
        raise InputError(
            f"members={members}: together they need {(one + (members - 1) * (two - one)) / GIB:.3g} GiB to train, and "
            f"{budget / GIB:.3g} GiB may be used: take fewer members, smaller layers or smaller batches"
        )
    return math.ceil(members / math.ceil(members / min(fits, members)))


def _choose_engine(job: Job, sizes: Sizes, slices: int, machine: Machine, unfit: str) -> tuple[str, str]:
    """Return the engine that is expected to finish first, and the reason."""
    wanted, iterations = job.common["engine"], job.common["iterations"]
    if find_spec("jax") is None:
        unfit = "jax is not installed here"
    if job.sparse:
        unfit = "the features are sparse, and xla takes dense ones only"
    if unfit and wanted == "xla":
        raise InputError(f"engine='xla': {unfit}; use engine='numpy' or 'auto'")
    if unfit:
        return ("numpy", "asked for" if wanted == "numpy" else unfit)
    if wanted != "auto":
        return (wanted, "asked for")
    numpy, xla = (_engine_times(name, sizes, slices, iterations, machine) for name in ("numpy", "xla"))
    before = two_digit_time(xla["import"] + xla["compile"])
    compiled = f"{two_digit_time(xla['updates'])}, after {before} to import jax and compile"
    if sum(xla.values()) < sum(numpy.values()):
        return "xla", f"takes about {compiled}; numpy would take {two_digit_time(numpy['updates'])}"
    return "numpy", f"takes about {two_digit_time(numpy['updates'])}; xla would take {compiled}"


def _engine_times(name: str, sizes: Sizes, slices: int, iterations: int, machine: Machine) -> dict[str, float]:
    """Return the expected seconds of an engine in a new process, by stage: importing, compiling, updates."""
    times = {"updates": update_seconds(name, sizes, machine) * iterations * slices}
    if name == "numpy":
        return times
    layers = len(sizes.layer_dims) - 1
    return {"import": machine.import_jax, "compile": machine.compile_program + layers * machine.compile_layer} | times


def _still_to_do(times: dict[str, float], sizes: Sizes) -> dict[str, float]:
    """Return the expected times without what this process has done already."""
    done = {"import": "jax" in sys.modules, "compile": sizes in COMPILED}
    return {stage: seconds for stage, seconds in times.items() if not done.get(stage)}


def _other_times(job: Job, basis: str, machine: Machine) -> dict[str, float]:
    """Return the expected seconds of initial weights, the span's tables and, for a single training, the last stage."""
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
