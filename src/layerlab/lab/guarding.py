"""Who may talk to the lab: the hosts, the origins, the token and its cookie, and the headers of every answer.

A page of another website runs in the same browser, so that it can send requests to the lab. It knows neither the token
nor the cookie, its origin is another one, and a name that it points at this machine is not among the hosts.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from layerlab.errors import InputError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine that no other website can have."""

TOKEN_BYTES = 24
"""192 bits, which nobody guesses."""

OPENING_SECONDS = 120.0
"""How long a browser that the lab opens may take to ask for the page."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer, which keep the pages of other websites out."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self' {sockets}; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: files of the lab alone. Old versions of Safari do not count sockets as 'self'."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?)(:(?P<port>[0-9]{1,5}))?")
_USUAL = {"http": "80", "https": "443"}

AGAIN = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0"><title>layerlab lab</title>'
"""A page that loads itself once more: a browser that comes from another website withholds the cookie until then."""


@dataclass(frozen=True)
class Gate:
    """What a request has to show.

    Args:
        port: the lab's own port; it is in the cookie's name, since all ports of a host share their cookies.
        hosts: names beside those of the loopback by which the lab may be addressed.
        token: the secret in the printed address.

    Raises:
        InputError: a host is no name.
    """

    port: int
    hosts: Sequence[str] = ()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES))
    _once: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for host in self.hosts:
            check_host_name(host)

    @property
    def cookie(self) -> str:
        """The cookie's name."""
        return f"layerlab-{self.port}"

    def token_for_once(self) -> str:
        """Return a token that works once, and soon: it becomes an argument of a browser, which other users can list."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._once[token] = monotonic() + OPENING_SECONDS
        return token

    def entry(self, request: HTTPConnection) -> Response | None:
        """Return the answer to a request with the token: a cookie, and the way to the page without the token."""
        tokens = request.query_params.getlist("token")
        if request.scope["type"] != "http" or request.scope["path"] != "/" or not tokens:
            return None
        if len(tokens) != 1 or not (_same(tokens[0], self.token) or self._once.pop(tokens[0], 0.0) > monotonic()):
            return _sentence(HTTPStatus.FORBIDDEN, "The token is wrong: open the address that layerlab lab printed.")
        rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
        response = Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": "./" + _query(rest)})
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict", path="/")
        return response

    def refusal(self, request: HTTPConnection) -> Response | None:
        """Return the answer to a request that is not allowed; None if it is."""
        if request.scope["type"] == "http" and request.scope["method"] not in ("GET", "HEAD"):
            return _sentence(HTTPStatus.METHOD_NOT_ALLOWED, "The lab answers GET and HEAD.", allow="GET, HEAD")
        host = self.host_of(request)
        if host is None:
            return _sentence(
                HTTPStatus.FORBIDDEN,
                "The lab is not addressed by this name. The name 127.0.0.1 is; --allow-host NAME allows others.",
            )
        if not self._is_own_origin(request, host):
            return _sentence(HTTPStatus.FORBIDDEN, "The lab does not answer pages of other websites.")
        if (entry := self.entry(request)) is not None:
            return entry
        if _same(request.cookies.get(self.cookie, ""), self.token):
            return None
        if request.scope["path"] == "/" and request.headers.get("sec-fetch-site") == "cross-site":
            return Response(AGAIN, media_type="text/html")
        return _sentence(
            HTTPStatus.FORBIDDEN,
            "The lab does not know this browser: open the address that layerlab lab printed, with its token.",
        )

    def host_of(self, request: HTTPConnection) -> str | None:
        """Return the host that a request names, with its port; None if it is not one of the lab's."""
        given = request.headers.getlist("host")
        found = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        return found[0] if found and found["name"] in (*LOOPBACK, *map(str.lower, self.hosts)) else None

    def _is_own_origin(self, request: HTTPConnection, host: str) -> bool:
        """Return whether a request comes from the lab's own page; a socket has to say where it comes from."""
        given = request.headers.getlist("origin")
        if not given:
            return bool(request.scope["type"] == "http")
        scheme, _, origin = given[0].lower().partition("://")
        allowed = ("http",) if _split(host, "")[0] in LOOPBACK else ("http", "https")
        return len(given) == 1 and scheme in allowed and _split(origin, scheme) == _split(host, scheme)


def check_host_name(name: str) -> None:
    """Refuse what is no name of a host.

    Raises:
        InputError: it has a scheme, a port or another sign.
    """
    found = _HOST.fullmatch(name.lower())
    if found is None or found["port"]:
        raise InputError(f"--allow-host {name!r}: wanted the name of a host alone, such as lab.example.org")


def policy(host: str) -> str:
    """Return the content security policy of an answer to a request with this host."""
    schemes = ("ws",) if _split(host, "")[0] in LOOPBACK else ("ws", "wss")
    return POLICY.format(sockets=" ".join(f"{scheme}://{host}" for scheme in schemes))


class Guard:
    """Refuses what the gate does not let pass, on every route, and writes the headers of every answer.

    Args:
        app: what answers the requests that pass.
        gate: what they have to show.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app, self.gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it pass."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        host = self.gate.host_of(request)

        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["content-security-policy"] = policy(host or LOOPBACK[0])
            await send(message)

        refusal = self.gate.refusal(request)
        if refusal is None:
            await self.app(scope, receive, with_headers)
        elif scope["type"] == "http":
            await refusal(scope, receive, with_headers)
        else:
            await WebSocket(scope, receive, with_headers).send_denial_response(refusal)


def _same(given: str, secret: str) -> bool:
    """Return whether two texts are equal, in a time that does not say where they differ."""
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())


def _split(host: str, scheme: str) -> tuple[str, str]:
    """Return the name and the port of a host; the usual port of a scheme is left out."""
    found = _HOST.fullmatch(host)
    if found is None:
        return "", ""
    port = found["port"] or ""
    return found["name"], "" if port == _USUAL.get(scheme) else port


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs)}" if pairs else ""


def _sentence(status: HTTPStatus, sentence: str, **headers: str) -> Response:
    return PlainTextResponse(sentence + "\n", status_code=status, headers=headers)
