"""One update taken apart: the functions that make it, with everything kept that they compute on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerlab.errors import InputError
from layerlab.formulas import LOSSES, OPTIMIZERS, Span, cost
from layerlab.machine import one_thread as single_thread
from layerlab.text import count_text
from layerlab.training.batches import Batch
from layerlab.training.job import Job
from layerlab.training.updates import EngineData, Parts, Program, State, objective, parts, rates_of, step

from .anatomy import Anatomy
from .layer_anatomy import LayerAnatomy

LINE_SEARCH = (
    "L-BFGS takes its direction from its last ten steps and finds the length of its step by a line search, "
    "so there is no step to take apart."
)
NOT_FINITE = "The cost is not finite, so this update is not made and the training ends here."
ENDED = "The training had already ended before this update."
STANDARDIZED = "The network learns standardized target values: Y, predictions and losses are on that scale."


class StepTaken(NamedTuple):
    """What the optimiser makes of an update; all None where there is no step to take apart."""

    rate: float | None = None
    parameters: Any = None
    memory: Any = None
    steps: Any = None
    cost: float | None = None


def dissected(
    job: Job,
    data: EngineData,
    state: State,
    batch: Batch | None,
    *,
    program: Program | None = None,
    one_thread: bool,
    notes: tuple[str, ...] = (),
) -> Anatomy:
    """Take apart the update that follows a state, with the bits of ``NumpyEngine``.

    Args:
        job: the training of a single model, whose examples are in memory.
        data: what the engine reads, at full width, as NumPy arrays.
        state: the state before the update, at full width, as NumPy arrays; it is not changed.
        batch: the examples of the update; None for all.
        program: what is computed; None for the job's program at full width.
        one_thread: whether matrix products run on one thread, as in the engine.
        notes: sentences to add to ``Anatomy.notes``.

    Raises:
        InputError: the job has several models, a stream, or parameters in other coordinates; or an array is not one of
            NumPy's, as after an update of the compiled engine.
    """
    program = job.program(span=False) if program is None else program
    _check(job, program, data, state)
    state = _in_order(state, job.members[0].network.shapes)
    with np.errstate(all="ignore"), single_thread() if one_thread else nullcontext():
        found = parts(program, data, state.parameters, batch, update=state.update, by_layer=True)
        made = _made(program, data, state, batch, found)
        return _anatomy(job, program, data, state, found, made, _examples(job, program, batch), notes)


def _check(job: Job, program: Program, data: EngineData, state: State) -> None:
    if not job.alone:
        raise InputError("only a single model can be taken apart: train this member of the population alone")
    if job.stream is not None:
        raise InputError("only a training whose examples are in memory can be taken apart, not one of a stream")
    if program.span or isinstance(data.X, Span):
        raise InputError(
            "in the span of the examples there is no W1 to take apart: wanted state and data at full width"
        )
    if job.scaled or job.factors:
        raise InputError("a training in other coordinates (scales of features, factors) cannot be taken apart")
    strange = {type(leaf).__name__ for leaf in _leaves((state, data._replace(X=()))) if not _is_numpy(leaf)}
    if strange:
        raise InputError(
            f"a state and data in NumPy's memory can be taken apart, and here is a {' and a '.join(sorted(strange))}: "
            f"copy the state into NumPy arrays first"
        )


def _in_order(state: State, names: Iterable[str]) -> State:
    """Return a state with its parameters in the network's order, because jax sorts the keys of a dictionary."""

    def ordered(tree: Any) -> Any:
        if isinstance(tree, Mapping):
            return {name: tree[name] for name in names}
        return type(tree)(*map(ordered, tree)) if isinstance(tree, tuple) else tree

    return state._replace(parameters=ordered(state.parameters), memory=ordered(state.memory))


def _made(program: Program, data: EngineData, state: State, batch: Batch | None, found: Parts) -> StepTaken:
    """Make the optimiser's step, if the engine would make one that can be taken apart."""
    if program.optimizer not in OPTIMIZERS or not np.isfinite(found.cost):
        return StepTaken()
    parameters, memory = step(program, data, state, found.gradients)
    steps = {name: value - state.parameters[name] for name, value in parameters.items()}
    after = objective(program, data, parameters, batch, update=state.update)[0]
    rate = rates_of(program, data, state)["learning_rate"]
    return StepTaken(float(rate), _fixed(parameters), _fixed(memory), _fixed(steps), float(after))


def _examples(job: Job, program: Program, batch: Batch | None) -> NDArray[Any]:
    """Return the numbers of an update's examples, without the example 0 that fills up a short batch."""
    if batch is None:
        return np.arange(job.m)
    examples, weights = np.asarray(batch.examples), np.asarray(batch.weights)
    own = np.flatnonzero((examples != 0) | (weights != 0)) if program.ragged else [len(examples) - 1]
    return examples[: int(own[-1]) + 1 if len(own) else 1]


