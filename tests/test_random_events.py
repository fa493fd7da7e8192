"""A hundred trainings with random events: the text that repeats each, run in a new process, gives the same bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from small_data import write_table

import layerlab
from layerlab import InputError, Network, Run, Stepper
from layerlab.datasets import Dataset, Part, load_data, load_flower
from layerlab.formulas import OPTIMIZERS, SCHEDULES
from layerlab.runs.how_to_repeat import python_lines

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # all runs here are short

TRAININGS = 100
ENGINES = ("numpy", "xla")
COMPILED = 10
"""Every tenth training is computed by the compiled engine."""

CONTRACT = 1e-9
"""Relative: XLA may differ in the last bits from process to process."""

WEIGHTS = np.arange(17) / 4
"""Of the examples that are given as arrays."""

REPEATER = """
import json, sys, warnings
from pathlib import Path
import numpy as np
warnings.simplefilter("ignore")
folder = Path(sys.argv[1])
failed = {}
for number, text in json.loads((folder / "texts.json").read_text()).items():
    kept = np.load(folder / "arrays.npz")
    names = {"X": kept["X"], "Y": kept["Y"], "w": kept["w"]}
    try:
        exec(compile(text, number, "exec"), names)
        run = names["run"]
        np.savez(folder / f"again-{number}.npz", costs=run.history.costs, **run.parameters)
    except Exception as error:
        failed[number] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""
"""Runs all texts, as a reader would run each, and keeps the costs and parameters of ``run``."""


class Training(NamedTuple):
    """A training with events, and the text that repeats it.

    Attributes:
        number: its seed.
        stepper, run: what was stepped, and the run that it gave.
        known: whether its data have a name or a file.
        validation: the expression that gives the validation set in its text; "" where there is none.
        done: what was asked for, and whether it was refused.
    """

    number: int
    stepper: Stepper
    run: Run
    known: bool
    validation: str
    done: list[tuple[str, bool]]


Made = dict[str, tuple[Any, Network]]


def datasets_in(folder: Path) -> Made:
    """Data sets of several kinds, each with its network: the span is planned for the small wide one."""
    random = np.random.RandomState(1)
    X = random.randint(-16, 17, (15, 60)) / 8
    np.savez(folder / "wide.npz", X=X, y=(X[:, 0] + X[:, 1] > 0).astype(int))
    write_table(folder / "table.csv", "value")
    X, Y = random.randn(4, 17), np.eye(3)[:, np.arange(17) % 3]
    np.savez(folder / "arrays.npz", X=X, Y=Y, w=WEIGHTS)
    wide, table = load_data(folder / "wide.npz", target="y"), load_data(folder / "table.csv", target="value")
    return {
        "flower": (load_flower(), Network([2, 5, 1], hidden="tanh")),
        "wide": (wide, Network([60, 4, 3, 1], hidden="relu")),
        "table": (table, Network([table.train.X.shape[0], 6, 1], hidden="sigmoid")),
        "arrays": (Part(X, Y), Network([4, 5, 3], hidden="mish")),
    }


def settings_for(random: np.random.RandomState, data: Any, engine: str) -> dict[str, Any]:
    """Random settings for the start."""
    optimizer = str(random.choice([*OPTIMIZERS, "gd", "gd", "lbfgs"]))
    settings: dict[str, Any] = {"optimizer": optimizer, "iterations": int(random.randint(20, 60)), "engine": engine}
    settings |= {"seed": int(random.randint(5)), "l2": float(random.choice([0.0, 0.0, 0.3]))}
    if optimizer == "lbfgs":
        return settings
    size = (data.train if isinstance(data, Dataset) else data).X.shape[1]
    settings["learning_rate"] = float(random.choice([0.01, 0.05, 0.1]))
    if random.rand() < 0.4:
        settings["batch_size"] = int(random.randint(2, size))
    if random.rand() < 0.3:
        settings["dropout"] = 0.25
    if random.rand() < 0.3:
        settings["clip_norm"] = 0.5
    if random.rand() < 0.4:
        settings["schedule"] = str(random.choice([name for name in SCHEDULES if name != "constant"]))
    if random.rand() < 0.3 and isinstance(data, Dataset):
        settings |= {"validation": data.test, "monitor": "validation_cost", "patience": int(random.randint(1, 9))}
    elif random.rand() < 0.3:
        settings |= {"monitor": "cost", "patience": 3}
    if not isinstance(data, Dataset) and random.rand() < 0.5:
        settings["sample_weight"] = WEIGHTS
    return settings


