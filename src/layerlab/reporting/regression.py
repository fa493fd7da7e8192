"""What the page says about answers that are values: how far they are off, on the whole and at worst."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerlab import plots
from layerlab.datasets import Dataset
from layerlab.evaluating.explanations.input_groups import example_name, example_naming
from layerlab.evaluating.statistics import mean_interval
from layerlab.runs.run import Run
from layerlab.text import amount, r_squared_text

from .mistakes import MOST, features_of
from .page import Html, paragraphs, picture, table
from .pictures.of_runs import RESIDUALS


def errors(data: Dataset, facts: dict[str, Any]) -> tuple[object, ...]:
    """R² and mean absolute error on both parts, beside what an answer scores that ignores the examples."""
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    scored = [
        (f"test part, {n_test:,} examples", "test"),
        (f"training part, {n_train:,} examples", "train"),
        ("always the training part's median, on the test part", "median"),
    ]
    rows = [(name, r_squared_text(facts[f"{key}_r2"]), f"{facts[f'{key}_error']:.4g}") for name, key in scored]
    linear = facts["baseline"]
    if "test_error" in linear:
        name = f"{linear['name']} on the test part (linear baseline)"
        rows.insert(1, (name, r_squared_text(linear["test_r2"]), amount(linear["test_error"])))
    low, high = facts["test_error_interval"]
    sure = f"From {n_test:,} examples the test part's mean absolute error has the 95 % interval {_interval(low, high)}."
    told = (
        "R² is 1 where every answer is right, and 0 for an answer that is always the mean of the part; less than 0 is "
        "worse than that. The mean absolute error is in the values' own units."
    )
    low, high = linear.get("test_error_interval", (math.nan, math.nan))
    sure += f" The linear baseline's is {_interval(low, high)}." if math.isfinite(low) else ""
    several = "Both are means over the outputs." if data.n_y > 1 else ""
    interval = sure if math.isfinite(low) else ""
    return table("How far the answers are off", ("", "R²", "mean absolute error"), rows), paragraphs(
        interval, told, several
    )


def beside(run: Run, data: Dataset) -> Html:
    """The picture of the test part's answers beside the true values."""
    drawn = plots.answers_and_values(run.predict(data.test.X), data.test.Y, title="Test part: answers and true values")
    return picture(drawn, "values", "Answer over true value for each test example")


def fifths_facts(run: Run, data: Dataset) -> list[dict[str, Any]]:
    """The mean absolute error in each fifth of the test part by its answers, lowest first; empty below 10 examples.

    Of several outputs the answers are their means.
    """
    answers, Y = run.predict(data.test.X), data.test.Y
    if Y.shape[1] < 10:
        return []
    level, off = answers.mean(axis=0), np.abs(Y - answers).mean(axis=0)
    lean = (answers - Y).mean(axis=0)
    facts = []
    for some in np.array_split(np.argsort(level, kind="stable"), 5):
        error, interval = mean_interval(off[some])
        facts.append(
            {
                "low": float(level[some].min()),
                "high": float(level[some].max()),
                "examples": len(some),
                "error": error,
                "interval": list(interval),
                "too_high_by": float(lean[some].mean()),
            }
        )
    return facts


def fifths(facts: dict[str, Any]) -> Html:
    """The same as a table."""
    if not facts["fifths"]:
        return paragraphs("There are too few test examples to say where the answers are worst.")
    rows = [
        (
            f"{amount(one['low'])} to {amount(one['high'])}",
            f"{one['examples']:,}",
            amount(one["error"]),
            f"{amount(one['interval'][0])} to {amount(one['interval'][1])}"
            if math.isfinite(one["interval"][0])
            else "–",
            amount(one["too_high_by"], "+"),
        )
        for one in facts["fifths"]
    ]
    caption = "Fifths of the test part by the answer: how far it is off, and whether it is too high on the whole"
    return table(caption, ("answer", "examples", "mean absolute error", "95 %", "too high by"), rows)


def residuals(run: Run, data: Dataset) -> Html:
    """The picture of the test part's residuals."""
    drawn = plots.residuals(run.predict(data.test.X), data.test.Y, title=RESIDUALS)
    return picture(drawn, "residuals", "True value minus answer, over the answer, for each test example")


def furthest(run: Run, data: Dataset) -> Html:
    """The test examples whose answers are furthest off, with features in their own units."""
    answers, Y = run.predict(data.test.X), data.test.Y
    off = np.abs(Y - answers).mean(axis=0)
    shown = np.argsort(-off, kind="stable")[:MOST]
    names, features = features_of(run, data, shown)
    rows = [
        (
            example_name(data, int(number)),
            _values(answers[:, number]),
            _values(Y[:, number]),
            amount(off[number]),
            *features[k],
        )
        for k, number in enumerate(shown)
    ]
    mean = "off by" if data.n_y == 1 else "off by (mean)"
    caption = f"The {len(shown)} of {len(off):,} test examples{example_naming(data)[1]} whose answers are furthest off"
    return table(caption, (example_naming(data)[0], "answer", "is", mean, *names), rows)


def _interval(low: float, high: float) -> str:
    """Of an absolute error, which is never below 0."""
    return f"{amount(max(low, 0.0))} to {amount(high)}" if math.isfinite(low) else "–"


def _values(column: Any) -> str:
    return ", ".join(amount(value) for value in column)
