"""Models that leave layerlab, used as their receivers use them: by onnxruntime, and by a Python without layerlab."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from command import Say
from covering import covering
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

import layerlab
import layerlab.runs.exports
from layerlab import History, InputError, Network, Run, WorkError
from layerlab.datasets import Standardization, load_breast_cancer, load_cats, load_digits, load_flower
from layerlab.formulas import ACTIVATIONS, LOSSES, initialize_parameters
from layerlab.sklearn import MLPRegressor

RANDOM = np.random.RandomState(0)
X = RANDOM.randn(3, 40)
WITHIN = {"float32": 1e-6, "float64": 1e-12}
FORMATS = ["onnx", "numpy"]


def drawn(dims: list[int], hidden: str = "tanh", output: str = "sigmoid", dtype: str = "float64", **about: Any) -> Run:
    """A run with weights as drawn and biases that are not 0: nothing is trained."""
    random = np.random.RandomState(1)
    parameters = {name: value.astype(dtype) for name, value in initialize_parameters(dims, seed=3).items()}
    parameters = {
        name: random.randn(*value.shape).astype(dtype) if name[0] == "b" else value
        for name, value in parameters.items()
    }
    return Run(Network(dims, hidden, output), parameters, History(np.empty(0)), {}, **about)


def onnx_answers(path: Path, rows: Any) -> dict[str, NDArray[Any]]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return dict(zip((output.name for output in session.get_outputs()), session.run(None, {"X": rows}), strict=True))


def numpy_answers(path: Path, rows: Any) -> dict[str, NDArray[Any]]:
    model = runpy.run_path(str(path / "predict.py"))
    if "probabilities" in model:
        return {"probabilities": model["probabilities"](rows), "label": model["predict"](rows)}
    return {"values": model["predict"](rows)}


ANSWERS: dict[str, Callable[[Path, Any], dict[str, NDArray[Any]]]] = {"onnx": onnx_answers, "numpy": numpy_answers}


def metadata(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # the trained ones are short

# What the models answer


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_from_one_file_and_from_a_folder_give_the_same_model(tmp_path: Path, form: str) -> None:
    run = layerlab.train(Network([2, 4, 1]), load_flower(), learning_rate=1.2, iterations=20, progress=False)
    rows, answers = load_flower().test.X.T, {}
    for name in ("kept", "kept.safetensors"):
        loaded = layerlab.load(run.save(tmp_path / name))
        done = layerlab.export(loaded, tmp_path / f"{name}.model", rows.T, format=form)
        answers[name] = ANSWERS[form](done.path, rows)["probabilities"]
    assert_array_equal(answers["kept"], answers["kept.safetensors"], strict=True)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # three epochs
@pytest.mark.parametrize("form", FORMATS)
def test_a_fitted_estimator_is_exported_as_its_run(tmp_path: Path, form: str) -> None:
    estimator = MLPRegressor(hidden_layer_sizes=5, max_iter=3, random_state=0).fit(X.T, X[0])
    layerlab.export(estimator, tmp_path / "model", X, format=form)
    answers = ANSWERS[form](tmp_path / "model", np.ascontiguousarray(X.T))
    assert_allclose(answers["values"][:, 0], estimator.predict(X.T), rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("hidden", "output"), covering(ACTIVATIONS, LOSSES))
@pytest.mark.parametrize("form", FORMATS)
def test_every_activation_and_output(tmp_path: Path, form: str, hidden: str, output: str, dtype: str) -> None:
    run = drawn([3, 6, 5, 1 if output == "sigmoid" else 4], hidden, output, dtype)
    done = layerlab.export(run, tmp_path / "model", X, format=form)
    assert done.deviation <= WITHIN[dtype] < done.tolerance
    assert (done.path, done.format, done.examples) == (tmp_path / "model", form, 40)
    answers = ANSWERS[form](tmp_path / "model", X.T.astype(dtype))
    if form == "onnx":  # and by onnx's own reference
        reference = ReferenceEvaluator(str(tmp_path / "model")).run(None, {"X": X.T.astype(dtype)})
        for one, other in zip(answers.values(), reference, strict=True):
            assert_allclose(one, other, rtol=0, atol=WITHIN[dtype] * abs(one).max())
    if LOSSES[output].labels is None:
        assert list(answers) == ["values"]
        values = run.predict(X).T
        assert answers["values"].dtype == dtype
        assert_allclose(answers["values"], values, rtol=0, atol=WITHIN[dtype] * abs(values).max())
        return
    assert list(answers) == ["probabilities", "label"]
    probabilities = run.predict_proba(X)
    expected = np.concatenate([1 - probabilities, probabilities]) if output == "sigmoid" else probabilities
    assert answers["probabilities"].dtype == dtype
    assert_allclose(answers["probabilities"], expected.T, rtol=0, atol=WITHIN[dtype])
    assert answers["label"].dtype == np.int64
    assert_array_equal(answers["label"], run.predict(X)[0])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("dims", [[3, 1], [3, 4]])
def test_no_hidden_layer(tmp_path: Path, form: str, dims: list[int]) -> None:
    run = drawn(dims, output="sigmoid" if dims[-1] == 1 else "softmax")
    assert layerlab.export(run, tmp_path / "model", X, format=form).deviation <= WITHIN["float64"]


@pytest.mark.parametrize("form", FORMATS)
def test_several_sigmoid_outputs_are_a_label_each(tmp_path: Path, form: str) -> None:
    run = drawn([3, 5, 2])
    assert layerlab.export(run, tmp_path / "model", X, format=form).deviation <= WITHIN["float64"]
    answers = ANSWERS[form](tmp_path / "model", X.T)
    assert answers["probabilities"].shape == answers["label"].shape == (40, 2)
    assert_array_equal(answers["label"], run.predict(X).T)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("m", [1, 5000])
def test_one_row_and_many(tmp_path: Path, form: str, m: int) -> None:
    run, many = drawn([3, 5, 1]), np.random.RandomState(2).randn(3, m)
    assert layerlab.export(run, tmp_path / "model", many[:, :1], format=form).examples == 1
    answers = ANSWERS[form](tmp_path / "model", many.T)
    assert answers["label"].shape == (m,)
    assert_allclose(answers["probabilities"][:, 1], run.predict_proba(many)[0], rtol=0, atol=WITHIN["float64"])


@pytest.mark.parametrize("form", FORMATS)
def test_saturated_probabilities_neither_overflow_nor_warn(tmp_path: Path, form: str) -> None:
    for output, n_y in (("sigmoid", 1), ("softmax", 3)):
        run = drawn([3, 5, n_y], "identity", output)
        assert layerlab.export(run, tmp_path / output, X * 1e6, format=form).deviation < 1e-12
        assert np.isfinite(ANSWERS[form](tmp_path / output, X.T * 1e6)["probabilities"]).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMATS)
def test_small_probabilities_stay_exact(tmp_path: Path, form: str, dtype: str) -> None:
    run = drawn([1, 1], dtype=dtype)
    run = replace(run, parameters={"W1": np.ones((1, 1), dtype), "b1": np.zeros((1, 1), dtype)})
    logits = np.array([[-80.0, -40.0, -17.0, 17.0, 40.0, 80.0]])
    layerlab.export(run, tmp_path / "model", logits, format=form)
    answers = ANSWERS[form](tmp_path / "model", logits.T.astype(dtype))
    assert_allclose(answers["probabilities"][:, 1], run.predict_proba(logits)[0], rtol=2e-6)


@pytest.mark.parametrize("form", FORMATS)
def test_a_tie_is_the_first_class(tmp_path: Path, form: str) -> None:
    run = drawn([3, 5, 1])
    run = replace(run, parameters={name: 0 * value for name, value in run.parameters.items()})
    layerlab.export(run, tmp_path / "model", X, format=form)
    assert_array_equal(ANSWERS[form](tmp_path / "model", X.T)["label"], np.zeros(40))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMATS)
def test_features_as_they_came_are_standardised_inside(tmp_path: Path, form: str, dtype: str) -> None:
    data, raw = load_breast_cancer().standardized(), load_breast_cancer().test.X
    run = layerlab.train(
        Network([30, 5, 1]), data, learning_rate=0.1, iterations=100, engine="numpy", dtype=dtype, progress=False
    )
    done = layerlab.export(run, tmp_path / "model", raw, format=form)
    assert done.deviation <= WITHIN[dtype]
    answers = ANSWERS[form](tmp_path / "model", raw.T.astype(dtype))
    assert_allclose(answers["probabilities"][:, 1], run.predict_proba(data.test.X)[0], rtol=0, atol=WITHIN[dtype])
    assert_array_equal(answers["label"], run.predict(data.test.X)[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMATS)
def test_images_like_the_cats(tmp_path: Path, form: str, dtype: str) -> None:
    images = np.random.RandomState(4).rand(12288, 50)
    run = drawn([12288, 20, 7, 5, 1], "relu", dtype=dtype, image_shape=(64, 64, 3), class_names=("non-cat", "cat"))
    assert layerlab.export(run, tmp_path / "model", images, format=form).deviation <= WITHIN[dtype]


# The ONNX file


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    cancer = load_breast_cancer()
    names = {name: getattr(cancer, name) for name in ("class_names", "feature_names")}
    run = drawn([30, 4, 1], dataset="breast_cancer", **names)
    layerlab.export(run, tmp_path / "a.onnx", cancer.test.X / 100)
    model = onnx.load(tmp_path / "a.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert (model.producer_name, model.producer_version) == ("layerlab", layerlab.__version__)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 13)]
    assert model.ir_version == 7
    about = metadata(tmp_path / "a.onnx")
    assert (about["layerlab"], about["dataset"]) == (layerlab.__version__, "breast_cancer")
    assert json.loads(about["class_names"]) == ["malignant", "benign"]
    assert json.loads(about["feature_names"]) == list(cancer.feature_names)
    assert json.loads(about["image_shape"]) is None


def test_inputs_and_outputs_have_names_types_and_shapes(tmp_path: Path) -> None:
    for name, run in (("classes", drawn([3, 1], dtype="float32")), ("values", drawn([3, 2], output="identity"))):
        layerlab.export(run, tmp_path / name, X)
        session = onnxruntime.InferenceSession(tmp_path / name, providers=["CPUExecutionProvider"])
        found = [(put.name, put.type, put.shape) for put in (*session.get_inputs(), *session.get_outputs())]
        if name == "classes":
            assert found == [
                ("X", "tensor(float)", ["batch", 3]),
                ("probabilities", "tensor(float)", ["batch", 2]),
                ("label", "tensor(int64)", ["batch"]),
            ]
        else:
            assert found == [("X", "tensor(double)", ["batch", 3]), ("values", "tensor(double)", ["batch", 2])]


def test_the_nodes_are_the_formulas(tmp_path: Path) -> None:
    scaling = Standardization(np.ones((3, 1)), np.full((3, 1), 2.0))
    run = drawn([3, 4, 1], "relu", standardization=scaling)
    layerlab.export(run, tmp_path / "a.onnx", X)
    graph = onnx.load(tmp_path / "a.onnx").graph
    assert [node.op_type for node in graph.node] == ["Sub", "Div", "Gemm", "Relu", "Gemm", "Mul", "Concat", "Softmax", "ArgMax"]  # fmt: skip  # noqa: E501
    stored = {array.name: onnx.numpy_helper.to_array(array) for array in graph.initializer}
    assert_array_equal(stored["W1"], run.parameters["W1"], strict=True)  # as they were, nothing folded in
    assert_array_equal(stored["b1"], run.parameters["b1"][:, 0], strict=True)
    assert_array_equal(stored["mean"], [1, 1, 1])


def test_names_of_any_kind_arrive(tmp_path: Path) -> None:
    names = ('""" \n{0} \\ \u202e' + " very long" * 30, "çava «é» 猫 \ud800")
    run = drawn([3, 1], class_names=names, dataset='"""; raise SystemExit  # coding: utf-7\n')
    layerlab.export(run, tmp_path / "a.onnx", X)
    assert tuple(json.loads(metadata(tmp_path / "a.onnx")["class_names"])) == names
    assert metadata(tmp_path / "a.onnx")["dataset"] == run.dataset
    layerlab.export(run, tmp_path / "b", X, format="numpy")
    model = runpy.run_path(str(tmp_path / "b" / "predict.py"))
    assert (model["class_names"], model["dataset"]) == (names, run.dataset)


