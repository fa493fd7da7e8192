"""What is told of a training while it runs: metrics against scikit-learn, callbacks, and the log that others read."""

from __future__ import annotations

import csv
import json
import math
import os
import random
import re
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from command import Say
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Moment, Network, Run
from layerlab.datasets import Part
from layerlab.training import checkpoint as checkpoints
from layerlab.training import engines

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

ENGINES = pytest.mark.parametrize("engine", ["numpy", "xla"])


def part(m: int = 23, classes: int = 3, seed: int = 0, p: int = 6) -> Part:
    draw = np.random.RandomState(seed)
    labels = draw.randint(0, classes, m)
    return Part(draw.randn(p, m), np.eye(classes)[:, labels] if classes > 2 else labels[None].astype(np.float64))


def trained(data: Part | None = None, network: Network | None = None, **settings: Any) -> Run:
    data = data or part()
    network = network or Network([data.X.shape[0], 5, data.Y.shape[0]], hidden="tanh")
    arguments: dict[str, Any] = {"learning_rate": 0.1, "iterations": 12, "progress": False, **settings}
    return layerlab.train(network, data, **arguments)


def in_csv(file: Path) -> list[dict[str, float]]:
    with file.open(newline="") as lines:
        return [
            {name: math.nan if text == "" else float(text) for name, text in row.items()}
            for row in csv.DictReader(lines)
        ]