def _anatomy(
    job: Job,
    program: Program,
    data: EngineData,
    state: State,
    found: Parts,
    made: StepTaken,
    examples: NDArray[Any],
    notes: tuple[str, ...],
) -> Anatomy:
    own, names = len(examples), list(state.parameters)
    layers = _layers(program, found, own)
    return Anatomy(
        update=int(state.update),
        network=job.members[0].network,
        settings=_settings(job.common, data),
        training_examples=job.m,
        examples=_fixed(examples),
        X=_fixed(_inputs(program, found, own)),
        Y=_fixed(found.Y[:, :own]),
        weights=None if found.weights is None or (found.weights[:own] == 1).all() else _fixed(found.weights[:own]),
        m=int(found.dZ.shape[-1]),
        weight_sum=float(found.size),
        layers=layers,
        losses=_fixed(found.losses[:own]),
        predictions=layers[-1].A,
        mean_loss=float(cost(found.losses)),
        penalty=float(found.penalty),
        cost=float(found.cost),
        gradients={f"d{name}": _fixed(found.gradients[f"d{name}"]) for name in names},
        clipped_by=float(np.asarray(found.clipped_by).item()),
        learning_rate=made.rate,
        parameters=_fixed(state.parameters),
        memory=_fixed(state.memory),
        new_parameters=made.parameters,
        new_memory=made.memory,
        steps=made.steps,
        new_cost=made.cost,
        notes=(*_notes(job, program, state, found, own), *notes),
        rates=dict(data.rates),
    )


def _inputs(program: Program, found: Parts, own: int) -> Any:
    """Return X (n_x, m) of the update's own examples."""
    X = found.X.T if program.sparse else found.X
    return X if X.shape[1] == own else X[:, :own]


def _layers(program: Program, found: Parts, own: int) -> tuple[LayerAnatomy, ...]:
    """Return the layers, each with the columns of the update's own examples."""
    prediction = LOSSES[program.output].prediction
    first = found.caches[0].linear.A_prev if program.embedding else _inputs(program, found, own)
    inputs = [first, *(cache.linear.A_prev for cache in found.caches[1:])]
    outputs = [*inputs[1:], prediction(found.caches[-1].Z)]
    names = [*program.hidden, prediction.__name__]
    backward = {step.layer: step for step in found.layers}

    def columns(values: Any) -> Any:
        return values if values is None else _fixed(values if values.shape[1] == own else values[:, :own])

    return tuple(
        LayerAnatomy(
            layer=layer,
            activation=names[layer - 1],
            W=_fixed(found.parameters[f"W{layer}"]),
            b=_fixed(found.parameters[f"b{layer}"]),
            A_prev=columns(inputs[layer - 1]),
            Z=columns(cache.Z),
            A=columns(outputs[layer - 1]),
            kept=columns(cache.kept),
            dA=columns(backward[layer].dA),
            dZ=columns(backward[layer].dZ),
            dW=_fixed(backward[layer].gradients[f"dW{layer}"]),
            db=_fixed(backward[layer].gradients[f"db{layer}"]),
            activated=columns(cache.A),
        )
        for layer, cache in enumerate(found.caches, start=1)
    )


def _settings(settings: Mapping[str, Any], data: EngineData) -> dict[str, Any]:
    """Return the settings, with the hyperparameters that were changed since the training began."""
    changed = {
        name: float(rate)
        for name, rate in data.rates.items()
        if isinstance(settings.get(name), int | float) and np.asarray(settings[name], rate.dtype) != rate
    }
    return {**settings, **changed}


def _notes(job: Job, program: Program, state: State, found: Parts, own: int) -> list[str]:
    """Return what is special in this update, in sentences."""
    notes, m = [], found.dZ.shape[-1]
    if not bool(state.alive):
        notes.append(ENDED)
    if not np.isfinite(found.cost):
        notes.append(NOT_FINITE)
    elif program.optimizer not in OPTIMIZERS:
        notes.append(LINE_SEARCH)
    if own < m:
        notes.append(
            f"The last batch of an epoch is shorter: {count_text(own, 'example')} in place of {m}. Weights of examples "
            f"are larger by {m}/{own}, and sums are divided by {m}, which gives their mean."
        )
    if job.scaling is not None:
        notes.append(STANDARDIZED)
    if (embedding := job.network.embedding) is not None:
        n_x, rows = job.network.layer_dims[0], ", ".join(str(row + 1) for row in embedding.inputs)
        notes.append(
            f"Inputs {n_x + 1} to {n_x + embedding.width} of layer 1 are the values H that the embedding makes of the "
            f"waves of input{'s' * (len(embedding.inputs) > 1)} {rows}."
        )
    return notes


def _leaves(tree: Any) -> list[Any]:
    """Return the arrays in tuples and dictionaries."""
    if isinstance(tree, Mapping):
        return [leaf for value in tree.values() for leaf in _leaves(value)]
    if isinstance(tree, tuple):
        return [leaf for value in tree for leaf in _leaves(value)]
    return [] if tree is None else [tree]


def _is_numpy(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray | np.generic | int | float)


def _fixed(tree: Any) -> Any:
    """Return the same arrays as views that cannot be written to, so that looking changes nothing in the training."""
    if isinstance(tree, Mapping):
        return {name: _fixed(value) for name, value in tree.items()}
    if isinstance(tree, tuple):
        return type(tree)(*map(_fixed, tree)) if hasattr(tree, "_fields") else tuple(map(_fixed, tree))
    if not isinstance(tree, np.ndarray):
        return tree
    view = tree.view()
    view.flags.writeable = False
    return view
