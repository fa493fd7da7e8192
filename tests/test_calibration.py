"""Temperature scaling from outside: the right T, the same answers, kept and loaded; the reliability diagram."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.testing import assert_allclose, assert_array_equal

import layerlab
from layerlab import InputError, Network, Run, plots
from layerlab.evaluating.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE, confidences
from layerlab.evaluating.statistics import calibration_error, reliability_bins, wilson_interval

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.errors.TrainingWarning")

RANDOM = np.random.RandomState(0)
X = RANDOM.randn(4, 300)
NOISY = X + 0.8 * RANDOM.randn(4, 300)
LABELS = {
    "sigmoid": (NOISY[:1] > 0).astype(np.float64),
    "softmax": np.eye(4)[:, NOISY.argmax(axis=0)],
}
FIRST, SECOND = slice(0, 120), slice(120, 300)


def trained(output: str, **settings: Any) -> Run:
    """Too sure: many updates on few noisy examples."""
    Y = LABELS[output]
    network = Network([4, 12, len(Y)], hidden="tanh", output=output)
    arguments: dict[str, Any] = {"learning_rate": 0.5, "iterations": 1500, "progress": False, **settings}
    return layerlab.train(network, (X[:, FIRST], Y[:, FIRST]), **arguments)


def held_out(output: str) -> tuple[Any, Any]:
    return X[:, SECOND], LABELS[output][:, SECOND]


def cost_at(run: Run, T: float, part: tuple[Any, Any]) -> float:
    """Written out: mean −log of the probability that softmax(z / T), or σ(z / T), gives the label."""
    p, (features, Y) = run.parameters, part
    Z = (p["W2"] @ np.tanh(p["W1"] @ features + p["b1"]) + p["b2"]) / T
    if len(Z) == 1:
        Z, Y = np.concatenate([np.zeros_like(Z), Z]), np.concatenate([1 - Y, Y])
    P = np.exp(Z - Z.max(axis=0))
    return float(-np.log((Y * P / P.sum(axis=0)).sum(axis=0)).mean())


@pytest.mark.parametrize("output", list(LABELS))
def test_the_temperature_is_that_of_a_scan(output: str) -> None:
    run, part = trained(output), held_out(output)
    calibration = layerlab.calibrate(run, part)
    T = calibration.run.temperature
    scanned = np.geomspace(0.5, 20, 2001)
    assert abs(np.log(T / scanned[int(np.argmin([cost_at(run, t, part) for t in scanned]))])) < 0.002
    assert T > 1.2  # such a network is too sure
    assert calibration.temperatures == (1.0, T)
    assert_allclose(calibration.costs, [cost_at(run, 1, part), cost_at(run, T, part)])
    assert calibration.costs[1] < calibration.costs[0]
    assert calibration.errors[1] < calibration.errors[0]
    assert calibration.examples == 180
    assert calibration.remark == ""


@pytest.mark.parametrize("output", list(LABELS))
def test_the_answers_stay_and_the_probabilities_are_those_of_the_divided_logits(output: str) -> None:
    run, part = trained(output), held_out(output)
    calibrated = layerlab.calibrate(run, part).run
    assert_array_equal(calibrated.predict(X), run.predict(X))
    assert calibrated.accuracy(part) == run.accuracy(part)
    P, T = run.predict_proba(X), calibrated.temperature
    if output == "sigmoid":
        assert_allclose(calibrated.predict_proba(X), 1 / (1 + (1 / P - 1) ** (1 / T)), rtol=1e-9)
    else:
        assert_allclose(calibrated.predict_proba(X), P ** (1 / T) / (P ** (1 / T)).sum(axis=0), rtol=1e-9)
    assert run.temperature == 1.0  # the run itself is as it was
    assert cost_at(run, 1, part) == layerlab.calibrate(run, part).costs[0]


def test_to_calibrate_once_more_changes_nothing_and_undoing_gives_the_trained_weights() -> None:
    run, part = trained("softmax"), held_out("softmax")
    once = layerlab.calibrate(run, part).run
    twice = layerlab.calibrate(once, part).run
    assert twice.temperature == pytest.approx(once.temperature)
    assert_allclose(twice.parameters["W2"] * twice.temperature, run.parameters["W2"], rtol=1e-12)
    assert_array_equal(twice.parameters["W1"], run.parameters["W1"])


def test_float32_stays_float32() -> None:
    run = trained("softmax", dtype="float32")
    calibrated = layerlab.calibrate(run, held_out("softmax")).run
    assert {str(value.dtype) for value in calibrated.parameters.values()} == {"float32"}
    assert_array_equal(calibrated.predict(X), run.predict(X))


def test_what_it_says() -> None:
    said = str(layerlab.calibrate(trained("softmax"), held_out("softmax")))
    assert said.startswith("temperature 1 → ")
    assert " on 180 examples: cost " in said
    assert ", expected calibration error " in said


# Where no temperature is best


def test_one_example_that_is_right_is_as_cold_as_can_be() -> None:
    run = trained("softmax", iterations=300)
    calibration = layerlab.calibrate(run, (X[:, :1], np.eye(4)[:, run.predict(X[:, :1])[0]]))
    assert calibration.run.temperature == MIN_TEMPERATURE == 0.05
    assert calibration.remark.startswith("The cost is lowest at the lowest temperature that is tried, 0.05: 1 of")
    assert "Calibrate on more examples, some of which the network classifies wrongly." in str(calibration)
    assert "on 1 example:" in str(calibration)


def test_all_wrong_is_as_hot_as_can_be() -> None:
    run, (features, _) = trained("sigmoid"), held_out("sigmoid")
    calibration = layerlab.calibrate(run, (features, 1.0 - run.predict(features)))
    assert calibration.run.temperature == MAX_TEMPERATURE == 20
    assert "20: 0 of 180 predictions are correct, and guesses would cost less" in calibration.remark
    assert calibration.costs[1] < calibration.costs[0]


def test_outputs_that_are_all_alike() -> None:
    run = trained("softmax")
    flat = replace(run, parameters={name: 0 * value for name, value in run.parameters.items()})
    calibration = layerlab.calibrate(flat, held_out("softmax"))
    assert_allclose(calibration.costs, np.log(4))
    assert calibration.remark


def test_what_is_refused() -> None:
    values = layerlab.train(Network([4, 1], output="identity"), (X, X[:1]), learning_rate=0.1, iterations=5)
    run, part = trained("sigmoid", iterations=5), held_out("sigmoid")
    diverged = replace(run, parameters={**run.parameters, "b2": np.array([[np.nan]])})
    refused: list[tuple[Run, Any, str]] = [
        (values, (X, X[:1]), "the run was trained for regression and has no probabilities: wanted a classifier"),
        (diverged, part, "the run diverged, so its outputs are not finite: train with a smaller learning rate first"),
        (run, layerlab.datasets.load_flower(), "validation data is Dataset: wanted one set of a Dataset or a pair"),
        (run, (X[:3], part[1]), "validation X has 3 features (shape (3, 300)), the network takes 4"),
        (run, (part[0], 3 * part[1]), "validation labels go from 0 to 3: wanted 0 to 1 for a sigmoid output"),
        (run, (X[:, :0], part[1][:, :0]), "validation X has the shape (4, 0): wanted at least one example"),
    ]
    for wrong, data, words in refused:
        with pytest.raises(InputError) as caught:
            layerlab.calibrate(wrong, data)
        assert str(caught.value).startswith(words)
        assert "\n" not in str(caught.value)


# On the disk


def test_saved_and_loaded(tmp_path: Path) -> None:
    calibrated = layerlab.calibrate(trained("softmax"), held_out("softmax")).run
    loaded = layerlab.load(calibrated.save(tmp_path / "kept"))
    assert loaded.temperature == calibrated.temperature
    assert_array_equal(loaded.predict_proba(X), calibrated.predict_proba(X))
    record = json.loads((tmp_path / "kept" / "run.json").read_text(encoding="utf-8"))
    assert (record["format_version"], record["temperature"]) == (5, calibrated.temperature)
    assert layerlab.load(trained("sigmoid", iterations=2).save(tmp_path / "plain")).temperature == 1.0


@pytest.mark.parametrize("value", [0, -1.5, None, True, "1.4", [1.4], 10**400, float("inf"), float("nan")])
def test_an_edited_temperature_is_refused(tmp_path: Path, value: Any) -> None:
    file = trained("sigmoid", iterations=2).save(tmp_path / "kept") / "run.json"
    record = json.loads(file.read_text(encoding="utf-8")) | {"temperature": value}
    file.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json: is damaged or was changed") as caught:
        layerlab.load(tmp_path / "kept")
    assert "\n" not in str(caught.value)


# Bins, and the picture of them

CONFIDENCE = np.array([0.55, 0.6, 0.58, 0.85, 0.9, 0.95, 1.0, 0.97])
RIGHT = np.array([True, False, False, True, False, True, True, True])


def test_bins_and_error_by_hand() -> None:
    bins = reliability_bins(CONFIDENCE, RIGHT)
    assert [(b.low, b.high, b.total, b.right) for b in bins] == [
        (0.5, 0.6, 3, 1),  # 0.55, 0.58 and 0.6: a bin has its upper end
        (0.8, 0.9, 2, 1),
        (0.9, 1.0, 3, 3),
    ]
    # 3/8 · |1/3 − 1.73/3| + 2/8 · |1/2 − 0.875| + 3/8 · |1 − 2.92/3| = (0.73 + 0.75 + 0.08) / 8
    assert calibration_error(bins) == pytest.approx(1.56 / 8)
    assert calibration_error(reliability_bins(np.array([0.0, 1.0]), np.array([False, True]))) == 0


def test_answers_of_one_and_of_several_outputs() -> None:
    run, part = trained("sigmoid"), held_out("sigmoid")
    confidence, right = confidences(run, part)
    P = run.predict_proba(part[0])[0]
    assert_array_equal(confidence, np.where(P > 0.5, P, 1 - P))
    assert right.mean() == run.accuracy(part)
    run, part = trained("softmax"), held_out("softmax")
    confidence, right = confidences(run, part)
    assert_array_equal(confidence, run.predict_proba(part[0]).max(axis=0))
    assert right.mean() == run.accuracy(part)


def words(figure: Figure) -> str:
    return " | ".join(" ".join(text.get_text().split()) for text in figure.findobj(Text) if isinstance(text, Text))


def test_the_diagram_shows_shares_intervals_counts_and_the_error() -> None:
    figure = plots.reliability(CONFIDENCE, RIGHT)
    shares, counts = figure.axes
    dots = shares.lines[1]
    assert_allclose(np.asarray(dots.get_xydata()), [[173 / 3, 100 / 3], [87.5, 50], [292 / 3, 100]])
    reach = np.asarray(shares.collections[0].get_paths()[0].vertices)[:, 1]
    assert_allclose(reach, 100 * np.array(wilson_interval(1, 3)))
    assert_array_equal(np.asarray(shares.lines[0].get_xydata()), [[0, 0], [100, 100]])
    heights = [round(bar.get_height()) for bar in counts.patches if isinstance(bar, Rectangle)]
    assert heights == [3, 2, 3]
    assert {"3", "2"} <= {text.get_text() for text in counts.texts}
    said = words(figure)
    assert "(expected calibration error: 19.5 percentage points)" in said
    assert "in 10 bins of equal width; 8 predictions" in said
    assert "95 % Wilson interval" in said


@pytest.mark.parametrize(
    ("confidence", "right", "told"),
    [
        (CONFIDENCE[:3], RIGHT, "confidence has the shape (3,) and right (8,): wanted (k,) of each, k at least 1"),
        (CONFIDENCE[:0], RIGHT[:0], "confidence has the shape (0,) and right (0,): wanted (k,) of each"),
        (2 * CONFIDENCE, RIGHT, "some confidences are outside 0 to 1: wanted probabilities"),
        (np.where(RIGHT, np.nan, 1.0), RIGHT, "some confidences are outside 0 to 1: wanted probabilities"),
    ],
)
def test_diagrams_that_cannot_be(confidence: Any, right: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        plots.reliability(confidence, right)
    assert str(caught.value).startswith(told)