def in_json(file: Path) -> list[dict[str, float]]:
    def refused(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    lines = [json.loads(line, parse_constant=refused) for line in file.read_text().splitlines()]
    return [{name: math.nan if value is None else value for name, value in line.items()} for line in lines]


# Metrics


def by_scikit_learn(run: Run, data: Part, weight: Any) -> dict[str, float]:
    from sklearn import metrics as sk

    truth = data.Y[0] if data.Y.shape[0] == 1 else data.Y.argmax(axis=0)
    told, P = run.predict(data.X)[0], run.predict_proba(data.X)
    own = {"sample_weight": weight}
    auc = (
        sk.roc_auc_score(truth, P[0], **own)
        if len(P) == 1
        else np.mean([sk.roc_auc_score(truth == k, row, **own) for k, row in enumerate(P)])
    )
    return {
        "accuracy": sk.accuracy_score(truth, told, **own),
        "error": 1 - sk.accuracy_score(truth, told, **own),
        "balanced_accuracy": sk.recall_score(truth, told, average="macro", **own),
        "f1": sk.f1_score(truth, told, average="macro", **own),
        "auc": auc,
    }


@ENGINES
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("settings", [{"basis": "span"}, {"basis": "full"}, {"batch_size": 10}], ids=str)
def test_metrics_are_those_of_scikit_learn_after_each_epoch(
    engine: str, classes: int, settings: dict[str, Any]
) -> None:
    data, held_out = part(classes=classes), part(30, classes, seed=1)
    weights = {"sample_weight": 1.0 + np.arange(23), "validation_weight": 1.0 + np.arange(30)[::-1]}
    names = ("accuracy", "error", "balanced_accuracy", "f1", "auc")
    common: dict[str, Any] = {"validation": held_out, "engine": engine, **weights, **settings}
    run = trained(data, metrics=names, every=2, **common)
    at = [2, 4, 6, 8, 10, 12] if not settings.get("batch_size") else [6, 12]  # of batches 3 are an epoch
    assert run.history.metrics_at.tolist() == at
    assert list(run.history.metrics) == [f"{where}_{name}" for where in ("training", "validation") for name in names]
    assert_array_equal(run.history.costs, trained(data, **common).history.costs)  # to look changes nothing
    for row, n in enumerate(at):
        there = trained(data, **common, iterations=n)
        for where, some, weight in zip(("training", "validation"), (data, held_out), weights.values(), strict=True):
            for name, value in by_scikit_learn(there, some, weight).items():
                assert run.history.metrics[f"{where}_{name}"][row] == pytest.approx(value, rel=1e-9), (name, n)


@ENGINES
def test_metrics_of_values(engine: str) -> None:
    draw = np.random.RandomState(0)
    data = Part(draw.randn(4, 30), draw.randn(2, 30) * [[1.0], [10.0]])
    run = trained(data, metrics=("r2", "mae", "rmse"), engine=engine, learning_rate=0.01)
    errors = run.predict(data.X) - data.Y
    final = run.history.final_metrics
    spread = ((data.Y - data.Y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    assert final["training_r2"] == pytest.approx((1 - (errors**2).sum(axis=1) / spread).mean(), rel=1e-9)
    assert final["training_mae"] == pytest.approx(abs(errors).mean(), rel=1e-9)
    assert final["training_rmse"] == pytest.approx(np.sqrt((errors**2).mean(axis=1)).mean(), rel=1e-9)
    assert list(final) == ["training_r2", "training_mae", "training_rmse"]


def test_several_labels_are_looked_at_one_by_one() -> None:
    from sklearn.metrics import f1_score

    draw = np.random.RandomState(0)
    data = Part(draw.randn(4, 30), draw.randint(0, 2, (3, 30)).astype(np.float64))
    run = trained(data, Network([4, 3], output="sigmoid"), metrics=["accuracy", "f1"])
    final, told = run.history.final_metrics, run.predict(data.X)
    assert final["training_accuracy"] == pytest.approx(run.accuracy(data))
    pairs = zip(data.Y, told, strict=True)
    assert final["training_f1"] == pytest.approx(np.mean([f1_score(*pair, average="macro") for pair in pairs]))


def test_what_a_class_that_is_not_there_leaves_undefined_is_nan() -> None:
    alone = Part(np.ones((6, 4)), np.ones((1, 4)))
    run = trained(part(classes=2), validation=alone, metrics=("auc", "balanced_accuracy"), iterations=2)
    assert np.isnan(run.history.metrics["validation_auc"]).all()
    assert not np.isnan(run.history.metrics["training_auc"]).any()


@ENGINES
def test_a_diverged_training_has_metrics_and_a_log_until_then(engine: str, tmp_path: Path) -> None:
    X = np.array([[1.0, 2.0, 3.0]])
    run = trained(
        Part(X, 2 * X), Network([1, 1]), learning_rate=10.0, iterations=5000, metrics="r2", every=7, engine=engine,
        log=tmp_path,
    )  # fmt: skip
    n = len(run.history.costs)
    assert n < 5000
    assert run.history.metrics_at.tolist() == sorted({*range(7, n, 7), n})
    assert [row["iteration"] for row in in_csv(tmp_path / "log.csv")] == run.history.metrics_at.tolist()
    assert math.isnan(in_json(tmp_path / "log.jsonl")[-1]["cost"])


def test_metrics_are_kept_and_come_back(tmp_path: Path) -> None:
    run = trained(metrics=("f1", "auc"), validation=part(seed=1))
    again = layerlab.load(run.save(tmp_path / "run"))
    for name, values in run.history.metrics.items():
        assert_array_equal(again.history.metrics[name], values)
    assert_array_equal(again.history.metrics_at, run.history.metrics_at)
    assert layerlab.load(trained().save(tmp_path / "other")).history.metrics == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metrics_at": [1, 2]}, "as many values of every metric as metrics_at"),
        ({"metrics_at": [3, 2, 1]}, "each above the one before"),
        ({"metrics_at": [1, 2, 4]}, "numbers of updates that were made"),
        ({"metrics_at": [1.0, 2, 3]}, "wanted numbers of updates as metrics_at"),
        ({"metrics": {"training_beauty": [1, 2, 3]}}, "no metric is called training_beauty"),
        ({"metrics": [1]}, "is damaged or was changed"),
        ({"stopped": 1}, "interrupted, stopped and validated_after true or false"),
        ({"epoch": 0}, "as every, and as epoch"),
    ],
)
def test_a_changed_history_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    folder = trained(metrics="f1", iterations=3).save(tmp_path / "run")
    record = json.loads((folder / "run.json").read_text())
    record["history"] |= changes
    (folder / "run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=words):
        layerlab.load(folder)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"metrics": "beauty"}, "metrics=('beauty',): wanted some of 'accuracy', 'error', 'balanced_accuracy', 'f1'"),
        ({"metrics": ("r2",)}, "metrics=('r2',): wanted some of 'accuracy'"),
        ({"metrics": ("f1", "f1")}, "metrics=('f1', 'f1'): wanted some of"),
        ({"metrics": 3}, "metrics=3: wanted some of"),
        ({"metrics": [["f1"]]}, "metrics=[['f1']]: wanted some of"),
        ({"metrics": "f1", "every": 0}, "every=0: wanted a whole number of at least 1"),
        ({"every": 2}, "every=2 has no meaning without metrics, a callback or a log"),
        ({"callback": 3}, "callback=3: wanted a function that takes a Moment"),
    ],
)  # fmt: skip
def test_wishes_that_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        trained(**settings)
    assert str(caught.value).startswith(words)