def test_a_model_too_large_for_the_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.runs.exports import onnx_graph

    monkeypatch.setattr(onnx_graph, "MOST_BYTES", 31)
    with pytest.raises(InputError, match="the parameters have 32 bytes and an ONNX file at most 2 GiB: use format="):
        layerlab.export(drawn([3, 1]), tmp_path / "a.onnx", X)
    assert list(tmp_path.iterdir()) == []


# The NumPy folder


def test_the_source_is_short_reads_as_the_formulas_and_needs_no_layerlab(tmp_path: Path) -> None:
    scaling = Standardization(np.ones((3, 1)), np.full((3, 1), 2.0))
    run = drawn([3, 4, 1], "relu", class_names=("no", "yes"), standardization=scaling)
    layerlab.export(run, tmp_path / "model", X, format="numpy")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["predict.py", "weights.npz"]
    source = (tmp_path / "model" / "predict.py").read_text(encoding="utf-8")
    formulas = source.split('examples in rows")\n')[1].split("\n\n")[0]
    assert [line.split("  #")[0].strip() for line in formulas.splitlines()] == [
        "X = (X - mean.T) / scale.T",
        "A0 = X.T.astype(np.float64)",
        "Z1 = W1 @ A0 + b1",
        "A1 = np.maximum(Z1, 0)",
        "Z2 = W2 @ A1 + b2",
        "e = np.exp(-abs(Z2))",
        "A2 = np.where(Z2 < 0, e, 1) / (1 + e)",
        "return np.concatenate([1 - A2, A2]).T",
    ]
    assert len(source.splitlines()) < 50
    assert "import layerlab" not in source
    with np.load(tmp_path / "model" / "weights.npz", allow_pickle=False) as weights:
        assert set(weights) == {"W1", "b1", "W2", "b2", "mean", "scale"}
        assert_array_equal(weights["W2"], run.parameters["W2"], strict=True)


