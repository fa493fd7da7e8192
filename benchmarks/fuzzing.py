"""Fuzzing: files that are almost right, given to everything that reads; what came of them, with memory and time.

    python -m benchmarks.fuzzing --files 10000

Readers are those of ``tests/fuzz_readers.py`` (tables as text, Parquet, Arrow, JSON lines and frames, new tables,
arrays, images, models, runs) and, here, checkpoints, folders of searches, spaces, packed files, and runs in one file. A
file is a good one with some random changes; a reader accepts it or refuses it with one sentence. Everything else is a
crash: another exception, the process's end, words on standard error, more than 20 seconds, or more than 1 GiB of
memory beyond what the process held before the file.

Files are read by processes of their own, one beside the other, each for some hundred files. The largest memory is the
high-water mark of the process, which the system sets back before each file, and of the processes that it started.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import lzma
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from layerlab import InputError
from layerlab.datasets.loading.anything import load_data

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import fuzz_readers as tests

SLOW, LARGE = 20.0, 1024.0
"""Seconds and MiB that a file may take."""

FILES_OF_A_PROCESS = 500
"""Files that one process reads, so that one that dies takes no other with it."""

MIB = 2**20

Random = np.random.Generator

PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
"""How a table is packed, by its ending."""

SAME, LINES = b"1,u,2024-01-01,yes,3,1\n" * 50_000, 120
"""1.1 MB of lines that are all the same, and how often they are repeated in a file that unpacks to too much."""


def packed(random: Random) -> None:
    """A table that is packed, damaged before or after it was packed."""
    data = tests.mutated(tests.table_text().encode(), random, tests.WORDS) if random.random() < 0.3 else b""
    data = data or tests.table_text().encode()
    more = LINES if random.random() < 0.02 else 0  # more than 100 MB and 100 times the file
    ending = str(random.choice([".gz", ".bz2", ".xz", ".zip"]))
    if ending == ".zip":
        with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", data + SAME * more)
        whole = buffer.getvalue()
    else:
        whole = PACKERS[ending](data) + PACKERS[ending](SAME) * more  # packed at once it would take bz2 20 seconds
    path = Path(f"t.csv{ending}")
    path.write_bytes(tests.mutated(whole, random) if random.random() < 0.8 else whole)
    tests.check(load_data(path, target="y"))


def column_kinds() -> tuple[tuple[str, bytes], ...]:
    """Parquet and Arrow files with every kind of column and compression."""
    import datetime

    import polars as pl

    n = 300
    frame = pl.DataFrame(
        {
            "a": np.random.RandomState(0).standard_normal(n),
            "s": [("u", "vv", "www" * 9)[k % 3] for k in range(n)],
            "d": [datetime.datetime(2024, 1, 1 + k % 28, k % 24, tzinfo=None) for k in range(n)],
            "l": [[k, k + 1] for k in range(n)],
            "i": [k if k % 5 else None for k in range(n)],
            "y": [k % 2 == 0 for k in range(n)],
        }
    ).with_columns(c=pl.col("s").cast(pl.Categorical))
    files: list[tuple[str, bytes]] = []
    compression: Any
    for compression in ("snappy", "gzip", "zstd", "lz4", "brotli", "uncompressed"):
        frame.write_parquet(buffer := io.BytesIO(), compression=compression, row_group_size=100)
        files.append(("t.parquet", buffer.getvalue()))
    for compression in ("uncompressed", "lz4", "zstd"):
        frame.write_ipc(buffer := io.BytesIO(), compression=compression)
        files.append(("t.arrow", buffer.getvalue()))
        frame.write_ipc_stream(buffer := io.BytesIO(), compression=compression)
        files.append(("t.arrow", buffer.getvalue()))
    return tuple(files)


def kinds(random: Random) -> None:
    """A Parquet or Arrow file of all kinds of columns, most changes in its footer, read at once or in blocks."""
    files = cached("kinds", column_kinds)
    name, data = files[int(random.integers(len(files)))]
    at = max(0, len(data) - int(random.integers(20, 2500))) if random.random() < 0.6 else 0
    Path(name).write_bytes(data[:at] + tests.mutated(data[at:], random))
    streamed = {"memory": 5} if name == "t.parquet" and random.random() < 0.3 else {}
    tests.check(load_data(Path(name), target="y", **streamed))


def one_file_run() -> bytes:
    """A run in one file."""
    from layerlab import Network, train

    data = tests.trained()[0]
    run = train(Network([data.n_x, 3, 1]), data, epochs=2, learning_rate=0.1, engine="numpy", progress=False)
    with tempfile.TemporaryDirectory() as folder:
        return run.save(f"{folder}/x.safetensors").read_bytes()


def models(random: Random) -> None:
    """A run in one file."""
    import layerlab

    Path("x.safetensors").write_bytes(tests.mutated(cached("model", one_file_run), random, tests.WORDS))
    repr(layerlab.load("x.safetensors"))


def checkpoint_file() -> bytes:
    """A checkpoint after three updates."""
    with tempfile.TemporaryDirectory() as folder:
        resumed(f"{folder}/kept", 3)
        return Path(folder, "kept").read_bytes()


def resumed(place: str, iterations: int = 3) -> None:
    """Train with a checkpoint, from where it is."""
    from layerlab import Network, train

    data = tests.trained()[0]
    settings: dict[str, Any] = {"learning_rate": 0.1, "iterations": iterations, "engine": "numpy", "seed": 1}
    train(Network([data.n_x, 3, 1]), data, checkpoint=place, resume=True, progress=False, advice=False, **settings)


def checkpoints(random: Random) -> None:
    """A checkpoint that a training goes on from."""
    Path("kept").write_bytes(tests.mutated(cached("checkpoint", checkpoint_file), random, tests.WORDS))
    resumed("kept")


SEARCH: dict[str, Any] = {"trials": 2, "folds": 2, "engine": "numpy", "batch": 2}


def search_folder() -> dict[str, bytes]:
    """The files of a search that has ended."""
    import layerlab

    with tempfile.TemporaryDirectory() as folder:
        layerlab.search(tests.trained()[0], folder=f"{folder}/s", **SEARCH)
        root = Path(folder, "s")
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def searches(random: Random) -> None:
    """The folder of a search of which one file is damaged: gone on with, and reported."""
    import shutil

    import layerlab
    from layerlab.reporting.search_page import write_search_page

    files = cached("search", search_folder)
    shutil.rmtree("s", ignore_errors=True)
    names = [name for name in files if not name.startswith("chosen")]
    bad = names[int(random.integers(len(names)))]
    for name, data in files.items():
        Path("s", name).parent.mkdir(parents=True, exist_ok=True)
        Path("s", name).write_bytes(tests.mutated(data, random, tests.WORDS) if name == bad else data)
    Path("page.html").unlink(missing_ok=True)
    if bad == "result.json" or random.random() < 0.5:
        write_search_page(Path("s"), Path("page.html"))
    else:
        layerlab.search(tests.trained()[0], folder="s", resume=True, **SEARCH)


def spaces(random: Random) -> None:
    """A space of a search, as TOML."""
    from layerlab.tuning.search.proposals.space import read_space, usual_space, with_changes

    text = (
        b'learning_rate = { low = 1e-4, high = 1.0, log = true }\nbatch_size = [32, "all"]\nwidth = [4, 8]\n'
        b'optimizer = ["adam", "gd"]\ndropout = 0.1\n"learning_rate (adam)" = { low = 1e-4, high = 0.1 }\n'
    )
    more = (*tests.WORDS, "low", "high", "log = false", "= [", "= {", "''", '"""', "nan", "[a.b]", "depth = 3\n")
    Path("space.toml").write_bytes(tests.mutated(text, random, more))
    str(with_changes(usual_space(10, 100, True), read_space("space.toml")))


