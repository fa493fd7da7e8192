"""A training is moved on by goes of some milliseconds, between which commands are handled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from layerlab.errors import InputError
from layerlab.runs.events import CHANGE, EDIT, Event
from layerlab.training.stepper.stepper import Stepper

from .clock import Limit, Pace, Speed
from .commands import MOST_ITERATIONS, check_iterations

READY, PLAYING, COMPUTING = "ready", "playing", "computing"
"""What a training does: nothing, updates one after the other until pause, or a way to an update."""

MOST_EVENTS = 1000
"""The most changes by hand of a training."""


class Driver:
    """What moves a training.

    Args:
        stepper: the training.
        clock: returns the time in seconds.

    Attributes:
        state: "ready", "playing" or "computing".
        pace, limit, speed: how long an update takes; how fast it may go; how fast it goes.
    """

    def __init__(self, stepper: Stepper, clock: Callable[[], float]) -> None:
        self.stepper, self.state = stepper, READY
        self.pace, self.limit, self.speed = Pace(), Limit(), Speed()
        self._clock, self._target, self._seeks = clock, 0, False
        self._script = deque[Event]()

    @property
    def ended(self) -> str:
        """Why no further update can be made from here; "" if one can."""
        return self.stepper.ended.split("; prolong(")[0]

    # Commands: each returns at once. Those that take longer are made by ``go``.

    def play(self, until: int | None = None) -> None:
        """Make updates until pause, until this number of updates is made, or until the training ends."""
        self._check_goes_on()
        stepper = self.stepper
        if until is not None and not stepper.update < until <= stepper.iterations:
            raise InputError(
                f"until={until}: wanted a number of updates above the {stepper.update:,} that are made, and at most "
                f"the {stepper.iterations:,} iterations of the training"
            )
        self._begin(PLAYING, MOST_ITERATIONS if until is None else until)

    def step(self, n: int) -> None:
        """Make n updates from where the training stands, and then pause."""
        self._check_goes_on()
        self._begin(COMPUTING, self.stepper.update + n)

    def check_seek(self, update: int) -> None:
        """Refuse to go where no update was made.

        Raises:
            InputError: so many updates have not been made.
        """
        if update > self.stepper.furthest:
            raise InputError(f"update={update}: wanted at most the {self.stepper.furthest:,} updates that were made")

    def seek(self, update: int) -> None:
        """Go to where this many updates were made."""
        nearest = self.stepper.nearest(update)
        self._begin(COMPUTING, update, seeks=True)
        if nearest != self.stepper.update:
            self.stepper.seek(nearest)

    def replay(self, events: Iterable[Event], update: int) -> None:
        """Make the events of another training again, each after as many updates as there, and go to an update.

        Args:
            events: in their order.
            update: at least those of the events.
        """
        self._begin(COMPUTING, update)
        self._script = deque(events)

    def pause(self) -> None:
        """Make no more updates."""
        self.state = READY
        self.speed.stop()

    def set_speed(self, per_second: float | None) -> None:
        """Limit the updates per second; None for as many as can be made."""
        self.limit.per_second = per_second
        self.limit.begin(self._clock())

    def prolong(self, iterations: int) -> None:
        """Add iterations to those that the training was asked for."""
        check_iterations(self.stepper.iterations + iterations)
        self._check_events()
        self.stepper.prolong(iterations)

    def change(self, settings: Mapping[str, Any]) -> None:
        """Change settings from the next update on."""
        self._check_events()
        self.stepper.change(**settings)

    def edit(self, name: str, row: int, column: int, value: float) -> None:
        """Set one weight or bias."""
        self._check_events()
        self.stepper.edit(name, row, column, value)

    # What takes time

    def wait(self, now: float) -> float | None:
        """Return the seconds until updates can be made; None if none are wanted."""
        if self.state == READY:
            return None
        return self.limit.wait(now) if self.state == PLAYING else 0.0

    def go(self, seconds: float) -> None:
        """Make as many updates as fit into so many seconds, one at least, but no more than the limit allows."""
        begun = self._clock()
        self._make_events()
        left = (self._script[0].update if self._script else self._target) - self.stepper.update
        n = min(self.pace.updates(seconds), left)
        if self.state == PLAYING:
            n = self.limit.allowed(begun, n)
        if n > 0:
            made = self._make(n)
            now = self._clock()
            self.limit.made(made)
            if made:
                self.pace.measured(made, now - begun)
            if self.state == PLAYING:
                self.speed.made(made, now)
        self._make_events()
        if self.stepper.update >= self._target or (not self._seeks and self.stepper.ended):
            self.pause()

    def _make_events(self) -> None:
        """Make the events whose time has come.

        Raises:
            InputError: one cannot be made, or the training has ended before it.
        """
        while self._script and self._script[0].update <= self.stepper.update:
            event = self._script.popleft()
            if event.kind == CHANGE:
                self.change(event.values)
            elif event.kind == EDIT:
                self.edit(**event.values)
            else:
                self.prolong(event.values["iterations"])
        if self._script and self.stepper.ended:
            raise InputError(
                f"the training ends here after {self.stepper.update:,} updates, and the link has a change after "
                f"{self._script[0].update:,}: {self.ended}"
            )

    def _make(self, n: int) -> int:
        if not self._seeks:
            return self.stepper.advance(n)
        self.stepper.seek(self.stepper.update + n)
        return n

    def _begin(self, state: str, target: int, *, seeks: bool = False) -> None:
        self.speed.stop()
        self.state, self._target, self._seeks = state, target, seeks
        self._script = deque()
        self.limit.begin(self._clock())

    def _check_goes_on(self) -> None:
        if self.ended:
            raise InputError(f"no further update can be made: {self.ended}")

    def _check_events(self) -> None:
        if len(self.stepper.events) >= MOST_EVENTS:
            raise InputError(f"the training was changed {MOST_EVENTS:,} times, and the lab keeps no more changes")
