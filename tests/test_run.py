"""What a run can do afterwards: predict, be saved and loaded bit for bit, and refuse what was damaged or changed."""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from safetensors import SafetensorError

import layerlab
from layerlab import History, InputError, Network, Run, WorkError
from layerlab.datasets import Part, Standardization, hold_out, load_breast_cancer, load_digits
from layerlab.datasets.arrays.shapes import Look
from layerlab.datasets.part import HeldOut
from layerlab.escapes import printable
from layerlab.runs.loading import MISSING_BEFORE, NETWORK_MISSING_BEFORE
from layerlab.runs.plan import PLANS_LACKED_BEFORE

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

ADDED = (*MISSING_BEFORE, *NETWORK_MISSING_BEFORE, *PLANS_LACKED_BEFORE)
"""Keys that older runs do not have."""

X = np.random.RandomState(0).randn(3, 40)
LABELS = {
    "sigmoid": (X[:1] > 0).astype(np.float64),
    "softmax": np.eye(3)[:, X.argmax(axis=0)],
    "identity": np.stack([X[0] - X[1], X[2] + 1]),
}


def trained(output: str = "sigmoid", **settings: Any) -> Run:
    network = Network([3, 5, len(LABELS[output])], hidden="tanh", output=output)
    arguments: dict[str, Any] = {"learning_rate": 0.3, "iterations": 80, "progress": False}
    return layerlab.train(network, (X, LABELS[output]), **(arguments | settings))


def logits(run: Run) -> NDArray[Any]:
    """Written out, for one hidden layer of tanh units."""
    p = run.parameters
    Z: NDArray[Any] = p["W2"] @ np.tanh(p["W1"] @ X.astype(p["W1"].dtype) + p["b1"]) + p["b2"]
    return Z


# Predicting


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_sigmoid_output_gives_zeros_and_ones(dtype: str) -> None:
    run = trained("sigmoid", dtype=dtype)
    labels, probabilities = run.predict(X), run.predict_proba(X)
    assert labels.shape == probabilities.shape == (1, 40)
    assert labels.dtype == np.int64
    assert probabilities.dtype == np.dtype(dtype)
    assert_allclose(probabilities, 1 / (1 + np.exp(-logits(run))), rtol=1e-6 if dtype == "float32" else 1e-14)
    assert_array_equal(labels, logits(run) > 0)
    assert 0.8 < run.accuracy(Part(X, LABELS["sigmoid"])) == (labels == LABELS["sigmoid"]).mean() <= 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_softmax_output_gives_the_number_of_the_class(dtype: str) -> None:
    run = trained("softmax", dtype=dtype)
    labels, probabilities = run.predict(X), run.predict_proba(X)
    assert labels.shape == (1, 40)
    assert labels.dtype.kind == "i"
    assert probabilities.shape == (3, 40)
    assert probabilities.dtype == np.dtype(dtype)
    powers = np.exp(logits(run))
    assert_allclose(probabilities, powers / powers.sum(axis=0), rtol=1e-6 if dtype == "float32" else 1e-14)
    assert_array_equal(labels[0], logits(run).argmax(axis=0))
    assert 0.8 < run.accuracy(Part(X, LABELS["softmax"])) == (labels[0] == X.argmax(axis=0)).mean() <= 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_identity_output_gives_values(dtype: str) -> None:
    run = trained("identity", dtype=dtype)
    values = run.predict(X)
    assert values.shape == (2, 40)
    assert values.dtype == np.dtype(dtype)
    assert_allclose(values, logits(run), rtol=1e-5 if dtype == "float32" else 1e-14)
    assert np.isnan(run.accuracy(Part(X, LABELS["identity"])))
    with pytest.raises(
        InputError, match="the network was trained for regression and has no probabilities: use predict"
    ):
        run.predict_proba(X)


def test_several_sigmoid_outputs_give_a_label_each() -> None:
    Y = np.concatenate([LABELS["sigmoid"], (X[1:2] > 0.5)])
    network = Network([3, 2], output="sigmoid")
    run = layerlab.train(network, (X, Y), learning_rate=1.0, iterations=200, progress=False)
    assert run.predict(X).shape == run.predict_proba(X).shape == (2, 40)
    assert run.accuracy(Part(X, Y)) == (run.predict(X) == Y).mean() > 0.9


