"""When the lab does what: how many updates fit before the next frame, when a frame is due, how fast training may go."""

from __future__ import annotations

FRAME = 1 / 30
"""Seconds between two frames."""

GO = 0.006
"""Seconds after which a go should end, so that commands are handled soon."""

MOST_AT_ONCE = 4096
"""The most updates of a go."""

GROWTH = 2
"""A go has at most so many times the updates of the one before: the time of an update is not known in advance."""

WINDOW = 0.5
"""Seconds over which the speed that is shown is measured, at least."""


class Pace:
    """How many updates a go may make, from the measured seconds of an update.

    Attributes:
        seconds: of an update, as far as known; None before the first go.
    """

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._last = 1

    def updates(self, seconds: float) -> int:
        """Return how many updates fit into so many seconds, at least one."""
        fit = 1 if not self.seconds else int(min(seconds, GO) / self.seconds)
        return max(1, min(fit, GROWTH * self._last, MOST_AT_ONCE))

    def fits(self, seconds: float) -> bool:
        """Return whether most of an update fits into so many seconds."""
        return self.seconds is None or seconds > self.seconds / 2

    def measured(self, n: int, seconds: float) -> None:
        """Note that n updates took so many seconds. A go that was slowed down by others counts less."""
        one, before = max(seconds, 1e-7) / n, self.seconds
        weight = 1.0 if before is None else 0.5 if one < before else 0.2
        self.seconds = one if before is None else (1 - weight) * before + weight * one
        self._last = n


class Frames:
    """When the next frame is due: on a grid of ``FRAME`` seconds, so that late frames do not make later ones late."""

    def __init__(self) -> None:
        self.due = 0.0

    def left(self, now: float) -> float:
        """Return the seconds until the next frame is due; 0 if it is due."""
        return max(0.0, self.due - now)

    def made(self, now: float) -> None:
        """Note that a frame was made."""
        self.due = self.due + FRAME if now - self.due < FRAME else now + FRAME


class Limit:
    """How many updates may be made by now, where a number of updates per second was asked for.

    Attributes:
        per_second: that number; None for as many as can be made.
    """

    def __init__(self) -> None:
        self.per_second: float | None = None
        self._since, self._made = 0.0, 0

    def begin(self, now: float) -> None:
        """Begin to count: the first update may be made at once."""
        self._since, self._made = now, 0

    def allowed(self, now: float, most: int) -> int:
        """Return how many updates may be made, at most ``most``."""
        if self.per_second is None:
            return most
        due = int((now - self._since) * self.per_second) + 1 - self._made
        if due > max(1.0, self.per_second):  # more than a second behind: what was not made in time is left out
            self.begin(now)
            due = 1
        return max(0, min(most, due))

    def made(self, n: int) -> None:
        """Note that n updates were made."""
        self._made += n

    def wait(self, now: float) -> float:
        """Return the seconds until the next update may be made."""
        if self.per_second is None:
            return 0.0
        return max(0.0, self._since + self._made / self.per_second - now)


class Speed:
    """The updates per second that are made.

    Attributes:
        per_second: over the last half second or so; None where nothing is made.
    """

    def __init__(self) -> None:
        self.per_second: float | None = None
        self._since: float | None = None
        self._made = 0

    def made(self, n: int, now: float) -> None:
        """Note that n updates were made until now."""
        if self._since is None:
            self._since = now
            return
        self._made += n
        if self._made and now - self._since >= WINDOW:
            self.per_second = self._made / (now - self._since)
            self._since, self._made = now, 0

    def stop(self) -> None:
        """Note that nothing is made any more."""
        self.per_second, self._since, self._made = None, None, 0
