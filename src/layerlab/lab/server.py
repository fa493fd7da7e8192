"""The lab's server: its page, the socket of each tab, and downloads. It computes nothing; sessions do.

Routes, all of them relative to where a proxy may have put them: ``/`` is the page, ``/NAME.js`` and the like are its
files, ``/words/LANGUAGE.json`` its texts, ``/socket`` the socket, and ``/take/KEY`` a download, once.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from layerlab.errors import InputError

from .commands import parsed
from .guarding import Gate, Guard
from .noting import noted
from .tabs import POLICY_VIOLATION, Tab, text_of

SOCKETS = 48
"""Sockets at a time; one more gets status 503."""

HELLO_SECONDS = 10.0
"""A socket that has not said hello after so many seconds is closed."""

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""The files that the page may have, by their endings."""

_FILE = re.compile(r"(?:(?P<words>words)/)?(?P<name>[a-z0-9][a-z0-9_-]*\.[a-z]+)")
_FOLDER = Path(__file__).parent


class AnySession(Protocol):
    """What the server needs of a session; all of it returns at once."""

    def join(self, tab: Tab) -> None:
        """Take one more client."""

    def leave(self, tab: Tab) -> None:
        """Forget a client that has gone; without clients the training pauses."""

    def post(self, message: dict[str, Any] | str, tab: Tab) -> None:
        """Take a message of a client, as it came."""


class AnyRegistry(Protocol):
    """What the server needs of the registry of sessions."""

    def open(self, id: str | None) -> Any:  # noqa: A002 the protocol's word
        """Return the session with this id, or a new one."""

    def download(self, key: str) -> tuple[Path, str] | None:
        """Return a file that waits under a key, and the name that it gets; once."""

    def close(self) -> None:
        """End all sessions and their threads."""


Tell = Callable[[Tab, "dict[str, Any] | bytes"], None]


