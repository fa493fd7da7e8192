"""Pictures in one style; each file is named after what it draws.

Each function returns a ``matplotlib.figure.Figure`` that is 7 inches wide; ``save`` writes it as PNG and SVG. Nothing
is shown on a screen, and no global state is changed: ``pyplot`` is not used. matplotlib is imported when the first
picture is drawn. If you give ``axes``, the picture is drawn into them, so a notebook can put several side by side.
"""

from .accuracies import Stated, accuracies, selection
from .contact_sheet import contact_sheet
from .cost_panels import cost_panels
from .curves import cost_curves, sigmoid_curve
from .decision_boundaries import decision_boundaries, decision_boundary
from .examples import points, target
from .images import mislabelled
from .importance import importance, importance_map, shares
from .iteration_maps import iteration_maps
from .iterations import iteration
from .learning_rates import range_test
from .neighbours import neighbours
from .ranking import ranking
from .regression import answers_and_values, residuals
from .reliability import reliability
from .saliency import saliency
from .search_progress import Curve, best_so_far, held_out_curves
from .search_settings import Dimension, Tried, mattered, parallel_coordinates, rate_map
from .stability import stability
from .style import save
from .unit_maps import unit_maps
from .weight_terms import weight_terms
from .weights import first_layer_weights

__all__ = [
    "Curve",
    "Dimension",
    "Stated",
    "Tried",
    "accuracies",
    "answers_and_values",
    "best_so_far",
    "contact_sheet",
    "cost_curves",
    "cost_panels",
    "decision_boundaries",
    "decision_boundary",
    "first_layer_weights",
    "held_out_curves",
    "importance",
    "importance_map",
    "iteration",
    "iteration_maps",
    "mattered",
    "mislabelled",
    "neighbours",
    "parallel_coordinates",
    "points",
    "range_test",
    "ranking",
    "rate_map",
    "reliability",
    "residuals",
    "saliency",
    "save",
    "selection",
    "shares",
    "sigmoid_curve",
    "stability",
    "target",
    "unit_maps",
    "weight_terms",
]
