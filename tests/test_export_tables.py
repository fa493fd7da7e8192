"""Runs on tables that leave layerlab, used as their receivers use them: raw columns in, answers out."""

from __future__ import annotations

import csv
import json
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from test_preparation import days, numbers, table, truths, two_tables, words

import layerlab
from layerlab import History, InputError, Network, Run, WorkError
from layerlab.datasets import Standardization
from layerlab.datasets.preparing.preparation import Preparation, learn_preparation
from layerlab.datasets.tabular.table import Column, Table
from layerlab.formulas import initialize_parameters

FORMATS = ["onnx", "numpy"]
NO_HISTORY = History(np.empty(0))

CARS = table(
    numbers("price", 10, 20, np.nan, 40, 50, 60),
    words("fuel", "diesel", "petrol", "petrol", "gas", "diesel", None),
    words("gear", "manual", "automatic", "manual", "automatic", "manual", "automatic"),
    truths("new", 0, 1, 1, 0, np.nan, 0, words=("No", "Yes")),
    Column("sold", "date", np.array(days(*[f"202{n}-0{n + 1}-1{n} 0{n}:30" for n in range(6)]))),
    words("sells", "slow", "fast", "fast", "slow", "fast", "slow"),
    numbers("speed", 1, 2, 3, 4, 5, 6),
)
FEATURES = ("price", "fuel", "gear", "new", "sold")
NEW = table(
    numbers("price", np.nan, 1e9, -3),
    words("fuel", "tar", None, "gas"),
    words("gear", "manual", "none", None),
    truths("new", np.nan, 1, 0),
    Column("sold", "date", np.array([np.nan, 20000.75, -1e5])),
)


def drawn(preparation: Preparation, dtype: str = "float64", **about: Any) -> Run:
    """A run with weights as drawn: nothing is trained."""
    n, classes = len(preparation.feature_names), preparation.class_names
    output = "softmax" if len(classes) > 2 else "sigmoid" if classes else "identity"
    parameters = initialize_parameters([n, 4, len(classes) if len(classes) > 2 else 1], seed=3)
    parameters = {name: (value + 0.1).astype(dtype) for name, value in parameters.items()}
    about |= {"class_names": classes, "feature_names": preparation.feature_names, "preparation": preparation}
    network = Network([n, 4, len(parameters["b2"])], "tanh", output)
    return Run(network, parameters, NO_HISTORY, {}, **about)


def cars(target: str = "sells", **about: Any) -> Run:
    return drawn(learn_preparation(CARS, target, FEATURES), **about)


def onnx_answers(path: Path, new: Table) -> list[NDArray[Any]]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    inputs = json.loads(about["inputs"])
    feeds = {}
    for column in new.columns:
        if column.name in inputs:
            values = np.where(column.missing, "", column.values) if column.kind == "category" else column.values
            feeds[inputs[column.name]] = values[:, None]
    answers: list[NDArray[Any]] = session.run(None, feeds)
    return answers


def own_answers(run: Run, new: Table) -> NDArray[Any]:
    """Probabilities of class 1, or values, (m,)."""
    assert run.preparation is not None
    X = run.preparation.features(new)
    X = run.standardization(X) if run.standardization else X
    answers: NDArray[Any] = (run.predict_proba if run.network.classifies else run.predict)(X)[0]
    return answers


# What the models answer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_model_takes_the_columns_as_they_came(tmp_path: Path, form: str, dtype: str) -> None:
    run = cars(dtype=dtype)
    done = layerlab.export(run, tmp_path / "model", CARS, format=form)
    assert done.examples == 6
    assert done.deviation <= {"float32": 1e-6, "float64": 1e-14}[dtype]
    expected, within = own_answers(run, NEW), {"float32": 1e-6, "float64": 1e-12}[dtype]
    if form == "onnx":
        probabilities, label = onnx_answers(tmp_path / "model", NEW)
    else:
        model = runpy.run_path(str(tmp_path / "model" / "predict.py"))
        columns = {column.name: column.values.tolist() for column in NEW.columns}
        probabilities, label = model["probabilities"](columns), model["predict"](columns)
    assert probabilities.dtype == dtype
    assert_allclose(probabilities[:, 1], expected, rtol=0, atol=within)
    assert_array_equal(label, expected > 0.5)


