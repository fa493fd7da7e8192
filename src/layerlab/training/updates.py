"""One update as pure functions: what every engine runs, in NumPy or under a compiler, for one model or many.

Parameters, hyperparameters and costs may have a leading axis of K models; inputs and labels are shared.
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
    Parameters,
    Progress,
    Span,
    accuracy,
    clip_gradients,
    cost,
    dropout_factors,
    l2_gradients,
    l2_penalty,
    multiplied,
    multiplied_gradients,
    network_backward,
    network_forward,
)
from layerlab.formulas.network import FirstLayer
from layerlab.formulas.sparse import SPARSE

from .batches import Batch
from .plateau import looked_at
from .stopping import judged, with_update_cost


class Program(NamedTuple):
    """What an update does, apart from numbers and sizes; a compiled program belongs to one of these.

    Attributes:
        hidden: activation of each hidden layer.
        output: a name in ``LOSSES``.
        optimizer: a name in ``OPTIMIZERS``.
        span: whether the first layer is in the span's coordinates.
        sparse: whether the inputs are SciPy's CSR, examples in rows.
        scaled: whether each feature has a scale g1 of its own.
        batch_size: examples an update takes; 0 for all.
        ragged: whether the last batch of an epoch is short.
        penalized: whether there is an L2 penalty.
        weighted: whether examples have weights.
        clipped: whether gradients are.
        dropped: whether there is dropout.
        schedules: names in ``SCHEDULES``; of several, a model's number in ``rates["schedule"]`` says which is its own.
        epoch: updates of an epoch, where a schedule or a monitor asks for them; else 0.
        monitor: a name in ``MONITORS``: the figure that may end the training early.
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

    @property
    def adaptive(self) -> bool:
        """Whether a schedule heeds the cost."""
        return "adaptive" in self.schedules

    @property
    def watches(self) -> bool:
        """Whether something looks at every epoch's figure."""
        return self.monitor is not None or self.adaptive

    @property
    def first(self) -> FirstLayer:
        """Coordinates of the first layer."""
        if self.sparse:
            return SPARSE
        if self.scaled:
            return SCALED
        return SPAN if self.span else INPUTS


class Data(NamedTuple):
    """What updates read and never change.

    Attributes:
        X: (n_x, m), or a ``Span``. With batches (m, n_x), so that an example is a row in memory; so is CSR always.
        Y: (n_y, m). With batches (m, n_y).
        rates: hyperparameters of the objective, the optimiser and the schedule: 0-d, or (K, 1, 1).
        units: (K, n, 1) for each hidden layer if models are padded to one width.
        validation: X and Y of the validation part, examples in columns.
        validation_weights: (m,) of its examples, of mean 1, if they have weights.
        weights: (m,) of mean 1, if examples have weights and all are in play; (K, m) if each model has its own, with
            batches as they were given.
        total: () or (K, 1, 1), their sum before that.
        epochs: () epochs in all.
        seed: () of the dropout.
        patience, min_delta: () of the monitor.
        factors: () of each parameter, if the optimiser moves them in other coordinates: see ``parametrization``.
        sample: (n_x, m') examples that stand for all in predictions, where X is but a buffer of a stream.
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
    """What updates change.

    Attributes:
        parameters: ``W1 b1 … WL bL``, or with C1 and s1 for W1 in the span's coordinates.
        memory: the optimiser's.
        alive: () or (K,), false once a model's cost was not finite, or its patience has ended: its parameters stay as
            they were then.
        update: () number of updates made.
        watch: what a monitor remembers, or nothing.
        plateau: what an adaptive schedule remembers, or nothing.
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


