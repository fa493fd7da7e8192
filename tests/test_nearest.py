"""The nearest training images of an image: the public function, and what ``predict`` and ``explain`` show."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Say
from PIL import Image

import layerlab
from layerlab import InputError, Network, nearest_neighbours, plots
from layerlab.datasets import load_cats, load_data, load_digits, load_flower, load_photos
from layerlab.datasets.part import class_numbers
from layerlab.evaluating.explanations.neighbour_words import agreement
from layerlab.formulas import euclidean_distances, network_forward
from layerlab.reporting.run_data import quickly_read, training_images


@pytest.fixture(scope="module")
def digits_run() -> layerlab.Run:
    return layerlab.train(Network([64, 16, 12, 10]), load_digits(), learning_rate=0.5, iterations=120, advice=False)


def write_sky(folder: Path, count: int = 12, side: int = 12) -> None:
    """A folder of dark and of light images."""
    random = np.random.RandomState(0)
    for name, light in (("night", 20), ("day", 150)):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            pixels = random.randint(light, light + 80, (side, side, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i:02}.png")


@pytest.fixture
def sky(say: Say, tmp_path: Path) -> Say:
    """The command line in a folder with images, a run on them and a photo."""
    write_sky(tmp_path / "sky")
    trained = say(
        "train", "sky", "--layers", "6", "--iterations", 60, "--learning-rate", 0.05, "--standardize", "--out", "run"
    )
    assert trained.status == 0, trained.err
    called = load_data("sky").called
    assert called is not None
    assert "day/02.png" in called[0]  # the photo is a copy of a training image
    shutil.copy(tmp_path / "sky/day/02.png", tmp_path / "photo.png")
    return say


def facts_of(say: Say, *words: Any) -> dict[str, Any]:
    said = say(*words, "--json", "-")
    assert said.status == 0, said.err
    return dict(json.loads(said.out))


# --- the function


def test_distances_are_exact() -> None:
    A = np.array([[0.0, 3.0, 1e8], [0.0, 4.0, 1.0]])
    assert euclidean_distances(A, np.zeros((2, 1))).tolist()[:2] == [0.0, 5.0]
    assert euclidean_distances(A, A[:, [2]])[2] == 0.0


@pytest.mark.parametrize("layer", [None, 0, 1, 2])
def test_neighbours_are_those_of_all_differences(digits_run: layerlab.Run, layer: int | None) -> None:
    digits = load_digits()
    X = digits.test.X[:, :7]
    found = nearest_neighbours(digits_run, X, digits, k=4, layer=layer)

    def values(some: Any) -> Any:
        _, caches = network_forward(some, digits_run.parameters, digits_run.network.activations)
        return [some, *(cache.A for cache in caches[:-1])][2 if layer is None else layer]

    distances = np.sqrt(((values(digits.train.X)[:, :, None] - values(X)[:, None]) ** 2).sum(axis=0))
    order = np.argsort(distances, axis=0, kind="stable")[:4]
    assert found.layer == (2 if layer is None else layer)
    assert np.array_equal(found.numbers, order)
    assert np.allclose(found.distances, np.take_along_axis(distances, order, axis=0))
    assert np.allclose(found.mean_distances, distances.mean(axis=0))
    assert np.array_equal(found.truth, class_numbers(digits.train.Y)[order])
    assert np.array_equal(found.predicted, digits_run.predict(digits.train.X)[0][order])
    assert found.training_examples == 1437


def test_blocks_change_nothing(digits_run: layerlab.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = load_digits()
    before = nearest_neighbours(digits_run, digits.test.X[:, :5], digits)
    monkeypatch.setattr("layerlab.evaluating.explanations.nearest_neighbours.NUMBERS_AT_A_TIME", 100)
    after = nearest_neighbours(digits_run, digits.test.X[:, :5], digits.train)
    assert np.array_equal(before.numbers, after.numbers)
    assert np.allclose(before.distances, after.distances)


def test_pixels_decide_between_images_that_the_network_cannot_distinguish() -> None:
    X = np.array([[-1.0, -3.0, -2.0, 2.0, 1.0]])
    Y = np.array([[0.0, 0.0, 1.0, 1.0, 1.0]])
    run = layerlab.train(Network([1, 1, 1]), (X, Y), learning_rate=0.1, iterations=1, advice=False)
    off = {**run.parameters, "W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
    found = nearest_neighbours(replace(run, parameters=off), np.array([[-2.9]]), (X, Y), k=2)
    assert found.numbers[:, 0].tolist() == [1, 2]  # three inputs below 0 have the same hidden value
    assert found.distances[:, 0].tolist() == [0.0, 0.0]
    assert found.equally_near.tolist() == [3]


def test_values_and_several_labels_have_a_row_for_each_output() -> None:
    X = np.random.RandomState(0).standard_normal((3, 20))
    for Y, output in ((X[:2] ** 2, "identity"), ((X[:2] > 0) * 1.0, "sigmoid")):
        network = Network([3, 4, 2], output=output)
        run = layerlab.train(network, (X, Y), learning_rate=0.1, iterations=5, advice=False)
        found = nearest_neighbours(run, X[:, :6], (X, Y), k=3)
        assert found.truth.shape == found.predicted.shape == (2, 3, 6)
        assert np.array_equal(found.truth[:, 0], Y[:, found.numbers[0]])


def test_float32_runs_have_neighbours_too() -> None:
    digits = load_digits()
    run = layerlab.train(
        Network([64, 8, 10]), digits, learning_rate=0.3, iterations=20, dtype="float32", engine="numpy", advice=False
    )
    found = nearest_neighbours(run, digits.train.X[:, :3], digits, k=1)
    assert found.distances.dtype == np.float64
    assert found.distances.max() < 1e-5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"k": 0}, "k=0: wanted a whole number from 1 to 1,437, the number of training examples"),
        ({"k": 2000}, "k=2000: wanted a whole number from 1 to 1,437"),
        ({"k": True}, "k=True: wanted a whole number"),
        ({"layer": 3}, "layer=3: wanted a hidden layer, 1 to 2, or 0 for the inputs"),
        ({"layer": -1}, "layer=-1: wanted a hidden layer"),
        ({"X": np.zeros((5, 1))}, "64"),
        ({"X": np.full((64, 1), np.nan)}, "X"),
        ({"data": load_flower()}, "2"),
        ({"data": 5}, "data is int: wanted a Dataset"),
    ],
)
def test_bad_arguments_are_refused(digits_run: layerlab.Run, arguments: dict[str, Any], words: str) -> None:
    digits = load_digits()
    given: dict[str, Any] = {"X": digits.test.X[:, :1], "data": digits} | arguments
    with pytest.raises(InputError) as refused:
        nearest_neighbours(digits_run, given.pop("X"), given.pop("data"), **given)
    assert words in str(refused.value)


def test_a_diverged_run_and_a_network_without_hidden_layers() -> None:
    flower = load_flower()
    run = layerlab.train(Network([2, 1]), flower, learning_rate=1.0, iterations=3, advice=False)
    assert nearest_neighbours(run, flower.test.X[:, :2], flower).layer == 0
    with pytest.raises(InputError, match="layer=1: wanted 0, since it has no hidden layer"):
        nearest_neighbours(run, flower.test.X[:, :2], flower, layer=1)
    broken = replace(run, parameters={**run.parameters, "b1": np.array([[np.nan]])})
    with pytest.raises(InputError, match="the run diverged"):
        nearest_neighbours(broken, flower.test.X[:, :2], flower)


# --- predict and explain on a folder of images


def test_predict_and_explain_show_the_nearest_training_images(sky: Say) -> None:
    predicted = facts_of(sky, "predict", "run", "photo.png")
    explained = facts_of(sky, "explain", "run", "photo.png", "--plots", "pictures")
    run, data = layerlab.load("run"), load_data("sky")
    for facts in (predicted["nearest"], explained["nearest"]):
        assert (facts["missing"], facts["layer"], facts["units"]) == ("", 1, 6)
        assert facts["training_images"] == data.train.X.shape[1]
        (one,) = facts["of"]
        assert one["name"] == "photo.png"
        assert one["answer"] == predicted["predictions"][0]["class"]
        assert [neighbour["truth"] for neighbour in one["neighbours"]] == ["day"] * 5
        assert one["agreeing"] == 5
        assert data.called is not None
        for neighbour in one["neighbours"]:
            assert neighbour["name"] == data.called[0][neighbour["number"]]
        distances = [neighbour["distance"] for neighbour in one["neighbours"]]
        assert distances == sorted(distances)
        assert distances[-1] < one["mean_distance"]
    assert [Path(path).name for path in explained["plots"]] == ["saliency.png", "nearest.png"]
    assert run.standardization is not None
    mine = (load_photos(["photo.png"], (12, 12, 3)) == data.train.X).all(axis=0)
    assert mine.sum() == 1
    assert [one["number"] for one in predicted["nearest"]["of"][0]["neighbours"] if one["same_pixels"]] == [
        mine.argmax()
    ]
    shown = sky("predict", "run", "photo.png")
    assert "5 nearest training images by the Euclidean distance of the 6 values of the last hidden layer" in shown.words
    assert "All 5 nearest training images are of the predicted class, day." in shown.words
    assert "The training set has this image, or a copy with the same pixels: day/02.png." in shown.words
    assert "The mean distance from all 19 training images is" in shown.words


def test_an_image_of_the_training_set_is_no_neighbour_of_itself(sky: Say) -> None:
    data = load_data("sky")
    assert data.called is not None
    for which, names in zip(("train", "test"), data.called, strict=True):
        (one,) = facts_of(sky, "explain", "run", names[0])["nearest"]["of"]
        assert len(one["neighbours"]) == 5
        assert names[0] not in [neighbour["name"] for neighbour in one["neighbours"]], which


def test_several_photos_have_three_neighbours_each_and_many_have_none(sky: Say, tmp_path: Path) -> None:
    said = sky("predict", "run", "sky/day/01.png", "sky/night/01.png", "--json", "facts.json")
    facts = json.loads((tmp_path / "facts.json").read_text())["nearest"]
    assert [len(one["neighbours"]) for one in facts["of"]] == [3, 3]
    assert [one["answer"] for one in facts["of"]] == ["day", "night"]
    assert "sky/day/01.png: All 3 nearest training images are of the predicted class, day." in said.words
    many = sky("predict", "run", "sky", "--json", "many.json")
    assert "nearest" not in json.loads((tmp_path / "many.json").read_text())
    assert "The nearest training images of an image: layerlab explain run FILE" in many.words
    saved = sky("predict", "run", "photo.png", "--out", "predictions.csv")
    assert "nearest" not in saved.words
    assert "nearest" not in facts_of(sky, "predict", "run", "photo.png", "--with", "run")


def test_a_folder_that_was_moved_is_said_and_nothing_else_is_lost(sky: Say, tmp_path: Path) -> None:
    before = facts_of(sky, "predict", "run", "photo.png")
    (tmp_path / "sky").rename(tmp_path / "elsewhere")
    facts = facts_of(sky, "predict", "run", "photo.png")
    assert facts["predictions"] == before["predictions"]
    assert facts["nearest"]["of"] == []
    said = sky("predict", "run", "photo.png")
    assert "Nearest training images: the run was trained on sky, which is not there (looked for in" in said.words
    explained = facts_of(sky, "explain", "run", "photo.png")
    assert explained["columns"]
    assert explained["nearest"]["missing"] == facts["nearest"]["missing"]
    found = facts_of(sky, "explain", "run", "photo.png", "--data", "elsewhere")["nearest"]
    assert found["of"] == before["nearest"]["of"]
    assert "layerlab explain run FILE" not in sky("predict", "run", *["photo.png"] * 4).words


def test_a_folder_that_has_changed_is_said(sky: Say, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "photo.png", tmp_path / "sky/night/99.png")
    said = sky("predict", "run", "photo.png")
    assert said.status == 0
    assert "Nearest training images: sky has changed since the run was trained on it." in said.words
    for command in (("explain", "run", "photo.png"), ("explain", "run", "photo.png", "--data", "sky")):
        explained = facts_of(sky, *command)
        assert explained["columns"]
        assert explained["nearest"]["missing"] == "sky has changed since the run was trained on it."
    shutil.copytree(tmp_path / "sky", tmp_path / "copy")
    other = facts_of(sky, "explain", "run", "photo.png", "--data", "copy")
    assert other["nearest"]["missing"] == "copy is not what the run was trained on."
    (tmp_path / "sky/night/99.png").write_bytes(b"no image")
    said = sky("predict", "run", "photo.png")
    assert said.status == 0
    assert "Nearest training images: the training images cannot be read again (sky: 1 of 25 images" in said.words
    shutil.rmtree(tmp_path / "sky/night")
    said = sky("explain", "run", "photo.png")
    assert said.status == 0
    assert "Nearest training images: the training images cannot be read again (" in said.words


def test_a_large_folder_is_not_read_again_by_predict(sky: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    assert quickly_read(layerlab.load("run"))
    monkeypatch.setattr("layerlab.reporting.run_data.QUICKLY_READ", 1000)
    assert not quickly_read(layerlab.load("run"))
    monkeypatch.setattr("layerlab.reporting.run_data.load_data", None)
    said = sky("predict", "run", "photo.png")
    assert said.status == 0
    assert "The nearest training images of an image: layerlab explain run FILE" in said.words


def test_augmented_images_are_compared_as_originals(say: Say, tmp_path: Path) -> None:
    write_sky(tmp_path / "sky")
    trained = say(
        "train", "sky", "--layers", 4, "--augment", "flip", "--epochs", 3, "--validation", 0.2, "--out", "run"
    )
    assert trained.status == 0, trained.err
    said = say("predict", "run", "sky/day/00.png", "--json", "facts.json")
    assert (
        "The network was trained on variants of the images (flip=horizontal); the originals are compared." in said.words
    )
    facts = json.loads((tmp_path / "facts.json").read_text())["nearest"]
    assert facts["training_images"] == 15  # a validation set is held out


def test_a_network_without_hidden_layers_compares_pixels(say: Say, tmp_path: Path) -> None:
    write_sky(tmp_path / "sky")
    assert say("train", "sky", "--layers", "none", "--iterations", 20, "--out", "run").status == 0
    said = say("explain", "run", "sky/day/00.png")
    assert "by the Euclidean distance of the pixels (the network has no hidden layer)" in said.words


# --- data that come with layerlab, arrays, and data without a name


def test_digits_have_numbers_for_names(say: Say) -> None:
    Image.fromarray(np.random.RandomState(0).randint(0, 255, (30, 40, 3), np.uint8)).save("photo.png")
    assert say("train", "digits", "--layers", 8, "--iterations", 30, "--out", "run").status == 0
    said = say("predict", "run", "photo.png", "--json", "facts.json")
    assert "number " in said.words
    facts = json.loads(Path("facts.json").read_text())["nearest"]
    assert facts["training_images"] == 1437
    assert facts["of"][0]["neighbours"][0]["name"] is None
    (one,) = facts_of(say, "explain", "run", 3)["nearest"]["of"]
    run, digits = layerlab.load("run"), load_digits()
    found = nearest_neighbours(run, digits.test.X[:, [3]], digits)
    assert [neighbour["number"] for neighbour in one["neighbours"]] == found.numbers[:, 0].tolist()
    assert one["name"] == "Test example 3"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda run: replace(run, dataset="mine"), "the run does not say which file or folder it was trained on."),
        (lambda run: replace(run, dataset=""), "the run does not say which file or folder it was trained on."),
        (
            lambda run: replace(run, image_ranges=run.image_ranges._replace(images=1436)),
            "the images of digits are not those that the run was trained on.",
        ),
        (
            lambda run: replace(run, class_names=tuple("abcdefghij")),
            "the training images cannot be read again (the run's classes are a, b",
        ),
    ],
)
def test_data_that_are_not_those_of_the_training(
    digits_run: layerlab.Run, change: Callable[[layerlab.Run], layerlab.Run], words: str
) -> None:
    dataset, missing = training_images(change(digits_run))
    assert dataset is None
    assert words in missing


def test_another_split_is_noticed_by_its_standardisation() -> None:
    for data, known in ((load_digits().standardized(), True), (load_digits().resplit(5).standardized(), False)):
        run = layerlab.train(Network([64, 4, 10]), data, learning_rate=0.1, iterations=2, advice=False)
        dataset, missing = training_images(run)
        assert (dataset is not None) == known == (not missing)
    old = replace(run, image_ranges=None, standardization=None)
    assert training_images(old)[0] is not None  # a run of before knows less


def test_arrays_of_images_have_neighbours_and_tables_have_none(say: Say, tmp_path: Path) -> None:
    digits = load_digits()
    images = (digits.train.X.T[:100].reshape(-1, 8, 8) * 255).round().astype(np.uint8)
    np.savez("small.npz", X=images, y=class_numbers(digits.train.Y[:, :100]))
    assert say("train", "small.npz", "--layers", 6, "--iterations", 20, "--out", "run").status == 0
    np.save("new.npy", images[:2])
    facts = facts_of(say, "predict", "run", "new.npy")["nearest"]
    assert [one["name"] for one in facts["of"]] == ["1", "2"]
    assert "nearest" not in facts_of(say, "explain", "run")
    np.savez("small.npz", X=images[::-1], y=class_numbers(digits.train.Y[:, :100]))
    assert "small.npz has changed since" in facts_of(say, "predict", "run", "new.npy")["nearest"]["missing"]
    rows = "\n".join(f"{i},{i % 3},{'ab'[i % 2]}" for i in range(40))
    (tmp_path / "table.csv").write_text(f"u,v,y\n{rows}\n")
    assert say("train", "table.csv", "--target", "y", "--iterations", 5, "--out", "table").status == 0
    assert "nearest" not in facts_of(say, "predict", "table", "table.csv")
    assert "nearest" not in facts_of(say, "explain", "table", 3)


def test_cats_are_never_downloaded(
    say: Say, cats_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cats = load_cats(cats_folder)
    network = Network([12288, 5, 1])
    run = layerlab.train(network, cats.standardized(), learning_rate=0.01, iterations=4, advice=False)
    run.save("run")
    Image.fromarray((cats.test.X[:, 5] * 255).round().astype(np.uint8).reshape(64, 64, 3)).save("photo.png")
    monkeypatch.setenv("LAYERLAB_DATA", str(cats_folder))
    assert facts_of(say, "predict", "run", "photo.png")["nearest"]["training_images"] == 209
    monkeypatch.setenv("LAYERLAB_DATA", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("layerlab.datasets.included.cats.fetch_cats", None)
    for command in ("predict", "explain"):
        facts = facts_of(say, command, "run", "photo.png")
        assert facts["nearest"]["missing"] == "the files of cats are not on this machine."
    found = facts_of(say, "explain", "run", "photo.png", "--folder", cats_folder)
    assert found["nearest"]["training_images"] == 209


@pytest.mark.parametrize(
    ("truth", "words"),
    [
        ("aaaaa", "All 5 nearest training images are of the predicted class, a."),
        ("abaab", "3 of the 5 nearest training images are of the predicted class, a."),
        ("abbab", "2 of the 5 nearest training images are of the predicted class, a; 3 are of the class b."),
        ("abbcc", "1 of the 5 nearest training images is of the predicted class, a."),
        ("abcde", "1 of the 5 nearest training images is of the predicted class, a."),
        ("bbbbb", "None of the 5 nearest training images is of the predicted class, a; all are of the class b."),
        ("aa", "Both nearest training images are of the predicted class, a."),
        ("b", "Its class is b; predicted for this image: a."),
    ],
)
def test_the_conclusion_counts_the_classes(truth: str, words: str) -> None:
    neighbours = [{"truth": one} for one in truth]
    assert agreement({"neighbours": neighbours, "agreeing": truth.count("a"), "answer": "a"}) == words


# --- the picture


@pytest.mark.parametrize("shape", [(8, 8), (6, 30, 3), (30, 6, 1)])
def test_the_picture_has_a_frame_around_the_image(shape: tuple[int, ...]) -> None:
    images = np.random.RandomState(0).random_sample((4, *shape))
    figure = plots.neighbours(images[0], images[1:], ["mine", "a", "b", "c"])
    assert [axes.get_xlabel() for axes in figure.axes] == ["mine", "a", "b", "c"]
    widths = [axes.spines["left"].get_linewidth() for axes in figure.axes]
    assert widths[0] > max(widths[1:])
    with pytest.raises(InputError, match="wanted images of one shape, and a caption for each"):
        plots.neighbours(images[0], images[1:], ["mine"])
    with pytest.raises(InputError, match="wanted images of one shape"):
        plots.neighbours(images[0], images[1:, :4], ["mine", "a", "b", "c"])


def test_an_image_that_is_in_the_training_set_is_counted_with_neither_copies_nor_mean(say: Say, tmp_path: Path) -> None:
    same, other = np.full((4, 4, 3), 90, np.uint8), np.full((4, 4, 3), 160, np.uint8)
    for name, count in (("a", 6), ("b", 6)):
        (tmp_path / "copies" / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(same if i < 4 else other).save(tmp_path / "copies" / name / f"{i}.png")
    trained = say(
        "train", "copies", "--layers", "3", "--iterations", 5, "--learning-rate", 0.1, "--standardize", "--out", "run"
    )
    assert trained.status == 0, trained.err
    data = load_data("copies")
    assert data.called is not None
    for name in data.called[0]:
        number = list(data.called[0]).index(name)
        X = data.train.X
        others = [i for i in range(X.shape[1]) if i != number]
        alike = [i for i in others if (X[:, i] == X[:, number]).all()]
        facts = facts_of(say, "explain", "run", name)["nearest"]
        (one,) = facts["of"]
        shown = one["neighbours"]
        assert facts["training_images"] == len(others)
        assert facts["itself"] == number
        assert number not in [neighbour["number"] for neighbour in shown]
        assert sum(neighbour["same_pixels"] for neighbour in shown) == min(len(alike), len(shown))
        if shown[-1]["distance"] == 0:
            assert one["equally_near"] == len(alike)
        words = say("explain", "run", name).words
        assert f"The mean distance from the {len(others)} other training images is" in words
        assert ("other training images: the network cannot distinguish" in words) == (len(alike) > 5)


def test_the_only_training_image_has_no_neighbours(digits_run: layerlab.Run) -> None:
    from layerlab.evaluating.explanations.neighbour_facts import neighbour_facts

    digits = load_digits()
    X, Y = digits.train
    alone, two = (replace(digits, train=type(digits.train)(X[:, :n], Y[:, :n])) for n in (1, 2))
    facts = neighbour_facts(digits_run, X[:, :1], ["0"], alone, itself=0)
    assert facts["missing"] == "it is the only training image."
    facts = neighbour_facts(digits_run, X[:, :1], ["0"], two, itself=0)
    (one,) = facts["of"]
    assert [neighbour["number"] for neighbour in one["neighbours"]] == [1]
    assert one["mean_distance"] == pytest.approx(one["neighbours"][0]["distance"])
    assert one["equally_near"] == 1


@pytest.mark.parametrize("size", [1e200, 1e300, 1e-200])
@pytest.mark.parametrize("layer", [0, None])
def test_sizes_beyond_the_squares_of_floats_have_the_same_neighbours(size: float, layer: int | None) -> None:
    flower = load_flower()
    run = layerlab.train(Network([2, 4, 1]), flower, learning_rate=0.1, iterations=20, advice=False)
    run = replace(run, parameters={**run.parameters, "b1": np.zeros((4, 1))})
    X, (known, Y) = flower.test.X[:, :5], flower.train
    usual, other = (nearest_neighbours(run, s * X, (s * known, Y), layer=layer) for s in (1.0, size))
    assert np.array_equal(usual.numbers, other.numbers)
    assert np.allclose(other.distances, size * usual.distances, rtol=1e-6, atol=0)
    assert np.allclose(other.mean_distances, size * usual.mean_distances)
    assert np.array_equal(usual.equally_near, other.equally_near)


def test_one_huge_example_does_not_hide_the_others() -> None:
    flower = load_flower()
    run = layerlab.train(Network([2, 4, 1]), flower, learning_rate=0.1, iterations=20, advice=False)
    known = flower.train.X.copy()
    known[0, 0] = 1e200
    X = flower.test.X[:, :3]
    usual, other = (nearest_neighbours(run, X, (some, flower.train.Y), layer=0) for some in (flower.train.X, known))
    assert 0 not in usual.numbers
    assert np.array_equal(usual.numbers, other.numbers)
    assert np.allclose(usual.distances, other.distances)
    with pytest.raises(InputError, match="the values of layer 1 are not finite for X: wanted inputs prepared"):
        nearest_neighbours(run, np.full((2, 1), 1.7e308), flower)


def test_a_damaged_training_image_has_no_advice_that_cannot_be_followed(sky: Say, tmp_path: Path) -> None:
    (tmp_path / "sky/night/03.png").write_bytes(b"damaged")
    refused = sky("explain", "run", "day/02.png")
    assert refused.status == 2
    assert "repair them, so that they are as they were for the training" in " ".join(refused.err.split())
    shown = sky("predict", "run", "photo.png")
    assert shown.status == 0
    for words in (refused.err, shown.words):
        assert "skip" not in words
