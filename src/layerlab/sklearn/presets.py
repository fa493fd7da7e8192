"""Presets: a complete set of hyperparameters under one name, for users who do not want to tune.

"tabular" is what ``layerlab train`` trains on a table: eight networks, each without one of eight folds of the examples.
Its settings are in ``training.usual_members``; parameters that are None here are taken from there. It
needs numbers of mean about 0 and spread about 1, such as those of ``TablePreprocessor(scaling="quantile")``.

"realmlp" is RealMLP-TD-S, defaults that were tuned on 118 tables (Holzmüller, Grinsztajn & Steinwart, "Better by
default", NeurIPS 2024). It needs features that ``TabularScaler`` made. It differs from the publication in one point:
the last, shorter batch of an epoch is used and not dropped.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from layerlab.formulas import Parameters, initialize_parameters
from layerlab.training.usual_members import USUAL_HIDDEN, USUAL_LAYERS


@dataclass(frozen=True)
class Preset:
    """Values for an estimator's parameters, and further choices for which it has no parameter.

    Attributes:
        parameters: values for the parameters that the user leaves at their defaults.
        usual_batch: the largest batch size that batch_size="auto" means.
        optimizer: layerlab's name of the optimiser for solver="adam".
        schedule: the schedule of the learning rate.
        dtypes: the types that features may keep; other types are converted to the first of these.
        bias_factor, scale_factor: factors on the learning rate of the biases, and of the features' scales.
        later_is_better: whether the last of several equally good epochs is kept, not the first.
        on_folds: whether several networks are trained, each without one fold of the examples (``on_folds``).
        as_realmlp: whether every class has an output, targets are standardised, weights have the factor 1/√n_prev, the
            last layer starts at zero, and biases start at N(0, 1).
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    usual_batch: int = 200
    optimizer: str = "adam_hat"
    schedule: str = "constant"
    dtypes: tuple[type, ...] = (np.float64, np.float32)
    bias_factor: float = 1.0
    scale_factor: float = 1.0
    later_is_better: bool = False
    on_folds: bool = False
    as_realmlp: bool = False

    def parameter_factors(self, layer_dims: Sequence[int]) -> dict[str, float]:
        """Return the factor of each parameter and of the features' scales, for ``formulas.parametrization``."""
        if not self.as_realmlp:
            return {}
        weights = {f"W{layer}": 1 / math.sqrt(n) for layer, n in enumerate(layer_dims[:-1], start=1)}
        biases = {f"b{layer}": self.bias_factor for layer in range(1, len(layer_dims))}
        return weights | biases | {"g1": self.scale_factor}

    def initial_parameters(self, layer_dims: Sequence[int], random: np.random.RandomState) -> Parameters:
        """Draw weights from N(0, 1/n_prev) and biases from N(0, 1); the last layer starts at zero."""
        parameters: Parameters = dict(initialize_parameters(layer_dims, "lecun", int(random.randint(2**31))))
        for name, value in parameters.items():
            if name[0] == "b":
                parameters[name] = random.randn(*value.shape)
        last = len(layer_dims) - 1
        return parameters | {name: np.zeros_like(parameters[name]) for name in (f"W{last}", f"b{last}")}


NO_PRESET = Preset()
"""No preset: scikit-learn's algorithm and nothing else."""

_REALMLP: dict[str, Any] = {
    "hidden_layer_sizes": (256, 256, 256),
    "alpha": 0.0,
    "max_iter": 256,
    "beta_2": 0.95,
    "early_stopping": True,
    "validation_fraction": 0.2,
    "n_iter_no_change": np.inf,
    "tol": 0.0,
}


def _realmlp(**own: Any) -> Preset:
    return Preset(
        parameters=_REALMLP | own,
        usual_batch=256,
        optimizer="adam",
        schedule="log_cosine",
        dtypes=(np.float32,),
        bias_factor=0.1,
        scale_factor=6.0,
        later_is_better=True,
        as_realmlp=True,
    )


_TABULAR = Preset(
    parameters={
        "hidden_layer_sizes": USUAL_LAYERS,
        "activation": USUAL_HIDDEN,
        "alpha": 0.0,
        **dict.fromkeys(("beta_2", "dropout", "learning_rate_init", "max_iter", "n_members")),
    },
    dtypes=(np.float32,),
    on_folds=True,
)

PRESETS = {
    "tabular": {"classifier": _TABULAR, "regressor": _TABULAR},
    "realmlp": {
        "classifier": _realmlp(activation="selu", learning_rate_init=0.04, label_smoothing=0.1),
        "regressor": _realmlp(activation="mish", learning_rate_init=0.07),
    },
}
"""The presets by name, each for classifiers and for regressors."""


def completed_parameters(estimator: Any, preset: Preset) -> SimpleNamespace:
    """Return an estimator's parameters by name; where they have their defaults, the preset's values replace them."""
    usual = inspect.signature(type(estimator).__init__).parameters
    own = {name: getattr(estimator, name) for name in usual if name != "self"}
    for name, value in preset.parameters.items():
        default = usual[name].default
        if type(own[name]) is type(default) and own[name] == default:
            own[name] = value
    if preset.as_realmlp and own["validation_fraction"] == 0:
        own["early_stopping"] = False
    return SimpleNamespace(**own)
