"""What the lab draws and shows of a training: frames, curves and numbers, without a server or a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
from covering import covering

import layerlab
from layerlab import InputError, Network, Stepper
from layerlab.datasets import Dataset, Part
from layerlab.lab import inside as inside_module
from layerlab.lab.curves import MOST, Curve
from layerlab.lab.framing import framed, unframed
from layerlab.lab.maps import as_bytes, averaged, example_picture, grids_of, unit_maps
from layerlab.lab.opening import Given, opened_message
from layerlab.lab.opening import opened as lab_opened
from layerlab.lab.pacing import MOST_KEPT, Pacing
from layerlab.lab.snapshots import Snapshots
from layerlab.plots.unit_maps import extent_of
from layerlab.settings import SETTINGS

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

LENSES = ["maps", "numbers", "gradients", "steps"]


class Opened(NamedTuple):
    """What a session opens."""

    data: Dataset
    stepper: Stepper
    box: tuple[float, float, float, float] | None


class Look(NamedTuple):
    """What a page looks at."""

    lens: str = "maps"
    example: int = 0
    grid: int = 24
    fine: int = 0
    pictures: str = "learned"


class Clock:
    """Seconds that pass only when told; each reading takes some."""

    def __init__(self) -> None:
        self.now, self.each = 0.0, 0.0

    def __call__(self) -> float:
        self.now += self.each
        return self.now


def some(data: Dataset, every: int, **changes: Any) -> Dataset:
    """A dataset with some of the examples."""
    train, test = (Part(part.X[:, ::every], part.Y[:, ::every]) for part in (data.train, data.test))
    return replace(data, train=train, test=test, **changes)


flower = some(layerlab.datasets.load_flower(), 7)
digits = some(layerlab.datasets.load_digits(), 20)
random = np.random.RandomState(0)


def table_of(n_x: int, m: int = 40, outputs: int = 1, image_shape: tuple[int, ...] | None = None) -> Dataset:
    X, Y = random.rand(n_x, m), (random.rand(outputs, m) > 0.5).astype(float)
    names = tuple(f"x{k}" for k in range(n_x)) if image_shape is None else ()
    return Dataset("mine", Part(X, Y), Part(X, Y), ("no", "yes"), names, image_shape)


photos = table_of(96, 20, image_shape=(4, 8, 3))
table = table_of(5)

TASKS: dict[str, tuple[Dataset, Network]] = {
    "flower": (flower, Network([2, 5, 3, 1], hidden="tanh")),
    "digits": (digits, Network([64, 6, 10], hidden="relu")),
    "photos": (photos, Network([96, 4, 3, 1], hidden="relu")),  # more features than examples: the span
    "table": (table, Network([5, 4, 1], hidden="sigmoid")),
}

WAYS: dict[str, dict[str, Any]] = {
    "gd": {"learning_rate": 0.1},
    "adam": {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 16, "dropout": 0.3, "l2": 0.1, "clip_norm": 0.5},
    "momentum": {"optimizer": "momentum", "learning_rate": 0.02, "batch_size": 7, "l2": 0.2},
    "lbfgs": {"optimizer": "lbfgs"},
    "float32": {"learning_rate": 0.1, "dtype": "float32"},
}


def opened(task: str, **settings: Any) -> Opened:
    data, network = TASKS[task]
    settings = {"learning_rate": 0.1, "iterations": 400, **settings}
    if settings.get("optimizer") == "lbfgs":
        del settings["learning_rate"]
    stepper = Stepper(network, data, validation=data.test, **settings)
    return Opened(data, stepper, extent_of(data.train.X) if data.n_x == 2 else None)


def frame_of(snapshots: Snapshots, look: Look = Look(), state: str = "ready") -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: B008
    return unframed(snapshots.frame(look, 1, state, None))


def close(one: Any, other: Any, rounding: float = 1e-6) -> None:
    np.testing.assert_allclose(one, np.asarray(other, np.float32), rtol=rounding, atol=rounding)


# A look is no event


@pytest.mark.parametrize(("task", "way", "engine"), covering(TASKS, WAYS, ["numpy", "xla"]))
def test_a_look_after_every_update_changes_nothing(task: str, way: str, engine: str) -> None:
    settings = {**WAYS[way], "engine": engine, "iterations": 30}
    plain, looked = opened(task, **settings), opened(task, **settings)
    snapshots = Snapshots(looked)
    for t in range(12):
        for one in (plain, looked):
            if not one.stepper.ended:
                one.stepper.advance(1)
        for lens in LENSES:
            frame_of(snapshots, Look(lens, example=t, pictures="weights" if t % 2 else "learned"))
        snapshots.inside(1, 1, 1, t)
        snapshots.figures()
    for name, value in plain.stepper.parameters().items():
        assert np.array_equal(value, looked.stepper.parameters()[name]), name
    assert np.array_equal(plain.stepper.costs, looked.stepper.costs)
    assert np.array_equal(plain.stepper.history.validation_costs, looked.stepper.history.validation_costs)
    assert (looked.stepper.events, looked.stepper.version) == ((), 0)
    assert looked.stepper.python() == plain.stepper.python()


# Numbers of frames are those of the update taken apart


@pytest.mark.parametrize(("task", "way", "engine"), covering(TASKS, WAYS, ["numpy", "xla"]))
def test_numbers_of_a_frame_are_those_of_the_update_taken_apart(task: str, way: str, engine: str) -> None:
    one = opened(task, **WAYS[way], engine=engine)
    one.stepper.advance(5)
    snapshots, anatomy = Snapshots(one), one.stepper.dissect()
    example = int(anatomy.examples[2])
    for lens in LENSES:
        head, arrays = frame_of(snapshots, Look(lens, example=example))
        assert (head["update"], head["furthest"], head["example"]) == (5, 5, example)
        for name, value in one.stepper.parameters().items():
            close(arrays[name], value)
        for layer in anatomy.layers:
            if lens in ("gradients", "steps"):
                assert head["in_update"]
                close(arrays[f"dz:{layer.layer}"], layer.dZ[:, 2])
                if layer.dA is not None:
                    close(arrays[f"da:{layer.layer}"], layer.dA[:, 2])
            if lens in ("gradients", "steps") or way != "adam":  # without dropout
                close(arrays[f"z:{layer.layer}"], layer.Z[:, 2])
                close(arrays[f"a:{layer.layer}"], layer.A[:, 2])
        close(arrays["y"], anatomy.Y[:, 2])
        assert {name for name in arrays if name[0] in "ds"} == _gradients_or_steps(anatomy, lens, arrays)


def _gradients_or_steps(anatomy: Any, lens: str, arrays: dict[str, Any]) -> set[str]:
    """The names that a lens adds; their numbers are compared on the way."""
    names = set(anatomy.gradients)
    if lens in ("maps", "numbers"):
        return set()
    values = {f"dz:{n.layer}" for n in anatomy.layers} | {f"da:{n.layer}" for n in anatomy.layers[:-1]}
    if lens == "gradients":
        for name in names:
            close(arrays[name], anatomy.gradients[name])
        return names | values
    if anatomy.steps is None:
        return values
    for name, step in anatomy.steps.items():
        close(arrays[f"s{name}"], step)
    return {f"s{name[1:]}" for name in names} | values


def test_an_example_that_the_next_batch_does_not_use_has_no_gradients() -> None:
    one = opened("digits", batch_size=16)
    one.stepper.advance(3)
    snapshots, anatomy = Snapshots(one), one.stepper.dissect()
    other = next(k for k in range(60) if k not in anatomy.examples)
    head, arrays = frame_of(snapshots, Look("gradients", example=other))
    assert not head["in_update"]
    assert not [name for name in arrays if name[:3] in ("dz:", "da:")]
    close(arrays["dW1"], anatomy.gradients["dW1"])
    message = snapshots.inside(1, 2, 3, other)
    assert (message["in_update"], message["asked"]) == (False, other)
    assert message["facts"]["chosen"]["example"] == int(anatomy.examples[0]) == message["example"]


# Maps and pictures


def test_maps_are_what_the_units_compute_at_the_centres_of_the_cells() -> None:
    one = opened("flower")
    one.stepper.advance(30)
    _, arrays = frame_of(Snapshots(one))
    assert one.box is not None
    left, right, lower, upper = one.box
    for row, column in ((0, 0), (0, 23), (23, 0), (7, 11)):
        x = left + (right - left) * (column + 0.5) / 24
        y = upper - (upper - lower) * (row + 0.5) / 24  # row 0 is at the top
        points = Part(np.array([[x, 0], [y, 0]]), np.array([[0, 1]]))
        settings: dict[str, Any] = {"parameters": one.stepper.parameters(), "learning_rate": 1, "iterations": 1}
        anatomy = Stepper(one.stepper.network, points, **settings).dissect()
        for layer in anatomy.layers:
            low, high = arrays[f"range:{layer.layer}"].T
            assert (low, high) == pytest.approx((0, 1) if layer.layer == 3 else (-1, 1))
            found = low + (high - low) * arrays[f"map:{layer.layer}"][:, row, column] / 255
            assert found == pytest.approx(layer.A[:, 0], abs=0.6 * 2 / 255)


def test_maps_of_a_wide_network_are_computed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network([2, 6, 3], hidden="relu", output="identity")
    parameters = Stepper(network, (random.randn(2, 9), random.randn(3, 9)), learning_rate=1, iterations=1).parameters()
    whole = unit_maps(network, parameters, (-1, 1, -2, 2), [30, 30], {1: np.array([1, 4])})
    monkeypatch.setattr("layerlab.lab.maps.AT_A_TIME", 600)
    pieces = unit_maps(network, parameters, (-1, 1, -2, 2), [30, 30], {1: np.array([1, 4])})
    assert whole["map:1"].shape == (2, 30, 30)
    for name, value in whole.items():
        np.testing.assert_allclose(pieces[name].astype(float), value, rtol=1e-5, atol=1)
    assert (whole["range:1"][:, 0] == -whole["range:1"][:, 1]).all()  # symmetric about 0
    assert (whole["map:2"].reshape(3, -1).min(axis=1) == 0).all()  # the values of a regression, from end to end
    assert (whole["map:2"].reshape(3, -1).max(axis=1) == 255).all()


@pytest.mark.parametrize("fine", [0, 1, 2, 3, 4])
def test_the_layer_of_the_large_picture_has_finer_maps(fine: int) -> None:
    one = opened("flower")
    one.stepper.advance(50)
    _, arrays = frame_of(Snapshots(one), Look(fine=fine))
    assert one.box is not None
    for layer, units in enumerate((5, 3, 1), start=1):
        side = 100 if layer == fine else 24
        wanted = unit_maps(one.stepper.network, one.stepper.parameters(), one.box, [side] * 3, {})
        assert arrays[f"map:{layer}"].shape == (units, side, side)
        for name in (f"map:{layer}", f"range:{layer}"):
            np.testing.assert_array_equal(arrays[name], wanted[name])


@pytest.mark.parametrize("units", [[41, 1], [256, 1], [64, 64, 64, 10], [200, 3], [*[256] * 12, 256]])
@pytest.mark.parametrize("grid", [24, 100])
def test_many_maps_are_coarser(units: list[int], grid: int) -> None:
    for fine in range(len(units) + 1):
        grids = grids_of(units, grid, fine)
        of_fine = units[fine - 1] * grids[fine - 1] ** 2 if fine else 0
        assert sum(n * side**2 for n, side in zip(units, grids, strict=True)) - of_fine <= 120_000
        assert of_fine <= 120_000
        assert min(grids) >= 6


def test_a_frame_of_many_units_is_small() -> None:
    stepper = Stepper(Network([2, 64, 48, 40, 1], hidden="tanh"), flower, learning_rate=0.1, iterations=9)
    snapshots = Snapshots(Opened(flower, stepper, (-1, 1, -1, 1)))
    for fine in range(5):
        assert len(snapshots.frame(Look(grid=40, fine=fine), 1, "ready", None)) < 300_000


def test_bytes_stand_for_the_numbers_between_the_ends() -> None:
    values = np.array([[-1, 0, 1], [2, 2, 2], [0, np.nan, 4], [np.inf, 0, 1]], np.float32)
    ends = np.array([[-1, 1], [2, 2], [0, 4], [0, np.inf]], np.float32)
    assert as_bytes(values, ends).tolist() == [[0, 128, 255], [128] * 3, [0, 128, 255], [128] * 3]


@pytest.mark.parametrize(
    ("basis", "engine", "l2"),
    [("span", "numpy", 0.0), ("span", "xla", 0.5), ("full", "numpy", 0.0), ("full", "xla", 0.0)],
)
def test_pictures_are_the_weights_or_what_was_learned(basis: str, engine: str, l2: float) -> None:
    one = opened("photos", basis=basis, engine=engine, l2=l2)
    start = one.stepper.parameters()["W1"]
    snapshots = Snapshots(one)
    assert (frame_of(snapshots)[1]["image:1"] == 128).all()  # nothing is learned yet
    one.stepper.advance(20)
    now = one.stepper.parameters()["W1"]
    for which, weights in (("learned", now - start), ("weights", now)):
        _, arrays = frame_of(snapshots, Look(pictures=which))
        grey = weights.reshape(4, 4, 8, 3).mean(axis=3)
        end = np.abs(grey).max(axis=(1, 2))
        close(arrays["range:1"], np.stack([-end, end], axis=1), 1e-5)
        found = (arrays["image:1"] / 255 * 2 - 1) * end[:, None, None]
        assert (np.abs(found - grey) <= 0.51 * 2 / 255 * end[:, None, None] + 1e-7).all()
    assert arrays["picture"].shape == (4, 8, 3)
    np.testing.assert_array_equal(arrays["picture"], np.floor(photos.train.X[:, 0].reshape(4, 8, 3) * 255 + 0.5))


def test_large_images_are_averaged_over_squares() -> None:
    image = random.rand(70, 40, 3)
    small = averaged(image.reshape(1, -1), (70, 40, 3)).reshape(24, 14)
    assert small[0, 0] == pytest.approx(image[:3, :3].mean())
    assert small[23, 13] == pytest.approx(image[69:, 39:].mean())
    assert example_picture(image.ravel(), (70, 40, 3)).shape == (70, 40, 3)
    assert example_picture(random.rand(200 * 100), (200, 100)).shape == (67, 34, 3)


def test_a_standardised_image_is_drawn_as_it_was() -> None:
    scaled = digits.standardized()
    stepper = Stepper(TASKS["digits"][1], scaled, learning_rate=0.1, iterations=5)
    _, arrays = frame_of(Snapshots(Opened(scaled, stepper, None)), Look(example=3))
    close(arrays["x"], scaled.train.X[:, 3])
    close(arrays["x:given"], digits.train.X[:, 3])
    grey = digits.train.X[:, 3].reshape(8, 8) * 255
    assert np.abs(arrays["picture"][..., 0] - grey).max() <= 0.51


def test_pictures_of_numbers_beyond_0_and_1_use_the_range_of_the_training_set() -> None:
    data = replace(photos, train=Part(photos.train.X * 6 - 3, photos.train.Y))
    stepper = Stepper(TASKS["photos"][1], data, learning_rate=0.1, iterations=5)
    _, arrays = frame_of(Snapshots(Opened(data, stepper, None)))
    assert 0 <= arrays["picture"].min() < 30
    assert 225 < arrays["picture"].max() <= 255


def test_a_table_has_no_map_and_no_picture() -> None:
    one = opened("table")
    one.stepper.advance(3)
    _, arrays = frame_of(Snapshots(one))
    assert not {name.partition(":")[0] for name in arrays} & {"map", "image", "picture", "range"}
    assert arrays["a:1"].shape == (4,)
    close(arrays["x"], table.train.X[:, 0])
    assert "x:given" not in arrays


def test_an_example_of_many_inputs_is_not_sent() -> None:
    data = table_of(1025, 8)
    stepper = Stepper(Network([1025, 2, 1]), data, learning_rate=0.1, iterations=9)
    assert "x" not in frame_of(Snapshots(Opened(data, stepper, None)))[1]


# Wide layers


@pytest.mark.parametrize(("units", "drawn"), [(256, 256), (300, 256), (400, 256), (401, 64)])
def test_of_wide_layers_those_units_are_drawn_that_weigh_most(units: int, drawn: int) -> None:
    network = Network([2, 3, units, 1], hidden="tanh")
    stepper = Stepper(network, flower, learning_rate=0.1, iterations=9)
    head, arrays = frame_of(Snapshots(Opened(flower, stepper, (-1, 1, -1, 1))))
    side = 21 if drawn == 256 else 24
    assert arrays["map:2"].shape == (drawn, side, side)
    assert arrays["a:2"].shape == (units,)
    if drawn == units:
        assert head["shown"] == {}
        return
    shown = head["shown"]["2"]
    out = np.abs(stepper.parameters()["W3"][0])
    assert shown == sorted(shown)
    assert {number - 1 for number in shown} == set(np.argsort(-out)[:drawn].tolist())
    whole = unit_maps(stepper.network, stepper.parameters(), (-1, 1, -1, 1), [side] * 3, {})
    np.testing.assert_array_equal(arrays["map:2"], whole["map:2"][np.array(shown) - 1])


def test_the_units_that_are_drawn_stay_while_playing() -> None:
    stepper = Stepper(Network([2, 401, 2, 1], hidden="tanh"), flower, learning_rate=0.5, iterations=90)
    snapshots = Snapshots(Opened(flower, stepper, (-1, 1, -1, 1)))
    first = frame_of(snapshots, state="playing")[0]["shown"]
    stepper.advance(60)
    assert frame_of(snapshots, state="playing")[0]["shown"] == first
    assert frame_of(snapshots, state="ready")[0]["shown"] != first


def test_layers_of_more_than_8192_numbers_have_no_weights() -> None:
    stepper = Stepper(Network([2, 91, 91, 90, 1], hidden="tanh"), flower, learning_rate=0.1, iterations=9)
    for lens, prefix in (("maps", ""), ("gradients", "d"), ("steps", "s")):
        _, arrays = frame_of(Snapshots(Opened(flower, stepper, (-1, 1, -1, 1))), Look(lens))
        assert f"{prefix}W2" not in arrays
        assert {f"{prefix}{name}" for name in ("W1", "W3", "b2")} <= set(arrays)


# Curves


def test_a_curve_is_the_lowest_and_highest_of_each_block() -> None:
    values = np.cumsum(random.randn(40_000))
    curve, n = Curve(), 0
    while n < len(values):
        n = min(len(values), n + int(random.choice([1, 2, 7, 100, 1023, 5000])))
        pairs, block = curve.pairs(values[:n], 0), curve.block
        assert len(pairs) == -(-n // block) <= MOST
        assert block == 1 or len(pairs) > MOST // 2
        for k in [*random.randint(0, len(pairs), 5).tolist(), len(pairs) - 1]:
            own = values[:n][k * block : (k + 1) * block].astype(np.float32)
            assert pairs[k].tolist() == [own.min(), own.max()]


def test_only_new_values_of_a_curve_are_read() -> None:
    values = np.arange(1_000_000.0)
    curve = Curve()
    curve.pairs(values[:999_000], 0)
    block, values[: 999_000 - curve.block] = curve.block, np.nan
    assert curve.pairs(values, 0)[:2].tolist() == [[0, block - 1], [block, 2 * block - 1]]
    assert curve.pairs(values, 0)[-1].tolist()[1] == 999_999
    assert np.isnan(curve.pairs(values, 1)[0]).all()  # a new version is read from its beginning


def test_a_curve_begins_anew_when_it_is_shorter_or_another() -> None:
    curve = Curve()
    curve.pairs(np.arange(5000.0), 0)
    assert curve.block == 8
    assert curve.pairs(np.arange(100.0), 0).shape == (100, 2)
    assert curve.pairs(-np.arange(100.0), 1)[50].tolist() == [-50, -50]
    assert curve.pairs(np.empty(0), 2).shape == (0, 2)
    assert curve.pairs(np.array([np.nan, 1e300, -np.inf]), 3).shape == (3, 2)


def test_the_curve_stays_whole_after_a_seek_back_and_is_cut_where_something_is_changed() -> None:
    one = opened("flower", iterations=3000)
    stepper, snapshots = one.stepper, Snapshots(one)
    for n in (1, 700, 600):
        stepper.advance(n)
        frame_of(snapshots)
    stepper.seek(40)
    head, arrays = frame_of(snapshots)
    assert (head["update"], head["furthest"], head["block"], len(arrays["curve:cost"])) == (40, 1301, 2, 651)
    stepper.advance(20)  # made again
    assert len(frame_of(snapshots)[1]["curve:cost"]) == 651
    before = stepper.known_costs[:60].copy()
    stepper.edit("W1", 0, 0, 0.5)
    head, arrays = frame_of(snapshots)
    assert (head["furthest"], head["block"], len(arrays["curve:cost"])) == (60, 1, 60)
    close(arrays["curve:cost"][:, 0], before)
    stepper.advance(2000)
    head, arrays = frame_of(snapshots)
    _compared(head["block"], arrays["curve:cost"], stepper.costs)
    _compared(head["validation_block"], arrays["curve:validation_cost"], stepper.history.validation_costs)
    _compared(head["validation_block"], arrays["curve:validation_accuracy"], stepper.history.validation_accuracies)


def _compared(block: int, pairs: Any, values: Any) -> None:
    parts = [values[k : k + block] for k in range(0, len(values), block)]
    close(pairs, [[part.min(), part.max()] for part in parts])


def test_with_batches_validation_has_a_value_for_every_epoch() -> None:
    one = opened("digits", batch_size=16)
    one.stepper.advance(13)
    head, arrays = frame_of(Snapshots(one))
    assert (head["validation_every"], head["block"]) == (one.stepper.job.epoch, 1)
    close(arrays["curve:validation_cost"][:, 0], one.stepper.history.validation_costs)
    assert len(arrays["curve:validation_cost"]) == 13 // one.stepper.job.epoch
    assert "curve:validation_cost" not in frame_of(Snapshots(Opened(one.data, _without_validation(one), None)))[1]


def _without_validation(one: Opened) -> Stepper:
    return Stepper(one.stepper.network, one.data, learning_rate=0.1, iterations=9)


def test_what_is_known_is_a_view_that_cannot_be_written_to() -> None:
    one = opened("flower")
    one.stepper.advance(20)
    one.stepper.seek(5)
    costs, rows = one.stepper.known_costs, one.stepper.known_validation
    assert (costs.shape, rows.shape) == ((20,), (20, 2))
    assert costs.base is not None
    assert np.array_equal(costs[:5], one.stepper.costs)
    for view in (costs, rows):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1
    assert one.stepper.version == 0
    one.stepper.change(learning_rate=0.3)
    assert (one.stepper.version, one.stepper.known_costs.shape) == (1, (5,))
    assert _without_validation(one).known_validation.shape == (0, 0)


def test_where_it_stands_is_read_without_a_copy() -> None:
    one = opened("flower", engine="numpy")
    one.stepper.advance(2)
    present = one.stepper.present()
    assert not present.span
    assert np.shares_memory(present.state.parameters["W1"], one.stepper.present().state.parameters["W1"])
    photo = opened("photos", basis="span", engine="xla")
    photo.stepper.advance(2)
    present = photo.stepper.present()
    assert present.span
    assert {type(value) for value in present.state.parameters.values()} == {np.ndarray}
    assert {"C1", "s1"} < set(present.state.parameters)


# Figures


def test_figures_are_the_values_recorded_last() -> None:
    one = opened("flower")
    snapshots = Snapshots(one)
    first = snapshots.figures()
    assert first == {"cost": one.stepper.dissect().cost, "validation_cost": None, "validation_accuracy": None}
    one.stepper.advance(10)
    history = one.stepper.history
    figures = snapshots.figures()
    assert figures["cost"] == history.costs[-1]
    assert figures["validation_cost"] == history.validation_costs[-1]
    assert figures["validation_accuracy"] == history.validation_accuracies[-1]
    assert {name: frame_of(snapshots)[0][name] for name in figures} == figures
    one.stepper.seek(4)
    assert snapshots.figures()["cost"] == history.costs[3]
    one.stepper.seek(0)
    assert snapshots.figures()["cost"] == pytest.approx(first["cost"])
    assert snapshots.figures()["validation_cost"] == history.validation_costs[0]


def test_figures_with_batches_are_those_of_the_last_epoch() -> None:
    one = opened("digits", batch_size=16)
    epoch = one.stepper.job.epoch
    snapshots = Snapshots(one)
    one.stepper.advance(epoch - 1)
    assert snapshots.figures()["validation_cost"] is None
    one.stepper.advance(epoch)
    assert snapshots.figures()["validation_cost"] == one.stepper.history.validation_costs[-1]
    one.stepper.seek(epoch)
    assert snapshots.figures()["validation_cost"] == one.stepper.history.validation_costs[0]


# A diverged training, other outputs


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("rate", [1e200, 1e6])
def test_a_diverged_training_is_drawn_too(task: str, rate: float) -> None:
    one = opened(task, learning_rate=rate)
    one = one._replace(
        stepper=Stepper(TASKS[task][1], one.data, learning_rate=rate, iterations=60, validation=one.data.test)
    )
    snapshots = Snapshots(one)
    while not one.stepper.ended:
        one.stepper.advance(5)
    for lens in LENSES:
        head, _ = frame_of(snapshots, Look(lens))
        assert head["update"] == one.stepper.update
    text = json.dumps([snapshots.inside(1, 1, 1, 0), snapshots.figures()], allow_nan=False)
    assert "Infinity" not in text


@pytest.mark.parametrize("output", ["identity", "absolute", "huber", "poisson", "softmax", "sigmoid"])
def test_every_output_has_frames_and_formulas(output: str) -> None:
    outputs = 3
    Y = np.eye(3)[random.randint(0, 3, 30)].T
    data = Dataset("mine", Part(random.randn(2, 30), Y), Part(random.randn(2, 6), Y[:, :6]))
    network = Network([2, 4, outputs], hidden="leaky_relu", output=output)
    stepper = Stepper(network, data, learning_rate=0.01, iterations=9, validation=data.test)
    stepper.advance(2)
    snapshots, anatomy = Snapshots(Opened(data, stepper, (-2, 2, -2, 2))), stepper.dissect()
    _, arrays = frame_of(snapshots, Look("numbers", example=4))
    close(arrays["p"], anatomy.predictions[:, 4])
    close(arrays["a:2"], anatomy.predictions[:, 4])
    assert ("curve:validation_accuracy" in arrays) == network.classifies
    formulas = snapshots.inside(2, 1, 1, 4)["formulas"]
    assert set(formulas) == {"forward", "cost", "backward", "update"}
    assert not [one for stage in formulas.values() for one in stage if "{" in one["text"]]


def test_a_network_without_hidden_layers_is_drawn() -> None:
    stepper = Stepper(Network([2, 1]), flower, learning_rate=0.1, iterations=9)
    stepper.advance(1)
    snapshots = Snapshots(Opened(flower, stepper, (-1, 1, -1, 1)))
    for lens in LENSES:
        _, arrays = frame_of(snapshots, Look(lens))
        assert arrays["map:1"].shape == (1, 24, 24)
    assert [one["text"] for one in snapshots.inside(1, 1, 2, 0)["formulas"]["forward"]] == [
        "Z1 = W1 X + b1",
        "A1 = sigmoid(Z1)",
    ]


def test_a_scaled_target_is_shown_as_it_is_learned(tmp_path: Any) -> None:
    lines = ["x,y", *(f"{i / 10},{1000 + 3 * i + i % 7}" for i in range(60))]
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    data = layerlab.datasets.load_data(tmp_path / "table.csv", target="y", task="values")
    stepper = Stepper(Network([data.n_x, 3, 1], hidden="tanh"), data, learning_rate=0.1, iterations=30)
    stepper.advance(10)
    _, arrays = frame_of(Snapshots(Opened(data, stepper, None)), Look(example=7))
    anatomy = stepper.dissect()
    close(arrays["y"], anatomy.Y[:, 7])
    close(arrays["p"], anatomy.predictions[:, 7])


def test_a_scaled_target_is_told_in_its_own_units_too(tmp_path: Any) -> None:
    lines = ["u,v,y", *(f"{i / 10},{(i * i) % 17 / 7},{1e6 * (i % 13) - 7e6}" for i in range(60))]
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    data = layerlab.datasets.load_data(tmp_path / "table.csv", target="y", task="values")
    one = lab_opened(Given("table", data))
    one.stepper.advance(10)
    _, arrays = frame_of(Snapshots(one), Look(example=7))
    told, run = opened_message(one), one.stepper.run()
    close(arrays["y:given"], data.train.Y[:, 7])
    close(arrays["p:given"], run.predict(data.train.X[:, 7:8])[:, 0], 1e-5)
    assert told["planar"]["labels"][7] == pytest.approx(arrays["y:given"][0])
    scaling = one.stepper.job.scaling
    assert scaling is not None
    last = len(one.stepper.network.layer_dims) - 1
    close(arrays["range:given"], scaling.undone(arrays[f"range:{last}"].astype(np.float64)), 1e-5)
    assert (arrays["range:given"][:, 1] - arrays["range:given"][:, 0]).max() > 1e5
    assert "The network learns the target scaled to mean 0 and standard deviation 1." in told["data"]["notices"]
    assert not {"y:given", "p:given", "range:given"} & set(frame_of(Snapshots(opened("flower")))[1])


def test_what_float32_cannot_hold_is_its_largest_number_and_the_head_says_where() -> None:
    one = opened("flower")
    snapshots = Snapshots(one)
    assert frame_of(snapshots)[0]["beyond"] == []
    one.stepper.edit("W1", 0, 0, 1e308)
    head, arrays = frame_of(snapshots)
    assert {"W1", "z:1"} <= set(head["beyond"])
    assert arrays["W1"][0, 0] == np.finfo(np.float32).max
    assert not {"a:1", "W2"} & set(head["beyond"])
    assert set(np.unique(arrays["map:1"][0])) == {0, 255}  # no point is without a number


# Inside


@pytest.mark.parametrize(("task", "way"), covering(TASKS, WAYS))
def test_inside_has_every_number_as_it_was_computed(task: str, way: str) -> None:
    one = opened(task, **WAYS[way])
    one.stepper.advance(4)
    snapshots, anatomy = Snapshots(one), one.stepper.dissect()
    example = int(anatomy.examples[1])
    for layer, unit, source in ((1, 2, 3 if task != "flower" else 2), (2, 1, None)):
        message = json.loads(json.dumps(snapshots.inside(layer, unit, source, example), allow_nan=False))
        facts = anatomy.facts(layer=layer, unit=unit, input=source, example=example)
        assert message["facts"] == json.loads(json.dumps(facts))
        assert [message[name] for name in ("update", "layer", "unit", "input", "example")] == [
            4,
            layer,
            unit,
            source,
            example,
        ]
        for _, w, a, term in message["facts"]["sum"]["terms"]:
            assert term == pytest.approx(w * a, rel=1e-6 if way == "float32" else 0)
        assert bool(message["formulas"]["update"]) == (anatomy.steps is not None)


def test_inside_has_formulas_and_shapes_of_four_stages() -> None:
    one = opened("flower", l2=0.1)
    formulas = Snapshots(one).inside(2, 1, 1, 0)["formulas"]
    texts = {stage: [formula["text"] for formula in found] for stage, found in formulas.items()}
    assert texts["forward"][:3] == ["Z1 = W1 X + b1", "A1 = tanh(Z1)", "Z2 = W2 A1 + b2"]
    assert texts["cost"] == ["loss = −[y log a + (1 − y) log(1 − a)]", "J = 1/m Σ loss + λ/(2m) Σ W²"]
    assert texts["backward"] == [
        "dZ3 = A3 − Y",
        "dW3 = 1/m dZ3 A2ᵀ + λ/m W3",
        "db3 = 1/m Σ dZ3",
        "dZ2 = W3ᵀ dZ3 ⊙ (1 − A2²)",
        "dW2 = 1/m dZ2 A1ᵀ + λ/m W2",
        "db2 = 1/m Σ dZ2",
        "dZ1 = W2ᵀ dZ2 ⊙ (1 − A1²)",
        "dW1 = 1/m dZ1 Xᵀ + λ/m W1",
        "db1 = 1/m Σ dZ1",
    ]
    assert texts["update"] == ["w ← w − α dw"]
    assert formulas["forward"][0]["shapes"] == {"Z1": [5, 58], "W1": [5, 2], "X": [2, 58], "b1": [5, 1]}
    shapes = {"dZ2": [3, 58], "W3": [1, 3], "dZ3": [1, 58]}
    assert shapes.items() <= formulas["backward"][3]["shapes"].items()


def test_every_optimizer_has_its_formulas_and_names() -> None:
    for name in SETTINGS["optimizer"].choices or ():
        settings = {} if name == "lbfgs" else {"learning_rate": 0.01}
        one = opened("flower", optimizer=name, **settings)
        one.stepper.advance(2)
        for source in (1, None):
            message = Snapshots(one).inside(1, 1, source, 0)
            assert bool(message["formulas"]["update"]) == (name != "lbfgs"), name
            text = " ".join(formula["text"] for formula in message["formulas"]["update"])
            for symbol in message["symbols"].values():
                assert symbol in f"{text} m / (1 − β₁ᵗ) v / (1 − β₂ᵗ) δ t", (name, symbol)
            assert ("w" in text) == (source is not None and name != "lbfgs")
    assert set(inside_module.UPDATES) == {name for name in SETTINGS["optimizer"].choices or () if name != "lbfgs"}


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ((4, 1, 1, 0), "layer=4: wanted a whole number from 1 to 3"),
        ((1, 6, 1, 0), "unit=6: wanted a whole number from 1 to 5"),
        ((1, 1, 3, 0), "input=3: wanted a whole number from 1 to 2"),
        ((1, 1, 1, 58), "example=58: wanted a whole number from 0 to 57"),
        ((1, 1, 1, -1), "example=-1: wanted a whole number from 0 to 57"),
    ],
)
def test_what_does_not_exist_is_refused(chosen: tuple[int, int, int, int], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Snapshots(opened("flower")).inside(*chosen)


def test_an_update_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one = opened("flower")
    one.stepper.advance(3)
    made: list[int] = []
    real = one.stepper.dissect

    def dissect() -> Any:
        made.append(one.stepper.update)
        return real()

    monkeypatch.setattr(one.stepper, "dissect", dissect)
    snapshots = Snapshots(one)
    for unit in (1, 2, 3):
        snapshots.inside(1, unit, 1, 0)
        frame_of(snapshots, Look("gradients", example=unit))
    frame_of(snapshots, Look("maps"))
    assert made == [3]
    one.stepper.edit("W1", 0, 0, 0.5)
    snapshots.inside(1, 1, 1, 0)
    one.stepper.advance(1)
    frame_of(snapshots, Look("steps"))
    assert made == [3, 3, 4]


# What is costly


def test_what_is_costly_is_made_seldom_while_playing_and_at_once_when_not() -> None:
    one, clock = opened("flower"), Clock()
    snapshots = Snapshots(one, clock)
    clock.each = 0.02  # every result takes 20 ms
    one.stepper.advance(1)
    first = frame_of(snapshots, Look("gradients"), "playing")[0]
    one.stepper.advance(1)
    clock.each = 0.0
    second, arrays = frame_of(snapshots, Look("gradients"), "playing")
    assert (second["update"], second["pictures_update"], second["lens_update"]) == (2, 1, 1)
    assert {"map:1", "dW1"} <= set(arrays)  # every frame is complete
    clock.now += 0.2
    third = frame_of(snapshots, Look("gradients"), "playing")[0]
    assert (third["pictures_update"], third["lens_update"]) == (2, 2)
    clock.each = 0.02
    one.stepper.advance(1)
    frame_of(snapshots, Look("gradients"), "playing")
    one.stepper.advance(1)
    rest = frame_of(snapshots, Look("gradients"), "ready")[0]
    assert (first["update"], rest["pictures_update"], rest["lens_update"]) == (1, 4, 4)
    one.stepper.seek(2)
    jumped = frame_of(snapshots, Look("gradients"), "playing")[0]
    assert (jumped["pictures_update"], jumped["lens_update"]) == (2, 2)


def test_few_results_are_kept() -> None:
    pacing, made = Pacing(Clock()), list[int]()
    for grid in [*range(MOST_KEPT + 3), MOST_KEPT + 2, 0]:
        pacing.get(grid, 0, 0, partial(made.append, grid), fresh=True)
    assert made == [*range(MOST_KEPT + 3), 0]


# Frames as bytes


def test_a_frame_can_be_read_in_place() -> None:
    """A browser reads an array without a copy only where it begins at a multiple of its numbers' size."""
    bytes_of = np.arange(5, dtype=np.uint8)
    arrays: dict[str, Any] = {"b": bytes_of[:3], "a": np.array([[1, 2], [3, 4]], np.float32), "c": bytes_of}
    data = framed({"update": 1, "state": "ready"}, arrays)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert (8 + length) % 8 == 0
    assert header["a"]["data_offsets"][0] % 4 == 0
    head, found = unframed(data)
    assert head == {"update": 1, "state": "ready"}
    assert all(np.array_equal(found[name], value) for name, value in arrays.items())


