"""Neural networks you can read, watch and trust.

This page lists the public names. Each is loaded when it is first used, so ``import layerlab`` takes hardly any time.

    Network                              describes a network: sizes of its layers, activations, output
    Periodic                             embeds some inputs of a network as waves
    train                                trains a network and returns a ``Run``
    Stepper                              trains update by update; you look, change something, go back, go on
    load                                 loads a ``Run`` that was saved
    export                               writes a trained network as an ONNX file or NumPy source, and checks it
    sweep                                trains many networks together, with different settings
    PopulationStepper                    trains the networks of a sweep update by update, all in view
    search                               chooses hyperparameters, and estimates how good the choice is
    recommend_learning_rate              recommends a learning rate, with reasons
    range_test, edge_of_stability        measure which learning rates work
    sharpness                            computes the largest curvature of the training cost
    explain                              says how a training would be computed, without training
    compare                              compares several networks on the same test set
    dissect                              takes one update of a run apart, with the terms of every sum (an ``Anatomy``)
    gradient_check                       compares explicit gradients with numerical ones
    attribute                            says how much each input contributed to a prediction
    permutation_importance               says which inputs matter for all predictions
    nearest_neighbours                   finds the training examples that are most similar to an example
    calibrate                            makes a run's probabilities agree with how often it is right
    choose_threshold                     chooses the probability above which class 1 is predicted
    predict_table                        predicts the rows of a table, and keeps their ids
    report                               writes an HTML page about a run
    datasets                             loads data
    plots                                draws pictures
    formulas                             has every formula as a function of arrays
    notes                                has the functions of the course notes (``help(layerlab.notes)``)
    sklearn                              has MLPClassifier and MLPRegressor, which work like scikit-learn's
    InputError, WorkError                are the errors that layerlab raises
    TrainingWarning                      says that a training ended badly
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .machine import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from .errors import InputError, TrainingWarning, WorkError
    from .evaluating.calibration import Calibration, calibrate
    from .evaluating.comparisons.comparison import compare
    from .evaluating.comparisons.recipes import Recipe
    from .evaluating.explanations.attribute import attribute
    from .evaluating.explanations.importance import permutation_importance
    from .evaluating.explanations.nearest_neighbours import NearestNeighbours, nearest_neighbours
    from .evaluating.thresholds import ThresholdChoice, choose_threshold
    from .formulas.periodic import Periodic
    from .network import Network
    from .reporting.report import report
    from .runs.exports.export import export
    from .runs.history import History
    from .runs.loading import load
    from .runs.moments import Moment
    from .runs.predictions import predict_table
    from .runs.run import Run
    from .training.dissection.anatomy import Anatomy
    from .training.gradient_checking.gradient_check import gradient_check
    from .training.stepper.dissecting import dissect
    from .training.stepper.stepper import Stepper
    from .training.train import explain, train
    from .tuning.learning_rate.edge_of_stability import StabilityCurve, edge_of_stability
    from .tuning.learning_rate.recommendation import Recommendation, recommend_learning_rate
    from .tuning.learning_rate.rising_rate import RangeTest, range_test
    from .tuning.learning_rate.sharpness import sharpness
    from .tuning.search.result import Search
    from .tuning.search.search import search
    from .tuning.sweeps.population_stepper import PopulationStepper
    from .tuning.sweeps.result import Sweep
    from .tuning.sweeps.sweep import sweep

__all__ = [
    "Anatomy",
    "Calibration",
    "History",
    "InputError",
    "Moment",
    "NearestNeighbours",
    "Network",
    "Periodic",
    "PopulationStepper",
    "RangeTest",
    "Recipe",
    "Recommendation",
    "Run",
    "Search",
    "StabilityCurve",
    "Stepper",
    "Sweep",
    "ThresholdChoice",
    "TrainingWarning",
    "WorkError",
    "__version__",
    "attribute",
    "calibrate",
    "choose_threshold",
    "compare",
    "datasets",
    "dissect",
    "edge_of_stability",
    "explain",
    "export",
    "formulas",
    "gradient_check",
    "load",
    "nearest_neighbours",
    "notes",
    "permutation_importance",
    "plots",
    "predict_table",
    "range_test",
    "recommend_learning_rate",
    "report",
    "search",
    "sharpness",
    "sklearn",
    "sweep",
    "train",
]

_ROOMS = ("datasets", "formulas", "notes", "plots", "sklearn")
_HOME = {
    "Anatomy": "training.dissection.anatomy",
    "Calibration": "evaluating.calibration",
    "History": "runs.history",
    "InputError": "errors",
    "Moment": "runs.moments",
    "NearestNeighbours": "evaluating.explanations.nearest_neighbours",
    "Network": "network",
    "Periodic": "formulas.periodic",
    "PopulationStepper": "tuning.sweeps.population_stepper",
    "RangeTest": "tuning.learning_rate.rising_rate",
    "Recommendation": "tuning.learning_rate.recommendation",
    "Run": "runs.run",
    "StabilityCurve": "tuning.learning_rate.edge_of_stability",
    "Stepper": "training.stepper.stepper",
    "Sweep": "tuning.sweeps.result",
    "ThresholdChoice": "evaluating.thresholds",
    "TrainingWarning": "errors",
    "WorkError": "errors",
    "Recipe": "evaluating.comparisons.recipes",
    "attribute": "evaluating.explanations.attribute",
    "calibrate": "evaluating.calibration",
    "choose_threshold": "evaluating.thresholds",
    "compare": "evaluating.comparisons.comparison",
    "dissect": "training.stepper.dissecting",
    "edge_of_stability": "tuning.learning_rate.edge_of_stability",
    "explain": "training.train",
    "export": "runs.exports.export",
    "gradient_check": "training.gradient_checking.gradient_check",
    "load": "runs.loading",
    "nearest_neighbours": "evaluating.explanations.nearest_neighbours",
    "permutation_importance": "evaluating.explanations.importance",
    "predict_table": "runs.predictions",
    "range_test": "tuning.learning_rate.rising_rate",
    "recommend_learning_rate": "tuning.learning_rate.recommendation",
    "report": "reporting.report",
    "Search": "tuning.search.result",
    "search": "tuning.search.search",
    "sharpness": "tuning.learning_rate.sharpness",
    "sweep": "tuning.sweeps.sweep",
    "train": "training.train",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOME:
        value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
