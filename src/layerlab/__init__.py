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
    report                               a run on one page
    sklearn                              MLPClassifier, MLPRegressor with scikit-learn's contract
    datasets, notes, formulas, plots     rooms of the house
    InputError, WorkError, TrainingWarning
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import datasets, formulas, notes, plots, sklearn
    from .architecture import Network
    from .calibration import Calibration, calibrate
    from .checking import gradient_check
    from .comparison import compare
    from .errors import InputError, TrainingWarning, WorkError
    from .evaluating.attribution import attribute
    from .evaluating.importance import permutation_importance
    from .exporting.export import export
    from .recipes import Recipe
    from .reporting.report import report
    from .searching.result import Search
    from .searching.search import search
    from .training.history import History
    from .training.moments import Moment
    from .training.run import Run, load
    from .training.train import explain, train
    from .tuning.edge import StabilityCurve, edge_of_stability
    from .tuning.members import Sweep
    from .tuning.population import sweep
    from .tuning.range_test import RangeTest, range_test
    from .tuning.recommendation import Recommendation, recommend_learning_rate
    from .tuning.sharpness import sharpness

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
    "TrainingWarning",
    "WorkError",
    "__version__",
    "attribute",
    "calibrate",
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
    "Calibration": "calibration",
    "History": "training.history",
    "InputError": "errors",
    "Moment": "training.moments",
    "Network": "architecture",
    "RangeTest": "tuning.range_test",
    "Recommendation": "tuning.recommendation",
    "Run": "training.run",
    "StabilityCurve": "tuning.edge",
    "Sweep": "tuning.members",
    "TrainingWarning": "errors",
    "WorkError": "errors",
    "Recipe": "recipes",
    "attribute": "evaluating.attribution",
    "calibrate": "calibration",
    "compare": "comparison",
    "edge_of_stability": "tuning.edge",
    "explain": "training.train",
    "export": "exporting.export",
    "gradient_check": "checking",
    "load": "training.run",
    "permutation_importance": "evaluating.importance",
    "range_test": "tuning.range_test",
    "recommend_learning_rate": "tuning.recommendation",
    "report": "reporting.report",
    "Search": "searching.result",
    "search": "searching.search",
    "sharpness": "tuning.sharpness",
    "sweep": "tuning.population",
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
