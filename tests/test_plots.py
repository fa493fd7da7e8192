"""Pictures: what is on them, how they are saved, and what they leave alone."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

import layerlab
from layerlab import InputError, plots
from layerlab.datasets import load_flower
from layerlab.formulas import sigmoid
from layerlab.formulas.arrays import Floats
from layerlab.plots.style import ORANGE, WIDTH

FALLING = np.exp(-np.arange(200) / 50)
ROWS = [("logistic regression", 0.7, (0.562, 0.809)), ("12288-20-7-5-1", 0.8, (0.67, 0.888))]


def words(figure: Figure) -> list[str]:
    """Every text on a figure, line breaks and hard spaces as spaces."""
    texts = [" ".join(artist.get_text().split()) for artist in figure.findobj(Text) if isinstance(artist, Text)]
    return [text for text in texts if text]


def title(figure: Figure) -> str:
    return " ".join(figure.get_suptitle().split())


def captions(axes: Iterable[Axes]) -> list[str]:
    return [" ".join(place.get_xlabel().split()) for place in axes]


def boxes(figure: Figure, texts: Iterable[Text]) -> list[Any]:
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in texts]


def parsed(svg: Path) -> ElementTree.Element:
    return ElementTree.fromstring(svg.read_bytes())  # noqa: S314 (written a moment ago by the code under test)


def right_half(points: Floats) -> Floats:
    """Class 1 where x1 > 0."""
    return (points[:1] > 0).astype(np.float64)


# Costs


def test_each_curve_is_a_line_with_its_name_beside_it() -> None:
    figure = plots.cost_curves({"slow": FALLING, "fast": FALLING**2}, title="Two networks learn", unit="half squares")
    (axes,) = figure.axes
    slow, fast = axes.lines
    assert np.array_equal(slow.get_ydata(), FALLING)
    assert np.array_equal(fast.get_ydata(), FALLING**2)
    assert np.array_equal(slow.get_xdata(), np.arange(200))
    assert slow.get_color() != fast.get_color()
    assert slow.get_linestyle() != fast.get_linestyle()
    assert {"slow", "fast", "iteration", "cost (half squares, log scale)", "Two networks learn"} <= set(words(figure))
    assert figure.get_figwidth() == WIDTH


def test_the_scale_is_logarithmic_beyond_two_decades_only() -> None:
    def scale(lowest: float) -> str:
        return plots.cost_curves({"a": np.geomspace(1, lowest, 50)}).axes[0].get_yscale()

    assert scale(0.02) == "linear"
    assert scale(0.005) == "log"
    assert plots.cost_curves({"a": np.array([1.0, 0.0])}).axes[0].get_yscale() == "linear"


def test_long_curves_are_thinned_and_keep_their_extremes() -> None:
    costs = np.linspace(1, 0.5, 10_000)
    costs[[1234, 5678]] = 0.98, 0.65
    (line,) = plots.cost_curves({"a": costs}).axes[0].lines
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert len(x) < 1100
    assert np.array_equal(y, costs[x])
    assert {1234, 5678} <= set(x.tolist())
    assert (x[0], x[-1]) == (0, 9999)
    assert (np.diff(x) > 0).all()


def test_a_curve_that_goes_up_and_down_is_a_line_in_a_light_area_and_no_blot() -> None:
    costs = 1 + 0.1 * np.random.RandomState(0).randn(10_000)
    costs[[1234, 5678]] = 3.0, 0.2
    figure = plots.cost_curves({"a": costs, "falls": np.linspace(1, 0.5, 10_000)})
    (axes,) = figure.axes
    wild, calm = axes.lines
    y = np.asarray(wild.get_ydata(), float)[1:]
    assert len(y) == 120
    assert y.std() < 0.03  # the costs' own deviation is 0.1
    area, _, _ = axes.collections  # and the two curves' ends
    corners = np.asarray(area.get_paths()[0].vertices)
    assert (corners[:, 1].max(), corners[:, 1].min()) == (3.0, 0.2)
    assert 0 < (area.get_alpha() or 0) < 0.5
    assert {"a (oscillates)", "falls"} <= set(words(figure))
    assert len(np.asarray(calm.get_xdata())) > 120
    assert "a" in words(plots.cost_curves({"a": costs}, notes=False))


def test_a_dot_stands_where_the_last_cost_is_and_nowhere_else() -> None:
    rising = np.append(np.linspace(0.7, 0.6, 50), np.geomspace(0.6, 90.0, 50))
    figure = plots.cost_curves({"falls": FALLING[:100], "rises": rising})
    (axes,) = figure.axes
    top = axes.get_ylim()[1]
    assert top < 90
    *_, dot, triangle = axes.collections
    assert np.asarray(dot.get_offsets()).tolist() == [[99, FALLING[99]]]
    assert np.asarray(triangle.get_offsets()).tolist() == [[99, top]]
    circle, corners = (np.asarray(mark.get_paths()[0].vertices) for mark in (dot, triangle))
    assert (len(circle) > 10, len(corners)) == (True, 4)
    assert any("rises" in text and "↑ ends at 90" in text for text in words(figure))


def test_panels_have_one_scale_their_own_band_and_the_others_in_grey() -> None:
    curves = {f"rate {k}: {k} fell": 0.5 + FALLING / (k + 1) for k in range(6)}
    bands = {name: (costs - 0.05, costs + 0.05) for name, costs in curves.items()}
    figure = plots.cost_panels(curves, bands, title="Six settings")
    assert len(figure.axes) == 6
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    for axes, (name, costs) in zip(figure.axes, curves.items(), strict=True):
        head, tail = name.split(": ")
        assert axes.get_title(loc="left") == f"{head}\n{tail}\nends at {costs[-1]:.3g}"
        *others, own = axes.lines
        assert len(others) == 5
        assert np.array_equal(own.get_ydata(), costs)
        assert {line.get_color() for line in others}.isdisjoint({own.get_color()})
        (band,) = axes.collections  # one area in each pair of axes, where seven over each other were one of grey
        assert np.isclose(np.asarray(band.get_paths()[0].vertices)[:, 1].max(), (costs + 0.05).max())
    colours = [axes.lines[-1].get_color() for axes in figure.axes]
    assert colours.index(ORANGE) == 5
    assert len(set(colours)) == 2
    assert [axes.get_xlabel() for axes in figure.axes] == [""] * 2 + ["iteration"] * 4


def test_panels_of_curves_that_diverged() -> None:
    wild = np.array([2.0, 3.0, np.inf])
    figure = plots.cost_panels({"wild": wild, "none": np.empty(0)}, {"wild": (wild, wild)})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["wild\ndiverged", "none\nno iteration"]
    with pytest.raises(InputError, match="no curve to draw"):
        plots.cost_panels({}, {})


def test_a_curve_ends_where_it_diverges_and_says_so() -> None:
    wild = np.array([2.0, 1e3, 1e90, np.inf, np.nan, 1.0])
    figure = plots.cost_curves({"good": FALLING, "wild": wild, "born wild": np.array([np.nan])})
    (axes,) = figure.axes
    assert {"good", "wild (diverged)", "born wild (diverged)"} <= set(words(figure))
    assert [len(np.asarray(line.get_ydata())) for line in axes.lines] == [200, 3, 0]
    assert axes.get_ylim()[1] < 30  # ten times its first cost and a little room, so that the good curve stays in sight


def test_names_beside_curves_that_end_together_do_not_touch() -> None:
    names = [f"network {i} with a name that needs more than a single line" for i in range(12)]
    figure = plots.cost_curves({name: 0.5 + FALLING + 1e-6 * i for i, name in enumerate(names)})
    places = boxes(figure, [text for text in figure.axes[0].texts if text.get_text()])
    assert len(places) == 12
    places.sort(key=lambda box: float(box.y0))
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(places))
    assert all(box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1 for box in places)


def test_short_curves() -> None:
    figure = plots.cost_curves({"point": np.array([0.69]), "nothing": np.empty(0), "$1 & <2>": np.array([0.7, 0.6])})
    assert {"point", "nothing (no iteration)", "$1 & <2>"} <= set(words(figure))
    (mark,) = plots.cost_curves({"point": np.array([0.69])}).axes[0].collections
    assert np.asarray(mark.get_offsets()).tolist() == [[0, 0.69]]
    plots.cost_curves({"nothing": np.empty(0)})


def test_costs_that_were_kept_now_and_then() -> None:
    (axes,) = plots.cost_curves({"": np.linspace(0.7, 0.1, 25)}, every=100).axes
    assert np.array_equal(axes.lines[0].get_xdata(), np.arange(0, 2500, 100))
    assert axes.get_xlim() == (0, 2400)
    assert axes.yaxis.label.get_text() == "cost (cross-entropy, per example)"
    assert len(axes.texts) == 1  # an empty name, and no line to it


def test_a_flat_curve_looks_flat() -> None:
    bottom, top = plots.cost_curves({"stuck": np.log(2) - 1e-7 * np.arange(100)}).axes[0].get_ylim()
    assert top - bottom > 0.05


def test_costs_that_are_no_curve() -> None:
    with pytest.raises(InputError, match="no curve to draw"):
        plots.cost_curves({})
    with pytest.raises(InputError, match=r"'a' have the shape \(1, 3\): wanted one number an iteration"):
        plots.cost_curves({"a": np.ones((1, 3))})


# Accuracies


def test_accuracies_show_numbers_intervals_and_the_base_rate() -> None:
    figure = plots.accuracies(ROWS, base_rate=0.66, n_test=50, title="No network is surely better")
    (axes,) = figure.axes
    dots, base = axes.lines
    assert np.allclose(np.asarray(dots.get_xdata(), dtype=float), [70, 80])
    assert np.allclose(np.asarray(base.get_xdata(), dtype=float), 66)
    intervals = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments()]  # type: ignore[attr-defined]
    assert np.allclose(intervals, [[56.2, 80.9], [67, 88.8]])
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first row on top
    wanted = {"logistic regression", "70.0 % (56.2 to 80.9)", "80.0 % (67.0 to 88.8)", "No network is surely better"}
    assert wanted <= set(words(figure))
    assert "always the majority class: 66.0 %" in words(figure)
    assert any("50 test examples" in text for text in words(figure))


def test_a_base_rate_far_below_is_a_note_and_the_intervals_stay_wide() -> None:
    figure = plots.accuracies([("64-32-10", 0.964, (0.939, 0.979))], base_rate=0.1, n_test=360)
    left, right = figure.axes[0].get_xlim()
    assert right - left <= 10
    assert "← always the majority class: 10.0 %" in words(figure)


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_accuracies_at_the_ends_stay_in_the_picture(accuracy: float) -> None:
    figure = plots.accuracies([("a" * 100, accuracy, (accuracy, accuracy))], base_rate=0.5, n_test=3)
    left, right = figure.axes[0].get_xlim()
    assert left <= 100 * accuracy <= right
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes(figure, figure.axes[0].texts))


def test_no_accuracies() -> None:
    with pytest.raises(InputError, match="no accuracy to draw"):
        plots.accuracies([], base_rate=0.5, n_test=1)


# Images


def test_mistakes_have_captions_and_the_surest_come_first() -> None:
    images = np.stack([np.full((4, 4), shade, dtype=np.uint8) for shade in (0, 100, 255)])
    figure = plots.mislabelled(images, ["7", "1", "8"], ["1", "7", "3"], [0.6, 0.999, 0.93], title="Mistakes")
    assert captions(figure.axes) == [
        "predicted: 1 (> 99 %) is: 7",
        "predicted: 8 (93 %) is: 3",
        "predicted: 7 (60 %) is: 1",
    ]
    assert [float(np.asarray(axes.images[0].get_array()).max()) for axes in figure.axes] == [100 / 255, 1, 0]
    assert figure.axes[0].images[0].get_cmap().name == "gray"
    assert title(figure) == "Mistakes"


def test_more_mistakes_than_room() -> None:
    images = np.random.RandomState(0).rand(31, 5, 5, 3)
    names = ["Llanfairpwllgwyngyllgogerychwyrndrobwll", *["non-cat"] * 30]
    figure = plots.mislabelled(images, names, ["a golden retriever"] * 31, [0.5] * 31, title="Cats")
    assert len(figure.axes) == 24
    assert title(figure) == "Cats (24 of 31, the most confident first)"
    assert np.array_equal(np.asarray(figure.axes[0].images[0].get_array()), images[0])
    assert len(plots.mislabelled(images, names, names, [0.5] * 31, title="Cats", most=2).axes) == 2


def test_captions_keep_to_their_pictures_column() -> None:
    names = ["Llanfairpwllgwyngyllgogerychwyrndrobwll", "WWWW WWWWWW WWW", "non-cat", "malignant"]
    figure = plots.mislabelled(np.zeros((4, 8, 8)), names, names[::-1], [0.9] * 4, title="Long names")
    places = boxes(figure, [axes.xaxis.label for axes in figure.axes])
    assert all(left.x1 <= right.x0 for left, right in pairwise(places))
    assert places[-1].x1 <= figure.bbox.x1


def test_one_mistake_and_none() -> None:
    one = plots.mislabelled(np.zeros((1, 8, 8, 1)), ["1"], ["7"], [0.5], title="One")
    assert len(one.axes) == 1
    assert np.asarray(one.axes[0].images[0].get_array()).shape == (8, 8)
    none = plots.mislabelled(np.zeros((0, 8, 8)), [], [], [], title="None")
    assert [len(axes.images) for axes in none.axes] == [0]
    assert any("no mistake" in text for text in words(none))


def test_mistakes_without_probabilities_in_a_figure_that_is_given() -> None:
    mine = Figure(figsize=(2, 2))
    mine.add_subplot()
    figure = plots.mislabelled(np.zeros((3, 8, 8)), ["1", "2", "3"], ["7", "7", "7"], most=2, figure=mine)
    assert figure is mine
    assert captions(figure.axes) == ["predicted: 1 is: 7", "predicted: 2 is: 7"]
    assert title(figure).endswith("(2 of 3)")
    assert figure.get_figwidth() == WIDTH
    assert [len(axes.images) for axes in plots.mislabelled(np.zeros((0, 8, 8)), [], [], figure=mine).axes] == [0]


def test_mistakes_that_do_not_belong_together() -> None:
    with pytest.raises(InputError, match="2 images, 1 predicted names"):
        plots.mislabelled(np.zeros((2, 8, 8)), ["1"], ["7", "1"], [0.5, 0.5], title="")
    with pytest.raises(InputError, match="most=0"):
        plots.mislabelled(np.zeros((1, 8, 8)), ["1"], ["7"], [0.5], title="", most=0)


# Weights


def test_weights_of_grey_images_share_one_scale_around_zero() -> None:
    W1 = np.array([[0.5, 0.0, 0.0, 0.0], [0.0, -2.0, 1.0, 0.0]])
    figure = plots.first_layer_weights(W1, (2, 2), title="Two units")
    first, second, scale = figure.axes
    assert captions([first, second]) == ["unit 1", "unit 2"]
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-2, 2)
    assert np.array_equal(np.asarray(second.images[0].get_array()), [[0, -2], [1, 0]])
    assert scale.get_ylabel() == "weight"
    middle = first.images[0].get_cmap()(0.5)
    assert np.allclose(middle, 1, atol=0.01)  # zero is white


def test_the_channels_of_images_in_colours_are_summed() -> None:
    W1 = np.zeros((2, 12))
    W1[0, 0], W1[0, 1], W1[1, 11] = 4.0, 1.0, -2.0
    figure = plots.first_layer_weights(W1, (2, 2, 3), title="Two units")
    first, second, _ = figure.axes
    assert np.array_equal(np.asarray(first.images[0].get_array()), [[5, 0], [0, 0]])
    assert np.array_equal(np.asarray(second.images[0].get_array()), [[0, 0], [0, -2]])
    assert any("Green: brighter pixels raise z" in text and "are summed" in text for text in words(figure))


def test_more_units_than_room_and_units_without_weights() -> None:
    figure = plots.first_layer_weights(np.zeros((30, 4)), (2, 2, 1), title="Units")
    assert len(figure.axes) == 25
    assert title(figure) == "Units, the first 24 of 30"


def test_the_change_of_weights_is_drawn_and_what_moved_most_comes_first() -> None:
    W0 = np.random.RandomState(0).randn(4, 4)
    change = np.array([[0.3, 0.4, 0.0, 0.0], [0.0, 0.0, 3.0, -4.0], [0.001, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    figure = plots.first_layer_weights(W0 + change, (2, 2), title="Units", start=W0)
    *places, scale = figure.axes
    assert captions(places) == ["unit 2 moved 5.0", "unit 4 moved 1.0", "unit 1 moved 0.5"]
    assert title(figure) == "Units, the 3 of 4 units that moved most"  # noise that did not move is not drawn
    for axes, k in zip(places, (1, 3, 0), strict=True):
        np.testing.assert_allclose(np.asarray(axes.images[0].get_array()).ravel(), change[k], atol=1e-12)
        assert axes.images[0].get_clim() == places[0].images[0].get_clim()
    assert scale.get_ylabel() == "W − W₀"
    (note,) = [text for text in words(figure) if "‖W − W₀‖" in text]
    assert f"have the length {np.linalg.norm(W0, axis=1).mean():.2g}" in note
    many = plots.first_layer_weights(W0 + change, (2, 2), title="Units", start=W0, most=1)
    assert captions(many.axes[:1]) == ["unit 2 moved 5.0"]
    assert title(many) == "Units, the 1 of 4 units that moved most"


def test_outputs_have_their_names_and_their_order() -> None:
    W1 = np.diag([1.0, 3.0, 2.0, 0.001])
    figure = plots.first_layer_weights(W1, (2, 2), title="Outputs", start=np.zeros((4, 4)), names=("0", "1", "2", "3"))
    assert captions(figure.axes[:4]) == [
        f"output {k} moved {moved}" for k, moved in enumerate(("1.0", "3.0", "2.0", "0.0"))
    ]
    assert any("All weights W₀ were 0" in text for text in words(figure))


def test_captions_of_weights_do_not_touch() -> None:
    change = np.random.RandomState(0).randn(6, 4) * 0.6
    figure = plots.first_layer_weights(change, (2, 2), title="", start=np.zeros((6, 4)), names=["Llanfairpwllgwyn"] * 6)
    places = boxes(figure, [axes.xaxis.label for axes in figure.axes[:6]])
    assert all(left.x1 < right.x0 for left, right in pairwise(places))


def test_weights_that_are_no_images() -> None:
    with pytest.raises(InputError, match=r"W1 has the shape \(3, 4\) and an image \(3, 3\)"):
        plots.first_layer_weights(np.zeros((3, 4)), (3, 3), title="")
    with pytest.raises(InputError, match=r"start \(2, 4\), and there are 0 names: wanted one shape"):
        plots.first_layer_weights(np.zeros((3, 4)), (2, 2), title="", start=np.zeros((2, 4)))
    with pytest.raises(InputError, match="there are 2 names: wanted one shape, and a name for each row"):
        plots.first_layer_weights(np.zeros((3, 4)), (2, 2), title="", names=("a", "b"))
    with pytest.raises(InputError, match="diverged"):
        plots.first_layer_weights(np.full((1, 4), np.nan), (2, 2), title="")
    with pytest.raises(InputError, match="most=0"):
        plots.first_layer_weights(np.zeros((3, 4)), (2, 2), title="", most=0)


# Decision boundaries


def test_a_boundary_shows_regions_and_both_classes() -> None:
    X, Y = load_flower().train
    figure = plots.decision_boundary(right_half, X, Y, title="Left and right", class_names=("red", "blue"))
    (axes,) = figure.axes
    red, blue = axes.lines
    assert np.array_equal(np.asarray(red.get_xydata()).T, X[:, :200])
    assert np.array_equal(np.asarray(blue.get_xydata()).T, X[:, 200:])
    assert red.get_marker() != blue.get_marker()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x1", "x2")
    assert {"red", "blue", "Left and right"} <= set(words(figure))
    boundary = np.concatenate([path.vertices for path in axes.collections[-1].get_paths()])
    assert np.allclose(boundary[:, 0], 0, atol=0.05)
    assert axes.get_aspect() == 1
    assert "training examples" in words(figure)


def test_a_boundary_says_which_examples_its_points_are_and_what_its_axes_are() -> None:
    X, Y = load_flower().train
    named: dict[str, Any] = {"examples": "test examples", "axis_names": ("length", "width"), "class_names": ("a", "b")}
    for figure in (
        plots.decision_boundary(right_half, X, Y, **named),
        plots.decision_boundaries([("one", right_half)], X, Y, title="", **named),
    ):
        assert {"test examples", "length", "width"} <= set(words(figure))
        assert not {"training examples", "x1", "x2"} & set(words(figure))


def test_boundaries_of_seven_networks_and_the_points() -> None:
    X, Y = load_flower().train
    panels = [(f"{n} hidden units", right_half) for n in (1, 2, 3, 4, 5, 20, 50)]
    figure = plots.decision_boundaries(panels, X, Y, title="Seven networks", class_names=("red", "blue"))
    names = [axes.get_title(loc="left") for axes in figure.axes]
    assert names == [name for name, _ in panels] + ["the points alone"]
    assert [axes.get_xlabel() for axes in figure.axes] == [""] * 4 + ["x1"] * 4
    assert [axes.get_ylabel() for axes in figure.axes] == ["x2", "", "", ""] * 2
    assert len(figure.legends) == 1


@pytest.mark.parametrize(("panels", "axes"), [(1, 1), (3, 3), (5, 6)])
def test_as_many_axes_as_networks_and_at_most_one_more(panels: int, axes: int) -> None:
    X = np.array([[0.0, 1000.0, 2000.0], [0.0, 1.0, 0.0]])
    Y = np.array([[0, 1, 0]])
    constant = [("says 0", lambda points: np.zeros((1, points.shape[1])))] * panels
    figure = plots.decision_boundaries(constant, X, Y, title="", class_names=("a", "b"))
    assert len(figure.axes) == axes
    assert figure.axes[0].get_aspect() == "auto"  # one scale for both would make a sliver


def test_points_that_are_not_planar() -> None:
    X, Y = np.zeros((3, 5)), np.zeros((1, 5))
    with pytest.raises(InputError, match=r"X of shape \(3, 5\)"):
        plots.decision_boundary(right_half, X, Y, title="", class_names=("a", "b"))
    with pytest.raises(InputError, match="3 class names"):
        plots.decision_boundary(right_half, X[:2], Y, title="", class_names=("a", "b", "c"))
    with pytest.raises(InputError, match=r"predict gives \(90000,\).* wanted one row"):
        plots.decision_boundary(lambda points: points[0], X[:2], Y, title="", class_names=("a", "b"))
    with pytest.raises(InputError, match="no network to draw"):
        plots.decision_boundaries([], X[:2], Y, title="", class_names=("a", "b"))


# The sigmoid


@pytest.mark.parametrize("n_y", [1, 3, 8])
def test_residuals_stand_over_their_answers(n_y: int) -> None:
    random = np.random.RandomState(0)
    answers = random.randn(n_y, 50)
    Y = answers + 0.1 * random.randn(n_y, 50)
    figure = plots.residuals(answers, Y)
    assert len(figure.axes) == min(6, n_y)
    for k, axes in enumerate(figure.axes):
        x, y = axes.lines[1].get_data()
        np.testing.assert_array_equal(np.asarray(x), answers[k])
        np.testing.assert_array_equal(np.asarray(y), Y[k] - answers[k])
        low, high = axes.get_ylim()
        assert low == -high
        assert high > np.abs(Y[k] - answers[k]).max()
    assert captions(figure.axes)[0] == ("predicted value" if n_y == 1 else "predicted value of output 1")
    assert ("the first 6 of 8 outputs" in title(figure)) == (n_y == 8)


@pytest.mark.parametrize(
    ("answers", "Y", "said"),
    [
        (
            np.ones((1, 3)),
            np.ones((1, 4)),
            r"the predictions have the shape \(1, 3\) and Y \(1, 4\): wanted \(n_y, m\) of both",
        ),
        (np.ones(3), np.ones(3), "wanted"),
        (np.ones((1, 0)), np.ones((1, 0)), "m at least 1"),
        (np.full((1, 2), np.nan), np.ones((1, 2)), "some predictions or values are not finite"),
    ],
)
def test_residuals_that_cannot_be_drawn(answers: Floats, Y: Floats, said: str) -> None:
    with pytest.raises(InputError, match=said):
        plots.residuals(answers, Y)


def test_residuals_of_nothing_but_right_answers() -> None:
    assert plots.residuals(np.ones((1, 3)), np.ones((1, 3))).axes[0].get_ylim() == (-1.0, 1.0)


def test_the_sigmoid_and_its_slope() -> None:
    (axes,) = plots.sigmoid_curve().axes
    curve, slope = axes.lines
    z = np.asarray(curve.get_xdata(), dtype=np.float64)
    assert (z[0], z[-1]) == (-8, 8)
    assert np.array_equal(curve.get_ydata(), sigmoid(z))
    assert np.allclose(np.gradient(sigmoid(z), z)[1:-1], np.asarray(slope.get_ydata())[1:-1], atol=1e-3)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "¼", "½", "1"]


# Files, and what is left alone


def test_saved_pictures_are_whole_and_have_the_same_bytes_again(tmp_path: Path) -> None:
    X, Y = load_flower().train
    figures: dict[str, Callable[[], Figure]] = {
        "costs": lambda: plots.cost_curves({"a $ & <b>": FALLING, "c": FALLING**2}),
        "accuracies": lambda: plots.accuracies(ROWS, base_rate=0.66, n_test=50),
        "mistakes": lambda: plots.mislabelled(np.eye(8)[None], ["1"], ["7"], [0.9], title="One"),
        "weights": lambda: plots.first_layer_weights(np.eye(4), (2, 2), title="Units"),
        "boundary": lambda: plots.decision_boundary(right_half, X[:, ::9], Y[:, ::9]),
    }
    for name, draw in figures.items():
        figure = draw()
        png, svg = plots.save(figure, tmp_path / "new" / "folder", name)
        assert (png.name, svg.name) == (f"{name}.png", f"{name}.svg")
        with Image.open(png) as image:
            assert image.size[0] == 150 * WIDTH
        assert parsed(svg).tag.endswith("svg")
        assert svg.stat().st_size < 300_000
        before = png.read_bytes(), svg.read_bytes()
        for again in (figure, draw()):
            plots.save(again, tmp_path / "new" / "folder", name)
            assert (png.read_bytes(), svg.read_bytes()) == before
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 2 * len(figures)


def test_text_in_an_svg_is_text(tmp_path: Path) -> None:
    _, svg = plots.save(plots.cost_curves({"a $ & <b> $": FALLING}), tmp_path, "costs")
    texts = [element.text for element in parsed(svg).iter() if element.tag.endswith("}text")]
    assert {"a $ & <b> $", "iteration", "The cost at each iteration of training"} <= set(texts)


def test_many_long_curves_make_a_small_svg(tmp_path: Path) -> None:
    noise = np.random.RandomState(0).rand(20, 10_000)
    _, svg = plots.save(plots.cost_curves({f"seed {i}": costs for i, costs in enumerate(noise)}), tmp_path, "costs")
    assert svg.stat().st_size < 300_000


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    figure = plots.cost_curves({"a": FALLING})
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"sigmoid\.png: cannot be written .*name a folder that can be written to"):
        plots.save(figure, tmp_path / "file", "sigmoid")
    (tmp_path / "costs.png").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        plots.save(figure, tmp_path, "costs")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "costs.png"}
    for name in ("", "a/b"):
        with pytest.raises(InputError, match="wanted a file name without folder"):
            plots.save(figure, tmp_path, name)


def test_pictures_side_by_side_in_axes_that_are_given() -> None:
    X, Y = load_flower().train
    figure = Figure(figsize=(9, 3), layout="constrained")
    costs, boundary, curve = figure.subplots(1, 3)
    assert plots.cost_curves({"a": FALLING}, title="Costs in $ and $", axes=costs) is figure
    assert plots.decision_boundary(right_half, X, Y, title="Half", class_names=("a", "b"), axes=boundary) is figure
    assert plots.sigmoid_curve(axes=curve) is figure
    assert [len(axes.lines) for axes in figure.axes] == [1, 2, 2]
    assert [axes.get_title(loc="left").split()[0] for axes in figure.axes] == ["Costs", "Half", "The"]
    assert figure.get_suptitle() == ""
    assert figure.get_layout_engine() is not None
    figure.draw_without_rendering()


def test_the_users_settings_do_not_show_and_are_not_changed(tmp_path: Path) -> None:
    usual, _ = plots.save(plots.sigmoid_curve(), tmp_path, "usual")
    with matplotlib.rc_context({"axes.facecolor": "black", "text.color": "red", "font.size": 30, "savefig.dpi": 20}):
        mine = dict(matplotlib.rcParams)
        other, _ = plots.save(plots.sigmoid_curve(), tmp_path, "other")
        assert dict(matplotlib.rcParams) == mine
    assert other.read_bytes() == usual.read_bytes()


def test_a_trained_network_drawn_as_a_user_would(tmp_path: Path) -> None:
    flower = load_flower()
    network = layerlab.Network([2, 4, 1], hidden="tanh")
    run = layerlab.train(network, flower, learning_rate=1.2, iterations=300, initializer="normal", seed=3)
    plots.save(plots.cost_curves({"4 units": run.history.costs}), tmp_path, "costs")
    for predict in (run.predict, run.predict_proba):
        plots.decision_boundary(predict, *flower.train, title="Petals", class_names=flower.class_names)


@pytest.mark.processes
def test_matplotlib_is_imported_at_the_first_picture_and_pyplot_never() -> None:
    script = """
import sys, layerlab
from layerlab import plots
assert "matplotlib" not in sys.modules
plots.sigmoid_curve()
assert "matplotlib.figure" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603
