"""One update as pure functions. Every engine runs these lines: NumPy directly, XLA compiled.

Parameters, hyperparameters and costs may have a leading axis of K models; the examples are shared. The functions take
the ``Program`` (what is computed), the ``EngineData`` (what is read and never changed) and the ``State`` (what updates
change), and return new values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from layerlab.formulas import (
    INPUTS,
    LOSSES,
    OPTIMIZERS,
    SCALED,
    SCHEDULES,
    SPAN,
    Array,
    Gradients,
    LayerCache,
    LayerGradients,
    Parameters,
    Periodic,
    Progress,
    Span,
    backward_steps,
    clip_factor,
    cost,
    dropout_factors,
    l2_gradients,
    l2_penalty,
    multiplied,
    multiplied_gradients,
    network_backward,
    network_forward,
    periodic_layer,
)
from layerlab.formulas.network import FirstLayer
from layerlab.formulas.sparse import SPARSE

from .batches import Batch


class Program(NamedTuple):
    """What an update computes, without its numbers and sizes; each value and each size has its own compiled program.

    Attributes:
        hidden: the activation of each hidden layer.
        output: a name in ``LOSSES``.
        optimizer: a name in ``OPTIMIZERS``, or "lbfgs".
        span: whether the first layer is computed in the span of the examples.
        batch_size: examples per update; 0 for all.
        ragged: whether the last batch of an epoch is shorter than the others.
        penalized: whether there is an L2 penalty.
        weighted: whether examples have weights.
        clipped: whether gradients are clipped.
        dropped: whether there is dropout.
        schedules: names in ``SCHEDULES``; if there are several, ``rates["schedule"]`` numbers each model's own.
        epoch: number of updates of an epoch, if a schedule, a monitor or a validation set needs it; else 0.
        monitor: a name in ``MONITORS``: the value that can end the training early.
        sparse: whether the inputs are a sparse array of SciPy's (CSR).
        scaled: whether each feature has a scale g1 of its own.
        embedding: waves of some inputs, which the first layer reads too; or None.
    """

    hidden: tuple[str, ...]
    output: str
    optimizer: str
    span: bool = False
    batch_size: int = 0
    ragged: bool = False
    penalized: bool = False
    weighted: bool = False
    clipped: bool = False
    dropped: bool = False
    schedules: tuple[str, ...] = ("constant",)
    epoch: int = 0
    monitor: str | None = None
    sparse: bool = False
    scaled: bool = False
    embedding: Periodic | None = None

    @property
    def rows(self) -> bool:
        """Whether an example is a row of the engine's arrays; without batches it is a column, as users give it.

        A batch takes some examples, and rows lie together in memory. Two kinds of X do not depend on this: the span's
        tables are the same either way, and CSR always has examples in rows. ``all_examples`` and ``batch_examples``
        bring every kind into the form that the first layer needs, so that no other function has to know.
        """
        return self.batch_size > 0

    @property
    def adaptive(self) -> bool:
        """Whether some model's schedule depends on the cost."""
        return "adaptive" in self.schedules

    @property
    def checks_epochs(self) -> bool:
        """Whether a monitor or an adaptive schedule needs the cost after every epoch."""
        return self.monitor is not None or self.adaptive

    @property
    def first(self) -> FirstLayer:
        """The formulas of the first layer for this kind of X."""
        if self.sparse:
            return SPARSE
        if self.scaled:
            return SCALED
        if self.embedding is not None:
            return periodic_layer(self.embedding.inputs)
        return SPAN if self.span else INPUTS


class EngineData(NamedTuple):
    """What updates read and never change.

    Attributes:
        X: the inputs, (n_x, m), or (m, n_x) where ``Program.rows``; a ``Span``; or CSR (m, n_x).
        Y: the labels, (n_y, m), or (m, n_y) where ``Program.rows``.
        rates: hyperparameters of the objective, the optimiser and the schedule: () or (K, 1, 1).
        units: (K, n, 1) for each hidden layer if models are padded to the same width: true for a model's own units.
        validation: X and Y of the validation set, examples in columns; X may be a ``Span``.
        validation_weights: (m,) weights of the validation examples, of mean 1, if they have weights.
        weights: (m,) weights of mean 1, if examples have weights; (K, m) if each model has its own.
        total: () or (K, 1, 1), the sum of the weights before they were divided by their mean.
        epochs: () number of epochs of the whole training.
        seed: () seed of the dropout.
        patience, min_delta: () settings of the monitor.
        factors: () factor of each parameter that the optimiser moves in other coordinates: see ``parametrization``.
        sample: (n_x, m') examples that are predicted instead of all, where X is only a buffer of a stream.
    """

    X: Any
    Y: Array
    rates: dict[str, Array]
    units: tuple[Array, ...] | None = None
    validation: tuple[Any, Array] | None = None
    validation_weights: Array | None = None
    weights: Array | None = None
    total: Array | None = None
    epochs: Array | None = None
    seed: Array | None = None
    patience: Array | None = None
    min_delta: Array | None = None
    factors: dict[str, Array] | None = None
    sample: Array | None = None


