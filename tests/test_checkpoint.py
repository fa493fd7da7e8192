"""Checkpoints: killed, interrupted or ended, a training goes on as if nothing had happened."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Network, Run
from layerlab.datasets import Part
from layerlab.training import checkpoint as checkpoints
from layerlab.training import engines
from layerlab.training import train as training
from layerlab.training.fit import chunks_of
from layerlab.tuning.sweeps import sweep as population

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short


def part(p: int = 6, m: int = 23, seed: int = 0) -> Part:
    draw = np.random.RandomState(seed)
    return Part(draw.randn(p, m), draw.randint(0, 2, (1, m)).astype(np.float64))


def trained(data: Part | None = None, **settings: Any) -> Run:
    data = data or part()
    arguments: dict[str, Any] = {"learning_rate": 0.05, "iterations": 150, "progress": False, **settings}
    return layerlab.train(Network([data.X.shape[0], 5, 1], hidden="tanh"), data, **arguments)


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every chunk has one iteration, and a checkpoint is written after each."""
    monkeypatch.setattr(engines, "CHUNK_SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)


def interrupt(monkeypatch: pytest.MonkeyPatch, n_chunks: int) -> None:
    def stream(*args: Any) -> Any:
        yield from islice(chunks_of(*args), n_chunks)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "chunks_of", stream)


KINDS: list[dict[str, Any]] = [
    {},
    {"optimizer": "adam", "batch_size": 5, "dropout": 0.3, "schedule": "cosine"},
    {"optimizer": "nesterov", "batch_size": 23, "l2": 0.3, "clip_norm": 0.1},
    {"monitor": "validation_cost", "patience": 100, "validation": part(seed=1), "batch_size": 10},
    {"optimizer": "rmsprop", "dtype": "float32", "sample_weight": np.arange(23)},
]


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: "-".join(settings) or "plain")
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(
    settings: dict[str, Any], engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "here" / "checkpoint"
    whole = trained(engine=engine, **settings)
    for n_chunks in (1, 7, 50):
        interrupt(monkeypatch, n_chunks)
        run = trained(engine=engine, checkpoint=place, resume=place.exists(), **settings)
        assert run.history.interrupted
    monkeypatch.setattr(training, "chunks_of", chunks_of)
    run = trained(engine=engine, checkpoint=place, resume=True, **settings)
    assert not run.history.interrupted
    assert run.history.kept_at == whole.history.kept_at
    same = assert_array_equal if engine == "numpy" else lambda one, other: assert_allclose(one, other, rtol=1e-6)
    same(run.history.costs, whole.history.costs)
    same(run.history.validation_costs, whole.history.validation_costs)
    for name, value in whole.parameters.items():
        same(run.parameters[name], value)
    assert [path.name for path in place.parent.iterdir()] == ["checkpoint"]  # nothing else is left there
    again = trained(engine=engine, checkpoint=place, resume=True, **settings)  # it has come to its end
    same(again.history.costs, whole.history.costs)


def test_in_the_span_too_and_by_the_engine_and_basis_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = part(p=60, m=20)
    whole = trained(data, engine="numpy", iterations=400)
    assert whole.plan is not None
    assert whole.plan.basis == "span"
    interrupt(monkeypatch, 30)
    trained(data, engine="numpy", iterations=400, checkpoint=tmp_path / "c")
    monkeypatch.setattr(training, "chunks_of", chunks_of)
    run = trained(data, iterations=400, checkpoint=tmp_path / "c", resume=True, basis="auto")
    assert run.plan is not None
    assert (run.plan.engine, run.plan.basis) == ("numpy", "span")
    assert run.settings["engine"] == "auto"
    assert_array_equal(run.history.costs, whole.history.costs)
    assert_array_equal(run.parameters["W1"], whole.parameters["W1"])


KILLED = """
import sys, numpy, layerlab
from layerlab.training import checkpoint
checkpoint.SECONDS = 0.01
draw = numpy.random.RandomState(0)
data = draw.randn(20, 300), (draw.rand(1, 300) > 0.5) * 1.0
print("begun", flush=True)
run = layerlab.train(
    layerlab.Network([20, 16, 1], hidden="tanh"), data, learning_rate=0.01, optimizer="adam", batch_size=32,
    epochs=EPOCHS, dropout=0.2, engine="numpy", checkpoint=sys.argv[1], resume=True, progress=False,
)
numpy.savez(sys.argv[2], costs=run.history.costs, **run.parameters)
"""


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="processes are killed otherwise on Windows")
def test_killed_at_random_moments_it_loses_nothing_beyond_the_last_checkpoint(tmp_path: Path) -> None:
    code = KILLED.replace("EPOCHS", "400")
    chance = random.Random(0)  # noqa: S311
    kills = 0
    while not (tmp_path / "end.npz").exists():
        command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "c"), str(tmp_path / "end.npz")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        if kills < 6:
            time.sleep(chance.uniform(0.0, 0.4))
            process.kill()
            kills += process.wait() != 0
        else:
            assert process.wait(60) == 0
        process.stdout.close()
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "whole"), str(tmp_path / "whole.npz")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    with np.load(tmp_path / "end.npz") as end, np.load(tmp_path / "whole.npz") as whole:
        for name in whole.files:
            assert_array_equal(end[name], whole[name])


