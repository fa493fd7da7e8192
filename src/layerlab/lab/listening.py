"""How uvicorn is run: on a socket of ours, silent, ended by a signal within a second, and never kept by a slow client.

Classes of uvicorn are extended in as few places as possible: what it does with signals, how long a connection may say
nothing, and how a connection is cut.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from layerlab.errors import InputError
from layerlab.training.interrupts import ONE_REQUEST, SIGNALS, ending_signals

from .tabs import ABORT

PORT = 8765
"""The port that is tried first."""

PORTS = 100
"""How many ports from there on are tried."""

SILENT_SECONDS = 10.0
"""A connection that has sent no whole request after so many seconds is closed."""

LARGEST_MESSAGE = 1 << 20
"""Bytes of a message at a socket; a larger one closes it."""

PING_SECONDS, PONG_SECONDS = 30.0, 60.0
"""How often a socket is asked whether it lives, and how long its answer may take while the machine computes."""

ENDING_SECONDS = 1
"""How long the end waits for connections."""


ALWAYS = (signal.SIGINT, signal.SIGTERM)
"""Signals that end the lab even where they were ignored, as a script's shell does with those of a background job."""


class _Requests(H11Protocol):
    """Connections that do not wait forever for a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._silent = self.loop.call_later(SILENT_SECONDS, self._close_if_silent)

    def _close_if_silent(self) -> None:
        if self.scope is None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._silent.cancel()
        super().connection_lost(exc)


class _Sockets(WebSocketsSansIOProtocol):
    """Sockets whose connection can be cut, although the other side does not read."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast(Any, self.scope)["extensions"][ABORT] = self.transport.abort

    def shutdown(self) -> None:
        super().shutdown()
        if not self.writable.is_set():
            self.transport.abort()


class Server(uvicorn.Server):
    """A server for one process, which a signal ends in order.

    Args:
        app: what answers.
        begun: called once when the server listens.
        ended: called once when it has ended, while signals are still caught.
    """

    def __init__(
        self, app: ASGIApp, begun: Callable[[], None] = lambda: None, ended: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(_config(app))
        self._begun, self._ended, self._asked = begun, ended, 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections, and say so to whoever waits for it."""
        await super().startup(sockets)
        self._begun()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let a signal that asks the process to end end the server in order; the next hurries it, then one kills."""
        try:
            before = {one: signal.signal(one, self._end) for one in {*ending_signals(), *ALWAYS}}
        except ValueError:  # not in the main thread
            before = {}
        try:
            yield
        finally:
            try:
                self._ended()
            finally:
                for one, handler in before.items():
                    signal.signal(one, handler)

    def _end(self, number: int, *_: object) -> None:
        now = monotonic()
        if self.force_exit:
            signal.signal(number, signal.SIG_DFL)
        elif not self.should_exit:
            self._asked = now
            if SIGNALS.handled:  # the command line's state: a second signal that soon is the same request
                SIGNALS.came, SIGNALS.first = True, now
        elif now - self._asked >= ONE_REQUEST:
            self.force_exit = True
        self.should_exit = True


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Requests,
        ws=_Sockets,
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level=logging.CRITICAL + 1,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=ENDING_SECONDS,
    )


def listening_socket(host: str, port: int | None) -> socket.socket:
    """Return a socket that is bound and will listen.

    Args:
        host: an address or the name of this machine.
        port: its port; 0 for any that is free, None for ``PORT`` or the next that is free.

    Raises:
        InputError: the port is taken or not allowed, or the host is no address of this machine.
    """
    tried = range(PORT, PORT + PORTS) if port is None else [port]
    family, address = _address(host)
    for one in tried:
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name == "nt":
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
            else:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((address, one))
            bound.listen(128)
        except (OSError, OverflowError) as error:
            bound.close()
            refusal = error
            continue
        return bound
    if port is None:
        raise InputError(f"no port from {PORT} to {PORT + PORTS - 1} is free on {host} ({_why(refusal)}); try --port 0")
    raise InputError(f"--port {port}: cannot be used on {host} ({_why(refusal)}); --port 0 takes one that is free")


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()


def _address(host: str) -> tuple[socket.AddressFamily, str]:
    """Return the family and the address of a host of this machine.

    Raises:
        InputError: the name has no address.
    """
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
        family, *_, address = sorted(found)[0]
        return family, str(address[0])
    raise InputError(f"--host {host!r}: has no address; wanted 127.0.0.1, or another address of this machine")