class State(NamedTuple):
    """What updates change. A checkpoint names its arrays by these fields, so they must not be renamed.

    Attributes:
        parameters: ``W1 b1 … WL bL``; in the span C1 and s1 stand for W1.
        memory: the optimiser's state.
        alive: () or (K,), false once a model's cost was not finite or its monitor's patience has ended. From then on
            its parameters do not change.
        update: () number of updates made.
        watch: the ``MonitorState``, or () without a monitor.
        plateau: the ``PlateauState``, or () without an adaptive schedule.
    """

    parameters: Parameters
    memory: Any
    alive: Array
    update: Array
    watch: Any = ()
    plateau: Any = ()


Caches = list[LayerCache]


def _as_they_are(caches: Caches) -> Caches:
    return caches


class Parts(NamedTuple):
    """Everything that one update computes before the optimiser's step.

    Attributes:
        X, Y: the update's examples, in the form that the first layer needs, and their labels (n_y, m).
        weights: (m,) weights of the examples, of mean 1; None if all weigh the same.
        size: number of the examples, or the sum of their weights: the m of the penalty.
        parameters: where everything is computed.
        kept: dropout's factors for each hidden layer, (..., n, m); None without dropout.
        caches: what each layer computed, first layer first.
        losses: (..., m), each example's loss, weighted.
        cost: () or (K,), the value that updates minimise: the mean loss with the penalty.
        penalty: () or (K,), the part of the cost that is the penalty; 0.0 without one.
        dZ: (..., n_y, m), gradient of each example's loss with respect to the logits.
        layers: the backward pass, last layer first; empty unless it was asked for.
        gradients: ``dW1 db1 … dWL dbL`` for the optimiser's step: with penalty, and clipped.
        clipped_by: () or (K, 1, 1), the factor by which all gradients were clipped; 1.0 without clipping.
    """

    X: Any
    Y: Array
    weights: Array | None
    size: Array | int
    parameters: Parameters
    kept: list[Array] | None
    caches: Caches
    losses: Array
    cost: Array
    penalty: Array | float
    dZ: Array
    layers: tuple[LayerGradients, ...]
    gradients: Gradients
    clipped_by: Array | float


def objective(
    program: Program,
    data: EngineData,
    parameters: Parameters,
    batch: Batch | None = None,
    laid_out: Callable[[Caches], Caches] = _as_they_are,
    update: Array | None = None,
) -> tuple[Array, Gradients]:
    """Return the value that updates minimise, and its gradients: forward pass, loss, backward pass, penalty.

    Args:
        program, data, parameters, batch, laid_out, update: as for ``parts``.

    Returns:
        () or (K,): the mean cost of the examples, with the penalty; and ``dW1 db1 … dWL dbL``.
    """
    found = parts(program, data, parameters, batch, laid_out, update)
    return found.cost, found.gradients


def parts(
    program: Program,
    data: EngineData,
    parameters: Parameters,
    batch: Batch | None = None,
    laid_out: Callable[[Caches], Caches] = _as_they_are,
    update: Array | None = None,
    by_layer: bool = False,
) -> Parts:
    """Compute all that comes before the optimiser's step: forward pass, loss, backward pass, penalty and clipping.

    Args:
        program, data: what to compute, and on what.
        parameters: where to compute it.
        batch: the examples to use; None for all.
        laid_out: a function that rearranges the caches in memory for the backward pass without changing their numbers.
        update: () number of the update, by which dropout chooses the values that it sets to 0.
        by_layer: whether to keep dA and dZ of every layer. A training frees them as it goes.

    Returns:
        The parts, from which a training takes the cost and the gradients.
    """
    if batch is None:
        (X, Y), weights, size = all_examples(program, data), data.weights, _size(program, data)
    else:
        X, Y = batch_examples(program, data, batch)
        weights, size = batch_weights(program, data, batch)
    loss = LOSSES[program.output]
    parameters = multiplied(parameters, data.factors or {})
    kept = _kept(program, data, parameters, batch, update) if program.dropped else None
    Z, caches = network_forward(X, parameters, program.hidden, data.units, program.first, kept)
    dZ = loss.gradient(Z, Y, weights)
    layers, gradients = _backward(dZ, laid_out(caches), program.first, by_layer)
    losses = loss.losses(Z, Y, weights)
    value, penalty, clipped_by = cost(losses), 0.0, 1.0
    # Norms of W1 and dW1 are taken from data.X, not from the batch: in the span they depend on all examples.
    if program.penalized:
        l2 = data.rates["l2"]
        penalty = l2_penalty(data.X, parameters, l2, size, program.first)
        value = value + penalty
        gradients = l2_gradients(parameters, gradients, l2, size)
    if data.factors:
        gradients = multiplied_gradients(gradients, data.factors)
    if program.clipped:  # last, so that the complete gradient of the step is clipped
        clipped_by = clip_factor(data.X, gradients, data.rates["clip_norm"], program.first)
        gradients = {name: clipped_by * gradient for name, gradient in gradients.items()}
    return Parts(
        X, Y, weights, size, parameters, kept, caches, losses, value, penalty, dZ, layers, gradients, clipped_by
    )