Act = Callable[[Stepper, np.random.RandomState], Any]


def _edit(stepper: Stepper, random: np.random.RandomState) -> None:
    names = list(stepper.network.shapes)
    name = names[random.randint(len(names))]
    rows, columns = stepper.network.shapes[name]
    stepper.edit(name, int(random.randint(rows)), int(random.randint(columns)), float(random.randn()))


ACTS: dict[str, Act] = {
    "advance": lambda s, r: s.advance(int(r.randint(1, 16))),
    "learning_rate": lambda s, r: s.change(learning_rate=float(r.rand() * 0.2 + 1e-3)),
    "too large": lambda s, r: s.change(learning_rate=1e30),
    "l2": lambda s, r: s.change(l2=float(r.choice([0.0, 0.1, 1.5]))),
    "dropout": lambda s, r: s.change(dropout=float(r.choice([0.0, 0.4]))),
    "clip_norm": lambda s, r: s.change(clip_norm=(None, 0.1, 2.0)[r.randint(3)]),
    "optimizer": lambda s, r: s.change(optimizer=str(r.choice(list(OPTIMIZERS)))),
    "schedule": lambda s, r: s.change(schedule=str(r.choice(list(SCHEDULES)))),
    "own of a schedule": lambda s, r: s.change(schedule="step", interval=2, drop=0.5),
    "momentum": lambda s, r: s.change(optimizer="momentum", momentum=float(r.rand())),
    "seed": lambda s, r: s.change(dropout_seed=int(r.randint(9)), batch_seed=int(r.randint(9))),
    "labels": lambda s, r: s.change(class_weight="balanced", label_smoothing=0.1),
    "batch_size": lambda s, r: s.change(batch_size=(None, 3, 5)[r.randint(3)]),
    "two": lambda s, r: s.change(learning_rate=float(r.rand() * 0.1 + 1e-3), l2=0.2),
    "basis": lambda s, r: s.change(basis="full"),
    "engine": lambda s, r: s.change(engine="numpy" if s.job.common["engine"] == "numpy" else str(r.choice(ENGINES))),
    "edit": _edit,
    "seek": lambda s, r: s.seek(int(r.randint(s.update + 1))),
    "ahead": lambda s, r: s.seek(min(s.furthest, s.update + int(r.randint(9)))),
    "prolong": lambda s, r: s.prolong(int(r.randint(1, 20))),
    "dissect": lambda s, r: s.dissect(),
}
"""Everything that one can do to a training."""


def present(stepper: Stepper) -> tuple[Any, ...]:
    """What a refusal must not change."""
    values = {name: value.tobytes() for name, value in stepper.parameters().items()}
    return stepper.update, stepper.iterations, stepper.events, stepper.costs.tobytes(), values


def act(stepper: Stepper, random: np.random.RandomState) -> tuple[str, bool]:
    """Do something random; what is refused leaves everything as it was."""
    names = list(ACTS)
    name = "advance" if random.rand() < 0.45 else names[random.randint(len(names))]
    before, said = present(stepper), ""
    try:
        ACTS[name](stepper, random)
    except InputError as error:
        said = str(error)
    assert not said or present(stepper) == before, f"{name} was refused, and changed something: {said}"
    return name, bool(said)


def training(number: int, made: Made) -> Training:
    """A training of this seed."""
    random = np.random.RandomState(number)
    names = list(made)
    data, network = made[names[number % len(names)]]
    engine = "xla" if number % COMPILED == 0 else "numpy"
    settings, known = settings_for(random, data, engine), isinstance(data, Dataset)
    stepper = Stepper(network, data, **settings)
    stepper.advance(int(random.randint(1, 12)))
    done = [act(stepper, random) for _ in range(random.randint(2, 6) if engine == "xla" else random.randint(4, 14))]
    validation = "data.test" if known and "validation" in settings else ""
    return Training(number, stepper, stepper.run(), known, validation, done)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="module")
