"""Bad input from outside: exit status 2, one sentence that names file and place, and nothing left behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from bad_files import CORPUS, TABLE, Bad, folder, good_frame
from command import Said, Say
from fuzz_readers import READERS, tried

from layerlab import InputError
from layerlab.datasets.files import readable
from layerlab.datasets.preparing.preparation import learn_preparation
from layerlab.datasets.tabular.table import Column, Table

FEW = ("--epochs", 2, "--layers", 4)


def refused(say: Say, *command: object, words: tuple[str, ...] = ()) -> Said:
    """What a command says that refuses: in one line, leaving nothing behind."""
    before = sorted(Path().iterdir())
    said = say(*command)
    assert said.status == 2, said
    assert said.err.count("\n") == 1, said.err
    assert said.err.startswith("layerlab: ")
    assert "mistake in layerlab" not in said.err
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err, said.err
    assert sorted(Path().iterdir()) == before
    return said


def test_the_corpus_is_large() -> None:
    assert len({case.name for case in CORPUS}) == len(CORPUS) >= 180


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_bad_files_are_refused_in_a_sentence(say: Say, case: Bad) -> None:
    case.make()
    assert refused(say, *case.command, words=case.words).out == ""


def good_table(**columns: object) -> None:
    """t.csv with the columns a, b, g (groups), t (times), w (words) and y (values), or others."""
    random = np.random.RandomState(0)
    named = {
        "a": random.standard_normal(80).round(3),
        "b": np.arange(80) % 3,
        "g": np.arange(80) // 4,
        "t": [f"2024-01-{k % 28 + 1:02}" for k in range(80)],
        "w": ["uvw"[k % 3] for k in range(80)],
        "y": random.standard_normal(80).round(3),
    }
    pl.DataFrame(named | columns).write_csv("t.csv")


OPTIONS = {
    "--test 0": ("--test 0.0: wanted", "above 0, below 1"),
    "--test 1.5": ("--test 1.5: wanted",),
    "--test nan": ("--test nan: wanted",),
    "--test gone.csv": ("gone.csv: there is no such file",),
    "--test folder": ("folder: is a folder",),
    "--group g --test t.csv": ("a test set from a file needs no split",),
    "--split-seed -1": ("--split-seed -1: wanted a whole number", "seed of the random split"),
    "--split-seed x": ("--split-seed",),
    "--leave-out a,b,g,t,w": ("t.csv: no column is left to predict 'y' from",),
    "--leave-out y": ("--leave-out 'y': is the target",),
    "--leave-out zz": ("--leave-out 'zz': t.csv has no such column",),
    "--leave-out ,": ("--leave-out '': t.csv has no such column",),
    "--leave-out g --group g": ("--leave-out 'g': is the group",),
    "--keep zz": ("--keep 'zz': t.csv has no such column",),
    "--keep y": ("--keep 'y': is the target",),
    "--categories y": ("t.csv, column 'y'", "wanted"),
    "--categories zz": ("t.csv has no column 'zz'",),
    "--numbers w": ("t.csv, column 'w': no cell is a number",),
    "--numbers a --categories a": ("'a' is in categories and in numbers",),
    "--size 8": ("--size '8' does not apply to t.csv",),
    "--colour": ("--colour", "does not apply to t.csv"),
    "--augment flip": ("--augment 'flip' does not apply to t.csv",),
    "--memory 0": ("--memory 0: wanted",),
    "--memory -5": ("--memory -5: wanted",),
    "--memory abc": ("--memory",),
    "--memory 16": ("t.csv", "convert a table to Parquet"),
    "--task classes": ("t.csv, column 'y'",),
    "--task nonsense": ("--task 'nonsense': wanted 'classes' or 'values'",),
    "--target w --task values": ("t.csv, column 'w'", "is not a number"),
    "--validation 0": ("--validation 0.0: wanted",),
    "--validation 1": ("--validation 1.0: wanted",),
    "--group y": ("--group 'y': is the target",),
    "--time w": ("--time 'w': is a category",),
    "--encoding utf-16": ("t.csv",),
    "--target a,b": ("--target 'a,b': t.csv has no such column",),
    "--target=": ("--target '': t.csv has no such column",),
    "--folder x": ("--folder is for cats",),
    "--layers 1000000000": ("GiB",),
}
"""What is asked of a good table, and what is said of it."""


@pytest.mark.parametrize("options", OPTIONS)
def test_options_that_contradict_the_data_are_refused(say: Say, options: str) -> None:
    good_table()
    Path("folder").mkdir()
    said = refused(say, "train", "t.csv", "--target", "y", *FEW, *options.split(), words=OPTIONS[options])
    assert len(said.err) < 500


def test_files_that_are_odd_and_good(say: Say) -> None:
    odd: dict[str, tuple[str, Callable[[int], str]]] = {
        "line ends in quotation marks": ("a,b,y\n", lambda k: f'{k * k % 11}.5,"one\nline, {k % 3}",{k % 2}'),
        "names of spaces and signs": ('" a ","<i>{x}[red]\n%s",y\n', lambda k: f"{k * k % 11}.5,{k % 5},{k % 2}"),
        "a long cell": ("a,b,y\n", lambda k: f"{k * k % 11}.5,{'x' * 10**6 if k == 3 else 'u'},{k % 2}"),
        "a long name": (f"a,{'n' * 3000},y\n", lambda k: f"{k * k % 11}.5,{k % 5},{k % 2}"),
        "numbers beyond 64 bits": ("a,b,y\n", lambda k: f"{k * k % 11}.5,{2**63 + k * 10**19},{k % 2}"),
        "categories called missing and other": (
            "a,b,y\n",
            lambda k: f"{k},{('missing', 'other', '', 'z')[k % 4]},{k % 2}",
        ),
    }
    for name, (header, row) in odd.items():
        Path("t.csv").write_text(header + "".join(f"{row(k)}\n" for k in range(40)), encoding="utf-8")
        said = say("train", "t.csv", "--target", "y", *FEW, "--out", name.replace(" ", "-"))
        assert (said.status, said.err) == (0, ""), name
        told = say("predict", name.replace(" ", "-"), "t.csv", "--json", "-")
        assert told.status == 0, name


def test_two_thousand_columns(say: Say) -> None:
    X = np.random.RandomState(0).standard_normal((60, 1999)).round(2)
    pl.DataFrame(X, [f"c{k}" for k in range(1999)]).with_columns(y=pl.Series(["u", "v"] * 30)).write_csv("t.csv")
    assert say("train", "t.csv", "--target", "y", *FEW).status == 0


NEW_TABLES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "a column is missing": ("a,b,g,t\n1,2,3,2024-01-01\n", ("n.csv: has no column 'w'", "the 5 columns")),
    "a name in capitals": ("A,b,g,t,w\n1,2,3,2024-01-01,u\n", ("n.csv: has no column 'a'", "it has 'A' for 'a'")),
    "a column twice": ("a,a,b,g,t,w\n1,1,2,3,2024-01-01,u\n", ("n.csv: columns 1 and 2 are both called 'a'",)),
    "no rows": ("a,b,g,t,w\n", ("n.csv: has a line of names",)),
    "nothing": ("", ("n.csv: is empty",)),
    "a ragged row": ("a,b,g,t,w\n1,2\n", ("n.csv, row 1: has 2 fields; wanted 5",)),
    "no text": (b"a,b,g,t,w\n1,2,3,2024-01-01,\xff\n", ("n.csv, row 1: byte 0xff is not UTF-8",)),
}


@pytest.mark.parametrize("case", NEW_TABLES)
def test_new_tables_that_are_bad_are_refused_and_no_answers_written(say: Say, case: str) -> None:
    good_table()
    assert say("train", "t.csv", "--target", "y", *FEW, "--out", "run").status == 0
    content, words = NEW_TABLES[case]
    Path("n.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    refused(say, "predict", "run", "n.csv", "--out", "answers.csv", words=words)


def test_runs_are_asked_about_what_they_do_not_know(say: Say) -> None:
    good_table()
    folder()
    np.save("X.npy", np.zeros((3, 4)))
    assert say("train", "t.csv", "--target", "y", *FEW, "--out", "table").status == 0
    assert say("train", "pets", "--size", 6, *FEW, "--out", "images").status == 0
    assert say("train", "digits", "--iterations", 2, "--out", "digits").status == 0
    photograph = "pets/cat/1.png"
    for run, asked, words in (
        ("table", photograph, (photograph, "is an image", "'t'")),
        ("table", "pets", ("pets: is a folder",)),
        ("table", "X.npy", ("X.npy: contains a NumPy array",)),
        ("table", "gone.csv", ("gone.csv: there is no such file",)),
        ("images", "t.csv", ("t.csv: this is not a JPEG",)),
        ("images", "X.npy", ("X.npy: has examples of 4 numbers", "108 inputs")),
        ("digits", "t.csv", ("t.csv: this is not a JPEG",)),
        ("pets", "t.csv", ("pets: no run.json there",)),
        ("gone", "t.csv", ("gone: no run.json there",)),
    ):
        refused(say, "predict", run, asked, "--out", "answers.csv", words=words)
    for row in ("0", "81", "x", "1.5", "9" * 30):
        refused(say, "explain", "table", row, words=(f"row {row}",))
    refused(say, "explain", "images", "gone.png", words=("gone.png",))
    refused(say, "predict", "table", "t.csv", "--with", "images", words=("differs from",))


def test_data_that_changes_after_the_training(say: Say) -> None:
    good_table()
    assert say("train", "t.csv", "--target", "y", *FEW, "--out", "run").status == 0
    good_table(a=np.zeros(80) + np.arange(80) % 7)
    refused(say, "report", "run", "--out", "page.html", words=("t.csv: was changed since the run was trained",))
    Path("t.csv").unlink()
    refused(say, "report", "run", "--out", "page.html", words=("t.csv: is not there",))
    refused(say, "explain", "run", 3, words=("t.csv: is not there",))


def test_a_table_in_another_encoding_is_predicted_on_as_it_was_trained_on(say: Say) -> None:
    text = "a,b,y\n" + "".join(f"{k * k % 11}.5,{'äé'[k % 2]},{k % 2}\n" for k in range(40))
    Path("t.csv").write_bytes(text.encode("latin-1"))
    assert say("train", "t.csv", "--target", "y", "--encoding", "latin-1", *FEW, "--out", "run").status == 0
    Path("u.csv").write_bytes(text.encode())
    answers = [say("predict", "run", name, "--out", "-") for name in ("t.csv", "u.csv")]
    assert answers[0].status == 0
    assert answers[0].out == answers[1].out


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "arrow", "jsonl"])
def test_a_file_that_is_larger_than_memory(say: Say, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr("layerlab.datasets.tabular.reading.memory_budget", lambda: 300)
    frame = good_frame()
    write: dict[str, Any] = {"parquet": frame.write_parquet, "arrow": frame.write_ipc, "jsonl": frame.write_ndjson}
    if ending in write:
        write[ending](f"t.{ending}")
    else:
        Path(f"t.{ending}").write_bytes(TABLE.encode() if ending == "csv" else gzip.compress(TABLE.encode()))
    refused(say, "train", f"t.{ending}", "--target", "y", words=(f"t.{ending}: ", "300 bytes"))


def test_a_file_that_may_not_be_read(say: Say) -> None:
    Path("t.csv").write_text(TABLE)
    Path("t.csv").chmod(0)
    if os.access("t.csv", os.R_OK):
        pytest.skip("this user may read everything")
    refused(say, "train", "t.csv", "--target", "y", words=("t.csv: may not be read",))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of files are Linux's")
@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("predict run t.csv --out new/answers.csv", "new/answers.csv"),
        ("predict run t.csv --json new.json", "new.json"),
        ("report run --out page.html", "page.html"),
        ("export run model.onnx", "model.onnx"),
        ("train t.csv --target y --epochs 1 --layers 200 --out second", "second"),
    ],
)
def test_a_disk_that_is_full(say: Say, monkeypatch: pytest.MonkeyPatch, command: str, place: str) -> None:
    """Files that may have a kilobyte fail like those on a disk that has no more room."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # half a file of bytecode would spoil the installation
    good_table()
    assert say("train", "t.csv", "--target", "y", *FEW, "--out", "run").status == 0
    before, allowed = {path.name for path in Path().iterdir()}, resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, allowed[1]))
    try:
        said = say(*command.split())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
        signal.signal(signal.SIGXFSZ, kept)
    assert said.status == 1
    assert f"layerlab: {place}: writing failed" in said.err
    assert not Path(place).exists()
    left = {path.name for path in Path().rglob("*") if path.parent.name != "run"} - before
    assert left <= {"new", "second.log.csv", "second.log.jsonl"}  # the log of a training outlives a run that is lost