def objective(
    program: Program,
    data: Data,
    parameters: Parameters,
    batch: Batch | None = None,
    laid_out: Callable[[Caches], Caches] = _as_they_are,
    update: Array | None = None,
) -> tuple[Array, Gradients]:
    """What an update makes smaller, and its gradients: forward, loss, backward, penalty.

    Args:
        program, data: what to compute, on what.
        parameters: where.
        batch: the examples in play; None for all.
        laid_out: how an engine wants the same numbers to lie in memory for the backward pass.
        update: () its number, for the dropout.

    Returns:
        (): the cost of the examples in play with the penalty, or (K,); ``dW1 db1 … dWL dbL``.
    """
    X, Y, weights = (data.X, data.Y, data.weights) if batch is None else _in_play(program, data, batch)
    size = _size(data) if batch is None else batch.size
    if batch is not None and data.weights is not None:
        weights, size = _own_weights(data.weights, batch)
    loss = LOSSES[program.output]
    parameters = multiplied(parameters, data.factors or {})
    kept = _kept(program, data, parameters, batch, update) if program.dropped else None
    Z, caches = network_forward(X, parameters, program.hidden, data.units, program.first, kept)
    gradients = network_backward(loss.gradient(Z, Y, weights), laid_out(caches), program.first)
    value = cost(loss.losses(Z, Y, weights))
    if program.penalized:
        l2 = data.rates["l2"]
        value = value + l2_penalty(data.X, parameters, l2, size, program.first)
        gradients = l2_gradients(parameters, gradients, l2, size)
    if data.factors:
        gradients = multiplied_gradients(gradients, data.factors)
    if program.clipped:
        gradients = clip_gradients(data.X, gradients, data.rates["clip_norm"], program.first)
    return value, gradients


def _kept(program: Program, data: Data, parameters: Parameters, batch: Batch | None, update: Any) -> list[Array]:
    """Dropout's factors for each hidden layer."""
    xp = data.Y.__array_namespace__()
    examples = xp.arange(data.Y.shape[-1]) if batch is None else batch.examples
    layers = range(1, len(program.hidden) + 1)
    units = [xp.arange(parameters[f"b{layer}"].shape[-2]) for layer in layers]
    rate, dtype = data.rates["dropout"], data.Y.dtype
    return [
        dropout_factors(rate, data.seed, update, layer, own, examples, dtype)
        for layer, own in zip(layers, units, strict=True)
    ]


def _size(data: Data) -> Array | int:
    """Number of examples, or the sum of their weights."""
    size: Array | int = data.Y.shape[-1] if data.total is None else data.total
    return size


def _own_weights(weights: Array, batch: Batch) -> tuple[Array, Array]:
    """Each model's weights of the batch's examples, of mean 1, as (K, batch_size), and their sums as (K, 1, 1).

    A model to which they all weigh nothing makes no step, and pays no penalty.
    """
    xp = weights.__array_namespace__()
    own = weights[:, batch.examples] * xp.astype(batch.weights > 0, weights.dtype)
    total = xp.sum(own, axis=-1, keepdims=True)
    total = xp.where(total > 0, total, xp.inf)
    return own * (own.shape[-1] / total), total[..., None]


def _in_play(program: Program, data: Data, batch: Batch) -> tuple[Any, Array, Array | None]:
    """X, Y and weights of the batch's examples."""
    examples = batch.examples
    if program.span:
        span: Span = data.X
        numbers = examples.__array_namespace__().arange(span.gram.shape[0])
        place = (numbers[:, None] == examples[None, :]).astype(span.gram.dtype)
        X: Any = Span(span.gram[examples].mT, span.start[..., examples], span.norm, place)
    else:
        X = data.X[examples] if program.sparse else data.X[examples].mT
    return X, data.Y[examples].mT, batch.weights if program.ragged or program.weighted else None


def step(program: Program, data: Data, state: State, gradients: Gradients) -> tuple[Parameters, Any]:
    """The optimiser's new parameters and memory."""
    own = OPTIMIZERS[program.optimizer].defaults
    rates = {name: data.rates[name] for name in ("learning_rate", *own)}
    if program.schedules != ("constant",):
        rates["learning_rate"] = _scheduled(program, data, state)
    return OPTIMIZERS[program.optimizer].update(state.parameters, gradients, state.memory, **rates)


