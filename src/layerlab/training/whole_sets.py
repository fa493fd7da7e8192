"""Costs, scores and predictions of whole sets: the validation set at an epoch's end, and all training examples.

No gradient is computed here, and dropout sets nothing to 0.
"""

from __future__ import annotations

from typing import Any

from layerlab.formulas import LOSSES, Array, Parameters, accuracy, cost, multiplied, network_forward

from .updates import EngineData, Program, all_examples


def evaluate(program: Program, data: EngineData, parameters: Parameters) -> tuple[Array, Array | None]:
    """Return the cost without penalty and accuracy on the validation set, each () or (K,).

    The accuracy is None for a regression, and nan where the cost is not finite: a model that diverged has no score.
    """
    assert data.validation is not None  # noqa: S101
    (X, Y), weights, loss = data.validation, data.validation_weights, LOSSES[program.output]
    Z = _logits(program, data, parameters, X)
    value = cost(loss.losses(Z, Y, weights))
    if loss.labels is None:
        return value, None
    xp, right = Z.__array_namespace__(), accuracy(loss.prediction(Z), Y, loss.labels, weights)
    return value, xp.where(xp.isfinite(value), right, xp.nan)


def losses_and_predictions(program: Program, data: EngineData, parameters: Parameters) -> tuple[Array, Array]:
    """Return the loss (..., m) without weights, and prediction (..., n_y, m), of every training example."""
    X, Y = all_examples(program, data)
    loss = LOSSES[program.output]
    Z = _logits(program, data, parameters, X)
    return loss.losses(Z, Y), loss.prediction(Z)


def predictions(program: Program, data: EngineData, parameters: Parameters) -> list[Array]:
    """Return predictions (n_y, m) for the training examples, and for the validation examples if there are some."""
    training = all_examples(program, data)[0] if data.sample is None else data.sample
    sets = [training, *([] if data.validation is None else [data.validation[0]])]
    return [LOSSES[program.output].prediction(_logits(program, data, parameters, X)) for X in sets]


def _logits(program: Program, data: EngineData, parameters: Parameters, X: Any) -> Array:
    """Return the last layer's Z, without dropout."""
    parameters = multiplied(parameters, data.factors or {})
    return network_forward(X, parameters, program.hidden, data.units, program.first)[0]
