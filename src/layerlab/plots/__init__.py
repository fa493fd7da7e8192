"""Pictures in one style: costs, accuracies, reliability, residuals, mistakes, weights, boundaries, the sigmoid.

Each function returns a ``matplotlib.figure.Figure`` 7 inches wide; ``save`` writes it as PNG and SVG. Nothing is shown
on a screen and no global state is touched: ``pyplot`` is not used, and matplotlib is imported at the first picture.
Where ``axes`` is given, the picture is drawn into it, so that a notebook can put several side by side.
"""

from .contact import contact_sheet
from .curves import cost_curves, sigmoid_curve
from .images import first_layer_weights, mislabelled
from .planes import decision_boundaries, decision_boundary
from .reliability import reliability
from .residuals import residuals
from .scores import accuracies
from .style import save

__all__ = [
    "accuracies",
    "contact_sheet",
    "cost_curves",
    "decision_boundaries",
    "decision_boundary",
    "first_layer_weights",
    "mislabelled",
    "reliability",
    "residuals",
    "save",
    "sigmoid_curve",
]
