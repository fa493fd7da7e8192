"""Where a training stands: its engine, its state, and the batches to come. A ``Stepper`` moves it on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from layerlab.formulas.arrays import Floats
from layerlab.runs.all_optimizers import LBFGS
from layerlab.text import count_text
from layerlab.training.batches import Batch, batches, stacked
from layerlab.training.engines import Engine, changed
from layerlab.training.fit import engine_of
from layerlab.training.layout import laid_out
from layerlab.training.updates import EngineData, State

from .states import owned
from .stretches import HOW, Stretch, entered, with_settings

OF_BATCHES = ("batch_size", "batch_seed", "class_weight")
"""Settings on which the batches of an update depend."""

UNLIMITED = 2**31 - 1
"""Updates that a minimisation by L-BFGS may make: the stepper counts them."""


class UpdatesMade(NamedTuple):
    """What some updates recorded.

    Attributes:
        updates: how many updates were made.
        costs, validation: as in ``Advance``. There may be one more cost than updates: of one that was not made.
        ended: why no further update can be made, a sentence; "" if one can.
    """

    updates: int
    costs: Floats
    validation: Floats
    ended: str


class Standing:
    """The engine of a stretch, the state after some of its updates, and the batches of the next ones.

    Args:
        stretch: its job and plan.
        number: its place among the stretches of the training.
        update: number of updates made.
        state: the state there, in NumPy arrays, which is not changed; None for that before the first update.
        like: where the training stood before: its engine is taken, if it computes the same program on the same data.
            Then ``like`` is not to be used any more.

    Raises:
        Unfit: the engine or the span does not work here.
    """

    def __init__(
        self, stretch: Stretch, number: int, update: int, state: State | None = None, like: Standing | None = None
    ) -> None:
        self.stretch, self.number, self.update = stretch, number, update
        self._order: Iterator[Batch] | None = None
        if like is not None and state is not None and like.serves(stretch):
            self.state: State = state
            self.data: EngineData = like.data
            self.engine: Engine = like.engine
            self._take_numbers(like.stretch)
            return
        self.data, start = laid_out(stretch.job, stretch.span)
        self.state = start if state is None else state
        job = stretch.job
        if job.common["optimizer"] == LBFGS:
            job = with_settings(job, iterations=UNLIMITED)
        self.engine = engine_of(job, stretch.plan, self.data, self.state)

    def serves(self, other: Stretch) -> bool:
        """Return whether the engine computes another stretch too: the same program on the same data.

        An engine remembers nothing, so that any state may follow; only L-BFGS goes on from where it is.
        """
        own = self.stretch
        if LBFGS in (own.settings["optimizer"], other.settings["optimizer"]):
            return False
        if any(getattr(own.plan, name) != getattr(other.plan, name) for name in HOW):
            return False
        numbers = {*other.job.rates(), "batch_seed", *HOW}
        names = (own.settings.keys() | other.settings.keys()) - numbers
        same = all(own.settings.get(name) == other.settings.get(name) for name in names)
        return same and own.job.program(own.span) == other.job.program(other.span)

    def _take_numbers(self, before: Stretch) -> None:
        """Give the engine the numbers of this stretch in place of those of another one."""
        old, new = before.job.rates(), self.stretch.job.rates()
        for name, value in new.items():
            if value != old[name]:
                self.engine.change(name, float(value))
                self.data = changed(self.data, name, float(value))

    def advance(self, n: int) -> UpdatesMade:
        """Make n updates with one call of the engine; fewer if the training ends."""
        batch = stacked(list(islice(self._batches(), n))) if self.stretch.job.batch_size else None
        before = self.state
        self.state, costs, validation = self.engine.advance(before, batch, n)
        finite = bool(np.isfinite(costs[-1])) if len(costs) else True
        alive = bool(self.state.alive)
        made = len(costs)
        if not alive and (not finite or (made == 1 and self._converged_at_start())):
            made -= 1  # the cost of an update that was not made
        self.update += made
        if made < n:  # the batches of the others were taken for nothing
            self._order = None
        return UpdatesMade(made, costs, validation, "" if alive else self._why(finite))

    def _converged_at_start(self) -> bool:
        return self.stretch.settings["optimizer"] == LBFGS and int(self.state.update) == 0

    def _why(self, finite: bool) -> str:
        """Say why the training has ended."""
        settings = self.stretch.settings
        if not finite:
            return f"the training diverged: after {count_text(self.update, 'update')} the cost is not finite"
        if settings["monitor"] and int(self.state.watch.ended_at):
            value = settings["monitor"].replace("_", " ")
            return f"the {value} has not improved for {settings['patience']:,} epochs (early stopping)"
        return "L-BFGS has converged: its line search finds no lower cost"

    def enter(self, after: Stretch) -> Standing:
        """Return where the training stands in the next stretch, which begins here.

        Raises:
            Unfit: a new engine does not work here; then this object is as it was.
        """
        state = entered(self.stretch, after, owned(self.state))
        if not after.begins_anew:  # the minimisation goes on
            self.stretch, self.number, self.state = after, self.number + 1, state
            return self
        there = Standing(after, self.number + 1, self.update, state, like=self)
        if all(self.stretch.settings[name] == after.settings[name] for name in OF_BATCHES):
            there._order = self._order
        return there

    def next_batch(self) -> Batch | None:
        """Return the examples of the next update without using them up; None for all examples."""
        if not self.stretch.job.batch_size:
            return None
        order = self._batches()
        batch = next(order)
        self._order = chain([batch], order)
        return batch

    def _batches(self) -> Iterator[Batch]:
        """Return the order of the examples from the next update on; it depends on seed, size and update alone."""
        if self._order is None:
            job, settings = self.stretch.job, self.stretch.settings
            self._order = batches(
                job.m, job.batch_size, settings["batch_seed"], settings["dtype"], job.weights, skip=self.update
            )
        return self._order