def test_a_probability_of_one_half_is_class_zero() -> None:
    zeros = {name: 0.0 * value for name, value in trained().parameters.items()}
    assert_array_equal(replace(trained(), parameters=zeros).predict(X), np.zeros((1, 40)))


def test_one_example_lists_and_whole_numbers_are_predicted() -> None:
    run = trained()
    assert run.predict(X[:, 3:4]).shape == (1, 1)
    assert_array_equal(run.predict(X.tolist()), run.predict(X))
    assert_array_equal(run.predict_proba(np.arange(6).reshape(3, 2)), run.predict_proba(np.arange(6.0).reshape(3, 2)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (X.T, "X has 40 features (shape (40, 3)), the network takes 3: wanted shape (3, m), examples in columns: it"),
        (X[:2], "X has 2 features (shape (2, 40)), the network takes 3: wanted shape (3, m), examples in columns"),
        (X[:, 0], "X has the shape (3,): wanted two axes, examples in columns; X.reshape(1, -1) makes a row,"),
        (X[:, :0], "X has the shape (3, 0): wanted at least one example and one row; it is empty"),
        (np.where(X > 2, np.nan, X), "X has "),
        ("photo.jpg", "X is str: wanted a table of real numbers"),
        (None, "X is NoneType: wanted a table of real numbers"),
    ],
)
def test_features_that_are_refused(wrong: Any, words: str) -> None:
    run = trained()
    for ask in (run.predict, run.predict_proba, lambda features: run.accuracy((features, LABELS["sigmoid"]))):
        with pytest.raises(InputError) as caught:
            ask(wrong)
        assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    "wrong", [LABELS["sigmoid"].T, LABELS["sigmoid"][0], LABELS["sigmoid"][:, :1], LABELS["softmax"]]
)
def test_accuracy_pairs_every_label_with_its_own_example(wrong: NDArray[Any]) -> None:
    with pytest.raises(InputError, match="wanted"):
        trained().accuracy(Part(X, wrong))


def test_a_diverged_run_still_answers_without_a_warning() -> None:
    network = Network([3, 4, 2], hidden="identity")
    run = layerlab.train(network, (X, LABELS["identity"]), learning_rate=9.0, iterations=3000, progress=False)
    assert run.diagnosis[0].kind == "diverged"
    assert run.predict(X).shape == (2, 40)


# Saving and loading


@dataclass(frozen=True)
class Kept:
    """A run on the disk, in either form, and what a test changes of it."""

    path: Path

    @property
    def one_file(self) -> bool:
        return self.path.suffix == ".safetensors"

    @property
    def numbers(self) -> Path:
        return self.path if self.one_file else self.path / "model.safetensors"

    @property
    def record(self) -> str:
        """What messages call the place of the record."""
        return f"{self.path} (run.json)" if self.one_file else str(self.path / "run.json")

    def text(self) -> str:
        if not self.one_file:
            return (self.path / "run.json").read_text(encoding="utf-8")
        with safetensors.safe_open(self.path, framework="numpy") as file:
            return str(file.metadata()["run.json"])

    def set_text(self, content: str | bytes) -> None:
        """Another record, as bytes even one that is no text."""
        content = content.encode() if isinstance(content, str) else content
        if not self.one_file:
            (self.path / "run.json").write_bytes(content)
            return
        header, body = parted(self.path.read_bytes())
        text = content.decode(errors="surrogateescape")
        self.path.write_bytes(tensors({**header, "__metadata__": {"run.json": text}}, body))

    def change(self, change: Callable[[Any], Any]) -> None:
        """The record with a change."""
        record = json.loads(self.text())
        result = change(record)
        self.set_text(json.dumps(record if result is None else result))

    def set_parameters(self, parameters: Any) -> None:
        """Other numbers with the same record."""
        safetensors.numpy.save_file(parameters, self.numbers, {"run.json": self.text()} if self.one_file else None)