READERS: dict[str, tuple[Callable[[Random], None], float]] = {
    **tests.READERS,
    "packed": (packed, 1.5),
    "kinds": (kinds, 1.5),
    "models": (models, 1.5),
    "checkpoints": (checkpoints, 1.0),
    "searches": (searches, 0.3),
    "spaces": (spaces, 1.5),
}
"""What reads, and its share of the files."""


@cache
def cached(_: str, make: Callable[[], Any]) -> Any:
    """Make a good input once."""
    return make()


class Case(NamedTuple):
    """What became of a file: "accepted", "refused" or "crash" and what it was; seconds; MiB beyond those before."""

    how: str
    what: str
    seconds: float
    mib: float


def highest(since_before: bool) -> float:
    """The highest memory of this process in MiB since it was set back; or, without ``since_before``, that of now."""
    if since_before:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / MIB


def tried(name: str, seed: int, case: int) -> Case:
    """One file, read by one reader."""
    random = np.random.default_rng([seed, list(READERS).index(name), case])
    before, complained, start = highest(False), os.fstat(2).st_size, time.monotonic()
    how, what = "accepted", ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            READERS[name][0](random)
    except InputError as error:
        how = "refused"
        if not str(error).isprintable() or len(str(error)) > 2600:
            how, what = "crash", f"a message of {len(str(error))} letters: {str(error)[:200]!r}"
    except BaseException as error:
        how, what = "crash", f"{type(error).__name__} {' '.join(str(error).split())[:200]}"
    seconds, mib = time.monotonic() - start, highest(True) - before
    if seconds > SLOW:
        how, what = "crash", f"took {seconds:.0f} seconds"
    if mib > LARGE:
        how, what = "crash", f"took {mib:.0f} MiB"
    if (size := os.fstat(2).st_size) > complained:
        how, what = "crash", f"standard error: {os.pread(2, min(300, size), complained).decode(errors='replace')!r}"
    return Case(how, what, seconds, mib)