@pytest.mark.parametrize("form", FORMATS)
def test_values_and_standardised_features(tmp_path: Path, form: str) -> None:
    n = len(cars().feature_names)
    scaling = Standardization(np.full((n, 1), 0.3), np.linspace(0.5, 2, n)[:, None])
    run = cars("speed", standardization=scaling)
    assert layerlab.export(run, tmp_path / "model", CARS, format=form).deviation < 1e-14
    if form == "onnx":
        assert_allclose(onnx_answers(tmp_path / "model", NEW)[0][:, 0], own_answers(run, NEW), rtol=1e-12)


def test_onnx_own_reference_agrees(tmp_path: Path) -> None:
    layerlab.export(cars(), tmp_path / "model", CARS)
    feeds = {
        column.name: (np.where(column.missing, "", column.values) if column.kind == "category" else column.values)[
            :, None
        ]
        for column in NEW.columns
    }
    reference = ReferenceEvaluator(str(tmp_path / "model")).run(None, feeds)
    for one, other in zip(onnx_answers(tmp_path / "model", NEW), reference, strict=True):
        assert_allclose(one, other, atol=1e-12)


@given(two_tables(), st.sampled_from(["float32", "float64"]))
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("form", FORMATS)
def test_whatever_the_tables_hold(form: str, tables: tuple[Table, Table], dtype: str) -> None:
    train, new = tables
    run = drawn(learn_preparation(train, train.names[-1], train.names[:-1]), dtype)
    with tempfile.TemporaryDirectory() as folder:
        for number, examples in enumerate((train, new)):
            done = layerlab.export(run, Path(folder) / str(number), examples, format=form)
            assert done.deviation <= {"float32": 1e-5, "float64": 1e-10}[dtype]


@pytest.mark.parametrize("form", FORMATS)
def test_numbers_that_float32_does_not_tell_from_0_and_1(tmp_path: Path, form: str) -> None:
    x = np.array([-1, -0.5, 0, 0.5, 1]) * (1 + 1e-8)  # the scale is hardly 1
    some = table(numbers("x", *x), numbers("tiny", *(1e-60 * (x + 2))), numbers("y", *x))
    run = drawn(learn_preparation(some, "y", ["x", "tiny"]))
    assert layerlab.export(run, tmp_path / "model", some, format=form).deviation < 1e-14


# The ONNX file


def test_inputs_are_the_columns(tmp_path: Path) -> None:
    layerlab.export(cars(dtype="float32"), tmp_path / "model", CARS)
    session = onnxruntime.InferenceSession(tmp_path / "model", providers=["CPUExecutionProvider"])
    assert [(put.name, put.type, put.shape) for put in session.get_inputs()] == [
        ("price", "tensor(double)", ["batch", 1]),
        ("fuel", "tensor(string)", ["batch", 1]),
        ("gear", "tensor(string)", ["batch", 1]),
        ("new", "tensor(double)", ["batch", 1]),
        ("sold", "tensor(double)", ["batch", 1]),
    ]
    about = {entry.key: entry.value for entry in onnx.load(tmp_path / "model").metadata_props}
    assert json.loads(about["kinds"]) == {
        "price": "number", "fuel": "category", "gear": "category", "new": "truth", "sold": "date", "sells": "category",
    }  # fmt: skip
    assert json.loads(about["inputs"]) == {name: name for name in FEATURES}
    assert json.loads(about["class_names"]) == ["fast", "slow"]
    assert [(entry.domain, entry.version) for entry in onnx.load(tmp_path / "model").opset_import] == [
        ("", 13),
        ("ai.onnx.ml", 2),
    ]


def test_names_that_the_graph_has_inside_get_an_underscore(tmp_path: Path) -> None:
    called = ["X", "W1", "W1_", "label", "/0/1", "column 1", "column 0", "", "/0", "probabilities"]
    columns = [numbers(name, *np.random.RandomState(i).randn(6)) for i, name in enumerate(called)]
    some = table(*columns, words("y", *"ababab"))
    run = drawn(learn_preparation(some, "y", called))
    assert layerlab.export(run, tmp_path / "model", some).deviation < 1e-14
    about = {entry.key: entry.value for entry in onnx.load(tmp_path / "model").metadata_props}
    inputs = json.loads(about["inputs"])
    assert list(inputs) == called
    assert list(inputs.values()) == [
        "X_", "W1__", "W1_", "label_", "/0/1_", "column 1", "column 0", "_", "/0", "probabilities_",
    ]  # fmt: skip
    assert_allclose(onnx_answers(tmp_path / "model", some)[0][:, 1], own_answers(run, some))


