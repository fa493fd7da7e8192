"""Sections of the page about a regression: how large its errors are, on average and at worst."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab import plots
from layerlab.evaluating.explanations.input_groups import example_name, example_naming
from layerlab.text import amount, r_squared_text

from .example_columns import MOST_EXAMPLES, shown_columns
from .page import Html, element, paragraphs, picture, table
from .pictures.of_runs import RESIDUALS
from .reported_run import OUT_OF_FOLD, ReportedRun


def errors_table(reported: ReportedRun) -> Html:
    """Make a table of mean absolute errors with 95 % intervals, and R²: of network, baselines and median."""
    data, facts = reported.data, reported.facts
    n_test = data.test.X.shape[1]
    rows: list[tuple[object, float, Any, float]] = [
        ("this network", facts["test_error"], facts["test_error_interval"], facts["test_r2"])
    ]
    rows += [
        (
            element("span", its["name"], element("small", title)),
            its["test_error"],
            its["test_error_interval"],
            its["test_r2"],
        )
        for title, its in reported.baselines
    ]
    rows.append(("the training set's median for every example", facts["median_error"], None, facts["median_r2"]))
    rows.append(("this network, on its training set", facts["train_error"], None, facts["train_r2"]))
    if unseen := facts["out_of_fold"]:
        name = element("span", "this network, out of fold", element("small", OUT_OF_FOLD))
        rows.append((name, unseen["value"], unseen["interval"], unseen["r2"]))
    cells = [
        (name, amount(error), _interval_text(*ends) if ends else "–", r_squared_text(r2))
        for name, error, ends, r2 in rows
    ]
    caption = (
        f"Errors on the {n_test:,} test examples, in the units of what is predicted. R² is 1 for perfect predictions, "
        f"and 0 for always predicting the mean of the test set."
    )
    several = " All are means over the outputs." if data.n_y > 1 else ""
    return table(caption + several, ("", "mean absolute error", "95 % interval", "R²"), cells)


def values_section(reported: ReportedRun) -> tuple[Html, ...]:
    """Make the section with predicted against true values, and the errors by fifths of the predictions."""
    title = "Test set: predicted and true values"
    drawn = plots.answers_and_values(reported.predictions, reported.data.test.Y, title=title)
    words = "Predicted value over true value for each test example"
    return picture(drawn, "values", words), _fifths_table(reported.facts["fifths"])


def _fifths_table(fifths: list[dict[str, Any]]) -> Html:
    """Make a table of the mean absolute error in each fifth of the test set, sorted by the predictions."""
    if not fifths:
        return paragraphs("There are too few test examples to say where the predictions are worst.")
    rows = [
        (
            f"{amount(one['low'])} to {amount(one['high'])}",
            f"{one['examples']:,}",
            amount(one["error"]),
            f"{amount(one['interval'][0])} to {amount(one['interval'][1])}" if one["interval"] else "–",
            amount(one["too_high_by"], "+"),
        )
        for one in fifths
    ]
    caption = (
        "Errors by the size of the prediction, in fifths of the test set; “too high by”: prediction minus true value"
    )
    return table(caption, ("prediction", "examples", "mean absolute error", "95 % interval", "too high by"), rows)


def residuals_section(reported: ReportedRun) -> tuple[Html, ...]:
    """Make the section with the picture of the residuals, true value minus prediction."""
    drawn = plots.residuals(reported.predictions, reported.data.test.Y, title=RESIDUALS)
    return (picture(drawn, "residuals", "True value minus prediction, over the prediction, for each test example"),)


def largest_errors_section(reported: ReportedRun) -> tuple[Html, ...]:
    """Make the section with a table of the test examples with the largest errors, with some columns as in the file."""
    data, errors = reported.data, reported.absolute_errors
    shown = np.argsort(-errors, kind="stable")[:MOST_EXAMPLES]
    columns, values = shown_columns(reported.run, data, shown)
    rows = [
        (
            example_name(data, int(number)),
            _values_text(reported.predictions[:, number]),
            _values_text(data.test.Y[:, number]),
            amount(errors[number]),
            *texts,
        )
        for number, texts in zip(shown, values, strict=True)
    ]
    heading, whose = example_naming(data)
    head = (heading, "predicted", "true value", "error" if data.n_y == 1 else "mean error", *columns)
    caption = f"The {len(shown)} of {len(errors):,} test examples{whose} with the largest errors"
    return (table(caption, head, rows),)


def _interval_text(low: float, high: float) -> str:
    """Return an interval of a mean absolute error, which is never below 0."""
    return f"{amount(max(low, 0.0))} to {amount(high)}"


def _values_text(column: Any) -> str:
    return ", ".join(amount(value) for value in column)