def test_every_array_of_a_frame_is_of_float32_or_bytes() -> None:
    for task in TASKS:
        for lens in LENSES:
            _, arrays = frame_of(Snapshots(opened(task)), Look(lens))
            assert {str(array.dtype) for array in arrays.values()} <= {"float32", "uint8"}
            assert all(
                array.dtype == np.float32 for name, array in arrays.items() if not name.startswith(("map", "im", "pic"))
            )


def test_a_view_of_an_example_that_is_not_there_shows_the_last_one() -> None:
    head, _ = frame_of(Snapshots(opened("flower")), Look(example=10**6))
    assert head["example"] == 57


# The code that repeats the training


@pytest.mark.parametrize("name", ["flower", "digits"])
def test_numbers_are_those_of_the_code_that_repeats_the_training(name: str) -> None:
    data = {"flower": layerlab.datasets.load_flower, "digits": layerlab.datasets.load_digits}[name]()
    dims = {"flower": [2, 8, 8, 1], "digits": [64, 32, 10]}[name]
    stepper = Stepper(Network(dims, hidden="tanh"), data, learning_rate=0.3, iterations=60, engine="numpy")
    snapshots = Snapshots(Opened(data, stepper, extent_of(data.train.X) if name == "flower" else None))
    for n in (3, 4, 5):
        stepper.advance(n)
        snapshots.inside(1, 2, 2, 7)
        frame_of(snapshots, Look("gradients", example=7))
        stepper.edit("W2", 0, n, 0.25)
        stepper.seek(stepper.update - 2)
        stepper.change(learning_rate=0.05 * n)
    names: dict[str, Any] = {}
    exec(stepper.python(), names)  # noqa: S102
    anatomy = layerlab.dissect(names["run"], names["data"])
    message = snapshots.inside(2, 1, 3, 7)
    facts = anatomy.facts(layer=2, unit=1, input=3, example=7)
    for part in ("sum", "delta", "chain", "step", "loss", "new_cost", "chosen", "update"):
        assert message["facts"][part] == json.loads(json.dumps(facts[part])), part
    _, arrays = frame_of(snapshots, Look("gradients", example=7))
    close(arrays["dW1"], anatomy.gradients["dW1"])
    close(arrays["dz:1"], anatomy.layers[0].dZ[:, 7])
