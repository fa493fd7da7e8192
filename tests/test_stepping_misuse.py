"""What a stepper and its runs give back cannot change them, and what does not fit is said where it arises."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import layerlab
from layerlab import InputError, Network, PopulationStepper, Stepper, dissect, load, plots
from layerlab.datasets import Dataset, load_flower

NETWORK = Network([2, 4, 1], hidden="tanh")


@pytest.fixture(scope="module")
def flower() -> Dataset:
    return load_flower()


def stepper(data: Any, **settings: Any) -> Stepper:
    chosen = {"iterations": 40} | settings
    if chosen.get("optimizer") != "lbfgs":
        chosen = {"learning_rate": 0.1} | chosen
    return Stepper(NETWORK, data, **chosen)


def refusal(work: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        work()
    return str(caught.value)


# What is given back is a copy


def test_what_a_stepper_gives_back_does_not_change_it(flower: Dataset) -> None:
    s, other = stepper(flower), stepper(flower)
    for one in (s, other):
        one.advance(5)
        one.change(learning_rate=0.5)
    values: Any = s.events[0].values
    values["learning_rate"] = 77.0
    run_values: Any = s.run().events[0].values
    run_values["learning_rate"] = 78.0
    common: Any = s.job.common
    common["learning_rate"] = 79.0
    anatomy = s.dissect()
    for mapping in (anatomy.settings, anatomy.rates, anatomy.parameters, anatomy.gradients):
        for name in list(mapping):
            changed: Any = mapping
            changed[name] = None
    assert s.settings == other.settings
    assert s.events == other.events
    assert str(s.events[0]) == "After 5 updates, learning rate was set to 0.5."
    assert s.python() == other.python()
    for one in (s, other):
        one.advance(5)
    assert_array_equal(s.costs, other.costs, strict=True)


def test_what_a_population_gives_back_does_not_change_it(flower: Dataset) -> None:
    population = PopulationStepper(NETWORK, flower, learning_rate=[0.1, 0.2], iterations=10)
    settings: Any = population.members[0].settings
    settings["learning_rate"] = 99.0
    assert population.pick(0).settings["learning_rate"] == 0.1
    population.advance(3)
    assert [run.settings["learning_rate"] for run in population.runs()] == [0.1, 0.2]


# Runs that were changed by hand


@pytest.mark.parametrize("batch_size", [None, 64])
def test_an_edit_after_the_best_epoch_is_no_other_data(flower: Dataset, batch_size: int | None) -> None:
    s = stepper(flower, iterations=42, monitor="cost", patience=4, batch_size=batch_size)
    s.advance(42)
    before = s.parameters()
    s.edit("W1", 0, 0, 0.7)
    run = s.run()
    assert run.history.kept_at == 42  # early stopping keeps what was there before the edit
    assert_array_equal(run.parameters["W1"], before["W1"], strict=True)
    for anatomy in (dissect(run, flower), s.dissect()):
        assert anatomy.parameters["W1"][0, 0] == 0.7
    with pytest.raises(InputError, match="not the run's training examples"):
        dissect(run, flower.test)


def test_lbfgs_that_has_converged_at_the_start_has_made_no_update() -> None:
    X, Y = np.array([[1.0, -1.0, 1.0, -1.0]]), np.array([[0.0, 0.0, 1.0, 1.0]])
    s = Stepper(Network([1, 1]), (X, Y), optimizer="lbfgs", iterations=30, initializer="zeros")
    assert s.advance(5) == s.update == 0
    run = s.run()
    assert len(run.history.costs) == 1
    assert dissect(run, (X, Y)).update == 0
    message = "update=1: wanted 0, because the run made no update, or None"
    assert refusal(lambda: dissect(run, (X, Y), update=1)) == message
    s.edit("W1", 0, 0, 0.5)
    assert s.advance(1) == 1
    assert dissect(s.run(), (X, Y)).update == 1


def test_a_setting_given_with_a_new_optimizer_is_repeated_even_if_the_old_one_had_the_same(flower: Dataset) -> None:
    s = stepper(flower, optimizer="adam", beta1=0.5)
    s.advance(5)
    s.change(optimizer="adamw", beta1=0.5)
    assert s.events[0].line == "s.change(optimizer='adamw', beta1=0.5)"
    s.advance(5)
    assert dissect(s.run(), flower).settings["beta1"] == 0.5


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"learning_rate": None}, "learning_rate=None: wanted"),
    ({"batch_size": 1000}, "batch_size=1000: wanted at most the 400 training examples"),
    ({"basis": "span"}, "basis='span': wanted 'full'"),
    ({"engine": "auto"}, "engine='auto': wanted 'numpy' or 'xla'"),
    ({"beta1": 0.5}, "beta1=0.5 has no meaning for optimizer='gd'"),
    ({"optimizer": "lbfgs"}, "schedule='cosine' has no meaning for optimizer='lbfgs'"),
]


@pytest.mark.parametrize(("values", "words"), CHANGES)
def test_events_that_do_not_fit_together_are_said_when_a_run_is_loaded(
    flower: Dataset, tmp_path: Path, values: dict[str, Any], words: str
) -> None:
    place = changed_record(flower, tmp_path, 0, values)
    message = refusal(lambda: load(place.parent))
    assert message.startswith(f"{place}: is damaged or was changed (the event s.change(")
    assert words in message


def test_more_iterations_than_can_be_counted_are_refused_in_a_file(flower: Dataset, tmp_path: Path) -> None:
    for n, words in (10**30, "iterations=1000"), (2**53 - 10, "(the event s.prolong(9007199254740982) does not fit"):
        place = changed_record(flower, tmp_path, 1, {"iterations": n})
        message = refusal(partial(load, place.parent))
        assert words in message
        assert "wanted at most 9,007,199,254,740,992" in message


def test_events_of_another_training_are_said_when_it_is_repeated(flower: Dataset, tmp_path: Path) -> None:
    run = load(changed_record(flower, tmp_path, 0, {"learning_rate": 0.9}).parent)
    assert "or the changes in its run.json are not those that were made" in refusal(lambda: dissect(run, flower))


def test_a_change_that_does_not_fit_the_data_is_named() -> None:
    X, classes = np.random.default_rng(0).normal(size=(2, 30)), np.arange(30) % 3
    s = Stepper(Network([2, 3, 3]), (X, np.eye(3)[classes].T), learning_rate=0.1, iterations=9)
    s.advance(2)
    s.change(class_weight="balanced")
    s.advance(2)
    message = refusal(lambda: dissect(s.run(), (X, np.eye(3)[classes % 2].T)))
    assert message.startswith(
        "the run cannot be repeated, because one of its changes does not fit it (s.change(class_w"
    )
    assert "its run.json is damaged or was changed, or these are not its training examples" in message


def changed_record(flower: Dataset, folder: Path, number: int, values: dict[str, Any]) -> Path:
    """Save a run with a change and a prolong, put other values into one of them, and return its run.json."""
    s = stepper(flower, schedule="cosine")
    s.advance(10)
    s.change(learning_rate=0.3)
    s.prolong(40)
    s.advance(10)
    place = folder / f"run{len(list(folder.iterdir()))}"
    s.run().save(place)
    record = json.loads((place / "run.json").read_text())
    record["events"][number]["values"] = values
    (place / "run.json").write_text(json.dumps(record))
    return place / "run.json"


# Numbers that are too large


@pytest.mark.parametrize("schedule", ["constant", "cosine", "inverse_time"])
@pytest.mark.parametrize(
    ("n", "words"),
    [(10**30, "wanted at most 9,007,199,254,740,992"), (10**400, "wanted a whole number of at least 1")],
    ids=["large", "beyond floats"],
)
def test_iterations_that_no_schedule_can_count_are_refused(flower: Dataset, n: int, words: str, schedule: str) -> None:
    s = stepper(flower, iterations=5, schedule=schedule)
    s.advance(2)
    assert words in refusal(lambda: s.prolong(n))
    assert words in refusal(lambda: stepper(flower, iterations=n, schedule=schedule))
    s.prolong(2**53 - 5)
    assert s.advance(4) == 4
    assert s.run().history.stopped == (schedule != "constant")


PICTURES: list[Callable[[Any], Any]] = [plots.iteration, plots.weight_terms, plots.iteration_maps]


@pytest.mark.parametrize("picture", PICTURES)
def test_numbers_that_are_too_large_to_draw_are_said(flower: Dataset, picture: Callable[[Any], Any]) -> None:
    s = stepper(flower)
    s.edit("W1", 0, 0, 1e99)
    picture(s.dissect())
    s.edit("W1", 0, 0, 1e120)
    assert refusal(lambda: picture(s.dissect())).endswith("cannot be drawn: wanted smaller weights and inputs")


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_of_a_stepper_or_run_says_what_it_wants(flower: Dataset, picture: Callable[[Any], Any]) -> None:
    s = stepper(flower)
    s.advance(1)
    for other in (s, s.run(), None):
        wanted = f"anatomy is {type(other).__name__}: wanted an iteration taken apart, such as s.dissect()"
        assert refusal(partial(picture, other)).startswith(wanted)


def test_an_update_that_is_not_made_is_no_lbfgs_in_a_picture(flower: Dataset) -> None:
    s = stepper(flower, learning_rate=1e308)
    s.advance(1)
    message = refusal(lambda: plots.iteration_maps(s.dissect()))
    assert "The cost is not finite, so this update is not made" in message
    assert "L-BFGS" not in message


# Words


def test_a_shorter_batch_has_a_sum_and_no_mean(flower: Dataset) -> None:
    s = stepper(flower, batch_size=399)
    assert ": mean of dz·a over the examples " in str(s.dissect().chain_of(1, 1, 1))
    s.advance(1)
    chain = s.dissect().chain_of(1, 1, 1)
    assert len(chain.terms) == 1
    assert ": sum of dz·a of the examples, divided by 399, " in str(chain)
    assert chain.mean == pytest.approx(sum(term.product for term in chain.terms) / 399)


def test_nearest_neighbours_of_no_run_are_refused(flower: Dataset) -> None:
    nothing: Any = None
    message = refusal(lambda: layerlab.nearest_neighbours(nothing, flower.test.X, flower))
    assert message == "run is NoneType: wanted a Run, as layerlab.train returns it"
