"""The cat files found, fetched and checked: whatever a server, a disk or a file does ends in a sentence."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from command import Say

from layerlab import InputError, WorkError
from layerlab.datasets import load_cats
from layerlab.datasets.included import cats
from layerlab.datasets.included.cats import cats_cache, check_cats, fetch_cats, find_cats

TRAIN, TEST = "train_catvnoncat.h5", "test_catvnoncat.h5"


@dataclass
class Mirror:
    """What a local server has, how it answers, and what it was asked."""

    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)
    status: int = 200
    sent: float = 1.0  # the share of each body that is sent before the connection closes
    address: str = ""


def handler_for(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.asked.append(self.path)
            body = mirror.files.get(self.path.removeprefix("/cats/").partition("?")[0])
            if body is None or mirror.status != 200:
                self.send_error(404 if body is None else mirror.status)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: int(mirror.sent * len(body))])

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@pytest.fixture
def mirror(small_cats: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A server with two small files, whose checksums are the expected ones."""
    mirror = Mirror({name: (small_cats / name).read_bytes() for name in (TRAIN, TEST)})
    for name, body in mirror.files.items():
        monkeypatch.setitem(cats.SHA256, name, hashlib.sha256(body).hexdigest())
        monkeypatch.setitem(cats.SIZES, name, len(body))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(mirror))
    mirror.address = f"http://127.0.0.1:{server.server_port}/cats/"
    monkeypatch.setattr(cats, "SOURCE", mirror.address)
    monkeypatch.setenv("NO_PROXY", "*")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield mirror
    server.shutdown()
    thread.join()
    server.server_close()


def cached() -> list[str]:
    """Everything in the cache, temporary files included."""
    return sorted(path.name for path in cats_cache().rglob("*"))


def put_in_cache(folder: Path) -> None:
    shutil.copytree(folder, cats_cache(), dirs_exist_ok=True)


def assert_one_sentence(message: str, *names: str) -> None:
    assert "\n" not in message
    assert all(name in message for name in names)


# --- the download


def test_files_that_are_nowhere_are_fetched_once(mirror: Mirror) -> None:
    data = load_cats()
    assert data.train.X.shape == (192, 12)
    assert mirror.asked == [f"/cats/{TRAIN}", f"/cats/{TEST}"]
    assert cached() == [TEST, TRAIN]
    assert {name: (cats_cache() / name).read_bytes() for name in mirror.files} == mirror.files
    assert load_cats().test.X.shape == (192, 6)
    assert fetch_cats() == cats_cache()
    assert len(mirror.asked) == 2


def test_each_download_is_told_and_a_second_tells_nothing(mirror: Mirror) -> None:
    lines: list[str] = []
    fetch_cats(tell=lines.append)
    assert lines == [f"downloading {mirror.address}{TRAIN}", f"downloading {mirror.address}{TEST}"]
    fetch_cats(tell=lines.append)
    assert len(lines) == 2


def test_a_download_writes_nothing_by_itself(mirror: Mirror, capfd: pytest.CaptureFixture[str]) -> None:
    fetch_cats()
    assert capfd.readouterr() == ("", "")


def test_the_address_may_lack_its_last_slash(mirror: Mirror) -> None:
    assert fetch_cats(mirror.address.rstrip("/")) == cats_cache()
    assert mirror.asked == [f"/cats/{TRAIN}", f"/cats/{TEST}"]


def test_a_mirror_is_named_by_the_environment(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLAB_CATS_URL", mirror.address)
    monkeypatch.setattr(cats, "SOURCE", "http://127.0.0.1:9/not-asked/")
    assert load_cats().train.X.shape == (192, 12)
    assert len(mirror.asked) == 2


def test_a_given_address_goes_before_the_environment(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLAB_CATS_URL", "http://127.0.0.1:9/not-asked/")
    fetch_cats(mirror.address)
    assert len(mirror.asked) == 2


def test_other_contents_are_thrown_away(mirror: Mirror) -> None:
    mirror.files[TRAIN] = b"something else"
    with pytest.raises(WorkError, match=r"not the expected one \(its SHA-256 differs\) and was deleted") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), mirror.address + TRAIN, "LAYERLAB_DATA")
    assert cached() == []


def test_a_wrong_second_file_leaves_the_right_first(mirror: Mirror) -> None:
    right, mirror.files[TEST] = mirror.files[TEST], b""
    with pytest.raises(WorkError, match="SHA-256 differs"):
        load_cats()
    assert cached() == [TRAIN]
    mirror.files[TEST] = right
    load_cats()
    assert mirror.asked == [f"/cats/{name}" for name in (TRAIN, TEST, TEST)]


