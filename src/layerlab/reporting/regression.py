"""Sections of the page about a regression: how far its predictions are off, on the whole and at worst."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerlab import plots
from layerlab.evaluating.explanations.input_groups import example_name, example_naming
from layerlab.text import amount, r_squared_text

from .example_columns import MOST_EXAMPLES, shown_columns
from .page import Html, paragraphs, picture, table
from .pictures.of_runs import RESIDUALS
from .reported_run import ReportedRun


def errors_section(reported: ReportedRun) -> tuple[object, ...]:
    """R² and mean absolute error on both sets, beside the baselines' and those of the training set's median."""
    data, facts = reported.data, reported.facts
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    scored = [
        (f"test part, {n_test:,} examples", "test"),
        (f"training part, {n_train:,} examples", "train"),
        ("always the training part's median, on the test part", "median"),
    ]
    rows = [(name, r_squared_text(facts[f"{key}_r2"]), f"{facts[f'{key}_error']:.4g}") for name, key in scored]
    rows[1:1] = [
        (f"{its['name']} on the test part ({title})", r_squared_text(its["test_r2"]), amount(its["test_error"]))
        for title, its in reported.baselines
    ]
    explanation = (
        "R² is 1 where every answer is right, and 0 for an answer that is always the mean of the part; less than 0 is "
        "worse than that. The mean absolute error is in the values' own units."
    )
    intervals = ""
    if facts["test_error_interval"]:  # with one test example there is none
        intervals = (
            f"From {n_test:,} examples the test part's mean absolute error has the 95 % interval "
            f"{_interval_text(*facts['test_error_interval'])}."
        )
        for title, its in reported.baselines:
            intervals += f" The {title}'s is {_interval_text(*its['test_error_interval'])}."
    several = "Both are means over the outputs." if data.n_y > 1 else ""
    errors = table("How far the answers are off", ("", "R²", "mean absolute error"), rows)
    return errors, paragraphs(intervals, explanation, several)


def answers_section(reported: ReportedRun) -> tuple[Html, ...]:
    """The picture of predictions beside true values, and the errors by fifths of the predictions."""
    title = "Test part: answers and true values"
    drawn = plots.answers_and_values(reported.predictions, reported.data.test.Y, title=title)
    words = "Answer over true value for each test example"
    return picture(drawn, "values", words), _fifths_table(reported.facts["fifths"])


def _fifths_table(fifths: list[dict[str, Any]]) -> Html:
    """The mean absolute error in each fifth of the test set by its predictions."""
    if not fifths:
        return paragraphs("There are too few test examples to say where the answers are worst.")
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
    caption = "Fifths of the test part by the answer: how far it is off, and whether it is too high on the whole"
    return table(caption, ("answer", "examples", "mean absolute error", "95 %", "too high by"), rows)


def residuals_section(reported: ReportedRun) -> tuple[Html, ...]:
    """The picture of the residuals, true value minus prediction."""
    drawn = plots.residuals(reported.predictions, reported.data.test.Y, title=RESIDUALS)
    return (picture(drawn, "residuals", "True value minus answer, over the answer, for each test example"),)


def largest_errors_section(reported: ReportedRun) -> tuple[Html, ...]:
    """A table of the test examples whose predictions are furthest off, with some columns as in the file."""
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
    head = (heading, "answer", "is", "off by" if data.n_y == 1 else "off by (mean)", *columns)
    caption = f"The {len(shown)} of {len(errors):,} test examples{whose} whose answers are furthest off"
    return (table(caption, head, rows),)


def _interval_text(low: float, high: float) -> str:
    """An interval of a mean absolute error, which is never below 0."""
    return f"{amount(max(low, 0.0))} to {amount(high)}"


def _values_text(column: Any) -> str:
    return ", ".join(amount(value) for value in column)
