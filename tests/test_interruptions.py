"""Nothing is lost: text that cannot be printed, signals, full disks, and two processes that want the same name."""

from __future__ import annotations

import errno
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from searches import small

import layerlab
from layerlab import InputError, Network, Run, WorkError
from layerlab.evaluating.comparisons.recipe_training import train_recipe
from layerlab.notes import logistic
from layerlab.runs import log_files
from layerlab.runs.claims import claim, claim_next
from layerlab.runs.log_files import LogWriter
from layerlab.training import interrupts
from layerlab.tuning.search import on_test_set
from layerlab.tuning.search.trials import files
from layerlab.tuning.search.trials import folder as search_folder

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full and limits of files are Linux's")
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and locks differ on Windows")
FEW = ("train", "flower", "--iterations", 5, "--no-advice")
COMMAND = [sys.executable, "-m", "layerlab"]


def no_room(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# Text that cannot be printed


@pytest.fixture
def run(say: Say) -> None:
    """A run on a table, in the current folder."""
    rows = [f"{i % 7},{i % 3},{'ab'[i % 7 > i % 3]}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["u,v,y", *rows]) + "\n")
    assert say("train", "t.csv", "--target", "y", "--epochs", 2, "--no-advice", "--out", "run").status == 0


PRINTING = {
    "compare breast-cancer": ("j.json",),
    "train flower --iterations 5 --no-advice --out new --plots p": ("j.json", "new/run.json", "p/costs.png"),
    "sweep flower --learning-rate 0.1,1 --iterations 5 --plots p": ("j.json", "p/sweep.png"),
    "rate flower --iterations 20 --plots p": ("j.json",),
    "explain run --data t.csv": ("j.json",),
    "explain run 1 --data t.csv": ("j.json",),
    "report run --out page.html": ("j.json", "page.html"),
    "predict run t.csv --out answers.csv": ("j.json", "answers.csv"),
    "predict run t.csv": ("j.json",),
    "export run model --format numpy": ("j.json", "model/predict.py"),
    "data describe t.csv --target y": ("j.json",),
    "data list": ("j.json",),
}


@LINUX
@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("command", PRINTING)
def test_a_full_standard_output_loses_nothing_but_text(say: Say, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", full)
        said = say(*command.split(), "--json", "j.json")
        with suppress(OSError):
            full.close()
    assert said.status == 1
    last = said.err.strip().splitlines()[-1]
    assert last.startswith("layerlab: standard output: cannot be written (No space left on device)")
    for place in PRINTING[command]:
        assert Path(place).exists()
        assert f"{place.partition('/')[0]}" in last
    assert json.loads(Path("j.json").read_text())


@POSIX
def test_a_reader_that_has_left_has_what_it_wanted(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        said = say(*FEW, "--out", "new", "--json", "j.json")
    assert (said.status, said.err) == (1, "")
    assert len(layerlab.load("new").history.costs) == 5
    assert json.loads(Path("j.json").read_text())["out"] == "new"


def test_without_any_stream_all_is_kept(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert say(*FEW, "--out", "new", "--json", "j.json").status == 1
    assert json.loads(Path("j.json").read_text())["out"] == "new"


@LINUX
def test_a_full_standard_error_is_no_failure(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stderr", full)
        assert say(*FEW, "--out", "new", "--json", "-").status == 0
        with suppress(OSError):
            full.close()


class Broken:
    """A stream whose reader has left."""

    encoding = "utf-8"

    def write(self, _: str) -> int:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    def flush(self) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    def isatty(self) -> bool:
        return True


def test_in_python_too_a_print_that_fails_loses_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    flower, random = layerlab.datasets.load_flower(), np.random.RandomState(0)
    X, y = random.randn(30, 2), np.arange(30) % 2
    monkeypatch.setattr(sys, "stderr", Broken())
    monkeypatch.setattr(sys, "stdout", Broken())
    how: dict[str, Any] = {"learning_rate": 0.1, "iterations": 5, "advice": False}
    assert len(layerlab.train(Network([2, 1]), flower, progress=True, **how).history.costs) == 5
    for solver in ("adam", "lbfgs"):
        model = layerlab.sklearn.MLPClassifier((2,), max_iter=500, tol=1.0, solver=solver, verbose=True).fit(X, y)
        assert model.coefs_
    logistic.model(X.T, y[None], X.T, y[None], num_iterations=3, learning_rate=0.1, print_cost=True)


# Names


@POSIX
@pytest.mark.filterwarnings("default")
def test_a_warning_that_cannot_be_printed_loses_no_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def shown(*_: Any, **__: Any) -> None:
        raise ValueError("I/O operation on closed file")

    monkeypatch.setattr("warnings.showwarning", shown)
    run = layerlab.train(Network([2, 4, 1]), layerlab.datasets.load_flower(), learning_rate=1e-9, iterations=200)
    assert run.diagnosis
    model = layerlab.sklearn.MLPClassifier(max_iter=1)
    assert model.fit([[0.0], [1.0]] * 10, [0, 1] * 10).n_iter_ == 1


def test_a_name_is_claimed_once_and_given_back(tmp_path: Path) -> None:
    first = claim(tmp_path / "a" / "run")
    assert first is not None
    assert claim(tmp_path / "a" / "run") is None
    path, other = claim_next(tmp_path / "a", "run")
    assert path.name == "run-1"
    first.release()
    again = claim(tmp_path / "a" / "run")
    assert again is not None
    other.release()
    again.release()
    assert not list((tmp_path / "a").iterdir())
    (tmp_path / "a").rmdir()
    alone = claim(tmp_path / "b" / "c" / "run")
    assert alone is not None
    alone.release()
    assert list(tmp_path.iterdir()) == []  # the folder that was made for them is gone too


@POSIX
def test_a_training_takes_the_next_name_while_another_one_has_the_first(say: Say, tmp_path: Path) -> None:
    other = claim(Path("runs/flower-1"))
    assert other is not None
    assert say(*FEW).status == 0
    assert [path.name for path in Path("runs").iterdir() if path.name[0] != "."] == ["flower-2"]
    other.release()
    assert say(*FEW).status == 0
    assert sorted(path.name for path in Path("runs").iterdir()) == ["flower-1", "flower-2"]
    assert len((tmp_path / "runs/flower-1/log.jsonl").read_text().splitlines()) == 5


@POSIX
@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("train flower --out there", "there"),
        ("train flower --log there", "there"),
        ("train flower --json there", "there"),
        ("train flower --plots there", "there"),
        ("sweep flower --learning-rate 1,2", "plots"),
        ("search flower --report there", "there"),
        ("compare breast-cancer --json there", "there"),
        ("report run --out there", "there"),
        ("predict run t.csv --out there", "there"),
        ("export run there", "there"),
    ],
)
def test_a_place_that_another_process_writes_to_is_refused_at_the_start(say: Say, command: str, place: str) -> None:
    other = claim(Path(place))
    assert other is not None
    said = say(*command.split())
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"layerlab: {place}: another process of layerlab writes there; name another place")
    other.release()
    assert list(Path().iterdir()) == []


def test_what_appeared_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = layerlab.train(Network([2, 1]), layerlab.datasets.load_flower(), learning_rate=0.1, iterations=2)
    first = made.save(tmp_path / "one.safetensors").read_bytes()
    made.save(tmp_path / "folder")
    monkeypatch.setattr("layerlab.runs.writing.check_new", lambda path, what="": Path(path))  # as if it came just then
    for name in ("one.safetensors", "folder"):
        with pytest.raises(InputError, match="is there already, and nothing is overwritten"):
            made.save(tmp_path / name)
    assert (tmp_path / "one.safetensors").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "one.safetensors"]


def test_of_two_trainings_that_begin_one_log_one_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "log.csv", tmp_path / "log.jsonl"]
    one, other = LogWriter(files, ["epoch"]), LogWriter(files, ["epoch"])
    for writer in (one, other, one):
        writer.write([{"epoch": 1}])
    assert files[0].read_text() == "epoch\n1\n1\n"
    assert "log.csv: the log could not be written" in capsys.readouterr().err


def test_two_searches_that_begin_one_folder_at_the_same_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's request is there when ours is to be written: the same is joined, another one is refused."""
    write = files.write_whole
    for shares, seed in ((True, 0), (False, 1)):
        place = tmp_path / str(seed)

        def faster(path: Path, data: bytes, new: bool = False, seed: int = seed) -> None:
            if path.name == "search.json" and not path.exists():
                write(path, data.replace(b'"seed": 0', b'"seed": %d' % seed))
            write(path, data, new)

        monkeypatch.setattr(search_folder, "write_whole", faster)
        if shares:
            assert small(workers=0, trials=2, folder=place).choice is not None
        else:
            with pytest.raises(InputError, match="holds a search with other seed"):
                small(workers=0, trials=2, folder=place)


def test_a_chosen_network_that_diverges_at_the_end_costs_no_search(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    refit = on_test_set.refit

    def diverging(*arguments: Any) -> Run:
        run = refit(*arguments)
        run.parameters["W1"][:] = np.nan
        return run

    monkeypatch.setattr(on_test_set, "refit", diverging)
    said = say("search", "flower", "--trials", 4, "--workers", 0, "--folds", 2, "--out", "s", "--json", "j.json")
    assert said.status == 1
    assert "diverged: not saved, and the test set was not used" in said.words
    assert "layerlab: the choice diverged when it was trained on the whole training set" in said.err
    facts = json.loads(Path("j.json").read_text())
    assert facts["diverged"] == facts["choice"]["trials"]
    assert (len(facts["trials"]), facts["test"], facts["chosen"]) == (4, None, [])
    assert json.loads(Path("s/result.json").read_text())["diverged"]


# Disks


def test_a_run_whose_place_is_full_is_kept_elsewhere(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    save = Run.save

    def full(run: Run, path: Path) -> Path:
        if Path(path).parts[0] == "disk":
            raise WorkError(f"{path}: writing failed (No space left on device); nothing was left there")
        return save(run, path)

    monkeypatch.setattr(Run, "save", full)
    said = say(*FEW, "--out", "disk/new", "--json", "j.json")
    assert said.status == 1
    here = str(Path("new-saved-1").absolute())
    assert "disk/new: writing failed (No space left on device)" in said.err
    assert f"the run was saved in {here} instead" in said.err
    assert f"Saved in {here}" in "".join(said.out.splitlines())
    assert len(layerlab.load(here).history.costs) == 5
    assert json.loads(Path("j.json").read_text())["out"] == here
    assert not Path("disk").exists()


def test_where_no_place_takes_the_run_all_of_them_are_named(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(run: Run, path: Path) -> Path:
        raise WorkError(f"{path}: full")

    monkeypatch.setattr(Run, "save", full)
    said = say(*FEW, "--out", "new", "--checkpoint", "c")
    assert said.status == 1
    assert "layerlab: new: full; the run could not be saved in another place either: " in said.err
    assert tempfile.gettempdir() in said.err
    assert Path("c").exists()  # to go on with


@pytest.mark.parametrize("what", ["--plots", "--json"])
def test_pictures_and_facts_on_a_full_disk_are_a_failure_of_the_work(
    say: Say, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    patched = "layerlab.plots.style.Path.write_bytes" if what == "--plots" else "layerlab.commands.output.write_text"
    monkeypatch.setattr(patched, no_room if what == "--plots" else _refuse)
    said = say(*FEW, "--out", "new", what, "there")
    assert said.status == 1
    assert "Saved in new" in said.out
    assert "writing failed" in said.err.splitlines()[-1]
    assert len(layerlab.load("new").history.costs) == 5


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 1), (errno.EROFS, 2)])
def test_a_search_on_a_disk_that_refuses_names_its_folder(
    say: Say, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def refused(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(search_folder.SearchFolder, "_mend_journal", refused)
    said = say("search", "flower", "--trials", 4, "--workers", 0, "--folds", 2, "--out", "deep/s")
    assert said.status == status
    assert said.err.splitlines()[-1].startswith(f"layerlab: deep/s: cannot be written ({os.strerror(number)}); ")
    assert status == 2 or "--resume" in said.err


@pytest.mark.parametrize("what", ["log", "checkpoint"])
def test_a_log_or_checkpoint_that_was_asked_for_and_could_not_be_written_is_status_1(
    say: Say, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("layerlab.training.checkpoint.os.fsync", no_room)
    monkeypatch.setattr(log_files, "_write_lines", no_room)
    assert say(*FEW, "--out", "unasked").status == 0  # the log that grows beside a run until then
    said = say(*FEW, "--out", "new", f"--{what}", "there", "--json", "j.json")
    assert said.status == 1
    assert "Saved in new" in said.out
    last = said.err.splitlines()[-1]
    assert last.startswith("layerlab: there")
    assert last.endswith(f": the {what} could not be written ([Errno 28] No space left on device)")
    assert json.loads(Path("j.json").read_text())["out"] == "new"
    assert len(layerlab.load("new").history.costs) == 5
    assert len(Path("new/log.csv").read_text().splitlines()) == 6  # the run's own is whole


def test_a_sweep_says_at_its_end_that_its_checkpoint_is_missing(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.training.checkpoint.os.fsync", no_room)
    said = say("sweep", "flower", "--learning-rate", "0.1,1", "--iterations", 5, "--checkpoint", "c")
    assert said.status == 1
    assert "the checkpoint could not be written" in said.err.splitlines()[-1]


def _refuse(path: Path, _: str) -> None:
    raise WorkError(f"{path}: writing failed (No space left on device); nothing was left there")


class AlmostFull:
    """A file on a disk that has room for so many more bytes."""

    def __init__(self, room: int) -> None:
        self.room, self.content = room, b""

    def tell(self) -> int:
        return len(self.content)

    def write(self, data: bytes) -> int:
        if not self.room:
            no_room()
        data = bytes(data[: self.room])
        self.content, self.room = self.content + data, self.room - len(data)
        return len(data)

    def truncate(self, size: int) -> None:
        self.content = self.content[:size]


def test_a_log_on_a_full_disk_ends_with_a_whole_line() -> None:
    for room in range(20):
        file: Any = AlmostFull(room)
        with pytest.raises(OSError, match="No space left"):
            log_files._write_lines(file, ["epoch\n", "10\n", "20\n", "30\n"] * 2)
        assert file.content == b"".join(file.content.splitlines(keepends=True))
        assert file.content[-1:] in (b"", b"\n")
        assert set(file.content.split()) <= {b"epoch", b"10", b"20", b"30"}


def test_the_log_in_a_run_is_whole_where_the_one_beside_it_broke_off(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for lines, expected in ((range(1, 4), 10), (range(1, 11), 11), ((4, 8), 3)):
        (run / "log.csv").write_text("epoch\n" + "".join(f"{i}\n" for i in range(1, 10)))
        (tmp_path / "x.csv").write_text("epoch\n" + "".join(f"{i}\n" for i in lines))
        log_files.copy_log(tmp_path / "x", run)
        assert len((run / "log.csv").read_text().splitlines()) == expected


def test_a_checkpoint_on_a_full_disk_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def trained(iterations: int, **how: Any) -> Run:
        flower = layerlab.datasets.load_flower()
        return layerlab.train(
            Network([2, 1]), flower, learning_rate=0.1, iterations=iterations, advice=False, checkpoint=tmp_path / "c",
            engine="numpy", **how,
        )  # fmt: skip

    trained(5)
    before = (tmp_path / "c").read_bytes()
    monkeypatch.setattr("layerlab.training.checkpoint.os.fsync", no_room)
    assert len(trained(5, resume=True).history.costs) == 5
    assert (tmp_path / "c").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    assert "the checkpoint could not be written" in capsys.readouterr().err


@contextmanager
def locked() -> Iterator[Path]:
    """A folder that holds a folder "locked", which this user may not enter; root becomes another user."""
    with tempfile.TemporaryDirectory() as place:
        closed = Path(place) / "locked"
        closed.mkdir(0)
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        if root:
            Path(place).chmod(0o777)
            os.seteuid(65534)
        try:
            yield Path(place)
        finally:
            if root:
                os.seteuid(0)
            closed.chmod(0o700)


@POSIX
@pytest.mark.parametrize(
    "command",
    [
        *(f"train flower --iterations 5 {name} locked/deep/there" for name in ("--out", "--json", "--plots", "--log")),
        "train flower --iterations 5 --checkpoint locked/deep/there",
        "sweep flower --learning-rate 1,2 --checkpoint locked/deep/there",
        "search flower --out locked/deep/there",
        "search flower --report locked/deep/there",
    ],
)
def test_an_output_in_a_folder_that_may_not_be_entered_is_a_wrong_request(
    say: Say, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    Path("file").touch()
    assert say(*command.replace("locked", "file").split()).status == 2  # loads what only root may read
    with locked() as place:
        monkeypatch.chdir(place)
        said = say(*command.split())
    assert (said.status, said.out) == (2, "")
    assert "locked/deep/there" in said.err
    assert "ermission denied" in said.err


# Signals


@pytest.fixture
def handled() -> Iterator[None]:
    """Signals as the command line has them, and afterwards as they were."""
    with suppress(KeyboardInterrupt), interrupts.signals_as_interrupts():
        yield


@POSIX
@pytest.mark.usefixtures("handled")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_each_signal_is_ctrl_c(name: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), getattr(signal, name))


@POSIX
def test_the_table_of_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has SIGBREAK; here another signal stands for it. What is ignored on start, as under nohup, stays so."""
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.signals_as_interrupts():
            assert signal.getsignal(signal.SIGUSR1) is signal.getsignal(signal.SIGTERM) is interrupts.handle
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
    monkeypatch.delattr(signal, "SIGHUP")  # Windows has none
    assert set(interrupts.ending_signals()) >= {signal.SIGTERM, signal.SIGUSR1}


@POSIX
@pytest.mark.usefixtures("handled")
def test_a_second_signal_ends_at_once_and_one_request_may_be_two_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {one: signal.getsignal(one) for one in interrupts.ending_signals()}
    with interrupts.deferred_interrupts() as counted:
        counted.answered = True
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)  # `timeout` and shells send it to the process and to its group
        assert counted.count == 1
        monkeypatch.setattr(interrupts, "ONE_REQUEST", 0.0)
        with pytest.raises(SystemExit):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL  # a third one kills
    for one, handler in before.items():
        signal.signal(one, handler)


@POSIX
@pytest.mark.usefixtures("handled")
def test_an_interrupt_that_python_drops_is_sent_again() -> None:
    """What is raised inside a destructor, or a callback of the garbage collector as jax has one, nobody can catch."""

    class Ending:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def waiting() -> None:
        Ending()
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        waiting()


@POSIX
@pytest.mark.usefixtures("handled")
def test_what_is_said_after_a_signal_has_its_time_and_saving_has_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "PATIENCE", 0.1)
    with interrupts.deferred_interrupts() as counted:
        counted.answered = True
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.3)
    with pytest.raises(KeyboardInterrupt):
        time.sleep(5)


@POSIX
@pytest.mark.parametrize(
    ("command", "patched"),
    [
        ("train flower --iterations 5 --no-advice --out new", "layerlab.runs.run.Run.save"),
        ("sweep flower --learning-rate 0.1,1 --iterations 5", "layerlab.tuning.sweeps.facts.sweep_facts"),
        ("compare breast-cancer", "layerlab.evaluating.comparisons.comparison.Comparison.facts"),
    ],
)
def test_a_signal_while_finished_work_is_kept(
    say: Say, monkeypatch: pytest.MonkeyPatch, command: str, patched: str
) -> None:
    keeps = pkgutil.resolve_name(patched.rpartition(".")[0].replace(".Run", ":Run").replace(".Comp", ":Comp"))
    name = patched.rpartition(".")[2]
    keep = getattr(keeps, name)

    def disturbed(*arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return keep(*arguments)

    monkeypatch.setattr(keeps, name, disturbed)
    monkeypatch.setattr(interrupts, "PATIENCE", 600.0)  # for machines that do much else
    said = say(*command.split(), "--json", "j.json")
    assert said.status == 1
    assert "layerlab: interrupted" in said.err
    assert said.out
    assert json.loads(Path("j.json").read_text())
    assert len(layerlab.load("new").history.costs) == 5 if "new" in command else not Path("new").exists()


@POSIX
@pytest.mark.parametrize(
    ("command", "patched"),
    [
        ("doctor", "layerlab.evaluating.comparisons.recipe_training.train_recipe"),
        ("compare flower --plots p", "layerlab.reporting.pictures.of_runs.train_recipe"),
    ],
)
def test_a_signal_to_a_training_on_the_way_ends_the_command(
    say: Say, monkeypatch: pytest.MonkeyPatch, command: str, patched: str
) -> None:
    def disturbed(*arguments: Any, **how: Any) -> Run:
        return train_recipe(*arguments, callback=lambda _: os.kill(os.getpid(), signal.SIGHUP), **how)

    monkeypatch.setattr(patched, disturbed)
    monkeypatch.setattr(interrupts, "PATIENCE", 600.0)
    said = say(*command.split())
    assert said.status == 1
    assert said.err.splitlines()[-1] == "layerlab: interrupted"
    assert "gradient check" not in said.out


def test_the_library_leaves_handlers_as_they_are() -> None:
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name)]
    before = [signal.getsignal(one) for one in signals]
    during: list[Any] = []

    def noted(_: layerlab.Moment) -> None:
        during.append([signal.getsignal(one) for one in signals])

    layerlab.train(
        Network([2, 1]), layerlab.datasets.load_flower(), learning_rate=0.1, iterations=3, advice=False,
        callback=noted,
    )  # fmt: skip
    assert during[0] == before == [signal.getsignal(one) for one in signals]


def waiting_for(process: subprocess.Popen[str], there: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while process.poll() is None and not there() and time.monotonic() < until:
        time.sleep(0.02)


def started(folder: Path, *words: object, **how: Any) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.Popen([*COMMAND, *map(str, words)], cwd=folder, text=True, **pipes)  # noqa: S603


LONG = ("train", "flower", "--engine", "numpy", "--iterations", 10**8, "--out", "run", "--json", "j.json")


@POSIX
@pytest.mark.processes
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_after_the_first_update_keeps_the_run(name: str, tmp_path: Path) -> None:
    process = started(tmp_path, *LONG)
    waiting_for(process, lambda: any((tmp_path / "run.log.jsonl").parent.glob("run.log.jsonl")))
    begin = time.monotonic()
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert time.monotonic() - begin < 30  # 5 seconds on a machine that has nothing else to do
    assert "interrupted after" in err
    assert "Traceback" not in err
    assert layerlab.load(tmp_path / "run").history.interrupted
    assert not [path.name for path in tmp_path.iterdir() if path.name[0] == "." or "log" in path.name]


@POSIX
@pytest.mark.processes
def test_a_signal_before_the_first_update_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    for delay in (0.2, 0.5, 1.0):
        place = tmp_path / str(delay)  # of its own, since a fast machine keeps a run there
        place.mkdir()
        process = started(place, *LONG, "--plots", "p", "--checkpoint", "c")
        time.sleep(delay)
        process.send_signal(signal.SIGINT if delay == 0.5 else signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        if process.returncode == -signal.SIGTERM:  # Python itself was still starting
            assert err == ""
        else:
            assert process.returncode == 1
            assert "layerlab: interrupted" in err
            assert "Traceback" not in err
        if not (place / "run").exists():
            assert list(place.iterdir()) == []


WHILE_IMPORTING = """
import sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "layerlab.commands.main":
            exec("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
sys.meta_path.insert(0, Interrupting())
from layerlab.__main__ import start
start()
"""

DROPPED = """
class Ending:
    def __del__(self):
        exec("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
def run():
    print("done")
    Ending()
    raise SystemExit(1)
import layerlab.commands.main
layerlab.commands.main.main = run
from layerlab.__main__ import start
start()
"""


@POSIX
@pytest.mark.parametrize("program", [WHILE_IMPORTING, DROPPED])
def test_an_interrupt_in_code_that_python_runs_from_a_text_is_status_1_too(program: str, tmp_path: Path) -> None:
    """Imports of dataclasses do so; Python ends itself by SIGINT after one, however it was answered."""
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "-m", "program"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 1
    assert (done.stdout, done.stderr) == (("done\n", "") if program is DROPPED else ("", "layerlab: interrupted\n"))


@POSIX
@pytest.mark.processes
def test_two_trainings_side_by_side_are_two_runs(tmp_path: Path) -> None:
    command = ("train", "flower", "--engine", "numpy", "--iterations", 300, "--no-advice", "--every", 1)
    both = [started(tmp_path, *command, "--seed", seed) for seed in (1, 2)]
    for process in both:
        assert process.communicate(timeout=120)[1] == ""
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["flower-1", "flower-2"]
    seeds = set()
    for path in (tmp_path / "runs").iterdir():
        seeds.add(layerlab.load(path).settings["seed"])
        epochs = [json.loads(line)["epoch"] for line in (path / "log.jsonl").read_text().splitlines()]
        assert epochs == list(range(1, 301))
    assert seeds == {1, 2}


@LINUX
@pytest.mark.processes
def test_standard_streams_that_are_closed_or_full(tmp_path: Path) -> None:
    line = " ".join([*COMMAND, *map(str, FEW), "--out"])
    for number, redirected in enumerate(
        [">&-", ">&- 2>&-", "> /dev/full", "> /dev/full 2>/dev/full", "<&- >/dev/full"]
    ):
        done = subprocess.run(["sh", "-c", f"{line} run-{number} {redirected}"], cwd=tmp_path, check=False)  # noqa: S603, S607
        assert done.returncode == 1
        assert len(layerlab.load(tmp_path / f"run-{number}").history.costs) == 5
    done = subprocess.run(["sh", "-c", f"{line} run-h | head -1"], cwd=tmp_path, capture_output=True, check=True)  # noqa: S603, S607
    assert done.stderr == b""
    assert len(layerlab.load(tmp_path / "run-h").history.costs) == 5