def test_a_download_that_is_cut_off_leaves_nothing(mirror: Mirror) -> None:
    mirror.sent = 0.5
    with pytest.raises(WorkError, match=r"no answer, or the connection broke \(ChunkedEncodingError\)") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), mirror.address + TRAIN)
    assert cached() == []


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_server_that_refuses_is_quoted(mirror: Mirror, status: int) -> None:
    mirror.status = status
    with pytest.raises(WorkError, match=f"the server does not send the file .{status}") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), mirror.address + TRAIN)
    assert cached() == []


def test_a_closed_port_is_no_answer(mirror: Mirror) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(WorkError, match=r"no answer, or the connection broke \(ConnectionError\)") as caught:
        fetch_cats(address)
    assert_one_sentence(str(caught.value), address + TRAIN)
    assert cached() == []


def test_a_server_that_keeps_silent_is_given_up(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cats, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes the connection and says nothing
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(WorkError, match=r"no answer, or the connection broke \(ReadTimeout\)"):
            fetch_cats(address)
    assert cached() == []


def test_a_body_without_end_is_cut_off(mirror: Mirror) -> None:
    mirror.files[TRAIN] = bytes(300_000_000)
    with pytest.raises(WorkError, match="not the expected one") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), mirror.address + TRAIN)
    assert cached() == []


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"])
def test_a_server_that_drips_is_given_up(mirror: Mirror, monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    monkeypatch.setattr(cats, "LONGEST_DOWNLOAD", 0.5)
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as connection:
                connection.sendall(beginning)
                while not done.wait(0.05):
                    connection.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(WorkError, match=r"no answer, or the connection broke \(Timeout\)"):
            fetch_cats(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        done.set()
        thread.join()
    assert cached() == []


def test_passwords_in_an_address_are_never_shown(mirror: Mirror, say: Say) -> None:
    lines: list[str] = []
    where = mirror.address.replace("http://", "http://anna:s3cret@") + "?token=s3cret"
    fetch_cats(where, lines.append)
    assert lines == [f"downloading {mirror.address}{TRAIN}", f"downloading {mirror.address}{TEST}"]
    assert mirror.asked == [f"/cats/{TRAIN}?token=s3cret", f"/cats/{TEST}?token=s3cret"]
    (cats_cache() / TRAIN).unlink()
    for mirror.status, mirror.files[TRAIN] in ((403, b""), (200, b"other")):
        with pytest.raises(WorkError) as caught:
            fetch_cats(where)
        assert "s3cret" not in "".join(traceback.format_exception(caught.value))
        assert mirror.address + TRAIN in str(caught.value)
    for wrong in ("ftp://anna:s3cret@127.0.0.1/?token=s3cret", "http://anna:s3cret@[/?token=s3cret"):
        with pytest.raises((InputError, WorkError)) as refused:
            fetch_cats(wrong)
        assert "s3cret" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_download_that_is_stopped_leaves_no_file(mirror: Mirror, tmp_path: Path, stop: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        environment = {**os.environ, "LAYERLAB_CATS_URL": address, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        command = [sys.executable, "-m", "layerlab", "data", "fetch", "cats"]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)  # noqa: S603 - our own module
        with process, listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + bytes(500))
            time.sleep(0.2)
            process.send_signal(stop)
            said = process.communicate(timeout=30)[1]
    assert process.returncode != 0
    assert b"Traceback" not in said
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("address", ["cats", "file:///etc/", "ftp://127.0.0.1/", "/data/cats"])
def test_an_address_that_is_not_of_the_web_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLAB_CATS_URL", address)
    with pytest.raises(InputError, match=f"{address}: not an address for the download of {TRAIN} and {TEST}"):
        load_cats()


@pytest.mark.parametrize("address", ["http://", "http://[::1", "https://127.0.0.1:port/", "http://127.0.0.1:999999/"])
def test_an_address_that_leads_nowhere_is_told(address: str) -> None:
    with pytest.raises(InputError, match="is not a valid address") as caught:
        fetch_cats(address)
    assert_one_sentence(str(caught.value), TRAIN)


@pytest.mark.parametrize("proxy", ["nonsense://x:s3cret@", "http://x:s3cret@[", "ftp://x:s3cret@127.0.0.1:1"])
def test_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, say: Say, proxy: str) -> None:
    monkeypatch.delenv("LAYERLAB_DATA", raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("LAYERLAB_CATS_URL", "http://192.0.2.1:9/")
    said = say("data", "fetch", "cats")
    assert said.status == 2
    assert said.err.splitlines()[-1].startswith(
        f"layerlab: http://192.0.2.1:9/{TRAIN}: is not a valid address (Invalid"
    )
    assert "http_proxy" in said.err
    assert "s3cret" not in said.err


@pytest.mark.parametrize(("status", "sent"), [(503, 1.0), (200, 0.5)])
def test_a_failed_download_leaves_no_connection_open(mirror: Mirror, status: int, sent: float) -> None:
    mirror.status, mirror.sent = status, sent
    for _ in range(3):
        with pytest.raises(WorkError):
            fetch_cats()
    gc.collect(1)  # a connection left open warns here, and a warning is an error


def test_a_corrupt_file_in_the_cache_is_fetched_again(mirror: Mirror, small_cats: Path) -> None:
    put_in_cache(small_cats)
    (cats_cache() / TEST).write_bytes(mirror.files[TEST][:-100])
    assert fetch_cats() == cats_cache()
    assert mirror.asked == [f"/cats/{TEST}"]
    assert (cats_cache() / TEST).read_bytes() == mirror.files[TEST]


def test_a_corrupt_file_in_the_cache_is_told_when_it_is_read(mirror: Mirror, small_cats: Path) -> None:
    put_in_cache(small_cats)
    (cats_cache() / TEST).write_bytes(mirror.files[TEST][:-100])
    with pytest.raises(InputError, match="download it again: layerlab data fetch cats") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), str(cats_cache() / TEST))
    assert mirror.asked == []


