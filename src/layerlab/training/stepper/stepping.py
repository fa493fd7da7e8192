"""The updates of a stepper: they are made, recorded, kept and made again, over any number of events.

``stretches`` says what an event means, ``standing`` makes the updates of one stretch, ``timeline`` holds what was
recorded. Here they come together. ``stepper`` is the door.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

from layerlab.errors import InputError, WorkError
from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.runs.events import Event
from layerlab.runs.history import History
from layerlab.training.batches import Batch
from layerlab.training.engines import CHUNK_SECONDS, MOST_UPDATES, Chunk
from layerlab.training.interrupts import Interrupts, check_interrupts, deferred_interrupts
from layerlab.training.job import Job
from layerlab.training.layout import laid_out
from layerlab.training.planner import Unfit, make_plan
from layerlab.training.record import history_of
from layerlab.training.stages import stage, stopwatch
from layerlab.training.updates import EngineData, State
from layerlab.training.watching import Record

from .standing import Standing, UpdatesMade
from .states import at_full_width, owned, viewed
from .stretches import Stretch, prolonged, recorded_over, revived, with_settings
from .timeline import Rows, Timeline

KEPT_AFTER = 1e8
"""Floating-point operations after which the next state is kept: what has to be made again then takes a moment."""

MOST_BETWEEN = 64
"""The most updates between two states that are kept, before they are thinned."""


class End(NamedTuple):
    """The end of a training.

    Attributes:
        update: number of updates made.
        why: a sentence.
        costs: number of costs recorded, which may be one more: of an update that was not made.
        rows: number of rows recorded on the validation set.
    """

    update: int
    why: str
    costs: int
    rows: int


class Recorded(NamedTuple):
    """What a training recorded.

    Attributes:
        job: what was trained, with the settings of its end.
        record: all that was recorded.
        history: the history, of all stretches.
    """

    job: Job
    record: Record
    history: History


class Present(NamedTuple):
    """Where a training stands, without a copy: the arrays hold until the next update.

    Attributes:
        job: what is trained.
        data: what its updates read.
        state: in NumPy arrays. In the span of the examples, C1 and s1 stand for W1.
        span: whether that is so.
    """

    job: Job
    data: EngineData
    state: State
    span: bool


class FullState(NamedTuple):
    """What the next update reads, at full width and in NumPy arrays.

    Attributes:
        job: what is trained, at full width.
        data: what its updates read.
        state: before the update.
        batch: the update's examples; None for all.
    """

    job: Job
    data: EngineData
    state: State
    batch: Batch | None


class Stepping:
    """A training that stands after some of its updates.

    Args:
        job: what is trained.

    Attributes:
        stretches: those that are known, in order; some may lie ahead.
        update: number of updates made until here.
        furthest: number of updates until which the training is known.
        end: where the training ended by itself; None if it has not.
        version: how often what lay ahead was dropped.
        spent: seconds by stage.
        timeline: copies of earlier states.
    """

    def __init__(self, job: Job) -> None:
        self.spent: dict[str, float] = {}
        with self.timed():
            standing = _started(job)
        self._standing: Standing | None = standing
        self._engine = standing  # the last one, whose engine may be used again
        self.stretches: list[Stretch] = [standing.stretch]
        self.update = self.furthest = self.version = 0
        self.end: End | None = None
        self._pace = 1
        self._costs, self._rows = Rows(), Rows(2 if job.validation is not None else 0)
        self.timeline = Timeline()
        self.timeline.keep(0, 0, standing.state)

    @property
    def now(self) -> Stretch:
        """The stretch at present: the last one that has begun."""
        last: Stretch = [one for one in self.stretches if one.start <= self.update][-1]
        return last

    @property
    def iterations(self) -> int:
        """Number of updates that the training was asked for."""
        return int(self.now.settings["iterations"])

    @property
    def ended(self) -> str:
        """Why no further update can be made from here, a sentence; "" if one can."""
        if self.end is not None and self._at_end:
            return self.end.why
        if self.update >= self.iterations:
            return f"all {self.iterations:,} iterations are made; prolong(n) adds n more"
        return ""

    @property
    def _at_end(self) -> bool:
        return self.end is not None and self.update == self.end.update

    @property
    def events(self) -> tuple[Event, ...]:
        """What was changed until here, in order."""
        until = [one.event for one in self.stretches if one.start <= self.update]
        return tuple(event.copied() for event in until if event is not None)

    @property
    def costs(self) -> Floats:
        """(update,) the costs of the updates until here."""
        return self._costs.first(self.update)

    @property
    def known(self) -> tuple[Floats, Floats]:
        """(furthest,) costs and (n, 2) validation values of all updates that are known, as views."""
        n, job = self.furthest, self.now.job
        return self._costs.view(n), self._rows.view(n // job.epoch if job.batch_size else n)

    def advance(self, n: int) -> int:
        """Make n updates, fewer if the training ends or Ctrl-C was pressed; return how many were made."""
        before = self.update
        with self.timed() as interrupts:
            while self.update < before + n and not self.ended and not interrupts.count:
                self._one_go(before + n - self.update)
        return self.update - before

    def seek(self, update: int) -> None:
        """Go to where this many updates were made, at most the furthest one."""
        with self.timed():
            standing, self._standing = self._standing, None
            self._standing, self.update = self._restored(update, standing), update

    def nearest(self, update: int) -> int:
        """Return after how many updates ``seek`` begins to compute: where a state was kept, or at the present one."""
        kept = self.timeline.before(update).update
        return self.update if self._standing is not None and kept <= self.update <= update else kept

    def prolong(self, n: int) -> bool:
        """Make the training as if it had been asked for n more iterations from the start.

        Returns:
            Whether that is so: not where a schedule until here has counted with the number of iterations.
        """
        if not all(_is_constant(one) for one in self.stretches if one.start <= self.update):
            return False
        if not all(map(_is_constant, self.stretches)):
            self._drop_ahead()
        stretches = [prolonged(one, n) for one in self.stretches]
        if self._standing is not None:
            self._standing.stretch = stretches[self._standing.number]
        self.stretches = stretches
        return True

    def _drop_ahead(self) -> None:
        """Forget what was done after the present update."""
        self.stretches = [one for one in self.stretches if one.start <= self.update]
        self.end = self.end if self._at_end else None
        self.furthest = self.update
        self.version += 1
        self.timeline.drop(self.update + 1)

    @contextmanager
    def timed(self) -> Iterator[Interrupts]:
        """Count Ctrl-C in place of raising it, and add up the seconds of the stages."""
        with deferred_interrupts() as interrupts, stopwatch() as seconds:
            try:
                yield interrupts
            finally:
                for name, value in seconds.items():
                    self.spent[name] = self.spent.get(name, 0.0) + value

    def here(self) -> Standing:
        """Return where the training stands; it is computed again if it was lost in an error or at the end."""
        if self._standing is None:
            self._standing = self._restored(self.update)
        return self._standing

    def _restored(self, update: int, standing: Standing | None = None) -> Standing:
        """Compute again where the training stood after so many updates.

        Args:
            update: at most the furthest one made.
            standing: where it may go on from, if that is not later and nearer than any state that was kept.
        """
        kept = self.timeline.before(update)
        if standing is None or not kept.update <= standing.update <= update:
            standing = Standing(self.stretches[kept.number], kept.number, kept.update, kept.state, like=self._engine)
        standing = self._with_events(standing)
        while standing.update < update:
            check_interrupts()
            made = standing.advance(min(self._until_event(standing), update - standing.update, self._pace))
            if not made.updates:  # by other rounding than the first time
                raise WorkError(
                    f"update {standing.update + 1:,} cannot be made again: {made.ended}; seek an earlier one"
                )
            standing = self._with_events(standing)
        return standing

    def _with_events(self, standing: Standing) -> Standing:
        """Return where the training stands after the events that are known at this update."""
        while self._until_event(standing) == 0:
            standing = standing.enter(self.stretches[standing.number + 1])
        self._engine = standing
        return standing

    def _until_event(self, standing: Standing) -> int:
        """Return the number of updates until the next event that is known; many if there is none."""
        later = self.stretches[standing.number + 1 : standing.number + 2]
        return later[0].start - standing.update if later else sys.maxsize

    def _one_go(self, target: int) -> None:
        """Make some updates with one call of the engine, and record them."""
        standing, self._standing = self.here(), None  # what is interrupted is computed again
        begun = perf_counter()
        every = self._every(standing.stretch)
        most = min(self._until_event(standing), target, self.iterations - self.update, every - self.update % every)
        n = min(most, self._pace)
        with stage("updates"):
            made = standing.advance(n)
        if perf_counter() - begun < CHUNK_SECONDS / 2 and n == self._pace:
            self._pace = min(2 * self._pace, MOST_UPDATES)
        self._record(standing, made)
        if made.updates == len(made.costs):  # else the state is that of an update that was not made
            self._standing = self._with_events(standing)

    def _record(self, standing: Standing, made: UpdatesMade) -> None:
        """Note what some updates gave; where they were made before, it is known already."""
        now, start = standing.update, self.update
        ends = made.ended and self._until_event(standing)  # an event there lets the training go on
        if ends and now < self.furthest:  # by other rounding than the first time
            self._drop_ahead()
        if now > self.furthest or (ends and now == self.furthest):
            job = standing.stretch.job
            self._costs.write(start, made.costs)
            row = _rows_before(start, job)
            self._rows.write(row, made.validation)
            if made.ended:
                self.end = End(now, made.ended, start + len(made.costs), row + len(made.validation))
            elif now % self._every(standing.stretch) == 0 and standing.stretch.settings["optimizer"] != LBFGS:
                self.timeline.keep(now, standing.number, standing.state)
            self.furthest = max(self.furthest, now)
        self.update = now

    def _every(self, stretch: Stretch) -> int:
        """Return after how many updates a state is kept."""
        return max(1, min(MOST_BETWEEN, int(KEPT_AFTER / max(stretch.plan.products, 1.0))))

    def begin(self, stretches: list[Stretch]) -> None:
        """Begin stretches here; what lay ahead is dropped.

        Raises:
            InputError: an engine that was asked for does not work here; nothing is changed then.
        """
        if not stretches:
            return
        with self.timed():
            standing = self.here()
            try:
                for stretch in stretches:
                    standing = standing.enter(stretch)
            except Unfit as error:
                raise InputError(f"{error.choice}={stretch.settings[error.choice]!r}: {error.reason}") from error
            self._drop_ahead()
            self.stretches += stretches
            self._engine = standing
            self._standing, self.end = standing, None if revived(stretches) else self.end
            if standing.stretch.begins_anew:
                self.timeline.keep(self.update, standing.number, standing.state)

    def first(self) -> Stretch:
        """Return the first stretch as a run names it.

        Where a training without events stands before its last iteration, and its learning rate is constant, it is one
        that was asked for the updates made: ``train`` makes the same numbers with them.
        """
        first = self.stretches[0]
        if self.now is not first or not _is_constant(first) or not self.update or self._at_end:
            return first
        return prolonged(first, min(0, self.update - self.iterations))

    def recorded(self) -> Recorded:
        """Return what was recorded until here."""
        with self.timed():
            standing, first = self.here(), self.first()
            job = standing.stretch.job if self.events else first.job
            end = self.end if self._at_end else None
            n = self.update if end is None else end.costs
            costs, rows = self._costs.first(n), self._rows.first(_rows_before(n, job) if end is None else end.rows)
            seconds = self.spent.get("updates", 0.0)
            last = Chunk(owned(standing.state), costs, rows, seconds)
            stopped = not self._at_end and self.update < int(job.common["iterations"])
            record = Record(last, costs, rows, seconds, interrupted=False, stopped=stopped)
            fields = recorded_over(self.stretches[: standing.number + 1], n) if self.events else {}
        return Recorded(job, record, replace(history_of(record, job), **fields))

    def present(self) -> Present:
        """Return where the training stands, in NumPy arrays that are copied only if they are not."""
        standing = self.here()
        return Present(standing.stretch.job, standing.data, viewed(standing.state), standing.stretch.span)

    def in_full(self) -> FullState:
        """Return the state and what its next update reads, copied, and brought out of the span if it is there."""
        with self.timed():
            standing = self.here()
            job, data, state = standing.stretch.job, standing.data, owned(standing.state)
            if standing.stretch.span:
                state, job = at_full_width(job, state), with_settings(job, basis="full")
                data, _ = laid_out(job, span=False)
            return FullState(job, data, state, standing.next_batch())


def _started(job: Job) -> Standing:
    """Return the beginning of the first plan that works here: whether jax or the span do shows only when tried."""
    unfit = dict[str, str]()
    while True:
        try:
            return Standing(Stretch(0, job, make_plan(job, unfit=unfit)), 0, 0)
        except Unfit as error:
            unfit[error.choice] = error.reason


def _rows_before(update: int, job: Job) -> int:
    """Return how many rows are recorded on a validation set in so many updates."""
    return update // job.epoch if job.batch_size else update


def _is_constant(stretch: Stretch) -> bool:
    """Return whether the learning rate does not depend on the number of iterations."""
    return bool(stretch.settings["schedule"] == "constant")
