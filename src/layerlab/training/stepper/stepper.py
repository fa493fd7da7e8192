"""``Stepper``: a training that is driven update by update, changed on the way, and gone back in."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np

from layerlab.datasets import Dataset
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.argument_checks import TrainingData
from layerlab.runs.diagnosis import findings
from layerlab.runs.events import Event
from layerlab.runs.history import History
from layerlab.runs.how_to_repeat import data_can_be_loaded, python_lines
from layerlab.runs.plan import Plan, with_actual
from layerlab.runs.run import Run
from layerlab.text import count_text
from layerlab.training.dissection.anatomy import Anatomy
from layerlab.training.dissection.taking_apart import dissected
from layerlab.training.finishing import concluded, finished
from layerlab.training.fit import LARGE_PRODUCTS, full_parameters
from layerlab.training.job import Job
from layerlab.training.planner import sizes_of
from layerlab.training.train import single_job

from .states import owned
from .stepping import Present, Stepping
from .stretches import after_change, after_edit, after_prolong, with_settings

IN_SPAN = (
    "The training is computed in the span of the examples. This is a copy of it at full width, with the same numbers "
    "except for rounding."
)


class Stepper:
    """A training that is driven update by update: advance, look, change something, go back, go on.

    Without changes, the updates of ``advance`` are those of ``train``, with the same numbers: in the NumPy engine with
    the same bits, however they are divided among calls. What changes a number is kept as an event (``events``), and
    ``python()`` gives the lines that make the whole training again.

    **Changes.** ``change``, ``edit`` and ``prolong`` count from the next update on. Parameters stay; the optimiser's
    memory stays if the optimiser does. The learning rate is that before the factor of a schedule. The order of batches
    and the values that dropout sets to 0 depend on seed, size and number of the update alone. So after a change of
    ``batch_size`` or ``batch_seed`` they are those of a training that had it from the start: in the epoch of the
    change, some examples may be used twice and some not at all.

    **Early stopping and adaptive schedules.** After a change or an edit, ``patience`` and ``plateau`` count from 0
    again. The best epoch so far stays the best, unless its cost cannot be compared with later ones: where "cost" is
    monitored and l2, dropout, class weights, label smoothing or the batch size change, a new best is looked for. An
    adaptive schedule keeps the number of its plateaus, and compares in the same way.

    **The end.** A training that diverged, or that early stopping or L-BFGS ended, goes on after a change, an edit or a
    ``seek`` back. The update whose cost is not finite was not made: the state before it is the last one.

    **Going back.** ``seek`` goes to any update that was made. An event belongs to the state after its update: that
    state has it. What was done later stays known, and ``advance`` and ``seek`` do it again, until something is changed
    at an earlier update: then what lay ahead is dropped. Copies of some earlier states are kept (64 MiB at most), and
    what lies between is computed again. L-BFGS is computed again from its start, because SciPy's memory cannot be
    copied.

    **How it is computed.** The plan at the start chooses engine and basis, and they stay. In the span of the examples
    there is no W1: an edit of W1, or an optimiser that needs full width, first leaves the span, which is an event of
    its own (``basis="full"``). Numbers in the formulas of the update
    (``learning_rate``, ``l2``, ``beta1`` and so on) change without compiling anything again.

    **What a run says.** Its ``settings`` and ``plan`` are those at the start. The ``sizes`` of its history are those of
    each update; ``epoch`` and ``every`` are those at the end, and ``initial_cost`` is that of the settings at the
    start.

    One thread at a time may use it; it has no thread of its own, except for L-BFGS. Ctrl-C ends ``advance`` between two
    updates, and what was made is kept.

    Args:
        network, data, parameters, validation, sample_weight, validation_weight: as for ``train``. All training examples
            have to be in memory. X and Y are not copied: do not change them as long as you step.
        settings: the hyperparameters of ``train`` by name. ``iterations`` is where ``advance`` ends.

    Raises:
        InputError: data or settings are wrong, or the examples are a stream.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> s = layerlab.Stepper(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2, iterations=1000)
        >>> s.advance(500)
        500
        >>> s.change(learning_rate=0.5)
        >>> s.edit("W1", 0, 1, 0.25)
        >>> s.advance(100)
        100
        >>> s.seek(500)
        >>> print(s.parameters()["W1"][0, 1], len(s.costs), s.furthest)
        0.25 500 600
        >>> print(s.events[0])
        After 500 updates, learning rate was set to 0.5.
    """

    def __init__(
        self,
        network: Network,
        data: TrainingData,
        *,
        parameters: Parameters | None = None,
        validation: Any = None,
        sample_weight: Any = None,
        validation_weight: Any = None,
        **settings: Any,
    ) -> None:
        weights = sample_weight, validation_weight
        job = single_job(network, data, weights, validation=validation, parameters=parameters, settings=settings)
        if job.stream is not None:
            raise InputError(
                "a Stepper needs all training examples in memory, and these are a stream, or images that are changed "
                "at random in every epoch: take a sample of them, or train"
            )
        self._given, self._validation = data, validation
        self._stepping = Stepping(job)

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled: two steppers would drive one engine."""
        raise InputError(
            "a Stepper cannot be copied: save what it has trained with s.run().save(path), or run the lines of "
            "s.python() for another one"
        )

    def __repr__(self) -> str:
        """Return a short description: the network, and where it stands."""
        dims, about = "-".join(map(str, self.network.layer_dims)), self._stepping.now.job.description.get("dataset", "")
        on = f" on {printable(about)}" if about else ""
        return f"<Stepper {dims}{on}: {self.update:,} of {count_text(self.iterations, 'update')}>"

    # What it is, and where it stands

    @property
    def network(self) -> Network:
        """The network, with its output named."""
        return self._stepping.now.job.members[0].network

    @property
    def job(self) -> Job:
        """What is trained, with the settings at present; a copy, which shares the arrays."""
        return with_settings(self._stepping.now.job)

    @property
    def plan(self) -> Plan:
        """How the next updates are computed."""
        return self._stepping.now.plan

    @property
    def settings(self) -> Mapping[str, Any]:
        """All hyperparameters at present, by name."""
        return MappingProxyType(dict(self._stepping.now.settings))

    @property
    def settings_at_start(self) -> Mapping[str, Any]:
        """All hyperparameters before the first event, by name, with all iterations that were added since.

        A ``Stepper`` with these settings, which makes ``events`` at their updates, makes this training again.
        """
        return MappingProxyType(dict(self._stepping.stretches[0].settings))

    @property
    def update(self) -> int:
        """Number of updates made until here."""
        return self._stepping.update

    @property
    def furthest(self) -> int:
        """Number of updates until which the training is known: ``seek`` goes so far."""
        return self._stepping.furthest

    @property
    def iterations(self) -> int:
        """Number of updates that the training was asked for."""
        return self._stepping.iterations

    @property
    def ended(self) -> str:
        """Why no further update can be made from here, a sentence; "" if one can."""
        return self._stepping.ended

    @property
    def events(self) -> tuple[Event, ...]:
        """What was changed until here, in order."""
        return self._stepping.events

    @property
    def costs(self) -> Floats:
        """(update,) the objective of each update on its examples, before that update."""
        return self._stepping.costs

    @property
    def known_costs(self) -> Floats:
        """(furthest,) as ``costs``, with those of updates that lie ahead: a view, which is not copied.

        What was read from it holds as long as ``version`` is the same; only more is added. The same is so for
        ``known_validation``.
        """
        return self._stepping.known[0]

    @property
    def known_validation(self) -> Floats:
        """(n, 2) cost and accuracy on the validation set: a view, as ``known_costs``; (n, 0) without one.

        Row t is measured before update t, as the costs are; with batches, after epoch t + 1, counted from 1.
        """
        return self._stepping.known[1]

    @property
    def version(self) -> int:
        """How often what lay ahead was dropped, because something was changed at an earlier update."""
        return self._stepping.version

    @property
    def history(self) -> History:
        """What was recorded until here, as a run has it."""
        return self._stepping.recorded().history

    def parameters(self) -> Parameters:
        """``W1 b1 … WL bL`` at present, copied, at full width and as they are learned."""
        return full_parameters(self._stepping.now.job, 0, owned(self._stepping.here().state).parameters)

    def present(self) -> Present:
        """Return where it stands as the engine has it, without a copy, for a look between two updates.

        In the span of the examples, C1 and s1 stand for W1. The arrays hold until something moves the training, and
        must not be written to. ``parameters`` returns copies at full width.
        """
        return self._stepping.present()

    # What moves it

    def advance(self, n: int = 1) -> int:
        """Make n updates; return how many were made: fewer at the end of the iterations, or if the training ends.

        Raises:
            InputError: none can be made.
        """
        n = _count(n, "advance")
        if self.ended:
            raise InputError(f"advance({n}): no update can be made: {self.ended}")
        return self._stepping.advance(n)

    def seek(self, update: int) -> None:
        """Go to where this many updates were made, with the same numbers as then.

        Raises:
            InputError: so many updates have not been made.
        """
        self._stepping.seek(self._made(update, "seek"))

    def nearest(self, update: int) -> int:
        """Return after how many updates ``seek(update)`` begins to compute: the updates from there are made again.

        Who does not want to wait goes there first, and on from there by ``seek`` in steps of any length.

        Raises:
            InputError: so many updates have not been made.
        """
        return self._stepping.nearest(self._made(update, "nearest"))

    def keep_at_most(self, n_bytes: int) -> None:
        """Let the copies of earlier states take at most so many bytes of memory, in place of 64 MiB.

        Two are kept in any case. With fewer copies, ``seek`` makes more updates again.

        Raises:
            InputError: the number is not a whole number of at least 1.
        """
        self._stepping.timeline.budget, self._stepping.timeline.fewest = _count(n_bytes, "keep_at_most"), 2

    def change(self, **settings: Any) -> None:
        """Change settings, from the next update on.

        Args:
            settings: new values by name, such as ``learning_rate=0.05``; those that are what they were change nothing.
                Settings of a new optimiser or schedule have their usual values where none is given.

        Raises:
            InputError: a value is wrong, does not fit the others, or belongs to the whole training (seed, initializer,
                dtype, iterations, and those of early stopping); nothing is changed then.
        """
        self._stepping.begin(after_change(self._stepping.now, self.update, settings))

    def edit(self, name: str, row: int, column: int, value: float) -> None:
        """Set one weight or bias to a value; one that it has already changes nothing.

        Args:
            name: "W1", "b1" and so on.
            row, column: its place in the array (n, n_prev) or (n, 1), from 0.
            value: a finite number. With a scaled target, it is that of the parameters as they are learned.

        Raises:
            InputError: there is no such weight, or the value is not a finite number; nothing is changed then.
        """
        stretches = after_edit(self._stepping.now, self.update, name, row, column, value)
        if self.parameters()[name][row, column] != stretches[-1].event.values["value"]:  # type: ignore[union-attr]
            self._stepping.begin(stretches)

    def prolong(self, n: int) -> None:
        """Add n iterations.

        With a constant learning rate the training is as if it had been asked for them from the start. With another
        schedule this is an event: from now on the schedule counts with the new total.

        Raises:
            InputError: n is not a whole number of at least 1.
        """
        n = _count(n, "prolong")
        if not self._stepping.prolong(n):
            self._stepping.begin([after_prolong(self._stepping.now, self.update, n)])

    def _made(self, update: Any, name: str) -> int:
        """Return a number of updates that were made.

        Raises:
            InputError: it is none.
        """
        if not _is_whole(update) or not 0 <= int(update) <= self.furthest:
            raise InputError(
                f"{name}({update!r}): wanted a whole number from 0 to {self.furthest:,}, the updates that were made"
            )
        return int(update)

    # What it gives

    def dissect(self) -> Anatomy:
        """Take apart the update that would come next; nothing changes by it.

        A training in the span of the examples is looked at in a copy at full width: the same numbers but for rounding.

        Returns:
            The forward pass, cost, backward pass and step of that update, with the terms of every sum; ``print`` tells
            them.
        """
        job, data, state, batch = self._stepping.in_full()
        single = sizes_of(job, span=False, members=1).products < LARGE_PRODUCTS
        notes = (IN_SPAN,) if self.plan.basis == "span" else ()
        return dissected(job, data, state, batch, one_thread=single, notes=notes)

    def run(self) -> Run:
        """Return the run up to the present update: as ``train(advice=False)``, with ``events``.

        With early stopping it has the parameters of the best epoch. Before the last iteration, its ``iterations`` are
        the updates made; where a schedule or an event makes that another training, ``history.stopped`` is true instead.
        """
        first, ending = self._stepping.first(), concluded(*self._stepping.recorded())
        plan, found = with_actual(first.plan, self._stepping.spent), findings(ending.evidence, None)
        return finished(self._stepping.now.job, plan, ending, found, settings=dict(first.settings), events=self.events)

    def python(self) -> str:
        """Return the lines of Python that repeat the run up to here; they name ``data`` and ``run``."""
        run, data, known, validation = self.run(), self._given, False, ""
        if isinstance(data, Dataset):
            known = data_can_be_loaded(run, data)
            own = {"data.test": data.test, "data.validation": data.validation}
            validation = next((name for name, part in own.items() if part and _is_the_same(self._validation, part)), "")
        return python_lines(run, known, validation)


def _count(n: Any, name: str) -> int:
    if not _is_whole(n) or int(n) < 1:
        raise InputError(f"{name}({n!r}): wanted a whole number of at least 1")
    return int(n)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def _is_the_same(one: Any, other: Any) -> bool:
    """Return whether a validation set is this set of examples, or equal to it."""
    if one is other or one is None:
        return one is other
    pairs = zip(tuple(one), tuple(other), strict=False) if isinstance(one, tuple) else ()
    return bool(pairs) and all(np.array_equal(a, b) for a, b in pairs)
