"""Activations, softmax and their slopes: exact at any input, and each slope against its numerical derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from layerlab.formulas import (
    ACTIVATIONS,
    LEAK,
    MISH_END,
    SELU_ALPHA,
    SELU_SCALE,
    Array,
    identity,
    identity_slope,
    leaky_relu,
    leaky_relu_slope,
    mish,
    mish_slope,
    relu,
    relu_slope,
    selu,
    selu_slope,
    sigmoid,
    sigmoid_slope,
    softmax,
    softmax_backward,
    tanh,
    tanh_slope,
)
from layerlab.formulas.arrays import Floats

EPSILON = float(np.finfo(np.float64).eps)
ANALYTIC = ("sigmoid", "tanh", "mish", "identity")
KINKED = ("relu", "leaky_relu", "selu")

properties = settings(deadline=None, max_examples=50, derandomize=True)
sixteenths = hnp.arrays(  # whole numbers of sixteenths: sums and differences of them are exact
    np.int64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=5), elements=st.integers(-320, 320)
).map(lambda n: n / 16.0)
logits = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=5), elements=st.floats(-1000.0, 1000.0)
)


def complex_step(function: Callable[[Array], Array], Z: Floats) -> Floats:
    """Derivative of an analytic function, without the rounding of a difference."""
    return np.asarray(function(Z + 1e-30j).imag / 1e-30)


def central_difference(function: Callable[[Array], Array], Z: Floats, step: float = 1e-5) -> Floats:
    return np.asarray((function(Z + step) - function(Z - step)) / (2.0 * step))


def true_sigmoid(z: float) -> Decimal:
    with localcontext(prec=50):
        return 1 / (1 + (-Decimal(z)).exp())


@properties
@given(st.floats(-700.0, 700.0))
def test_sigmoid_is_right_to_the_last_digits(z: float) -> None:
    computed, truth = Decimal(float(sigmoid(np.array([z]))[0])), true_sigmoid(z)
    assert abs(computed - truth) <= 4 * Decimal(EPSILON) * truth


@pytest.mark.parametrize(
    ("z", "answer"),
    [
        (0.0, 0.5),
        (-0.0, 0.5),
        (5e-324, 0.5),
        (-5e-324, 0.5),
        (1000.0, 1.0),
        (-1000.0, 0.0),
        (1e308, 1.0),
        (-1e308, 0.0),
        (np.inf, 1.0),
        (-np.inf, 0.0),
    ],
)
def test_sigmoid_never_overflows(z: float, answer: float) -> None:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert sigmoid(np.array([z]))[0] == answer


def test_sigmoid_keeps_digits_far_below_zero() -> None:
    # σ(−740) = e⁻⁷⁴⁰/(1 + e⁻⁷⁴⁰) is too small for a normal number, yet not 0.
    assert float(sigmoid(np.array([-740.0]))[0]) == pytest.approx(math.exp(-740.0), rel=0.02, abs=0) != 0.0


@properties
@given(st.floats(allow_nan=False))
def test_sigmoid_is_symmetric(z: float) -> None:
    left, right = sigmoid(np.array([-z, z]))
    assert abs(left - (1.0 - right)) <= EPSILON
    assert 0.0 <= left <= 1.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_is_no_number_stays_no_number(name: str) -> None:
    with np.errstate(all="raise"):
        A = ACTIVATIONS[name].function(np.array([np.nan, 1.0]))
    assert_array_equal(np.isnan(A), [True, False])


@pytest.mark.parametrize("name", ANALYTIC)
def test_slope_is_the_complex_step_derivative(name: str) -> None:
    # Up to ±4: 1 − σ and 1 − tanh² lose relative digits further out, by subtraction from 1.
    Z = np.concatenate([np.linspace(-4.0, 4.0, 41), [0.0, -0.0, 1e-3, -1e-3, 1e-300, -1e-300]])
    function, slope, _ = ACTIVATIONS[name]
    assert_allclose(slope(Z, function(Z)), complex_step(function, Z), rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", ANALYTIC)
def test_slope_is_the_complex_step_derivative_in_the_tails(name: str) -> None:
    Z = np.linspace(-50.0, 50.0, 101)
    function, slope, _ = ACTIVATIONS[name]
    rounding = 32 if name == "mish" else 2  # of the complex step: z times a share that stands still at 1
    assert_allclose(slope(Z, function(Z)), complex_step(function, Z), rtol=0, atol=rounding * EPSILON)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_central_difference(name: str) -> None:
    Z = np.linspace(-3.0, 3.0, 60)  # an even number of points: none at the kink, 0
    assert np.abs(Z).min() > 0.05
    function, slope, _ = ACTIVATIONS[name]
    assert_allclose(slope(Z, function(Z)), central_difference(function, Z), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", KINKED)
def test_kinked_slopes_are_complex_step_derivatives_off_the_kink(name: str) -> None:
    Z = np.array([-1e308, -3.0, -1e-300, 1e-300, 2.0, 1e308])
    function, slope, _ = ACTIVATIONS[name]
    assert_allclose(slope(Z, function(Z)), complex_step(function, Z), rtol=1e-14, atol=0)


def test_sigmoid_at_zero_is_a_half_and_a_quarter_steep() -> None:
    assert sigmoid_slope(np.zeros(1), sigmoid(np.zeros(1)))[0] == 0.25
    assert complex_step(sigmoid, np.zeros(1))[0] == 0.25


def test_tanh_is_a_stretched_sigmoid() -> None:
    Z = np.linspace(-20.0, 20.0, 81)  # tanh z = 2 σ(2z) − 1
    assert_allclose(tanh(Z), 2.0 * sigmoid(2.0 * Z) - 1.0, rtol=0, atol=2 * EPSILON)
    assert_allclose(tanh_slope(Z, tanh(Z)), 4.0 * sigmoid_slope(2.0 * Z, sigmoid(2.0 * Z)), rtol=0, atol=8 * EPSILON)


def test_relu_by_hand() -> None:
    Z = np.array([-np.inf, -2.0, -5e-324, -0.0, 0.0, 5e-324, 2.0, np.inf])
    assert_array_equal(relu(Z), [0.0, 0.0, 0.0, 0.0, 0.0, 5e-324, 2.0, np.inf])
    assert_array_equal(relu_slope(Z, relu(Z)), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])


def test_leaky_relu_by_hand() -> None:
    Z = np.array([-np.inf, -2.0, -1e-300, -0.0, 0.0, 1e-300, 2.0, np.inf])
    assert_array_equal(leaky_relu(Z), [-np.inf, -2.0 * LEAK, -1e-300 * LEAK, 0.0, 0.0, 1e-300, 2.0, np.inf])
    assert_array_equal(leaky_relu_slope(Z, leaky_relu(Z)), [0.01, 0.01, 0.01, 0.01, 0.01, 1.0, 1.0, 1.0])


def test_selu_by_hand() -> None:
    Z = np.array([-np.inf, -1e308, -math.log(2.0), -1e-300, -0.0, 0.0, 1e-300, 2.0, 1e308])
    lowest = -SELU_SCALE * SELU_ALPHA
    values = [lowest, lowest, lowest / 2, lowest * 1e-300, 0.0, 0.0, SELU_SCALE * 1e-300, SELU_SCALE * 2.0]
    with np.errstate(over="ignore", invalid="raise", divide="raise"):
        A = selu(Z)
    assert_allclose(A[:-1], values, rtol=4 * EPSILON)
    below = [0.0, 0.0, -lowest / 2, -lowest, -lowest, -lowest]  # the kink has the left slope
    assert_allclose(selu_slope(Z, A), [*below, SELU_SCALE, SELU_SCALE, SELU_SCALE], rtol=4 * EPSILON)


def test_selus_constants_keep_mean_0_and_variance_1() -> None:
    z, weight = np.polynomial.hermite_e.hermegauss(200)  # of the standard normal distribution
    left, right = selu(z) * weight / weight.sum(), selu(z) ** 2 * weight / weight.sum()
    assert left.sum() == pytest.approx(0.0, abs=1e-3)  # a kink slows the quadrature down
    assert right.sum() == pytest.approx(1.0, abs=1e-3)


def test_mish_by_hand() -> None:
    # With z = log 2: e^z = 2, n = 8, tanh(log 3) = 8/10. With z = −log 2: n = 5/4, tanh(log 3/2) = 5/13.
    log2 = math.log(2.0)
    assert_allclose(mish(np.array([log2, -log2, 0.0])), [0.8 * log2, -5 / 13 * log2, 0.0], rtol=4 * EPSILON)
    at_zero = mish_slope(np.zeros(1), mish(np.zeros(1)))
    assert at_zero[0] == pytest.approx(math.tanh(log2), rel=4 * EPSILON)


def test_mish_never_overflows() -> None:
    for dtype in (np.float64, np.float32):
        Z = np.array([-1e30, -1e4, MISH_END, 88.0, 1e4, 1e30], dtype)
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            A, slope = mish(Z), mish_slope(Z, mish(Z))
        assert_array_equal(A, np.maximum(Z, 0))
        assert_array_equal(slope, np.sign(A))


@pytest.mark.parametrize("name", ["selu", "mish"])
def test_selu_and_mish_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    Z = np.concatenate([np.linspace(-60.0, 60.0, 401), [0.0, 1e-300, -1e-300, -745.0, 1e4, -1e4]])
    function, slope, _ = ACTIVATIONS[name]
    z = torch.tensor(Z, requires_grad=True)
    theirs = getattr(torch.nn.functional, name)(z)
    theirs.sum().backward()
    assert_allclose(function(Z), theirs.detach().numpy(), rtol=1e-14, atol=1e-15)
    assert_allclose(slope(Z, function(Z)), z.grad.numpy(), rtol=1e-13, atol=4 * EPSILON)


def test_identity_is_z_with_slope_one() -> None:
    Z = np.array([[-1.5, 0.0], [1e308, -np.inf]])
    assert_array_equal(identity(Z), Z)
    assert_array_equal(identity_slope(Z, Z), np.ones((2, 2)))


@properties
@given(logits)
def test_softmax_gives_probabilities(Z: Floats) -> None:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        S = softmax(Z)
    assert S.shape == Z.shape
    assert (S >= 0.0).all()
    assert_allclose(S.sum(axis=-2), 1.0, rtol=4 * EPSILON)


@properties
@given(sixteenths, st.integers(-1000, 1000))
def test_softmax_does_not_see_a_shift(Z: Floats, shift: int) -> None:
    assert_array_equal(softmax(Z + shift), softmax(Z))


def test_softmax_by_hand() -> None:
    Z = np.log(np.array([[1.0, 5.0], [2.0, 5.0], [5.0, 10.0]]))  # e^z are 1 2 5 and 5 5 10
    assert_allclose(softmax(Z), [[0.125, 0.25], [0.25, 0.25], [0.625, 0.5]], rtol=4 * EPSILON)


def test_softmax_never_overflows() -> None:
    Z = np.array([[1000.0, 1000.0, -1000.0, 1e308], [0.0, 1000.0, -1000.0, -1e308]])
    with np.errstate(divide="raise", invalid="raise"):
        assert_array_equal(softmax(Z[:, :3]), [[1.0, 0.5, 0.5], [0.0, 0.5, 0.5]])
    with np.errstate(over="ignore"):  # −1e308 − 1e308 is −∞, and e^−∞ the right 0
        assert_array_equal(softmax(Z[:, 3:]), [[1.0], [0.0]])


def test_softmax_of_two_is_the_sigmoid_of_the_difference() -> None:
    Z = np.random.RandomState(0).randn(2, 9) * 10.0
    assert_allclose(softmax(Z)[0], sigmoid(Z[0] - Z[1]), rtol=1e-14)


def test_softmax_backward_is_the_explicit_jacobian() -> None:
    random = np.random.RandomState(1)
    Z, dA = random.randn(4, 7), random.randn(4, 7)
    S = softmax(Z)
    explicit = np.empty((4, 7))
    for example in range(7):
        s = S[:, example]
        jacobian = np.diag(s) - np.outer(s, s)
        explicit[:, example] = jacobian @ dA[:, example]
    assert_allclose(softmax_backward(dA, S), explicit, rtol=0, atol=1e-15)


def test_softmax_backward_is_the_complex_step_derivative() -> None:
    random = np.random.RandomState(2)
    Z, dA = random.randn(3, 4, 7), random.randn(3, 4, 7)
    numerical = np.empty((3, 4, 7))
    for row in range(4):
        step = np.zeros((4, 1), dtype=complex)
        step[row] = 1e-30j
        numerical[:, row] = (dA * softmax(Z + step).imag / 1e-30).sum(axis=-2)
    computed = softmax_backward(dA, softmax(Z))
    assert np.abs(computed - numerical).max() < 1e-14
    assert_allclose(computed.sum(axis=-2), 0.0, atol=1e-15)  # a shift of all logits changes nothing


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_models_on_a_leading_axis_are_models_alone(name: str) -> None:
    Z = np.random.RandomState(3).randn(3, 4, 7)
    function, slope, _ = ACTIVATIONS[name]
    assert_allclose(function(Z), np.stack([function(z) for z in Z]), rtol=1e-14)
    assert_allclose(slope(Z, function(Z)), np.stack([slope(z, function(z)) for z in Z]), rtol=1e-14)


def test_softmax_of_models_on_leading_axes_is_softmax_alone() -> None:
    random = np.random.RandomState(4)
    Z, dA = random.randn(2, 3, 4, 7), random.randn(2, 3, 4, 7)
    S, dZ = softmax(Z), softmax_backward(dA, softmax(Z))
    for model in np.ndindex(2, 3):
        assert_allclose(S[model], softmax(Z[model]), rtol=1e-14)
        assert_allclose(dZ[model], softmax_backward(dA[model], softmax(Z[model])), rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_stays_float32(name: str) -> None:
    Z = np.linspace(-3.0, 3.0, 12, dtype=np.float32).reshape(3, 4)
    A = ACTIVATIONS[name].function(Z)
    slope = ACTIVATIONS[name].slope(Z, A)
    assert (A.dtype, slope.dtype) == (np.float32, np.float32)
    wide = Z.astype(np.float64)
    assert_allclose(A, ACTIVATIONS[name].function(wide), rtol=1e-6)
    assert_allclose(slope, ACTIVATIONS[name].slope(wide, ACTIVATIONS[name].function(wide)), rtol=1e-5)


def test_softmax_of_float32_stays_float32() -> None:
    Z = np.array([[1000.0, 1.0], [0.0, 1.0]], dtype=np.float32)
    assert softmax(Z).dtype == softmax_backward(Z, softmax(Z)).dtype == np.float32
    assert_array_equal(softmax(Z), np.array([[1.0, 0.5], [0.0, 0.5]], dtype=np.float32))
