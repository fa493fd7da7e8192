"""What is taken away from the lab: Python, a notebook, weights, curves, the model file, and links that restore."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lab_bench import Desk

import layerlab
from layerlab import InputError, load
from layerlab.datasets import load_table
from layerlab.formulas.arrays import Floats
from layerlab.lab.commands import TAKEN
from layerlab.lab.links import link_of, restored
from layerlab.lab.opening import Given, Training, opened
from layerlab.lab.taking import Taken, cells_of, notebook, python, take

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

SETTINGS = {"iterations": 60}

WAYS: dict[str, dict[str, Any]] = {
    "flower": {},
    "digits": {"batch_size": 500, "optimizer": "adam", "learning_rate": 0.01, "dropout": 0.2},
    "breast_cancer": {"schedule": "cosine", "l2": 0.1, "clip_norm": 2.0, "dtype": "float32"},
    "blobs": {"optimizer": "momentum", "learning_rate": 0.01, "engine": "xla"},
    "noisy_moons": {"optimizer": "lbfgs", "learning_rate": None},
}
"""Data and settings of very different trainings."""


@pytest.fixture(autouse=True)
def without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")


def training_of(name: str, **settings: Any) -> Training:
    return opened(Given(name), settings={**SETTINGS, **WAYS[name], **settings})


def played(name: str, **settings: Any) -> Training:
    """A training that was played, changed, wound back and played on."""
    training = training_of(name, **settings)
    s = training.stepper
    s.advance(20)
    s.edit("W1", 0, 1, 0.1 + 0.2)
    if s.settings["optimizer"] != "lbfgs":
        s.change(learning_rate=0.02)
    s.advance(20)
    s.seek(30)
    s.edit("b1", 0, 0, -1e-5)
    s.prolong(10)
    s.advance(15)
    return training


def parameters_of(text: str) -> dict[str, Floats]:
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102  (it is what a person would run)
    run: layerlab.Run = names["run"]
    return dict(run.parameters)


def equal(one: Any, other: Any) -> bool:
    return sorted(one) == sorted(other) and all(np.array_equal(one[name], other[name]) for name in one)


# Python and notebooks


@pytest.mark.parametrize("name", WAYS)
def test_the_python_repeats_the_training_with_the_same_bits(name: str) -> None:
    for training in (training_of(name), played(name)):
        if training.stepper.update == 0:
            training.stepper.advance(25)
        assert equal(parameters_of(python(training)), training.stepper.run().parameters)


def test_the_python_names_the_test_set_where_that_is_the_validation_set() -> None:
    assert "validation = data.test\n" in python(training_of("flower"))
    held_out = python(opened(Given("flower", share=0.25)))
    assert "data, validation = layerlab.datasets.hold_out(data, 0.25, seed=0)\n" in held_out


def test_before_the_first_update_the_python_makes_the_initial_weights() -> None:
    training = training_of("flower")
    assert equal(parameters_of(python(training)), training.stepper.parameters())


def wine(folder: Path) -> Path:
    path = folder / "my wine.csv"
    random = np.random.RandomState(1)
    rows = [f"{a:.3f},{b:.3f},{'red' if a > b else 'white'}" for a, b in random.rand(60, 2)]
    path.write_text("\n".join(["acid,sugar,kind", *rows]) + "\n", encoding="utf-8")
    return path


def values(folder: Path) -> Given:
    """A table whose target is a number."""
    path = folder / "heights.csv"
    X = np.random.RandomState(2).randn(80, 3)
    rows = [f"{a:.3f},{b:.3f},{c:.3f},{100 + 30 * a - b * c:.2f}" for a, b, c in X]
    path.write_text("\n".join(["a,b,c,height", *rows]) + "\n", encoding="utf-8")
    return Given("heights", data=load_table(path, target="height"))


def given_wine(folder: Path, **options: Any) -> Given:
    data = load_table(wine(folder), target="kind", **options)
    return Given(data.name, data=data)


def test_the_python_of_a_table_finds_it_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wine(tmp_path)
    monkeypatch.chdir(tmp_path)
    data = layerlab.datasets.load_data("my wine.csv", target="kind")
    training = opened(Given("my wine", data=data), settings=SETTINGS)
    training.stepper.advance(10)
    text = python(training)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert f"load_data({str(tmp_path / 'my wine.csv')!r}, target='kind')" in text
    assert equal(parameters_of(text), training.stepper.run().parameters)


@pytest.mark.parametrize("name", WAYS)
def test_the_cells_of_the_notebook_run_and_are_the_python(name: str) -> None:
    training = played(name)
    book = json.loads(json.dumps(notebook(training)))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    about, *code = book["cells"]
    assert about["cell_type"] == "markdown"
    assert f"up to iteration {training.stepper.update}" in "".join(about["source"])
    pieces = ["".join(cell["source"]) for cell in code]
    assert "\n".join(pieces[:3]).replace("\n", "") == python(training).replace("\n", "")
    names: dict[str, Any] = {}
    for cell, piece in zip(code, pieces, strict=True):
        assert (cell["cell_type"], cell["outputs"], cell["execution_count"]) == ("code", [], None)
        assert cell["id"]
        with np.errstate(all="ignore"):
            exec(piece, names)  # noqa: S102
    assert equal(names["run"].parameters, training.stepper.run().parameters)
    assert len(names["axes"].lines) >= 2
    names["plt"].close("all")


def test_cells_are_the_whole_text() -> None:
    text = python(played("flower"))
    assert "".join(cells_of(text)) == text
    assert [cell.count("\n") > 0 for cell in cells_of(text)] == [True] * 3


# Files


def taken(training: Training, what: str, folder: Path) -> Path:
    found = take(training, what, folder)
    assert found.path is not None
    assert (found.path.parent, found.path.name, found.text) == (folder, found.name, None)
    return found.path


def test_weights_are_those_of_the_run(tmp_path: Path) -> None:
    training = played("flower")
    path = taken(training, "weights", tmp_path)
    assert path.name == "flower-45-weights.npz"
    with np.load(path) as arrays:
        assert equal(dict(arrays), training.stepper.parameters())


@pytest.mark.parametrize("name", WAYS)
def test_the_table_is_the_history(name: str, tmp_path: Path) -> None:
    training = played(name)
    history = training.stepper.history
    with taken(training, "curves_csv", tmp_path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["iteration", "cost", "validation_cost", "validation_accuracy"]
    assert [int(row["iteration"]) for row in rows] == list(range(len(rows)))
    assert [float(row["cost"]) for row in rows if row["cost"]] == history.costs.tolist()
    late = history.validated_after
    measured = [(int(row["iteration"]), float(row["validation_cost"])) for row in rows if row["validation_cost"]]
    at = [(k + 1) * history.epoch if late else k for k in range(len(history.validation_costs))]
    assert measured == list(zip(at, history.validation_costs.tolist(), strict=True))
    shares = [float(row["validation_accuracy"]) for row in rows if row["validation_accuracy"]]
    assert shares == [one for one in history.validation_accuracies.tolist() if not np.isnan(one)]


def test_the_picture_is_svg_with_both_curves(tmp_path: Path) -> None:
    text = taken(played("digits"), "curves_svg", tmp_path).read_text(encoding="utf-8")
    assert xml.etree.ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314  (our own)
    assert "training set" in text
    assert "validation set" in text


@pytest.mark.parametrize("name", WAYS)
def test_the_model_is_a_run_that_loads(name: str, tmp_path: Path) -> None:
    training = played(name)
    run = load(taken(training, "model", tmp_path))
    assert equal(run.parameters, training.stepper.run().parameters)
    assert run.events == training.stepper.events
    assert run.predict(training.data.test.X).shape[-1] == training.data.test.X.shape[1]


def test_everything_can_be_taken_before_the_first_update(tmp_path: Path) -> None:
    for what in TAKEN:
        folder = tmp_path / what
        folder.mkdir()
        found = take(training_of("flower"), what, folder)
        assert found.text or (found.path is not None and found.path.stat().st_size)


def test_what_a_diverged_training_cannot_give_is_said(tmp_path: Path) -> None:
    training = opened(values(tmp_path), settings={"learning_rate": 1e3, "iterations": 3000})
    while not training.stepper.ended:
        training.stepper.advance(100)
    assert training.stepper.run().diverged
    with pytest.raises(InputError, match="the run diverged"):
        take(training, "model", tmp_path)
    for what in ("python", "notebook", "weights", "curves_csv", "curves_svg", "link"):
        assert isinstance(take(training, what, tmp_path), Taken)


def test_a_name_of_data_makes_a_harmless_name_of_a_file(tmp_path: Path) -> None:
    data = load_table(wine(tmp_path), target="kind")
    training = opened(Given("../../x", data=data), settings=SETTINGS)
    assert taken(training, "weights", tmp_path).name == "my_wine-0-weights.npz"


def test_a_regression_is_taken_away_in_its_own_units(tmp_path: Path) -> None:
    training = opened(values(tmp_path), settings={"iterations": 200, "batch_size": None})
    training.stepper.advance(150)
    run = training.stepper.run()
    with np.load(taken(training, "weights", tmp_path)) as arrays:
        assert equal(dict(arrays), run.parameters)
    lines = taken(training, "curves_csv", tmp_path).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 151
    assert all(line.endswith(",") for line in lines[1:])  # numbers have no accuracy
    assert "half the squared error, per example" in "".join(notebook(training)["cells"][-1]["source"])
    assert equal(parameters_of(python(training)), run.parameters)


# Links


def again(link: str, given: Given | None = None) -> Training:
    """The training that a link makes, by the messages of a page."""
    desk = Desk(given)
    answers = desk.post("open", link=link, id=1)
    assert [one["type"] for one in answers if one.get("id") == 1] == ["opened"], answers
    desk.until_ready()
    assert not [one for _, one in desk.told if one["type"] == "refused"]
    assert desk.bench.training is not None
    return desk.bench.training


@pytest.mark.parametrize("name", WAYS)
def test_a_link_restores_update_and_numbers_with_the_same_bits(name: str) -> None:
    for training in (training_of(name), played(name)):
        stepper = training.stepper
        if stepper.update == 0:
            stepper.advance(33)
        link = link_of(training)
        assert len(link) <= 2000
        assert " " not in link
        other = again(link).stepper
        assert (other.update, other.iterations, other.events) == (stepper.update, stepper.iterations, stepper.events)
        assert dict(other.settings) == dict(stepper.settings)
        assert equal(other.parameters(), stepper.parameters())
        assert np.array_equal(other.costs, stepper.costs)
        assert np.array_equal(other.history.validation_costs, stepper.history.validation_costs)
        assert link_of(again(link)) == link


def test_a_link_can_be_read() -> None:
    training = training_of("flower", iterations=50)
    training.stepper.advance(7)
    training.stepper.edit("W1", 0, 1, 0.5)
    assert link_of(training) == (
        "v=1&d=flower&l=8,8&h=tanh&learning_rate=0.3&seed=1&initializer=lecun&iterations=50&update=7&e=7:W1.0.1=0.5"
    )


def test_a_link_of_a_file_names_it_and_opens_where_the_lab_has_it(tmp_path: Path) -> None:
    given = given_wine(tmp_path)
    training = opened(given, settings=SETTINGS)
    training.stepper.advance(12)
    link = link_of(training)
    assert "file=my%20wine.csv&digest=" in link
    assert "data.target=kind" in link
    assert str(tmp_path) not in link
    other = again(link, given)
    assert equal(other.stepper.parameters(), training.stepper.parameters())
    with pytest.raises(InputError) as error:
        restored(Given(), link)
    assert "open the lab with layerlab lab 'my wine.csv' --target kind" in str(error.value)
    changed = link.replace("digest=", "digest=0")
    with pytest.raises(InputError, match=r"needs another 'my wine\.csv' than the one here"):
        restored(given, changed)
    with pytest.raises(InputError, match=r"open the lab with layerlab lab 'my wine\.csv' --target 'a; b'"):
        restored(given, link.replace("data.target=kind", "data.target=a;%20b"))


def test_a_link_of_held_out_examples_says_how_to_open_the_lab() -> None:
    given = Given("flower", share=0.25)
    training = opened(given, settings=SETTINGS)
    link = link_of(training)
    assert "&validation=0.25&" in link
    assert again(link, given).validation.X.shape == (2, 100)
    with pytest.raises(InputError, match=r"needs the data 'flower': open the lab with layerlab lab flower --valid"):
        restored(Given(), link)
    plain = link_of(opened(Given("breast_cancer"), settings=SETTINGS))
    assert "&standardize=yes&" in plain
    with pytest.raises(InputError, match=r"layerlab lab breast_cancer --standardize$"):
        restored(Given("breast_cancer", standardize=False), plain)


START = "v=1&d=flower&l=8,8&h=tanh&learning_rate=0.3&iterations=50&update=7"

WRONG = {
    "": "not of this version",
    "v=2&d=flower": "not of this version",
    "v=1": "wanted the name of a dataset as d=",
    "v=1&d=flower": "l=… is missing",
    START.replace("&learning_rate=0.3", ""): "the link is damaged: learning_rate=… is missing",
    START.replace("&iterations=50", ""): "the link is damaged: iterations=… is missing",
    START.replace("update=7", "update=%00"): r"wanted a whole number and not '\x00'",
    START.replace("d=flower", "d=roses"): "no dataset is called 'roses'",
    START.replace("d=flower", "d=--yes-expose"): "a name or an option that cannot be",
    START.replace("d=flower", "file=x.csv"): "or of a file as file=… and digest=…",
    START.replace("d=flower", "d=cats"): "the lab downloads nothing",
    START.replace("8,8", "8,x"): "wanted a whole number and not 'x'",
    START.replace("8,8", "9000"): "at most 1024",
    START.replace("tanh", "step"): "hidden='step': wanted one of",
    START.replace("50", "10000000"): "wanted at most 1,000,000 in the lab",
    START.replace("update=7", "update=51"): "names update 51, beyond its iterations",
    START.replace("0.3", "inf"): "wanted a number and not 'inf'",
    START.replace("0.3", "-1"): "learning_rate=-1.0: wanted a finite number above 0",
    START + "&momentum=0.9": "momentum",
    START + "&rate=1": "no setting is called 'rate'",
    START + "&update=8": "twice",
    START + "&e=3:W1.0.0=1;2:W1.0.0=2": "a change after '2' updates is out of its order",
    START + "&e=8:W1.0.0=1": "out of its order",
    START + "&e=3:rate=1": "no setting is called 'rate'",
    START + "&e=3": "no setting is called ''",
    START + "&e=3:W1.0.0=nan": "wanted a number and not 'nan'",
    START + "&data.target=x": "open the lab with layerlab lab flower --target x",
    START + "&data.secret=x": "no setting is called 'data.secret'",
    "x" * 2001: "characters",
}


@pytest.mark.parametrize("link", WRONG)
def test_a_wrong_link_is_refused_in_a_sentence(link: str) -> None:
    desk = Desk()
    before = desk.bench.training
    answers = desk.post("open", link=link or "#", id=1)
    (refused,) = [one for one in answers if one.get("id") == 1]
    assert refused["type"] == "refused"
    assert WRONG[link] in refused["what"]
    assert "\n" not in refused["what"]
    assert desk.bench.training is before
    assert desk.bench.state == "ready"


@pytest.mark.parametrize(
    ("event", "why"),
    {
        "3:W9.0.0=1": "wanted one of W1, b1",
        "3:W1.99.0=1": "row 99 of W1",
        "3:iterations=9": "iterations",
        "3:seed=9": "seed",
        "3:learning_rate=none": "learning_rate",
        "3:iterations+999999": "at most 1,000,000",
    }.items(),
)
def test_a_change_that_cannot_be_made_ends_the_way_with_a_sentence(event: str, why: str) -> None:
    desk = Desk()
    desk.post("open", link=f"{START}&e={event}", id=1)
    desk.until_ready()
    (refused,) = [one["what"] for _, one in desk.told if one["type"] == "refused"]
    assert why in refused
    assert desk.update == 3
    desk.post("step", n=1)  # it goes on from there
    desk.until_ready()
    assert desk.update == 4


def test_a_link_stands_alone_and_can_be_stopped_on_its_way() -> None:
    desk = Desk()
    (refused,) = [one for one in desk.post("open", link=START, data="flower") if one["type"] == "refused"]
    assert "a link says all" in refused["what"]
    link = START.replace("50", "900000").replace("update=7", "update=800000") + "&e=700000:b1.0.0=1"
    (opened_one,) = [one for one in desk.post("open", link=link, id=2) if one["type"] == "opened"]
    assert opened_one["restored"] == {"update": 800000, "events": 1}
    desk.turn(3)
    assert desk.bench.state == "computing"
    desk.post("pause", id=3)
    assert desk.bench.state == "ready"
    assert 0 < desk.update < 700000
    assert not desk.last["events"]


def test_a_training_that_was_changed_too_often_has_no_link() -> None:
    training = training_of("flower")
    for k in range(200):
        training.stepper.edit("W1", 0, 0, 0.1 + k)
    with pytest.raises(InputError, match="changed by hand 200 times; take its Python"):
        link_of(training)
