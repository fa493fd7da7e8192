"""``FitTask`` goes into a solver and ``FitRecord`` comes out; neither needs an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from layerlab.formulas import Parameters, cost
from layerlab.formulas.arrays import Floats
from layerlab.network import Network
from layerlab.runs.network_outputs import network_outputs

from .coefficients import coefficients_of, parameters_of
from .examples import FitData
from .presets import Preset
from .targets import Targets

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)
"""scikit-learn's own sentence, because its users look for it; layerlab's advice follows it."""


class FitTask(NamedTuple):
    """What a solver trains, on which data, and how.

    Attributes:
        network: the network, with its output named.
        train: the training set.
        held_out: the validation set, or None.
        targets: these decode and score predictions on the validation set.
        hyperparameters: those of the estimator by name, completed by its preset.
        preset: what the preset adds.
        incremental: whether this is a ``partial_fit``: one epoch, which continues with the optimiser's state.
    """

    network: Network
    train: FitData
    held_out: FitData | None
    targets: Targets
    hyperparameters: Any
    preset: Preset
    incremental: bool


ATTRIBUTES = {
    "n_iter": "n_iter_",
    "examples_seen": "t_",
    "loss": "loss_",
    "loss_curve": "loss_curve_",
    "best_loss": "best_loss_",
    "validation_scores": "validation_scores_",
    "validation_losses": "validation_loss_curve_",
    "best_validation_score": "best_validation_score_",
    "best_parameters": "_best",
    "best_monitored": "_best_figure",
    "best_epoch": "_best_epoch",
    "epochs_waited": "_no_improvement_count",
    "dropout_seed": "_dropout_seed",
    "training": "_training",
    "optimizer_state": "_optimizer_state",
}
"""The attribute of an estimator for each field of ``FitRecord``; saved estimators depend on these names."""


@dataclass
class FitRecord:
    """The state of a fit: a solver fills it, an estimator keeps it, and the next fit may continue from it.

    Attributes:
        parameters: ``W1 b1 … WL bL``, with a first axis of members if there are several; at first the initial ones.
        n_iter: number of epochs (or iterations of L-BFGS) of this fit.
        examples_seen: number of examples that all updates so far used.
        loss, loss_curve: the objective of the last epoch, and of all epochs.
        best_loss: the lowest objective; None if early stopping uses a validation set.
        validation_scores, validation_losses: score and loss on the validation set after every epoch, or None.
        best_validation_score: the highest score, or None.
        best_parameters, best_monitored, best_epoch: with early stopping, the parameters of the best epoch, its
            monitored value (larger is better), and its number.
        epochs_waited: epochs in a row without progress.
        dropout_seed: the seed that was chosen when training began.
        training: facts about the fit that ``to_run`` needs, as plain values.
        optimizer_state: the state from which ``partial_fit`` continues, as plain values.
    """

    parameters: Parameters
    n_iter: int = 0
    examples_seen: int = 0
    loss: float = np.nan
    loss_curve: list[float] = field(default_factory=list)
    best_loss: Any = np.inf
    validation_scores: list[float] | None = None
    validation_losses: list[float] | None = None
    best_validation_score: Any = None
    best_parameters: Parameters | None = None
    best_monitored: float = -np.inf
    best_epoch: int = 0
    epochs_waited: int = 0
    dropout_seed: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)
    optimizer_state: Mapping[str, Any] | None = None

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, Any]) -> FitRecord:
        """Read the record of a fitted estimator. Lists are copied, so that those of the estimator do not change."""
        own: dict[str, Any] = {name: attributes[key] for name, key in ATTRIBUTES.items() if key in attributes}
        own |= {name: list(value) for name, value in own.items() if isinstance(value, list)}
        return cls(parameters_of(attributes["coefs_"], attributes["intercepts_"]), **own)

    def attributes(self, parameters: Parameters | None = None) -> dict[str, Any]:
        """Return the fitted attributes of an estimator; given parameters replace those of the record."""
        own = {its_name: getattr(self, name) for name, its_name in ATTRIBUTES.items()}
        return own | coefficients_of(self.parameters if parameters is None else parameters)

    def begin_validation(self) -> None:
        """Begin the curves of the validation set, unless an earlier fit has begun them."""
        if self.validation_scores is None or self.validation_losses is None:
            self.validation_scores, self.validation_losses, self.best_validation_score = [], [], -np.inf

    def validate(self, task: FitTask, held_out: FitData, parameters: Parameters | None) -> float:
        """Add loss and score of these parameters on the validation set, and return the score.

        Both are nan for None: where the training diverged. The score is nan as well where a prediction is not finite.
        """
        score, loss = np.nan, np.nan
        if parameters is not None:
            with np.errstate(over="ignore", invalid="ignore"):  # soon before it diverges
                predictions, loss = validated(task.network, parameters, held_out)
                if np.isfinite(predictions).all():
                    score = task.targets.score(held_out.y, task.targets.decode(predictions), held_out.weights)
        assert self.validation_scores is not None and self.validation_losses is not None  # noqa: S101, PT018
        self.validation_losses.append(loss)
        self.validation_scores.append(score)
        self.best_validation_score = max(self.best_validation_score, score)
        return score

    def monitored(self, by: str) -> float:
        """Return the last value that early stopping uses, "score" or "loss"; the larger the better."""
        assert self.validation_scores and self.validation_losses  # noqa: S101, PT018
        return self.validation_scores[-1] if by == "score" else -self.validation_losses[-1]


def validated(network: Network, parameters: Parameters, held_out: FitData) -> tuple[Floats, float]:
    """Return the (n_y, m) predictions on a validation set and their cost without penalty; of an ensemble the mean."""
    models = parameters["b1"].shape[:-2]
    n_y, m = held_out.Y.shape
    rows = int(np.prod(models, dtype=int)) * n_y
    Z = network_outputs(network, parameters, held_out.X, lambda block: block.reshape(rows, -1), rows)
    Z = Z.reshape(*models, n_y, m)
    weights = None if held_out.weights is None else held_out.weights / held_out.weights.mean()
    loss = float(np.mean(cost(network.loss.losses(Z, held_out.Y, weights))))
    predictions = network.loss.prediction(Z)
    return predictions.mean(axis=0) if models else predictions, loss
