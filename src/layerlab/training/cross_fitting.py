"""Members that leave out a fold each keep their best epoch, chosen by what the other folds' members cost there.

After every epoch each member's cost on its own fold is measured. Member k's parameters are copied where the mean over
the other folds is lower than ever before (``folds.cost_on_others``), by the monitor of early stopping. So the state
that is passed on, saved in a checkpoint and read at the end is the same as with early stopping.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from layerlab.errors import InputError
from layerlab.formulas.arrays import Floats

from .checkpoint import Earlier, filled
from .engines import Chunk
from .folds import cost_on_others
from .job import Job
from .layout import validation_weights
from .members import plain_state
from .stages import stage
from .stopping import MonitorState, monitor_after_epoch, new_monitor
from .updates import EngineData, State
from .whole_sets import evaluate

MOST_JUDGED = 100
"""Without batches an epoch is one update. Then about this many of them are judged, since each needs a forward pass."""


def judged_every(job: Job) -> int:
    """Return how many updates lie between two looks at the members' held-out costs."""
    return job.epoch if job.batch_size else math.ceil(job.common["iterations"] / MOST_JUDGED)


def chunk_every(job: Job) -> int:
    """Return after how many updates a chunk has to end, for the members' best epochs, metrics and the callback."""
    asked = job.every * job.epoch
    return asked if job.folds is None else math.gcd(asked, judged_every(job))


def kept_so_far(state: State, earlier: Earlier | None) -> MonitorState:
    """Return what is known of the members' best epochs before the first update, or where a checkpoint ended.

    Raises:
        InputError: the checkpoint does not hold it.
    """
    parameters = {name: np.array(value) for name, value in state.parameters.items()}
    watch = new_monitor(parameters, np.asarray(state.alive))
    if earlier is None:
        return watch
    try:
        kept: MonitorState = filled(watch, earlier.arrays, "state.watch")
    except (LookupError, ValueError) as error:
        raise InputError(f"the checkpoint is damaged or was changed ({error}); start again without it") from error
    return kept


def with_best_epochs(stream: Iterator[Chunk], job: Job, watch: MonitorState, done: int) -> Iterator[Chunk]:
    """Yield the chunks, with the members' best epochs so far as the monitor in their states.

    Args:
        stream: the engine's chunks; one ends wherever the members are judged.
        job: members with folds.
        watch: what ``kept_so_far`` returned.
        done: updates made before.
    """
    every, never = judged_every(job), np.asarray(np.inf)
    for chunk in stream:
        done += len(chunk.costs)
        state = plain_state(chunk.state)
        if len(chunk.costs) and (done % every == 0 or (done == job.common["iterations"] and not job.batch_size)):
            with stage("metrics"), np.errstate(all="ignore"):
                value = _judged(job, chunk)
                parameters = {name: np.asarray(one) for name, one in state.parameters.items()}
                value = value.astype(watch.best.dtype)
                watch = monitor_after_epoch(
                    watch, value, parameters, np.asarray(done), never, np.zeros((), value.dtype)
                )
        yield chunk._replace(state=state._replace(watch=watch))


def _judged(job: Job, chunk: Chunk) -> Floats:
    """(K,) value of each member at the end of a chunk; nan where a member of another fold has diverged."""
    assert job.folds is not None  # noqa: S101
    if job.batch_size:  # measured by the engine after the epoch
        costs = chunk.validation[-1, 0]
    else:  # the engine measures before each update
        data = EngineData(None, np.empty(0), {}, validation=job.validation, validation_weights=validation_weights(job))
        parameters = {name: np.asarray(value) for name, value in chunk.state.parameters.items()}
        costs = evaluate(job.program(span=False), data, parameters)[0]
    return cost_on_others(np.asarray(costs, np.float64), job.folds.held_out, job.folds.scales)
