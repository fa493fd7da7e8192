"""Rows and columns of length one, and images as columns that stay whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from layerlab import InputError
from layerlab.formulas import flatten_images, image2vector, normalize_columns, normalize_rows
from layerlab.formulas.arrays import Floats

properties = settings(deadline=None, max_examples=50, derandomize=True)
sizes = st.floats(1e-300, 1e300)
entries = st.just(0.0) | sizes | sizes.map(lambda size: -size)
tables = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=5), elements=entries)
image_stacks = hnp.array_shapes(min_dims=3, max_dims=4, max_side=5).map(  # no two pixels are equal
    lambda shape: np.arange(math.prod(shape), dtype=np.int64).reshape(shape)
)


@properties
@given(tables)
def test_rows_get_length_one_and_keep_their_direction(X: Floats) -> None:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        normalized = normalize_rows(X)
    assert normalized.shape == X.shape
    for index in np.ndindex(X.shape[:-1]):
        length = math.hypot(*X[index])
        assert math.hypot(*normalized[index]) == pytest.approx(1.0 if length else 0.0, abs=1e-15, rel=1e-15)
        assert_allclose(normalized[index] * length, X[index], rtol=1e-14, atol=1e-15 * length)


@properties
@given(tables)
def test_columns_are_the_rows_of_the_transpose(X: Floats) -> None:
    assert_allclose(normalize_columns(X), normalize_rows(X.mT.copy()).mT, rtol=1e-14)


@properties
@given(tables)
def test_what_has_length_one_stays_as_it_is(X: Floats) -> None:
    once = normalize_rows(X)
    assert_allclose(normalize_rows(once), once, rtol=1e-15, atol=1e-300)


def test_normalizing_by_hand() -> None:
    X = np.array([[0.0, 3.0, 4.0], [2.0, 6.0, 4.0]])  # lengths 5 and √56
    assert_allclose(normalize_rows(X), [[0.0, 0.6, 0.8], [2 / 56**0.5, 6 / 56**0.5, 4 / 56**0.5]], rtol=1e-15)
    # Columns of lengths 2, √45 and √32.
    assert_allclose(
        normalize_columns(X), [[0.0, 3 / 45**0.5, 4 / 32**0.5], [1.0, 6 / 45**0.5, 4 / 32**0.5]], rtol=1e-15
    )


@pytest.mark.parametrize("size", [1e200, 1e-200, 1.7e308, 1e-310, 5e-324])
def test_neither_large_nor_small_entries_spoil_the_length(size: float) -> None:
    X = np.array([[size, -size], [size, 0.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert_allclose(normalize_rows(X), [[0.5**0.5, -(0.5**0.5)], [1.0, 0.0]], rtol=1e-15)
        assert_allclose(normalize_columns(X), [[0.5**0.5, -1.0], [0.5**0.5, 0.0]], rtol=1e-15)


def test_a_row_of_zeros_has_no_direction_and_stays_zero() -> None:
    with np.errstate(all="raise"):
        assert_array_equal(normalize_rows(np.array([[0.0, 0.0], [0.0, 2.0]])), [[0.0, 0.0], [0.0, 1.0]])
        assert_array_equal(normalize_columns(np.array([[0.0, 0.0], [0.0, 2.0]])), [[0.0, 0.0], [0.0, 1.0]])


def test_normalizing_leaves_its_argument_alone() -> None:
    X = np.array([[3.0, 4.0]])
    X.flags.writeable = False
    assert_array_equal(normalize_rows(X), [[0.6, 0.8]])
    assert_array_equal(normalize_columns(X), [[1.0, 1.0]])


def test_float32_stays_float32() -> None:
    X = np.array([[3e30, 4e30], [3e-30, -4e-30]], np.float32)  # squares of these leave the range of float32
    normalized = normalize_rows(X)
    assert normalized.dtype == normalize_columns(X).dtype == np.float32
    assert_allclose(normalized, [[0.6, 0.8], [0.6, -0.8]], rtol=1e-6)


@properties
@given(image_stacks)
def test_each_image_stays_whole(images: NDArray[np.int64]) -> None:
    columns = flatten_images(images)
    assert columns.shape == (images[0].size, len(images))
    for i, image in enumerate(images):
        assert_array_equal(columns[:, i], image.ravel())


@properties
@given(image_stacks)
def test_a_column_is_the_image_alone(images: NDArray[np.int64]) -> None:
    assert_array_equal(flatten_images(images), np.concatenate([image2vector(image) for image in images], axis=1))


@properties
@given(image_stacks.filter(lambda images: len(images) > 1 and images[0].size > 1))
def test_the_tempting_reshape_mixes_the_images(images: NDArray[np.int64]) -> None:
    tempting = images.reshape(-1, len(images))
    assert tempting.shape == flatten_images(images).shape
    assert (tempting != flatten_images(images)).any()


def test_flattening_by_hand() -> None:
    # Two images of 1 × 2 pixels in red, green and blue.
    images = np.array([[[[1, 2, 3], [4, 5, 6]]], [[[7, 8, 9], [10, 11, 12]]]], dtype=np.uint8)
    columns = flatten_images(images)
    assert_array_equal(columns.T, [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]])
    assert columns.dtype == image2vector(images[0]).dtype == np.uint8


@pytest.mark.parametrize("shape", [(2, 3, 3), (4, 5), (1, 1, 1), (1, 1)])
def test_an_image_becomes_one_column_in_reading_order(shape: tuple[int, ...]) -> None:
    image = np.random.RandomState(0).rand(*shape)
    vector = image2vector(image)
    assert vector.shape == (image.size, 1)
    assert_array_equal(vector[:, 0], image.ravel())


@pytest.mark.parametrize("shape", [(), (12,), (5, 2, 2, 3), (1, 2, 2, 3, 1)])
def test_what_is_no_image_is_refused_in_words(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError) as refusal:
        image2vector(np.zeros(shape))
    assert str(refusal.value) == (
        f"an image has the shape (height, width, channels), or (height, width) if grey; this one has {shape}: "
        f"for a stack of images use flatten_images"
    )


@pytest.mark.parametrize("shape", [(), (12,), (2, 3), (1, 5, 2, 2, 3)])
def test_what_is_no_stack_of_images_is_refused_in_words(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError) as refusal:
        flatten_images(np.zeros(shape))
    assert str(refusal.value) == (
        f"a stack of images has the shape (m, height, width, channels), or (m, height, width) if grey; "
        f"this one has {shape}: for one image use image2vector"
    )
