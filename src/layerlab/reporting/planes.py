"""The section of the page about a network with two inputs that shows how it divides the plane."""

from __future__ import annotations

from layerlab import plots

from .page import Html, paragraphs, picture
from .pictures.of_runs import axis_names
from .reported_run import ReportedRun


def is_planar(reported: ReportedRun) -> bool:
    """Return whether the network has two classes and two inputs, so that one picture shows all its predictions."""
    run, data = reported.run, reported.data
    return run.network.classifies and run.network.has_two_classes and data.n_x == 2


def boundary_section(reported: ReportedRun) -> tuple[Html, ...]:
    """Make the section with the decision boundary and the test examples."""
    run, data = reported.run, reported.data
    first, second = data.class_names
    drawn = plots.decision_boundary(
        run.predict_proba if run.threshold == 0.5 else run.predict,
        *data.test,
        title=f"{data.name}: how the network divides the plane",
        class_names=data.class_names,
        axis_names=axis_names(data),
        examples="test examples",
    )
    n = data.test.X.shape[1]
    reading = (
        f"The points are the {n:,} test examples, which were not used for training: orange discs belong to class "
        f"{first}, blue triangles to class {second}. The background shows the prediction in the same "
        f"colours, so a point on the other colour is a wrong prediction."
    )
    return picture(drawn, "boundary", "Decision boundary with the test examples"), paragraphs(reading)