def test_what_polars_panics_about_is_a_sentence() -> None:
    with pytest.raises(InputError, match=r"x\.parquet: cannot be read"), readable("x.parquet"):
        raise pl.exceptions.PanicException("assertion failed: offset + length <= self.length")
    with pytest.raises(KeyboardInterrupt), readable("x.parquet"):
        raise KeyboardInterrupt


def test_a_signalling_nan_is_missing() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan])
    values.view(np.uint64)[3] = 0x7FF0000000000001
    table = Table((Column("a", "number", values), Column("y", "number", np.arange(4.0))), np.arange(1, 5))
    X = learn_preparation(table, "y", ["a"]).features(table)
    assert X[1].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert X[0, 3] == 0.0


@pytest.mark.parametrize("reader", READERS)
def test_some_cases_of_the_fuzzer(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for case in range(10):
        told = tried(reader, 0, case)
        assert told.how != "crash", f"{reader} {case}: {told.what}"


def test_standard_input_that_never_ends_or_is_closed(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    good_table()
    assert say("train", "t.csv", "--target", "y", *FEW, "--out", "run").status == 0
    monkeypatch.setattr("layerlab.datasets.files.memory_budget", lambda: 3_000_000)
    with Path("/dev/zero").open("rb") as zeros, io.TextIOWrapper(zeros) as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        refused(
            say, "predict", "run", "-", "--out", "answers.csv", words=("standard input: holds more than the 3.0 MB",)
        )
    monkeypatch.setattr(sys, "stdin", None)
    refused(say, "predict", "run", "-", "--out", "answers.csv", words=("standard input: is closed",))


def test_a_record_of_a_run_that_was_changed(say: Say) -> None:
    good_table()
    assert say("train", "t.csv", "--target", "y", *FEW, "--out", "run").status == 0
    record = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    for changed, words in (
        ({"path": "gone\n.csv"}, "gone\\n.csv: is not there"),
        ({"options": {"target": "y", "encoding": 7}}, "encoding=7: no such encoding"),
        ({"options": {"target": "y", "zz": 3}}, "zz=3 does not apply to t.csv"),
        ({"options": {"target": "w"}}, "wanted number, the target's kind in training"),
        ({"options": {"target": "y", "test": 5}}, "test=5: wanted"),
        ({"options": [1]}, "run/run.json: is damaged or was changed"),
        ({"digest": 3}, "run/run.json: is damaged or was changed"),
    ):
        text = json.dumps({**record, "source": {**record["source"], **changed}})
        Path("run/run.json").write_text(text, encoding="utf-8")
        refused(say, "report", "run", "--out", "page.html", words=(words,))
        refused(say, "explain", "run", 3, words=(words,))