def test_the_page_shows_the_source(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "export.md").read_text(encoding="utf-8")
    shown = page.split("<!-- predict.py -->\n```text\n")[1].split("```")[0]
    flower = load_flower()
    run = drawn([2, 4, 1], dataset="flower", class_names=flower.class_names, feature_names=flower.feature_names)
    layerlab.export(run, tmp_path / "model", flower.test.X, format="numpy")
    assert (tmp_path / "model" / "predict.py").read_text(encoding="utf-8") == shown


def run_predict(folder: Path, rows: NDArray[Any]) -> list[str]:
    """What ``python predict.py rows.csv`` prints, in an isolated Python."""
    np.savetxt(folder.parent / "rows.csv", rows, delimiter=",")
    command = [sys.executable, "-I", str(folder / "predict.py"), str(folder.parent / "rows.csv")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603


@pytest.mark.processes
def test_the_source_runs_as_a_command(tmp_path: Path) -> None:
    names = ("no", "perhaps", "yes")
    run = drawn([3, 4, 3], output="softmax", class_names=names)
    layerlab.export(run, tmp_path / "classes", X, format="numpy")
    assert run_predict(tmp_path / "classes", X.T) == [names[label] for label in run.predict(X)[0]]
    run = drawn([3, 4, 2], output="identity")
    layerlab.export(run, tmp_path / "values", X, format="numpy")
    printed = [[float(word) for word in line.split()] for line in run_predict(tmp_path / "values", X.T[:1])]
    assert_allclose(printed, run.predict(X[:, :1]).T)


@pytest.mark.processes
def test_the_source_prints_nothing_that_steers_a_terminal(tmp_path: Path) -> None:
    run = drawn([3, 4, 3], output="softmax", class_names=("\x1b[31mred", "\u202eevil", "\udcff\nä 中"))
    layerlab.export(run, tmp_path / "m", X, format="numpy")
    expected = ["\\x1b[31mred", "\\u202eevil", "\\udcff\\nä 中"]
    assert set(run_predict(tmp_path / "m", X.T)) <= set(expected)
    escapes = runpy.run_path(str(tmp_path / "m" / "predict.py"))["ESCAPES"]
    assert "\n".join(run.class_names).translate(escapes) == "\\n".join(expected)
    command = [sys.executable, "-I", str(tmp_path / "m" / "predict.py"), "\x1b[31m.csv"]
    error = subprocess.run(command, capture_output=True, text=True).stderr  # noqa: S603
    assert error.startswith("\\x1b[31m.csv: ")
    assert error.isprintable() or error.count("\n") == 1


def test_a_single_example_is_one_row_and_a_column_is_refused(tmp_path: Path) -> None:
    scaling = Standardization(np.ones((3, 1)), np.full((3, 1), 2.0))
    run = drawn([3, 4, 1], standardization=scaling)
    layerlab.export(run, tmp_path / "model", X, format="numpy")
    answers = numpy_answers(tmp_path / "model", X[:, 0].tolist())
    assert_allclose(answers["probabilities"][0, 1], run.predict_proba(scaling(X[:, :1]))[0, 0])
    with pytest.raises(ValueError, match=r"X has the shape \(3, 1\): wanted \(m, 3\), examples in rows"):
        numpy_answers(tmp_path / "model", X[:, :1])


# What is refused


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_overwritten(tmp_path: Path, form: str) -> None:
    file, folder, link = tmp_path / "file", tmp_path / "folder", tmp_path / "link"
    file.write_text("mine")
    folder.mkdir()
    link.symlink_to(tmp_path / "nowhere")
    kind = "file" if form == "onnx" else "folder"
    for path in (file, folder, link):
        with pytest.raises(InputError) as caught:
            layerlab.export(drawn([3, 1]), path, X, format=form)
        assert str(caught.value) == (
            f"{path}: is there already, and nothing is overwritten; name another {kind} or remove it"
        )
    assert file.read_text() == "mine"
    assert list(folder.iterdir()) == []


def test_what_came_while_it_was_checked_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.runs.exports import numpy_source

    def slow_ask(path: Path, rows: Any, ask: Any = numpy_source.run_numpy) -> Any:
        (tmp_path / "model").mkdir()
        return ask(path, rows)

    monkeypatch.setattr(numpy_source, "run_numpy", slow_ask)
    with pytest.raises(InputError, match="model: is there already"):
        layerlab.export(drawn([3, 1]), tmp_path / "model", X, format="numpy")
    assert [list(path.iterdir()) for path in tmp_path.iterdir()] == [[]]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"format": "tflite"}, "format='tflite': wanted one of onnx, numpy"),
    ({"format": None}, "format=None: wanted one of onnx, numpy"),
    ({"X": X.T}, "X has 40 features (shape (40, 3)), the network takes 3: wanted shape (3, m), examples in columns"),
    ({"X": X[:, :0]}, "X has the shape (3, 0): wanted at least one example"),
    ({"X": X * np.inf}, "X has 120 values that are not finite"),
    ({"run": "runs/digits"}, "run is str: wanted a layerlab.Run, an estimator of layerlab.sklearn, or a pipeline"),
    ({"run": drawn([3, 1], class_names=("one",))}, "there are 1 class names: wanted 2, or none"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED, ids=[words[:20] for _, words in REFUSED])
