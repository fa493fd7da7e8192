"""A session of the lab without a thread, a server or a browser, and a clock that goes on only when it is read."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from layerlab.lab.acting import Actor
from layerlab.lab.bench import Bench
from layerlab.lab.clients import Client
from layerlab.lab.commands import View
from layerlab.lab.downloads import Downloads
from layerlab.lab.opening import Given, Training

TICK = 0.001
"""Seconds by which the clock goes on each time that it is read."""


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time; a moment later than the last time."""
        self.now += TICK
        return self.now


class Drawings:
    """What stands for frames where nobody looks at them: their number, their state, and the update."""

    def __init__(self, training: Training) -> None:
        self.stepper = training.stepper

    def frame(self, look: View, number: int, state: str, _: float | None) -> bytes:
        """Return the facts of a frame."""
        return f"{number} {state} {self.stepper.update} {look.lens}".encode()

    def inside(self, **chosen: Any) -> dict[str, Any]:
        """Return what was chosen, and one fact."""
        return {**chosen, "at": self.stepper.update}

    def figures(self) -> dict[str, Any]:
        """Return the cost of the last update."""
        costs = self.stepper.costs
        return {"cost": float(costs[-1]) if len(costs) else None}


class Desk:
    """A session and the clients that a test plays; what they are told is kept.

    Args:
        given: what the command line named.
        shows: makes what draws a training.
        clients: their names.
    """

    def __init__(
        self,
        given: Given | None = None,
        shows: Callable[[Training], Any] = Drawings,
        clients: tuple[str, ...] = ("a",),
    ) -> None:
        self.clock, self.downloads = Clock(), Downloads()
        self.bench = Bench("0" * 32, given or Given(), self.clock, shows, self.downloads)
        self.actor = Actor(self.bench)
        self.told: list[tuple[Hashable, dict[str, Any]]] = []
        self.frames: list[tuple[Hashable, bytes]] = []
        self.clients = {name: Client(name, self.tell) for name in clients}
        for name, client in self.clients.items():
            self.actor.join(client)
            self.post("hello", name, version=1, language="en")

    def tell(self, client: Any, message: dict[str, Any] | bytes) -> None:
        """Keep what a client is told."""
        if isinstance(message, bytes):
            self.frames.append((client, message))
        else:
            self.told.append((client, message))

    def post(self, kind: str, client: str = "a", **fields: Any) -> list[dict[str, Any]]:
        """Send a message; return what the client is told at once."""
        return self.send({"type": kind, **fields}, client)

    def send(self, message: dict[str, Any] | str, client: str = "a") -> list[dict[str, Any]]:
        """Send a message as it is; return what the client is told at once."""
        before = len(self.told)
        self.actor.take_in(self.clients[client], message)
        return [one for name, one in self.told[before:] if name == client]

    def turn(self, n: int = 1) -> float | None:
        """Let the session do n rounds; return what the last one says about the next."""
        wait: float | None = None
        for _ in range(n):
            wait = self.actor.turn()
        return wait

    def until_ready(self, most: int = 10_000) -> None:
        """Let the session work until its training stands still."""
        for _ in range(most):
            if self.bench.state in ("ready", "broken"):
                return
            self.turn()
        raise AssertionError(f"still {self.bench.state} after {most} rounds")

    def rest(self) -> None:
        """Let time go by until findings are computed."""
        self.clock.now += 1.0
        self.turn()

    def answers(self, id: Any, client: str = "a") -> list[dict[str, Any]]:  # noqa: A002
        """Return all answers with this id."""
        return [one for name, one in self.told if name == client and one.get("id") == id]

    def draw(self, client: str = "a") -> None:
        """Give the credit of the last frame back."""
        last = [frame for name, frame in self.frames if name == client][-1]
        self.post("drawn", client, frame=int(last.split()[0]))

    @property
    def update(self) -> int:
        """Number of updates made."""
        assert self.bench.driver is not None
        return self.bench.driver.stepper.update

    @property
    def last(self) -> dict[str, Any]:
        """The last message ``told``."""
        return next(one for _, one in reversed(self.told) if one["type"] == "told")

    def last_of(self, kind: str) -> dict[str, Any]:
        """Return the last message of a kind."""
        return next(one for _, one in reversed(self.told) if one["type"] == kind)
