"""Every dataset by name: shapes, ranges, labels, splits, and the facts each is drawn from."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import sklearn.datasets
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from layerlab import InputError
from layerlab.datasets import (
    ABOUT,
    LOADERS,
    Dataset,
    Part,
    hold_out,
    load_breast_cancer,
    load_cats,
    load_dataset,
    load_digits,
    load_extra,
    load_flower,
)
from layerlab.datasets.included.cats import read_cats
from layerlab.datasets.included.planar import EXTRA, extra_points, flower_points
from layerlab.formulas.arrays import Floats

# name: features, outputs, examples in train and in test
SIZES = {
    "digits": (64, 10, 1437, 360),
    "cats": (192, 1, 12, 6),  # the small stand-in
    "flower": (2, 1, 400, 400),
    "breast_cancer": (30, 1, 455, 114),
    "noisy_circles": (2, 1, 200, 200),
    "noisy_moons": (2, 1, 200, 200),
    "blobs": (2, 1, 200, 200),
    "gaussian_quantiles": (2, 1, 200, 200),
    "no_structure": (2, 1, 200, 200),
}


@pytest.fixture(params=list(LOADERS))
def dataset(request: pytest.FixtureRequest, small_cats: Path) -> Dataset:
    """Each dataset in turn; for the cats the small stand-in."""
    return load_dataset(request.param, small_cats if request.param == "cats" else None)


def class_counts(Y: Floats) -> NDArray[np.int64]:
    return np.bincount(Y[0].astype(int), minlength=2) if len(Y) == 1 else Y.sum(axis=1).astype(np.int64)


def pairs(part: Part) -> list[tuple[bytes, bytes]]:
    """Each example with its label, in an order that does not depend on the order of the examples."""
    return sorted((x.tobytes(), y.tobytes()) for x, y in zip(part.X.T.copy(), part.Y.T.copy(), strict=True))


def toy(m_train: int = 20, m_test: int = 10, n_classes: int = 2, n_x: int = 3) -> Dataset:
    """Every value another one, classes in turn."""
    X = np.arange(float(n_x * (m_train + m_test))).reshape(n_x, -1)
    classes = np.arange(m_train + m_test) % n_classes
    Y = (classes == np.arange(n_classes)[:, np.newaxis]).astype(np.float64)
    Y = Y[1:] if n_classes == 2 else Y
    return Dataset("toy", Part(X[:, :m_train], Y[:, :m_train]), Part(X[:, m_train:], Y[:, m_train:]))


# --- every loader


def test_shapes_are_the_known_ones(dataset: Dataset) -> None:
    n_x, n_y, m_train, m_test = SIZES[dataset.name]
    assert (dataset.n_x, dataset.n_y) == (n_x, n_y)
    assert dataset.train.X.shape == (n_x, m_train)
    assert dataset.train.Y.shape == (n_y, m_train)
    assert dataset.test.X.shape == (n_x, m_test)
    assert dataset.test.Y.shape == (n_y, m_test)


def test_numbers_are_float64_and_finite(dataset: Dataset) -> None:
    for array in (*dataset.train, *dataset.test):
        assert array.dtype == np.float64
        assert np.isfinite(array).all()


def test_labels_are_one_row_of_0_and_1_or_one_hot(dataset: Dataset) -> None:
    for part in (dataset.train, dataset.test):
        assert set(np.unique(part.Y)) == {0.0, 1.0}
        if dataset.n_y > 1:
            assert_array_equal(part.Y.sum(axis=0), 1.0)


def test_every_class_is_named_and_in_both_parts(dataset: Dataset) -> None:
    assert len(dataset.class_names) == max(dataset.n_y, 2)
    for part in (dataset.train, dataset.test):
        assert (class_counts(part.Y) > 0).all()


def test_features_are_named_or_pixels_of_an_image(dataset: Dataset) -> None:
    if dataset.image_shape is None:
        assert len(dataset.feature_names) == dataset.n_x
        assert len(set(dataset.feature_names)) == dataset.n_x
    else:
        assert dataset.feature_names == ()
        assert math.prod(dataset.image_shape) == dataset.n_x
        for part in (dataset.train, dataset.test):
            assert part.X.min() == 0.0
            assert 0.9 < part.X.max() <= 1.0


def test_a_dataset_knows_its_name_and_source(dataset: Dataset) -> None:
    assert dataset.name in LOADERS
    assert dataset.about
    assert dataset.standardization is None


def test_the_list_of_datasets_says_how_many_examples_each_has(dataset: Dataset) -> None:
    assert list(ABOUT) == list(LOADERS)
    examples = 259 if dataset.name == "cats" else dataset.train.X.shape[1] + dataset.test.X.shape[1]
    assert ABOUT[dataset.name].startswith(f"{examples} ")


def test_names_of_the_classes() -> None:
    assert load_digits().class_names == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
    assert load_breast_cancer().class_names == ("malignant", "benign")
    assert load_flower().class_names == ("red", "blue")


# --- by name


@pytest.mark.parametrize("name", ["breast-cancer", "breast_cancer"])
def test_a_hyphen_stands_for_an_underscore(name: str) -> None:
    assert load_dataset(name).name == "breast_cancer"


@pytest.mark.parametrize("name", ["dogs", "", "Digits", "flower "])
def test_an_unknown_name_is_answered_with_all_names(name: str) -> None:
    with pytest.raises(InputError) as caught:
        load_dataset(name)
    assert repr(name) in str(caught.value)
    assert all(known in str(caught.value) for known in SIZES)


@pytest.mark.parametrize("name", [name for name in SIZES if name != "cats"])
def test_a_folder_applies_to_cats_alone(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"{name} is not read from files.*{tmp_path.name}.*leave it out"):
        load_dataset(name, tmp_path)


def test_the_folder_may_be_text(small_cats: Path) -> None:
    assert_array_equal(load_dataset("cats", str(small_cats)).train.X, load_cats(small_cats).train.X)


def test_the_folder_reaches_the_loader(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train_catvnoncat\.h5"):
        load_dataset("cats", tmp_path)


@pytest.mark.processes
def test_importing_the_datasets_imports_nothing_heavy() -> None:
    script = (
        "import sys, layerlab.datasets\n"
        "heavy = {'sklearn', 'scipy', 'h5py', 'PIL', 'pooch', 'requests', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert answer.stdout.strip() == "[]"


# --- the flower


def flower_by_hand(seed: int) -> tuple[Floats, Floats]:
    """Angles linspace(3.12 j, 3.12 (j+1), 200) + 0.2 ε, then radii 4 sin 4t + 0.2 ε, one number at a time."""
    stream = np.random.RandomState(seed)
    X, Y = np.zeros((2, 400)), np.zeros((1, 400))
    for j in range(2):
        noise_of_angles = [stream.randn() for _ in range(200)]
        noise_of_radii = [stream.randn() for _ in range(200)]
        for i in range(200):
            t = 3.12 * j + 3.12 * i / 199 + 0.2 * noise_of_angles[i]
            r = 4 * math.sin(4 * t) + 0.2 * noise_of_radii[i]
            X[:, 200 * j + i] = r * math.sin(t), r * math.cos(t)
            Y[0, 200 * j + i] = j
    return X, Y


def test_the_flower_is_drawn_from_its_facts() -> None:
    flower = load_flower()
    for part, seed in ((flower.train, 1), (flower.test, 2)):
        X, Y = flower_by_hand(seed)
        assert_allclose(part.X, X, rtol=0, atol=1e-13)
        assert_array_equal(part.Y, Y)


def test_the_test_part_is_the_flower_of_the_next_seed() -> None:
    assert_array_equal(load_flower(5).test.X, load_flower(6).train.X)
    assert_array_equal(load_flower().train.X, flower_points(1)[0])
    assert not np.array_equal(load_flower().train.X, load_flower(3).train.X)


# --- digits and breast cancer


def scikit_learn_split(features: Any, target: Any) -> tuple[Any, Any, Any, Any]:
    return tuple(
        train_test_split(features, target, test_size=0.2, stratify=target, random_state=np.random.RandomState(0))
    )


def test_digits_are_scikit_learns_split() -> None:
    bunch = sklearn.datasets.load_digits()
    X_train, X_test, y_train, y_test = scikit_learn_split(bunch.data, bunch.target)
    digits = load_digits()
    assert_array_equal(digits.train.X * 16, X_train.T)
    assert_array_equal(digits.test.X * 16, X_test.T)
    assert_array_equal(digits.train.Y.argmax(axis=0), y_train)
    assert_array_equal(digits.test.Y.argmax(axis=0), y_test)
    assert digits.image_shape == (8, 8)


def test_breast_cancer_is_scikit_learns_split() -> None:
    bunch = sklearn.datasets.load_breast_cancer()
    X_train, X_test, y_train, y_test = scikit_learn_split(bunch.data, bunch.target)
    cancer = load_breast_cancer()
    assert_array_equal(cancer.train.X, X_train.T)
    assert_array_equal(cancer.test.X, X_test.T)
    assert_array_equal(cancer.train.Y[0], y_train)
    assert_array_equal(cancer.test.Y[0], y_test)
    assert cancer.feature_names == tuple(bunch.feature_names)
    assert all(type(name) is str for name in cancer.feature_names + cancer.class_names)


@pytest.mark.parametrize("load", [load_digits, load_breast_cancer])
def test_every_class_has_its_share_in_both_parts(load: Any) -> None:
    data = load()
    in_train, in_test = class_counts(data.train.Y), class_counts(data.test.Y)
    fair = (in_train + in_test) * in_test.sum() / (in_train.sum() + in_test.sum())
    assert np.abs(in_test - fair).max() < 1


# --- the extra planar sets


@pytest.mark.parametrize("name", EXTRA)
def test_extra_points_are_200_rows_with_their_class(name: str) -> None:
    points, classes = extra_points(name, seed=3)
    assert points.shape == (200, 2)
    assert classes.shape == (200,)
    assert np.issubdtype(classes.dtype, np.integer)
    assert set(classes) == set(range(6 if name == "blobs" else 2))


@pytest.mark.parametrize("name", EXTRA)
def test_a_seed_gives_the_same_points_again_and_leaves_the_global_stream_alone(name: str) -> None:
    np.random.seed(0)
    next_draw = np.random.rand()
    np.random.seed(0)
    points, classes = extra_points(name, seed=7)
    again, classes_again = extra_points(name, seed=7)
    other, _ = extra_points(name, seed=8)
    assert_array_equal(points, again)
    assert_array_equal(classes, classes_again)
    assert not np.array_equal(points, other)
    assert np.random.rand() == next_draw


@pytest.mark.parametrize("name", [name for name in EXTRA if name != "blobs"])
def test_no_seed_draws_from_the_global_stream(name: str) -> None:
    np.random.seed(4)
    points, _ = extra_points(name)
    following, _ = extra_points(name)
    np.random.seed(4)
    again, _ = extra_points(name)
    assert_array_equal(points, again)
    assert not np.array_equal(points, following)


def test_extra_points_without_a_seed_are_the_generators_of_the_course() -> None:
    course: dict[str, Any] = {
        "noisy_circles": lambda: sklearn.datasets.make_circles(n_samples=200, factor=0.5, noise=0.3),
        "noisy_moons": lambda: sklearn.datasets.make_moons(n_samples=200, noise=0.2),
        "blobs": lambda: sklearn.datasets.make_blobs(n_samples=200, random_state=5, n_features=2, centers=6),
        "gaussian_quantiles": lambda: sklearn.datasets.make_gaussian_quantiles(
            mean=None, cov=0.5, n_samples=200, n_features=2, n_classes=2, shuffle=True, random_state=None
        ),
        "no_structure": lambda: (np.random.rand(200, 2), np.random.rand(200) > 0.5),
    }
    for name in EXTRA:
        np.random.seed(1)
        points, classes = extra_points(name)
        np.random.seed(1)
        wanted_points, wanted_classes = course[name]()
        assert_array_equal(points, wanted_points, err_msg=name)
        assert_array_equal(classes, wanted_classes, err_msg=name)


def test_the_blobs_of_any_seed_lie_around_the_centres_of_the_course() -> None:
    course, numbers, centers = sklearn.datasets.make_blobs(200, centers=6, random_state=5, return_centers=True)
    for seed in (0, 1, 5):
        points, classes = extra_points("blobs", seed)
        means = np.array([points[classes == k].mean(axis=0) for k in range(6)])
        assert np.abs(means - centers).max() < 1.0  # deviation 1 in 33 points: of the mean 0.17
        assert not np.array_equal(points, course)
    assert set(numbers) == set(classes)


@pytest.mark.parametrize("name", EXTRA)
def test_extra_sets_have_points_in_columns_and_the_next_seed_as_test(name: str) -> None:
    data = load_extra(name, seed=2)
    for part, seed in ((data.train, 2), (data.test, 3)):
        points, classes = extra_points(name, seed)
        assert_array_equal(part.X, points.T)
        assert_array_equal(part.Y, [classes % 2])
    assert_array_equal(load_dataset(name).train.X, load_extra(name, seed=1).train.X)


def test_an_unknown_planar_set_is_answered_with_all_names() -> None:
    for load in (extra_points, load_extra):
        with pytest.raises(
            InputError, match=r"'squares'.*noisy_circles, noisy_moons, blobs, gaussian_quantiles, no_st"
        ):
            load("squares")


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", True, None])
def test_a_seed_out_of_range_is_refused(seed: Any) -> None:
    requests: list[Any] = [load_flower, toy().resplit]
    requests += [lambda seed, name=name: load_extra(name, seed) for name in EXTRA]
    if seed is not None:  # which stands for the global stream
        requests += [flower_points]
        requests += [lambda seed, name=name: extra_points(name, seed) for name in EXTRA]
    for request in requests:
        with pytest.raises(InputError, match="seed="):
            request(seed)


@pytest.mark.parametrize("name", ["flower", *EXTRA])
def test_the_last_seed_has_no_next_one_for_the_test(name: str) -> None:
    with pytest.raises(InputError, match=f"seed={2**32}"):
        load_flower(2**32 - 1) if name == "flower" else load_extra(name, 2**32 - 1)


# --- standardisation


def test_standardised_features_have_mean_0_and_deviation_1_on_the_training_part() -> None:
    cancer = load_breast_cancer()
    standardized = cancer.standardized()
    assert_allclose(standardized.train.X.mean(axis=1), 0.0, atol=1e-12)
    assert_allclose(standardized.train.X.std(axis=1), 1.0, rtol=1e-12)
    mean, scale = cancer.train.X.mean(axis=1), cancer.train.X.std(axis=1)
    assert_allclose(standardized.test.X, ((cancer.test.X.T - mean) / scale).T, rtol=1e-9, atol=1e-12)
    assert np.abs(standardized.test.X.mean(axis=1)).max() > 1e-3


def test_float32_features_are_standardised_as_exactly_as_float64() -> None:
    """Summed in float32, 100,000 numbers around 10⁵ had a mean that was off by 100, a constant a deviation of 10⁻⁶."""
    X = np.stack([1e5 + np.random.RandomState(0).randn(100_000), np.full(100_000, 0.1)]).astype(np.float32)
    part = Part(np.asfortranarray(X), np.zeros((1, 100_000)))
    data = Dataset("offset", part, part).standardized()
    assert data.train.X.dtype == np.float32
    assert data.standardization is not None
    assert_allclose(data.standardization.mean[:, 0], [1e5, 0.1], rtol=1e-7)
    assert_allclose(data.standardization.scale[:, 0], [1.0, 1.0], rtol=1e-2)
    assert_allclose(data.train.X.std(axis=1, dtype=np.float64), [1.0, 0.0], atol=1e-2)


def test_standardisation_is_kept_for_later_examples_and_leaves_the_rest() -> None:
    cancer = load_breast_cancer()
    standardized = cancer.standardized()
    assert standardized.standardization is not None
    assert_array_equal(standardized.standardization(cancer.test.X), standardized.test.X)
    assert_array_equal(standardized.train.Y, cancer.train.Y)
    assert standardized.feature_names == cancer.feature_names
    assert_array_equal(cancer.train.X, load_breast_cancer().train.X)  # the original is as it was


def test_a_constant_feature_is_centred_and_not_scaled() -> None:
    X_train = np.array([[0.1] * 7, [0.0] * 7, [1e6] * 7, [1.0, 2, 3, 4, 5, 6, 7]])
    X_test = np.array([[0.6], [3.0], [1e6 + 1], [4.0]])
    data = Dataset("toy", Part(X_train, np.zeros((1, 7))), Part(X_test, np.zeros((1, 1)))).standardized()
    assert data.standardization is not None
    assert_array_equal(data.standardization.scale[:3], 1.0)
    assert_allclose(data.train.X[:3], 0.0, atol=1e-9)
    assert_allclose(data.test.X[:, 0], [0.5, 3.0, 1.0, 0.0], atol=1e-9)  # 4 is the mean of 1 to 7
    assert_allclose(data.standardization.scale[3], 2.0)  # the mean of 9 4 1 0 1 4 9 is 4


def test_a_feature_in_tiny_units_is_scaled_all_the_same() -> None:
    data = toy()
    tiny = Dataset("tiny", Part(data.train.X * 1e-15, data.train.Y), Part(data.test.X * 1e-15, data.test.Y))
    assert_allclose(tiny.standardized().train.X, data.standardized().train.X, rtol=1e-9, atol=1e-9)


def test_standardising_twice_changes_nothing_and_forgets_nothing() -> None:
    once = load_breast_cancer().standardized()
    twice = once.standardized()
    assert_array_equal(twice.train.X, once.train.X)
    assert twice.standardization is not None
    assert once.standardization is not None
    assert_array_equal(twice.standardization.mean, once.standardization.mean)
    assert_array_equal(twice.standardization.scale, once.standardization.scale)


# --- dealing anew


@pytest.mark.parametrize("load", [load_digits, load_breast_cancer, lambda: toy(n_classes=3)])
def test_resplit_keeps_every_example_with_its_label(load: Any) -> None:
    data = load()
    dealt = data.resplit(seed=3)
    assert dealt.train.X.shape == data.train.X.shape
    assert dealt.test.Y.shape == data.test.Y.shape
    assert sorted(pairs(dealt.train) + pairs(dealt.test)) == sorted(pairs(data.train) + pairs(data.test))
    assert dealt.class_names == data.class_names


@pytest.mark.parametrize("load", [load_digits, load_breast_cancer, lambda: toy(n_classes=3)])
def test_resplit_gives_every_class_its_share(load: Any) -> None:
    data = load()
    share = data.test.X.shape[1] / (data.train.X.shape[1] + data.test.X.shape[1])
    for seed in range(3):
        dealt = data.resplit(seed)
        whole = class_counts(dealt.train.Y) + class_counts(dealt.test.Y)
        assert np.abs(class_counts(dealt.test.Y) - share * whole).max() < 1


def test_resplit_depends_on_the_seed_alone() -> None:
    data = load_breast_cancer()
    first, again, other = data.resplit(1), data.resplit(1), data.resplit(2)
    assert_array_equal(first.train.X, again.train.X)
    assert_array_equal(first.test.Y, again.test.Y)
    assert pairs(first.test) != pairs(other.test)
    assert pairs(first.test) != pairs(data.test)


def test_resplit_refuses_standardised_data() -> None:
    with pytest.raises(InputError, match="split first, then standardise"):
        load_breast_cancer().standardized().resplit(0)


def test_resplit_refuses_a_class_with_one_example() -> None:
    data = toy()
    Y = np.zeros_like(data.train.Y)
    lonely = Dataset("lonely", Part(data.train.X, Y), Part(data.test.X, np.eye(1, 10)))
    with pytest.raises(
        InputError, match=r"30 examples of 2 classes .* 10 test examples and the rest: wanted at least two examples"
    ):
        lonely.resplit(0)


# --- the cats


def test_a_cats_column_is_one_whole_image(small_cats: Path) -> None:
    data = load_cats(small_cats)
    with h5py.File(small_cats / "train_catvnoncat.h5") as file:
        images, labels = file["train_set_x"][()], file["train_set_y"][()]
    for i in (0, 5, 11):
        assert_array_equal(data.train.X[:, i], images[i].ravel() / 255)
    assert_array_equal(data.train.Y, [labels])
    assert data.image_shape == (8, 8, 3)
    assert data.class_names == ("non-cat", "cat")


def test_the_five_arrays_are_as_the_files_hold_them(small_cats: Path) -> None:
    arrays = read_cats(small_cats)
    assert arrays.train_images.shape == (12, 8, 8, 3)
    assert arrays.test_images.shape == (6, 8, 8, 3)
    assert arrays.train_images.dtype == arrays.test_images.dtype == np.uint8
    assert arrays.train_labels.tolist() == [[0, 0, 1] * 4]
    assert arrays.test_labels.tolist() == [[0, 0, 1] * 2]
    assert arrays.train_labels.dtype == arrays.test_labels.dtype == np.int64
    assert arrays.classes.tolist() == [b"non-cat", b"cat"]


def test_the_notes_cats(cats_folder: Path) -> None:
    cats = load_cats(cats_folder)
    assert cats.train.X.shape == (12288, 209)
    assert cats.test.X.shape == (12288, 50)
    assert cats.image_shape == (64, 64, 3)
    assert cats.class_names == ("non-cat", "cat")
    assert cats.train.Y.sum() == 72
    assert cats.test.Y.sum() == 33
    for part, name in ((cats.train, "train"), (cats.test, "test")):
        with h5py.File(cats_folder / f"{name}_catvnoncat.h5") as file:
            images, labels = file[f"{name}_set_x"][()], file[f"{name}_set_y"][()]
        for i in (0, 25, 49):
            assert_array_equal(part.X[:, i], images[i].ravel() / 255)
        assert_array_equal(part.Y, [labels])


def test_what_is_held_out_is_noted_and_once_only() -> None:
    digits = load_digits()
    rest, held_out = hold_out(digits, 0.2, seed=5)
    assert rest.held_out == (0.2, 5)
    assert digits.held_out is None
    assert rest.standardized().held_out == rest.held_out
    assert rest.resplit(0).held_out is None
    together = np.concatenate([rest.train.X, held_out.X], axis=1)
    assert_array_equal(np.sort(together, axis=1), np.sort(digits.train.X, axis=1))
    with pytest.raises(InputError, match=r"a share of 0\.2 is already held out: start from the whole dataset"):
        hold_out(rest, 0.1)


def test_values_are_held_out_by_chance() -> None:
    part = Part(np.arange(40.0).reshape(1, 40), np.linspace(-3.0, 7.0, 40).reshape(1, 40))
    rest, held_out = hold_out(Dataset("line", part, part), 0.25)
    assert (rest.train.Y.shape, held_out.Y.shape) == ((1, 30), (1, 10))
    assert_array_equal(held_out.Y[0], part.Y[0, held_out.X[0].astype(int)])