# What is refused


def test_another_training_is_not_gone_on_with(tmp_path: Path) -> None:
    place = tmp_path / "c"
    trained(checkpoint=place, iterations=3)
    others: list[tuple[dict[str, Any], str]] = [
        ({"learning_rate": 0.06}, "learning_rate"),
        ({"iterations": 4, "seed": 1}, "seed, iterations"),
        ({"data": part(seed=2)}, "data"),
        ({"sample_weight": np.ones(23)}, "data"),
    ]
    for settings, names in others:
        with pytest.raises(InputError, match=f"belongs to another training, with other {names}; name another file"):
            trained(checkpoint=place, resume=True, **{"iterations": 3, **settings})
    with pytest.raises(InputError, match="is there already; resume=True goes on from it, or remove it"):
        trained(checkpoint=place, iterations=3)
    with pytest.raises(InputError, match="is a folder; name a file for the checkpoint"):
        trained(checkpoint=tmp_path)
    with pytest.raises(InputError, match="resume=True: name the file to go on from"):
        trained(resume=True)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "c"
    trained(checkpoint=place, iterations=3)
    whole = place.read_bytes()
    for damaged in (b"", b"nonsense", whole[:100], whole[:-1], whole[1:]):
        place.write_bytes(damaged)
        with pytest.raises(InputError, match="is no checkpoint, or is damaged"):
            trained(checkpoint=place, iterations=3, resume=True)
    from safetensors.numpy import save_file

    save_file({"costs": np.zeros(2)}, place)
    with pytest.raises(InputError, match="is no checkpoint, or is damaged"):
        trained(checkpoint=place, iterations=3, resume=True)
    place.unlink()
    assert len(trained(checkpoint=place, iterations=3, resume=True).history.costs) == 3  # nothing there: from the start


def test_a_changed_checkpoint_is_refused(tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.numpy import save_file

    place = tmp_path / "c"
    monitored: dict[str, Any] = {"iterations": 3, "monitor": "cost", "checkpoint": place}
    trained(**monitored)
    with safe_open(place, framework="numpy") as file:
        record, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    changes: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"costs": arrays["costs"][:2]}, {}),
        ({"costs": np.zeros((3, 3))}, {}),
        ({"validation": arrays["validation"][:1]}, {}),
        ({"state.watch.kept_at": np.asarray(9, np.int32)}, {}),
        ({"state.parameters.W1": arrays["state.parameters.W1"] * np.nan}, {}),
        ({"state.parameters.W1": arrays["state.parameters.W1"][:2]}, {}),
        ({}, {"layerlab": record["layerlab"].replace('"numpy"', '"foo"').replace('"xla"', '"foo"')}),
        ({}, {"layerlab": record["layerlab"].replace('"full"', '"half"')}),
    ]
    for other, words in changes:
        save_file({**arrays, **other}, place, {**record, **words})
        with pytest.raises(InputError, match="is damaged"):
            trained(resume=True, **monitored)
    save_file(arrays, place, record)
    assert trained(resume=True, **monitored).history.kept_at == 3


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files")
def test_a_place_that_cannot_be_written_to_is_refused_beforehand() -> None:
    with pytest.raises(InputError, match="/proc/x/c: cannot be made"):
        trained(checkpoint="/proc/x/c")


