"""``Run``: a trained network with its history, its settings and how its inputs are made; it predicts and is saved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerlab.datasets import Dataset, Part, Standardization
from layerlab.datasets.input_record import InputRecord
from layerlab.datasets.part import HeldOut, Source
from layerlab.errors import InputError
from layerlab.escapes import printable
from layerlab.formulas import Parameters
from layerlab.formulas.arrays import Floats
from layerlab.machine import VERSION
from layerlab.network import Network
from layerlab.text import count_text
from layerlab.views import html_of

from .argument_checks import check_features, check_part, check_threshold
from .events import Event, check_events
from .findings import Finding, Verdict
from .history import History, history_record
from .intervals import USUAL_LEVEL, likely_classes, values_between, why_no_intervals
from .members import Members
from .moments import log_of
from .network_outputs import mean_outputs
from .plan import Plan
from .run_files import write_run
from .verdict import verdict_of

if TYPE_CHECKING:
    from layerlab.datasets.arrays.shapes import Look
    from layerlab.datasets.images.image_ranges import ImageRanges
    from layerlab.datasets.preparing.preparation import Preparation


def versions() -> dict[str, str]:
    """Return the versions of layerlab and NumPy, which are saved with a run."""
    return {"layerlab": VERSION, "numpy": np.__version__}


@dataclass(frozen=True)
class Run:
    """A trained network, and all that is known about its training.

    Attributes:
        network: layer sizes, hidden activation and output.
        parameters: ``W1 b1 … WL bL``, NumPy arrays.
        history: the cost of every iteration.
        settings: all hyperparameters by name; those at the start, if a person changed some while it was trained.
        plan: how the training was computed, and how long that took; if it was changed, as it was planned at the start.
        verdict: what the cost did, in a word and a sentence; None for a run made by hand.
        diagnosis: what is wrong with the network and what would have helped; empty if nothing is wrong.
        dataset: name of the dataset, if there was one.
        class_names, feature_names, image_shape, look, standardization, preparation, target_scaling, source: as in
            ``Dataset``. Costs are those of the scaled target; the parameters predict values in the target's own units.
        held_out: the share of the dataset's training set that was held out for validation, and the seed; None if no
            share was.
        id_column: the column of the table that names its rows, or None; ``predict_table`` copies it.
        image_ranges: ranges of brightness, contrast, detail and proportions of the training images, or None.
        weighted: whether the examples had weights (``sample_weight``), which the run does not keep.
        given_start: whether it started from given parameters, which the run does not keep.
        temperature: the number that the last layer was divided by after training; 1 unless ``calibrate`` made the run.
        threshold: probability above which class 1 of two is predicted; 0.5 unless ``choose_threshold`` made the run.
        events: what a person changed while it was trained, in their order (``Stepper``); empty for ``train``.
        members: the networks that were trained together, if ``train(members=…)`` made several; the run's answers are
            then the mean of theirs, and ``parameters`` are the first member's. None for a single network.
        versions: the versions of layerlab and NumPy when it was trained.
    """

    network: Network
    parameters: Parameters
    history: History
    settings: Mapping[str, Any]
    plan: Plan | None = None
    verdict: Verdict | None = None
    diagnosis: tuple[Finding, ...] = ()
    dataset: str = ""
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    standardization: Standardization | None = None
    preparation: Preparation | None = None
    target_scaling: Standardization | None = None
    source: Source | None = None
    held_out: HeldOut | None = None
    id_column: str | None = None
    image_ranges: ImageRanges | None = None
    weighted: bool = False
    given_start: bool = False
    temperature: float = 1.0
    look: Look | None = None
    versions: Mapping[str, str] = field(default_factory=versions)
    threshold: float = 0.5
    events: tuple[Event, ...] = ()
    members: Members | None = None

    def __repr__(self) -> str:
        """Return a short description, without the parameters."""
        dims, n = "-".join(map(str, self.network.layer_dims)), len(self.history.costs)
        cost = self.history.final_cost
        end = "" if cost is None else f", cost {cost:.4g}"
        about = f" on {printable(self.dataset)}" if self.dataset else ""
        changed = f", {count_text(len(self.events), 'change')} by hand" if self.events else ""
        several = "" if self.members is None else f", {len(self.members)} members"
        return f"<Run {dims}{about}: {count_text(n, 'update')}{end}{changed}{several}>"

    def _repr_html_(self) -> str:
        """Return what notebooks show: the text and a picture, as HTML."""
        return html_of(self)

    @property
    def diverged(self) -> bool:
        """Whether its parameters or their cost are not finite, so that its predictions mean nothing.

        A run whose monitor kept the parameters of an earlier epoch does not count as diverged.
        """
        if not all(np.isfinite(value).all() for value in self.all_parameters.values()):
            return True
        found = self.history.diverged or any(finding.kind == "diverged" for finding in self.diagnosis)
        kept = self.history.kept_at if self.members is None else min(self.members.kept_at)
        return found and not kept

    @property
    def all_parameters(self) -> Parameters:
        """The parameters that answer: with a leading axis of members if the run has some, else ``parameters``."""
        return self.parameters if self.members is None else self.members.parameters

    def member(self, k: int) -> Run:
        """Return member k alone, as a run that answers with this one network; its history is that of all members.

        Args:
            k: the member's number, from 0.

        Raises:
            InputError: the run has no members, or not so many.
        """
        if self.members is None:
            raise InputError("the run is a single network and has no members: use the run itself")
        if not isinstance(k, Integral) or isinstance(k, bool) or not 0 <= k < len(self.members):
            raise InputError(f"member({k!r}): wanted a whole number from 0 to {len(self.members) - 1}")
        settings = {**self.settings, "seed": self.members.seeds[k]} if self.settings else self.settings
        return replace(self, parameters=self.members.own(int(k)), settings=settings, members=None)

    def predict(self, X: Any, *, names: bool = False) -> NDArray[Any]:
        """Predict labels, or values for regression.

        Args:
            X: (n_x, m), prepared as the training set was. A run that was trained on a table also takes a raw table,
                such as a data frame of pandas, polars or pyarrow, and prepares it.
            names: True for the classes' names in place of their numbers. ``predict_table`` gives names, probabilities
                and ids in one data frame.

        Returns:
            (1, m) whole numbers: 0 or 1, or the class's number; (n_y, m) values for regression. With ``names``: (m,)
            texts, which fit a column of a data frame.

        Raises:
            InputError: X does not fit the network's inputs, or has values that are not finite; or names are asked for
                where there are no classes, or several labels per example.
        """
        labels = self.labels(self._outputs(X))
        if not names:
            return labels
        if not self.network.classifies or self.network.has_several_labels:
            what = "several labels per example" if self.network.has_several_labels else "values"
            raise InputError(f"names=True: the network predicts {what}, which have no class names; leave it out")
        known = self.class_names or tuple(str(k) for k in range(1 + int(labels.max())))
        return np.array([known[label] for label in labels[0]], object)

    def labels(self, predictions: Any) -> NDArray[Any]:
        """Turn the network's outputs into labels with the run's ``threshold``; values of a regression stay values.

        Args:
            predictions: (n_y, m) probabilities, as ``predict_proba`` returns them, or values.

        Returns:
            Labels or values, in the shape that ``predict`` returns.
        """
        labels: NDArray[Any] = self.network.labels(predictions, self.threshold)
        return labels

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Predict the probabilities of the classes.

        Args:
            X: (n_x, m) or a table, as for ``predict``.

        Returns:
            (1, m) probabilities of class 1 for a sigmoid output, (K, m) with columns that sum to 1 for softmax.

        Raises:
            InputError: as ``predict``, or the network was trained for regression.
        """
        if not self.network.classifies:
            raise InputError("the network was trained for regression and has no probabilities: use predict")
        return self._outputs(X)

    def predict_intervals(self, X: Any, level: float = USUAL_LEVEL) -> tuple[Floats, Floats]:
        """Predict intervals for the values of a regression: CV+, from the members' answers out of fold.

        If new examples are like those of the training set, the intervals contain at least 2 level − 1 of the true
        values (a little less for few folds), and in practice about ``level``. They are not the spread of the members,
        which is much narrower. Source: Barber, Candès, Ramdas & Tibshirani, "Predictive inference with the jackknife+",
        Annals of Statistics 49, 2021.

        Args:
            X: (n_x, m) or a table, as for ``predict``.
            level: the share of the true values that should lie in the intervals; of several outputs each has its own.

        Returns:
            (low, high), each (n_y, m), in the target's own units.

        Raises:
            InputError: as ``predict``; or the run is a classifier, has no members, or has folds in the order of time;
                or there are too few training examples for the level.
        """
        if self.network.classifies:
            raise InputError("the network predicts classes, which have no intervals: use predict_sets")
        members, X = self._with_intervals(X)
        return values_between(self.network, members, X, level)

    def predict_sets(self, X: Any, level: float = USUAL_LEVEL) -> NDArray[np.bool_]:
        """Predict sets of classes that contain the true class with about a given probability.

        A class is in the set if it is no less probable than the true classes of most training examples were for the
        members that had not seen them. If new examples are like those of the training set, the sets contain the true
        class of at least 2 level − 1 of them (a little less for few folds), and in practice of about ``level``. A set
        that would be empty holds the most probable class: this can only add correct sets. Source: Romano, Sesia &
        Candès, "Classification with valid and adaptive coverage", NeurIPS 33, 2020, theorem 3, with the score 1 − p.

        Args:
            X: (n_x, m) or a table, as for ``predict``.
            level: the share of examples whose true class should be in the set.

        Returns:
            (K, m): whether each of the K classes is in the set of each example.

        Raises:
            InputError: as ``predict``; or the run is a regression, predicts several labels per example, has no members,
                or has folds in the order of time; or there are too few training examples for the level.
        """
        if not self.network.classifies:
            raise InputError("the network predicts values, which are in no set of classes: use predict_intervals")
        members, X = self._with_intervals(X)
        return likely_classes(self.network, members, X, level)

    def _with_intervals(self, X: Any) -> tuple[Members, Any]:
        """Return the members and the checked X, if the run has intervals or sets of classes."""
        why = why_no_intervals(self.members, self.network)
        if self.members is None or why:
            raise InputError(f"no intervals: {why}; predict without intervals")
        return self.members, check_features(self._prepared(X), self.network, self.parameters["W1"].dtype)

    def accuracy(self, part: Part | tuple[Any, Any]) -> float:
        """Return the share of labels that are predicted correctly; nan for regression, and for a run that diverged.

        Args:
            part: X (n_x, m) and Y (n_y, m), prepared as the training set was.

        Raises:
            InputError: X or Y does not fit the network's inputs or outputs, or has values that are not finite.
        """
        X, Y = check_part(self.network, part, self.parameters["W1"].dtype)
        if self.diverged:
            return math.nan
        P = self._outputs(X)
        if self.threshold == 0.5:
            return self.network.accuracy(P, Y)
        return float((self.labels(P) == self.network.labels(Y)).mean())

    def _outputs(self, X: Any) -> NDArray[Any]:
        """Return the network's outputs (n_y, m): probabilities or values."""
        X = check_features(self._prepared(X), self.network, self.parameters["W1"].dtype)
        return mean_outputs(self.network, self.all_parameters, X)

    def _prepared(self, X: Any) -> Any:
        """Prepare a raw table; an array counts as prepared already."""
        if self.preparation is None or isinstance(X, np.ndarray | list | tuple):
            return X
        return InputRecord.of(self).features(X)

    def save(self, path: str | Path) -> Path:
        """Write a new folder with ``model.safetensors``, ``run.json``, and the log of its epochs for other software.

        A path that ends in .safetensors becomes one file instead, with the text of ``run.json`` in its metadata, and
        without the log.

        Args:
            path: a new folder, or a new file NAME.safetensors.

        Raises:
            InputError: something is there already, the place cannot be written to, the run diverged, its names do not
                fit the network, or it was made by hand and has no settings.
            WorkError: writing failed on the way.
        """
        self.check_whole()
        if not self.settings:
            raise InputError(
                "the run has no settings: wanted a run that layerlab trained, since run.json says how; export it, or "
                "continue the training from its parameters"
            )
        arrays = self.parameters if self.members is None else self.members.arrays()
        return write_run(path, self._record(), arrays, log_of(self.history))

    def check_whole(self) -> None:
        """Check that the run is whole and did not diverge: only such a run is saved or exported.

        Raises:
            InputError: the run diverged; its names, image shape, standardisation or events do not fit the network; its
                temperature is not above 0; or its threshold is not between 0 and 1.
        """
        numbers = (*self.all_parameters.values(), self.history.costs)
        if not all(np.isfinite(value).all() for value in numbers):
            raise InputError(
                "the run diverged: numbers that are not finite are not saved; train with a smaller learning rate"
            )
        InputRecord.of(self).check(self.network)
        if not 0 < self.temperature < math.inf:
            raise InputError(f"the temperature is {self.temperature:g}: wanted a finite number above 0")
        if self.threshold != 0.5:
            check_threshold(self.network, self.threshold)
        settings, m = None, 0
        if self.plan is not None and self.settings:
            settings = {**self.settings, "engine": self.plan.engine, "basis": self.plan.basis}
            m = self.plan.examples
        check_events(self.events, self.network, len(self.history.costs), settings, m)

    def _record(self) -> dict[str, Any]:
        """Return the content of ``run.json``: everything but the parameters, as plain values."""
        return {
            **self.versions,
            "network": {
                "layer_dims": list(self.network.layer_dims),
                "hidden": self.network.hidden,
                "output": self.network.output,
                "embedding": None if self.network.embedding is None else asdict(self.network.embedding),
            },
            "settings": dict(self.settings),
            "plan": None if self.plan is None else asdict(self.plan),
            "dataset": str(self.dataset),
            **InputRecord.of(self).record(),
            "weighted": self.weighted,
            "given_start": self.given_start,
            "temperature": float(self.temperature),
            "threshold": float(self.threshold),
            "events": [event.facts() for event in self.events],
            "members": None if self.members is None else self.members.record(),
            "verdict": (self.verdict or verdict_of(self.history))._asdict(),
            "diagnosis": [finding.facts() for finding in self.diagnosis],
            "history": history_record(self.history),
        }


def description_of(data: Any, scaling: Standardization | None) -> dict[str, Any]:
    """Return what a run keeps about its dataset, as arguments of ``Run``; nothing for plain arrays.

    Args:
        data: as for ``train``.
        scaling: the scaling of the target, if the network's output uses the dataset's scaling; else None.
    """
    if not isinstance(data, Dataset):
        return {}
    return {"dataset": data.name, **vars(InputRecord.of(data)), "target_scaling": scaling}