# Callbacks


@ENGINES
def test_a_callback_hears_of_every_epoch(engine: str) -> None:
    heard: list[Moment] = []
    kept: list[Any] = []

    def hear(moment: Moment) -> str:
        heard.append(moment)
        kept.append(moment.parameters())
        return "more"  # only True ends a training

    settings: dict[str, Any] = {"batch_size": 10, "iterations": 13, "validation": part(seed=1), "engine": engine}
    run = trained(callback=hear, metrics="f1", **settings)
    assert [(moment.epoch, moment.iteration) for moment in heard] == [(1, 3), (2, 6), (3, 9), (4, 12), (5, 13)]
    assert_allclose([moment.cost for moment in heard], run.history.curve, rtol=1e-12)
    assert [moment.validation_cost for moment in heard] == [*run.history.validation_costs, None]
    assert [moment.validation_accuracy for moment in heard] == [*run.history.validation_accuracies, None]
    assert [moment.metrics["validation_f1"] for moment in heard] == run.history.metrics["validation_f1"].tolist()
    assert all(earlier.seconds < later.seconds for earlier, later in pairwise(heard))
    assert heard[-1].seconds == pytest.approx(run.history.seconds)
    same = assert_array_equal if engine == "numpy" else assert_allclose
    for moment, parameters in zip(heard, kept, strict=True):
        there = trained(**{**settings, "iterations": moment.iteration})
        for name, value in there.parameters.items():
            same(parameters[name], value)
    with pytest.raises(InputError, match="the moment is over: ask for its parameters inside the callback"):
        heard[0].parameters()


@ENGINES
def test_without_batches_it_hears_at_most_a_hundred_times_or_as_often_as_is_said(engine: str) -> None:
    heard: list[int] = []
    settings: dict[str, Any] = {"callback": lambda moment: heard.append(moment.iteration), "engine": engine}
    run = trained(iterations=250, **settings)
    assert heard == [*range(3, 250, 3), 250]
    heard.clear()
    trained(iterations=70, every=20, **settings)
    assert heard == [20, 40, 60, 70]
    assert run.history.costs.shape == (250,)


def test_in_the_span_the_parameters_are_those_of_all_features() -> None:
    data = part(m=12, p=80)
    kept: list[Any] = []
    run = trained(data, callback=lambda moment: kept.append(moment.parameters()), every=6)
    assert run.plan is not None
    assert run.plan.basis == "span"
    assert_array_equal(kept[-1]["W1"], run.parameters["W1"])
    assert_array_equal(kept[0]["W1"], trained(data, iterations=6).parameters["W1"])


