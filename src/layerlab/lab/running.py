"""One lab from its first to its last line: listen, print the address, open a browser, end at a signal."""

from __future__ import annotations

import ipaddress
import logging
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import Thread
from typing import Any

from layerlab.errors import InputError
from layerlab.escapes import printable, printable_lines

from .guarding import LOOPBACK, Gate
from .listening import PORT, Server, listening_socket
from .noting import LOG
from .places import advice, here
from .server import Lab
from .sessions import Registry

ANY = ("0.0.0.0", "::", "[::]", "")  # noqa: S104 compared with, not listened on
"""Hosts that mean every address of this machine."""


def run(given: Any, *, host: str, port: int | None, allowed_hosts: Sequence[str], exposed: bool, browser: bool) -> None:
    """Run the lab until a signal ends it; the arguments are those of ``serve``.

    Raises:
        InputError: an argument is wrong, or the port is taken.
    """
    own = check_host(host, exposed)
    names = (*allowed_hosts, *([] if own or host in ANY else [host]))
    with listening_socket(host, port) as listening:
        gate = Gate(listening.getsockname()[1], names)
        address = f"http://{address_name(host)}:{gate.port}/?token="
        lab = Lab(gate, partial(Registry, given))
        begun = partial(_say_where, address, gate, own, port, browser)
        with _errors_shown():
            Server(lab.app(), begun, lab.close).run(sockets=[listening])


def check_host(host: str, exposed: bool) -> bool:
    """Return whether a host is this machine alone.

    Raises:
        InputError: other machines can reach it, and nobody said that this is wanted.
    """
    name = host.strip("[]")
    try:
        own = ipaddress.ip_address(name).is_loopback
    except ValueError:
        own = name.lower() == "localhost"
    if not own and not exposed:
        raise InputError(
            f"--host {host}: other machines could then reach the lab, without encryption; add --yes-expose if you want "
            "this, or leave --host out"
        )
    return own


def address_name(host: str) -> str:
    """Return how an address in a browser on this machine names a host."""
    if host in ANY:
        return LOOPBACK[0]
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _say_where(address: str, gate: Gate, own: bool, wanted: int | None, browser: bool) -> None:
    """Print the address, and on standard error what else there is to know; open a browser where there is one."""
    print(address + gate.token, flush=True)
    place = here()
    lines = [] if own else _exposed(gate)
    if wanted is None and gate.port != PORT:
        lines.append(f"Port {PORT} is taken, so it is {gate.port}.")
    lines += advice(place, gate.port, not own)
    for line in [*lines, "Ctrl-C ends the lab."]:
        print(printable(line), file=sys.stderr, flush=True)
    if browser and place.kind == "desktop":
        Thread(target=_open, args=(address + gate.token_for_once(),), daemon=True).start()


def _exposed(gate: Gate) -> list[str]:
    """Return lines for a lab that other machines can reach."""
    others = [f"    http://{address_name(name)}:{gate.port}/?token={gate.token}" for name in gate.hosts]
    if not others:
        others = ["It answers to the name 127.0.0.1 alone, as behind docker -p; for other names there is --allow-host."]
    return ["Other machines can reach this lab: whoever has its address can use it. Nothing is encrypted.", *others]


def _open(address: str) -> None:
    """Open the address in a browser; it may take seconds, so it has a thread of its own."""
    opened = False
    with suppress(Exception):
        opened = webbrowser.open(address)
    if not opened:
        print("No browser was found here: open the address in one.", file=sys.stderr, flush=True)


class _Lines(logging.Formatter):
    """Writes errors with control characters as escapes: they may repeat what a client sent."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of an error."""
        return f"layerlab: {printable_lines(super().format(record))}"


@contextmanager
def _errors_shown() -> Iterator[None]:
    """Show what the lab logs on standard error, inside a block."""
    handler, before = logging.StreamHandler(), LOG.propagate
    handler.setFormatter(_Lines())
    LOG.addHandler(handler)
    LOG.propagate = False
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.propagate = before
