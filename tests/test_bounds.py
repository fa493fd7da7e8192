"""Small files that unpack to huge ones, and huge names and lists: refused in a short sentence, in bounded memory."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest
from command import Say
from PIL import Image
from scipy.io import savemat

from layerlab import InputError
from layerlab.datasets import load_data, load_table, packed_files
from layerlab.datasets.files import without_library_messages
from layerlab.datasets.images.photos import load_photos

MIB = 2**20

MEASURED = """
import json, resource, sys
import layerlab
from layerlab.datasets.loading import anything
layerlab.datasets.load_digits()
import polars, h5py, PIL.Image, scipy.stats
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    said = repr(anything.load_data(sys.argv[1], **json.loads(sys.argv[2])))
except layerlab.InputError as error:
    said = str(error)
took = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([said, (took - before) / 1024]))
"""


def measured(path: str, **options: Any) -> tuple[str, float]:
    """What is said of a file, and the MiB that a process of its own took for it beyond what it held before."""
    command = [sys.executable, "-c", MEASURED, path, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    said, took = json.loads(done.stdout.splitlines()[-1])
    return said, took


def long_table(rows: int) -> bytes:
    return b"a,b,y\n" + b"1,1,0\n1,1,1\n" * (rows // 2)


def bomb_csv(name: str) -> str:
    data = long_table(60_000_000)
    if name.endswith(".zip"):
        with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", data)
    else:
        with gzip.open(name, "wb") as file:
            file.write(data)
    return name


def bomb_npz(name: str) -> str:
    np.savez_compressed(name, X=np.zeros((2_000_000, 40)), y=np.arange(2_000_000) % 2)
    return name


def bomb_mat(name: str) -> str:
    savemat(name, {"X": np.zeros((1_000_000, 40)), "y": np.arange(1_000_000) % 2}, do_compression=True)
    return name


def bomb_h5(name: str) -> str:
    with h5py.File(name, "w") as file:
        file.create_dataset("X", (20_000_000, 10), "f8", chunks=(10_000, 10), compression="gzip")
        file.create_dataset("y", (20_000_000,), "i1", chunks=(10_000,), compression="gzip")
    return name


def bomb_parquet(name: str) -> str:
    pl.select(a=pl.repeat(1, 100_000_000), y=pl.repeat(0, 100_000_000)).write_parquet(name)
    return name


def bomb_text(name: str) -> str:
    frame = pl.select(a=pl.repeat("x" * 1000, 1_000_000), y=pl.int_range(1_000_000) % 2)
    if name.endswith(".parquet"):
        frame.write_parquet(name)
    else:
        frame.cast({"a": pl.Categorical}).write_ipc(name, compression="zstd")
    return name


def bomb_json(name: str) -> str:
    rows = ({"y": row % 2} | {f"{row}_{k}": 1 for k in range(100)} for row in range(1000))
    Path(name).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return name


BOMBS: dict[str, tuple[Callable[[str], str], dict[str, Any], str]] = {
    "t.csv.gz": (bomb_csv, {"target": "y"}, "unpack to more than 100.0 MB|unpack to 360.0 MB"),
    "t.csv.zip": (bomb_csv, {"target": "y"}, "unpack to 360.0 MB"),
    "t.npz": (bomb_npz, {}, "unpack to 640.0 MB"),
    "t.mat": (bomb_mat, {}, "unpack to 320.0 MB"),
    "t.h5": (bomb_h5, {}, "unpack to 1.6 GB"),
    "t.parquet": (bomb_parquet, {"target": "y"}, "unpack to 1.6 GB"),
    "text.parquet": (bomb_text, {"target": "y"}, "unpack to 1.0 GB"),
    "text.arrow": (bomb_text, {"target": "y"}, "unpack to 1.0 GB"),
    "t.jsonl": (bomb_json, {"target": "y"}, "unpack to 800.0 MB"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in Linux' units")
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_unpacks_to_a_huge_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    make, options, words = BOMBS[name]
    make(name)
    assert Path(name).stat().st_size < 4 * MIB
    said, took = measured(name, **options)
    assert said.startswith(name)
    assert any(word in said for word in words.split("|")), said
    assert took < 1024


def test_a_compressed_table_is_read_where_that_is_asked_for(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_files, "HARMLESS_BYTES", 1000)
    text = "a,y\n" + "".join(f"{k * k % 7},{'uv'[k % 2]}\n" for k in range(40)) * 300
    Path("t.csv.gz").write_bytes(gzip.compress(text.encode()))
    command = ("train", "t.csv.gz", "--target", "y", "--epochs", 2, "--layers", 3)
    said = say(*command)
    size = Path("t.csv.gz").stat().st_size
    assert said.status == 2
    assert f"t.csv.gz: its {size} bytes unpack to 48.0 kB" in said.err
    assert "--memory 1 reads it" in said.err
    assert say(*command, "--memory", 1).status == 0
    assert load_data("t.csv.gz", target="y", memory=1).source == load_data("t.csv.gz", target="y", memory=1).source
    assert load_table("t.csv.gz", target="y", limit_bytes=4 * len(text)).train.X.shape[1] == 9600
    with pytest.raises(InputError, match=r"unpack to 48\.0 kB"):
        load_table("t.csv.gz", target="y", limit_bytes=4 * len(text) - 1)


def test_images_of_many_pixels_are_read_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    buffer = io.BytesIO()
    Image.new("P", (9400, 9400)).save(buffer, "PNG")
    for k in range(8):
        folder = Path("pets", "ab"[k % 2])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{k}.png").write_bytes(buffer.getvalue())
    said, took = measured("pets", size="8")
    assert said.startswith("<Dataset pets")
    assert took < 1024


HUGE: dict[str, tuple[str, Callable[[], str], tuple[str, ...]]] = {
    "a name of a long cell": ("t.csv", lambda: f"a,{'x' * 140_000},y\n1,2,3\n", ("t.csv, the header", "short name")),
    "JSON nested deep": (
        "t.jsonl",
        lambda: "".join('{"a":%s%s,"y":%d}\n' % ("[" * 1200, "]" * 1200, k % 2) for k in range(40)),  # noqa: UP031
        ("t.jsonl: cannot be read as JSON lines", "nested too deep"),
    ),
    "one line nested deeper": (
        "t.jsonl",
        lambda: '{"a":1,"y":1}\n' * 40 + '{"a":' + "[" * 200_000 + "]" * 200_000 + ',"y":1}\n',
        ("t.jsonl: cannot be read as JSON lines", "nested too deep"),
    ),
    "many constant columns": (
        "t.csv",
        lambda: (
            ",".join(f"c{k}" for k in range(3000)) + ",y\n" + "".join("1," * 3000 + f"{k % 2}\n" for k in range(20))
        ),
        ("'c9' has the value '1' in every row", "… and 2,990 more"),
    ),
}


@pytest.mark.parametrize("case", HUGE)
def test_huge_names_and_lists(say: Say, case: str) -> None:
    name, content, words = HUGE[case]
    Path(name).write_text(content(), encoding="utf-8")
    said = say("train", name, "--target", "y")
    assert (said.status, said.err.count("\n")) == (2, 1), said.err[:500]
    assert len(said.err) < 2600
    for word in words:
        assert word in said.err


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_of_empty_lines(say: Say, end: str) -> None:
    Path("t.csv").write_text(f"a,y{end}" + end * 3_000_000 + f"1,0{end}2,1{end}" * 20, encoding="utf-8", newline="")
    said = say("data", "describe", "t.csv", "--target", "y")
    assert (said.status, said.err.count("\n")) == (2, 1)
    assert "t.csv: 100 % of its" in said.err
    assert "are empty lines; wanted rows" in said.err


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_what_libtiff_says_of_a_damaged_image_is_not_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], compression: str
) -> None:
    path = tmp_path / "x.tif"
    pixels = np.random.RandomState(0).randint(0, 256, (40, 40, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(path, compression=compression)
    whole = path.read_bytes()
    for place in range(40, len(whole), 211):
        path.write_bytes(whole[:place] + b"\xff\x00\x12" + whole[place + 3 :])
        with contextlib.suppress(InputError):
            load_photos([path], (8, 8, 3))
    assert capfd.readouterr() == ("", "")


def test_threads_that_silence_standard_error_give_it_back(capfd: pytest.CaptureFixture[str]) -> None:
    def silent(_: int) -> None:
        with without_library_messages():
            os.write(2, b"a library\n")
            time.sleep(0.01)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(silent, range(40)))
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_what_matplotlib_logs_is_not_shown() -> None:
    program = "import layerlab.plots.style, logging; logging.getLogger('matplotlib.font_manager').warning('findfont')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stderr == ""
