"""``train``: check, draw, ask the engine for chunks until done, and say what came of it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

from ..architecture import Network
from ..datasets import Dataset, Part
from ..errors import InputError, TrainingWarning
from ..formulas import Parameters, initialize_parameters
from ..settings import SETTINGS, check_settings
from .diagnosis import diagnose
from .engines import Chunk, numpy_engine
from .inputs import Data, check_classes, check_labels, check_parameters, check_part
from .progress import progress_bar
from .run import History, Run


def train(
    network: Network,
    data: Data,
    *,
    learning_rate: float,
    iterations: int,
    seed: int = SETTINGS["seed"].default,
    initializer: str = SETTINGS["initializer"].default,
    validation: Part | tuple[Any, Any] | None = None,
    engine: str = SETTINGS["engine"].default,
    dtype: str = SETTINGS["dtype"].default,
    parameters: Parameters | None = None,
    progress: bool | str | None = None,
) -> Run:
    """Train a network by gradient descent on all examples at once.

    Ctrl-C ends the training and keeps what was trained (``run.history.interrupted``). A run that ends diverged, stuck,
    saturated, or with dead or equal units says so in a ``TrainingWarning`` and in ``run.diagnosis``.

    Args:
        network: sizes and activations; without an output it is chosen by the labels.
        data: a ``Dataset``, one of its parts, or a pair (X, Y): X (n_x, m), Y (n_y, m), examples in columns.
        learning_rate: length of a step, as a multiple of the gradient.
        iterations: number of updates.
        seed: of the initial weights.
        initializer: "zeros", "normal" (× 0.01), "lecun" (/ √n_prev), "xavier" (× √(2/(n + n_prev))) or "he"
            (× √(2/n_prev)).
        validation: a part whose cost and accuracy join the history at every iteration.
        engine: "auto" or "numpy".
        dtype: "float64" or "float32".
        parameters: start from these instead of drawing initial weights; they are not changed.
        progress: a bar on standard error: True, False, a label for it, or None to show one on a terminal.

    Returns:
        The run: parameters, history, diagnosis, and methods to predict and save.

    Raises:
        InputError: data or settings are not right; the sentence says what was wanted, what came and what to do.

    Example:
        >>> import layerlab
        >>> flower = layerlab.datasets.load_flower()
        >>> run = layerlab.train(layerlab.Network([2, 4, 1], hidden="tanh"), flower, learning_rate=1.2,
        ...                      iterations=1000, initializer="normal", seed=3)
        >>> print(f"{run.history.costs[0]:.6f} {run.history.costs[-1]:.2f}")
        0.693162 0.26
    """
    settings = check_settings(
        learning_rate=learning_rate,
        iterations=iterations,
        seed=seed,
        initializer=initializer,
        engine=engine,
        dtype=dtype,
    )
    part = check_part(network, data, settings["dtype"])
    network = network.for_labels(part.Y)
    check_labels(network, part.Y)
    check_classes(network, part.Y)
    held_out = None
    if validation is not None:
        held_out = check_part(network, validation, settings["dtype"], "validation ")
        check_labels(network, held_out.Y, "validation ")
    start = start_parameters(network, settings, parameters)
    chunks, interrupted = watch(
        numpy_engine(
            network,
            start,
            part,
            learning_rate=settings["learning_rate"],
            iterations=settings["iterations"],
            validation=held_out,
        ),
        settings["iterations"],
        progress,
    )
    history = history_of(chunks, interrupted)
    trained = chunks[-1].parameters if chunks else start
    run = Run(
        network=network,
        parameters=trained,
        history=history,
        settings=settings,
        diagnosis=diagnose(network, trained, history.costs, part),
        **(described(data) if isinstance(data, Dataset) else {}),
    )
    for finding in run.diagnosis:
        warnings.warn(str(finding), TrainingWarning, stacklevel=2)
    return run


def watch(stream: Iterator[Chunk], iterations: int, progress: bool | str | None) -> tuple[list[Chunk], bool]:
    """All chunks of a stream, shown as they come, and whether Ctrl-C ended it."""
    shown = sys.stderr.isatty() if progress is None else bool(progress)
    label = progress if isinstance(progress, str) else "training"
    chunks: list[Chunk] = []
    with progress_bar(label, iterations) if shown else nullcontext(lambda _: None) as show:
        try:
            for chunk in stream:
                chunks.append(chunk)
                show(chunk)
        except KeyboardInterrupt:
            done = sum(len(chunk.costs) for chunk in chunks)
            print(
                f"{label}: interrupted after {done} of {iterations} iterations; what was trained is kept",
                file=sys.stderr,
            )
            return chunks, True
    return chunks, False


def history_of(chunks: list[Chunk], interrupted: bool) -> History:
    """The chunks' costs end to end."""
    if not chunks:
        return History(np.empty(0), interrupted=interrupted)
    validation = np.concatenate([chunk.validation for chunk in chunks])
    return History(
        costs=np.concatenate([chunk.costs for chunk in chunks]),
        validation_costs=validation[:, 0] if validation.shape[1] else np.empty(0),
        validation_accuracies=validation[:, 1] if validation.shape[1] else np.empty(0),
        seconds=sum(chunk.seconds for chunk in chunks),
        interrupted=interrupted,
    )


def described(dataset: Dataset) -> dict[str, Any]:
    """What a run remembers of its dataset."""
    return {
        "dataset": dataset.name,
        "class_names": dataset.class_names,
        "feature_names": dataset.feature_names,
        "image_shape": dataset.image_shape,
        "standardization": dataset.standardization,
    }


def start_parameters(network: Network, settings: dict[str, Any], given: Parameters | None) -> Parameters:
    """The drawn or given initial parameters, of the wanted type.

    Raises:
        InputError: given parameters that are not the network's, or more than memory holds.
    """
    if given is not None:
        return check_parameters(network, given, settings["dtype"])
    try:
        drawn = initialize_parameters(network.layer_dims, settings["initializer"], settings["seed"])
    except (MemoryError, OverflowError, ValueError) as error:
        raise InputError(f"{network.n_parameters} parameters do not fit into memory: choose smaller layers") from error
    return {name: value.astype(settings["dtype"]) for name, value in drawn.items()}
