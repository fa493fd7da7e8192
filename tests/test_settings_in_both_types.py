"""Every hyperparameter works in float64 and in float32, by both engines, alone and in a population."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from covering import covering
from numpy.testing import assert_allclose

import layerlab
from layerlab import Network
from layerlab.datasets import Part
from layerlab.runs.settings_rules import CHOICES_WITH_SETTINGS, MONITORS
from layerlab.settings import OWN, SETTINGS

pytestmark = pytest.mark.filterwarnings("ignore::layerlab.TrainingWarning")

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 41))
DATA, HELD_OUT = (Part(some, (some[:1] > some[1:2]).astype(float)) for some in (X[:, :30], X[:, 30:]))

RTOL = {"float64": 1e-9, "float32": 2e-3}

NOT_THE_USUAL: dict[str, Any] = {
    "learning_rate": 0.07,
    "iterations": 5,
    "epochs": 2,
    "seed": 2**32 - 1,
    "batch_size": 8,
    "batch_seed": 2**32 - 1,
    "l2": 0.5,
    "dropout": 0.3,
    "dropout_seed": 2**32 - 1,
    "clip_norm": 0.05,
    "decay": 0.3,
    "interval": 1.5,
    "drop": 0.7,
    "warmup": 1.5,
    "cycles": 3,
    "plateau": 1,
    "least_progress": 0.1,
    "patience": 3,
    "min_delta": 0.01,
    "momentum": 0.8,
    "beta1": 0.8,
    "beta2": 0.95,
    "epsilon": 1e-6,
    "weight_decay": 0.1,
    "label_smoothing": 0.1,
}
"""Another value than the default for every row of the table that is no choice among words."""


def requests(name: str) -> Iterator[dict[str, Any]]:
    """Settings in which this one has a value that is not its default: with every choice that it belongs to."""
    setting = SETTINGS[name]
    for value in setting.choices or [NOT_THE_USUAL[name]]:
        owners = [kind for kind, names in OWN.items() if name in names]
        for kind in owners:
            takers = [choice for choice, row in CHOICES_WITH_SETTINGS[kind].items() if name in row.defaults]
            assert takers
            yield from ({kind: taker, name: value} for taker in takers)
        if not owners:
            yield {name: value}


def arguments(dtype: str, **settings: Any) -> dict[str, Any]:
    how: dict[str, Any] = {"learning_rate": 0.05, "validation": HELD_OUT, "engine": "numpy", "progress": False}
    if settings.get("optimizer") == "lbfgs":
        how["learning_rate"] = None
    if "epochs" not in settings:
        how["iterations"] = 10
    return how | {"dtype": dtype} | settings


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in ("dtype", "engine")])
def test_every_setting_alone_and_in_a_population(name: str, dtype: str) -> None:
    network = Network([3, 4, 1], hidden="tanh")
    for settings in requests(name):
        how = arguments(dtype, **settings)
        alone = layerlab.train(network, DATA, **how)
        assert np.isfinite(alone.history.costs).all()
        assert {str(value.dtype) for value in alone.parameters.values()} == {dtype}
        seeds = [how.get("seed", 0), 7]
        member = layerlab.sweep(network, DATA, **how | {"seed": seeds}).runs[0]
        assert_allclose(member.history.costs, alone.history.costs, rtol=RTOL[dtype], err_msg=str(settings))
        for key, value in alone.parameters.items():
            assert_allclose(member.parameters[key], value, rtol=RTOL[dtype], atol=RTOL[dtype], err_msg=str(settings))


def named(kind: str, choice: str | None) -> dict[str, Any]:
    """A choice with all settings of its own."""
    return {kind: choice, **{name: NOT_THE_USUAL[name] for name in CHOICES_WITH_SETTINGS[kind][choice].defaults}}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("optimizer", "schedule", "monitor"),
    covering(SETTINGS["optimizer"].choices, SETTINGS["schedule"].choices, MONITORS),
)
def test_every_choice_compiled_in_float32(optimizer: str, schedule: str, monitor: str | None) -> None:
    network = Network([3, 4, 1], hidden="tanh")
    settings = named("optimizer", optimizer) | named("monitor", monitor)
    if optimizer != "lbfgs":
        settings |= named("schedule", schedule) | {"batch_size": 8, "l2": 0.5, "dropout": 0.3, "clip_norm": 0.05}
    how = arguments("float32", **settings)
    plain = layerlab.train(network, DATA, **how)
    result = layerlab.sweep(network, DATA, **how | {"engine": "xla", "seed": [0, 7]})
    assert {plan.engine for plan in result.plans} == {"xla"}
    assert_allclose(result.histories[0].costs, plain.history.costs, rtol=RTOL["float32"])


def test_what_float32_cannot_hold_is_refused() -> None:
    for name, value, kind in (("plateau", 10**40, {"schedule": "adaptive"}), ("min_delta", 1e300, {"monitor": "cost"})):
        with pytest.raises(layerlab.InputError, match=rf"^{name}=.* is inf in float32: .*or take dtype='float64'$"):
            layerlab.train(Network([3, 1]), DATA, **arguments("float32", **{name: value}, **kind))
