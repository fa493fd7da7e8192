"""Augmentation: each formula against a second way, and variants that depend on seed, epoch and number alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from layerlab import InputError, plots
from layerlab.datasets import load_cats, load_digits, load_flower
from layerlab.datasets.augmented_images import augmented, augmented_images, sample_variants
from layerlab.datasets.images.augmentation import (
    FLIPS,
    Augmentation,
    brightened,
    mirrored,
    parse_augmentation,
    random_draws,
    rotated,
    shifted,
)
from layerlab.formulas.arrays import Floats
from layerlab.plots.contact_sheet import in_turn

Block = Floats

ALL = Augmentation(flip="both", shift=0.2, rotate=30, brightness=0.4, seed=5)


def images(k: int, height: int = 5, width: int = 7, channels: int = 3) -> Block:
    return np.random.RandomState(k).random_sample((k, height, width, channels))


# --- the formulas


def test_mirrored_by_hand() -> None:
    image = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1).repeat(4, axis=0)
    across, down = np.array([False, True, False, True]), np.array([False, False, True, True])
    wanted = [[1, 2, 3, 4], [2, 1, 4, 3], [3, 4, 1, 2], [4, 3, 2, 1]]
    assert_array_equal(mirrored(image, across, down).reshape(4, 4), wanted)


def test_shifted_by_hand() -> None:
    image = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).reshape(1, 2, 3, 1).repeat(3, axis=0)
    out = shifted(image, np.array([1, 0, -5]), np.array([0, -1, 1]))[..., 0]
    assert_array_equal(out[0], [[1, 2, 3], [1, 2, 3]])  # down: the upper border is repeated
    assert_array_equal(out[1], [[2, 3, 3], [5, 6, 6]])
    assert_array_equal(out[2], [[4, 4, 5], [4, 4, 5]])


@pytest.mark.parametrize(("degrees", "quarters"), [(0, 0), (90, 1), (180, 2), (-90, -1)])
@pytest.mark.parametrize("side", [1, 4, 5])
def test_quarter_turns_are_those_of_numpy(degrees: float, quarters: int, side: int) -> None:
    block = images(3, side, side)
    turned = rotated(block, np.full(3, float(degrees)))
    assert_allclose(turned, np.rot90(block, quarters, axes=(1, 2)), atol=1e-14)


def test_a_turn_is_the_bilinear_one_of_scipy() -> None:
    from scipy.ndimage import map_coordinates

    block, degrees = images(4, 9, 6, 2), np.array([0.0, 17.0, -33.0, 140.0])
    y, x = np.meshgrid(np.arange(9) - 4.0, np.arange(6) - 2.5, indexing="ij")
    for image, out, alpha in zip(block, rotated(block, degrees), np.deg2rad(degrees), strict=True):
        place = [4 + y * np.cos(alpha) + x * np.sin(alpha), 2.5 - y * np.sin(alpha) + x * np.cos(alpha)]
        for channel in range(2):
            wanted = map_coordinates(image[..., channel], place, order=1, mode="nearest")
            assert_allclose(out[..., channel], wanted, atol=1e-12)


def test_positive_degrees_turn_anticlockwise() -> None:
    image = np.zeros((1, 9, 9, 1))
    image[0, 4, 7] = 1  # in the east
    turned = rotated(image, np.array([45.0]))[0, ..., 0]
    assert divmod(int(turned.argmax()), 9) == (2, 6)  # north-east


def test_brightened_by_hand() -> None:
    out = brightened(np.array([0.2, 0.9]).reshape(2, 1, 1, 1), np.array([0.5, 1.5]))
    assert out.ravel().tolist() == [0.1, 1.0]


def test_chance_is_splitmix64() -> None:
    state = 0x9E3779B97F4A7C15

    def mixed(z: int) -> int:
        z = (z + state) % 2**64
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
        return z ^ (z >> 31)

    assert mixed(0) == 0xE220A8397B1DCDAF  # the published first number of seed 0
    base = mixed(mixed(mixed(7) + 3) + 11)
    wanted = [(mixed(base + i * state) >> 11) / 2**53 for i in range(6)]
    assert random_draws(7, 3, np.array([11]))[0].tolist() == wanted


def test_chance_is_even_and_its_numbers_have_nothing_to_do_with_each_other() -> None:
    chance = np.concatenate([random_draws(0, epoch, np.arange(5000)) for epoch in range(4)])
    assert 0 <= chance.min() < chance.max() < 1
    assert_allclose(chance.mean(axis=0), 0.5, atol=0.01)
    assert_allclose(np.cov(chance.T) * 12, np.eye(6), atol=0.04)
    epochs = chance[:, 0].reshape(4, 5000)
    assert_allclose(np.corrcoef(epochs), np.eye(4), atol=0.05)


# --- what a variant depends on


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(9)), st.integers(1, 8), st.integers(0, 10**6))
def test_order_and_blocks_change_nothing(order: list[int], cut: int, epoch: int) -> None:
    X, numbers = images(9).reshape(9, -1), np.arange(100, 109)
    whole = augmented(X, (5, 7, 3), ALL, epoch, numbers)
    some = np.array(order)
    parts = [augmented(X[i], (5, 7, 3), ALL, epoch, numbers[i]) for i in np.split(some, [cut])]
    assert_array_equal(np.concatenate(parts), whole[some])


def test_large_blocks_are_cut_and_nothing_changes() -> None:
    X = images(1500, 8, 8, 1).reshape(1500, 64)
    whole = augmented(X, (8, 8), ALL, 2, np.arange(1500))
    assert_array_equal(whole[1400:1401], augmented(X[1400:1401], (8, 8), ALL, 2, np.array([1400])))


def test_each_epoch_number_and_seed_has_its_own_variant() -> None:
    X = np.tile(images(1).reshape(1, -1), (4, 1))
    several = [augmented(X, (5, 7, 3), ALL, epoch, np.arange(4)) for epoch in range(3)]
    several.append(augmented(X, (5, 7, 3), Augmentation("both", 0.2, 30, 0.4, seed=6), 0, np.arange(4)))
    assert len(np.unique(np.concatenate(several), axis=0)) == 16
    assert_array_equal(several[1], augmented(X, (5, 7, 3), ALL, 1, np.arange(4)))


def test_nothing_asked_for_changes_nothing() -> None:
    X = images(3).reshape(3, -1)
    assert_array_equal(augmented(X, (5, 7, 3), Augmentation(), 4, np.arange(3)), X)


@pytest.mark.parametrize("flip", FLIPS)
def test_flips_give_mirror_images_and_half_of_them(flip: str) -> None:
    image = np.arange(6.0) / 6
    X = augmented(np.tile(image, (4000, 1)), (2, 3), Augmentation(flip=flip), 0, np.arange(4000))
    seen, counts = np.unique(X, axis=0, return_counts=True)
    pictures = {tuple(row.reshape(2, 3).ravel()) for row in seen}
    grid = image.reshape(2, 3)
    wanted = {
        "none": [grid],
        "horizontal": [grid, grid[:, ::-1]],
        "vertical": [grid, grid[::-1]],
        "both": [grid, grid[:, ::-1], grid[::-1], grid[::-1, ::-1]],
    }[flip]
    assert pictures == {tuple(picture.ravel()) for picture in wanted}
    assert_allclose(counts / 4000, 1 / len(wanted), atol=0.04)


@pytest.mark.parametrize(("shift", "most"), [(2, (2, 2)), (1, (1, 1)), (0.25, (2, 3)), (0.01, (1, 1))])
def test_shifts_reach_as_far_as_they_may(shift: float, most: tuple[int, int]) -> None:
    image = np.zeros((1, 8, 12))
    image[0, 4, 6] = 1
    X = augmented(np.tile(image.reshape(1, -1), (2000, 1)), (8, 12), Augmentation(shift=shift), 0, np.arange(2000))
    rows, columns = np.divmod(X.argmax(axis=1), 12)
    assert set(rows - 4) == set(range(-most[0], most[0] + 1))
    assert set(columns - 6) == set(range(-most[1], most[1] + 1))


def test_brightness_keeps_to_its_range() -> None:
    X = augmented(np.full((2000, 1), 0.5), (1, 1), Augmentation(brightness=0.3), 0, np.arange(2000))
    assert 0.35 <= X.min() < 0.36
    assert 0.64 < X.max() <= 0.65


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(FLIPS),
    st.sampled_from([0, 0.3, 1, 4]),
    st.floats(0, 180),
    st.floats(0, 0.99),
    st.sampled_from([np.float64, np.float32]),
    st.sampled_from([(1, 1), (2, 9), (6, 4, 3), (3, 3, 1)]),
)
def test_pixels_stay_between_0_and_1(
    flip: str, shift: float, rotate: float, brightness: float, dtype: Any, shape: tuple[int, ...]
) -> None:
    X = np.random.RandomState(0).random_sample((5, int(np.prod(shape)))).astype(dtype)
    before = X.copy()
    out = augmented(X, shape, Augmentation(flip, shift, rotate, brightness), 1, np.arange(5))
    assert out.dtype == dtype
    assert out.shape == X.shape
    assert out.min() >= 0
    assert out.max() <= 1 + 1e-6
    assert_array_equal(X, before)


# --- words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("flip", Augmentation(flip="horizontal")),
        ("flip=vertical", Augmentation(flip="vertical")),
        ("none", Augmentation()),
        (" flip , shift = 2,rotate=10,brightness=0.2 ", Augmentation(True, 2, 10, 0.2)),
        ("shift=0.1,seed=7", Augmentation(shift=0.1, seed=7)),
    ],
)
def test_words_are_parsed(text: str, wanted: Augmentation) -> None:
    assert parse_augmentation(text) == wanted


@given(
    st.sampled_from(FLIPS),
    st.floats(0, 1, exclude_max=True) | st.integers(1, 99).map(float),
    st.floats(0, 180),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 2**32 - 1),
)
def test_what_is_written_is_parsed_again(flip: str, shift: float, rotate: float, brightness: float, seed: int) -> None:
    augmentation = Augmentation(flip, shift, rotate, brightness, seed)
    assert parse_augmentation(str(augmentation)) == augmentation


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is unknown: wanted some of flip, shift, rotate, brightness, seed"),
        ("flip,", "'' is unknown"),
        ("zoom=2", "'zoom' is unknown"),
        ("flip,flip", "flip is given twice"),
        ("shift", "shift has no number: wanted a number, such as shift=2"),
        ("shift=", "shift has no number"),
        ("shift=two", "shift=two: wanted a number"),
        ("shift=-1", "shift=-1: wanted a finite number of at least 0"),
        ("shift=1.5", "shift=1.5: wanted whole pixels, or a share of the side below 1"),
        ("rotate=181", "rotate=181: wanted a finite number of at least 0, at most 180"),
        ("rotate=nan", "rotate=nan: wanted a finite number"),
        ("shift=inf", "shift=inf: wanted a finite number"),
        ("brightness=1", "brightness=1: wanted a finite number of at least 0, below 1"),
        ("flip=sideways", "flip='sideways': wanted True, False or one of none, horizontal, vertical, both"),
        ("flip=", "flip='': wanted True, False or one of"),
        ("seed=1.5", "seed=1.5: wanted a whole number"),
    ],
)
def test_words_that_mean_nothing_are_told(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_augmentation(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"augmentation {text!r}: ")


def test_rows_that_do_not_fit_are_told() -> None:
    for X, numbers in ((np.ones((2, 5)), 2), (np.ones((2, 4)), 3), (np.ones(4), 4)):
        with pytest.raises(InputError, match="wanted an image in each row, and a number for each"):
            augmented(X, (2, 2), ALL, 0, np.arange(numbers))


# --- a training part


def test_images_are_kept_as_bytes_and_read_as_they_were(small_cats: Path) -> None:
    cats = load_cats(small_cats)
    source = augmented_images(cats, Augmentation())
    assert (source.rows, source.n_x, source.pixels.dtype.name) == (12, 192, "uint8")
    X, Y = source.read(np.array([5, 0, 5]), epoch=3)
    assert_array_equal(X, cats.train.X.T[[5, 0, 5]])
    assert_array_equal(Y, cats.train.Y.T[[5, 0, 5]])
    assert source.read(np.array([1]), 0, np.float32)[0].dtype == np.float32


def test_pixels_that_are_no_bytes_are_not_rounded() -> None:
    digits = load_digits()  # sixteenths
    source = augmented_images(digits, Augmentation())
    assert source.pixels.dtype == np.float64
    assert_array_equal(source.read(np.arange(20), 0)[0], digits.train.X.T[:20])


def test_a_source_reads_what_augmented_makes() -> None:
    digits = load_digits()
    source, numbers = augmented_images(digits, ALL), np.array([3, 1000, 7])
    wanted = augmented(digits.train.X.T[numbers], (8, 8), ALL, 6, numbers)
    assert_array_equal(source.read(numbers, 6)[0], wanted)
    seen = sample_variants(source, numbers, [6, 7])
    assert seen.shape == (3, 2, 8, 8)
    assert_array_equal(seen[:, 0].reshape(3, 64), wanted)


def test_what_cannot_be_augmented_is_told() -> None:
    with pytest.raises(InputError, match="flower: augmentation needs images, and these are not images"):
        augmented_images(load_flower(), ALL)
    with pytest.raises(InputError, match="augment first, then standardise"):
        augmented_images(load_digits().standardized(), ALL)


# --- the contact sheet


def test_the_sheet_takes_classes_in_turn() -> None:
    assert in_turn(["a", "a", "b", "a", "b", "c"]) == [0, 2, 5, 1, 4, 3]


def test_the_sheet_shows_images_and_variants(tmp_path: Path) -> None:
    block = images(20)
    names = [f"class {i % 3}" for i in range(20)]
    several = np.stack([block[:2]] * 5, axis=1)
    figure = plots.contact_sheet(block, names, several, most=10)
    captions = [axes.get_xlabel() for axes in figure.axes]
    assert captions == [
        *(f"class {i}" for i in (0, 1, 2) * 3),
        "class 0",
        *("original", "epoch 1", "epoch 2", "epoch 3", "epoch 4") * 2,
    ]
    assert figure.get_suptitle() == "Training images as the network sees them (10 of 20 images)"
    assert_array_equal(np.asarray(figure.axes[1].images[0].get_array()), block[1])
    path, _ = plots.save(figure, tmp_path, "sheet")
    with Image.open(path) as picture:
        assert picture.size[0] == 1050


@pytest.mark.parametrize(
    ("block", "names", "more", "words"),
    [
        (images(2), ["a"], None, "2 images and 1 class names: wanted the same number of each, at least one"),
        (images(2)[:0], [], None, "0 images and 0 class names"),
        (images(2, channels=2), ["a", "b"], None, "images of the shape (5, 7, 2): wanted (height, width)"),
        (images(2), ["a", "b"], np.ones((1, 2, 3, 3)), "variants of the shape (3, 3): wanted"),
        (images(2) * np.nan, ["a", "b"], None, "some pixels are no finite numbers"),
    ],
)
def test_a_sheet_of_what_is_no_image_is_told(block: Any, names: list[str], more: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        plots.contact_sheet(block, names, more)
    assert words in str(caught.value)