@ENGINES
def test_a_callback_that_returns_true_ends_the_training(engine: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"batch_size": 10, "iterations": 300, "engine": engine}
    run = trained(callback=lambda moment: moment.epoch == 4, **settings)
    assert len(run.history.costs) == 12
    assert (run.history.stopped, run.history.interrupted) == (True, False)
    there = trained(**{**settings, "iterations": 12})
    assert_allclose(run.parameters["W1"], there.parameters["W1"], rtol=1e-12)
    assert not there.history.stopped
    assert layerlab.load(run.save(tmp_path / "run")).history.stopped
    assert trained(callback=lambda moment: np.bool_(True), iterations=5).history.stopped


@ENGINES
def test_an_exception_in_a_callback_loses_no_checkpoint(engine: str, tmp_path: Path) -> None:
    def fail(moment: Moment) -> None:
        if moment.epoch == 5:
            raise ZeroDivisionError("mine")

    settings: dict[str, Any] = {
        "batch_size": 10, "iterations": 30, "engine": engine, "metrics": ("f1", "auc"), "checkpoint": tmp_path / "c",
        "log": tmp_path / "log",
    }  # fmt: skip
    with pytest.raises(ZeroDivisionError, match="mine"):
        trained(callback=fail, **settings)
    assert [row["epoch"] for row in in_json(tmp_path / "log.jsonl")] == [1, 2, 3, 4, 5]
    heard: list[int] = []
    run = trained(callback=lambda moment: heard.append(moment.epoch), resume=True, **settings)
    assert heard == [6, 7, 8, 9, 10]  # of the others it had heard
    whole = trained(**{**settings, "checkpoint": None, "log": None})
    assert run.history.metrics_at.tolist() == whole.history.metrics_at.tolist()
    for name, values in whole.history.metrics.items():
        assert_allclose(run.history.metrics[name], values, rtol=1e-9)
    rows = in_csv(tmp_path / "log.csv")
    assert [row["epoch"] for row in rows] == list(range(1, 11))
    assert_allclose([row["training_f1"] for row in rows], whole.history.metrics["training_f1"], rtol=1e-9)
    assert rows[-1]["seconds"] == pytest.approx(run.history.seconds)
    with pytest.raises(InputError, match="belongs to another training, with other metrics"):
        trained(**{**settings, "metrics": "f1"}, resume=True)


def test_with_a_monitor_it_hears_of_the_epochs_after_the_best_too() -> None:
    heard: list[Moment] = []
    settings: dict[str, Any] = {"monitor": "validation_accuracy", "patience": 5, "learning_rate": 1e-12}
    run = trained(validation=part(seed=1), callback=heard.append, iterations=50, **settings)
    assert [moment.epoch for moment in heard] == [1, 2, 3, 4, 5, 6]
    assert run.history.kept_at == 1


# The log


