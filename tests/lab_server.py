"""A lab's server in a thread of the test, with sessions that a test scripts; and clients that can say anything."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from layerlab.lab.guarding import Gate
from layerlab.lab.listening import Server, listening_socket
from layerlab.lab.server import Lab, Tell

HELLO = {"type": "hello", "version": 1, "language": "en"}

Script = Callable[["Scripted", "dict[str, Any]", Any], None]


class Scripted:
    """A session that notes what it gets, and answers as a test says.

    Args:
        id: its id.
        tell: sends a client something.
        script: called with the session, each message and its client.
    """

    def __init__(self, id: str, tell: Tell, script: Script) -> None:  # noqa: A002
        self.id, self.tell, self._script = id, tell, script
        self.clients: list[Any] = []
        self.left: list[Any] = []

    def join(self, client: Any) -> None:
        self.clients.append(client)

    def leave(self, client: Any) -> None:
        self.clients.remove(client)
        self.left.append(client)

    def post(self, message: Any, client: Any) -> None:
        self._script(self, json.loads(message), client)


class ScriptedRegistry:
    """Sessions by their ids, and files that wait to be downloaded."""

    def __init__(self, tell: Tell, script: Script) -> None:
        self.tell, self.script = tell, script
        self.sessions: dict[str, Scripted] = {}
        self.files: dict[str, tuple[Path, str]] = {}
        self.closed = False

    def open(self, id: str | None) -> Scripted:  # noqa: A002
        name = id or f"session {len(self.sessions)}"
        return self.sessions.setdefault(name, Scripted(name, self.tell, self.script))

    def download(self, key: str) -> tuple[Path, str] | None:
        return self.files.pop(key, None)

    def close(self) -> None:
        self.closed = True


def echoing(session: Scripted, message: dict[str, Any], client: Any) -> None:
    """Greet who says hello, and tell every client of the session what any of them says."""
    if message["type"] == "hello":
        session.tell(client, {"type": "welcome", "session": session.id})
    else:
        for one in session.clients:
            session.tell(one, {"type": "told", "echo": message})


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class Talking:
    """What a client needs to talk to a lab that runs.

    Args:
        gate: with its port and its token.
    """

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.host = f"127.0.0.1:{gate.port}"
        self.cookie = f"{gate.cookie}={gate.token}"

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None) -> Answer:
        """Ask for a path with the cookie; a header that is None is left out."""
        wanted = {"Host": self.host, "Cookie": self.cookie} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.gate.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in wanted.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def raw(self, sent: bytes) -> bytes:
        """Send bytes and return all that comes until the server closes, or for a second."""
        with socket.create_connection(("127.0.0.1", self.gate.port), timeout=1) as connection:
            connection.sendall(sent)
            got = b""
            try:
                while more := connection.recv(65536):
                    got += more
            except (TimeoutError, ConnectionError):
                pass
            return got

    def connect(self, path: str = "/socket", **how: Any) -> ClientConnection:
        """Open a socket as the page does; keywords replace what the page sends."""
        headers = {"Cookie": self.cookie} | how.pop("headers", {})
        how = {"origin": f"http://{self.host}", "compression": None, "open_timeout": 10, "proxy": None} | how
        sent = {name: value for name, value in headers.items() if value is not None}
        return connect(f"ws://{self.host}{path}", additional_headers=sent, **how)

    @contextmanager
    def joined(self, session: str | None = None, **how: Any) -> Iterator[ClientConnection]:
        """A socket whose hello was answered."""
        with self.connect(**how) as client:
            client.send(json.dumps(HELLO | ({"session": session} if session else {})))
            assert heard(client)["type"] == "welcome"
            yield client


class Running(Talking):
    """A server that runs in a thread of the test."""

    def __init__(self, gate: Gate, registry: ScriptedRegistry) -> None:
        super().__init__(gate)
        self.registry = registry


class Process(Talking):
    """A lab that runs in a process of its own, with real sessions."""

    def __init__(self, gate: Gate, process: subprocess.Popen[str]) -> None:
        super().__init__(gate)
        self.process = process

    def memory(self) -> int:
        """Bytes that the process holds; Linux tells them."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) << 10


@contextmanager
def in_a_process(*options: str, **variables: str) -> Iterator[Process]:
    """A lab in a process of its own inside the block, as from a terminal over ssh; it ends there with status 0."""
    command = [sys.executable, "-m", "layerlab", "lab", "--no-browser", "--port", "0", *options]
    surroundings = os.environ | {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22", "BROWSER": ""} | variables
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings
    )
    assert process.stdout
    line = process.stdout.readline()
    try:
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{32})\n", line)
        assert found, line
        yield Process(Gate(int(found[1]), token=found[2]), process)
    finally:
        if process.poll() is None:
            process.terminate()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, ""), err
    assert "Traceback" not in err


def heard(client: ClientConnection, timeout: float = 10) -> dict[str, Any]:
    """The next message that a client gets, a text."""
    message: dict[str, Any] = json.loads(client.recv(timeout))
    return message


def closing(client: ClientConnection, timeout: float = 10) -> int:
    """Read until the other side closes, and return the code with which it did; 1006 for none."""
    try:
        while True:
            client.recv(timeout)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def until(holds: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def running(script: Script = echoing, hosts: tuple[str, ...] = (), port: int = 0) -> Iterator[Running]:
    """A lab's server that runs inside the block."""
    registries: list[ScriptedRegistry] = []

    def registry_of(tell: Tell) -> ScriptedRegistry:
        registries.append(ScriptedRegistry(tell, script))
        return registries[0]

    begun = threading.Event()
    with listening_socket("127.0.0.1", port) as listening:
        gate = Gate(listening.getsockname()[1], hosts)
        lab = Lab(gate, registry_of)
        server = Server(lab.app(), begun.set, lab.close)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        assert begun.wait(10)
        try:
            yield Running(gate, registries[0])
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()
    assert registries[0].closed
