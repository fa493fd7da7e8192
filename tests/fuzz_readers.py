"""Everything that reads data of a user's own, given files that are almost right: `python tests/fuzz_readers.py --help`.

A case is a good input with some random changes. A reader may accept it or refuse it with an InputError; anything else
is a crash: another exception, a warning, words on standard error, numbers that are not finite, more than ``SLOW``
seconds, the process's end. A case depends on seed, reader and number alone; `--reader text --only 17` does it again.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from layerlab.datasets.images.augmentation import parse_augmentation
from layerlab.datasets.images.photos import load_photos
from layerlab.datasets.loading.anything import load_data
from layerlab.datasets.loading.tables import load_table
from layerlab.datasets.preparing.preparation import preparation_from
from layerlab.datasets.tabular.new_tables import read_as_trained
from layerlab.datasets.tabular.reading import read_frame
from layerlab.errors import InputError

Random = np.random.Generator

SLOW = 5.0
"""Seconds that a case may take."""

BATCH = 500
"""Cases of a process of their own, so that one that dies takes no other with it."""

WORDS = (
    *(
        '"',
        '""',
        ",",
        ";",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\0",
        "\n\n",
        ",,",
        '","',
        "|",
        " ",
        "'",
        "\ufeff",
        "é",
        "\u2028",
        "😀",
    ),
    *(
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1e400",
        "-1e400",
        "1e308",
        "1e-400",
        "9" * 25,
        "-9223372036854775809",
        "0x10",
    ),
    *(
        "1_000",
        "1,5",
        "1.234,5",
        "1,234",
        "$5",
        "5 %",
        "(5)",
        "- ",
        "--",
        "?",
        "NA",
        "missing",
        "other",
        "None",
        "true",
        "no",
    ),
    *(
        "2024-02-30",
        "2024-02-29",
        "0000-00-00",
        "9999-12-31",
        "31/12/2024",
        "2024-01-01T25:00:00",
        "12:30",
        "007",
        "00012",
    ),
    *("{", "}", "[", "]", ":", "null", '{"a":1}', "\\u0000", "y", "a,a", "=cmd()", "%s", "{0}", "<b>", "x" * 300),
)
"""What tables stumble over."""

INTEGERS = (
    0,
    1,
    2,
    7,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    2**63,
    2**64 - 1,
)
"""Sizes and counts that overflow somewhere."""


# Changes.
def mutated(data: bytes, random: Random, words: tuple[str, ...] = ()) -> bytes:
    """The bytes with a change or a few."""
    for _ in range(int(random.geometric(0.6))):
        change = CHANGES[int(random.integers(len(CHANGES) if words else BLIND))]
        data = change(data, random, words)
    return data


def place(data: bytes, random: Random) -> int:
    return int(random.integers(len(data) + 1))


def flipped(data: bytes, random: Random, _: Any) -> bytes:
    at = place(data, random)
    return data[:at] + bytes([int(random.integers(256))]) + data[at + 1 :]


def cut(data: bytes, random: Random, _: Any) -> bytes:
    at = place(data, random)
    return data[:at] if random.random() < 0.3 else data[:at] + data[at + int(random.integers(1, 40)) :]


def doubled(data: bytes, random: Random, _: Any) -> bytes:
    at, there, length = place(data, random), place(data, random), int(random.integers(1, 200))
    return data[:there] + data[at : at + length] + data[there:]


def counted(data: bytes, random: Random, _: Any) -> bytes:
    at, size = place(data, random), int(random.choice([1, 2, 4, 8]))
    number: int = INTEGERS[int(random.integers(len(INTEGERS)))] % 2 ** (8 * size)
    return data[:at] + number.to_bytes(size, "little" if random.random() < 0.5 else "big") + data[at + size :]


def worded(data: bytes, random: Random, words: tuple[str, ...]) -> bytes:
    at = place(data, random)
    word = words[int(random.integers(len(words)))].encode("utf-8", "surrogatepass")
    return data[:at] + word + data[at + int(random.choice([0, 0, 1, len(word)])) :]


CHANGES: tuple[Callable[[bytes, Random, tuple[str, ...]], bytes], ...] = (
    flipped,
    cut,
    doubled,
    counted,
    worded,
    worded,
    worded,
)

BLIND = 4
"""Changes that need no words."""


def swapped(record: Any, random: Random) -> Any:
    """JSON with a value changed somewhere."""
    odd: list[Any] = [
        None,
        True,
        False,
        0,
        -1,
        1.5,
        1e308,
        -1e308,
        10**30,
        "",
        "x",
        [],
        {},
        [None],
        [[]],
        {"a": 1},
        "nan",
    ]
    odd += [float("nan"), float("inf")]
    if isinstance(record, dict) and record and random.random() < 0.85:
        keys = list(record)
        key = keys[int(random.integers(len(keys)))]
        if random.random() < 0.08:
            return {name: value for name, value in record.items() if name != key}
        if random.random() < 0.04:
            return record | {"more": record[key]}
        return record | {key: swapped(record[key], random)}
    if isinstance(record, list) and record and random.random() < 0.85:
        at = int(random.integers(len(record)))
        if random.random() < 0.2:
            return (random.random() < 0.5 and record[:at] + record[at + 1 :]) or [*record, record[at]]
        return [*record[:at], swapped(record[at], random), *record[at + 1 :]]
    if isinstance(record, str) and random.random() < 0.6:
        return mutated(record.encode(), random, WORDS).decode("utf-8", "replace")
    if isinstance(record, int | float) and not isinstance(record, bool) and random.random() < 0.8:
        return record * float(random.choice([-1, 0, 2, 1e300, 1e-300])) + float(random.choice([0, 1, -1]))
    return odd[int(random.integers(len(odd)))]


# Good inputs.
def table_text(separator: str = ",", m: int = 60) -> str:
    random = np.random.RandomState(0)
    lines = [separator.join(("a", "b", "c", "d", "f", "y"))]
    for k in range(m):
        cells = [
            f"{random.randn():.3f}",
            random.choice(["u", "v", "w"]),
            f"2024-01-{k % 28 + 1:02}",
            random.choice(["yes", "no"]),
        ]
        lines.append(
            separator.join(
                [*cells, random.choice(["1,234", '"x, y"', "", "5"]) if separator == ";" else str(k % 9), "01"[k % 2]]
            )
        )
    return "\n".join(lines) + "\n"


def values_text() -> str:
    random = np.random.RandomState(1)
    return "a;b;y\n" + "".join(
        f"{random.randn():.3f};{'uvw'[k % 3]};{random.randn():.4f}\n".replace(".", ",") for k in range(60)
    )


@cache
def texts() -> tuple[tuple[str, bytes], ...]:
    import polars as pl

    lines = pl.read_csv(io.BytesIO(table_text().encode())).write_ndjson()
    return (
        ("t.csv", table_text().encode()),
        ("t.csv", table_text(";").encode()),
        ("t.csv", values_text().encode()),
        ("t.csv", table_text().encode("utf-16")),
        ("t.csv", table_text().replace("\n", "\r\n").encode()),
        ("t.tsv", table_text("\t").encode()),
        ("t.jsonl", lines.encode()),
    )


@cache
def column_files() -> tuple[tuple[str, bytes], ...]:
    import polars as pl

    frame = pl.read_csv(io.BytesIO(table_text().encode()), try_parse_dates=True)
    files = []
    for name, write in (
        ("t.parquet", lambda file: frame.write_parquet(file, compression="uncompressed")),
        ("t.parquet", lambda file: frame.write_parquet(file, compression="zstd", row_group_size=20)),
        ("t.arrow", lambda file: frame.write_ipc(file)),
        ("t.arrow", lambda file: frame.write_ipc_stream(file)),
    ):
        file = io.BytesIO()
        write(file)
        files.append((name, file.getvalue()))
    return tuple(files)


@cache
def array_files() -> tuple[tuple[str, bytes], ...]:
    import h5py
    from scipy.io import savemat

    random = np.random.RandomState(0)
    X, y = random.standard_normal((20, 4)), np.arange(20) % 2
    images, names = random.randint(0, 256, (12, 4, 4, 3)).astype(np.uint8), np.array(["a", "b"])
    files: list[tuple[str, bytes]] = []
    for name, write in (
        ("t.npy", lambda file: np.save(file, X)),
        ("t.npz", lambda file: np.savez(file, X=X, y=y)),
        (
            "t.npz",
            lambda file: np.savez_compressed(file, images=images, labels=names[np.arange(12) % 2], class_names=names),
        ),
        ("t.mat", lambda file: savemat(file, {"X": X, "y": y[:, None] + 1.0})),
        ("t.mat", lambda file: savemat(file, {"X": X.T, "y": y[None]}, do_compression=True)),
    ):
        buffer = io.BytesIO()
        write(buffer)
        files.append((name, buffer.getvalue()))
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("train_set_x", data=images, chunks=(4, 4, 4, 3), compression="gzip")
        file["train_set_y"], file["list_classes"] = np.arange(12) % 2, [b"no", b"yes"]
    return (*files, ("t.h5", buffer.getvalue()))


@cache
def pictures() -> tuple[tuple[str, bytes], ...]:
    from PIL import Image

    random = np.random.RandomState(0)
    image = Image.fromarray(random.randint(0, 256, (9, 11, 3)).astype(np.uint8))
    files = []
    for ending, options in (
        ("png", {}),
        ("jpg", {}),
        ("gif", {}),
        ("bmp", {}),
        ("tif", {}),
        ("webp", {}),
        ("png", {"mode": "P"}),
    ):
        buffer = io.BytesIO()
        shape = image.convert("P") if options else image
        shape.save(buffer, {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper()))
        files.append((f"x.{ending}", buffer.getvalue()))
    return tuple(files)


@cache
def trained() -> tuple[Any, ...]:
    """Tables that were learned from: mixed with classes, and with values."""
    one = load_table(io.BytesIO(table_text().encode()), target="y")
    two = load_table(io.BytesIO(values_text().encode()), target="y")
    three = load_table(io.BytesIO(table_text(";").encode()), target="a")
    return one, two, three


@cache
def run_folder() -> tuple[bytes, bytes]:
    from layerlab import Network, train

    run = train(
        Network([trained()[0].n_x, 3, 1]),
        trained()[0],
        epochs=2,
        batch_size=16,
        learning_rate=0.1,
        engine="numpy",
        progress=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        run.save(Path(folder) / "run")
        record, numbers = ((Path(folder) / "run" / name).read_bytes() for name in ("run.json", "model.safetensors"))
        return record, numbers


# Readers.
def finite(*arrays: Any) -> None:
    for array in arrays:
        if not np.isfinite(array).all():
            raise AssertionError("numbers that are not finite were accepted")


def check(data: Any) -> None:
    finite(data.train.X, data.train.Y, data.test.X, data.test.Y)
    from layerlab.datasets.describing import data_facts, data_lines

    list(data_lines(data))
    json.dumps(data_facts(data), allow_nan=False)


def one_of(files: tuple[tuple[str, bytes], ...], random: Random, words: tuple[str, ...] = ()) -> Path:
    name, data = files[int(random.integers(len(files)))]
    Path(name).write_bytes(mutated(data, random, words))
    return Path(name)


def with_other_cells(random: Random) -> Path:
    """A CSV of the right shape with words in some of its cells, most of them in one column."""
    import csv

    lines = [line.split(",") for line in table_text().splitlines()]
    column = int(random.integers(6))
    for _ in range(int(random.choice([1, 3, 30, 200]))):
        row = int(random.integers(0 if random.random() < 0.02 else 1, len(lines)))
        at = column if random.random() < 0.9 else int(random.integers(6))
        lines[row][at] = WORDS[int(random.integers(len(WORDS)))].replace("\0", "0")
    buffer = io.StringIO()
    csv.writer(buffer).writerows(lines)
    Path("t.csv").write_bytes(buffer.getvalue().encode())
    return Path("t.csv")


def any_table(random: Random) -> Path:
    return with_other_cells(random) if random.random() < 0.5 else one_of(texts(), random, WORDS)


def text(random: Random) -> None:
    options: tuple[dict[str, Any], ...] = (
        {"target": "y"},
        {"target": "a"},
        {"target": "a", "task": "values"},
        {"target": "y", "group": "b"},
        {"target": "y", "time": "c"},
        {"target": "y", "keep": ["f"], "numbers": ["a"], "categories": ["f"]},
        {"target": "b", "test": 0.5},
    )
    check(load_data(any_table(random), **options[int(random.integers(len(options)))]))


def columns(random: Random) -> None:
    check(load_data(one_of(column_files(), random), target="y"))


def streamed(random: Random) -> None:
    path = one_of(column_files()[:2], random)
    data = load_data(path, target="y", memory=4)
    check(data)
    assert data.stream is not None
    for piece in data.stream.pieces(0, 0, 0, np.float32, True):
        finite(*piece)


def cell(random: Random) -> Any:
    import datetime

    kinds: tuple[Any, ...] = (
        None,
        True,
        0,
        1,
        -(2**63),
        2**70,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "nan",
        "x",
        "1,5",
    )
    kinds += (b"\xff", [1], {"a": 1}, datetime.date(1, 1, 1), datetime.datetime(9999, 12, 31))
    kinds += (datetime.time(1), datetime.timedelta(1))
    return kinds[int(random.integers(len(kinds)))]


def frame(random: Random) -> None:
    import pandas as pd
    import polars as pl

    m, named = int(random.integers(0, 60)), {}
    for k in range(int(random.integers(0, 6))):
        sort = int(random.integers(6))
        values: Any = random.standard_normal(m)
        if sort == 1:
            values = random.integers(0, int(random.choice([1, 2, 3, 2**40])), m)
        elif sort == 2:
            values = [str(random.choice(WORDS)) for _ in range(m)]
        elif sort == 3:
            values = [cell(random) for _ in range(m)]
        elif sort == 4:
            kind = cell(random)
            values = [kind if random.random() < 0.9 else None for _ in range(m)]
        elif sort == 5:
            values = [str(random.choice(["2024-01-02", "3.5", "yes", "no", "", "a"])) for _ in range(m)]
        named[str(random.choice(["y", "a", "b", " a", "", "y ", "<b>", "1", "a missing", "c=x"])) if k else "y"] = (
            values
        )
    if random.random() < 0.5:
        source: Any = pd.DataFrame(named)
    else:
        try:
            source = pl.DataFrame(named, strict=False)
        except Exception:  # polars itself takes no such columns
            return
    check(
        load_table(
            source, target="y", test=float(random.choice([0.2, 0.5, 0.01])), drop_rare=bool(random.random() < 0.5)
        )
    )


def new(random: Random) -> None:
    data = trained()[int(random.integers(3))]
    read = read_frame(any_table(random))
    table, _ = read_as_trained(read.frame, data.preparation.inputs, data.preparation.words, read.name)
    finite(data.preparation.features(table))
    data.preparation.drift(table)


def arrays(random: Random) -> None:
    path = one_of(array_files(), random)
    if path.suffix in (".npz",) and random.random() < 0.5:  # a sound archive of a damaged member
        with zipfile.ZipFile(io.BytesIO(array_files()[1][1])) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, mutated(data, random) if random.random() < 0.6 else data)
    np.save("labels.npy", np.arange(20) % 2)
    check(load_data(path, target="labels.npy" if path.suffix == ".npy" else None))


def images(random: Random) -> None:
    files = pictures()
    if random.random() < 0.7:
        path = one_of(files, random)
        finite(load_photos([path], (5, 5, 3)))
        return
    for k, (name, data) in enumerate((*files[:4], *files[:4])):
        folder = Path("pets", "ab"[k % 2])
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{k}.*"):
            old.unlink()
        (folder / f"{k}{Path(name).suffix}").write_bytes(mutated(data, random) if k == 3 else data)
    check(load_data("pets", skip_bad=bool(random.random() < 0.5)))


def words(random: Random) -> None:
    text = b"flip,shift=2,rotate=10,brightness=0.2,seed=3"
    more = ("flip=both", "=", ",", "nan", "inf", "1e400", "-1", "none", "seed", "shift=0.5", " ", "\0", "9" * 30, "²")
    how = parse_augmentation(mutated(text, random, more).decode("utf-8", "replace"))
    assert parse_augmentation(str(how)) == how


def records(random: Random) -> None:
    data = trained()[int(random.integers(3))]
    record = json.loads(json.dumps(data.preparation.record()))
    for _ in range(int(random.geometric(0.7))):
        record = swapped(record, random)
    try:
        preparation = preparation_from(record)
    except (LookupError, TypeError, ValueError) as error:
        raise InputError("refused") from error
    again = preparation_from(json.loads(json.dumps(preparation.record())))
    assert again == preparation
    preparation.described()
    table = data.raw.table
    finite(preparation.features(table))
    preparation.drift(table)


def runs(random: Random) -> None:
    from layerlab import load

    record, numbers = run_folder()
    Path("run").mkdir(exist_ok=True)
    told = json.loads(record)
    if random.random() < 0.6:
        for _ in range(int(random.geometric(0.7))):
            told = swapped(told, random)
        Path("run/run.json").write_text(json.dumps(told), encoding="utf-8")
        Path("run/model.safetensors").write_bytes(numbers)
    else:
        Path("run/run.json").write_bytes(mutated(record, random, WORDS) if random.random() < 0.5 else record)
        Path("run/model.safetensors").write_bytes(mutated(numbers, random))
    run = load("run")
    repr(run)
    if run.preparation is not None:
        run.predict(run.preparation.features(trained()[0].raw.table))


READERS: dict[str, tuple[Callable[[Random], None], float]] = {
    "text": (text, 3.0),
    "columns": (columns, 1.5),
    "streamed": (streamed, 0.5),
    "frame": (frame, 1.5),
    "new": (new, 3.0),
    "arrays": (arrays, 3.0),
    "images": (images, 3.0),
    "words": (words, 1.0),
    "records": (records, 2.0),
    "runs": (runs, 2.0),
}
"""What reads, and its share of the cases."""


class Told(NamedTuple):
    """What became of a case: "accepted", "refused" or "crash", and of a crash what it was."""

    how: str
    what: str = ""


def tried(name: str, seed: int, case: int) -> Told:
    """One case."""
    random = np.random.default_rng([seed, list(READERS).index(name), case])
    before, start = os.fstat(2).st_size, time.monotonic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            READERS[name][0](random)
        told = Told("accepted")
    except InputError as error:
        one_line = "\n" not in str(error) and len(str(error)) < 3000
        told = (
            Told("refused")
            if one_line
            else Told("crash", f"a message of {len(str(error))} letters: {str(error)[:200]!r}")
        )
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)
        own = [f"{Path(one.filename).name}:{one.lineno}" for one in last if "layerlab" in one.filename]
        told = Told("crash", f"{type(error).__name__} {' '.join(str(error).split())[:150]} at {' '.join(own[-3:])}")
    took = time.monotonic() - start
    if took > SLOW:
        return Told("crash", f"took {took:.0f} seconds ({told.how})")
    if os.fstat(2).st_size > before:
        os.lseek(2, before, os.SEEK_SET)
        return Told("crash", f"standard error: {os.pread(2, 300, before).decode(errors='replace')!r}")
    return told


def batch(name: str, seed: int, cases: range, answers: int) -> None:
    """Some cases, in this process; a line of JSON for each that begins, with all counts, and for each that crashes."""
    handle, _ = tempfile.mkstemp()
    os.dup2(handle, 2)
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (300, 300))  # ends what no signal interrupts
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("never ends")))
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, os.fdopen(answers, "w") as out:
        os.chdir(folder)
        for case in cases:
            out.write(json.dumps({"begun": case, "counts": counts}) + "\n")
            out.flush()
            signal.alarm(60)
            told = tried(name, seed, case)
            signal.alarm(0)
            counts[told.how] += 1
            if told.what:
                out.write(json.dumps({"case": case, "what": told.what}) + "\n")
        out.write(json.dumps({"done": True, "counts": counts}) + "\n")
        os.chdir("/")


def in_a_process(name: str, seed: int, cases: range) -> Iterator[dict[str, Any]]:
    """The lines of a batch about crashes, and one with all counts; what a case kills is begun again behind it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            batch(name, seed, cases, writing)
        except BaseException:
            traceback.print_exc(file=sys.stdout)
        os._exit(0)
    os.close(writing)
    last: dict[str, Any] = {"begun": cases.start, "counts": {}}
    with os.fdopen(reading) as lines:
        for line in lines:
            told = json.loads(line)
            if "what" in told:
                yield told
            else:
                last = told
    os.waitpid(child, 0)
    yield {"counts": last["counts"]}
    if "begun" in last:
        yield {"case": last["begun"], "what": "the process died", "counts": {"died": 1}}
        if last["begun"] + 1 < cases.stop:
            yield from in_a_process(name, seed, range(last["begun"] + 1, cases.stop))


