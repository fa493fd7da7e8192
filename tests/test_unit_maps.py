"""Maps of what each unit of a planar network computes: which units, which values, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.text import Text

import layerlab
from layerlab import InputError, Network, plots
from layerlab.datasets import load_flower
from layerlab.formulas import Parameters, initialize_parameters
from layerlab.formulas.arrays import Floats

POINTS = np.array([[-1.0, 1.0, 1.0, -1.0], [-1.0, -1.0, 1.0, 1.0]])
CLASSES = np.array([[0.0, 1.0, 0.0, 1.0]])

BY_HAND: Parameters = {
    "W1": np.array([[1.0, 0.0], [0.0, 2.0]]),
    "b1": np.array([[0.5], [0.0]]),
    "W2": np.array([[3.0, -12.0]]),
    "b2": np.array([[0.0]]),
}
"""Unit 1 is 0 on the line x1 = −0.5, unit 2 on x2 = 0."""


def words(figure: Figure) -> str:
    return " | ".join(" ".join(text.get_text().split()) for text in figure.findobj(Text) if isinstance(text, Text))


def captions(figure: Figure) -> list[str]:
    return [" ".join(axes.get_xlabel().split()) for axes in figure.axes]


def lines(axes: Axes) -> Floats:
    """The corners of the contour that is drawn there, (k, 2)."""
    (contour,) = [artist for artist in axes.collections if isinstance(artist, QuadContourSet)]
    return np.concatenate([path.vertices for path in contour.get_paths()])


def test_each_unit_has_its_map_and_the_output_comes_last() -> None:
    network = Network([2, 2, 1], hidden="tanh", output="sigmoid")
    figure = plots.unit_maps(network, BY_HAND, (POINTS, CLASSES), class_names=("left", "right"))
    first, second, output = figure.axes[:3]
    assert captions(figure)[:3] == ["unit 1, weight +3", "unit 2, weight −12", "x1"]
    assert np.allclose(lines(first)[:, 0], -0.5, atol=0.02)
    assert np.allclose(lines(second)[:, 1], 0, atol=0.02)
    left, right, lower, upper = first.images[0].get_extent()
    grid = np.stack(np.meshgrid(np.linspace(left, right, 200), np.linspace(lower, upper, 200)))
    Z1 = np.einsum("ij,jkl->ikl", BY_HAND["W1"], grid) + BY_HAND["b1"][:, :, None]
    for axes, values in zip((first, second), np.tanh(Z1), strict=True):
        np.testing.assert_allclose(np.asarray(axes.images[0].get_array()), values, atol=1e-12)
    P = 1 / (1 + np.exp(-(3 * np.tanh(Z1[0]) - 12 * np.tanh(Z1[1]))))
    np.testing.assert_allclose(np.asarray(output.images[0].get_array()), P, atol=1e-12)
    assert output.get_window_extent().width > first.get_window_extent().width
    assert {"left", "right", "training examples"} <= set(words(figure).split(" | "))
    assert "Layer 1: activation of 2 units (tanh)" in words(figure)
    assert "Output: probability of right" in words(figure)


def test_the_line_of_the_output_is_where_its_probability_is_a_half() -> None:
    parameters = BY_HAND | {"W2": np.array([[3.0, 0.0]]), "b2": np.array([[-1.5]])}
    figure = plots.unit_maps(Network([2, 2, 1], hidden="tanh", output="sigmoid"), parameters, (POINTS, CLASSES))
    assert np.allclose(lines(figure.axes[2])[:, 0], np.arctanh(0.5) - 0.5, atol=0.02)


def test_a_layer_has_one_scale_and_another_its_own() -> None:
    network = Network([2, 3, 2, 1], hidden="relu", output="sigmoid")
    figure = plots.unit_maps(network, initialize_parameters([2, 3, 2, 1], "he", 4), (POINTS, CLASSES))
    ends = [axes.images[0].get_clim() for axes in figure.axes[:5]]
    assert ends[0] == ends[1] == ends[2]
    assert ends[3] == ends[4] != ends[0]
    assert "Layer 2: activation of 2 units (relu)" in words(figure)


def test_of_many_units_those_are_shown_that_matter_and_the_rest_is_counted() -> None:
    parameters = initialize_parameters([2, 30, 1], "he", 0)
    parameters["W2"][:] = 0.001
    parameters["W2"][0, [7, 21]] = 9.0, -5.0
    network = Network([2, 30, 1], hidden="tanh", output="sigmoid")
    figure = plots.unit_maps(network, parameters, (POINTS, CLASSES), most=2)
    assert {caption.split()[1].strip(",") for caption in captions(figure)[:2]} == {"8", "22"}
    assert "Layer 1: activation of the 2 of 30 units that matter most (tanh)" in words(figure)
    assert len(figure.axes) == 2 + 1 + 2


def test_a_dead_unit_is_said_to_be_0() -> None:
    parameters = BY_HAND | {"b1": np.array([[0.5], [-9.0]])}
    figure = plots.unit_maps(Network([2, 2, 1], output="sigmoid"), parameters, (POINTS, CLASSES))
    assert captions(figure)[:2] == ["unit 1, weight +3", "unit 2, 0 at every point"]


def test_points_are_thinned_on_small_maps_alone_and_it_is_said() -> None:
    flower = load_flower()
    network = Network([2, 2, 1], hidden="tanh", output="sigmoid")
    figure = plots.unit_maps(network, BY_HAND, flower.train, examples="points of the flower")
    assert [sum(np.size(line.get_xdata()) for line in axes.lines) for axes in figure.axes[:3]] == [200, 200, 400]
    assert "with 200 of the 400 points." in words(figure)
    assert "points of the flower" in words(figure)
    few = plots.unit_maps(network, BY_HAND, (POINTS, CLASSES))
    assert "points." not in words(few)


def test_three_classes_have_a_map_each() -> None:
    Y = np.eye(3)[[0, 1, 2, 0]].T
    network = Network([2, 4, 3], hidden="sigmoid", output="softmax")
    figure = plots.unit_maps(network, initialize_parameters([2, 4, 3], "he", 1), (POINTS, Y), class_names="abc")
    total = sum(np.asarray(axes.images[0].get_array()) for axes in figure.axes[4:7])
    assert np.allclose(total, 1)
    assert [len(axes.lines) for axes in figure.axes[4:7]] == [3, 3, 3]
    assert "weight" not in words(figure)


def test_values_of_a_regression_have_the_colours_of_the_map() -> None:
    Y = np.array([[10.0, 20.0, 30.0, 40.0]])
    network = Network([2, 3, 1], output="identity")
    figure = plots.unit_maps(network, initialize_parameters([2, 3, 1], "he", 1), (POINTS, Y))
    output = figure.axes[3]
    (dots,) = output.collections
    assert np.array_equal(np.asarray(dots.get_array()), Y[0])
    assert dots.get_clim() == output.images[0].get_clim() == (10, 40)
    assert "Output: predicted value" in words(figure)


def test_points_with_several_labels_have_the_look_of_none() -> None:
    network = Network([2, 3, 2], output="sigmoid")
    Y = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])
    figure = plots.unit_maps(network, initialize_parameters([2, 3, 2], "he", 1), (POINTS, Y), class_names="ab")
    assert all(len(axes.lines) == 1 for axes in figure.axes[:5])
    assert "an example" in words(figure)


def test_networks_that_have_no_maps() -> None:
    with pytest.raises(InputError, match="layers 3-2-1: wanted two inputs and at least one hidden layer"):
        plots.unit_maps(Network([3, 2, 1], output="sigmoid"), BY_HAND, (POINTS, CLASSES))
    with pytest.raises(InputError, match="without a hidden layer, decision_boundary shows all"):
        plots.unit_maps(Network([2, 1], output="sigmoid"), BY_HAND, (POINTS, CLASSES))
    network = Network([2, 2, 1], output="sigmoid")
    with pytest.raises(InputError, match=r"X has the shape \(2, 4\) and Y \(2, 4\): wanted \(2, m\) and \(1, m\)"):
        plots.unit_maps(network, BY_HAND, (POINTS, POINTS))
    with pytest.raises(InputError, match="the training diverged"):
        plots.unit_maps(network, BY_HAND | {"b1": np.full((2, 1), np.nan)}, (POINTS, CLASSES))
    with pytest.raises(InputError, match="most=0"):
        plots.unit_maps(network, BY_HAND, (POINTS, CLASSES), most=0)


def test_nothing_touches_and_nothing_is_cut_off() -> None:
    flower = load_flower()
    for layers in ([2, 1, 1], [2, 4, 1], [2, 9, 5, 1], [2, 30, 1]):
        network = Network(layers, hidden="tanh", output="sigmoid")
        figure = plots.unit_maps(network, initialize_parameters(layers, "he", 0), flower.train, title="Long " * 40)
        figure.draw_without_rendering()
        boxes: list[Any] = [axes.get_tightbbox() for axes in figure.axes]
        assert all(
            box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1 for box in boxes
        )
        texts = [text.get_window_extent() for text in figure.texts]
        assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 for box in texts)
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        assert not any(text.overlaps(box) for text in texts for box in boxes)


def test_a_trained_network_is_drawn_the_same_again_and_small(tmp_path: object) -> None:
    flower = load_flower()
    network = Network([2, 4, 1], hidden="tanh")
    run = layerlab.train(network, flower, learning_rate=1.2, iterations=300, initializer="normal", seed=3)
    folder = str(tmp_path)
    figures = [plots.unit_maps(run.network, run.parameters, flower.train) for _ in range(2)]
    first, second = (plots.save(figure, folder, name) for figure, name in zip(figures, "ab", strict=True))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert all(path.stat().st_size < 300_000 for path in first)