def test_bad_requests(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"run": drawn([3, 1]), "path": tmp_path / "model", "X": X} | change
    with pytest.raises(InputError) as caught:
        layerlab.export(**arguments)
    assert str(caught.value).startswith(words)
    assert list(tmp_path.iterdir()) == []


def test_a_diverged_run_is_not_exported(tmp_path: Path) -> None:
    run = drawn([3, 1])
    run = replace(run, parameters=run.parameters | {"b1": np.full((1, 1), np.nan)})
    with pytest.raises(InputError, match="the run diverged: numbers that are not finite are not saved"):
        layerlab.export(run, tmp_path / "model", X)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "words"), [("onnx", "has no ONNX nodes"), ("numpy", "has no line of NumPy here")])
def test_an_activation_that_is_not_known_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, words: str
) -> None:
    monkeypatch.setitem(ACTIVATIONS, "cubic", ACTIVATIONS["tanh"])
    with pytest.raises(InputError, match=f"hidden='cubic' {words}: wanted one of relu, tanh, sigmoid"):
        layerlab.export(drawn([3, 4, 1], "cubic"), tmp_path / "model", X, format=form)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_model_that_deviates_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    from layerlab.runs.exports import numpy_source, onnx_graph

    monkeypatch.setitem(onnx_graph.ACTIVATION_NODES, "relu", onnx_graph.ACTIVATION_NODES["leaky_relu"])
    monkeypatch.setitem(numpy_source.ACTIVATION_LINES, "relu", numpy_source.ACTIVATION_LINES["leaky_relu"])
    with pytest.raises(
        WorkError, match=r"model: the predictions of the exported model differ from layerlab's by 0\.0+\d on"
    ):
        layerlab.export(drawn([3, 4, 1], "relu"), tmp_path / "model", X, format=form)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_labels_that_are_not_those_of_the_probabilities_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    from layerlab.runs.exports import numpy_source, onnx_graph

    for module, name in ((onnx_graph, "run_onnx"), (numpy_source, "run_numpy")):
        original = getattr(module, name)

        def swapped(path: Path, rows: Any, ask: Any = original) -> Any:
            probabilities, labels = ask(path, rows)
            return probabilities, 1 - labels

        monkeypatch.setattr(module, name, swapped)
    with pytest.raises(WorkError, match="the predictions of the exported model differ from layerlab's by inf"):
        layerlab.export(drawn([3, 1]), tmp_path / "model", X, format=form)
    assert list(tmp_path.iterdir()) == []


