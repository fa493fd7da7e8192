"""The table of hyperparameters: what is taken, in which type, and what is refused in which words."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import layerlab
from layerlab import InputError
from layerlab.formulas import INITIALIZERS, SCHEDULES
from layerlab.runs.all_optimizers import ALL_OPTIMIZERS
from layerlab.runs.settings_rules import CHOICES_WITH_SETTINGS
from layerlab.settings import SETTINGS, Setting, check_settings


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("learning_rate", 1, 1.0),
        ("learning_rate", np.float32(0.5), 0.5),
        ("learning_rate", Fraction(1, 4), 0.25),
        ("learning_rate", 5e-324, 5e-324),
        ("iterations", np.int64(7), 7),
        ("iterations", 10**12, 10**12),
        ("seed", 0, 0),
        ("momentum", 0, 0.0),
        ("batch_size", None, None),
        ("seed", 2**32 - 1, 2**32 - 1),
        ("initializer", np.str_("lecun"), "lecun"),
    ],
)
def test_right_values_come_back_in_their_own_type(name: str, value: Any, result: Any) -> None:
    checked = check_settings(**{name: value})
    assert checked == {name: result}
    assert type(checked[name]) is type(result)


@pytest.mark.parametrize(
    "value", [0, -1, math.nan, math.inf, -math.inf, True, "1", 1j, 10**400, Fraction(1, 10**400), {1: 2}, b"1,2"]
)
def test_numbers_that_are_refused(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        check_settings(learning_rate=value)
    assert str(caught.value) == (
        f"learning_rate={value!r}: wanted a finite number above 0 (step size α; in gradient descent W ← W − α dW)"
    )


@pytest.mark.parametrize("value", [[1], (0.1, 0.2), np.ones(2), "0.1,0.2", {0.1}])
def test_several_values_where_one_is_taken(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        check_settings(learning_rate=value)
    assert str(caught.value).startswith(f"learning_rate={value!r}: takes one value only (sweep takes a list of them); ")
    with pytest.raises(InputError) as caught:
        check_settings(batch_size=value)
    assert str(caught.value).startswith(f"batch_size={value!r}: takes one value only; wanted a whole number")


@pytest.mark.parametrize("function", [layerlab.train, layerlab.sweep])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", [32, 64]),
        ("monitor", ["cost", "validation_cost"]),
        ("iterations", (1, 2)),
        ("dtype", ["float64"]),
    ],
)
def test_train_and_sweep_say_so(function: Any, name: str, value: Any) -> None:
    settings = {"learning_rate": 0.1, "iterations": 2, name: value}
    with pytest.raises(InputError) as caught:
        function(layerlab.Network([1, 1]), ([[0.0, 1.0]], [[0, 1]]), **settings)
    assert str(caught.value).startswith(f"{name}={value!r}: takes one value only; wanted ")


@pytest.mark.parametrize("value", [0, -3, 1.5, 2.0, math.nan, True, "10", None, 10**400])
def test_whole_numbers_that_are_refused(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        check_settings(learning_rate=0.1, iterations=value)
    assert str(caught.value) == (
        f"iterations={value!r}: wanted a whole number of at least 1 (number of updates of the parameters)"
    )


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (Setting("a", float, 1.0, "Help"), "a finite number"),
        (Setting("a", int, 1, "Help", low=2), "a whole number of at least 2"),
        (Setting("a", float, 1.0, "Help", low=0.5, high=1.5), "a finite number of at least 0.5, at most 1.5"),
        (Setting("a", int, 1, "Help", above=0, high=4294967295), "a whole number above 0, at most 4294967295"),
        (Setting("a", float, 0.5, "Help", low=0, below=1), "a finite number of at least 0, below 1"),
        (Setting("a", str, "x", "Help", choices=("x", "y z")), "one of 'x', 'y z'"),
        (Setting("a", str, "x", "Help", choices=("x",)), "'x'"),
    ],
)
def test_what_is_wanted_in_words(setting: Setting, words: str) -> None:
    assert setting.wanted == words


def test_both_ends_of_a_range() -> None:
    closed = Setting("a", float, 1.0, "Help", low=0, high=1)
    assert [closed.check(value) for value in (0, 1)] == [0.0, 1.0]
    for value in (-1e-9, 1 + 1e-9):
        with pytest.raises(InputError):
            closed.check(value)


def test_every_row_makes_sense() -> None:
    for name, setting in SETTINGS.items():
        assert name == setting.name
        assert setting.help[0].isupper()
        assert not setting.help.endswith(".")
        if setting.default is not None:
            assert setting.check(setting.default) == setting.default
    assert set(SETTINGS["initializer"].choices) == set(INITIALIZERS)
    assert set(SETTINGS["optimizer"].choices) == set(ALL_OPTIMIZERS)
    assert set(SETTINGS["schedule"].choices) == set(SCHEDULES)


def test_train_takes_every_row_with_its_default() -> None:
    parameters = inspect.signature(layerlab.train).parameters
    for name, setting in SETTINGS.items():
        default = parameters[name].default
        assert default == setting.default


def test_defaults_in_words_are_those_of_the_tables() -> None:
    usual: dict[str, set[str]] = {}
    for table in CHOICES_WITH_SETTINGS.values():
        for choice, row in table.items():
            for name, value in row.defaults.items():
                own = f" ({choice}: {value:g})" if f"({choice}: " in SETTINGS[name].usual else ""
                usual.setdefault(name, set()).add(own or f"{value:g}")
    for name, words in usual.items():
        first, *others = sorted(words, key=lambda one: one.startswith(" ("))
        said = SETTINGS[name].usual.replace("1e-4", f"{1e-4:g}").replace("1e-8", f"{1e-8:g}")
        assert said == first + "".join(others), name