def tensors(header: Any, body: bytes = b"") -> bytes:
    """A file of the safetensors format, written out."""
    text = json.dumps(header, ensure_ascii=False).encode(errors="surrogateescape")
    return struct.pack("<Q", len(text)) + text + body


def parted(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Its header and its body."""
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


FORMS = {"folder": "kept", "file": "kept.safetensors"}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    """ "folder" or "file"."""
    return str(request.param)


@pytest.fixture
def target(tmp_path: Path, form: str) -> Path:
    """Where nothing is yet, for a run of that form."""
    return tmp_path / FORMS[form]


@pytest.fixture
def rich(target: Path) -> tuple[Run, Kept]:
    """A run with everything a run can have, and where it was saved."""
    cancer = hold_out(load_breast_cancer(), 0.2, seed=3)[0].standardized()
    run = layerlab.train(
        Network([30, 4, 3, 1], hidden="leaky_relu"),
        cancer,
        learning_rate=0.1,
        iterations=25,
        seed=7,
        initializer="zeros",  # so that there are findings
        validation=cancer.test,
        progress=False,
    )
    return run, Kept(run.save(target))


def assert_same_run(loaded: Run, run: Run) -> None:
    assert loaded.network == run.network
    assert list(loaded.parameters) == list(run.parameters)
    for name, value in run.parameters.items():
        assert_array_equal(loaded.parameters[name], value, strict=True)
    for name in ("costs", "validation_costs", "validation_accuracies"):
        assert_array_equal(getattr(loaded.history, name), getattr(run.history, name), strict=True)
    assert loaded.history.seconds == run.history.seconds
    assert loaded.history.interrupted == run.history.interrupted
    for name in ("settings", "diagnosis", "dataset", "class_names", "feature_names", "image_shape", "look", "held_out"):
        assert getattr(loaded, name) == getattr(run, name)
    assert (loaded.weighted, loaded.given_start) == (run.weighted, run.given_start)
    assert (loaded.standardization is None) == (run.standardization is None)
    if run.standardization:
        assert_array_equal(loaded.standardization, run.standardization, strict=True)


def test_a_loaded_run_is_the_saved_one_bit_for_bit(rich: tuple[Run, Kept]) -> None:
    run, kept = rich
    loaded = layerlab.load(kept.path)
    assert_same_run(loaded, run)
    assert loaded.standardization is not None
    features = load_breast_cancer().test.X
    assert loaded.held_out == HeldOut(0.2, 3)
    whole = hold_out(load_breast_cancer(), 0.2, seed=3)[0].standardized()
    assert_array_equal(loaded.standardization(features), whole.test.X)
    prepared = loaded.standardization(features)
    assert_array_equal(loaded.predict_proba(prepared), run.predict_proba(prepared), strict=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity"])
def test_every_output_and_type_comes_back(target: Path, output: str, dtype: str) -> None:
    run = trained(output, dtype=dtype, validation=(X, LABELS[output]))
    loaded = layerlab.load(run.save(target))
    assert_same_run(loaded, run)
    assert loaded.parameters["W1"].dtype == np.dtype(dtype)
    assert_array_equal(loaded.predict(X), run.predict(X), strict=True)


def test_what_a_run_does_not_keep_of_its_training_it_notes(target: Path) -> None:
    assert (trained().held_out, trained().weighted, trained().given_start) == (None, False, False)
    run = trained(sample_weight=np.arange(1.0, X.shape[1] + 1), parameters=trained().parameters)
    assert (run.weighted, run.given_start) == (True, True)
    assert_same_run(layerlab.load(run.save(target)), run)
    settings: dict[str, Any] = {"learning_rate": [0.1, 0.2], "iterations": 2, "progress": False}
    data, _ = hold_out(load_digits(), 0.25)
    result = layerlab.sweep(Network([64, 10]), data, sample_weight=np.ones(1078), **settings)
    assert [(one.held_out, one.weighted) for one in result.runs] == [(HeldOut(0.25, 0), True)] * 2


def test_images_findings_and_interrupts_come_back(target: Path) -> None:
    run = layerlab.train(
        Network([64, 4, 10]), load_digits(), learning_rate=0.1, iterations=3, initializer="zeros", progress=False
    )
    run = replace(run, history=replace(run.history, interrupted=True))
    assert run.image_shape == (8, 8)
    assert {finding.kind for finding in run.diagnosis} == {"equal"}
    assert_same_run(layerlab.load(run.save(target)), run)


def test_a_run_that_was_interrupted_at_once_comes_back(target: Path) -> None:
    run = replace(trained(), history=History(np.empty(0), interrupted=True))
    assert_same_run(layerlab.load(run.save(target)), run)


def test_numbers_of_numpy_and_names_of_any_kind_are_saved(target: Path) -> None:
    run = replace(trained(), class_names=(np.int64(0), "çava «é» 猫"), image_shape=(np.int64(1), np.int64(3)))  # type: ignore[arg-type]
    loaded = layerlab.load(run.save(target))
    assert (loaded.class_names, loaded.image_shape) == (("0", "çava «é» 猫"), (1, 3))


def test_the_folder_holds_files_that_others_may_read(tmp_path: Path) -> None:
    folder = trained().save(tmp_path / "kept")
    assert sorted(file.name for file in folder.iterdir()) == ["log.csv", "log.jsonl", "model.safetensors", "run.json"]
    assert [file.name for file in folder.parent.iterdir()] == ["kept"]
    assert folder.stat().st_mode & 0o055 == 0o055
    assert all(file.stat().st_mode & 0o044 == 0o044 for file in folder.iterdir())
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["format_version"] == 5
    assert record["network"] == {"layer_dims": [3, 5, 1], "hidden": "tanh", "output": "sigmoid", "embedding": None}
    assert record["layerlab"] == layerlab.__version__


@pytest.mark.parametrize("name", ["kept.safetensors", "KEPT.SafeTensors", ".safetensors"])
def test_one_file_holds_what_the_folder_holds_but_the_log(tmp_path: Path, name: str) -> None:
    run = trained(validation=(X, LABELS["sigmoid"]))
    folder, file = run.save(tmp_path / "kept"), run.save(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["kept", name])
    assert file.is_file()
    assert file.stat().st_mode & 0o044 == 0o044
    with safetensors.safe_open(file, framework="numpy") as opened:
        assert opened.metadata() == {"run.json": (folder / "run.json").read_text(encoding="utf-8").removesuffix("\n")}
        assert sorted(opened.keys()) == sorted(run.parameters)
    assert_same_run(layerlab.load(file), layerlab.load(folder))


def test_a_record_that_one_file_cannot_take_goes_into_a_folder(tmp_path: Path) -> None:
    run = replace(trained(), history=History(np.random.RandomState(0).rand(4_000_000)))
    with pytest.raises(InputError) as caught:
        run.save(tmp_path / "kept.safetensors")
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'kept.safetensors'}: history and names take ")
    assert sentence.endswith(
        " MB, and one file has room for 90; name a folder, which is a path that does not end in .safetensors"
    )
    assert list(tmp_path.iterdir()) == []


def test_folders_on_the_way_are_made(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a" / "b" / FORMS[form]
    assert trained().save(path) == path
    assert layerlab.load(str(path)).network.layer_dims == (3, 5, 1)


# What saving refuses


def test_nothing_is_overwritten(tmp_path: Path, form: str) -> None:
    end = FORMS[form].removeprefix("kept")
    file, folder, link = tmp_path / f"file{end}", tmp_path / f"folder{end}", tmp_path / f"link{end}"
    file.write_text("mine")
    folder.mkdir()
    link.symlink_to(tmp_path / "nowhere")
    for path in (file, folder, link):
        with pytest.raises(InputError) as caught:
            trained().save(path)
        assert str(caught.value) == (
            f"{path}: is there already, and nothing is overwritten; name another {form} or remove it"
        )
    assert file.read_text() == "mine"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["file/kept", "file/a/b", "x" * 300])
def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path, name: str, form: str) -> None:
    name += FORMS[form].removeprefix("kept")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError) as caught:
        trained().save(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: cannot be made (")
    assert str(caught.value).endswith(f"; name a {form} that can be written to")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("error", [OSError("No space left on device"), SafetensorError("I/O error: File too large")])
def test_a_failed_write_leaves_nothing(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def save_file(tensors: Any, filename: Path, metadata: Any) -> None:
        filename.write_bytes(b"half")
        raise error

    monkeypatch.setattr(safetensors.numpy, "save_file", save_file)
    with pytest.raises(WorkError) as caught:
        trained().save(target)
    assert str(caught.value) == f"{target}: writing failed ({error}); nothing was left there"
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any, **settings: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained().save(target)
    assert list(tmp_path.iterdir()) == []


def test_a_diverged_run_is_not_saved(tmp_path: Path, target: Path) -> None:
    run = trained()
    broken = replace(run, parameters=run.parameters | {"b1": np.full((5, 1), np.nan)})
    costly = replace(run, history=History(np.array([0.5, np.inf])))
    for diverged in (broken, costly):
        with pytest.raises(InputError, match="the run diverged: numbers that are not finite are not saved"):
            diverged.save(target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"class_names": ("cat",)}, "there are 1 class names: wanted 2, or none"),
        ({"feature_names": ("a", "b")}, "there are 2 feature names: wanted 3, or none"),
        ({"image_shape": (2, 2)}, "the image shape is (2, 2): wanted two or three whole numbers whose product is 3"),
        ({"image_shape": (3,)}, "the image shape is (3,): wanted two or three whole numbers whose product is 3"),
        (
            {"standardization": Standardization(np.zeros((2, 1)), np.ones((2, 1)))},
            "the standardisation does not fit: wanted 3 finite means and scales above 0",
        ),
    ],
)
def test_names_that_do_not_fit_are_not_saved(tmp_path: Path, target: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(trained(), **changes).save(target)
    assert str(caught.value) == words
    assert list(tmp_path.iterdir()) == []


# What loading refuses


def refusal(path: Path) -> str:
    """The one sentence of an ``InputError``; anything else fails the test."""
    with pytest.raises(InputError) as caught:
        layerlab.load(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 1000
    return sentence


def test_nothing_there_and_a_missing_part(tmp_path: Path) -> None:
    made = "that `layerlab train` or Run.save made"
    assert refusal(tmp_path / "nowhere") == f"{tmp_path / 'nowhere'}: no run.json there; wanted a folder {made}"
    file = tmp_path / "nowhere.safetensors"
    assert refusal(file) == f"{file}: no file there; wanted a file {made}"
    folder = trained().save(tmp_path / "kept")
    assert refusal(folder / "run.json") == f"{folder / 'run.json'}: no run.json there; wanted a folder {made}"
    assert refusal(folder / "model.safetensors") == (
        f"{folder / 'model.safetensors'}: has no run.json in its metadata; wanted a file {made}, or the whole folder "
        f"of a run"
    )
    (folder / "model.safetensors").unlink()
    assert refusal(folder) == f"{folder}: no model.safetensors there; wanted a folder {made}"


@pytest.mark.parametrize("about", [None, {}, {"format": "pt"}, {"run": "{}"}])
def test_a_file_of_other_software(tmp_path: Path, about: Any) -> None:
    safetensors.numpy.save_file(trained().parameters, tmp_path / "theirs.safetensors", about)
    assert "theirs.safetensors: has no run.json in its metadata; wanted a file" in refusal(
        tmp_path / "theirs.safetensors"
    )


@pytest.mark.parametrize("path", ["x" * 300, "nul\0byte", "x" * 300 + ".safetensors", "nul\0byte.safetensors"])
def test_paths_that_cannot_be(tmp_path: Path, path: str) -> None:
    assert printable(path[:5]) in refusal(tmp_path / path)


def test_a_folder_in_place_of_a_file(rich: tuple[Run, Kept]) -> None:
    _, kept = rich
    file = kept.path if kept.one_file else kept.path / "run.json"
    file.unlink()
    file.mkdir()
    assert refusal(kept.path).startswith(f"{file}: is a folder; wanted a file")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"format_version": 1', b"\xff\xfe\x00", b"[" * 100_000, b'{"format_version": ' + b"1" * 5000 + b"}"],
)
def test_damaged_json(rich: tuple[Run, Kept], content: bytes) -> None:
    _, kept = rich
    kept.set_text(content)
    sentence = refusal(kept.path)
    where = str(kept.path) if content == b"\xff\xfe\x00" and kept.one_file else kept.record  # the front is no text
    assert sentence.startswith(f"{where}: is damaged (")


@pytest.mark.parametrize(
    ("record", "version"),
    [
        ({"format_version": 1}, "1"),
        ({"format_version": 2}, "2"),
        ({"format_version": "1"}, "'1'"),
        ({}, "None"),
        ([1], "None"),
        ("1", "None"),
        (None, "None"),
    ],
)
def test_another_format_version(rich: tuple[Run, Kept], record: Any, version: str) -> None:
    _, kept = rich
    kept.set_text(json.dumps(record))
    assert refusal(kept.path) == (
        f"{kept.record}: has format version {version}; this layerlab reads 4 and 5: use the layerlab that wrote it, "
        f"or train again"
    )


# One value of each kind that JSON knows, and a number that no float can hold.
KINDS: list[Any] = [None, True, 5, -1.5, 10**400, "text", [], ["text", 3], [[1, 2], [3]], {}, {"text": []}]
NULL_IS_RIGHT = {
    ("image_shape",),
    ("look",),
    ("image_ranges",),
    ("look", "image_shape"),
    ("standardization",),
    ("held_out",),
    ("plan",),
    ("history", "validation_costs", 0),
}
NULL_IS_RIGHT |= {("history", "validation_accuracies", 0)}


RIGHT_TOO: list[tuple[tuple[str, ...], Any]]
RIGHT_TOO = [(("settings", "batch_size"), 5), (("settings", "clip_norm"), 5), (("network", "hidden"), [])]
RIGHT_TOO += [(("history", "kept_at"), 5), (("history", "initial_cost"), 5), (("history", "initial_cost"), -1.5)]
RIGHT_TOO += [(("id_column",), "text")]
"""A number or a name instead of null; no activations, where there are no hidden layers."""


def places(record: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a record, down to the first entry of each list."""
    inside = record.items() if isinstance(record, dict) else enumerate(record[:1]) if isinstance(record, list) else ()
    return [place] * bool(place) + [found for key, value in inside for found in places(value, (*place, key))]


def at(record: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        record = record[key]
    return record


def kind(value: Any) -> type:
    return float if type(value) is int and abs(value) < 1e308 else type(value)


@pytest.mark.parametrize("pictures", [False, True])
def test_wrong_types_everywhere(tmp_path: Path, form: str, rich: tuple[Run, Kept], pictures: bool) -> None:
    run, kept = rich
    if pictures:
        run = layerlab.train(Network([64, 10]), load_digits(), learning_rate=0.1, iterations=2, progress=False)
        run = replace(run, look=Look(True, 255.0, (8, 8)))
        kept = Kept(run.save(tmp_path / FORMS[form].replace("kept", "pictures")))
    original = kept.text()
    found = places(json.loads(original))
    assert ("image_shape", 0) in found if pictures else ("diagnosis", 0, "cause") in found
    for place in found:
        for wrong in KINDS:
            record = json.loads(original)
            if kind(wrong) is kind(at(record, place)) or (wrong is None and place in NULL_IS_RIGHT):
                continue
            if (place, wrong) in RIGHT_TOO and (pictures or place[0] != "network"):
                continue
            at(record, place[:-1])[place[-1]] = wrong
            kept.set_text(json.dumps(record))
            assert str(kept.path) in refusal(kept.path), (place, wrong)
    kept.set_text(original)
    assert_same_run(layerlab.load(kept.path), run)


def test_missing_and_unknown_keys(rich: tuple[Run, Kept]) -> None:
    _, kept = rich
    original = kept.text()
    for place in places(json.loads(original)):
        record = json.loads(original)
        optional = place[0] == "settings" or "changes" in place[:-1] or place[-1] in ("advice", *ADDED)
        if isinstance(place[-1], str) and not optional:
            del at(record, place[:-1])[place[-1]]
            kept.set_text(json.dumps(record))
            assert kept.record in refusal(kept.path), place
        if isinstance(at(json.loads(original), place), dict):
            record = json.loads(original)
            at(record, place)["momentum"] = [0.9] * 30
            kept.set_text(json.dumps(record))
            assert "momentum" in refusal(kept.path), place
    kept.change(lambda _: json.loads(original) | {"momentum": 0.9})
    assert "(missing or unknown: momentum)" in refusal(kept.path)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("network", "layer_dims"), [30, 0, 1], "wanted at least two whole numbers above 0"),
        (("network", "layer_dims"), [30], "wanted at least two whole numbers above 0"),
        (("network", "hidden"), "softplus", "hidden='softplus': wanted one of"),
        (("network", "output"), "relu", "output='relu': wanted one of"),
        (("network", "output"), None, "the network has no output"),
        (("settings", "learning_rate"), -1, "learning_rate=-1: wanted a finite number above 0"),
        (("settings", "dtype"), "float16", "dtype='float16': wanted one of"),
        (("class_names",), ["a", "b", "c"], "there are 3 class names: wanted 2, or none"),
        (("feature_names",), ["a"], "there are 1 feature names: wanted 30, or none"),
        (("image_shape",), [5, 5], "the image shape is (5, 5): wanted two or three whole numbers whose product is 30"),
        (("image_shape",), [-5, -6], "the image shape is (-5, -6): wanted two or three"),
        (("look",), {"channels_first": False, "divisor": 0, "image_shape": None}, "pixels are divided by 0"),
        (("look",), {"channels_first": False, "divisor": 1, "image_shape": [5, 5]}, "the image shape is (5, 5)"),
        (("look",), {"channels_first": False, "divisor": 1, "pixels": 5}, "pixels"),
        (("standardization", "scale"), [0.0] * 30, "wanted 30 finite means and scales above 0"),
        (("standardization", "mean"), [None] * 30, "wanted 30 finite means and scales above 0"),
        (("standardization", "mean"), [0.0] * 29, "wanted 30 finite means and scales above 0"),
        (
            ("history", "costs"),
            [0.5],
            "wanted as many validation costs as validation accuracies, and no more than costs",
        ),
        (("history", "costs"), [None] * 25, "wanted finite costs and seconds"),
        (("history", "seconds"), float("inf"), "wanted finite costs and seconds"),
    ],
)
def test_wrong_values(rich: tuple[Run, Kept], place: tuple[str, ...], value: Any, words: str) -> None:
    _, kept = rich

    def change(record: Any) -> None:
        at(record, place[:-1])[place[-1]] = value

    kept.change(change)
    sentence = refusal(kept.path)
    assert sentence.startswith(f"{kept.record}: is damaged or was changed (")
    assert sentence.endswith("); train again")
    assert words in sentence