def trainings(folder: Path) -> list[Training]:
    made = datasets_in(folder)
    return [training(number, made) for number in range(TRAININGS)]


def repeated(folder: Path, texts: dict[int, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Run the texts in a new process; yield the costs and parameters of each run."""
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(layerlab.__file__).parents[1])}
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", REPEATER, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=600,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout.splitlines()[-1]) == {}
    for number in texts:
        with np.load(folder / f"again-{number}.npz") as kept:
            yield number, dict(kept)


def test_the_text_run_in_this_process_gives_the_same_bits(folder: Path) -> None:
    made = datasets_in(folder)
    for number in range(1, 9):
        one, names = training(number, made), dict(np.load(folder / "arrays.npz"))
        exec(one.stepper.python(), names)  # noqa: S102
        assert_array_equal(names["run"].history.costs, one.run.history.costs)
        for name, value in one.run.parameters.items():
            assert_array_equal(names["run"].parameters[name], value, err_msg=one.stepper.python())


@pytest.mark.processes
def test_the_text_run_in_a_new_process_gives_the_same_bits(folder: Path, trainings: list[Training]) -> None:
    by_number = {one.number: one for one in trainings}
    texts = {one.number: one.stepper.python() for one in trainings}
    for number, found in repeated(folder, texts):
        run, text = by_number[number].run, texts[number]
        costs = found.pop("costs")
        assert list(found) == list(run.parameters)
        if "xla" not in text:
            assert_array_equal(costs, run.history.costs, err_msg=text)
            for name, value in run.parameters.items():
                assert_array_equal(found[name], value, err_msg=text)
            continue
        assert_allclose(costs, run.history.costs, rtol=CONTRACT, err_msg=text)
        for name, value in run.parameters.items():
            size = max(1e-3, float(np.abs(value).max()))
            assert_allclose(found[name], value, rtol=0, atol=CONTRACT * size, err_msg=text)


@pytest.mark.processes
def test_a_saved_run_has_the_same_text(tmp_path: Path, trainings: list[Training]) -> None:
    for one in trainings:
        if not np.isfinite(one.run.history.costs).all():
            continue  # a run that diverged is not saved
        one.run.save(tmp_path / f"{one.number}")
        loaded = layerlab.load(tmp_path / f"{one.number}")
        assert isinstance(loaded, Run)
        assert loaded.events == one.run.events == one.stepper.events
        if one.run.events:
            assert python_lines(loaded, one.known, one.validation) == one.stepper.python()


@pytest.mark.processes
def test_everything_happened(trainings: list[Training]) -> None:
    """The random choices are no empty test: each act was done and some were refused."""
    done = Counter(name for one in trainings for name, refused in one.done if not refused)
    assert set(done) == set(ACTS)
    assert min(done.values()) >= 5, done
    kinds = Counter(event.kind for one in trainings for event in one.run.events)
    assert set(kinds) == {"change", "edit", "prolong"}
    plans = Counter((one.run.plan.engine, one.run.plan.basis) for one in trainings if one.run.plan)
    assert set(plans) >= {("numpy", "full"), ("numpy", "span"), ("xla", "full")}


@pytest.mark.processes
def test_every_seek_gives_the_same_bits(trainings: list[Training]) -> None:
    """Back to any update and forward again: the parameters that were there before."""
    for one in trainings[:: TRAININGS // 20]:
        stepper, last = one.stepper, one.stepper.update
        seen = {}
        for update in range(0, last + 1, max(1, last // 7)):
            stepper.seek(update)
            seen[update] = stepper.parameters()
        for update in sorted(seen, key=lambda update: (update * 7) % 11):
            stepper.seek(update)
            for name, value in stepper.parameters().items():
                assert_array_equal(value, seen[update][name], err_msg=f"training {one.number}, update {update}")
        stepper.seek(last)
        for name, value in stepper.run().parameters.items():
            assert_array_equal(value, one.run.parameters[name])
