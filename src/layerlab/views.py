"""How a value shows itself in a notebook: which function, on a floor above the value's own, makes its HTML.

``Run._repr_html_`` and its like look the function up here when they are called, because a file imports only from floors
below its own. This is the only page with an import by name, beside the package's own door.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

VIEWS = {
    "Run": ("layerlab.reporting.notebook", "run_html"),
    "Dataset": ("layerlab.reporting.notebook", "dataset_html"),
    "Sweep": ("layerlab.reporting.notebook", "sweep_html"),
    "Search": ("layerlab.reporting.notebook", "search_html"),
    "Comparison": ("layerlab.reporting.notebook", "comparison_html"),
}
"""The module and the function that show a value of each class."""


def html_of(value: Any) -> str:
    """Return the HTML that a notebook shows for a value whose class is in ``VIEWS``."""
    module, function = VIEWS[type(value).__name__]
    html: str = getattr(import_module(module), function)(value)
    return html