def test_numbers_too_fine_for_float32_are_refused_with_the_remedy(tmp_path: Path) -> None:
    years = 2000 + 1e-3 * X  # float32 has steps of 1e-4 there
    scaling = Standardization(np.full((3, 1), 2000.0), np.full((3, 1), 1e-3))
    coarse, fine = (drawn([3, 4, 1], dtype=dtype, standardization=scaling) for dtype in ("float32", "float64"))
    with pytest.raises(WorkError, match="float32 may be too coarse for these numbers: train with dtype='float64'"):
        layerlab.export(coarse, tmp_path / "model", years)
    assert list(tmp_path.iterdir()) == []
    assert layerlab.export(fine, tmp_path / "model", years).deviation < 1e-10
    done = layerlab.export(coarse, tmp_path / "source", years, format="numpy")  # takes float64 rows
    assert done.deviation <= WITHIN["float32"]


@pytest.mark.parametrize("form", FORMATS)
def test_values_that_overflow_are_refused(tmp_path: Path, form: str) -> None:
    run = drawn([3, 1], output="identity")
    run = replace(run, parameters={name: 1e200 * value for name, value in run.parameters.items()})
    with pytest.raises(WorkError, match="differ from layerlab's by nan"):
        layerlab.export(run, tmp_path / "model", X * 1e150, format=form)
    assert list(tmp_path.iterdir()) == []


