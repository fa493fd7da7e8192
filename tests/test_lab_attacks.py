"""The lab is attacked: by pages of other websites, wrong tokens, hostile texts and frames, and tricks with paths."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import numpy as np
import pytest
from lab_server import HELLO, Answer, Running, Talking, closing, heard, in_a_process, running, until
from safetensors.numpy import save
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from layerlab import InputError
from layerlab.lab import listening, tabs
from layerlab.lab.clients import MOST_REFUSALS
from layerlab.lab.commands import LARGEST
from layerlab.lab.guarding import Gate
from layerlab.lab.listening import LARGEST_MESSAGE
from layerlab.lab.server import SOCKETS

ROUTES = ("/", "/index.html", "/main.js", "/words/en.json", "/take/key", "/nothing", "/socket", "/?s=1")

STRANGE_HOSTS = (
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1.evil.example:{port}",
    "evil.example#127.0.0.1",
    "localhost.evil.example",
    "localhost.",
    "127.0.0.1:{port}@evil.example",
    "127.0.0.1, evil.example",
    "127.1",
    "2130706433",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "[::1",
    "127.0.0.1:",
    "127.0.0.1:port",
    "127.0.0.1:999999",
    "192.168.1.5:{port}",
    "",
)

STRANGE_ORIGINS = (
    "http://evil.example",
    "null",
    "",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}/",
    "http://evil@127.0.0.1:{port}",
    "http://127.0.0.1:{port} http://evil.example",
    "file://",
    "chrome-extension://abc",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    with running() as one:
        yield one


def leaks_nothing(answer: Answer) -> None:
    """A refusal is a sentence, and neither a place of the machine, nor the token, nor a page."""
    said = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/plain")
    assert not re.search(r"/|\\|\.py|Traceback|Error|<|token=", said), said
    assert len(said.splitlines()) == 1
    assert len(said) < 200
    assert "set-cookie" not in answer.headers


def still_works(lab: Talking) -> None:
    """The page and a socket answer as ever."""
    assert lab.get("/").status == 200
    with lab.joined() as client:
        client.send('{"type": "pause"}')
        while heard(client)["type"] != "told":
            pass


# Other websites


@pytest.mark.parametrize("host", STRANGE_HOSTS)
def test_a_strange_host_is_refused_on_every_route(lab: Running, host: str) -> None:
    named = host.format(port=lab.gate.port)
    for route in ROUTES:
        answer = lab.get(route, Host=named)
        assert answer.status == 403, route
        leaks_nothing(answer)
    assert lab.get(f"/?token={lab.gate.token}", Host=named).status == 403
    assert asked_for_a_socket(lab, Host=named) == 403


def asked_for_a_socket(lab: Talking, **headers: str | None) -> int:
    """The status with which a request for a socket is answered; None leaves out a header that the page sends."""
    request = {
        "Host": lab.host,
        "Origin": f"http://{lab.host}",
        "Cookie": lab.cookie,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    } | headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.items() if value is not None)
    with socket.create_connection(("127.0.0.1", lab.gate.port), timeout=10) as connection:
        connection.sendall(f"GET /socket HTTP/1.1\r\n{lines}\r\n".encode())
        return int(connection.recv(4096).split(b" ", 2)[1])


@pytest.mark.parametrize("name", ["127.0.0.1", "LOCALHOST", "[::1]", "localhost"])
def test_the_host_is_judged_by_its_name_and_not_its_port(lab: Running, name: str) -> None:
    """The port that a browser sees is another one behind `ssh -L` and `docker -p`."""
    for host in (name, f"{name}:{lab.gate.port}", f"{name}:9"):
        assert lab.get("/", Host=host).status == 200
        assert f"ws://{host.lower()};" in lab.get("/", Host=host).headers["content-security-policy"]
        assert asked_for_a_socket(lab, Host=host, Origin=f"http://{host}".lower()) == 101


def test_several_hosts_are_refused(lab: Running) -> None:
    for hosts in (("evil.example", lab.host), (lab.host, "evil.example"), (lab.host, lab.host)):
        lines = "".join(f"Host: {one}\r\n" for one in hosts)
        sent = f"GET / HTTP/1.1\r\n{lines}Cookie: {lab.cookie}\r\nConnection: close\r\n\r\n"
        assert lab.raw(sent.encode()).split(b" ")[1] in (b"400", b"403")
    for version in ("1.0", "1.1"):
        sent = f"GET / HTTP/{version}\r\nCookie: {lab.cookie}\r\nConnection: close\r\n\r\n"
        assert lab.raw(sent.encode()).split(b" ")[1] in (b"400", b"403")


@pytest.mark.parametrize("origin", STRANGE_ORIGINS)
def test_a_strange_origin_is_refused_on_every_route(lab: Running, origin: str) -> None:
    named = origin.format(port=lab.gate.port)
    for route in ROUTES:
        answer = lab.get(route, Origin=named)
        assert answer.status == 403, route
        leaks_nothing(answer)
    assert lab.get(f"/?token={lab.gate.token}", Origin=named).status == 403
    assert asked_for_a_socket(lab, Origin=named) == 403


def test_a_socket_has_to_say_where_it_comes_from(lab: Running) -> None:
    assert asked_for_a_socket(lab) == 101
    assert asked_for_a_socket(lab, Origin=None) == 403
    assert asked_for_a_socket(lab, Origin=f"http://{lab.host}\r\nOrigin: http://evil.example") in (400, 403)


def test_a_name_is_allowed_only_if_it_was_given_and_may_be_encrypted() -> None:
    with running(hosts=("Lab.Example.org",)) as lab:
        for host in ("lab.example.org", "lab.example.org:443", "LAB.example.org:8443"):
            assert lab.get("/", Host=host).status == 200
            for scheme in ("http", "https"):
                assert asked_for_a_socket(lab, Host=host, Origin=f"{scheme}://{host.lower()}") == 101
        assert asked_for_a_socket(lab, Host="lab.example.org", Origin="https://lab.example.org:443") == 101
        assert " wss://lab.example.org;" in lab.get("/", Host="lab.example.org").headers["content-security-policy"]
        for origin in ("https://evil.example", "https://lab.example.org:444", "ftp://lab.example.org"):
            assert asked_for_a_socket(lab, Host="lab.example.org", Origin=origin) == 403
        for host in ("example.org", "x.lab.example.org", "lab.example.org.evil.example"):
            assert lab.get("/", Host=host).status == 403
    for name in ("*", "", "a b", "a/b", "user@a", "a:1", "http://a", "a\n"):
        with pytest.raises(InputError, match="--allow-host"):
            Gate(8765, (name,))


def test_a_visit_from_another_website_asks_once_more_and_gets_nothing_by_itself(lab: Running) -> None:
    """A browser withholds the cookie there. The page that loads itself again has no content, nor what is in a frame."""
    answer = lab.get("/", Cookie=None, Sec_Fetch_Site="cross-site")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'content="0"' in answer.body
    assert len(answer.body) < 200
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert lab.get("/", Cookie=None, Sec_Fetch_Site="same-origin").status == 403
    assert lab.get("/main.js", Cookie=None, Sec_Fetch_Site="cross-site").status == 403


# Tokens


def test_without_the_cookie_nothing_is_answered(lab: Running) -> None:
    wrong = lab.gate.token[:-1] + ("A" if lab.gate.token[-1] != "A" else "B")
    cookies = (
        None,
        "",
        f"{lab.gate.cookie}=",
        f"{lab.gate.cookie}={wrong}",
        f"{lab.gate.cookie}={lab.gate.token}x",
        f"layerlab-1={lab.gate.token}",
        f"{lab.gate.cookie}=\xff\xfe",
        "=" * 4000,
    )
    for cookie in cookies:
        for route in ROUTES:
            answer = lab.get(route, Cookie=cookie)
            assert answer.status == 403, (route, cookie)
            leaks_nothing(answer)
        assert asked_for_a_socket(lab, Cookie=cookie) == 403


def test_a_wrong_token_gives_no_cookie(lab: Running) -> None:
    right = lab.gate.token
    for token in ("", "x", right[:-1], right + "x", right.swapcase(), "%00", "%ff%fe", "%c3%a9", "x" * 5000):
        answer = lab.get(f"/?token={token}")
        assert answer.status == 403
        leaks_nothing(answer)
    assert lab.get(f"/?token={right}&token=x").status == 403
    assert lab.get(f"/main.js?token={right}", Cookie=None).status == 403
    assert lab.get(f"/socket?token={right}", Cookie=None).status == 403


def test_tokens_differ_and_are_long() -> None:
    tokens = {Gate(8765).token for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}  # 192 bit


# Paths and methods

TRICKS = (
    "/..",
    "/../server.py",
    "/../../../../../../etc/passwd",
    "/%2e%2e/server.py",
    "/%2e%2e%2fserver.py",
    "/..%2fserver.py",
    "/..%5cserver.py",
    "/%252e%252e%252fserver.py",
    "//etc/passwd",
    "///etc/passwd",
    "/etc/passwd",
    "/C:/Windows/win.ini",
    "/words/../server.py",
    "/words/%2e%2e/server.py",
    "/words//en.json",
    "/words/en.json/",
    "/main.js/",
    "/main.js%00",
    "/main.js%0a",
    "/main.js::$DATA",
    "/main.js ",
    "/%6dain.js",
    "/MAIN.JS",
    "/.git/config",
    "/.main.js",
    "/index.html~",
    "/page/index.html",
    "/server.py",
    "/__init__.py",
    "/__pycache__/server.cpython-311.pyc",
    "/\u00e9.js",
    "/con.js",
    "/take/",
    "/take/..",
    "/take/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/take/a/b",
    "/socket/",
    "/" + "a" * 6000,
    "/" + "../" * 1000,
    "/" + "%2e" * 1000,
)


@pytest.mark.parametrize("path", TRICKS, ids=lambda path: path[:30])
def test_tricks_with_paths_find_nothing(lab: Running, path: str) -> None:
    sent = f"GET {path} HTTP/1.1\r\nHost: {lab.host}\r\nCookie: {lab.cookie}\r\nConnection: close\r\n\r\n"
    answer = lab.raw(sent.encode("utf-8"))
    assert answer.split(b" ")[1] in (b"404", b"400"), answer
    assert b"root:" not in answer
    assert b"import" not in answer


def test_an_address_in_place_of_a_path_finds_nothing(lab: Running) -> None:
    for target in ("http://evil.example/", "evil.example:443", "*", "http://127.0.0.1/main.js", ""):
        sent = f"GET {target} HTTP/1.1\r\nHost: {lab.host}\r\nCookie: {lab.cookie}\r\nConnection: close\r\n\r\n"
        assert lab.raw(sent.encode()).split(b" ")[1] in (b"400", b"404")
    still_works(lab)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_only_reading_is_allowed(lab: Running, method: str) -> None:
    for route in ROUTES:
        answer = lab.get(route, method=method, body=b"x" * 100_000)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        leaks_nothing(answer)


def test_what_is_no_request_ends_a_connection(lab: Running) -> None:
    nonsense = (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\r\n" * 10_000,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100_000,
        b"GET /" + b"a" * 1_000_000,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\x00\r\n\r\n",
        np.random.RandomState(0).bytes(100_000),
    )
    for sent in nonsense:
        with suppress(ConnectionError):
            answer = lab.raw(sent)
            assert not answer or answer.split(b" ")[1] in (b"400", b"403", b"405"), sent[:40]
    still_works(lab)


def test_a_silent_connection_is_closed(lab: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SILENT_SECONDS", 0.2)
    with lab.joined() as client:
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: 127.0."):
            with socket.create_connection(("127.0.0.1", lab.gate.port), timeout=10) as connection:
                connection.sendall(sent)
                with suppress(ConnectionResetError):
                    assert connection.recv(100) == b""
        client.send('{"type": "play"}')  # who has asked once may be silent
        assert heard(client)["type"] == "told"


def test_two_hundred_connections_at_once_keep_nobody_out(lab: Running) -> None:
    with ExitStack() as stack:
        for k in range(200):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", lab.gate.port), timeout=10))
            one.sendall(b"GET / HT" if k % 2 else b"")
        still_works(lab)


# Texts and frames

HOSTILE = [
    "",
    " ",
    "x",
    "null",
    "true",
    "3",
    '"play"',
    "[]",
    "{}",
    '{"type": null}',
    '{"type": 3}',
    '{"type": ["play"]}',
    '{"type": "__class__"}',
    '{"type": "play", "type": "step"}',
    '{"type": "step", "n": NaN}',
    '{"type": "step", "n": Infinity}',
    '{"type": "step", "n": -1e999}',
    '{"type": "step", "n": 1e400}',
    '{"type": "step", "n": ' + "9" * 5000 + "}",
    '{"type": "step", "n": 99999999999999999999}',
    '{"type": "step", "n": "1"}',
    '{"type": "open", "data": "../../etc/passwd"}',
    '{"type": "open", "data": "/etc/passwd"}',
    '{"type": "open", "layers": [1000000, 1000000]}',
    '{"type": "open", "settings": {"__init__": 1}}',
    '{"type": "change", "settings": {"learning_rate": "1; rm -rf /"}}',
    '{"type": "edit", "name": "W1\\u0000", "row": 0, "column": 0, "value": 1}',
    '{"type": "look", "grid": 1000000}',
    '{"type": "take", "what": "../../secret"}',
    '{"a":' * 30_000,
    "[" * 60_000,
    '{"type": "play", "x": ' + "[" * 500 + "]" * 500 + "}",
    '{"type": "play", "x": "' + "[]}" * 1000 + '", "y": ' + "[" * 7 + "]" * 7 + "}",
    '{"type": "' + "x" * LARGEST + '"}',
    "x" * (LARGEST_MESSAGE - 1),
    '{"type": "play\ud83d"}'.encode("utf-8", "replace").decode(),
    '{"type": "\\ud800"}',
    '{"id": {"a": 1}, "type": "play"}',
    "\u202e\x00\x1b[31m",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_before_hello_every_text_is_refused_in_words(lab: Running, text: str) -> None:
    with lab.connect() as client:
        client.send(text)
        answer = heard(client)
        assert set(answer) <= {"type", "what", "id"}
        assert answer["type"] == "refused"
        assert 0 < len(answer["what"]) < 300
        assert not re.search(r"\.py|Traceback|0x[0-9a-f]{6}|[A-Z]\w+Error", answer["what"])
        client.send(json.dumps(HELLO))
        assert heard(client)["type"] == "welcome"


def test_who_is_refused_too_often_is_let_go(lab: Running) -> None:
    with lab.connect() as client:
        for _ in range(MOST_REFUSALS + 5):
            with suppress(ConnectionClosed):
                client.send("x")
        answers = []
        with suppress(ConnectionClosed):
            while True:
                answers.append(heard(client)["type"])
        assert answers == ["refused"] * MOST_REFUSALS
        assert client.close_code == tabs.POLICY_VIOLATION
    still_works(lab)


def test_messages_that_are_no_texts_or_too_large_hurt_nobody(lab: Running) -> None:
    with lab.joined() as client:
        client.send(bytes(1000))
        assert heard(client) == {"type": "refused", "what": "wanted a text, and got bytes"}
    with lab.joined() as client:
        with suppress(ConnectionClosed):
            client.send("x" * (LARGEST_MESSAGE + 1))
        assert closing(client) == 1009
    with lab.joined() as client:  # in pieces, too
        with suppress(ConnectionClosed):
            client.send(["x" * 1000] * (LARGEST_MESSAGE // 1000 + 1))
        assert closing(client) == 1009
    with lab.joined() as client:
        client.send(["{"] * 2000)
        assert heard(client)["type"] in ("refused", "broke")
    still_works(lab)


FRAMES = {
    "not masked": b"\x81\x02hi",
    "reserved bits": b"\xf1\x82\x00\x00\x00\x00hi",
    "an unknown kind": b"\x83\x82\x00\x00\x00\x00hi",
    "no UTF-8": b"\x81\x82\x00\x00\x00\x00\xff\xfe",
    "a length that never comes": b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
    "a long ping": b"\x89\xfe\x00\x80\x00\x00\x00\x00" + bytes(128),
    "a continuation of nothing": b"\x80\x82\x00\x00\x00\x00hi",
    "a close with an odd code": b"\x88\x82\x00\x00\x00\x00\x00\x01",
    "a close of one byte": b"\x88\x81\x00\x00\x00\x00\x00",
}


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_that_are_none_end_their_socket_alone(lab: Running, frame: str) -> None:
    request = (
        f"GET /socket HTTP/1.1\r\nHost: {lab.host}\r\nOrigin: http://{lab.host}\r\nCookie: {lab.cookie}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", lab.gate.port), timeout=10) as connection:
        connection.sendall(request.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(FRAMES[frame])
        with suppress(ConnectionResetError):
            while connection.recv(4096):
                pass
    still_works(lab)


def test_sockets_that_vanish_leave_nothing_behind(lab: Running) -> None:
    for _ in range(60):  # more than there are places
        with lab.connect() as client:
            client.send(json.dumps(HELLO | {"session": "vanishing"}))
            client.socket.shutdown(socket.SHUT_RDWR)
    session = lab.registry.sessions["vanishing"]
    until(lambda: not session.clients)
    still_works(lab)


def test_a_flood_of_small_messages_keeps_nobody_waiting(lab: Running) -> None:
    with lab.joined("flood", max_queue=None) as flood, lab.joined("other") as other:
        flood.socket.sendall(b"\x81\x82\x00\x00\x00\x00{}" * 8000)
        other.send('{"type": "play"}')
        assert heard(other)["type"] == "told"
    still_works(lab)


# The lab as it is, in a process of its own


@pytest.mark.processes
def test_ten_thousand_hostile_messages_and_two_hundred_sockets() -> None:
    """Refused in words, by real sessions, while another tab trains on; the memory stays as it was."""
    random = np.random.RandomState(0)
    long = "--iterations", "1000000"
    with in_a_process("flower", *long) as lab, lab.joined(max_queue=None) as trains:
        trains.send('{"type": "play"}')
        memory, refused, sent = 0, 0, 0
        while sent < 10_000:
            with suppress(ConnectionClosed), lab.joined(max_queue=None, max_size=None) as client:
                for _ in range(MOST_REFUSALS + 10):
                    client.send(hostile(random))
                    sent += 1
                client.send('{"type": "pause", "id": "last"}')
                for answer in answers(client):
                    assert answer["type"] != "broke", answer
                    refused += answer["type"] == "refused"
                    assert not re.search(r"\.py|Traceback|0x[0-9a-f]{6}", str(answer.get("what")))
            if sent >= 3000 and not memory:
                memory = lab.memory()
        assert refused > 1000
        assert lab.memory() < memory + (64 << 20)
        too_many(lab)
        trains.send('{"type": "pause", "id": "last"}')
        assert [*answers(trains)][-1]["state"] == "ready"
        assert lab.memory() < memory + (64 << 20)
        still_works(lab)


def answers(client: ClientConnection) -> Iterator[dict[str, Any]]:
    """What a client is told, until it gets the answer with the id "last"."""
    answer: dict[str, Any] = {}
    while answer.get("id") != "last":
        message = client.recv(10)
        if isinstance(message, str):
            yield (answer := json.loads(message))


def hostile(random: np.random.RandomState) -> str | bytes:
    """One of the hostile texts as it is, one with some letters changed, random bytes, or a frame as from the server."""
    kind, text = random.randint(4), HOSTILE[random.randint(len(HOSTILE))][:5000]
    if kind == 0 or not text:
        return text
    if kind == 1:
        letters = list(text)
        for _ in range(random.randint(1, 5)):
            letters[random.randint(len(letters))] = chr(random.randint(1, 0xD7FF))
        return "".join(letters)
    if kind == 2:
        return random.bytes(random.randint(1000))
    return save({"W1": np.zeros((2, 2))}, {"frame": "{}"})


def too_many(lab: Talking) -> None:
    """Two hundred sockets at once: as many as there are places get one, all others status 503."""
    with ExitStack() as stack:
        status = []
        for _ in range(200):
            try:
                stack.enter_context(lab.connect(close_timeout=1))
                status.append(101)
            except InvalidStatus as refused:
                status.append(refused.response.status_code)
        assert status[: SOCKETS - 1] == [101] * (SOCKETS - 1)
        assert set(status[SOCKETS:]) == {503}


@pytest.mark.processes
def test_a_client_that_never_reads_costs_no_memory_and_keeps_nobody_waiting() -> None:
    with in_a_process("flower", "--iterations", "1000000") as lab, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", lab.gate.port))
        with lab.connect(sock=deaf, max_queue=(1, 0), close_timeout=0.1) as slow, lab.joined(max_queue=None) as quick:
            slow.send(json.dumps(HELLO))
            slow.send('{"type": "play"}')
            quick.send('{"type": "play"}')
            memory, frames = lab.memory(), 0
            end = time.monotonic() + 8
            while time.monotonic() < end:
                message = quick.recv(10)
                if isinstance(message, bytes):
                    frames += 1
                    number = head(message)["number"]
                    quick.send(json.dumps({"type": "drawn", "frame": number}))
                with suppress(ConnectionClosed):
                    slow.send(json.dumps({"type": "inside", "layer": 1, "unit": 1, "input": 1, "example": 0}))
            assert frames > 20
            assert lab.memory() < memory + (64 << 20)
        still_works(lab)


def head(frame: bytes) -> dict[str, Any]:
    """The head of a frame."""
    length = int.from_bytes(frame[:8], "little")
    found: dict[str, Any] = json.loads(json.loads(frame[8 : 8 + length])["__metadata__"]["frame"])
    return found
