"""The lab's server: its page, its sockets, its downloads, how it begins and how it ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from command import Say
from lab_server import HELLO, Running, Scripted, closing, echoing, heard, in_a_process, running, until
from websockets.exceptions import InvalidStatus

import layerlab
from layerlab import InputError
from layerlab.lab import server as lab_server
from layerlab.lab import tabs
from layerlab.lab.listening import PORT, listening_socket
from layerlab.lab.places import Surroundings, advice, surroundings_of
from layerlab.lab.running import address_name, check_host
from layerlab.lab.tabs import Tab, text_of

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
PAGE = Path(layerlab.__file__).parent / "lab" / "page"


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    with running() as one:
        yield one


# The address, the page and its files


def test_the_printed_address_gives_a_cookie_and_leads_to_the_page(lab: Running) -> None:
    answer = lab.get(f"/?token={lab.gate.token}", Cookie=None)
    assert (answer.status, answer.headers["location"], answer.body) == (303, "./", b"")
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert cookie == f"layerlab-{lab.gate.port}={lab.gate.token}"
    assert sorted(one.lower() for one in attributes) == ["httponly", "path=/", "samesite=strict"]
    assert len(lab.gate.token) == 32
    page = lab.get("/", Cookie=cookie)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'class="layerlab-lab"' in page.body


def test_what_else_is_in_the_address_stays(lab: Running) -> None:
    answer = lab.get(f"/?s=0123&token={lab.gate.token}&next=%0d%0aSet-Cookie:%20a=b", Cookie=None)
    assert answer.headers["location"] == "./?s=0123&next=%0D%0ASet-Cookie%3A+a%3Db"
    assert answer.headers["set-cookie"].startswith(lab.gate.cookie)


def test_the_browser_that_the_lab_opens_gets_a_token_that_works_once_and_soon(
    lab: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = lab.gate.token_for_once()
    answer = lab.get(f"/?token={token}", Cookie=None)
    assert (answer.status, answer.headers["set-cookie"].split(";")[0]) == (303, lab.cookie)
    assert lab.get(f"/?token={token}", Cookie=None).status == 403
    monkeypatch.setattr("layerlab.lab.guarding.OPENING_SECONDS", -1)
    assert lab.get(f"/?token={lab.gate.token_for_once()}", Cookie=None).status == 403


def test_no_address_in_the_page_is_absolute() -> None:
    """So that it works behind a proxy's path, and asks nobody else for anything."""
    for path in PAGE.rglob("*.*"):
        text = re.sub(r"http://www\.w3\.org/[\w/]+", "", path.read_text(encoding="utf-8"))  # names of SVG and MathML
        found = re.findall(r"""(?:src|href)=["']/|(?:from|import|fetch|URL)[ (]*["'`]/|url\(["']?/|https?://""", text)
        assert not found, path.name


def test_every_file_of_the_page_is_there_and_nothing_else_of_the_package(lab: Running) -> None:
    files = [path for path in PAGE.iterdir() if path.is_file()]
    assert files
    for path in files:
        answer = lab.get(f"/{path.name}")
        assert (answer.status, answer.body) == (200, path.read_bytes()), path.name
        assert answer.headers["content-type"].split(";")[0] == lab_server.TYPES[path.suffix]
        head = lab.get(f"/{path.name}", method="HEAD")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(answer.body)))
    for path in (PAGE.parent / "words").glob("*.json"):
        assert json.loads(lab.get(f"/words/{path.name}").body)
    for name in ("server.py", "words/server.py", "page/index.html", "__init__.py", "words/", "words", "x.js", "x.txt"):
        assert lab.get(f"/{name}").status == 404


def test_files_are_compressed_for_browsers_that_take_it(lab: Running) -> None:
    """Together they stay under 200 kB on their way, with the texts of one language."""
    names = [path.name for path in PAGE.iterdir()] + ["words/ko.json"]
    sizes = 0
    for name in names:
        packed = lab.get(f"/{name}", Accept_Encoding="gzip, deflate, br")
        plain = lab.get(f"/{name}", Accept_Encoding="gzip;q=0, identity")
        assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(packed.body) == plain.body == lab.get(f"/{name}").body
        sizes += len(packed.body)
    assert sizes < 200_000