def test_models_that_cannot_be_run_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from layerlab.runs.exports import numpy_source, onnx_graph

    monkeypatch.setitem(numpy_source.OUTPUT_LINES, "sigmoid", "{A} = nonsense")
    with pytest.raises(WorkError, match=r"predict.py cannot be run, so it was not saved \(NameError: name 'nonsense'"):
        layerlab.export(drawn([3, 1]), tmp_path / "model", X, format="numpy")
    monkeypatch.setattr(onnx_graph, "write_onnx", lambda run, path: path.write_bytes(b"no model"))
    with pytest.raises(WorkError, match="onnxruntime cannot run the exported model, so it was not saved"):
        layerlab.export(drawn([3, 1]), tmp_path / "model", X)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["onnx", "onnxruntime"])
def test_without_the_extra_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delitem(sys.modules, "layerlab.runs.exports.onnx_graph", raising=False)
    monkeypatch.delattr(layerlab.runs.exports, "onnx_graph", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError) as caught:
        layerlab.export(drawn([3, 1]), tmp_path / "model", X)
    assert str(caught.value).startswith("format='onnx' needs the packages onnx and onnxruntime (")
    assert str(caught.value).endswith("): pip install -e '.[onnx]'")
    assert layerlab.export(drawn([3, 1]), tmp_path / "model", X, format="numpy").deviation <= WITHIN["float64"]