@ENGINES
@pytest.mark.parametrize("chunk_seconds", [0.0, 0.05])
@pytest.mark.parametrize("settings", [{}, {"batch_size": 10}, {"batch_size": 10, "validation": None}], ids=str)
def test_the_log_has_a_line_an_epoch(
    engine: str, chunk_seconds: float, settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK_SECONDS", chunk_seconds)  # whatever is one chunk
    settings = {"validation": part(seed=1), "iterations": 40, "engine": engine, **settings}
    run = trained(log=tmp_path / "here" / "epochs", **settings)
    n = 14 if settings.get("batch_size") else 40  # the last one is not whole
    rows = in_csv(tmp_path / "here" / "epochs.csv")
    assert [row["epoch"] for row in rows] == list(range(1, n + 1))
    assert_allclose([row["cost"] for row in rows], run.history.curve, rtol=1e-12)
    validated = run.history.validation_costs
    assert [row["validation_cost"] for row in rows][: len(validated)] == validated.tolist()
    assert all(math.isnan(row["validation_cost"]) for row in rows[len(validated) :])
    assert rows[-1]["iteration"] == 40
    again = in_json(tmp_path / "here" / "epochs.jsonl")
    assert repr(again) == repr([{name: int(value) if name in ("epoch", "iteration") else value
                                 for name, value in row.items()} for row in rows])  # fmt: skip
    saved = in_csv(run.save(tmp_path / "run") / "log.csv")
    for row, other in zip(rows, saved, strict=True):
        assert repr({**row, "seconds": 0}) == repr({**other, "seconds": 0})


def test_of_very_many_updates_it_has_at_most_ten_thousand_lines(tmp_path: Path) -> None:
    data = part(m=4, p=2, classes=2)
    run = trained(data, Network([2, 1]), iterations=25_000, learning_rate=1e-3, log=tmp_path)
    at = [int(row["iteration"]) for row in in_csv(tmp_path / "log.csv")]
    assert at == [*range(3, 25_000, 3), 25_000]
    assert [int(row["iteration"]) for row in in_csv(run.save(tmp_path / "run") / "log.csv")] == at


def test_pandas_reads_both(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    run = trained(batch_size=10, iterations=40, metrics=("accuracy", "f1"), validation=part(seed=1), log=tmp_path)
    table, lines = pandas.read_csv(tmp_path / "log.csv"), pandas.read_json(tmp_path / "log.jsonl", lines=True)
    assert list(table.columns) == list(lines.columns)
    assert list(table.columns) == [
        "epoch", "iteration", "cost", "validation_cost", "validation_accuracy", "training_accuracy", "training_f1",
        "validation_f1", "seconds",
    ]  # fmt: skip
    assert_allclose(table["validation_accuracy"], run.history.metrics["validation_accuracy"])
    assert_allclose(lines["cost"], table["cost"])


def test_members_of_a_sweep_are_saved_with_a_log(tmp_path: Path) -> None:
    result = layerlab.sweep(Network([6, 3]), part(), learning_rate=[0.1, 1e9], iterations=5, progress=False)
    rows = in_csv(result.runs[0].save(tmp_path / "one") / "log.csv")
    assert_allclose([row["cost"] for row in rows], result.histories[0].costs)


def test_nothing_is_overwritten_but_by_a_training_that_goes_on(tmp_path: Path) -> None:
    trained(log=tmp_path)
    with pytest.raises(InputError, match=r"log\.csv: is there already, and nothing is overwritten"):
        trained(log=tmp_path)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv: is there already"):
        trained(log=tmp_path / "folder", checkpoint=tmp_path / "c", resume=True)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and /dev/full are Linux's")
def test_a_log_that_cannot_be_written_costs_no_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match=r"/proc/x\.csv: cannot be made"):
        trained(log="/proc/x")
    from layerlab.training import callbacks

    monkeypatch.setattr(callbacks, "check_log", lambda place, again: (Path("/dev/full"), tmp_path / "log.jsonl"))
    assert len(trained(log=tmp_path, batch_size=10).history.costs) == 12
    assert capsys.readouterr().err.count("the log could not be written") == 1


KILLED = """
import sys, numpy, layerlab
from layerlab.training import checkpoint
checkpoint.SECONDS = 0.01
draw = numpy.random.RandomState(0)
data = draw.randn(20, 300), (draw.rand(1, 300) > 0.5) * 1.0
print("begun", flush=True)
layerlab.train(
    layerlab.Network([20, 4, 1], hidden="tanh"), data, learning_rate=0.01, batch_size=64, epochs=1500, engine="numpy",
    checkpoint=sys.argv[1], resume=True, log=sys.argv[2], progress=False,
)
"""


@pytest.mark.processes
@pytest.mark.skipif(os.name == "nt", reason="processes are killed otherwise on Windows")
def test_a_killed_training_leaves_whole_lines_and_goes_on_with_all_of_them(tmp_path: Path) -> None:
    chance = random.Random(0)  # noqa: S311
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path / "c"), str(tmp_path / "log")]
    lengths = []
    for _ in range(5):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        while not (tmp_path / "log.jsonl").exists():  # it grows while the training runs
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.1))
        process.kill()
        process.wait()
        process.stdout.close()
        for file, read in (("log.csv", in_csv), ("log.jsonl", in_json)):
            rows = read(tmp_path / file)
            assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
            assert (tmp_path / file).read_bytes()[-1:] in (b"\n", b"")
        lengths.append(len(rows))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    assert lengths[0] > 0
    assert [row["epoch"] for row in in_csv(tmp_path / "log.csv")] == list(range(1, 1501))


