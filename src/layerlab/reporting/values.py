"""What the page says about answers that are values: how far they are off, on the whole and at worst."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import plots
from ..datasets import Dataset
from ..gallery import RESIDUALS
from ..tables import r_squared_text
from ..training.run import Run
from .mistakes import MOST, features_of
from .page import Html, paragraphs, picture, table


def errors(data: Dataset, facts: dict[str, Any]) -> tuple[object, ...]:
    """R² and mean absolute error on both parts, beside what an answer scores that ignores the examples."""
    n_train, n_test = data.train.X.shape[1], data.test.X.shape[1]
    scored = [
        (f"test part, {n_test:,} examples", "test"),
        (f"training part, {n_train:,} examples", "train"),
        ("always the training part's median, on the test part", "median"),
    ]
    rows = [(name, r_squared_text(facts[f"{key}_r2"]), f"{facts[f'{key}_error']:.4g}") for name, key in scored]
    low, high = facts["test_error_interval"]
    sure = (
        f"From {n_test:,} examples the test part's mean absolute error has the 95 % interval {low:.4g} to {high:.4g}."
    )
    told = (
        "R² is 1 where every answer is right, and 0 for an answer that is always the mean of the part; less than 0 is "
        "worse than that. The mean absolute error is in the values' own units."
    )
    several = "Both are means over the outputs." if data.n_y > 1 else ""
    interval = sure if math.isfinite(low) else ""
    return table("How far the answers are off", ("", "R²", "mean absolute error"), rows), paragraphs(
        interval, told, several
    )


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
        (number, _values(answers[:, number]), _values(Y[:, number]), f"{off[number]:.4g}", *features[k])
        for k, number in enumerate(shown)
    ]
    mean = "off by" if data.n_y == 1 else "off by (mean)"
    caption = f"The {len(shown)} of {len(off):,} test examples (counted from 0) whose answers are furthest off"
    return table(caption, ("test example", "answer", "is", mean, *names), rows)


def _values(column: Any) -> str:
    return ", ".join(f"{value:.4g}" for value in column)
