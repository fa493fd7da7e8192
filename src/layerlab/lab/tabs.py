"""One tab at its socket: what waits to be sent to it, and how a slow or silent one is let go.

A session tells from its own thread. What it tells waits here, so that no tab keeps the session or another tab waiting.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from starlette.websockets import WebSocket

from .clients import MOST_REFUSALS

SEND_SECONDS = 5.0
"""A client that takes nothing for so long is let go; its session lives on."""

LONGEST_QUEUE = 256
"""Texts that may wait for a client; of frames only the latest waits."""

REFUSALS_SECONDS = 10.0
"""A tab that is refused ``MOST_REFUSALS`` times in so many seconds, before it has a session, is let go."""

NORMAL, POLICY_VIOLATION, TOO_SLOW = 1000, 1008, 1013
"""Codes with which a socket is closed."""

ABORT = "layerlab.abort"
"""Under this name the scope of a socket has a function that cuts the connection without waiting for the other side."""


class Tab:
    """A socket and what waits for it. All methods are called in the event loop's thread.

    Args:
        socket: the socket, accepted.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: deque[str | bytes] = deque()
        self._ready = asyncio.Event()
        self._refused: deque[float] = deque(maxlen=MOST_REFUSALS)
        self._end: tuple[int, str] | None = None

    def put(self, message: str | bytes) -> None:
        """Let a message wait to be sent. An older frame that still waits is dropped, so that order is kept."""
        if self._end is not None:
            return
        if isinstance(message, bytes):
            self._waiting = deque(one for one in self._waiting if isinstance(one, str))
        elif len(self._waiting) >= LONGEST_QUEUE:
            self.end(TOO_SLOW, "too much waits to be read")
            return
        self._waiting.append(message)
        self._ready.set()

    def note_refusal(self) -> None:
        """Count a refusal; after too many in a row the socket is closed once they are sent."""
        self._refused.append(monotonic())
        if len(self._refused) == MOST_REFUSALS and self._refused[-1] - self._refused[0] < REFUSALS_SECONDS:
            self.end(POLICY_VIOLATION, "too many messages that were refused")

    def end(self, code: int = NORMAL, why: str = "") -> None:
        """Close the socket when all that waits is sent."""
        self._end = self._end or (code, why)
        self._ready.set()

    @property
    def ended(self) -> bool:
        """Whether the socket is being closed."""
        return self._end is not None

    async def send_all(self) -> None:
        """Send what waits, in order, until the socket is closed or the client takes nothing for too long."""
        try:
            while self._end is None:
                if self._waiting:
                    await asyncio.wait_for(self._send(self._waiting.popleft()), SEND_SECONDS)
                else:
                    self._ready.clear()
                    await self._ready.wait()
            async with asyncio.timeout(SEND_SECONDS):
                while self._waiting:
                    await self._send(self._waiting.popleft())
                await self._socket.close(*self._end)
        except TimeoutError:
            self.cut()

    def cut(self) -> None:
        """Cut the connection: who does not read gets no farewell, which would only wait for him as well."""
        self._waiting.clear()
        abort: Callable[[], None] | None = self._socket.scope.get("extensions", {}).get(ABORT)
        if abort is not None:
            abort()

    async def _send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._socket.send_bytes(message)
        else:
            await self._socket.send_text(message)


def text_of(message: dict[str, Any]) -> str:
    """Return a message as JSON; a number that is not finite becomes null, as JSON has none."""
    try:
        return json.dumps(message, allow_nan=False, separators=(",", ":"))
    except ValueError:
        return json.dumps(_without_nan(message), allow_nan=False, separators=(",", ":"))


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    return [_without_nan(one) for one in value] if isinstance(value, list | tuple) else value