# On the command line


def test_the_command_line_keeps_the_log_in_the_run(say: Say, tmp_path: Path) -> None:
    said = say("train", "digits", "--batch-size", 400, "--epochs", 3, "--validation", 0.2, "--out", "run",
               "--metrics", "accuracy,f1", "--json", "facts.json")  # fmt: skip
    assert said.status == 0
    rows = in_csv(tmp_path / "run" / "log.csv")
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert all(row["seconds"] > 0 for row in rows)
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["metrics"]["validation_f1"] == rows[-1]["validation_f1"]
    assert f"validation f1: {rows[-1]['validation_f1']:.6g}" in said.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts.json", "run"]
    assert layerlab.load(tmp_path / "run").history.metrics_at.tolist() == [3, 6, 9]


def test_a_log_of_ones_own_stays(say: Say, tmp_path: Path) -> None:
    command = ["train", "flower", "--iterations", 9, "--every", 4, "--log", "mine"]
    assert say(*command, "--out", "a").status == 0
    assert [row["iteration"] for row in in_csv(tmp_path / "mine.csv")] == [4, 8, 9]
    assert (tmp_path / "mine.jsonl").read_bytes() == (tmp_path / "a" / "log.jsonl").read_bytes()
    said = say(*command, "--out", "b")
    assert said.status == 2
    assert said.err.startswith("layerlab: mine.csv: is there already")
    said = say(*command[:-1], "b/log", "--out", "b")
    assert said.status == 2
    assert said.err.startswith("layerlab: b/log: lies in b, which is the place of --out too")


def test_what_a_killed_training_left_is_begun_anew_and_its_name_is_taken(say: Say, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "flower-1.log.csv").write_text("epoch\n")
    assert say("train", "flower", "--iterations", 2).status == 0
    assert (tmp_path / "runs" / "flower-2" / "log.csv").exists()
    assert say("train", "flower", "--iterations", 2, "--out", "runs/flower-1").status == 0
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["flower-1", "flower-2"]


def test_checkpoints_written_after_every_chunk_hold_the_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)
    settings: dict[str, Any] = {"metrics": "f1", "every": 5, "checkpoint": tmp_path / "c"}
    run = trained(**settings)
    again = trained(resume=True, **settings)
    assert_array_equal(again.history.metrics["training_f1"], run.history.metrics["training_f1"])
    assert again.history.seconds == pytest.approx(run.history.seconds)


# The recipes of docs/logging.md, with stand-ins that take what MLflow 3.17, torch 2.13 and wandb 0.31 take (their own
# signatures, read with inspect.signature); with these packages themselves the recipes were run by hand.

PAGE = (Path(__file__).parent.parent / "docs" / "logging.md").read_text(encoding="utf-8")
Calls = list[tuple[Any, ...]]


def run_recipe(name: str) -> None:
    """One of the page's blocks that sybil skips, with what the page has before it."""
    blocks = re.findall(r"<!-- skip: next -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    (recipe,) = (block for block in blocks if f"import {name}" in block)
    settings = {"learning_rate": 0.01, "optimizer": "adam", "batch_size": 100, "epochs": 5}
    assert json.dumps(settings) in PAGE
    digits, network = layerlab.datasets.load_digits(), Network([64, 32, 10])
    exec(recipe, {"layerlab": layerlab, "digits": digits, "network": network, "settings": settings})  # noqa: S102


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, **contents: Any) -> None:
    """A module that is imported in place of the real one, and of those above it."""
    parents = name.split(".")
    for n in range(1, len(parents) + 1):
        module = ModuleType(".".join(parents[:n]))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(module).update(contents)