def test_every_answer_has_the_headers_that_keep_other_pages_out(lab: Running) -> None:
    wanted = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    answers = [
        lab.get("/"),
        lab.get("/index.html"),
        lab.get("/nothing"),
        lab.get("/take/nothing"),
        lab.get("/", Cookie=None),
        lab.get("/", method="POST", body=b"x"),
        lab.get("/", Host="evil.example"),
        lab.get(f"/?token={lab.gate.token}"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 404, 404, 403, 405, 403, 303]
    for answer in answers:
        assert wanted.items() <= answer.headers.items()
        rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["font-src"] == "'self'"
        assert rules["connect-src"].startswith("'self' ws://127.0.0.1")
        assert "server" not in answer.headers


# Sockets


def test_two_tabs_of_one_session_both_see_and_drive_it(lab: Running) -> None:
    with lab.joined("two") as first, lab.joined("two") as second, lab.joined() as stranger:
        for client in (first, second):
            client.send('{"type": "play"}')
            assert heard(first) == heard(second) == {"type": "told", "echo": {"type": "play"}}
        stranger.send('{"type": "pause"}')
        assert heard(stranger)["echo"] == {"type": "pause"}
    session = lab.registry.sessions["two"]
    until(lambda: len(session.left) == 2)
    assert not session.clients


def test_the_first_message_says_hello(lab: Running) -> None:
    with lab.connect() as client:
        for text in ('{"type": "play"}', '{"type": "hello", "session": 3}', "x", "[]", b"\x00"):
            client.send(text)
            assert heard(client)["type"] == "refused"
        client.send(json.dumps(HELLO))
        assert heard(client)["type"] == "welcome"


def test_who_says_nothing_is_let_go(lab: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_server, "HELLO_SECONDS", 0.1)
    with lab.connect() as client:
        assert closing(client) == tabs.POLICY_VIOLATION


def test_there_is_no_place_for_one_tab_more(lab: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_server, "SOCKETS", 3)
    with lab.joined(), lab.joined():
        with lab.joined():
            with pytest.raises(InvalidStatus) as refused:
                lab.connect()
            assert refused.value.response.status_code == 503
            assert refused.value.response.body == b"3 tabs are open already: close one of them.\n"
            assert refused.value.response.headers["X-Content-Type-Options"] == "nosniff"
        until(lambda: can_join(lab))


def can_join(lab: Running) -> bool:
    try:
        with lab.joined():
            return True
    except InvalidStatus:
        return False


def test_a_client_that_does_not_read_is_cut_and_keeps_nobody_waiting(
    lab: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tabs, "SEND_SECONDS", 0.3)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", lab.gate.port))
        with lab.joined("slow", sock=deaf, max_queue=(1, 0), close_timeout=0.1), lab.joined("slow") as quick:
            session = lab.registry.sessions["slow"]
            slow = session.clients[0]
            for _ in range(20):
                session.tell(slow, bytes(1 << 20))
                quick.send('{"type": "play"}')
                assert heard(quick)["type"] == "told"
                time.sleep(0.02)
            assert sum(map(len, slow._waiting)) < 2 << 20  # one frame, however many were told
            until(lambda: session.left == [slow])
            quick.send('{"type": "play"}')
            assert heard(quick)["type"] == "told"


def test_of_frames_only_the_latest_waits_and_texts_keep_their_order() -> None:
    sent: list[Any] = []

    class Socket:
        scope: dict[str, Any] = {}  # noqa: RUF012

        async def send_text(self, text: str) -> None:
            sent.append(text)

        async def send_bytes(self, frame: bytes) -> None:
            sent.append(frame)

        async def close(self, code: int, why: str) -> None:
            sent.append((code, why))

    async def scene() -> None:
        tab = Tab(cast(Any, Socket()))
        for message in ("opened 1", b"frame 1", "told", b"frame 2", "opened 2", b"frame 3", "told"):
            tab.put(message)
        tab.end(1000, "enough")
        tab.end(1008, "later")
        await tab.send_all()

    asyncio.run(scene())
    assert sent == ["opened 1", "told", "opened 2", b"frame 3", "told", (1000, "enough")]


def test_texts_that_nobody_reads_end_a_socket() -> None:
    async def scene() -> None:
        tab = Tab(cast(Any, None))
        for k in range(tabs.LONGEST_QUEUE):
            tab.put(f"{k}")
        assert not tab.ended
        tab.put("one more")
        assert tab.ended

    asyncio.run(scene())


def test_who_reads_too_slowly_is_let_go_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message is taken just in time; but once the socket is to be closed, all have one deadline."""
    monkeypatch.setattr(tabs, "SEND_SECONDS", 0.2)
    sent = []

    class Socket:
        scope: dict[str, Any] = {"extensions": {tabs.ABORT: lambda: sent.append("cut")}}  # noqa: RUF012

        async def send_text(self, text: str) -> None:
            await asyncio.sleep(0.05)
            sent.append(text)

    async def scene() -> None:
        tab = Tab(cast(Any, Socket()))
        for k in range(100):
            tab.put(f"{k}")
        tab.end()
        tab.put("too late")
        await tab.send_all()

    asyncio.run(scene())
    assert sent[-1] == "cut"
    assert len(sent) < 10


def test_a_session_that_says_bye_ends_the_socket() -> None:
    def script(session: Scripted, _: dict[str, Any], client: Any) -> None:
        session.tell(client, {"type": "bye", "what": "go"})

    with running(script) as lab, lab.connect() as client:
        client.send(json.dumps(HELLO))
        assert heard(client) == {"type": "bye", "what": "go"}
        assert closing(client) == tabs.POLICY_VIOLATION


def test_a_number_that_is_not_finite_is_null() -> None:
    assert text_of({"type": "told", "cost": float("nan"), "all": [1.5, float("inf")]}) == (
        '{"type":"told","cost":null,"all":[1.5,null]}'
    )


# Downloads


def test_a_download_is_there_once(lab: Running, tmp_path: Path) -> None:
    path = tmp_path / "0123"
    path.write_bytes(b"weights")
    lab.registry.files["key"] = (path, 'my "weights"\r\nX: 1.npz')
    assert lab.get("/take/key", method="HEAD").status == 404
    assert lab.get("/take/key", Cookie=None).status == 403
    answer = lab.get("/take/key")
    assert (answer.status, answer.body) == (200, b"weights")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "x" not in answer.headers
    assert answer.headers["content-type"] == "application/octet-stream"
    until(lambda: not path.exists())
    assert lab.get("/take/key").status == 404


# Mistakes of the lab itself


def test_a_mistake_has_a_number_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def script(session: Scripted, message: dict[str, Any], client: Any) -> None:
        if message["type"] == "play":
            raise ZeroDivisionError("secret")
        echoing(session, message, client)

    with caplog.at_level(logging.ERROR, "layerlab.lab"), running(script) as lab, lab.joined() as client:
        client.send('{"type": "play"}')
        message = heard(client)
        client.send('{"type": "pause"}')
        assert heard(client)["type"] == "told"
        lab.registry.files["key"] = cast(Any, 1)
        answer = lab.get("/take/key")
    assert message == {"type": "broke", "number": message["number"]}
    assert answer.status == 500
    assert b"error %d" % (message["number"] + 1) in answer.body
    assert [f"error {message['number'] + k} in" in line for k, line in enumerate(caplog.messages)] == [True, True]
    assert "secret" in caplog.text


# Where it listens


def test_only_this_machine_reaches_the_lab_unless_somebody_says_so() -> None:
    assert all(check_host(host, False) for host in ("127.0.0.1", "127.0.0.2", "::1", "[::1]", "localhost"))
    for host in ("0.0.0.0", "::", "", "192.168.1.5", "example.org"):  # noqa: S104
        with pytest.raises(InputError, match="--yes-expose"):
            check_host(host, False)
        assert not check_host(host, True)
    named = [address_name(host) for host in ("127.0.0.1", "0.0.0.0", "::", "::1", "[::1]", "10.0.0.5")]  # noqa: S104
    assert named == ["127.0.0.1", "127.0.0.1", "127.0.0.1", "[::1]", "[::1]", "10.0.0.5"]


def test_the_next_free_port_is_taken_but_not_in_place_of_a_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening_socket("127.0.0.1", 0) as one:
        taken = one.getsockname()[1]
        with pytest.raises(InputError, match=rf"--port {taken}: cannot be used on 127.0.0.1 \(address already in use"):
            listening_socket("127.0.0.1", taken)
        monkeypatch.setattr("layerlab.lab.listening.PORT", taken)
        with listening_socket("127.0.0.1", None) as other:
            assert taken < other.getsockname()[1] < taken + 100
        monkeypatch.setattr("layerlab.lab.listening.PORTS", 1)
        with pytest.raises(InputError, match="no port from"):
            listening_socket("127.0.0.1", None)
    for host in ("no such host.invalid", "a" * 300, "203.0.113.7"):
        with pytest.raises(InputError, match=r"--host|cannot be used"):
            listening_socket(host, 0)
    assert PORT == 8765


REFUSED = {
    "lab --host 0.0.0.0": "other machines could then reach the lab",
    "lab --host 203.0.113.7 --yes-expose": "--port 0|cannot be used",
    "lab --allow-host http://a.org": "wanted the name of a host alone",
    "lab --allow-host a.org:80": "wanted the name of a host alone",
    "lab --allow-host *": "wanted the name of a host alone",
    "lab --port 70000": "65535",
    "lab no-such-data": "no dataset is called 'no-such-data'",
    "lab flower --target y": "--target is for your own data",
    "lab flower --layers 0": "wanted whole numbers above 0",
    "lab flower --learning-rate -1": "learning",
    "lab flower --hidden nonsense": "nonsense",
    "lab nowhere.csv --target y": "nowhere.csv",
}


@pytest.mark.parametrize("command", REFUSED)
def test_a_wrong_request_is_refused_before_anything_listens(
    say: Say, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda *_: pytest.fail("it runs"))
    said = say(*command.split(), "--no-browser")
    assert (said.status, said.out) == (2, "")
    assert re.search(REFUSED[command], said.words)
    assert len(said.err.splitlines()) == 1


@pytest.fixture
def began(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A server that only says that it listens; the addresses that a browser was asked to open."""
    opened: list[str] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda server, **_: server._begun())
    monkeypatch.setattr("layerlab.lab.running._open", opened.append)
    for name in ("SSH_CONNECTION", "BROWSER", "KUBERNETES_SERVICE_HOST", "container"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("layerlab.lab.places._container_file", lambda: False)
    monkeypatch.setattr("layerlab.lab.places._text", lambda _: "")
    monkeypatch.setenv("DISPLAY", ":0")
    return opened


def test_what_is_said_when_it_listens(say: Say, began: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    said = say("lab", "--port", 0)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}\n", said.out)
    assert said.err == "Ctrl-C ends the lab.\nNext: layerlab train flower\n"
    until(lambda: len(began) == 1)
    assert began[0].partition("token=")[0] == said.out.partition("token=")[0]
    assert began[0] != said.out.strip()  # who lists the processes of this machine sees a token that works only once
    assert say("lab", "--port", 0, "--no-browser").status == 0
    assert len(began) == 1
    with listening_socket("127.0.0.1", 0) as one:
        monkeypatch.setattr("layerlab.lab.listening.PORT", one.getsockname()[1])
        monkeypatch.setattr("layerlab.lab.running.PORT", one.getsockname()[1])
        assert f"Port {one.getsockname()[1]} is taken, so it is " in say("lab").err


def test_what_is_said_when_others_can_reach_it(say: Say, began: list[str]) -> None:
    exposed = "lab", "--host", "0.0.0.0", "--yes-expose", "--port", 0, "--no-browser"  # noqa: S104
    said = say(*exposed)
    assert said.out.startswith("http://127.0.0.1:")
    assert said.err.startswith("Other machines can reach this lab: whoever has its address can use it.")
    assert "--allow-host" in said.err
    said = say(*exposed, "--allow-host", "lab.example.org")
    assert "    http://lab.example.org:" in said.err
    assert said.out.rpartition("/")[2] in said.err


# Where a browser is

DESKTOP = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22", "DISPLAY": "localhost:10.0"}
WHERE = [
    (DESKTOP, "linux", "", "", False, "desktop"),
    ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "", "", False, "desktop"),
    ({}, "darwin", "", "", False, "desktop"),
    ({}, "win32", "", "", False, "desktop"),
    ({}, "linux", "Linux", "0::/init.scope", False, "none"),
    (SSH, "linux", "", "", False, "ssh"),
    ({"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22"}, "darwin", "", "", False, "ssh"),
    (SSH | {"BROWSER": "/home/ada/.vscode-server/bin/browser.sh"}, "linux", "", "", False, "desktop"),
    (SSH | {"BROWSER": "w3m"}, "linux", "", "", False, "ssh"),
    ({}, "linux", "Linux version 5.15 (Microsoft@Microsoft.com)", "", False, "wsl"),
    ({"WSL_DISTRO_NAME": "Debian"} | DESKTOP, "linux", "microsoft", "", False, "desktop"),
    (DESKTOP, "linux", "", "", True, "container"),
    ({}, "linux", "", "12:cpu:/docker/0123", False, "container"),
    ({"container": "podman"}, "linux", "", "", False, "container"),
    ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "linux", "", "", True, "kubernetes"),
]