def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cases", type=int, default=1000, help="in all")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--reader", choices=READERS, action="append", help="this one alone; may be repeated")
    words.add_argument("--only", type=int, help="one case, with its traceback")
    asked = words.parse_args()
    if asked.only is not None:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            warnings.simplefilter("error")
            READERS[asked.reader[0]][0](
                np.random.default_rng([asked.seed, list(READERS).index(asked.reader[0]), asked.only])
            )
        return
    for slow in ("h5py", "PIL.Image", "scipy.stats", "sklearn.model_selection", "pandas"):
        import_module(slow)  # once, not in each process; polars starts threads, which do not survive a fork
    names = asked.reader or list(READERS)
    whole = sum(READERS[name][1] for name in names)
    crashed, lines = False, []
    for name in names:
        count, start = round(asked.cases * READERS[name][1] / whole), time.monotonic()
        counts: Counter[str] = Counter()
        for first in range(0, count, BATCH):
            for line in in_a_process(name, asked.seed, range(first, min(first + BATCH, count))):
                if "what" in line:
                    print(f"{name} {line['case']}: {line['what']}", flush=True)
                    crashed = True
                counts.update(line.get("counts", {}))
        took = time.monotonic() - start
        crashes = counts["crash"] + counts["died"]
        lines.append(f"{name:10}{count:9,}{counts['refused']:9,}{counts['accepted']:9,}{crashes:9,}{took:9.0f} s")
        print(lines[-1], flush=True)
    print(f"\n{'reader':10}{'cases':>9}{'refused':>9}{'accepted':>9}{'crashes':>9}{'time':>11}")
    print("\n".join(lines))
    sys.exit(crashed)


if __name__ == "__main__":
    main()