class StandIn:
    """A context that ends, and a list of calls."""

    def __init__(self, calls: Calls) -> None:
        self.calls, self.summary = calls, dict[str, Any]()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.append(("end", self.summary))


def test_the_recipe_for_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Calls = []

    def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> None:
        calls.append(("experiment", experiment_name))

    def start_run(run_id: str | None = None, experiment_id: str | None = None, run_name: str | None = None) -> StandIn:
        return StandIn(calls)

    def log_params(params: dict[str, Any], synchronous: bool | None = None, run_id: str | None = None) -> None:
        calls.append(("params", *params))

    def log_metrics(metrics: dict[str, float], step: int | None = None, synchronous: bool | None = None) -> None:
        calls.append(("metrics", step, *metrics))
        assert all(type(value) is float for value in metrics.values())

    def log_artifacts(local_dir: str, artifact_path: str | None = None, run_id: str | None = None) -> None:
        calls.append(("artifacts", *sorted(os.listdir(local_dir))))  # noqa: PTH208

    functions = (set_experiment, start_run, log_params, log_metrics, log_artifacts)
    stand_in(monkeypatch, "mlflow", **{function.__name__: function for function in functions})
    monkeypatch.chdir(tmp_path)
    run_recipe("mlflow")
    names = ("cost", "validation_cost", "training_f1", "validation_f1")
    assert calls == [
        ("experiment", "digits"),
        ("params", "learning_rate", "optimizer", "batch_size", "epochs"),
        *(("metrics", epoch, *names) for epoch in range(1, 6)),
        ("artifacts", "log.csv", "log.jsonl", "model.safetensors", "run.json"),
        ("end", {}),
    ]


def test_the_recipe_for_tensorboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Calls = []

    class SummaryWriter(StandIn):
        def __init__(self, log_dir: str | None = None, comment: str = "") -> None:  # noqa: ARG002
            super().__init__(calls)

        def add_scalar(self, tag: str, scalar_value: float, global_step: int | None = None) -> None:
            calls.append((tag, global_step, type(scalar_value)))

        def add_scalars(self, main_tag: str, tag_scalar_dict: dict[str, float], global_step: int | None = None) -> None:
            calls.append((main_tag, global_step, *tag_scalar_dict))

        def add_histogram(self, tag: str, values: Any, global_step: int | None = None) -> None:
            calls.append((tag, global_step, values.shape))

    stand_in(monkeypatch, "torch.utils.tensorboard", SummaryWriter=SummaryWriter)
    monkeypatch.chdir(tmp_path)
    run_recipe("SummaryWriter")
    assert calls[:4] == [
        ("cost", 1, "training", "validation"), ("W1", 1, (32, 64)), ("training_f1", 1, float),
        ("validation_f1", 1, float),
    ]  # fmt: skip
    assert len(calls) == 5 * 4 + 1


def test_the_recipe_for_weights_and_biases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Calls = []

    class Board(StandIn):
        def log(self, data: dict[str, Any], step: int | None = None) -> None:
            calls.append((step, *data))

    def init(
        entity: str | None = None, project: str | None = None, config: Any = None, mode: str | None = None
    ) -> Board:
        assert mode in ("online", "offline", "disabled", "shared", None)
        calls.append((project, *config))
        return Board(calls)

    stand_in(monkeypatch, "wandb", init=init)
    monkeypatch.chdir(tmp_path)
    run_recipe("wandb")
    assert calls[0] == ("digits", "learning_rate", "optimizer", "batch_size", "epochs")
    names = ("cost", "validation_cost", "training_f1", "validation_f1")
    assert calls[1:-1] == [(epoch, *names) for epoch in range(1, 6)]
    assert calls[-1] == ("end", {"updates": 75})