# The NumPy folder


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def say(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """What ``python predict.py`` says, in an isolated Python."""
    command = [sys.executable, "-I", str(folder / "predict.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layerlab.export(cars(), tmp_path_factory.mktemp("source") / "model", CARS, format="numpy").path


@pytest.mark.processes
def test_a_table_of_text_is_read_and_answered_by_name(source: Path, tmp_path: Path) -> None:
    text = (
        "\ufeffsold; extra;fuel;new;price ;gear\n"
        "2026-01-02;x;tar;yes;;manual\n"
        '2026-01-02T06:00+06:00;;"gas";0;1e9; automatic\n'
        "NaT;;N/A;;-3;?\n"
    )
    done = say(source, written(tmp_path, text))
    assert (done.returncode, done.stderr) == (0, "")
    new = table(
        numbers("price", np.nan, 1e9, -3),
        words("fuel", "tar", "gas", None),
        words("gear", "manual", "automatic", None),
        truths("new", 1, 0, np.nan),
        Column("sold", "date", np.array([*days("2026-01-02", "2026-01-02"), np.nan])),
    )
    assert done.stdout.split() == [("fast", "slow")[int(p > 0.5)] for p in own_answers(cars(), new)]


@pytest.mark.processes
def test_values_are_printed(tmp_path: Path) -> None:
    run = cars("speed")
    folder = layerlab.export(run, tmp_path / "model", CARS, format="numpy").path
    with (tmp_path / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FEATURES)
        writer.writerows([[1.5, "gas", "manual", "Yes", "2026-01-02"], ["", "", "", "", ""]])
    done = say(folder, tmp_path / "rows.csv")
    new = table(
        numbers("price", 1.5, np.nan),
        words("fuel", "gas", None),
        words("gear", "manual", None),
        truths("new", 1, np.nan),
        Column("sold", "date", np.array([*days("2026-01-02"), np.nan])),
    )
    assert_allclose([float(word) for word in done.stdout.split()], own_answers(run, new), rtol=1e-12)


HEADER = "price,fuel,gear,new,sold\n"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            HEADER + "1,gas,manual,yes,2026-01-02\n3 €,,,,\n",
            "row 2, column 'price': wanted a number such as 1234.5, not '3 €'",
        ),
        (HEADER + "1,gas,manual,perhaps,\n", "row 1, column 'new': wanted No or Yes, not 'perhaps'"),
        (
            HEADER + "1,gas,manual,yes,31.12.2026\n",
            "column 'sold': wanted a date such as 2026-12-31 or 2026-12-31 23:59, not '31.12.2026'",
        ),
        (HEADER + "1,gas\n", "row 1 has 2 cells and the header 5"),
        ("price,fuel,gear,new\n", "the header has the column 'sold' 0 times, wanted once"),
        ("price," + HEADER, "the header has the column 'price' 2 times, wanted once"),
        ("", "the header has the column 'price' 0 times, wanted once"),
        (b"\xff\xfe\x00", "'utf-8' codec can't decode byte"),
        (HEADER + "1," + "x" * 200_000, "field larger than field limit"),
    ],
)
def test_a_bad_file_is_a_sentence(source: Path, tmp_path: Path, text: str | bytes, words: str) -> None:
    path = written(tmp_path, text)
    done = say(source, path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{path}: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.processes
def test_no_file_is_a_sentence(source: Path) -> None:
    for arguments in ((), ("nowhere.csv",), ("a", "b")):
        done = say(source, *arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "No such file" in done.stderr


@pytest.mark.processes
def test_a_plain_run_given_a_header_says_what_it_wants(tmp_path: Path) -> None:
    run = Run(Network([2, 1], output="sigmoid"), {"W1": np.ones((1, 2)), "b1": np.full((1, 1), -4.0)}, NO_HISTORY, {})
    folder = layerlab.export(run, tmp_path / "model", np.ones((2, 3)), format="numpy").path
    path = written(tmp_path, "a,b\n1,2\n")
    done = say(folder, path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{path}: could not convert string 'a' to float64")
    assert done.stderr.endswith("; wanted lines of 2 numbers with commas, and no header\n")
    assert "X has the shape (1, 3): wanted (m, 2)" in say(folder, written(tmp_path, "1,2,3\n")).stderr
    assert say(folder, written(tmp_path, "1,2\n3,4\n")).stdout.split() == ["0", "1"]


def test_no_name_becomes_code(tmp_path: Path) -> None:
    evil = [
        "'); raise SystemExit  #",
        '"""\nraise SystemExit\n"""',
        "{0} {lines} \\",
        "x\u2028y\u202e",
        "number(waves(",
    ]
    columns = [
        numbers(evil[0], *range(6)),
        words(evil[1], *(evil[:3] * 2)),
        words(evil[2], *(evil[3:] * 3)),
        truths(evil[3], 0, 1, 0, 1, 0, 1, words=(evil[0], evil[1])),
    ]
    some = table(*columns, words(evil[4], *(evil[:2] * 3)))
    run = drawn(learn_preparation(some, evil[4], evil[:4]), dataset=evil[1])
    for form in FORMATS:
        layerlab.export(run, tmp_path / form, some, format=form)
    model = runpy.run_path(str(tmp_path / "numpy" / "predict.py"))
    assert list(model["kinds"]) == evil[:4]
    assert model["words"] == {evil[3]: (evil[0], evil[1])}


def test_the_source_reads_as_what_is_done(source: Path) -> None:
    text = (source / "predict.py").read_text(encoding="utf-8")
    body = text.split("    X = []\n")[1].split("    return")[0]
    assert [line.strip() for line in body.splitlines()] == [
        "x = number(table['price'])",
        "X += [scaled(x, 40.0, 30.0), np.isnan(x)]",
        "names = ('diesel', 'petrol')",
        "X += one_row_each(table['fuel'], names, rare=True, missing=True)",
        "X += [sides(table['gear'], 'automatic', 'manual')]",
        "x = number(table['new'])",
        "X += [np.where(np.isnan(x), 0, 2 * x - 1), np.isnan(x)]",
        "x = number(table['sold'])",
        *[line.strip() for line in body.splitlines() if "waves" in line],
    ]
    assert "*waves(x, 365.2425), *waves(x, 7.0), *waves(x, 1.0)]" in body
    assert "layerlab" not in text.split('"""')[2]


# What is refused


def test_tables_and_features_are_not_taken_for_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="X is ndarray, but the run was trained on the columns of a table: wanted a"):
        layerlab.export(cars(), tmp_path / "model", np.ones((3, 2)))
    plain = Run(Network([2, 1], output="sigmoid"), initialize_parameters([2, 1]), NO_HISTORY, {})
    with pytest.raises(InputError, match="X is a table, but the run was trained on features: wanted"):
        layerlab.export(plain, tmp_path / "model", CARS)
    with pytest.raises(InputError, match="X is a table without rows"):
        layerlab.export(cars(), tmp_path / "model", CARS.taken(np.arange(0)))
    with pytest.raises(InputError, match="the column 'gear' is missing"):
        layerlab.export(cars(), tmp_path / "model", CARS.only(["price", "fuel", "new", "sold"]))
    assert list(tmp_path.iterdir()) == []


def test_examples_are_taken_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerlab.runs.exports.checked_examples.MOST_EXAMPLES", 4)
    assert layerlab.export(cars(), tmp_path / "model", CARS).examples == 4
    plain = Run(Network([2, 1], output="sigmoid"), initialize_parameters([2, 1]), NO_HISTORY, {})
    assert layerlab.export(plain, tmp_path / "plain", np.ones((2, 9))).examples == 4


@pytest.mark.parametrize("form", FORMATS)
def test_a_model_that_does_otherwise_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr("layerlab.runs.exports.onnx_columns.PERIODS", {"year": 365.0, "week": 7.0, "day": 1.0})
    monkeypatch.setattr("layerlab.runs.exports.numpy_columns.PERIODS", {"year": 365.0, "week": 7.0, "day": 1.0})
    with pytest.raises(WorkError, match="the predictions of the exported model differ from layerlab's by"):
        layerlab.export(cars(), tmp_path / "model", CARS, format=form)
    assert list(tmp_path.iterdir()) == []