def _scheduled(program: Program, data: Data, state: State) -> Array:
    """Each model's learning rate at the update that comes."""
    rate = data.rates["learning_rate"]
    xp = rate.__array_namespace__()
    plateaus = xp.reshape(state.plateau.plateaus, rate.shape) if program.adaptive else 0.0
    an_epoch = xp.asarray(program.epoch, dtype=rate.dtype)
    progress = Progress(xp.astype(state.update, rate.dtype), an_epoch, data.epochs, plateaus)
    factors = [
        SCHEDULES[name].factor(progress, **{own: data.rates[own] for own in SCHEDULES[name].defaults})
        for name in program.schedules
    ]
    factor = factors[0]
    for number, other in enumerate(factors[1:], start=1):
        factor = xp.where(data.rates["schedule"] == number, other, factor)
    return rate * factor


def evaluate(program: Program, data: Data, parameters: Parameters) -> tuple[Array, Array | None]:
    """Cost without penalty and accuracy (None for regression) on the validation part, each () or (K,)."""
    assert data.validation is not None  # noqa: S101
    (X, Y), weights = data.validation, data.validation_weights
    loss = LOSSES[program.output]
    Z, _ = network_forward(X, multiplied(parameters, data.factors or {}), program.hidden, data.units, program.first)
    right = None if loss.labels is None else accuracy(loss.prediction(Z), Y, loss.labels, weights)
    return cost(loss.losses(Z, Y, weights)), right


def judgements(program: Program, data: Data, parameters: Parameters) -> tuple[Array, Array]:
    """Loss (..., m) without weights, and prediction (..., n_y, m), of every training example."""
    rows = bool(program.batch_size)
    X = data.X.mT if rows and not program.span else data.X
    Y = data.Y.mT if rows else data.Y
    loss = LOSSES[program.output]
    Z, _ = network_forward(X, multiplied(parameters, data.factors or {}), program.hidden, data.units, program.first)
    return loss.losses(Z, Y), loss.prediction(Z)


def predictions(program: Program, data: Data, parameters: Parameters) -> list[Array]:
    """What the network says of the training examples, and of those held out if there are any, each (n_y, m)."""
    rows = bool(program.batch_size) and not program.span
    X = data.X.mT if rows else data.X
    parts = [X if data.sample is None else data.sample, *([] if data.validation is None else [data.validation[0]])]
    parameters = multiplied(parameters, data.factors or {})
    logits = (network_forward(X, parameters, program.hidden, data.units, program.first)[0] for X in parts)
    return [LOSSES[program.output].prediction(Z) for Z in logits]


def watched(
    program: Program,
    data: Data,
    state: State,
    cost: Array,
    batch: Batch | None,
    choose: Callable[[Any, Callable[[State], State], Callable[[State], State], State], State],
) -> State:
    """The state after an update, with what monitor and adaptive schedule saw; at an epoch's end they look at it.

    Args:
        program, data: what is computed, on what.
        state: after the update.
        cost: () or (K,) objective of the update's examples.
        batch: those examples, or None for all.
        choose: calls the first function with the state if the condition holds, else the second.
    """
    size = 1.0 if batch is None else batch.size
    if program.monitor:
        state = state._replace(watch=with_update_cost(state.watch, cost, size))
    if program.adaptive:
        state = state._replace(plateau=with_update_cost(state.plateau, cost, size))

    def look(state: State) -> State:
        if program.adaptive:
            state = state._replace(plateau=looked_at(state.plateau, *_patience(data, cost)))
        if program.monitor:
            figure = _figure(program, data, state)
            watch = judged(state.watch, figure, state.parameters, state.update, data.patience, data.min_delta)
            state = state._replace(watch=watch, alive=state.alive & (watch.ended_at == 0))
        return state

    return choose(state.update % program.epoch == 0, look, lambda state: state, state)


def _patience(data: Data, like: Array) -> list[Array]:
    """Of an adaptive schedule, each () or (K,)."""
    xp = like.__array_namespace__()
    return [xp.reshape(data.rates[name], like.shape) for name in ("plateau", "least_progress")]


def _figure(program: Program, data: Data, state: State) -> Array:
    """What is monitored, less is better."""
    if program.monitor == "cost":
        figure: Array = state.watch.total / state.watch.weight
        return figure
    held_out, right = evaluate(program, data, state.parameters)
    return held_out if program.monitor == "validation_cost" or right is None else -right