@pytest.mark.parametrize(("variables", "system", "kernel", "cgroup", "file", "kind"), WHERE)
def test_where_a_browser_is(
    variables: dict[str, str], system: str, kernel: str, cgroup: str, file: bool, kind: str
) -> None:
    assert surroundings_of(variables, system, kernel, cgroup, file).kind == kind


def test_what_to_do_where_there_is_no_browser() -> None:
    server = surroundings_of({"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 2222"}, "linux", "", "", False).server
    assert re.fullmatch(r"-p 2222 ([^@ ]+@)?10\.0\.0\.5", server)
    assert surroundings_of({"SSH_CONNECTION": "odd"}, "linux", "", "", False).server == "HOST"
    assert advice(Surroundings("desktop"), PORT, False) == []
    said = {
        kind: " ".join(advice(Surroundings(cast(Any, kind), "ada@host"), 8765, False))
        for kind in ("ssh", "container", "kubernetes", "wsl", "none")
    }
    assert "ssh -L 8765:127.0.0.1:8765 ada@host" in said["ssh"]
    assert "-p 127.0.0.1:8765:8765" in said["container"]
    assert "--host 0.0.0.0 --port 8765 --yes-expose" in said["container"]
    assert "kubectl port-forward POD 8765:8765" in said["kubernetes"]
    assert "Windows" in said["wsl"]
    assert "-p 127.0.0.1:8765:8765" in advice(Surroundings("container"), 8765, True)[0]
    assert "--yes-expose" not in advice(Surroundings("container"), 8765, True)[0]


# The command, in a process of its own


@POSIX
@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_lab_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with in_a_process(TMPDIR=str(tmp_path)) as lab, lab.joined() as client:
        lab.process.send_signal(number)
        assert closing(client) == 1012
        assert lab.process.wait(10) == 0  # a second on a machine with little else to do
        assert lab.process.stderr
        said = lab.process.stderr.read()
    assert f"    ssh -L {lab.gate.port}:127.0.0.1:{lab.gate.port} " in said
    assert said.endswith("\nCtrl-C ends the lab.\nNext: layerlab train flower\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.processes
def test_help_loads_nothing_of_the_lab() -> None:
    script = "import sys, layerlab.commands.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    names = {name.partition(".")[0] for name in loaded.stdout.split()}
    assert not names & {"starlette", "uvicorn", "websockets", "anyio", "asyncio"}
    assert "layerlab.lab" not in loaded.stdout