def test_a_cache_that_is_a_file_is_told(mirror: Mirror) -> None:
    cats_cache().parent.mkdir(parents=True, exist_ok=True)
    cats_cache().write_text("in the way")
    with pytest.raises(WorkError, match="cannot be written") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), str(cats_cache()), "XDG_CACHE_HOME")


def test_a_folder_in_the_place_of_a_file_is_told(mirror: Mirror) -> None:
    (cats_cache() / TRAIN).mkdir(parents=True)
    with pytest.raises(WorkError, match="cannot be written") as caught:
        load_cats()
    assert_one_sentence(str(caught.value), str(cats_cache() / TRAIN))


def test_a_listener_that_breaks_is_not_taken_for_the_network(mirror: Mirror) -> None:
    def tell(line: str) -> None:
        raise BrokenPipeError(line)

    with pytest.raises(BrokenPipeError):
        fetch_cats(tell=tell)


# --- where they are looked for


def test_a_folder_goes_before_the_environment_the_cache_and_the_network(
    mirror: Mirror, small_cats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = shutil.copytree(small_cats, tmp_path / "named")
    monkeypatch.setenv("LAYERLAB_DATA", str(named))
    put_in_cache(small_cats)
    assert find_cats(small_cats) == small_cats
    assert find_cats() == named
    monkeypatch.delenv("LAYERLAB_DATA")
    assert find_cats() == cats_cache()
    assert mirror.asked == []
    (cats_cache() / TEST).unlink()
    assert find_cats() == cats_cache()
    assert mirror.asked == [f"/cats/{TEST}"]


@pytest.mark.parametrize("have", [[], [TRAIN], [TEST]])
def test_an_environment_folder_without_both_files_is_passed_over(
    mirror: Mirror, small_cats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, have: list[str]
) -> None:
    for name in have:
        shutil.copy(small_cats / name, tmp_path)
    monkeypatch.setenv("LAYERLAB_DATA", str(tmp_path))
    assert find_cats() == cats_cache()
    assert len(mirror.asked) == 2


def test_a_given_folder_without_the_files_is_not_passed_over(mirror: Mirror, small_cats: Path, tmp_path: Path) -> None:
    put_in_cache(small_cats)
    with pytest.raises(InputError, match=rf"no {TRAIN} and no {TEST} there") as caught:
        load_cats(tmp_path)
    assert_one_sentence(str(caught.value), str(tmp_path))
    shutil.copy(small_cats / TRAIN, tmp_path)
    with pytest.raises(InputError, match=rf": no {TEST} there; wanted both"):
        load_cats(tmp_path)
    assert mirror.asked == []


@pytest.mark.parametrize("folder", ["nowhere", "", "x" * 5000, "a\0b", __file__])
def test_a_folder_that_is_none_is_told(folder: str) -> None:
    with pytest.raises(InputError, match=TRAIN):
        load_cats(folder)


def test_a_check_says_where_the_files_are_and_fetches_nothing(
    mirror: Mirror, small_cats: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_cats() == "not on this machine; downloaded at the first use"
    put_in_cache(small_cats)
    assert check_cats() == f"in {cats_cache()}, checksums right"
    (cats_cache() / TEST).write_bytes(b"something else")
    assert check_cats() == f"in {cats_cache()}, checksums WRONG: replace these files"
    monkeypatch.setenv("LAYERLAB_DATA", str(small_cats))
    assert check_cats() == f"in {small_cats}, checksums right"
    assert mirror.asked == []


# --- files that are not the cats'

Change = Callable[[h5py.File], Any]


def replaced(key: str, **how: Any) -> Change:
    """The array of this name given up for another one."""

    def change(file: h5py.File) -> None:
        del file[key]
        file.create_dataset(key, **how)

    return change


def linked(key: str, link: Any) -> Change:
    def change(file: h5py.File) -> None:
        del file[key]
        file[key] = link

    return change


def without(*keys: str) -> Change:
    def change(file: h5py.File) -> None:
        for key in keys:
            del file[key]

    return change


def a_group(file: h5py.File) -> None:
    del file["train_set_x"]
    file.create_group("train_set_x")


def without_numpy_type(file: h5py.File) -> None:
    del file["train_set_y"]
    h5py.h5d.create(file.id, b"train_set_y", h5py.h5t.UNIX_D32LE, h5py.h5s.create_simple((12,)))


IMAGES, LABELS, CLASSES = "train_set_x", "train_set_y", "list_classes"
TEXT = h5py.string_dtype()

BAD_FILES: dict[str, tuple[Change, str]] = {
    "no images": (without(IMAGES), "no arrays train_set_x there"),
    "no labels, no classes": (without(LABELS, CLASSES), "no arrays train_set_y, list_classes there"),
    "nothing": (without(IMAGES, LABELS, CLASSES), "no arrays train_set_x, train_set_y, list_classes there"),
    "group": (a_group, "no arrays train_set_x there"),
    "type": (linked(IMAGES, np.dtype("u1")), "no arrays train_set_x there"),
    "soft link": (linked(IMAGES, h5py.SoftLink("/nowhere")), "no arrays train_set_x there"),
    "circular link": (linked(IMAGES, h5py.SoftLink("/train_set_x")), "cannot be read as an HDF5 file"),
    "external link to no file": (linked(IMAGES, h5py.ExternalLink("no.h5", "/x")), "no arrays train_set_x there"),
    "external link to no array": (linked(IMAGES, h5py.ExternalLink(TEST, "/x")), "no arrays train_set_x there"),
    "raw data elsewhere": (
        replaced(IMAGES, shape=(12, 8, 8, 3), dtype="u1", external="no.raw"),
        "cannot be read as an HDF5 file",
    ),
    "float images": (replaced(IMAGES, data=np.zeros((12, 8, 8, 3))), "train_set_x is float64"),
    "signed images": (replaced(IMAGES, data=np.zeros((12, 8, 8, 3), np.int8)), "train_set_x is int8"),
    "grey images": (replaced(IMAGES, data=np.zeros((12, 8, 8), np.uint8)), r"shape \(12, 8, 8\); wanted"),
    "four channels": (replaced(IMAGES, data=np.zeros((12, 8, 8, 4), np.uint8)), r"shape \(12, 8, 8, 4\); wanted"),
    "five axes": (replaced(IMAGES, data=np.zeros((12, 8, 8, 3, 1), np.uint8)), r"shape \(12, 8, 8, 3, 1\); wanted"),
    "no examples": (replaced(IMAGES, data=np.zeros((0, 8, 8, 3), np.uint8)), "at least one example"),
    "images without width": (replaced(IMAGES, data=np.zeros((12, 8, 0, 3), np.uint8)), r"shape \(12, 8, 0, 3\)"),
    "text for images": (replaced(IMAGES, data="cat"), r"train_set_x is object of shape \(\)"),
    "empty images": (replaced(IMAGES, data=h5py.Empty("u1")), "train_set_x is uint8 of shape None"),
    "terabytes of images": (
        replaced(IMAGES, shape=(10**9, 64, 64, 3), chunks=(1, 64, 64, 3), dtype="u1"),
        "train_set_y is int64 of shape .12,.; wanted one label 0 or 1 for each of the 1000000000 images",
    ),
    "one label less": (replaced(LABELS, data=np.zeros(11, int)), r"train_set_y is int64 of shape \(11,\)"),
    "labels as a row": (replaced(LABELS, data=np.zeros((1, 12), int)), r"train_set_y is int64 of shape \(1, 12\)"),
    "label 2": (replaced(LABELS, data=np.arange(12) % 3), r"train_set_y holds \[0, 1, 2\]; wanted labels 0 and 1"),
    "label -1": (replaced(LABELS, data=np.arange(12) % 2 * 2 - 1), r"train_set_y holds \[-1, 1\]"),
    "label 0.5": (replaced(LABELS, data=np.full(12, 0.5)), r"train_set_y holds \[0.5\]"),
    "label nan": (replaced(LABELS, data=np.full(12, np.nan)), r"train_set_y holds \[nan\]"),
    "complex labels": (replaced(LABELS, data=np.zeros(12, complex)), "train_set_y is complex128"),
    "compound labels": (replaced(LABELS, data=np.zeros(12, [("label", "i4")])), "train_set_y is .*label"),
    "text labels": (replaced(LABELS, data=["cat"] * 12, dtype=TEXT), "train_set_y is object"),
    "ragged labels": (replaced(LABELS, shape=(12,), dtype=h5py.vlen_dtype("i4")), "train_set_y is object"),
    "references for labels": (replaced(LABELS, shape=(12,), dtype=h5py.ref_dtype), "train_set_y is object"),
    "labels of no NumPy type": (without_numpy_type, "cannot be read as an HDF5 file"),
    "text classes": (
        replaced(CLASSES, data=["a", "b"], dtype=TEXT),
        "list_classes is object of shape .2,.; wanted two",
    ),
    "three classes": (replaced(CLASSES, data=np.array([b"a", b"b", b"c"])), r"list_classes is .S1 of shape \(3,\)"),
    "one class": (replaced(CLASSES, data=np.bytes_(b"cat")), r"list_classes is .S3 of shape \(\)"),
    "classes not in UTF-8": (replaced(CLASSES, data=np.array([b"\xff", b"cat"])), r"list_classes holds .*\\xff.*UTF-8"),
}


@pytest.mark.parametrize(("change", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_not_the_cats_is_told(small_cats: Path, change: Change, words: str) -> None:
    with h5py.File(small_cats / TRAIN, "r+") as file:
        change(file)
    with pytest.raises(InputError, match=words) as caught:
        load_cats(small_cats)
    assert_one_sentence(str(caught.value), str(small_cats / TRAIN))


@pytest.mark.parametrize("labels", [np.arange(12) % 2 == 1, np.arange(12.0) % 2, (np.arange(12) % 2).astype(">u2")])
def test_labels_of_any_type_of_number_are_read(small_cats: Path, labels: Any) -> None:
    with h5py.File(small_cats / TRAIN, "r+") as file:
        replaced(LABELS, data=labels)(file)
    assert load_cats(small_cats).train.Y.tolist() == [[0, 1] * 6]


@pytest.mark.parametrize(
    "content", [b"", b"cats and dogs\n" * 200, b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + b"\0" * 999]
)
def test_a_file_that_is_no_hdf5_is_told(small_cats: Path, content: bytes) -> None:
    (small_cats / TEST).write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read as an HDF5 file .*; download it again") as caught:
        load_cats(small_cats)
    assert_one_sentence(str(caught.value), str(small_cats / TEST))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_told(small_cats: Path, share: float) -> None:
    whole = (small_cats / TRAIN).read_bytes()
    (small_cats / TRAIN).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError, match="cannot be read as an HDF5 file") as caught:
        load_cats(small_cats)
    assert_one_sentence(str(caught.value), str(small_cats / TRAIN))


def test_a_folder_with_the_name_of_a_file_is_no_file(small_cats: Path) -> None:
    (small_cats / TEST).unlink()
    (small_cats / TEST).mkdir()
    with pytest.raises(InputError, match=f"no {TEST} there"):
        load_cats(small_cats)


@pytest.mark.parametrize("key", ["shape", "classes"])
def test_two_files_that_do_not_belong_together_are_told(small_cats: Path, key: str) -> None:
    with h5py.File(small_cats / TEST, "r+") as file:
        if key == "shape":
            replaced("test_set_x", data=np.zeros((6, 8, 9, 3), np.uint8))(file)
        else:
            replaced("list_classes", data=np.array([b"cat", b"non-cat"]))(file)
    with pytest.raises(InputError, match="wanted the same in both") as caught:
        load_cats(small_cats)
    assert_one_sentence(str(caught.value), str(small_cats), TRAIN, TEST, "(8, 8, 3)", "[b'non-cat', b'cat']")


def test_reading_leaves_the_files_closed_and_as_they_were(small_cats: Path) -> None:
    before = (small_cats / TRAIN).read_bytes()
    load_cats(small_cats)
    assert (small_cats / TRAIN).read_bytes() == before
    with h5py.File(small_cats / TRAIN, "r+") as file:  # an open reader would lock it
        del file["list_classes"]