def child(name: str, seed: int, cases: range) -> None:
    """Read some files in this process; a line of JSON for each on standard output."""
    out = os.fdopen(os.dup(1), "w")
    handle, _ = tempfile.mkstemp()
    os.dup2(handle, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends what never ends
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for warm in ("h5py", "PIL.Image", "scipy.stats", "sklearn.model_selection", "pandas", "polars"):
            __import__(warm)
        for good in range(3):  # what is made once is not measured with the first file
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tried(name, seed + 1, good)
        for case in cases:
            out.write(json.dumps({"begun": case}) + "\n")
            out.flush()
            signal.alarm(120)
            told = tried(name, seed, case)
            signal.alarm(0)
            out.write(json.dumps({"case": case, **told._asdict()}) + "\n")
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        out.write(json.dumps({"children": children}) + "\n")
        out.flush()
        os.chdir("/")


def read_in_processes(name: str, seed: int, count: int) -> Iterator[dict[str, Any]]:
    """All files of a reader, some hundred in a process; where one dies, the next process begins behind its file."""
    first = 0
    while first < count:
        last = min(first + FILES_OF_A_PROCESS, count)
        words = ["-m", "benchmarks.fuzzing", "--child", name, str(seed), str(first), str(last)]
        done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, text=True, check=False)
        begun = first
        for line in done.stdout.splitlines():
            told = json.loads(line)
            begun = told.get("begun", begun)
            if "begun" not in told:
                yield told
        if done.returncode:
            yield {
                "case": begun,
                "how": "crash",
                "what": f"the process ended ({done.returncode})",
                "seconds": 0.0,
                "mib": 0.0,
            }
            last = begun + 1
        first = last


def main() -> None:
    """Read all files, print each crash and a table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--files", type=int, default=1000, help="in all")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--reader", choices=READERS, action="append", help="this one alone; may be repeated")
    words.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.child:
        name, *numbers = asked.child
        seed, first, last = map(int, numbers)
        child(name, seed, range(first, last))
        return
    names = asked.reader or list(READERS)
    whole = sum(READERS[name][1] for name in names)
    crashed, rows = 0, []
    for name in names:
        count = round(asked.files * READERS[name][1] / whole)
        found = list(read_in_processes(name, asked.seed, count))
        cases = [one for one in found if "case" in one]
        for one in cases:
            if one["how"] == "crash":
                print(f"{name} {one['case']}: {one['what']}", flush=True)
        counts = Counter(one["how"] for one in cases)
        slowest = max((one["seconds"] for one in cases), default=0.0)
        largest = max((one["mib"] for one in cases), default=0.0)
        children = max((one["children"] for one in found if "children" in one), default=0.0)
        crashed += counts["crash"]
        rows.append(
            f"| {name} | {len(cases):,} | {counts['refused']:,} | {counts['accepted']:,} | {counts['crash']:,} | "
            f"{slowest:.1f} | {largest:,.0f} | {children:,.0f} |"
        )
        print(rows[-1], flush=True)
    print("\n| reader | files | refused | accepted | crashes | slowest (s) | largest (MiB) | processes started (MiB) |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    print("\n".join(rows))
    sys.exit(crashed > 0)


if __name__ == "__main__":
    main()
