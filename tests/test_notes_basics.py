"""Chapter 1 as a notebook uses it: sigmoid, row norms, softmax, L1 and L2, and loops against vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from layerlab import InputError
from layerlab.notes.basics import (
    L1,
    L2,
    basic_sigmoid,
    image2vector,
    normalize_rows,
    sigmoid,
    sigmoid_derivative,
    softmax,
    vectorization,
)


@pytest.mark.parametrize("shape", [(), (3,), (2, 5), (2, 3, 4)])
def test_sigmoid_and_its_derivative_are_the_notes_formulas(shape: tuple[int, ...]) -> None:
    x = np.random.RandomState(0).randn(*shape) * 3
    s = 1 / (1 + np.exp(-x))
    assert_allclose(sigmoid(x), s, rtol=1e-14)
    assert_allclose(sigmoid_derivative(x), s * (1 - s), rtol=1e-13)
    assert np.shape(sigmoid(x)) == np.shape(sigmoid_derivative(x)) == shape


def test_sigmoid_by_hand() -> None:
    x = np.log([1.0, 3.0, 0.25])  # e⁻ˣ is 1, 1/3 and 4
    assert_allclose(sigmoid(x), [1 / 2, 3 / 4, 1 / 5], rtol=1e-15)
    assert_allclose(sigmoid_derivative(x), [1 / 4, 3 / 16, 4 / 25], rtol=1e-15)


def test_sigmoid_derivative_prints_what_the_course_prints() -> None:
    assert str(sigmoid_derivative([1, 2, 3])) == "[0.19661193 0.10499359 0.04517666]"


def test_basic_sigmoid_takes_one_number_and_gives_a_python_float() -> None:
    assert type(basic_sigmoid(1)) is float
    assert basic_sigmoid(1) == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-15)
    assert basic_sigmoid(np.log(3.0)) == pytest.approx(0.75, rel=1e-15)
    with pytest.raises(TypeError):
        basic_sigmoid([1.0, 2.0])  # type: ignore[arg-type]


def test_sigmoid_of_one_number_is_one_number() -> None:
    assert f"{sigmoid(0):.2f} {sigmoid_derivative(0):.2f}" == "0.50 0.25"


def test_sigmoid_does_not_overflow_as_the_notes_formula_does() -> None:
    with pytest.warns(RuntimeWarning, match="overflow"):
        1 / (1 + np.exp(-np.array([-710.0])))
    assert_array_equal(sigmoid([-1e6, -710, 710, 1e6]), [0.0, sigmoid(-710), 1.0, 1.0])
    assert sigmoid(-710) == pytest.approx(math.exp(-710), rel=1e-10, abs=0)
    assert_array_equal(sigmoid_derivative([-1e6, 1e6]), [0.0, 0.0])


def test_image2vector_reads_row_by_row_pixel_by_pixel() -> None:
    height, width, channels = 2, 4, 3
    image = np.random.RandomState(0).randint(0, 256, (height, width, channels)).astype(np.uint8)
    column = image2vector(image)
    assert column.shape == (24, 1)
    for i, j, k in np.ndindex(height, width, channels):
        assert column[(i * width + j) * channels + k, 0] == image[i, j, k]


def test_an_image_as_a_vector_does_not_wrap_round_at_255() -> None:
    image = np.full((1, 2, 3), 200, np.uint8)
    assert_array_equal(image2vector(image) + 100, np.full((6, 1), 300.0))


def test_a_stack_of_images_is_no_image() -> None:
    with pytest.raises(InputError, match=r"\(5, 2, 4, 3\): for a stack of images use flatten_images"):
        image2vector(np.zeros((5, 2, 4, 3)))


def test_normalize_rows_is_the_notes_formula() -> None:
    x = np.random.RandomState(0).randn(3, 5)
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    assert_allclose(normalize_rows(x), np.divide(x, norms), rtol=1e-14)


def test_normalize_rows_by_hand() -> None:
    # ‖(0, 3, 4)‖ = 5, ‖(−2, 6, 9)‖ = 11, and a row of zeros has no direction.
    x = [[0, 3, 4], [-2, 6, 9], [0, 0, 0]]
    assert_allclose(normalize_rows(x), [[0.0, 3 / 5, 4 / 5], [-2 / 11, 6 / 11, 9 / 11], [0.0, 0.0, 0.0]], rtol=1e-15)


def test_normalize_rows_takes_whole_numbers_where_dividing_in_place_fails() -> None:
    x = np.array([[3, 4], [5, 12]])
    with pytest.raises(TypeError, match="Cannot cast"):
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    floating = np.array([[3.0, 4.0], [5.0, 12.0]])
    floating /= np.linalg.norm(floating, axis=1, keepdims=True)  # broadcasting in place works: the type was the trouble
    assert_allclose(normalize_rows(x), floating, rtol=1e-15)


def test_normalize_rows_of_huge_and_tiny_numbers() -> None:
    assert_allclose(normalize_rows([[3e200, 4e200], [3e-200, 4e-200]]), [[0.6, 0.8], [0.6, 0.8]], rtol=1e-15)


def test_softmax_is_the_notes_formula() -> None:
    x = np.random.RandomState(0).randn(3, 5)
    expected = np.divide(np.exp(x), np.sum(np.exp(x), axis=1, keepdims=True))
    assert_allclose(softmax(x), expected, rtol=1e-14)
    assert_allclose(softmax(x[1]), expected[1], rtol=1e-14)  # one row alone


def test_softmax_by_hand() -> None:
    x = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 6.0]])
    assert_allclose(softmax(x), [[1 / 8, 2 / 8, 5 / 8], [1 / 4, 1 / 4, 1 / 2]], rtol=1e-15)


def test_softmax_does_not_overflow_as_the_notes_formula_does() -> None:
    x = np.array([[1e6, 1e6, 0.0], [-1e6, 0.0, -1e6], [710.0, 0.0, 0.0]])
    with pytest.warns(RuntimeWarning):
        naive = np.divide(np.exp(x), np.sum(np.exp(x), axis=1, keepdims=True))
    assert np.isnan(naive).any()
    assert_array_equal(softmax(x)[:2], [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])
    assert_allclose(softmax(x)[2], [1.0, math.exp(-710), math.exp(-710)], rtol=1e-10)


def test_l1_and_l2_by_hand() -> None:
    # Differences 0.1, −0.2, −0.1, 0.6, 0.1: their sizes sum to 1.1, their squares to 0.01 + 0.04 + 0.01 + 0.36 + 0.01.
    yhat, y = [0.9, 0.2, 0.1, 0.4, 0.9], [1, 0, 0, 1, 1]
    assert L1(yhat, y) == pytest.approx(1.1, rel=1e-14)
    assert L2(yhat, y) == pytest.approx(0.43, rel=1e-14)


def test_l1_and_l2_are_sums_over_all_entries() -> None:
    random = np.random.RandomState(0)
    yhat, y = random.randn(2, 7), random.randn(2, 7)
    differences = (yhat - y).ravel().tolist()
    assert L1(yhat, y) == pytest.approx(math.fsum(abs(d) for d in differences), rel=1e-14)
    assert L2(yhat, y) == pytest.approx(math.fsum(d * d for d in differences), rel=1e-14)
    assert np.ndim(L1(yhat, y)) == np.ndim(L2(yhat, y)) == 0


def test_l2_is_the_square_of_the_euclidean_distance() -> None:
    assert math.hypot(3, 4) == 5
    assert L2([3, 4], [0, 0]) == 25


@pytest.mark.parametrize("n", [1, 40])
def test_loops_and_vectors_agree_and_both_are_timed(n: int) -> None:
    timings = vectorization(n)
    assert [timing.name for timing in timings] == ["dot", "outer", "element-wise", "matrix-vector"]
    for timing in timings:
        assert timing.difference <= 1e-13
        assert timing.loop_seconds > 0
        assert timing.vector_seconds > 0
        assert timing.speedup == timing.loop_seconds / timing.vector_seconds


def test_the_timings_are_printed_side_by_side() -> None:
    timings = vectorization(n=10)
    header, *lines = str(timings).splitlines()
    assert header.split() == ["loop", "vectorised", "faster"]
    for line, timing in zip(lines, timings, strict=True):
        assert line.split()[:5] == [
            timing.name,
            f"{timing.loop_seconds * 1e3:.3f}",
            "ms",
            f"{timing.vector_seconds * 1e3:.3f}",
            "ms",
        ]


def test_a_wrong_vector_form_would_show_as_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    def off_by_a_tenth(x: Any, y: Any) -> Any:
        return 1.1 * np.outer(x, y).trace()

    monkeypatch.setattr(np, "dot", off_by_a_tenth)
    dot, outer, *_ = vectorization(n=10)
    assert dot.difference == pytest.approx(0.1 / 1.1, rel=1e-9)
    assert outer.difference == 0
