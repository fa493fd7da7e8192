"""What a session does in its thread, round by round: commands, then some updates, then frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from layerlab.errors import InputError, WorkError

from .bench import Bench
from .clients import MOST_WAITING, TOO_FAST, Client
from .clock import GO, Frames
from .commands import Command, Refusal, command_of, parsed
from .driving import COMPUTING, PLAYING, READY, Driver

TOLD = 0.5
"""Seconds between two messages ``told`` while a training moves."""

REST = 0.3
"""Seconds of rest after which findings are computed."""

ALONE, KEPT = 10.0, 3600.0
"""Seconds without any client after which a training is paused, and after which it is closed."""

MOST_LOOKS = 4
"""So many different looks are drawn at a time; the others come next."""

AT_ONCE = ("hello", "speed", "look", "drawn", "bye")
"""Commands that do not wait for a training on its way to an update."""

CANCEL = ("pause", "seek", "open")
"""Commands that stop it on its way."""


class Actor:
    """A session without its thread: it does one thing after the other, and never waits.

    Args:
        bench: the training and the clients around it.

    Attributes:
        finished: whether nobody has needed it for so long that it can be closed.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench, self._clock = bench, bench.clock
        self.finished = False
        self._waiting: deque[tuple[Client, Command]] = deque()
        self._frames, self._number, self._alone_since = Frames(), 0, bench.clock()

    # Clients and their messages

    def join(self, client: Client) -> None:
        """Answer this client from here on."""
        self.bench.clients[client.name] = client

    def leave(self, client: Client) -> None:
        """Forget a client and those of its messages that were not answered yet."""
        self.bench.clients.pop(client.name, None)
        self._waiting = deque(one for one in self._waiting if one[0] is not client)
        self._alone_since = self._clock()

    def take_in(self, client: Client, message: Mapping[str, Any] | str) -> None:
        """Check a message of a client, and do what it says: now, or after what is under way."""
        if client.gone or client.name not in self.bench.clients:
            return
        try:
            command = command_of(parsed(message) if isinstance(message, str) else message)
            if command.type != "hello" and not client.greeted:
                raise Refusal("wanted hello as the first message", command.id)
            if self._must_wait(command):
                if sum(one is client for one, _ in self._waiting) >= MOST_WAITING:
                    raise Refusal(TOO_FAST, command.id)
                self._waiting.append((client, command))
                return
        except Refusal as refusal:
            client.refuse(str(refusal), refusal.id)
            return
        self._do(client, command)

    def _must_wait(self, command: Command) -> bool:
        if command.type in AT_ONCE:
            return False
        return bool(self._waiting) or (self.bench.state == COMPUTING and command.type not in CANCEL)

    def _do(self, client: Client, command: Command) -> None:
        self.bench.do(client, command)
        if not self.bench.clients:
            self._alone_since = self._clock()

    # One round

    def turn(self) -> float | None:
        """Do what there is to do; return the seconds until there may be more, None if only a message can be next."""
        bench = self.bench
        while self._waiting and (bench.state != COMPUTING or self._waiting[0][1].type in CANCEL):
            self._do(*self._waiting.popleft())
        try:
            self._show()  # first, so that commands which came during the last updates are answered before the frame
            if bench.driver is not None and not bench.is_broken and bench.driver.wait(self._clock()) == 0:
                self._go(bench.driver)
            self._look_after_itself()
        except Exception:
            bench.broke()
        return self._wait()

    def _go(self, driver: Driver) -> None:
        """Make some updates, unless the next frame is due before one is made."""
        left = self._frames.left(self._clock()) if self._wanting() else GO
        if driver.state == PLAYING and left < GO and not driver.pace.fits(left):
            return
        before = driver.stepper.update
        try:
            driver.go(left or GO)
        except (InputError, WorkError) as error:
            driver.pause()
            for client in [*self.bench.clients.values()]:
                client.tell({"type": "refused", "what": str(error)})
        except Exception:
            self.bench.broke()
            return
        if driver.stepper.update != before:
            self.bench.changed()
        if driver.state == READY:
            self.bench.settle()
        elif self._clock() - self.bench.told_at >= TOLD:
            self.bench.tell_all()

    def _look_after_itself(self) -> None:
        """Compute findings after a rest; pause, and end, where no client is left."""
        now = self._clock()
        if self._lacks_findings() and now - self.bench.rest_since >= REST:
            self.bench.find()
        if not self.bench.clients:
            if now - self._alone_since >= ALONE:
                self.bench.stop()
            self.finished = now - self._alone_since >= KEPT

    def _lacks_findings(self) -> bool:
        bench = self.bench
        return bench.state == READY and bench.driver is not None and bench.findings is None and bool(bench.clients)

    def _wanting(self) -> list[Client]:
        """Return the clients that can take a frame and have not seen the present one."""
        bench = self.bench
        if bench.driver is None or bench.is_broken:
            return []
        return [one for one in bench.clients.values() if one.credit and one.shown != bench.changes]

    def _show(self) -> None:
        """Send frames to the clients that want one, if the next one is due."""
        bench, wanting = self.bench, self._wanting()
        if not wanting or bench.driver is None or bench.shows is None:
            return
        now, pace = self._clock(), bench.driver.pace
        left = self._frames.left(now)
        if left and (bench.driver.state != PLAYING or pace.fits(left)):
            return
        for look in list(dict.fromkeys(one.look for one in wanting))[:MOST_LOOKS]:
            self._number += 1
            frame = bench.shows.frame(look, self._number, bench.state, pace.seconds)
            for client in wanting:
                if client.look == look:
                    client.frame, client.credit, client.shown = self._number, False, bench.changes
                    client.tell(frame)
        self._frames.made(now)

    def _wait(self) -> float | None:
        """Return the seconds until something may be due."""
        now, bench, waits = self._clock(), self.bench, list[float]()
        if bench.driver is not None and not bench.is_broken:
            moving = bench.driver.wait(now)
            waits += [] if moving is None else [moving]
            waits += [self._frames.left(now)] if self._wanting() else []
            waits += [max(0.0, bench.rest_since + REST - now)] if self._lacks_findings() else []
        if not bench.clients:
            pauses = bench.state in (PLAYING, COMPUTING)
            waits += [max(0.0, self._alone_since + (ALONE if pauses else KEPT) - now)]
        return min(waits, default=None)