def _backward(
    dZ: Array, caches: Caches, first: FirstLayer, by_layer: bool
) -> tuple[tuple[LayerGradients, ...], Gradients]:
    """Return the layers of the backward pass if they are wanted, and the gradients."""
    if not by_layer:
        return (), network_backward(dZ, caches, first)
    layers = tuple(backward_steps(dZ, caches, first))
    return layers, {name: value for layer in layers for name, value in layer.gradients.items()}


def all_examples(program: Program, data: EngineData) -> tuple[Any, Array]:
    """Return X in the form that the first layer needs, and Y (n_y, m), for all examples."""
    if not program.rows:
        return data.X, data.Y
    return data.X if program.span or program.sparse else data.X.mT, data.Y.mT


def batch_examples(program: Program, data: EngineData, batch: Batch) -> tuple[Any, Array]:
    """Return X in the form that the first layer needs, and Y (n_y, batch_size), for the examples of a batch."""
    examples = batch.examples
    if program.span:
        # The gradient of C has a column for each of the m training examples: a 1 in `place` says which of them the
        # batch's k-th is. A product with 0 and 1 replaces indexing, because it compiles to a fast product.
        span: Span = data.X
        numbers = examples.__array_namespace__().arange(span.gram.shape[0])
        place = (numbers[:, None] == examples[None, :]).astype(span.gram.dtype)
        X: Any = Span(span.gram[examples].mT, span.start[..., examples], span.norm, place)
    else:
        X = data.X[examples] if program.sparse else data.X[examples].mT
    return X, data.Y[examples].mT


def _size(program: Program, data: EngineData) -> Array | int:
    """Return the number of all examples, or the sum of their weights."""
    size: Array | int = data.Y.shape[0 if program.rows else -1] if data.total is None else data.total
    return size


def batch_weights(program: Program, data: EngineData, batch: Batch) -> tuple[Array | None, Array]:
    """Weights of the batch's examples (of mean 1; None if all weigh the same), and the sum of the given weights.

    If each model has weights of its own they are (K, batch_size), and their sums (K, 1, 1). Where all examples of the
    batch have weight 0 for a model, it makes no step and pays no penalty, because the sum is set to infinity.
    """
    if data.weights is None or data.weights.ndim == 1:
        return (batch.weights if program.ragged or program.weighted else None), batch.size
    assert data.total is not None  # noqa: S101
    xp = data.weights.__array_namespace__()
    own = data.weights[:, batch.examples] * xp.astype(batch.weights > 0, data.weights.dtype)
    total = xp.sum(own, axis=-1, keepdims=True)
    total = xp.where(total > 0, total, xp.inf)
    return own * (own.shape[-1] / total), total[..., None] * (data.total / data.weights.shape[-1])


def _kept(program: Program, data: EngineData, parameters: Parameters, batch: Batch | None, update: Any) -> list[Array]:
    """Dropout's factors for each hidden layer, (..., n, k).

    They depend on seed, update, layer, unit and example alone. So they are the same for a model in a population, padded
    or not, and after a checkpoint.
    """
    xp = data.Y.__array_namespace__()
    examples = xp.arange(data.Y.shape[-1]) if batch is None else batch.examples
    rate, dtype = data.rates["dropout"], data.Y.dtype
    return [
        dropout_factors(rate, data.seed, update, layer, xp.arange(parameters[f"b{layer}"].shape[-2]), examples, dtype)
        for layer in range(1, len(program.hidden) + 1)
    ]


def step(program: Program, data: EngineData, state: State, gradients: Gradients) -> tuple[Parameters, Any]:
    """Make the optimiser's step: return the new parameters and the optimiser's new state."""
    rates = rates_of(program, data, state)
    return OPTIMIZERS[program.optimizer].update(state.parameters, gradients, state.memory, **rates)


def rates_of(program: Program, data: EngineData, state: State) -> dict[str, Array]:
    """Return the optimiser's hyperparameters at the next update by name, the learning rate first."""
    own = OPTIMIZERS[program.optimizer].defaults
    rates = {name: data.rates[name] for name in ("learning_rate", *own)}
    if program.schedules != ("constant",):
        rates["learning_rate"] = _scheduled(program, data, state)
    return rates


def _scheduled(program: Program, data: EngineData, state: State) -> Array:
    """Return each model's learning rate at the next update, in the shape of ``rates["learning_rate"]``."""
    rate = data.rates["learning_rate"]
    xp = rate.__array_namespace__()
    plateaus = xp.reshape(state.plateau.plateaus, rate.shape) if program.adaptive else 0.0
    an_epoch = xp.asarray(program.epoch, dtype=rate.dtype)
    progress = Progress(xp.astype(state.update, rate.dtype), an_epoch, data.epochs, plateaus)
    factors = [
        SCHEDULES[name].factor(progress, **{own: data.rates[own] for own in SCHEDULES[name].defaults})
        for name in program.schedules
    ]
    # Models of one population may have different schedules: all are computed, and each model uses its own.
    factor = factors[0]
    for number, other in enumerate(factors[1:], start=1):
        factor = xp.where(data.rates["schedule"] == number, other, factor)
    return rate * factor
