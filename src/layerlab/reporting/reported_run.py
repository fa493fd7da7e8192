"""The facts of a reported run, computed once: the sections of the page and the JSON only format them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset
from layerlab.datasets.describing import data_facts
from layerlab.datasets.part import class_numbers
from layerlab.errors import InputError
from layerlab.evaluating.calibration import confidences
from layerlab.evaluating.class_scores import confusion, recall_and_precision, usual_score
from layerlab.evaluating.curves import Rankings, rankings_facts, rankings_of
from layerlab.evaluating.explanations.importance import permutation_importance
from layerlab.evaluating.scores import train_facts
from layerlab.evaluating.statistics import (
    calibration_error,
    interval_facts,
    mean_interval,
    reliability_bins,
)
from layerlab.formulas.arrays import Floats
from layerlab.runs.run import Run

MOST_SHUFFLED = 2000
"""At most this many test examples are shuffled, so that a page does not take longer than the training."""

OUT_OF_FOLD = "training set, by members not trained on it"
"""What answers out of fold are, in a few words."""

LEAST_FOR_FIFTHS = 10
"""With fewer test examples the errors are not divided into fifths."""


@dataclass(frozen=True)
class ReportedRun:
    """A run on its data. Each property is computed when it is first asked for, and then kept.

    Attributes:
        run: a classifier that predicts one class for each example, or a regression.
        data: the dataset, prepared as the run's network takes them; those of a classifier have class names.
        baseline: what the run is compared with, as of ``baselines_facts``.
    """

    run: Run
    data: Dataset
    baseline: str | None = None

    @cached_property
    def predictions(self) -> NDArray[Any]:
        """Predictions for the test set: class numbers (1, m), or values (n_y, m)."""
        return self.run.predict(self.data.test.X)

    @cached_property
    def classes(self) -> NDArray[np.int64]:
        """Numbers of the true classes of the test set, (m,)."""
        return class_numbers(self.data.test.Y)

    @cached_property
    def confidences(self) -> tuple[Floats, NDArray[np.bool_]]:
        """On the test set: probability of each predicted class, (m,), and whether the prediction is correct, (m,)."""
        return confidences(self.run, self.data.test)

    @cached_property
    def wrong(self) -> NDArray[np.int64]:
        """Numbers of the test examples with a wrong prediction, (k,), those with the highest probability first."""
        confidence, right = self.confidences
        wrong = np.flatnonzero(~right)
        return wrong[np.argsort(-confidence[wrong], kind="stable")]

    @cached_property
    def absolute_errors(self) -> Floats:
        """Absolute error of each test example, (m,); the mean over the outputs where there are several."""
        errors: Floats = np.abs(self.data.test.Y - self.predictions).mean(axis=0)
        return errors

    @cached_property
    def rankings(self) -> Rankings:
        """ROC and precision-recall curves of the test set."""
        return rankings_of(self.run, self.data)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """All values that the page shows: those of ``train_facts``, of the data, and what shuffling each column costs.

        A classifier also has the confusion matrix, the areas under the curves and the calibration error; a regression
        has the errors by fifths of the predictions. A run that diverged has no predictions, so it lacks all these.
        """
        facts = train_facts(self.run, self.data, self.baseline) | {
            "temperature": self.run.temperature,
            "versions": dict(self.run.versions),
            "data": data_facts(self.data),
        }
        if self.run.diverged:
            return facts
        facts["importance"] = self._importance()
        return facts | (self._class_facts() if self.run.network.classifies else {"fifths": self._fifths()})

    @cached_property
    def baselines(self) -> list[tuple[str, dict[str, Any]]]:
        """The baselines that have scores, each as its title and its facts; the trees come first if they are better."""
        both = [("linear baseline", self.facts["baseline"]), ("boosted baseline", self.facts["boosted"])]
        both = both[::-1] if self.facts["boosted"]["outcome"] == "worse" else both
        return [(title, beside) for title, beside in both if "name" in beside]

    def _importance(self) -> dict[str, Any]:
        """Return what shuffling each column costs; where nothing can be shuffled, a sentence says why."""
        try:
            return permutation_importance(
                self.run, self.data, examples=MOST_SHUFFLED, by=usual_score(self.run, self.data)
            ).facts
        except InputError as error:
            return {"columns": [], "remark": f"Nothing was shuffled: {error}."}

    def _class_facts(self) -> dict[str, Any]:
        counts = confusion(self.data, self.predictions)
        confidence, right = self.confidences
        return {
            "confusion": counts.tolist(),
            "by_class": recall_and_precision(counts),
            "rankings": rankings_facts(self.rankings),
            "calibration_error": calibration_error(reliability_bins(confidence, right)),
            "mean_confidence": float(confidence.mean()),
        }

    def _fifths(self) -> list[dict[str, Any]]:
        """Return the mean absolute error in each fifth of the test set by its predictions, lowest first.

        Where a network has several outputs, their mean stands for the prediction. The list is empty where there are
        too few examples.
        """
        if len(self.absolute_errors) < LEAST_FOR_FIFTHS:
            return []
        level = self.predictions.mean(axis=0)
        excess = (self.predictions - self.data.test.Y).mean(axis=0)
        facts = []
        for some in np.array_split(np.argsort(level, kind="stable"), 5):
            error, interval = mean_interval(self.absolute_errors[some])
            facts.append(
                {
                    "low": float(level[some].min()),
                    "high": float(level[some].max()),
                    "examples": len(some),
                    "error": error,
                    "interval": interval_facts(interval),
                    "too_high_by": float(excess[some].mean()),
                }
            )
        return facts
