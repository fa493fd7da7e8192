"""Neural networks you can read, watch and trust.

The door: every public name, loaded when it is first used, so that ``import layerlab`` costs nothing.

    Network, train, load                 an L-layer network, trained, saved and loaded
    export                               a trained network as an ONNX file or as NumPy source, checked
    sweep                                many networks trained as one population
    search                               hyperparameters chosen systematically, and honestly reported
    recommend_learning_rate              a learning rate with its reasons: range_test, sweep, edge_of_stability
    sharpness                            the largest curvature of a training cost
    explain                              how a training would be computed, without computing it
    compare                              several networks on the same test set, honestly
    gradient_check                       explicit gradients against numerical ones
    attribute, permutation_importance    which inputs an answer comes from, and which matter
    predict_table                        a run's answers to the rows of a table, as a table with their ids
    report                               a run on one page
    sklearn                              MLPClassifier, MLPRegressor with scikit-learn's contract
    datasets, notes, formulas, plots     rooms of the house
    InputError, WorkError, TrainingWarning
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
    from .evaluating.thresholds import ThresholdChoice, choose_threshold
    from .network import Network
    from .reporting.report import report
    from .runs.exports.export import export
    from .runs.history import History
    from .runs.loading import load
    from .runs.moments import Moment
    from .runs.predictions import predict_table
    from .runs.run import Run
    from .training.gradient_check import gradient_check
    from .training.train import explain, train
    from .tuning.learning_rate.edge_of_stability import StabilityCurve, edge_of_stability
    from .tuning.learning_rate.recommendation import Recommendation, recommend_learning_rate
    from .tuning.learning_rate.rising_rate import RangeTest, range_test
    from .tuning.learning_rate.sharpness import sharpness
    from .tuning.search.result import Search
    from .tuning.search.search import search
    from .tuning.sweeps.result import Sweep
    from .tuning.sweeps.sweep import sweep

__all__ = [
    "Calibration",
    "History",
    "InputError",
    "Moment",
    "Network",
    "RangeTest",
    "Recipe",
    "Recommendation",
    "Run",
    "Search",
    "StabilityCurve",
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
    "edge_of_stability",
    "explain",
    "export",
    "formulas",
    "gradient_check",
    "load",
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
    "Calibration": "evaluating.calibration",
    "History": "runs.history",
    "InputError": "errors",
    "Moment": "runs.moments",
    "Network": "network",
    "RangeTest": "tuning.learning_rate.rising_rate",
    "Recommendation": "tuning.learning_rate.recommendation",
    "Run": "runs.run",
    "StabilityCurve": "tuning.learning_rate.edge_of_stability",
    "Sweep": "tuning.sweeps.result",
    "ThresholdChoice": "evaluating.thresholds",
    "TrainingWarning": "errors",
    "WorkError": "errors",
    "Recipe": "evaluating.comparisons.recipes",
    "attribute": "evaluating.explanations.attribute",
    "calibrate": "evaluating.calibration",
    "choose_threshold": "evaluating.thresholds",
    "compare": "evaluating.comparisons.comparison",
    "edge_of_stability": "tuning.learning_rate.edge_of_stability",
    "explain": "training.train",
    "export": "runs.exports.export",
    "gradient_check": "training.gradient_check",
    "load": "runs.loading",
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
