"""``dissect``: the update that comes next after a run, or an earlier one by a repeat of the training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import Anatomy, InputError, Network, Run, dissect
from layerlab.datasets import Dataset, Part, load_digits, load_flower
from layerlab.formulas import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")  # most runs here are short

NETWORK = Network([2, 4, 1], hidden="tanh")


@pytest.fixture(scope="module")
def flower() -> Dataset:
    return load_flower()


def trained(data: Any, iterations: int = 20, network: Network = NETWORK, **settings: Any) -> Run:
    arguments = {"learning_rate": 0.1, "iterations": iterations, "engine": "numpy", "advice": False, **settings}
    return layerlab.train(network, data, **arguments)


def assert_leads_to(anatomy: Anatomy, longer: Run, update: int, tolerance: float = 0.0) -> None:
    """The update taken apart has the cost of the longer run there, and leads to where that run ends."""
    assert anatomy.update == update
    assert_allclose(anatomy.cost, longer.history.costs[update], rtol=tolerance)
    assert anatomy.new_parameters is not None
    for name, value in longer.parameters.items():
        assert_allclose(anatomy.new_parameters[name], value, rtol=0, atol=tolerance, err_msg=name)


SETTINGS: dict[str, dict[str, Any]] = {
    **{optimizer: {"optimizer": optimizer, "learning_rate": 0.01} for optimizer in OPTIMIZERS},
    "batches": {"batch_size": 90},
    "batches, Adam": {"batch_size": 90, "optimizer": "adam"},
    "dropout, L2, clipping": {"dropout": 0.3, "l2": 0.1, "clip_norm": 0.1, "batch_size": 64},
    "weights of classes": {"class_weight": "balanced", "label_smoothing": 0.1, "l2": 0.1},
    "cosine": {"schedule": "cosine", "batch_size": 90, "warmup": 1.0},
    "adaptive": {"schedule": "adaptive", "plateau": 1, "least_progress": 10.0},
    "float32": {"dtype": "float32", "optimizer": "momentum"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_update_after_the_end_and_those_before_it_are_the_trainings_own(name: str, flower: Dataset) -> None:
    settings = SETTINGS[name]
    run, longer = (trained(flower, n, **settings) for n in (13, 14))
    if settings.get("schedule") != "cosine":  # a cosine depends on the number of all iterations
        assert_leads_to(dissect(run, flower), longer, 13)
    assert_leads_to(dissect(longer, flower, update=13), longer, 13)
    first = dissect(run, flower.train, update=0)
    assert first.cost == run.history.costs[0]
    X, Y = flower.train
    assert first.learning_rate == dissect(longer, (X, Y), update=0).learning_rate


def test_a_run_of_the_compiled_engine_and_one_in_the_span_agree_up_to_rounding() -> None:
    random = np.random.RandomState(0)
    X = random.randn(60, 20)
    data, network = Part(X, np.sign(X[:1]) / 2 + 0.5), Network([60, 5, 1])
    for engine, basis in (("xla", "full"), ("numpy", "span"), ("xla", "span")):
        for optimizer in ("gd", "momentum"):
            how: dict[str, Any] = {"engine": engine, "basis": basis, "optimizer": optimizer}
            run, longer = (trained(data, n, network, **how) for n in (20, 21))
            anatomy = dissect(run, data)
            assert_leads_to(anatomy, longer, 20, 1e-12)
            assert (basis == "span") == any("in the span of the examples" in note for note in anatomy.notes)
            assert_leads_to(dissect(longer, data, update=20), longer, 20, 1e-12)


def test_a_regression_is_dissected_as_it_is_learned() -> None:
    random = np.random.RandomState(1)
    X = random.randn(3, 40)
    data = Part(X, 2.0 * X[:2] + 5.0)
    run, longer = (trained(data, n, Network([3, 4, 2])) for n in (10, 11))
    assert_leads_to(dissect(run, data), longer, 10)
    assert_array_equal(dissect(run, data).predictions, run.predict(X))


def test_lbfgs_is_shown_without_a_repeat(flower: Dataset) -> None:
    run = trained(flower, 5, optimizer="lbfgs", learning_rate=None)
    anatomy = dissect(run, flower)
    assert anatomy.new_parameters is None
    assert_array_equal(anatomy.parameters["W1"], run.parameters["W1"])
    assert anatomy.cost < run.history.costs[-1]
    assert "line search" in str(anatomy)


def test_early_stopping_does_not_hide_the_end(flower: Dataset) -> None:
    settings: dict[str, Any] = {
        "batch_size": 100,
        "learning_rate": 0.5,
        "monitor": "validation_cost",
        "validation": flower.test,
    }
    run = trained(flower, 40, **settings, patience=30)
    plain = trained(flower, 41, batch_size=100, learning_rate=0.5)
    assert run.history.kept_at
    assert_leads_to(dissect(run, flower), plain, 40)


def test_a_training_that_diverged_shows_the_update_that_was_not_made(flower: Dataset) -> None:
    run = trained(flower, 60, Network([2, 4, 1], hidden="relu", output="identity"), learning_rate=50.0)
    assert not np.isfinite(run.history.costs[-1])
    anatomy = dissect(run, flower)
    assert anatomy.update == len(run.history.costs) - 1
    assert not np.isfinite(anatomy.cost)
    assert anatomy.new_parameters is None


def test_a_run_that_was_changed_on_the_way_is_repeated_with_its_events(flower: Dataset) -> None:
    s = layerlab.Stepper(NETWORK, flower, learning_rate=0.3, iterations=30, optimizer="adam", engine="numpy")
    s.advance(10)
    s.change(learning_rate=0.05, l2=0.1)
    s.advance(5)
    s.edit("W1", 0, 1, 0.5)
    s.advance(5)
    for update in (20, 15, 10, 9, 0):
        anatomy = dissect(s.run(), flower, update=update)
        assert anatomy.learning_rate == (0.05 if update >= 10 else 0.3)
        assert (anatomy.parameters["W1"][0, 1] == 0.5) == (update == 15)
    ahead = dissect(s.run(), flower)
    s.advance(1)
    assert ahead.new_parameters is not None
    for name, value in s.parameters().items():
        assert_array_equal(ahead.new_parameters[name], value)


def test_the_stepper_says_the_same_as_dissect(flower: Dataset) -> None:
    s = layerlab.Stepper(NETWORK, flower, learning_rate=0.1, iterations=30, batch_size=64, optimizer="adam")
    s.advance(9)
    one, other = s.dissect(), dissect(s.run(), flower)
    assert one.facts(layer=2)["step"] == other.facts(layer=2)["step"]
    assert str(one)


def test_a_saved_run_can_be_dissected(flower: Dataset, tmp_path: Any) -> None:
    run = trained(flower, 10, optimizer="adam")
    again = layerlab.load(run.save(tmp_path / "run"))
    assert dissect(again, flower).facts() == dissect(run, flower).facts()


def test_a_member_of_a_sweep_can_be_dissected(flower: Dataset) -> None:
    sweep = layerlab.sweep(
        NETWORK, flower, learning_rate=[0.1, 0.3], iterations=12, engine="numpy", optimizer="momentum"
    )
    for run in sweep.runs:
        assert dissect(run, flower).learning_rate == run.settings["learning_rate"]


def test_classes_in_their_own_rows(flower: Dataset) -> None:
    digits = load_digits()
    run = trained(digits, 5, Network([64, 10, 10]))
    anatomy = dissect(run, digits)
    assert anatomy.predictions.shape == (10, len(anatomy.examples))
    assert anatomy.layers[-1].activation == "softmax"
    assert len(str(anatomy).splitlines()) < 120


def refusal(run: Any, part: Any, **arguments: Any) -> str:
    with pytest.raises(InputError) as error:
        dissect(run, part, **arguments)
    return str(error.value)


@pytest.mark.parametrize("update", [-1, 21, 1.0, True, "3", np.float64(3)])
def test_an_update_that_the_run_has_not_made_is_refused(update: Any, flower: Dataset) -> None:
    message = refusal(trained(flower, 20), flower, update=update)
    assert message == f"update={update!r}: wanted a whole number from 0 to 20, the run's updates, or None"


@pytest.mark.parametrize("optimizer", ["gd", "adam"])
def test_other_data_are_refused(optimizer: str, flower: Dataset) -> None:
    run = trained(flower, 10, optimizer=optimizer)
    assert "these are not the run's training examples" in refusal(run, flower.test)
    assert "these are not the run's training examples" in refusal(run, flower.standardized())
    X, Y = flower.train
    assert "was trained on 400 examples, and here are 399: give its training set" in refusal(run, (X[:, 1:], Y[:, 1:]))
    assert "features" in refusal(run, (X[:1], Y))
    assert "wanted a Dataset" in refusal(run, None)


def test_what_a_run_does_not_keep_is_named(flower: Dataset) -> None:
    weighted = trained(flower, 10, sample_weight=np.arange(1.0, 401.0))
    assert "sample_weight=w).dissect()" in refusal(weighted, flower)
    start = trained(flower, 5).parameters
    given = trained(flower, 10, parameters=start)
    assert_leads_to(dissect(given, flower), trained(flower, 11, parameters=start), 10)
    assert "parameters=p).dissect()" in refusal(given, flower, update=3)
    assert "parameters=p).dissect()" in refusal(trained(flower, 10, parameters=start, optimizer="adam"), flower)
    assert "before calibrate" in refusal(replace(trained(flower, 10), temperature=2.0), flower)
    assert "the run has no setting 'optimizer'" in refusal(replace(given, settings={}), flower)
    assert "wanted a Run, as layerlab.train returns it" in refusal(NETWORK, flower)
