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

from layerlab.errors import InputError

SEND_SECONDS = 5.0
"""A client that takes nothing for so long is let go; its session lives on."""

LONGEST_QUEUE = 256
"""Texts that may wait for a client; of frames only the latest waits."""

LONGEST_TEXT = 64_000
"""Bytes of a text that a client may send."""

DEEPEST = 6
"""Levels of brackets in such a text."""

LONGEST_WHOLE_NUMBER = 18
"""Characters of a whole number in it, which then fits into 64 bits."""

MOST_REFUSALS, REFUSALS_SECONDS = 20, 10.0
"""A client that is refused so often in so many seconds is let go."""

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
        if isinstance(message, bytes):
            self._waiting = deque(one for one in self._waiting if isinstance(one, str))
        elif len(self._waiting) >= LONGEST_QUEUE:
            self.end(TOO_SLOW, "too much waits to be read")
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
            while True:
                while self._waiting:
                    await asyncio.wait_for(self._send(self._waiting.popleft()), SEND_SECONDS)
                if self._end is not None:
                    await asyncio.wait_for(self._socket.close(*self._end), SEND_SECONDS)
                    return
                await self._ready.wait()
                self._ready.clear()
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


def message_of(text: str) -> dict[str, Any]:
    """Return the message in a text that a client sent.

    Raises:
        InputError: it is no JSON object with a type, or it is too long, too deep, or has a number that is not finite.
    """
    if len(text) > LONGEST_TEXT or len(text.encode(errors="replace")) > LONGEST_TEXT:
        raise InputError(f"wanted a text of at most {LONGEST_TEXT:,} bytes")
    try:
        message = json.loads(text, parse_constant=_no_number, parse_float=_float, parse_int=_int)
    except (ValueError, RecursionError) as error:
        raise InputError(f"wanted a JSON object: {str(error)[:100]}") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise InputError('wanted a JSON object with a type, such as {"type": "play"}')
    if _is_deeper(message, DEEPEST):
        raise InputError(f"wanted JSON with at most {DEEPEST} levels of brackets")
    return message


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no finite number")


def _float(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise ValueError(f"{text[:30]} is too large for a number")
    return value


def _int(text: str) -> int:
    if len(text) > LONGEST_WHOLE_NUMBER:
        raise ValueError(f"{text[:30]}… is too long for a whole number")
    return int(text)


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