@pytest.mark.parametrize(
    ("dims", "words"),
    [
        ([30, 10**10, 3, 1], "holds (4, 30) as W1 where run.json wants (10000000000, 30)"),
        ([30, 10**30, 3, 1], f"holds (4, 30) as W1 where run.json wants ({10**30}, 30)"),
        ([30, *[4] * 2000, 1], "holds (3, 4) as W2 where run.json wants (4, 4)"),
    ],
)
def test_sizes_that_are_not_the_files_are_refused_without_making_room(
    rich: tuple[Run, Kept], dims: list[int], words: str
) -> None:
    _, kept = rich
    kept.change(lambda record: record["network"].update(layer_dims=dims))
    kept.change(lambda record: record.update(plan=None))
    assert refusal(kept.path) == f"{kept.numbers}: {words}: one of the two was damaged or changed; train again"


class Bomb:
    """Unpickled, it fails the test."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("something was executed",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        struct.pack("<Q", 2**63) + b"{}",
        tensors({"W1": 5}),
        tensors({"W1": {"dtype": "F64", "shape": [10**9, 10**9], "data_offsets": [0, 8]}}, bytes(8)),
        tensors({"W1": {"dtype": "BF16", "shape": [4, 30], "data_offsets": [0, 240]}}, bytes(240)),
        tensors({"W1": {"dtype": "float", "shape": [1], "data_offsets": [0, 8]}}, bytes(8)),
        pickle.dumps(Bomb()),
    ],
)
def test_damaged_tensors(rich: tuple[Run, Kept], content: bytes) -> None:
    _, kept = rich
    kept.numbers.write_bytes(content)
    assert refusal(kept.path).startswith(f"{kept.numbers}: is damaged (")


def test_truncated_tensors_at_every_length(rich: tuple[Run, Kept]) -> None:
    _, kept = rich
    whole = kept.numbers.read_bytes()
    for length in (*range(0, len(whole), 37), len(whole) - 1):
        kept.numbers.write_bytes(whole[:length])
        assert refusal(kept.path).startswith(f"{kept.numbers}: is damaged (")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.update(W1=p["W1"].T.copy()), "holds (30, 4) as W1 where run.json wants (4, 30)"),
        (lambda p: p.update(W1=p["W2"], W2=p["W1"]), "holds (3, 4) as W1 where run.json wants (4, 30)"),
        (lambda p: p.update(b3=p["b3"][0]), "holds (1,) as b3 where run.json wants (1, 1)"),
        (lambda p: p.pop("b2"), "holds nothing as b2 where run.json wants (3, 1)"),
        (lambda p: p.clear(), "holds nothing as W1 where run.json wants (4, 30)"),
        (lambda p: p.update(W9=p["b3"]), "holds (1, 1) as W9 where run.json wants nothing"),
        (lambda p: p["W1"].fill(np.nan), "holds numbers that are not finite"),
        (lambda p: p["b2"].fill(np.inf), "holds numbers that are not finite"),
        (lambda p: p.update(b1=p["b1"].astype(np.float32)), "holds float32, float64: wanted float64 or float32 alone"),
        (
            lambda p: p.update({name: value.astype(np.int64) for name, value in p.items()}),
            "holds int64: wanted float64 or float32 alone",
        ),
        (
            lambda p: p.update({name: value.astype(np.complex64) for name, value in p.items()}),
            "holds complex64: wanted float64 or float32 alone",
        ),
    ],
)
def test_changed_tensors(rich: tuple[Run, Kept], change: Callable[[Any], Any], words: str) -> None:
    run, kept = rich
    parameters = {name: value.copy() for name, value in run.parameters.items()}
    change(parameters)
    kept.set_parameters(parameters)
    assert refusal(kept.path).startswith(f"{kept.numbers}: {words}")


def test_nothing_is_executed(rich: tuple[Run, Kept]) -> None:
    _, kept = rich
    kept.set_text(pickle.dumps(Bomb(), protocol=0))
    assert refusal(kept.path).startswith(f"{kept.record}: is damaged (")


def test_the_numbers_of_another_run_are_refused(rich: tuple[Run, Kept]) -> None:
    _, kept = rich
    kept.set_parameters(trained().parameters)
    assert "holds (5, 3) as W1 where run.json wants (4, 30)" in refusal(kept.path)


def test_a_run_made_by_hand_predicts_and_is_not_saved(tmp_path: Path, target: Path) -> None:
    network = layerlab.Network([2, 3, 1], output="sigmoid")
    start = layerlab.formulas.initialize_parameters(network.layer_dims)
    run = layerlab.Run(network, start, layerlab.History(costs=np.empty(0)), settings={})
    assert run.predict([[0.0], [1.0]]).shape == (1, 1)
    with pytest.raises(layerlab.InputError, match="the run has no settings: wanted a run that layerlab trained"):
        run.save(target)
    assert not list(tmp_path.iterdir())