def test_a_checkpoint_that_cannot_be_written_does_not_stop_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    run = trained(checkpoint=tmp_path / "c", iterations=3)
    assert len(run.history.costs) == 3
    assert "c: the checkpoint could not be written ([Errno 28] No space left on device)" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_on_the_command_line(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["train", "flower", "--iterations", 40, "--checkpoint", "c", "--out", "run"]
    interrupt(monkeypatch, 5)
    said = say(*command[:-1], "part")
    assert said.status == 1
    assert (tmp_path / "c").exists()
    monkeypatch.setattr(training, "chunks_of", chunks_of)
    said = say(*command)
    assert said.status == 2
    assert said.err == "layerlab: c: is there already; --resume goes on from it, or remove it\n"
    said = say(*command, "--resume")
    assert said.status == 0
    assert "for 40 iterations" in said.words
    assert not (tmp_path / "c").exists()
    assert len(layerlab.load(tmp_path / "run").history.costs) == 40
    for place, words in (
        ("run2", "run2: is the place of --out too; name another one for --checkpoint"),
        ("run2/c", "run2/c: lies in run2, which is the place of --out too; name another one for --checkpoint"),
    ):
        said = say("train", "flower", "--iterations", 2, "--checkpoint", place, "--out", "run2")
        assert (said.status, said.err) == (2, f"layerlab: {words}\n")


LOCKED = pytest.mark.skipif(os.name == "nt", reason="files are locked otherwise on Windows")


@LOCKED
def test_two_trainings_do_not_write_to_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, refused = tmp_path / "here" / "c", []

    def meanwhile(*arguments: Any) -> Any:
        stream = chunks_of(*arguments)
        yield next(stream)
        monkeypatch.setattr(training, "chunks_of", chunks_of)
        with pytest.raises(InputError) as caught:
            trained(checkpoint=place, resume=True)
        refused.append(str(caught.value))
        yield from stream

    monkeypatch.setattr(training, "chunks_of", meanwhile)
    run = trained(checkpoint=place)
    assert refused == [f"{place}: another training keeps its checkpoint there; name another file, or wait for it"]
    assert [path.name for path in place.parent.iterdir()] == ["c"]
    again = trained(checkpoint=place, resume=True)  # the file is the first one's, and whole
    assert_array_equal(again.history.costs, run.history.costs)


@pytest.mark.processes
@LOCKED
def test_of_two_processes_one_is_refused_and_the_other_undisturbed(tmp_path: Path) -> None:
    code = KILLED.replace("EPOCHS", "300").replace("import sys,", "import sys, time,")
    names = ("one", "other")
    processes = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "c"), str(tmp_path / f"{name}.npz")],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    errors = [process.communicate(timeout=60)[1] for process in processes]
    status = [process.returncode for process in processes]
    done = [name for name, failed in zip(names, status, strict=True) if not failed]
    assert done  # one of them at least; both, where the first ended before the second began
    for error in (error for error, failed in zip(errors, status, strict=True) if failed):
        assert "another training keeps its checkpoint there" in error
    for name in done:
        with np.load(tmp_path / f"{name}.npz") as end:
            assert len(end["costs"]) == 3000
    assert not list(tmp_path.glob(".c*"))