@pytest.mark.processes
def test_onnx_is_imported_when_it_is_asked_for() -> None:
    code = (
        "import sys, layerlab, layerlab.commands.main, layerlab.commands.doctor; layerlab.export; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert not {"onnx", "onnxruntime", "google.protobuf"} & set(done.stdout.split())


# From the command line


@pytest.fixture
def digits_run(tmp_path: Path) -> Path:
    run = layerlab.train(
        Network([64, 8, 10]), load_digits(), learning_rate=0.3, iterations=30, engine="numpy", progress=False
    )
    return run.save(tmp_path / "run")


def test_export_on_the_command_line(say: Say, digits_run: Path, tmp_path: Path) -> None:
    said = say("export", "run", "digits.onnx", "--json", "facts.json")
    assert said.status == 0, said.words
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert (facts["path"], facts["format"], facts["dataset"]) == ("digits.onnx", "onnx", "digits")
    assert (facts["examples"], facts["tolerance"]) == (360, 1e-10)
    assert 0 <= facts["deviation"] < 1e-12
    assert f"differ by at most {facts['deviation']:.1g} (allowed: 1e-10)." in said.words
    run, test = layerlab.load(digits_run), load_digits().test
    assert_array_equal(onnx_answers(tmp_path / "digits.onnx", test.X.T)["label"], run.predict(test.X)[0])

    said = say("export", "run", "digits", "--format", "numpy", "--json", "-")
    assert json.loads(said.out)["deviation"] < 1e-12
    to_run = "To run it on a table of your own, ROWS.csv: python digits/predict.py ROWS.csv"
    assert f"Saved in digits {to_run}" in said.err.replace("\n", " ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits", "digits.onnx", "facts.json", "run"]


def test_cats_are_exported_from_their_folder(say: Say, small_cats: Path, tmp_path: Path) -> None:
    run = layerlab.train(Network([192, 4, 1]), load_cats(small_cats), learning_rate=0.01, iterations=5, progress=False)
    run.save(tmp_path / "run")
    said = say("export", "run", "cats.onnx", "--folder", small_cats)
    assert said.status == 0, said.words
    about = metadata(tmp_path / "cats.onnx")
    assert json.loads(about["class_names"]) == ["non-cat", "cat"]
    assert json.loads(about["image_shape"]) == [8, 8, 3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "a.onnx"], "nowhere: no run.json there"),
        (["run", "run"], "run: is there already, and nothing is overwritten; name another file or remove it"),
        (["run", "a", "--format", "tflite"], "format='tflite': wanted one of onnx, numpy"),
        (["run", "/dev/null/a.onnx"], "/dev/null/a.onnx: cannot be made"),
        (["run", "a", "--json", "a"], "a: is the place of PATH too; name another one for --json"),
        (["run", "a", "--json", "missing/a.json"], "missing/a.json: cannot be written"),
        (["run", "a", "--folder", "."], "digits is not read from files, so a folder"),
        (["run"], "Missing argument 'PATH'"),
    ],
)
def test_wrong_requests_on_the_command_line(
    say: Say, digits_run: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    said = say("export", *arguments)
    assert said.status == 2
    assert said.err.startswith(f"layerlab: {words}")
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_run_on_other_data_is_exported_in_python(say: Say, tmp_path: Path) -> None:
    X, Y = load_flower().train
    layerlab.train(Network([2, 1]), (X, Y), learning_rate=0.1, iterations=5, progress=False).save(tmp_path / "run")
    said = say("export", "run", "a.onnx")
    assert said.status == 2
    assert "the run was trained on data of your own, which layerlab cannot load again: export it in Python" in said.err
    assert layerlab.export(layerlab.load(tmp_path / "run"), tmp_path / "a.onnx", X).deviation < 1e-12


def test_a_deviating_model_ends_with_status_1(
    say: Say, digits_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerlab.runs.exports.export.LARGEST_DEVIATION", {"float64": -1.0})
    said = say("export", "run", "a.onnx")
    assert said.status == 1
    assert "a.onnx: the predictions of the exported model differ from layerlab's by" in said.err
    assert "look for extremely large or small numbers among the examples" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
