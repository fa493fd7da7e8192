"""What is no file, or one of zeros without end, is refused in a sentence at once wherever a file is read."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from command import Say

import layerlab
from layerlab import InputError
from layerlab.datasets import Part
from layerlab.datasets.files import open_file, read_file

QUICK = ("--epochs", 2, "--layers", 3)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def link_to_zeros(place: Path) -> None:
    place.symlink_to("/dev/zero")


def pipe(place: Path) -> None:
    os.mkfifo(place)


def listening_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(place))


def sparse(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(60 << 30)


KINDS: dict[str, Callable[[Path], None]] = {
    "a device": link_to_zeros,
    "a pipe": pipe,
    "a socket": listening_socket,
    "a folder": Path.mkdir,
    "": sparse,
}
"""What is no file that can be read, by what a refusal calls it; "" stands for 60 GB of zeros that take no room."""


@pytest.fixture
def made(say: Say) -> Say:
    """The command line in a folder with a table, a run in both forms and the run's log."""
    pl.DataFrame({"a": np.arange(40) % 7, "y": ["u", "v"] * 20}).write_csv("t.csv")
    assert say("train", "t.csv", "--target", "y", *QUICK, "--out", "run").status == 0
    layerlab.load("run").save("run.safetensors")
    images = layerlab.datasets.Dataset(
        "pets", part := Part(np.eye(27)[:, :4], np.eye(4)[:1]), part, ("a", "b"), image_shape=(3, 3, 3)
    )
    layerlab.train(layerlab.Network([27, 1]), images, learning_rate=0.1, iterations=1, progress=False).save("pets")
    return say


READERS: dict[str, tuple[str, str]] = {
    "the record of a run": ("run/run.json", "predict run t.csv"),
    "the numbers of a run": ("run/model.safetensors", "predict run t.csv"),
    "a run in one file": ("run.safetensors", "predict run.safetensors t.csv"),
    "a table": ("t.csv", "train t.csv --target y"),
    "a Parquet file": ("t.parquet", "train t.parquet --target y"),
    "a streamed Parquet file": ("t.parquet", "train t.parquet --target y --memory 5"),
    "arrays": ("t.npz", "train t.npz"),
    "MATLAB's": ("t.mat", "train t.mat"),
    "HDF5": ("t.h5", "train t.h5"),
    "an image": ("photo.png", "predict pets photo.png"),
    "a space": ("space.toml", "search t.csv --target y --space space.toml"),
    "a checkpoint": ("kept", "train t.csv --target y --checkpoint kept --resume"),
    "the facts of a search": ("found/result.json", "report found --out page.html"),
    "the request of a search": ("found/search.json", "search t.csv --target y --out found --resume"),
}
"""Where a file is put, and the command that reads it."""


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_at_once(made: Say, kind: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for what, (place, command) in READERS.items():
        kept = Path(place).read_bytes() if Path(place).is_file() else None
        Path(place).parent.mkdir(exist_ok=True)
        Path(place).unlink(missing_ok=True)
        if place == "found/result.json":
            Path("found/search.json").write_text("{}")
        KINDS[kind](Path(place))
        said = made(*command.split())
        assert said.status == 2, (what, said)
        assert said.err.count("\n") == 1, (what, said)
        assert Path(place).name in said.err or place in said.err, (what, said)
        words = kind, "is no file", "holds no image", "is a pipe or"
        assert not kind or any(word in said.err for word in words), said
        assert "mistake in layerlab" not in said.err, (what, said)
        shutil.rmtree(place) if Path(place).is_dir() else Path(place).unlink()
        shutil.rmtree("found", ignore_errors=True)
        if kept is not None:
            Path(place).write_bytes(kept)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB


def test_files_of_a_search_that_is_gone_on_with(made: Say) -> None:
    search = ("search", "t.csv", "--target", "y", "--trials", 2, "--out", "found")
    assert made(*search).status == 0
    names = ("search.json", "journal.log", "batches/0000.json", "result.json")
    results = sorted(path.relative_to("found") for path in Path("found/results").iterdir())
    for name in (*names, str(results[0])):
        path = Path("found", name)
        assert path.exists()
        kept = path.read_bytes()
        for make in (link_to_zeros, pipe):
            path.unlink()
            make(path)
            said = made(*search, "--resume") if name != "result.json" else made("report", "found", "--out", "p.html")
            assert (said.status, said.err.count("\n")) == (2, 1), (name, said)
            assert path.name in said.err
            path.unlink()
            path.write_bytes(kept)


def test_the_checked_file_is_the_one_that_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    with open_file(path) as file:
        path.unlink()
        pipe(path)
        assert file.read() == b"abc"
    with pytest.raises(InputError, match="is a pipe"):
        open_file(path)


def test_what_looks_like_a_file_and_has_nothing_to_read_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "kmsg"  # for stat, /proc/kmsg is a file
    os.mkfifo(place)
    monkeypatch.setattr("layerlab.datasets.files._check_kind", lambda *_, **__: None)
    writer = os.open(place, os.O_RDWR)
    with pytest.raises(InputError, match="kmsg: has no bytes now and no end; wanted a file"):
        read_file(place)
    os.close(writer)


def test_a_search_space_that_is_none(say: Say, tmp_path: Path) -> None:
    (tmp_path / "digits.toml").write_text(f"layers = [{'9' * 6000}]")
    (tmp_path / "empty.toml").touch()
    for name, words in (("digits", "digits.toml: is no TOML (Exceeds the limit"), ("empty", "empty.toml: is empty")):
        said = say("search", "flower", "--space", f"{name}.toml", "--show-space")
        assert (said.status, words in said.err) == (2, True), said.err


def test_a_search_whose_request_is_a_link_to_itself(say: Say, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "search.json").symlink_to("search.json")
    said = say("search", "flower", "--trials", 2, "--workers", 0, "--out", "s", "--resume")
    assert said.status == 2
    assert "s/search.json: is no search, or is damaged" in said.err
    assert "symbolic links" in said.err


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert read_file(path, 3) == b"abc"
    with pytest.raises(InputError, match="x: holds 3 bytes, more than the 2 bytes that may be read"):
        read_file(path, 2)


def test_numbers_that_their_header_does_not_fit(made: Say) -> None:
    whole = Path("run/model.safetensors").read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    deep = b"[" * 100_000
    for data in (
        whole[:-1],
        whole + b"\0",
        whole[:8],
        (2**62).to_bytes(8, "little") + whole[8:],
        bytes(8) + whole[8:],
        len(deep).to_bytes(8, "little") + deep,
        b"\x02" + bytes(7) + b"[]",
        b"\x02" + bytes(7) + b"{}",
        *(
            len(text).to_bytes(8, "little") + text + whole[8 + length :]
            for changed in ({"W1": 3}, {"W1": {**header["W1"], "data_offsets": [0, 2**60]}}, {"__metadata__": 7})
            for text in [json.dumps({**header, **changed}).encode()]
        ),
    ):
        Path("run/model.safetensors").write_bytes(data)
        said = made("predict", "run", "t.csv")
        assert (said.status, said.err.count("\n")) == (2, 1), said
        assert "run/model.safetensors" in said.err