@LOCKED
def test_a_lock_that_a_kill_left_behind_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / ".c.lock").write_text("")
    trained(checkpoint=tmp_path / "c", iterations=3)
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume"], "--resume: name the file to go on from, with --checkpoint FILE"),
        (["--checkpoint", ""], "--checkpoint: wanted the name of a file"),
        (["--checkpoint", ".."], "..: is a folder; name a file for the checkpoint"),
        (["--checkpoint", "pipe"], "pipe: is no file; name a file for the checkpoint"),
        (["--checkpoint", "pipe", "--resume"], "pipe: is no file; name a file for the checkpoint"),
        (["--checkpoint", "c", "--json", "c"], "c: is the place of --checkpoint too; name another one for --json"),
        (["--checkpoint", "c", "--out", "c/d"], "c/d: lies in c, which is the place of --checkpoint too; name another"),
    ],
)
@LOCKED
def test_places_that_are_refused_on_the_command_line(
    say: Say, tmp_path: Path, arguments: list[str], words: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = say("train", "flower", "--iterations", 2, *arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"layerlab: {words}")
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


# Populations


def swept(**settings: Any) -> layerlab.Sweep:
    arguments: dict[str, Any] = {
        "learning_rate": [0.05, 0.2, 1e9], "seed": [0, 1], "iterations": 40, "progress": False, **settings
    }  # fmt: skip
    nets = [Network([6, 5, 1], hidden="tanh"), Network([6, 3, 1], hidden="tanh"), Network([6, 1])]
    return layerlab.sweep(nets, part(), **arguments)


def stopped_after(n_chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after so many chunks in all, those of finished slices among them."""
    chunks_left = iter(range(n_chunks))

    def stream(*args: Any) -> Any:
        source = chunks_of(*args)
        while next(chunks_left, None) is not None:
            chunk = next(source, None)
            if chunk is None:
                return
            yield chunk
        raise KeyboardInterrupt

    monkeypatch.setattr(population, "chunks_of", stream)


@pytest.mark.parametrize("engine", ["numpy", "xla"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"batch_size": 10, "optimizer": "adam", "monitor": "cost", "patience": 3}, {"validation": part(seed=1)}],
    ids=lambda settings: "-".join(settings) or "plain",
)
def test_an_interrupted_sweep_goes_on_as_if_nothing_had_happened(
    settings: dict[str, Any], engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "here" / "sweep"
    settings = {"engine": engine, "memory_gib": 2e-5, **settings}
    whole = swept(**settings)
    assert whole.plans[0].slice < 12  # of the members that can share a program
    for n_chunks in (3, 60, 90):
        stopped_after(n_chunks, monkeypatch)
        result = swept(checkpoint=place, resume=place.exists(), **settings)
        assert result.interrupted
    files = sorted(path.name for path in place.iterdir())
    assert len(files) > 1
    monkeypatch.setattr(population, "chunks_of", chunks_of)
    result = swept(
        checkpoint=place, resume=True, **{**settings, "memory_gib": 1.0}
    )  # the slices are those of the files
    assert not result.interrupted
    assert set(files) <= {path.name for path in place.iterdir()}
    same = assert_array_equal if engine == "numpy" else lambda one, other: assert_allclose(one, other, rtol=1e-6)
    for one, other in zip(result.runs, whole.runs, strict=True):
        assert one.settings == other.settings
        assert one.history.kept_at == other.history.kept_at
        same(one.history.costs, other.history.costs)
        same(one.history.validation_costs, other.history.validation_costs)
        if np.isfinite(other.history.costs).all():
            for name, value in other.parameters.items():
                same(one.parameters[name], value)
    again = swept(checkpoint=place, resume=True, **settings)  # all is there: nothing is left to do
    same(again.histories[0].costs, whole.histories[0].costs)


def test_checkpoints_of_another_sweep_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "sweep"
    swept(checkpoint=place)
    with pytest.raises(InputError, match="holds something already; resume=True"):
        swept(checkpoint=place)
    with pytest.raises(InputError, match="belongs to another training, with other learning_rate"):
        swept(checkpoint=place, resume=True, learning_rate=[0.05, 0.3, 1e9])
    with pytest.raises(InputError, match="belongs to another training, with other iterations"):
        swept(checkpoint=place, resume=True, iterations=41)
    with pytest.raises(InputError, match="resume=True: name the folder to go on from"):
        swept(resume=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is no folder; name one for the checkpoints"):
        swept(checkpoint=tmp_path / "file")


def test_a_diverged_training_that_goes_on_has_still_diverged(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"learning_rate": 1e200, "iterations": 30, "checkpoint": tmp_path / "c", "l2": 1e200}
    run = trained(**settings, engine="numpy")
    again = trained(resume=True, **settings)
    assert len(again.history.costs) == len(run.history.costs) < 30


def test_a_sweep_on_the_command_line(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["sweep", "flower", "--learning-rate", "0.1,0.01", "--iterations", 20, "--checkpoint", "c"]
    stopped_after(5, monkeypatch)
    said = say(*command)
    assert said.status == 1
    assert "with --resume, the sweep goes on" in said.words
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["0-0-2"]
    monkeypatch.setattr(population, "chunks_of", chunks_of)
    assert say(*command).status == 2
    said = say(*command, "--resume", "--json", "facts.json")
    assert said.status == 0
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("schedules", [["constant", "step"], ["step", "constant"], ["step", "cosine"]])
def test_settings_that_only_some_schedules_have_belong_to_the_sweep(schedules: list[str], tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "learning_rate": 0.1, "iterations": 20, "schedule": schedules, "checkpoint": tmp_path / "c", "progress": False,
    }  # fmt: skip
    network = Network([6, 4, 1])
    layerlab.sweep(network, part(), drop=0.1, **arguments)
    with pytest.raises(InputError, match="with other drop"):
        layerlab.sweep(network, part(), drop=0.9, resume=True, **arguments)