class Lab:
    """All tabs of a lab, and the session that each belongs to.

    Args:
        gate: what a request has to show.
        registry_of: makes the registry of sessions from the function by which they tell their clients something.
    """

    def __init__(self, gate: Gate, registry_of: Callable[[Tell], AnyRegistry]) -> None:
        self._gate = gate
        self._registry = registry_of(self.tell)
        self._tabs: dict[Tab, AnySession | None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def app(self) -> Starlette:
        """Return the application that answers requests."""
        routes = [
            Route("/", partial(_page_file, "index.html")),
            Route("/take/{key}", self._download),
            WebSocketRoute("/socket", self._socket),
            Route("/{path:path}", _named_file),
        ]
        app = Starlette(
            routes=routes,
            middleware=[Middleware(Guard, gate=self._gate)],
            exception_handlers={HTTPStatus.NOT_FOUND: _not_found, Exception: _broken},
            lifespan=self._living,
        )
        app.router.redirect_slashes = False
        return app

    @asynccontextmanager
    async def _living(self, _: Starlette) -> AsyncIterator[None]:
        """Know the event loop as long as the server runs."""
        self._loop = asyncio.get_running_loop()
        yield
        self._loop = None

    def close(self) -> None:
        """End all sessions, and tell nobody anything from here on."""
        self._loop = None
        self._registry.close()

    def tell(self, tab: Tab, message: dict[str, Any] | bytes) -> None:
        """Send a message to a client; called from any thread, never waits.

        Args:
            tab: where it goes; nothing happens if it has left.
            message: an object, which is sent as JSON, or a frame.
        """
        loop = self._loop
        if loop is None:
            return
        packed = message if isinstance(message, bytes) else text_of(message)
        farewell = isinstance(message, dict) and message.get("type") == "bye"
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._deliver, tab, packed, farewell)

    def _deliver(self, tab: Tab, packed: str | bytes, farewell: bool) -> None:
        if tab in self._tabs:
            tab.put(packed)
            if farewell:
                tab.end(POLICY_VIOLATION, "too many messages were refused")

    async def _socket(self, socket: WebSocket) -> None:
        if len(self._tabs) >= SOCKETS:
            refusal = f"{SOCKETS} tabs are open already: close one of them.\n"
            await socket.send_denial_response(PlainTextResponse(refusal, HTTPStatus.SERVICE_UNAVAILABLE))
            return
        tab = Tab(socket)
        self._tabs[tab] = None
        try:
            await socket.accept()
            sending = asyncio.create_task(tab.send_all())
            receiving = asyncio.create_task(self._receive(socket, tab))
            await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
            if receiving.done() and tab.ended:
                await asyncio.wait((sending,))
            await _ended(sending, receiving)
        finally:
            session = self._tabs.pop(tab)
            if session is not None:
                session.leave(tab)

    async def _receive(self, socket: WebSocket, tab: Tab) -> None:
        """Take what a client says, until it leaves or the socket is closed."""
        deadline = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._close_if_silent, tab)
        try:
            while not tab.ended:
                received = await socket.receive()
                if received["type"] == "websocket.disconnect":
                    return
                self._take(received.get("text"), tab)
                await asyncio.sleep(0)  # one packet may hold thousands of messages; others are not kept waiting
        finally:
            deadline.cancel()

    def _close_if_silent(self, tab: Tab) -> None:
        if self._tabs.get(tab) is None:
            tab.end(POLICY_VIOLATION, "no hello came")

    def _take(self, text: str | None, tab: Tab) -> None:
        """Hand a message of a client to its session; the first has to say hello."""
        try:
            if text is None:
                raise InputError("wanted a text, and got bytes")
            session = self._tabs[tab]
            if session is None:
                session = self._joined(parsed(text), tab)
            session.post(text, tab)
        except InputError as error:
            tab.put(text_of({"type": "refused", "what": str(error)}))
            tab.note_refusal()
        except Exception:
            tab.put(text_of({"type": "broke", "number": noted("a message")}))

    def _joined(self, hello: dict[str, Any], tab: Tab) -> AnySession:
        """Let a client join the session that it names in its first message, or a new one.

        Raises:
            InputError: the message is no hello, or there is no place for another session.
        """
        wanted, kind = hello.get("session"), hello.get("type")
        if kind != "hello":
            raise InputError(f"wanted hello as the first message, and got {repr(kind)[:40]}")
        if wanted is not None and not isinstance(wanted, str):
            raise InputError("session: wanted the id of a session as a text, or null for a new one")
        session: AnySession = self._registry.open(wanted)
        self._tabs[tab] = session
        session.join(tab)
        return session

    async def _download(self, request: Request) -> Response:
        """Answer with a file that a session has made, which then is removed."""
        if request.method == "HEAD" or (found := self._registry.download(request.path_params["key"])) is None:
            return await _not_found(request, None)
        path, name = found
        removing = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, media_type="application/octet-stream", filename=name, background=removing)


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Cancel what still runs, and note what broke."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        gone = (asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError)
        if isinstance(result, BaseException) and not isinstance(result, gone):
            noted("a socket", result)


async def _page_file(name: str, request: Request) -> Response:
    return _file(_FOLDER / "page" / name, request)


async def _named_file(request: Request) -> Response:
    """Answer with a file of the page. A path that is no plain name of one has no way to a file at all."""
    found = _FILE.fullmatch(request.path_params["path"])
    if found is None or request.scope.get("raw_path", b"").decode("ascii", "replace") != request.scope["path"]:
        return await _not_found(request, None)
    return _file(_FOLDER / ("words" if found["words"] else "page") / found["name"], request)


def _file(path: Path, request: Request) -> Response:
    """Answer with a file, compressed for browsers that take it so: the page is read over ssh, too."""
    if path.suffix not in TYPES or not path.is_file():
        return PlainTextResponse("There is nothing here.\n", HTTPStatus.NOT_FOUND)
    content, headers = path.read_bytes(), {"Vary": "Accept-Encoding"}
    if re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?(,|$|\s))", request.headers.get("accept-encoding", "")):
        content, headers = gzip.compress(content), headers | {"Content-Encoding": "gzip"}
    return Response(content, media_type=TYPES[path.suffix], headers=headers)


async def _not_found(_: Request, __: Any) -> Response:
    return PlainTextResponse("There is nothing here.\n", HTTPStatus.NOT_FOUND)


async def _broken(request: Request, error: Exception) -> Response:
    number = noted(request.url.path[:100], error)
    return PlainTextResponse(f"A mistake in the lab itself: error {number}, see the terminal.\n", 500)
